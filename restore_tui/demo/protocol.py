"""How requests and answers look on the wire: the envelope of five strings, and the reading of a body's fields."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
"""A request's or an answer's JSON object."""

BOOLEAN = ("true", "false")
"""The values of an option that is a switch."""

RESTORE = "/restore/backup"
CREATE_JOB = "/create/job"
JOB_ENDPOINTS = (CREATE_JOB, "/get/job", "/admin/show/jobs", "/admin/alter/jobs")
ENDPOINTS = (
    "/show/system/properties",
    "/show/system/status",
    "/show/datasource",
    "/show/backup",
    "/verify/backup",
    "/show/schema",
    "/show/table",
    "/show/datasink",
    "/show/credential",
    "/show/security",
    RESTORE,
    *JOB_ENDPOINTS,
    "/execute/sql",
)
"""All that some version of the server answers."""


def data_type(endpoint: str) -> str:
    """``/show/backup`` → ``show_backup_response``"""
    return endpoint.strip("/").replace("/", "_") + "_response"


@dataclass(frozen=True)
class Received:
    """One request as it arrived.

    ``number`` and ``connection`` count from 1 in order of arrival; ``path`` has the base path, ``endpoint`` has
    not; header names are in lower case.
    """

    number: int
    method: str
    path: str
    endpoint: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is none."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes back.

    ``truncate_after`` announces the whole length, sends only so many bytes of the body and closes;
    ``drop`` closes the connection without any answer; ``hang`` gives none until the client goes or the server stops;
    ``trickle`` spreads the body over so many seconds.
    """

    http_status: int
    body: bytes
    content_type: str = "application/json"
    truncate_after: int | None = None
    drop: bool = False
    hang: bool = False
    trickle: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):
    """The server says no: answered as an ERROR envelope with this message."""

    def __init__(self, message: str, *, http_status: int = 400, headers: tuple[tuple[str, str], ...] = ()):
        super().__init__(message)
        self.http_status = http_status
        self.headers = headers


def refusal_reply(refusal: Refusal) -> Reply:
    return Reply(refusal.http_status, _envelope("ERROR", str(refusal), "none", ""), headers=refusal.headers)


def ok_reply(data_type: str, data: Body) -> Reply:
    return Reply(200, _envelope("OK", "", data_type, json.dumps(data, separators=(",", ":"))))


def _envelope(status: str, message: str, data_type: str, data_str: str) -> bytes:
    return json.dumps(
        {"status": status, "message": message, "data_type": data_type, "data": "", "data_str": data_str}
    ).encode()


class RequestFields:
    """The fields of one request body, read by name and checked for their type.

    ``call`` is the endpoint's name as it stands in messages, e.g. ``restore_backup``. Every reader raises Refusal.
    """

    def __init__(self, call: str, body: Any, known: Collection[str]):
        if not isinstance(body, dict):
            raise Refusal(f"Request body must be a JSON object ({call}, REQ:1001)")
        for name in body:
            if name not in known:
                raise Refusal(f"Unknown request parameter '{name}' ({call}, REQ:1002)")
        self.call = call
        self._body = body

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str):
            raise Refusal(f"Request parameter '{name}' must be a string ({self.call}, REQ:1004)")
        return value

    def text_map(self, name: str, default: dict[str, str] | None = None) -> dict[str, str]:
        value = self._value(name, default)
        if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
            raise Refusal(
                f"Request parameter '{name}' must be a map of string to string ({self.call}, REQ:1004)"
            )
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self._value(name, default)
        if not _is_long(value):
            raise Refusal(f"Request parameter '{name}' must be a long ({self.call}, REQ:1004)")
        return int(value)

    def integers(self, name: str, default: list[int] | None = None) -> list[int]:
        value = self._value(name, default)
        if not isinstance(value, list) or not all(_is_long(part) for part in value):
            raise Refusal(f"Request parameter '{name}' must be a list of long ({self.call}, REQ:1004)")
        return value

    def texts(self, name: str, default: list[str] | None = None) -> list[str]:
        value = self._value(name, default)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Refusal(f"Request parameter '{name}' must be a list of string ({self.call}, REQ:1004)")
        return value

    def options(self, known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """The options sent. ``known`` maps each name to the values it may have; none listed means free text."""
        options = self.text_map("options", {})
        for name, value in options.items():
            # Every endpoint takes this tag, which /admin/show/jobs shows again.
            if name == "job_user_data":
                continue
            if name not in known:
                # A real server's words for an option that it does not have.
                raise Refusal(
                    f"Parameter map key: '{name}' is not a valid parameter (U/PUh:348); error in Job validation"
                )
            if known[name] and value not in known[name]:
                allowed = ", ".join(known[name])
                raise Refusal(
                    f"Invalid value '{value}' for option '{name}'; allowed: {allowed} ({self.call}, OPT:1202)"
                )
        return options

    def _value(self, name: str, default: Any) -> Any:
        if name in self._body:
            return self._body[name]
        if default is None:
            raise Refusal(f"Request parameter '{name}' is missing ({self.call}, REQ:1003)")
        return default


def _is_long(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**63
