"""The real input driver, reading from a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from textual import events
from textual.message import Message

from restore_tui.tui.terminal import input_driver
from restore_tui.tui.terminal.input_driver import InputDriver
from restore_tui.tui.terminal.input_filter import InputFilter, Token

SECONDS = 30
"""After which a wait fails."""


class Listener:
    """What a driver needs of an app: it keeps what is posted to it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.errors: list[Exception] = []
        self.moved = asyncio.Event()

    async def _post_message(self, message: Message) -> None:
        self.messages.append(message)
        self.moved.set()

    def call_later(self, call: Any, *arguments: Any) -> None:
        self.loop.call_soon_threadsafe(call, *arguments)

    def _handle_exception(self, error: Exception) -> None:
        self.errors.append(error)
        self.moved.set()

    async def until(self, true: Any) -> None:
        while not true():
            self.moved.clear()
            await asyncio.wait_for(self.moved.wait(), SECONDS)

    @property
    def keys(self) -> list[events.Key]:
        return [message for message in self.messages if isinstance(message, events.Key)]


@contextmanager
def _same_signals() -> Iterator[None]:
    """A driver takes signals over for good."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


class Line:
    """The real driver reading from a pseudo-terminal."""

    def __init__(self, driver: InputDriver, app: Listener, main: int) -> None:
        self.driver, self.app, self.main = driver, app, main
        self.written: list[str] = []
        self._read = 0
        self._has_read = asyncio.Event()

    async def send(self, *parts: bytes) -> list[Message]:
        """Send, each part once the one before is read. Returns what came of it."""
        before = len(self.app.messages)
        for part in parts:
            expected = self._read + len(part)
            os.write(self.main, part)
            while self._read < expected:
                self._has_read.clear()
                await asyncio.wait_for(self._has_read.wait(), SECONDS)
        await asyncio.wait_for(self.driver.settled(), SECONDS)
        return self.app.messages[before:]

    def count(self, size: int) -> None:
        """So many bytes have been read."""
        self._read += size
        self._has_read.set()


class CountingFilter(InputFilter):
    """Tells a line what it was fed."""

    line: Line

    def feed(self, data: bytes, arrived: float) -> list[Token]:
        tokens = super().feed(data, arrived)
        self.line.driver._loop.call_soon_threadsafe(self.line.count, len(data))
        return tokens


@asynccontextmanager
async def reading() -> AsyncIterator[Line]:
    main, other = pty.openpty()
    tty.setraw(other)
    app = Listener()
    app.loop = asyncio.get_running_loop()  # type: ignore[attr-defined]
    with _same_signals(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_driver, "InputFilter", CountingFilter)
        driver = InputDriver(app)
        driver.fileno = other
        line = CountingFilter.line = Line(driver, app, main)
        driver.write = line.written.append  # type: ignore[assignment,method-assign]
        thread = asyncio.create_task(asyncio.to_thread(driver._run_input_thread))
        try:
            yield line
        finally:
            driver.exit_event.set()
            await asyncio.wait_for(thread, SECONDS)
            for end in (main, other):
                try:
                    os.close(end)
                except OSError:
                    assert end == main, "the test has closed it"
