"""The history of an object as a chart of text: a column for each snapshot, or for several where there are more.

Every state has a character of its own, so that the chart is read without color; there is one with ASCII only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from restore_tui.find.history import HistoryPoint, ObjectHistory, PointState
from restore_tui.restore.text_format import count, pluralize

_LONG_PAUSE = 3
"""A pause so many times as long as the usual one is drawn as a blank column."""
_NO_BAR = -1


@dataclass(frozen=True)
class Glyphs:
    """The characters of a chart. ``bars`` are the levels of a bar, the lowest first."""

    bars: str
    empty: str
    changes: str
    present: str
    absent: str
    mixed: str
    unreadable: str
    deleted: str
    not_read: str


UNICODE = Glyphs("▁▂▃▄▅▆▇█", "0", "Δ", "●", "·", "◐", "?", "×", "–")
ASCII = Glyphs("123456789", "0", "+", "o", ".", "%", "?", "x", "-")


@dataclass(frozen=True)
class Chart:
    """``bars`` are the lines of the chart, the uppermost first; then come ``axis`` and ``legend``. No line is
    wider than was asked for."""

    bars: tuple[str, ...]
    axis: str
    legend: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.bars, self.axis, *self.legend)


def draw_chart(
    history: ObjectHistory,
    width: int,
    *,
    height: int = 1,
    ascii_only: bool = False,
    changes_as_totals: bool = False,
) -> Chart:
    """The chart of a history, ``width`` columns wide at most, with ``height`` lines of bars. The records of incremental
    and differential snapshots are changes, and have no bar, unless ``changes_as_totals`` draws them as reported."""
    if width < 1 or height < 1:
        raise ValueError("a chart has at least one column and one line")
    glyphs = ASCII if ascii_only else UNICODE
    points = history.points
    columns = _columns(points, width)
    most = max((bar for column in columns if (bar := _bar(column, changes_as_totals)) > 0), default=0)
    cells = [_cells(column, glyphs, most, height, changes_as_totals) for column in columns]
    bars = tuple("".join(cell[line] for cell in cells).rstrip() for line in range(height))
    return Chart(
        bars,
        _axis(points, width, "..." if ascii_only else "…"),
        tuple(_legend(columns, glyphs, most, len(points), changes_as_totals, width)),
    )


def _columns(points: Sequence[HistoryPoint], width: int) -> list[Sequence[HistoryPoint]]:
    """The points of each column. An empty one is a pause; there is none where a column has several points."""
    if len(points) > width:
        bounds = [at * len(points) // width for at in range(width + 1)]
        return [points[start:end] for start, end in pairwise(bounds)]
    columns: list[Sequence[HistoryPoint]] = [[point] for point in points]
    pauses = _long_pauses(points)
    if len(points) + len(pauses) <= width:
        for at in reversed(pauses):
            columns.insert(at, [])
    return columns


def _long_pauses(points: Sequence[HistoryPoint]) -> list[int]:
    """The indexes of the points that come long after the one before."""
    times = [point.place.moment for point in points]
    spans = [
        (at, (after - before).total_seconds())
        for at, (before, after) in enumerate(pairwise(times), 1)
        if before is not None and after is not None
    ]
    if len(spans) < 2:
        return []
    usual = median(span for _, span in spans)
    return [at for at, span in spans if span > _LONG_PAUSE * usual]


def _bar(column: Sequence[HistoryPoint], changes_as_totals: bool) -> int:
    """The records that a column shows: the fewest where one of its snapshots has none, else those of its newest one."""
    numbers = [
        point.records
        for point in column
        if point.records is not None and (changes_as_totals or not point.counts_changes)
    ]
    if not numbers:
        return _NO_BAR
    return 0 if 0 in numbers else numbers[-1]


def _state(column: Sequence[HistoryPoint], changes_as_totals: bool) -> str:
    """The name of the glyph that a column shows; ``bars`` for a bar. What must not be overlooked comes first."""
    states = {point.state for point in column}
    if not states:
        return ""
    if PointState.UNREADABLE in states:
        return "unreadable"
    if PointState.PRESENT in states:
        if PointState.ABSENT in states:
            return "mixed"
        bar = _bar(column, changes_as_totals)
        if bar == 0:
            return "empty"
        if bar > 0:
            return "bars"
        present = [point for point in column if point.state is PointState.PRESENT]
        return "changes" if any(point.counts_changes for point in present) else "present"
    if PointState.ABSENT in states:
        return "absent"
    return "not_read" if PointState.NOT_READ in states else "deleted"


def _cells(
    column: Sequence[HistoryPoint], glyphs: Glyphs, most: int, height: int, changes_as_totals: bool
) -> list[str]:
    """The characters of one column, the uppermost first."""
    state = _state(column, changes_as_totals)
    if state != "bars":
        return [" "] * (height - 1) + [getattr(glyphs, state) if state else " "]
    levels = len(glyphs.bars)
    filled = max(1, -(-_bar(column, changes_as_totals) * levels * height // most))
    cells = []
    for line in range(height):  # from the ground up
        level = min(levels, filled - line * levels)
        cells.append(glyphs.bars[level - 1] if level > 0 else " ")
    return cells[::-1]


def _axis(points: Sequence[HistoryPoint], width: int, ellipsis: str) -> str:
    """The first and the last time, as far as there is room; the last one alone where there is not."""
    if not points:
        return "no snapshots"[:width]
    first, last = points[0].place.time_text, points[-1].place.time_text
    if len(points) == 1 or first == last:
        return last[:width]
    line = f"{first} {ellipsis} {last}"
    return line if len(line) <= width else f"{ellipsis} {last}"[:width]


def _legend(
    columns: Sequence[Sequence[HistoryPoint]],
    glyphs: Glyphs,
    most: int,
    snapshots: int,
    changes_as_totals: bool,
    width: int,
) -> Iterator[str]:
    """What the characters in the chart mean, those that it has, in lines of at most ``width`` columns."""
    states = {_state(column, changes_as_totals) for column in columns}
    meanings = {
        "bars": f"records, at most {count(most)}",
        "empty": "no records",
        "changes": "count of changes only",
        "present": "present",
        "absent": "absent",
        "mixed": "in some, not in others",
        "unreadable": "unreadable",
        "deleted": "snapshot deleted",
        "not_read": "not read",
    }
    parts = [
        f"{'-'.join(sorted({glyphs.bars[0], glyphs.bars[-1]})) if name == 'bars' else getattr(glyphs, name)} {meaning}"
        for name, meaning in meanings.items()
        if name in states
    ]
    if "" in states:
        parts.append("blank: a long pause")
    if snapshots > len(columns):
        parts.append(f"{pluralize(snapshots, 'snapshot')}, several to a column")
    line = ""
    for part in parts:
        if line and len(line) + len(part) + 2 > width:
            yield line
            line = ""
        line = f"{line}  {part}" if line else part[:width]
    if line:
        yield line
