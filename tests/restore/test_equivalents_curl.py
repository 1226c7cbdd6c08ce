"""The curl text, run by real shells with real curl: what arrives is what the wizard would have sent, once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.restore.export import ConnectionInfo, snippet
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.plan.selection import Selection
from tests.harness.plans import plan
from tests.harness.servers.demo_requests import RESTORE as DEMO_RESTORE
from tests.harness.servers.demo_requests import restores, shop
from tests.harness.servers.faulty_server import DROP, Server, always, http, never, unused_port
from tests.harness.servers.faulty_server import Reply as FaultyReply
from tests.harness.snippets import (
    CERTIFICATE,
    LOGIN,
    LOSSES,
    PASSWORDS,
    RESTORE,
    TOKENS,
    Ran,
    access_to,
    all_plans,
    command_lines,
    encrypted,
    hostile_plans,
    link_to,
    needs_curl,
    recording,
    run_in_shell,
)

pytestmark = needs_curl
PLANS = all_plans()
SHELLS = [shell for shell in ("bash", "dash") if shutil.which(shell)]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with recording() as running:
        yield running


def text(made: RestorePlan, access: ConnectionInfo, *, dry_run: bool = True) -> str:
    return snippet("curl", made, access, dry_run=dry_run).text


def went_well(ran: Ran) -> bool:
    """Nothing but the status is told on standard error."""
    return ran.code == 0 and re.fullmatch(r"\nHTTP 200, [1-9][0-9]* bytes\n", ran.complained) is not None


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("name", PLANS)
def test_what_arrives_is_the_wizards_request(
    server: Server, tmp_path: Path, name: str, dry_run: bool
) -> None:
    """Every value of every option, every type, every nasty name."""
    server.received.clear()
    ran = run_in_shell(text(PLANS[name], access_to(server), dry_run=dry_run), tmp_path)
    assert went_well(ran)
    (arrived,) = server.received
    assert arrived.json == restore_body(PLANS[name], dry_run=dry_run)
    assert (arrived.method, arrived.path) == ("POST", RESTORE)
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["authorization"] == LOGIN.header()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(made=hostile_plans())
def test_any_name_survives_the_shell(server: Server, tmp_path: Path, made: RestorePlan) -> None:
    server.received.clear()
    ran = run_in_shell(text(made, access_to(server)), tmp_path)
    assert went_well(ran)
    assert [arrived.json for arrived in server.received] == [restore_body(made, dry_run=True)]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "login", [*(Login("demo", Secret(p)) for p in PASSWORDS), Login("ü \"$x\\'", Secret("p"))]
)
def test_any_password_arrives_as_the_wizard_sends_it(
    server: Server, tmp_path: Path, login: Login, shell: str
) -> None:
    server.received.clear()
    ran = run_in_shell(text(plan(), access_to(server, login)), tmp_path, login, shell=shell)
    assert went_well(ran)
    assert [arrived.headers["authorization"] for arrived in server.received] == [login.header()]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("token", TOKENS)
def test_any_token_arrives_as_the_wizard_sends_it(
    server: Server, tmp_path: Path, token: str, shell: str
) -> None:
    login = Login(token=Secret(token))
    server.received.clear()
    ran = run_in_shell(text(plan(), access_to(server, login)), tmp_path, login, shell=shell)
    assert went_well(ran)
    assert [arrived.headers["authorization"] for arrived in server.received] == [login.header()]


def test_without_a_login_none_is_sent(server: Server, tmp_path: Path) -> None:
    server.received.clear()
    assert run_in_shell(text(plan(), access_to(server, Login())), tmp_path).code == 0
    assert "authorization" not in server.received[0].headers


@pytest.mark.parametrize("missing", ["KINETICA_USER", "KINETICA_PASSWORD", "KINETICA_OAUTH_TOKEN"])
def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(
    server: Server, tmp_path: Path, missing: str
) -> None:
    login = Login(token=Secret("t")) if "TOKEN" in missing else LOGIN
    server.received.clear()
    ran = run_in_shell(f"unset {missing}\n" + text(plan(), access_to(server, login)), tmp_path, login)
    assert ran.code != 0
    assert missing in ran.complained
    assert server.received == []


@pytest.mark.parametrize("loss", LOSSES)
def test_it_is_sent_once_and_the_loss_is_seen(tmp_path: Path, loss: str) -> None:
    """Whatever comes back: one POST, and an exit code that says so; curl takes half a head for a response without a
    body, and that is told."""
    with recording() as server:
        server.on(RESTORE, LOSSES[loss])
        ran = run_in_shell(text(plan(), access_to(server), dry_run=False), tmp_path)
        assert len(server.received) == 1
        assert (ran.code != 0 and "curl: (" in ran.complained) or "HTTP 200, 0 bytes" in ran.complained


def test_a_long_body_is_not_asked_for_and_sent_again(tmp_path: Path) -> None:
    """curl asks leave for a megabyte, and posts again without asking where a server answers 417."""
    made = plan({"table": ["x" * 1_500_000]})
    with recording() as server:
        server.on(RESTORE, LOSSES["417"])
        run_in_shell(text(made, access_to(server)), tmp_path)
        (arrived,) = server.received
    assert "expect" not in arrived.headers


def test_a_refusal_is_shown_in_the_servers_words(tmp_path: Path) -> None:
    body = (
        b'{"status": "ERROR", "message": "no such backup", "data_type": "none", "data": "", "data_str": ""}'
    )
    with recording() as server:
        server.on(RESTORE, always(FaultyReply(http(400, body))))
        ran = run_in_shell(text(plan(), access_to(server)), tmp_path)
    assert ran.code == 22
    assert "no such backup" in ran.said


@pytest.mark.parametrize("shell", SHELLS)
def test_a_body_longer_than_any_argument_list(server: Server, tmp_path: Path, shell: str) -> None:
    """100,000 names of 40 letters: 4 MB, where a single argument may have 128 kB."""
    made = plan({"table": [f"warehouse_{n % 400:03}.table_of_{n:06}_{'x' * 12}" for n in range(100_000)]})
    server.received.clear()
    ran = run_in_shell(text(made, access_to(server)), tmp_path, shell=shell)
    assert went_well(ran)
    assert [arrived.json for arrived in server.received] == [restore_body(made, dry_run=True)]


RECORDER = '#!/bin/sh\nfor word in "$0" "$@"; do printf "%s\\n" "$word"; done >>"$SEEN"\nexec {real} "$@"\n'


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "login", [Login("demo", Secret("Quagga§7 Zebra")), Login(token=Secret("okapi.tok3n"))]
)
def test_no_argument_list_holds_the_secret(server: Server, tmp_path: Path, login: Login, shell: str) -> None:
    """Every command that the text starts is found in a folder of recorders, and nowhere else; and while curl waits, the
    machine's list of processes is read."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("curl", "base64", "tr", "sed"):
        (tools / name).write_text(RECORDER.format(real=shutil.which(name)))
        (tools / name).chmod(0o755)
    seen = tmp_path / "seen"
    processes: list[bytes] = []
    server.at_arrival = lambda arrived: processes.extend(command_lines())
    command = text(plan(), access_to(server, login))
    try:
        ran = run_in_shell(
            command, tmp_path, login, shell=str(shutil.which(shell)), PATH=str(tools), SEEN=str(seen)
        )
    finally:
        server.at_arrival = None
    assert went_well(ran)
    arguments = seen.read_bytes()
    assert b"--data-binary" in arguments
    assert any(b"--data-binary" in line for line in processes)
    secret = (login.token or login.password).reveal()
    encoded = (login.header() or "").partition(" ")[2]
    for needle in (secret, secret[:6], encoded):
        assert needle not in command
        assert needle.encode() not in arguments
        assert not any(needle.encode() in line for line in processes)


