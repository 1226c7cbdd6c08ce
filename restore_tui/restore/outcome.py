"""The end of a restore, as far as it is known: the word for it, and what it rests on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, NotSent, OutcomeUnknown
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.evidence import JOB, Look
from restore_tui.restore.following import JobFailed
from restore_tui.restore.journal import Journal, ReceiptUnwritableError
from restore_tui.restore.ledger import Fate, Ledger, draw_up
from restore_tui.restore.receipt import (
    UNKNOWN,
    Receipt,
    ReceiptFinding,
    ReceiptLook,
    ReceiptOutcome,
    receipt_objects,
)
from restore_tui.restore.rehearsal import Rehearsal
from restore_tui.restore.schema_map import target_schemas

if TYPE_CHECKING:
    from restore_tui.kinetica.models import RestoreAnswer

log = logging.getLogger(__name__)


class Verdict(str, Enum):
    """The four ends of a restore. These words stand on the screen and in receipts."""

    RESTORED = "Restored"
    PARTLY = "Partly restored"
    FAILED = "Restore failed"
    UNKNOWN = UNKNOWN


@dataclass(frozen=True)
class Outcome:
    """The end of one restore, as far as it is known. ``error`` is why there is no ``answer``; ``not_sent`` is True
    where it is proven that nothing left this machine. ``seconds`` is how long it took, or how long an unknown one was
    waited for; None where nobody measured it. ``receipt`` is None where there is none, ``receipt_problem`` says
    why; ``entry`` is what stands in it, or would. ``source`` is what settled an outcome that was unknown, and ``look``
    the last one that was taken at it."""

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

    @property
    def other_snapshot(self) -> str:
        """The snapshot that was restored, where it is not the one that the dry run used; else empty."""
        used = "" if self.answer is None or self.answer.backup_id is None else str(self.answer.backup_id)
        rehearsed = self.rehearsal.snapshot_id
        return used if used and rehearsed and used != rehearsed else ""


def judge(answer: RestoreAnswer | None, error: KineticaError | None, lines: Ledger) -> Verdict:
    """The word for what happened. With an answer it is made from the objects: none failed and none of some
    that are named left out is *Restored*; an answer that names no object at all is taken at its OK. *Failed*
    needs a failure of every one: what is not mentioned may have been restored."""
    if answer is None:
        return Verdict.UNKNOWN if isinstance(error, OutcomeUnknown) else Verdict.FAILED
    tally = lines.tally
    named_failures = any(line.real and line.real.fate is Fate.FAILED for line in lines)
    named_anything = any(line.real and line.real.fate is not Fate.MISSING for line in lines)
    if named_failures and not tally.restored and not tally.missing:
        return Verdict.FAILED
    if named_failures or (tally.missing and named_anything):
        return Verdict.PARTLY
    return Verdict.RESTORED


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
    return replace(
        outcome, verdict=judge(answer, error, lines), lines=lines, answer=answer, error=error, source=source
    )


def settled_by(outcome: Outcome, look: Look) -> Outcome:
    """The outcome after a look: kept, and settled where the look settles it. A look that found just what the one
    before it had found is kept in its place."""
    findings = [ReceiptFinding(source=f.source, text=f.text, settles=f.settles) for f in look.findings]
    entry = outcome.entry.with_look(ReceiptLook(at=look.at, findings=findings))
    outcome = replace(outcome, look=look, entry=entry)
    proof = look.settled
    if proof is None or (outcome.verdict is Verdict.FAILED and proof.source != JOB):
        return outcome  # a failure that a job reported is corrected by nothing but that job
    outcome = replace(concluded(outcome, proof.answer, proof.error, proof.source), seconds=proof.seconds)
    if proof.answer is None and proof.error is None:  # the history knows the whole, and no object of it
        outcome = replace(outcome, verdict=Verdict.PARTLY if proof.partly else Verdict.RESTORED)
    return outcome


def noted_down(journal: Journal | None, outcome: Outcome, now: datetime) -> Outcome:
    """Write the outcome into the receipt. Where that fails the outcome stands all the same, and the screen says so."""
    error = outcome.error
    entry = outcome.entry.model_copy(
        update={
            "state": "done",
            "outcome": ReceiptOutcome(
                verdict=outcome.verdict.value,
                at=now,
                seconds=outcome.seconds,
                source=outcome.source,
                what=error.what if error else "",
                words=error.words if error else "",
                answer=outcome.answer.model_dump() if outcome.answer else None,
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
