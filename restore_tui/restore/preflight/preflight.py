"""All that is found out about a plan before its restore: what exists now, what was verified, and the dry run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import KineticaError, RequestRejected
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import AUTO, DIRECT, Destination
from restore_tui.restore.polling import ProgressCallback, ignore_progress
from restore_tui.restore.preflight import conflict_report
from restore_tui.restore.preflight.conflict_check import read_inventory
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.drift import DriftCheck, recheck
from restore_tui.restore.preflight.dry_run import MAX_AGE, DryRun, run_dry_run
from restore_tui.restore.preflight.key_facts import KeyFact, key_facts
from restore_tui.restore.preflight.live_counts import (
    LiveCounts,
    read_live_counts,
    read_live_tables,
    written_since,
)
from restore_tui.restore.preflight.only_missing import OnlyMissing, only_missing
from restore_tui.restore.preflight.plan_warnings import CREDENTIAL_KEYS, PlanFacts
from restore_tui.restore.preflight.presence import SnapshotPresence, snapshot_presence, types_to_read
from restore_tui.restore.preflight.verification import (
    FailedVerification,
    VerificationCache,
    VerificationResult,
)
from restore_tui.restore.server_reads import CONTENTS

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot
    from restore_tui.restore.clock import Clock
    from restore_tui.restore.plan.choices import Choices

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SessionOptions:
    """What the settings say about restores: ``dry_run_only`` never sends a real one; ``mode`` is auto, job or direct;
    ``label`` is the word for the server that a confirmation takes."""

    receipts: Path
    mode: str = AUTO
    dry_run_max_age: timedelta = MAX_AGE
    dry_run_only: bool = False
    label: str = ""


class _RecordCounts(NamedTuple):
    """The records of what a conflict check found to be replaced, as they were counted last, and beside the dry run."""

    report: ConflictReport
    now: LiveCounts
    before: LiveCounts


class Preflight:
    """Of the plan as it is chosen now. ``dry_run`` and ``conflicts`` know which plan they are of, so that a choice does
    not have to clear them. Methods that read raise KineticaError."""

    def __init__(
        self, clock: Clock, choices: Choices, policy: SessionOptions, next_tag: Callable[[], str]
    ) -> None:
        self.policy = policy
        self.dry_run: DryRun | None = None
        self.conflicts: ConflictReport | None = None
        self.verifications = VerificationCache()
        self._clock = clock
        self._choices = choices
        self._next_tag = next_tag
        self._counted: _RecordCounts | None = None

    def clear(self) -> None:
        """Another restore: neither dry run nor conflict check is of it."""
        self.dry_run = self.conflicts = None

    @property
    def destination(self) -> Destination:
        """Where requests go now, as the fingerprint has it. Where either mode will do, it is the one that the dry run
        has proven."""
        reads, mode = self._choices.reads, self._choices.mode
        if mode == AUTO:
            mode = self.dry_run.destination.mode if self.dry_run is not None else DIRECT
        url, user, cluster = reads.identity
        return Destination(url, user, reads.server.version, cluster, mode, self.policy.label)

    # What is known. None of this asks the server

    def facts(self) -> PlanFacts:
        """What has been read so far that the plan's warnings need."""
        plan, reads = self._choices.plan, self._choices.reads
        source = reads.known_data_source(plan.data_source)
        raw = source.raw if source is not None else {}
        login = reads.client.link.login
        return PlanFacts(
            conflicts=self.conflicts,
            snapshots=reads.known_snapshots(plan.data_source, plan.backup),
            user="" if login.token else login.user,
            credential=next((value for key, value in raw.items() if key.lower() in CREDENTIAL_KEYS), ""),
            live=self.live_counts,
        )

    def key_facts(self) -> tuple[KeyFact, ...]:
        """The four facts that the restore of this plan is decided on, as far as they are known."""
        plan = self._choices.plan
        wanted = self.dry_run.snapshot_id if self.dry_run is not None else plan.listed_snapshot_id
        listed, last = self.listed_snapshot(wanted), self.last_verification(wanted)
        return key_facts(plan, self.facts(), last, listed, wanted, self._clock.now())

    def listed_snapshot(self, snapshot_id: str) -> Snapshot | None:
        """A snapshot of the plan's backup as it is listed, or was for the dry run; None where it was not."""
        plan = self._choices.plan
        before = [self.dry_run.listed] if self.dry_run is not None and self.dry_run.listed is not None else []
        listed = self._choices.reads.known_snapshots(plan.data_source, plan.backup)
        return next((known for known in (*listed, *before) if known.id == snapshot_id), None)

    def known_presence(self) -> SnapshotPresence | None:
        """Which objects of the chosen snapshot exist now, if that was read for its contents as they are kept."""
        reads, key = self._choices.reads, self._choices.plan.snapshot_key
        known = reads.known("presence", *key)
        if isinstance(known, SnapshotPresence) and known.contents is reads.known(CONTENTS, *key):
            return known
        return None

    def last_verification(self, snapshot_id: str) -> VerificationResult | FailedVerification | None:
        """The last verification of a snapshot of the plan's backup, whatever came of it."""
        plan = self._choices.plan
        return self.verifications.last((plan.data_source, plan.backup, snapshot_id))

    @property
    def live_counts(self) -> LiveCounts:
        """The records of the tables that would be replaced, as they were counted last; empty where they were not."""
        counted = self._counted
        return counted.now if counted is not None and counted.report is self.conflicts else LiveCounts()

    def staleness_reason(self) -> str | None:
        """Why the dry run does not permit a restore now; None where it does."""
        if self.dry_run is None:
            return "There is no dry run of this plan."
        return self.dry_run.staleness_reason(
            self._choices.plan, self.destination, self.now(), self.policy.dry_run_max_age
        )

    def now(self) -> datetime:
        """The time of day, or what the monotonic clock makes of it where somebody set the time back after the dry
        run."""
        dry_run = self.dry_run
        if dry_run is None or dry_run.completed_monotonic is None:
            return self._clock.now() if dry_run is None else max(self._clock.now(), dry_run.at)
        elapsed = self._clock.monotonic() - dry_run.completed_monotonic
        return max(self._clock.now(), dry_run.at + timedelta(seconds=elapsed))

    # What the server is asked

    async def presence(self) -> SnapshotPresence:
        """Which objects of the chosen snapshot exist now: read once for its contents."""
        reads, key = self._choices.reads, self._choices.plan.snapshot_key
        contents = await reads.contents(key)

        async def read() -> SnapshotPresence:
            inventory = await read_inventory(reads.client, types_to_read(contents))
            return await asyncio.to_thread(snapshot_presence, contents, inventory)

        return await reads.cached(("presence", *key), read, fresh=self.known_presence() is None)

    async def presence_with_counts(self) -> SnapshotPresence:
        """The same, and how many records the tables have now: read once as well, from the server's cache."""
        reads, key = self._choices.reads, self._choices.plan.snapshot_key
        known = await self.presence()
        if known.live is not None:
            return known
        listed = self.listed_snapshot(key[-1])
        counts_changes = listed is None or listed.counts_changes
        live = await read_live_tables(reads.client, known.schemas_to_count, exactly=False)
        counted = await asyncio.to_thread(known.with_counts, live, counts_changes=counts_changes)
        reads.replace(("presence", *key), known, counted)
        return counted

    async def verify(self, snapshot_id: str = "") -> VerificationResult:
        """Ask whether a snapshot of the plan's backup is readable, always by its id; without one, the plan's. Raises
        NotVerifiable where it has none."""
        plan, reads = self._choices.plan, self._choices.reads
        which = (plan.data_source, plan.backup, snapshot_id or plan.listed_snapshot_id)
        try:
            verified = VerificationResult(await reads.client.verify(*which), self._clock.now())
        except KineticaError as error:
            if reads.identity == self._choices.reads.identity:
                message = f"{error.what} {error.server_message}".strip()
                self.verifications.fail(which, FailedVerification(message, self._clock.now()))
            raise
        is_same = reads.identity == self._choices.reads.identity
        return self.verifications.put(which, verified) if is_same else verified

    async def check_conflicts(self) -> ConflictReport:
        """Check what the plan would meet, without a dry run."""
        plan, reads = self._choices.plan, self._choices.reads
        contents = await reads.contents(plan.snapshot_key)
        report = await conflict_report.check_conflicts(reads.client, plan, contents)
        self.conflicts = await conflict_report.precompute(report)
        return self.conflicts

    async def look_ahead(self) -> bool:
        """Check what the plan would meet, where that is not known: what is known of the same objects is evaluated
        again, and the server is asked nothing. Returns whether something is known now that was not."""
        plan, before = self._choices.plan, self.conflicts
        if not plan.objects or plan.snapshot is None or self.facts().conflicts_of(plan) is not None:
            return False
        if before is not None and before.plan.is_same_but_for_options(plan):
            found = await conflict_report.foresee_under(plan, before)
        else:
            reads = self._choices.reads
            contents = await reads.contents(plan.snapshot_key)
            found = await conflict_report.check_conflicts(reads.client, plan, contents)
        found = await conflict_report.precompute(found)
        if not self._choices.plan.is_same_but_for_options(plan) or self.conflicts is not before:
            return False  # something else was chosen or checked meanwhile
        self.conflicts = found
        return True

    async def only_missing(self) -> OnlyMissing | None:
        """What is left of the selection without what exists now. The conflict check is made where there is none of this
        plan. Returns None where the plan has changed meanwhile."""
        await self.look_ahead()
        report = self.facts().conflicts_of(self._choices.plan)
        return None if report is None else await asyncio.to_thread(only_missing, report)

    async def count_records(self) -> str:
        """Count the records of the tables that would be replaced again. Returns, in a sentence, which of them were
        written to since the dry run; empty where none was."""
        counted = self._counted
        if counted is None or counted.report is not self.conflicts:
            return ""
        found = await self._count(counted.report)
        if self._counted is counted:
            self._counted = counted._replace(now=found)
        return written_since(counted.before, found)

    async def run_dry_run(self, report: ProgressCallback = ignore_progress) -> DryRun:
        """Send the dry run of the plan, once, and check conflicts beside it. The one before is stale from here on,
        whatever comes. ``conflicts`` is known also where the dry run is refused."""
        self.dry_run = self.conflicts = None
        problems = self._choices.problems()
        if problems:
            raise RuntimeError(f"an incomplete plan is not sent: {problems[0].text}")
        plan, reads = self._choices.plan, self._choices.reads
        contents = await reads.contents(plan.snapshot_key)
        check = asyncio.ensure_future(self._check(plan, contents))
        try:
            dry_run = await run_dry_run(
                reads.client,
                plan,
                self.destination,
                contents,
                self._clock,
                wish=self._choices.mode,
                tag=self._next_tag(),
                report=report,
                snapshots=reads.known_snapshots(plan.data_source, plan.backup),
            )
            conflicts, counts = await check
        except RequestRejected:
            conflicts, counts = await check  # now all the more worth knowing
            self.conflicts = await conflict_report.precompute(conflicts)
            self._counted = _RecordCounts(conflicts, counts, counts)
            raise
        finally:
            check.cancel()
        newest = plan.snapshot
        if isinstance(newest, NewestSnapshot) and dry_run.snapshot_id not in ("", newest.seen_id):
            # The server took a newer snapshot than the one that was listed: the results are of that one.
            try:
                contents = await reads.contents((plan.data_source, plan.backup, dry_run.snapshot_id))
            except KineticaError as error:
                log.warning("the contents of snapshot %s: %s", dry_run.snapshot_id, error.what)
                contents = Contents()
            dry_run = replace(dry_run, contents=contents)
            conflicts, counts = await self._check(plan, contents)
        dry_run = replace(dry_run, conflicts=conflicts)
        await asyncio.to_thread(lambda: dry_run.results().precompute())  # while the screen answers
        self.dry_run, self.conflicts = dry_run, conflicts
        self._counted = _RecordCounts(conflicts, counts, counts)
        return dry_run

    async def recheck(self) -> DriftCheck | None:
        """Check again what the dry run touches. Where something has appeared or vanished since, the dry run is stale
        from here on. A check that fails changes nothing, and says so. None where there is no dry run."""
        dry_run = self.dry_run
        if dry_run is None:
            return None
        again = await recheck(self._choices.reads.client, dry_run)
        if self.dry_run is dry_run:
            self.dry_run = again.dry_run
        return again

    async def _check(self, plan: RestorePlan, contents: Contents) -> tuple[ConflictReport, LiveCounts]:
        """What the plan would meet, and how many records what it replaces has."""
        report = await conflict_report.check_conflicts(self._choices.reads.client, plan, contents)
        return report, await self._count(report)

    async def _count(self, report: ConflictReport) -> LiveCounts:
        listed = self.listed_snapshot(report.plan.listed_snapshot_id)
        are_changes = listed is None or listed.counts_changes
        return await read_live_counts(self._choices.reads.client, report, are_changes=are_changes)
