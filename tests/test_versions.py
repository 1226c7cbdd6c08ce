"""What a server of each version is offered, as a table; and that the demo server of that version agrees, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica import reference
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import EndpointMissing, RequestRejected
from restore_tui.restore.plan.availability import Support, check_support, unknown_version_text

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
VERSIONS = ("7.2.3", "7.2.3.9", "7.2.3.13", "7.2.3.14", "7.2.3.18", "7.2.3.20", "nightly")
ENTRIES = (*reference.OBJECT_TYPES, *reference.OPTIONS)

TABLE = Path(__file__).parent / "versions.md"


def cell(entry: reference.ReferenceEntry, version: str) -> str:
    told = check_support(entry, version)
    words = {
        Support.AVAILABLE: "offered",
        Support.UNKNOWN: "offered?",
        Support.TOO_OLD: f"needs {told.needs}",
    }
    return words[told.support]


def test_the_table_of_versions() -> None:
    """Every type and option at every version, as it stands on the screens."""
    rows = [["type or option", *VERSIONS], ["---"] * (len(VERSIONS) + 1)]
    for entry in ENTRIES:
        name = f"`{entry.name}`{' +' if entry.undocumented else ''}"
        rows.append([name, *(cell(entry, version) for version in VERSIONS)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    assert TABLE.read_text(encoding="utf-8").endswith(f"\n\n{table}\n")


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(build_world(now=NOW, big_tables=6), server_version=request.param) as running:
        yield running


def asking_for(server: DemoServer, entry: reference.ReferenceEntry) -> dict[str, Any]:
    """A dry run that needs this entry and nothing else that is newer than the endpoint itself."""
    backup, objects, options = "nightly_shop", {"table": "sales.orders"}, {}
    if isinstance(entry, reference.ObjectType):
        for series in server.world.backups.values():
            held = (
                {thing.type: thing.name for thing in series.snapshots[-1].objects} if series.snapshots else {}
            )
            if entry.name in held and series.name in ("nightly_shop", "platform_config"):
                backup, objects = series.name, {entry.name: held[entry.name]}
                break
        else:
            assert entry.name == "all", entry.name
            objects = {"all": "sales"}
    elif entry.name == "backup_id":
        options = {"backup_id": str(server.world.backup(backup).snapshots[-1].id)}
    elif isinstance(entry, reference.Option):
        free = {"target_schema_map": "sales: attic", "renamed_objects_schema": "attic"}
        options = {
            entry.name: free.get(entry.name) or next(v.name for v in entry.values if v.name != entry.default)
        }
        options |= dict([entry.needs]) if entry.needs else {}
    if entry.name == "create_schema_if_not_exist":
        server.world.schemas.add("sales")  # else false would be refused for want of it
    policy = {"restore_policy": "replace", **options} if isinstance(entry, reference.ObjectType) else options
    return {
        "backup_name": backup,
        "datasource_name": server.world.backup(backup).datasource,
        "restore_objects_map": objects,
        "options": {**policy, "dry_run": "true"},
    }


async def test_the_server_takes_what_is_offered_and_refuses_what_is_closed(server: DemoServer) -> None:
    """The version is read off the server itself; then each entry is requested in a dry run of its own."""
    link = ConnectionSettings(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))
    async with KineticaClient(link) as client:
        version = (await client.server()).version
        assert bool(unknown_version_text(version)) is (version == "nightly")
        for entry in ENTRIES:
            closed = not check_support(entry, version).is_available
            refused = ""
            try:
                await client.restore_backup(asking_for(server, entry))
            except RequestRejected as refusal:
                refused = refusal.server_message
            assert bool(refused) is closed, (version, entry.name, refused)
            assert not closed or f"'{entry.name}'" in refused, "it is refused for want of this very entry"


@pytest.mark.parametrize(("version", "there"), [("7.2.2.9", False), ("7.2.3", True), ("nightly", True)])
async def test_before_the_endpoint_there_is_nothing_to_offer(version: str, there: bool) -> None:
    """A server of before 7.2.3 has neither backups nor restores, and everything is closed."""
    assert {
        check_support(entry, version).is_available for entry in ENTRIES if entry.since == reference.BASELINE
    } == {there}
    with DemoServer(build_world(now=NOW, big_tables=6), server_version=version) as server:
        link = ConnectionSettings(
            ServerAddress.parse(server.url), Login(server.user, Secret(server.password))
        )
        async with KineticaClient(link) as client:
            if there:
                assert await client.backups("dr_bucket_s3")
            else:
                with pytest.raises(EndpointMissing):
                    await client.backups("dr_bucket_s3")
