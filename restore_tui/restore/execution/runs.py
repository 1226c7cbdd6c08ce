"""The restores of one session: sent, followed, looked for, and each noted in its receipt.

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

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError
from restore_tui.restore.execution.executor import resume_polling, run_restore
from restore_tui.restore.execution.exit_status import RunSummary
from restore_tui.restore.execution.send_control import SendControl
from restore_tui.restore.outcome import evidence
from restore_tui.restore.outcome.outcome import Outcome, apply_check, record_outcome
from restore_tui.restore.outcome.outcome_query import Baseline
from restore_tui.restore.outcome.post_check import PostCheck
from restore_tui.restore.outcome.reattach import outcome_of, outcome_query_for
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import Destination
from restore_tui.restore.polling import ProgressCallback, ignore_progress
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.receipts.model import Receipt, ReceiptFinding, ReceiptLook, Source, Verdict
from restore_tui.restore.receipts.past_restore import PastRestore
from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore, ReceiptUnwritableError, RunLock

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient

log = logging.getLogger(__name__)


class RunRegistry:
    """Starts empty. ``outcome`` is that of the last run, as far as it is known now."""

    def __init__(self, clock: Clock, store: ReceiptStore) -> None:
        self.store = store
        self.summaries: list[RunSummary] = []
        self.outcome: Outcome | None = None
        self._clock = clock
        self._watch: RunLock | None = None

    async def send(
        self,
        client: KineticaClient,
        confirmation: Confirmation,
        noted: Baseline,
        *,
        server: str,
        with_receipt: bool,
        control: SendControl,
        report: ProgressCallback = ignore_progress,
        recheck: Callable[[], Awaitable[None]] | None = None,
    ) -> Outcome:
        """Send the restore of ``confirmation``, once, follow it and note its outcome. Raises ReceiptUnwritableError and
        RestoreBlockedError where nothing was sent; a receipt that was written by then says so."""
        store = self.store if with_receipt else None

        def count() -> None:
            self._register(confirmation.run, confirmation.dry_run, server, store)

        control.on_sent(count)
        try:
            if store is not None:
                self._acquire(confirmation.run)
            outcome = await run_restore(
                client,
                confirmation,
                store,
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
                self.release()
            raise
        if not control.is_sent:  # no connection: a restore that failed
            count()
        return self._conclude(outcome, left=control.stop.is_set())

    def reattach(self, receipt: Receipt, target: Destination, server: str) -> Outcome:
        """Take a run of before in charge. Raises RestoreBlockedError where another process has it, another server is
        connected or its end is known by now, ReceiptUnwritableError, and CannotReattachError."""
        _refuse_other_server(receipt, target)
        outcome_of(receipt, None)  # one that cannot be taken up is not taken in charge
        self._acquire(receipt.run)
        try:
            outcome = outcome_of(self._as_it_is_now(receipt), self.store.path(receipt.run))
        except Exception:
            self.release()
            raise
        self._register(receipt.run, outcome.dry_run, server, self.store)
        return self._conclude(outcome, left=False)

    async def check_outcome(self, client: KineticaClient, target: Destination) -> Outcome:
        """Look what became of the restore whose outcome is not known. The outcome, settled where that settles it.
        Raises RestoreBlockedError where another server is connected."""
        before = self._unknown(target)
        following = await asyncio.to_thread(self.store.next_restore_of, before.recorded)
        look = await evidence.check_outcome(
            client, outcome_query_for(before.recorded, following), self._clock.now()
        )
        return await self._record(before, await asyncio.to_thread(apply_check, before, look), left=False)

    async def follow(
        self,
        client: KineticaClient,
        target: Destination,
        stop: asyncio.Event,
        report: ProgressCallback = ignore_progress,
    ) -> Outcome:
        """Follow the job of the restore whose outcome is not known to its end. Raises RestoreBlockedError where another
        server is connected."""
        before = self._unknown(target)
        outcome = await resume_polling(client, before, self._clock, stop, report)
        return await self._record(before, outcome, left=stop.is_set())

    async def unsettled(self) -> list[Receipt]:
        """The runs of which only the server knows the end, newest first."""
        return await asyncio.to_thread(self.store.unsettled)

    async def last_restored(self, plan: RestorePlan, destination: Destination) -> PastRestore | None:
        """The newest restore of this plan's backup there that restored everything in a known time."""
        return await asyncio.to_thread(
            self.store.last_restored,
            plan.backup,
            plan.data_source,
            destination.url,
            destination.cluster,
        )

    async def dismiss(self, run: str) -> None:
        """Offer this run no more; it stays in the history. Raises NoSuchRunError and ReceiptUnwritableError."""
        await asyncio.to_thread(self.store.dismiss, run)

    async def record_post_check(self, outcome: Outcome, arrived: PostCheck) -> None:
        """Note in the receipt what a look after the end has found. Where that cannot be written, the outcome that
        stands there is the better part."""
        finding = ReceiptFinding(source=Source.EXISTING.value, text=arrived.text)
        look = ReceiptLook(at=self._clock.now(), findings=[finding])
        if self.outcome is not None and self.outcome.run == outcome.run:
            outcome = self.outcome  # as it is known now: a look may have settled it meanwhile
        noted = replace(
            outcome,
            recorded=outcome.recorded.with_look(look),
            post_check=arrived.text,
            missing_or_incomplete=arrived.missing_or_incomplete,
        )
        if self.outcome is outcome:
            self.outcome = noted
        if noted.receipt is not None:
            try:
                await asyncio.to_thread(self.store.write, noted.recorded)
            except ReceiptUnwritableError as problem:
                log.error("the check after the end could not be recorded: %s", problem)

    def release(self) -> None:
        """Another process may have the run now."""
        if self._watch is not None:
            self._watch.release()
            self._watch = None

    def _unknown(self, target: Destination) -> Outcome:
        if self.outcome is None or not self.outcome.can_be_checked:
            raise RuntimeError("there is no outcome to find out")
        _refuse_other_server(self.outcome.recorded, target)
        return self.outcome

    def _register(self, run: str, dry_run: DryRun, server: str, store: ReceiptStore | None) -> None:
        self.summaries.append(
            RunSummary(
                id=run,
                verdict=Verdict.UNKNOWN.value,
                backup=dry_run.plan.backup,
                server=server,
                objects=dry_run.results().requested,
                receipt=store.path(run) if store else None,
                left_running=True,
            )
        )

    async def _record(self, before: Outcome, outcome: Outcome, *, left: bool) -> Outcome:
        store = self.store if outcome.receipt is not None else None
        noted = await asyncio.to_thread(record_outcome, store, outcome, self._clock.now())
        # Whoever has begun something new meanwhile is not told of the old one as if it were that.
        return self._conclude(noted, left=left) if self.outcome is before else noted

    def _conclude(self, outcome: Outcome, *, left: bool) -> Outcome:
        self.outcome = outcome
        unknown = outcome.verdict is Verdict.UNKNOWN
        if not unknown:
            self.release()
        tally = outcome.results.counts
        named = outcome.results.restore is not None and bool(outcome.results.restore)
        self.summaries[-1] = self.summaries[-1]._replace(
            verdict=outcome.verdict.value,
            objects=outcome.results.requested,
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
            now = self.store.read(receipt.run)
        except NoSuchRunError:
            return receipt
        if not now.is_unsettled:
            verdict = sanitize(now.outcome.verdict if now.outcome else "", 40)
            raise RestoreBlockedError(f"Run {receipt.run} has ended: {verdict}.")
        return now

    def _acquire(self, run: str) -> None:
        self.release()
        self._watch = self.store.lock(run)
        if self._watch is None:
            raise RestoreBlockedError(
                "Another restore-tui is following this run; it is not taken over. To see what it finds: "
                f"restore-tui attach {run} --wait."
            )


def _refuse_other_server(receipt: Receipt, target: Destination) -> None:
    """Raises RestoreBlockedError."""
    if not receipt.server.is_at(target.url, target.cluster):
        raise RestoreBlockedError(
            f"Run {receipt.run} went to {sanitize(receipt.server.url, 80)}: what another server knows is no "
            "evidence of it."
        )
