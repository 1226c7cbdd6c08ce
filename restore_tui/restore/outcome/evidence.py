"""What became of a restore whose answer was lost: where to look, and what is proof.

Before the request goes out the ids of the jobs, the keys of the history's rows and the server's own time are noted.
Only what is new since counts, and only what can be identified as this restore settles its outcome: a job or a row with
its id, its tag or the id of its command, or a row in which everything else agrees. Our clock and time zone play no
part. Nothing here sends a restore, and that nothing is found settles nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica import reference
from restore_tui.kinetica.errors import (
    MAY_BE_PARTIAL,
    KineticaError,
    OutcomeUnknown,
    RequestRejected,
    TimedOut,
)
from restore_tui.kinetica.jobs import TERMINAL_STATES, HistoryRow, Job, JobStatus, JobTicket, RunningJob
from restore_tui.kinetica.responses.server_messages import info_speaks_of_trouble, speaks_of_trouble
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.clock import Clock
from restore_tui.restore.polling import job_result, refuses_login
from restore_tui.restore.receipts.model import Source

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.responses.models import RestoreResponse

log = logging.getLogger(__name__)

BASELINE_SECONDS = 10.0
"""How long the restore is kept waiting for what is noted before it."""


_COMPLETE, _FAILED, _IN_PROGRESS = "restore_complete", "restore_failed", "restore_in_progress"
_VALIDATED = "validated"
_NO_DRY_RUN = re.compile(r"dry[ _-]?run\W+(?:false|0|no)\b", re.IGNORECASE)
_UNDONE = re.compile(
    r"\broll(?:ed|ing)?[ _-]*back|\bdry[ _-]?run|\bundone\b|\brevert(?:ed)?\b|\baborted\b|\bnothing\b",
    re.IGNORECASE,
)
_BETWEEN_NAMES = (re.compile(r"[,=]"), re.compile(r"[,=:;\"'(){}\[\]]"))
_COUNTS = (("num_files", "files"), ("num_bytes", "bytes"), ("num_records", "records"))
_MAX_MESSAGE_CHARS = 300
_TICK = timedelta(seconds=1)
"""How much a time that is printed without fractions may be off."""
Told = TypeVar("Told")


@dataclass(frozen=True)
class Period:
    """Two moments by the server's own clock, between which a restore was sent and its connection lost."""

    since: datetime
    until: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is known to lie in between. One with a zone cannot be compared with one without."""
        if (moment.tzinfo is None) is not (self.since.tzinfo is None):
            return False
        return self.since <= moment <= self.until


@dataclass(frozen=True)
class ServerClock:
    """A reading of the server's own clock: it was read after the monotonic second ``asked``, and before ``told``."""

    at: datetime
    asked: float
    told: float

    def between(self, began: float, ended: float) -> Period:
        """Return the period between two monotonic seconds, as the server's clock shows it at the most."""
        return Period(
            self.at + timedelta(seconds=began - self.told) - _TICK,
            self.at + timedelta(seconds=ended - self.asked) + _TICK,
        )


@dataclass(frozen=True)
class Baseline:
    """What the server had before the request: ids of jobs, keys of rows, and the time of its clock. None where it
    could not be read, and then nothing of that source can be told to be new."""

    jobs: frozenset[str] | None = None
    history: frozenset[str] | None = None
    clock: ServerClock | None = None


@dataclass(frozen=True)
class OutcomeQuery:
    """What a lost restore is looked for by. ``names`` are those that were requested, schemas among them; ``user`` is
    empty for a login that does not tell one. ``before_next`` is what was noted before the next restore of the same
    backup from here, None where there was no next one: what is newer than that may be the next one's. ``sent`` is when
    its request was out, by the server's own clock; None where that is not known."""

    backup: str
    snapshot_id: str
    user: str
    cluster: str
    baseline: Baseline
    ticket: JobTicket | None = None
    names: frozenset[str] = frozenset()
    before_next: Baseline | None = None
    sent: Period | None = None

    def is_newer_job(self, job: str) -> bool:
        """Whether a job is new since this restore, and none that a later one of ours may have begun."""
        return _is_between(job, self.baseline.jobs, self.before_next, lambda noted: noted.jobs)

    def is_newer_row(self, key: str) -> bool:
        """Likewise for a row of the history."""
        return _is_between(key, self.baseline.history, self.before_next, lambda noted: noted.history)


def _is_between(
    key: str,
    before: frozenset[str] | None,
    until: Baseline | None,
    which: Callable[[Baseline], frozenset[str] | None],
) -> bool:
    if before is None or key in before:
        return False
    return until is None or key in (which(until) or ())


