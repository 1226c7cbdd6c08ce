"""The warnings on a plan, each written once: what it destroys, what has no effect, and what is known to be wrong with
its snapshot. Options, Dry run and the confirmation show them. A warning never blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from restore_tui.kinetica import reference
from restore_tui.kinetica.backups import State, missing_bases, out_of_order
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan import schema_map
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.preflight.live_counts import LiveCounts
from restore_tui.restore.text_format import first_few, pluralize

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot
    from restore_tui.restore.preflight.conflict_report import ConflictReport

CREDENTIAL_KEYS = ("credential", "credential_name")
"""The keys under which a data source may name its credential, in lower case. The keys are not documented."""

_MAX_NAME = 60
_TABLE_TYPES = frozenset({"all", "table"})
_PRINCIPALS = frozenset({"user", "role"})


@dataclass(frozen=True)
class PlanWarning:
    """One warning. ``option`` is the option that it belongs to, None where it belongs to the plan as a whole.

    ``destructive`` marks what overwrites, empties, drops or grants. ``entries`` are the names of the reference whose
    interaction it describes: each one that the reference marks as a loss is covered by a warning.
    """

    text: str
    destructive: bool = False
    option: str | None = None
    entries: frozenset[str] = frozenset()


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
    facts = usable_facts(plan, facts or PlanFacts())
    order = [None, *(option.name for option in reference.OPTIONS)]
    found = [warning for rule in _RULES for warning in rule(plan, facts)]
    return tuple(sorted(found, key=lambda warning: order.index(warning.option)))


def usable_facts(plan: RestorePlan, facts: PlanFacts) -> PlanFacts:
    """Leave out a conflict check of another plan."""
    if facts.conflicts is None or facts.conflicts_of(plan) is not None:
        return facts
    return replace(facts, conflicts=None, live=LiveCounts())


# What exists now


@dataclass(frozen=True)
class ExistingCount:
    """How many selected objects of some types exist now; ``number`` is None where that was not checked."""

    number: int | None
    unchecked: int = 0

    def subject(self, noun: str) -> str:
        """``the 6 tables that exist now``, or without a number ``every selected table that exists now``."""
        if self.number == 1:
            return f"the 1 {noun} that exists now"
        return f"the {self.number:,} {noun}s that exist now" if self.number else f"every {noun} that exists"

    @property
    def may_exist(self) -> bool:
        """Whether there may be anything that is replaced."""
        return self.number != 0 or self.unchecked > 0

    @property
    def limits(self) -> str:
        """What the number does not cover, as a sentence."""
        if self.number is None:
            return " How many exist is not counted yet."
        if self.unchecked:
            more = "more object" if self.number else "object"
            return f" {pluralize(self.unchecked, more)} could not be checked."
        return "" if self.number else " None existed when it was checked."


def count_existing(facts: PlanFacts, kinds: frozenset[str] | None = None) -> ExistingCount:
    """Count the selected objects of these types, or of all, that the conflict check saw."""
    if facts.conflicts is None:
        return ExistingCount(None)
    counts = facts.conflicts.existing_by_type
    wanted = [tally for kind, tally in counts.items() if kinds is None or kind in kinds]
    return ExistingCount(sum(tally.existing for tally in wanted), sum(tally.unknown for tally in wanted))


def _selects(plan: RestorePlan, kind: str, name: str) -> bool:
    """Whether the plan restores this object, by its name or with its schema. A name without a schema, here or there,
    stands for any schema: which one the server uses is not known."""
    if not name:
        return False
    schema = schema_of(name) if reference.has_schema(kind) else None
    if schema in plan.objects.names("all") or name in plan.objects.names(kind):
        return True
    if not reference.has_schema(kind):
        return False
    tail = name.rpartition(".")[2]
    return any(
        other.rpartition(".")[2] == tail and (schema is None or schema_of(other) is None)
        for other in plan.objects.names(kind)
    )


def _has_tables(plan: RestorePlan) -> bool:
    return bool(_TABLE_TYPES & set(plan.objects.by_type))


def _is(plan: RestorePlan, option: str, value: str) -> bool:
    return plan.option(option) == value


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


# What replaces the restore's own ground


def _on_dependencies(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    policy = plan.option("restore_policy")
    if policy not in ("replace", "rename"):
        return
    act = "Replaces" if policy == "replace" else "Moves away"
    if _selects(plan, "datasource", plan.data_source):
        yield PlanWarning(
            f"{act} the data source {sanitize(plan.data_source, _MAX_NAME)}, which this restore reads through.",
            destructive=True,
            entries=frozenset({"datasource", "restore_policy"}),
        )
    credential = frozenset({"credential", "restore_policy"})
    if _selects(plan, "credential", facts.credential):
        yield PlanWarning(
            f"{act} the credential {sanitize(facts.credential, _MAX_NAME)} of the data source that this restore reads "
            "through.",
            destructive=True,
            entries=credential,
        )
    elif not facts.credential and plan.objects.names("credential"):
        yield PlanWarning(
            f"{act} credentials. Which one the data source of this restore uses is not known: it may be among them.",
            destructive=True,
            entries=credential,
        )
    if policy == "replace":
        yield from _on_principals(plan, facts)


def _on_principals(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    users = plan.objects.names("user")
    if facts.user and facts.user in users:
        yield PlanWarning(
            f"Replaces the user {sanitize(facts.user, _MAX_NAME)} that sends this restore: password and permissions "
            "may change while it runs.",
            destructive=True,
            entries=frozenset({"user", "restore_policy"}),
        )
    elif users and not facts.user:
        yield PlanWarning(
            "Replaces users. Which user sends this restore is not known: it may be among them.",
            destructive=True,
            entries=frozenset({"user", "restore_policy"}),
        )
    roles = plan.objects.names("role")
    if roles:
        yield PlanWarning(
            _role_words(roles, facts), destructive=True, entries=frozenset({"role", "restore_policy"})
        )


def _name(name: str) -> str:
    return sanitize(name, _MAX_NAME)


def _role_words(roles: frozenset[str], facts: PlanFacts) -> str:
    """Which of the selected roles are those of the connected user, as far as the server shows it."""
    held = facts.conflicts.roles_of(facts.user) & roles if facts.conflicts and facts.user else frozenset()
    if held:
        named = first_few(sorted(held), _name)
        return (
            f"Replaces {named}: {'a role' if len(held) == 1 else 'roles'} of the user that sends this restore. "
            "Permissions may change while it runs."
        )
    return (
        f"Replaces {pluralize(len(roles), 'role')}. Which roles the user that sends this restore has is not known for "
        "certain: each of these may be one."
    )


# The options


def _on_replace(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    if not _is(plan, "restore_policy", "replace"):
        return
    there = count_existing(facts)
    lost = (
        "Tables lose all their records (ddl_only)."
        if _is(plan, "ddl_only", "true") and _has_tables(plan)
        else "What was written since the snapshot is lost."
    )
    yield PlanWarning(
        f"Overwrites {there.subject('selected object')}. {lost}{there.limits}",
        destructive=there.may_exist,
        option="restore_policy",
        entries=frozenset({"restore_policy"}),
    )


def _on_empty_tables(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    """Tables that a full snapshot holds without records, and that exist now."""
    empty = facts.conflicts.empty_and_existing if facts.conflicts else ()
    if not empty or _is(plan, "ddl_only", "true") or _is(plan, "restore_policy", "none"):
        return
    snapshot = _chosen(plan, facts)
    if snapshot is None or snapshot.kind.strip().lower() != "full":
        return
    named = first_few(empty, _name)
    replaced = _is(plan, "restore_policy", "replace")
    what = "EMPTIES" if replaced else "Puts an empty table in the place of"
    which = "1 table" if len(empty) == 1 else f"{len(empty):,} tables"
    yield PlanWarning(
        f"{what} {which} that {'exists' if len(empty) == 1 else 'exist'} now and "
        f"{'has' if len(empty) == 1 else 'have'} no records in this full snapshot: {named}.",
        destructive=replaced,
    )


def _on_rename(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    target = plan.option("renamed_objects_schema")
    if not _is(plan, "restore_policy", "rename"):
        if target:
            yield PlanWarning(
                "Not sent: it only applies when restore_policy = rename.", option="renamed_objects_schema"
            )
        return
    if any(kind == "all" or reference.may_have_schema(kind) for kind in plan.objects.by_type):
        there = count_existing(
            facts, frozenset(k for k in reference.TYPE_NAMES if k == "all" or reference.has_schema(k))
        )
        place = sanitize(target, _MAX_NAME) or "a new schema backup_<UUID>"
        yield PlanWarning(
            f"Moves {there.subject('selected object')} to {place}. The old names then refer to "
            f"the restored objects.{there.limits}",
            option="restore_policy",
        )
    stuck = plan.objects.without_schema()
    if stuck:
        yield PlanWarning(
            f"rename does not apply to {', '.join(stuck)}: these live in no schema. Whether an existing one aborts the "
            "restore, is overwritten or is skipped is not documented.",
            destructive=True,
            option="restore_policy",
        )
    undecided = plan.objects.schema_undocumented()
    if undecided:
        yield PlanWarning(
            f"Whether rename applies to {_types(undecided)} is not documented: an existing one may be overwritten.",
            destructive=True,
            option="restore_policy",
        )
    if target and target in _schemas_that_take_part(plan):
        yield PlanWarning(
            "This schema is part of the restore itself: moved and restored objects would meet in it.",
            destructive=True,
            option="renamed_objects_schema",
        )


def _types(kinds: tuple[str, ...]) -> str:
    return ", ".join(sanitize(kind, _MAX_NAME) for kind in kinds)


def _schemas_that_take_part(plan: RestorePlan) -> frozenset[str]:
    """The schemas that objects are restored from, and those that they are restored into."""
    targets = schema_map.target_schemas(plan)
    return frozenset({*plan.objects.schemas, *targets.values()})


def _on_schemas(plan: RestorePlan, _facts: PlanFacts) -> Iterator[PlanWarning]:
    kinds = plan.objects.by_type
    if (
        _is(plan, "create_schema_if_not_exist", "false")
        and kinds
        and not any(kind == "all" or reference.may_have_schema(kind) for kind in kinds)
    ):
        yield PlanWarning(
            "No effect: nothing that is selected lives in a schema.", option="create_schema_if_not_exist"
        )


def _on_tables(plan: RestorePlan, facts: PlanFacts) -> Iterator[PlanWarning]:
    if plan.objects and not _has_tables(plan):
        for name in ("ddl_only", "reingest", "restore_subscriptions"):
            if name in plan.options:
                yield PlanWarning("No effect: it acts on tables, and none is selected.", option=name)
    elif _is(plan, "ddl_only", "true") and _has_tables(plan):
        yield _on_definitions(plan, facts)
    if _is(plan, "reingest", "true") and _is(plan, "ddl_only", "true"):
        yield PlanWarning("No effect together with ddl_only: no data is restored.", option="reingest")


def _on_definitions(plan: RestorePlan, facts: PlanFacts) -> PlanWarning:
    """Definitions only: what that makes of tables that exist, and of those that do not."""
    if _is(plan, "restore_policy", "replace"):
        there = count_existing(facts, _TABLE_TYPES)
        whose = (
            "all their records are lost, none is restored"
            if there.number and there.number > 1
            else ("all its records are lost, none is restored")
        )
        return PlanWarning(
            f"EMPTIES {there.subject('table')}: {whose}.{there.limits}",
            destructive=there.may_exist,
            option="ddl_only",
            entries=frozenset({"ddl_only", "restore_policy"}),
        )
    if _is(plan, "restore_policy", "rename"):
        return PlanWarning(
            "Definitions only: restored tables have no records. Existing ones move away with theirs.",
            option="ddl_only",
        )
    return PlanWarning("Definitions only: restored tables have no records.", option="ddl_only")


def _on_subscriptions(plan: RestorePlan, _facts: PlanFacts) -> Iterator[PlanWarning]:
    if not _has_tables(plan) or not _is(plan, "restore_subscriptions", "resume"):
        return
    renames = _is(plan, "restore_policy", "rename")
    if renames or schema_map.target_schemas(plan):
        yield PlanWarning(
            f"Subscriptions resume in restored tables: under {'rename' if renames else schema_map.OPTION} a live table "
            "and its copy can load from one source.",
            option="restore_subscriptions",
            entries=frozenset({"restore_subscriptions", "restore_policy" if renames else schema_map.OPTION}),
        )


def _on_permissions(plan: RestorePlan, _facts: PlanFacts) -> Iterator[PlanWarning]:
    if not _is(plan, "restore_all_permissions", "true"):
        return
    if not _PRINCIPALS & set(plan.objects.by_type):
        yield PlanWarning("No effect: neither user nor role is selected.", option="restore_all_permissions")
        return
    yield PlanWarning(
        "Grants again what was revoked since the snapshot, also on objects that are not selected.",
        destructive=True,
        option="restore_all_permissions",
    )


def _on_target_schemas(plan: RestorePlan, _facts: PlanFacts) -> Iterator[PlanWarning]:
    if not plan.option(schema_map.OPTION):
        return
    if not schema_map.target_schemas(plan):
        if not schema_map.problem(plan):
            yield PlanWarning("Not sent: none of its schemas is selected.", option=schema_map.OPTION)
        return
    for target in schema_map.shared_targets(plan):
        yield PlanWarning(
            f"More than one schema goes to {sanitize(target, _MAX_NAME)}: objects of one name would meet there.",
            destructive=True,
            option=schema_map.OPTION,
        )
    replaced = _is(plan, "restore_policy", "replace")
    stuck = plan.objects.without_schema()
    if stuck:
        yield PlanWarning(
            f"It does not act on {', '.join(stuck)}: these are restored under their own names"
            f"{', and overwrite existing ones' if replaced else ''}.",
            destructive=replaced,
            option=schema_map.OPTION,
        )
    undecided = plan.objects.schema_undocumented()
    if undecided:
        yield PlanWarning(
            f"Whether it acts on {_types(undecided)} is not documented"
            f"{': existing ones may be overwritten' if replaced else ''}.",
            destructive=replaced,
            option=schema_map.OPTION,
        )


def _on_foreign_keys(plan: RestorePlan, _facts: PlanFacts) -> Iterator[PlanWarning]:
    if not _is(plan, "cascade_foreign_keys", "true"):
        return
    if not _is(plan, "restore_policy", "replace"):
        yield PlanWarning(
            "Not sent: it only applies when restore_policy = replace.", option="cascade_foreign_keys"
        )
        return
    yield PlanWarning(
        "Drops live tables with foreign keys to a replaced one. This backup cannot restore them.",
        destructive=True,
        option="cascade_foreign_keys",
        entries=frozenset({"cascade_foreign_keys", "restore_policy"}),
    )


_RULES: tuple[Callable[[RestorePlan, PlanFacts], Iterator[PlanWarning]], ...] = (
    _on_dependencies,
    _on_empty_tables,
    _on_snapshot,
    _on_replace,
    _on_rename,
    _on_schemas,
    _on_tables,
    _on_subscriptions,
    _on_permissions,
    _on_target_schemas,
    _on_foreign_keys,
)
