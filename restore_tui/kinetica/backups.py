"""Data sources, backups and snapshots, read from maps whose keys nobody documents.

What no spelling of ``aliases`` fits is kept in ``raw`` and shown under its own name. Standard library only: screens
use these without loading pydantic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple

from restore_tui.kinetica.aliases import find, number, whole

_EPOCH_UNITS = {9: 1, 10: 1, 12: 1000, 13: 1000}  # digits → per second


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
    return (-1 if (number := whole(snapshot.id)) is None else number, snapshot.id)


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
