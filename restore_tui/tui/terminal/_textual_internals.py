"""Reading the terminal. The one file of the input that rests on internals of Textual 8.2.

``LinuxDriver.run_input_thread`` reads the terminal in a thread of its own, which ``_run_input_thread`` starts and whose
errors it catches, and hands each event to ``process_message``. Textual's own reading ends the program at a byte that is
not UTF-8, and types what it does not know; so here an ``InputFilter`` decides what has come, and Textual's
``XTermParser`` makes events of what is a key (``_sequence_to_key_events``) or a report (``feed``). Each is handed to it
whole, so that it never waits for more. A lock around each turn of the loop makes sure that no byte is between two
places unnoticed.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import logging
import os
import re
import selectors
import termios
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message
from textual.message_pump import MessagePump

from restore_tui.tui.terminal.arrivals import stamp
from restore_tui.tui.terminal.input_filter import InputFilter, Kind, Token

log = logging.getLogger(__name__)

_TURN = 0.1
"""Seconds that the thread waits for input before it looks whether it is to end."""
_NO_DECISION = (events.MouseMove, events.Resize, events.AppFocus, events.AppBlur)
"""What a terminal sends without anybody pressing anything."""
_PUSH_KEYBOARD_PROTOCOL = re.compile(r"\x1b\[>\d+u")
_KEYBOARD_PROTOCOL_OFF = "\x1b[=0u"
_ESC_DELAY, _ESC_DELAY_OVER_SSH = 0.1, 0.4


class TerminalInput(Protocol):
    """What ``KeyGate.caught_up`` asks for."""

    async def settled(self) -> int:
        """Wait until nothing is unread or undecided, and what was read has been posted to the app. Returns how many
        events that were so far."""

    def is_settled(self, count: int) -> bool:
        """Whether nothing has come since ``settled`` returned ``count``."""


def esc_delay(environ: Mapping[str, str]) -> float:
    """Return after how many seconds a lone ESC byte is the key Esc: ``ESCDELAY``, in milliseconds, where it is set.
    Over SSH a sequence may come in two packets, so that it has to be longer."""
    milliseconds = environ.get("ESCDELAY", "")
    if milliseconds.isascii() and milliseconds.isdecimal() and 0 < int(milliseconds) <= 10_000:
        return int(milliseconds) / 1000
    over_ssh = environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")
    return _ESC_DELAY_OVER_SSH if over_ssh else _ESC_DELAY


def task_of(node: MessagePump) -> asyncio.Task[None] | None:
    """The task that handles a node's messages; it ends when the node is gone."""
    return node._task


