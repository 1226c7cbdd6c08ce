"""``/verify/backup`` of the demo server."""

from __future__ import annotations

from typing import Any

from restore_tui.demo.lookup import (
    existing_snapshot,
    incomplete,
    named_backups,
    readable_source,
    snapshot_number,
)
from restore_tui.demo.model import Backup, Snapshot, World
from restore_tui.demo.protocol import Body, Refusal, RequestFields

VERIFY = "verify_backup"
ALL_SNAPSHOTS = "-1"


def verify_backup(world: World, body: Any) -> Body:
    """One snapshot by its id, the newest for an empty one, and all of them for ``-1`` or without the option."""
    fields = RequestFields(VERIFY, body, ("backup_name", "datasource_name", "options"))
    name = fields.text("backup_name", "")
    datasource = fields.text("datasource_name")
    backup_id = fields.options({"backup_id": ()}).get("backup_id", ALL_SNAPSHOTS)
    with world.lock:
        readable_source(world, datasource, VERIFY)
        backups = named_backups(world, datasource, name, VERIFY)
        inspected = [(backup, _chosen(backup, backup_id, alone=len(backups) == 1)) for backup in backups]
        if backup_id not in ("", ALL_SNAPSHOTS):
            inspected = [(backup, snapshots) for backup, snapshots in inspected if snapshots]
            if not inspected:
                raise Refusal(f"Backup ID '{backup_id}' does not exist ({VERIFY}, BKP:1105)")
        return {
            "backup_name": name,
            "backup_names": [backup.name for backup, _ in inspected],
            "backup_ids": [[snapshot.id for snapshot in snapshots] for _, snapshots in inspected],
            "errors": [[error for s in snapshots for error in _errors(b, s)] for b, snapshots in inspected],
            "info": {},
        }


def _chosen(backup: Backup, backup_id: str, *, alone: bool) -> list[Snapshot]:
    """The snapshots of a backup that are meant. Raises Refusal where it is the only backup and has not got it."""
    if backup_id == ALL_SNAPSHOTS:
        return backup.snapshots
    if alone:
        return [existing_snapshot(backup, backup_id, VERIFY)]
    found = backup.snapshot(snapshot_number(backup_id, VERIFY)) if backup_id else backup.newest
    return [found] if found else []


def _errors(backup: Backup, snapshot: Snapshot) -> list[str]:
    reason = incomplete(backup, snapshot)
    damaged = [
        thing.damage
        or f"Checksum mismatch in file '{thing.damaged_file}' of {thing.type} '{thing.name}', backup ID '{snapshot.id}'"
        for thing in snapshot.objects
        if thing.damaged_file
    ]
    return [reason, *damaged] if reason else damaged
