"""Compare a snapshot with another one of the same backup, or with what exists now.

Records and sizes of incremental and differential snapshots are changes: they are listed, and never compared with
totals. Of what exists now only names are known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from heapq import merge
from typing import NamedTuple

from restore_tui.find.matches import Key
from restore_tui.find.query import candidates
from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.inventory import LiveTable
from restore_tui.kinetica.object_columns import NOTHING, Objects, known_or_none
from restore_tui.kinetica.reference import TYPE_NAMES, has_schema
from restore_tui.restore.preflight import presence
from restore_tui.restore.preflight.conflict_check import READ_OF, Inventory
from restore_tui.restore.preflight.live_counts import NO_TABLES, LiveTables
from restore_tui.restore.preflight.presence import Presence, existences


class ComparedState(str, Enum):
    """What became of an object, in the order in which the rows stand. These words stand on the screen."""

    VANISHED = "vanished"
    APPEARED = "appeared"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """Whether it exists now is not known."""
    IN_BOTH = "in both"
    """It is in both, and there are no two totals of it to compare."""
    SAME = "same"


DIFFERENCES = (ComparedState.VANISHED, ComparedState.APPEARED, ComparedState.CHANGED)
_SORTED_AT_ONCE = 4_000
_ORDER = {state: place for place, state in enumerate(ComparedState)}


class ComparedObject(NamedTuple):
    """One object before and after: records and bytes as listed, None where they are unknown or it is not there."""

    type: str
    name: str
    state: ComparedState
    records_before: int | None = None
    records_after: int | None = None
    size_before: int | None = None
    size_after: int | None = None
    why: str = ""
    """Why it is not known whether it exists now; may have text of the server's."""
    last_write: datetime | None = None
    """When a table that exists now was written to last, where the server says."""

    @property
    def key(self) -> Key:
        return (self.type, self.name)

    @property
    def records_change(self) -> int | None:
        """The difference of two totals; None where there are not two."""
        return self._difference(self.records_before, self.records_after)

    @property
    def size_change(self) -> int | None:
        """In bytes, as ``records_change``."""
        return self._difference(self.size_before, self.size_after)

    def _difference(self, before: int | None, after: int | None) -> int | None:
        is_compared = self.state in (ComparedState.CHANGED, ComparedState.SAME)
        return after - before if is_compared and before is not None and after is not None else None


@dataclass(frozen=True)
class Side:
    """A snapshot that is compared. ``counts_changes``: its records and sizes are not totals, or may not be."""

    contents: Contents
    counts_changes: bool = False


