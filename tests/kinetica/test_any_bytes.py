"""Whatever bytes a server sends: an error of ours, within bounds of memory and time."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection import transport
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import (
    KineticaError,
    OutcomeUnknown,
    ResponseTooLarge,
    TimedOut,
    UnrecognizedResponse,
)
from tests.fuzz.any_bytes import CALLS, NO_REQUESTS, methods, violations
from tests.harness.kinetica_client import LOGIN, PASSWORD, RESTORED, body, client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Reply, Server, data_type_of

EXAMPLES = 680
CHUNK = 170
LIMIT = 4_000_000
MOST = 1.5 * LIMIT


@pytest.mark.parametrize("first", range(0, EXAMPLES, CHUNK))
async def test_nothing_but_an_error_of_ours_comes_of_any_bytes(first: int) -> None:
    """Broken HTTP, encodings, JSON, types and sizes, to every method: a result without our secrets in it, or a
    KineticaError. ``make fuzz`` runs more of them."""
    assert await violations(first, first + CHUNK) == []


def test_every_method_is_tried() -> None:
    """A new one has to be added to the list."""
    assert methods() - NO_REQUESTS == set(CALLS)


def chunked(piece: bytes, count: int) -> bytes:
    return (
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"%x\r\n%b\r\n" % (len(piece), piece)) * count
    )


def packed(layers: int) -> bytes:
    """Few bytes, which unpack to many times the limit."""
    content = bytes(8 * LIMIT)
    for _ in range(layers):
        content = gzip.compress(content)
    return f.http(200, content, head=f"Content-Encoding: {', '.join(['gzip'] * layers)}\r\n")


FLOODS: dict[str, Callable[[], bytes]] = {
    "announced": lambda: f.http(200, bytes(3 * LIMIT)),
    "until it closes": lambda: b"HTTP/1.1 200 X\r\n\r\n" + bytes(3 * LIMIT),
    "in large chunks": lambda: chunked(bytes(LIMIT // 2 + 1), 6),
    "in small chunks": lambda: chunked(bytes(100), LIMIT // 50),
    "gzip": lambda: packed(1),
    "gzip, gzip": lambda: packed(2),
    "an endless header": lambda: b"HTTP/1.1 200 X\r\nX: " + b"y" * (3 * LIMIT),
    "many headers": lambda: b"HTTP/1.1 200 X\r\n" + b"X: y\r\n" * (LIMIT // 2),
    "many 103": lambda: b"HTTP/1.1 103 X\r\n\r\n" * 20_000,
}


@pytest.mark.parametrize(
    ("name", "flood"),
    [*(("restore_backup", flood) for flood in FLOODS), ("server", "announced"), ("contents", "gzip, gzip")],
)
async def test_no_answer_takes_more_memory_than_one_and_a_half_times_the_limit(
    faulty: Server, flood: str, name: str
) -> None:
    """Of what is too large no more is held than may be, and nothing is unpacked that was not requested packed."""
    faulty.on("", f.page(500), f.raw(FLOODS[flood]()))
    async with client(faulty, max_response_bytes=LIMIT) as kinetica:
        await peak_of(CALLS[name], kinetica)  # with the first request, modules are imported
        peak = await peak_of(CALLS[name], kinetica)
        if peak >= MOST:  # what other threads of this process allocate meanwhile counts too: it can only add
            peak = min(peak, await peak_of(CALLS[name], kinetica))
    assert peak < MOST


async def peak_of(call: Callable[[KineticaClient], Awaitable[object]], kinetica: KineticaClient) -> int:
    """Bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(KineticaError):
            await call(kinetica)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


FIELDS = {
    "server": "property_map",
    "data_sources": "datasource_names",
    "backups": "backup_ids",
    "contents": "backup_contents",
    "verify": "errors",
    "schemas": "schema_names",
    "users_and_roles": "permissions",
    "restore_backup": "restored_objects",
    "create_restore_job": "info",
    "job": "job_response_str",
    "running_jobs": "job_id",
    "history": "json_encoded_response",
    "live_tables": "table_names",
}
"""Where an endpoint's response is long."""


def many(element: str, length: int) -> str:
    """About so many characters of elements with commas between them; ``#`` counts up."""
    return ",".join(element.replace("#", str(number)) for number in range(length // (len(element) + 3)))


VALUES: dict[str, Callable[[int], str]] = {
    "nested lists": lambda n: f"[{many('[[[[[[]]]]]]', n)}]",
    "rows": lambda n: f"[{many(ROW, n)}]",
    "numbers": lambda n: f"[{many('1', n)}]",
    "short texts": lambda n: f"[{many(TEXT, n)}]",
    "a map": lambda n: f"{{{many(MEMBER, n)}}}",
    "JSON inside": lambda n: json.dumps(f'{{"column_headers":["a"],"column_1":[{many("[]", n)}]}}'),
    "escaped JSON inside": lambda n: f'"[{many(ESCAPED, n)}]"',
    "a wide text": lambda n: f'"{10 * n * "x"}\U0001f600"',
    "escapes": lambda n: f'"{n * "%41"} token={PASSWORD}"',
    "a long text": lambda n: f'"{20 * n * "x"}"',
}
"""JSON of about n characters that takes much memory, and a few times as many where one is long."""
ROW, TEXT, MEMBER, ESCAPED = '{"name":#}', '"#"', '"#":[{}]', r"\\u005b\\u005d"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *((name, "nested lists") for name in FIELDS),
        *((name, shape) for name in ("restore_backup", "contents", "backups") for shape in VALUES),
        ("history", "JSON inside"),
        ("job", "escaped JSON inside"),
    ],
)
async def test_no_accepted_response_takes_more_memory_than_one_and_a_half_times_the_limit(
    faulty: Server, name: str, shape: str
) -> None:
    """However many values a few bytes spell: with the limit that is high enough for them, that memory is enough."""
    text = f'{{"{FIELDS[name]}":{VALUES[shape](60_000)}}}'
    faulty.on("", lambda received: Reply(f.http(200, f.envelope(text, data_type_of(received.path)))))
    limit = 0.5e6
    while True:
        limit *= 1.2
        async with client(faulty, max_response_bytes=int(limit)) as kinetica:
            if not await is_too_large(CALLS[name], kinetica):
                break
    async with client(faulty, max_response_bytes=int(limit)) as kinetica:
        tracemalloc.start()
        try:
            await is_too_large(CALLS[name], kinetica)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 1.5 * limit


