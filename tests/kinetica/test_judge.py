"""The official client is the judge: what it sends for a call, and what we send for the same, as received."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import gpudb
import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.plan.selection import Selection
from tests.harness.servers.demo_requests import DRY_RUN, ENDPOINTS, create_job, is_of_type

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
SOURCE, BACKUP = "dr_bucket_s3", "nightly_shop"
TAG = "restore-tui-judged"

OTHER_HEADERS = {
    "user-agent": "each names itself",
    "accept-encoding": "we take nothing compressed: a few bytes may unpack to any number",
    "connection": "what is sent once, or waited for long, goes out on a connection of its own, which we close",
    "content-length": "spaces in the JSON",
}
"""Where we differ from gpudb, and why."""


@dataclass(frozen=True)
class Stage:
    """A demo server, and the id of a job on it that ended, tagged ``TAG``: both clients can ask for it."""

    server: DemoServer
    job: int

    @property
    def newest(self) -> str:
        return str(max(snapshot.id for snapshot in self.server.world.backup(BACKUP).snapshots))

    def plan(self) -> RestorePlan:
        return (
            RestorePlan(
                SOURCE,
                BACKUP,
                PinnedSnapshot(self.newest),
                Selection.of({"all": ["sales"], "user": ["chen", "bjorn"]}),
            )
            .choose_option("ddl_only", "true")
            .choose_option("restore_policy", "replace")
        )

    def restore(self, dry_run: str) -> dict[str, Any]:
        """The same restore, as one would write it down for gpudb."""
        return {
            "backup_name": BACKUP,
            "restore_objects_map": {"all": "sales", "user": "bjorn,chen"},
            "datasource_name": SOURCE,
            "options": {
                "backup_id": self.newest,
                "ddl_only": "true",
                "restore_policy": "replace",
                "dry_run": dry_run,
            },
        }


@pytest.fixture(params=["", "/gpudb-0"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with DemoServer(build_world(now=NOW, big_tables=50), base_path=request.param) as running:
        yield Stage(running, create_job(running, DRY_RUN, job_tag=TAG))
    assert running.errors == []


def of_gpudb(stage: Stage, call: Callable[[Any], object], **login: str) -> Received:
    known = login or {"username": stage.server.user, "password": stage.server.password}
    call(gpudb.GPUdb(host=stage.server.url, encoding="JSON", **known))
    return stage.server.requests[-1]


async def of_ours(stage: Stage, method: str, arguments: tuple[Any, ...], login: Login) -> Received:
    async with KineticaClient(ConnectionSettings(ServerAddress.parse(stage.server.url), login)) as client:
        await getattr(client, method)(*arguments)
    return stage.server.requests[-1]


Theirs = Callable[[Any, Stage], object]
Ours = Callable[[Stage], tuple[Any, ...]]

CALLS: dict[str, tuple[Theirs, str, Ours]] = {
    "/show/system/properties": (
        lambda them, stage: them.show_system_properties({}),
        "server",
        lambda stage: (),
    ),
    "/show/datasource": (
        lambda them, stage: them.show_datasource("*", {}),
        "data_sources",
        lambda stage: (),
    ),
    "/show/backup, all": (
        lambda them, stage: them.show_backup("*", SOURCE, {"show_contents": "none"}),
        "backups",
        lambda stage: (SOURCE,),
    ),
    "/show/backup, one": (
        lambda them, stage: them.show_backup(BACKUP, SOURCE, {"show_contents": "none"}),
        "snapshots",
        lambda stage: (SOURCE, BACKUP),
    ),
    "/show/backup, contents": (
        lambda them, stage: them.show_backup(
            BACKUP, SOURCE, {"backup_id": stage.newest, "show_contents": "object_names"}
        ),
        "contents",
        lambda stage: (SOURCE, BACKUP, stage.newest),
    ),
    "/verify/backup": (
        lambda them, stage: them.verify_backup(BACKUP, SOURCE, {"backup_id": stage.newest}),
        "verify",
        lambda stage: (SOURCE, BACKUP, stage.newest),
    ),
    "/show/schema": (
        lambda them, stage: them.show_schema("", {}),
        "schemas",
        lambda stage: (),
    ),
    "/show/table": (
        lambda them, stage: them.show_table(
            "inventory",
            {
                "show_children": "true",
                "get_sizes": "true",
                "get_access_data": "true",
                "no_error_if_not_exists": "true",
            },
        ),
        "live_tables",
        lambda stage: ("inventory",),
    ),
    "/show/datasink": (
        lambda them, stage: them.show_datasink("*", {}),
        "data_sinks",
        lambda stage: (),
    ),
    "/show/credential": (
        lambda them, stage: them.show_credential("*", {}),
        "credentials",
        lambda stage: (),
    ),
    "/show/security": (
        lambda them, stage: them.show_security([], {}),
        "users_and_roles",
        lambda stage: (),
    ),
    "/restore/backup, dry run": (
        lambda them, stage: them.restore_backup(**stage.restore("true")),
        "restore_backup",
        lambda stage: (restore_body(stage.plan(), dry_run=True),),
    ),
    "/restore/backup, real": (
        lambda them, stage: them.restore_backup(**stage.restore("false")),
        "restore_backup",
        lambda stage: (restore_body(stage.plan(), dry_run=False),),
    ),
    "/create/job, dry run": (
        lambda them, stage: them.create_job(
            "/restore/backup", "json", b"", json.dumps(stage.restore("true")), {"job_tag": "one-more"}
        ),
        "create_restore_job",
        lambda stage: (restore_body(stage.plan(), dry_run=True), "one-more"),
    ),
    "/create/job, real": (
        lambda them, stage: them.create_job(
            "/restore/backup", "json", b"", json.dumps(stage.restore("false")), {"job_tag": "one-more"}
        ),
        "create_restore_job",
        lambda stage: (restore_body(stage.plan(), dry_run=False), "one-more"),
    ),
    "/get/job, by id": (
        lambda them, stage: them.get_job(stage.job, {}),
        "job",
        lambda stage: (JobTicket(TAG, stage.job),),
    ),
    "/get/job, by tag": (
        lambda them, stage: them.get_job(0, {"job_tag": TAG}),
        "job",
        lambda stage: (JobTicket(TAG),),
    ),
    "/admin/alter/jobs, by id": (
        lambda them, stage: them.admin_alter_jobs([stage.job], "cancel", {}),
        "cancel_job",
        lambda stage: (JobTicket(TAG, stage.job),),
    ),
    "/admin/show/jobs": (
        lambda them, stage: them.admin_show_jobs({"show_async_jobs": "true"}),
        "running_jobs",
        lambda stage: (),
    ),
    "/execute/sql": (
        lambda them, stage: them.execute_sql(
            "SELECT * FROM ki_catalog.ki_backup_history WHERE backup_name = 'night''s' ORDER BY start_time DESC",
            limit=1000,
        ),
        "history",
        lambda stage: ("night's",),
    ),
    "/execute/sql, of all backups": (
        lambda them, stage: them.execute_sql(
            "SELECT * FROM ki_catalog.ki_backup_history WHERE operation = 'restore' ORDER BY start_time DESC",
            limit=1000,
        ),
        "operations",
        lambda stage: ("restore",),
    ),
    "/execute/sql, the server's clock": (
        lambda them, stage: them.execute_sql("SELECT NOW()", limit=1),
        "server_time",
        lambda stage: (),
    ),
}


@pytest.mark.parametrize("call", CALLS)
async def test_we_send_what_the_official_client_sends(stage: Stage, call: str) -> None:
    """Method, path, body, content type, login and every other header are those of gpudb in JSON encoding, but for the
    headers that are named above."""
    theirs_call, method, arguments = CALLS[call]
    theirs = of_gpudb(stage, lambda client: theirs_call(client, stage))
    login = Login(stage.server.user, Secret(stage.server.password))
    ours = await of_ours(stage, method, arguments(stage), login)
    assert ours.number > theirs.number
    assert ours.endpoint == call.partition(",")[0]
    assert (ours.method, ours.path) == (theirs.method, theirs.path)
    assert decoded(ours) == decoded(theirs)
    assert told(ours) == told(theirs)
    assert told(ours)["content-type"] == "application/json"


def decoded(request: Received) -> Any:
    """The body; of a job also the request inside of it, in which gpudb passes on the spaces that it is given."""
    body = request.json()
    return {**body, "data_str": json.loads(body["data_str"])} if "data_str" in body else body


def told(request: Received) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name not in OTHER_HEADERS}


@pytest.mark.parametrize("call", CALLS)
async def test_we_send_the_fields_that_the_official_client_declares(stage: Stage, call: str) -> None:
    """All of them, no other, and of those types."""
    _, method, arguments = CALLS[call]
    login = Login(stage.server.user, Secret(stage.server.password))
    ours = (await of_ours(stage, method, arguments(stage), login)).json()
    declared = ENDPOINTS[call.partition(",")[0]]["request"]
    assert set(ours) == set(declared)
    for name, kind in declared.items():
        assert is_of_type(kind, ours[name]), (name, ours[name])


def test_every_request_of_our_client_is_judged() -> None:
    """Whoever adds a method adds it above."""
    asking = {
        name
        for name, method in inspect.getmembers(KineticaClient, inspect.iscoroutinefunction)
        if not name.startswith("_") and name not in ("aclose", "log_in", "read_login_again")
    }
    assert asking == {method for _, method, _ in CALLS.values()}


async def test_a_token_is_sent_as_the_official_client_sends_it(stage: Stage) -> None:
    theirs = of_gpudb(stage, lambda client: client.show_datasource("*", {}), oauth_token="demo-token")
    ours = await of_ours(stage, "data_sources", (), Login("somebody", token=Secret("demo-token")))
    assert told(ours) == told(theirs)
