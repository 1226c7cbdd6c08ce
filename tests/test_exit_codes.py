"""The promise to scripts: exit codes and the last line, from the real process on a pseudo-terminal, and coming back."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from restore_tui.demo.model import LiveObject
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.app.app_harness import BYTES_PER_SECOND
from tests.harness.app.running import post
from tests.harness.terminal.program import ProgramHarness, Terminal, last_line, left, run

pytestmark = pytest.mark.slow


ONE_TABLE = {
    "backup_name": "nightly_shop",
    "datasource_name": "dr_bucket_s3",
    "restore_objects_map": {"table": "sales.orders"},
    "options": {"restore_policy": "replace", "dry_run": "false"},
}


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[ProgramHarness]:
    with DemoServer(build_world()) as server:
        yield ProgramHarness(server, tmp_path)


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[ProgramHarness]:
    scheduler = ManualScheduler()
    with DemoServer(build_world(), bytes_per_second=BYTES_PER_SECOND, scheduler=scheduler) as server:
        yield ProgramHarness(server, tmp_path, scheduler)


def test_a_restored_one_is_0(harness: ProgramHarness) -> None:
    """Restored, as a job: exit code 0."""
    terminal = harness.confirmed()
    terminal.read(b"Receipt:")
    code, line = left(harness, terminal)
    assert code == 0
    assert line.startswith("Restored: 23 objects from backup nightly_shop to demo@")
    assert line.endswith(f"Receipt: {harness.receipts[0]}")
    assert harness.restores == 1
    assert harness.receipt()["server"]["way"] == "job"


def test_a_restore_that_the_server_refuses_is_1(harness: ProgramHarness) -> None:
    """Somebody makes one of the objects in the very moment in which the restore arrives: a conflict, exit code 1."""

    def meanwhile(received: Received, answer: Callable[[], Reply]) -> Reply:
        if b"dry_run" in received.body and b"false" in received.body:
            harness.server.world.add_live([LiveObject("table", "sales.orders")])
        return answer()

    harness.server.intercept = meanwhile
    terminal = harness.confirmed()
    terminal.read(b"Receipt:")
    code, line = left(harness, terminal)
    assert code == 1
    assert line.startswith("Restore failed: 23 objects requested from backup nightly_shop")
    assert harness.restores == 1
    assert "already exist" in harness.receipt()["outcome"]["words"]


def test_one_that_was_overtaken_is_not_sent_and_is_0(harness: ProgramHarness) -> None:
    """Somebody restores one of the tables between the dry run and the confirmation: nothing is sent, and it is left
    without restoring."""
    terminal = harness.confirmed(before=lambda: post(harness.server, "/restore/backup", ONE_TABLE))
    terminal.read(b"Nothing was sent")
    code, _ = left(harness, terminal)
    assert code == 0
    assert harness.restores == 1, "the one of somebody else"
    assert harness.receipts == []


@pytest.mark.parametrize("arguments", [["--nonsense"], ["attach", "nowhere"], ["--fault", "/get/job=drop"]])
def test_wrong_usage_is_2(arguments: list[str], tmp_path: Path) -> None:
    """No screen opens, and the last line says what is wrong: exit code 2."""
    done = run(*arguments, home=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("restore-tui: ")


def test_a_partial_one_is_3(harness: ProgramHarness) -> None:
    """nightly_crm with its damaged file: exit code 3."""
    terminal = harness.confirmed(backup="nightly_crm")
    terminal.read(b"Receipt:")
    code, line = left(harness, terminal)
    assert code == 3
    assert line.startswith("Partly restored: ")
    assert harness.restores == 1


@pytest.mark.parametrize("way", ["direct", "job"])
def test_an_unknown_one_is_4(harness: ProgramHarness, way: str) -> None:
    """The request is lost, and nothing is found: exit code 4, and how to come back."""
    harness.way = way
    harness.server.faults.set(f"{'/restore/backup' if way == 'direct' else '/create/job'}=drop-before")
    terminal = harness.confirmed()
    terminal.read(b"What was found")
    code, line = left(harness, terminal)
    assert code == 4
    assert line.startswith("Outcome unknown: 23 objects requested from backup nightly_shop")
    assert f"restore-tui attach {harness.receipts[0].stem}." in line
    assert harness.restores == 1


def test_one_that_is_left_running_is_4(paced: ProgramHarness) -> None:
    """Leave it running, while the job runs: exit code 4, and how to come back; attach follows it to its end: 0."""
    terminal = running(paced)
    terminal.send("\t\t\r")
    assert terminal.end() == 4
    line = last_line(terminal)
    (place,) = paced.receipts
    assert line.startswith("Left running, outcome unknown: 23 objects requested from backup nightly_shop")
    assert f"restore-tui attach {place.stem}. Receipt: {place}" in line
    assert paced.receipt()["outcome"]["verdict"] == "Outcome unknown"
    came_back(paced, place.stem)


def test_one_that_was_killed_is_found_again(paced: ProgramHarness) -> None:
    """kill -9 while the job runs at 30 %; restore-tui attach RUN shows it running, then the result: exit code 0, and
    the receipt is complete."""
    terminal = running(paced)
    terminal.process.kill()
    assert terminal.end() == -signal.SIGKILL
    told = paced.receipt()
    assert (told["state"], told["outcome"]) == ("running", None)
    came_back(paced, told["run"])


def test_one_that_was_killed_and_has_ended_meanwhile_is_found_again(paced: ProgramHarness) -> None:
    """kill -9, and the job ends while nobody looks: attach shows the result at once."""
    terminal = running(paced)
    terminal.process.kill()
    terminal.end()
    assert paced.scheduler is not None
    paced.scheduler.let_pass(100)
    run_id = paced.receipt()["run"]
    terminal = paced.wizard("attach", run_id)
    terminal.send("\r")
    terminal.read(b"Receipt:")
    code, line = left(paced, terminal)
    assert code == 0
    assert line.startswith("Restored: 23 objects")
    assert_complete(paced)


def running(harness: ProgramHarness) -> Terminal:
    """A wizard that shows a job at 30 %."""
    terminal = harness.confirmed()
    terminal.read(b"Running as a server-side job")
    assert harness.scheduler is not None
    harness.scheduler.let_pass(30)
    terminal.read(b"30 %")
    return terminal


def came_back(harness: ProgramHarness, run_id: str) -> None:
    """Attach, see it run at 30 %, and see its end."""
    terminal = harness.wizard("attach", run_id)
    terminal.send("\r")
    terminal.read(b"30 %")
    assert harness.scheduler is not None
    harness.scheduler.let_pass(100)
    terminal.read(b"Receipt:")
    code, line = left(harness, terminal)
    assert code == 0
    assert line.startswith("Restored: 23 objects from backup nightly_shop")
    assert line.endswith(f"Receipt: {harness.receipts[0]}")
    assert_complete(harness)


def assert_complete(harness: ProgramHarness) -> None:
    told = harness.receipt()
    assert (told["state"], told["outcome"]["verdict"]) == ("done", "Restored")
    assert len(told["outcome"]["objects"]) >= 23
    assert told["job"]["id"] > 0
    assert harness.restores == 1
    assert not list(harness.receipts[0].parent.glob("*.lock"))


def test_attach_that_is_refused_and_left_is_4(harness: ProgramHarness) -> None:
    """attach, 401, Ctrl+Q: nobody was asked, so the outcome is as unknown as before; how to come back is said again."""
    harness.server.faults.set("/create/job=drop-before")
    terminal = harness.confirmed()
    terminal.read(b"What was found")
    left(harness, terminal)
    run_id = harness.receipts[0].stem
    terminal = harness.wizard("attach", run_id, KINETICA_PASSWORD="wrong")
    terminal.send("\r")
    terminal.read(b"401")
    code, line = left(harness, terminal)
    assert code == 4
    assert line.startswith("Outcome unknown: 23 objects requested from backup nightly_shop")
    assert f"restore-tui attach {run_id}." in line
    assert harness.restores == 1


def test_the_command_works_as_it_is_printed(paced: ProgramHarness) -> None:
    """Copied with the period behind it, into a shell that has nothing but the password: URL and user are the run's."""
    terminal = running(paced)
    terminal.send("\t\t\r")
    terminal.end()
    command = re.search(r"restore-tui (attach \S+)", last_line(terminal))
    assert command is not None
    assert paced.scheduler is not None
    paced.scheduler.let_pass(100)
    terminal = paced.wizard(*command[1].split(), KINETICA_URL="", KINETICA_USER="")
    terminal.send("\r")
    terminal.read(b"Receipt:")
    code, line = left(paced, terminal)
    assert (code, line.startswith("Restored: 23 objects")) == (0, True)
    assert b"  after " not in terminal.written.rpartition(b"Restored")[2].partition(b"Determined")[0]
