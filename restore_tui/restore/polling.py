"""Following a background job to its end, over a line that may come and go.

A poll that is lost is a poll, not a failure of the restore: it is asked again, with growing pauses, until the person
stops waiting or the server says how the job ended.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica.errors import (
    MAY_BE_PARTIAL,
    AuthenticationFailed,
    KineticaError,
    OutcomeUnknown,
    RequestRejected,
    ServerUnavailable,
    TimedOut,
    TlsError,
    Unreachable,
    UnrecognizedResponse,
)
from restore_tui.kinetica.jobs import Job, JobStatus, JobTicket
from restore_tui.kinetica.responses.envelope import Unreadable, decode_strictly, open_envelope
from restore_tui.kinetica.responses.lenient import to_plain_key
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.kinetica.responses.server_messages import speaks_of_going_away
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.clock import Clock

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient

Done = TypeVar("Done")

log = logging.getLogger(__name__)

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between polls that are answered; the last one goes on."""
PAUSES_WITHOUT_CONTACT = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
SECONDS_OF_CONTRADICTION = 30.0
"""How long a job whose response contradicts itself is polled again before that is its end."""

_LOST = (Unreachable, TimedOut, TlsError, ServerUnavailable, UnrecognizedResponse)
_TYPE = "restore_backup_response"
_SOONEST = 10.0
_LEAST_PERCENT = 5
_LEAST_LEFT = 5.0
_UNCHANGED_FROM = 10.0
"""Seconds without another percent that are worth telling, unless the pace so far makes them usual."""


@dataclass(frozen=True)
class Progress:
    """How a job stands. ``percent`` is the server's, None before it said one; ``reached`` is the monotonic second at
    which it was first this one. ``lost_since`` is the monotonic second since which no poll was answered, and
    ``lost_why`` the last reason; None and empty while there is contact."""

    ticket: JobTicket
    percent: int | None = None
    reached: float = 0.0
    lost_since: float | None = None
    lost_why: str = ""
    contradiction: str = ""
    """Both halves of a response that contradicts itself."""
    refusals: int = 0
    """How often in a row the login was refused; while it is above 0 the job is not polled, until somebody logs
    in."""

    def with_percent(self, percent: int | None, now: float) -> Progress:
        """The progress after another poll."""
        reached = self.reached if percent == self.percent else now
        return Progress(self.ticket, percent, reached)

    def percent_per_second(self, began: float) -> float | None:
        """The pace from ``began`` up to the last change; None while that would be a guess: in the first ten seconds,
        below five percent, and without contact."""
        spent = self.reached - began
        if self.percent is None or self.lost_since is not None or spent < _SOONEST:
            return None
        return self.percent / spent if _LEAST_PERCENT <= self.percent < 100 else None

    def seconds_left(self, began: float, now: float) -> float | None:
        """How long it may still take, if it goes on at the pace so far. None without a pace, where nothing moves, and
        for the last five seconds, of which more have often passed already."""
        pace = self.percent_per_second(began)
        if pace is None or self.percent is None or self.unchanged_for(began, now) is not None:
            return None
        left = (100 - self.percent) / pace - (now - self.reached)
        return left if left >= _LEAST_LEFT else None

    def unchanged_for(self, began: float, now: float) -> float | None:
        """For how many seconds the percent has been the same, where that is longer than its pace makes usual."""
        if self.percent is None or self.lost_since is not None:
            return None
        unchanged = now - self.reached
        usual = 2 * (self.reached - began) / self.percent if self.percent else 0.0
        return unchanged if unchanged >= max(_UNCHANGED_FROM, usual) else None


ProgressCallback = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """For whoever does not look on."""


async def poll_job(
    client: KineticaClient, ticket: JobTicket, clock: Clock, stop: asyncio.Event, report: ProgressCallback
) -> Job | None:
    """Ask for a job until it has ended, and report each time. None where ``stop`` came first.

    A response that contradicts itself is no end: the job is polled again for half a minute, and only then returned,
    for ``job_result`` to call its outcome unknown.

    A login that is refused is no end either, and no word about the job: the password or token file is read again once,
    and then a new login is waited for (``KineticaClient.log_in``), which ``report`` makes known. For the job of a dry
    run, and where nobody gets the reports, it ends the following.

    Raises OutcomeUnknown where the server answers that it knows nothing of the job, or not to this user: then the job
    has to be looked for in another way.
    """
    progress = Progress(ticket)
    answered = lost = 0
    contradicted = 0.0
    has_read_file = False
    while not stop.is_set():
        try:
            job = await run_until_cancelled(stop, client.job(ticket))
            if job is None:
                return None
        except _LOST as error:
            log.warning("the job %s: no contact (%s)", ticket.tag, error.what)
            since = clock.monotonic() if progress.lost_since is None else progress.lost_since
            progress = replace(progress, lost_since=since, lost_why=error.what, refusals=0)
            pause = PAUSES_WITHOUT_CONTACT[min(lost, len(PAUSES_WITHOUT_CONTACT) - 1)]
            lost, answered = lost + 1, 0
        except KineticaError as error:
            if refuses_login(error) and not has_read_file:
                has_read_file = True
                if await client.read_login_again():
                    continue
            if not refuses_login(error) or ticket.dry_run or report is ignore_progress:
                raise OutcomeUnknown(
                    why_unavailable(error), server_message=error.server_message or error.what
                ) from None
            since = clock.monotonic() if progress.lost_since is None else progress.lost_since
            progress = replace(
                progress, lost_since=since, lost_why=why_unavailable(error), refusals=progress.refusals + 1
            )
            client.logged_in.clear()
            report(progress)
            await run_until_cancelled(stop, client.logged_in.wait())
            continue
        else:
            has_read_file = False
            if job.has_ended or contradicted >= SECONDS_OF_CONTRADICTION:
                return job
            progress = replace(
                progress.with_percent(job.progress, clock.monotonic()), contradiction=job.contradiction
            )
            pause = PAUSES[min(answered, len(PAUSES) - 1)]
            lost, answered = 0, answered + 1
            # Counted by the pauses themselves: a clock that stands still must not make it endless.
            contradicted = contradicted + pause if job.contradiction else 0.0
        report(progress)
        await run_until_cancelled(stop, clock.sleep(pause))
    return None


