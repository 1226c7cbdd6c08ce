"""From matches to a plan."""

from __future__ import annotations

from collections.abc import Sequence

from restore_tui.find.matches import Match
from restore_tui.restore.plan.plan import PinnedSnapshot, PlanUpdate, RestorePlan
from restore_tui.restore.plan.selection import Selection


def plan_with(plan: RestorePlan, matches: Sequence[Match]) -> PlanUpdate:
    """The plan with the data source, backup and snapshot of these matches, and with them selected in place of what was;
    its options stay. Raises ValueError where they are not of one snapshot, or one of them cannot be selected."""
    places = {match.place for match in matches}
    if len(places) != 1:
        raise ValueError("a plan is for one snapshot")
    names: dict[str, set[str]] = {}
    for match in matches:
        if not match.is_selectable:
            raise ValueError(f"the type of {match.name} is not known")
        names.setdefault(match.type, set()).add(match.name)
    place = places.pop()
    updates = [plan.choose_data_source(place.data_source)]
    updates.append(updates[-1].plan.choose_backup(place.backup))
    updates.append(updates[-1].plan.choose_snapshot(PinnedSnapshot(place.snapshot_id)))
    chosen = updates[-1].plan.choose_objects(Selection.of(names))
    return PlanUpdate(chosen, " ".join(update.cleared for update in updates if update.cleared))
