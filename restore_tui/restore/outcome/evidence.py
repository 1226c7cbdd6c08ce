"""What became of a restore whose response was lost: where to look, and what is proof.

Before the request goes out the ids of the jobs, the keys of the history's rows and the server's own time are noted.
Only what is new since counts, and only what can be identified as this restore settles its outcome: a job or a row with
its id, its tag or the id of its command, or a row in which everything else agrees. Our clock and time zone play no
part. Nothing here sends a restore, and that nothing is found settles nothing.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, TimedOut
from restore_tui.kinetica.jobs import TERMINAL_STATES, Job, JobStatus, JobTicket, RunningJob
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.clock import Clock
from restore_tui.restore.outcome.history_evidence import evidence_from_history
from restore_tui.restore.outcome.outcome_query import (
    MAX_MESSAGE_CHARS,
    Baseline,
    Evidence,
    OutcomeCheck,
    OutcomeQuery,
    ServerClock,
    unavailable,
)
from restore_tui.restore.polling import job_result, or_error, refuses_login
from restore_tui.restore.receipts.model import Source

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient

log = logging.getLogger(__name__)

BASELINE_SECONDS = 10.0
"""How long the restore is kept waiting for what is noted before it."""


async def capture_baseline(client: KineticaClient, backup: str, clock: Clock) -> Baseline:
    """Read what is there before the restore. It never keeps a restore from going out: what cannot be read in time
    is noted as not read."""
    running, history, time = await asyncio.gather(
        or_error(client.running_jobs(), BASELINE_SECONDS),
        or_error(client.history(backup), BASELINE_SECONDS),
        or_error(_read_clock(client, clock), BASELINE_SECONDS),
    )
    if any(isinstance(read, TimedOut) for read in (running, history, time)):
        log.warning("what was there before the restore could not be recorded in time")
    return Baseline(
        None if isinstance(running, KineticaError) else frozenset(job.id for job in running),
        None if isinstance(history, KineticaError) else frozenset(row.key for row in history),
        None if isinstance(time, KineticaError) else time,
    )


async def _read_clock(client: KineticaClient, clock: Clock) -> ServerClock | None:
    asked = clock.monotonic()
    moment = await client.server_time()
    return None if moment is None else ServerClock(moment, asked, clock.monotonic())


async def other_restores(client: KineticaClient) -> tuple[RunningJob, ...]:
    """The restores that run on the server now, whosever they are. Raises KineticaError."""
    return tuple(job for job in await client.running_jobs() if job.is_restore and not job.is_over)


async def check_outcome(client: KineticaClient, trace: OutcomeQuery, at: datetime) -> OutcomeCheck:
    """Look everywhere, once. Raises nothing but cancellation: what cannot be read is a finding, too."""
    other = await _other_cluster(client, trace.cluster)
    if other is not None:
        return OutcomeCheck(at, (other,))
    job, running, history = await asyncio.gather(
        or_error(client.job(trace.ticket)) if trace.ticket else _no_evidence(),
        or_error(client.running_jobs()),
        or_error(client.history(trace.backup)),
    )
    findings = [] if job is None else [await asyncio.to_thread(_evidence_from_job, job, trace.ticket)]
    findings.append(_evidence_from_running_jobs(running, trace))
    in_history = evidence_from_history(history, trace)
    if isinstance(job, Job) and (job.contradiction or job.status is JobStatus.CANCELLED):
        in_history = _disputed(in_history)
    return OutcomeCheck(at, (*findings, in_history))


def _disputed(finding: Evidence) -> Evidence:
    """Return what the history says as evidence alone, where it calls a restore complete of which the job's own response
    says otherwise: of two sources that disagree none is proof."""
    if not finding.is_conclusive or finding.error is not None:
        return finding
    return replace(
        finding, identity="", text=f"{finding.text} The job says otherwise, so this proves nothing."
    )


async def _no_evidence() -> None:
    return None


async def _other_cluster(client: KineticaClient, cluster: str) -> Evidence | None:
    """Another cluster of a high-availability ring has jobs and a history of its own: what it says is no evidence."""
    server = await or_error(client.server())
    if isinstance(server, KineticaError) and refuses_login(server) and await client.read_login_again():
        server = await or_error(client.server())
    if isinstance(server, KineticaError):
        return Evidence(Source.SERVER, f"It cannot be read now: {server.what}")
    if cluster and server.cluster != cluster:
        name = sanitize(server.cluster, 60) or "(unknown)"
        return Evidence(
            Source.SERVER,
            f"Another cluster responds now, {name}: what it knows is no evidence of this restore.",
        )
    return None


def _evidence_from_job(job: Job | KineticaError, ticket: JobTicket | None) -> Evidence:
    """The job that the restore was sent as, by its id or by the tag that only this run has."""
    if isinstance(job, KineticaError) or ticket is None:
        job = (
            job if isinstance(job, KineticaError) else OutcomeUnknown("It was not sent as a background job.")
        )
        return Evidence(Source.JOB, unavailable(job))
    if job.status is JobStatus.OTHER:
        return Evidence(
            Source.JOB, f"Its status is {sanitize(job.message, 40) or '(empty)'}, which proves nothing."
        )
    if job.status not in TERMINAL_STATES:
        percent = "" if job.progress is None else f", {job.progress} %"
        return Evidence(Source.JOB, f"It is running{percent}.", running=True)
    response, error = job_result(job)
    text = (
        f"{error.what} {sanitize(error.server_message, MAX_MESSAGE_CHARS)}"
        if error
        else "It is done, and its response was read."
    )
    if isinstance(error, OutcomeUnknown):
        return Evidence(Source.JOB, text.strip())
    identity = f"job {ticket.id}" if ticket.id is not None else f"tag {ticket.tag}"
    return Evidence(Source.JOB, text.strip(), identity=identity, response=response, error=error)


def _evidence_from_running_jobs(
    jobs: tuple[RunningJob, ...] | KineticaError, trace: OutcomeQuery
) -> Evidence:
    """Restores at work. They never settle an outcome; one that is new and this user's shows that it goes on."""
    if isinstance(jobs, KineticaError):
        return Evidence(Source.RUNNING, unavailable(jobs))
    restores = [job for job in jobs if job.is_restore and not job.is_over]
    if trace.baseline.jobs is None:
        count = f"{len(restores)} run now" if restores else "none runs now"
        return Evidence(
            Source.RUNNING,
            f"Of restores, {count}; what ran before this one could not be recorded, so none can be "
            "identified as this one.",
        )
    new = [
        job
        for job in restores
        if trace.is_newer_job(job.id) and (not trace.user or job.user in ("", trace.user))
    ]
    if not new:
        return Evidence(Source.RUNNING, f"No new restore {_owner(trace)} is running.")
    ids = ", ".join(sanitize(job.id, 24) for job in new)
    if len(new) > 1:
        return Evidence(
            Source.RUNNING,
            f"{len(new)} restores {_owner(trace)} have started since: {ids}. Which one is this restore is unknown.",
        )
    return Evidence(
        Source.RUNNING, f"A restore {_owner(trace)} that has started since runs: job {ids}.", running=True
    )


def _owner(trace: OutcomeQuery) -> str:
    return "of this user" if trace.user else "of any user"
