"""What the confirmation warns about, compared with the dry run and with what was shown."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.client import ServerInfo
from restore_tui.kinetica.errors import KineticaError, RequestRejected
from restore_tui.kinetica.inventory import Listing
from restore_tui.kinetica.jobs import RunningJob
from restore_tui.restore.clock import SystemClock
from restore_tui.restore.execution import final_check
from restore_tui.restore.execution.final_check import FinalCheck, changes_since_shown, staleness_reason
from restore_tui.restore.plan.plan import NewestSnapshot
from restore_tui.restore.preflight.conflict_check import Inventory
from restore_tui.restore.preflight.drift import Drift
from restore_tui.restore.receipts.model import new_receipt
from tests.harness.clock import NOW
from tests.harness.kinetica_client import client
from tests.harness.plans import ID, TARGET, plan, rehearsal
from tests.harness.servers.faulty_server import Server

UNREAD = RequestRejected("Not this time.")


def job(number: str = "7") -> RunningJob:
    return RunningJob(number, "RUNNING", "/restore/backup", user="ada")


def snapshot(number: str = ID, *, deleted: bool = False) -> Snapshot:
    made = Snapshot(id=number)
    return replace(made, deleted=deleted)


def server(version: str = TARGET.server_version, cluster: str = TARGET.cluster) -> ServerInfo:
    return ServerInfo(version, cluster, False)


WHOLE = FinalCheck(
    restores=(job(),),
    open_runs=(new_receipt("20261123T020000Z-aaaaaa", rehearsal(), NOW),),
    snapshots=(snapshot(),),
    server=server(),
    changes=Drift(unclear=("It is not known.",), unclear_endpoints=frozenset({"/show/schema"})),
)
BLANK = FinalCheck(restores=UNREAD, snapshots=UNREAD, server=UNREAD)


@pytest.mark.parametrize("found", [WHOLE, BLANK, FinalCheck()])
def test_what_is_as_it_was_is_no_news(found: FinalCheck) -> None:
    """Also what could not be read before: nobody has to press Enter for that for ever."""
    assert changes_since_shown(found, found) == ()


def test_what_has_ended_is_no_news() -> None:
    """A restore that runs no more, a run whose end is known now, a read that works again."""
    assert changes_since_shown(WHOLE, FinalCheck(snapshots=(snapshot(),), server=server())) == ()
    assert changes_since_shown(BLANK, replace(WHOLE, restores=(), open_runs=(), changes=Drift())) == ()


@pytest.mark.parametrize(
    ("shown", "now", "words"),
    [
        (FinalCheck(), {"restores": (job("8"),)}, "Another restore runs on the server now: job 8 of ada."),
        (BLANK, {"restores": (job("8"),)}, "Another restore runs on the server now: job 8 of ada."),
        (FinalCheck(), {"restores": UNREAD}, "Running restores can't be read any more: Not this time."),
        (FinalCheck(), {"snapshots": UNREAD}, "The snapshots can't be read any more: Not this time."),
        (WHOLE, {"server": UNREAD}, "The server's version and cluster can't be read any more"),
        (WHOLE, {"server": server(cluster="")}, "The server does not name its cluster any more."),
        (WHOLE, {"server": server(version="")}, "The server does not name its version any more."),
        (FinalCheck(), {"open_runs": WHOLE.open_runs}, "run 20261123T020000Z-aaaaaa."),
        (FinalCheck(), {"changes": WHOLE.changes}, "It is not known."),
    ],
)
def test_what_is_new(shown: FinalCheck, now: dict[str, object], words: str) -> None:
    """One sentence for each thing that is new or cannot be read any more."""
    (sentence,) = changes_since_shown(shown, replace(shown, **now))  # type: ignore[arg-type]
    assert words in sentence


def test_another_reason_for_the_same_gap_is_no_news() -> None:
    """An endpoint that could not be read, and again cannot, for another reason."""
    other = Drift(unclear=("Another sentence.",), unclear_endpoints=frozenset({"/show/schema"}))
    assert changes_since_shown(WHOLE, replace(WHOLE, changes=other)) == ()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (WHOLE, ""),
        (BLANK, ""),
        (replace(WHOLE, server=server(version="", cluster="")), ""),
        (replace(WHOLE, server=server(version="7.2.0.1")), "version is now 7.2.0.1"),
        (replace(WHOLE, server=server(cluster="green")), "another cluster: green"),
        (replace(WHOLE, snapshots=()), "no longer listed"),
        (replace(WHOLE, snapshots=(snapshot("1"), snapshot(deleted=True))), "listed as deleted"),
        (replace(WHOLE, snapshots=(snapshot("9"), snapshot())), ""),
    ],
)
def test_what_voids_the_dry_run(found: FinalCheck, words: str) -> None:
    """Another server, or a snapshot that is gone; what could not be read voids nothing."""
    why = staleness_reason(rehearsal(listed=snapshot()), found)
    assert words in why
    assert bool(why) is bool(words)


def test_a_typed_id_that_was_never_listed_voids_nothing() -> None:
    """That a list lacks an id which it lacked before is no news."""
    assert staleness_reason(rehearsal(), replace(WHOLE, snapshots=())) == ""


@pytest.mark.parametrize(
    ("snapshots", "void"), [((ID,), False), (("9", ID), True), ((), True), (UNREAD, False)], ids=str
)
def test_a_newer_newest_snapshot_voids_the_dry_run(
    snapshots: tuple[str, ...] | KineticaError, void: bool
) -> None:
    """With the id left empty, the newest one has to be the one of the dry run."""
    made = rehearsal(plan(snapshot=NewestSnapshot(ID)))
    listed = snapshots if isinstance(snapshots, KineticaError) else tuple(snapshot(s) for s in snapshots)
    assert bool(staleness_reason(made, FinalCheck(snapshots=listed))) is void


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="only Linux has it")
def test_time_in_suspension_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock by which a dry run ages goes on while the machine is suspended."""
    asked: list[int] = []
    monkeypatch.setattr(time, "clock_gettime", lambda clock: asked.append(clock) or 42.0)
    assert SystemClock().monotonic() == 42.0
    assert asked == [time.CLOCK_BOOTTIME]


@pytest.mark.parametrize("hanging", ["open_runs", "look_again"])
async def test_every_read_before_a_confirmation_has_its_bound(
    monkeypatch: pytest.MonkeyPatch, faulty: Server, hanging: str
) -> None:
    """A disk or a server that does not answer is reported as what could not be read; nothing waits for it."""
    monkeypatch.setattr(final_check, "SECONDS_TO_READ", 0.05)
    cancelled = asyncio.Event()

    async def never() -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def nothing() -> Any:
        return []

    reads = {"open_runs": nothing, "look_again": nothing, hanging: never}
    seen = Inventory({"/show/schema": Listing({})})
    made = rehearsal(conflicts=replace(rehearsal().conflicts, existing=seen))
    found = await final_check.read(client(faulty), made, **reads)
    assert cancelled.is_set()
    if hanging == "open_runs":
        assert isinstance(found.open_runs, KineticaError)
        (sentence,) = changes_since_shown(replace(found, open_runs=()), found)
        assert sentence.startswith(
            "The receipts of earlier restores can't be read any more: The response took longer"
        )
    else:
        (sentence,) = found.changes.unclear
        assert sentence.startswith(
            "What changed in /show/schema since the dry run is not known: The response took"
        )
        assert not found.changes
