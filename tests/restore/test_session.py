"""One sitting at one server: what is asked, kept, voided, and how often a restore goes out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, RequestRejected
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError
from restore_tui.restore.execution.exit_status import ExitCode, exit_code, summary_line
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot
from restore_tui.restore.preflight.dry_run import DryRunMismatch
from restore_tui.restore.receipts.model import Verdict
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError
from restore_tui.restore.session import Session
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import RESTORED, link
from tests.harness.plans import ID, RESTORE, line_down, plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server
from tests.harness.servers.restore_server import SNAPSHOTS, properties, serve_directly, sitting


@pytest.fixture
def server(faulty: Server) -> Server:
    return serve_directly(faulty)


async def restore(
    session: Session, permit: Confirmation, stop: asyncio.Event | None = None, receipt: bool = True
) -> Any:
    return await session.restore(permit, with_receipt=receipt, stop=stop or asyncio.Event())


def at_the_restore(received: f.Received, loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set the event when the request of the restore arrives, and not at those that are noted before it."""
    if received.path == RESTORE:
        loop.call_soon_threadsafe(event.set)


def sent(server: Server) -> list[str]:
    """The dry_run of each POST that reached the endpoint."""
    return [r.json["options"]["dry_run"] for r in server.at(RESTORE)]


