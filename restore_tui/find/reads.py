"""Where a search reads from: a server directly, or a session, whose steps then use what was read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from restore_tui.find.matches import BackupKey
from restore_tui.kinetica.backups import Backup, DataSource, Listed, Snapshot
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.contents import Contents
from restore_tui.restore.preflight.conflict_check import Inventory, read_inventory
from restore_tui.restore.preflight.live_counts import LiveTables, read_live_tables
from restore_tui.restore.session import Session


class Reads(Protocol):
    """Methods raise KineticaError. ``keep`` gets the contents of the newest snapshot of a backup that has a match."""

    async def data_sources(self) -> Listed[DataSource]: ...

    async def backups(self, data_source: str) -> Listed[Backup]: ...

    async def snapshots(self, key: BackupKey, *, fresh: bool = False) -> Listed[Snapshot]: ...

    async def contents(self, key: BackupKey, snapshot_id: str) -> Contents: ...

    async def inventory(self, types: Collection[str]) -> Inventory: ...

    async def live_tables(self, schemas: Collection[str]) -> LiveTables: ...

    def keep(self, key: BackupKey, snapshot_id: str, contents: Contents) -> None: ...


class ClientReads:
    """Reads from a server, and keeps nothing."""

    def __init__(self, client: KineticaClient) -> None:
        self._client = client

    async def data_sources(self) -> Listed[DataSource]:
        return await self._client.data_sources()

    async def backups(self, data_source: str) -> Listed[Backup]:
        return await self._client.backups(data_source)

    async def snapshots(self, key: BackupKey, *, fresh: bool = False) -> Listed[Snapshot]:
        return await self._client.snapshots(*key)

    async def contents(self, key: BackupKey, snapshot_id: str) -> Contents:
        return await self._client.contents(*key, snapshot_id)

    async def inventory(self, types: Collection[str]) -> Inventory:
        return await read_inventory(self._client, types)

    async def live_tables(self, schemas: Collection[str]) -> LiveTables:
        return await read_live_tables(self._client, schemas, exactly=False)

    def keep(self, key: BackupKey, snapshot_id: str, contents: Contents) -> None:
        """Nothing reads it again."""


class SessionReads(ClientReads):
    """Reads through a session: what one of them has read, the other does not read again. Bound to the server that the
    session is connected to now."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.client)
        self._session = session
        self._reads = session.reads

    async def data_sources(self) -> Listed[DataSource]:
        if not self._is_connected:
            return await super().data_sources()
        return await self._reads.data_sources()

    async def backups(self, data_source: str) -> Listed[Backup]:
        if not self._is_connected:
            return await super().backups(data_source)
        return await self._reads.backups(data_source)

    async def snapshots(self, key: BackupKey, *, fresh: bool = False) -> Listed[Snapshot]:
        if not self._is_connected:
            return await super().snapshots(key)
        return await self._reads.snapshots(*key, fresh=fresh)

    async def contents(self, key: BackupKey, snapshot_id: str) -> Contents:
        known = self._reads.known_contents((*key, snapshot_id)) if self._is_connected else None
        return known if known is not None else await super().contents(key, snapshot_id)

    def keep(self, key: BackupKey, snapshot_id: str, contents: Contents) -> None:
        if self._is_connected:
            in_use = self._session.plan.snapshot_key
            self._reads.keep_found_contents((*key, snapshot_id), contents, in_use=in_use)

    @property
    def _is_connected(self) -> bool:
        return self._session.reads is self._reads
