"""What became of a restore whose answer was lost: where to look, and what is proof.

Before the request goes out the ids of the jobs and the keys of the history's rows are noted. Only what is new since
counts; clocks and time zones do not. Nothing here sends a restore, and that nothing is found settles nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica.errors import STOPPED_MIDWAY, KineticaError, OutcomeUnknown, Refused, TimedOut
from restore_tui.kinetica.jobs import ENDS, HistoryRow, Job, JobStatus, JobTicket, RunningJob
from restore_tui.kinetica.text import harmless, harmless_block
from restore_tui.restore.following import read_end

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.models import RestoreAnswer

log = logging.getLogger(__name__)

SECONDS_TO_NOTE = 10.0
"""How long the restore is kept waiting for what is noted before it."""

JOB, RUNNING, HISTORY, SERVER = "background job", "running jobs", "backup history", "server"

_COMPLETE, _FAILED, _IN_PROGRESS = "restore_complete", "restore_failed", "restore_in_progress"
_TROUBLE = re.compile(r"fail|error|skip|could not|unable|incomplete|partial", re.IGNORECASE)
_BETWEEN_NAMES = (re.compile(r"[,=]"), re.compile(r"[,=:\"'(){}\[\]]"))
_WORDS = 300
Told = TypeVar("Told")


@dataclass(frozen=True)
class Noted:
    """What the server had before the request: ids of jobs, keys of rows. None where it could not be read, and then
    nothing of that source can be told to be new."""

    jobs: frozenset[str] | None = None
    history: frozenset[str] | None = None


@dataclass(frozen=True)
class Trace:
    """What a lost restore is looked for by. ``names`` are those that were asked for, schemas among them; ``user`` is
    empty for a login that does not tell one. ``before_next`` is what was noted before the next restore of the same
    backup from here, None where there was no next one: what is newer than that may be the next one's."""

    backup: str
    snapshot_id: str
    user: str
    cluster: str
    noted: Noted
    ticket: JobTicket | None = None
    names: frozenset[str] = frozenset()
    before_next: Noted | None = None

    def is_newer_job(self, job: str) -> bool:
        """Whether a job is new since this restore, and none that a later one of ours may have begun."""
        return _is_between(job, self.noted.jobs, self.before_next, lambda noted: noted.jobs)

    def is_newer_row(self, key: str) -> bool:
        """Likewise for a row of the history."""
        return _is_between(key, self.noted.history, self.before_next, lambda noted: noted.history)


def _is_between(
    key: str,
    before: frozenset[str] | None,
    until: Noted | None,
    which: Callable[[Noted], frozenset[str] | None],
) -> bool:
    if before is None or key in before:
        return False
    return until is None or key in (which(until) or ())


@dataclass(frozen=True)
class Finding:
    """One thing that was found, and where. ``settles`` is True where it tells the outcome beyond doubt: then ``answer``
    is the restore's own, or ``error`` what went wrong, or, from the history, neither for a restore that is complete.
    ``partly`` is True where the history calls it complete, but has words of trouble. ``running`` is True where it shows
    the restore at work."""

    source: str
    text: str
    settles: bool = False
    running: bool = False
    answer: RestoreAnswer | None = None
    error: KineticaError | None = None
    partly: bool = False


@dataclass(frozen=True)
class Look:
    """Everything that one look found."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def settled(self) -> Finding | None:
        """What tells the outcome. The job's own answer goes before the history."""
        return next((finding for finding in self.findings if finding.settles), None)

    @property
    def running(self) -> Finding | None:
        return next((finding for finding in self.findings if finding.running), None)

    @property
    def job_runs(self) -> bool:
        """Whether there is a job of ours at work, that can be followed to its end."""
        return self.running is not None and self.running.source == JOB


async def note(client: KineticaClient, backup: str) -> Noted:
    """Read what is there before the restore. It never keeps a restore from going out: what cannot be read in time
    is noted as not read."""
    running, history = await asyncio.gather(_in_time(client.running_jobs()), _in_time(client.history(backup)))
    return Noted(
        None if isinstance(running, KineticaError) else frozenset(job.id for job in running),
        None if isinstance(history, KineticaError) else frozenset(row.key for row in history),
    )