async def test_the_whole_road(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """One dry run and one restore go out, and the last line tells it."""
    session = await sitting(server, clock, tmp_path)
    assert [s.name for s in await session.data_sources()] == ["s3"]
    await session.run_dry_run()
    assert session.staleness_reason() is None
    outcome = await restore(session, await session.confirm("nightly"))
    await session.aclose()
    assert sent(server) == ["true", "false"]
    assert outcome.verdict is Verdict.RESTORED
    assert exit_code(session.runs.summaries) is ExitCode.SUCCESS
    line = summary_line(session.runs.summaries)
    assert line.startswith("Restored: 1 object from backup nightly to night_operator@127.0.0.1")
    assert f"Receipt: {outcome.receipt}" in line


@pytest.mark.parametrize("fault", [f.good(RESTORED), f.DROP, f.error("no"), f.page(502)])
async def test_after_a_restore_there_is_no_way_to_a_second_one(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Any
) -> None:
    """A restore uses its dry run up, whatever came back."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(RESTORE, fault, f.good(RESTORED))
    await restore(session, await session.confirm("nightly"))
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true", "false"]


async def test_a_dry_run_ages_as_the_server_connected_to_last_has_it(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Each server of the config file may have an age of its own: the session takes it when it connects."""
    session = await sitting(server, clock, tmp_path)
    strict = replace(session.policy, dry_run_max_age=timedelta(minutes=2))
    await session.connect(link(server), strict)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    clock.let_pass(minutes=2.1)
    assert session.staleness_reason() is not None
    for blocked in (session.confirm("nightly"), restore(session, permit)):
        with pytest.raises(RestoreBlockedError):
            await blocked
    assert sent(server) == ["true"]


async def test_two_confirmations_of_one_dry_run_send_one_restore(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Enter pressed twice gives two permits, and one restore."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permits = [await session.confirm("nightly") for _ in range(2)]
    ends = await asyncio.gather(*(restore(session, p) for p in permits), return_exceptions=True)
    assert sorted(type(end) is RestoreBlockedError for end in ends) == [
        False,
        True,
    ]  # whichever was noted first
    with pytest.raises(RestoreBlockedError):
        await restore(session, permits[1])
    assert sent(server) == ["true", "false"]


async def test_a_killed_restore_opens_no_way_to_a_second(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Whoever cancels the wait needs a dry run again."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(RESTORE, f.never())
    reached, loop = asyncio.Event(), asyncio.get_running_loop()
    server.at_arrival = lambda received: at_the_restore(received, loop, reached)
    running = asyncio.ensure_future(restore(session, await session.confirm("nightly")))
    await asyncio.wait_for(reached.wait(), f.PATIENCE)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true", "false"]


@pytest.mark.parametrize("change", ["plan", "server", "age"])
async def test_a_permit_is_worth_nothing_once_things_changed(
    server: Server, clock: FakeClock, tmp_path: Path, change: str
) -> None:
    """Between the confirmation and the sending nothing may change either."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    if change == "plan":
        session.plan = session.plan.choose_option("restore_policy", "replace")
    elif change == "age":
        clock.let_pass(minutes=15.1)
    else:
        await session.connect(link(server, Login("somebody else")))
    with pytest.raises(RestoreBlockedError):
        await restore(session, permit)
    assert sent(server) == ["true"]


async def test_a_confirmation_belongs_to_its_own_dry_run(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """A permit from before a second dry run is void: what was confirmed is not what was rehearsed last."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    clock.let_pass(minutes=20)
    await session.run_dry_run()
    with pytest.raises(RestoreBlockedError):
        await restore(session, permit)
    assert sent(server) == ["true", "true"]


async def test_an_unwritable_receipt_leaves_the_choice(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Without a receipt nothing is sent; confirmed once more, it goes out without one."""
    (tmp_path / "receipts").write_text("in the way")
    session = await sitting(server, clock, tmp_path / "receipts")
    await session.run_dry_run()
    with pytest.raises(ReceiptUnwritableError):
        await restore(session, await session.confirm("nightly"))
    assert sent(server) == ["true"]
    outcome = await restore(session, await session.confirm("nightly"), receipt=False)
    assert outcome.verdict is Verdict.RESTORED
    assert summary_line(session.runs.summaries).endswith("Receipt: none was written")
    assert sent(server) == ["true", "false"]


async def test_what_was_not_sent_may_be_confirmed_again(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Where nothing left this machine the dry run stands."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    with line_down(session):
        outcome = await restore(session, await session.confirm("nightly"))
    assert outcome.not_sent
    assert exit_code(session.runs.summaries) is ExitCode.FAILED
    assert (await restore(session, await session.confirm("nightly"))).verdict is Verdict.RESTORED
    assert sent(server) == ["true", "false"]


async def test_who_stops_before_anything_was_sent_has_not_restored(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Leaving while it is noted what is there: no request, no receipt, no failure, and the dry run stands."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(RestoreBlockedError, match="before anything was sent"):
        await restore(session, await session.confirm("nightly"), stop)
    assert sent(server) == ["true"]
    assert ReceiptStore(tmp_path).runs() == []
    assert exit_code(session.runs.summaries) is ExitCode.SUCCESS
    assert (await restore(session, await session.confirm("nightly"))).verdict is Verdict.RESTORED


async def test_a_restore_that_is_left_running_is_told_so(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Leaving while the server works ends with exit code 4, and says so."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(RESTORE, f.never())
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    server.at_arrival = lambda received: at_the_restore(received, loop, stop)
    await restore(session, await session.confirm("nightly"), stop)
    assert summary_line(session.runs.summaries).startswith("Left running, outcome unknown")
    assert exit_code(session.runs.summaries) is ExitCode.UNKNOWN


@pytest.mark.parametrize("fault", [f.DROP, f.page(502), f.error("already exists")])
async def test_a_dry_run_without_ok_opens_no_way(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Any
) -> None:
    """A dry run that is lost or refused is not repeated, and voids the good one before it."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(RESTORE, fault, f.good(RESTORED))
    with pytest.raises((OutcomeUnknown, RequestRejected)):
        await session.run_dry_run()
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true", "true"]


@pytest.mark.parametrize(
    ("echoed", "words"),
    [
        ({"backup_name": "weekly"}, "about backup weekly, not nightly"),
        (
            {"backup_id": 5},
            "for snapshot 5 (not in the list of snapshots), but snapshot 1732000000000 "
            "(2024-11-19 07:06 UTC) was requested",
        ),
        ({"info": {"dry_run": "false"}}, "that of a real restore"),
    ],
    ids=["backup", "snapshot", "a real restore"],
)
async def test_a_dry_run_about_something_else_opens_no_way(
    server: Server, clock: FakeClock, tmp_path: Path, echoed: dict[str, Any], words: str
) -> None:
    """It proves nothing about this plan, names both ids and times, and is not repeated."""
    session = await sitting(server, clock, tmp_path)
    listed = {"backup_ids": [{"backup_id": ID, "time": "2024-11-19T07:06:40Z"}]}
    server.on("/show/backup", f.good(listed))
    await session.snapshots(fresh=True)
    server.on(RESTORE, f.good({**RESTORED, **echoed}))
    with pytest.raises(DryRunMismatch, match=re.escape(words)):
        await session.run_dry_run()
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        (f.good(SNAPSHOTS), True),
        (f.good({"backup_ids": [{"backup_id": ID}, {"backup_id": "1732000000001"}]}), False),
        (f.good({"backup_ids": [], "deleted_backup_ids": [{"backup_id": ID}]}), False),
        (f.good({}), False),
        (f.page(503), False),
    ],
    ids=["the same", "a newer one", "deleted", "none", "cannot be read"],
)
async def test_the_newest_snapshot_has_to_be_the_rehearsed_one(
    server: Server, clock: FakeClock, tmp_path: Path, found: Any, allowed: bool
) -> None:
    """With the id left empty, a snapshot that appeared since the dry run stops the restore."""
    session = await sitting(server, clock, tmp_path)
    session.plan = plan(snapshot=NewestSnapshot(ID))
    await session.run_dry_run()
    assert "backup_id" not in server.at(RESTORE)[0].json["options"]
    server.on("/show/backup", found)
    if allowed:
        await restore(session, await session.confirm("nightly"))
    else:
        with pytest.raises((RestoreBlockedError, KineticaError)):
            await session.confirm("nightly")
        assert session.staleness_reason() is not None
    assert sent(server) == (["true", "false"] if allowed else ["true"])


async def test_what_is_missing_comes_from_the_same_snapshot(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """With the id left empty, another snapshot may be the newest by then: the next plan has the id of the dry run."""
    session = await sitting(server, clock, tmp_path)
    session.plan = plan(snapshot=NewestSnapshot(ID))
    await session.run_dry_run()
    failed = {**RESTORED, "restored_objects": {}, "failed_objects": {"sales.orders": "table"}}
    server.on(RESTORE, f.good(failed))
    session.restore_missing(await restore(session, await session.confirm("nightly")))
    assert session.plan == plan(snapshot=PinnedSnapshot(ID))
    assert session.dry_run is None


async def test_a_dry_run_that_ages_during_the_last_look_is_void(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Reading the newest snapshot takes time, and that counts."""
    session = await sitting(server, clock, tmp_path)
    session.plan = plan(snapshot=NewestSnapshot(ID))
    await session.run_dry_run()
    clock.let_pass(minutes=14.9)
    server.at_arrival = lambda received: clock.let_pass(minutes=0.2)
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


async def test_dry_run_only_never_gets_leave(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """With --dry-run-only there is no permit to be had."""
    session = await sitting(server, clock, tmp_path, dry_run_only=True)
    await session.run_dry_run()
    with pytest.raises(RuntimeError):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


async def test_answers_are_asked_for_once(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Going back and forth asks the server nothing; F5 does; a restore makes everything stale."""
    session = await sitting(server, clock, tmp_path)
    for fresh in (False, False, True):
        await session.backups(fresh=fresh)
        await session.snapshots(fresh=fresh)
        await session.contents(fresh=fresh)
    assert len(server.at("/show/backup")) == 6
    await session.run_dry_run()
    await restore(session, await session.confirm("nightly"))
    await session.backups()
    assert len(server.at("/show/backup")) == 8, "once more by the confirmation"


@pytest.mark.parametrize("what", ["user", "cluster"])
async def test_another_server_clears_the_road_but_not_the_options(
    server: Server, clock: FakeClock, tmp_path: Path, what: str
) -> None:
    """What was chosen at one server means nothing at another; how to restore stays."""
    session = await sitting(server, clock, tmp_path)
    session.plan = plan(options={"checksum": "true"})
    await session.run_dry_run()
    if what == "cluster":
        server.on("/show/system/properties", properties("green"))
    said = await session.connect(link(server, Login("x")) if what == "user" else link(server))
    assert "cleared" in said
    assert (session.plan.data_source, bool(session.plan.objects)) == ("", False)
    assert session.plan.options == {"checksum": "true"}
    assert session.staleness_reason() is not None


async def test_a_failed_connection_test_changes_nothing(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The old server stays in use where the new one does not answer."""
    session = await sitting(server, clock, tmp_path)
    with pytest.raises(KineticaError):
        await session.connect(link(f"http://127.0.0.1:{f.unused_port()}"))
    assert session.plan == plan()
    assert session.destination.url == server.url
    assert await session.connect(link(server)) == ""
    assert session.plan == plan()


async def test_an_upgraded_server_voids_the_dry_run(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """The same address with another version is not what was rehearsed."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on("/show/system/properties", properties(version="7.2.3.18"))
    await session.connect(link(server))
    assert session.plan == plan()
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")


async def test_starting_over_keeps_the_server(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """A new restore keeps the data source and the backup, and nothing else; it needs its own dry run."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    session.start_over()
    assert session.plan == type(session.plan)(plan().data_source, plan().backup)
    assert session.staleness_reason() is not None
    assert session.destination.url == server.url


async def test_another_token_is_somebody_else() -> None:
    """A dry run made with one OAuth token says nothing about a restore with another, whatever the user field says."""
    one, other = Login("ana", token=Secret("token-of-ana")), Login("ana", token=Secret("token-of-eve"))
    basic = Login("ana", Secret("correct-horse"))
    assert len({one.name, other.name, basic.name}) == 3
    assert "token-of-ana" not in one.name


async def test_a_clock_that_is_set_back_does_not_keep_a_dry_run_young(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """28 minutes after the dry run with the time of day set back by 14: it is older than 15 minutes all the same."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    clock.let_pass(minutes=28)
    clock.time -= timedelta(minutes=14)
    assert "older than 15 minutes" in (session.staleness_reason() or "")
    await session.aclose()
