"""The envelope around every response, opened once and here.

Five strings: ``status`` (OK or ERROR), ``message``, ``data_type``, ``data`` (empty) and ``data_str``, which is
JSON inside a string. Two readers stand on it: ``parse_response`` for reads, ``parse_restore_response`` for a
restore and its dry run, where what is not known must not be called a failure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import from_json

from restore_tui.kinetica.errors import (
    AuthenticationFailed,
    EndpointMissing,
    KineticaError,
    OutcomeUnknown,
    RequestRejected,
    ServerUnavailable,
    UnrecognizedResponse,
)
from restore_tui.kinetica.responses.lenient import to_plain_key, to_str
from restore_tui.kinetica.responses.server_messages import NOTHING, speaks_of_going_away
from restore_tui.kinetica.sanitize import sanitize, sanitize_block

_PROVES_A_REFUSAL = frozenset({200, 400, 401, 403, 404})
"""HTTP statuses with which an ERROR envelope is the server's own response. With any other it may be a gateway's, or
that of a server that lost what works for it, and proves nothing about a restore."""
_PROVES_AN_OK = frozenset({200, 201})
"""HTTP statuses with which an OK says that it was done. 202 says that it was accepted, 206 that a part came."""
_UNAUTHORISED, _NOT_FOUND = 401, 404
GOING_AWAY = "The server reports that it is shutting down, or cannot serve now."
_SEARCHED = 20_000
"""Bytes of a response that is no envelope, of which the first words are shown."""
_REPEATED = "The response has the same key twice, so it can be read in two ways."
_NOT_DECODED = "The server said OK, but the response inside cannot be decoded."


class Unreadable(ValueError):
    """The bytes are no envelope of the expected kind; the text says why."""


@dataclass(frozen=True)
class Envelope:
    """``data`` is the decoded ``data_str`` of an OK, and empty for an ERROR."""

    ok: bool
    message: str
    data: dict[str, Any]


def strict_json(text: str | bytes) -> Any:
    """Decode JSON in which no object has a key twice: which of two values counts is anybody's guess. Raises
    RepeatedKey for one that has, ValueError for what is no JSON."""
    return json.loads(text, object_pairs_hook=_unique)


class RepeatedKey(ValueError):
    """An object in the JSON has the same key twice."""


def _one_spelling(value: Any) -> Any:
    """Return a decoded object of which no two keys differ in case and separators alone: ``status`` beside ``STATUS``
    can be read in two ways. Only for keys that are fields: names of objects may well differ so. Raises RepeatedKey."""
    if isinstance(value, dict) and len({to_plain_key(key) for key in value}) != len(value):
        raise RepeatedKey
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise RepeatedKey
    return made


def _outer(body: bytes, strict: bool) -> Any:
    """Decode what is around the response. pydantic's decoder is three times as fast with a long string, but takes
    no half of a surrogate pair; where it does not get on, the standard library's has the last word."""
    if strict:
        return _one_spelling(strict_json(body))
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)


def open_envelope_text(body: bytes, data_type: str, *, strict: bool = False) -> tuple[Envelope, str]:
    """The envelope, with ``data`` still empty, and the text of the response in it. ``strict`` refuses an envelope with
    a repeated key. Raises Unreadable where it is none, or not one with a response of ``data_type``."""
    if not body or body.isspace():
        raise Unreadable("The response is empty.")
    try:
        outer = _outer(body, strict)
    except RepeatedKey:
        raise Unreadable(_REPEATED) from None
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            raise Unreadable("The response is a web page, not JSON.") from None
        raise Unreadable("The response is not JSON, or was cut off.") from None
    if not isinstance(outer, dict) or outer.get("status") not in ("OK", "ERROR"):
        raise Unreadable("The response is JSON, but not in Kinetica's envelope.")
    message = _messages_in(outer)
    if outer["status"] == "ERROR":
        if strict and to_str(outer.get("data_str")).strip() not in _EMPTY:
            raise Unreadable("The server said ERROR, but with a response inside.")
        return Envelope(False, message, {}), ""
    if outer.get("data_type") != data_type:
        raise Unreadable(
            f"The response is of the type {sanitize(outer.get('data_type'), 60)}, not {data_type}."
        )
    text = outer.get("data_str", "")
    if not isinstance(text, str):
        raise Unreadable(_NOT_DECODED)
    return Envelope(True, message, {}), text


_EMPTY = ("", "{}", "null", "none")
_FIELDS = frozenset({"status", "message", "datatype", "data", "datastr"})


def _messages_in(outer: dict[str, Any]) -> str:
    """Return the message of an envelope, with whatever stands beside the five documented fields and reports
    anything: a key such as ``error`` must not be lost."""
    message = to_str(outer.get("message")) if outer.get("message") else ""
    beside = {key: to_str(value).strip() for key, value in outer.items() if to_plain_key(key) not in _FIELDS}
    return "\n".join(
        filter(
            None,
            [message, *(f"{key}: {text}" for key, text in beside.items() if text.casefold() not in NOTHING)],
        )
    )


def open_envelope(body: bytes, data_type: str) -> Envelope:
    """The envelope and the response in it, without a repeated key in either. Raises Unreadable like
    ``open_envelope_text``."""
    envelope, text = open_envelope_text(body, data_type, strict=True)
    return replace(envelope, data=decode_strictly(text)) if envelope.ok else envelope


