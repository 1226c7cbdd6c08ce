"""restore-tui history --all-users: what everyone restored, by the server's own history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restore_tui.history_command import ServerHistory, read
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.clock import FakeClock
from tests.harness.json_schema import read_json
from tests.harness.kinetica_client import PASSWORD, USER, link
from tests.harness.plans import ID
from tests.harness.receipts import shown_cells
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Received, Reply, Server
from tests.harness.servers.restore_jobs import RUNS, SQL, history, restore, sent, serve_jobs, sitting
from tests.harness.terminal.program import run as run_process

OURS = {
    "query_id": "q-ours", "operation": "restore", "user_name": USER, "backup_name": "nightly", "backup_id": ID,
    "objects": "TABLE = sales.orders", "job_id": 42, "start_time": "2026-11-23 07:00:00.250",
    "status": "restore_complete", "num_records": 12,
}  # fmt: skip
OTHERS = {
    "query_id": "q-ana", "operation": "restore", "user_name": "ana", "backup_name": "weekly\x1b[31m",
    "backup_id": "7", "objects": "ALL = sales", "start_time": "2026-11-22 06:30:00.000", "status": "restore_failed",
    "event_message": "no space",
}  # fmt: skip
REHEARSAL = {**OTHERS, "query_id": "q-dry", "additional_info": '{"dry_run": "true"}', "status": "validated"}
BACKUP = {
    "query_id": "q-b", "operation": "backup", "backup_name": "nightly", "backup_id": ID,
    "start_time": "2026-11-20 01:00:00.000",
}  # fmt: skip


def everything(*rows: dict[str, Any]) -> Fault:
    """``/execute/sql``, which heeds the operation that is asked for."""

    def say(received: Received) -> Reply:
        statement = received.json["statement"]
        asked = [row for row in rows if f"operation = '{row['operation']}'" in statement]
        return history(*(asked if "operation =" in statement else rows))(received)

    return say


@pytest.fixture
def server(faulty: Server) -> Server:
    return serve_jobs(faulty)


async def read_all(server: Server, folder: Path) -> ServerHistory:
    return await read(link(server), ReceiptStore(folder))


async def test_everyones_restores_with_the_receipt_that_is_here(server: Server, tmp_path: Path) -> None:
    """One line a restore, dry runs left out; ours has its run, and the time of the snapshot from the backup's row."""
    session = await sitting(server, FakeClock(), tmp_path)
    await session.run_dry_run()
    await restore(session)
    await session.aclose()
    before = sent(server)
    server.on(SQL, everything(OURS, REHEARSAL, OTHERS, BACKUP))
    found = await read_all(server, tmp_path)
    lines = found.as_text(140).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["Started", "User", "Outcome", "As", "of", "Objects", "Backup", "Receipt"],
        [
            "2026-11-23", "07:00", USER, "complete", "2026-11-20", "01:00",
            "TABLE", "=", "sales.orders", "nightly", RUNS[0],
        ],
        ["2026-11-22", "06:30", "ana", "failed", "snapshot", "7", "ALL", "=", "sales", "weekly␛[31m"],
    ]  # fmt: skip
    told = read_json("all-users", found.as_json())
    assert [(one["user"], one["run"], one["message"]) for one in told["restores"]] == [
        (USER, RUNS[0], None),
        ("ana", None, "no space"),
    ]
    assert shown_cells(found.as_markdown())[0][1][-1] == RUNS[0]
    assert sent(server) == before


async def test_two_that_may_be_ours_are_both_left_unmarked(server: Server, tmp_path: Path) -> None:
    """Of a direct restore no id is known: only one new row that fits is taken for it."""
    session = await sitting(server, FakeClock(), tmp_path, "direct")
    await session.run_dry_run()
    await restore(session)
    await session.aclose()
    one, two = ({**OURS, "job_id": 0, "query_id": key} for key in ("q-1", "q-2"))
    server.on(SQL, everything(one))
    assert [each.run for each in (await read_all(server, tmp_path)).restores] == [RUNS[0]]
    server.on(SQL, everything(one, two))
    assert [each.run for each in (await read_all(server, tmp_path)).restores] == ["", ""]


@pytest.mark.slow
def test_as_a_process(server: Server, tmp_path: Path) -> None:
    """Without a connection, a history that may not be read, and one that can be."""
    assert "needs a server" in run_process("history", "--all-users", home=tmp_path).stderr
    environ = {"KINETICA_USER": USER, "KINETICA_PASSWORD": PASSWORD}
    arguments = ["history", "--all-users", "--url", server.url]
    server.on(SQL, f.error("Insufficient privilege"))
    refused = run_process(*arguments, home=tmp_path, **environ)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Insufficient privilege" in refused.stderr
    server.on(SQL, everything(OURS))
    done = run_process(*arguments, home=tmp_path, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "TABLE = sales.orders" in done.stdout
