"""What the server shows: data sources, backups with their snapshots and contents, its properties and status."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any

from restore_tui.demo.lookup import existing_snapshot, named_backups, readable_source, snapshot_number
from restore_tui.demo.model import BackedUpObject, Backup, Snapshot, World
from restore_tui.demo.protocol import Body, Refusal, RequestFields
from restore_tui.demo.version import ServerVersion

BOOLEAN = ("true", "false")

SHOW_BACKUP_OPTIONS = {
    "backup_id": (),
    "backup_type": ("all", "full", "incremental", "differential"),
    "show_contents": ("none", "object_names", "object_files"),
    "no_error_if_not_exists": BOOLEAN,
}


def show_datasource(world: World, body: Any) -> Body:
    fields = RequestFields("show_datasource", body, ("name", "options"))
    name = fields.text("name", "*")
    fields.options({})
    with world.lock:
        shown = [source for source in world.all_datasources() if name in ("*", source.name)]
    if not shown and name != "*":
        raise Refusal(f"Data source '{name}' does not exist (show_datasource, DSRC:1101)")
    return {
        "datasource_names": [source.name for source in shown],
        "storage_provider_types": [source.provider for source in shown],
        "additional_info": [dict(source.info) for source in shown],
        "info": {},
    }


def show_backup(world: World, version: ServerVersion, body: Any) -> Body:
    """Descriptions, snapshots and, on request, contents; without ``backup_id`` those of each newest snapshot. Of types
    that the version lacks a snapshot holds nothing."""
    types = version.object_types()
    fields = RequestFields("show_backup", body, ("backup_name", "datasource_name", "options"))
    name = fields.text("backup_name", "")
    datasource = fields.text("datasource_name")
    options = fields.options(version.read_options("/show/backup", SHOW_BACKUP_OPTIONS))
    with world.lock:
        readable_source(world, datasource, fields.call)
        tolerant = options.get("no_error_if_not_exists", "false") == "true"
        backups = named_backups(world, datasource, name, fields.call, tolerant=tolerant)
        chosen = options.get("backup_id", "")
        if chosen:
            backups = _holding(backups, chosen)
        kind = options.get("backup_type", "all")
        return {
            "backup_name": name,
            "backup_description": [_description(backup) for backup in backups],
            "backup_ids": [
                _snapshot_row(backup, snapshot, types)
                for backup in backups
                for snapshot in backup.snapshots
                if kind in ("all", snapshot.kind) and chosen in ("", str(snapshot.id))
            ],
            "backup_contents": list(_contents(backups, chosen, options.get("show_contents", "none"), types)),
            "deleted_backup_ids": [row for backup in backups for row in _deleted_rows(backup)],
            "info": {},
        }


def show_system_properties(version: ServerVersion, ranks: int, public_url: str, body: Any) -> Body:
    """What the official client reads when it connects, and what a person would look for."""
    fields = RequestFields("show_system_properties", body, ("options",))
    wanted = fields.options({"properties": ()}).get("properties", "")
    properties = {
        "conf.cluster_name": "demo_shop",
        "conf.enable_authorization": "true",
        "conf.enable_ha": "false",
        "conf.enable_httpd_proxy": "false",
        "conf.ha_ring_head_nodes_full": "",
        "conf.hm_http_port": "9300",
        "conf.host0_public_urls": public_url,
        "conf.number_of_hosts": "1",
        "conf.number_of_ranks": str(ranks),
        "conf.use_https": "false",
        "version.gpudb_core_version": version.text,
    }
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    return {"property_map": {k: v for k, v in properties.items() if not names or k in names}, "info": {}}


def show_system_status(body: Any) -> Body:
    RequestFields("show_system_status", body, ("options",)).options({})
    system = json.dumps({"status": "running", "cluster_status": "running", "offline": False})
    return {"status_map": {"system": system}, "info": {}}


def _holding(backups: list[Backup], backup_id: str) -> list[Backup]:
    """Of several backups those with that snapshot. Raises Refusal if there is none."""
    number = snapshot_number(backup_id, "show_backup")
    if len(backups) == 1:
        existing_snapshot(backups[0], backup_id, "show_backup")
    holding = [backup for backup in backups if backup.snapshot(number)]
    if backups and not holding:
        raise Refusal(f"Backup ID '{backup_id}' does not exist (show_backup, BKP:1105)")
    return holding


def _description(backup: Backup) -> dict[str, str]:
    return {
        "backup_name": backup.name,
        "datasource_name": backup.datasource,
        "comment": backup.comment,
        "create_time": _time(backup, backup.created),
        "num_snapshots": str(len(backup.snapshots)),
        "size": str(sum(snapshot.stored_bytes for snapshot in backup.snapshots)),
    }


def _snapshot_row(backup: Backup, snapshot: Snapshot, types: Container[str]) -> dict[str, str]:
    """``status`` is there only of a snapshot that is not complete. That it is there at all is not documented."""
    row = {
        "backup_name": backup.name,
        "backup_id": str(snapshot.id),
        "backup_type": snapshot.kind,
        "time": _time(backup, snapshot.taken),
        "duration": str(snapshot.duration_ms),
        "cluster_id": backup.cluster_id,
        "host_name": backup.host_name,
        "host_id": backup.host_id,
        "objects": str(sum(thing.type in types for thing in snapshot.objects)),
        "size": str(snapshot.stored_bytes),
        "files": str(snapshot.stored_files),
        "records": str(snapshot.stored_records),
        "comment": snapshot.comment,
    }
    return row | ({"status": snapshot.status} if snapshot.status else {})


def _deleted_rows(backup: Backup) -> Iterable[dict[str, str]]:
    for gone in backup.deleted:
        yield {
            "backup_name": backup.name,
            "backup_id": str(gone.id),
            "delete_time": _time(backup, gone.deleted),
        }


def _contents(
    backups: list[Backup], backup_id: str, detail: str, types: Container[str]
) -> Iterable[dict[str, str]]:
    if detail == "none":
        return
    for backup in backups:
        if not backup_id and backup.newest is None:
            continue
        for thing in existing_snapshot(backup, backup_id, "show_backup").objects:
            if thing.type not in types:
                continue
            row = _object_row(thing, with_files=detail == "object_files")
            # Among the contents of several backups nothing else would tell whose object it is.
            yield row if len(backups) == 1 else {"backup_name": backup.name, **row}


def _object_row(thing: BackedUpObject, *, with_files: bool) -> dict[str, str]:
    row = {"object_name": thing.name, "object_type": thing.type}
    if thing.type == "table":
        row |= {"size": str(thing.bytes), "records": str(thing.records)}
        if with_files:
            names = [f"{thing.name}/{number:04}.kdat" for number in range(thing.files)]
            row |= {"files": str(thing.files), "file_names": ",".join(names)}
    return row


def _time(backup: Backup, moment: datetime) -> str:
    shown = moment if backup.zoned else moment.replace(tzinfo=None)
    return shown.isoformat(timespec="seconds")
