"""``restore-tui doctor`` on the demo server: what it prints, and that no restore can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.cli import main
from restore_tui.demo.protocol import ok_reply
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from restore_tui.doctor.command import check_server
from restore_tui.doctor.guard import READS, GuardedConnection, GuardError, RecordingClient, check
from restore_tui.doctor.vocabulary import NAME, describe_keys, direction_of, vocabulary, written
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.responses.lenient import to_plain_key

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
PASSWORD = "a long pass phrase"
RESTORES = ("/restore/backup", "/create/job")
TABLE = "sales.orders"


@pytest.fixture
def server() -> Iterator[DemoServer]:
    world = build_world(now=NOW, big_tables=10)
    with DemoServer(world, base_path="/gpudb-0", password=PASSWORD) as running:
        yield running
    assert running.errors == []


def connection(server: DemoServer) -> ConnectionSettings:
    return ConnectionSettings(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))


async def checkup(server: DemoServer, table: str | None = None) -> tuple[int, str]:
    """Exit code and output."""
    lines: list[str] = []
    code = await check_server(connection(server), lines.append, table=table)
    return code, "\n".join(lines)


def restores_received(server: DemoServer) -> list[Any]:
    """The bodies of restores that arrived, directly or as jobs."""
    bodies = [request.json() for endpoint in RESTORES for request in server.received(endpoint)]
    return [json.loads(body["data_str"]) if "data_str" in body else body for body in bodies]


def test_the_command(
    server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """doctor --dry-run TABLE: every read, one dry run, exit code 0; no secret and no name is printed."""
    monkeypatch.setenv("KINETICA_PASSWORD", PASSWORD)
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert main(["doctor", "--url", server.url, "--user", server.user, "--dry-run", TABLE]) == 0
    text = capsys.readouterr().out
    assert "\nEvery request got a response.\n" in text
    assert text.endswith("No restore was sent.\n")
    for line in (
        "version 7.2.3.14, cluster named",
        "recognized: backup = backup_name, id = backup_id",
        "as a background job: yes",
        "restored_objects: 1 entry, name → type",
        "renamed_objects: empty",
        "the table: restored",
        "No error found",
    ):
        assert line in text
    assert {request.endpoint for request in server.requests} >= READS
    assert [body["options"]["dry_run"] for body in restores_received(server)] == ["true"]
    assert ("table", TABLE) not in server.world.live
    names = {name for _, name in server.world.live} | {*server.world.schemas, server.user, PASSWORD, TABLE}
    names |= {part for name in names for part in name.split(".")} - {"demo"}
    words = set(text.replace(",", " ").replace(":", " ").split())
    assert {word for word in names & words if to_plain_key(word) not in vocabulary()} == set()


async def test_without_a_table_nothing_but_reads_is_sent(server: DemoServer) -> None:
    code, text = await checkup(server)
    assert code == 0
    assert "○ dry run, /create/job, /get/job: not requested" in text
    assert restores_received(server) == []


async def test_an_endpoint_without_a_response_is_named_and_the_rest_goes_on(server: DemoServer) -> None:
    for endpoint, fault in (("/show/security", "404"), ("/show/credential", "html"), ("/execute/sql", "500")):
        server.faults.set(f"{endpoint}={fault}")
    code, text = await checkup(server, TABLE)
    assert code == 1
    assert "✗ /show/security: " in text
    assert "Problems: /show/credential; /show/security; /execute/sql, SELECT NOW(); " in text
    assert "as a background job: yes" in text


async def test_a_refused_login_is_tried_once(server: DemoServer) -> None:
    """Every other request would fail as well, and lock the account."""
    login = Login(server.user, Secret("wrong"))
    lines: list[str] = []
    wrong = ConnectionSettings(ServerAddress.parse(server.url), login)
    assert await check_server(wrong, lines.append, table=TABLE) == 1
    assert len(server.requests) == 1
    assert "No other request was sent: it would fail as well." in lines


async def test_a_server_without_jobs_gets_the_dry_run_directly(server: DemoServer) -> None:
    server.faults.set("/create/job=no-jobs")
    code, text = await checkup(server, TABLE)
    assert code == 0
    assert "as a background job: no; the dry run was sent directly" in text
    assert [body["options"]["dry_run"] for body in restores_received(server)] == ["true", "true"]


async def test_a_table_that_no_snapshot_holds_is_a_problem(server: DemoServer) -> None:
    code, text = await checkup(server, "no.such")
    assert code == 1
    assert "✗ no newest snapshot holds the table" in text
    assert restores_received(server) == []


async def test_unknown_keys_are_not_printed(server: DemoServer) -> None:
    """Keys that are not in the vocabulary may be names; keys in another spelling are recognized, and shown."""

    def other(received: Received, answer: Any) -> Reply:
        if received.endpoint == "/show/backup" and b'"*"' not in received.body:
            data = json.loads(json.loads(answer().body)["data_str"])
            for row in data["backup_ids"]:
                row |= {"SnapshotNo": "1", "odd\x1b]0;": "x", "Total-Bytes": row.pop("size")}
            return ok_reply("show_backup_response", data)
        return answer()

    server.intercept = other
    _, text = await checkup(server)
    assert "size = Total-Bytes" in text
    assert "SnapshotNo" not in text
    assert "odd" not in text
    assert "<name> ×5" in text


async def test_a_real_restore_is_not_sent(server: DemoServer) -> None:
    """Whoever builds it, and by whichever method of the client; and without a requested dry run, none of those."""
    real = {
        "backup_name": "nightly_shop",
        "datasource_name": "dr_bucket_s3",
        "restore_objects_map": {"all": "sales"},
        "options": {"dry_run": "false"},
    }
    dry_run = {**real, "options": {"dry_run": "true"}}
    async with RecordingClient(GuardedConnection.of(connection(server), dry_run=False)) as client:
        for sending in (client.restore_backup(dry_run), client.create_restore_job(dry_run, "tag")):
            with pytest.raises(GuardError):
                await sending
    async with RecordingClient(GuardedConnection.of(connection(server), dry_run=True)) as client:
        for sending in (
            client.restore_backup(real),
            client.create_restore_job(real, "tag"),
            client.restore_backup({**real, "options": {"dry_run": "True"}}),
        ):
            with pytest.raises(GuardError):
                await sending
        ticket = await client.create_restore_job(dry_run, "tag")
        with pytest.raises(GuardError):
            await client.cancel_job(ticket)
        response = await client.restore_backup(dry_run)
    assert response.restored_objects["sales.orders"] == "table"
    assert [request.endpoint for request in server.requests] == ["/create/job", "/get/job", "/restore/backup"]
    assert ("table", "sales.orders") not in server.world.live


_values = st.recursive(
    st.sampled_from(["true", "false", "TRUE", "", True, False, None, 1]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["dry_run", "options"]), inner)
    ),
    max_leaves=4,
)


@given(
    st.sampled_from([*sorted(READS), *RESTORES, "/drop/table", "/admin/alter/jobs", ""]),
    _values,
    st.booleans(),
    st.booleans(),
)
def test_sends_only_reads_and_requested_dry_runs(
    endpoint: str, options: Any, inside: bool, requested: bool
) -> None:
    """Of restores only those whose dry_run is the text true, and only where one was requested."""
    body: Any = {"options": options}
    if inside:
        body = {"endpoint": "/restore/backup", "data_str": json.dumps(body), "options": options}
    is_dry = requested and isinstance(options, dict) and options.get("dry_run") == "true"
    passes = endpoint in READS - {"/execute/sql"}
    passes |= endpoint == "/restore/backup" and is_dry
    passes |= endpoint == "/create/job" and inside and is_dry
    try:
        check(endpoint, json.dumps(body).encode(), dry_run=requested)
    except GuardError:
        assert not passes
    else:
        assert passes


@pytest.mark.parametrize(
    ("endpoint", "content"),
    [
        ("/restore/backup", b"no json"),
        ("/restore/backup", b"[]"),
        ("/create/job", b'{"endpoint": "/restore/backup", "data_str": "no json"}'),
        (
            "/create/job",
            b'{"endpoint": "/drop/table", "data_str": "{\\"options\\": {\\"dry_run\\": \\"true\\"}}"}',
        ),
        ("/execute/sql", b'{"statement": "DROP TABLE x"}'),
        ("/execute/sql", b'{"statement": 5}'),
    ],
)
def test_refuses_what_cannot_be_read(endpoint: str, content: bytes) -> None:
    """It cannot be told that it is a read or a dry run."""
    with pytest.raises(GuardError):
        check(endpoint, content, dry_run=True)


# Keys and directions


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({}, "absent"),
        ({"m": {}}, "empty"),
        ({"m": {"s.a": "table"}}, "1 entry, name → type"),
        ({"m": {"table": "s.a,s.b"}}, "1 entry, type → names"),
        ({"m": {"s.a": "old.a"}}, "1 entry, name → something else"),
        ({"m": {"s.a": "table", "x": "y"}}, "2 entries, name → type (1×), name → something else (1×)"),
    ],
)
def test_direction_of_a_map(response: Any, expected: str) -> None:
    assert direction_of(response, "m") == expected


def test_keys_that_came_now_and_then_are_counted() -> None:
    rows = [{"object_name": "s.a", "object_type": "table", "size": "1"}, {"NAME": "s.b", "odd": "x"}]
    assert list(describe_keys({"backup_contents": rows, "odd": {}})) == [
        "fields that are not known: <name> ×1",
        "backup_contents, 2 maps: object_name (1×), object_type (1×), size (1×), NAME (1×), <name> ×1",
        "  recognized: object = object_name, object_type = object_type, size = size, object = NAME",
        "  missing: records, files, object_type (1×), size (1×)",
    ]


@given(st.text())
def test_only_words_of_the_vocabulary_are_written(key: str) -> None:
    assert written(key) == NAME or (written(key) == key and to_plain_key(key) in vocabulary())