@dataclass(frozen=True)
class Evidence:
    """One thing that was found, and where. ``identity`` is what proves that it is of this restore, for one that tells
    the outcome: then ``answer`` is the restore's own, or ``error`` what went wrong, or, from the history, neither for a
    restore that is complete. ``partly`` is True where the history calls it complete, but has words of trouble, and
    ``seconds`` is how long it took where the history tells. ``running`` is True where it shows the restore at work, or
    waiting to start."""

    source: Source
    text: str
    identity: str = ""
    running: bool = False
    response: RestoreResponse | None = None
    error: KineticaError | None = None
    is_partial: bool = False
    seconds: float | None = None

    @property
    def is_conclusive(self) -> bool:
        """Whether it tells the outcome. Without an identity nothing does."""
        return self.identity != ""


@dataclass(frozen=True)
class OutcomeCheck:
    """Everything that one look found."""

    at: datetime
    evidence: tuple[Evidence, ...]

    @property
    def conclusive(self) -> Evidence | None:
        """What tells the outcome. The job's own answer goes before the history."""
        return next((finding for finding in self.evidence if finding.is_conclusive), None)

    @property
    def running(self) -> Evidence | None:
        return next((finding for finding in self.evidence if finding.running), None)

    @property
    def job_runs(self) -> bool:
        """Whether there is a job of ours at work, that can be followed to its end."""
        return self.running is not None and self.running.source is Source.JOB


async def capture_baseline(client: KineticaClient, backup: str, clock: Clock) -> Baseline:
    """Read what is there before the restore. It never keeps a restore from going out: what cannot be read in time
    is noted as not read."""
    running, history, time = await asyncio.gather(
        _with_timeout(client.running_jobs()),
        _with_timeout(client.history(backup)),
        _with_timeout(_read_clock(client, clock)),
    )
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
    jobs = await _with_timeout(client.running_jobs())
    if isinstance(jobs, KineticaError):
        raise jobs
    return tuple(job for job in jobs if job.is_restore and not job.is_over)


async def check_outcome(client: KineticaClient, trace: OutcomeQuery, at: datetime) -> OutcomeCheck:
    """Look everywhere, once. Raises nothing but cancellation: what cannot be read is a finding, too."""
    other = await _other_cluster(client, trace.cluster)
    if other is not None:
        return OutcomeCheck(at, (other,))
    job, running, history = await asyncio.gather(
        _or_error(client.job(trace.ticket)) if trace.ticket else _no_evidence(),
        _or_error(client.running_jobs()),
        _or_error(client.history(trace.backup)),
    )
    findings = [] if job is None else [await asyncio.to_thread(_evidence_from_job, job, trace.ticket)]
    findings.append(_evidence_from_running_jobs(running, trace))
    in_history = _evidence_from_history(history, trace)
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


async def _or_error(asked: Awaitable[Told]) -> Told | KineticaError:
    try:
        return await asked
    except KineticaError as error:
        return error


async def _with_timeout(asked: Awaitable[Told]) -> Told | KineticaError:
    try:
        return await asyncio.wait_for(_or_error(asked), BASELINE_SECONDS)
    except asyncio.TimeoutError:
        log.warning("what was there before the restore could not be recorded in time")
        return TimedOut("It took too long.")


async def _no_evidence() -> None:
    return None


async def _other_cluster(client: KineticaClient, cluster: str) -> Evidence | None:
    """Another cluster of a high-availability ring has jobs and a history of its own: what it says is no evidence."""
    server = await _or_error(client.server())
    if isinstance(server, KineticaError) and refuses_login(server) and await client.read_login_again():
        server = await _or_error(client.server())
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
        return Evidence(Source.JOB, _unavailable(job))
    if job.status is JobStatus.OTHER:
        return Evidence(
            Source.JOB, f"Its status is {sanitize(job.message, 40) or '(empty)'}, which proves nothing."
        )
    if job.status not in TERMINAL_STATES:
        percent = "" if job.progress is None else f", {job.progress} %"
        return Evidence(Source.JOB, f"It is running{percent}.", running=True)
    answer, error = job_result(job)
    text = (
        f"{error.what} {sanitize(error.server_message, _MAX_MESSAGE_CHARS)}"
        if error
        else "It is done, and its response was read."
    )
    if isinstance(error, OutcomeUnknown):
        return Evidence(Source.JOB, text.strip())
    identity = f"job {ticket.id}" if ticket.id is not None else f"tag {ticket.tag}"
    return Evidence(Source.JOB, text.strip(), identity=identity, response=answer, error=error)


