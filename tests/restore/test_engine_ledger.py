"""Whatever a server can answer to a restore, the ledger adds up: over the demo server, for drawn plans.

The same walk holds our own look to account: an honest server does not contradict it, and what it brought back is there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import Link
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import Refused
from restore_tui.kinetica.responses.models import RestoreAnswer
from restore_tui.restore.execution.confirmation import confirmation_phrase
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan, Selection
from restore_tui.restore.preflight.conflict_check import READ_OF, Sight
from restore_tui.restore.preflight.results import Fate, Line, Tally, contested
from restore_tui.restore.session import Policy, Session
from tests.demo.support import shop
from tests.demo.test_rules import MODEL, requests
from tests.restore.support import FakeClock

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
    """(type, name) of all that is asked for, from the world that the server plays."""
    snapshot = MODEL.backup(plan.backup).snapshot(int(plan.snapshot_id))
    assert snapshot is not None
    return {
        thing.key
        for thing in snapshot.objects
        if thing.schema in plan.objects.names("all") or thing.name in plan.objects.names(thing.type)
    }


def adds_up(plan: RestorePlan, held: Contents, lines: tuple[Line, ...], answer: RestoreAnswer) -> None:
    """Each object once, and as many of each fate, as many bytes and records, as the server says."""
    assert Counter((line.type, line.name) for line in lines) == dict.fromkeys(expected(plan), 1)
    assert all(line.asked for line in lines)
    assert Tally.of(lines) == Tally(
        restored=len(answer.restored_objects),
        moved=len(answer.renamed_objects),
        failed=len(answer.failed_objects),
        missing=0,
    )
    back = {(line.type, line.name) for line in lines if line.last and line.last.fate is Fate.RESTORED}
    data = [item for item in held if (item.type, item.name) in back and plan.option("ddl_only") == "false"]
    assert sum(item.records or 0 for item in data) == answer.restored_records
    assert sum(item.size or 0 for item in data) == answer.restored_bytes


async def walk(plan: RestorePlan, way: str) -> None:
    clock, world = FakeClock(), shop()
    with DemoServer(world, server_version=NEWEST) as server:
        session = Session(clock, Policy(UNWRITTEN, way=way))
        login = Login(server.user, Secret(server.password))
        await session.connect(Link(ServerAddress.parse(server.url), login))
        session.plan = plan
        assume(not session.problems())
        try:
            rehearsal = await session.rehearse()
        except Refused as refused:
            is_foreseen(session, refused.words)
            await session.aclose()
            return
        held = await session.contents()
        adds_up(plan, held, rehearsal.ledger(), rehearsal.answer)
        assert rehearsal.ledger().differing == ()
        for line in rehearsal.ledger():
            is_honest(line, plan)

        permit = await session.authorise(confirmation_phrase(rehearsal))
        assert permit.unclear == ()
        outcome = await session.restore(permit, with_receipt=False, stop=asyncio.Event())
        assert outcome.answer is not None
        adds_up(plan, held, outcome.lines, outcome.answer)
        arrived = await session.look_afterwards()
        await session.aclose()
    assert arrived is not None
    assert arrived.absent == ()
    checked = [line for line in outcome.lines if line.is_said_to_be_restored and line.type in READ_OF]
    assert len(arrived.there) == len(checked)
    assert len(arrived.untold) == outcome.lines.tally.restored - len(checked)
    assert server.errors == []


def is_foreseen(session: Session, words: str) -> None:
    """A conflict that the server refuses for is one that we see, or of a type that is not checked."""
    foresight = session.foresight
    assert foresight is not None
    assert {(line.type, line.name) for line in foresight.lines} == expected(session.plan)
    if "already exists" in words and "Cannot move" not in words:
        unseen = contested(foresight.lines, words)
        assert all(line.type not in READ_OF for line in unseen)
        stops = (Sight.ABORT, Sight.UNDOCUMENTED)
        named = any(line.seen and line.seen.sight in stops for line in foresight.lines)
        assert unseen or named


def is_honest(line: Line, plan: RestorePlan) -> None:
    """What we see under each policy, against what the dry run says."""
    assert line.seen is not None
    assert line.dry is not None
    if line.type not in READ_OF:
        assert line.seen.sight is Sight.UNCHECKED
        return
    policy = plan.option("restore_policy")
    assert line.seen.sight is not Sight.ABORT  # or it would have been refused
    assert (line.seen.sight is Sight.REPLACED) <= (policy == "replace")
    if line.dry.fate is Fate.RESTORED and policy == "rename":
        assert (line.seen.sight is Sight.MOVED) == bool(line.dry.moved_to)
        if line.dry.moved_to and plan.option("renamed_objects_schema"):
            assert line.seen.place == line.dry.moved_to


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
