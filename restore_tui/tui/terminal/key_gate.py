"""The one way that keys take into the app.

Keys are handed on one at a time, each only when the one before has had all of its effects. While a step changes
or loads they wait, and go to the step that they were meant for once it is ready. They are thrown away when
that step is never reached, when Esc is pressed meanwhile, and on arriving at the confirmation.

That works as long as ``App.on_event`` sees every key first, each node has one queue, and what a handler posts is queued
behind it. ``start`` tests this before the first key is handed on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ScreenStackError
from textual.errors import NoWidget
from textual.message_pump import MessagePump

from restore_tui.tui.key_availability import character_of
from restore_tui.tui.terminal._textual_internals import task_of
from restore_tui.tui.terminal.arrivals import Bursts

if TYPE_CHECKING:
    from textual.app import App

    from restore_tui.tui.terminal.input_driver import TerminalInput

ANSWERED_WHILE_LOADING = frozenset({"escape", "f1", "question_mark", "f2"})
"""Of these, a character is one only where no field takes it."""
ALWAYS_ANSWERED = frozenset({"ctrl+q", "ctrl+c", "ctrl+z"})
ALWAYS_CLICKABLE = "-always"
"""The CSS class of what takes a click while a step loads: Back, Stop waiting, and the like."""

# A key makes a widget post a message, whose handler may post another: each round follows one of these.
_SETTLE_ROUNDS = 3

Typed = events.Key | events.Paste


class Hold:
    """A reason why keys wait. ``loading`` lets Esc, F1 and F2 through; without it only leaving is possible."""

    def __init__(self, gate: KeyGate, *, loading: bool) -> None:
        self._gate = gate
        self.loading = loading

    def release(self, *, deliver: bool = True) -> None:
        """Let the keys go on; without ``deliver`` what has waited is thrown away. Twice does nothing more."""
        self._gate._release(self, deliver)


@dataclass
class PendingKey:
    """A key or a paste that waits. It goes to whatever is on top at its turn, unless a dialog was opened past it: then
    it is meant for the screen below, whose depth is ``meant_for``. ``in_burst``: a letter came before it, and
    faster than anybody types."""

    event: Typed
    in_burst: bool
    meant_for: int | None = None


class KeyGate:
    """Made by the app, which asks ``intercept`` about every event before it handles it. ``settled`` is called whenever
    a key has had its effects, nothing holds keys back, and no other waits; ``unreliable`` at the start, with the
    reason, where keys do not take the way that this class relies on."""

    def __init__(
        self,
        app: App[None],
        settled: Callable[[], None],
        unreliable: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self._app = app
        self._settled = settled
        self._unreliable = unreliable
        self._probe: events.Key | None = None
        self._holds: list[Hold] = []
        self._waiting: deque[PendingKey] = deque()
        self._delivering: PendingKey | None = None
        self._bursts = Bursts()
        self._answered = ANSWERED_WHILE_LOADING
        self._blind = False
        self._starting = True
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.thrown_away = 0

    # What the app and the screens call

    def start(self) -> None:
        """Begin to hand on keys, for as long as the app runs."""
        self._app.run_worker(self._deliver(), name="key gate", group="key gate")

    def answer_while_loading(self, keymap: Mapping[str, str]) -> None:
        """Take the keys of help and the request from a keymap: binding ID → keys."""
        keys = f"{keymap['app.help']},{keymap['app.request']}".split(",")
        self._answered = frozenset({"escape", *keys})

    def hold(self, *, loading: bool = False) -> Hold:
        """Make keys wait until ``release``."""
        hold = Hold(self, loading=loading)
        self._holds.append(hold)
        self._note()
        return hold

    def intercept(self, event: events.Event) -> bool:
        """Whether the app must not handle this event now: it waits here, or is thrown away."""
        if isinstance(event, events.MouseDown | events.MouseUp | events.Click):
            return self._keeps_click(event)
        if not isinstance(event, Typed):
            return False
        if event is self._probe:
            self._probe = None
            return True
        if self._delivering is not None and event is self._delivering.event:
            return False
        in_burst = isinstance(event, events.Key) and self._bursts.add(event)
        if self._starting and isinstance(event, events.Key) and event.key == "ctrl+j":
            # Typed before the program had the terminal, which then makes a line feed of Enter.
            event = events.Key("enter", "\r")
        key = event.key if isinstance(event, events.Key) else ""
        if key in ALWAYS_ANSWERED:
            self._retarget_pending()
            return False
        if self._blind:
            return True
        if self._held and self._is_answered(key) and all(hold.loading for hold in self._holds):
            if key == "escape":
                self.discard_pending()
            self._retarget_pending()
            return False
        self._waiting.append(PendingKey(event, in_burst))
        self._note()
        return True

    def discard_pending(self) -> int:
        """Forget what waits. Returns how many keys that were."""
        gone = len(self._waiting)
        self._waiting.clear()
        self.thrown_away += gone
        self._note()
        return gone

    async def discard_type_ahead(self, quiet: float) -> int:
        """Forget what was typed before now, also what is still on its way through the app's queue, until
        nothing has come for ``quiet`` seconds. While a hold is in force. Returns how many keys and clicks that were."""
        start = self.thrown_away
        while True:
            await self._drained(self._app)
            self.discard_pending()
            before = self.thrown_away
            if quiet:
                await asyncio.sleep(quiet)
                await self._drained(self._app)
            self.discard_pending()
            if self.thrown_away == before:
                return before - start

    async def caught_up(self, terminal: TerminalInput | None = None) -> None:
        """Wait until everything that was typed or clicked by now has had its effects, or waits here. ``terminal``
        tells whether bytes are still on their way to the app. Returns without a pause after the last check."""
        while True:
            count = await terminal.settled() if terminal is not None else 0
            await self._settle()
            if terminal is None or terminal.is_settled(count):
                return

    def has_waiting(self, key: str) -> bool:
        """Whether this key waits here."""
        waiting = (pending.event for pending in self._waiting)
        return any(isinstance(event, events.Key) and event.key == key for event in waiting)

    @property
    def delivers_burst(self) -> bool:
        """Whether the key that has its effects now came in a burst with a letter before it, as in a paste."""
        return self._delivering is not None and self._delivering.in_burst

    def set_input_disabled(self, blind: bool) -> None:
        """While the terminal is too small to see what a key would do, no key does anything but leave."""
        self._blind = blind
        if blind:
            self.discard_pending()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held, nothing waits and every key has had its effects."""
        return self._idle.is_set()

    async def idle(self) -> None:
        """Wait until nothing is held, nothing waits and every key has had its effects."""
        await self._idle.wait()

    # Inside

    def _is_answered(self, key: str) -> bool:
        """Whether a key is answered while a step loads; a ``?`` in a field is a letter."""
        if key not in self._answered:
            return False
        focused = self._app.focused
        return focused is None or not focused.check_consume_key(key, character_of(key))

    @property
    def _depth(self) -> int:
        """How many screens are stacked."""
        return len(self._app.screen_stack)

    def _retarget_pending(self) -> None:
        """A key goes past those that wait, and may open a dialog: they stay meant for what is on top now."""
        for pending in self._waiting:
            if pending.meant_for is None:
                pending.meant_for = self._depth

    @property
    def _held(self) -> bool:
        """Holds are those of the step; a dialog on top of it answers all the same."""
        return bool(self._holds) and not self._dialog_open

    @property
    def _dialog_open(self) -> bool:
        return self._depth > 0 and self._app.screen.is_modal

    def _keeps_click(self, event: events.MouseEvent) -> bool:
        if self._blind:
            return True
        if not self._held:
            return False
        try:
            widget, _ = self._app.get_widget_at(event.x, event.y)
        except (NoWidget, ScreenStackError):  # nothing to click on, or a screen that is just being changed
            return True
        if any(node.has_class(ALWAYS_CLICKABLE) for node in widget.ancestors_with_self):
            return False
        self.thrown_away += 1  # a click is never kept for later: something else stands there by then
        return True

    def _release(self, hold: Hold, deliver: bool) -> None:
        if hold in self._holds:
            self._holds.remove(hold)
            self._starting = False
            if not deliver:
                self.discard_pending()
            self._note()

    def _note(self) -> None:
        self._changed.set()
        if self._waiting or self._holds or self._delivering is not None:
            self._idle.clear()
        else:
            self._idle.set()

    def _next(self) -> PendingKey | None:
        """The first key that may go on now. One that was meant for a dialog that is gone is dropped."""
        depth = self._depth
        self._waiting = deque(
            pending for pending in self._waiting if pending.meant_for is None or pending.meant_for <= depth
        )
        if self._held:
            return None
        for index, pending in enumerate(self._waiting):
            if pending.meant_for in (None, depth):
                del self._waiting[index]
                return pending
        return None

    async def _test(self) -> None:
        """Post a key of which nobody else knows: it must be here before what is queued behind it."""
        probe = self._probe = events.Key("restore-tui-probe", None)
        self._app.post_message(probe)
        await self._drained(self._app)
        if self._probe is not None:
            self._unreliable("keys do not pass the key gate")

    async def _deliver(self) -> None:
        await self._test()
        while True:
            pending = self._next()
            if pending is None:
                self._note()
                self._changed.clear()
                await self._changed.wait()
                continue
            self._delivering = pending
            self._app.post_message(pending.event)
            await self._settle()
            self._delivering = None
            self._note()
            if self._idle.is_set():
                self._settled()

    async def _settle(self) -> None:
        """Follow the key through the queues that it and its messages take: app, focus, and up to the app."""
        for _ in range(_SETTLE_ROUNDS):
            await self._drained(self._app)
            start = self._app.focused or self._app.screen
            for node in list(start.ancestors_with_self):
                await self._drained(node)

    async def _drained(self, node: MessagePump) -> None:
        """Wait until ``node`` has handled what is in its queue by now, or is gone."""
        done = asyncio.Event()
        if not node.call_later(done.set):
            return
        if node is self._app:
            await done.wait()  # the app outlives this worker
        elif (task := task_of(node)) is not None:
            arrived = asyncio.ensure_future(done.wait())
            await asyncio.wait({arrived, task}, return_when=asyncio.FIRST_COMPLETED)
            arrived.cancel()
