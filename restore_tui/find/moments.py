"""Points in time as people type them, and the last snapshot before one.

``2026-11-24 16:20``, ``2026-11-24``, ``16:20``, ``yesterday 18:00``, ``today``; ``90m``, ``3h``, ``2d``, ``1w`` ago. A
time is in the local time zone, or in UTC where it ends in ``Z``, or at an offset such as ``+05:30``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from restore_tui.find.matches import problem_of
from restore_tui.kinetica.backups import Snapshot, missing_bases
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import as_of, format_timestamp, pluralize, short_as_of

EXAMPLES = "2026-11-24 16:20, yesterday 18:00, 3h or 2d; UTC with a Z at the end"
_LOCALTIME = Path("/etc/localtime")
_LONGEST = 40

_AGO = re.compile(r"(\d{1,7})\s*(m|min|h|d|w)(?:\s+ago)?", re.ASCII)
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AT = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|today|yesterday)?"
    r"(?:(?:(?<=\d)t|\s+|^)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?)?"
    r"(?:\s*(?P<zone>z|utc|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)


class MomentError(ValueError):
    """A text that is no point in time; the message says what would be."""


@dataclass(frozen=True)
class TypedMoment:
    """What was typed, as a time in UTC. ``note`` is what to say about it, such as a local time that came twice."""

    time: datetime
    note: str = ""

    @property
    def text(self) -> str:
        """``2026-11-24 15:20 UTC``, with the note behind it."""
        return f"{format_timestamp(self.time)} ({self.note})" if self.note else format_timestamp(self.time)


def parse_moment(text: str, now: datetime, zone: tzinfo) -> TypedMoment:
    """The point in time that ``text`` means to somebody in ``zone`` at ``now``. Raises MomentError."""
    plain = " ".join(text.split()).lower()
    ago = _AGO.fullmatch(plain)
    try:
        if ago is not None:
            return TypedMoment((now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).astimezone(timezone.utc))
        at = _AT.fullmatch(plain)
        if at is not None and (at["day"] or at["hour"]):
            return _at(at, now, zone)
    except (ValueError, OverflowError):
        pass  # a day or a time that does not exist, or one before the year 1
    raise MomentError(f"{sanitize(text, _LONGEST) or 'Nothing'} is no time: type {EXAMPLES}.")


def _at(at: re.Match[str], now: datetime, local: tzinfo) -> TypedMoment:
    zone = local if at["zone"] is None else _zone(at["zone"])
    today = now.astimezone(zone).date()
    day = today if at["day"] in (None, "today") else today - timedelta(days=1)
    if at["day"] not in (None, "today", "yesterday"):
        day = date(*map(int, at["day"].split("-")))
    clock = time(int(at["hour"] or 0), int(at["minute"] or 0), int(at["second"] or 0))
    moment = _in_zone(datetime.combine(day, clock), zone)
    if at["day"] is None and moment.time > now:  # 18:00 in the morning is that of yesterday
        moment = _in_zone(datetime.combine(day - timedelta(days=1), clock), zone)
    if moment.time > now:
        return TypedMoment(moment.time, "; ".join(filter(None, [moment.note, "in the future"])))
    return moment


def _zone(text: str) -> tzinfo:
    if text in ("z", "utc"):
        return timezone.utc
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59:
        raise ValueError("no offset")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _in_zone(naive: datetime, zone: tzinfo) -> TypedMoment:
    """A local time in UTC. Of one that comes twice the first is meant: the safe one for a last good snapshot. One that
    is skipped is as long after the change as it was typed to be."""
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    if first == second:
        return TypedMoment(first)
    typed = f"{naive:%Y-%m-%d %H:%M}"
    if first < second:
        return TypedMoment(
            first, f"{typed} comes twice that day, and the first is taken; the second is {second:%H:%M}Z"
        )
    taken = first.astimezone(zone)
    return TypedMoment(first, f"{typed} is skipped that day as clocks go forward; taken as {taken:%H:%M}")


def local_zone(environ: Mapping[str, str] | None = None) -> tzinfo:
    """The time zone of this machine: of TZ, else of /etc/localtime; as a last resort the offset that is in force."""
    name = (os.environ if environ is None else environ).get("TZ", "").removeprefix(":")
    with suppress(ValueError, OSError, KeyError):
        if name and not name.startswith("/"):
            return ZoneInfo(name)
        with Path(name or _LOCALTIME).open("rb") as file:
            return ZoneInfo.from_file(file, key=name or None)
    return datetime.now(timezone.utc).astimezone().tzinfo or timezone.utc


@dataclass(frozen=True)
class SnapshotBefore:
    """The last complete snapshot at or before a moment, None where there is none. ``skipped`` are those after it that
    are not complete, each with why, newest first; ``untimed`` is how many have no time that can be compared."""

    snapshot: Snapshot | None
    skipped: tuple[tuple[Snapshot, str], ...] = ()
    untimed: int = 0


def jump_text(before: SnapshotBefore, moment: TypedMoment, now: datetime) -> str:
    """What a jump to a moment has found, and what it had to leave out."""
    if before.snapshot is None:
        said = [f"No complete snapshot up to {moment.text}."]
    else:
        which = as_of(before.snapshot, before.snapshot.id, now)
        said = [f"The last complete snapshot up to {moment.text}: {which}."]
    if before.skipped:
        newest, why = before.skipped[0]
        number = len(before.skipped)
        which = f"the newest, {short_as_of(newest, newest.id)}: " if number > 1 else ""
        said.append(f"Skipped: {pluralize(number, 'incomplete snapshot')} ({which}{why}).")
    if before.untimed:
        said.append(f"Skipped: {pluralize(before.untimed, 'snapshot')} whose time has no zone.")
    return " ".join(said)


def last_complete_before(snapshots: Sequence[Snapshot], moment: datetime) -> SnapshotBefore:
    """The last snapshot at or before ``moment`` that is complete: not failed, not in progress, not deleted, and with
    all that it is based on."""
    missing = missing_bases(snapshots)
    timed = [(one.time, one) for one in snapshots if one.time is not None and one.time <= moment]
    timed.sort(key=lambda pair: pair[0], reverse=True)
    skipped: list[tuple[Snapshot, str]] = []
    untimed = sum(one.time is None and not one.deleted for one in snapshots)
    for _, snapshot in timed:
        problem = problem_of(snapshot, missing.get(snapshot.id))
        if not problem:
            return SnapshotBefore(snapshot, tuple(skipped), untimed)
        skipped.append((snapshot, problem))
    return SnapshotBefore(None, tuple(skipped), untimed)
