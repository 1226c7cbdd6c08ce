"""The warnings on a plan, collected from the entries of its types and options, and what is known to be wrong with its
snapshot. Options, Dry run and the confirmation show them. A warning never blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from restore_tui.kinetica import reference
from restore_tui.kinetica.backups import State, missing_bases, out_of_order
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.reference import Effect, ExistingCount, Option, PlanWarning, ReferenceEntry
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan import schema_map
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import is_applicable
from restore_tui.restore.preflight.live_counts import LiveCounts
from restore_tui.restore.text_format import first_few

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot
    from restore_tui.restore.preflight.conflict_report import ConflictReport

CREDENTIAL_KEYS = ("credential", "credential_name")
"""The keys under which a data source may name its credential, in lower case. The keys are not documented."""

_MAX_NAME = 60


@dataclass(frozen=True)
class PlanFacts:
    """What has been read besides the plan. An empty value means unknown.

    ``conflicts`` is the conflict check; one of another selection or schema map is ignored. ``snapshots`` are those that
    the server lists of the plan's backup. ``user`` is the name that the connection logs in with, empty with a token.
    ``credential`` is that of the plan's data source. ``live`` counts the tables that ``conflicts`` found to be
    replaced.
    """

    conflicts: ConflictReport | None = None
    snapshots: tuple[Snapshot, ...] = ()
    user: str = ""
    credential: str = ""
    live: LiveCounts = field(default_factory=LiveCounts)

    def conflicts_of(self, plan: RestorePlan) -> ConflictReport | None:
        """The conflict check, if it looked for the objects of this plan, as its snapshot has them, under the names that
        it gives them."""
        checked = self.conflicts.plan if self.conflicts is not None else None
        if checked is None or not checked.is_same_but_for_options(plan):
            return None
        return (
            self.conflicts
            if schema_map.effective_value(checked) == schema_map.effective_value(plan)
            else None
        )


def plan_warnings(plan: RestorePlan, facts: PlanFacts | None = None) -> tuple[PlanWarning, ...]:
    """Return all warnings on a plan: those on it as a whole first, then in the order of the options."""
    view = KnownPlan(plan, usable_facts(plan, facts or PlanFacts()))
    found = list(chain.from_iterable(_on_type(kind, view) for kind in reference.OBJECT_TYPES))
    found += _on_snapshot(plan, view.facts)
    found += chain.from_iterable(_on_option(option, view) for option in reference.OPTIONS)
    return tuple(found)


def usable_facts(plan: RestorePlan, facts: PlanFacts) -> PlanFacts:
    """Leave out a conflict check of another plan."""
    if facts.conflicts is None or facts.conflicts_of(plan) is not None:
        return facts
    return replace(facts, conflicts=None, live=LiveCounts())


def _on_type(kind: ReferenceEntry, view: KnownPlan) -> Iterator[PlanWarning]:
    for warning in kind.warnings(view):
        yield replace(warning, entry=kind.name)


def _on_option(option: Option, view: KnownPlan) -> Iterator[PlanWarning]:
    """What its entry says of it, unless the other choices leave it without effect."""
    is_chosen = view.option(option.name) != option.default
    if is_chosen and not is_applicable(view.plan, option):
        found: Iterable[PlanWarning] = (PlanWarning(f"Not sent: it only applies when {option.condition}."),)
    elif view.types and option.types and not set(option.types) & set(view.types):
        acts_on = " and ".join(f"{kind}s" for kind in option.types if kind != "all")
        found = (PlanWarning(f"No effect: it acts on {acts_on}, and none is selected."),) if is_chosen else ()
    else:
        found = option.warnings(view) if view.types or not option.types else ()
    for warning in found:
        yield replace(warning, entry=option.name, option=option.name)


@dataclass(frozen=True)
class KnownPlan:
    """A plan and what has been read besides it, as the entries of the reference take it (``reference.PlanView``)."""

    plan: RestorePlan
    facts: PlanFacts

    @property
    def data_source(self) -> str:
        return self.plan.data_source

    @property
    def user(self) -> str:
        return self.facts.user

    @property
    def credential(self) -> str:
        return self.facts.credential

    @property
    def types(self) -> Collection[str]:
        return self.plan.objects.by_type

    @property
    def types_without_schema(self) -> tuple[str, ...]:
        return tuple(map(self.shown, self.plan.objects.without_schema()))

    @property
    def types_perhaps_without_schema(self) -> tuple[str, ...]:
        return tuple(map(self.shown, self.plan.objects.schema_undocumented()))

    @property
    def reaches_schemas(self) -> bool:
        return any(kind == "all" or reference.may_have_schema(kind) for kind in self.types)

    @property
    def restores_tables(self) -> bool:
        return "all" in self.types or "table" in self.types

    @cached_property
    def _targets(self) -> Mapping[str, str]:
        return schema_map.target_schemas(self.plan)

    @property
    def schemas(self) -> Collection[str]:
        return {*self.plan.objects.schemas, *self._targets.values()}

    @property
    def shared_targets(self) -> tuple[str, ...]:
        return schema_map.shared_targets(self.plan)

    @property
    def maps_schemas(self) -> bool:
        return bool(self._targets)

    @property
    def map_problem(self) -> str:
        return schema_map.problem(self.plan)

    @property
    def emptied_tables(self) -> tuple[str, ...]:
        snapshot = _chosen(self.plan, self.facts)
        if self.facts.conflicts is None or snapshot is None or not snapshot.is_full:
            return ()
        return self.facts.conflicts.empty_and_existing

    def option(self, name: str) -> str:
        return self.plan.option(name)

    def has(self, effect: Effect) -> bool:
        return self.plan.has(effect)

    def names(self, kind: str) -> frozenset[str]:
        return self.plan.objects.names(kind)

    def selects(self, kind: str, name: str) -> bool:
        """A name without a schema, here or there, stands for any schema: which one the server uses is not known."""
        if not name:
            return False
        schema = schema_of(name) if reference.has_schema(kind) else None
        if schema in self.names("all") or name in self.names(kind):
            return True
        if not reference.has_schema(kind):
            return False
        tail = name.rpartition(".")[2]
        return any(
            other.rpartition(".")[2] == tail and (schema is None or schema_of(other) is None)
            for other in self.names(kind)
        )

    def own_roles(self, roles: Iterable[str]) -> list[str]:
        if not self.facts.conflicts or not self.user:
            return []
        return sorted(self.facts.conflicts.roles_of(self.user) & frozenset(roles))

    def existing(self, kinds: Collection[str] | None = None) -> ExistingCount:
        if self.facts.conflicts is None:
            return ExistingCount(None)
        counts = self.facts.conflicts.existing_by_type
        wanted = [tally for kind, tally in counts.items() if kinds is None or kind in kinds]
        return ExistingCount(sum(tally.existing for tally in wanted), sum(tally.unknown for tally in wanted))

    def existing_in_schemas(self) -> ExistingCount:
        return self.existing([k for k in reference.TYPE_NAMES if k == "all" or reference.has_schema(k)])

    def shown(self, name: str) -> str:
        return sanitize(name, _MAX_NAME)

    def few(self, names: Collection[str]) -> str:
        return first_few(list(names), self.shown)


# The snapshot


def _chosen(plan: RestorePlan, facts: PlanFacts) -> Snapshot | None:
    """Return the plan's snapshot as it is listed; of the newest, the one that was listed as such."""
    return next((known for known in facts.snapshots if known.id == plan.listed_snapshot_id), None)


