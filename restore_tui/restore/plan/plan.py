"""The one value that goes from step to step: what to restore, from where, and how. Immutable; every choice makes a
new one, and tells what it had to clear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from restore_tui.kinetica import reference
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import UNSENDABLE, backup_problem, identifier_error, sending_problem
from restore_tui.kinetica.reference import Effect, OptionKind
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan import schema_map
from restore_tui.restore.plan.selection import Selection

SNAPSHOT_ID = reference.option_of_kind(OptionKind.SNAPSHOT).name
MOVE_TARGET = reference.option_of_kind(OptionKind.MOVE_TARGET).name

Part = Literal["data_source", "backup", "snapshot", "objects", "options"]


@dataclass(frozen=True)
class PinnedSnapshot:
    """One snapshot, by its id. The restore uses it whatever is backed up meanwhile."""

    id: str


@dataclass(frozen=True)
class NewestSnapshot:
    """The id is left empty: the server takes the most recent one at the time of the restore. ``seen_id`` is
    the newest that was listed when this was chosen."""

    seen_id: str


SnapshotChoice = PinnedSnapshot | NewestSnapshot


class NeverSentError(ValueError):
    """An option has a value that is never sent, such as ``restore_policy=clean``, which drops objects that nobody
    selected."""


def check_value(option: str, value: str) -> None:
    """Raise NeverSentError for a value that the endpoint reference does not allow for this option."""
    allowed = [known.name for known in reference.option(option).values]
    if allowed and value not in allowed:
        raise NeverSentError(f"{option}={sanitize(value, 60)} is never sent")


@dataclass(frozen=True)
class Problem:
    """Why a plan is not complete, and which part of it would mend that; of the options, which one."""

    part: Part
    text: str
    option: str = ""


@dataclass(frozen=True)
class PlanUpdate:
    """A plan after a choice, and in words what the choice had to clear."""

    plan: RestorePlan
    cleared: str = ""


@dataclass(frozen=True)
class RestorePlan:
    """What to restore. ``options`` holds only choices that differ from the endpoint's defaults."""

    data_source: str = ""
    backup: str = ""
    snapshot: SnapshotChoice | None = None
    objects: Selection = field(default_factory=Selection)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def choose_data_source(self, name: str) -> PlanUpdate:
        """A backup is known through a data source, so another one clears backup and snapshot."""
        if name == self.data_source:
            return PlanUpdate(self)
        plan = replace(self, data_source=name, backup="", snapshot=None)
        return PlanUpdate(
            plan,
            "Backup and snapshot are cleared: they belong to the other data source." if self.backup else "",
        )

    def choose_backup(self, name: str) -> PlanUpdate:
        """Another backup has other snapshots."""
        if name == self.backup:
            return PlanUpdate(self)
        plan = replace(self, backup=name, snapshot=None)
        return PlanUpdate(
            plan, "The snapshot is cleared: it belongs to the other backup." if self.snapshot else ""
        )

    def choose_snapshot(self, choice: SnapshotChoice) -> PlanUpdate:
        """Objects stay selected here; ``reconcile`` clears what the snapshot turns out not to hold."""
        return PlanUpdate(replace(self, snapshot=choice))

    def choose_objects(self, objects: Selection) -> RestorePlan:
        return replace(self, objects=objects)

    def choose_option(self, name: str, value: str) -> RestorePlan:
        """Set an option; its default takes it out of the plan. Raises KeyError for an unknown option, and
        NeverSentError for a value that it may not have."""
        rest = {key: held for key, held in self.options.items() if key != name}
        if value != reference.option(name).default:
            check_value(name, value)
            rest[name] = value
        return replace(self, options=MappingProxyType(rest))

    def is_same_but_for_options(self, other: RestorePlan) -> bool:
        """Whether the other plan restores the same objects from the same snapshot."""
        return replace(other, options=self.options) == self

    def option(self, name: str) -> str:
        """The value that is in force: the chosen one, or the default."""
        return self.options.get(name, reference.option(name).default)

    def has(self, effect: Effect) -> bool:
        """Whether a value in force has this effect."""
        return effect in self._effects

    @cached_property
    def _effects(self) -> frozenset[Effect]:
        return reference.effects_of(self.options)

    def reconcile(self, contents: Contents, typed: Mapping[str, Collection[str]]) -> PlanUpdate:
        """Untick what this snapshot does not list. Names that were typed by hand stay, and so does
        everything where the server lists no names at all."""
        if not contents.count:
            return PlanUpdate(self)
        kept = {
            kind: names & frozenset(contents.names(kind).names) | names & frozenset(typed.get(kind, ()))
            for kind, names in self.objects.by_type.items()
        }
        selection = Selection.of(kept)
        lost = self.objects.count - selection.count
        if not lost:
            return PlanUpdate(self)
        return PlanUpdate(
            replace(self, objects=selection),
            f"{lost:,} selected {'name is' if lost == 1 else 'names are'} cleared: this snapshot does not contain "
            f"{'it' if lost == 1 else 'them'}.",
        )

    @cached_property
    def fingerprints(self) -> dict[object, str]:
        """Where it would go → its fingerprint, as far as ``request.fingerprint`` has made them: a screen asks for them
        every second, and a hundred thousand names take a while."""
        return {}

    @property
    def move_target(self) -> str:
        """The schema that existing objects are moved to; empty where the server names one."""
        return self.option(MOVE_TARGET)

    @property
    def snapshot_id(self) -> str:
        """The pinned id, or empty."""
        return self.snapshot.id if isinstance(self.snapshot, PinnedSnapshot) else ""

    @property
    def listed_snapshot_id(self) -> str:
        """The pinned id; of the newest snapshot, the one that was listed as such. May be empty."""
        return self.snapshot.seen_id if isinstance(self.snapshot, NewestSnapshot) else self.snapshot_id

    @property
    def snapshot_key(self) -> tuple[str, str, str]:
        """(data source, backup, snapshot id), as far as they are chosen and listed."""
        return (self.data_source, self.backup, self.listed_snapshot_id)

    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps this plan from a dry run, in the order of the steps."""
        return self._problems

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        found: list[Problem] = []
        if not self.data_source:
            found.append(Problem("data_source", "Choose a data source first."))
        elif UNSENDABLE in self.data_source:
            found.append(
                Problem(
                    "data_source", f"{sanitize(self.data_source, 60)}: {sending_problem(self.data_source)}"
                )
            )
        if not self.backup:
            found.append(Problem("backup", "Choose a backup first."))
        elif unsound := backup_problem(self.backup):
            found.append(Problem("backup", f"{sanitize(self.backup, 60)}: {unsound}"))
        if self.snapshot is None:
            found.append(Problem("snapshot", "Choose a snapshot first."))
        if not self.objects:
            found.append(Problem("objects", "Nothing is selected: select at least one object."))
        bad = sorted(name for name in self.objects.all_names() if sending_problem(name))
        if bad:
            found.append(Problem("objects", f"{sanitize(bad[0], 60)}: {sending_problem(bad[0])}"))
        if self.move_target and self.has(Effect.MOVES_AWAY):
            why = identifier_error(self.move_target, "schema")
            if why:
                found.append(Problem("options", f"{MOVE_TARGET}: {why}", MOVE_TARGET))
        elsewhere = schema_map.problem(self)
        if elsewhere:
            found.append(Problem("options", elsewhere, schema_map.OPTION))
        return tuple(found)
