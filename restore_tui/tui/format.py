"""Numbers and times as the screens write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.text import harmless

UNKNOWN = "–"
_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def size(number: int | None) -> str:
    """``4.1 kB``: decimal, one digit after the point; plain bytes below 1,000."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in _UNITS:
        value /= 1000
        if round(value, 1) < 1000:
            return f"{value:.1f} {unit}"
    return f"{value:,.1f} {_UNITS[-1]}"


def count(number: int | None) -> str:
    """With a comma for thousands."""
    return UNKNOWN if number is None else f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 object``, ``2 objects``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


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


def elapsed(seconds: float) -> str:
    """``42 s``, ``3:07 min``, ``1:02:07 h``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} h"


def absolute(moment: datetime) -> str:
    """With its zone: ``2026-11-23 02:00 UTC``, or ``… +05:30``."""
    offset = moment.strftime("%z")
    zone = "UTC" if offset in ("+0000", "") else f"{offset[:3]}:{offset[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M} {zone}"


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
