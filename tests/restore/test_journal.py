"""Receipts: on disk before the request, true at any moment after, and each watched by one wizard at a time."""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.restore.receipts.model import ReceiptObject, Verdict
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import BASIC, LOGIN, PASSWORD, SECRETS, TOKEN, USER
from tests.harness.plans import ID, RESTORE
from tests.harness.receipts import outcome, receipt
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Received, Server
from tests.harness.servers.restore_jobs import (
    CREATE,
    GET,
    RUNS,
    SHOW,
    SQL,
    history,
    job,
    listed,
    restore,
    running,
    sent,
    sitting,
)

RUN = RUNS[0]
TAG = f"restore-tui-{RUN}-run"
ROW = {
    "query_id": "q-new", "operation": "restore", "user_name": USER, "backup_id": ID, "objects": "TABLE = sales.orders",
    "start_time": "2026-11-23 07:00:00.250", "status": "restore_complete", "num_records": 12,
}  # fmt: skip
OLD = {**ROW, "query_id": "q-old"}


def on_disk(folder: Path, run: str = RUN) -> Any:
    return json.loads((folder / f"{run}.json").read_text())


# What stands in it, and when


@pytest.mark.parametrize("way", ["auto", "direct"])
async def test_it_is_written_before_the_restore_goes_out(
    server: Server, clock: FakeClock, tmp_path: Path, way: str
) -> None:
    """Jobs and history are read, then the receipt is on disk with what they held, and only then the POST arrives."""
    server.on(SHOW, listed((7, "RUNNING", "ana")))
    server.on(SQL, history(OLD))
    session = await sitting(server, clock, tmp_path, way)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    seen: list[tuple[str, Any]] = []

    def note(received: Received) -> None:
        there = (tmp_path / f"{RUN}.json").exists()
        seen.append((received.path, on_disk(tmp_path) if there else None))

    server.at_arrival = note
    await session.restore(permit, with_receipt=True, stop=asyncio.Event())
    await session.aclose()
    assert {path for path, _ in seen[:3]} == {SHOW, SQL}
    assert [receipt for _, receipt in seen[:3]] == [None, None, None]
    path, receipt = seen[3]
    assert path == (CREATE if way == "auto" else RESTORE)
    assert (receipt["state"], receipt["noted"]) == ("sending", {"jobs": ["7"], "history": ["q-old"]})
    assert receipt["job"] == ({"tag": TAG, "id": None, "query_id": ""} if way == "auto" else None)
    if way == "auto":  # the first question after it meets a receipt that knows the job
        assert (seen[4][0], seen[4][1]["state"]) == (GET, "running")
        assert seen[4][1]["job"] == {"tag": TAG, "id": 42, "query_id": ""}
    after = on_disk(tmp_path)
    assert (after["state"], after["outcome"]["verdict"]) == ("done", "Restored")


@pytest.mark.parametrize("fault", [f.page(502), f.error("no privilege"), f.page(404), f.DROP])
async def test_what_cannot_be_noted_keeps_no_restore_from_going_out(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Fault
) -> None:
    """It is noted as not read, which is something else than as empty."""
    server.on(SHOW, fault)
    server.on(SQL, fault)
    session = await sitting(server, clock, tmp_path, "direct")
    await session.run_dry_run()
    assert (await restore(session)).verdict is Verdict.RESTORED
    assert on_disk(tmp_path)["noted"] == {"jobs": None, "history": None}


@pytest.mark.parametrize("odd", ["\ud800", "\x1b]0;x\x07", "é" * 5000, ""])
async def test_hostile_keys_keep_no_restore_from_going_out(
    server: Server, clock: FakeClock, tmp_path: Path, odd: str
) -> None:
    """What a row of the history is called cannot make the receipt unwritable."""
    server.on(SQL, history({**OLD, "query_id": odd}))
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    assert (await restore(session)).verdict is Verdict.RESTORED


