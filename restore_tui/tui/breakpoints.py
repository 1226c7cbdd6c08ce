"""The sizes of a terminal that the styles tell apart, as classes of a screen."""

from __future__ import annotations

from textual.geometry import Size

SMALLEST = (60, 20)
"""Columns and rows that every screen fits into."""
FULL_WIDTH = 80
"""Columns from which on nothing has to be said shorter."""
WIDE = 110
"""Columns from which on details stand beside a list, and bars beside numbers."""
FULL_HEIGHT = 24
"""Rows from which on nothing has to be left out."""

BY_WIDTH = [(0, "-tiny"), (SMALLEST[0], "-narrow"), (FULL_WIDTH, "-normal"), (WIDE, "-wide")]
BY_HEIGHT = [(0, "-flat"), (SMALLEST[1], "-low"), (FULL_HEIGHT, "-high"), (30, "-tall")]


def is_too_small(size: Size) -> bool:
    """Whether nothing fits into it but a sentence that says so."""
    return size.width < SMALLEST[0] or size.height < SMALLEST[1]


def classes(size: Size) -> tuple[str, str]:
    """The two that Textual gives a screen of this size once it is laid out. A screen that has them from the start is
    not styled and laid out a second time."""
    return _last(BY_WIDTH, size.width), _last(BY_HEIGHT, size.height)


def _last(steps: list[tuple[int, str]], cells: int) -> str:
    return [name for least, name in steps if cells >= least][-1]
