"""What a restore does to the world: decided first, as a whole; carried out after, unless it is a dry run.

Nothing is touched before every check has passed, so a refusal leaves the world as it was. What only shows while
data is read (a damaged file, without ``checksum``) fails that one object, in a real restore; a rehearsal reads no
data and does not see it coming.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from restore_tui.demo.lookup import existing_backup, existing_snapshot, incomplete, readable_source
from restore_tui.demo.model import BackedUpObject, Backup, LiveObject, ObjectKey, Permission, Snapshot, World
from restore_tui.demo.protocol import Body, Refusal
from restore_tui.demo.restore_request import CALL, RestoreRequest
from restore_tui.kinetica.reference import may_have_schema

NAMES_IN_A_MESSAGE = 50

SUBSCRIPTION_AFTER = {"resume": "active", "pause": "paused", "cancel": "cancelled"}


@dataclass
class Restore:
    """What a restore amounts to, decided but not carried out."""

    backup: Backup
    snapshot: Snapshot
    renamed_schema: str = ""
    restored: list[LiveObject] = field(default_factory=list)
    files: int = 0
    moved: dict[ObjectKey, LiveObject] = field(default_factory=dict)
    dropped: dict[ObjectKey, LiveObject] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    new_schemas: list[str] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(thing.bytes for thing in self.restored)

    @property
    def records(self) -> int:
        return sum(thing.records for thing in self.restored)


def plan_restore(world: World, request: RestoreRequest) -> Restore:
    """What the restore would do to the world as it is. Raises Refusal. Hold the world's lock."""
    readable_source(world, request.datasource, CALL)
    backup = existing_backup(world, request.datasource, request.backup_name, CALL)
    snapshot = existing_snapshot(backup, request.backup_id, CALL)
    if reason := incomplete(backup, snapshot):
        raise Refusal(f"{reason}; nothing was restored ({CALL}, BKP:1106)")
    wanted = placed(_wanted(snapshot, request), snapshot, request)
    if request.checksum:
        _refuse_damaged(wanted)
    if not request.create_schemas:
        _refuse_missing_schemas(world, wanted)
    conflicts = [thing for thing in wanted if thing.key in world.live]
    _refuse_conflicts(conflicts, request.policy)

    readable, damaged = _split_damaged(wanted, request)
    decided = Restore(backup, snapshot)
    if request.policy == "rename":
        _decide_moves(world, decided, [thing for thing in readable if thing.key in world.live], request)
    if request.policy == "replace":
        readable = _decide_foreign_keys(world, decided, readable, request)
    _decide_data(world, decided, readable, request)
    for thing in damaged:
        decided.failed[thing.name] = thing.type
        decided.info[f"error.{thing.name}"] = f"Checksum mismatch in file '{thing.damaged_file}'"
    needed = {thing.schema for thing in decided.restored} - {""}
    decided.new_schemas = sorted(needed - world.schemas)
    if decided.new_schemas:
        decided.info["created_schemas"] = ",".join(decided.new_schemas)
    if request.checksum:
        decided.info["checksum"] = f"{sum(thing.files for thing in wanted)} files verified"
    return decided


def _wanted(snapshot: Snapshot, request: RestoreRequest) -> list[BackedUpObject]:
    """The objects asked for, each once, however often it is covered. Raises Refusal naming one that is not there."""
    wanted: dict[ObjectKey, BackedUpObject] = {}
    for kind, names in request.asked.items():
        for name in names:
            if kind == "all":
                found = [t for t in snapshot.by_schema.get(name, []) if t.type in request.types]
            else:
                found = [thing for thing in [snapshot.by_key.get((kind, name))] if thing]
            if not found:
                what = f"Schema '{name}'" if kind == "all" else f"Object '{name}' of type '{kind}'"
                raise Refusal(f"{what} does not exist in backup ID '{snapshot.id}' ({CALL}, OBJ:1404)")
            wanted.update((thing.key, thing) for thing in found)
    return list(wanted.values())


def _refuse_damaged(wanted: list[BackedUpObject]) -> None:
    damaged = [f"'{thing.damaged_file}' of '{thing.name}'" for thing in wanted if thing.damaged_file]
    if damaged:
        raise Refusal(
            f"Checksum verification failed for file {_some(damaged)}; nothing was restored ({CALL}, CHK:1501)"
        )


def _refuse_missing_schemas(world: World, wanted: list[BackedUpObject]) -> None:
    missing = sorted({thing.schema for thing in wanted} - {""} - world.schemas)
    if missing:
        raise Refusal(f"Schema {_quoted(missing)} does not exist ({CALL}, SCH:1601)")


def _refuse_conflicts(conflicts: list[BackedUpObject], policy: str) -> None:
    if policy == "none" and conflicts:
        names = _quoted([thing.name for thing in conflicts])
        raise Refusal(f"Object {names} already exists and 'restore_policy' is 'none' ({CALL}, OBJ:1405)")
    # The reference only says that rename does not apply; what a server does is not documented. The demo aborts.
    immovable = [thing.name for thing in conflicts if not may_have_schema(thing.type)]
    if policy == "rename" and immovable:
        raise Refusal(
            f"Object {_quoted(immovable)} already exists; 'restore_policy' 'rename' does not apply to non-schema "
            f"objects ({CALL}, OBJ:1406)"
        )


