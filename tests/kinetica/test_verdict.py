"""The one POST of a restore: sent once whatever comes back, and never called a failure unless it is one."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from typing import Any

import pytest

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import SendProbe
from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, RequestNotSent, RequestRejected
from tests.harness.kinetica_client import BASIC, LOGIN, RESTORED, SECRETS, TOKEN, body, client, link
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Server
from tests.harness.servers.restore_responses import KNOWN, LOST, RESTORE, TYPE, ok


@pytest.mark.parametrize("dry_run", [False, True], ids=["restore", "dry run"])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_answer_is_unknown_and_nothing_is_sent_twice(
    faulty: Server, fault: Fault, dry_run: bool
) -> None:
    """Whatever comes back instead of a response, one POST went out, and the outcome is unknown."""
    faulty.on(RESTORE, fault, f.good(RESTORED))
    with pytest.raises(OutcomeUnknown):
        await client(faulty).restore_backup(body(dry_run))
    assert [(r.method, r.path) for r in faulty.received] == [("POST", RESTORE)]


@pytest.mark.parametrize(("fault", "kind"), KNOWN.values(), ids=KNOWN)
async def test_the_servers_own_no_is_known(faulty: Server, fault: Fault, kind: type[KineticaError]) -> None:
    """An ERROR envelope that is no word of a server going away is the server's no, after one POST."""
    faulty.on(RESTORE, fault, f.good(RESTORED))
    with pytest.raises(KineticaError) as caught:
        await client(faulty).restore_backup(body())
    assert type(caught.value) is kind
    assert len(faulty.received) == 1


@pytest.mark.parametrize("fault", [f.good(RESTORED), f.trickled(RESTORED), ok(RESTORED, 201)])
async def test_a_whole_ok_answer_is_known(faulty: Server, fault: Fault) -> None:
    """An OK envelope with the right type is read to the end, also when it comes in drops."""
    faulty.on(RESTORE, fault)
    answer = await client(faulty).restore_backup(body())
    assert (answer.backup_id, answer.restored_objects) == (1732000000000, {"sales.orders": "table"})
    assert [r.json for r in faulty.received] == [body()]


async def test_a_refused_restore_does_not_claim_that_nothing_changed(faulty: Server) -> None:
    """A dry run that is refused changed nothing; of a restore that ended with an error nobody knows that."""
    faulty.on(RESTORE, f.error("disk full"))
    meant = {}
    for dry_run in (True, False):
        with pytest.raises(RequestRejected) as caught:
            await client(faulty).restore_backup(body(dry_run))
        meant[dry_run] = caught.value.impact
    assert "Nothing has been changed" in meant[True]
    assert "othing has been changed" not in meant[False]


@pytest.mark.parametrize(
    ("word", "inner"),
    [
        ("half a surrogate pair in a name", '{"backup_id": 7, "restored_objects": {"\\ud800": "table"}}'),
        ("a number with too many signs", '{"backup_id": 7, "restored_bytes": "--5"}'),
        ("a number with 5000 digits", '{"backup_id": 7, "restored_bytes": "' + "9" * 5000 + '"}'),
        ("null everywhere", '{"backup_id": 7, "restored_objects": null, "info": null, "backup_name": null}'),
        ("lists for maps", '{"backup_id": 7, "failed_objects": [], "info": ["x"], "new_field": {"a": 1}}'),
    ],
)
async def test_odd_values_in_an_ok_answer_do_not_make_it_unknown(
    faulty: Server, word: str, inner: str
) -> None:
    """The server said OK: a field that nobody understands takes nothing from that."""
    faulty.on(RESTORE, ok(inner))
    assert (await client(faulty).restore_backup(body())).backup_id == 7


async def test_a_line_that_is_cut_before_the_request_is_read_is_unknown(faulty: Server) -> None:
    """A connection that opened and then broke may have carried the request: unknown, and not tried again."""
    faulty.hang_up_at_once = True
    with pytest.raises(OutcomeUnknown):
        await client(faulty).restore_backup(body())
    assert (faulty.connections, faulty.received) == (1, [])


async def test_time_out_is_unknown(faulty: Server) -> None:
    """With --timeout the waiting ends; what the server does by then is unknown."""
    faulty.on(RESTORE, f.never())
    with pytest.raises(OutcomeUnknown):
        await client(faulty, timeout=0.05).restore_backup(body())
    assert len(faulty.until_received()) == 1


async def test_a_restore_without_a_bound_waits_longer_than_a_read(faulty: Server) -> None:
    """Without --timeout a restore's answer is waited for without end."""
    async with link(faulty).open_client(answer_seconds=None) as http:
        assert (http.timeout.read, http.timeout.write, http.timeout.connect) == (None, None, 10.0)