async def test_looks_are_kept_once_for_what_they_found(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """F5 pressed ten times finds the same ten times: one entry, with the time of the last. Something else is another
    one, and what settles it changes verdict and source."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(CREATE, f.DROP)
    server.on(GET, f.error("not found"))
    await restore(session)
    for _ in range(3):
        clock.let_pass(minutes=1)
        await session.check_outcome()
    (look,) = on_disk(tmp_path)["looks"]
    assert look["at"] == clock.now().isoformat().replace("+00:00", "Z")
    server.on(GET, running(10), job())
    assert (await session.check_outcome()).verdict is Verdict.UNKNOWN
    assert on_disk(tmp_path)["outcome"]["source"] == ""
    assert (await session.check_outcome()).verdict is Verdict.RESTORED
    receipt = on_disk(tmp_path)
    assert [any(finding["settles"] for finding in look["findings"]) for look in receipt["looks"]] == [
        False,
        False,
        True,
    ]
    assert (receipt["outcome"]["verdict"], receipt["outcome"]["source"]) == ("Restored", "background job")
    assert sent(server) == [(CREATE, f"restore-tui-{RUN}-dry-1"), (CREATE, TAG)]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (ROW, Verdict.RESTORED),
        ({**ROW, "event_message": "2 objects failed"}, Verdict.WARNED),
        ({**ROW, "status": "restore_failed", "event_message": "disk full"}, Verdict.FAILED),
        ({**ROW, "status": "unknown"}, Verdict.UNKNOWN),
        ({**ROW, "start_time": "2026-11-23 07:00:05.000"}, Verdict.UNKNOWN),
        ({**ROW, "status": "validated"}, Verdict.UNKNOWN),
    ],
    ids=lambda value: value.value if isinstance(value, Verdict) else "",
)
async def test_the_history_settles_a_direct_restore(
    server: Server, clock: FakeClock, tmp_path: Path, row: dict[str, str], verdict: Verdict
) -> None:
    """A dropped answer, looked up: the verdict is the history's, and the receipt names it as the source."""
    server.on(SQL, history(OLD))
    session = await sitting(server, clock, tmp_path, "direct")
    await session.run_dry_run()
    server.on(RESTORE, f.DROP)
    assert (await restore(session)).verdict is Verdict.UNKNOWN
    server.on(SQL, history(row, OLD))
    assert (await session.check_outcome()).verdict is verdict
    noted = on_disk(tmp_path)["outcome"]
    assert noted["verdict"] == verdict.value
    assert noted["source"] == ("" if verdict is Verdict.UNKNOWN else "backup history")
    assert ("disk full" in noted["words"]) is (verdict is Verdict.FAILED)
    assert sent(server) == [(RESTORE, "true"), (RESTORE, "false")]


@pytest.mark.parametrize("login", [LOGIN, Login(token=Secret(TOKEN))], ids=["password", "token"])
async def test_no_secret_gets_in_by_what_is_found(
    server: Server, clock: FakeClock, tmp_path: Path, login: Login
) -> None:
    """A job's reason, a row's message, a refused look: each may echo our login, and none brings it into the file."""
    echo = f"disk full for {PASSWORD}, {BASIC}" if login is LOGIN else f"disk full for {TOKEN}"
    session = await sitting(server, clock, tmp_path, login=login)
    await session.run_dry_run()
    server.on(GET, job("ERROR", status_map={"error_message": f"exiting: {echo}"}))
    server.on(SHOW, f.error(echo))
    assert (await restore(session)).verdict is Verdict.UNKNOWN
    texts = [(tmp_path / f"{RUN}.json").read_text()]
    row = {**ROW, "job_id": 42, "event_message": echo, "status": "restore_failed"}
    server.on(SQL, history(row))
    assert (await session.check_outcome()).verdict is Verdict.FAILED
    texts.append((tmp_path / f"{RUN}.json").read_text())
    assert ["disk full" in text for text in texts] == [True, True]
    assert not [secret for secret in SECRETS if secret in "".join(texts)]


# A folder that fails


async def test_a_folder_that_is_gone_at_the_end_changes_no_verdict(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The disk fails while the restore runs: it is restored all the same, and said so, lock or no lock."""
    folder = tmp_path / "receipts"
    session = await sitting(server, clock, folder)
    await session.run_dry_run()

    def spoil(received: Received) -> None:
        if received.path == CREATE:
            folder.rename(tmp_path / "elsewhere")
            folder.write_text("no folder any more")

    server.at_arrival = spoil
    outcome = await restore(session)
    assert (outcome.verdict, bool(outcome.receipt_problem)) == (Verdict.RESTORED, True)
    assert session.runs.summaries[-1].verdict == "Restored"


@pytest.mark.parametrize("way", ["auto", "direct"])
async def test_without_a_folder_nothing_is_sent(
    server: Server, clock: FakeClock, tmp_path: Path, way: str
) -> None:
    (tmp_path / "receipts").write_text("in the way")
    session = await sitting(server, clock, tmp_path / "receipts", way)
    await session.run_dry_run()
    with pytest.raises(ReceiptUnwritableError):
        await restore(session)
    assert (len(sent(server)), session.runs.summaries) == (1, [])


# One watcher a run


@pytest.mark.parametrize("count", [0, 1, 1_000, 1_001])
def test_a_long_ledger_is_written_as_a_short_one(count: int, tmp_path: Path) -> None:
    """However many objects there are: the file is what the model says, and is read as what was written."""
    names = ("s.plain", 's.\n "objects": []', "s.Größe\t☃", "s.[/x]", "")
    objects = [
        ReceiptObject(type="table", name=f"{names[at % 5]}{at}", dry_run="restored", restore="\n ]")
        for at in range(count)
    ]
    odd = {"objects": [], "x": '\n "objects": []\n  "objects": []'}
    ended = outcome().model_copy(update={"objects": objects, "answer": odd})
    journal = ReceiptStore(tmp_path)
    for end in (None, ended):
        told = receipt().model_copy(update={"objects": objects, "request": odd, "outcome": end, "later": odd})
        written = journal.write(told).read_text()
        version = 3 if count > 1_000 else 2
        assert journal.read(told.run) == told.model_copy(update={"version": version})
        if version == 2:
            assert json.loads(written) == json.loads(told.model_dump_json())
            assert written == json.dumps(json.loads(written), indent=1, ensure_ascii=False) + "\n"


def test_a_run_has_one_watcher(tmp_path: Path) -> None:
    """A second one gets none, for that run; let go, it is free again, and no file of the lock stays."""
    one, other = ReceiptStore(tmp_path / "r"), ReceiptStore(tmp_path / "r")
    watch = one.lock(RUN)
    assert watch is not None
    assert other.lock(RUN) is None
    with other.lock(RUNS[1]) as second:  # type: ignore[union-attr]
        assert second is not None
    watch.release()
    watch.release()
    with other.lock(RUN) as again:  # type: ignore[union-attr]
        assert again is not None
        assert one.lock(RUN) is None
    assert list((tmp_path / "r").iterdir()) == []


HOLD = """
import sys, time
from pathlib import Path
from restore_tui.restore.receipts.store import ReceiptStore
watch = ReceiptStore(Path(sys.argv[1])).lock(sys.argv[2])
print("held" if watch else "refused", flush=True)
sys.stdin.read()
"""


def test_a_killed_watcher_lets_go(tmp_path: Path) -> None:
    """Another process has the run as long as it lives, and no longer, however it dies; its file is in nobody's way."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert ReceiptStore(tmp_path).lock(RUN) is None
        other.send_signal(signal.SIGKILL)
        other.wait(f.PATIENCE)
    with ReceiptStore(tmp_path).lock(RUN) as watch:  # type: ignore[union-attr]
        assert watch is not None


def test_a_lock_that_is_removed_under_our_hands_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the file and locking it, its owner lets go and a third takes a new file of the same name: the
    old one would lock nobody out."""
    held, lock = [ReceiptStore(tmp_path).lock(RUN)], fcntl.flock

    def late(handle: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        assert held[0] is not None
        held[0].release()
        held.append(ReceiptStore(tmp_path).lock(RUN))
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert ReceiptStore(tmp_path).lock(RUN) is None
    assert held[1] is not None


def test_many_who_want_it_at_once_never_share_it(tmp_path: Path) -> None:
    """Taking and letting go in four threads: at no time do two have the run."""
    holders, worst, taken = 0, 0, 0
    count = threading.Lock()

    def work() -> None:
        nonlocal holders, worst, taken
        for _ in range(150):
            watch = ReceiptStore(tmp_path).lock(RUN)
            if watch is not None:
                with count:
                    holders, taken = holders + 1, taken + 1
                    worst = max(worst, holders)
                time.sleep(0)
                with count:
                    holders -= 1
                watch.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (worst, taken > 0) == (1, True)


async def test_a_second_restore_lets_go_of_the_first(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """While the first is unknown a second one is rehearsed and sent: then nobody here watches the first any more, and
    another wizard may."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(CREATE, f.DROP)
    await restore(session)
    assert ReceiptStore(tmp_path).lock(RUN) is None
    server.on(CREATE, f.good({"job_id": 41}), f.DROP)
    await session.run_dry_run()
    await restore(session)
    with ReceiptStore(tmp_path).lock(RUN) as free:  # type: ignore[union-attr]
        assert free is not None
    assert ReceiptStore(tmp_path).lock(RUNS[1]) is None
    await session.aclose()
