"""The Python text, run with the official client: what arrives is what the wizard would have sent, once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.restore.export import ConnectionInfo, snippet
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.plan.selection import Selection
from tests.harness.kinetica_client import RESTORED
from tests.harness.plans import plan
from tests.harness.servers.demo_requests import RESTORE as DEMO_RESTORE
from tests.harness.servers.demo_requests import restores, shop
from tests.harness.servers.faulty_server import DROP, Server, never, unused_port
from tests.harness.snippets import (
    CERTIFICATE,
    LOGIN,
    LOSSES,
    PASSWORDS,
    PATIENCE,
    PROPERTIES,
    RESTORE,
    TOKENS,
    Interpreter,
    Ran,
    access_to,
    all_plans,
    command_lines,
    encrypted,
    environment,
    hostile_plans,
    link_to,
    recording,
)

PLANS = all_plans()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with recording() as running:
        yield running


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Interpreter]:
    started = Interpreter()
    yield started
    started.close()


def text(made: RestorePlan, access: ConnectionInfo, *, dry_run: bool = True) -> str:
    return snippet("python", made, access, dry_run=dry_run).text


def went_well(ran: Ran) -> bool:
    """It printed the response, and nothing else."""
    return (ran.code, ran.complained) == (0, "") and RESTORED.items() <= json.loads(ran.said).items()


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("name", PLANS)
def test_what_arrives_is_the_wizards_request(
    server: Server, interpreter: Interpreter, name: str, dry_run: bool
) -> None:
    """Every value of every option, every type, every nasty name. gpudb asks for the properties before."""
    server.received.clear()
    assert went_well(interpreter.run(text(PLANS[name], access_to(server), dry_run=dry_run)))
    asked, arrived = server.received
    assert asked.path == PROPERTIES
    assert arrived.json == restore_body(PLANS[name], dry_run=dry_run)
    assert (arrived.method, arrived.path) == ("POST", RESTORE)
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["authorization"] == LOGIN.header()


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(made=hostile_plans())
def test_any_name_survives_the_literals(server: Server, interpreter: Interpreter, made: RestorePlan) -> None:
    server.received.clear()
    assert went_well(interpreter.run(text(made, access_to(server))))
    assert [arrived.json for arrived in server.at(RESTORE)] == [restore_body(made, dry_run=True)]


@pytest.mark.parametrize(
    "login",
    [
        *(Login("demo", Secret(password)) for password in PASSWORDS),
        *(Login(token=Secret(token)) for token in TOKENS),
    ],
)
def test_any_login_arrives_as_the_wizard_sends_it(
    server: Server, interpreter: Interpreter, login: Login
) -> None:
    server.received.clear()
    assert went_well(interpreter.run(text(plan(), access_to(server, login)), login))
    assert {arrived.headers["authorization"] for arrived in server.received} == {login.header()}


def test_without_a_login_none_is_sent(server: Server, interpreter: Interpreter) -> None:
    server.received.clear()
    assert went_well(interpreter.run(text(plan(), access_to(server, Login()))))
    assert not any("authorization" in arrived.headers for arrived in server.received)


def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(
    server: Server, interpreter: Interpreter
) -> None:
    server.received.clear()
    ran = interpreter.run(text(plan(), access_to(server)), Login(token=Secret("t")))
    assert ran.code != 0
    assert "KINETICA_USER" in ran.complained
    assert server.received == []


@pytest.mark.parametrize("loss", LOSSES)
def test_it_is_posted_once_and_the_loss_is_seen(interpreter: Interpreter, loss: str) -> None:
    """Whatever comes back: one POST, and an error."""
    with recording() as server:
        server.on(RESTORE, LOSSES[loss])
        ran = interpreter.run(text(plan(), access_to(server), dry_run=False))
        assert len(server.at(RESTORE)) == 1
        assert ran.code != 0
        assert "GPUdb" in ran.complained


def test_left_alone_gpudb_posts_six_times(interpreter: Interpreter) -> None:
    """What the text says of the client's default is so: the one setting makes the difference."""
    whole = text(plan(), access_to("http://127.0.0.1:1"), dry_run=False)
    with recording() as server:
        server.on(RESTORE, DROP)
        program = text(plan(), access_to(server), dry_run=False)
        assert interpreter.run(program.replace('    "max_retries": 0,\n', "")).code != 0
        assert len(server.at(RESTORE)) == 6
    assert "six times" in whole


def test_a_gpudb_that_connects_in_another_way_restores_nothing(
    interpreter: Interpreter, server: Server
) -> None:
    """Were a later gpudb to keep a session of its own, its retries and redirects would be on: the text stops."""
    program = text(plan(), access_to(server)).replace("\nrequests.Session = Once", "\nrequests.Other = Once")
    server.received.clear()
    ran = interpreter.run(program)
    assert ran.code != 0
    assert "Nothing was restored" in ran.complained
    assert server.at(RESTORE) == []


def test_a_setting_that_gpudb_does_not_know_is_refused(interpreter: Interpreter, server: Server) -> None:
    """An older gpudb without max_retries must not go on with its retries."""
    ran = interpreter.run(text(plan(), access_to(server)).replace("max_retries", "max_retries_of_old"))
    assert ran.code != 0
    assert "Invalid options" in ran.complained


def test_a_refusal_is_shown_in_the_servers_words(interpreter: Interpreter) -> None:
    made = replace(plan(backup="no_such"), data_source=DEMO_RESTORE["datasource_name"])
    with DemoServer(shop()) as demo:
        ran = interpreter.run(text(made, access_to(demo.url)))
    assert ran.code == 1
    assert "'no_such'" in ran.complained


