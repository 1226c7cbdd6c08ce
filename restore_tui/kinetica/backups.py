"""Data sources, backups and snapshots, read from maps whose keys nobody documents.

What no spelling in ``lenient.ALIASES`` fits is kept in ``raw`` and shown under its own name; entries in which no
name is recognized are kept whole. Standard library only: screens use these without loading pydantic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from functools import cached_property
from typing import NamedTuple, TypeVar, overload

from restore_tui.kinetica.responses.lenient import parse_int

Item = TypeVar("Item")
Raw = Mapping[str, str]
_EPOCH_UNITS = {9: 1, 10: 1, 12: 1000, 13: 1000}  # digits → per second
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Listed(Sequence[Item]):
    """What one read lists. ``unread`` are the entries in which no name was recognized, as received; ``words`` is what
    the server adds to the list in its message and its info; ``reported`` is how many it says there are, if it does."""

    items: tuple[Item, ...] = ()
    unread: tuple[Raw, ...] = ()
    words: str = ""
    reported: int | None = None

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)


def moment(text: str | None) -> datetime | None:
    """A time with a zone, or epoch milliseconds or seconds. None for a time without a zone: it is shown as
    it came, because guessing its zone would move it by hours."""
    if not text:
        return None
    stripped = text.strip()
    if stripped.isdecimal():
        # Other lengths are no epoch: 20261122 and 20261122031500 are times without a zone.
        if len(stripped) not in _EPOCH_UNITS:
            return None
        return datetime.fromtimestamp(int(stripped) / _EPOCH_UNITS[len(stripped)], timezone.utc)
    try:
        parsed = datetime.fromisoformat(stripped[:-1] + "+00:00" if stripped.endswith("Z") else stripped)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


class DataSource(NamedTuple):
    """One row of ``/show/datasource``; ``raw`` is its additional_info."""

    name: str
    provider: str
    raw: Raw

    @property
    def location(self) -> str:
        """Where it points, as far as the server tells: its location, and the bucket in it."""
        keys = ("location", "s3_bucket_name", "azure_container_name", "container_name", "gcs_bucket_name")
        return " ".join(dict.fromkeys(self.raw[key] for key in keys if self.raw.get(key)))


class State(Enum):
    """Whether a snapshot is whole, as far as its status says."""

    UNKNOWN = ""
    COMPLETE = "complete"
    IN_PROGRESS = "in progress"
    FAILED = "failed"


_STATES = (
    (State.FAILED, re.compile(r"fail|error|abort|cancel|partial|incomplete|corrupt|damage")),
    (State.IN_PROGRESS, re.compile(r"progress|running|start|pending|queue|creating")),
    (State.COMPLETE, re.compile(r"complete|success|done|ok\b|ready|available|finished")),
)


def state_of(words: str) -> State:
    """What the words of a status mean. They are not documented: one that fits nothing says nothing."""
    lowered = words.lower()
    return next((state for state, pattern in _STATES if pattern.search(lowered)), State.UNKNOWN)


@dataclass(frozen=True)
class Snapshot:
    """One snapshot of a backup. ``id`` is a string of digits: longer than 32 bits, never a float. ``impossible`` has
    the numbers that cannot be true, as received."""

    id: str
    kind: str = ""
    time_text: str = ""
    time: datetime | None = None
    size: int | None = None
    files: int | None = None
    records: int | None = None
    objects: int | None = None
    comment: str = ""
    deleted: bool = False
    state: State = State.UNKNOWN
    impossible: Mapping[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Whether nothing speaks against restoring from it."""
        return not self.deleted and self.state not in (State.IN_PROGRESS, State.FAILED)

    @property
    def is_full(self) -> bool:
        """Whether the server says that it holds everything."""
        return self.kind.strip().lower() == "full"

    @property
    def is_differential(self) -> bool:
        """Whether it holds what changed since the last full one."""
        return self.kind.strip().lower() == "differential"

    @property
    def counts_changes(self) -> bool:
        """Whether its sizes and records are those of what changed, not of all that it restores: then it also needs the
        snapshots that it is based on."""
        return self.is_differential or self.kind.strip().lower() == "incremental"


