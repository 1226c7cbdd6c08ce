"""The real app on the real demo server, with the time, the run ids and the address that pictures show held still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpcore
import pytest
from textual import events
from textual.pilot import Pilot

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.credentials import Secret
from restore_tui.settings import Settings
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.step import StepScreen

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
SHOWN_URL = "http://localhost:9191"


class StillClock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.passed = timedelta(0)

    def now(self) -> datetime:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Takes no time of the day, but gives others their turn."""
        await asyncio.sleep(0.01)

    def let_pass(self, **span: float) -> None:
        self.passed += timedelta(**span)


@contextmanager
def shown_as(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every connection to ``localhost:9191`` goes to the server's real port, so that pictures don't change."""
    real = httpcore.AnyIOBackend.connect_tcp
    port = int(server.url.rsplit(":", 1)[1])

    async def connect_tcp(self: Any, host: str, asked: int, **rest: Any) -> Any:
        there = ("127.0.0.1", port) if (host, asked) == ("localhost", 9191) else (host, asked)
        return await real(self, *there, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
        yield


@dataclass
class Stage:
    """A server, an app that is not running yet, and what a test needs to drive both."""

    server: DemoServer
    home: Path
    clock: StillClock = field(default_factory=StillClock)
    settings: dict[str, Any] = field(default_factory=dict)
    runs: int = 0

    def app(self, **settings: Any) -> RestoreApp:
        """A new app; ``settings`` go over those that point at the demo server."""
        given = {
            "url": SHOWN_URL,
            "user": "demo",
            "password": Secret("demo"),
            "state_folder": self.home / "state",
            "way": "direct",
            **self.settings,
            **settings,
        }
        return RestoreApp(Settings(**given), clock=self.clock, quiet=0, run_ids=self._run_id)

    def _run_id(self) -> str:
        self.runs += 1
        return f"20261123T210000Z-{self.runs:06}"

    @property
    def receipts(self) -> Path:
        return self.home / "state" / "receipts"

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The bodies of all ``/restore/backup`` requests that the server received."""
        return [received.json() for received in self.server.received("/restore/backup")]

    @property
    def restores(self) -> list[dict[str, Any]]:
        """Those of them that were real."""
        return [body for body in self.sent if body["options"].get("dry_run") != "true"]


_CHARACTERS = {"underscore": "_", "full_stop": ".", "comma": ",", "minus": "-", "space": " ", "slash": "/"}


_NAMED = frozenset(
    {"enter", "escape", "tab", "shift+tab", "backspace", "ctrl+n", "ctrl+q", "ctrl+c", "f1", "f2", "f5"}
    | {"up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
)


def click(app: RestoreApp, x: int, y: int) -> None:
    """A click as it comes from a terminal. (A pilot's click goes to the screen past the app, and past its gate.)"""
    for kind in (events.MouseDown, events.MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when the one before has had all its effects, as a person who looks does."""
    app = pilot.app
    assert isinstance(app, RestoreApp)
    for key in keys:
        if len(key) == 1 or key in _CHARACTERS or key in _NAMED:
            app.post_message(events.Key(key, key if len(key) == 1 else _CHARACTERS.get(key)))
            await arrived(app)
        else:
            await pilot.press(key)
        await settled(app)
    if not app.has_left:
        await pilot.pause()


async def arrived(app: RestoreApp) -> None:
    """Wait until the app has taken what was posted to it."""
    done = asyncio.Event()
    if app.call_later(done.set):
        await asyncio.wait_for(done.wait(), 20)


async def burst(pilot: Pilot[None], *keys: str) -> None:
    """Send keys all at once, as a paste or an impatient person does, with nothing in between; then wait for all
    effects."""
    app = pilot.app
    assert isinstance(app, RestoreApp)
    for key in keys:
        character = key if len(key) == 1 else _CHARACTERS.get(key)
        app.post_message(events.Key(key, character))
    await arrived(app)
    await settled(app)
    if not app.has_left:
        await pilot.pause()


async def settled(app: RestoreApp) -> None:
    """Wait until every key has had all of its effects, or the app was left."""

    idle = asyncio.ensure_future(app.gate.idle())
    looks = 0
    while not app.has_left and not idle.done():
        await asyncio.wait({idle}, timeout=0.05)
        looks += 1
        assert looks < 400, "the keys never had all of their effects"
    idle.cancel()


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type text, letter by letter."""
    names = {character: name for name, character in _CHARACTERS.items()}
    await press(pilot, *(names.get(letter, letter) for letter in text))


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for something that the app does by itself."""

    async def look() -> None:
        while not true():
            await pilot.pause()

    await asyncio.wait_for(look(), 20)


async def ready(pilot: Pilot[None]) -> None:
    """Wait for the first screen."""
    app = pilot.app
    assert isinstance(app, RestoreApp)
    await until(pilot, lambda: isinstance(app.screen, StepScreen) and app.screen.loaded)
    await asyncio.wait_for(app.gate.idle(), 20)


def title(pilot: Pilot[None]) -> str:
    """The title of the step that shows."""
    app = pilot.app
    assert isinstance(app, RestoreApp)
    assert isinstance(app.screen, StepScreen)
    return app.road.step(app.screen.step).title


def text(pilot: Pilot[None]) -> str:
    """Everything that the terminal shows, as lines of text."""
    app = pilot.app
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)
