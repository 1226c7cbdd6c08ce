"""What a search finds: objects in snapshots, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import NamedTuple

from restore_tui.kinetica.backups import MissingBase, Snapshot, State, age_key, moment
from restore_tui.kinetica.reference import TYPE_NAMES
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import UNKNOWN, count, format_timestamp, size

Key = tuple[str, str]
"""(object type, full name); of a whole schema the type is ``all``."""

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def in_utc(time: datetime) -> datetime:
    """The same moment in UTC; one at the very edge of the calendar, which a server can send, stays as it is."""
    try:
        return time.astimezone(timezone.utc)
    except OverflowError:
        return time


class BackupKey(NamedTuple):
    """A backup, and the data source that it is read through."""

    data_source: str
    backup: str


@dataclass(frozen=True, eq=False)
class Place:
    """One snapshot of a backup. ``problem`` is why nothing, or not all, may be restorable from it; empty where nothing
    speaks against it."""

    backup_key: BackupKey
    snapshot: Snapshot
    problem: str = ""

    @property
    def data_source(self) -> str:
        return self.backup_key.data_source

    @property
    def backup(self) -> str:
        return self.backup_key.backup

    @property
    def snapshot_id(self) -> str:
        return self.snapshot.id

    @property
    def is_complete(self) -> bool:
        """Not failed, not in progress, not deleted, and the snapshots that it is based on are listed."""
        return not self.problem

    @property
    def moment(self) -> datetime | None:
        """When it was taken, in UTC: by its time, or where that has no zone by its id, which looks like one."""
        taken = self.snapshot.time or moment(self.snapshot.id)
        return in_utc(taken) if taken is not None else None

    @property
    def time_text(self) -> str:
        """``2026-11-25 07:00 UTC``; the id where no time is known."""
        taken = self.moment
        return format_timestamp(taken) if taken is not None else sanitize(self.snapshot_id, 40)

    @cached_property
    def age_order(self) -> tuple[datetime, tuple[int, str]]:
        """Sorts snapshots of all backups by age, the newest last. Those of which it is not known come first."""
        return (self.moment or _LONG_AGO, age_key(self.snapshot))


def problem_of(snapshot: Snapshot, missing: MissingBase | None) -> str:
    """Why a snapshot may not be restorable, in a few words; empty where nothing speaks against it."""
    if snapshot.deleted:
        return "deleted"
    if snapshot.state in (State.FAILED, State.IN_PROGRESS):
        return str(snapshot.state.value)
    if missing is None:
        return ""
    return "base deleted" if missing.deleted else "base not listed"


@dataclass(frozen=True)
class Match:
    """One object in one snapshot. ``size`` (bytes) and ``records`` are as the snapshot lists them: of an incremental or
    differential one they count what changed, see ``counts_changes``. ``patterns`` are the indexes of the patterns of
    the query that it matches."""

    place: Place
    type: str
    name: str
    size: int | None
    records: int | None
    patterns: tuple[int, ...] = (0,)

    @property
    def key(self) -> Key:
        return (self.type, self.name)

    @property
    def counts_changes(self) -> bool:
        """Whether size and records are to be read as changes (Δ): whether those of an incremental snapshot are totals
        is not documented."""
        return self.place.snapshot.counts_changes

    @property
    def is_selectable(self) -> bool:
        """Whether it can stand in a plan. Of a name whose type the server gives in an ambiguous word it cannot."""
        return self.type in TYPE_NAMES

    @property
    def records_text(self) -> str:
        """``5,866,548``, or ``Δ14,000`` where they count changes."""
        return self._marked(self.records, count)

    @property
    def size_text(self) -> str:
        """``1.2 GB``, or ``Δ30.5 MB``, likewise."""
        return self._marked(self.size, size)

    def _marked(self, number: int | None, write: Callable[[int | None], str]) -> str:
        return f"{'Δ' if self.counts_changes and number is not None else ''}{write(number)}"


@dataclass(frozen=True)
class Change:
    """What changed since an older snapshot of the same backup that was read, ``since``. ``records`` and ``size`` are
    differences; None where one of the two numbers is unknown or counts changes. ``appeared``: it was not there."""

    since: Place
    appeared: bool = False
    records: int | None = None
    size: int | None = None

    @property
    def text(self) -> str:
        """``new``, ``−5,866,548``, ``+12``, ``same`` or ``–``."""
        return "new" if self.appeared else difference(self.records)


def difference(number: int | None) -> str:
    """A number of records more or less, with its sign: ``same`` for none, ``–`` for an unknown one."""
    if number is None:
        return UNKNOWN
    if number == 0:
        return "same"
    return f"+{number:,}" if number > 0 else f"\N{MINUS SIGN}{-number:,}"


@dataclass(frozen=True)
class Failure:
    """Something that could not be read: the list of data sources, a data source, a backup or a snapshot. ``what`` is
    ours, ``server_message`` the server's. ``deleted``: the snapshot has been deleted since it was listed."""

    what: str
    server_message: str = ""
    data_source: str = ""
    backup: str = ""
    place: Place | None = None
    deleted: bool = False

    @property
    def text(self) -> str:
        """What happened, with the server's message."""
        return f"{self.what} {self.server_message}".strip()


@dataclass(frozen=True)
class Note:
    """Something to say about a search. ``may_hide``: a name that was not found may be there all the same."""

    text: str
    may_hide: bool = False


Row = Match | Failure


@dataclass(frozen=True)
class SnapshotRead:
    """What came of reading one snapshot: its matches, or why it could not be read. ``unread`` entries of it were not
    recognized. ``patterns`` are those that were looked for in it."""

    place: Place
    matches: dict[Key, Match] = field(default_factory=dict)
    failure: Failure | None = None
    unread: int = 0
    patterns: frozenset[int] = frozenset()