async def is_too_large(call: Callable[[KineticaClient], Awaitable[object]], kinetica: KineticaClient) -> bool:
    """Whether the response is refused for its size; a result and other errors show that it was read."""
    try:
        await call(kinetica)
    except KineticaError as error:
        return "could take" in error.what or "is larger than" in error.what
    return False


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "zstd", "GZIP", "nonsense"])
async def test_a_compressed_answer_is_refused_in_words(faulty: Server, encoding: str) -> None:
    """None was requested. Of a restore it proves nothing."""
    faulty.on("", f.always(Reply(f.http(200, b"x", head=f"Content-Encoding: {encoding}\r\n"))))
    async with client(faulty) as kinetica:
        with pytest.raises(UnrecognizedResponse, match="compressed, although that was not requested"):
            await kinetica.data_sources()
        with pytest.raises(OutcomeUnknown, match="compressed"):
            await kinetica.restore_backup(body())
    assert {received.headers["accept-encoding"] for received in faulty.received} == {"identity"}


async def test_an_answer_that_calls_itself_uncompressed_is_read(faulty: Server) -> None:
    head = "Content-Encoding: identity\r\n"
    faulty.on("", f.always(Reply(f.http(200, f.envelope(RESTORED, "restore_backup_response"), head=head))))
    async with client(faulty) as kinetica:
        assert (await kinetica.restore_backup(body())).backup_name == "nightly"


@pytest.mark.parametrize("name", ["server", "backups", "contents", "schemas", "history"])
@pytest.mark.parametrize("where", ["head", "body"])
async def test_a_read_that_trickles_has_an_end(
    faulty: Server, monkeypatch: pytest.MonkeyPatch, name: str, where: str
) -> None:
    """A byte now and then renews every wait, but not the time of the whole: twice a single wait, and what the bytes
    that came take on a slow line."""
    monkeypatch.setattr(transport, "SLOWEST", 1_000_000)
    content = (
        b"HTTP/1.1 200 X\r\n"
        + (b"X: " if where == "head" else b"Content-Length: 100000\r\n\r\n")
        + b"x" * 99_000
    )
    faulty.on("", f.always(Reply(content, slowly=0.02)))
    async with client(faulty, timeout=0.5) as kinetica:
        with pytest.raises(TimedOut, match="came too slowly"):
            await CALLS[name](kinetica)
    assert len(faulty.received) == 1


@pytest.mark.parametrize("error", [MemoryError, RecursionError, OverflowError, UnicodeError, AttributeError])
@pytest.mark.parametrize("name", CALLS)
async def test_whatever_a_reader_raises_is_an_error_of_ours(
    faulty: Server, monkeypatch: pytest.MonkeyPatch, name: str, error: type[Exception]
) -> None:
    """Running out of memory, too, and a bug of ours. After a restore it means that nothing is known."""

    def fail(*_arguments: object, **_more: object) -> object:
        raise error

    for reader in ("parse_response", "parse_restore_response"):
        monkeypatch.setattr(f"restore_tui.kinetica.responses.envelope.{reader}", fail)
    faulty.on("", f.page(200))
    async with client(faulty) as kinetica:
        with pytest.raises(KineticaError) as caught:
            await CALLS[name](kinetica)
    if name in ("restore_backup", "create_restore_job"):
        assert isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("url", ["http://xn--a", "http://xn--a.example:9191", "http://a..b"])
@pytest.mark.parametrize(
    "call", [lambda client: client.server(), lambda client: client.restore_backup(body())]
)
async def test_a_host_that_is_no_name_is_an_error_of_ours(
    url: str, call: Callable[[KineticaClient], Awaitable[object]]
) -> None:
    """Where the URL was taken, the HTTP library may still refuse it."""
    address = ServerAddress(
        url, url.removeprefix("http://"), encrypted=False
    )  # not parsed, so not refused before
    async with KineticaClient(ConnectionSettings(address, LOGIN)) as kinetica:
        with pytest.raises(KineticaError):
            await call(kinetica)


async def test_too_large_says_how_to_go_on(faulty: Server) -> None:
    faulty.on("", f.raw(FLOODS["announced"]()))
    async with client(faulty, max_response_bytes=LIMIT) as kinetica:
        with pytest.raises(ResponseTooLarge) as caught:
            await kinetica.server()
    assert "largest_answer_mb" in caught.value.hint
