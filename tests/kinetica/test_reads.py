"""Reads: asked again when the line breaks, never after a response, and each error under its own name."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.errors import (
    AuthenticationFailed,
    EndpointMissing,
    KineticaError,
    RequestRejected,
    ResponseTooLarge,
    ServerUnavailable,
    TimedOut,
    TlsError,
    Unreachable,
    UnrecognizedResponse,
)
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.responses import envelope
from tests.harness.kinetica_client import BASIC, PASSWORD, SECRETS, TOKEN, client
from tests.harness.plans import plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Reply, Server

SHOW = "/show/datasource"
BACKUP = "/show/backup"
SOURCES = {
    "datasource_names": ["s3", "hdfs"],
    "storage_provider_types": ["S3", "HDFS"],
    "additional_info": [{"location": "s3://bucket"}, {}],
}

ANSWERED: dict[str, tuple[Fault, type[KineticaError]]] = {
    "400": (f.error("no"), RequestRejected),
    "401 envelope": (f.error("no", 401), AuthenticationFailed),
    "401 page": (f.page(401), AuthenticationFailed),
    "404 envelope": (f.error("no", 404), EndpointMissing),
    "404 page": (f.page(404), EndpointMissing),
    "301": (f.redirect(301), ServerUnavailable),
    "307": (f.redirect(307), ServerUnavailable),
    "500 empty": (f.page(500, b""), ServerUnavailable),
    "502": (f.page(502), ServerUnavailable),
    "503 empty": (f.page(503, b""), ServerUnavailable),
    "504": (f.page(504), ServerUnavailable),
    "exiting": (f.error("Kinetica is exiting"), ServerUnavailable),
    "login page": (f.page(200), UnrecognizedResponse),
    "200 empty": (f.page(200, b""), UnrecognizedResponse),
    "wrong type": (
        f.always(Reply(f.http(200, f.envelope(SOURCES, "show_backup_response")))),
        UnrecognizedResponse,
    ),
    "undecodable": (f.good("{"), UnrecognizedResponse),
}


@pytest.mark.parametrize(("fault", "kind"), ANSWERED.values(), ids=ANSWERED)
async def test_an_answer_is_not_asked_for_again(
    faulty: Server, fault: Fault, kind: type[KineticaError]
) -> None:
    """What was answered, however badly, is told under its own name and not repeated."""
    faulty.on(SHOW, fault, f.good(SOURCES))
    async with client(faulty) as kinetica:
        with pytest.raises(KineticaError) as caught:
            await kinetica.data_sources()
    assert type(caught.value) is kind
    assert len(faulty.received) == 1
    assert caught.value.title
    assert caught.value.impact
    assert caught.value.hint


@pytest.mark.parametrize("fault", [f.DROP, f.truncated(SOURCES)])
async def test_a_broken_line_is_tried_three_times(faulty: Server, fault: Fault) -> None:
    """A read whose connection breaks is repeated twice, then told as unreachable."""
    faulty.on(SHOW, fault)
    async with client(faulty) as kinetica:
        with pytest.raises(Unreachable):
            await kinetica.data_sources()
    assert len(faulty.received) == 3


@pytest.mark.parametrize("breaks", [1, 2])
async def test_a_line_that_mends_goes_unnoticed(faulty: Server, breaks: int) -> None:
    """One or two breaks are bridged."""
    faulty.on(SHOW, *[f.DROP] * breaks, f.good(SOURCES))
    async with client(faulty) as kinetica:
        assert [s.name for s in await kinetica.data_sources()] == ["s3", "hdfs"]
    assert len(faulty.received) == breaks + 1


async def test_a_stale_connection_is_bridged(faulty: Server) -> None:
    """A kept connection that the server has closed meanwhile costs the operator nothing."""
    faulty.on(SHOW, f.closing(SOURCES), f.good(SOURCES), f.DROP, f.good(SOURCES))
    async with client(faulty) as kinetica:
        for _ in range(3):
            assert len(await kinetica.data_sources()) == 2


async def test_a_time_out_is_not_repeated(faulty: Server) -> None:
    """A server that is too slow is not asked the same thing thrice."""
    faulty.on(SHOW, f.never())
    async with client(faulty, timeout=0.05) as kinetica:
        with pytest.raises(TimedOut):
            await kinetica.data_sources()
    assert len(faulty.until_received()) == 1


async def test_nobody_there_is_unreachable() -> None:
    """A refused connection is told as such."""
    with pytest.raises(Unreachable):
        await client(f"http://127.0.0.1:{f.unused_port()}").server()


async def test_no_tls_is_told_as_such_and_tried_once(faulty: Server) -> None:
    """A certificate problem does not go away by asking again."""
    with pytest.raises(TlsError):
        await client(faulty.url.replace("http", "https")).server()
    assert (faulty.connections, faulty.received) == (1, [])


@pytest.mark.parametrize("path", ["", "/gpudb-0", "/cluster/gpudb-0"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_path_of_the_url_is_kept(faulty: Server, path: str, slash: str) -> None:
    """Behind a proxy every endpoint lies below the URL's own path."""
    faulty.on(SHOW, f.good(SOURCES))
    async with client(faulty.url + path + slash) as kinetica:
        await kinetica.data_sources()
    assert faulty.received[0].path == path + SHOW
    assert faulty.received[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("login", "header"),
    [
        (Login("night_operator", Secret("corr3ct-horse")), f"Basic {BASIC}"),
        (Login("jörg", Secret("pä:ss")), "Basic asO2cmc6cMOkOnNz"),
        (Login("only"), "Basic b25seTo="),
        (Login("u", Secret("p"), Secret(TOKEN)), f"Bearer {TOKEN}"),
        (Login(), None),
    ],
)
async def test_the_login_goes_as_basic_or_bearer(faulty: Server, login: Login, header: str | None) -> None:
    """A token goes before user and password; without either nothing is sent."""
    faulty.on(SHOW, f.good(SOURCES))
    async with client(faulty, login) as kinetica:
        await kinetica.data_sources()
    assert faulty.received[0].headers.get("authorization") == header


