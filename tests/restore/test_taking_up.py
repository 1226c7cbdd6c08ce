"""Runs of before: which are offered, and how one is taken up again from its receipt without ever being sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.restore.execution.confirmation import RestoreBlockedError
from restore_tui.restore.outcome.reattach import CannotReattachError, outcome_of, plan_of
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import Destination, fingerprint, non_default_options, restore_body
from restore_tui.restore.preflight.conflict_check import (
    ConflictStatus,
    Inventory,
    ObjectConflict,
    ReadFailure,
)
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.results import requested_keys
from restore_tui.restore.receipts.model import Receipt, Verdict, new_receipt
from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore
from restore_tui.restore.session import Session
from tests.harness import receipts
from tests.harness.clock import NOW, FakeClock
from tests.harness.plans import ID, answer, object_names, plan, plans, rehearsal, targets
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server
from tests.harness.servers.restore_jobs import GET, RUNS, job, left_behind, running, sent, sitting

RUN = RUNS[0]
TAG = f"restore-tui-{RUN}-run"


def again(receipt: Receipt) -> Receipt:
    """As it comes back from the file."""
    return Receipt.model_validate_json(receipt.model_dump_json())


# Which are offered


V1 = {
    "version": 1, "run": RUN, "state": "sending", "begun": "2026-11-23T02:00:00Z",
    "server": {"url": "http://host:9191", "version": "7.2.3.14", "cluster": "blue", "user": "ana", "way": "direct"},
    "fingerprint": "ab" * 32, "snapshot": "pinned", "outcome": None,
    "request": {"backup_name": "nightly", "datasource_name": "s3", "restore_objects_map": {"table": "sales.orders"},
                "options": {"backup_id": ID, "dry_run": "false"}},
    "dry_run": {"at": "2026-11-23T01:59:00Z", "seconds": 1.5, "snapshot_id": ID, "answer": {"backup_id": int(ID)}},
}  # fmt: skip


def test_a_receipt_of_the_first_version_opens(tmp_path: Path) -> None:
    """What it did not have is empty; it is of a restore whose end is not known."""
    (tmp_path / f"{RUN}.json").write_text(json.dumps(V1))
    receipt = ReceiptStore(tmp_path).read(RUN[:12])
    assert (receipt.version, receipt.is_unsettled, receipt.backup) == (1, True, "nightly")
    assert (receipt.job, receipt.noted.jobs, receipt.noted.history, receipt.looks) == (None, None, None, [])
    assert receipt.sight is None
    assert ReceiptStore(tmp_path).unsettled() == [receipt]


def test_what_has_no_known_end_is_offered(tmp_path: Path) -> None:
    """Sending, running, unknown: newest first. What has ended is not, nor what was put aside."""
    ends = {
        "1-sending": (None, "sending"),
        "2-running": (None, "running"),
        "3-unknown": (receipts.lost(), "done"),
        "4-restored": (receipts.outcome("Restored"), "done"),
        "5-failed": (receipts.outcome("Restore failed"), "done"),
        "6-aside": (receipts.lost(), "done"),
    }
    journal = ReceiptStore(tmp_path)
    assert (journal.unsettled(), journal.runs()) == ([], [])
    for run, (ended, state) in ends.items():
        journal.write(receipts.receipt(ended, run=run, state=state))
    journal.dismiss("6-aside")
    assert [receipt.run for receipt in journal.unsettled()] == ["3-unknown", "2-running", "1-sending"]
    assert len(journal.runs()) == 6
    assert journal.read("6").outcome is not None


SPOILT: dict[str, bytes] = {
    "empty": b"",
    "half": json.dumps(V1).encode()[:100],
    "binary": b"\x00\xff\xfe",
    "foreign": b'{"name": "package.json"}',
    "list": b"[]",
    "deep": b"[" * 100_000,
    "newer": json.dumps({**V1, "version": 99}).encode(),
    "newer and different": json.dumps({"version": 99, "run": "x", "state": "paused"}).encode(),
    "of another run": json.dumps({**V1, "run": "../../etc/passwd"}).encode(),
    "an unknown state": json.dumps({**V1, "state": "paused"}).encode(),
}


@pytest.mark.parametrize("content", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_file_does_not_break_the_list(tmp_path: Path, content: bytes) -> None:
    """It is named with what is wrong with it; the others are there, and it is not offered."""
    journal = ReceiptStore(tmp_path)
    journal.write(Receipt.model_validate(V1))
    (tmp_path / "spoilt.json").write_bytes(content)
    (tmp_path / "a folder.json").mkdir()
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / ".20261123-x").write_text("half of a file that was being written")
    found = {each.run: each for each in journal.runs()}
    assert found[RUN].receipt is not None
    assert {run for run, each in found.items() if each.problem} == {"spoilt", "a folder", "dangling"}
    assert [receipt.run for receipt in journal.unsettled()] == [RUN]
    with pytest.raises(NoSuchRunError, match="cannot be read"):
        journal.read("spoilt")


# From the receipt back to the plan


held = st.lists(st.tuples(st.sampled_from(["table", "user", "monitor"]), object_names), max_size=6)


sights = st.sampled_from(
    [
        ObjectConflict(ConflictStatus.NEW),
        ObjectConflict(ConflictStatus.REPLACED),
        ObjectConflict(ConflictStatus.MOVED, "old.a"),
        ObjectConflict(ConflictStatus.UNCHECKED),
    ]
)


@given(plans(), targets, held, st.sampled_from([None, int(ID)]), sights)
def test_a_plan_comes_back_from_its_receipt(
    made: RestorePlan,
    where: Destination,
    listed_there: list[tuple[str, str]],
    told: int | None,
    sight: ObjectConflict,
) -> None:
    """Of every plan that can be sent: the same request, snapshot, objects and options that count, the same
    fingerprint, and the same ledger, with what we saw."""
    assume(not made.problems())
    contents = Contents.of(
        BackedUpObject(kind, name, None, None) for kind, name in dict.fromkeys(listed_there)
    )
    before = rehearsal(
        made,
        where,
        contents=contents,
        response=answer(backup_id=told, restored_objects={"x.x": "table"}),
        conflicts=ConflictReport(
            existing=Inventory(unread={"/show/schema": ReadFailure("It was down.")}),
            seen=dict.fromkeys(requested_keys(made.objects, contents), sight),
        ),
    )
    receipt = again(new_receipt(RUN, before, NOW, job_tag=TAG))
    back = plan_of(receipt)
    assert restore_body(back, dry_run=False) == restore_body(made, dry_run=False)
    assert (back.data_source, back.backup, back.objects) == (made.data_source, made.backup, made.objects)
    assert non_default_options(back) == non_default_options(made)
    assert back.snapshot == (
        NewestSnapshot(before.snapshot_id) if isinstance(made.snapshot, NewestSnapshot) else made.snapshot
    )
    assert fingerprint(back, where) == receipt.fingerprint
    outcome = outcome_of(receipt, None)
    assert outcome.dry_run.destination == where
    assert outcome.results == before.results()
    assert (outcome.verdict, outcome.not_sent) == (Verdict.UNKNOWN, False)
    assert outcome.dry_run.conflicts.sentences == before.conflicts.sentences


def test_a_schema_beside_a_table_of_it_keeps_its_line() -> None:
    """Also where the snapshot did not list what is in it."""
    before = rehearsal(plan({"all": ["sales"], "table": ["sales.orders"]}))
    lines = outcome_of(again(new_receipt(RUN, before, NOW)), None).results
    assert [(line.type, line.name) for line in lines] == [("all", "sales"), ("table", "sales.orders")]
    assert lines == before.results()


def without(*path: str) -> Callable[[Any], None]:
    def change(receipt: Any) -> None:
        for key in path[:-1]:
            receipt = receipt[key]
        del receipt[path[-1]]

    return change


def put(value: object, *path: str) -> Callable[[Any], None]:
    def change(receipt: Any) -> None:
        for key in path[:-1]:
            receipt = receipt[key]
        receipt[path[-1]] = value

    return change


BY_HAND: dict[str, Callable[[Any], None]] = {
    "another table": put("sales.items", "request", "restore_objects_map", "table"),
    "one table more": put("sales.items,sales.orders", "request", "restore_objects_map", "table"),
    "out of order": put("sales.orders,a.b", "request", "restore_objects_map", "table"),
    "objects in a list": put(["sales.orders"], "request", "restore_objects_map", "table"),
    "no objects": put(None, "request", "restore_objects_map"),
    "another backup": put("weekly", "request", "backup_name"),
    "no backup": without("request", "backup_name"),
    "a number for a source": put(7, "request", "datasource_name"),
    "a dry run": put("true", "request", "options", "dry_run"),
    "no dry_run": without("request", "options", "dry_run"),
    "another snapshot": put("1", "request", "options", "backup_id"),
    "no snapshot": without("request", "options", "backup_id"),
    "another policy": put("replace", "request", "options", "restore_policy"),
    "a policy that is never sent": put("clean", "request", "options", "restore_policy"),
    "another one": put("clean_all", "request", "options", "restore_policy"),
    "an unknown option": put("x", "request", "options", "force"),
    "a default": put("false", "request", "options", "checksum"),
    "no text": put(True, "request", "options", "checksum"),
    "a closed option": put("old", "request", "options", "renamed_objects_schema"),
    "no options": put([], "request", "options"),
    "more of a request": put("x", "request", "extra"),
    "another server": put("http://other:9191", "server", "url"),
    "another user": put("root", "server", "user"),
    "another fingerprint": put("0" * 64, "fingerprint"),
}


@pytest.mark.parametrize("change", BY_HAND.values(), ids=BY_HAND)
def test_a_receipt_that_was_changed_by_hand_is_refused(change: Callable[[Any], None]) -> None:
    """What is looked for would not be what was sent: it is refused as a whole, never half understood."""
    good = new_receipt(RUN, rehearsal(), NOW).model_dump(mode="json")
    plan_of(Receipt.model_validate(good))
    change(good)
    with pytest.raises(CannotReattachError):
        outcome_of(Receipt.model_validate(good), None)


# Taking one up


async def sitting_again(server: Server, clock: FakeClock, folder: Path) -> Session:
    session = await sitting(server, clock, folder)
    session.plan = RestorePlan()
    return session


async def test_a_run_is_taken_up_and_followed_to_its_end(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Coming back: its plan is there, its job is followed by id, and its receipt is completed. Nothing is sent."""
    receipt = await left_behind(server, clock, tmp_path)
    before = sent(server)
    session = await sitting_again(server, clock, tmp_path)
    assert session.reattach(receipt).verdict is Verdict.UNKNOWN
    assert (session.plan, session.dry_run) == (plan(), None)
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    looked = await session.check_outcome()
    assert looked.last_check is not None
    assert looked.last_check.job_runs
    server.on(GET, running(60), f.page(502), job())
    clock.let_pass(minutes=1)
    outcome = await session.follow(asyncio.Event())
    assert (outcome.verdict, outcome.response is not None) == (Verdict.RESTORED, True)
    assert outcome.seconds >= 60
    noted = ReceiptStore(tmp_path).read(RUN)
    assert (noted.state, noted.outcome.verdict if noted.outcome else "") == ("done", "Restored")
    assert sent(server) == before
    assert {r.json["job_id"] for r in server.at(GET)} == {41, 42}


