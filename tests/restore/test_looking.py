"""When we look: beside the dry run, before the confirmation, after the end. After a change no restore goes out."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.errors import OutcomeUnknown, RequestRejected
from restore_tui.kinetica.inventory import Listing
from restore_tui.restore.execution.confirmation import RestoreBlockedError
from restore_tui.restore.outcome.post_check import since
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.preflight.conflict_check import (
    INVENTORY_SECONDS,
    ConflictStatus,
    Inventory,
    ObjectConflict,
)
from restore_tui.restore.preflight.results import ObjectResult, objects_named_in_refusal
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import RESTORED, link
from tests.harness.plans import ID, RESTORE, plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

OBJECTS = {"table": ["sales.orders"], "user": ["ada"]}
SCHEMAS = "/show/schema"
SECURITY = "/show/security"
EVERYBODY = {"types": {"ada": "internal_user", "me": "internal_user"}}
BOTH = {**RESTORED, "restored_objects": {"sales.orders": "table", "ada": "user"}}


def tables(*names: str, schemas: tuple[str, ...] = ("sales",)) -> Any:
    """What /show/schema says: these tables, in the first of the schemas."""
    return f.good({"schema_names": list(schemas), "schema_tables": [list(names), *[[] for _ in schemas[1:]]]})


@pytest.fixture
def server(faulty: Server) -> Server:
    faulty.on(
        "/show/system/properties",
        f.good({"property_map": {"version.gpudb_core_version": "7.2.3.20", "conf.ring_name": "blue"}}),
    )
    snapshots = {"backup_ids": [{"backup_name": "nightly", "backup_id": ID}], "backup_contents": []}
    faulty.on("/show/backup", f.good(snapshots))
    faulty.on(SCHEMAS, tables("other"))
    faulty.on(SECURITY, f.good(EVERYBODY))
    faulty.on(RESTORE, f.good(BOTH))
    return faulty


async def sitting(server: Server, clock: FakeClock, folder: Path, made: RestorePlan | None = None) -> Session:
    session = Session(clock, SessionOptions(folder, mode="direct"))
    await session.connect(link(server))
    session.plan = made or plan(OBJECTS, {"restore_policy": "replace"})
    return session


def sent(server: Server) -> list[str]:
    return [received.json["options"]["dry_run"] for received in server.at(RESTORE)]


def looks(server: Server) -> Counter[str]:
    return Counter(received.path for received in server.received if received.path in (SCHEMAS, SECURITY))


async def restore(session: Session, permit: Any) -> Any:
    return await session.restore(permit, with_receipt=True, stop=asyncio.Event())


async def test_one_look_beside_the_dry_run_and_one_before_the_confirmation(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Two looks, each endpoint once in each; nothing changed, so the restore goes out."""
    session = await sitting(server, clock, tmp_path)
    rehearsal = await session.run_dry_run()
    assert looks(server) == {SCHEMAS: 1, SECURITY: 1}
    assert {(line.name, line.conflict and line.conflict.status) for line in rehearsal.results()} == {
        ("sales.orders", ConflictStatus.NEW),
        ("ada", ConflictStatus.REPLACED),
    }
    permit = await session.confirm("nightly")
    assert looks(server) == {SCHEMAS: 2, SECURITY: 2}
    assert permit.unclear == ()
    await restore(session, permit)
    assert sent(server) == ["true", "false"]


CHANGES: dict[str, tuple[str, Any, str]] = {
    "a table appears": (SCHEMAS, tables("other", "orders"), "table sales.orders has appeared"),
    "its schema vanishes": (SCHEMAS, f.good({}), "schema sales has vanished"),
    "a user vanishes": (SECURITY, f.good({"types": {"me": "internal_user"}}), "user ada has vanished"),
}


@pytest.mark.parametrize(("endpoint", "then", "said"), CHANGES.values(), ids=CHANGES)
async def test_after_a_change_there_is_no_leave_to_restore(
    server: Server, clock: FakeClock, tmp_path: Path, endpoint: str, then: Any, said: str
) -> None:
    """What appeared or vanished since the dry run voids it, with a sentence. Whoever asks again gets no more, not even
    where everything is as it was; a dry run of its own opens the way again."""
    session = await sitting(server, clock, tmp_path)
    rehearsal = await session.run_dry_run()
    before = server._faults[endpoint]
    server.on(endpoint, then)
    for _ in range(2):
        with pytest.raises(RestoreBlockedError, match=said):
            await session.confirm("nightly")
        server.on(endpoint, *before)
    assert said in (session.staleness_reason() or "")
    assert session.dry_run is not None
    assert session.dry_run.results() == rehearsal.results()
    assert sent(server) == ["true"]
    assert ReceiptStore(tmp_path).runs() == []
    await session.run_dry_run()
    await restore(session, await session.confirm("nightly"))
    assert sent(server) == ["true", "true", "false"]