async def test_the_server_tells_version_and_cluster(faulty: Server) -> None:
    """The connection test reads version, cluster and whether there is a ring."""
    told = {
        "version.gpudb_core_version": "7.2.3.14.20260622",
        "conf.enable_ha": "TRUE",
        "conf.ring_name": "blue",
    }
    faulty.on("/show/system/properties", f.good({"property_map": told}), f.good({}))
    async with client(faulty) as kinetica:
        server = await kinetica.server()
        silent = await kinetica.server()
    assert (server.version, server.cluster, server.high_availability) == ("7.2.3.14.20260622", "blue", True)
    assert (silent.version, silent.cluster, silent.high_availability) == ("", "", False)


async def test_what_is_asked_of_backups(faulty: Server) -> None:
    """Listing, snapshots and contents ask no more than the screens need, and contents of the explicit id."""
    faulty.on("/show/backup", f.good({"backup_ids": [{"backup_id": "1732000000000"}]}))
    async with client(faulty) as kinetica:
        await kinetica.backups("s3")
        (snapshot,) = await kinetica.snapshots("s3", "nightly")
        await kinetica.contents("s3", "nightly", snapshot.id)
    listing, snapshots, contents = (r.json for r in faulty.received)
    assert (listing["backup_name"], listing["options"]["show_contents"]) == ("*", "none")
    assert (snapshots["backup_name"], snapshots["options"]["show_contents"]) == ("nightly", "none")
    assert contents["options"] == {"backup_id": "1732000000000", "show_contents": "object_names"}
    assert {r.json["datasource_name"] for r in faulty.received} == {"s3"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"backup_ids": None, "backup_contents": None, "info": None},
        {"backup_ids": "text", "backup_description": [1, None, "x"], "new": {"a": 1}},
        {"backup_ids": {"backup_id": 1732000000000, "size": 9.5, "comment": None, "more": {"a": [1]}}},
        {"backup_ids": [{"id": "9" * 10_000, "time": "9" * 10_000, "size": "9" * 10_000}]},
        '{"backup_ids": [{"\\ud800": "\\udfff", "id": "1"}]}',
    ],
)
async def test_odd_listings_are_read_as_far_as_they_go(faulty: Server, answer: object) -> None:
    """Missing, null, additional and absurd fields stop nobody."""
    faulty.on("/show/backup", f.good(answer))
    async with client(faulty) as kinetica:
        await kinetica.backups("s3")
        listed = await kinetica.snapshots("s3", "nightly")
        await kinetica.contents("s3", "nightly", listed[0].id if listed else "1")


