"""What one server has shown one user: each response is read once, and kept until it is read afresh."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar, cast

from restore_tui.kinetica.connection.transport import ReceivedCallback, ignore_received
from restore_tui.kinetica.contents import Contents

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Backup, DataSource, Listed, Snapshot
    from restore_tui.kinetica.client import KineticaClient, ServerInfo
    from restore_tui.kinetica.errors import KineticaError

Response = TypeVar("Response")

SnapshotKey = tuple[str, str, str]
"""(data source, backup, snapshot id)."""

CONTENTS = "contents"


class ServerReads:
    """Of one connection. Another one has its own, so a response that comes late never passes for another server's.

    Reads raise KineticaError. What is known already is returned by the methods without ``async``: they ask nothing.
    """

    def __init__(self, client: KineticaClient, server: ServerInfo) -> None:
        self.client = client
        self.server = server
        self._kept: dict[tuple[str, ...], object] = {}
        self._found: dict[tuple[str, str], set[str]] = {}

    @property
    def identity(self) -> tuple[str, str, str]:
        """(URL, user, cluster): what makes it this server, as this user."""
        return (self.client.link.address.url, self.client.link.login.name, self.server.cluster)

    @property
    def label(self) -> str:
        """``user@host:port``, for summaries."""
        return f"{self.client.link.login.name}@{self.client.link.address.label}"

    def clear(self) -> None:
        """Ask afresh for everything: a restore has changed what exists."""
        self._kept.clear()
        self._found.clear()

    async def cached(
        self, key: tuple[str, ...], read: Callable[[], Awaitable[Response]], *, fresh: bool = False
    ) -> Response:
        """Return what is kept under a key, read before if there is nothing, or if it has to be ``fresh``."""
        if fresh or key not in self._kept:
            self._kept[key] = await read()
        return cast(Response, self._kept[key])

    def replace(self, key: tuple[str, ...], before: object, after: object) -> None:
        """Keep more than was kept under a key, unless that has been read afresh meanwhile."""
        if self._kept.get(key) is before:
            self._kept[key] = after

    def known(self, *key: str) -> object:
        """Return what is kept under a key, or None."""
        return self._kept.get(key)

    # Lists

    async def data_sources(self, *, fresh: bool = False) -> Listed[DataSource]:
        return await self.cached(("data sources",), self.client.data_sources, fresh=fresh)

    async def backups(self, data_source: str, *, fresh: bool = False) -> Listed[Backup]:
        return await self.cached(
            ("backups", data_source), lambda: self.client.backups(data_source), fresh=fresh
        )

    async def snapshots(self, data_source: str, backup: str, *, fresh: bool = False) -> Listed[Snapshot]:
        return await self.cached(
            ("snapshots", data_source, backup),
            lambda: self.client.snapshots(data_source, backup),
            fresh=fresh,
        )

    def known_data_source(self, name: str) -> DataSource | None:
        """The data source as it is listed."""
        listed = cast("list[DataSource]", self.known("data sources") or [])
        return next((known for known in listed if known.name == name), None)

    def known_backup(self, data_source: str, name: str) -> Backup | None:
        """The backup as it is listed."""
        listed = cast("list[Backup]", self.known("backups", data_source) or [])
        return next((known for known in listed if known.name == name), None)

    def known_snapshots(self, data_source: str, backup: str) -> tuple[Snapshot, ...]:
        """The snapshots of a backup as they are listed."""
        return cast("tuple[Snapshot, ...]", self.known("snapshots", data_source, backup) or ())

    # Contents of snapshots

    async def contents(
        self, key: SnapshotKey, *, fresh: bool = False, on_received: ReceivedCallback = ignore_received
    ) -> Contents:
        """What a snapshot holds. ``on_received`` is told how many bytes of the response have come."""
        return await self.cached(
            (CONTENTS, *key), lambda: self.client.contents(*key, on_received), fresh=fresh
        )

    def go_without_contents(self, key: SnapshotKey, error: KineticaError) -> None:
        """Do without the list of what a snapshot holds, which could not be read: names are typed. A fresh read asks
        for it again."""
        self._kept[CONTENTS, key[0], key[1], key[2]] = Contents(
            words=error.server_message, not_read=error.what
        )

    def known_contents(self, key: SnapshotKey) -> Contents | None:
        """What a snapshot holds, if it could be read."""
        contents = self.known(CONTENTS, *key)
        return contents if isinstance(contents, Contents) and not contents.not_read else None

    def keep_found_contents(self, key: SnapshotKey, contents: Contents, *, in_use: SnapshotKey) -> None:
        """Keep what a search has read. Of each backup one is kept: the one before is dropped, unless it is
        ``in_use``."""
        data_source, backup, snapshot_id = key
        found = self._found.setdefault((data_source, backup), set())
        for before in found - {snapshot_id}:
            if (data_source, backup, before) != in_use:
                self._kept.pop((CONTENTS, data_source, backup, before), None)
                found.remove(before)
        if self.known(CONTENTS, *key) is not contents:  # else a step has read it, and it stays anyway
            self._kept[CONTENTS, key[0], key[1], key[2]] = contents
            found.add(snapshot_id)
