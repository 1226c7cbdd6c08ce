"""A client that cannot send a restore: each request is checked at the last moment before it is sent."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import httpx

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.exchange import Made, Reader
from restore_tui.kinetica.responses.envelope import Unreadable, open_envelope
from restore_tui.kinetica.responses.memory import memory_to_decode

RESTORE, CREATE_JOB = "/restore/backup", "/create/job"
READS = frozenset(
    {
        "/show/system/properties",
        "/show/datasource",
        "/show/backup",
        "/show/schema",
        "/show/table",
        "/show/datasink",
        "/show/credential",
        "/show/security",
        "/verify/backup",
        "/admin/show/jobs",
        "/get/job",
        "/execute/sql",
    }
)


class GuardError(Exception):
    """Something else than a read or a permitted dry run was about to be sent. It was not."""


def check(endpoint: str, content: bytes, *, dry_run: bool) -> None:
    """Let reads pass, of SQL only a SELECT, and, with ``dry_run``, a restore or its job whose option ``dry_run`` is
    true. Raises GuardError for everything else, and for what cannot be read."""
    try:
        body = json.loads(content)
        if endpoint == "/execute/sql":
            allowed = str(body["statement"]).startswith("SELECT ")
        elif endpoint == CREATE_JOB:
            allowed = dry_run and body["endpoint"] == RESTORE and _is_dry_run(json.loads(body["data_str"]))
        else:
            allowed = endpoint in READS or (dry_run and endpoint == RESTORE and _is_dry_run(body))
    except (ValueError, TypeError, KeyError, RecursionError):
        allowed = False
    if not allowed:
        raise GuardError(
            f"{endpoint} with this body is neither a read nor a requested dry run; it was not sent."
        )


def _is_dry_run(body: Any) -> bool:
    return bool(body["options"]["dry_run"] == "true")


@dataclass(frozen=True)
class GuardedConnection(ConnectionSettings):
    """Connection settings whose every connection checks what is sent over it."""

    dry_run: bool = False
    """Whether dry runs may be sent."""

    @classmethod
    def of(cls, connection: ConnectionSettings, *, dry_run: bool) -> GuardedConnection:
        """Return the same settings, guarded."""
        same = {each.name: getattr(connection, each.name) for each in fields(connection)}
        return cls(**same, dry_run=dry_run)

    def open_client(
        self, *, answer_seconds: float | None, trust: ssl.SSLContext | None = None
    ) -> httpx.AsyncClient:
        http = super().open_client(answer_seconds=answer_seconds, trust=trust)
        http.event_hooks["request"] = [*http.event_hooks["request"], self._guard]
        return http

    async def _guard(self, request: httpx.Request) -> None:
        base = httpx.URL(self.address.url).path.rstrip("/")
        check(request.url.path.removeprefix(base), request.content, dry_run=self.dry_run)


class RecordingClient(KineticaClient):
    """A client that keeps the last response of each data type as it came."""

    def __init__(self, link: GuardedConnection) -> None:
        super().__init__(link)
        self.responses: dict[str, dict[str, Any]] = {}

    def _parse(
        self,
        reader: Reader[Made],
        http_status: int,
        response: bytes,
        data_type: str,
        memory: Callable[[bytes], int] = memory_to_decode,
    ) -> Made:
        with suppress(Unreadable):  # the reader reports it
            envelope = open_envelope(response, data_type)
            if envelope.ok:
                self.responses[data_type] = self.redact.data(envelope.data)
        return super()._parse(reader, http_status, response, data_type, memory)

    def last(self, data_type: str) -> dict[str, Any]:
        """Return the last response of a data type; empty where none came."""
        return self.responses.get(data_type, {})