@pytest.mark.parametrize("status", [400, 502])
async def test_a_login_that_is_echoed_in_an_error_is_not_shown(faulty: Server, status: int) -> None:
    """A proxy that prints the request's headers into its error page: the words are shown without the secret."""
    faulty.on(SHOW, f.page(status, f"<pre>Authorization: Basic {BASIC} ({PASSWORD})</pre>".encode()))
    async with client(faulty) as asked:
        with pytest.raises(KineticaError) as caught:
            await asked.data_sources()
    assert "Authorization" in caught.value.server_message
    assert not any(secret in caught.value.server_message for secret in SECRETS)


@pytest.mark.parametrize("echo", [TOKEN, f"x{TOKEN}x" * 30, json.dumps({"auth": TOKEN}), quote(TOKEN)])
async def test_a_token_is_taken_out_before_words_are_shortened(faulty: Server, echo: str) -> None:
    """A long page that echoes the token: no part of it is left at the place where the words were cut."""
    faulty.on(SHOW, f.page(502, (f"<pre>{'-' * 140}{echo}</pre>" + "z" * 900).encode()))
    async with client(faulty, Login(token=Secret(TOKEN))) as asked:
        with pytest.raises(KineticaError) as caught:
            await asked.data_sources()
    assert not any(TOKEN[i : i + 8] in caught.value.server_message for i in range(len(TOKEN) - 8))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Table 'sales.orders' already exists", RequestRejected),
        ("Kinetica is offline.", ServerUnavailable),
        ("Kinetica is exiting", ServerUnavailable),
        ("the server is Shutting Down now", ServerUnavailable),
    ],
)
async def test_only_words_of_going_away_say_that_a_server_is_going_away(
    faulty: Server, message: str, kind: type[KineticaError]
) -> None:
    """Only the words by themselves say that the server is going away."""
    faulty.on(SHOW, f.error(message))
    async with client(faulty) as asked:
        with pytest.raises(kind):
            await asked.data_sources()


@pytest.mark.parametrize("shape", ["plain", "trickled"])
async def test_a_long_answer_tells_how_much_of_it_has_come(faulty: Server, shape: str) -> None:
    """Whoever shows it is told how many bytes have come, up to the last one."""
    held = [
        {"object_name": f"sales.t{number:05}", "object_type": "table", "size": "7"} for number in range(3000)
    ]
    answer = {"backup_contents": held}
    faulty.on(BACKUP, f.good(answer) if shape == "plain" else f.trickled(answer))
    told: list[int] = []
    async with client(faulty) as kinetica:
        contents = await kinetica.contents("s3", "nightly", "1", told.append)
    assert contents.count == 3000
    assert told == sorted(set(told))
    assert told[-1] == len(f.envelope(answer, "show_backup_response"))


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(faulty: Server) -> None:
    """It is refused with a sentence, requested once, and the server still has most of it."""
    faulty.on(BACKUP, f.good({"backup_contents": [{"sales.t": "table"}] * 400_000}))
    told: list[int] = []
    async with client(faulty, max_response_bytes=100_000) as kinetica:
        with pytest.raises(ResponseTooLarge, match=r"larger than 0\.1 MB") as caught:
            await kinetica.contents("s3", "nightly", "1", told.append)
    assert max(told) <= 100_000
    assert "largest_answer_mb" in caught.value.hint
    assert len(faulty.received) == 1


async def test_the_error_names_the_limit_with_which_a_response_is_read(faulty: Server) -> None:
    faulty.on(SHOW, f.good({"datasource_names": [f"s{i}" for i in range(20_000)]}))
    async with client(faulty, max_response_bytes=1_000_000) as kinetica:
        with pytest.raises(
            ResponseTooLarge, match=r"could take \d\.\d MB of memory; it was not read"
        ) as caught:
            await kinetica.data_sources()
    named = re.search(r"Set largest_answer_mb to ([\d.]+) in the config file", caught.value.hint)
    assert named is not None
    async with client(faulty, max_response_bytes=int(float(named[1]) * 1e6)) as kinetica:
        assert len([*await kinetica.data_sources()]) == 20_000


