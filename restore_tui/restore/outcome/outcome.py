"""The end of a restore, as far as it is known: the word for it, and what it rests on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, RequestNotSent
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.reference import Effect
from restore_tui.restore.outcome.assessment import assess
from restore_tui.restore.outcome.outcome_query import OutcomeCheck
from restore_tui.restore.polling import JobFailed
from restore_tui.restore.preflight.conflict_check import Key
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.preflight.only_missing import Remainder, leave_out
from restore_tui.restore.preflight.results import ObjectResults
from restore_tui.restore.receipts.model import (
    NOT_SENT,
    Receipt,
    ReceiptFinding,
    ReceiptLook,
    ReceiptOutcome,
    Source,
    Verdict,
    receipt_objects,
)
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse

log = logging.getLogger(__name__)


class KeptBack(RequestNotSent):
    """This side kept a confirmed request back: it was canceled, or a check before it left refused it."""


@dataclass(frozen=True)
class Outcome:
    """The end of one restore, as far as it is known. ``error`` is why there is no ``response``; ``not_sent`` is True
    where it is proven that nothing left this machine. ``seconds`` is how long it took, or how long an unknown one was
    waited for; None where nobody measured it. ``receipt`` is None where there is none, ``receipt_problem`` says
    why; ``recorded`` is what it holds, or would. ``determined_by`` is what settled an outcome that was unknown, and
    ``last_check`` the last check of it. ``reasons`` say why the verdict is not better, and ``messages`` are what the
    server added to an OK."""

    run: str
    verdict: Verdict
    dry_run: DryRun
    results: ObjectResults
    started: datetime
    seconds: float | None
    recorded: Receipt
    response: RestoreResponse | None = None
    error: KineticaError | None = None
    receipt: Path | None = None
    receipt_problem: str = ""
    determined_by: str = ""
    last_check: OutcomeCheck | None = None
    reasons: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    post_check: str = ""
    """What the last check of what exists now has found, in words."""
    missing_or_incomplete: frozenset[Key] = frozenset()
    """What that check has found to be so, although it is reported restored."""

    @property
    def ticket(self) -> JobTicket | None:
        """The background job that it was sent as."""
        job = self.recorded.job
        return JobTicket(job.tag, job.id, job.query_id) if job else None

    @property
    def not_sent(self) -> bool:
        return isinstance(self.error, RequestNotSent)

    @property
    def is_clean(self) -> bool:
        """Whether everything is reported restored, so that nothing has to be checked."""
        return self.verdict is Verdict.RESTORED

    @property
    def can_restore_missing(self) -> bool:
        """Whether a new plan for what was not restored makes sense: after a restore that was sent, and failed in whole
        or in part, or of which the check has found less than was reported."""
        failed = self.verdict in (Verdict.FAILED, Verdict.PARTLY)
        return (failed or bool(self.missing_or_incomplete)) and not self.not_sent

    @property
    def may_have_a_way_back(self) -> bool:
        """Whether objects may have been moved or replaced, so that ``way_back`` has something to say."""
        plan = self.dry_run.plan
        return not self.not_sent and (plan.has(Effect.OVERWRITES) or plan.has(Effect.MOVES_AWAY))

    def not_restored(self) -> Remainder:
        """The selection without what is reported restored: what failed, or was not mentioned, and what the check has
        found to be missing or incomplete."""
        restored = {
            (line.type, line.name) for line in self.results if line.requested and line.is_reported_restored
        }
        left_out = restored - self.missing_or_incomplete
        return leave_out(self.dry_run.plan.objects, self.dry_run.contents, left_out)

    @property
    def can_be_checked(self) -> bool:
        """Whether asking the server may tell more: of an unknown outcome, and of a failure that a job reported, because
        a job may report another end later."""
        return self.verdict is Verdict.UNKNOWN or isinstance(self.error, JobFailed)


def with_response(
    outcome: Outcome, response: RestoreResponse | None, error: KineticaError | None, source: str = ""
) -> Outcome:
    """The outcome with what has come of it: the results and the verdict are made anew."""
    dry_run = outcome.dry_run
    lines = dry_run.results_after(response).precompute()
    assessed = assess(dry_run, lines, response, error, outcome.ticket)
    return replace(
        outcome,
        verdict=assessed.verdict,
        reasons=assessed.reasons,
        messages=assessed.messages,
        results=lines,
        response=response,
        error=error,
        determined_by=source,
    )


def apply_check(outcome: Outcome, look: OutcomeCheck) -> Outcome:
    """The outcome after a look: kept, and settled where the look settles it. A look that found just what the one
    before it had found is kept in its place. A response of the restore's own that proves nothing is not overruled: what
    is found beside it contradicts it or says no more, so it is evidence and no proof."""
    if outcome.response is not None:
        look = replace(look, evidence=tuple(replace(found, identity="") for found in look.evidence))
    findings = [
        ReceiptFinding(source=f.source.value, text=f.text, settles=f.is_conclusive) for f in look.evidence
    ]
    entry = outcome.recorded.with_look(ReceiptLook(at=look.at, findings=findings))
    outcome = replace(outcome, last_check=look, recorded=entry)
    proof = look.conclusive
    if proof is None or (outcome.verdict is Verdict.FAILED and proof.source is not Source.JOB):
        return outcome  # a failure that a job reported is corrected by nothing but that job
    outcome = replace(
        with_response(outcome, proof.response, proof.error, proof.source.value), seconds=proof.seconds
    )
    if proof.response is None and proof.error is None:  # the history knows the whole, and no object of it
        outcome = replace(outcome, verdict=Verdict.WARNED if proof.is_partial else Verdict.RESTORED)
    return outcome


def record_outcome(store: ReceiptStore | None, outcome: Outcome, now: datetime) -> Outcome:
    """Write the outcome into the receipt. Where that fails the outcome stands all the same, and the screen says so."""
    error = outcome.error
    entry = outcome.recorded.model_copy(
        update={
            "state": "done",
            "outcome": ReceiptOutcome(
                verdict=NOT_SENT if isinstance(error, KeptBack) else outcome.verdict.value,
                at=now,
                seconds=outcome.seconds,
                source=outcome.determined_by,
                what=error.what if error else "",
                words=error.server_message if error else "",
                answer=outcome.response.model_dump() if outcome.response else None,
                reasons=list(outcome.reasons),
                messages=list(outcome.messages),
                objects=receipt_objects(outcome.results),
            ),
        }
    )
    outcome = replace(outcome, recorded=entry)
    if store is None:
        return replace(outcome, receipt_problem="None was written: you chose to continue without one.")
    try:
        return replace(outcome, receipt=store.write(entry), receipt_problem="")
    except ReceiptUnwritableError as problem:
        log.error("the outcome could not be recorded: %s", problem)
        return replace(
            outcome,
            receipt=store.path(entry.run),
            receipt_problem=f"It was written before the restore, but could not be completed: {problem}",
        )