@dataclass(frozen=True, eq=False)
class Comparison:
    """``rows`` in their order. ``absent`` is the state of what the chosen snapshot lacks, and ``unsendable`` are
    objects of it that would reach the server under another name. ``unread`` entries of either were not recognized.
    ``left_out`` is how many objects exist now in schemas that the snapshot does not hold; ``problems`` say what could
    not be read of what exists now."""

    rows: Sequence[ComparedObject]
    absent: ComparedState
    unsendable: frozenset[Key] = frozenset()
    counts_changes: bool = False
    unread: int = 0
    left_out: int = 0
    problems: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()
    """Why the records of some tables that exist now are unknown."""
    counts: Mapping[ComparedState, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(ComparedState, 0)
        for row in self.rows:
            counts[row.state] += 1
        object.__setattr__(self, "counts", counts)

    @cached_property
    def differences(self) -> Sequence[ComparedObject]:
        """What vanished, appeared or changed."""
        return self.rows[: sum(self.counts[state] for state in DIFFERENCES)]

    def with_state(self, state: ComparedState) -> Sequence[ComparedObject]:
        start = sum(self.counts[before] for before in ComparedState if _ORDER[before] < _ORDER[state])
        return self.rows[start : start + self.counts[state]]

    def is_selectable(self, row: ComparedObject) -> bool:
        """Whether the chosen snapshot holds it, and a request can name it."""
        return row.state is not self.absent and row.type in TYPE_NAMES and row.key not in self.unsendable


def compare_snapshots(before: Side, after: Side, *, chosen_is_after: bool = False) -> Comparison:
    """What changed between two snapshots. ``chosen_is_after``: what is selected is restored from the newer one."""
    older, newer = _columns(before.contents), _columns(after.contents)
    are_totals = not (before.counts_changes or after.counts_changes)
    rows = [
        row
        for kind in {**older, **newer}
        for row in _compared(kind, older.get(kind, NOTHING), newer.get(kind, NOTHING), are_totals)
    ]
    return Comparison(
        _in_order(rows),
        ComparedState.VANISHED if chosen_is_after else ComparedState.APPEARED,
        _unsendable((after if chosen_is_after else before).contents),
        counts_changes=not are_totals,
        unread=len(before.contents.unread) + len(after.contents.unread),
    )


def types_to_read(contents: Contents) -> frozenset[str]:
    """The object types of which it has to be known what exists now, to compare a snapshot with that. Tables also where
    it holds none: one may have appeared in its schemas."""
    return presence.types_to_read(contents) | ({"table"} if contents.schemas else frozenset())


def schemas_to_count(contents: Contents) -> frozenset[str]:
    """The schemas of which the tables are counted, to compare a snapshot with what exists now; none where there are too
    many to read each."""
    return presence.countable_schemas(contents.names("table").names)


def compare_with_now(before: Side, inventory: Inventory, live: LiveTables = NO_TABLES) -> Comparison:
    """What became of the objects of a snapshot until now, with the records of the tables that are known to be ``live``.
    What appeared in schemas that it does not hold is counted only: it may never have been in the backup."""
    rows: list[ComparedObject] = []
    columns = _columns(before.contents)
    keys = ((kind, name) for kind, objects in columns.items() for name in objects.names)
    exist = existences(keys, inventory)
    for kind, objects in columns.items():
        for name, records, size in _values(objects):
            existence = exist[kind, name]
            state, now = _STATE_NOW[existence.presence], _UNCOUNTED
            if kind == "table" and state is ComparedState.IN_BOTH:
                now = live.tables.get(name, _UNCOUNTED)
                state = state if before.counts_changes else _state_of([(records, now.records)])
            rows.append(
                ComparedObject(
                    kind,
                    name,
                    state,
                    records_before=records,
                    records_after=now.records,
                    size_before=size,
                    why=existence.why,
                    last_write=now.last_write,
                )
            )
    left_out = 0
    schemas = set(before.contents.schemas.names)
    for kind in types_to_read(before.contents) - {"all"}:
        listing = inventory.listings.get(READ_OF.get(kind, ""))
        if listing is None:
            continue
        for name in columns.get(kind, NOTHING).missing_from(sorted(listing.names.get(kind, ()))):
            if has_schema(kind) and schema_of(name) not in schemas:
                left_out += 1
            else:
                now = live.tables.get(name, _UNCOUNTED) if kind == "table" else _UNCOUNTED
                rows.append(
                    ComparedObject(
                        kind,
                        name,
                        ComparedState.APPEARED,
                        records_after=now.records,
                        last_write=now.last_write,
                    )
                )
    return Comparison(
        _in_order(rows),
        ComparedState.APPEARED,
        _unsendable(before.contents),
        counts_changes=before.counts_changes,
        unread=len(before.contents.unread),
        left_out=left_out,
        problems=inventory.problems,
        not_counted=live.problems,
    )


async def in_thread(compare: Callable[[], Comparison]) -> Comparison:
    """Compare while the screen answers: a hundred thousand names take most of a second."""

    def work() -> Comparison:
        with gc_paused():
            return compare()

    return await asyncio.to_thread(work)


_UNCOUNTED = LiveTable()
_STATE_NOW = {
    Presence.EXISTS: ComparedState.IN_BOTH,
    Presence.MISSING: ComparedState.VANISHED,
    Presence.UNKNOWN: ComparedState.UNKNOWN,
}


def _rank_of(row: ComparedObject) -> tuple[int, int, int, str, str]:
    """Vanished first, then appeared, then changed; in each the largest first."""
    if row.state is ComparedState.CHANGED:
        records, size = abs(row.records_change or 0), abs(row.size_change or 0)
    else:
        records = row.records_before or row.records_after or 0
        size = row.size_before or row.size_after or 0
    return (_ORDER[row.state], -records, -size, row.type, row.name)


def _in_order(rows: Sequence[ComparedObject]) -> list[ComparedObject]:
    """By rank. Sorted in parts: no other thread has a turn while Python sorts."""
    parts = (
        sorted(rows[at : at + _SORTED_AT_ONCE], key=_rank_of) for at in range(0, len(rows), _SORTED_AT_ONCE)
    )
    return list(merge(*parts, key=_rank_of))


def _columns(contents: Contents) -> dict[str, Objects]:
    """Type → objects; schemas have the type ``all`` and no numbers: those are in their tables."""
    columns = dict(candidates(contents, ""))
    names = columns.pop("all", NOTHING).names
    if names:
        nothing = [-1] * len(names)
        columns["all"] = Objects.of(list(names), nothing, nothing)
    return columns


def _values(objects: Objects) -> Iterator[tuple[str, int | None, int | None]]:
    """Name, records and bytes. Of a name that was listed with different numbers none of them is known."""
    doubtful = frozenset(objects.conflicting)
    for name, records, size in zip(objects.names, objects.records, objects.sizes, strict=True):
        if name in doubtful:
            yield name, None, None
        else:
            yield name, known_or_none(records), known_or_none(size)


def _compared(kind: str, older: Objects, newer: Objects, are_totals: bool) -> Iterable[ComparedObject]:
    left = {name: (records, size) for name, records, size in _values(newer)}
    for name, records, size in _values(older):
        found = left.pop(name, None)
        if found is None:
            yield ComparedObject(kind, name, ComparedState.VANISHED, records_before=records, size_before=size)
            continue
        state = _state_of([(records, found[0]), (size, found[1])]) if are_totals else ComparedState.IN_BOTH
        yield ComparedObject(kind, name, state, records, found[0], size, found[1])
    for name, (records, size) in left.items():
        yield ComparedObject(kind, name, ComparedState.APPEARED, records_after=records, size_after=size)


def _state_of(pairs: Sequence[tuple[int | None, int | None]]) -> ComparedState:
    known = [pair for pair in pairs if None not in pair]
    if not known:
        return ComparedState.IN_BOTH
    return ComparedState.SAME if all(before == after for before, after in known) else ComparedState.CHANGED


def _unsendable(contents: Contents) -> frozenset[Key]:
    return frozenset(
        (kind, objects.names[index])
        for kind, objects in {**contents.types, "all": contents.schemas}.items()
        for index in objects.unsendable
    )