@pytest.mark.parametrize(
    "inner",
    ["[]", '"text"', "{", '{"backup_contents": [{"a.b": "table"}', '{"backup_contents": [,]}', "", "null"],
)
async def test_contents_that_cannot_be_decoded_are_told_as_such(faulty: Server, inner: str) -> None:
    """In pieces or whole: what is no response is none, and nothing of it is believed."""
    faulty.on(BACKUP, f.good(inner))
    async with client(faulty) as kinetica:
        with pytest.raises(UnrecognizedResponse, match=r"cannot be decoded"):
            await kinetica.contents("s3", "nightly", "1")


async def test_half_a_surrogate_in_an_answer_does_not_hide_the_rest(faulty: Server) -> None:
    """JSON can spell what no file takes: the name has a sign in its place and cannot be sent as such, and the others
    are as they are."""
    inner = '{"backup_contents": [{"name": "a.\\ud800", "type": "table"}, {"name": "a.b", "type": "table"}]}'
    faulty.on(BACKUP, f.good(inner))
    async with client(faulty) as kinetica:
        contents = await kinetica.contents("s3", "nightly", "1")
    assert list(contents.names("table").names) == ["a.b", "a.\N{REPLACEMENT CHARACTER}"]
    problems = plan({"table": ["a.\N{REPLACEMENT CHARACTER}"]}).problems()
    assert ["cannot be sent unchanged" in problem.text for problem in problems] == [True]


EVERY_READ: dict[str, tuple[dict[str, Any], Callable[[KineticaClient], Awaitable[Any]]]] = {
    "/show/system/properties": ({}, lambda c: c.server()),
    "/show/datasource": ({}, lambda c: c.data_sources()),
    "/show/backup of all": ({}, lambda c: c.backups("s3")),
    "/show/backup of one": ({}, lambda c: c.snapshots("s3", "nightly")),
    "/show/backup of contents": ({}, lambda c: c.contents("s3", "nightly", "1")),
    "/show/schema": ({}, lambda c: c.schemas()),
    "/show/table": ({}, lambda c: c.live_tables("sales")),
    "/show/security": ({}, lambda c: c.users_and_roles()),
    "/show/credential": ({}, lambda c: c.credentials()),
    "/show/datasink": ({}, lambda c: c.data_sinks()),
    "/verify/backup": ({}, lambda c: c.verify("s3", "nightly", "1")),
    "/admin/show/jobs": ({}, lambda c: c.running_jobs()),
    "/get/job": ({"job_id": 7, "job_status": "RUNNING"}, lambda c: c.job(JobTicket("tag", 7))),
    "/execute/sql": ({"json_encoded_response": "{}"}, lambda c: c.history("nightly")),
    "/execute/sql of all backups": ({"json_encoded_response": "{}"}, lambda c: c.operations("restore")),
    "/execute/sql of the time": ({"json_encoded_response": "{}"}, lambda c: c.server_time()),
}
"""Endpoint → what its response holds, and the read."""


@pytest.mark.parametrize(("endpoint", "read"), EVERY_READ.items(), ids=EVERY_READ)
async def test_no_answer_is_decoded_where_keys_are_answered(
    monkeypatch: pytest.MonkeyPatch,
    faulty: Server,
    endpoint: str,
    read: tuple[dict[str, Any], Callable[[KineticaClient], Awaitable[Any]]],
) -> None:
    """However long it is: each is opened in a thread, and the event loop is free meanwhile."""
    opened_by: list[threading.Thread] = []

    def note(*arguments: Any, **more: Any) -> Any:
        opened_by.append(threading.current_thread())
        return original(*arguments, **more)

    original = envelope.open_envelope_text
    monkeypatch.setattr(envelope, "open_envelope_text", note)
    data, ask = read
    faulty.on(endpoint.partition(" ")[0], f.good(data))
    async with client(faulty) as kinetica:
        await ask(kinetica)
    assert opened_by
    assert threading.current_thread() not in opened_by