async def other_restores(client: KineticaClient) -> tuple[RunningJob, ...]:
    """The restores that run on the server now, whosever they are. Raises KineticaError."""
    jobs = await _in_time(client.running_jobs())
    if isinstance(jobs, KineticaError):
        raise jobs
    return tuple(job for job in jobs if job.is_restore and not job.is_over)


async def look(client: KineticaClient, trace: Trace, at: datetime) -> Look:
    """Look everywhere, once. Raises nothing but cancellation: what cannot be read is a finding, too."""
    other = await _other_cluster(client, trace.cluster)
    if other is not None:
        return Look(at, (other,))
    job, running, history = await asyncio.gather(
        _told(client.job(trace.ticket)) if trace.ticket else _nothing(),
        _told(client.running_jobs()),
        _told(client.history(trace.backup)),
    )
    findings = [] if job is None else [await asyncio.to_thread(_of_job, job)]
    findings.append(_of_running(running, trace))
    findings.append(_of_history(history, trace))
    return Look(at, tuple(findings))


async def _told(asked: Awaitable[Told]) -> Told | KineticaError:
    try:
        return await asked
    except KineticaError as error:
        return error


async def _in_time(asked: Awaitable[Told]) -> Told | KineticaError:
    try:
        return await asyncio.wait_for(_told(asked), SECONDS_TO_NOTE)
    except asyncio.TimeoutError:
        log.warning("what was there before the restore could not be noted in time")
        return TimedOut("It took too long.")


async def _nothing() -> None:
    return None


async def _other_cluster(client: KineticaClient, cluster: str) -> Finding | None:
    """Another cluster of a high-availability ring has jobs and a history of its own: what it says is no evidence."""
    server = await _told(client.server())
    if isinstance(server, KineticaError):
        return Finding(SERVER, f"It cannot be asked now: {server.what}")
    if cluster and server.cluster != cluster:
        name = harmless(server.cluster, 60) or "(untold)"
        return Finding(
            SERVER, f"Another cluster answers now, {name}: what it knows is no evidence of this restore."
        )
    return None


def _of_job(job: Job | KineticaError) -> Finding:
    """The job that the restore was sent as, by its id or by the tag that only this run has."""
    if isinstance(job, KineticaError):
        return Finding(JOB, _unread(job))
    if job.status is JobStatus.OTHER:
        return Finding(JOB, f"Its status is {harmless(job.said, 40) or '(empty)'}, which settles nothing.")
    if job.status not in ENDS:
        percent = "" if job.progress is None else f", {job.progress} %"
        return Finding(JOB, f"It runs{percent}.", running=True)
    answer, error = read_end(job)
    if isinstance(error, OutcomeUnknown):
        return Finding(JOB, error.what)
    text = f"{error.what} {harmless(error.words, _WORDS)}" if error else "It is done, and its answer is here."
    return Finding(JOB, text.strip(), settles=True, answer=answer, error=error)


def _of_running(jobs: tuple[RunningJob, ...] | KineticaError, trace: Trace) -> Finding:
    """Restores at work. They never settle an outcome; one that is new and this user's shows that it goes on."""
    if isinstance(jobs, KineticaError):
        return Finding(RUNNING, _unread(jobs))
    restores = [job for job in jobs if job.is_restore and not job.is_over]
    if trace.noted.jobs is None:
        count = f"{len(restores)} run now" if restores else "none runs now"
        return Finding(
            RUNNING,
            f"Of restores, {count}; what ran before this one could not be noted, so none can be told to be it.",
        )
    new = [
        job
        for job in restores
        if trace.is_newer_job(job.id) and (not trace.user or job.user in ("", trace.user))
    ]
    if not new:
        return Finding(RUNNING, f"No restore {_whose(trace)} is listed that was not there before.")
    ids = ", ".join(harmless(job.id, 24) for job in new)
    if len(new) > 1:
        return Finding(
            RUNNING,
            f"{len(new)} restores {_whose(trace)} have begun since: {ids}. Which is this one is not told.",
        )
    return Finding(RUNNING, f"A restore {_whose(trace)} that has begun since runs: job {ids}.", running=True)


def _whose(trace: Trace) -> str:
    return "of this user" if trace.user else "of anybody"


