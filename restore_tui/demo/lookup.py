"""From the names in a request to data sources, backups and snapshots, or to the refusal that names what is wrong.

How a server refuses a snapshot that is in progress, failed or without its base is not documented: the wording, and
that it refuses, are invented.
"""

from __future__ import annotations

from restore_tui.demo.model import Backup, DataSource, Snapshot, World
from restore_tui.demo.protocol import Refusal

BACKUP_PROVIDERS = frozenset({"s3", "azure", "gcs", "hdfs"})


def readable_source(world: World, name: str, call: str) -> DataSource:
    """The data source, if it exists, can hold backups, and the demo user may read it. Raises Refusal."""
    source = world.datasource(name)
    if source is None:
        raise Refusal(f"Data source '{name}' does not exist ({call}, DSRC:1101)")
    if not source.readable:
        raise Refusal(
            f"Insufficient privileges: user lacks 'connect' on data source '{name}' ({call}, SEC:1301)"
        )
    if source.provider not in BACKUP_PROVIDERS:
        raise Refusal(
            f"Data source '{name}' of type '{source.provider}' cannot hold backups ({call}, DSRC:1102)"
        )
    return source


def existing_backup(world: World, datasource: str, name: str, call: str) -> Backup:
    """The backup of exactly that name. Raises Refusal."""
    backup = world.backups.get((datasource, name))
    if backup is None:
        raise Refusal(f"Backup '{name}' does not exist via data source '{datasource}' ({call}, BKP:1103)")
    return backup


def named_backups(
    world: World, datasource: str, name: str, call: str, *, tolerant: bool = False
) -> list[Backup]:
    """Those of a data source by name: all for an empty one or ``*``, by prefix for ``night*``, else the one that has
    it, which may be missing only where that is tolerated. Raises Refusal."""
    held = sorted(
        (backup for (source, _), backup in world.backups.items() if source == datasource),
        key=lambda backup: backup.name,
    )
    if name == "" or name.endswith("*"):
        return [backup for backup in held if backup.name.startswith(name.rstrip("*"))]
    if tolerant:
        return [backup for backup in held if backup.name == name]
    return [existing_backup(world, datasource, name, call)]


def existing_snapshot(backup: Backup, backup_id: str, call: str) -> Snapshot:
    """The snapshot with that id, or the most recent one if the id is empty. Raises Refusal."""
    if not backup_id:
        if backup.newest is None:
            raise Refusal(f"Backup '{backup.name}' has no snapshots ({call}, BKP:1104)")
        return backup.newest
    number = snapshot_number(backup_id, call)
    snapshot = backup.snapshot(number)
    if snapshot is None:
        gone = any(deleted.id == number for deleted in backup.deleted)
        reason = "was deleted from" if gone else "does not exist in"
        raise Refusal(f"Backup ID '{backup_id}' {reason} backup '{backup.name}' ({call}, BKP:1105)")
    return snapshot


def incomplete(backup: Backup, snapshot: Snapshot) -> str:
    """Why nothing can be restored from a snapshot, without a full stop; empty where something can."""
    if snapshot.status == "in_progress":
        return f"Backup ID '{snapshot.id}' of backup '{backup.name}' is still in progress"
    if snapshot.status == "failed":
        return f"Backup ID '{snapshot.id}' of backup '{backup.name}' failed before all of its objects were written"
    if snapshot.kind == "full":
        return ""
    # Only a deleted full snapshot is missed: what deleted incremental ones wrote counts as kept.
    kept = max(
        (s.id for s in backup.snapshots if s.kind == "full" and not s.status and s.id < snapshot.id),
        default=0,
    )
    gone = max((d.id for d in backup.deleted if d.kind == "full" and d.id < snapshot.id), default=0)
    if kept >= gone:
        return ""
    return (
        f"Backup ID '{snapshot.id}' of backup '{backup.name}' is {snapshot.kind} and needs the full backup ID "
        f"'{gone}', which was deleted"
    )


def snapshot_number(backup_id: str, call: str) -> int:
    """The id as a number. Raises Refusal for anything but digits."""
    if not (backup_id.isascii() and backup_id.isdigit() and len(backup_id) <= 19):
        raise Refusal(f"Option 'backup_id' must be a snapshot ID, not '{backup_id}' ({call}, OPT:1203)")
    return int(backup_id)
