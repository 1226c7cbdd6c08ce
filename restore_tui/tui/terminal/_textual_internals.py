"""Every private name of Textual that this program relies on. No other file uses one.

``AppInternals`` and ``DriverInternals`` give them public names, and call hooks where Textual calls private methods.
``drawing_problem`` and ``input_problem`` tell before the first screen whether this Textual has what they need; what
they need and how it must behave is run with the releases from ``OLDEST`` to ``NEWEST``.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import IO, Any

from rich.console import RenderableType
from rich.segment import Segment
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

OLDEST, NEWEST = "8.2.0", "8.2.8"
"""The releases of Textual that the tests have been run with."""

_APP = ("_build_driver", "_handle_exception", "_fatal_error", "_driver", "_exit", "_running")
"""Without these, nothing can be said of what the terminal shows, and the app may not even end tidily."""
_Names = Mapping[str, Mapping[str, Iterable[str]]]
_DRAWING: _Names = {
    "textual.app": {
        "App": ("_display", "_background_screens", "_context", "_batch_count", "_sync_available"),
    },
    "textual.screen": {"Screen": ("_on_timer_update", "_compositor")},
    "textual._compositor": {"Compositor": ("render_update", "size"), "LayoutUpdate": ("strips",)},
    "textual._ansi_sequences": {"": ("SYNC_START", "SYNC_END")},
}
_INPUT: _Names = {
    "textual.app": {"App": _APP},
    "textual.message_pump": {"MessagePump": ("_task",)},
    "textual.driver": {"Driver": ("_app", "_loop", "_mouse", "process_message")},
    "textual.drivers.linux_driver": {
        "LinuxDriver": (
            "_file", "_key_thread", "_writer_thread", "_mouse_pixels", "_get_terminal_size", "_enable_mouse_support",
            "_disable_mouse_support", "_run_input_thread", "run_input_thread", "fileno", "exit_event", "attrs_before",
        ),
    },
    "textual._xterm_parser": {
        "XTermParser": (
            "_sequence_to_key_events", "feed", "mouse_pixels", "terminal_size", "terminal_pixel_size",
        ),
    },
    "textual._ansi_sequences": {"": ("ANSI_SEQUENCES_KEYS",)},
    "textual._keyboard_protocol": {"": ("FUNCTIONAL_KEYS",)},
}  # fmt: skip
_PUSH_KEYBOARD_PROTOCOL = re.compile(r"\x1b\[>\d+u")
_KEYBOARD_PROTOCOL_OFF = "\x1b[=0u"


# Whether they are there


def drawing_problem() -> str:
    """Return the name that frames of ours need and that this Textual does not have; empty where it has all."""
    return _first_missing(_DRAWING)


def input_problem() -> str:
    """Return the name that the input needs and that this Textual does not have; empty where it has all."""
    return _first_missing(_INPUT)


def textual_version() -> str:
    from importlib.metadata import version  # takes a while, and only a fault asks

    return version("textual")


def _first_missing(wanted: _Names) -> str:
    for module_name, owners in wanted.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            return module_name
        for owner_name, names in owners.items():
            owner = getattr(module, owner_name, None) if owner_name else module
            for name in names:
                if owner is None or not _has(owner, name):
                    return f"{module_name}.{owner_name}.{name}".replace("..", ".")
    return ""


def _has(owner: Any, name: str) -> bool:
    """Whether a module, or a class or its instances, have a name."""
    if hasattr(owner, name):
        return True
    if not isinstance(owner, type):
        return False
    return any(
        name in getattr(base, "__annotations__", {})
        or (inspect.isfunction(start := vars(base).get("__init__")) and name in start.__code__.co_names)
        for base in owner.__mro__
    )


# The app


class AppInternals(App[None]):
    """An app, what is private of it under public names, and hooks in place of what Textual calls."""

    def driver_built(self, driver: Driver, *, inline: bool) -> None:
        """Called with the driver before it takes the terminal."""

    def draws(self, screen: Screen[Any], renderable: RenderableType | None) -> bool:
        """Called with each update of a screen. Returns whether Textual must not write it, because we do."""
        return False

    def keeps_error(self, error: Exception) -> bool:
        """Called with each error that a handler or a worker raises. Returns whether the app goes on all the same."""
        return False

    def fatal_error(self) -> None:
        """Called within the handling of the error that ends the app, to say so."""

    @property
    def terminal_driver(self) -> Driver | None:
        return self._driver

    @property
    def is_exiting(self) -> bool:
        return self._exit

    @property
    def is_running_on(self) -> bool:
        """Whether the app runs and has not been told to end."""
        return self._running and not self._exit

    @property
    def is_batching(self) -> bool:
        return bool(self._batch_count)

    @property
    def can_synchronize(self) -> bool:
        """Whether the terminal draws what lies between the marks of ``synchronized`` in one go."""
        return self._sync_available

    def in_context(self) -> AbstractContextManager[None]:
        return self._context()

    def fail(self, error: Exception) -> None:
        """End the app after an error, as Textual does."""
        self._handle_exception(error)

    def lay_at_the_bottom(self, screen: Screen[Any]) -> None:
        """Prepare a default screen for being switched, which takes a callback off."""
        screen._push_result_callback(screen, None)

    def update_soon(self) -> None:
        """Bring the screen up to date without waiting for Textual's next tick."""
        self.screen.call_next(self.screen._on_timer_update)

    def screen_lines(self) -> tuple[int, list[Iterable[Segment]]] | None:
        """The width of the screen and the segments of its lines, with dialogs and what shines through them; None where
        it is not laid out yet."""
        from textual._compositor import LayoutUpdate

        compositor = self.screen._compositor
        size = compositor.size
        if size != self.size or not size:
            return None
        update = compositor.render_update(full=True, screen_stack=self._background_screens)
        if not isinstance(update, LayoutUpdate):
            raise TypeError(f"{type(update).__name__} is no frame")
        return size.width, [[segment for strip in line for segment in strip] for line in update.strips]

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        self.driver_built(driver, inline=inline)
        return driver

    def _handle_exception(self, error: Exception) -> None:
        if not self.keeps_error(error):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.fatal_error()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self.draws(screen, renderable):
            super()._display(screen, renderable)


