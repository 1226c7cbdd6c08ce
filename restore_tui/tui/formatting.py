"""Numbers and times as the screens write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import UNKNOWN, age, count, elapsed, format_timestamp, pluralize, size

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot
    from restore_tui.kinetica.object_columns import Amount

__all__ = [
    "UNKNOWN",
    "age",
    "amount",
    "changes",
    "count",
    "elapsed",
    "fit_time",
    "impossible",
    "path",
    "pluralize",
    "size",
    "snapshot_age",
    "snapshot_time",
    "time_width",
    "unread_entries",
]

_SHOWN_UNREAD = 3
_SHORTEST_TIME, _LONGEST_TIME = 20, 25
_FRACTION = re.compile(r"(\d:\d\d:\d\d)[.,]\d+")
_SECONDS = re.compile(r"(\d:\d\d):\d\d(?!\d)")


def path(place: Path) -> str:
    """With ``~`` for the home folder."""
    try:
        return str(Path("~") / place.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or no home is known
        return str(place)


def unread_entries(unread: Sequence[Mapping[str, str]]) -> list[str]:
    """The first of the entries of a list in which nothing was recognized, as the server sent them, a line each."""
    return [sanitize(dict(entry), 200) for entry in unread[:_SHOWN_UNREAD]]


def snapshot_time(snapshot: Snapshot) -> str:
    """With its zone; a time without one is shown as it came."""
    return format_timestamp(snapshot.time) if snapshot.time else sanitize(snapshot.time_text, 40) or UNKNOWN


def snapshot_age(snapshot: Snapshot, now: datetime) -> str:
    """Empty where the server gave no zone: guessing one would be hours off."""
    return age(snapshot.time, now) if snapshot.time else ""


def fit_time(text: str, width: int) -> str:
    """A time in at most so many characters: the fraction of its seconds is dropped, then the seconds. What is still
    longer is cut at its end, never in the middle: it would read as another time."""
    for dropped in (_FRACTION, _SECONDS):
        if len(text) > width:
            text = dropped.sub(r"\1", text)
    return text if len(text) <= width else text[: width - 1] + "…"


def time_width(snapshots: Iterable[Snapshot]) -> int:
    """How wide a column has to be for the times of these, within bounds."""
    widths = (len(fit_time(snapshot_time(snapshot), _SHORTEST_TIME + 3)) for snapshot in snapshots)
    return min(max(max(widths, default=0), _SHORTEST_TIME), _LONGEST_TIME)


def impossible(received: Mapping[str, str], fact: str) -> str:
    """A number that cannot be true, as received and marked as such; empty where there is none."""
    return f"! {sanitize(received[fact], 40)}" if fact in received else ""


def amount(number: Amount, write: Callable[[int | None], str]) -> str:
    """A number with what is to be said of it: ``≥`` of a sum that leaves out what is unknown."""
    if number.is_impossible:
        return "! invalid"
    return (
        f"≥{write(number.value)}" if number.is_partial and number.value is not None else write(number.value)
    )


def changes(snapshot: Snapshot, fact: str, number: int | None, write: Callable[[int | None], str]) -> str:
    """A number of a snapshot: ``Δ`` where it counts what changed, not all that the snapshot restores."""
    wrong = impossible(snapshot.impossible, fact)
    if wrong or number is None:
        return wrong or write(number)
    return f"Δ{write(number)}" if snapshot.counts_changes else write(number)
