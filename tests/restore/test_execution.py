"""One restore from the receipt to the outcome: written before, sent once, told honestly."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.errors import OutcomeUnknown, RequestNotSent
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError, confirm
from restore_tui.restore.execution.executor import run_restore
from restore_tui.restore.execution.send_control import SendControl, WithdrawnError
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.receipts.model import Verdict, new_receipt
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError
from tests.harness.clock import NOW, FakeClock
from tests.harness.kinetica_client import BASIC, LOGIN, RESTORED, SECRETS, TOKEN, client
from tests.harness.plans import RESTORE, plan, rehearsal, target_of
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Received, Server
from tests.harness.servers.restore_responses import KNOWN, LOST

RUN = "20261123T020000Z-abc123"


def permit(kinetica: KineticaClient, **more: Any) -> Confirmation:
    made = rehearsal(where=target_of(kinetica), **more)
    return confirm(made, plan=made.plan, target=made.destination, typed="nightly", run=RUN, now=NOW)


async def run(server: Server | str, folder: Path, clock: FakeClock, **more: Any) -> Outcome:
    kinetica = client(server)
    return await run_restore(kinetica, permit(kinetica), ReceiptStore(folder), clock, **more)


def on_disk(folder: Path) -> Any:
    return json.loads((folder / f"{RUN}.json").read_text())


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_receipt_is_there_before_the_request(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """When the restore reaches the server, its receipt lies on disk, private, and tells what was asked."""
    folder = tmp_path / "state" / "receipts"
    seen: list[Any] = []

    def look(received: Received) -> None:
        seen.append((on_disk(folder), mode(folder / f"{RUN}.json"), mode(folder), received.json))

    faulty.at_arrival = look
    faulty.on(RESTORE, f.good(RESTORED))
    outcome = await run(faulty, folder, clock)
    ((receipt, file_mode, folder_mode, asked),) = seen
    assert (receipt["state"], receipt["outcome"]) == ("sending", None)
    assert receipt["request"] == asked
    assert receipt["server"]["url"] == faulty.url
    assert receipt["dry_run"]["answer"]["restored_objects"] == {"sales.orders": "table"}
    assert (file_mode, folder_mode) == (0o600, 0o700)
    after = on_disk(folder)
    assert (after["state"], after["outcome"]["verdict"]) == ("done", "Restored")
    assert after["outcome"]["answer"]["restored_records"] == 12
    assert after["outcome"]["objects"][0]["restore"] == "restored"
    assert {k: v for k, v in after.items() if k not in ("state", "outcome")} == {
        k: v for k, v in receipt.items() if k not in ("state", "outcome")
    }
    assert mode(folder / f"{RUN}.json") == 0o600
    assert outcome.receipt == folder / f"{RUN}.json"
    assert files(folder) == [f"{RUN}.json"]


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_answer_stays_unknown_to_the_end(
    faulty: Server, tmp_path: Path, clock: FakeClock, fault: Fault
) -> None:
    """Whatever was lost: one POST, the verdict is Outcome unknown, and the receipt says so."""
    faulty.on(RESTORE, fault, f.good(RESTORED))
    outcome = await run(faulty, tmp_path, clock)
    assert outcome.verdict is Verdict.UNKNOWN
    assert not outcome.not_sent
    assert len(faulty.received) == 1
    receipt = on_disk(tmp_path)
    assert (receipt["state"], receipt["outcome"]["verdict"]) == ("done", "Outcome unknown")
    assert receipt["outcome"]["what"]


@pytest.mark.parametrize("fault", [fault for fault, _ in KNOWN.values()], ids=KNOWN)
async def test_the_servers_no_is_a_failure(
    faulty: Server, tmp_path: Path, clock: FakeClock, fault: Fault
) -> None:
    """What the server refused itself has failed; its words are in the receipt."""
    faulty.on(RESTORE, fault, f.good(RESTORED))
    outcome = await run(faulty, tmp_path, clock)
    assert outcome.verdict is Verdict.FAILED
    assert len(faulty.received) == 1
    assert on_disk(tmp_path)["outcome"]["verdict"] == "Restore failed"


async def test_not_sent_is_told_as_such(tmp_path: Path, clock: FakeClock) -> None:
    """Without a connection the restore has failed, and it is proven that nothing was sent."""
    outcome = await run(f"http://127.0.0.1:{f.unused_port()}", tmp_path, clock)
    assert (outcome.verdict, outcome.not_sent) == (Verdict.FAILED, True)
    assert on_disk(tmp_path)["outcome"]["verdict"] == "Restore failed"


@pytest.mark.parametrize("fault", [f.good(RESTORED), f.page(502), f.error("no", 401)])
@pytest.mark.parametrize("token", [False, True])
async def test_no_secret_is_in_a_receipt(
    faulty: Server,
    tmp_path: Path,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    token: bool,
) -> None:
    """Neither the receipt nor the log nor the outcome holds password or token, before or after."""
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "receipts"
    texts: list[str] = []
    faulty.at_arrival = lambda received: texts.append((folder / f"{RUN}.json").read_text())
    faulty.on(RESTORE, fault)
    login = Login(token=Secret(TOKEN)) if token else LOGIN
    kinetica = client(faulty, login)
    outcome = await run_restore(kinetica, permit(kinetica), ReceiptStore(folder), clock)
    texts += [(folder / f"{RUN}.json").read_text(), caplog.text, repr(outcome)]
    assert faulty.received[0].headers["authorization"].endswith(TOKEN if token else BASIC)
    assert len(texts) == 4
    assert not [s for s in SECRETS if s in "".join(texts)]


def _file_in_the_way(folder: Path) -> None:
    folder.write_text("a file where the folder should be")


def _folder_in_the_way(folder: Path) -> None:
    (folder / f"{RUN}.json").mkdir(parents=True)


def _parent_is_a_file(folder: Path) -> None:
    folder.parent.rmdir()
    folder.parent.write_text("x")


@pytest.mark.parametrize("spoil", [_file_in_the_way, _folder_in_the_way, _parent_is_a_file])
async def test_without_a_receipt_nothing_is_sent(
    faulty: Server, tmp_path: Path, clock: FakeClock, spoil: Callable[[Path], None]
) -> None:
    """Where the receipt cannot be written, the restore does not even connect."""
    state = tmp_path / "state"
    state.mkdir()
    spoil(state / "receipts")
    with pytest.raises(ReceiptUnwritableError, match=RUN):
        await run(faulty, state / "receipts", clock)
    assert faulty.connections == 0


async def test_an_unencodable_receipt_stops_the_restore(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """A text that no file takes is an unwritable receipt like any other, and leaves no half file."""
    kinetica = client(faulty)
    made = rehearsal(plan({"table": ["s.\ud800"]}), target_of(kinetica))
    leave = confirm(made, plan=made.plan, target=made.destination, typed="nightly", run=RUN, now=NOW)
    with pytest.raises(ReceiptUnwritableError):
        await run_restore(kinetica, leave, ReceiptStore(tmp_path), clock)
    assert faulty.connections == 0
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("fault", "verdict"), [(f.good(RESTORED), Verdict.RESTORED), (f.DROP, Verdict.UNKNOWN)]
)
async def test_an_outcome_that_cannot_be_noted_stands(
    faulty: Server, tmp_path: Path, clock: FakeClock, fault: Fault, verdict: Verdict
) -> None:
    """A disk that fails during the restore changes nothing in what is said of it."""
    folder = tmp_path / "receipts"

    def spoil(received: Received) -> None:
        folder.rename(tmp_path / "elsewhere")
        folder.write_text("no folder any more")

    faulty.at_arrival = spoil
    faulty.on(RESTORE, fault)
    outcome = await run(faulty, folder, clock)
    assert outcome.verdict is verdict
    assert "could not be completed" in outcome.receipt_problem
    assert outcome.receipt == folder / f"{RUN}.json"
    assert json.loads((tmp_path / "elsewhere" / f"{RUN}.json").read_text())["state"] == "sending"


async def test_going_on_without_a_receipt_is_said(faulty: Server, tmp_path: Path, clock: FakeClock) -> None:
    """Who chose to restore without a receipt gets none, and is told."""
    faulty.on(RESTORE, f.good(RESTORED))
    kinetica = client(faulty)
    outcome = await run_restore(kinetica, permit(kinetica), None, clock)
    assert (outcome.verdict, outcome.receipt) == (Verdict.RESTORED, None)
    assert outcome.receipt_problem


@pytest.mark.parametrize("first", [f.good(RESTORED), f.DROP, f.error("no")])
async def test_a_confirmation_is_spent_once(
    faulty: Server, tmp_path: Path, clock: FakeClock, first: Fault
) -> None:
    """One confirmation sends one restore, whatever became of it."""
    faulty.on(RESTORE, first, f.good(RESTORED))
    kinetica = client(faulty)
    leave = permit(kinetica)
    await run_restore(kinetica, leave, ReceiptStore(tmp_path), clock)
    before = on_disk(tmp_path)
    with pytest.raises(RestoreBlockedError):
        await run_restore(kinetica, leave, ReceiptStore(tmp_path), clock)
    assert len(faulty.received) == 1
    assert on_disk(tmp_path) == before


async def test_two_presses_at_once_send_one_restore(faulty: Server, tmp_path: Path, clock: FakeClock) -> None:
    """Two executions of one permit that run side by side send one POST."""
    faulty.on(RESTORE, f.good(RESTORED))
    kinetica = client(faulty)
    leave = permit(kinetica)
    ends = await asyncio.gather(
        *(run_restore(kinetica, leave, ReceiptStore(tmp_path), clock) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [Outcome, RestoreBlockedError, RestoreBlockedError]
    assert len(faulty.received) == 1


async def test_stopping_the_wait_leaves_the_outcome_unknown(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """Who stops waiting does not stop the restore: unknown, one POST, and the receipt says so."""
    faulty.on(RESTORE, f.never())
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    faulty.at_arrival = lambda received: loop.call_soon_threadsafe(stop.set) and None
    outcome = await run(faulty, tmp_path, clock, stop=stop)
    assert outcome.verdict is Verdict.UNKNOWN
    assert isinstance(outcome.error, OutcomeUnknown)
    assert len(faulty.received) == 1
    assert on_disk(tmp_path)["outcome"]["verdict"] == "Outcome unknown"


async def test_stopping_before_anything_left_is_not_sent(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """A stop that comes before the request has left is proven to have changed nothing."""
    stop = asyncio.Event()
    stop.set()
    outcome = await run(faulty, tmp_path, clock, stop=stop)
    assert isinstance(outcome.error, RequestNotSent)
    assert faulty.received == []


async def test_withdrawn_by_last_pending_key_is_not_sent(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """The key that is waited for last of all withdraws the restore, and nothing runs between it and the request."""

    async def escape() -> None:
        control.withdraw()

    control = SendControl(input_settled=escape)
    outcome = await run(faulty, tmp_path, clock, control=control)
    assert isinstance(control.refusal, WithdrawnError)
    assert isinstance(outcome.error, RequestNotSent)
    assert faulty.received == []


async def test_a_killed_wait_leaves_a_receipt_of_an_open_run(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """When the program itself ends midway, the receipt still says that a restore was being sent."""
    faulty.on(RESTORE, f.never())
    running = asyncio.ensure_future(run(faulty, tmp_path, clock))
    assert await asyncio.to_thread(faulty.arrived.wait, f.PATIENCE)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert on_disk(tmp_path)["state"] == "sending"
    assert len(faulty.received) == 1


@pytest.mark.parametrize("left", [False, True])
async def test_a_mistake_of_ours_is_no_failure_of_the_restore(
    faulty: Server, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    """A bug on this side, after the request had left, leaves the outcome unknown; before, nothing was sent."""
    kinetica = client(faulty)

    async def broken(body: Any, watch: Any) -> None:
        watch.left = left
        raise ZeroDivisionError("corr3ct-horse")

    monkeypatch.setattr(kinetica, "restore_backup", broken)
    outcome = await run_restore(kinetica, permit(kinetica), ReceiptStore(tmp_path), clock)
    assert outcome.not_sent is not left
    assert outcome.verdict is (Verdict.UNKNOWN if left else Verdict.FAILED)
    assert on_disk(tmp_path)["outcome"]["verdict"] == outcome.verdict.value


async def test_what_is_sent_is_what_was_rehearsed(faulty: Server, tmp_path: Path, clock: FakeClock) -> None:
    """The restore's request is the dry run's, but for dry_run."""
    faulty.on(RESTORE, f.good(RESTORED))
    kinetica = client(faulty)
    made = rehearsal(plan(options={"restore_policy": "replace"}), target_of(kinetica))
    leave = confirm(made, plan=made.plan, target=made.destination, typed="nightly", run=RUN, now=NOW)
    await run_restore(kinetica, leave, ReceiptStore(tmp_path), clock)
    assert faulty.received[0].json["options"] == {
        "backup_id": "1732000000000",
        "restore_policy": "replace",
        "dry_run": "false",
    }


async def test_a_response_about_another_snapshot_proves_nothing(
    faulty: Server, tmp_path: Path, clock: FakeClock
) -> None:
    """Where the server reports another snapshot than was requested, the outcome is unknown and names both."""
    faulty.on(RESTORE, f.good({**RESTORED, "backup_id": 1732999999999}), f.good(RESTORED))
    outcome = await run(faulty, tmp_path, clock)
    assert (outcome.verdict, outcome.reasons) == (
        Verdict.UNKNOWN,
        ("The response is about snapshot 1732999999999, not 1732000000000.",),
    )
    assert (await run(faulty, tmp_path, clock)).verdict is Verdict.RESTORED


async def test_a_hostile_answer_is_noted(faulty: Server, tmp_path: Path, clock: FakeClock) -> None:
    """Names that hold control sequences or half characters do not keep the outcome from the receipt."""
    names = '{"sales.orders": "table", "\\ud800\\u001b]0;x": "table"}'
    odd = f'{{"restored_objects": {names}, "info": {{"\\udfff": "\\ud800"}}}}'
    faulty.on(RESTORE, f.good(odd))
    outcome = await run(faulty, tmp_path, clock)
    assert (outcome.verdict, outcome.receipt_problem) == (Verdict.RESTORED, "")
    assert on_disk(tmp_path)["outcome"]["verdict"] == "Restored"


def test_an_existing_receipts_folder_keeps_files_private(tmp_path: Path) -> None:
    """In a folder that others may enter the receipt is private all the same."""
    tmp_path.chmod(0o755)
    place = ReceiptStore(tmp_path).write(new_receipt(RUN, rehearsal(), NOW))
    assert mode(place) == 0o600
