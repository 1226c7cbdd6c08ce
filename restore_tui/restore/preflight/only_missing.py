"""Restore only what is missing: leave out of a plan what exists now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import sending_problem
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import ConflictStatus, Key
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.results import requested_keys


@dataclass(frozen=True)
class Remainder:
    """What is left of a selection. ``expanded`` are the whole schemas whose objects are named one by one in it, because
    some of them are left out."""

    selection: Selection
    kept: tuple[Key, ...]
    """The objects that it asks for, each once; a schema without a listing counts as one."""
    unsendable: tuple[Key, ...]
    """Members of expanded schemas whose names cannot stand in a request: only the whole schema would bring them."""
    expanded: tuple[str, ...]

    @property
    def restored(self) -> int:
        """How many objects it asks for."""
        return len(self.kept)


def leave_out(selected: Selection, contents: Contents, left_out: Collection[Key]) -> Remainder:
    """The selection without these objects. A whole schema of which nothing is left out stays one."""
    members = {schema: contents.members(schema) or [("all", schema)] for schema in selected.names("all")}
    expanded = {schema for schema, held in members.items() if any(key in left_out for key in held)}
    still_covered = {key for schema, held in members.items() if schema not in expanded for key in held}
    names: dict[str, set[str]] = {"all": set(selected.names("all") - expanded)}
    kept: list[Key] = []
    unsendable: list[Key] = []
    for key in requested_keys(selected, contents):
        kind, name = key
        if key in left_out:
            continue
        if sending_problem(name) and key not in still_covered:
            unsendable.append(key)
            continue
        if name in selected.names(kind) or key not in still_covered:
            names.setdefault(kind, set()).add(name)
        kept.append(key)
    return Remainder(Selection.of(names), tuple(kept), tuple(unsendable), tuple(sorted(expanded)))


@dataclass(frozen=True)
class OnlyMissing(Remainder):
    """What is left of a plan's selection: it asks for nothing that is known to exist. ``left_out`` is what exists now,
    by type and name; of ``unknown`` kept objects it is not known whether they exist."""

    left_out: tuple[Key, ...]
    unknown: int


def only_missing(report: ConflictReport) -> OnlyMissing:
    """The selection of the report's plan without what the report found to exist."""
    left_out = {key for key, seen in report.seen.items() if seen.is_conflict}
    rest = leave_out(report.plan.objects, report.contents, left_out)
    unknown = sum(
        report.seen[key].status in (ConflictStatus.HIDDEN, ConflictStatus.UNCHECKED) for key in rest.kept
    )
    return OnlyMissing(
        rest.selection, rest.kept, rest.unsendable, rest.expanded, tuple(sorted(left_out)), unknown
    )
