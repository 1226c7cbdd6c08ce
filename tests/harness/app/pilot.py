"""Keys for the app, waiting for their effects, and what the screen shows."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from textual import events
from textual.app import App
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen

from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.result import ResultScreen
from restore_tui.tui.screens.step import StepScreen

BOUND = 60.0
"""Seconds after which a wait fails. It only catches a hang: nothing here takes a tenth of it on a busy machine."""

_CHARACTERS = {_character_to_key(chr(code)): chr(code) for code in range(0x20, 0x7F)}
"""Of every printable key: ``slash`` is /, ``a`` is a."""


def click(app: RestoreApp, x: int, y: int) -> None:
    """A click as it comes from a terminal. (A pilot's click goes to the screen past the app, and past its gate.)"""
    for kind in (events.MouseDown, events.MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


def send(app: RestoreApp, *keys: str) -> None:
    """Send keys as a terminal does, all at once, and wait for nothing. A key is a name or a character."""
    for key in keys:
        if len(key) == 1:
            app.post_message(events.Key(_character_to_key(key), key))
        else:
            app.post_message(events.Key(key, _CHARACTERS.get(key)))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when the one before has had all its effects, as a person who looks does. That includes what it
    loads from the server."""
    app = _app_of(pilot)
    for key in keys:
        send(app, key)
        await arrived(app)
        await settled(app)
        await at_rest(pilot)


async def tap(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when the one before has had the effects that it has without the server. For what is pressed
    while something loads, and for a key whose effect is still on its way when the test goes on."""
    app = _app_of(pilot)
    for key in keys:
        send(app, key)
        await arrived(app)
        await at_rest(pilot)


async def burst(pilot: Pilot[None], *keys: str) -> None:
    """Send keys all at once, as a paste or an impatient person does, with nothing in between; then wait for all
    effects."""
    app = _app_of(pilot)
    send(app, *keys)
    await arrived(app)
    await settled(app)
    await at_rest(pilot)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type text, letter by letter."""
    await press(pilot, *text)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """Give the terminal another size, and wait until everything has it."""
    await pilot.resize_terminal(width, height)
    await at_rest(pilot)


# Waiting. Nothing here asks whether the process is idle: on a busy machine it seems to be before it has begun.


class Bound:
    """Ends a wait that never ends, with what stands on the screen then."""

    def __init__(self, app: RestoreApp, otherwise: str) -> None:
        self._app = app
        self._otherwise = otherwise
        self._over = time.monotonic() + BOUND

    def check(self) -> None:
        assert time.monotonic() < self._over, f"{self._otherwise}\n{screen_text(self._app)}"


async def arrived(app: RestoreApp) -> None:
    """Wait until the app has taken what was posted to it."""
    done = asyncio.Event()
    if app.call_later(done.set):
        await asyncio.wait_for(done.wait(), BOUND)


async def settled(app: RestoreApp) -> None:
    """Wait until every key has had all of its effects, and nothing loads or is looked for; or the app was left."""
    bound = Bound(app, "the keys never had all of their effects")
    while not app.has_left and not is_settled(app):
        await asyncio.sleep(0.005)  # the server needs this process for its threads
        bound.check()


def is_settled(app: RestoreApp) -> bool:
    """Whether no key is on its way, nothing loads, and a result asks the server nothing any more."""
    asking = any(worker.group in ("look", "check") and not worker.is_finished for worker in app.workers)
    reading = any(worker.group in _READING and not worker.is_finished for worker in app.workers)
    return app.gate.is_idle and not reading and not (isinstance(app.screen, ResultScreen) and asking)


_READING = frozenset({"leave out", "inventory"})
"""The groups of workers that read what exists now, beside the keys."""


async def at_rest(pilot: Pilot[None]) -> None:
    """Wait until all that was posted, and all that came of it, is handled and laid out. What waits for the server, or
    for a step that loads, goes on waiting."""
    app = _app_of(pilot)
    bound = Bound(app, "the app never came to rest")
    quiet = 0
    while quiet < 2 and not app.has_left:
        await handled(pilot)
        quiet = quiet + 1 if _is_at_rest(app) else 0
        bound.check()


async def handled(pilot: Pilot[None]) -> None:
    """Wait until the app, the screen and all in it have handled what was posted to them, and lay it out."""
    app = _app_of(pilot)
    bound = Bound(app, "what was posted was never handled")
    turns = 0
    while not (app.has_left or app._exception or all(map(_waits_for_messages, _pumps(app, app.screen)))):
        turns += 1
        await asyncio.sleep(
            0 if turns % 100 else 0.005
        )  # a handler may wait for the server, which needs its threads
        bound.check()
    await asyncio.sleep(0)
    if not app.has_left:
        app.screen._on_timer_update()


_LOCAL = frozenset({"in turns", "unsettled"})
"""The groups of workers that wait for no server: long work between the keys, and what reads receipts."""


def _is_at_rest(app: RestoreApp) -> bool:
    gate, screen = app.gate, app.screen
    if app._going or app._resize_event is not None or gate._delivering is not None or gate._changed.is_set():
        return False
    if screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks:
        return False
    if any(worker.group in _LOCAL and not worker.is_finished for worker in app.workers):
        return False
    return not any(pump.message_queue_size or pump._next_callbacks for pump in _pumps(app, *app.screen_stack))


def _pumps(app: RestoreApp, *screens: Screen[Any]) -> Iterator[MessagePump]:
    yield app
    for screen in screens:
        yield from screen.walk_children(with_self=True)


def _waits_for_messages(pump: MessagePump) -> bool:
    """Whether it is through with all that was posted to it. (To ask each with a message would be most of a test.)"""
    if pump._closing or pump._closed or not pump._task:
        return True
    queue = pump._message_queue
    return queue.empty() and any(not waiter.done() for waiter in queue.ready_event._waiters)  # type: ignore[attr-defined]


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for something that the app does by itself, or that the server has a part in."""
    bound = Bound(_app_of(pilot), "what was waited for never came")
    while not true():
        await handled(pilot)
        await asyncio.sleep(0.005)  # the server needs this process for its threads
        bound.check()


async def ready(pilot: Pilot[None]) -> None:
    """Wait for a step that is loaded: the first screen, or the one that a key leads to."""
    app = _app_of(pilot)
    await until(pilot, lambda: isinstance(app.screen, StepScreen) and app.screen.loaded and app.gate.is_idle)
    await at_rest(pilot)


def _app_of(pilot: Pilot[None]) -> RestoreApp:
    app = pilot.app
    assert isinstance(app, RestoreApp)
    return app


def title(pilot: Pilot[None]) -> str:
    """The title of the step that shows."""
    app = pilot.app
    assert isinstance(app, RestoreApp)
    assert isinstance(app.screen, StepScreen)
    return app.road.step(app.screen.step).title


_FRAMES = str.maketrans(dict.fromkeys("│┃─━╭╮╰╯┏┓┗┛", " "))


def text(pilot: Pilot[None]) -> str:
    """Everything that the terminal shows, as lines of text, without the frames around it."""
    return screen_text(pilot.app)


_BARS = re.compile("[▁-█]")


def flat(pilot: Pilot[None]) -> str:
    """What the terminal shows, with lines that were broken put together and without scroll bars; and as it stands."""
    shown = text(pilot)
    return f"{' '.join(_BARS.sub(' ', shown).split())}\n{shown}"


def screen_text(app: App[None]) -> str:
    """The same, of an app."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.translate(_FRAMES).rstrip() for strip in lines)
