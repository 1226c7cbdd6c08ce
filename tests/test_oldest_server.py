"""The oldest server that has backups, 7.2.3: from Connect to *Restored*, headless and by keyboard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import RequestRejected
from restore_tui.restore.plan.plan import PinnedSnapshot
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.receipts.model import Verdict
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
OLDEST = "7.2.3"


@pytest.fixture
def oldest() -> Iterator[DemoServer]:
    with DemoServer(build_world(now=NOW, big_tables=6), server_version=OLDEST) as server:
        yield server


def bodies(server: DemoServer, endpoint: str) -> list[dict[str, Any]]:
    return [json.loads(received.body) for received in server.received(endpoint)]


async def test_every_step_is_answered_and_the_restore_runs(oldest: DemoServer, tmp_path: Path) -> None:
    """Every read that the wizard makes on its way is one that 7.2.3 takes, and the restore brings the tables back."""
    session = Session(FakeClock(), SessionOptions(tmp_path))
    await session.connect(
        ConnectionSettings(ServerAddress.parse(oldest.url), Login(oldest.user, Secret(oldest.password)))
    )
    assert session.server_version == OLDEST
    names = [source.name for source in await session.data_sources()]
    session.plan = session.plan.choose_data_source(names[names.index("dr_bucket_s3")]).plan
    assert "nightly_shop" in [backup.name for backup in await session.backups()]
    session.plan = session.plan.choose_backup("nightly_shop").plan
    newest = (await session.snapshots())[0]
    session.plan = session.plan.choose_snapshot(PinnedSnapshot(newest.id)).plan
    assert "sales" in (await session.contents()).schemas.names
    session.plan = session.plan.choose_objects(Selection.of({"all": ["sales"]}))
    await session.run_dry_run()
    permit = await session.confirm("nightly_shop")
    outcome = await session.restore(permit, with_receipt=True, stop=asyncio.Event())
    await session.aclose()
    assert outcome.verdict is Verdict.RESTORED
    assert ("table", "sales.orders") in oldest.world.live
    options = {key for body in bodies(oldest, "/show/backup") for key in body["options"]}
    assert options == {"show_contents", "backup_id"}


@pytest.mark.parametrize(
    ("version", "taken"), [("7.2.3", False), ("7.2.3.12", False), ("7.2.3.13", True), ("nightly", True)]
)
async def test_an_option_of_a_later_version_is_refused_in_the_vendor_s_words(
    version: str, taken: bool, tmp_path: Path
) -> None:
    """`backup_type` came late: before that the demo server says what a real one says to an unknown key."""
    with DemoServer(build_world(now=NOW, big_tables=6), server_version=version) as server:
        session = Session(FakeClock(), SessionOptions(tmp_path))
        await session.connect(
            ConnectionSettings(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))
        )
        body = {"backup_name": "*", "datasource_name": "dr_bucket_s3", "options": {"backup_type": "all"}}
        ask = session.client._read_in_thread("/show/backup", body, dict)
        if taken:
            assert (await ask)["backup_ids"]
        else:
            with pytest.raises(RequestRejected) as refused:
                await ask
            assert refused.value.server_message == (
                "Parameter map key: 'backup_type' is not a valid parameter (U/PUh:348); error in Job validation"
            )
        await session.aclose()
