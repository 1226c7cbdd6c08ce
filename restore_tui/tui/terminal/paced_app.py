"""Frames for a slow connection: one at a time, each as what differs from what the terminal shows.

Stock Textual writes each update as it comes. Where a terminal does not keep up it queues thirty of them, which are old
by the time that they show, and then stands still with all of the app. But no drawing of ours may stand in the way of a
restore: with ``plain_rendering``, where this Textual lacks what it needs, and from the first frame that it fails on,
Textual draws by itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, RenderableType
from textual import events
from textual.app import ScreenStackError
from textual.driver import Driver
from textual.screen import Screen

from restore_tui.ascii_glyphs import lacks_glyphs
from restore_tui.tui.terminal._textual_internals import (
    AppInternals,
    ask_for_size,
    drawing_problem,
    file_of,
    is_screen_update,
    redirect,
    synchronized,
    writer_of,
)
from restore_tui.tui.terminal.frame_diff import Frame, diff, row_from_segments, stand_ins

log = logging.getLogger(__name__)

_A_TICK = 1 / 60
_NOTHING = "\x1b[m"
"""What changes nothing on the terminal: no text has a look of its own after it."""
MOUNTING, LOADING, SETTLING = 0.3, 0.1, 1 / 30
"""For ``frames_wait``, in seconds. A screen that is being put together shows nothing yet; what it loads comes mostly at
once, and its keys and scroll bars a moment after that. Each half-drawn screen that is left out saves a third of it."""


_ENTER_SCREEN, _LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
_RESTORE = (
    "\x18"  # ends whatever sequence was cut off
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[0m"
    f"{_LEAVE_SCREEN}\x1b[?25h\x1b[?1004l"
)
"""What takes back all that Textual's driver has set, in its order."""


class FrameWriter:
    """Stands before the terminal's file, where Textual's writer thread writes. It tells when a frame is through, and
    takes what cannot be written: the thread would die of it, and Textual wait for ever to hand it more."""

    def __init__(self, file: IO[str], line: PacedApp) -> None:
        self._file = file
        self._line = line
        self._loop = asyncio.get_running_loop()
        self.frame = ""
        self.charset: str | None = None
        """The terminal's encoding, where it lacks some of what Textual draws by itself."""
        self.is_closed = False
        """Whether everything that comes is dropped."""
        self.has_screen = False
        """Whether the terminal shows our screen, and not the shell's."""
        self.is_idle = threading.Event()
        """Whether nothing is on its way to the terminal."""
        self.is_idle.set()
        self._writer = 0

    def write(self, text: str) -> None:
        known = text if self.charset is None else stand_ins(text, self.charset)
        self._try(partial(self._file.write, known))
        self.has_screen = text == _ENTER_SCREEN or (self.has_screen and text != _LEAVE_SCREEN)
        if text is self.frame:
            self.flush()  # returns when the terminal has taken it
            self._tell(self._line.frame_taken, text)

    def flush(self) -> None:
        self._try(self._file.flush)

    def _try(self, act: Callable[[], object]) -> None:
        if self.is_closed:
            return
        self._writer = threading.get_ident()
        self.is_idle.clear()
        try:
            act()
        except (OSError, ValueError):  # it is gone, or its file closed
            self.is_closed = True
            self._tell(self._line.terminal_is_lost)
        finally:
            self.is_idle.set()

    def _tell(self, what: Callable[..., None], *about: str) -> None:
        with suppress(RuntimeError):  # the app has ended meanwhile
            self._loop.call_soon_threadsafe(what, *about)

    def wake(self) -> None:
        """Have a write that waits look again whether the terminal takes more: flushing does not tell it. The signal is
        one that whoever leaves handles already."""
        signal.pthread_kill(self._writer, signal.SIGTERM)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def terminal_size(file_number: int) -> tuple[int, int]:
    """Columns and rows, from the terminal itself; COLUMNS and LINES, which may be those of another terminal, count only
    where it does not know."""
    with suppress(OSError):
        size = os.get_terminal_size(file_number)
        if size.columns and size.lines:
            return size
    return shutil.get_terminal_size()


