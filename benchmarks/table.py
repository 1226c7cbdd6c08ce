"""One row of what is measured, beside what it is measured against, and how rows are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """``ours`` and ``theirs`` in ``unit``; ``against`` says what ``theirs`` is, which is None where there is nothing to
    compare with. ``wanted`` in words, or empty."""

    what: str
    ours: float
    unit: str
    against: str
    theirs: float | None
    wanted: str

    @property
    def ratio(self) -> float | None:
        """Ours by theirs."""
        return self.ours / self.theirs if self.theirs else None


def number(value: float, unit: str) -> str:
    """``12,345 B``, ``0.042 s``: with three digits where there are no more before the point."""
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f} {unit}"


def print_table(rows: Iterable[Row]) -> None:
    """A line for each row, in columns."""
    lines = [("what", "restore-tui", "against", "", "ratio", "wanted")]
    for row in rows:
        theirs = "" if row.theirs is None else number(row.theirs, row.unit)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
        lines.append((row.what, number(row.ours, row.unit), row.against, theirs, ratio, row.wanted))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    to_the_right = (False, True, False, True, True, False)
    for line in lines:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, to_the_right, strict=True)
        ]
        print("  ".join(cells).rstrip(), flush=True)
