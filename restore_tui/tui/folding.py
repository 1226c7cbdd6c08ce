"""What is said above a list gives way to its rows: notes fold into one line that names the key that shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from restore_tui.restore.text_format import cell_width, pluralize

LEAST_ROWS = 4
"""Rows that a list keeps, whatever is said above it."""
LIST_HEADER, FILTER_ROWS = 1, 2
"""Rows of a list that are no rows of its items: the titles of the columns; the filter and its counts."""
FIXED = 100
"""The rank of a note that does not fold."""


@dataclass(frozen=True)
class Note:
    """Something to be said, in lines of its own. Notes of a low ``rank`` fold first. Of a folded one ``short`` stays;
    of several with the same ``counted`` noun their number: ``! 2 warnings``."""

    content: Content
    short: str = ""
    counted: str = ""
    rank: int = FIXED
    style: str = ""
    """Of the line that it is folded into; that of the highest rank counts."""

    def height(self, width: int) -> int:
        """Rows in so many columns."""
        return len(self.content.wrap(width))


def fold(notes: Sequence[Note], rows: int, width: int, key: str) -> tuple[Content, tuple[Note, ...]]:
    """Return what is shown of the notes in so many rows and columns, and those that are folded, which ``key`` shows.
    Those that do not fold may take more."""
    notes = [note for note in notes if note.content]
    heights = [note.height(width) for note in notes]
    needed, hidden = sum(heights), 0
    order = sorted(
        (at for at, note in enumerate(notes) if note.rank < FIXED), key=lambda at: (notes[at].rank, -at)
    )
    while hidden < len(order) and needed + bool(hidden) > rows:
        needed -= heights[order[hidden]]
        hidden += 1
    gone = set(order[:hidden])
    folded = tuple(note for at, note in enumerate(notes) if at in gone)
    shown = [note.content for at, note in enumerate(notes) if at not in gone]
    if folded:
        shown.append(_folded_line(folded, width, key))
    return Content("\n").join(shown), folded


def _folded_line(folded: Sequence[Note], width: int, key: str) -> Content:
    first = max(folded, key=lambda note: note.rank)
    counts = Counter(note.counted for note in folded)
    ordered = sorted(folded, key=lambda note: -note.rank)
    shorts = dict.fromkeys(
        f"! {pluralize(counts[note.counted], note.counted)}" if note.counted else note.short
        for note in ordered
    )
    parts = [*shorts]
    while len(parts) > 1 and cell_width(_joined(parts, len(shorts), key)) > width:
        parts.pop()
    return Content.styled(_joined(parts, len(shorts), key), first.style)


def _joined(parts: Sequence[str], of: int, key: str) -> str:
    more = [f"{of - len(parts)} more"] if len(parts) < of else []
    return " · ".join([*parts, *more, key])
