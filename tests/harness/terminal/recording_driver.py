"""A terminal in the test's own process: the real app writes to it, and it takes what is written when it likes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual._compositor import LayoutUpdate
from textual._context import visible_screen_stack
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from restore_tui.tui.terminal.paced_app import PacedApp
from tests.harness.app.pilot import BOUND, until
from tests.harness.terminal.emulator import Emulator, seen


class RecordingDriver(HeadlessDriver):
    """A driver as on a terminal, but for the keys. ``blocked`` stops the terminal; what is written then waits, as with
    Textual's writer thread, until ``let_go``."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._file: Any = _Screen(self)
        self.emulator = Emulator(*self._get_terminal_size())
        self.frames: list[str] = []
        """What has arrived, each with one write."""
        self.waiting: list[str] = []
        self.blocked = False

    @property
    def is_headless(self) -> bool:
        return False

    @property
    def can_suspend(self) -> bool:
        return True

    def write(self, data: str) -> None:
        self.waiting.append(data)
        if not self.blocked:
            self.let_go()

    def let_go(self) -> None:
        """The terminal goes on."""
        self.blocked = False
        while self.waiting:
            self._file.write(self.waiting.pop(0))

    def take(self, text: str) -> None:
        """Where the bytes end up."""
        self.frames.append(text)
        self.emulator.feed(text)


class _Screen:
    """The file behind a recorder."""

    def __init__(self, recorder: RecordingDriver) -> None:
        self._recorder = recorder

    def write(self, text: str) -> None:
        self._recorder.take(text)

    def flush(self) -> None:
        """It has been taken already."""


def recorder_of(app: App[None]) -> RecordingDriver:
    """The terminal of a running app."""
    assert isinstance(app._driver, RecordingDriver)
    return app._driver


def as_stock(app: App[None]) -> str:
    """One full repaint of the screen that shows, every cell once, as Textual encodes it."""
    compositor = app.screen._compositor
    visible_screen_stack.set(app._background_screens)
    strips = compositor.render_strips()
    return LayoutUpdate([[strip] for strip in strips], compositor.size.region).render_segments(app.console)


def differences(app: App[None]) -> list[str]:
    """Where the terminal does not show what Textual itself would now show there, line by line."""
    there = recorder_of(app).emulator
    should_be = Emulator(there.width, there.height)
    should_be.feed(as_stock(app))
    return [
        f"{y}: {there.lines[y]!r} should be {should_be.lines[y]!r}"
        for y, (row, wanted) in enumerate(zip(seen(there), seen(should_be), strict=True))
        if row != wanted
    ]


async def is_shown(pilot: Pilot[None]) -> None:
    """Wait until the terminal shows the screen as it is."""
    await until(pilot, lambda: not differences(pilot.app))


async def rests(pilot: Pilot[None]) -> None:
    """Wait until what has changed is drawn, as far as the terminal takes it."""
    painted = asyncio.Event()
    assert pilot.app.screen.call_after_refresh(painted.set)
    await asyncio.wait_for(painted.wait(), BOUND)
    line = pilot.app
    assert isinstance(line, PacedApp)
    await until(pilot, lambda: line._turn is None)


async def frames_of(pilot: Pilot[None], do: Callable[[], Awaitable[object] | None]) -> list[str]:
    """What is written because of something, until the screen rests again."""
    await rests(pilot)
    await is_shown(pilot)
    recorder = recorder_of(pilot.app)
    recorder.frames.clear()
    doing = do()
    if doing is not None:
        await doing
    await rests(pilot)
    return list(recorder.frames)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """Another size, and nobody knows what stands there now."""
    emulator = recorder_of(pilot.app).emulator
    emulator.resize(width, height)
    emulator.scribble()
    await pilot.resize_terminal(width, height)