async def test_leave_that_was_given_before_a_change_is_worth_nothing_after_it(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Confirmed twice, and seen only the second time: the first permit sends nothing either."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    server.on(SCHEMAS, tables("other", "orders"))
    again = await session.recheck()
    assert again is not None
    assert again.changes.appeared == (("table", "sales.orders"),)
    with pytest.raises(RestoreBlockedError):
        await restore(session, permit)
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


@pytest.mark.parametrize(
    "then",
    [tables("other", "more"), tables("other", schemas=("sales", "new")), tables()],
    ids=["a table", "a schema", "a table that is gone"],
)
async def test_what_the_plan_does_not_touch_may_change(
    server: Server, clock: FakeClock, tmp_path: Path, then: Any
) -> None:
    """Others work on the same server all the time."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    server.on(SCHEMAS, then)
    await restore(session, await session.confirm("nightly"))
    assert sent(server) == ["true", "false"]


@pytest.mark.parametrize(
    "fault",
    [f.DROP, f.page(502), f.error("Insufficient privileges"), f.GARBAGE, f.good("[]")],
    ids=["drop", "502", "refused", "garbage", "a list"],
)
@pytest.mark.parametrize("first", [True, False], ids=["beside the dry run", "before the confirmation"])
async def test_a_look_that_fails_does_not_block_but_is_told(
    server: Server, clock: FakeClock, tmp_path: Path, fault: Any, first: bool
) -> None:
    """On the permit and in the receipt it is said what could not be compared; the restore goes out."""
    session = await sitting(server, clock, tmp_path)
    if first:
        server.on(SCHEMAS, fault)
        rehearsal = await session.run_dry_run()
        server.on(SCHEMAS, tables("other", "orders"))
        assert len(rehearsal.conflicts.sentences) == 1
    else:
        await session.run_dry_run()
        server.on(SCHEMAS, fault)
    permit = await session.confirm("nightly")
    (said,) = permit.unclear
    assert f"What changed in {SCHEMAS} since the dry run is not known" in said
    await restore(session, permit)
    assert sent(server) == ["true", "false"]
    (found,) = ReceiptStore(tmp_path).runs()
    assert found.receipt is not None
    assert found.receipt.sight is not None
    assert found.receipt.sight.unclear == [said]
    assert set(found.receipt.sight.unread) == ({SCHEMAS} if first else set())


async def test_a_look_that_fails_both_times_is_told_once(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """It is not checked, and that is all there is to say."""
    session = await sitting(server, clock, tmp_path)
    server.on(SCHEMAS, f.page(502))
    rehearsal = await session.run_dry_run()
    assert (await session.confirm("nightly")).unclear == ()
    line = next(line for line in rehearsal.results() if line.type == "table")
    assert line.conflict is not None
    assert (line.conflict.status, bool(line.conflict.why)) == (ConflictStatus.UNCHECKED, True)


async def test_a_dry_run_made_meanwhile_is_not_the_one_that_was_confirmed(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """While the second look is on the line the dry run is run again: leave is for neither."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    held = f.http(
        200, f.envelope({"schema_names": ["sales"], "schema_tables": [["other"]]}, "show_schema_response")
    )
    reached, loop = asyncio.Event(), asyncio.get_running_loop()

    def hold(faulty: Server) -> None:
        loop.call_soon_threadsafe(
            reached.set
        )  # not before it has its answer, which is another one from here on
        faulty.wait_for_release()

    server.on(SCHEMAS, f.always(f.Reply(held, after=hold)))
    confirming = asyncio.ensure_future(session.confirm("nightly"))
    await asyncio.wait_for(reached.wait(), f.PATIENCE)
    server.on(SCHEMAS, tables("other"))
    await session.run_dry_run()
    server.release()
    with pytest.raises(RestoreBlockedError, match="Another dry run has finished since"):
        await confirming
    assert session.staleness_reason() is None
    assert sent(server) == ["true", "true"]


