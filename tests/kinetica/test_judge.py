"""The official client is the judge: what it sends for a call, and what we send for the same, as received."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import gpudb
import pytest

from restore_tui.demo.server import DemoServer, Received
from restore_tui.demo.shop import build_world
from restore_tui.kinetica.address import ServerAddress
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.credentials import Login, Secret
from restore_tui.kinetica.transport import Link
from restore_tui.restore.plan import PinnedSnapshot, RestorePlan, Selection
from restore_tui.restore.request import restore_body

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
SOURCE, BACKUP = "dr_bucket_s3", "nightly_shop"


@pytest.fixture(params=["", "/gpudb-0"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(build_world(now=NOW, big_tables=50), base_path=request.param) as running:
        yield running


def newest(server: DemoServer) -> str:
    return str(max(snapshot.id for snapshot in server.world.backup(BACKUP).snapshots))


def plan(server: DemoServer) -> RestorePlan:
    return (
        RestorePlan(
            SOURCE,
            BACKUP,
            PinnedSnapshot(newest(server)),
            Selection.of({"all": ["sales"], "user": ["chen", "bjorn"]}),
        )
        .choose_option("ddl_only", "true")
        .choose_option("restore_policy", "replace")
    )


def of_gpudb(server: DemoServer, call: Callable[[Any], object]) -> Received:
    client = gpudb.GPUdb(host=server.url, encoding="JSON", username=server.user, password=server.password)
    call(client)
    return server.requests[-1]


async def of_ours(server: DemoServer, call: Callable[[KineticaClient], Awaitable[object]]) -> Received:
    link = Link(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))
    async with KineticaClient(link) as client:
        await call(client)
    return server.requests[-1]


CALLS: dict[str, tuple[Callable[[Any, DemoServer], object], Callable[[KineticaClient, DemoServer], Any]]] = {
    "/show/system/properties": (
        lambda them, server: them.show_system_properties({}),
        lambda us, server: us.server(),
    ),
    "/show/datasource": (
        lambda them, server: them.show_datasource("*", {}),
        lambda us, server: us.data_sources(),
    ),
    "/show/backup, all": (
        lambda them, server: them.show_backup("*", SOURCE, {"show_contents": "none"}),
        lambda us, server: us.backups(SOURCE),
    ),
    "/show/backup, one": (
        lambda them, server: them.show_backup(
            BACKUP, SOURCE, {"backup_type": "all", "show_contents": "none"}
        ),
        lambda us, server: us.snapshots(SOURCE, BACKUP),
    ),
    "/show/backup, contents": (
        lambda them, server: them.show_backup(
            BACKUP, SOURCE, {"backup_id": newest(server), "show_contents": "object_names"}
        ),
        lambda us, server: us.contents(SOURCE, BACKUP, newest(server)),
    ),
    "/restore/backup, dry run": (
        lambda them, server: them.restore_backup(
            BACKUP,
            {"all": "sales", "user": "bjorn,chen"},
            SOURCE,
            {"backup_id": newest(server), "ddl_only": "true", "restore_policy": "replace", "dry_run": "true"},
        ),
        lambda us, server: us.restore_backup(restore_body(plan(server), dry_run=True)),
    ),
    "/restore/backup, real": (
        lambda them, server: them.restore_backup(
            BACKUP,
            {"all": "sales", "user": "bjorn,chen"},
            SOURCE,
            {
                "backup_id": newest(server),
                "ddl_only": "true",
                "restore_policy": "replace",
                "dry_run": "false",
            },
        ),
        lambda us, server: us.restore_backup(restore_body(plan(server), dry_run=False)),
    ),
}


@pytest.mark.parametrize("call", CALLS)
async def test_we_send_what_the_official_client_sends(server: DemoServer, call: str) -> None:
    """Method, path, body and login of every call are those of gpudb in JSON encoding."""
    theirs_call, ours_call = CALLS[call]
    theirs = of_gpudb(server, lambda client: theirs_call(client, server))
    ours = await of_ours(server, lambda client: ours_call(client, server))
    assert ours.endpoint == call.partition(",")[0]
    assert (ours.method, ours.path) == (theirs.method, theirs.path)
    assert ours.json() == theirs.json()
    assert ours.headers["authorization"] == theirs.headers["authorization"]
    assert ours.headers["content-type"].partition(";")[0] == "application/json"
    assert theirs.headers["content-type"].partition(";")[0] == "application/json"
