"""Whatever a server ca response to a restore, the ledger adds up: over the demo server, for drawn plans.

The same walk holds our own look to account: an honest server does not contradict it, and what it brought back is there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import RequestRejected
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.restore.execution.confirmation import confirmation_phrase
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import READ_OF, ConflictStatus
from restore_tui.restore.preflight.response_index import ObjectStatus
from restore_tui.restore.preflight.results import ObjectResult, StatusCounts, objects_named_in_refusal
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.servers.demo_requests import shop
from tests.harness.servers.drawn_requests import MODEL, requests

pytestmark = pytest.mark.slow

NEWEST = "7.2.3.20"
UNWRITTEN = Path("no receipt is written")


def planned(request: dict[str, Any]) -> RestorePlan:
    backup = MODEL.backup(request["backup"])
    options = dict(request["options"])
    number = options.pop("backup_id", str(max(snapshot.id for snapshot in backup.snapshots)))
    objects = {kind: names.split(",") for kind, names in request["objects"].items()}
    plan = RestorePlan(backup.datasource, backup.name, PinnedSnapshot(number), Selection.of(objects))
    for name, value in options.items():
        plan = plan.choose_option(name, value)
    return plan


def expected(plan: RestorePlan) -> set[tuple[str, str]]:
    """(type, name) of all that is requested, from the world that the server plays."""
    snapshot = MODEL.backup(plan.backup).snapshot(int(plan.snapshot_id))
    assert snapshot is not None
    return {
        thing.key
        for thing in snapshot.objects
        if thing.schema in plan.objects.names("all") or thing.name in plan.objects.names(thing.type)
    }


def adds_up(
    plan: RestorePlan, held: Contents, lines: tuple[ObjectResult, ...], answer: RestoreResponse
) -> None:
    """Each object once, and as many of each fate, as many bytes and records, as the server says."""
    assert Counter((line.type, line.name) for line in lines) == dict.fromkeys(expected(plan), 1)
    assert all(line.requested for line in lines)
    assert StatusCounts.of(lines) == StatusCounts(
        restored=len(answer.restored_objects),
        moved=len(answer.renamed_objects),
        failed=len(answer.failed_objects),
        missing=0,
    )
    back = {
        (line.type, line.name) for line in lines if line.last and line.last.status is ObjectStatus.RESTORED
    }
    data = [item for item in held if (item.type, item.name) in back and plan.option("ddl_only") == "false"]
    assert sum(item.records or 0 for item in data) == answer.restored_records
    assert sum(item.size or 0 for item in data) == answer.restored_bytes


async def walk(plan: RestorePlan, way: str) -> None:
    clock, world = FakeClock(), shop()
    with DemoServer(world, server_version=NEWEST) as server:
        session = Session(clock, SessionOptions(UNWRITTEN, mode=way))
        login = Login(server.user, Secret(server.password))
        await session.connect(ConnectionSettings(ServerAddress.parse(server.url), login))
        session.plan = plan
        assume(not session.problems())
        try:
            rehearsal = await session.run_dry_run()
        except RequestRejected as refused:
            is_foreseen(session, refused.server_message)
            await session.aclose()
            return
        held = await session.contents()
        adds_up(plan, held, rehearsal.results(), rehearsal.response)
        assert rehearsal.results().differing == ()
        for line in rehearsal.results():
            is_honest(line, plan)

        permit = await session.confirm(confirmation_phrase(rehearsal))
        assert permit.unclear == ()
        outcome = await session.restore(permit, with_receipt=False, stop=asyncio.Event())
        assert outcome.response is not None
        adds_up(plan, held, outcome.results, outcome.response)
        arrived = await session.verify_restored()
        await session.aclose()
    assert arrived is not None
    assert arrived.absent == ()
    checked = [line for line in outcome.results if line.is_reported_restored and line.type in READ_OF]
    assert len(arrived.present) == len(checked)
    assert len(arrived.unknown) == outcome.results.counts.restored - len(checked)
    assert server.errors == []


def is_foreseen(session: Session, words: str) -> None:
    """A conflict that the server refuses for is one that we see, or of a type that is not checked."""
    foresight = session.conflicts
    assert foresight is not None
    assert {(line.type, line.name) for line in foresight.lines} == expected(session.plan)
    if "already exists" in words and "Cannot move" not in words:
        unseen = objects_named_in_refusal(foresight.lines, words)
        assert all(line.type not in READ_OF for line in unseen)
        stops = (ConflictStatus.ABORT, ConflictStatus.UNDOCUMENTED)
        named = any(line.conflict and line.conflict.status in stops for line in foresight.lines)
        assert unseen or named


def is_honest(line: ObjectResult, plan: RestorePlan) -> None:
    """What we see under each policy, against what the dry run says."""
    assert line.conflict is not None
    assert line.dry_run is not None
    if line.type not in READ_OF:
        assert line.conflict.status is ConflictStatus.UNCHECKED
        return
    policy = plan.option("restore_policy")
    assert line.conflict.status is not ConflictStatus.ABORT  # or it would have been refused
    assert (line.conflict.status is ConflictStatus.REPLACED) <= (policy == "replace")
    if line.dry_run.status is ObjectStatus.RESTORED and policy == "rename":
        assert (line.conflict.status is ConflictStatus.MOVED) == bool(line.dry_run.moved_to)
        if line.dry_run.moved_to and plan.option("renamed_objects_schema"):
            assert line.conflict.qualified_name == line.dry_run.moved_to


CRM = {"backup": "nightly_crm", "objects": {"all": "crm", "role": "support_agents"}}


@settings(max_examples=60)
@given(requests(), st.sampled_from(["direct", "job"]))
@example({**CRM, "options": {"restore_policy": "replace"}}, "job")
@example({**CRM, "objects": {"all": "crm"}, "options": {"restore_policy": "rename"}}, "direct")
@example({**CRM, "options": {"restore_policy": "rename"}}, "direct")
@example({**CRM, "options": {"target_schema_map": "crm: aside"}}, "direct")
@example({**CRM, "options": {"restore_policy": "replace", "cascade_foreign_keys": "true"}}, "direct")
def test_the_ledger_adds_up_for_whatever_the_server_answers(request: dict[str, Any], way: str) -> None:
    """Dry run and restore, of any objects with any options, directly and as a job."""
    asyncio.run(walk(planned(request), way))
