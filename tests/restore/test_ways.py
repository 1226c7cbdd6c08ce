"""Which way a restore goes, and how often: the dry run proves one at no risk, and the restore takes that one, once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from restore_tui.kinetica.errors import AuthenticationFailed, KineticaError, OutcomeUnknown, RequestRejected
from restore_tui.restore.execution.confirmation import RestoreBlockedError, confirm
from restore_tui.restore.execution.executor import run_restore
from restore_tui.restore.receipts.model import Verdict
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.clock import NOW, FakeClock
from tests.harness.kinetica_client import client
from tests.harness.plans import RESTORE, line_down, rehearsal, target_of
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Received, Server
from tests.harness.servers.hanging_requests import HangingRequests
from tests.harness.servers.restore_jobs import CREATE, GET, RUNS, SHOW, job, listed, restore, sent, sitting
from tests.harness.servers.restore_responses import KNOWN, LOST

NO_JOBS: dict[str, Fault] = {
    "404 envelope": f.error("Unknown endpoint", 404),
    "404 page": f.page(404),
    "404 empty": f.page(404, b""),
    "ERROR": f.error("Endpoint '/restore/backup' cannot be run as a job"),
}


def tag(end: str, run: str = RUNS[0]) -> str:
    return f"restore-tui-{run}-{end}"


def inside(received: Received) -> Any:
    return json.loads(received.json["data_str"])


@pytest.mark.parametrize("way", ["auto", "job"])
async def test_a_job_that_is_taken_is_the_way_of_the_restore(
    server: Server, clock: FakeClock, tmp_path: Path, way: str
) -> None:
    """The dry run goes out as a job, and so does the restore: the same request but for dry_run, each with its own
    tag, and nothing goes out directly."""
    session = await sitting(server, clock, tmp_path, way)
    rehearsal = await session.run_dry_run()
    assert (rehearsal.destination.mode, rehearsal.job_tag) == ("job", tag("dry-1"))
    assert session.destination.mode == "job"
    outcome = await restore(session)
    await session.aclose()
    assert outcome.verdict is Verdict.RESTORED
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run"))]
    dry, real = (inside(received) for received in server.at(CREATE))
    assert (dry["options"].pop("dry_run"), real["options"].pop("dry_run")) == ("true", "false")
    assert dry == real
    assert [r.json["job_id"] for r in server.at(GET)] == [41, 42]


async def test_each_dry_run_has_a_tag_of_its_own(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """A look-up by tag must never find the rehearsal before."""
    session = await sitting(server, clock, tmp_path)
    for _ in range(3):
        await session.run_dry_run()
    await restore(session)
    await session.run_dry_run()
    tags = [tag("dry-1"), tag("dry-2"), tag("dry-3"), tag("run"), tag("dry-1", RUNS[1])]
    assert sent(server) == [(CREATE, each) for each in tags]


@pytest.mark.parametrize("refusal", NO_JOBS.values(), ids=NO_JOBS)
async def test_a_server_without_jobs_is_asked_directly(
    server: Server, clock: FakeClock, tmp_path: Path, refusal: Fault
) -> None:
    """Where the job is refused the dry run goes out directly, and so does the restore, without another try."""
    server.on(CREATE, refusal, f.good({"job_id": 42}))
    session = await sitting(server, clock, tmp_path)
    rehearsal = await session.run_dry_run()
    assert (rehearsal.destination.mode, rehearsal.job_tag) == ("direct", "")
    assert rehearsal.job_refusal
    assert (await restore(session)).verdict is Verdict.RESTORED
    assert sent(server) == [(CREATE, tag("dry-1")), (RESTORE, "true"), (RESTORE, "false")]


@pytest.mark.parametrize(
    "fault", [v for k, v in LOST.items() if "404" not in k], ids=[k for k in LOST if "404" not in k]
)
async def test_a_lost_dry_run_is_lost(server: Server, clock: FakeClock, tmp_path: Path, fault: Fault) -> None:
    """Where nobody knows whether the job was taken, the dry run is lost; the other way is not tried."""
    server.on(CREATE, fault, f.good({"job_id": 42}))
    session = await sitting(server, clock, tmp_path)
    with pytest.raises(OutcomeUnknown):
        await session.run_dry_run()
    assert session.dry_run is None
    assert sent(server) == [(CREATE, tag("dry-1"))]


async def test_a_login_that_is_refused_is_no_word_about_jobs(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """401 to the job would be 401 to the dry run: nothing else is sent."""
    server.on(CREATE, f.error("Unauthorized", 401))
    session = await sitting(server, clock, tmp_path)
    with pytest.raises(AuthenticationFailed):
        await session.run_dry_run()
    assert sent(server) == [(CREATE, tag("dry-1"))]


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (job("ERROR", status_map={"error_message": "Table exists"}), RequestRejected),
        (job("CANCELLED"), RequestRejected),
        (job("ERROR", status_map={"error_message": "Kinetica is exiting"}), OutcomeUnknown),
        (job("DONE", "no object"), OutcomeUnknown),
        (f.error("Job not found"), OutcomeUnknown),
    ],
    ids=["refused", "cancelled", "server gone", "unreadable", "forgotten"],
)
async def test_a_dry_run_that_ends_badly_as_a_job_opens_no_way(
    server: Server, clock: FakeClock, tmp_path: Path, end: Fault, kind: type[KineticaError]
) -> None:
    """The job was taken, so the way is known; what went wrong with it is no reason to try the other one. And a
    rehearsal that failed does not claim that something may have been restored."""
    server.on(GET, end)
    session = await sitting(server, clock, tmp_path)
    with pytest.raises(kind) as caught:
        await session.run_dry_run()
    assert "something was restored" not in caught.value.impact
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == [(CREATE, tag("dry-1"))]


@pytest.mark.parametrize("refusal", NO_JOBS.values(), ids=NO_JOBS)
async def test_who_insists_on_jobs_gets_no_other_way(
    server: Server, clock: FakeClock, tmp_path: Path, refusal: Fault
) -> None:
    server.on(CREATE, refusal)
    session = await sitting(server, clock, tmp_path, "job")
    with pytest.raises(KineticaError):
        await session.run_dry_run()
    assert sent(server) == [(CREATE, tag("dry-1"))]


async def test_who_insists_on_the_direct_way_tries_no_job(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    session = await sitting(server, clock, tmp_path, "direct")
    assert (await session.run_dry_run()).destination.mode == "direct"
    await restore(session)
    assert sent(server) == [(RESTORE, "true"), (RESTORE, "false")]


@pytest.mark.parametrize(("before", "after"), [("auto", "direct"), ("job", "direct"), ("direct", "job")])
async def test_another_way_is_another_restore(
    server: Server, clock: FakeClock, tmp_path: Path, before: str, after: str
) -> None:
    """A dry run that took one way says nothing about the other; also not between confirmation and sending."""
    session = await sitting(server, clock, tmp_path, before)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    session.choose_mode(after)
    assert session.staleness_reason()
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    with pytest.raises(RestoreBlockedError):
        await session.restore(permit, with_receipt=True, stop=asyncio.Event())
    assert len(sent(server)) == 1
    session.choose_mode(before)
    assert session.staleness_reason() is None


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_restore_whose_job_is_lost_is_never_sent_again(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Fault
) -> None:
    """One POST to /create/job, whatever came back; the outcome is unknown, and no other way is tried: a page that
    says 404 does not prove that the server never saw it."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(CREATE, fault, f.good({"job_id": 42}))
    outcome = await restore(session)
    assert (outcome.verdict, outcome.not_sent) == (Verdict.UNKNOWN, False)
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert outcome.ticket is not None
    assert (outcome.ticket.tag, outcome.ticket.id) == (tag("run"), None)
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run"))]


