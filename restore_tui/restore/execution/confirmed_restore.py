"""From what is typed to confirm a restore, over the last reads, to the one request and its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution import final_check
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError, confirm
from restore_tui.restore.execution.final_check import ChangedSinceShownError, FinalCheck
from restore_tui.restore.execution.run_ids import RunIds
from restore_tui.restore.execution.runs import RunRegistry
from restore_tui.restore.execution.send_control import SendControl, WithdrawnError
from restore_tui.restore.outcome import evidence
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.outcome_query import Baseline
from restore_tui.restore.plan.plan import NewestSnapshot
from restore_tui.restore.polling import ProgressCallback, ignore_progress, run_until_cancelled

if TYPE_CHECKING:
    from restore_tui.restore.plan.choices import Choices
    from restore_tui.restore.preflight.preflight import Preflight
    from restore_tui.restore.receipts.model import Receipt


class ConfirmedRestore:
    """The restore of the plan as it is chosen now. One request at a time is on its way."""

    def __init__(
        self,
        clock: Clock,
        choices: Choices,
        preflight: Preflight,
        runs: RunRegistry,
        run_ids: RunIds,
    ) -> None:
        self._clock = clock
        self._choices = choices
        self._preflight = preflight
        self._runs = runs
        self._run_ids = run_ids
        self._is_sending = False

    async def open_runs(self) -> list[Receipt]:
        """The restores of this backup at this server, from here, whose outcome is not known; newest first."""
        plan, target = self._choices.plan, self._preflight.destination
        return [
            receipt
            for receipt in await self._runs.unsettled()
            if receipt.is_of(plan.backup, plan.data_source)
            and receipt.server.is_at(target.url, target.cluster)
        ]

    async def final_check(self) -> FinalCheck:
        """Read what the confirmation warns about. Where that contradicts the dry run, the dry run is stale from here
        on. What cannot be read is part of the result. Only with a dry run."""
        preflight = self._preflight
        dry_run = preflight.dry_run
        if dry_run is None:
            raise RestoreBlockedError("There is no dry run of this plan.")
        reads = self._choices.reads
        found = await final_check.read(
            reads.client, dry_run, open_runs=self.open_runs, look_again=preflight.recheck
        )
        why = final_check.staleness_reason(dry_run, found)
        if why and preflight.dry_run is dry_run:
            preflight.dry_run = dry_run.voided(why)
        server = found.server
        if why and server is not None and not isinstance(server, KineticaError):
            self._choices.answers_as(server)  # the next dry run is made against what answers now
        return found

    async def confirm(self, typed: str, shown: FinalCheck | None = None) -> Confirmation:
        """Leave to restore, for a person who typed ``typed``. Reads again what the confirmation warns about.

        Raises RestoreBlockedError where the dry run is stale, by what was read or by its age; ChangedSinceShownError
        where something is new since ``shown`` was on the screen; and KineticaError where the plan leaves the snapshot's
        id empty and the newest one cannot be read, which makes the dry run stale.
        """
        preflight = self._preflight
        dry_run = self._confirm(typed).dry_run
        found = await self.final_check()
        newest = isinstance(dry_run.plan.snapshot, NewestSnapshot)
        if newest and isinstance(found.snapshots, KineticaError):
            if preflight.dry_run is dry_run:
                preflight.dry_run = None
            raise found.snapshots
        gone = final_check.vanished(dry_run, shown, found) if shown is not None else ""
        if gone and preflight.dry_run is not None:
            preflight.dry_run = preflight.dry_run.voided(gone)
        void = "" if preflight.dry_run is None else preflight.dry_run.stale_reason
        if void:
            raise RestoreBlockedError(void)
        confirmation = self._confirm(typed)  # reading took time, in which the dry run may have aged
        if confirmation.dry_run is not dry_run:
            raise RestoreBlockedError("Another dry run has finished since: confirm that one.")
        new = final_check.changes_since_shown(shown, found) if shown is not None else ()
        if new:
            raise ChangedSinceShownError(new, found)
        confirmation.unclear = found.changes.unclear
        confirmation.key_facts = preflight.key_facts()
        # Where they could not be read, all of them are read, and new, before it is sent.
        if not isinstance(found.open_runs, KineticaError):
            confirmation.open_runs = frozenset(receipt.run for receipt in found.open_runs)
        self._run_ids.consume()
        return confirmation

    def _confirm(self, typed: str) -> Confirmation:
        return confirm(
            self._preflight.dry_run,
            plan=self._choices.plan,
            target=self._preflight.destination,
            typed=typed,
            run=self._run_ids.current(),
            now=self._preflight.now(),
            max_age=self._preflight.policy.dry_run_max_age,
        )

    async def send(
        self,
        confirmation: Confirmation,
        *,
        with_receipt: bool,
        control: SendControl,
        report: ProgressCallback = ignore_progress,
    ) -> Outcome:
        """Send the restore, once, and note its outcome. Raises ReceiptUnwritableError before anything is sent.

        The dry run is taken away the moment the request leaves: neither a second confirmation of it nor a cancelled
        wait permits a second restore. Raises RestoreBlockedError where the dry run of the confirmation is stale by
        then, where another wizard has begun a restore of this backup, or where the operator canceled it before the
        request had left.
        """
        self._refuse_stale(confirmation)
        if self._is_sending:
            raise RestoreBlockedError("The confirmation before this one has not ended yet.")
        self._is_sending = True
        try:
            return await self._send(confirmation, control, with_receipt=with_receipt, report=report)
        finally:
            self._is_sending = False

    async def _send(
        self,
        confirmation: Confirmation,
        control: SendControl,
        *,
        with_receipt: bool,
        report: ProgressCallback,
    ) -> Outcome:
        reads = self._choices.reads
        control.stage = "reading jobs and history"
        baseline = evidence.capture_baseline(reads.client, confirmation.dry_run.plan.backup, self._clock)
        noted = await run_until_cancelled(control.stop, baseline) or Baseline()
        self._refuse_stale(confirmation)  # reading took time, in which the dry run may have aged
        if control.stop.is_set():
            raise WithdrawnError

        def last_check() -> None:
            self._refuse_stale(confirmation)

        def take_the_dry_run() -> None:
            self._preflight.dry_run = None

        async def recheck() -> None:
            """Of two wizards that confirm at once each writes its receipt before it reads those of others, so at
            least one of them finds the other."""
            others = [receipt for receipt in await self.open_runs() if receipt.run != confirmation.run]
            new = final_check.new_run_sentences(confirmation.open_runs, tuple(others))
            if new:
                raise RestoreBlockedError(" ".join(new))

        control.last_check = last_check
        control.on_sent(take_the_dry_run)
        outcome = await self._runs.send(
            reads.client,
            confirmation,
            noted,
            server=reads.label,
            with_receipt=with_receipt,
            control=control,
            report=report,
            recheck=recheck,
        )
        if not outcome.not_sent:
            self._choices.reads.clear()
        return outcome

    def _refuse_stale(self, confirmation: Confirmation) -> None:
        if confirmation.dry_run is not self._preflight.dry_run:
            raise RestoreBlockedError("The dry run behind this confirmation is used or stale.")
        void = self._preflight.staleness_reason()
        if void:
            raise RestoreBlockedError(void)
