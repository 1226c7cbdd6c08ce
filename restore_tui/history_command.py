"""``restore-tui history --all-users``: what everyone restored, from the server's own history."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone

from restore_tui.config import Settings
from restore_tui.headless import CommandError, connection
from restore_tui.kinetica.client import HISTORY_ROWS, KineticaClient
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import HistoryRow
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.outcome.history_evidence import row_of, status_words
from restore_tui.restore.outcome.reattach import outcome_query_for
from restore_tui.restore.polling import or_error
from restore_tui.restore.receipts.listing import fit_columns
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.text_format import AS_OF, UNKNOWN, code, format_table, format_timestamp, table

JSON_VERSION = 1
_HEAD = ("Started", "User", "Outcome", AS_OF, "Objects", "Backup", "Receipt")
_SHORTENED = ("User", "Outcome", "Objects", "Backup")
_LEFT_OUT = (AS_OF,)
_MAX_CHARS = 120
_CLOCK = "Times without a zone are by the server's clock. Dry runs are left out where the history marks them."


@dataclass(frozen=True)
class PastOperation:
    """A restore in the server's history. ``taken`` is when its snapshot was, empty where that is not known; ``run`` is
    the one whose receipt is here, empty for none."""

    row: HistoryRow
    taken: str
    run: str

    @property
    def outcome(self) -> str:
        return status_words(self.row)

    @property
    def cells(self) -> tuple[str, ...]:
        row = self.row
        as_of = self.taken or (f"snapshot {sanitize(row['backup_id'], 40)}" if row["backup_id"] else "")
        return (
            _time(row, "start_time"),
            row["user_name"] or UNKNOWN,
            self.outcome,
            as_of,
            row["objects"] or UNKNOWN,
            row["backup_name"] or UNKNOWN,
            self.run,
        )


@dataclass(frozen=True)
class ServerHistory:
    """The restores of everyone, newest first; ``is_cut`` where the history has more of them than are read."""

    url: str
    restores: tuple[PastOperation, ...]
    is_cut: bool

    def as_json(self) -> str:
        """ASCII only; null where there is nothing to tell."""
        restores = [
            {
                "started": one.row["start_time"] or None,
                "ended": one.row["end_time"] or None,
                "user": one.row["user_name"] or None,
                "backup": one.row["backup_name"] or None,
                "snapshot": one.row["backup_id"] or None,
                "snapshot_time": one.taken or None,
                "objects": one.row["objects"] or None,
                "status": one.row["status"] or None,
                "message": one.row["event_message"] or None,
                "job": one.row["job_id"] or None,
                "run": one.run or None,
            }
            for one in self.restores
        ]
        data = {
            "version": JSON_VERSION,
            "server": self.url,
            "complete": not self.is_cut,
            "restores": restores,
        }
        return json.dumps(data, indent=2, ensure_ascii=True)

    def as_text(self, width: int) -> str:
        if not self.restores:
            return f"{sanitize(self.url, 80)} has no restore in its history."
        rows = [_HEAD, *(tuple(sanitize(cell, _MAX_CHARS) for cell in one.cells) for one in self.restores)]
        columns, widths = fit_columns(rows, width, shortened=_SHORTENED, left_out=_LEFT_OUT)
        lines = format_table(([row[at] for at in columns] for row in rows), widths)
        return "\n".join([*lines, "", *self._notes()])

    def as_markdown(self) -> str:
        """For a ticket. Nothing is shortened."""
        rows = [[code(cell) if cell else UNKNOWN for cell in one.cells] for one in self.restores]
        return "\n".join([table(_HEAD, rows), "", *self._notes()])

    def _notes(self) -> list[str]:
        cut = f"These are the newest {HISTORY_ROWS:,}; the server may have more."
        return [_CLOCK, *([cut] if self.is_cut else [])]


def execute(settings: Settings, *, log_level: str | None = None) -> ServerHistory:
    """Read the history. Raises CommandError."""
    with connection(settings, "history --all-users", log_level) as link:
        try:
            return asyncio.run(read(link, ReceiptStore(settings.receipts)))
        except KineticaError as error:
            words = f" {error.server_message}" if error.server_message else ""
            raise CommandError(
                f"the server's history cannot be read. {error.what} {error.hint}{words}"
            ) from error


async def read(link: ConnectionSettings, store: ReceiptStore) -> ServerHistory:
    """The server's history, and which of it has a receipt here. Raises KineticaError."""
    async with KineticaClient(link) as client:
        server = await client.server()
        rows, backups = await asyncio.gather(
            client.operations("restore"), or_error(client.operations("backup"))
        )
    receipts = [
        found.receipt
        for found in await asyncio.to_thread(store.runs)
        if found.receipt is not None and found.receipt.server.is_at(link.address.url, server.cluster)
    ]
    taken = {} if isinstance(backups, KineticaError) else _times_taken(backups)
    runs = _runs(rows, receipts)
    by_run = {receipt.run: receipt for receipt in receipts}
    restores = []
    for row in rows:
        if row.is_dry_run:
            continue
        run = runs.get(row.key, "")
        shown = by_run[run].snapshot_time if run else ""
        restores.append(
            PastOperation(row, shown or taken.get((row["backup_name"], row["backup_id"]), ""), run)
        )
    return ServerHistory(link.address.url, tuple(restores), len(rows) >= HISTORY_ROWS)


def _times_taken(backups: Iterable[HistoryRow]) -> Mapping[tuple[str, str], str]:
    """(backup, snapshot id) → when the snapshot was taken, where one row alone says so."""
    times: dict[tuple[str, str], set[str]] = {}
    for row in backups:
        if row["backup_id"] and row["start_time"]:
            times.setdefault((row["backup_name"], row["backup_id"]), set()).add(_time(row, "start_time"))
    return {key: next(iter(found)) for key, found in times.items() if len(found) == 1}


def _runs(rows: Sequence[HistoryRow], receipts: Sequence[Receipt]) -> Mapping[str, str]:
    """Key of a row → the run whose receipt is here. ``receipts`` are newest first."""
    runs: dict[str, str] = {}
    following: dict[str, Receipt] = {}
    for receipt in receipts:
        of_backup = [row for row in rows if row["backup_name"] == receipt.backup]
        row = row_of(of_backup, outcome_query_for(receipt, following.get(receipt.backup)))
        following[receipt.backup] = receipt
        if row is not None:
            runs[row.key] = receipt.run
    return runs


def _time(row: HistoryRow, column: str) -> str:
    """To the minute; without a zone as the server has it."""
    moment = row.moment(column)
    if moment is None:
        return row[column] or UNKNOWN
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return format_timestamp(moment.astimezone(timezone.utc))