def _evidence_from_running_jobs(
    jobs: tuple[RunningJob, ...] | KineticaError, trace: OutcomeQuery
) -> Evidence:
    """Restores at work. They never settle an outcome; one that is new and this user's shows that it goes on."""
    if isinstance(jobs, KineticaError):
        return Evidence(Source.RUNNING, _unavailable(jobs))
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


def _evidence_from_history(rows: tuple[HistoryRow, ...] | KineticaError, trace: OutcomeQuery) -> Evidence:
    """The rows of this backup's restores. One that has an id of this restore settles the outcome; so does a new one
    alone that agrees with it in everything else. Two are a guess."""
    if isinstance(rows, KineticaError):
        return Evidence(Source.HISTORY, _unavailable(rows))
    restores = [row for row in rows if row.is_restore and not row.is_dry_run and _fits(row, trace)]
    new = [row for row in restores if trace.is_newer_row(row.key)]
    ours = [(row, identity) for row in restores if (identity := _id_in(row, trace, is_new=row in new))]
    if len(ours) == 1:
        return _evidence_from_history_row(*ours[0], trace)
    if trace.baseline.history is None:
        return Evidence(
            Source.HISTORY,
            f"{len(restores)} restores of this backup are listed; what existed before this one could not be "
            f"recorded, so none can be identified as this one.{_newest(restores)}",
        )
    if not new:
        return Evidence(
            Source.HISTORY, "No restore of this backup is listed that has started since and fits this one."
        )
    if len(new) > 1:
        return Evidence(
            Source.HISTORY,
            f"{len(new)} restores of this backup by this user have started since. Which one is this restore is unknown."
            f"{_newest(new)}",
        )
    doubts = _doubts(new[0], trace)
    identity = "" if doubts else "user, snapshot, objects and start time"
    doubt = f"It may be another restore: {'; '.join(doubts)}." if doubts else ""
    return _evidence_from_history_row(new[0], identity, trace, doubt)


def _id_in(row: HistoryRow, trace: OutcomeQuery, *, is_new: bool) -> str:
    """Return which id of this restore a row has; empty for none. Tag and query id are unique; job ids are counters that
    start again with the server, so that a row with one has to be new, too."""
    ticket = trace.ticket
    if ticket is None:
        return ""
    if ticket.query_id and row["query_id"] == ticket.query_id:
        return f"query {ticket.query_id}"
    if any(ticket.tag in _TAGS.findall(text) for text in row.values.values()):
        return f"tag {ticket.tag}"
    if is_new and ticket.id is not None and row["job_id"] == str(ticket.id):
        return f"job {ticket.id}"
    return ""


_TAGS = re.compile(r"restore-tui-[A-Za-z0-9-]+")


def _doubts(row: HistoryRow, trace: OutcomeQuery) -> list[str]:
    """Return why a new row without an id of this restore need not be of it; nothing where all that it says agrees, in
    every column that has to say something."""
    doubts = []
    if not trace.user:
        doubts.append("a token does not say which user it belongs to")
    elif row["user_name"] != trace.user:
        doubts.append("it names no user")
    if not trace.snapshot_id or row["backup_id"] != trace.snapshot_id:
        doubts.append("it names no snapshot")
    if not _names_exactly(row["objects"], trace.names):
        doubts.append("it does not name exactly the requested objects")
    began = row.moment("start_time")
    if trace.sent is None:
        doubts.append("when the request was out by the server's clock is not known")
    elif began is None or not trace.sent.covers(began):
        doubts.append("it did not start between the request and the loss of the connection")
    if row.status == _COMPLETE and not any(row.number(column) for column, _ in _COUNTS):
        doubts.append("it reports no files, bytes or records")
    return doubts


def _fits(row: HistoryRow, trace: OutcomeQuery) -> bool:
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
    parts = {part for signs in _BETWEEN_NAMES for part in _split(signs, objects)}
    return frozenset(parts | {part.partition(".")[0] for part in parts})


def _names_exactly(objects: str, names: frozenset[str]) -> bool:
    """Whether the column names these objects, and beside them nothing but words for their types."""
    return bool(names) and any(
        names == {part for part in _split(signs, objects) if part in names or not _is_type_word(part)}
        for signs in _BETWEEN_NAMES
    )


def _split(signs: re.Pattern[str], objects: str) -> set[str]:
    return {part.strip() for part in signs.split(objects)} - {""}


def _is_type_word(text: str) -> bool:
    return re.sub(r"[ _]", "", text).lower() in _TYPE_WORDS


_TYPE_WORDS = frozenset(
    {kind.replace("_", "") for kind in reference.TYPE_NAMES}
    | {"function", "functionenvironment", "procedure", "stream", "objects"}
)


