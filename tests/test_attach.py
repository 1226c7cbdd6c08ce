"""restore-tui attach RUN --wait: the outcome of a run for a script, without a screen."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from restore_tui.attach_command import output_of, wait_for_outcome
from restore_tui.cli import main
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.clock import FakeClock
from tests.harness.json_schema import read_json
from tests.harness.kinetica_client import PASSWORD, RESTORED, SECRETS, USER, link
from tests.harness.receipts import RUN, lost, outcome, receipt
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Server
from tests.harness.servers.restore_jobs import (
    GET,
    SHOW,
    SQL,
    history,
    job,
    left_behind,
    running,
    sent,
    serve_jobs,
)
from tests.harness.terminal.program import imported
from tests.harness.terminal.program import run as run_process

FAILED: dict[str, Any] = {
    **RESTORED,
    "restored_objects": {},
    "failed_objects": {"sales.orders": "table"},
    "info": {"sales.orders": "the file is damaged"},
    "restored_bytes": 0, "restored_files": 0, "restored_records": 0,
}  # fmt: skip
WARNED = {**RESTORED, "info": {"warning": "2 rows were skipped"}}
ENDS: dict[str, tuple[tuple[Fault, ...], str, int]] = {
    "restored, after it was followed": ((running(40), running(60), job()), "Restored", 0),
    "the server was away for a while": ((f.page(503), running(60), f.page(502), job()), "Restored", 0),
    "failed": ((running(40), job(response=FAILED)), "Restore failed", 1),
    "with warnings": ((job(response=WARNED),), "Restored, with warnings", 3),
    "nothing known of the job": ((f.error("Job not found"),), "Outcome unknown", 4),
    "canceled": ((running(40), job("CANCELLED")), "Outcome unknown", 4),
}


@pytest.fixture
def server(faulty: Server) -> Server:
    return serve_jobs(faulty)


async def wait(server: Server, left: Receipt, folder: Path) -> Receipt:
    return await wait_for_outcome(left, ReceiptStore(folder), link(server), "auto", FakeClock())


@pytest.mark.parametrize(("says", "verdict", "code"), ENDS.values(), ids=ENDS)
async def test_each_outcome_has_the_exit_code_of_the_wizard(
    says: tuple[Fault, ...], verdict: str, code: int, server: Server, tmp_path: Path
) -> None:
    """The receipt on disk is completed as by the wizard, nothing is sent, and the last line is the wizard's."""
    left = await left_behind(server, FakeClock(), tmp_path)
    before = sent(server)
    server.on(GET, *says)
    found = await wait(server, left, tmp_path)
    assert found == ReceiptStore(tmp_path).read(left.run)
    place = ReceiptStore(tmp_path).path(left.run)
    text = output_of(found, place)
    assert text.code == code
    assert text.text.startswith(f"{verdict}: ")
    assert text.text.endswith(f"Receipt: {place}")
    told = read_json("attach", output_of(found, place, as_json=True).text)
    assert (told["run"], told["verdict"], told["exit_code"]) == (left.run, verdict, code)
    assert sent(server) == before
    assert ReceiptStore(tmp_path).lock(left.run) is not None  # it was let go


async def test_a_restore_that_only_the_history_shows_at_work_is_waited_for(
    server: Server, tmp_path: Path
) -> None:
    """Its job is not known any more; the history has it in progress, then complete."""
    left = await left_behind(server, FakeClock(), tmp_path)
    row = {
        "query_id": "q", "operation": "restore", "user_name": USER, "backup_name": "nightly",
        "additional_info": f"restore-tui-{left.run}-run", "start_time": "2026-11-23 07:00:00.250", "num_records": 12,
    }  # fmt: skip
    at_work = history({**row, "status": "restore_in_progress"})
    server.on(GET, f.error("Job not found"))
    server.on(SQL, *[at_work] * 5, history({**row, "status": "restore_complete"}))
    found = await wait(server, left, tmp_path)
    assert found.outcome is not None
    assert (found.outcome.verdict, found.outcome.source) == ("Restored", "backup history")
    assert len(server.at(SHOW)) >= 5


async def test_a_run_that_another_process_follows_is_only_read(server: Server, tmp_path: Path) -> None:
    """Until that has written the outcome: no request is made here."""
    store = ReceiptStore(tmp_path)
    store.write(receipt())
    watch = store.lock(RUN)
    assert watch is not None
    clock = FakeClock()

    def end_it() -> None:
        if len(clock.pauses) == 3:
            store.write(receipt(outcome()))
            watch.release()

    clock.at_pause = end_it
    found = await wait_for_outcome(receipt(), store, link(server), "auto", clock)
    assert found == receipt(outcome())
    assert server.received == []
    assert output_of(found, store.path(RUN)).code == 3


async def test_a_login_that_is_refused_leaves_it_unknown(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = await left_behind(server, FakeClock(), tmp_path)
    server.on("/show/system/properties", f.error("Unauthorized", 401))
    found = await asyncio.wait_for(wait(server, left, tmp_path), 60)
    assert output_of(found, tmp_path / "r").code == 4
    assert "user" in capsys.readouterr().err


def test_what_has_ended_is_told_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that comes late, or twice, learns the same."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    ReceiptStore(tmp_path / ".local/state/restore-tui/receipts").write(receipt(outcome()))
    assert main(["attach", RUN, "--wait"]) == 3
    assert capsys.readouterr().out.startswith(
        "Partly restored: 1 of 3 objects, 1 failed, 1 not mentioned from backup nightly"
    )
    assert main(["attach", RUN, "--json"]) == 2
    assert "--json needs --wait" in capsys.readouterr().err


def files_in(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
async def test_as_a_process(server: Server, tmp_path: Path) -> None:
    """In a script, without a terminal: JSON alone on standard output, no secret anywhere, and no Textual."""
    folder = tmp_path / ".local/state/restore-tui/receipts"
    left = await left_behind(server, FakeClock(), folder)
    server.on(GET, running(40), job())
    environ = {"KINETICA_URL": server.url, "KINETICA_USER": USER, "KINETICA_PASSWORD": PASSWORD}
    done = await asyncio.to_thread(
        run_process, "attach", left.run, "--wait", "--json", home=tmp_path, **environ
    )
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "Restored"), done.stderr
    written = done.stdout + done.stderr + files_in(tmp_path)
    assert not [secret for secret in SECRETS if secret in written]
    ReceiptStore(folder).write(receipt(lost()))
    assert imported("attach", left.run, "--wait", home=tmp_path) & {"textual"} == set()
