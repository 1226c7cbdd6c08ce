"""After a restore: what exists now has as many records as the full snapshot says, or not, with both numbers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import NOW, FakeClock

BACKUP, ORDERS, ITEMS = "nightly_shop", "sales.orders", "sales.order_items"


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(build_world(now=NOW, big_tables=10)) as running:
        yield running
    assert running.errors == []


@pytest.fixture
async def session(server: DemoServer, tmp_path: Path) -> AsyncIterator[Session]:
    sitting = Session(FakeClock(), SessionOptions(tmp_path, mode="direct"))
    login = Login(server.user, Secret(server.password))
    await sitting.connect(ConnectionSettings(ServerAddress.parse(server.url), login))
    yield sitting
    await sitting.aclose()


async def restored(session: Session, server: DemoServer, kind: str = "full", **options: str) -> str:
    """Restore two tables from the newest snapshot of that kind. Returns what the check afterwards says."""
    snapshots = [each for each in server.world.backup(BACKUP).snapshots if each.kind == kind]
    plan = RestorePlan(
        "dr_bucket_s3",
        BACKUP,
        PinnedSnapshot(str(snapshots[-1].id)),
        Selection.of({"table": [ORDERS, ITEMS]}),
    )
    for name, value in options.items():
        plan = plan.choose_option(name, value)
    session.plan = plan
    await session.snapshots()
    await session.run_dry_run()
    await session.restore(await session.confirm(BACKUP), with_receipt=True, stop=asyncio.Event())
    return await checked(session)


async def checked(session: Session) -> str:
    found = await session.verify_restored()
    assert found is not None
    return found.text


def write_to(server: DemoServer, name: str, by: int) -> int:
    """Change a table's number of records. Returns what it was."""
    world = server.world
    with world.lock:
        before = world.live["table", name]
        world.live["table", name] = replace(before, records=before.records + by)
    return before.records


async def test_as_many_records_as_in_the_snapshot(server: DemoServer, session: Session) -> None:
    text = await restored(session, server)
    assert text == (
        "Of 2 reported as restored, 2 shown now. Record counts match the snapshot in 2 of 2 tables."
    )


async def test_another_number_is_told_with_both(server: DemoServer, session: Session) -> None:
    """Somebody, or the restore itself, has left one table with eight records less."""
    await restored(session, server)
    there = write_to(server, ORDERS, -8)
    assert (
        f"Record counts differ from the snapshot in 1 of 2 tables: {ORDERS} ({there - 8:,} now, {there:,} in "
        "the snapshot)." in await checked(session)
    )
    receipt = session.runs.outcome
    assert receipt is not None
    assert f"{there - 8:,} now" in receipt.post_check


async def test_a_table_with_fewer_records_is_selected_again(server: DemoServer, session: Session) -> None:
    """Of a restore that was reported as complete. A table with more records, which somebody wrote to, is not."""
    await restored(session, server)
    assert session.runs.outcome is not None
    assert not session.runs.outcome.can_restore_missing
    write_to(server, ORDERS, -8)
    write_to(server, ITEMS, 8)
    await checked(session)
    assert session.runs.outcome.can_restore_missing
    assert session.restore_missing(session.runs.outcome) == (
        "Selected: what failed, was not mentioned, or is missing or incomplete (1 object)."
    )
    assert session.plan.objects.by_type == {"table": {ORDERS}}
    assert len(server.received("/restore/backup")) == 2, "a dry run and a restore; nothing more is sent"


@pytest.mark.parametrize(
    ("kind", "options"), [("incremental", {}), ("full", {"ddl_only": "true"})], ids=["changes", "definitions"]
)
async def test_what_cannot_be_compared_is_not_counted(
    server: DemoServer, session: Session, kind: str, options: dict[str, str]
) -> None:
    """An incremental snapshot counts what changed, and definitions have no records."""
    text = await restored(session, server, kind, **options)
    assert text == "Of 2 reported as restored, 2 shown now."
    assert server.received("/show/table") == []


async def test_a_table_that_cannot_be_compared_is_not_called_the_same(
    server: DemoServer, session: Session
) -> None:
    """The server tells nothing of one of the two: the sentence is about the other."""
    await restored(session, server)
    with server.world.lock:
        listed = session.runs.outcome.dry_run.contents.names("table")  # type: ignore[union-attr]
        listed.records[listed.find(ORDERS)] = -1
    assert "Record counts match the snapshot in 1 of 1 table that could be compared." in await checked(
        session
    )