def _evidence_from_history_row(
    row: HistoryRow, identity: str, trace: OutcomeQuery, doubt: str = ""
) -> Evidence:
    """One row. ``identity`` is what proves that it is of this restore, ``doubt`` why nothing does."""
    said = "".join(
        f" {intro}: {sanitize(sanitize_block(row[column], _MAX_MESSAGE_CHARS), _MAX_MESSAGE_CHARS)}"
        for column, intro in (("event_message", "It says"), ("additional_info", "It adds"))
        if row[column].strip()
    )
    end = f" {doubt}{said}".rstrip()
    if row.status == _COMPLETE:
        text = f"One restore has started since{_times(row)}, and is complete{_counts(row)}."
        if _is_empty(row) or _speaks_of_undoing(row):
            unclear = "It reports nothing restored, a rollback or a dry run, so it proves nothing."
            return Evidence(Source.HISTORY, f"{text}{end} {unclear}")
        return Evidence(
            Source.HISTORY,
            f"{text}{end}",
            identity=identity,
            is_partial=_speaks_of_trouble(row, trace.names),
            seconds=_seconds(row),
        )
    if row.status == _FAILED:
        error = RequestRejected(
            "The server's history says that it failed.",
            words=sanitize_block(row["event_message"] or row["additional_info"], _MAX_MESSAGE_CHARS)
            or "(The history gives no reason.)",
            means=MAY_BE_PARTIAL,
        )
        text = f"One restore has started since{_times(row)}, and failed.{end}"
        return Evidence(Source.HISTORY, text, identity=identity, error=error, seconds=_seconds(row))
    if row.status == _IN_PROGRESS:
        text = f"One restore has started since{_times(row)}, and is in progress.{end}"
        return Evidence(Source.HISTORY, text, running=True)
    if row.status == _VALIDATED:
        text = (
            f"One restore was accepted since{_times(row)}, and has not started yet (or it is a dry run).{end}"
        )
        return Evidence(Source.HISTORY, text, running=True)
    return Evidence(
        Source.HISTORY,
        f"One restore has started since; its status is {sanitize(row.status, 40) or '(empty)'}.{end}",
    )


def _is_empty(row: HistoryRow) -> bool:
    """Whether it reports counts, and all of them are 0."""
    counts = [number for column, _ in _COUNTS if (number := row.number(column)) is not None]
    return bool(counts) and not any(counts)


def _speaks_of_undoing(row: HistoryRow) -> bool:
    return any(
        _UNDONE.search(_NO_DRY_RUN.sub("", row[column])) for column in ("event_message", "additional_info")
    )


def _speaks_of_trouble(row: HistoryRow, names: frozenset[str]) -> bool:
    """Whether a restore that is called complete has warnings, in the message or in the additional information."""
    try:
        info = json.loads(row["additional_info"])
    except (ValueError, RecursionError):
        info = None
    if isinstance(info, dict):
        entries = {
            str(key): value if isinstance(value, str) else json.dumps(value) for key, value in info.items()
        }
        beside = info_speaks_of_trouble(entries, names)
    else:
        beside = speaks_of_trouble(row["additional_info"], names)
    return beside or speaks_of_trouble(row["event_message"], names)


def _seconds(row: HistoryRow) -> float | None:
    """How long it took by the server's own clock."""
    began, ended = row.moment("start_time"), row.moment("end_time")
    if began is None or ended is None or (began.tzinfo is None) is not (ended.tzinfo is None):
        return None
    seconds = (ended - began).total_seconds()
    return seconds if seconds >= 0 else None


def _times(row: HistoryRow) -> str:
    """As the server tells them: its clock, and perhaps another zone."""
    shown = [
        f"{column.partition('_')[0]} {sanitize(row[column], 40)}"
        for column in ("start_time", "end_time")
        if row[column]
    ]
    return f" ({', '.join(shown)})" if shown else ""


def _counts(row: HistoryRow) -> str:
    parts = [f"{number:,} {noun}" for column, noun in _COUNTS if (number := row.number(column)) is not None]
    return f": {', '.join(parts)}" if parts else ""


def _newest(rows: Sequence[HistoryRow]) -> str:
    if not rows:
        return ""
    row = rows[0]
    return f" The newest: {sanitize(row.status, 40)}, started {sanitize(row['start_time'], 40)}."


def _unavailable(error: KineticaError) -> str:
    words = sanitize(error.server_message, _MAX_MESSAGE_CHARS)
    if refuses_login(error):
        return f"You may not read it now: {error.what}{f' {words}' if words else ''}"
    return f"It cannot be read: {error.what}{f' {words}' if words else ''}"
