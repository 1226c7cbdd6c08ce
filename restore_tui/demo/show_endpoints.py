"""What the server shows: data sources, backups with their contents, what is live, its properties and status.

``/verify/backup`` reads the files of snapshots where they are stored, and reports which are damaged and which snapshots
nothing can be restored from. What a server reports of either is not documented: the wording is invented.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from restore_tui.demo.lookup import (
    existing_snapshot,
    incomplete,
    named_backups,
    readable_source,
    snapshot_number,
)
from restore_tui.demo.model import BackedUpObject, Backup, Permission, Snapshot, World
from restore_tui.demo.protocol import BOOLEAN, Body, Refusal, RequestFields
from restore_tui.demo.version import ServerVersion

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


# What is live: the demo user is an administrator and sees everything.

HIDDEN = "********"


def show_schema(world: World, body: Any) -> Body:
    """All schemas for a blank name, each with its tables and views, which are named without it."""
    fields = RequestFields("show_schema", body, ("schema_name", "options"))
    name = fields.text("schema_name")
    tolerant = fields.options({"no_error_if_not_exists": BOOLEAN}).get("no_error_if_not_exists") == "true"
    with world.lock:
        tables: dict[str, list[str]] = {
            schema: [] for schema in sorted(world.schemas) if name in ("", schema)
        }
        for thing in world.live.values():
            if thing.type == "table" and thing.schema in tables:
                tables[thing.schema].append(thing.name.partition(".")[2])
    if name and not tables and not tolerant:
        raise Refusal(f"Schema '{name}' does not exist (show_schema, SCH:1601)")
    return {
        "schema_name": name,
        "schema_names": list(tables),
        "schema_tables": [sorted(held) for held in tables.values()],
        "additional_info": [{"num_tables": str(len(held))} for held in tables.values()],
        "info": {},
    }


WRITTEN_AT_ONCE = 88
SHOW_TABLE_OPTIONS = dict.fromkeys(
    (
        "get_access_data",
        "get_cached_sizes",
        "get_sizes",
        "no_error_if_not_exists",
        "show_children",
        "skip_additional_info",
    ),
    BOOLEAN,
)


def show_table(world: World, body: Any) -> Body:
    """One table, or all of a schema, or of all schemas for ``*``. Cached sizes are the same as counted ones. What is
    told of types and properties is empty."""
    fields = RequestFields("show_table", body, ("table_name", "options"))
    name = fields.text("table_name")
    options = fields.options(SHOW_TABLE_OPTIONS)
    with world.lock:
        _write_to_the_busy_schema(world)
        tables = [table for table in world.live.values() if table.type == "table"]
        found = [table for table in tables if name in ("*", table.schema, table.name)]
        exists = name == "*" or name in world.schemas or bool(found)
    if not exists and options.get("no_error_if_not_exists") != "true":
        raise Refusal(f"Table '{name}' does not exist (show_table, TBL:1602)")
    found.sort(key=lambda table: table.name)
    counted = "true" in (options.get("get_sizes"), options.get("get_cached_sizes"))
    sizes = [table.records for table in found] if counted else []
    return {
        "table_name": name,
        "table_names": [table.name for table in found],
        "table_descriptions": [[] for _ in found],
        "type_ids": ["" for _ in found],
        "type_schemas": ["" for _ in found],
        "type_labels": ["" for _ in found],
        "properties": [{} for _ in found],
        "additional_info": [_access_data(table.last_write, options) for table in found],
        "sizes": sizes,
        "full_sizes": sizes,
        "join_sizes": [float(size) for size in sizes],
        "total_size": sum(sizes),
        "total_full_size": sum(sizes),
        "info": {},
    }


def _write_to_the_busy_schema(world: World) -> None:
    for key, thing in world.live.items():
        if world.busy_schema and thing.type == "table" and thing.schema == world.busy_schema:
            world.live[key] = replace(thing, records=thing.records + WRITTEN_AT_ONCE)


def _access_data(last_write: datetime | None, options: Mapping[str, str]) -> dict[str, str]:
    if options.get("get_access_data") != "true" or options.get("skip_additional_info") == "true":
        return {}
    return {"last_write_time": f"{last_write:%Y-%m-%d %H:%M:%S}" if last_write is not None else ""}


def show_datasink(world: World, body: Any) -> Body:
    fields = RequestFields("show_datasink", body, ("name", "options"))
    name = fields.text("name")
    fields.options({})
    names = _live(world, "datasink", name, "Data sink", "show_datasink, DSNK:1701")
    kinds = ["s3" if sink.endswith("bucket") else "kafka" for sink in names]
    return {
        "datasink_names": names,
        "destination_types": kinds,
        "additional_info": [
            {"destination": f"{kind}://store.shop.example", "user_name": ""} for kind in kinds
        ],
        "info": {},
    }


def show_credential(world: World, body: Any) -> Body:
    """Each with its type and identity; the secret is not told."""
    fields = RequestFields("show_credential", body, ("credential_name", "options"))
    name = fields.text("credential_name")
    fields.options({})
    names = _live(world, "credential", name, "Credential", "show_credential, CRED:1801")
    kinds = ["aws_access_key" if "s3" in credential else "jdbc" for credential in names]
    identities = [credential.partition(".")[2] for credential in names]
    return {
        "credential_names": names,
        "credential_types": kinds,
        "credential_identities": identities,
        "credentials": [
            json.dumps({"credential_name": credential, "type": kind, "identity": identity, "secret": HIDDEN})
            for credential, kind, identity in zip(names, kinds, identities, strict=True)
        ],
        "additional_info": [{} for _ in names],
        "info": {},
    }


def show_security(world: World, caller: str, body: Any) -> Body:
    """Users and roles, with what was granted to them; all of them for no name. ``caller`` is an administrator."""
    fields = RequestFields("show_security", body, ("names", "options"))
    names = fields.texts("names")
    own = fields.options({"show_current_user": BOOLEAN}).get("show_current_user") == "true"
    with world.lock:
        live = {name: thing for (kind, name), thing in world.live.items() if kind in ("user", "role")}
    types = {caller: "internal_user"} | {name: _type(thing.type, name) for name, thing in live.items()}
    granted = {name: [_permission(held) for held in thing.permissions] for name, thing in live.items()}
    granted[caller] = [*granted.get(caller, []), {"permission": "system_admin"}]
    for name in names:
        if name not in types:
            raise Refusal(f"User or role '{name}' does not exist (show_security, SEC:1303)")
    shown = sorted([caller] if own else names or types)
    return {
        "types": {name: types[name] for name in shown},
        "roles": {name: [] for name in shown},
        "permissions": {name: granted[name] for name in shown},
        "resource_groups": {
            name: "kinetica_default_resource_group" for name in shown if types[name] != "role"
        },
        "info": {},
    }


def _live(world: World, kind: str, wanted: str, word: str, where: str) -> list[str]:
    """The names of the live objects of a type: all for ``*``, else the one. Raises Refusal where it is not there."""
    with world.lock:
        names = sorted(name for held, name in world.live if held == kind and wanted in ("*", name))
    if wanted != "*" and not names:
        raise Refusal(f"{word} '{wanted}' does not exist ({where})")
    return names


def _type(kind: str, name: str) -> str:
    if kind == "role":
        return "role"
    return "external_user" if name.startswith("ldap") else "internal_user"


def _permission(held: Permission) -> dict[str, str]:
    what, on = held
    return {"permission": what, "object_name": on} if on else {"permission": what}


# Verification

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