def test_100_000_names(server: Server, interpreter: Interpreter) -> None:
    made = plan({"table": [f"warehouse_{n % 400:03}.table_of_{n:06}" for n in range(100_000)]})
    server.received.clear()
    assert went_well(interpreter.run(text(made, access_to(server))))
    assert [arrived.json for arrived in server.at(RESTORE)] == [restore_body(made, dry_run=True)]


@pytest.mark.parametrize(
    "login", [Login("demo", Secret("Quagga§7 Zebra")), Login(token=Secret("okapi.tok3n"))]
)
def test_as_a_program_of_its_own_no_argument_list_holds_the_secret(
    server: Server, tmp_path: Path, login: Login
) -> None:
    program = tmp_path / "restore.py"
    program.write_text(text(plan(), access_to(server, login)), encoding="utf-8")
    processes: list[bytes] = []
    server.at_arrival = lambda arrived: processes.extend(command_lines())
    try:
        done = subprocess.run(
            [sys.executable, str(program)],
            env=environment(login),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        server.at_arrival = None
    assert went_well(Ran(done.returncode, done.stdout, done.stderr))
    assert any(b"restore.py" in line for line in processes)
    secret = (login.token or login.password).reveal()
    for needle in (secret, (login.header() or "").partition(" ")[2]):
        assert needle not in program.read_text()
        assert not any(needle.encode() in line for line in processes)


def test_nothing_of_the_environment_or_the_home_leads_it_astray(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    """Neither a proxy nor a certificate of the environment, and no login of ~/.netrc."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password eve\n")
    nowhere = f"http://127.0.0.1:{unused_port()}"
    astray = dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY"), nowhere)
    with recording() as server:
        ran = interpreter.run(text(plan(), access_to(server)), HOME=str(tmp_path), **astray)
        assert went_well(ran)
        assert {arrived.headers["authorization"] for arrived in server.received} == {LOGIN.header()}


def test_a_named_proxy_is_used_whatever_the_environment_says(interpreter: Interpreter) -> None:
    with recording() as proxy:
        access = access_to("http://kinetica.invalid:9191/gpudb-0", proxy=proxy.url)
        assert went_well(interpreter.run(text(plan(), access), NO_PROXY="*", no_proxy="*"))
        assert [a.path for a in proxy.at(RESTORE)] == ["http://kinetica.invalid:9191/gpudb-0/restore/backup"]


@pytest.mark.parametrize("base", ["/gpudb-0", "/a[4-5]x", "/it's $HOME&;|", "/gü%20b,c", '/a"b'])
async def test_the_path_is_that_of_the_wizard(server: Server, interpreter: Interpreter, base: str) -> None:
    url = server.url + base.replace(" ", "%20")
    server.received.clear()
    assert went_well(interpreter.run(text(plan(), access_to(url))))
    async with KineticaClient(link_to(url)) as client:
        await client.restore_backup(restore_body(plan(), dry_run=True))
    theirs, ours = server.at(RESTORE)
    assert unquote(theirs.path) == unquote(ours.path)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://kinetica.invalid", "kinetica.invalid:80", ""),
        ("http://kinetica.invalid/gpudb-0", "kinetica.invalid", "/gpudb-0"),
        ("http://[fe80::1]", "[fe80::1]", ""),
        ("http://[fe80::1]:9191/gpudb-0", "[fe80::1]:9191", "/gpudb-0"),
    ],
)
def test_what_gpudb_takes_for_another_host_is_the_wizards(
    interpreter: Interpreter, url: str, host: str, path: str
) -> None:
    """Without a port gpudb takes 9191; on an IPv6 address it hangs."""
    with recording() as proxy:
        assert went_well(interpreter.run(text(plan(), access_to(url, proxy=proxy.url))))
        (arrived,) = proxy.at(RESTORE)
        assert arrived.headers["host"] == host
        assert arrived.path == f"http://{host}{path}{RESTORE}"


@pytest.mark.parametrize(
    ("trust", "trusted"), [({}, False), ({"ca_file": "it's a file.pem"}, True), ({"insecure": True}, True)]
)
def test_certificates(tmp_path: Path, interpreter: Interpreter, trust: dict[str, Any], trusted: bool) -> None:
    if "ca_file" in trust:
        trust = {"ca_file": str(shutil.copy(CERTIFICATE, tmp_path / trust["ca_file"]))}
    with encrypted() as server:
        ran = interpreter.run(text(plan(), access_to(server.url, **trust)))
        assert len(server.received(RESTORE)) == trusted
    assert ("CERTIFICATE_VERIFY_FAILED" in ran.complained) is not trusted


def test_the_timeout_of_the_wizard_holds(interpreter: Interpreter) -> None:
    with recording() as silent:
        silent.on(RESTORE, never())
        ran = interpreter.run(text(plan(), access_to(silent, timeout=0.25)))
        assert "timed out" in ran.complained
        assert len(silent.at(RESTORE)) == 1


def test_it_rehearses_and_restores_on_the_demo_server(interpreter: Interpreter) -> None:
    made = RestorePlan(
        DEMO_RESTORE["datasource_name"], DEMO_RESTORE["backup_name"], objects=Selection.of({"all": ["sales"]})
    )
    with DemoServer(shop()) as demo:
        for dry_run in (True, False):
            ran = interpreter.run(text(made, access_to(demo.url), dry_run=dry_run))
            assert json.loads(ran.said)["restored_objects"]["sales.orders"] == "table"
        assert [row["status"] for row in restores(demo)] == ["validated", "restore_complete"]