def is_screen_update(renderable: RenderableType) -> bool:
    """Whether this is a screen, or a part of one, and not something that Textual prints past its screens."""
    from textual._compositor import CompositorUpdate

    return isinstance(renderable, CompositorUpdate)


def synchronized(text: str) -> str:
    from textual._ansi_sequences import SYNC_END, SYNC_START

    return f"{SYNC_START}{text}{SYNC_END}"


def task_of(node: MessagePump) -> asyncio.Task[None] | None:
    """The task that handles a node's messages; it ends when the node is gone."""
    return node._task


# The driver


def file_of(driver: Driver) -> IO[str] | None:
    """The file that a driver writes to; None for one that has none."""
    file: IO[str] | None = getattr(driver, "_file", None)
    return file


def redirect(driver: Driver, file: object) -> None:
    """Have a driver write to another file."""
    setattr(driver, "_file", file)  # noqa: B010 - a file in all that is used of it


def ask_for_size(driver: Driver, size: Callable[[], tuple[int, int]]) -> None:
    """Have a driver ask this for the size of its terminal."""
    setattr(driver, "_get_terminal_size", size)  # noqa: B010 - not every driver has one


def writer_of(driver: Driver) -> object:
    """The thread that writes what the driver is given; another one after a suspension."""
    return getattr(driver, "_writer_thread", None)


class DriverInternals(LinuxDriver):
    """A driver, what is private of it under public names, and without what Textual asks of a terminal beyond need."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def has_terminal(self) -> bool:
        """Whether the terminal is ours: the thread that reads it runs."""
        return self._key_thread is not None and self._key_thread.is_alive()

    def ask_for_mouse_reports(self) -> None:
        self._enable_mouse_support()

    def write(self, data: str) -> None:
        """Textual turns the kitty keyboard protocol on, with which Ctrl and a letter are no control key any more on a
        layout without Latin letters. It is turned off instead, for a program that was killed may have left it on."""
        if data.startswith("\x1b[>") and _PUSH_KEYBOARD_PROTOCOL.fullmatch(data):
            data = _KEYBOARD_PROTOCOL_OFF
        super().write(data)

    def _enable_mouse_support(self) -> None:
        """Clicks, the wheel, and motion with a button held down. No other motion: each is a report that the connection
        carries, and one more sequence that may arrive in two parts."""
        if self._mouse:
            self.write("\x1b[?1003l\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            if self._mouse_pixels:
                self.write("\x1b[?1016h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1002l")
        super()._disable_mouse_support()

    def _run_input_thread(self) -> None:
        """The thread that reads. What breaks in it ends the app as any other error of our own does."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._fail, error)

    def _fail(self, error: Exception) -> None:
        try:
            raise error
        except Exception as error:
            self._app._handle_exception(error)


# The parser


def key_sequences() -> Mapping[str, object]:
    """Every sequence that Textual knows as a key."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    return ANSI_SEQUENCES_KEYS


def function_keys() -> frozenset[str]:
    """The number and final letter of each key that may have modifiers, such as ``3~``."""
    from textual._keyboard_protocol import FUNCTIONAL_KEYS

    return frozenset(FUNCTIONAL_KEYS)


class SequenceParser:
    """Makes Textual's events of whole sequences. Its debug log, which would hold every key, stays off."""

    def __init__(self, before: SequenceParser | None = None) -> None:
        """``before``: the parser that this one replaces, and what it has learned of the terminal."""
        from textual._xterm_parser import XTermParser

        self._parser = XTermParser()
        if before is not None:
            self._parser.mouse_pixels = before._parser.mouse_pixels
            self._parser.terminal_size = before._parser.terminal_size
            self._parser.terminal_pixel_size = before._parser.terminal_pixel_size

    def keys(self, sequence: str) -> list[events.Key]:
        return list(self._parser._sequence_to_key_events(sequence))

    def reports(self, sequence: str) -> list[Message]:
        return list(self._parser.feed(sequence))
