"""The one door to the real server. A restore that is real does not get through it, whoever builds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.exchange import Reader
from restore_tui.kinetica.responses.envelope import Unreadable, open_envelope
from restore_tui.kinetica.responses.memory import memory_to_decode

RESTORE, CREATE_JOB = "/restore/backup", "/create/job"
READS = frozenset(
    {
        "/show/system/properties",
        "/show/datasource",
        "/show/backup",
        "/show/schema",
        "/show/datasink",
        "/show/credential",
        "/show/security",
        "/verify/backup",
        "/admin/show/jobs",
        "/get/job",
        "/execute/sql",
    }
)


class NotADryRunError(Exception):
    """Something else than a read or a dry run was about to be sent. It was not."""


def check(endpoint: str, content: bytes) -> None:
    """Let reads pass, of SQL only a SELECT, and a restore or its job only with ``dry_run`` true. Raises NotADryRunError
    for everything else, and for what cannot be read."""
    try:
        body = json.loads(content)
        if endpoint == "/execute/sql":
            allowed = str(body["statement"]).startswith("SELECT ")
        elif endpoint == CREATE_JOB:
            allowed = body["endpoint"] == RESTORE and _is_dry_run(json.loads(body["data_str"]))
        else:
            allowed = endpoint in READS or (endpoint == RESTORE and _is_dry_run(body))
    except (ValueError, TypeError, KeyError):
        allowed = False
    if not allowed:
        raise NotADryRunError(f"{endpoint} with this body is neither a read nor a dry run; it was not sent.")


def _is_dry_run(body: Any) -> bool:
    return bool(body["options"]["dry_run"] == "true")


@dataclass(frozen=True)
class GuardedLink(ConnectionSettings):
    """A link whose every connection checks what goes out over it, at the last moment before it does."""

    def open_client(self, *, answer_seconds: float | None) -> httpx.AsyncClient:
        http = super().open_client(answer_seconds=answer_seconds)
        http.event_hooks = {"request": [self._guard]}
        return http

    async def _guard(self, request: httpx.Request) -> None:
        base = httpx.URL(self.address.url).path.rstrip("/")
        check(request.url.path.removeprefix(base), request.content)


class ListeningClient(KineticaClient):
    """Our client, which keeps every answer as it came: data type → decoded answers. ``link`` is guarded."""

    def __init__(self, link: GuardedLink) -> None:
        super().__init__(link)
        self.answers: dict[str, list[dict[str, Any]]] = {}

    def _parse(
        self,
        reader: Reader[dict[str, Any]],
        http_status: int,
        answer: bytes,
        data_type: str,
        memory: Callable[[bytes], int] = memory_to_decode,
    ) -> dict[str, Any]:
        with suppress(Unreadable):  # told by the reader, in its own words
            envelope = open_envelope(answer, data_type)
            if envelope.ok:
                self.answers.setdefault(data_type, []).append(self.redact.data(envelope.data))
        return super()._parse(reader, http_status, answer, data_type, memory)

    def last(self, data_type: str) -> dict[str, Any]:
        """The last answer of a data type; empty where none came."""
        return self.answers.get(data_type, [{}])[-1]
