"""The dry run, and how long its response is worth something.

A dry run is bound to the fingerprint of the plan and of where it went. It is void when either changed or
when it is too old; a void one opens no way to a restore.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from restore_tui.kinetica import reference
from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import (
    BackgroundJobUnsupported,
    EndpointMissing,
    KineticaError,
    OutcomeUnknown,
    Remedy,
    RequestRejected,
)
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.reference import OptionKind
from restore_tui.kinetica.responses import echo
from restore_tui.restore.clock import Clock
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import DIRECT, JOB, Destination, fingerprint, restore_body
from restore_tui.restore.plan.schema_map import target_schemas
from restore_tui.restore.polling import Cancelled, ProgressCallback, ignore_progress, job_result, poll_job
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.response_check import response_differences
from restore_tui.restore.preflight.results import ObjectResults, build_results
from restore_tui.restore.text_format import dated_id, limit

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.responses.models import RestoreResponse

MAX_AGE = timedelta(minutes=15)


@dataclass(frozen=True)
class DryRun:
    """A dry run that the server reported as OK at ``at``, after ``seconds``. ``completed_monotonic`` is the reading of
    the monotonic clock then: it ages a dry run also when the time of day is set back. ``destination.mode`` is the mode
    in which it ran, ``job_tag`` the tag of its job (empty for none) and ``job_id`` its id, and ``job_refusal`` why the
    server took no job where one was tried. ``conflicts`` is our own conflict check. ``stale_reason`` says what has
    changed on the server since, where the check before the confirmation found that. ``listed`` is the snapshot as the
    server lists it; None for an id that was typed, and that no list of the server had."""

    plan: RestorePlan
    destination: Destination
    contents: Contents
    response: RestoreResponse
    at: datetime
    seconds: float
    fingerprint: str
    completed_monotonic: float | None = None
    job_tag: str = ""
    job_id: int | None = None
    job_refusal: str = ""
    conflicts: ConflictReport = field(default_factory=ConflictReport)
    stale_reason: str = ""
    listed: Snapshot | None = None

    @property
    def snapshot_id(self) -> str:
        """The snapshot that the restore is for: the one that is sent. Where the id is left empty, the one that the
        dry run used, as the server reports it, else the newest that was listed. May be empty."""
        if isinstance(self.plan.snapshot, PinnedSnapshot):
            return self.plan.snapshot.id
        if self.response.backup_id is not None:
            return str(self.response.backup_id)
        return self.plan.listed_snapshot_id

    def voided(self, reason: str) -> DryRun:
        """The same dry run, void for a reason that is a sentence or more."""
        return replace(self, stale_reason=f"{reason} That makes the dry run stale.")

    def results(self) -> ObjectResults:
        """Every requested object, with what the dry run says of it."""
        return self._results

    @cached_property
    def _results(self) -> ObjectResults:
        return self.results_after(None)

    def results_after(self, restore: RestoreResponse | None) -> ObjectResults:
        """The same, with what the response of the restore says."""
        return build_results(
            self.plan.objects,
            self.contents,
            self.response,
            restore,
            targets=target_schemas(self.plan),
            seen=self.conflicts.seen,
        )

    def age(self, now: datetime) -> timedelta:
        return now - self.at

    def staleness_reason(
        self, plan: RestorePlan, target: Destination, now: datetime, max_age: timedelta = MAX_AGE
    ) -> str | None:
        """Why this dry run says nothing about ``plan`` any more; None while it does."""
        if fingerprint(plan, target) != self.fingerprint:
            if target != self.destination and replace(target, mode=self.destination.mode) == self.destination:
                return f"The dry run used mode {self.destination.mode}; the current mode is {target.mode}."
            if target != self.destination:
                return "The dry run ran against another server, or as another user."
            return "The plan has changed since the dry run."
        if self.stale_reason:
            return self.stale_reason
        age = self.age(now)
        if age < timedelta(0):
            return "The clock was set back since the dry run."
        if age > max_age:
            return f"The dry run is older than {limit(max_age)}."
        return None


async def run_dry_run(
    client: KineticaClient,
    plan: RestorePlan,
    target: Destination,
    contents: Contents,
    clock: Clock,
    *,
    wish: str = DIRECT,
    tag: str = "",
    report: ProgressCallback = ignore_progress,
    snapshots: Sequence[Snapshot] = (),
) -> DryRun:
    """Send the dry run, once, and find out at no risk which way the restore can take.

    ``wish`` is ``auto``, ``job`` or ``direct``; ``tag`` is the job's, of this submission alone. With ``auto`` a server
    that does not take the job is sent the dry run directly. ``snapshots`` are those of the backup, as far as they are
    listed. Raises what ``KineticaClient.restore_backup`` raises, and DryRunMismatch for a response about something
    else: it proves nothing about this plan.
    """
    began = clock.monotonic()
    body = restore_body(plan, dry_run=True)
    response, no_job, job_id = None, "", None
    if wish != DIRECT:
        try:
            ticket = await client.create_restore_job(body, tag)
        except KineticaError as error:
            if not _job_unsupported(error):
                raise
            no_job = error.server_message or error.what
            if wish == JOB:
                raise BackgroundJobUnsupported(
                    "The server does not support running restores as background jobs.", server_message=no_job
                ) from None
        else:
            response, job_id = await _await_dry_run_job(client, ticket, clock, report), ticket.id
    way = DIRECT if response is None else JOB
    if response is None:
        response = await client.restore_backup(body)
    target = replace(target, mode=way)
    foreign = response_differences(response, plan, dry_run=True, snapshot=plan.snapshot_id)
    if foreign:
        raise DryRunMismatch(
            client.redact(" ".join(_mismatch(difference, snapshots) for difference in foreign))
        )
    dry_run = DryRun(
        plan=plan,
        destination=target,
        contents=contents,
        response=response,
        at=clock.now(),
        seconds=clock.monotonic() - began,
        fingerprint=await asyncio.to_thread(fingerprint, plan, target),
        completed_monotonic=clock.monotonic(),
        job_tag=tag if way == JOB else "",
        job_id=job_id,
        job_refusal=no_job,
    )
    return replace(dry_run, listed=next((s for s in snapshots if s.id == dry_run.snapshot_id), None))


class DryRunMismatch(KineticaError):
    """The server answered a dry run with the dry run of something else."""

    title = "Dry run does not match"
    impact = "It proves nothing about this plan, so there is nothing to confirm. Nothing has been restored."
    hint = "Repeat the dry run. If the response is the same again, do not restore this from here."
    remedy = Remedy.RETRY


def _mismatch(difference: echo.Difference, snapshots: Sequence[Snapshot]) -> str:
    """Return a difference as a sentence, snapshots with their times: two ids differ in the middle."""
    if difference.what != echo.SNAPSHOT:
        return difference.sentence
    listed = {one.id: one for one in snapshots}
    reported, requested = (
        dated_id(listed.get(snapshot), snapshot)
        + ("" if snapshot in listed else " (not in the list of snapshots)")
        for snapshot in (difference.reported, difference.requested)
    )
    return f"The dry run was for snapshot {reported}, but snapshot {requested} was requested."


def _job_unsupported(error: KineticaError) -> bool:
    """Whether the server said no to the job as such: with an error of its own, or that it has no such endpoint. A page
    of a proxy with 404 says the same; for a dry run, which changes nothing, it may be believed."""
    if isinstance(error, OutcomeUnknown):
        return error.http_status == HTTPStatus.NOT_FOUND
    return isinstance(error, RequestRejected | EndpointMissing)


async def _await_dry_run_job(
    client: KineticaClient, ticket: JobTicket, clock: Clock, report: ProgressCallback
) -> RestoreResponse:
    """Cancelled from outside when nobody waits for it any more; a dry run that goes on changes nothing."""
    job = await poll_job(client, ticket, clock, asyncio.Event(), report)
    assert job is not None  # nothing stops the following but its end
    response, error = await asyncio.to_thread(job_result, job)
    if isinstance(error, RequestRejected):
        raise RequestRejected("The dry run ended with an error.", server_message=error.server_message)
    if isinstance(error, Cancelled):
        raise RequestRejected("The dry run was canceled.", server_message=error.server_message)
    if response is None:
        raise error or OutcomeUnknown("The job ended without a response.")
    return response


def _step_of(option: reference.Option) -> str:
    return "snapshot" if option.kind is OptionKind.SNAPSHOT else "options"


_UNKNOWN_KEY = re.compile(r"Parameter map key: '([^']*)' is not a valid parameter")
_STEP_BY_MESSAGE: Sequence[tuple[tuple[str, ...], str]] = (
    (("exist in backup", "not in the snapshot", "does not contain"), "objects"),
    (("already exist", "conflict"), "options"),
    (("privilege", "permission", "not authorized", "unauthorized", "credentials"), "connect"),
    *(
        ((option.name,), _step_of(option))
        for option in reference.OPTIONS
        if option.kind is not OptionKind.DRY_RUN
    ),
    (("option",), "options"),
    (("snapshot",), "snapshot"),
    (("schema",), "options"),
    (("object", "table", "restore_objects_map"), "objects"),
    (("backup",), "backup"),
    (("data source", "datasource"), "data_source"),
)


def refused_option(words: str) -> str:
    """The key that the server does not know, in the one wording of it that is attested; else empty."""
    found = _UNKNOWN_KEY.search(words)
    return found[1] if found else ""


def suggest_step(words: str) -> str:
    """The part of the plan (or ``connect``) that most likely mends a refusal, read from the server's words.

    The wording is not documented, so this is a suggestion of where to look, and shown as one.
    """
    key = refused_option(words)
    if key in reference.TYPE_NAMES:
        return "objects"
    if reference.is_option(key):
        return _step_of(reference.option(key))
    said = words.lower()
    return next((part for signs, part in _STEP_BY_MESSAGE if any(sign in said for sign in signs)), "objects")