def _split_damaged(
    wanted: list[BackedUpObject], request: RestoreRequest
) -> tuple[list[BackedUpObject], list[BackedUpObject]]:
    if request.dry_run or request.ddl_only:
        return wanted, []
    return [t for t in wanted if not t.damaged_file], [t for t in wanted if t.damaged_file]


def _decide_moves(
    world: World, decided: Restore, conflicts: list[BackedUpObject], request: RestoreRequest
) -> None:
    if not conflicts:
        return
    schema = request.renamed_objects_schema or world.new_schema_name()
    taken: set[ObjectKey] = set()
    for thing in conflicts:
        key = (thing.type, f"{schema}.{thing.name.partition('.')[2]}")
        if key in world.live or key in taken:
            raise Refusal(
                f"Cannot move existing object '{thing.name}' to '{key[1]}': object already exists ({CALL}, OBJ:1407)"
            )
        taken.add(key)
        decided.moved[thing.key] = replace(world.live[thing.key], name=key[1])
    decided.renamed_schema = schema
    decided.info["renamed_objects_schema"] = schema


def _decide_foreign_keys(
    world: World, decided: Restore, readable: list[BackedUpObject], request: RestoreRequest
) -> list[BackedUpObject]:
    """What can be replaced. What points at it and could not be brought back goes, or fails what it points at."""
    held = {thing.key for thing in readable} | decided.snapshot.by_key.keys()
    free = []
    for thing in readable:
        pointing = pointing_at(world, thing, held) if thing.key in world.live else []
        if pointing and not request.cascade_foreign_keys:
            decided.failed[thing.name] = thing.type
            decided.info[f"error.{thing.name}"] = (
                f"Referenced by a foreign key of {_quoted([other.name for other in pointing])}, which is not in the "
                "backup"
            )
            continue
        decided.dropped.update((other.key, other) for other in pointing)
        free.append(thing)
    if decided.dropped:
        decided.info["dropped_tables"] = ",".join(sorted(name for _, name in decided.dropped))
    return free


def _decide_data(
    world: World, decided: Restore, readable: list[BackedUpObject], request: RestoreRequest
) -> None:
    other_layout = decided.snapshot.ranks != world.ranks
    reingest = request.reingest or other_layout
    reingested = had = 0
    names = frozenset(thing.name for thing in readable)
    for thing in readable:
        restored = replace(_restored(thing, decided, request), permissions=granted(thing, request, names))
        had += len(thing.permissions)
        if restored.records and reingest:
            restored = replace(restored, storage="reingested")
            reingested += 1
        elif restored.records:
            decided.files += thing.files
        if restored.subscription:
            decided.info[f"subscription.{thing.name}"] = restored.subscription
        decided.restored.append(restored)
    if had:
        granted_now = sum(len(thing.permissions) for thing in decided.restored)
        decided.info["permissions"] = f"{granted_now} of {had} restored"
    if reingested:
        reason = "cluster topology differs from that of the backup" if other_layout else "as requested"
        decided.info["reingested"] = f"{reingested} tables re-ingested: {reason}"


def _restored(thing: BackedUpObject, decided: Restore, request: RestoreRequest) -> LiveObject:
    subscription = thing.subscription
    if subscription == "active":
        subscription = SUBSCRIPTION_AFTER[request.subscriptions]
    return LiveObject(
        type=thing.type,
        name=thing.name,
        records=0 if request.ddl_only else thing.records,
        bytes=0 if request.ddl_only else thing.bytes,
        origin=f"{decided.backup.name}@{decided.snapshot.id}",
        subscription=subscription,
        storage="direct",
        references=thing.references,
    )


def apply_restore(world: World, decided: Restore) -> None:
    """Do it. The world has to be as it was when that was decided: hold its lock over both."""
    for key in decided.dropped:
        world.live.pop(key, None)
    # What is moved is restored as well, so that its old place is taken by the second line.
    world.add_live(decided.moved.values())
    world.add_live(decided.restored)


def response_of(decided: Restore) -> Body:
    """The fields of ``restore_backup_response``."""
    return {
        "backup_name": decided.backup.name,
        "backup_id": decided.snapshot.id,
        "restored_bytes": decided.bytes,
        "restored_files": decided.files,
        "restored_records": decided.records,
        "restored_objects": {thing.name: thing.type for thing in decided.restored},
        "renamed_objects": {name: moved.name for (_, name), moved in decided.moved.items()},
        "failed_objects": decided.failed,
        "info": decided.info,
    }


def _quoted(names: list[str]) -> str:
    return _some([f"'{name}'" for name in names])


def _some(parts: list[str]) -> str:
    """All of them, or the first fifty and how many there are more: a message has to stay readable."""
    shown = ", ".join(parts[:NAMES_IN_A_MESSAGE])
    return (
        shown if len(parts) <= NAMES_IN_A_MESSAGE else f"{shown} and {len(parts) - NAMES_IN_A_MESSAGE} more"
    )


# What came to a restore after the reference: other schemas, foreign keys that are in the way, permissions


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
