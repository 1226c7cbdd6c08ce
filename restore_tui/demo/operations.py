"""What a request makes the server do, in its phases: begun and checked, and ended, as time is needed in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from restore_tui.demo import history
from restore_tui.demo.engine import Restore, apply_restore, plan_restore, response_of
from restore_tui.demo.model import HistoryRow, World
from restore_tui.demo.protocol import Body, Refusal
from restore_tui.demo.restore_request import RestoreRequest, read_restore_request
from restore_tui.demo.scheduler import Scheduler
from restore_tui.demo.version import ServerVersion


class Clock:
    """The time of day on the server: it starts as the world's ``now`` and goes on with the stopwatch."""

    def __init__(self, world: World, stopwatch: Scheduler):
        self._world = world
        self._stopwatch = stopwatch
        self._began = stopwatch.now()

    def moment(self) -> datetime:
        return self._world.now + timedelta(seconds=self._stopwatch.now() - self._began)


class Work(Protocol):
    """``begin`` once; then, when its time has passed, ``finish``, or ``give_up`` before that."""

    def begin(self, job_id: int) -> int | None:
        """Read and check. ``job_id`` is 0 where it is no background job. Raises Refusal.

        Returns the bytes that it has to move, which take their time; None: it takes none, whatever the server.
        """
        ...

    def finish(self) -> Body:
        """Do it, and return the fields of the answer. Raises Refusal."""
        ...

    def give_up(self, reason: str) -> None:
        """It was cancelled, or died: nothing of it is done."""
        ...


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
