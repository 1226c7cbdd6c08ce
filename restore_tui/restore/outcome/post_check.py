"""Check after a restore what exists now of the objects that were requested."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.conflict_check import ConflictStatus, Inventory, Key, ObjectConflict
from restore_tui.restore.preflight.conflict_report import inventory_for
from restore_tui.restore.preflight.live_counts import CountedTable, LiveCounts, count_tables
from restore_tui.restore.preflight.results import ObjectResult
from restore_tui.restore.text_format import first_few, pluralize

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.restore.outcome.outcome import Outcome


@dataclass(frozen=True)
class PostCheck:
    """What is said to be restored: by (type, name) requested, what of it is shown now, what is not, and what was not
    looked at. ``since`` compares everything that was requested with the conflict check before the restore."""

    present: tuple[Key, ...] = ()
    absent: tuple[Key, ...] = ()
    unknown: tuple[Key, ...] = ()
    problems: tuple[str, ...] = ()
    since: SinceStart | None = None
    counts: LiveCounts = field(default_factory=LiveCounts)
    """The records of the restored tables, where they can be compared with a full snapshot."""

    @property
    def missing_or_incomplete(self) -> frozenset[Key]:
        """What is reported restored, and is not shown now, or holds fewer records than the snapshot."""
        fewer = (("table", name) for name, table in self.counts.tables.items() if table.has_fewer)
        return frozenset((*self.absent, *fewer))

    @property
    def text(self) -> str:
        """In a few sentences, for the screen and the receipt."""
        told = len(self.present) + len(self.absent)
        total = told + len(self.unknown)
        said = f"Of {total:,} reported as restored, {len(self.present):,} shown now"
        said += f", {len(self.absent):,} not shown" if self.absent else ""
        said += f", {len(self.unknown):,} not checked" if self.unknown else ""
        first = [] if self.since and not total else [f"{said}."]
        since = [self.since.text] if self.since else []
        return " ".join(filter(None, [*first, *since, _compared(self.counts), *self.problems]))


@dataclass(frozen=True)
class SinceStart:
    """What exists now of the requested objects, compared with the conflict check before the restore. It is evidence of
    what the restore did, and no proof: somebody else may have made or dropped them."""

    appeared: tuple[Key, ...] = ()
    still_absent: tuple[Key, ...] = ()
    still_there: tuple[Key, ...] = ()
    gone: tuple[Key, ...] = ()
    unknown: int = 0

    @property
    def text(self) -> str:
        """In a few sentences: the counts, with the first names of what changed."""
        new = len(self.appeared) + len(self.still_absent)
        parts = []
        if new:
            have = "has" if len(self.appeared) == 1 else "have"
            parts.append(
                f"Since before the restore, {len(self.appeared):,} of the {new:,} requested objects that did not exist "
                f"{have} appeared{_named(self.appeared)}."
            )
        if self.still_there:
            exist = "exists" if len(self.still_there) == 1 else "exist"
            parts.append(f"{len(self.still_there):,} existed before and still {exist}.")
        if self.gone:
            exist = "exists" if len(self.gone) == 1 else "exist"
            parts.append(f"{len(self.gone):,} existed before and no longer {exist}{_named(self.gone)}.")
        if self.unknown:
            parts.append(f"{self.unknown:,} could not be compared.")
        return " ".join(parts) or "No requested object could be compared with what existed before."


def _named(keys: tuple[Key, ...]) -> str:
    return f": {first_few(keys, lambda key: sanitize(key[1], 60))}" if keys else ""


def _compared(counts: LiveCounts) -> str:
    """Whether the tables have as many records as in the snapshot; empty where none can be compared."""
    known = [table for table in counts.tables.values() if table.is_comparable]
    if not known:
        return " ".join(counts.problems)
    different = [table for table in known if table.records != table.in_snapshot]
    tables = pluralize(len(known), "table")
    if len(known) < len(counts.tables):
        tables += " that could be compared"
    if not different:
        return f"Record counts match the snapshot in {len(known):,} of {tables}."
    named = first_few(different, _difference)
    return f"Record counts differ from the snapshot in {len(different):,} of {tables}: {named}."


def _difference(table: CountedTable) -> str:
    return f"{sanitize(table.now, 60)} ({table.records:,} now, {table.in_snapshot:,} in the snapshot)"


async def verify_restored(client: KineticaClient, outcome: Outcome) -> PostCheck:
    """Whether what is said to be restored is there, with as many records as in a full snapshot, and, after any end that
    is not clean, what has appeared of all that was requested. Raises nothing but cancellation."""
    dry_run = outcome.dry_run
    now = await inventory_for(client, dry_run.plan, dry_run.contents)
    found = await asyncio.to_thread(post_check, outcome.results, now)
    is_full = dry_run.listed is not None and not dry_run.listed.counts_changes
    if is_full and not dry_run.plan.has(Effect.WITHOUT_RECORDS):
        names = await asyncio.to_thread(_restored_tables, outcome.results, frozenset(found.present))
        found = replace(found, counts=await count_tables(client, names, dry_run.contents, are_changes=False))
    return (
        found
        if outcome.is_clean
        else replace(found, since=await asyncio.to_thread(since, outcome.results, now))
    )


def _restored_tables(lines: Iterable[ObjectResult], present: frozenset[Key]) -> dict[str, str]:
    """The tables that are there, by their names in the snapshot: what they are called now."""
    return {
        line.name: line.restored_as or line.name
        for line in lines
        if line.type == "table" and (line.type, line.name) in present
    }


def since(lines: Iterable[ObjectResult], now: Inventory) -> SinceStart:
    """Compare what exists now with what the conflict check before the restore saw of every requested object."""
    found: dict[tuple[bool, bool], list[Key]] = {}
    unknown = 0
    with gc_paused():
        for line in lines:
            if not line.requested:
                continue
            before = None if line.conflict is None else _existed(line.conflict)
            shown = now.shows(line.type, line.restored_as or line.name)
            if before is None or shown is None:
                unknown += 1
            else:
                found.setdefault((before, shown), []).append((line.type, line.name))
    return SinceStart(
        appeared=tuple(found.get((False, True), ())),
        still_absent=tuple(found.get((False, False), ())),
        still_there=tuple(found.get((True, True), ())),
        gone=tuple(found.get((True, False), ())),
        unknown=unknown,
    )


def _existed(seen: ObjectConflict) -> bool | None:
    return True if seen.is_conflict else False if seen.status is ConflictStatus.NEW else None


def post_check(lines: tuple[ObjectResult, ...], now: Inventory) -> PostCheck:
    """Which of the lines that the restore's response calls restored exist by this check."""
    found: dict[bool | None, list[Key]] = {True: [], False: [], None: []}
    for line in lines:
        if line.is_reported_restored:
            found[now.shows(line.type, line.restored_as or line.name)].append((line.type, line.name))
    return PostCheck(tuple(found[True]), tuple(found[False]), tuple(found[None]), now.problems)
