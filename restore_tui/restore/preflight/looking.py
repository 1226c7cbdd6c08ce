"""When we look at what exists: beside the dry run, again before the confirmation, and once more after the end.

A look is a help and no condition: one that fails keeps nobody from going on, and is told. One that finds something else
than the look beside the dry run makes the dry run stale.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.schema_map import map_name, target_schemas
from restore_tui.restore.preflight import conflict_check
from restore_tui.restore.preflight.conflict_check import (
    ConflictStatus,
    Drift,
    Inventory,
    Key,
    ObjectConflict,
    Rules,
)
from restore_tui.restore.preflight.results import ObjectResult, ObjectResults, build_results, requested_keys

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.restore.outcome.outcome import Outcome
    from restore_tui.restore.preflight.dry_run import DryRun

EXISTING = "what exists now"
"""The source of a look after the end, as it stands in receipts."""


class ExistingTally(NamedTuple):
    """Of one object type: how many objects exist, and of how many that is not known."""

    existing: int
    unknown: int


@dataclass(frozen=True, eq=False)
class ConflictReport:
    """Conflict check for one plan: what was found, and what it says of every object requested."""

    plan: RestorePlan = field(default_factory=RestorePlan)
    contents: Contents = field(default_factory=Contents)
    existing: Inventory = field(default_factory=Inventory)
    seen: Mapping[Key, ObjectConflict] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def lines(self) -> ObjectResults:
        """The ledger as far as it goes without a dry run. A long one takes a second: ``drawn_up`` makes it in a
        thread."""
        targets = target_schemas(self.plan)
        return build_results(self.plan.objects, self.contents, None, seen=self.seen, targets=targets)

    @cached_property
    def existing_by_type(self) -> Mapping[str, ExistingTally]:
        """Per object type, how many of the objects requested exist, and of how many that is not known."""
        existing = Counter(kind for (kind, _), seen in self.seen.items() if seen.is_conflict)
        unknown = Counter(
            kind
            for (kind, _), seen in self.seen.items()
            if seen.status in (conflict_check.ConflictStatus.HIDDEN, conflict_check.ConflictStatus.UNCHECKED)
        )
        return {
            kind: ExistingTally(existing[kind], unknown[kind]) for kind in existing.keys() | unknown.keys()
        }

    @cached_property
    def empty_and_existing(self) -> tuple[str, ...]:
        """The tables that have no records in the snapshot and exist now, by name."""
        tables = self.contents.names("table")
        found = []
        for (kind, name), seen in self.seen.items():
            if kind == "table" and seen.is_conflict:
                index = tables.find(name)
                if index is not None and tables.records[index] == 0:
                    found.append(name)
        return tuple(sorted(found))

    def roles_of(self, user: str) -> frozenset[str]:
        """The roles that the server shows this user to have; it may have others."""
        listing = self.existing.listings.get(conflict_check.SECURITY)
        return listing.roles_of(user) if listing is not None else frozenset()

    @property
    def conflicts(self) -> int:
        """How many of the objects requested are there already."""
        return sum(1 for seen in self.seen.values() if seen.is_conflict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which reads have nothing to show, and why."""
        return tuple(
            f"{endpoint} could not be read: {unread.why}" for endpoint, unread in self.existing.unread.items()
        )


@dataclass(frozen=True)
class DriftCheck:
    """The look before the confirmation, compared with the one beside the dry run. ``rehearsal`` is the dry run as it
    is now: void where something has changed."""

    dry_run: DryRun
    changes: Drift


@dataclass(frozen=True)
class PostCheck:
    """What is said to be restored: by (type, name) requested, what of it is shown now, what is not, and what was not
    looked at. ``since`` compares everything that was requested with the conflict check before the restore."""

    present: tuple[Key, ...] = ()
    absent: tuple[Key, ...] = ()
    unknown: tuple[Key, ...] = ()
    problems: tuple[str, ...] = ()
    since: SinceStart | None = None

    @property
    def text(self) -> str:
        """In a few sentences, for the screen and the receipt."""
        told = len(self.present) + len(self.absent)
        total = told + len(self.unknown)
        said = f"Of {total:,} reported as restored, {len(self.present):,} shown now"
        said += f", {len(self.absent):,} not shown" if self.absent else ""
        said += f", {len(self.unknown):,} not checked" if self.unknown else ""
        first = [] if self.since and not total else [f"{said}."]
        return " ".join([*first, *([self.since.text] if self.since else []), *self.problems])


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
    if not keys:
        return ""
    more = len(keys) - _NAMED
    names = ", ".join(sanitize(name, 60) for _, name in keys[:_NAMED])
    return f": {names}" + (f" and {more:,} more" if more > 0 else "")


