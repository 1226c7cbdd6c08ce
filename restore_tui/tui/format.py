"""Numbers and times as the screens write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.text import harmless
from restore_tui.restore.wording import UNKNOWN, absolute, count, counted, elapsed, size

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot

__all__ = [
    "UNKNOWN",
    "absolute",
    "age",
    "count",
    "counted",
    "duration",
    "elapsed",
    "path",
    "size",
    "snapshot_age",
    "snapshot_time",
]


def age(moment: datetime, now: datetime) -> str:
    """``3 h ago``, rounded down."""
    return f"{duration(now - moment)} ago" if now >= moment else "in the future"


def duration(span: timedelta) -> str:
    """The largest unit alone, but seconds beside minutes."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"


def path(place: Path) -> str:
    """With ``~`` for the home folder."""
    try:
        return str(Path("~") / place.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or no home is known
        return str(place)


def snapshot_time(snapshot: Snapshot) -> str:
    """With its zone; a time without one is shown as it came."""
    return absolute(snapshot.time) if snapshot.time else harmless(snapshot.time_text, 40) or UNKNOWN


def snapshot_age(snapshot: Snapshot, now: datetime) -> str:
    """Empty where the server gave no zone: guessing one would be hours off."""
    return age(snapshot.time, now) if snapshot.time else ""
