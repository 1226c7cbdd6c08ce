"""The search itself: every snapshot is read once, newest first, at most two at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from restore_tui.find.history import ObjectHistory, history_of
from restore_tui.find.listing import PARALLEL_READS, SnapshotListing, failure_of
from restore_tui.find.live import LiveState
from restore_tui.find.matches import BackupKey, Change, Failure, Key, Match, Note, Place, Row, SnapshotRead
from restore_tui.find.progress import RUNNING, ChangeCallback, SearchProgress, SearchState, ignore_change
from restore_tui.find.query import FindQuery, scan
from restore_tui.find.reads import Reads
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import (
    AuthenticationFailed,
    KineticaError,
    RequestRejected,
    TimedOut,
    TlsError,
    Unreachable,
)
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.clock import Clock
from restore_tui.restore.preflight.presence import Existence
from restore_tui.restore.text_format import pluralize

SNAPSHOTS_PER_BACKUP = 50
"""How many snapshots of each backup are searched at first, the newest ones."""
MOST_ROWS = 100_000
"""Rows that are kept, some twenty megabytes: a pattern that matches more is too wide to be read."""
_CONNECTION_FAILURES = (Unreachable, TimedOut, TlsError)
_FAILURES_IN_A_ROW = 3
"""So many reads in a row that reach no server end the search: the next ones would only take time."""


class _Result(NamedTuple):
    """What one task has read. ``contents`` only where there are matches in them."""

    read: SnapshotRead
    contents: Contents | None = None
    similar: Mapping[int, tuple[str, ...]] = {}
    error: KineticaError | None = None


def _reduce(
    place: Place,
    contents: Contents,
    query: FindQuery,
    patterns: frozenset[int],
    similar_for: Collection[int],
) -> _Result:
    """Reduce the contents of a snapshot to what matches."""
    found = scan(contents, query, sorted(patterns), similar_for)
    matches = {
        (hit.type, hit.name): Match(place, hit.type, hit.name, hit.size, hit.records, hit.patterns)
        for hit in found.hits
    }
    read = SnapshotRead(place, matches, unread=found.unread, patterns=patterns)
    return _Result(read, contents if matches else None, found.similar)


class Search:
    """One search. ``rows`` only grow: what could not be listed, then the snapshots, newest first.

    ``per_backup`` bounds how many snapshots of each backup ``run`` reads, None: no bound. With ``stop_at_newest`` it
    ends at the newest complete snapshot that holds each name, and a name that was found is not looked for in older
    ones. Cancel the task of ``run`` to stop; the rows stay, and another ``run`` goes on.
    """

    def __init__(
        self,
        reads: Reads,
        query: FindQuery,
        clock: Clock,
        *,
        per_backup: int | None = SNAPSHOTS_PER_BACKUP,
        stop_at_newest: bool = False,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.query = query
        self.state = SearchState.NEW
        self.rows: list[Row] = []
        self.listing = SnapshotListing()
        self.snapshots: list[SnapshotRead] = []
        """In the order of reading."""
        self.similar: dict[int, tuple[str, ...]] = {}
        """Index of an exact pattern → names that contain it, from the newest snapshot that has some."""
        self.stop_reason = ""
        """Why it ended before all was read, where nobody stopped it."""
        self._reads = reads
        self._clock = clock
        self._per_backup = per_backup
        self._stop_at_newest = stop_at_newest
        self._most_rows = most_rows
        self._queue: deque[Place] = deque()
        self._older: list[Place] = []
        self._reading = 0
        self._match_count = 0
        self._failures_in_a_row = 0
        self._open_patterns = frozenset(range(len(query.patterns)))
        self._answered_at: dict[int, int] = {}
        self._found_patterns: set[int] = set()
        self._read_of: dict[tuple[BackupKey, str], SnapshotRead] = {}
        self._index_in_backup: dict[tuple[BackupKey, str], int] = {}
        self._read_by_backup: dict[BackupKey, list[SnapshotRead]] = {}
        self._kept: set[BackupKey] = set()
        self._relisted: dict[BackupKey, frozenset[str] | None] = {}
        self._relisting = asyncio.Lock()
        self._live = LiveState(reads)
        self._seconds = 0.0
        self._started: float | None = None

    # Running

    async def run(self, on_change: ChangeCallback = ignore_change) -> None:
        """List what there is and read it. ``on_change`` is called after everything that changes the rows or the
        progress. Raises nothing but cancellation: what cannot be read is among the rows."""
        if self.state in RUNNING:
            raise RuntimeError("this search is running")
        self._started = self._clock.monotonic()
        self.stop_reason = ""
        self._failures_in_a_row = 0
        try:
            if not self.listing.backups:
                await self._list(on_change)
            self.state = SearchState.READING
            await self._read_all(on_change)
            self._live.start((key for read in self.snapshots for key in read.matches), on_change)
            await self._live.finish()
            self.state = SearchState.STOPPED if self.stop_reason else SearchState.DONE
        finally:
            if self.state in RUNNING:
                self.state = SearchState.STOPPED
            self._seconds += self._clock.monotonic() - self._started
            self._started = None
            await self._live.cancel()
            on_change()

    async def search_older(self, on_change: ChangeCallback = ignore_change) -> None:
        """Go on with the snapshots that ``per_backup`` left out."""
        self._queue.extend(self._older)
        self._older = []
        await self.run(on_change)

    async def _list(self, on_change: ChangeCallback) -> None:
        self.state = SearchState.LISTING
        listing = SnapshotListing()
        await listing.read(self._reads, self.query, on_change)
        self.listing = listing
        self.rows = list(listing.failures)
        newest_first = sorted(
            (place for places in listing.places.values() for place in places[: self._per_backup]),
            key=lambda place: place.age_order,
            reverse=True,
        )
        self._queue.extend(newest_first)
        if self._per_backup is not None:
            self._older = sorted(
                (place for places in listing.places.values() for place in places[self._per_backup :]),
                key=lambda place: place.age_order,
                reverse=True,
            )

    async def _read_all(self, on_change: ChangeCallback) -> None:
        """Read the queue, two snapshots at a time, and take in the results in its order."""
        reading: deque[tuple[Place, asyncio.Task[_Result]]] = deque()
        try:
            while (self._queue or reading) and not self._is_over():
                while self._queue and len(reading) < PARALLEL_READS:
                    place = self._queue.popleft()
                    reading.append((place, asyncio.ensure_future(self._read(place))))
                self._reading = len(reading)
                result = await reading[0][1]
                reading.popleft()
                self._reading = len(reading)
                self._take_in(result)
                self._live.start(result.read.matches, on_change)
                on_change()
        finally:
            while reading and _has_result(reading[0][1]) and not self._is_over():
                self._take_in(reading.popleft()[1].result())  # it is not read again
            self._reading = 0
            self._queue.extendleft(place for place, _ in reversed(reading))
            tasks = [task for _, task in reading]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _is_over(self) -> bool:
        return bool(self.stop_reason) or (self._stop_at_newest and not self._open_patterns)

    async def _read(self, place: Place) -> _Result:
        patterns = self._open_patterns
        try:
            contents = await self._reads.contents(place.backup_key, place.snapshot_id)
        except KineticaError as error:
            return _Result(SnapshotRead(place, failure=await self._failure(place, error)), error=error)
        similar_for = patterns - self.similar.keys()
        return await asyncio.to_thread(_reduce, place, contents, self.query, patterns, similar_for)

    async def _failure(self, place: Place, error: KineticaError) -> Failure:
        """What is said of a snapshot that cannot be read. Of a refused one the backup is listed again, once: it may
        have been deleted since."""
        failure = failure_of(error, data_source=place.data_source, backup=place.backup, place=place)
        if isinstance(error, RequestRejected) and place.snapshot_id not in await self._alive(place):
            return replace(failure, what="The snapshot was deleted during the search.", deleted=True)
        return failure

    async def _alive(self, place: Place) -> Iterable[str]:
        """The ids of the snapshots that the backup has now; the snapshot's own where that cannot be read."""
        key = place.backup_key
        async with self._relisting:
            if key not in self._relisted:
                try:
                    listed = await self._reads.snapshots(key, fresh=True)
                except KineticaError:
                    self._relisted[key] = None
                else:
                    self._relisted[key] = frozenset(one.id for one in listed if not one.deleted)
        alive = self._relisted[key]
        return (place.snapshot_id,) if alive is None else alive

    def _take_in(self, result: _Result) -> None:
        read = _only(result.read, self._open_patterns)
        key = read.place.backup_key
        position = len(self.snapshots)
        self.snapshots.append(read)
        self._read_of[key, read.place.snapshot_id] = read
        if read.failure is not None:
            self.rows.append(read.failure)
            self._give_up_after(result.error)
            return
        self._failures_in_a_row = 0
        of_backup = self._read_by_backup.setdefault(key, [])
        self._index_in_backup[key, read.place.snapshot_id] = len(of_backup)
        of_backup.append(read)
        self.similar.update(result.similar)
        matches = list(islice(read.matches.values(), self._most_rows - self._match_count))
        if len(matches) < len(read.matches):
            self.stop_reason = f"More than {self._most_rows:,} rows: search for less."
        self.rows += matches
        self._match_count += len(matches)
        if result.contents is not None and key not in self._kept:
            self._kept.add(key)
            self._reads.keep(key, read.place.snapshot_id, result.contents)
        patterns = {index for match in matches for index in match.patterns}
        if read.place.snapshot.is_usable:
            self._found_patterns |= patterns
        if read.place.is_complete:
            for pattern in patterns:
                self._answered_at.setdefault(pattern, position)
        if self._stop_at_newest:
            self._open_patterns -= self._answered_at.keys()

    def _give_up_after(self, error: KineticaError | None) -> None:
        """End the search where the next reads would fail as well."""
        self._failures_in_a_row = (
            self._failures_in_a_row + 1 if isinstance(error, _CONNECTION_FAILURES) else 0
        )
        refused = isinstance(error, AuthenticationFailed)  # again and again, it may lock the account
        if error is not None and (refused or self._failures_in_a_row >= _FAILURES_IN_A_ROW):
            self.stop_reason = error.what

    def existence(self, key: Key) -> Existence:
        """Whether an object exists now. *Missing* means that nothing is shown under its name."""
        return self._live.existence(key)

    # What was found

    @property
    def progress(self) -> SearchProgress:
        running = 0.0 if self._started is None else self._clock.monotonic() - self._started
        return SearchProgress(
            self.state,
            read=len(self.snapshots),
            total=len(self.snapshots) + len(self._queue) + self._reading,
            found=self._match_count,
            seconds=self._seconds + running,
        )

    @property
    def older(self) -> int:
        """How many reads ``search_older`` takes."""
        return len(self._older)

    @property
    def failures(self) -> list[Failure]:
        """Everything that could not be read."""
        return [row for row in self.rows if isinstance(row, Failure)]

    @property
    def matches(self) -> list[Match]:
        """All matches, newest first."""
        return [row for row in self.rows if isinstance(row, Match)]

    @property
    def notes(self) -> list[Note]:
        """What else is to be said: what was left out, and why."""
        return [*self.listing.notes, *self._unread_notes()]

    def _unread_notes(self) -> Iterator[Note]:
        for read in self.snapshots:
            if read.unread:
                name = f"{sanitize(read.place.backup, 60)}, snapshot {sanitize(read.place.snapshot_id, 40)}"
                entries = pluralize(read.unread, "entry", "entries")
                yield Note(f"Backup {name}: {entries} not recognized and not searched.", may_hide=True)

    @property
    def not_found(self) -> list[int]:
        """The indexes of the patterns that nothing matches in a snapshot that can be used."""
        return [index for index in range(len(self.query.patterns)) if index not in self._found_patterns]

    @property
    def is_uncertain(self) -> bool:
        """Whether something that could not be read could change the result: a name that was not found, a newer snapshot
        of one that was, or, where all snapshots are searched, any row."""
        unread = [failure for failure in self.failures if not failure.deleted]
        if any(failure.place is None for failure in unread):
            return True
        if not self._stop_at_newest or self.not_found:
            incomplete = bool(self._queue) or bool(self.not_found and any(n.may_hide for n in self.notes))
            return bool(unread) or incomplete
        last = max(
            self._answered_at.get(index, len(self.snapshots)) for index in range(len(self.query.patterns))
        )
        return any(read.failure is not None and not read.failure.deleted for read in self.snapshots[:last])

    def change(self, match: Match) -> Change | None:
        """What changed since the nearest older snapshot of the same backup that was read: whether the object appeared,
        and the difference to the nearest one whose numbers are totals, too. None where no older one was read, or was
        searched for it."""
        key = match.place.backup_key
        first = self._index_in_backup[key, match.place.snapshot_id] + 1
        reads = self._read_by_backup[key]
        older = (read for read in islice(reads, first, None) if read.patterns.intersection(match.patterns))
        nearest = next(older, None)
        if nearest is None:
            return None
        if match.key not in nearest.matches:
            return Change(nearest.place, appeared=True)
        if match.counts_changes:
            return Change(nearest.place)
        totals = next(
            (read for read in chain([nearest], older) if not read.place.snapshot.counts_changes), None
        )
        before = totals.matches.get(match.key) if totals is not None else None
        if before is None:
            return Change(nearest.place)
        return Change(
            before.place,
            records=_minus(match.records, before.records),
            size=_minus(match.size, before.size),
        )

    def history(self, key: Key, backup: BackupKey) -> ObjectHistory:
        """The object in every snapshot that the backup lists, oldest first."""
        return history_of(key, self.listing.backups.get(backup, ()), self._read_of)


def _only(read: SnapshotRead, patterns: frozenset[int]) -> SnapshotRead:
    """A read without what matches other patterns only: they were found in a newer snapshot after it had begun."""
    if read.patterns <= patterns:
        return read
    matches = {key: match for key, match in read.matches.items() if not patterns.isdisjoint(match.patterns)}
    return replace(read, matches=matches, patterns=read.patterns & patterns)


def _has_result(task: asyncio.Task[_Result]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _minus(number: int | None, other: int | None) -> int | None:
    return None if number is None or other is None else number - other