def _on_snapshot(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    snapshot = _chosen(plan, facts)
    if snapshot is None:
        return
    if snapshot.deleted:
        yield PlanWarning("The server lists this snapshot as deleted.")
    elif snapshot.state is State.IN_PROGRESS:
        yield PlanWarning("This snapshot is still being taken. It may not be complete.")
    elif snapshot.state is State.FAILED:
        yield PlanWarning("The server lists this snapshot as failed. It may not be complete.")
    lacks = base_words(snapshot, facts.snapshots)
    if lacks:
        yield PlanWarning(lacks)
    yield from _on_order(snapshot, facts.snapshots, newest=isinstance(plan.snapshot, NewestSnapshot))


def base_words(snapshot: Snapshot, listed: Sequence[Snapshot]) -> str:
    """What an incremental or differential snapshot lacks of those that it is based on; empty where nothing."""
    missing = missing_bases(listed).get(snapshot.id)
    if missing is None:
        return ""
    kind = snapshot.kind.strip().lower()
    if not missing.deleted:
        return (
            f"This snapshot is {kind}, and the server lists no full snapshot before it that is complete. Whether it "
            "can be restored is not known."
        )
    named = ", ".join(sanitize(known, 24) for known in missing.deleted)
    return (
        f"This snapshot is {kind}: it holds changes since an earlier one, and the server lists what it is based on as "
        f"deleted ({named}). It may not be restorable."
    )


def _on_order(snapshot: Snapshot, listed: Sequence[Snapshot], *, newest: bool) -> Iterator[PlanWarning]:
    """Ids count up, so an older time on a higher id contradicts it."""
    other = out_of_order(listed).get(snapshot.id)
    if other is not None:
        which = "The newest snapshot by id is not the newest by time" if newest else "Ids and times disagree"
        yield PlanWarning(
            f"{which}: {sanitize(snapshot.id, 24)} and {sanitize(other, 24)} are in opposite order. Check which one "
            "you want."
        )
