"""Restore requests for the demo server, drawn by Hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from restore_tui.kinetica.reference import OPTIONS
from tests.harness.servers.demo_requests import shop

MODEL = shop()
"""Only looked at, to draw requests from; every example restores into worlds of its own."""


BACKUPS = sorted({backup.name for backup in MODEL.backups.values() if backup.snapshots})


CHOICES = {option.name: [value.name for value in option.values] for option in OPTIONS if option.values}


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of ``restore`` that name what exists, with any options."""
    backup = MODEL.backup(draw(st.sampled_from([*BACKUPS, "nightly_crm", "nightly_shop"])))
    # The newest is drawn often: it is the one that may be damaged.
    snapshot = draw(st.sampled_from([backup.snapshots[-1], draw(st.sampled_from(backup.snapshots))]))
    schemas = draw(st.lists(st.sampled_from([*sorted(snapshot.by_schema)]), max_size=2))
    picked = draw(st.lists(st.sampled_from(snapshot.objects), max_size=6, unique=True))
    if not schemas and not picked:
        picked = [snapshot.objects[0]]
    named: dict[str, list[str]] = {"all": schemas} if schemas else {}
    for thing in picked:
        named.setdefault(thing.type, []).append(thing.name)
    options = {
        name: draw(st.sampled_from(values))
        for name, values in CHOICES.items()
        if name not in ("dry_run", "restore_policy") and draw(st.booleans())
    }
    # Most requests under "none" end in a conflict, and teach little.
    options["restore_policy"] = draw(st.sampled_from(["replace", "rename", "replace", "rename", "none"]))
    if snapshot is not backup.newest or draw(st.booleans()):
        options["backup_id"] = str(snapshot.id)
    if draw(st.booleans()):
        options["renamed_objects_schema"] = draw(st.sampled_from(["", "aside", "inventory"]))
    if draw(st.booleans()):
        sources = draw(
            st.lists(st.sampled_from([*sorted(snapshot.by_schema)]), unique=True, min_size=1, max_size=2)
        )
        targets = st.sampled_from(["aside", "elsewhere", "inventory"])
        options["target_schema_map"] = ", ".join(f"{source}: {draw(targets)}" for source in sources)
    objects = {kind: ",".join(names) for kind, names in named.items()}
    return {"backup": backup.name, "objects": objects, "options": options}
