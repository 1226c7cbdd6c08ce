"""Data sources, backups, snapshots and their contents, read from maps whose keys nobody documents.

One table of aliases says under which spellings a fact may come. What no spelling fits is kept in ``raw``
and shown under its own name. Standard library only: screens use these without loading pydantic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple

from restore_tui.kinetica.catalogue import TYPE_NAMES, type_of_word
from restore_tui.kinetica.names import schema_of

ALIASES: Mapping[str, tuple[str, ...]] = {
    "backup": ("backup_name", "backup", "name"),
    "id": ("backup_id", "id", "snapshot_id"),
    "kind": ("backup_type", "type", "backup_kind", "kind"),
    "time": (
        "time",
        "timestamp",
        "create_time",
        "created",
        "created_at",
        "start_time",
        "backup_time",
        "date",
    ),
    "duration": ("duration", "duration_ms"),
    "objects": ("objects", "num_objects", "object_count", "total_objects"),
    "size": ("size", "total_bytes", "num_bytes", "bytes", "total_size", "size_bytes"),
    "files": ("files", "num_files", "total_files"),
    "records": ("records", "num_records", "total_records", "record_count"),
    "comment": ("comment", "description", "comments"),
    "snapshots": ("num_snapshots", "snapshots", "snapshot_count", "total_snapshots", "num_backups"),
    "object": ("object_name", "name", "object", "table_name"),
    "object_type": ("object_type", "type", "kind"),
}
"""Fact → the spellings that it may come under, the likeliest first; upper and lower case alike."""


_LONGEST_NUMBER = 30  # int() refuses what is very much longer
_EPOCH_UNITS = {9: 1, 10: 1, 12: 1000, 13: 1000}  # digits → per second


def find(raw: Mapping[str, str], fact: str) -> str | None:
    """What ``raw`` says of a fact under any of its spellings; None where it says nothing."""
    for spelling in ALIASES[fact]:
        if spelling in raw:
            return raw[spelling]
    lowered = {key.lower(): value for key, value in raw.items()}
    for spelling in ALIASES[fact]:
        if spelling in lowered:
            return lowered[spelling]
    return None


def number(raw: Mapping[str, str], fact: str) -> int | None:
    """A count or a number of bytes; None where it is absent or no whole number."""
    text = (find(raw, fact) or "").strip().replace(",", "")
    return int(text) if _is_whole(text) else None


def _is_whole(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_NUMBER


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
    raw: Mapping[str, str]

    @property
    def location(self) -> str:
        """Where it points, as far as the server tells: its location, and the bucket in it."""
        keys = ("location", "s3_bucket_name", "azure_container_name", "container_name", "gcs_bucket_name")
        return " ".join(dict.fromkeys(self.raw[key] for key in keys if self.raw.get(key)))


@dataclass(frozen=True)
class Snapshot:
    """One snapshot of a backup. ``id`` is a string of digits: longer than 32 bits, never a float."""

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
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backup:
    """One backup. ``snapshots`` are those that the listing told, newest first; ``snapshot_count`` may be
    known where they are not."""

    name: str
    size: int | None = None
    comment: str = ""
    snapshot_count: int | None = None
    snapshots: tuple[Snapshot, ...] = ()
    raw: Mapping[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> Snapshot | None:
        return next((s for s in self.snapshots if not s.deleted), None)


class BackedUpObject(NamedTuple):
    """One object in a snapshot; size in bytes and records where the server tells them."""

    type: str
    name: str
    size: int | None
    records: int | None


@dataclass(frozen=True)
class Contents:
    """What a snapshot holds. ``unread`` are the entries in which no object name was recognised."""

    objects: tuple[BackedUpObject, ...] = ()
    unread: tuple[Mapping[str, str], ...] = ()

    def by_type(self) -> dict[str, dict[str, BackedUpObject]]:
        """Type → name → object. ``all`` is made of the schemas that the names carry, with their sums."""
        types: dict[str, dict[str, BackedUpObject]] = {}
        schemas: dict[str, list[BackedUpObject]] = {}
        for item in self.objects:
            types.setdefault(item.type, {})[item.name] = item
            schema = schema_of(item.name)
            if schema is not None:
                schemas.setdefault(schema, []).append(item)
        if schemas:
            types["all"] = {
                schema: BackedUpObject(
                    "all", schema, total(o.size for o in held), total(o.records for o in held)
                )
                for schema, held in sorted(schemas.items())
            }
        return types


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [n for n in numbers if n is not None]
    return sum(known) if known else None


def read_data_sources(
    names: Sequence[str], providers: Sequence[str], infos: Sequence[Mapping[str, str]]
) -> list[DataSource]:
    """Three parallel lists, of which the later two may be shorter."""
    return [
        DataSource(
            name,
            providers[i] if i < len(providers) else "",
            infos[i] if i < len(infos) else {},
        )
        for i, name in enumerate(names)
    ]


def read_snapshot(raw: Mapping[str, str], *, deleted: bool = False) -> Snapshot | None:
    """One map of ``backup_ids``; None where it has no id."""
    snapshot_id = (find(raw, "id") or "").strip()
    if not snapshot_id:
        return None
    time_text = find(raw, "time") or ""
    return Snapshot(
        id=snapshot_id,
        kind=find(raw, "kind") or "",
        time_text=time_text,
        time=moment(time_text),
        size=number(raw, "size"),
        files=number(raw, "files"),
        records=number(raw, "records"),
        objects=number(raw, "objects"),
        comment=find(raw, "comment") or "",
        deleted=deleted,
        raw=raw,
    )


def _spread(raw: Mapping[str, str]) -> list[Mapping[str, str]]:
    """A map of id → text, which a server may send in place of a map per snapshot, as maps with an id."""
    if find(raw, "id") is None and raw and all(key.strip().isdecimal() for key in raw):
        return [{"backup_id": key, "comment": value} for key, value in raw.items()]
    return [raw]


def read_snapshots(
    taken: Iterable[Mapping[str, str]], gone: Iterable[Mapping[str, str]]
) -> tuple[Snapshot, ...]:
    """All snapshots, newest id first; an id that is also listed as deleted counts as deleted."""
    deleted = {s.id: s for raw in gone for m in _spread(raw) if (s := read_snapshot(m, deleted=True))}
    alive = {
        s.id: s for raw in taken for m in _spread(raw) if (s := read_snapshot(m)) and s.id not in deleted
    }
    return tuple(sorted([*alive.values(), *deleted.values()], key=age_key, reverse=True))


def age_key(snapshot: Snapshot) -> tuple[int, str]:
    """Sorts snapshots by age, the newest last: their ids count up."""
    return (int(snapshot.id) if _is_whole(snapshot.id) else -1, snapshot.id)


def read_backups(
    descriptions: Sequence[Mapping[str, str]],
    taken: Sequence[Mapping[str, str]],
    gone: Sequence[Mapping[str, str]],
) -> list[Backup]:
    """The listing of all backups. A snapshot belongs to the backup that its map names; where none is named
    and there is only one backup, to that one."""
    described = {name: raw for raw in descriptions if (name := find(raw, "backup"))}
    only = next(iter(described)) if len(described) == 1 else None

    def owner(raw: Mapping[str, str]) -> str | None:
        return find(raw, "backup") or only

    names = dict.fromkeys([*described, *(o for raw in [*taken, *gone] if (o := owner(raw)))])
    backups = []
    for name in names:
        raw = described.get(name, {})
        snapshots = read_snapshots(
            [m for m in taken if owner(m) == name], [m for m in gone if owner(m) == name]
        )
        alive = [s for s in snapshots if not s.deleted]
        size = number(raw, "size")
        count = number(raw, "snapshots")
        if count is None and (taken or gone):
            count = len(alive)
        backups.append(
            Backup(
                name=name,
                size=size if size is not None else total(s.size for s in alive),
                comment=find(raw, "comment") or "",
                snapshot_count=count,
                snapshots=snapshots,
                raw=raw,
            )
        )
    return backups


def read_contents(entries: Iterable[Mapping[str, str]]) -> Contents:
    """``backup_contents``: a map per object, or maps of object name → type, or of type → names."""
    objects: list[BackedUpObject] = []
    unread: list[Mapping[str, str]] = []
    for raw in entries:
        name, kind = find(raw, "object"), find(raw, "object_type")
        if name and kind:
            objects.append(
                BackedUpObject(type_of_word(kind), name, number(raw, "size"), number(raw, "records"))
            )
        elif raw and all(type_of_word(value) in TYPE_NAMES for value in raw.values()):
            objects.extend(BackedUpObject(type_of_word(v), k, None, None) for k, v in raw.items())
        elif raw and all(type_of_word(key) in TYPE_NAMES for key in raw):
            objects.extend(
                BackedUpObject(type_of_word(key), part.strip(), None, None)
                for key, names in raw.items()
                for part in names.split(",")
                if part.strip()
            )
        elif raw:
            unread.append(raw)
    return Contents(tuple(objects), tuple(unread))