@dataclass(frozen=True)
class Backup:
    """One backup. ``snapshots`` are those that the listing told, newest first; ``snapshot_count`` may be
    known where they are not, and ``reported`` is how many the server says there are. ``size_is_partial``: it is the sum
    of some of the snapshots, because the size of others is unknown."""

    name: str
    size: int | None = None
    size_is_partial: bool = False
    comment: str = ""
    snapshot_count: int | None = None
    reported: int | None = None
    snapshots: tuple[Snapshot, ...] = ()
    impossible: Mapping[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)

    @cached_property
    def newest(self) -> Snapshot | None:
        return newest_of(self.snapshots)


def newest_of(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    """The most recent snapshot that can be used: by time where all of them have one, else by id. Where none can be
    used, the first that is not deleted."""
    usable = [snapshot for snapshot in snapshots if snapshot.is_usable]
    if usable and all(snapshot.time for snapshot in usable):
        return max(usable, key=lambda snapshot: snapshot.time or _LONG_AGO)
    return max(usable, key=age_key, default=None) or next((s for s in snapshots if not s.deleted), None)


def out_of_order(snapshots: Iterable[Snapshot]) -> Mapping[str, str]:
    """The ids that contradict the times: id → the id of a snapshot that is newer by one and older by the other. Which
    snapshot is newest is not known then."""
    known = (s for s in snapshots if s.time and not s.deleted and id_number(s.id) is not None)
    by_id = sorted(known, key=age_key)
    found: dict[str, str] = {}
    for ordered, is_earlier in ((by_id, False), (by_id[::-1], True)):
        extreme: Snapshot | None = (
            None  # the latest of those with lower ids, then the earliest of those with higher ones
        )
        for snapshot in ordered:
            time = snapshot.time or _LONG_AGO
            bound = extreme.time if extreme is not None else None
            if extreme is None or bound is None or ((time < bound) if is_earlier else (time > bound)):
                extreme = snapshot
            elif time != bound:
                found.setdefault(snapshot.id, extreme.id)
    return found


class MissingBase(NamedTuple):
    """Why an incremental or differential snapshot may not be restorable: ``deleted`` are ids that it is based on and
    that are deleted, the last three at most. Empty where no complete full snapshot before it is listed."""

    deleted: tuple[str, ...] = ()


_NAMED_BASES = 3


def missing_bases(snapshots: Sequence[Snapshot]) -> Mapping[str, MissingBase]:
    """Id → what it lacks, of the snapshots that are not deleted. A differential one needs the full one before it, an
    incremental one all since then as well. A deleted one of unknown type may be either. A full one that failed, or is
    still being taken, is no base."""
    found: dict[str, MissingBase] = {}
    has_full = False
    for_differential: list[str] = []
    for_incremental: list[str] = []
    for snapshot in reversed(newest_first(snapshots)):
        if snapshot.counts_changes and not snapshot.deleted:
            deleted = for_differential if snapshot.is_differential else for_incremental
            if deleted or not has_full:
                found[snapshot.id] = MissingBase(tuple(deleted[-_NAMED_BASES:]) if has_full else ())
        if snapshot.is_full and snapshot.state not in (State.FAILED, State.IN_PROGRESS):
            has_full, for_differential, for_incremental = True, [], []
        if snapshot.deleted:
            for_incremental.append(snapshot.id)
            if not snapshot.counts_changes:
                for_differential.append(snapshot.id)
    return found


def id_number(snapshot_id: str) -> int | None:
    """An id as a number; None for one that has anything but digits: 1e9 is text, not a billion."""
    return parse_int(snapshot_id) if snapshot_id.isdecimal() else None


def ids_are_numbers(snapshots: Iterable[Snapshot]) -> bool:
    """Whether the ids count up. Others say nothing about the age."""
    return all(id_number(snapshot.id) is not None for snapshot in snapshots)


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [n for n in numbers if n is not None]
    return sum(known) if known else None


def newest_first(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Newest first: by their ids, which count up; where they are no numbers, by their times, if all have one."""
    alive = [s for s in snapshots if not s.deleted]
    if ids_are_numbers(alive) or not all(s.time for s in alive):
        return sorted(snapshots, key=age_key, reverse=True)
    return sorted(snapshots, key=lambda s: (s.time or _LONG_AGO, s.id), reverse=True)


def age_key(snapshot: Snapshot) -> tuple[int, str]:
    """Sorts snapshots by age, the newest last: their ids count up."""
    return (-1 if (number := id_number(snapshot.id)) is None else number, snapshot.id)
