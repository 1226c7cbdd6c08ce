"""The one POST: who may send it, how it is sent, and what can honestly be said of what came back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, NotSent, OutcomeUnknown
from restore_tui.kinetica.text import harmless
from restore_tui.kinetica.transport import SentWatch
from restore_tui.restore.clock import Clock
from restore_tui.restore.ledger import Fate, Line, Tally, draw_up
from restore_tui.restore.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.receipt import (
    Journal,
    Receipt,
    ReceiptOutcome,
    ReceiptUnwritableError,
    first_entry,
    receipt_object,
)
from restore_tui.restore.rehearsal import MAX_AGE, Rehearsal
from restore_tui.restore.request import Target, restore_body

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.models import RestoreAnswer

log = logging.getLogger(__name__)

TYPEABLE_LENGTH = 40
DIGITS_OF_ID = 6


class NotAllowedError(Exception):
    """This restore may not be sent; the text says why. Nothing was sent."""


class Verdict(str, Enum):
    """The four ends of a restore. These words stand on the screen and in receipts."""

    RESTORED = "Restored"
    PARTLY = "Partly restored"
    FAILED = "Restore failed"
    UNKNOWN = "Outcome unknown"


@dataclass(frozen=True)
class Outcome:
    """The end of one restore. ``error`` is why there is no ``answer``; ``not_sent`` is True where it is proven
    that nothing left this machine. ``receipt`` is None where there is none, ``receipt_problem`` says why."""

    run: str
    verdict: Verdict
    rehearsal: Rehearsal
    lines: tuple[Line, ...]
    began: datetime
    seconds: float
    answer: RestoreAnswer | None = None
    error: KineticaError | None = None
    receipt: Path | None = None
    receipt_problem: str = ""

    @property
    def not_sent(self) -> bool:
        return isinstance(self.error, NotSent)

    @property
    def other_snapshot(self) -> str:
        """The snapshot that was restored, where it is not the one that the dry run used; else empty."""
        used = "" if self.answer is None or self.answer.backup_id is None else str(self.answer.backup_id)
        rehearsed = self.rehearsal.snapshot_id
        return used if used and rehearsed and used != rehearsed else ""


def confirmation_phrase(rehearsal: Rehearsal) -> str:
    """What has to be typed: the backup's name, or the last six digits of the snapshot id where the name
    cannot be typed or is too long to be."""
    name = rehearsal.plan.backup
    typeable = name.isascii() and name.isprintable() and name == name.strip()
    if typeable and 0 < len(name) <= TYPEABLE_LENGTH:
        return name
    digits = "".join(character for character in rehearsal.snapshot_id if character in "0123456789")
    return digits[-DIGITS_OF_ID:] or "restore"


class Permit:
    """Leave to send one restore, once. ``authorise`` makes it and ``execute`` spends it."""

    def __init__(self, rehearsal: Rehearsal, run: str) -> None:
        self.rehearsal = rehearsal
        self.run = run
        self._spent = False

    def spend(self) -> None:
        """Raises NotAllowedError the second time."""
        if self._spent:
            raise NotAllowedError("This confirmation has been used already.")
        self._spent = True


def authorise(
    rehearsal: Rehearsal | None,
    *,
    plan: RestorePlan,
    target: Target,
    typed: str,
    run: str,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> Permit:
    """Give leave where there is a valid rehearsal of this very plan and a person's confirmation.

    Raises NotAllowedError otherwise.
    """
    if rehearsal is None:
        raise NotAllowedError("There is no dry run of this plan.")
    void = rehearsal.void_because(plan, target, now, max_age)
    if void:
        raise NotAllowedError(void)
    if typed != confirmation_phrase(rehearsal):
        raise NotAllowedError("What was typed does not match.")
    return Permit(rehearsal, run)


async def check_newest(client: KineticaClient, rehearsal: Rehearsal) -> None:
    """For a plan that leaves the id empty: read the newest id again. Raises NotAllowedError where it is not
    the one that the dry run used, and KineticaError where it cannot be read."""
    plan = rehearsal.plan
    if not isinstance(plan.snapshot, NewestSnapshot):
        return
    snapshots = await client.snapshots(plan.data_source, plan.backup)
    newest = next((s.id for s in snapshots if not s.deleted), "")
    if newest != rehearsal.snapshot_id:
        raise NotAllowedError(
            f"The newest snapshot is now {harmless(newest, 40) or '(none)'}; the dry run used "
            f"{harmless(rehearsal.snapshot_id, 40) or '(untold)'}."
        )


async def execute(
    client: KineticaClient,
    permit: Permit,
    journal: Journal | None,
    clock: Clock,
    stop: asyncio.Event | None = None,
) -> Outcome:
    """Send the restore: the receipt first, then one POST, then the outcome into the receipt.

    ``journal`` None means that the person chose to go on without a receipt. ``stop`` ends the waiting, not
    the restore: what was sent by then is unknown. Raises NotAllowedError for a spent permit and
    ReceiptUnwritableError where the receipt cannot be written; nothing is sent in either case.
    """
    rehearsal = permit.rehearsal
    began, started = clock.now(), clock.monotonic()
    permit.spend()
    receipt = first_entry(permit.run, rehearsal, began)
    if journal is not None:
        await asyncio.to_thread(journal.write, receipt)
    answer, error = await _send_once(client, rehearsal.plan, stop)
    lines = draw_up(rehearsal.plan.objects, rehearsal.contents, rehearsal.answer, answer)
    outcome = Outcome(
        run=permit.run,
        verdict=judge(answer, error, lines),
        rehearsal=rehearsal,
        lines=lines,
        began=began,
        seconds=clock.monotonic() - started,
        answer=answer,
        error=error,
    )
    log.info("run %s: %s", permit.run, outcome.verdict.value)
    return await asyncio.to_thread(_complete, journal, receipt, outcome, clock.now())


async def _send_once(
    client: KineticaClient, plan: RestorePlan, stop: asyncio.Event | None
) -> tuple[RestoreAnswer | None, KineticaError | None]:
    watch = SentWatch()
    sending = asyncio.ensure_future(client.restore_backup(restore_body(plan, dry_run=False), watch))
    stopping = asyncio.ensure_future(stop.wait()) if stop is not None else None
    try:
        await asyncio.wait([sending, *([stopping] if stopping else [])], return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
            await asyncio.wait([sending])
    finally:
        sending.cancel()
        if stopping is not None:
            stopping.cancel()
    try:
        return sending.result(), None
    except KineticaError as error:
        return None, error
    except asyncio.CancelledError:
        if watch.left:
            return None, OutcomeUnknown("The wait for the answer was stopped.")
        return None, NotSent("The wait was stopped before the request left.")
    except Exception as error:
        # Whatever this is, it must not be told as a failure of the restore when the request had left.
        log.exception("the restore's request ended in an unexpected error")
        what = f"An unexpected error on this side: {harmless(type(error).__name__, 60)}."
        return None, OutcomeUnknown(what) if watch.left else NotSent(what)


def judge(answer: RestoreAnswer | None, error: KineticaError | None, lines: tuple[Line, ...]) -> Verdict:
    """The word for what happened. With an answer it is made from the objects: none failed and none of some
    that are named left out is *Restored*; an answer that names no object at all is taken at its OK. *Failed*
    needs a failure of every one: what is not mentioned may have been restored."""
    if answer is None:
        return Verdict.UNKNOWN if isinstance(error, OutcomeUnknown) else Verdict.FAILED
    tally = Tally.of(lines)
    named_failures = any(line.real and line.real.fate is Fate.FAILED for line in lines)
    named_anything = any(line.real and line.real.fate is not Fate.MISSING for line in lines)
    if named_failures and not tally.restored and not tally.missing:
        return Verdict.FAILED
    if named_failures or (tally.missing and named_anything):
        return Verdict.PARTLY
    return Verdict.RESTORED


def _complete(journal: Journal | None, receipt: Receipt, outcome: Outcome, now: datetime) -> Outcome:
    """Note the outcome. Where that fails the outcome stands all the same, and the screen says so."""
    if journal is None:
        return replace(outcome, receipt_problem="None was written: you chose to go on without.")
    error = outcome.error
    noted = receipt.model_copy(
        update={
            "state": "done",
            "outcome": ReceiptOutcome(
                verdict=outcome.verdict.value,
                at=now,
                seconds=outcome.seconds,
                what=error.what if error else "",
                words=error.words if error else "",
                answer=outcome.answer.model_dump() if outcome.answer else None,
                objects=[receipt_object(line) for line in outcome.lines],
            ),
        }
    )
    try:
        return replace(outcome, receipt=journal.write(noted))
    except ReceiptUnwritableError as problem:
        log.error("the outcome could not be noted: %s", problem)
        return replace(
            outcome,
            receipt=journal.path(receipt.run),
            receipt_problem=f"It was written before the restore, but not completed: {problem}",
        )
