"""Whether bytes from the terminal are still on their way to the app.

This file rests on internals of Textual 8.2: ``LinuxDriver.run_input_thread`` reads the terminal in a thread of its own,
feeds an ``XTermParser``, and hands each event to ``process_message``. A lone ESC byte stays in the parser for 0.1 s,
until it is known whether it is the key Esc or the start of a sequence; ``_timeout_time`` is set as long as that is
open. The loop below is Textual's, with a lock around each turn, so that no byte is between two places unnoticed.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import selectors
import termios
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import Any, Protocol

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_TURN = 0.1
"""Seconds that Textual waits for input before it looks at the parser's time-out."""
_NO_DECISION = (events.MouseMove, events.Resize, events.AppFocus, events.AppBlur)
"""What a terminal sends without anybody pressing anything."""


class TerminalInput(Protocol):
    """What ``KeyGate.caught_up`` asks for."""

    async def settled(self) -> int:
        """Wait until nothing is unread or undecided, and what was read has been posted to the app. Returns how many
        events that were so far."""

    def is_settled(self, count: int) -> bool:
        """Whether nothing has come since ``settled`` returned ``count``."""


class InputDriver(LinuxDriver):
    """Textual's driver, which can also tell whether input is on its way."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = threading.Lock()
        self._parser: XTermParser | None = None
        self._count = 0
        self._is_awaited = False
        self._moved = asyncio.Event()

    async def settled(self) -> int:
        """See ``TerminalInput``."""
        self._is_awaited = True
        try:
            while not self._is_quiet():
                self._moved.clear()
                await self._moved.wait()
        finally:
            self._is_awaited = False
        count = self._count
        # Events are posted by coroutines that the input thread schedules: this one comes behind them.
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_nothing(), self._loop))
        return count

    def is_settled(self, count: int) -> bool:
        """See ``TerminalInput``."""
        return self._is_quiet() and self._count == count

    def _is_quiet(self) -> bool:
        """Whether no byte is unread, in the input thread's hands, or undecided in the parser."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            undecided = self._parser is not None and self._parser._timeout_time is not None
            return not undecided and self._unread() == 0
        finally:
            self._turn.release()

    def _unread(self) -> int:
        """How many bytes the terminal has for us; 0 where it is gone."""
        waiting = array.array("i", [0])
        try:
            fcntl.ioctl(self.fileno, termios.FIONREAD, waiting)
        except OSError:
            return 0
        return waiting[0]

    def process_message(self, message: Message) -> None:
        if not isinstance(message, _NO_DECISION):
            self._count += 1
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Wait for input and dispatch events."""
        selector = selectors.SelectSelector()
        selector.register(self.fileno, selectors.EVENT_READ)
        parser = self._parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode

        def dispatch(messages: Iterable[Message]) -> None:
            for message in messages:
                self.process_message(message)

        def turn(*, final: bool = False) -> None:
            ready = selector.select(_TURN)
            with self._turn:
                if ready:
                    text = decode(os.read(self.fileno, 4096), final=final)
                    if text:  # empty where the other end is closed
                        dispatch(parser.feed(text))
                dispatch(parser.tick())
            if self._is_awaited:
                self._loop.call_soon_threadsafe(self._moved.set)

        try:
            while not self.exit_event.is_set():
                turn()
            selector.unregister(self.fileno)
            turn(final=True)
        finally:
            selector.close()
            self._parser = None
            try:
                for _ in parser.feed(""):
                    pass
            except (EOFError, ParseError):
                pass


async def _nothing() -> None:
    """A place in the loop's queue."""
