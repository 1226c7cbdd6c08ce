"""Small backups to search in, and what a server received."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from restore_tui.demo.model import (
    BackedUpObject,
    Backup,
    DataSource,
    DeletedSnapshot,
    Snapshot,
    World,
    epoch_milliseconds,
)
from restore_tui.demo.protocol import Received, Reply
from restore_tui.demo.server import DemoServer
from restore_tui.find.query import FindQuery, NamePattern
from restore_tui.find.reads import ClientReads
from restore_tui.find.search import Search
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import client

NOW = datetime(2026, 11, 27, 7, 0, tzinfo=timezone.utc)
S3 = "s3"
SHOW = "/show/backup"

Held = Mapping[tuple[str, str], int]
"""(type, name) → records; a table's bytes are ten times as many."""


def empty_world() -> World:
    world = World(now=NOW, random=random.Random(1))
    world.datasources[S3] = DataSource(S3, "s3", {})
    return world


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def snapshot(taken: datetime, held: Held, *, kind: str = "full", status: str = "") -> Snapshot:
    objects = tuple(
        BackedUpObject(type_, name, records=records, bytes=10 * records)
        for (type_, name), records in held.items()
    )
    return Snapshot(epoch_milliseconds(taken), kind, taken, 4_000, objects, status=status)


def add_backup(
    world: World,
    name: str,
    snapshots: Iterable[Snapshot],
    *,
    data_source: str = S3,
    deleted: Iterable[datetime] = (),
    zoned: bool = True,
) -> Backup:
    backup = Backup(name, data_source, "", hours_ago(10_000), zoned=zoned)
    backup.snapshots.extend(sorted(snapshots, key=lambda one: one.id))
    backup.deleted.extend(DeletedSnapshot(epoch_milliseconds(taken), NOW, "incremental") for taken in deleted)
    return world.add_backup(backup)


def table(name: str, records: int = 1) -> dict[tuple[str, str], int]:
    return {("table", name): records}


def demo_client(server: DemoServer) -> KineticaClient:
    return client(server.url, Login(server.user, Secret(server.password)))


def query(*texts: str, exact: bool = False, **more: Any) -> FindQuery:
    return FindQuery(tuple(NamePattern(text, exact) for text in texts), **more)


async def found(server: DemoServer, what: FindQuery, **more: Any) -> Search:
    """A search that has run to its end."""
    async with demo_client(server) as reads:
        search = Search(ClientReads(reads), what, FakeClock(), **more)
        await search.run()
    return search


def read_ids(server: DemoServer) -> list[str]:
    """The snapshots whose contents were requested, in order."""
    return [
        options["backup_id"]
        for received in server.received(SHOW)
        if (options := received.json()["options"])["show_contents"] == "object_names"
    ]


def id_of(taken: datetime) -> str:
    return str(epoch_milliseconds(taken))


class Gate:
    """An interceptor that counts how many contents are read at once, and can hold them until it is opened."""

    def __init__(
        self, *, holds: Callable[[str], bool] = lambda snapshot_id: False, opens_at: int = 99
    ) -> None:
        self.most = 0
        self.arrived = threading.Semaphore(0)
        self._holds = holds
        self._opens_at = opens_at
        self._now = 0
        self._lock = threading.Lock()
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        snapshot_id = _contents_of(received)
        if snapshot_id is None:
            return answer()
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now >= self._opens_at:
                self._open.set()
        try:
            self.arrived.release()
            if self._holds(snapshot_id):
                assert self._open.wait(60)
            return answer()
        finally:
            with self._lock:
                self._now -= 1


def _contents_of(received: Received) -> str | None:
    if received.endpoint != SHOW:
        return None
    options = received.json()["options"]
    return options.get("backup_id", "") if options["show_contents"] == "object_names" else None
