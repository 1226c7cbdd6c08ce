"""Restore only what is missing: leave out of a plan what exists now."""

from __future__ import annotations

from dataclasses import dataclass

from restore_tui.kinetica.identifiers import sending_problem
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import ConflictStatus, Key
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.results import requested_keys


@dataclass(frozen=True)
class OnlyMissing:
    """``selection`` asks for nothing that is known to exist. ``expanded`` are the whole schemas whose objects are named
    one by one in it, because some of them exist."""

    selection: Selection
    restored: int
    """How many objects it asks for; a schema without a listing counts as one."""
    left_out: tuple[Key, ...]
    """What exists now, by type and name."""
    unknown: int
    """How many objects stay in it although it is not known whether they exist."""
    unsendable: tuple[Key, ...]
    """Members of expanded schemas whose names cannot stand in a request: only the whole schema would bring them."""
    expanded: tuple[str, ...]


def only_missing(report: ConflictReport) -> OnlyMissing:
    """The selection of the report's plan without what the report found to exist. A whole schema of which nothing exists
    stays one."""
    selected, seen = report.plan.objects, report.seen
    keys = requested_keys(selected, report.contents)
    left_out = tuple(sorted(key for key in keys if seen[key].is_conflict))
    members = {
        schema: report.contents.members(schema) or [("all", schema)] for schema in selected.names("all")
    }
    expanded = {schema for schema, held in members.items() if any(seen[key].is_conflict for key in held)}
    still_covered = {key for schema, held in members.items() if schema not in expanded for key in held}
    kept: dict[str, set[str]] = {"all": set(selected.names("all") - expanded)}
    unsendable: list[Key] = []
    restored = unknown = 0
    for key in keys:
        kind, name = key
        if seen[key].is_conflict:
            continue
        if sending_problem(name) and key not in still_covered:
            unsendable.append(key)
            continue
        if name in selected.names(kind) or key not in still_covered:
            kept.setdefault(kind, set()).add(name)
        restored += 1
        unknown += seen[key].status in (ConflictStatus.HIDDEN, ConflictStatus.UNCHECKED)
    return OnlyMissing(
        Selection.of(kept),
        restored,
        left_out,
        unknown,
        tuple(unsendable),
        tuple(sorted(expanded)),
    )
