"""Check what a plan would meet on the server, and report it object by object.

A conflict check is a help and no condition: one that fails keeps nobody from going on, and is told.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.schema_map import map_name, target_schemas
from restore_tui.restore.preflight.conflict_check import (
    SECURITY,
    ConflictStatus,
    Inventory,
    Key,
    ObjectConflict,
    Rules,
    evaluate_conflicts,
    read_inventory,
)
from restore_tui.restore.preflight.results import ObjectResults, build_results, requested_keys

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient


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
        """The results as far as they go without a dry run. Many take a second: ``precompute`` makes them in a
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
            if seen.status in (ConflictStatus.HIDDEN, ConflictStatus.UNCHECKED)
        )
        return {
            kind: ExistingTally(existing[kind], unknown[kind]) for kind in existing.keys() | unknown.keys()
        }

    @cached_property
    def empty_and_existing(self) -> tuple[str, ...]:
        """The tables that have no records in the snapshot and exist now, by name."""
        tables = self.contents.names("table")
        return tuple(
            sorted(
                name
                for (kind, name), seen in self.seen.items()
                if kind == "table" and seen.is_conflict and tables.records_of(name) == 0
            )
        )

    def roles_of(self, user: str) -> frozenset[str]:
        """The roles that the server shows this user to have; it may have others."""
        listing = self.existing.listings.get(SECURITY)
        return listing.roles_of(user) if listing is not None else frozenset()

    @property
    def conflicts(self) -> int:
        """How many of the objects requested are there already."""
        return sum(1 for seen in self.seen.values() if seen.is_conflict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which reads have nothing to show, and why."""
        return self.existing.problems


async def check_conflicts(client: KineticaClient, plan: RestorePlan, contents: Contents) -> ConflictReport:
    """Look at what this plan would meet. Raises nothing but cancellation."""
    existing = await inventory_for(client, plan, contents)
    return await asyncio.to_thread(_conflict_report, plan, contents, existing)


async def inventory_for(client: KineticaClient, plan: RestorePlan, contents: Contents) -> Inventory:
    """Read what exists of the types that this plan restores. Raises nothing but cancellation."""
    return await read_inventory(client, await asyncio.to_thread(kinds_of, plan, contents))


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
        seen = evaluate_conflicts(requested_keys(plan.objects, contents), existing, rules_of(plan))
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