_NAMED = 3


async def check_conflicts(client: KineticaClient, plan: RestorePlan, contents: Contents) -> ConflictReport:
    """Look at what this plan would meet. Raises nothing but cancellation."""
    existing = await conflict_check.read_inventory(client, await asyncio.to_thread(kinds_of, plan, contents))
    return await asyncio.to_thread(_conflict_report, plan, contents, existing)


def kinds_of(plan: RestorePlan, contents: Contents) -> frozenset[str]:
    """The object types of all that is requested: of a whole schema, those that the snapshot lists in it."""
    kinds = {kind for kind in plan.objects.by_type if kind != "all"}
    for schema in plan.objects.names("all"):
        kinds |= {kind for kind, _ in contents.members(schema)} or {"all"}
    return frozenset(kinds)


def rules_of(plan: RestorePlan) -> Rules:
    """What happens to conflicts under this plan, with the schemas that it maps."""
    targets = target_schemas(plan)
    return Rules.of(plan, partial(map_name, targets) if targets else None)


def _conflict_report(plan: RestorePlan, contents: Contents, existing: Inventory) -> ConflictReport:
    with gc_paused():
        seen = conflict_check.evaluate_conflicts(
            requested_keys(plan.objects, contents), existing, rules_of(plan)
        )
    return ConflictReport(plan, contents, existing, MappingProxyType(seen))


async def foresee_under(plan: RestorePlan, before: ConflictReport) -> ConflictReport:
    """What was found before for the same objects, judged again under this plan. The server is asked nothing."""
    return await asyncio.to_thread(_conflict_report, plan, before.contents, before.existing)


async def precompute(foresight: ConflictReport) -> ConflictReport:
    """The same, with its lines ready to be shown."""
    await asyncio.to_thread(
        lambda: (foresight.lines.precompute(), foresight.existing_by_type, foresight.empty_and_existing)
    )
    return foresight


async def recheck(client: KineticaClient, rehearsal: DryRun) -> DriftCheck:
    """Look at the same things as beside the dry run, and compare. Raises nothing but cancellation."""
    before = rehearsal.conflicts.existing
    kinds = await asyncio.to_thread(kinds_of, rehearsal.plan, rehearsal.contents)
    now = await conflict_check.read_inventory(client, kinds)
    return await asyncio.to_thread(_compared, rehearsal, before, now)


def _compared(rehearsal: DryRun, before: Inventory, now: Inventory) -> DriftCheck:
    within = conflict_check.relevant_objects(rehearsal.conflicts.seen, rules_of(rehearsal.plan))
    changes = conflict_check.compare(before, now, within)
    if changes:
        rehearsal = replace(
            rehearsal, stale_reason=" ".join([*changes.sentences, "That makes the dry run stale."])
        )
        rehearsal.results().precompute()  # the ledger is drawn up here, where it holds up no screen
    return DriftCheck(rehearsal, changes)


async def verify_restored(client: KineticaClient, outcome: Outcome) -> PostCheck:
    """Whether what is said to be restored is there, and, after any end that is not clean, what has appeared of all that
    was requested. Raises nothing but cancellation."""
    rehearsal = outcome.dry_run
    kinds = await asyncio.to_thread(kinds_of, rehearsal.plan, rehearsal.contents)
    now = await conflict_check.read_inventory(client, kinds)
    found = await asyncio.to_thread(post_check, outcome.results, now)
    return (
        found
        if outcome.is_clean
        else replace(found, since=await asyncio.to_thread(since, outcome.results, now))
    )


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
    """Which of the lines that the restore's answer calls restored are shown by this look."""
    found: dict[bool | None, list[Key]] = {True: [], False: [], None: []}
    for line in lines:
        if line.is_reported_restored:
            found[now.shows(line.type, line.restored_as or line.name)].append((line.type, line.name))
    problems = tuple(f"{endpoint} could not be read: {unread.why}" for endpoint, unread in now.unread.items())
    return PostCheck(tuple(found[True]), tuple(found[False]), tuple(found[None]), problems)
