"""How many records tables have now: what a restore would replace is a number, and what it restored can be compared."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schemas_of
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight import conflict_check
from restore_tui.restore.preflight.conflict_check import ConflictStatus, ReadFailure, read_or_failure
from restore_tui.restore.preflight.conflict_report import ConflictReport, rules_of
from restore_tui.restore.text_format import age, first_few, pluralize

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.inventory import LiveTable

MOST_TABLES = 200
"""Counting is work for the server: of more tables than these it is not asked for."""
_AT_ONCE = 2


class CountedTable(NamedTuple):
    """A table that exists under the name ``now``. ``records`` and ``last_write`` are None where the server does not
    say; ``in_snapshot`` where the snapshot does not, or where its number counts changes."""

    now: str
    records: int | None = None
    last_write: datetime | None = None
    in_snapshot: int | None = None

    @property
    def is_comparable(self) -> bool:
        """Whether both numbers are known."""
        return self.records is not None and self.in_snapshot is not None

    @property
    def has_fewer(self) -> bool:
        """Whether it is known to hold fewer records than the snapshot."""
        return self.records is not None and self.in_snapshot is not None and self.records < self.in_snapshot

    def text(self, at: datetime, *, exactly: bool = True) -> str:
        """``5,870,112 records now, last written 10 min ago; 5,866,548 in the snapshot``, with *about* before it where
        it was not counted ``exactly``; empty where nothing is known."""
        about = "" if exactly else "about "
        parts = [f"{about}{pluralize(self.records, 'record')} now"] if self.records is not None else []
        if self.last_write is not None:
            parts.append(f"last written {age(self.last_write, at)}")
        text = ", ".join(parts)
        return (
            f"{text}; {self.in_snapshot:,} in the snapshot" if text and self.in_snapshot is not None else text
        )


@dataclass(frozen=True)
class LiveCounts:
    """Some tables, by their names in the snapshot. ``problems`` say why some are not counted."""

    tables: Mapping[str, CountedTable] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()

    def text_of(self, kind: str, name: str, at: datetime) -> str:
        """What is known of one object, or why nothing is; empty for one that is no table, or is not replaced."""
        table = self.tables.get(name) if kind == "table" else None
        return "" if table is None else table.text(at) or " ".join(self.problems)

    @property
    def text(self) -> str:
        """``23,480,448 records now, 23,464,192 in the snapshot``: the sums, as far as they are known."""
        records = [table.records for table in self.tables.values()]
        known = [number for number in records if number is not None]
        if not known:
            return "records not counted" if self.problems else ""
        listed = [table.in_snapshot for table in self.tables.values()]
        whole = [number for number in listed if number is not None]
        text = _now(sum(known), partial=len(known) < len(records))
        return f"{text}, {sum(whole):,} in the snapshot" if len(whole) == len(listed) else text


def _now(records: int, *, partial: bool) -> str:
    return f"{'at least ' if partial else ''}{pluralize(records, 'record')} now"


async def read_live_counts(
    client: KineticaClient, report: ConflictReport, *, are_changes: bool
) -> LiveCounts:
    """Count the records of the tables that the conflict check found to be replaced. ``are_changes`` says that the
    snapshot's own numbers are no totals. Raises nothing but cancellation."""
    names = await asyncio.to_thread(_replaced_tables, report)
    return await count_tables(client, names, report.contents, are_changes=are_changes)


async def count_tables(
    client: KineticaClient, names: Mapping[str, str], contents: Contents, *, are_changes: bool
) -> LiveCounts:
    """Count the records of these tables, each under the name that it has now, with one read for each of their schemas.
    Raises nothing but cancellation."""
    if len(names) > MOST_TABLES:
        tables = {name: CountedTable(now) for name, now in names.items()}
        why = f"The records of {len(names):,} tables are not counted: too many."
        return LiveCounts(MappingProxyType(tables), (why,))
    live, problems = await read_live_tables(client, schemas_of(names.values()))
    listed = contents.names("table")
    tables = {}
    for name, now in names.items():
        records, last_write = live.get(now) or (None, None)
        in_snapshot = None if are_changes else listed.records_of(name)
        tables[name] = CountedTable(now, records, last_write, in_snapshot)
    return LiveCounts(MappingProxyType(tables), problems)


class LiveTables(NamedTuple):
    """Tables as they are now, by name with the schema, and why some could not be read."""

    tables: Mapping[str, LiveTable]
    problems: tuple[str, ...] = ()


NO_TABLES = LiveTables(MappingProxyType({}))


async def read_live_tables(
    client: KineticaClient, schemas: Collection[str], *, exactly: bool = True
) -> LiveTables:
    """The tables of these schemas, with one read for each, two at a time. Raises nothing but cancellation."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(schema: str) -> Mapping[str, LiveTable]:
        async with turns:
            return await client.live_tables(schema, exactly=exactly)

    seconds = conflict_check.INVENTORY_SECONDS  # of all reads together, with the waiting for a turn
    ordered = sorted(schemas)
    read = await asyncio.gather(*(read_or_failure(in_turn(schema), seconds, schema) for schema in ordered))
    live: dict[str, LiveTable] = {}
    problems = []
    for schema, found in zip(ordered, read, strict=True):
        if isinstance(found, ReadFailure):
            problems.append(f"The records in {sanitize(schema, 80)} could not be counted: {found.why}")
        else:
            live.update(found)
    return LiveTables(live, tuple(problems))


def _replaced_tables(report: ConflictReport) -> dict[str, str]:
    rules = rules_of(report.plan)
    return {
        name: rules.name_of(kind, name)
        for (kind, name), seen in report.seen.items()
        if kind == "table" and seen.status is ConflictStatus.REPLACED
    }


def written_since(before: LiveCounts, now: LiveCounts) -> str:
    """A sentence on the tables whose number of records has changed since the dry run; empty where none has."""
    changes: list[tuple[str, int]] = []
    for name, table in now.tables.items():
        then = before.tables.get(name, table).records
        if table.records is not None and then is not None and table.records != then:
            changes.append((table.now, table.records - then))
    if not changes:
        return ""
    told = first_few(changes, _changed)
    verb = "was" if len(changes) == 1 else "were"
    return (
        f"Since the dry run {pluralize(len(changes), 'table')} {verb} written to: {told}. The restore replaces what is "
        "there now."
    )


def _changed(change: tuple[str, int]) -> str:
    name, by = change
    return f"{sanitize(name, 80)} ({'+' if by > 0 else '−'}{pluralize(abs(by), 'record')})"
