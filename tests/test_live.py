"""``make test-live``, tried on the demo server through the same door: what it prints, and that no restore gets out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.demo.protocol import ok_reply
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from tests.live.__main__ import ask_everything
from tests.live.door import READS, GuardedLink, ListeningClient, NotADryRunError, check
from tests.live.findings import direction_of, keys_of

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
ROOT = Path(__file__).parent.parent
PASSWORD = "a long pass phrase"
RESTORES = ("/restore/backup", "/create/job")


@pytest.fixture(params=["", "/gpudb-0"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    world = build_world(now=NOW, big_tables=10)
    with DemoServer(world, base_path=request.param, password=PASSWORD) as running:
        yield running
    assert running.errors == []


def link(server: DemoServer) -> GuardedLink:
    return GuardedLink(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))


async def told(server: DemoServer, **wanted: str) -> tuple[int, str]:
    """Exit code and output."""
    lines: list[str] = []
    code = await ask_everything(link(server), wanted, lines.append)
    return code, "\n".join(lines)


def dry_runs(server: DemoServer) -> list[Any]:
    """The restores that arrived, directly or as jobs, as bodies."""
    bodies = [request.json() for endpoint in RESTORES for request in server.received(endpoint)]
    return [json.loads(body["data_str"]) if "data_str" in body else body for body in bodies]


def environment(server: DemoServer) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KINETICA_")}
    nowhere = str(ROOT / "no such folder")
    return {**kept, "KINETICA_PASSWORD": PASSWORD, "XDG_CONFIG_HOME": nowhere}


@pytest.mark.slow
def test_the_program_itself(server: DemoServer) -> None:
    """From the environment to the exit code: everything is asked, one dry run is sent, no secret is printed."""
    where = {"KINETICA_URL": server.url, "KINETICA_USER": server.user}
    done = subprocess.run(
        [sys.executable, "-m", "tests.live"],
        env={**environment(server), **where},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Every request got a response.\nNo restore was sent.\n")
    for line in (
        "version 7.2.3.14.20260622",
        "recognised: backup = backup_name, id = backup_id",
        "known to no alias: cluster_id, host_name, host_id",
        "/create/job takes the dry run",
        "restored_objects: 1 entries, name → type",
        "renamed_objects: empty",
        "conflict check: new",
        "No error found",
    ):
        assert line in done.stdout
    assert PASSWORD not in done.stdout
    assert READS - {"/get/job"} <= {request.endpoint for request in server.requests}
    assert [body["options"]["dry_run"] for body in dry_runs(server)] == ["true"]
    assert [len(body["restore_objects_map"]["table"].split(",")) for body in dry_runs(server)] == [1]


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def outside_of_make() -> dict[str, str]:
    """The environment, also where the tests themselves were begun by make: another one would say where it is."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def test_make_hands_over_where_and_as_whom() -> None:
    """The command that make would run holds no password, and no address either: both go by the environment."""
    told = subprocess.run(
        ["make", "-n", "-o", ".venv/.dev", "test-live", "KINETICA_URL=http://x:1", "KINETICA_USER=ana"],
        env={**outside_of_make(), "KINETICA_PASSWORD": PASSWORD},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.split()[-3:] == [".venv/bin/python", "-m", "tests.live"]


@pytest.mark.parametrize(
    ("given_url", "words"), [("", "Say where"), ("ftp://x", "scheme"), ("http://a:b@x:1", "password in it")]
)
def test_it_does_not_begin_without_an_address(given_url: str, words: str, server: DemoServer) -> None:
    """A sentence, and exit code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.live"],
        env={**environment(server), "KINETICA_URL": given_url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


async def test_what_is_not_answered_is_named_and_the_rest_goes_on(server: DemoServer) -> None:
    """Whatever an endpoint does: exit code 1, and everything else was asked."""
    for endpoint, fault in (("/show/security", "404"), ("/show/credential", "html"), ("/execute/sql", "500")):
        server.faults.set(f"{endpoint}={fault}")
    code, text = await told(server)
    assert code == 1
    assert "No response: /show/credential, /show/security, /execute/sql, ki_catalog.ki_backup_history" in text
    assert "/create/job takes the dry run" in text


async def test_a_server_without_jobs_is_told(server: DemoServer) -> None:
    """The dry run goes out directly then, and that is the one that is answered."""
    server.faults.set("/create/job=no-jobs")
    _, text = await told(server)
    assert "/create/job does not take the dry run: " in text
    assert "restored_objects: 1 entries" in text
    assert [body["options"]["dry_run"] for body in dry_runs(server)] == ["true", "true"]


async def test_another_backup_can_be_wished_for(server: DemoServer) -> None:
    """And one that has a damaged file says so when it is verified."""
    code, text = await told(server, KINETICA_DATA_SOURCE="dr_bucket_s3", KINETICA_BACKUP="nightly_crm")
    assert code == 0
    assert "Errors found" in text
    assert "crm.tickets/0000.kdat" in text
    assert dry_runs(server)[0]["backup_name"] == "nightly_crm"
    code, text = await told(server, KINETICA_BACKUP="no such backup")
    assert code == 1
    assert "no backup with a snapshot was found" in text


async def test_a_refused_dry_run_is_an_answer(server: DemoServer) -> None:
    """Of a server that refuses it the words are what one wants to know."""

    def refusing(received: Received, answer: Any) -> Reply:
        body = received.body.replace(b'\\"table\\": \\"', b'\\"table\\": \\"no.such,')
        reply: Reply = (
            answer()
            if received.endpoint != "/create/job"
            else server.answers.answer(Received(**{**vars(received), "body": body}))
        )
        return reply

    server.intercept = refusing
    code, text = await told(server)
    assert code == 0
    assert "refused: Object 'no.such' of type 'table' does not exist" in text


async def test_an_answer_of_another_shape_shows_its_keys(server: DemoServer) -> None:
    """Keys that no alias knows, and maps the other way round: that is what one runs it for."""

    def other(received: Received, answer: Any) -> Reply:
        if received.endpoint == "/show/backup" and b'"nightly_shop"' in received.body:
            data = json.loads(json.loads(answer().body)["data_str"])
            for row in data["backup_ids"]:
                row |= {"SnapshotNo": "1", "odd\x1b]0;": "x", "total_bytes": row.pop("size")}
            del data["backup_ids"][0]["files"]
            return ok_reply("show_backup_response", data)
        return answer()

    server.intercept = other
    _, text = await told(server, KINETICA_BACKUP="nightly_shop")
    assert "SnapshotNo, odd␛]0;" in text
    assert "size = total_bytes" in text
    assert "not told: files (1×)" in text
    assert "\x1b" not in text


# The door


async def test_a_real_restore_does_not_get_through(server: DemoServer) -> None:
    """Whoever builds it, and by whichever method of the client: nothing arrives."""
    real = {
        "backup_name": "nightly_shop",
        "datasource_name": "dr_bucket_s3",
        "restore_objects_map": {"all": "sales"},
        "options": {"dry_run": "false"},
    }
    async with ListeningClient(link(server)) as client:
        for sending in (
            client.restore_backup(real),
            client.create_restore_job(real, "tag"),
            client.restore_backup({**real, "options": {"dry_run": "True"}}),
        ):
            with pytest.raises(NotADryRunError):
                await sending
        dry_run = {**real, "options": {"dry_run": "true"}}
        ticket = await client.create_restore_job(dry_run, "tag")
        with pytest.raises(NotADryRunError):
            await client.cancel_job(ticket)
        rehearsed = await client.restore_backup(dry_run)
    assert rehearsed.restored_objects["sales.orders"] == "table"
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
)
def test_the_door_lets_pass_what_it_should(endpoint: str, options: Any, inside: bool) -> None:
    """Of restores only those whose dry_run is the text true, directly or in a job; of SQL only questions."""
    body: Any = {"options": options}
    if inside:
        body = {"endpoint": "/restore/backup", "data_str": json.dumps(body), "options": options}
    is_dry = isinstance(options, dict) and options.get("dry_run") == "true"
    passes = endpoint in READS - {"/execute/sql"}
    passes |= endpoint == "/restore/backup" and is_dry
    passes |= endpoint == "/create/job" and inside and is_dry
    try:
        check(endpoint, json.dumps(body).encode())
    except NotADryRunError:
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
def test_what_cannot_be_read_does_not_get_through(endpoint: str, content: bytes) -> None:
    """It is no dry run that anybody could vouch for."""
    with pytest.raises(NotADryRunError):
        check(endpoint, content)


# What is made of the maps


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "absent"),
        ({"m": {}}, "empty"),
        ({"m": {"s.a": "table"}}, "1 entries, name → type; such as s.a → table"),
        ({"m": {"table": "s.a,s.b"}}, "1 entries, type → names; such as table → s.a,s.b"),
        ({"m": {"s.a": "old.a"}}, "1 entries, name → something else; such as s.a → old.a"),
        (
            {"m": {"s.a": "table", "x": "y"}},
            "2 entries, name → type (1×), name → something else (1×); such as s.a → table",
        ),
    ],
)
def test_which_way_round_a_map_goes(said: Any, told: str) -> None:
    assert direction_of(said, "m") == told


def test_keys_that_came_now_and_then_are_counted() -> None:
    rows = [{"object_name": "s.a", "object_type": "table", "size": "1"}, {"NAME": "s.b", "odd": "x"}]
    assert list(keys_of("backup_contents", {"backup_contents": rows})) == [
        "2 maps with the keys object_name (1×), object_type (1×), size (1×), NAME (1×), odd (1×)",
        "recognised: object = object_name, object_type = object_type, size = size, object = NAME",
        "known to no alias: odd",
        "not told: records, files, object_type (1×), size (1×)",
    ]
    assert list(keys_of("backup_ids", {})) == ["no maps came"]
