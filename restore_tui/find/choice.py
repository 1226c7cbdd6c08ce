"""From matches to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from restore_tui.find.matches import BackupKey, Key, Match
from restore_tui.restore.plan.plan import PinnedSnapshot, PlanUpdate, RestorePlan, SnapshotChoice
from restore_tui.restore.plan.selection import Selection


def plan_with(plan: RestorePlan, matches: Sequence[Match]) -> PlanUpdate:
    """The plan with the data source, backup and snapshot of these matches, and with them selected in place of what was;
    its options stay. Raises ValueError where they are not of one snapshot, or one of them cannot be selected."""
    places = {match.place for match in matches}
    if len(places) != 1:
        raise ValueError("a plan is for one snapshot")
    for match in matches:
        if not match.is_selectable:
            raise ValueError(f"the type of {match.name} is not known")
    place = places.pop()
    return plan_with_objects(
        plan, place.backup_key, PinnedSnapshot(place.snapshot_id), [match.key for match in matches]
    )


def plan_with_objects(
    plan: RestorePlan, backup: BackupKey, snapshot: SnapshotChoice, keys: Iterable[Key]
) -> PlanUpdate:
    """The plan for these objects of a snapshot, in place of what was selected; its options stay."""
    names: dict[str, list[str]] = {}
    for kind, name in keys:
        names.setdefault(kind, []).append(name)
    updates = [plan.choose_data_source(backup.data_source)]
    updates.append(updates[-1].plan.choose_backup(backup.backup))
    updates.append(updates[-1].plan.choose_snapshot(snapshot))
    chosen = updates[-1].plan.choose_objects(Selection.of(names))
    return PlanUpdate(chosen, " ".join(update.cleared for update in updates if update.cleared))
