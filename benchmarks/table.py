"""What a benchmark hands back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """``ours`` and ``theirs`` are medians in ``unit``; ``theirs`` is None where nothing is measured beside it."""

    what: str
    ours: float
    unit: str
    against: str
    theirs: float | None
    wanted: str
