"""Frames for a slow line: one at a time, each as what differs from what the terminal shows.

This is the one file that rests on how Textual 8.2 brings its frames to the terminal: ``App._display`` is handed each
of them, ``App._build_driver`` makes the driver, whose writer thread writes into ``driver._file``, and
``Screen._on_timer_update`` brings a screen up to date sixty times a second at most. Stock Textual
writes each update as it comes. Where a terminal does not keep up it queues thirty of them, which are old by the time
that they show, and then stands still with all of the app.
"""

from __future__ import annotations

import asyncio
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
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App, ScreenStackError
from textual.driver import Driver
from textual.screen import Screen

from restore_tui.ascii_glyphs import lacks_glyphs
from restore_tui.tui.terminal.frame_diff import Frame, diff, row_from_segments

_A_TICK = 1 / 60
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
        self.is_closed = False
        """Whether everything that comes is dropped."""
        self.has_screen = False
        """Whether the terminal shows our screen, and not the shell's."""
        self.is_idle = threading.Event()
        """Whether nothing is on its way to the terminal."""
        self.is_idle.set()
        self._writer = 0

    def write(self, text: str) -> None:
        self._try(partial(self._file.write, text))
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


class PacedApp(App[None]):
    """An app that remembers what its terminal shows. Headless and inline it is as any other."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
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
        with suppress(ScreenStackError):  # between two screens: the next one draws itself
            self.screen.call_next(self.screen._on_timer_update)

    async def frame_displayed(self) -> None:
        """Wait until the terminal has taken a frame of all that has changed by now. Where no frames go to a terminal,
        there is nothing to wait for."""
        while self._is_behind():
            self._moved.clear()
            await self._moved.wait()

    def _is_behind(self) -> bool:
        told = self._is_on_terminal and self._valve is not None and not self._exit
        return told and (self._is_due or self._under_way is not None)

    # What Textual calls

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        file = getattr(driver, "_file", None)
        if file is not None and not inline:
            self._valve = FrameWriter(file, self)
            encoding = getattr(file, "encoding", None) or "utf-8"
            if self._charset is None and lacks_glyphs(encoding):
                self._charset = encoding
            setattr(driver, "_file", self._valve)  # noqa: B010 - not every driver has one
        number = getattr(driver, "fileno", None)
        if number is not None:
            setattr(driver, "_get_terminal_size", partial(terminal_size, number))  # noqa: B010 - likewise
        return driver

    def restore_terminal(self) -> None:
        """Give the terminal back at once, past Textual: its event loop and its writer thread may hang. What they have
        not written by now is discarded. Can be called from any thread; may block where the terminal takes nothing."""
        valve, driver = self._valve, self._driver
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

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self._is_on_terminal:
            super()._display(screen, renderable)
        elif renderable is None or isinstance(renderable, CompositorUpdate):
            self._is_due = self._is_due or renderable is not None
            self._draw_soon()
            self.post_display_hook()
        else:
            self._invalidate()
            super()._display(screen, renderable)

    # Frames

    @property
    def _is_on_terminal(self) -> bool:
        return self._driver is not None and not self._driver.is_headless and not self._driver.is_inline

    def frame_taken(self, frame: str) -> None:
        """The terminal has taken a frame: draw what has changed since, if anything has."""
        if frame is self._under_way:
            self._under_way = None
            self._moved.set()
            self._draw_soon()

    def _invalidate(self) -> None:
        self._notice_new_writer()
        self._shown = None
        self._is_due = True
        self._draw_soon()

    def _draw_soon(self) -> None:
        """Once what is queued now has run, unless a frame is under way: then once it is through."""
        if self._is_due and self._turn is None and self._under_way is None:
            loop = asyncio.get_running_loop()
            self._turn = loop.call_at(max(loop.time(), self._waits_until), self._draw)

    def _draw(self) -> None:
        self._turn = None
        driver = self._driver
        if driver is None or not self._running or self._exit:
            return
        if self._batch_count:
            loop = asyncio.get_running_loop()
            self._turn = loop.call_later(_A_TICK, self._draw)
            return
        with self._context():
            try:
                frame = self._render()
            except ScreenStackError:  # between two screens: the next one draws itself
                return
            except Exception as error:
                self._handle_exception(error)
                return
        if frame is None:
            return
        self._is_due = False
        self._moved.set()
        text = diff(self._shown, frame)
        self._shown = frame
        if not text:
            return
        if self._sync_available:
            text = f"{SYNC_START}{text}{SYNC_END}"
        if self._valve is not None:
            self._valve.frame = self._under_way = text
        driver.write(text)
        driver.flush()

    def _notice_new_writer(self) -> None:
        """After a suspension the driver begins anew, and tells the size: nothing is under way any more."""
        writer = getattr(self._driver, "_writer_thread", None)
        if writer is not self._writer:
            self._writer = writer
            self._under_way = None
            self._moved.set()

    def _render(self) -> Frame | None:
        """All of the screen as it is now, dialogs and what shines through them; None where it is not laid out yet."""
        screen = self.screen
        size = screen._compositor.size
        if size != self.size or not size:
            return None
        update = screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        assert isinstance(update, LayoutUpdate)
        name = self.console.color_system
        colours = COLOR_SYSTEMS[name] if name else ColorSystem.TRUECOLOR
        rows = tuple(
            row_from_segments((s for strip in line for s in strip), colours, self._charset)
            for line in update.strips
        )
        return Frame(rows, size.width, screen.outer_size.clamp_offset(self.cursor_position))