class PacedApp(AppInternals):
    """An app that remembers what its terminal shows. Headless, inline, in a browser and with ``plain_rendering`` it
    draws as any other."""

    def __init__(self, *, ascii_only: bool = False, plain_rendering: bool = False) -> None:
        super().__init__()
        missing = drawing_problem()
        if missing:
            log.warning("Textual draws by itself: %s is missing", missing)
        self._is_plain = plain_rendering or bool(missing)
        self.animation_level = "none"
        self._charset = "ascii" if ascii_only else None
        """What the terminal's encoding is, where it lacks some of our glyphs."""
        self._shown: Frame | None = None
        self._is_due = False
        self._turn: asyncio.TimerHandle | None = None
        self._waits_until = 0.0
        self._valve: FrameWriter | None = None
        self._under_way: str | None = None
        self._moved = asyncio.Event()
        """Set whenever a frame has been drawn, or has been taken."""
        self._writer: object = None
        self._knows_pixels = False

    # What an app calls

    @property
    def lacks_glyphs(self) -> bool:
        """Whether ASCII characters are drawn instead of some of ours."""
        return self._charset is not None

    def defer_frames(self, seconds: float) -> None:
        """More is just about to change: draw no frame for so long, so that what comes is one. The last call counts. A
        terminal that shows nothing yet is not kept waiting."""
        if self._shown is None:
            return
        loop = asyncio.get_running_loop()
        self._waits_until = loop.time() + seconds
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
            self._draw_soon()

    def flush(self) -> None:
        """All has changed that will: do not wait for Textual's next tick, which comes up to a sixtieth of a second
        later."""
        if self._is_plain:
            return
        with suppress(ScreenStackError):  # between two screens: the next one draws itself
            self.update_soon()

    async def frame_displayed(self) -> None:
        """Wait until the terminal has taken a frame of all that has changed by now. Where no frames go to a terminal,
        there is nothing to wait for."""
        await self._caught_up()
        if self._is_plain:
            self._send(_NOTHING)  # it arrives behind all that Textual has written
            await self._caught_up()

    async def _caught_up(self) -> None:
        while self._is_behind():
            self._moved.clear()
            await self._moved.wait()

    def _is_behind(self) -> bool:
        told = self._is_on_terminal and self._valve is not None and not self.is_exiting
        return told and (self._is_due or self._under_way is not None)

    # What Textual calls

    def driver_built(self, driver: Driver, *, inline: bool) -> None:
        file = file_of(driver)
        if file is not None and not inline:
            self._valve = FrameWriter(file, self)
            encoding = getattr(file, "encoding", None) or "utf-8"
            if self._charset is None and lacks_glyphs(encoding):
                self._charset = encoding
            if self._is_plain:
                self._valve.charset = self._charset
            redirect(driver, self._valve)
        elif file is None and not driver.is_headless:
            self._is_plain = (
                True  # a browser is not written to through a file: nothing would say that a frame arrived
            )
        number = getattr(driver, "fileno", None)
        if number is not None:
            ask_for_size(driver, partial(terminal_size, number))

    def restore_terminal(self) -> None:
        """Give the terminal back at once, past Textual: its event loop and its writer thread may hang. What they have
        not written by now is discarded. Can be called from any thread; may block where the terminal takes nothing."""
        valve, driver = self._valve, self.terminal_driver
        if valve is None or driver is None or not valve.has_screen:
            return
        valve.is_closed = True
        number = valve.fileno()
        with suppress(OSError, termios.error):
            while not valve.is_idle.wait(_A_TICK):  # a terminal that takes nothing holds less than a frame
                termios.tcflush(number, termios.TCOFLUSH)
                valve.wake()
            attributes = getattr(driver, "attrs_before", None)
            if attributes is not None:
                termios.tcsetattr(number, termios.TCSANOW, attributes)
            os.write(number, _RESTORE.encode("ascii"))

    def terminal_is_lost(self) -> None:
        """Called where nothing can be written to the terminal any more."""
        self.exit()

    async def on_event(self, event: events.Event) -> None:
        """A terminal that has been resized, or that comes back, shows nobody knows what: also at the same size."""
        if isinstance(event, events.Resize) and self._is_on_terminal and not self._tells_pixels(event):
            self._invalidate()
        await super().on_event(event)

    def _tells_pixels(self, event: events.Resize) -> bool:
        """Whether this is no resize, but the response to Textual's question whether resizes can be reported in band."""
        first = event.pixel_size is not None and not self._knows_pixels
        self._knows_pixels = self._knows_pixels or first
        return first and event.size == self.size

    def draws(self, screen: Screen[Any], renderable: RenderableType | None) -> bool:
        """Whether an update is a part of our next frame."""
        if self._is_plain or not self._is_on_terminal:
            return False
        if renderable is None or is_screen_update(renderable):
            self._is_due = self._is_due or renderable is not None
            self._draw_soon()
            self.post_display_hook()
            return True
        self._invalidate()
        return False

    # Frames

    @property
    def _is_on_terminal(self) -> bool:
        driver = self.terminal_driver
        return driver is not None and not driver.is_headless and not driver.is_inline

    def frame_taken(self, frame: str) -> None:
        """The terminal has taken a frame: draw what has changed since, if anything has."""
        if frame is self._under_way:
            self._under_way = None
            self._moved.set()
            self._draw_soon()

    def _invalidate(self) -> None:
        self._notice_new_writer()
        self._shown = None
        self._is_due = not self._is_plain
        self._draw_soon()

    def _draw_soon(self) -> None:
        """Once what is queued now has run, unless a frame is under way: then once it is through."""
        if self._is_due and self._turn is None and self._under_way is None:
            loop = asyncio.get_running_loop()
            self._turn = loop.call_at(max(loop.time(), self._waits_until), self._draw)

    def _draw(self) -> None:
        self._turn = None
        if not self.is_running_on:
            return
        if self.is_batching:
            loop = asyncio.get_running_loop()
            self._turn = loop.call_later(_A_TICK, self._draw)
            return
        try:
            with self.in_context():
                frame = self._next_frame()
        except ScreenStackError:  # between two screens: the next one draws itself
            return
        except Exception:  # a fault of a widget's own breaks Textual's drawing as well, which then says so
            log.exception("a frame could not be drawn: Textual draws by itself from now on")
            self._draw_plainly()
            return
        if frame is None:
            return
        self._is_due = False
        self._moved.set()
        text = diff(self._shown, frame)
        self._shown = frame
        if text:
            self._send(synchronized(text) if self.can_synchronize else text)

    def _send(self, text: str) -> None:
        """Hand the terminal a text; until it has taken it, the next frame waits."""
        driver = self.terminal_driver
        if driver is None or self._valve is None or not self.is_running_on:
            return
        self._valve.frame = self._under_way = text
        driver.write(text)
        driver.flush()

    def _draw_plainly(self) -> None:
        """Leave the drawing to Textual, from the whole screen on."""
        self._is_plain, self._is_due = True, False
        if self._valve is not None:
            self._valve.charset = self._charset
        self._moved.set()
        self.screen.refresh(layout=True)

    def _notice_new_writer(self) -> None:
        """After a suspension the driver begins anew, and tells the size: nothing is under way any more."""
        driver = self.terminal_driver
        writer = None if driver is None else writer_of(driver)
        if writer is not self._writer:
            self._writer = writer
            self._under_way = None
            self._moved.set()

    def _next_frame(self) -> Frame | None:
        """All of the screen as it is now; None where it is not laid out yet."""
        screen = self.screen_lines()
        if screen is None:
            return None
        width, lines = screen
        name = self.console.color_system
        colors = COLOR_SYSTEMS[name] if name else ColorSystem.TRUECOLOR
        rows = tuple(row_from_segments(line, colors, self._charset) for line in lines)
        return Frame(rows, width, self.screen.outer_size.clamp_offset(self.cursor_position))
