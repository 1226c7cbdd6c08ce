"""Which snapshots there are to search: data sources, their backups, their snapshots.

Every backup is listed by a request of its own: whether a listing of all backups names all snapshots is not documented.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from restore_tui.find.matches import BackupKey, Failure, Note, Place, problem_of
from restore_tui.find.query import FindQuery
from restore_tui.find.reads import Reads
from restore_tui.kinetica.backups import Backup, Listed, Snapshot, missing_bases
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import pluralize

Item = TypeVar("Item")
Made = TypeVar("Made")

PARALLEL_READS = 2
NEVER_HOLD_BACKUPS = frozenset({"kafka", "confluent", "jdbc"})
"""Providers of data sources that stream or query: backups are stored in files."""


@dataclass
class SnapshotListing:
    """What there is to search. ``backups`` are key → all of its snapshots that are listed, newest first, the deleted
    ones among them; ``places`` those that are to be read, likewise."""

    backups: dict[BackupKey, tuple[Place, ...]] = field(default_factory=dict)
    places: dict[BackupKey, list[Place]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    data_sources: int = 0
    """How many data sources were listed or named."""

    def add(self, key: BackupKey, listed: Listed[Snapshot], query: FindQuery, reported: int | None) -> None:
        """Take in the snapshots of one backup."""
        missing = missing_bases(listed.items)
        places = tuple(
            Place(key, snapshot, problem_of(snapshot, missing.get(snapshot.id))) for snapshot in listed.items
        )
        alive = [place for place in places if not place.snapshot.deleted]
        self.backups[key] = places
        self.places[key] = sorted(
            (place for place in alive if _is_within(place, query)),
            key=lambda place: place.age_order,
            reverse=True,
        )
        name = sanitize(key.backup, 60)
        self._note_unread(listed, f"of backup {name}")
        reported = max((n for n in (reported, listed.reported) if n is not None), default=0)
        if reported > len(alive):
            self.notes.append(
                Note(
                    f"The server lists {len(alive):,} of {pluralize(reported, 'snapshot')} of backup {name}; the "
                    "others are not searched.",
                    may_hide=True,
                )
            )
        untimed = sum(place.snapshot.time is None for place in alive) if query.has_bounds else 0
        if untimed:
            self.notes.append(
                Note(
                    f"{pluralize(untimed, 'snapshot')} of backup {name}: the time has no zone, so that it cannot be "
                    "compared with the time that was given; not searched.",
                    may_hide=True,
                )
            )

    def _note_unread(self, listed: Listed[Item], what: str) -> None:
        if listed.unread:
            entries = pluralize(len(listed.unread), "entry", "entries")
            self.notes.append(Note(f"{entries} {what} not recognized and not searched.", may_hide=True))

    async def read(self, reads: Reads, query: FindQuery, on_change: Callable[[], None]) -> None:
        """List everything that the query allows, at most two requests at a time. What cannot be listed is among the
        ``failures``; raises nothing but cancellation."""
        sources = await self._data_sources(reads, query)
        found = await _each(
            sources, lambda source: self._backups(reads, source, query, on_change), PARALLEL_READS
        )
        backups = [backup for listed in found for backup in listed]
        if query.backup and not backups and not self.failures:
            self.notes.append(Note(f"No backup {sanitize(query.backup, 60)} is listed."))
        await _each(backups, lambda backup: self._snapshots(reads, *backup, query, on_change), PARALLEL_READS)

    async def _data_sources(self, reads: Reads, query: FindQuery) -> Sequence[str]:
        if query.data_source:  # it may exist without being listed
            self.data_sources = 1
            return [query.data_source]
        try:
            listed = await reads.data_sources()
        except KineticaError as error:
            self.failures.append(failure_of(error))
            return []
        self._note_unread(listed, "in the list of data sources")
        without = [source for source in listed if source.provider.strip().lower() in NEVER_HOLD_BACKUPS]
        if without:
            kinds = ", ".join(sorted({sanitize(source.provider, 20) for source in without}))
            self.notes.append(
                Note(f"{pluralize(len(without), 'data source')} not searched: {kinds} cannot hold backups.")
            )
        self.data_sources = len(listed) - len(without)
        return list(dict.fromkeys(source.name for source in listed if source not in without))

    async def _backups(
        self, reads: Reads, source: str, query: FindQuery, on_change: Callable[[], None]
    ) -> list[tuple[BackupKey, Backup]]:
        if query.data_source and query.backup:
            return [(BackupKey(source, query.backup), Backup(query.backup))]
        try:
            listed = await reads.backups(source)
        except KineticaError as error:
            self.failures.append(failure_of(error, data_source=source))
            return []
        finally:
            on_change()
        self._note_unread(listed, f"of data source {sanitize(source, 60)}")
        return [
            (BackupKey(source, backup.name), backup) for backup in listed if query.backup in ("", backup.name)
        ]

    async def _snapshots(
        self, reads: Reads, key: BackupKey, backup: Backup, query: FindQuery, on_change: Callable[[], None]
    ) -> None:
        try:
            listed = await reads.snapshots(key)
        except KineticaError as error:
            self.failures.append(failure_of(error, data_source=key.data_source, backup=key.backup))
        else:
            self.add(key, listed, query, backup.reported)
        on_change()


def failure_of(
    error: KineticaError, *, data_source: str = "", backup: str = "", place: Place | None = None
) -> Failure:
    """What is said of a read that failed."""
    return Failure(error.what, error.server_message, data_source, backup, place)


def _is_within(place: Place, query: FindQuery) -> bool:
    """Whether a snapshot is inside the bounds. With bounds, one without a known time is not."""
    time = place.snapshot.time
    if time is None:
        return not query.has_bounds
    return (query.since is None or time >= query.since) and (query.before is None or time <= query.before)


async def _each(items: Iterable[Item], work: Callable[[Item], Awaitable[Made]], most: int) -> list[Made]:
    """The results of the work on each item, in their order; at most so many at a time."""
    gate = asyncio.Semaphore(most)

    async def one(item: Item) -> Made:
        async with gate:
            return await work(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
