"""The history of one object: in which snapshots of a backup it is, and with how many records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from restore_tui.find.matches import BackupKey, Key, Place, SnapshotRead


class PointState(str, Enum):
    """What is known of the object in one snapshot."""

    PRESENT = "present"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    DELETED = "deleted"
    NOT_READ = "not read"


@dataclass(frozen=True)
class HistoryPoint:
    """One snapshot. ``records`` where the object is present and they are known; ``counts_changes``: they are changes
    (Δ), not a total."""

    place: Place
    state: PointState
    records: int | None = None
    counts_changes: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened between two snapshots: ``what`` in a few words."""

    what: str
    before: HistoryPoint
    after: HistoryPoint


_LARGE_FACTOR = 5


@dataclass(frozen=True)
class ObjectHistory:
    """``points`` in the order of time, the oldest first."""

    key: Key
    points: tuple[HistoryPoint, ...]

    def events(self) -> list[Event]:
        """What stands out, oldest first: the object appeared, vanished, was emptied, or has five times as many records
        as before or a fifth of them. Only what was read is compared, and of records only totals."""
        found: list[Event] = []
        known = [p for p in self.points if p.state in (PointState.PRESENT, PointState.ABSENT)]
        for before, after in pairwise(known):
            if before.state is not after.state:
                what = "appeared" if after.state is PointState.PRESENT else "gone"
                found.append(Event(what, before, after))
        totals = [p for p in known if p.records is not None and not p.counts_changes]
        for before, after in pairwise(totals):
            what = _jump(before.records or 0, after.records or 0)
            if what:
                found.append(Event(what, before, after))
        order = {id(point): at for at, point in enumerate(self.points)}
        return sorted(found, key=lambda event: order[id(event.after)])


def _jump(before: int, after: int) -> str:
    if before and not after:
        return f"emptied: {before:,} records before"
    if before and after >= before * _LARGE_FACTOR:
        return f"grown from {before:,} to {after:,} records"
    if after and after * _LARGE_FACTOR <= before:
        return f"shrunk from {before:,} to {after:,} records"
    return ""


def history_of(
    key: Key, places: Iterable[Place], reads: Mapping[tuple[BackupKey, str], SnapshotRead]
) -> ObjectHistory:
    """The history of an object in these snapshots, of which some were read."""
    ordered = sorted(places, key=lambda place: place.age_order)
    return ObjectHistory(key, tuple(_point(key, place, reads) for place in ordered))


def _point(key: Key, place: Place, reads: Mapping[tuple[BackupKey, str], SnapshotRead]) -> HistoryPoint:
    read = reads.get((place.backup_key, place.snapshot_id))
    if place.snapshot.deleted or (read is not None and read.failure is not None and read.failure.deleted):
        return HistoryPoint(place, PointState.DELETED)
    if read is None:
        return HistoryPoint(place, PointState.NOT_READ)
    if read.failure is not None:
        return HistoryPoint(place, PointState.UNREADABLE)
    match = read.matches.get(key)
    if match is None:
        return HistoryPoint(place, PointState.ABSENT)
    return HistoryPoint(place, PointState.PRESENT, match.records, match.counts_changes)
