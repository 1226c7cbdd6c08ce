"""What there is on the demo server: data sources, backups with their snapshots, and what is live.

Only data and small moves on it; what a restore makes of it is in ``engine``. Sizes are in bytes, times carry a
zone, snapshot ids are epoch milliseconds. Everything that changes is changed under ``World.lock``.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property

from restore_tui.kinetica.reference import may_have_schema

ObjectKey = tuple[str, str]
"""(object type, name); the name with its schema where the type has one."""

Permission = tuple[str, str]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def schema_of(name: str) -> str:
    """The schema of ``schema.object``; empty for a name without a dot."""
    return name.partition(".")[0] if "." in name else ""


def epoch_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of a moment with a zone, without the rounding of floats."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class DataSource:
    """One row of ``/show/datasource``. ``readable`` is False where the demo user lacks the privilege."""

    name: str
    provider: str
    info: Mapping[str, str]
    readable: bool = True


@dataclass(frozen=True)
class NamedObject:
    """What a backed up and a live object have in common."""

    type: str
    name: str

    @property
    def key(self) -> ObjectKey:
        return (self.type, self.name)

    @property
    def schema(self) -> str:
        """Empty for what lives in none: a user may have a dot in its name."""
        return schema_of(self.name) if may_have_schema(self.type) else ""


@dataclass(frozen=True)
class BackedUpObject(NamedObject):
    """One object as a snapshot holds it.

    ``subscription`` is ``active``, ``paused`` or empty, as it was when the snapshot was made.
    ``damaged_file`` names the file of the object whose bytes no longer match their checksum; ``damage`` is the message
    of a verification about it, empty for the usual one. ``references`` are the tables that its foreign keys point at.
    ``permissions`` are those of a user or role: (permission, the object that it is on, or empty for the whole system).
    """

    records: int = 0
    bytes: int = 0
    files: int = 0
    subscription: str = ""
    damaged_file: str = ""
    damage: str = ""
    references: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """One run of a backup. ``objects`` is all that can be restored from it.

    ``stored_*`` is what this run wrote: of an incremental or differential one only the changes.
    ``ranks`` is the size of the cluster that made it: data files of another size have to be ingested again.
    ``status`` is empty once it is complete, otherwise ``in_progress`` or ``failed``.
    """

    id: int
    kind: str
    taken: datetime
    duration_ms: int
    objects: tuple[BackedUpObject, ...]
    stored_bytes: int = 0
    stored_files: int = 0
    stored_records: int = 0
    comment: str = ""
    ranks: int = 4
    status: str = ""

    @cached_property
    def by_key(self) -> dict[ObjectKey, BackedUpObject]:
        return {thing.key: thing for thing in self.objects}

    @cached_property
    def by_schema(self) -> dict[str, list[BackedUpObject]]:
        """Schema → its objects; those without a schema are in none."""
        schemas: dict[str, list[BackedUpObject]] = {}
        for thing in self.objects:
            if schema := thing.schema:
                schemas.setdefault(schema, []).append(thing)
        return schemas


@dataclass(frozen=True)
class DeletedSnapshot:
    """A snapshot that was removed: its id and its kind are remembered, its contents are gone."""

    id: int
    deleted: datetime
    kind: str


@dataclass
class Backup:
    """A series of snapshots in one data source, oldest first. ``zoned`` is False where times come without a zone."""

    name: str
    datasource: str
    comment: str
    created: datetime
    snapshots: list[Snapshot] = field(default_factory=list)
    deleted: list[DeletedSnapshot] = field(default_factory=list)
    zoned: bool = True
    cluster_id: str = ""
    host_name: str = ""
    host_id: str = ""

    @property
    def newest(self) -> Snapshot | None:
        return max(self.snapshots, key=lambda snapshot: snapshot.id, default=None)

    def snapshot(self, snapshot_id: int) -> Snapshot | None:
        return next((s for s in self.snapshots if s.id == snapshot_id), None)


@dataclass(frozen=True)
class LiveObject(NamedObject):
    """One object of the running database.

    ``origin`` is ``live`` or ``backup@snapshot id``; ``subscription`` is ``active``, ``paused``, ``cancelled`` or
    empty; ``storage`` says how its data got there: ``native``, ``direct`` (files put in place) or ``reingested``.
    ``references`` and ``permissions`` are as in a backup. ``last_write`` is None where nobody has written to it yet.
    """

    records: int = 0
    bytes: int = 0
    origin: str = "live"
    subscription: str = ""
    storage: str = "native"
    references: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    last_write: datetime | None = None


def _feed(name: str) -> DataSource:
    """A live data source that tables are filled from. Of what it reads only the kind is told."""
    if name.endswith("_feed"):
        info = {"location": "kafka://broker1.shop.example:9092", "user_name": ""}
        return DataSource(name, "kafka", {**info, "kafka_topic_name": name.partition(".")[2]})
    return DataSource(
        name, "jdbc", {"location": "jdbc:postgresql://files.shop.example", "user_name": "loader"}
    )


@dataclass
class HistoryRow:
    """One row of ``ki_catalog.ki_backup_history``, under the names of its columns.

    ``job_id`` is 0 for a request that was no background job; ``backup_id`` is None where it never came so far that
    a snapshot was chosen; ``end_time`` is None as long as it runs.
    """

    query_id: str
    backup_name: str
    backup_id: int | None
    operation: str
    objects: str
    user_name: str
    job_id: int
    backup_kind: str
    status: str
    start_time: datetime
    end_time: datetime | None = None
    num_files: int = 0
    num_bytes: int = 0
    num_records: int = 0
    event_message: str = ""
    additional_info: str = ""


@dataclass
class World:
    """The whole state behind the server. Hold ``lock`` to read or change more than one thing of it.

    ``restores`` is the history of restores and dry runs, in the order in which they began. Somebody writes to the
    tables of ``busy_schema``: each time that they are counted there are more records.
    """

    now: datetime
    random: random.Random = field(compare=False)
    datasources: dict[str, DataSource] = field(default_factory=dict)
    backups: dict[tuple[str, str], Backup] = field(default_factory=dict)
    live: dict[ObjectKey, LiveObject] = field(default_factory=dict)
    schemas: set[str] = field(default_factory=set)
    ranks: int = 4
    busy_schema: str = ""
    restores: list[HistoryRow] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def add_live(self, objects: Iterable[LiveObject]) -> None:
        """Put objects into the running database, with the schemas that they need."""
        with self.lock:
            for thing in objects:
                self.live[thing.key] = thing
                if schema := thing.schema:
                    self.schemas.add(schema)

    def drop_schema(self, schema: str) -> None:
        """Somebody's ``DROP SCHEMA … CASCADE``; a schema that is not there is left at that."""
        with self.lock:
            self.schemas.discard(schema)
            for key in [key for key, thing in self.live.items() if thing.schema == schema]:
                del self.live[key]

    def all_datasources(self) -> list[DataSource]:
        """Those that are there to read backups through, and after them those that live in a schema, each by name."""
        with self.lock:
            feeds = sorted(name for kind, name in self.live if kind == "datasource")
            return [self.datasources[name] for name in sorted(self.datasources)] + list(map(_feed, feeds))

    def datasource(self, name: str) -> DataSource | None:
        return next((source for source in self.all_datasources() if source.name == name), None)

    def add_backup(self, backup: Backup) -> Backup:
        with self.lock:
            self.backups[(backup.datasource, backup.name)] = backup
        return backup

    def backup(self, name: str) -> Backup:
        """The first backup of that name, whatever its data source. Raises KeyError for an unknown one."""
        for (_, backup_name), backup in self.backups.items():
            if backup_name == name:
                return backup
        raise KeyError(name)

    def add_snapshot(
        self,
        backup: Backup | str,
        *,
        objects: Iterable[BackedUpObject] | None = None,
        taken: datetime | None = None,
        kind: str = "incremental",
        comment: str = "",
    ) -> Snapshot:
        """A new snapshot appears. By default it holds what the newest one held, made a minute after it or at ``now``.

        Raises KeyError for an unknown backup, ValueError for an id that is taken.
        """
        with self.lock:
            series = self.backup(backup) if isinstance(backup, str) else backup
            last = series.newest
            held = tuple(objects) if objects is not None else (last.objects if last else ())
            moment = taken or max(self.now, last.taken + timedelta(minutes=1) if last else self.now)
            snapshot = Snapshot(
                id=epoch_milliseconds(moment),
                kind=kind,
                taken=moment,
                duration_ms=4_000,
                objects=held,
                stored_bytes=sum(thing.bytes for thing in held),
                stored_files=sum(thing.files for thing in held),
                stored_records=sum(thing.records for thing in held),
                comment=comment,
                ranks=last.ranks if last else self.ranks,
            )
            if series.snapshot(snapshot.id):
                raise ValueError(f"backup {series.name} has a snapshot {snapshot.id} already")
            series.snapshots.append(snapshot)
            return snapshot

    def new_schema_name(self) -> str:
        """A generated ``backup_<UUID>``, drawn from the world's own random, so that a seed gives the same one."""
        with self.lock:
            return f"backup_{uuid.UUID(int=self.random.getrandbits(128), version=4)}"
