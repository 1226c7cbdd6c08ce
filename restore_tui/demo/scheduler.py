"""Time, where work or an answer has to wait for it: the real one, and one that a test moves by hand.

What waits says *when* it wants to be called, instead of sleeping. So a test can let an hour pass in an instant, and
everything that was due in it has happened, in order, when ``let_pass`` returns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

TOLERANCE = 1e-9
"""Seconds. Pieces of time that add up to a whole must reach it, although floats may miss it by a hair."""

TakeBack = Callable[[], None]
"""Undoes an ``at`` whose moment has not come; later it does nothing."""


class Scheduler(Protocol):
    """Seconds since some start of its own, and calls at a moment of it."""

    def now(self) -> float: ...

    def at(self, moment: float, act: Callable[[], None]) -> TakeBack:
        """Call ``act`` once, from a thread that is not said, when ``now()`` has reached ``moment``."""
        ...


class RealScheduler:
    """The clock of the machine; each call that is waited for has a thread of its own."""

    def now(self) -> float:
        return time.monotonic()

    def at(self, moment: float, act: Callable[[], None]) -> TakeBack:
        timer = threading.Timer(max(0.0, moment - self.now()), act)
        timer.daemon = True
        timer.start()
        return timer.cancel


@dataclass(eq=False)
class _Due:
    moment: float
    number: int
    act: Callable[[], None] = field(repr=False)


class ManualScheduler:
    """Stands still until a test lets time pass."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[_Due] = []
        self._numbers = count()
        self._changed = threading.Condition()

    def now(self) -> float:
        with self._changed:
            return self._now

    @property
    def waiting(self) -> int:
        """How many calls wait for their moment."""
        with self._changed:
            return len(self._due)

    def at(self, moment: float, act: Callable[[], None]) -> TakeBack:
        due = _Due(moment, next(self._numbers), act)
        with self._changed:
            passed = moment <= self._now + TOLERANCE
            if not passed:
                self._due.append(due)
                self._changed.notify_all()
        if passed:
            act()
        return lambda: self._take_back(due)

    def let_pass(self, seconds: float) -> None:
        """Move on, and make every call that is due on the way, in its order, in this thread."""
        with self._changed:
            end = self._now + seconds
        while due := self._next_until(end):
            due.act()
        with self._changed:
            self._now = end

    def until_waiting(self, number: int = 1, timeout: float = 10.0) -> None:
        """Return as soon as so many calls wait for their moment. Raises TimeoutError after real seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._due) >= number, timeout):
                raise TimeoutError(f"{len(self._due)} calls wait for their moment, not {number}")

    def _next_until(self, end: float) -> _Due | None:
        with self._changed:
            ripe = [due for due in self._due if due.moment <= end + TOLERANCE]
            if not ripe:
                return None
            first = min(ripe, key=lambda due: (due.moment, due.number))
            self._due.remove(first)
            self._now = max(self._now, min(first.moment, end))
            return first

    def _take_back(self, due: _Due) -> None:
        with self._changed:
            if due in self._due:
                self._due.remove(due)


class Pauses:
    """Where connections wait for a moment. Closing it ends every wait: no thread outlives its server."""

    def __init__(self, scheduler: Scheduler):
        self._scheduler = scheduler
        self._bells: set[threading.Event] = set()
        self._lock = threading.Lock()
        self._closed = False

    def until(self, moment: float) -> bool:
        """Wait until then. False: it was closed, the wait was cut short."""
        bell = threading.Event()
        with self._lock:
            if self._closed:
                return False
            if moment <= self._scheduler.now() + TOLERANCE:
                return True
            self._bells.add(bell)
            take_back = self._scheduler.at(moment, bell.set)
        bell.wait()
        take_back()
        with self._lock:
            self._bells.discard(bell)
            return not self._closed

    def open(self) -> None:
        with self._lock:
            self._closed = False

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for bell in self._bells:
                bell.set()
