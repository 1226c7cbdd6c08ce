"""Reading the terminal.

``run_input_thread`` reads it in a thread of its own and hands each event to ``process_message``. Textual's own reading
ends the program at a byte that is not UTF-8, and types what it does not know; so here an ``InputFilter`` decides what
has come, and Textual's parser makes events of what is a key or a report. Each is handed to it whole, so that it never
waits for more. A lock around each turn of the loop makes sure that no byte is between two places unnoticed.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import logging
import os
import selectors
import termios
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from textual import events
from textual.keys import Keys
from textual.message import Message

from restore_tui.tui.terminal._textual_internals import (
    DriverInternals,
    SequenceParser,
    function_keys,
    input_problem,
    key_sequences,
)
from restore_tui.tui.terminal.arrivals import stamp
from restore_tui.tui.terminal.input_filter import InputFilter, Kind, Token

log = logging.getLogger(__name__)

_TURN = 0.1
"""Seconds that the thread waits for input before it looks whether it is to end."""
_NO_DECISION = (events.MouseMove, events.Resize, events.AppFocus, events.AppBlur)
"""What a terminal sends without anybody pressing anything."""
_SELF_TEST = (
    (b"a", "a"), (b"\r", "enter"), (b"\t", "tab"), (b"\x1b", "escape"), (b"\x1b[A", "up"), (b"\x1b[Z", "shift+tab"),
    (b"\x7f", "backspace"), (b"\x0e", "ctrl+n"), (b"\x03", "ctrl+c"), (b"\x11", "ctrl+q"), (b"\x1bOP", "f1"),
    (b"\xc3\xa9", "é"), (b"\x1b[200~p\x1b[201~", "Paste"), (b"\x1b[<0;5;7M", "MouseDown"), (b"\x1b[97;1:3u", ""),
)  # fmt: skip
"""Bytes, and what must come of them: a key, an event, or nothing."""
_ESC_DELAY, _ESC_DELAY_OVER_SSH = 0.1, 0.4


SECONDS_TO_REPLY = 2.0
"""How long the terminal may take to tell its background; later the screen would change under the operator's eyes."""
_ASKED_NOTHING = ("linux", "dumb", "vt", "cons", "ansi")


def is_light(color: str) -> bool:
    """Whether a color such as ``rgb:ffff/fafa/f0f0`` is lighter than a middle gray, as eyes weigh its parts."""
    parts = [int(part, 16) / (16 ** len(part) - 1) for part in color.partition(":")[2].split("/")[:3] if part]
    return len(parts) == 3 and sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=True)) > 0.5


_WEIGHTS = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue (ITU-R BT.709)."""


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


class InputDriver(DriverInternals):
    """Textual's driver, with a filter before what it reads. It can also tell whether input is on its way.

    ``on_hang_up`` is called in the app's thread when the terminal has no other end any more.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = threading.Lock()
        self._filter = _new_filter()
        self._parser = SequenceParser()
        self._count = 0
        self._is_awaited = False
        self._moved = asyncio.Event()
        self._has_hung_up = False
        self._on_hang_up: Callable[[], None] | None = None
        self._on_background: Callable[[bool], None] | None = None
        self._asked_until = 0.0

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
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_nothing(), self.loop))
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

    def _ask_for_sgr_again(self) -> None:
        """The terminal was made anew, and reports the mouse in a form that has no place for column 224."""
        if self.has_terminal:  # else the app has let go of it
            self.ask_for_mouse_reports()

    def ask_for_background(self, reply: Callable[[bool], None]) -> None:
        """Ask the terminal for its background. ``reply`` is called in the app's thread with whether it is light, if the
        terminal answers in time. One that has no answer would print the question, or does not know it: those are not
        asked."""
        if os.environ.get("TERM", "").startswith(_ASKED_NOTHING):
            return
        self._on_background = reply
        self._asked_until = time.monotonic() + SECONDS_TO_REPLY
        self._filter.awaits_background = True
        self.write("\x1b]11;?\x1b\\")
        self.flush()

    # Reading

    def process_message(self, message: Message) -> None:
        if not isinstance(message, _NO_DECISION):
            self._count += 1
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Wait for input and dispatch events."""
        before, self._filter = self._filter, _new_filter()
        self._filter.awaits_background = before.awaits_background
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not self._take_turn(selector):
                    self.loop.call_soon_threadsafe(self._hang_up)
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
            self.loop.call_soon_threadsafe(self._moved.set)
        return True

    def _dispatch(self, tokens: Iterable[Token], arrived: float) -> None:
        if any(token.kind is Kind.SGR_LOST for token in tokens):
            self.loop.call_soon_threadsafe(self._ask_for_sgr_again)
        for token in tokens:
            if token.kind is Kind.BACKGROUND:
                if self._on_background is not None and arrived < self._asked_until:
                    self.loop.call_soon_threadsafe(self._on_background, is_light(token.text))
                continue
            try:
                messages = messages_of(token, self._parser)
            except Exception as error:  # what Textual's parser cannot take is dropped, and so is the parser
                log.warning("a sequence of the terminal was dropped: %s", type(error).__name__)
                self._parser = SequenceParser(self._parser)
                continue
            for message in messages:
                if isinstance(message, events.Event):
                    stamp(message, arrived)
                self.process_message(message)


def messages_of(token: Token, parser: SequenceParser) -> Sequence[Message]:
    """The events that a token becomes."""
    if token.kind is Kind.PASTE:
        return [events.Paste(token.text)]
    if token.kind is Kind.REPORT:
        return parser.reports(token.text)
    if token.kind in (Kind.SGR_LOST, Kind.BACKGROUND):
        return []
    return [key for key in parser.keys(token.text) if key.key != Keys.Ignore]


def self_test() -> str:
    """Return why the input cannot be relied on with this Textual, in a few words; empty where it works.

    Each key that a restore is confirmed, withdrawn or left with goes the way that it goes later: bytes, filter, parser.
    """
    missing = input_problem()
    if missing:
        return f"{missing} is missing"
    try:
        wrong = [key for data, key in _SELF_TEST if _names_of(data) != [key][: bool(key)]]
    except Exception as error:  # whatever a changed parser raises: it cannot be relied on
        log.exception("the self-test of the input failed")
        return f"its parser fails with {type(error).__name__}"
    return f"it does not recognize the key {wrong[0]}" if wrong else ""


def _names_of(data: bytes) -> list[str]:
    """What comes of these bytes: the names of keys, and of the classes of other events."""
    input_filter, parser = _new_filter(), SequenceParser()
    tokens = input_filter.feed(data, 0.0)
    if input_filter.deadline is not None:
        tokens += input_filter.expire(input_filter.deadline)
    messages = [message for token in tokens for message in messages_of(token, parser)]
    return [
        message.key if isinstance(message, events.Key) else type(message).__name__ for message in messages
    ]


def _new_filter() -> InputFilter:
    return InputFilter(key_sequences(), function_keys(), esc_delay(os.environ))


async def _nothing() -> None:
    """A place in the loop's queue."""
