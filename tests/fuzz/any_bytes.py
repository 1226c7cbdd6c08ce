"""Answers of any bytes to every method of the client: nothing but a ``KineticaError`` may come of them.

``python -m tests.fuzz.any_bytes [EXAMPLES [FIRST]]`` runs many of them, and is a part of ``make fuzz``. Exit code 0 if
nothing else came, 1 otherwise.
"""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
import logging
import sys
import zlib
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.responses.models import RestoreResponse
from tests.harness.kinetica_client import BASIC, PASSWORD, RESTORED, SECRETS, body, client
from tests.harness.servers.faulty_server import Reply, Server, data_type_of

SEED = 20261127
EXAMPLES = 20_000
LIMIT = 300_000
TAG = "restore-tui-1"

CALLS: dict[str, Callable[[KineticaClient], Awaitable[object]]] = {
    "server": lambda client: client.server(),
    "data_sources": lambda client: client.data_sources(),
    "backups": lambda client: client.backups("s3"),
    "snapshots": lambda client: client.snapshots("s3", "nightly"),
    "contents": lambda client: client.contents("s3", "nightly", "1732000000000"),
    "verify": lambda client: client.verify("s3", "nightly", "1732000000000"),
    "schemas": lambda client: client.schemas(),
    "data_sinks": lambda client: client.data_sinks(),
    "credentials": lambda client: client.credentials(),
    "users_and_roles": lambda client: client.users_and_roles(),
    "restore_backup": lambda client: client.restore_backup(body()),
    "create_restore_job": lambda client: client.create_restore_job(body(dry_run=True), TAG),
    "cancel_job": lambda client: client.cancel_job(JobTicket(TAG, 7)),
    "job": lambda client: client.job(JobTicket(TAG, 7)),
    "running_jobs": lambda client: client.running_jobs(),
    "history": lambda client: client.history("nightly"),
    "operations": lambda client: client.operations("restore"),
    "server_time": lambda client: client.server_time(),
    "live_tables": lambda client: client.live_tables("sales"),
}
"""Every method that sends something."""
NO_REQUESTS = {"aclose", "log_in", "read_login_again"}

_FIELDS = (
    "info", "message", "status", "data_str", "data_type", "property_map", "datasource_names", "additional_info",
    "storage_provider_types", "backup_description", "backup_ids", "deleted_backup_ids", "backup_contents",
    "backup_name", "backup_names", "backup_id", "errors", "schema_names", "schema_tables", "datasink_names",
    "credential_names", "types", "permissions", "restored_objects", "failed_objects", "renamed_objects",
    "restored_bytes", "job_id", "job_status", "job_response_str", "status_map", "progress", "running", "endpoint",
    "endpoint_name", "auth_id", "user_data", "time_received", "json_encoded_response", "column_headers", "column_1",
    "job_tag", "size", "records", "creation_time",
    "table_names", "sizes", "full_sizes", "last_write_time",
)  # fmt: skip
_LEAVES: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 1e308, 10**30, -(10**400), 0.1, float("inf"), float("nan"), "", " ", "7", "nightly",
    TAG, "DONE", "RUNNING", "9" * 400, "2026-11-23 21:00:00.5+99:99", "99999999999999", "{", "[[", '{"a":{"b":[1]}}',
    "\ud800", "a\0b", "\u202e\x1b[2J", "x" * 3000, PASSWORD, f"Basic {BASIC}", "sales.orders,sales.items", "all",
    '{"column_headers":["a"],"column_1":["2026-11-23 21:00:00"]}',
)  # fmt: skip
_ENCODINGS = (
    "gzip",
    "gzip, gzip",
    "deflate",
    "br",
    "zstd",
    "identity",
    "x-unknown",
    "gzip, " * 50 + "gzip",
    "",
)
_STATUSES = (200,) * 9 + (100, 103, 201, 204, 206, 302, 304, 400, 401, 403, 404, 429, 500, 502, 503, 999)
_LINES = (f"HTTP/9.9 {BASIC}", "HTTP/1.1 2000 X", "HTTP/1.0 200", "ICY 200 OK", f"HTTP/1.1 {PASSWORD}")
_HEADERS = (
    f"Basic {BASIC}", "\x00: \x01", "Set-Cookie: a=\xff; Path", "X: " + "y" * 200_000, ": empty", "Location: //",
    "Content-Type: text/plain; charset=no-such-charset", "Set-Cookie: sid=0123456789abcdef",
)  # fmt: skip


