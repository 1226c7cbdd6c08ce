"""From the shop's stock of today to what a snapshot of an earlier day held."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from restore_tui.demo.model import BackedUpObject, Backup, LiveObject, Snapshot, World, epoch_milliseconds
from restore_tui.demo.seed.stock import PERMISSIONS, Stock, TableSpec

BYTES_PER_FILE = 256 * 1024 * 1024
BYTES_PER_SECOND = 180 * 1000 * 1000

CLUSTER_ID = "kin-shop-1"
HOST_NAME = "kinetica-shop-01"


class Series:
    """A backup in the making, ``days`` ago: adds snapshots, oldest first, and works out what each of them wrote."""

    def __init__(
        self, world: World, name: str, datasource: str, comment: str, *, ranks: int = 4, days: int = 400
    ):
        self.world = world
        self.ranks = ranks
        self.backup = Backup(
            name=name,
            datasource=datasource,
            comment=comment,
            created=world.now - timedelta(days=days),
            cluster_id=CLUSTER_ID,
            host_name=HOST_NAME,
            host_id=str(uuid.UUID(int=world.random.getrandbits(128), version=4)),
        )
        self._last_full: Snapshot | None = None

    def add(
        self,
        kind: str,
        moment: datetime,
        held: Stock,
        *,
        comment: str = "",
        ddl_only: bool = False,
        damaged: str = "",
    ) -> None:
        """A snapshot of the stock as it was at that moment."""
        objects = self.objects_at(moment, held, ddl_only=ddl_only, damaged=damaged)
        self.add_objects(kind, moment, objects, comment=comment)

    def objects_at(
        self, moment: datetime, held: Stock, *, ddl_only: bool = False, damaged: str = ""
    ) -> tuple[BackedUpObject, ...]:
        """Return what a snapshot of the stock at that moment holds."""
        age = (self.world.now - moment) / timedelta(days=1)
        return tuple(_objects(held, age, ddl_only=ddl_only, damaged=damaged))

    def add_objects(
        self,
        kind: str,
        moment: datetime,
        objects: tuple[BackedUpObject, ...],
        *,
        comment: str = "",
        status: str = "",
    ) -> None:
        """A snapshot of these objects. ``status`` is that of a snapshot that is not complete."""
        share = self._written_share(kind, moment)
        stored = round(sum(thing.bytes for thing in objects) * share)
        took = 900 + stored * 1000 // BYTES_PER_SECOND + self.world.random.randrange(800)
        snapshot = Snapshot(
            id=epoch_milliseconds(moment),
            kind=kind,
            taken=moment,
            duration_ms=(self.world.now - moment) // timedelta(milliseconds=1)
            if status == "in_progress"
            else took,
            objects=objects,
            stored_bytes=stored,
            stored_files=round(sum(thing.files for thing in objects) * (share + 1) / 2),
            stored_records=round(sum(thing.records for thing in objects) * share),
            comment=comment,
            ranks=self.ranks,
            status=status,
        )
        if kind == "full" and not status:
            self._last_full = snapshot
        self.backup.snapshots.append(snapshot)

    def _written_share(self, kind: str, moment: datetime) -> float:
        """The part of the data that a run writes: all, what changed since the last run, or since the last full one."""
        if kind == "full" or self._last_full is None:
            return 1.0
        since = self._last_full if kind == "differential" else self.backup.snapshots[-1]
        days = (moment - since.taken) / timedelta(days=1)
        return min(0.9, days * self.world.random.uniform(0.006, 0.009))


def live_objects(held: Stock, names: frozenset[str], now: datetime) -> Iterator[LiveObject]:
    """Those of the stock that are live, as they are today. Each table was written to ten minutes ago."""
    for spec in held.tables:
        if spec.name in names:
            yield LiveObject(
                "table",
                spec.name,
                spec.records_at(0),
                spec.records_at(0) * spec.width,
                subscription=spec.subscription,
                references=spec.references,
                last_write=now - timedelta(minutes=10),
            )
    for kind, name in held.others:
        if name in names:
            yield LiveObject(kind, name, permissions=PERMISSIONS.get(name, ()))


def _objects(held: Stock, age: float, *, ddl_only: bool, damaged: str) -> Iterator[BackedUpObject]:
    for spec in held.tables:
        if spec.gone <= age <= spec.days:
            yield _table(spec, age, ddl_only=ddl_only, damaged=spec.name == damaged)
    for kind, name in held.others:
        yield BackedUpObject(kind, name, permissions=PERMISSIONS.get(name, ()))


def _table(spec: TableSpec, age: float, *, ddl_only: bool, damaged: bool) -> BackedUpObject:
    records = 0 if ddl_only else spec.records_at(age)
    size = records * spec.width
    return BackedUpObject(
        "table",
        spec.name,
        records=records,
        bytes=size,
        files=-(-size // BYTES_PER_FILE) if size else 0,
        subscription=spec.subscription,
        references=spec.references,
        damaged_file=f"{spec.name}/0000.kdat" if damaged else "",
    )