def test_nothing_of_the_environment_or_the_home_leads_it_astray(tmp_path: Path) -> None:
    """No proxy of the environment, no ~/.curlrc with retries, redirects and another server, no ~/.netrc."""
    (tmp_path / ".curlrc").write_text('retry = 5\nretry-all-errors\nlocation\nheader = "X-Astray: yes"\n')
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password eve\n")
    nowhere = f"http://127.0.0.1:{unused_port()}"
    proxies = dict.fromkeys(("http_proxy", "HTTPS_PROXY", "ALL_PROXY"), nowhere)
    with recording() as server:
        server.on(RESTORE, DROP)
        run_in_shell(text(plan(), access_to(server)), tmp_path, HOME=str(tmp_path), **proxies)
        (arrived,) = server.received
    assert "x-astray" not in arrived.headers
    assert arrived.headers["authorization"] == LOGIN.header()


def test_a_named_proxy_is_used_whatever_the_environment_says(tmp_path: Path) -> None:
    with recording() as proxy:
        access = access_to("http://kinetica.invalid:9191/gpudb-0", proxy=proxy.url)
        ran = run_in_shell(text(plan(), access), tmp_path, NO_PROXY="*", no_proxy="*")
        assert went_well(ran)
        assert [a.path for a in proxy.received] == ["http://kinetica.invalid:9191/gpudb-0/restore/backup"]


@pytest.mark.parametrize("base", ["/gpudb-0", "/a{1-3}[4-5]x", "/it's $HOME&;|", "/gü%20b,c", "/-x/..y"])
async def test_the_path_is_that_of_the_wizard(server: Server, tmp_path: Path, base: str) -> None:
    url = server.url + base.replace(" ", "%20")
    server.received.clear()
    assert run_in_shell(text(plan(), access_to(url)), tmp_path).code == 0
    async with KineticaClient(link_to(url)) as client:
        await client.restore_backup(restore_body(plan(), dry_run=True))
    curls, ours = server.received
    assert curls.path == ours.path


@pytest.mark.parametrize(
    ("trust", "trusted"), [({}, False), ({"ca_file": "it's a file.pem"}, True), ({"insecure": True}, True)]
)
def test_certificates(tmp_path: Path, trust: dict[str, Any], trusted: bool) -> None:
    if "ca_file" in trust:
        trust = {"ca_file": str(shutil.copy(CERTIFICATE, tmp_path / trust["ca_file"]))}
    with encrypted() as server:
        ran = run_in_shell(text(plan(), access_to(server.url, **trust)), tmp_path)
        assert len(server.requests) == trusted
    assert ("curl: (60)" in ran.complained) is not trusted


def test_the_timeout_of_the_wizard_holds(tmp_path: Path) -> None:
    with recording() as silent:
        silent.on(RESTORE, never())
        ran = run_in_shell(text(plan(), access_to(silent, timeout=0.25)), tmp_path)
        assert ran.code == 28
        assert len(silent.received) == 1


def test_it_rehearses_and_restores_on_the_demo_server(tmp_path: Path) -> None:
    made = RestorePlan(
        DEMO_RESTORE["datasource_name"], DEMO_RESTORE["backup_name"], objects=Selection.of({"all": ["sales"]})
    )
    with DemoServer(shop()) as demo:
        for dry_run in (True, False):
            ran = run_in_shell(text(made, access_to(demo.url), dry_run=dry_run), tmp_path)
            assert ran.code == 0
            assert "restore_backup_response" in ran.said
        assert [row["status"] for row in restores(demo)] == ["validated", "restore_complete"]
        refused = run_in_shell(text(made, access_to(demo.url), dry_run=False), tmp_path)
        assert refused.code == 22
        assert "already exists" in refused.said
