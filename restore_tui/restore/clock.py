"""The time, as something that is handed in: tests and pictures bring their own."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timezone
from typing import Protocol

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux stops CLOCK_MONOTONIC while the machine is suspended; a dry run grows older all the same."""


class Clock(Protocol):
    """``now`` is the time of day with a zone; ``monotonic`` counts seconds, also while the machine is suspended, and is
    never set back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        return time.clock_gettime(_STEADY)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