async def test_stopping_to_follow_leaves_it_unknown(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    receipt = await left_behind(server, clock, tmp_path)
    session = await sitting_again(server, clock, tmp_path)
    session.reattach(receipt)
    stop = asyncio.Event()
    outcome = await session.follow(stop, lambda progress: stop.set())
    assert outcome.verdict is Verdict.UNKNOWN
    assert session.runs.summaries[-1].left_running
    assert ReceiptStore(tmp_path).unsettled()[0].run == RUN


async def test_a_run_that_is_watched_elsewhere_is_not_taken_over(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    receipt = await left_behind(server, clock, tmp_path)
    session = await sitting_again(server, clock, tmp_path)
    watch = ReceiptStore(tmp_path).lock(RUN)
    assert watch is not None
    with pytest.raises(RestoreBlockedError, match="is following this run"):
        session.reattach(receipt)
    watch.release()
    session.reattach(receipt)
    assert ReceiptStore(tmp_path).lock(RUN) is None
    await session.aclose()


async def test_a_run_that_ended_meanwhile_is_not_set_back(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Another wizard saw its end after this one had read the receipt: what it noted stands."""
    stale = await left_behind(server, clock, tmp_path)
    first, second = [await sitting_again(server, clock, tmp_path) for _ in range(2)]
    first.reattach(stale)
    server.on(GET, job())
    assert (await first.check_outcome()).verdict is Verdict.RESTORED
    with pytest.raises(RestoreBlockedError, match="Restored"):
        second.reattach(stale)
    assert second.runs.summaries == []
    noted = ReceiptStore(tmp_path).read(RUN).outcome
    assert noted is not None
    assert noted.verdict == "Restored"
    assert ReceiptStore(tmp_path).lock(RUN) is not None  # nobody has it


async def test_what_was_found_meanwhile_is_kept(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Two wizards one after the other look at one run: the second adds to what the first has noted."""
    stale = await left_behind(server, clock, tmp_path)
    for number, says in enumerate([f.error("first"), f.error("second")], 1):
        session = await sitting_again(server, clock, tmp_path)
        session.reattach(stale)
        server.on(GET, says)
        await session.check_outcome()
        await session.aclose()
        assert len(ReceiptStore(tmp_path).read(RUN).looks) == number


async def test_a_run_of_another_server_is_not_taken_up(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Unless the server says that it is the same cluster, under another address."""
    receipt = await left_behind(server, clock, tmp_path)
    session = await sitting_again(server, clock, tmp_path)
    here = session.destination
    with pytest.raises(RestoreBlockedError, match="another server"):
        session.runs.reattach(receipt, replace(here, url="http://other", cluster="green"), "x")
    with pytest.raises(RestoreBlockedError, match="another server"):
        session.runs.reattach(receipt, replace(here, url="http://other", cluster=""), "x")
    assert session.runs.reattach(receipt, replace(here, url="http://other"), "x").run == RUN


def test_a_word_of_our_look_that_nobody_knows_is_left_out() -> None:
    """A receipt that another version wrote, or somebody's editor: the rest of it stands."""
    before = rehearsal(
        conflicts=ConflictReport(seen={("table", "sales.orders"): ObjectConflict(ConflictStatus.NEW)})
    )
    receipt = new_receipt(RUN, before, NOW)
    line = receipt.objects[0].model_copy(update={"seen": "would explode"})
    outcome = outcome_of(again(receipt.model_copy(update={"objects": [line]})), None)
    assert [line.conflict for line in outcome.results] == [None]
    assert [line.conflict for line in outcome_of(again(receipt), None).results] == [
        ObjectConflict(ConflictStatus.NEW)
    ]
