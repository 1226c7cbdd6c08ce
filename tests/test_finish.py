"""At the end of a restore: what a command learns, and what it does not; the terminal's notification."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui import finish
from restore_tui.restore.execution.exit_status import RunSummary
from tests.harness.kinetica_client import PASSWORD, TOKEN

PARTLY = RunSummary(
    "Partly restored", "nightly", "ana@host:9191", 3, Path("/r.json"), id="run-1", restored=2, failed=1
)
UNKNOWN = RunSummary("Outcome unknown", "nightly\n\x1b[31m", "ana@host:9191", 3, None, id="run-2", restored=2)


def test_the_outcome_is_in_the_environment_and_no_secret() -> None:
    """Also of secrets whose names only another program knows: nothing is inherited that is not needed."""
    environ = {
        "PATH": "/bin",
        "KINETICA_PASSWORD": PASSWORD,
        "VAULT_TOKEN": TOKEN,
        "KINETICA_URL": "http://h",
    }
    told = finish.variables(PARTLY, environ)
    assert told == {
        "PATH": "/bin",
        "RESTORE_TUI_RUN": "run-1",
        "RESTORE_TUI_VERDICT": "Partly restored",
        "RESTORE_TUI_EXIT_CODE": "3",
        "RESTORE_TUI_BACKUP": "nightly",
        "RESTORE_TUI_SERVER": "ana@host:9191",
        "RESTORE_TUI_RECEIPT": "/r.json",
        "RESTORE_TUI_OBJECTS": "3",
        "RESTORE_TUI_RESTORED": "2",
        "RESTORE_TUI_FAILED": "1",
        "RESTORE_TUI_NOT_MENTIONED": "0",
    }
    unknown = finish.variables(UNKNOWN, {}, demo=True)
    assert (unknown["RESTORE_TUI_EXIT_CODE"], unknown["RESTORE_TUI_DEMO"]) == ("4", "1")
    assert "RESTORE_TUI_RESTORED" not in unknown
    assert unknown["RESTORE_TUI_BACKUP"].isprintable()


@given(st.text(), st.sampled_from(["osc9", "osc777"]))
def test_a_notification_is_one_sequence(backup: str, kind: str) -> None:
    """Whatever the server calls its backup: nothing ends it early, and there is one field more in none."""
    written = finish.notification(kind, PARTLY._replace(backup=backup))
    assert written[0] == "\x1b"
    assert written[-1] == "\x07"
    assert written[1:-1].isprintable()
    assert written.count(";") == (1 if kind == "osc9" else 3)
    assert finish.notification("", PARTLY) == ""


async def run_with_pipe(tmp_path: Path, script: str) -> str:
    """What a command writes into a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    finish.run_command(["sh", "-c", script, str(pipe)], PARTLY)
    return await asyncio.wait_for(asyncio.to_thread(pipe.read_text), 30)


@pytest.mark.slow
async def test_a_command_runs_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINETICA_PASSWORD", PASSWORD)
    written = await run_with_pipe(tmp_path, 'env > "$0"')
    assert "RESTORE_TUI_VERDICT=Partly restored\n" in written
    assert PASSWORD not in written


@pytest.mark.slow
async def test_a_command_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that it has started; here after a second."""
    monkeypatch.setattr(finish, "_RUN_BOUNDED", finish._RUN_BOUNDED.replace("alarm(30)", "alarm(1)"))
    assert await run_with_pipe(tmp_path, 'exec > "$0"; echo begun; sleep 600 & sleep 600') == "begun\n"


def test_a_command_that_is_missing_breaks_nothing() -> None:
    finish.run_command(["no such command"], PARTLY)
    finish.run_command(["a\0b"], PARTLY)
