"""The envelope around every answer, opened once and here.

Five strings: ``status`` (OK or ERROR), ``message``, ``data_type``, ``data`` (empty) and ``data_str``, which is
JSON inside a string. Two readers stand on it: ``read`` for questions, ``verdict`` for a restore and its
dry run, where what is not known must not be called a failure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import from_json

from restore_tui.kinetica.errors import (
    EndpointMissing,
    KineticaError,
    NotAuthorised,
    NotKinetica,
    OutcomeUnknown,
    Refused,
    ServerTrouble,
)
from restore_tui.kinetica.text import harmless, harmless_block

# A word of its own: `Table 'sales.offline_orders' already exists` is no word of a server going away.
_GOING_AWAY = re.compile(r"(?<![\w.'\"-])(exiting|offline|shutting down)(?![\w'\"-]|\.\w)", re.IGNORECASE)
_UNAUTHORISED, _NOT_FOUND = 401, 404
_NOT_DECODED = "The server said OK, but the answer inside cannot be decoded."


class Unreadable(ValueError):
    """The bytes are no envelope of the expected kind; the text says why."""


@dataclass(frozen=True)
class Envelope:
    """``data`` is the decoded ``data_str`` of an OK, and empty for an ERROR."""

    ok: bool
    message: str
    data: dict[str, Any]

    @property
    def going_away(self) -> bool:
        """Whether the message is that of a server that is on its way out, which settles nothing."""
        return says_going_away(self.message)


def says_going_away(message: str) -> bool:
    """Whether these are the words of a server on its way out."""
    return _GOING_AWAY.search(message) is not None


def _outer(body: bytes) -> Any:
    """Decode what is around the answer. pydantic's decoder is three times as fast with a long string, but takes
    no half of a surrogate pair; where it does not get on, the standard library's has the last word."""
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)


def open_text(body: bytes, data_type: str) -> tuple[Envelope, str]:
    """The envelope, with ``data`` still empty, and the text of the answer in it. Raises Unreadable where it is none, or
    not one with an answer of ``data_type``."""
    if not body or body.isspace():
        raise Unreadable("The answer is empty.")
    try:
        outer = _outer(body)
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            raise Unreadable("The answer is a web page, not JSON.") from None
        raise Unreadable("The answer is not JSON, or was cut off.") from None
    if not isinstance(outer, dict) or outer.get("status") not in ("OK", "ERROR"):
        raise Unreadable("The answer is JSON, but not in Kinetica's envelope.")
    message = outer.get("message")
    message = message if isinstance(message, str) else ""
    if outer["status"] == "ERROR":
        return Envelope(False, message, {}), ""
    if outer.get("data_type") != data_type:
        raise Unreadable(
            f"The answer is of the type {harmless(outer.get('data_type'), 60)}, not {data_type}."
        )
    text = outer.get("data_str", "")
    if not isinstance(text, str):
        raise Unreadable(_NOT_DECODED)
    return Envelope(True, message, {}), text


def open_envelope(body: bytes, data_type: str) -> Envelope:
    """The envelope and the answer in it. Raises Unreadable like ``open_text``."""
    envelope, text = open_text(body, data_type)
    return replace(envelope, data=_decoded(text)) if envelope.ok else envelope


def _decoded(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(_NOT_DECODED) from None
    if not isinstance(data, dict):
        raise Unreadable("The server said OK, but the answer inside is no object.")
    return data


def read(
    http_status: int, body: bytes, data_type: str, decode: Callable[[str], dict[str, Any]] = _decoded
) -> dict[str, Any]:
    """The answer to a question. ``decode`` makes it from the text in the envelope, and raises ValueError where it
    cannot. Raises the KineticaError that fits what came instead."""
    try:
        envelope, text = open_text(body, data_type)
        if envelope.ok:
            return decode(text)
    except Unreadable as unreadable:
        raise _unreadable_read(http_status, body, str(unreadable)) from None
    except (ValueError, RecursionError):
        raise _unreadable_read(http_status, body, _NOT_DECODED) from None
    raise _refusal(http_status, envelope)


def verdict(http_status: int, body: bytes, data_type: str) -> dict[str, Any]:
    """The answer to a restore or dry run.

    Known is: an OK envelope with the right data_type in a 2xx, or an ERROR envelope that is no word of a
    server going away (raised as Refused). Everything else raises OutcomeUnknown.
    """
    try:
        envelope = open_envelope(body, data_type)
    except Unreadable as unreadable:
        unknown = OutcomeUnknown(_with_status(str(unreadable), http_status), words=_excerpt(body))
        unknown.http_status = http_status
        raise unknown from None
    if not envelope.ok:
        if envelope.going_away:
            raise OutcomeUnknown(
                "The server says that it is going away.", words=harmless_block(envelope.message)
            )
        raise _refusal(http_status, envelope)
    if not 200 <= http_status < 300:
        raise OutcomeUnknown(f"The server said OK, but in an HTTP {http_status}.")
    return envelope.data


def _refusal(http_status: int, envelope: Envelope) -> KineticaError:
    words = harmless_block(envelope.message)
    if envelope.going_away:
        return ServerTrouble("The server says that it is going away.", words=words)
    if http_status == _UNAUTHORISED:
        return NotAuthorised("The server refused the login (HTTP 401).", words=words)
    if http_status == _NOT_FOUND:
        return EndpointMissing("The server has no such endpoint (HTTP 404).", words=words)
    return Refused(
        "The server answered with an error.",
        words=words or f"(The server gave no reason; HTTP {http_status}.)",
    )


def _unreadable_read(http_status: int, body: bytes, why: str) -> KineticaError:
    words = _excerpt(body)
    if http_status == _UNAUTHORISED:
        return NotAuthorised("The server refused the login (HTTP 401).", words=words)
    if http_status == _NOT_FOUND:
        return EndpointMissing("There is no such endpoint (HTTP 404).", words=words)
    if 300 <= http_status < 400:
        return ServerTrouble(f"The answer is a redirect (HTTP {http_status}), which is not followed.")
    if http_status >= 500:
        return ServerTrouble(_with_status(why, http_status), words=words)
    return NotKinetica(_with_status(why, http_status), words=words)


def _with_status(why: str, http_status: int) -> str:
    return why if 200 <= http_status < 300 else f"{why[:-1]} (HTTP {http_status})."


def _excerpt(body: bytes) -> str:
    return harmless_block(body[:600].decode("utf-8", "replace"), 300).strip()
