"""A plan in one line, as every step shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from restore_tui.kinetica import reference
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan, SnapshotChoice
from restore_tui.restore.text_format import TIME_UNKNOWN, snapshot_time
from restore_tui.tui import formatting

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot

_LONGEST_NAMES = (40, 28, 22, 18, 14, 11, 8)


def snapshot_words(choice: SnapshotChoice | None, listed: Snapshot | None) -> str:
    """A snapshot choice in words: of a pinned one its time, as it is ``listed``, or the id where that is not known.
    Empty for none."""
    if isinstance(choice, PinnedSnapshot):
        time = snapshot_time(listed)
        return sanitize(choice.id, 40) if time == TIME_UNKNOWN else time
    if isinstance(choice, NewestSnapshot):
        return "the latest at restore time"
    return ""


_LEFT_OUT_FIRST = ("source", "objects", "backup", "snapshot", "server")
"""What is left out of a line that is too long. The server is last: which cluster it is must not be missed."""


def plan_summary(plan: RestorePlan, server: str, width: int, snapshot: Snapshot | None = None) -> Content:
    """Server › data source › backup › snapshot › objects › policy, as far as they are chosen. Names lose their
    middle until the line fits into ``width`` cells; where that is not enough, parts are left out. ``snapshot`` is the
    plan's as it is listed, None where it is not."""
    line = Content("")
    for number in range(len(_LEFT_OUT_FIRST) + 1):
        for longest in _LONGEST_NAMES:
            line = _summary(plan, server, longest, snapshot, without=_LEFT_OUT_FIRST[:number])
            if line.cell_length <= width:
                return line
    return line


def _summary(
    plan: RestorePlan, server: str, longest: int, snapshot: Snapshot | None, *, without: Sequence[str]
) -> Content:
    chosen = (plan.option(o.name) for o in reference.OPTIONS if o.title and o.name in plan.options)
    parts = {
        "server": sanitize(server, longest),
        "source": sanitize(plan.data_source, longest),
        "backup": sanitize(plan.backup, longest),
        "snapshot": snapshot_words(plan.snapshot, snapshot),
        "objects": formatting.pluralize(plan.objects.count, "name") if plan.objects else "",
        "policy": ", ".join(chosen),
    }
    pieces: list[Content | tuple[str, str]] = []
    for name, part in parts.items():
        if part and name not in without:
            pieces += [(" › ", "dim")] if pieces else []
            pieces.append((part, "$text-warning bold" if name == "policy" else "$text-primary"))
    return Content.assemble(*pieces)
