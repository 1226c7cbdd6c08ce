"""The one POST: how it is sent, and how what it began is followed to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica.connection.transport import SendProbe
from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, RequestNotSent, unexpected
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError
from restore_tui.restore.execution.send_control import SendControl
from restore_tui.restore.outcome.outcome import KeptBack, Outcome, record_outcome, with_response
from restore_tui.restore.outcome.outcome_query import Baseline
from restore_tui.restore.plan.request import JOB, restore_body
from restore_tui.restore.polling import Progress, ProgressCallback, ignore_progress, job_result, poll_job
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.receipts.model import (
    Receipt,
    ReceiptBaseline,
    ReceiptJob,
    ReceiptSent,
    Verdict,
    new_receipt,
)
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.responses.models import RestoreResponse

Sent = TypeVar("Sent")

log = logging.getLogger(__name__)


async def run_restore(
    client: KineticaClient,
    confirmation: Confirmation,
    store: ReceiptStore | None,
    clock: Clock,
    stop: asyncio.Event | None = None,
    *,
    noted: Baseline | None = None,
    report: ProgressCallback = ignore_progress,
    control: SendControl | None = None,
    recheck: Callable[[], Awaitable[None]] | None = None,
) -> Outcome:
    """Send the restore: the receipt first, then one POST on the way that the dry run has proven, then the outcome
    into the receipt. As a job, it is followed to its end, with ``report`` of how it stands.

    ``store`` None means that the person chose to go on without a receipt. ``control`` decides whether the request
    may leave; its ``stop`` ends the waiting, not the restore: what was sent by then is unknown. ``recheck`` is awaited
    once the receipt is on disk, and keeps the request back with a RestoreBlockedError. What was kept back is an outcome
    that was not sent, and ``control.refusal`` says why. Raises RestoreBlockedError for a spent confirmation and
    ReceiptUnwritableError where the receipt cannot be written; nothing is sent in either case.
    """
    dry_run = confirmation.dry_run
    control = control or SendControl(stop)
    stop = control.stop
    began, started = clock.now(), clock.monotonic()
    confirmation.consume()
    as_job = dry_run.destination.mode == JOB
    tag = f"restore-tui-{confirmation.run}-run" if as_job else ""
    seen = receipt_of_request(noted or Baseline())
    control.stage = "writing the receipt"
    entry = await asyncio.to_thread(
        new_receipt,
        confirmation.run,
        dry_run,
        began,
        job_tag=tag,
        noted=seen,
        unclear=confirmation.unclear,
        key_facts=confirmation.key_facts,
    )
    if store is not None:
        await asyncio.to_thread(store.write, entry)
    control.stage = "connecting"
    body = restore_body(dry_run.plan, dry_run=False)
    response: RestoreResponse | None = None
    sent_at: list[float] = []
    control.on_sent(lambda: sent_at.append(clock.monotonic()))
    if as_job:
        ticket, error = await _send_once(
            lambda watch: client.create_restore_job(body, tag, watch), control, recheck
        )
        lost_at = clock.monotonic()
        if ticket is not None:
            ticket = _without_foreign_id(ticket, dry_run, noted)
            job = ReceiptJob(tag=ticket.tag, id=ticket.id, query_id=ticket.query_id)
            entry = entry.model_copy(update={"state": "running", "job": job})
            await _note_state(store, entry)
            response, error = await _follow_to_end(client, ticket, clock, stop, report)
    else:
        response, error = await _send_once(lambda watch: client.restore_backup(body, watch), control, recheck)
        lost_at = clock.monotonic()
    if isinstance(error, OutcomeUnknown):
        entry = entry.model_copy(update={"sent": _sent(noted, sent_at[0] if sent_at else started, lost_at)})
    outcome = await asyncio.to_thread(
        with_response,
        Outcome(
            run=confirmation.run,
            verdict=Verdict.UNKNOWN,
            dry_run=dry_run,
            results=dry_run.results(),
            started=began,
            seconds=clock.monotonic() - started,
            recorded=entry,
        ),
        response,
        error,
    )
    log.info("run %s: %s", confirmation.run, outcome.verdict.value)
    return await asyncio.to_thread(record_outcome, store, outcome, clock.now())


async def resume_polling(
    client: KineticaClient, outcome: Outcome, clock: Clock, stop: asyncio.Event, report: ProgressCallback
) -> Outcome:
    """Follow the job of a restore whose outcome is not known to its end. The outcome as it is known then; the same
    one where ``stop`` came first. Sends no restore."""
    ticket = outcome.ticket
    if ticket is None:
        raise RuntimeError("there is no job to follow")
    ran = False

    def watch(progress: Progress) -> None:
        nonlocal ran
        ran = ran or (progress.percent is not None and not progress.contradiction)
        report(progress)

    response, error = await _follow_to_end(client, ticket, clock, stop, watch)
    # A job that is found ended has ended some time ago: how long it took is then not known.
    seconds = (clock.now() - outcome.started).total_seconds() if ran and response is not None else None
    return await asyncio.to_thread(with_response, replace(outcome, seconds=seconds), response, error)


def _sent(noted: Baseline | None, sent_at: float, lost_at: float) -> ReceiptSent | None:
    """Return when the request was out, by the server's own clock; None where that clock could not be read before."""
    if noted is None or noted.clock is None:
        return None
    period = noted.clock.between(sent_at, lost_at)
    return ReceiptSent(since=period.since, until=period.until)


