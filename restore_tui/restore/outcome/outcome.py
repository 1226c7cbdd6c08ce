"""The end of a restore, as far as it is known: the word for it, and what it rests on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, NotSent
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.outcome.evidence import JOB, Look
from restore_tui.restore.plan.schema_map import target_schemas
from restore_tui.restore.polling import JobFailed
from restore_tui.restore.preflight.assessment import Verdict, assess
from restore_tui.restore.preflight.dry_run import Rehearsal
from restore_tui.restore.preflight.results import Ledger, draw_up
from restore_tui.restore.receipts.model import (
    NOT_SENT,
    Receipt,
    ReceiptFinding,
    ReceiptLook,
    ReceiptOutcome,
    receipt_objects,
)
from restore_tui.restore.receipts.store import Journal, ReceiptUnwritableError

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreAnswer

log = logging.getLogger(__name__)


class KeptBack(NotSent):
    """This side kept a confirmed request back: it was canceled, or a check before it left refused it."""


@dataclass(frozen=True)
class Outcome:
    """The end of one restore, as far as it is known. ``error`` is why there is no ``answer``; ``not_sent`` is True
    where it is proven that nothing left this machine. ``seconds`` is how long it took, or how long an unknown one was
    waited for; None where nobody measured it. ``receipt`` is None where there is none, ``receipt_problem`` says
    why; ``entry`` is what stands in it, or would. ``source`` is what settled an outcome that was unknown, and ``look``
    the last one that was taken at it. ``reasons`` say why the verdict is not better, and ``messages`` are what the
    server added to an OK."""

    run: str
    verdict: Verdict
    rehearsal: Rehearsal
    lines: Ledger
    began: datetime
    seconds: float | None
    entry: Receipt
    answer: RestoreAnswer | None = None
    error: KineticaError | None = None
    receipt: Path | None = None
    receipt_problem: str = ""
    source: str = ""
    look: Look | None = None
    reasons: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    arrived: str = ""
    """What the last check of what exists now has found, in words."""

    @property
    def ticket(self) -> JobTicket | None:
        """The background job that it was sent as."""
        job = self.entry.job
        return JobTicket(job.tag, job.id, job.query_id) if job else None

    @property
    def not_sent(self) -> bool:
        return isinstance(self.error, NotSent)

    @property
    def is_clean(self) -> bool:
        """Whether everything is reported restored, so that nothing has to be checked."""
        return self.verdict is Verdict.RESTORED

    @property
    def can_be_checked(self) -> bool:
        """Whether asking the server may tell more: of an unknown outcome, and of a failure that a job reported, because
        a job may report another end later."""
        return self.verdict is Verdict.UNKNOWN or isinstance(self.error, JobFailed)


def concluded(
    outcome: Outcome, answer: RestoreAnswer | None, error: KineticaError | None, source: str = ""
) -> Outcome:
    """The outcome with what has come of it: the ledger and the verdict are made anew."""
    rehearsal = outcome.rehearsal
    plan = rehearsal.plan
    lines = draw_up(
        plan.objects,
        rehearsal.contents,
        rehearsal.answer,
        answer,
        targets=target_schemas(plan),
        seen=rehearsal.foresight.seen,
    ).drawn_up()
    assessed = assess(rehearsal, lines, answer, error, outcome.ticket)
    return replace(
        outcome,
        verdict=assessed.verdict,
        reasons=assessed.reasons,
        messages=assessed.messages,
        lines=lines,
        answer=answer,
        error=error,
        source=source,
    )


def settled_by(outcome: Outcome, look: Look) -> Outcome:
    """The outcome after a look: kept, and settled where the look settles it. A look that found just what the one
    before it had found is kept in its place. A response of the restore's own that proves nothing is not overruled: what
    is found beside it contradicts it or says no more, so it is evidence and no proof."""
    if outcome.answer is not None:
        look = replace(look, findings=tuple(replace(found, identity="") for found in look.findings))
    findings = [ReceiptFinding(source=f.source, text=f.text, settles=f.settles) for f in look.findings]
    entry = outcome.entry.with_look(ReceiptLook(at=look.at, findings=findings))
    outcome = replace(outcome, look=look, entry=entry)
    proof = look.settled
    if proof is None or (outcome.verdict is Verdict.FAILED and proof.source != JOB):
        return outcome  # a failure that a job reported is corrected by nothing but that job
    outcome = replace(concluded(outcome, proof.answer, proof.error, proof.source), seconds=proof.seconds)
    if proof.answer is None and proof.error is None:  # the history knows the whole, and no object of it
        outcome = replace(outcome, verdict=Verdict.WARNED if proof.partly else Verdict.RESTORED)
    return outcome


def noted_down(journal: Journal | None, outcome: Outcome, now: datetime) -> Outcome:
    """Write the outcome into the receipt. Where that fails the outcome stands all the same, and the screen says so."""
    error = outcome.error
    entry = outcome.entry.model_copy(
        update={
            "state": "done",
            "outcome": ReceiptOutcome(
                verdict=NOT_SENT if isinstance(error, KeptBack) else outcome.verdict.value,
                at=now,
                seconds=outcome.seconds,
                source=outcome.source,
                what=error.what if error else "",
                words=error.words if error else "",
                answer=outcome.answer.model_dump() if outcome.answer else None,
                reasons=list(outcome.reasons),
                messages=list(outcome.messages),
                objects=receipt_objects(outcome.lines),
            ),
        }
    )
    outcome = replace(outcome, entry=entry)
    if journal is None:
        return replace(outcome, receipt_problem="None was written: you chose to go on without.")
    try:
        return replace(outcome, receipt=journal.write(entry), receipt_problem="")
    except ReceiptUnwritableError as problem:
        log.error("the outcome could not be noted: %s", problem)
        return replace(
            outcome,
            receipt=journal.path(entry.run),
            receipt_problem=f"It was written before the restore, but not completed: {problem}",
        )