_LOGIN = re.compile(
    r"insufficient credentials|unauthori[sz]ed|not authori[sz]ed|authenticat|"
    r"\b(?:token|session|login|password|credentials?)\b.{0,40}\b(?:expired|invalid|revoked|rejected)",
    re.IGNORECASE,
)
_PRIVILEGE = re.compile(r"privilege|permission|access denied|forbidden|not allowed", re.IGNORECASE)
_NOT_KNOWN = re.compile(r"not found|not exist|no such|unknown job|invalid job", re.IGNORECASE)


def refuses_login(error: KineticaError) -> bool:
    """Whether a question was refused for who asks it, which says nothing about what was asked."""
    return isinstance(error, AuthenticationFailed) or (
        isinstance(error, RequestRejected) and _LOGIN.search(error.server_message) is not None
    )


def why_unavailable(error: KineticaError) -> str:
    """Say why a job could not be queried: *not allowed to ask* and *not known* are two things."""
    if refuses_login(error):
        return "The server no longer accepts your login; it reported nothing about the job."
    if isinstance(error, RequestRejected) and _PRIVILEGE.search(error.server_message):
        return "You are not allowed to query the job; the server reported nothing about it."
    if isinstance(error, RequestRejected) and _NOT_KNOWN.search(error.server_message):
        return "The server no longer knows the job."
    return "The server no longer reports the job."


async def or_error(reading: Awaitable[Done], seconds: float | None = None) -> Done | KineticaError:
    """What a read returns, or the error that it raises; TimedOut after so many ``seconds``."""
    try:
        return await asyncio.wait_for(reading, seconds)
    except asyncio.TimeoutError:
        limit = "was allowed" if seconds is None else f"{seconds:g} seconds"
        return TimedOut(f"The response took longer than {limit}.")
    except KineticaError as error:
        return error


async def run_until_cancelled(stop: asyncio.Event, work: Coroutine[None, None, Done]) -> Done | None:
    """What ``work`` returns; None where ``stop`` came first. Its errors are raised."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
            return None
        return working.result()
    finally:
        working.cancel()
        stopping.cancel()


def job_result(job: Job) -> tuple[RestoreResponse | None, KineticaError | None]:
    """Return the restore's response out of a job that has ended, or why there is none: RequestRejected for what the
    server says went wrong, OutcomeUnknown where that is not reported. This and ``Job.contradiction`` are the only
    judges of a job."""
    if job.contradiction:
        return None, OutcomeUnknown(
            f"The server's response about the job contradicts itself: {job.contradiction}.",
            server_message=sanitize_block(job.error),
        )
    if job.status is JobStatus.DONE:
        response = _response_in(job.response)
        if response is not None:
            response = response.redacted(job.redact)
            return response.model_copy(update={"info": {**job.notes, **response.info}}), None
        return None, OutcomeUnknown("The job is done, but the response in it cannot be read.")
    words = sanitize_block(job.error)
    if job.status is JobStatus.CANCELLED:
        return None, Cancelled("The job was canceled.", server_message=words)
    if job.status is JobStatus.ERROR and _has_restored(_response_in(job.response)):
        return None, OutcomeUnknown(
            "The job ended with an error, but its response reports restored objects or data.",
            server_message=words,
        )
    if job.status is JobStatus.ERROR and not any(map(speaks_of_going_away, (job.error, *job.notes.values()))):
        return None, JobFailed(
            "The job ended with an error.",
            server_message=words or "(The server gave no reason.)",
            impact=MAY_BE_PARTIAL,
        )
    return None, OutcomeUnknown(
        f"The job's status is {sanitize(job.message, 60) or '(empty)'}.", server_message=words
    )


class JobFailed(RequestRejected):
    """The job that ran the restore ended with an error. It can be asked again, in case it reports another end later."""


class Cancelled(OutcomeUnknown):
    """The job that ran the restore was cancelled, by us or by somebody else.

    The outcome is unknown, not a failure: what the job had restored by then may be there, and the server documents
    neither that it stays nor that it is undone. The history, or what exists now, may show it.
    """

    title = "Canceled"
    impact = "Whether something was restored before that, the server does not say."
    hint = "Check what exists now, then start with a new dry run."


def _has_restored(response: RestoreResponse | None) -> bool:
    return response is not None and bool(
        response.restored_objects or response.renamed_objects or any(number for _, number in response.totals)
    )


def _response_in(text: str) -> RestoreResponse | None:
    """``job_response_str`` is the endpoint's response; a server may also put it in its envelope."""
    try:
        data, message = decode_strictly(text), ""
        if "data_str" in data:
            envelope = open_envelope(text.encode("utf-8", "replace"), _TYPE)
            data, message = envelope.data, envelope.message
        # Every endpoint's response has an ``info``: that alone is none of a restore.
        own = {to_plain_key(field) for field in RestoreResponse.model_fields} - {"info", "message"}
        if own.isdisjoint(map(to_plain_key, data)):
            return None
        return RestoreResponse.model_validate(data).accompanied_by(message)
    except (ValueError, RecursionError, Unreadable):
        return None
