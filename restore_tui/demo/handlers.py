"""Endpoint and body in, reply out: which function answers what, and when the server says no before any of them."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any

from restore_tui.demo.engine import restore
from restore_tui.demo.restore_request import read_restore_request
from restore_tui.demo.shows import show_backup, show_datasource, show_system_properties, show_system_status
from restore_tui.demo.versions import ServerVersion
from restore_tui.demo.wire import Body, Received, Refusal, Reply, ok_reply, refusal_reply
from restore_tui.demo.world import World

DEMO_TOKEN = "demo-token"  # noqa: S105 - the published password of a toy

Handler = Callable[[Any], Body]


class Answers:
    """All that the server can answer, for one world, one user and one version.

    ``public_url`` gives the server's own URL, which is only known once it listens.
    """

    def __init__(
        self, world: World, version: ServerVersion, user: str, password: str, public_url: Callable[[], str]
    ):
        self._user = user
        self._password = password
        self._handlers: dict[str, tuple[str, Handler]] = {
            "/show/datasource": ("show_datasource_response", lambda body: show_datasource(world, body)),
            "/show/system/properties": (
                "show_system_properties_response",
                lambda body: show_system_properties(version, world.ranks, public_url(), body),
            ),
            "/show/system/status": ("show_system_status_response", show_system_status),
        }
        if version.has_backups:
            self._handlers["/show/backup"] = ("show_backup_response", lambda body: show_backup(world, body))
            self._handlers["/restore/backup"] = (
                "restore_backup_response",
                lambda body: restore(world, read_restore_request(body, version)),
            )

    def answer(self, received: Received) -> Reply:
        """The reply to a request, also where it is no."""
        try:
            self._check_method(received)
            self._check_credentials(received.headers.get("authorization", ""))
            data_type, handler = self._handler(received.endpoint)
            return ok_reply(data_type, handler(_json_body(received)))
        except Refusal as refusal:
            return refusal_reply(refusal)

    def _check_method(self, received: Received) -> None:
        if received.method != "POST":
            raise Refusal(
                f"Method {received.method} is not allowed; use POST",
                http_status=405,
                headers=(("Allow", "POST"),),
            )

    def _check_credentials(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer":
            accepted = _same(given.strip().encode(), DEMO_TOKEN.encode())
        else:
            accepted = scheme.lower() == "basic" and self._is_known_login(given)
        if not accepted:
            raise Refusal(
                "Unauthorized: invalid credentials (SEC:1302)",
                http_status=401,
                headers=(("WWW-Authenticate", 'Basic realm="Kinetica"'),),
            )

    def _is_known_login(self, encoded: str) -> bool:
        try:
            login = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return _same(login, f"{self._user}:{self._password}".encode())

    def _handler(self, endpoint: str) -> tuple[str, Handler]:
        if endpoint not in self._handlers:
            raise Refusal(f"Unknown endpoint '{endpoint}'", http_status=404)
        return self._handlers[endpoint]


def _same(given: bytes, expected: bytes) -> bool:
    return hmac.compare_digest(given, expected)


def _json_body(received: Received) -> Any:
    content_type = received.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() not in ("", "application/json"):
        raise Refusal(f"Content type '{content_type}' is not served here; send application/json (REQ:1005)")
    try:
        return received.json()
    except ValueError as error:
        raise Refusal(f"Request body is not valid JSON: {error} (REQ:1006)") from error
