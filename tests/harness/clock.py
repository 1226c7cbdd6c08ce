"""The one clock of the tests: it moves only when a test, or a pause, moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc)


class FakeClock:
    """A ``Clock`` that starts at ``start``.

    A pause is over at once, and the clock moves by it. With ``pauses_move=False`` it does not move, and the pause takes
    a hundredth of a second: for an app, whose server needs this process for its threads.
    """

    def __init__(self, start: datetime = NOW, *, pauses_move: bool = True) -> None:
        self.time = start
        self.seconds = 0.0
        self.pauses: list[float] = []
        """The seconds of each pause so far."""
        self.at_pause: Callable[[], object] = lambda: None
        """Called at the beginning of each pause."""
        self._pauses_move = pauses_move

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at_pause()
        if self._pauses_move:
            self.let_pass(seconds=seconds)
        await asyncio.sleep(0 if self._pauses_move else 0.01)

    def let_pass(self, **span: float) -> None:
        """Move it, by the arguments of ``timedelta``."""
        self.time += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()