async def test_refused_connection_is_not_sent() -> None:
    """Nobody listens: that nothing was sent is proven."""
    with pytest.raises(RequestNotSent):
        await client(f"http://127.0.0.1:{f.unused_port()}").restore_backup(body())


async def test_unresolved_name_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that has no address was not reached."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RequestNotSent):
        await client("http://no-such-host.invalid:9191").restore_backup(body())


@pytest.mark.parametrize("insecure", [False, True])
async def test_failed_encryption_is_not_sent(faulty: Server, insecure: bool) -> None:
    """A server that speaks no TLS gets not one byte of the request."""
    with pytest.raises(RequestNotSent):
        await client(faulty.url.replace("http", "https"), insecure=insecure).restore_backup(body())
    assert faulty.received == []


async def test_unusable_ca_file_is_not_sent(tmp_path: Any) -> None:
    """A CA file that is none stops the restore before any connection."""
    wrong = tmp_path / "ca.pem"
    wrong.write_text("no certificate")
    with pytest.raises(RequestNotSent) as caught:
        await client("https://127.0.0.1:1", ca_file=str(wrong)).restore_backup(body())
    assert "--ca-file" in caught.value.hint


async def test_restore_takes_a_connection_of_its_own(faulty: Server) -> None:
    """Reads share a connection, and the restore never goes out on a used one."""
    faulty.on("/show/system/properties", f.good({"property_map": {}}))
    faulty.on(RESTORE, f.good(RESTORED))
    async with client(faulty) as kinetica:
        await kinetica.server()
        await kinetica.server()
        await kinetica.restore_backup(body(dry_run=True))
        await kinetica.restore_backup(body())
    assert [r.connection for r in faulty.received] == [1, 1, 2, 3]


@pytest.mark.parametrize("shout", [str.upper, str.lower])
async def test_no_proxy_and_no_login_from_the_environment(
    faulty: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, shout: Any
) -> None:
    """Proxies and netrc logins of the environment are ignored."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(shout(name), f"http://127.0.0.1:{f.unused_port()}")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    faulty.on(RESTORE, f.good(RESTORED))
    await client(faulty, Login()).restore_backup(body())
    assert "authorization" not in faulty.received[0].headers


async def test_the_named_proxy_is_used(faulty: Server) -> None:
    """--proxy carries the restore to a host that only the proxy knows."""
    faulty.on(RESTORE, f.good(RESTORED))
    await client("http://kinetica.invalid:9191", proxy=faulty.url).restore_backup(body())
    assert [r.path for r in faulty.received] == ["http://kinetica.invalid:9191" + RESTORE]


async def test_a_proxy_that_opens_no_way_means_not_sent(faulty: Server) -> None:
    """A proxy that refuses CONNECT never saw the request itself, nor the login."""
    faulty.on(":9191", f.page(403))
    with pytest.raises(RequestNotSent):
        await client("https://kinetica.invalid:9191", proxy=faulty.url).restore_backup(body())
    assert [r.method for r in faulty.received] == ["CONNECT"]
    assert "authorization" not in faulty.received[0].headers


async def test_a_proxy_that_hangs_up_or_is_silent_means_not_sent(faulty: Server) -> None:
    """As long as only CONNECT has left, nothing of the restore has."""
    faulty.on(":9191", f.DROP, f.never())
    for _ in range(2):
        with pytest.raises(RequestNotSent):
            await client("https://k.invalid:9191", proxy=faulty.url, timeout=0.05).restore_backup(body())
    assert [r.method for r in faulty.until_received(2)] == ["CONNECT", "CONNECT"]


async def test_a_proxys_page_in_place_of_the_answer_is_unknown(faulty: Server) -> None:
    """A proxy that took the request and shows a 502 may have passed it on."""
    faulty.on(RESTORE, f.page(502))
    with pytest.raises(OutcomeUnknown):
        await client("http://kinetica.invalid:9191", proxy=faulty.url).restore_backup(body())
    assert len(faulty.received) == 1


@pytest.mark.parametrize(
    "proxy",
    ["ftp://proxy:1", "nonsense", "http://user:corr3ct-horse@proxy:1", "socks5://u:corr3ct-horse@p:1"],
)
async def test_an_unusable_proxy_means_not_sent_and_is_not_quoted(proxy: str) -> None:
    """A proxy's URL that cannot be used, or has a password in it, stops everything, and is not repeated."""
    with pytest.raises(RequestNotSent) as caught:
        await client("http://127.0.0.1:1", proxy=proxy).restore_backup(body())
    assert "corr3ct-horse" not in everything_said_by(caught.value)


@pytest.mark.parametrize("left", [False, True])
async def test_a_cancelled_wait_tells_whether_the_request_had_left(faulty: Server, left: bool) -> None:
    """Who stops waiting learns from the watch whether the server may have got the request."""
    faulty.on(RESTORE, f.never())
    watch = SendProbe()
    asking = asyncio.ensure_future(client(faulty).restore_backup(body(), watch))
    if left:
        assert await asyncio.to_thread(faulty.arrived.wait, f.PATIENCE)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert watch.left is left
    assert len(faulty.received) == int(left)