class InputDriver(LinuxDriver):
    """Textual's driver, with a filter before what it reads. It can also tell whether input is on its way.

    ``on_hang_up`` is called in the app's thread when the terminal has no other end any more.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = threading.Lock()
        self._filter = _new_filter()
        self._parser = XTermParser()  # without Textual's debug log, which holds every key
        self._count = 0
        self._is_awaited = False
        self._moved = asyncio.Event()
        self._has_hung_up = False
        self._on_hang_up: Callable[[], None] | None = None

    # What the app asks

    def on_hang_up(self, call: Callable[[], None]) -> None:
        """Call this when the terminal is gone, also where that is so already."""
        self._on_hang_up = call
        if self._has_hung_up:
            call()

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
        """Whether no byte is unread, in the input thread's hands, or undecided in the filter."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return not self._filter.is_undecided and self._unread() == 0
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

    # What the terminal is asked for

    def write(self, data: str) -> None:
        """Textual turns the kitty keyboard protocol on, with which Ctrl and a letter are no control key any more on a
        layout without Latin letters. It is turned off instead, for a program that was killed may have left it on."""
        if data.startswith("\x1b[>") and _PUSH_KEYBOARD_PROTOCOL.fullmatch(data):
            data = _KEYBOARD_PROTOCOL_OFF
        super().write(data)

    def _enable_mouse_support(self) -> None:
        """Clicks, the wheel, and motion with a button held down. No other motion: each is a report on the line, and
        one more sequence that may arrive in two parts."""
        if self._mouse:
            self.write("\x1b[?1003l\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            if self._mouse_pixels:
                self.write("\x1b[?1016h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1002l")
        super()._disable_mouse_support()

    def _ask_for_sgr_again(self) -> None:
        """The terminal was made anew, and reports the mouse in a form that has no place for column 224."""
        if (
            self._key_thread is not None and self._key_thread.is_alive()
        ):  # else the app has let go of the terminal
            self._enable_mouse_support()

    # Reading

    def process_message(self, message: Message) -> None:
        if not isinstance(message, _NO_DECISION):
            self._count += 1
        super().process_message(message)

    def _run_input_thread(self) -> None:
        """The thread. What breaks in it ends the app as any other error of our own does."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._fail, error)

    def _fail(self, error: Exception) -> None:
        try:
            raise error
        except Exception as error:
            self._app._handle_exception(error)

    def run_input_thread(self) -> None:
        """Wait for input and dispatch events."""
        self._filter = _new_filter()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not self._take_turn(selector):
                    self._loop.call_soon_threadsafe(self._hang_up)
                    return

    def _hang_up(self) -> None:
        self._has_hung_up = True
        if self._on_hang_up is not None:
            self._on_hang_up()

    def _take_turn(self, selector: selectors.BaseSelector) -> bool:
        """Wait for a moment, and take what has come. Returns False where nothing will come any more."""
        deadline = self._filter.deadline
        wait = _TURN if deadline is None else min(_TURN, max(0.0, deadline - time.monotonic()))
        ready = selector.select(wait)
        with self._turn:
            if ready:
                try:
                    data = os.read(self.fileno, 4096)
                except BlockingIOError:  # another program reads, too, or has made the terminal non-blocking
                    return True
                except OSError:
                    return False
                if not data:
                    return False
                arrived = time.monotonic()
                tokens = self._filter.feed(data, arrived)
            else:
                arrived = time.monotonic()
                tokens = self._filter.expire(arrived)
            self._dispatch(tokens, arrived)
        if self._is_awaited:
            self._loop.call_soon_threadsafe(self._moved.set)
        return True

    def _dispatch(self, tokens: Iterable[Token], arrived: float) -> None:
        if any(token.kind is Kind.SGR_LOST for token in tokens):
            self._loop.call_soon_threadsafe(self._ask_for_sgr_again)
        for token in tokens:
            try:
                messages = list(self._events(token))
            except Exception as error:  # what Textual's parser cannot take is dropped, and so is the parser
                log.warning("a sequence of the terminal was dropped: %s", type(error).__name__)
                self._parser = _next_parser(self._parser)
                continue
            for message in messages:
                if isinstance(message, events.Event):
                    stamp(message, arrived)
                self.process_message(message)

    def _events(self, token: Token) -> Iterable[Message]:
        """What Textual makes of it."""
        if token.kind is Kind.PASTE:
            return [events.Paste(token.text)]
        if token.kind is Kind.REPORT:
            return self._parser.feed(token.text)
        if token.kind is Kind.SGR_LOST:
            return []
        keys = self._parser._sequence_to_key_events(token.text)
        return [key for key in keys if key.key != Keys.Ignore]


def _new_filter() -> InputFilter:
    return InputFilter(ANSI_SEQUENCES_KEYS, frozenset(FUNCTIONAL_KEYS), esc_delay(os.environ))


def _next_parser(before: XTermParser) -> XTermParser:
    """A new parser, which knows what the one before has learned of the terminal."""
    parser = XTermParser()
    parser.mouse_pixels = before.mouse_pixels
    parser.terminal_size = before.terminal_size
    parser.terminal_pixel_size = before.terminal_pixel_size
    return parser


async def _nothing() -> None:
    """A place in the loop's queue."""
