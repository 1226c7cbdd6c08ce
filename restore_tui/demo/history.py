"""``ki_catalog.ki_backup_history``: a row for each run of a backup, and one for each restore or dry run."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from restore_tui.demo.model import Backup, HistoryRow, Snapshot, World
from restore_tui.demo.restore import Restore
from restore_tui.demo.restore_request import RestoreRequest

BACKUP_OPERATOR = "backup_operator"

SQL_WORDS = {
    "datasink": "DATA SINK",
    "datasource": "DATA SOURCE",
    "function_environment": "FUNCTION ENVIRONMENT",
    "monitor": "STREAM",
    "resource_group": "RESOURCE GROUP",
    "stored_procedure": "PROCEDURE",
    "user_defined_function": "FUNCTION",
}
"""Object types whose word in SQL is not their own name in capitals."""


def history(world: World) -> list[HistoryRow]:
    """All rows, oldest first. Those of the backups are made here, so that a world starts without them."""
    with world.lock:
        backups = [
            _backup_row(backup, snapshot)
            for backup in world.backups.values()
            for snapshot in backup.snapshots
        ]
        return sorted([*backups, *world.restores], key=lambda row: row.start_time)


def restore_began(
    world: World, request: RestoreRequest, *, user: str, job_id: int, moment: datetime
) -> HistoryRow:
    """The row of a restore or dry run that begins now, added to the world's history."""
    with world.lock:
        row = HistoryRow(
            query_id=_query_id(f"restore/{len(world.restores) + 1}/{moment.isoformat()}"),
            backup_name=request.backup_name,
            backup_id=None,
            operation="restore",
            objects=_objects_text(request.asked),
            user_name=user,
            job_id=job_id,
            backup_kind="",
            status="restore_in_progress",
            start_time=moment,
            additional_info=json.dumps(
                {"dry_run": str(request.dry_run).lower(), "restore_policy": request.policy}
            ),
        )
        world.restores.append(row)
        return row


def snapshot_chosen(row: HistoryRow, snapshot: Snapshot) -> None:
    row.backup_id = snapshot.id
    row.backup_kind = snapshot.kind


def restore_ended(row: HistoryRow, decided: Restore, *, dry_run: bool, moment: datetime) -> None:
    """It went through; objects that failed by themselves are in the message."""
    row.status = "validated" if dry_run else "restore_complete"
    row.end_time = moment
    row.num_files, row.num_bytes, row.num_records = decided.files, decided.bytes, decided.records
    if decided.failed:
        row.event_message = f"{len(decided.failed)} objects failed: {', '.join(decided.failed)}"


def restore_failed(row: HistoryRow, reason: str, *, moment: datetime) -> None:
    """Also a dry run that was refused: the history knows no other word for it."""
    row.status = "restore_failed"
    row.end_time = moment
    row.event_message = reason


def _backup_row(backup: Backup, snapshot: Snapshot) -> HistoryRow:
    held: dict[str, list[str]] = {"all": sorted(snapshot.by_schema)}
    for thing in snapshot.objects:
        if not thing.schema:
            held.setdefault(thing.type, []).append(thing.name)
    return HistoryRow(
        query_id=_query_id(f"backup/{backup.datasource}/{backup.name}/{snapshot.id}"),
        backup_name=backup.name,
        backup_id=snapshot.id,
        operation="backup",
        objects=_objects_text(held),
        user_name=BACKUP_OPERATOR,
        job_id=0,
        backup_kind=snapshot.kind,
        status=f"backup_{snapshot.status or 'complete'}",
        start_time=snapshot.taken,
        end_time=None
        if snapshot.status == "in_progress"
        else snapshot.taken + timedelta(milliseconds=snapshot.duration_ms),
        num_files=snapshot.stored_files,
        num_bytes=snapshot.stored_bytes,
        num_records=snapshot.stored_records,
        additional_info=json.dumps({"comment": snapshot.comment}) if snapshot.comment else "",
    )


def _query_id(seed: str) -> str:
    # Not drawn from the world's random: which names it generates must not depend on what was asked before.
    return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))


def _objects_text(asked: Mapping[str, list[str]]) -> str:
    """``ALL = sales, TABLE = a.b, a.c``, as it stands in ``RESTORE BACKUP … OBJECTS (…)``."""
    return ", ".join(_parts(asked))


def _parts(asked: Mapping[str, list[str]]) -> Iterator[str]:
    for kind, names in asked.items():
        if names:
            yield f"{SQL_WORDS.get(kind, kind.upper().replace('_', ' '))} = {', '.join(names)}"
