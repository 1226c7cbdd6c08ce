"""Requests to the demo server, with and without a socket."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from restore_tui.demo.handlers import Answers
from restore_tui.demo.jobs import Jobs
from restore_tui.demo.model import LiveObject, ObjectKey, World
from restore_tui.demo.protocol import Received
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.demo.version import ServerVersion

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
VERSION = "7.2.3.14.20260622"
NEWEST = "7.2.3.20.20261101"
"""A server that has all that the catalogue knows."""
S3 = "dr_bucket_s3"
LOGIN = "Basic " + base64.b64encode(b"demo:demo").decode()
ENDPOINTS = json.loads((Path(__file__).parents[2] / "data" / "endpoints.json").read_text())
Meanwhile = Callable[..., "Future[Any]"]
"""The fixture that runs something in a thread."""


RESTORE: dict[str, Any] = {
    "backup_name": "nightly_shop",
    "datasource_name": S3,
    "restore_objects_map": {"all": "sales"},
    "options": {},
}
DRY_RUN: dict[str, Any] = {**RESTORE, "options": {"dry_run": "true"}}

PLAIN_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int and abs(value) < 2**31,
    "long": lambda value: type(value) is int and abs(value) < 2**63,
    "double": lambda value: type(value) is float,
}


def is_of_type(kind: str, value: Any) -> bool:
    """Whether a decoded value is of a type as the official client declares it, such as ``list of long``."""
    if kind.startswith("list of "):
        inner = kind.removeprefix("list of ")
        return isinstance(value, list) and all(is_of_type(inner, part) for part in value)
    if kind.startswith("map of string to "):
        inner = kind.removeprefix("map of string to ")
        return isinstance(value, dict) and all(is_of_type(inner, part) for part in value.values())
    return PLAIN_TYPES[kind](value)


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
    answers = Answers(world, ServerVersion(version), "demo", "demo", lambda: "http://demo", Jobs(world))
    reply = answers.answer(received)
    return decoded(reply.http_status, reply.body)


def assert_is_declared(endpoint: str, answer: Answer) -> None:
    """Exactly the fields, and their types, that the official client declares."""
    assert answer.ok, answer.message
    assert answer.envelope["data_type"] == ENDPOINTS[endpoint]["data_type"]
    declared = ENDPOINTS[endpoint]["response"]
    assert set(answer.data) == set(declared)
    for name, kind in declared.items():
        assert is_of_type(kind, answer.data[name]), (name, answer.data[name])


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


def job_of(body: Any, *, endpoint: str = "/restore/backup", **options: str) -> dict[str, Any]:
    """A request to run that request in the background."""
    data_str = body if isinstance(body, str) else json.dumps(body)
    return {
        "endpoint": endpoint,
        "request_encoding": "json",
        "data": "",
        "data_str": data_str,
        "options": options,
    }


def create_job(server: DemoServer, body: Any, **options: str) -> int:
    """Run a restore in the background; its job id."""
    answer = post(server, "/create/job", job_of(body, **options))
    assert_is_declared("/create/job", answer)
    return int(answer.data["job_id"])


def get_job(server: DemoServer, job_id: int = 0, **options: str) -> Any:
    answer = post(server, "/get/job", {"job_id": job_id, "options": options})
    assert_is_declared("/get/job", answer)
    return answer.data


def select(server: DemoServer, statement: str) -> list[dict[str, Any]]:
    """The rows of a query, each by its columns' names."""
    body = {"statement": statement, "offset": 0, "limit": -9999, "encoding": "json", "options": {}}
    answer = post(server, "/execute/sql", body)
    assert_is_declared("/execute/sql", answer)
    table = json.loads(answer.data["json_encoded_response"])
    columns = [table[f"column_{number}"] for number in range(1, len(table["column_headers"]) + 1)]
    return [dict(zip(table["column_headers"], row, strict=True)) for row in zip(*columns, strict=True)]


def restores(server: DemoServer) -> list[dict[str, Any]]:
    """The history of restores and dry runs, in the order in which they began."""
    return select(server, "SELECT * FROM ki_catalog.ki_backup_history WHERE operation = 'restore'")


def is_done(world: World) -> bool:
    """Whether the schema sales was restored."""
    return ("table", "sales.orders") in world.live


def statuses(server: DemoServer) -> list[str]:
    """Of all restores and dry runs so far."""
    return [row["status"] for row in restores(server)]


def raw(server: DemoServer, endpoint: str, body: Any) -> tuple[int, str, bytes]:
    """Status, content type and body as they are."""
    connection = connect(server)
    try:
        headers = {"Authorization": LOGIN, "Content-Type": "application/json"}
        connection.request("POST", endpoint, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()
    finally:
        connection.close()
