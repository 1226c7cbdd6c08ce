"""What the tests of the demo share: a fixed moment, and asking the server with and without a socket."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from restore_tui.demo.handlers import Answers
from restore_tui.demo.server import DemoServer
from restore_tui.demo.shop import build_world
from restore_tui.demo.versions import ServerVersion
from restore_tui.demo.wire import Received
from restore_tui.demo.world import LiveObject, ObjectKey, World

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
VERSION = "7.2.3.14.20260622"
S3 = "dr_bucket_s3"
LOGIN = "Basic " + base64.b64encode(b"demo:demo").decode()
ENDPOINTS = json.loads((Path(__file__).parent.parent / "data" / "endpoints.json").read_text())


@dataclass(frozen=True)
class Answer:
    """An answer, decoded. ``data`` is None on an error."""

    http_status: int
    envelope: dict[str, Any]
    data: Any

    @property
    def ok(self) -> bool:
        return bool(self.envelope["status"] == "OK")

    @property
    def message(self) -> str:
        return str(self.envelope["message"])


def shop() -> World:
    return build_world(now=NOW, big_tables=60)


def state(world: World) -> tuple[dict[ObjectKey, LiveObject], set[str]]:
    """All that a restore may change, as a copy."""
    return dict(world.live), set(world.schemas)


def decoded(http_status: int, body: bytes) -> Answer:
    envelope = json.loads(body)
    return Answer(http_status, envelope, json.loads(envelope["data_str"]) if envelope["data_str"] else None)


def ask(world: World, endpoint: str, body: Any, version: str = VERSION) -> Answer:
    """Ask without a socket."""
    headers = {"authorization": LOGIN, "content-type": "application/json"}
    received = Received(1, "POST", endpoint, endpoint, headers, json.dumps(body).encode(), 1)
    reply = Answers(world, ServerVersion(version), "demo", "demo", lambda: "http://demo").answer(received)
    return decoded(reply.http_status, reply.body)


def restore(
    world: World,
    objects: Mapping[str, str],
    options: Mapping[str, str] | None = None,
    *,
    backup: str = "nightly_shop",
    version: str = VERSION,
) -> Answer:
    """Ask for a restore from the named backup, through the data source that has it."""
    body = {
        "backup_name": backup,
        "datasource_name": world.backup(backup).datasource,
        "restore_objects_map": dict(objects),
        "options": dict(options or {}),
    }
    return ask(world, "/restore/backup", body, version)


def connect(server: DemoServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)


def post(
    server: DemoServer,
    endpoint: str,
    body: Any,
    *,
    connection: http.client.HTTPConnection | None = None,
    authorization: str = LOGIN,
    method: str = "POST",
) -> Answer:
    """One request over HTTP; on a connection of its own unless one is given. ``body`` may be bytes as they are."""
    used = connection or connect(server)
    try:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        used.request(method, urlsplit(server.url).path + endpoint, raw, headers)
        response = used.getresponse()
        return decoded(response.status, response.read())
    finally:
        if connection is None:
            used.close()
