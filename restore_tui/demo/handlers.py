"""Endpoint and body in, reply out: which function answers what, and when the server says no before any of them."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from restore_tui.demo import history
from restore_tui.demo.jobs import Clock, JobCalls, JobFault, Jobs, Work, user_data_of
from restore_tui.demo.model import HistoryRow, World
from restore_tui.demo.protocol import (
    CREATE_JOB,
    RESTORE,
    Body,
    Received,
    Refusal,
    Reply,
    data_type,
    ok_reply,
    refusal_reply,
)
from restore_tui.demo.restore import Restore, apply_restore, plan_restore, response_of
from restore_tui.demo.restore_request import RestoreRequest, read_restore_request
from restore_tui.demo.show_endpoints import (
    show_backup,
    show_credential,
    show_datasink,
    show_datasource,
    show_schema,
    show_security,
    show_system_properties,
    show_system_status,
    show_table,
    verify_backup,
)
from restore_tui.demo.sql import execute_sql
from restore_tui.demo.version import ServerVersion

DEMO_TOKEN = "demo-token"  # noqa: S105 - the published password of a toy

Handler = Callable[[Any], Body]

AS_IT_IS = JobFault()


def unauthorized() -> Refusal:
    return Refusal(
        "Unauthorized: invalid credentials (SEC:1302)",
        http_status=401,
        headers=(("WWW-Authenticate", 'Basic realm="Kinetica"'),),
    )


def unknown_endpoint(endpoint: str) -> Refusal:
    return Refusal(f"Unknown endpoint '{endpoint}'", http_status=404)


class PlainWork:
    """A call that is answered at once."""

    def __init__(self, handler: Callable[[Any], Body], body: Any):
        self._handler = handler
        self._body = body

    def begin(self, job_id: int) -> int | None:
        return None

    def finish(self) -> Body:
        return self._handler(self._body)

    def give_up(self, reason: str) -> None:
        """There is nothing to leave undone."""


class RestoreWork:
    """A restore or its dry run: what it restores is live at its end, all at once, and nothing before."""

    def __init__(self, world: World, version: ServerVersion, user: str, clock: Clock, body: Any):
        self._world = world
        self._version = version
        self._user = user
        self._clock = clock
        self._body = body
        self._request: RestoreRequest
        self._decided: Restore
        self._row: HistoryRow

    def begin(self, job_id: int) -> int | None:
        request = read_restore_request(self._body, self._version)
        with self._world.lock:
            self._row = history.restore_began(
                self._world, request, user=self._user, job_id=job_id, moment=self._clock.moment()
            )
            decided = self._decide(request)
            history.snapshot_chosen(self._row, decided.snapshot)
        self._decided = decided
        # Whatever happens in the meantime: it is this snapshot, and this place for what has to move.
        self._request = replace(
            request,
            backup_id=str(decided.snapshot.id),
            renamed_objects_schema=decided.renamed_schema or request.renamed_objects_schema,
        )
        return None if request.dry_run else decided.bytes

    def finish(self) -> Body:
        with self._world.lock:
            decided = self._decided
            if not self._request.dry_run:
                # The world may have changed since: what stands in the way now fails it as it would have before.
                decided = self._decide(self._request)
                apply_restore(self._world, decided)
            history.restore_ended(
                self._row, decided, dry_run=self._request.dry_run, moment=self._clock.moment()
            )
        return response_of(decided)

    def give_up(self, reason: str) -> None:
        with self._world.lock:
            history.restore_failed(self._row, reason, moment=self._clock.moment())

    def _decide(self, request: RestoreRequest) -> Restore:
        try:
            return plan_restore(self._world, request)
        except Refusal as refusal:
            self.give_up(str(refusal))
            raise


class Answers:
    """All that the server can answer, for one world, one user and one version.

    ``public_url`` gives the server's own URL, which is only known once it listens.
    """

    def __init__(
        self,
        world: World,
        version: ServerVersion,
        user: str,
        password: str,
        public_url: Callable[[], str],
        jobs: Jobs,
    ):
        self._world = world
        self._version = version
        self._user = user
        self._password = password
        self._jobs = jobs
        self._job_calls = JobCalls(jobs, user, self._work)
        handlers: dict[str, Handler] = {
            "/show/system/properties": lambda body: show_system_properties(
                version, world.ranks, public_url(), body
            ),
            "/show/system/status": show_system_status,
            "/show/datasource": lambda body: show_datasource(world, body),
            "/show/backup": lambda body: show_backup(world, version, body),
            "/verify/backup": lambda body: verify_backup(world, body),
            "/show/schema": lambda body: show_schema(world, body),
            "/show/table": lambda body: show_table(world, body),
            "/show/datasink": lambda body: show_datasink(world, body),
            "/show/credential": lambda body: show_credential(world, body),
            "/show/security": lambda body: show_security(world, user, body),
            "/get/job": self._job_calls.get_job,
            "/admin/show/jobs": self._job_calls.show_jobs,
            "/admin/alter/jobs": self._job_calls.alter_jobs,
            "/execute/sql": lambda body: execute_sql(world, jobs.clock.moment, body),
        }
        self._handlers = {
            endpoint: handler for endpoint, handler in handlers.items() if version.has_endpoint(endpoint)
        }

    def answer(self, received: Received, fate: JobFault = AS_IT_IS) -> Reply:
        """The reply to a request, also where it is no. A restore, or the job that is created, meets its ``fate``."""
        try:
            self._check_method(received)
            if not self.lets_in(received.headers.get("authorization", "")):
                raise unauthorized()
            endpoint = received.endpoint
            return ok_reply(data_type(endpoint), self._data(endpoint, received, fate))
        except Refusal as refusal:
            return refusal_reply(refusal)

    def _data(self, endpoint: str, received: Received, fate: JobFault) -> Body:
        if endpoint == CREATE_JOB:
            return self._job_calls.create_job(_json_body(received), fate)
        if endpoint == RESTORE and self._version.has_endpoint(RESTORE):
            body = _json_body(received)
            return self._jobs.answer(self._work(endpoint, body), endpoint, user_data_of(body), fate)
        return self._handler(endpoint)(_json_body(received))

    def _work(self, endpoint: str, body: Any) -> Work:
        """What a background job of that endpoint does. Raises Refusal for one that the version lacks."""
        if endpoint == RESTORE and self._version.has_endpoint(RESTORE):
            return RestoreWork(self._world, self._version, self._user, self._jobs.clock, body)
        return PlainWork(self._handler(endpoint), body)

    def _check_method(self, received: Received) -> None:
        if received.method != "POST":
            raise Refusal(
                f"Method {received.method} is not allowed; use POST",
                http_status=405,
                headers=(("Allow", "POST"),),
            )

    def lets_in(self, authorization: str) -> bool:
        """Whether a header has the right login in it."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return _same(given.strip().encode(), DEMO_TOKEN.encode())
        return scheme.lower() == "basic" and self._is_known_login(given)

    def _is_known_login(self, encoded: str) -> bool:
        try:
            login = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return _same(login, f"{self._user}:{self._password}".encode())

    def _handler(self, endpoint: str) -> Handler:
        if endpoint not in self._handlers:
            raise unknown_endpoint(endpoint)
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
