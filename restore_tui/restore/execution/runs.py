"""The restores of one sitting: sent, followed, looked for, and each noted in its receipt.

One run at a time is in charge here. It is counted as unknown from the moment its request leaves until its end is
told, so that whatever breaks on this side makes neither the exit code nor the last line say anything else. A run whose
request was kept back on this side is not counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from restore_tui.kinetica.sanitize import harmless
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution.confirmation import NotAllowedError, Permit
from restore_tui.restore.execution.executor import execute, follow_again
from restore_tui.restore.execution.exit_status import Run
from restore_tui.restore.execution.send_control import SendControl
from restore_tui.restore.outcome import evidence
from restore_tui.restore.outcome.outcome import Outcome, noted_down, settled_by
from restore_tui.restore.outcome.reattach import outcome_of, trace_of
from restore_tui.restore.plan.request import Target
from restore_tui.restore.polling import Report, unreported
from restore_tui.restore.preflight.assessment import Verdict
from restore_tui.restore.preflight.dry_run import Rehearsal
from restore_tui.restore.preflight.looking import EXISTING, Arrived
from restore_tui.restore.receipts.model import Receipt, ReceiptFinding, ReceiptLook
from restore_tui.restore.receipts.store import Journal, NoSuchRunError, ReceiptUnwritableError, Watch

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient

log = logging.getLogger(__name__)


class Runs:
    """Starts empty. ``outcome`` is that of the last run, as far as it is known now."""

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self.journal = journal
        self.counted: list[Run] = []
        self.outcome: Outcome | None = None
        self._clock = clock
        self._watch: Watch | None = None

    async def send(
        self,
        client: KineticaClient,
        permit: Permit,
        noted: evidence.Noted,
        *,
        server: str,
        with_receipt: bool,
        control: SendControl,
        report: Report = unreported,
        recheck: Callable[[], Awaitable[None]] | None = None,
    ) -> Outcome:
        """Send the restore of ``permit``, once, follow it and note its outcome. Raises ReceiptUnwritableError and
        NotAllowedError where nothing was sent; a receipt that was written by then says so."""
        journal = self.journal if with_receipt else None

        def count() -> None:
            self._count(permit.run, permit.rehearsal, server, journal)

        control.on_sent(count)
        try:
            if journal is not None:
                self._take_charge(permit.run)
            outcome = await execute(
                client,
                permit,
                journal,
                self._clock,
                noted=noted,
                report=report,
                control=control,
                recheck=recheck,
            )
            if control.refusal is not None:
                raise control.refusal
        except Exception:
            if not control.is_sent:
                self.let_go()
            raise
        if not control.is_sent:  # no connection: a restore that failed
            count()
        return self._conclude(outcome, left=control.stop.is_set())

    def take_up(self, receipt: Receipt, target: Target, server: str) -> Outcome:
        """Take a run of before in charge. Raises NotAllowedError where another process has it, another server is
        connected or its end is known by now, ReceiptUnwritableError, and CannotBeTakenUpError."""
        _refuse_other_server(receipt, target)
        outcome_of(receipt, None)  # one that cannot be taken up is not taken in charge
        self._take_charge(receipt.run)
        try:
            outcome = outcome_of(self._as_it_is_now(receipt), self.journal.path(receipt.run))
        except Exception:
            self.let_go()
            raise
        self._count(receipt.run, outcome.rehearsal, server, self.journal)
        return self._conclude(outcome, left=False)

    async def look(self, client: KineticaClient, target: Target) -> Outcome:
        """Look what became of the restore whose outcome is not known. The outcome, settled where that settles it.
        Raises NotAllowedError where another server is connected."""
        before = self._unknown(target)
        following = await asyncio.to_thread(self.journal.following, before.entry)
        look = await evidence.look(client, trace_of(before, following), self._clock.now())
        return await self._note_down(before, await asyncio.to_thread(settled_by, before, look), left=False)

    async def follow(
        self, client: KineticaClient, target: Target, stop: asyncio.Event, report: Report = unreported
    ) -> Outcome:
        """Follow the job of the restore whose outcome is not known to its end. Raises NotAllowedError where another
        server is connected."""
        before = self._unknown(target)
        outcome = await follow_again(client, before, self._clock, stop, report)
        return await self._note_down(before, outcome, left=stop.is_set())

    async def unsettled(self) -> list[Receipt]:
        """The runs of which only the server knows the end, newest first."""
        return await asyncio.to_thread(self.journal.unsettled)

    async def put_aside(self, run: str) -> None:
        """Offer this run no more; it stays in the history. Raises NoSuchRunError and ReceiptUnwritableError."""
        await asyncio.to_thread(self.journal.put_aside, run)

    async def note_arrivals(self, outcome: Outcome, arrived: Arrived) -> None:
        """Note in the receipt what a look after the end has found. Where that cannot be written, the outcome that
        stands there is the better part."""
        finding = ReceiptFinding(source=EXISTING, text=arrived.text)
        look = ReceiptLook(at=self._clock.now(), findings=[finding])
        if self.outcome is not None and self.outcome.run == outcome.run:
            outcome = self.outcome  # as it is known now: a look may have settled it meanwhile
        noted = replace(outcome, entry=outcome.entry.with_look(look), arrived=arrived.text)
        if self.outcome is outcome:
            self.outcome = noted
        if noted.receipt is not None:
            try:
                await asyncio.to_thread(self.journal.write, noted.entry)
            except ReceiptUnwritableError as problem:
                log.error("the look after the end could not be noted: %s", problem)

    def let_go(self) -> None:
        """Another process may have the run now."""
        if self._watch is not None:
            self._watch.let_go()
            self._watch = None

    def _unknown(self, target: Target) -> Outcome:
        if self.outcome is None or not self.outcome.can_be_checked:
            raise RuntimeError("there is no outcome to find out")
        _refuse_other_server(self.outcome.entry, target)
        return self.outcome

    def _count(self, run: str, rehearsal: Rehearsal, server: str, journal: Journal | None) -> Run:
        counted = Run(
            id=run,
            verdict=Verdict.UNKNOWN.value,
            backup=rehearsal.plan.backup,
            server=server,
            objects=rehearsal.ledger().asked,
            receipt=journal.path(run) if journal else None,
            left_running=True,
        )
        self.counted.append(counted)
        return counted

    async def _note_down(self, before: Outcome, outcome: Outcome, *, left: bool) -> Outcome:
        journal = self.journal if outcome.receipt is not None else None
        noted = await asyncio.to_thread(noted_down, journal, outcome, self._clock.now())
        # Whoever has begun something new meanwhile is not told of the old one as if it were that.
        return self._conclude(noted, left=left) if self.outcome is before else noted

    def _conclude(self, outcome: Outcome, *, left: bool) -> Outcome:
        self.outcome = outcome
        unknown = outcome.verdict is Verdict.UNKNOWN
        if not unknown:
            self.let_go()
        tally = outcome.lines.tally
        named = outcome.lines.real is not None and bool(outcome.lines.real)
        self.counted[-1] = self.counted[-1]._replace(
            verdict=outcome.verdict.value,
            objects=outcome.lines.asked,
            receipt=outcome.receipt,
            left_running=left and unknown,
            restored=tally.restored if named else None,
            failed=tally.failed,
            unmentioned=tally.missing,
        )
        return outcome

    def _as_it_is_now(self, receipt: Receipt) -> Receipt:
        """The receipt, read again under the lock: whoever watched the run before may have seen its end."""
        try:
            now = self.journal.read(receipt.run)
        except NoSuchRunError:
            return receipt
        if not now.is_unsettled:
            verdict = harmless(now.outcome.verdict if now.outcome else "", 40)
            raise NotAllowedError(f"Run {receipt.run} has ended: {verdict}.")
        return now

    def _take_charge(self, run: str) -> None:
        self.let_go()
        self._watch = self.journal.watch(run)
        if self._watch is None:
            raise NotAllowedError("Another restore-tui watches this run; it is not taken over.")


def _refuse_other_server(receipt: Receipt, target: Target) -> None:
    """Raises NotAllowedError."""
    if not receipt.server.is_at(target.url, target.cluster):
        raise NotAllowedError(
            f"Run {receipt.run} went to {harmless(receipt.server.url, 80)}: what another server knows is no "
            "evidence of it."
        )