# Secrets


def everything_said_by(error: BaseException) -> str:
    said = [repr(error), str(error), *map(str, vars(error).values())]
    said += traceback.format_exception(type(error), error, error.__traceback__)
    return "\n".join(said)


@pytest.mark.parametrize("login", [LOGIN, Login(token=Secret(TOKEN))], ids=["password", "token"])
@pytest.mark.parametrize(
    "fault", [f.good(RESTORED), f.DROP, f.GARBAGE, f.page(502), f.error("no", 401), f.redirect()]
)
async def test_no_secret_is_logged_or_told(
    faulty: Server, caplog: pytest.LogCaptureFixture, login: Login, fault: Fault
) -> None:
    """Neither a log at its most talkative, nor an error, nor the repr of anything shows the login."""
    caplog.set_level(logging.DEBUG)
    faulty.on(RESTORE, fault)
    faulty.on("/show/backup", fault)
    said = []
    async with client(faulty, login) as kinetica:
        for ask in (kinetica.restore_backup(body()), kinetica.backups("s3")):
            try:
                await ask
            except KineticaError as error:
                said.append(everything_said_by(error))
        said += [repr(kinetica), repr(kinetica.link), repr(login), str(login.password), f"{login.token}"]
    said += [caplog.text, *(repr(vars(record)) for record in caplog.records)]
    assert faulty.received[0].headers["authorization"] in (f"Basic {BASIC}", f"Bearer {TOKEN}")
    assert not [secret for secret in SECRETS if secret in "\n".join(said)]


@pytest.mark.parametrize("login", [LOGIN, Login(token=Secret(TOKEN))], ids=["password", "token"])
async def test_login_in_library_error_is_hidden(
    faulty: Server, caplog: pytest.LogCaptureFixture, login: Login
) -> None:
    """A server that sends the request back, and no HTTP: the library's error quotes it, ours does not."""
    caplog.set_level(logging.INFO)
    faulty.on(RESTORE, f.raw(f"Authorization: {login.header()}\r\n\r\n".encode()))
    async with client(faulty, login) as kinetica:
        with pytest.raises(OutcomeUnknown) as caught:
            await kinetica.restore_backup(body())
    assert "Authorization" in caught.value.server_message
    said = everything_said_by(caught.value) + caplog.text
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("flaw", ["\n", " ", "\r\nX-Evil: 1", "ä", "\x00", "\udcff"])
async def test_an_unsendable_token_is_refused_without_quoting_it(
    faulty: Server, caplog: pytest.LogCaptureFixture, flaw: str
) -> None:
    """A token with a line break or another unsendable character is refused before anything is sent."""
    caplog.set_level(logging.DEBUG)
    login = Login(token=Secret(TOKEN + flaw))
    said = []
    for ask in (client(faulty, login).restore_backup(body()), client(faulty, login).server()):
        with pytest.raises(KineticaError) as caught:
            await ask
        said.append(everything_said_by(caught.value))
    assert faulty.connections == 0
    assert TOKEN not in "\n".join([*said, caplog.text])


async def test_a_password_that_is_no_text_is_sent_as_it_came(faulty: Server) -> None:
    """Bytes of the environment that are no UTF-8 make no crash: they go to the server as they are."""
    faulty.on(RESTORE, f.good(RESTORED))
    await client(faulty, Login("u", Secret("p\udcff"))).restore_backup(body())
    assert faulty.received[0].headers["authorization"] == "Basic dTpw/w=="


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ('"error": "boom"', "error: boom"),
        ('"errors": ["boom", "bang"]', 'errors: ["boom", "bang"]'),
        ('"exception": {"class": "E", "text": "boom"}', 'exception: {"class": "E", "text": "boom"}'),
        ('"warning": "boom"', "warning: boom"),
        ('"error_code": 17', "error_code: 17"),
        ('"request_id": "17"', "request_id: 17"),
        ('"error": ""', ""),
        ('"errors": []', ""),
        ('"error": null', ""),
        ('"error_code": 0', ""),
        ('"message": {"error": "boom"}', '{"error": "boom"}'),
        ('"message": ["boom"]', '["boom"]'),
    ],
)
async def test_what_stands_beside_the_five_fields_is_kept(faulty: Server, beside: str, message: str) -> None:
    """An envelope with a field that no document has: what it reports accompanies the OK."""
    plain = f.envelope(RESTORED, TYPE).replace(b'"message": "", ', b"")
    assert b"message" not in plain
    faulty.on(RESTORE, f.raw(f.http(200, plain.replace(b"{", b"{" + beside.encode() + b", ", 1))))
    assert (await client(faulty).restore_backup(body())).message == message