def _of_history(rows: tuple[HistoryRow, ...] | KineticaError, trace: Trace) -> Finding:
    """The rows of this backup's restores that are new. One alone settles; two are a guess."""
    if isinstance(rows, KineticaError):
        return Finding(HISTORY, _unread(rows))
    restores = [row for row in rows if row.is_restore and not row.is_dry_run]
    if trace.noted.history is None:
        return Finding(
            HISTORY,
            f"{len(restores)} restores of this backup are listed; what was there before this one could not be "
            f"noted, so none can be told to be it.{_newest(restores)}",
        )
    new = [row for row in restores if trace.is_newer_row(row.key) and _fits(row, trace)]
    if not new:
        return Finding(HISTORY, "No restore of this backup is listed that has begun since and fits this one.")
    if len(new) > 1:
        return Finding(
            HISTORY,
            f"{len(new)} restores of this backup by this user have begun since. Which is this one is not told."
            f"{_newest(new)}",
        )
    return _of_row(new[0]) if _is_ours(new[0], trace) else _not_surely_ours(_of_row(new[0]))


def _is_ours(row: HistoryRow, trace: Trace) -> bool:
    """Whether a row that fits is this restore's: a user of its own, or its job, has to say so."""
    job = trace.ticket.id if trace.ticket else None
    return trace.user != "" or (job is not None and row["job_id"] == str(job))


def _not_surely_ours(finding: Finding) -> Finding:
    why = "Whose it is cannot be told: a token does not say which user it belongs to."
    return replace(finding, text=f"{finding.text} {why}", settles=False)


def _fits(row: HistoryRow, trace: Trace) -> bool:
    """Whether nothing that the row tells speaks against it being ours. What it does not tell does not."""
    if trace.user and row["user_name"] not in ("", trace.user):
        return False
    if row["backup_id"] and trace.snapshot_id and row["backup_id"] != trace.snapshot_id:
        return False
    job = trace.ticket.id if trace.ticket else None
    if job is not None and row["job_id"] not in ("", "0", "-1", str(job)):
        return False
    return not row["objects"] or trace.names <= _named_in(row["objects"])


def _named_in(objects: str) -> frozenset[str]:
    """What the column may name, however it is spelled: ``TABLE = a.b, a.c``, JSON, in quotes. A schema counts where an
    object in it is named."""
    parts = {part.strip() for signs in _BETWEEN_NAMES for part in signs.split(objects)}
    return frozenset(parts | {part.partition(".")[0] for part in parts})


def _of_row(row: HistoryRow) -> Finding:
    message = harmless_block(row["event_message"], _WORDS)
    said = f" It says: {harmless(message, _WORDS)}" if message else ""
    if row.status == _COMPLETE:
        text = f"One restore has begun since{_times(row)}, and is complete{_counts(row)}.{said}"
        return Finding(HISTORY, text, settles=True, partly=_TROUBLE.search(row["event_message"]) is not None)
    if row.status == _FAILED:
        error = Refused(
            "The server's history says that it failed.",
            words=message or "(The history gives no reason.)",
            means=STOPPED_MIDWAY,
        )
        return Finding(
            HISTORY, f"One restore has begun since{_times(row)}, and failed.{said}", settles=True, error=error
        )
    if row.status == _IN_PROGRESS:
        return Finding(
            HISTORY, f"One restore has begun since{_times(row)}, and is in progress.{said}", running=True
        )
    return Finding(
        HISTORY, f"One restore has begun since; its status is {harmless(row.status, 40) or '(empty)'}.{said}"
    )


def _times(row: HistoryRow) -> str:
    """As the server tells them: its clock, and perhaps another zone."""
    shown = [
        f"{column.partition('_')[0]} {harmless(row[column], 40)}"
        for column in ("start_time", "end_time")
        if row[column]
    ]
    return f" ({', '.join(shown)})" if shown else ""


def _counts(row: HistoryRow) -> str:
    parts = [
        f"{number:,} {noun}"
        for column, noun in (("num_files", "files"), ("num_bytes", "bytes"), ("num_records", "records"))
        if (number := row.number(column)) is not None
    ]
    return f": {', '.join(parts)}" if parts else ""


def _newest(rows: Sequence[HistoryRow]) -> str:
    if not rows:
        return ""
    row = rows[0]
    return f" The newest: {harmless(row.status, 40)}, begun {harmless(row['start_time'], 40)}."


def _unread(error: KineticaError) -> str:
    words = harmless(error.words, _WORDS)
    return f"It cannot be read: {error.what}{f' {words}' if words else ''}"