def decode_strictly(text: str) -> dict[str, Any]:
    """Decode the response in an envelope. Raises Unreadable for one with a repeated key, and for what is no object."""
    return _decoded(text, lambda text: _one_spelling(strict_json(text)))


def _decoded(text: str, decode: Callable[[str], Any] | None = None) -> dict[str, Any]:
    try:
        data = (decode or json.loads)(text)
    except RepeatedKey:
        raise Unreadable(_REPEATED) from None
    except (ValueError, RecursionError):
        raise Unreadable(_NOT_DECODED) from None
    if not isinstance(data, dict):
        raise Unreadable("The server said OK, but the response inside is not an object.")
    return data


Redact = Callable[[str], str]
"""Takes secrets out of the words that an error quotes. What they mean is judged before that."""


def parse_response(
    http_status: int,
    body: bytes,
    data_type: str,
    decode: Callable[[str], dict[str, Any]] = _decoded,
    redact: Redact = str,
    *,
    strict: bool = False,
) -> tuple[dict[str, Any], str]:
    """The response to a read, and the message that came with it. ``decode`` makes it from the text in the envelope, and
    raises ValueError where it cannot. ``strict`` decodes it without, and refuses repeated keys and an OK in an HTTP
    error. Raises the KineticaError that fits what came instead."""
    try:
        envelope, text = open_envelope_text(body, data_type, strict=strict)
        if envelope.ok and strict and not 200 <= http_status < 300:
            raise Unreadable("The server said OK, but in an error.")  # of a job, that is a contradiction
        if envelope.ok and strict:
            return decode_strictly(text), envelope.message
        if envelope.ok:
            return decode(text), envelope.message
    except Unreadable as unreadable:
        raise _unreadable_read(http_status, redact(str(unreadable)), _excerpt(body, redact)) from None
    except (ValueError, RecursionError):
        raise _unreadable_read(http_status, _NOT_DECODED, _excerpt(body, redact)) from None
    if http_status != _UNAUTHORISED and speaks_of_going_away(envelope.message):
        raise ServerUnavailable(GOING_AWAY, server_message=sanitize_block(redact(envelope.message)))
    raise _refusal(http_status, sanitize_block(redact(envelope.message)))


def parse_restore_response(
    http_status: int, body: bytes, data_type: str, names: Collection[str] = (), redact: Redact = str
) -> tuple[dict[str, Any], str]:
    """The response to a restore or dry run, and the message that came with it.

    Known is: an OK envelope with the right data_type in a 2xx, or an ERROR envelope in one of the statuses that prove
    a refusal, whose message does not speak of a server going away (raised as RequestRejected). Everything else raises
    OutcomeUnknown. ``names`` are the objects that were requested: what they are called says nothing of the server.
    """
    try:
        envelope = open_envelope(body, data_type)
    except Unreadable as unreadable:
        unknown = OutcomeUnknown(
            _with_status(redact(str(unreadable)), http_status), server_message=_excerpt(body, redact)
        )
        unknown.http_status = http_status
        raise unknown from None
    if not envelope.ok:
        words = sanitize_block(redact(envelope.message))
        if speaks_of_going_away(envelope.message, names):
            raise OutcomeUnknown(GOING_AWAY, server_message=words)
        if http_status not in _PROVES_A_REFUSAL:
            raise OutcomeUnknown(
                f"The response is an error with HTTP {http_status}, which proves nothing.",
                server_message=words,
            )
        raise _refusal(http_status, words)
    if http_status not in _PROVES_AN_OK:
        raise OutcomeUnknown(f"The server said OK, but in an HTTP {http_status}.")
    return envelope.data, envelope.message


def _refusal(http_status: int, words: str) -> KineticaError:
    if http_status == _UNAUTHORISED:
        return AuthenticationFailed("The server refused the login (HTTP 401).", server_message=words)
    if http_status == _NOT_FOUND:
        return EndpointMissing("The server has no such endpoint (HTTP 404).", server_message=words)
    return RequestRejected(
        "The server reported an error.",
        server_message=words or f"(The server gave no reason; HTTP {http_status}.)",
    )


def _unreadable_read(http_status: int, why: str, words: str) -> KineticaError:
    if http_status == _UNAUTHORISED:
        return AuthenticationFailed("The server refused the login (HTTP 401).", server_message=words)
    if http_status == _NOT_FOUND:
        return EndpointMissing("There is no such endpoint (HTTP 404).", server_message=words)
    if 300 <= http_status < 400:
        return ServerUnavailable(f"The response is a redirect (HTTP {http_status}), which is not followed.")
    if http_status >= 500:
        return ServerUnavailable(_with_status(why, http_status), server_message=words)
    return UnrecognizedResponse(_with_status(why, http_status), server_message=words)


def _with_status(why: str, http_status: int) -> str:
    return why if 200 <= http_status < 300 else f"{why[:-1]} (HTTP {http_status})."


def _excerpt(body: bytes, redact: Redact) -> str:
    """The beginning of what is no envelope. It is cut after its secrets are out, lest half of one is left."""
    beginning = body[:_SEARCHED]
    text = beginning.decode(json.detect_encoding(beginning), "replace")
    return sanitize_block(redact(text)[:600], 300).strip()