def receipt_of_request(noted: Baseline) -> ReceiptBaseline:
    """What was noted before the restore, for the receipt."""
    return ReceiptBaseline(
        jobs=None if noted.jobs is None else sorted(noted.jobs),
        history=None if noted.history is None else sorted(noted.history),
    )


def _without_foreign_id(ticket: JobTicket, dry_run: DryRun, noted: Baseline | None) -> JobTicket:
    """Return the ticket without its id where that id was another job's before the restore was sent: the dry run's, or
    one that the server listed. The job is then queried by its tag, which only this restore has."""
    before = {dry_run.job_id, *((noted.jobs if noted else None) or ())}
    if ticket.id is None or before.isdisjoint({ticket.id, str(ticket.id)}):
        return ticket
    log.warning("the server returned job %d, which was there before the restore", ticket.id)
    return replace(ticket, id=None)


async def _follow_to_end(
    client: KineticaClient, ticket: JobTicket, clock: Clock, stop: asyncio.Event, report: ProgressCallback
) -> tuple[RestoreResponse | None, KineticaError | None]:
    try:
        report(Progress(ticket))
        job = await poll_job(client, ticket, clock, stop, report)
        if job is not None:
            return await asyncio.to_thread(job_result, job)  # of a hundred thousand objects it is megabytes
    except OutcomeUnknown as error:
        return None, error
    except Exception as error:
        log.exception("following the job ended in an unexpected error")
        return None, OutcomeUnknown(unexpected(error))
    return None, OutcomeUnknown("You stopped waiting; that does not stop the job.")


async def _send_once(
    send: Callable[[SendProbe], Coroutine[None, None, Sent]],
    control: SendControl,
    recheck: Callable[[], Awaitable[None]] | None,
) -> tuple[Sent | None, KineticaError | None]:
    """What came of one POST, whatever happens to it. Until it has left, ``control`` may keep it back; afterwards
    ``control.stop`` gives up on the response."""
    watch = SendProbe(control.release)

    async def checked_and_sent() -> Sent:
        if recheck is not None:
            await recheck()
        return await send(watch)

    if control.stop.is_set():
        return None, _send_withheld(control)
    sending = asyncio.ensure_future(checked_and_sent())
    stopping = asyncio.ensure_future(control.stop.wait())
    try:
        await asyncio.wait([sending, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
            await asyncio.wait([sending])
    finally:
        sending.cancel()
        stopping.cancel()
    try:
        return sending.result(), None
    except RestoreBlockedError as refusal:
        control.refuse(refusal)
        return None, _send_withheld(control)
    except KineticaError as error:
        return None, error
    except asyncio.CancelledError:
        if watch.left:
            return None, OutcomeUnknown("You stopped waiting for the response.")
        return None, _send_withheld(control)
    except Exception as error:
        # Whatever this is, it must not be told as a failure of the restore when the request had left.
        log.exception("the restore's request ended in an unexpected error")
        return None, OutcomeUnknown(unexpected(error)) if watch.left else RequestNotSent(unexpected(error))


def _send_withheld(control: SendControl) -> KeptBack:
    """What the receipt says of a request that this side kept back."""
    return KeptBack(f"The request was not sent. {control.refusal or ''}".strip(), hint="Confirm it again.")


async def _note_state(store: ReceiptStore | None, entry: Receipt) -> None:
    """That the server has taken the job. Where that cannot be written the receipt says ``sending``, which is enough
    to find the job by its tag."""
    if store is None:
        return
    try:
        await asyncio.to_thread(store.write, entry)
    except ReceiptUnwritableError as problem:
        log.error("the job could not be recorded: %s", problem)