async def test_a_dry_run_that_ages_during_the_look_is_void(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Looking takes time, and that counts."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    clock.let_pass(minutes=14.9)
    server.at_arrival = lambda received: clock.let_pass(minutes=0.2) if received.path == SCHEMAS else None
    with pytest.raises(RestoreBlockedError, match="older than 15 minutes"):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


async def test_a_wrong_name_asks_the_server_nothing(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Only a confirmation that fits is worth a look."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    before = len(server.received)
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightl")
    assert len(server.received) == before


async def test_a_refused_dry_run_leaves_what_we_saw(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """What is in the way, beside the server's word; and what the server names that we do not see."""
    session = await sitting(server, clock, tmp_path, plan(OBJECTS))
    server.on(RESTORE, f.error("Object 'sales.orders' already exists and 'restore_policy' is 'none'"))
    with pytest.raises(RequestRejected) as refused:
        await session.run_dry_run()
    assert session.dry_run is None
    foresight = session.conflicts
    assert foresight is not None
    assert foresight.conflicts == 1
    assert {line.name: line.conflict and line.conflict.text for line in foresight.lines} == {
        "ada": "would abort",
        "sales.orders": "new",
    }
    assert [
        line.name for line in objects_named_in_refusal(foresight.lines, refused.value.server_message)
    ] == ["sales.orders"]
    with pytest.raises(RestoreBlockedError):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


async def test_a_lost_dry_run_waits_for_no_look(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Its error is told at once; the look that hangs beside it is given up."""
    session = await sitting(server, clock, tmp_path)
    server.on(SCHEMAS, f.never())
    server.on(RESTORE, f.DROP)
    with pytest.raises(OutcomeUnknown):
        await session.run_dry_run()
    assert session.conflicts is None
    others = asyncio.all_tasks() - {asyncio.current_task()}
    # Nothing is left to wait for: a look that was not given up would take SECONDS_TO_LOOK.
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), INVENTORY_SECONDS / 2)
    await session.aclose()


async def test_a_newer_snapshot_is_looked_at_for_what_it_holds(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The server took a newer snapshot, with other types in the schema: those are looked at, too."""
    later = str(int(ID) + 1)
    listed = f.good({"backup_ids": [{"backup_id": ID}], "backup_contents": [{"sales.orders": "table"}]})
    newer = f.good({"backup_ids": [{"backup_id": later}], "backup_contents": [{"sales.c": "credential"}]})
    server.on("/show/backup", listed, newer)
    server.on("/show/credential", f.good({"credential_names": ["sales.c"]}))
    server.on(
        RESTORE, f.good({**RESTORED, "backup_id": int(later), "restored_objects": {"sales.c": "credential"}})
    )
    session = await sitting(
        server,
        clock,
        tmp_path,
        plan({"all": ["sales"]}, {"restore_policy": "replace"}, snapshot=NewestSnapshot(ID)),
    )
    rehearsal = await session.run_dry_run()
    assert [(line.name, line.conflict and line.conflict.status) for line in rehearsal.results()] == [
        ("sales.c", ConflictStatus.REPLACED)
    ]


async def test_mapped_schemas_are_looked_at_where_objects_land(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """target_schema_map: a table that appears in the target voids the dry run, one in the source does not."""
    made = plan({"table": ["sales.orders"]}, {"target_schema_map": "sales: aside"})
    session = await sitting(server, clock, tmp_path, made)
    server.on(SCHEMAS, tables("other", schemas=("aside", "sales")))
    server.on(RESTORE, f.good({**RESTORED, "restored_objects": {"aside.orders": "table"}}))
    await session.run_dry_run()
    in_source = f.good({"schema_names": ["aside", "sales"], "schema_tables": [["other"], ["orders"]]})
    server.on(SCHEMAS, in_source)
    await session.confirm("nightly")
    server.on(SCHEMAS, tables("other", "orders", schemas=("aside", "sales")))
    with pytest.raises(RestoreBlockedError, match=r"table aside\.orders has appeared"):
        await session.confirm("nightly")
    assert sent(server) == ["true"]


async def test_looking_ahead_without_a_dry_run(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Before the dry run: what the plan would meet, from reads alone."""
    session = await sitting(server, clock, tmp_path, plan(OBJECTS, {"restore_policy": "rename"}))
    foresight = await session.check_conflicts()
    assert {line.name: line.conflict and line.conflict.text for line in foresight.lines} == {
        "ada": "exists, effect not documented",
        "sales.orders": "new",
    }
    assert all(line.dry_run is None for line in foresight.lines)
    assert sent(server) == []


async def test_another_server_takes_our_look_along(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """What was seen at one server says nothing about another."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    await session.connect(link(server, Login("somebody else")))
    assert session.conflicts is None
    assert await session.recheck() is None


# After the end


async def test_a_last_look_says_what_is_there(server: Server, clock: FakeClock, tmp_path: Path) -> None:
    """Said to be restored, and not shown: told, and noted in the receipt with the outcome as it was."""
    session = await sitting(server, clock, tmp_path)
    assert await session.verify_restored() is None
    await session.run_dry_run()
    outcome = await restore(session, await session.confirm("nightly"))
    clock.let_pass(minutes=3)
    arrived = await session.verify_restored()
    assert arrived is not None
    assert (arrived.present, arrived.absent) == ((("user", "ada"),), (("table", "sales.orders"),))
    assert arrived.text == "Of 2 reported as restored, 1 shown now, 1 not shown."
    server.on(SCHEMAS, f.page(502))
    arrived = await session.verify_restored()
    assert arrived is not None
    assert arrived.unknown == (("table", "sales.orders"),)
    receipt = ReceiptStore(tmp_path).read(outcome.run)
    assert [look.findings[0].text for look in receipt.looks] == [
        "Of 2 reported as restored, 1 shown now, 1 not shown.",
        arrived.text,
    ]
    assert receipt.outcome is not None
    assert receipt.outcome.at == outcome.recorded.outcome.at
    assert sent(server) == ["true", "false"]


async def test_a_last_look_without_a_receipt_is_kept_all_the_same(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Where none was written, or none can be any more, the outcome stands."""
    session = await sitting(server, clock, tmp_path / "receipts")
    await session.run_dry_run()
    await restore(session, await session.confirm("nightly"))
    for place in (tmp_path / "receipts").iterdir():
        place.unlink()
    (tmp_path / "receipts").rmdir()
    (tmp_path / "receipts").write_text("in the way")
    arrived = await session.verify_restored()
    assert arrived is not None
    assert session.outcome is not None
    assert session.outcome.recorded.looks[0].findings[0].text == arrived.text


@pytest.mark.parametrize("way", ["refused", "lost"])
async def test_after_an_end_that_is_not_clean_it_is_told_what_has_appeared(
    server: Server, clock: FakeClock, tmp_path: Path, way: str
) -> None:
    """Refused half-way, or lost: everything that was requested is compared with the look beside the dry run. It is
    evidence in the receipt, and changes no verdict."""
    session = await sitting(server, clock, tmp_path)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    server.on(RESTORE, f.error("disk full") if way == "refused" else f.DROP)
    outcome = await restore(session, permit)
    server.on(SCHEMAS, tables("orders", "other"))
    arrived = await session.verify_restored()
    assert arrived is not None
    told = (
        "Since before the restore, 1 of the 1 requested objects that did not exist has appeared: sales.orders. "
        "1 existed before and still exists."
    )
    assert arrived.text == told
    assert session.outcome is not None
    assert session.outcome.verdict is outcome.verdict
    for _ in range(2):
        await session.verify_restored()
    looks = ReceiptStore(tmp_path).read(outcome.run).looks
    assert [(look.findings[0].source, look.findings[0].text, look.findings[0].settles) for look in looks] == [
        ("what exists now", told, False)
    ]


@pytest.mark.parametrize(
    ("sight", "shown", "text"),
    [
        (
            ConflictStatus.NEW,
            True,
            "1 of the 1 requested objects that did not exist has appeared: sales.orders.",
        ),
        (ConflictStatus.NEW, False, "0 of the 1 requested objects that did not exist have appeared."),
        (ConflictStatus.REPLACED, True, "1 existed before and still exists."),
        (ConflictStatus.ABORT, False, "1 existed before and no longer exists: sales.orders."),
        (ConflictStatus.HIDDEN, True, "1 could not be compared."),
        (ConflictStatus.UNCHECKED, False, "1 could not be compared."),
        (ConflictStatus.NEW, None, "1 could not be compared."),
        (None, True, "1 could not be compared."),
    ],
)
def test_what_exists_now_is_compared_with_what_existed(
    sight: ConflictStatus | None, shown: bool | None, text: str
) -> None:
    """Only what was seen both times tells anything; an object that was requested by nobody does not count."""
    seen = None if sight is None else ObjectConflict(sight)
    lines = [
        ObjectResult("table", "sales.orders", None, None, conflict=seen),
        ObjectResult(
            "table", "sales.other", None, None, requested=False, conflict=ObjectConflict(ConflictStatus.NEW)
        ),
    ]
    listing = Listing({"table": frozenset({"sales.orders"} if shown else ())}, schemas=frozenset())
    now = Inventory() if shown is None else Inventory({SCHEMAS: listing})
    assert since(lines, now).text.endswith(text)