def _tree(random: Random, depth: int = 4) -> Any:
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice(_LEAVES)
    if kind < 0.6:
        return [_tree(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(_FIELDS): _tree(random, depth - 1) for _ in range(random.randrange(6))}


def _data(random: Random) -> str:
    kind = random.randrange(8)
    if kind == 0:
        depth = random.choice((10, 900, 20_000))
        return random.choice(('{"info":' * depth, "[" * depth, '{"backup_contents":' + "[" * depth))
    if kind == 1:
        return '{"job_id":' + "9" * random.choice((20, 5_000, 50_000)) + "}"
    if kind == 2:
        return json.dumps({**RESTORED, random.choice(_FIELDS): _tree(random)})
    return json.dumps({random.choice(_FIELDS): _tree(random) for _ in range(random.randrange(8))})


def _body(random: Random, data_type: str) -> bytes:
    kind = random.randrange(10)
    if kind == 0:
        return random.randbytes(random.choice((0, 1, 50, 5_000)))
    if kind == 1:
        return random.choice(
            (b"<html>", b"[" * 50_000, b'{"status":"OK"', b"\xef\xbb\xbf{}", b"null", b"NaN", b'"x"')
        )
    if kind == 2:
        return bytes(random.choice((LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT)))
    outer = {
        "status": random.choice(("OK", "OK", "OK", "OK", "ERROR", "", None)),
        "message": random.choice(("", "no", f"not {PASSWORD}", "Kinetica is exiting", "\ud800", 7)),
        "data_type": data_type if random.random() < 0.95 else _tree(random),
        "data": "",
        "data_str": _data(random) if random.random() < 0.95 else _tree(random),
    }
    text = json.dumps(outer, ensure_ascii=random.random() < 0.7)
    charset = random.choice(("utf-8",) * 6 + ("utf-16", "utf-16-be", "utf-32", "latin-1"))
    written = bytearray(text.encode(charset, "surrogatepass" if charset.startswith("utf") else "replace"))
    if random.random() < 0.2:
        for _ in range(random.randrange(1, 9)):
            written[random.randrange(len(written))] = random.randrange(256)
    return bytes(written[: random.randrange(len(written))] if random.random() < 0.1 else written)


def response(random: Random, path: str) -> bytes:
    """Draw what comes over the connection."""
    kind = random.random()
    if kind < 0.05:
        return random.randbytes(random.randrange(300))
    content = _body(random, data_type_of(path))
    headers = []
    if kind < 0.25:
        encoding = random.choice(_ENCODINGS)
        headers.append(f"Content-Encoding: {encoding}")
        for layer in encoding.split(",")[:2]:
            content = {"gzip": gzip.compress, "deflate": zlib.compress}.get(layer.strip(), bytes)(content)
    status = random.choice(_STATUSES)
    line = f"HTTP/1.1 {status} X" if random.random() < 0.96 else random.choice(_LINES)
    length = random.random()
    if length < 0.1:
        headers.append(f"Content-Length: {random.choice((0, 1, len(content) + 50, 10**30, -5, 'x'))}")
    elif length < 0.2:
        size = random.choice((f"{len(content):x}", "0", "-1", "zz", "f" * 30))
        headers.append("Transfer-Encoding: chunked")
        content = f"{size}\r\n".encode() + content + b"\r\n0\r\n\r\n"
    elif length < 0.9:
        headers.append(f"Content-Length: {len(content)}")
    if random.random() < 0.1:
        headers.append(random.choice(_HEADERS))
    return "".join(f"{each}\r\n" for each in (line, *headers, "")).encode("latin-1") + content


async def violation(server: Server, kinetica: KineticaClient, number: int) -> str | None:
    """Run one example. Returns what is wrong with what came of it, or None."""
    random = Random(SEED + number)
    name = list(CALLS)[number % len(CALLS)]
    server.on("", lambda received: Reply(response(random, received.path)))
    try:
        made: object = await CALLS[name](kinetica)
        if isinstance(
            made, RestoreResponse
        ):  # its lists of objects may hold names, which the password might be
            made = (made.info, made.message)
        shown = repr(made) if name in ("restore_backup", "cancel_job") else ""
    except KineticaError as error:
        shown = f"{error.what}\n{error.server_message}\n{error.impact}\n{error.hint}"
    except BaseException as error:
        return f"example {number}, {name}: {error!r}"
    told = [secret for secret in SECRETS if secret in shown]
    return f"example {number}, {name}: {told} in {shown[:500]}" if told else None


async def violations(first: int, last: int) -> list[str]:
    """Run the examples from ``first`` to before ``last``."""
    found = []
    with Server() as server:
        async with client(server, max_response_bytes=LIMIT, timeout=20.0) as kinetica:
            for number in range(first, last):
                server.received.clear()
                found.append(await violation(server, kinetica, number))
    return [each for each in found if each is not None]


def methods() -> set[str]:
    """The methods of the client that can fail."""
    return {
        name
        for name, method in inspect.getmembers(KineticaClient, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def main() -> int:
    logging.disable(logging.CRITICAL)
    examples, first = (*map(int, sys.argv[1:]), *(EXAMPLES, 0)[len(sys.argv) - 1 :])
    found = asyncio.run(violations(first, first + examples))
    sys.stdout.write(f"{examples:,} answers of any bytes to {len(CALLS)} methods, {len(found)} violations\n")
    sys.stdout.writelines(f"{each}\n" for each in found[:10])
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
