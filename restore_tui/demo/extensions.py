"""What came to a restore after the reference: other schemas, foreign keys that are in the way, permissions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from restore_tui.demo.model import BackedUpObject, LiveObject, ObjectKey, Permission, Snapshot, World
from restore_tui.demo.protocol import Refusal
from restore_tui.demo.restore_request import CALL, RestoreRequest


def placed(wanted: list[BackedUpObject], snapshot: Snapshot, request: RestoreRequest) -> list[BackedUpObject]:
    """The objects under the names that they get, with all that points at a name. Raises Refusal for a source that the
    snapshot lacks, and for two objects that would become one."""
    for source in request.target_schemas:
        if source not in snapshot.by_schema:
            raise Refusal(
                f"Schema '{source}' in option 'target_schema_map' does not exist in backup ID '{snapshot.id}' "
                f"({CALL}, OPT:1207)"
            )
    if not request.target_schemas:
        return wanted
    before: dict[ObjectKey, str] = {}
    moved = []
    for thing in wanted:
        copy = replace(
            thing,
            name=request.place(thing.type, thing.name),
            references=tuple(request.place("table", name) for name in thing.references),
            permissions=tuple((what, request.place("table", name)) for what, name in thing.permissions),
        )
        first = before.setdefault(copy.key, thing.name)
        if first != thing.name:
            raise Refusal(
                f"Objects '{first}' and '{thing.name}' would both be restored as '{copy.name}' ({CALL}, OBJ:1408)"
            )
        moved.append(copy)
    return moved


def pointing_at(world: World, replaced: BackedUpObject, held: Collection[ObjectKey]) -> list[LiveObject]:
    """The live tables with a foreign key to a table that is replaced, but for those that the backup holds."""
    return [
        other
        for other in world.live.values()
        if replaced.name in other.references and other.key not in held and other.name != replaced.name
    ]


def granted(
    thing: BackedUpObject, request: RestoreRequest, restored: Collection[str]
) -> tuple[Permission, ...]:
    """The permissions that a user or role comes back with: all, or those on objects of this restore."""
    if request.all_permissions:
        return thing.permissions
    return tuple(permission for permission in thing.permissions if permission[1] in restored)