@pytest.mark.parametrize("fault", [fault for fault, _ in KNOWN.values()], ids=KNOWN)
async def test_a_restore_whose_job_is_refused_has_failed(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Fault
) -> None:
    """Also where the refusal says that there are no jobs at all: the direct way is not what was rehearsed."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(CREATE, fault, f.good({"job_id": 42}))
    outcome = await restore(session)
    assert (outcome.verdict, outcome.not_sent) == (Verdict.FAILED, False)
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run"))]


async def test_a_wait_that_is_bounded_leaves_it_unknown(
    server: Server, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a time limit a silent /create/job is given up, and not asked again."""
    session = await sitting(server, clock, tmp_path, timeout=f.PATIENCE)
    await session.run_dry_run()
    server.on(CREATE, HangingRequests(monkeypatch).never())
    assert (await restore(session)).verdict is Verdict.UNKNOWN
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run"))]


async def test_an_attempt_after_one_that_was_not_sent_is_a_run_of_its_own(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The dry run stands, but tag, receipt and run id are new: no two submissions share them."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    with line_down(session):
        first = await restore(session)
    second = await restore(session)
    assert (first.not_sent, first.run, second.verdict, second.run) == (
        True,
        RUNS[0],
        Verdict.RESTORED,
        RUNS[1],
    )
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run", RUNS[1]))]
    verdicts = [ReceiptStore(tmp_path).read(run).outcome for run in RUNS[:2]]
    assert [v.verdict for v in verdicts if v] == ["Restore failed", "Restored"]


async def test_two_confirmations_of_one_dry_run_are_two_runs(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The first was not sent, so the second may be: under an id of its own, with a receipt of its own."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permits = [await session.confirm("nightly") for _ in range(2)]
    with line_down(session):
        first = await session.restore(permits[0], with_receipt=True, stop=asyncio.Event())
    second = await session.restore(permits[1], with_receipt=True, stop=asyncio.Event())
    assert (first.not_sent, second.verdict) == (True, Verdict.RESTORED)
    assert first.run != second.run
    assert {found.run for found in ReceiptStore(tmp_path).runs()} == {first.run, second.run}


async def test_without_a_connection_the_job_is_not_sent(clock: FakeClock, tmp_path: Path) -> None:
    """Nobody listens when the restore is to go out: it is proven that the server knows nothing of it."""
    kinetica = client(f"http://127.0.0.1:{f.unused_port()}")
    made = rehearsal(where=replace(target_of(kinetica), mode="job"))
    permit = confirm(made, plan=made.plan, target=made.destination, typed="nightly", run=RUNS[0], now=NOW)
    outcome = await run_restore(kinetica, permit, ReceiptStore(tmp_path), clock)
    assert (outcome.verdict, outcome.not_sent) == (Verdict.FAILED, True)


async def test_a_line_that_opens_and_breaks_leaves_it_unknown(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Who took the connection may have read the request: one try, and its outcome is unknown."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permit = await session.confirm("nightly")  # that looks at the server too
    server.hang_up_at_once = True
    before = server.connections
    outcome = await session.restore(permit, with_receipt=True, stop=asyncio.Event())
    assert outcome.verdict is Verdict.UNKNOWN
    reads_of_what_is_noted = 3 * 3
    assert server.connections - before <= reads_of_what_is_noted + 1
    assert sent(server) == [(CREATE, tag("dry-1"))]


# The dry run's job is not the restore's


@pytest.mark.parametrize("returned", ["", tag("dry-1"), "newest"])
@pytest.mark.parametrize("listed_before", [False, True])
async def test_the_dry_runs_job_never_counts_as_the_restores(
    server: Server, clock: FakeClock, tmp_path: Path, returned: str, listed_before: bool
) -> None:
    """/create/job answers with the id of the dry run's job, or of another one that was there: that one is DONE, but
    nothing of this restore is known."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    number = 7 if listed_before else 41
    server.on(SHOW, listed((7, "DONE", "ana")))
    server.on(CREATE, f.good({"job_id": number}))
    server.on(GET, job(info={"job_tag": returned} if returned != "newest" else {}))
    outcome = await restore(session)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.ticket is not None
    assert (outcome.ticket.tag, outcome.ticket.id) == (tag("run"), None)
    assert server.at(GET)[-1].json == {"job_id": 0, "options": {"job_tag": tag("run")}}
    assert (await session.check_outcome()).verdict is Verdict.UNKNOWN
    server.on(GET, job())  # a server that finds it by its tag says so
    assert (await session.check_outcome()).verdict is Verdict.RESTORED
    assert sent(server) == [(CREATE, tag("dry-1")), (CREATE, tag("run"))]


async def test_a_lost_job_is_not_the_newest_one(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """The response of /create/job is lost, and /get/job passes over the tag: it answers about the dry run's job."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(CREATE, f.DROP)
    server.on(GET, job(info={}))
    assert (await restore(session)).verdict is Verdict.UNKNOWN
    assert (await session.check_outcome()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("says", [{"successful": False}, {"running": True, "progress": 17}])
async def test_a_job_that_contradicts_itself_is_unknown(
    server: Server, clock: FakeClock, tmp_path: Path, says: dict[str, object]
) -> None:
    """DONE, and not successful or still running: never Restored, by following it or by a look; both halves are in the
    receipt."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(GET, job(**says))
    outcome = await restore(session)
    assert outcome.verdict is Verdict.UNKNOWN
    written = ReceiptStore(tmp_path).read(RUNS[0]).outcome
    assert written is not None
    assert "job_status is DONE, but" in written.what
    assert all(key in written.what for key in says)
    assert (await session.check_outcome()).verdict is Verdict.UNKNOWN
    server.on(GET, job(successful=True, running=False))
    assert (await session.check_outcome()).verdict is Verdict.RESTORED
