"""One session at one server: the plan so far, the responses that it was made from, and what was run.

Screens ask here; nothing here knows a screen. Every response is fetched once and kept until it is fetched afresh; going
back and forth costs the server nothing. The work is done by the parts: what was chosen, what the server has shown, what
is found out before a restore, and the restore itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from restore_tui.kinetica.backups import Backup, DataSource, Listed, Snapshot, State
from restore_tui.kinetica.client import KineticaClient, ServerInfo
from restore_tui.kinetica.connection.transport import ConnectionSettings, ReceivedCallback, ignore_received
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution.confirmed_restore import ConfirmedRestore
from restore_tui.restore.execution.run_ids import RunIds
from restore_tui.restore.execution.runs import RunRegistry
from restore_tui.restore.execution.send_control import SendControl, WithdrawnError
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.post_check import PostCheck, verify_restored
from restore_tui.restore.plan.availability import Availability, check_support
from restore_tui.restore.plan.choices import Choices
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan, SnapshotChoice
from restore_tui.restore.plan.request import Destination
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.polling import ProgressCallback, ignore_progress, run_until_cancelled
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.preflight.preflight import Preflight, SessionOptions
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.server_reads import ServerReads
from restore_tui.restore.text_format import pluralize

if TYPE_CHECKING:
    import asyncio

    from restore_tui.kinetica.contents import Contents
    from restore_tui.kinetica.errors import KineticaError
    from restore_tui.kinetica.reference import ReferenceEntry
    from restore_tui.restore.execution.confirmation import Confirmation
    from restore_tui.restore.execution.final_check import FinalCheck
    from restore_tui.restore.preflight.conflict_report import ConflictReport
    from restore_tui.restore.preflight.live_counts import LiveCounts
    from restore_tui.restore.receipts.model import Receipt
    from restore_tui.restore.receipts.past_restore import PastRestore


__all__ = ["Session", "SessionOptions"]


class Session:
    """Starts with ``connect``. Methods raise KineticaError, and what they say besides."""

    def __init__(
        self, clock: Clock, policy: SessionOptions, *, run_ids: Callable[[], str] | None = None
    ) -> None:
        self.clock = clock
        self.choices = choices = Choices(policy.mode)
        self.runs = RunRegistry(clock, ReceiptStore(policy.receipts))
        ids = RunIds(clock, run_ids)
        self.preflight = preflight = Preflight(clock, choices, policy, ids.next_dry_run_tag)
        self.confirmed_restore = restore = ConfirmedRestore(clock, choices, preflight, self.runs, ids)
        # What the parts do for the screens as it is
        self.problems = choices.problems
        self.adopt = choices.adopt
        self.manual_names_for = choices.manual_names_for
        self.add_manual_names = choices.add_manual_names
        self.add_manual_objects = choices.add_manual_objects
        self.plan_facts = preflight.facts
        self.key_facts = preflight.key_facts
        self.last_verification = preflight.last_verification
        self.known_presence = preflight.known_presence
        self.presence = preflight.presence
        self.presence_with_counts = preflight.presence_with_counts
        self.verify = preflight.verify
        self.check_conflicts = preflight.check_conflicts
        self.look_ahead = preflight.look_ahead
        self.only_missing = preflight.only_missing
        self.count_records = preflight.count_records
        self.run_dry_run = preflight.run_dry_run
        self.recheck = preflight.recheck
        self.staleness_reason = preflight.staleness_reason
        self.unknown_before = restore.open_runs
        self.final_check = restore.final_check

    # Connecting

    @property
    def policy(self) -> SessionOptions:
        """What the settings say about restores at this server."""
        return self.preflight.policy

    @policy.setter
    def policy(self, policy: SessionOptions) -> None:
        self.preflight.policy = policy

    async def connect(self, link: ConnectionSettings, policy: SessionOptions | None = None) -> str:
        """Test the link and take it into use, with what the settings say about restores there. Returns, in words, what
        a change of server had to clear.

        The old connection, plan and policy stay in use where the test fails.
        """
        client = KineticaClient(link)
        try:
            server = await client.server()
        except BaseException:
            await client.aclose()
            raise
        if self.choices.is_connected:
            await self.client.aclose()
        if policy is not None:
            if policy.mode != self.policy.mode:
                self.choices.mode = policy.mode
            self.policy = policy
        has_plan = bool(self.plan.data_source)
        if not self.choices.use_server(ServerReads(client, server)):
            return ""
        self.preflight.clear()
        self.preflight.verifications.clear()
        if not has_plan:
            return ""
        return (
            "Another server or user: data source, backup, snapshot and objects are cleared; options are kept."
        )

    @property
    def reads(self) -> ServerReads:
        """What the server in use has shown. Only after ``connect``."""
        return self.choices.reads

    @property
    def client(self) -> KineticaClient:
        """The client in use. Only after ``connect``."""
        return self.reads.client

    @property
    def server(self) -> ServerInfo | None:
        """What the server in use says of itself."""
        return self.reads.server if self.choices.is_connected else None

    @property
    def destination(self) -> Destination:
        """Where requests go now, as the fingerprint has it."""
        return self.preflight.destination

    @property
    def server_label(self) -> str:
        """``user@host:port``, for summaries."""
        return self.reads.label

    @property
    def server_version(self) -> str:
        """As the server gave it; empty where it gave none."""
        return self.server.version if self.server else ""

    def check_support(self, entry: ReferenceEntry) -> Availability:
        """Whether this server has a type or an option."""
        return check_support(entry, self.server_version)

    async def aclose(self) -> None:
        """Close the connections, and let go of the run that is watched here."""
        self.runs.release()
        if self.choices.is_connected:
            await self.client.aclose()

    # Choosing. What a choice had to clear is returned, in words

    @property
    def plan(self) -> RestorePlan:
        return self.choices.plan

    @plan.setter
    def plan(self, plan: RestorePlan) -> None:
        self.choices.plan = plan

    @property
    def mode(self) -> str:
        """auto, job or direct."""
        return self.choices.mode

    @property
    def manual_names(self) -> dict[str, tuple[str, ...]]:
        """Object type → names that were typed because the snapshot's list does not have them."""
        return self.choices.manual_names

    def choose_data_source(self, name: str) -> str:
        return self.adopt(self.plan.choose_data_source(name))

    def choose_backup(self, name: str) -> str:
        return self.adopt(self.plan.choose_backup(name))

    def choose_snapshot(self, choice: SnapshotChoice) -> str:
        return self.adopt(self.plan.choose_snapshot(choice))

    def reconcile(self, contents: Contents) -> str:
        """Clear what the chosen snapshot does not hold, apart from what was typed."""
        return self.adopt(self.plan.reconcile(contents, self.manual_names))

    def choose_objects(self, objects: Selection) -> None:
        self.plan = self.plan.choose_objects(objects)

    def choose_option(self, name: str, value: str) -> None:
        """Raises what ``RestorePlan.choose_option`` raises."""
        self.plan = self.plan.choose_option(name, value)

    def choose_mode(self, mode: str) -> None:
        """auto, job or direct. A dry run in another mode is stale from here on."""
        self.choices.mode = mode

    # Reading

    async def data_sources(self, *, fresh: bool = False) -> Listed[DataSource]:
        return await self.reads.data_sources(fresh=fresh)

    async def backups(self, *, fresh: bool = False) -> Listed[Backup]:
        return await self.reads.backups(self.plan.data_source, fresh=fresh)

    async def snapshots(self, *, fresh: bool = False) -> Listed[Snapshot]:
        return await self.reads.snapshots(self.plan.data_source, self.plan.backup, fresh=fresh)

    async def contents(
        self, *, fresh: bool = False, on_received: ReceivedCallback = ignore_received
    ) -> Contents:
        """What the chosen snapshot holds; of the newest, what the newest that was listed holds."""
        return await self.reads.contents(self.plan.snapshot_key, fresh=fresh, on_received=on_received)

    def go_without_contents(self, error: KineticaError) -> None:
        """Do without the list of what the chosen snapshot holds, which could not be read."""
        self.reads.go_without_contents(self.plan.snapshot_key, error)

    def backup_listed(self) -> Backup | None:
        """The plan's backup as the list of backups has it, if that was read."""
        return self.reads.known_backup(self.plan.data_source, self.plan.backup)

    def listed_snapshot(self, snapshot_id: str) -> Snapshot | None:
        """A snapshot of the plan's backup as it is listed, or was for the dry run: after a restore the lists are read
        anew. None where it was not."""
        listed = self.preflight.listed_snapshot(snapshot_id)
        before = self.outcome.dry_run.listed if listed is None and self.outcome is not None else None
        return before if before is not None and before.id == snapshot_id else listed

    def snapshot_state(self, snapshot_id: str) -> State:
        """The state of a snapshot of the plan's backup, as it was listed."""
        listed = self.listed_snapshot(snapshot_id)
        return State.UNKNOWN if listed is None else listed.state

    # Before the restore

    @property
    def dry_run(self) -> DryRun | None:
        """The last dry run, until it is used or another one begins."""
        return self.preflight.dry_run

    @property
    def conflicts(self) -> ConflictReport | None:
        """The last conflict check."""
        return self.preflight.conflicts

    @property
    def live_counts(self) -> LiveCounts:
        """The records of the tables that would be replaced, as they were counted last."""
        return self.preflight.live_counts

    # Restoring

    async def confirm(self, typed: str, shown: FinalCheck | None = None) -> Confirmation:
        """Leave to restore, for a person who typed ``typed``. Raises what ``ConfirmedRestore.confirm`` raises."""
        if self.policy.dry_run_only:
            raise RuntimeError("--dry-run-only never sends a real restore")
        return await self.confirmed_restore.confirm(typed, shown)

    async def send_confirmed(
        self,
        typed: str,
        shown: FinalCheck,
        *,
        with_receipt: bool,
        control: SendControl,
        report: ProgressCallback = ignore_progress,
    ) -> Outcome:
        """Check again what the operator confirmed, then send the restore. Raises what ``confirm`` and ``restore``
        raise, and WithdrawnError where ``control`` was told to withdraw it before it had left."""
        control.stage = "checking the server again"
        confirmation = await run_until_cancelled(control.stop, self.confirm(typed, shown))
        if confirmation is None:
            raise WithdrawnError
        return await self.confirmed_restore.send(
            confirmation, with_receipt=with_receipt, control=control, report=report
        )

    async def restore(
        self,
        confirmation: Confirmation,
        *,
        with_receipt: bool,
        stop: asyncio.Event,
        report: ProgressCallback = ignore_progress,
    ) -> Outcome:
        """Send the restore, once, and note its outcome. Raises what ``ConfirmedRestore.send`` raises."""
        control = SendControl(stop)
        return await self.confirmed_restore.send(
            confirmation, with_receipt=with_receipt, control=control, report=report
        )

    # What runs, and the outcome of what was run

    @property
    def outcome(self) -> Outcome | None:
        """Of the last restore, as far as it is known now."""
        return self.runs.outcome

    async def last_restored(self) -> PastRestore | None:
        """The newest restore of this backup at this server, from here, that restored everything in a known time."""
        return await self.runs.last_restored(self.plan, self.destination)

    def reattach(self, receipt: Receipt) -> Outcome:
        """Take a run of before in charge: its plan and outcome are this session's from here on. Raises what
        ``RunRegistry.reattach`` raises."""
        outcome = self.runs.reattach(receipt, self.destination, self.server_label)
        self.plan = outcome.dry_run.plan
        self.preflight.dry_run = None
        return outcome

    async def check_outcome(self) -> Outcome:
        """Check the outcome of the restore of which it is not known."""
        return await self.runs.check_outcome(self.client, self.destination)

    async def follow(self, stop: asyncio.Event, report: ProgressCallback = ignore_progress) -> Outcome:
        """Follow the job of the restore whose outcome is not known to its end."""
        return await self.runs.follow(self.client, self.destination, stop, report)

    async def verify_restored(self) -> PostCheck | None:
        """Whether what the last restore says to have restored is there now; it is noted in the receipt. None where
        there was no restore."""
        outcome = self.runs.outcome
        if outcome is None:
            return None
        arrived = await verify_restored(self.client, outcome)
        await self.runs.record_post_check(outcome, arrived)
        return arrived

    def start_over(self) -> None:
        """A new restore with the same server, data source and backup: without a snapshot and objects, and with default
        options."""
        self.choices.start_over()
        self.preflight.clear()
        self.runs.outcome = None
        self.runs.release()

    def restore_missing(self, outcome: Outcome) -> str:
        """A new plan for what this restore did not restore, from the same snapshot and with the same options. There is
        no dry run of it. Returns what is selected, in a sentence."""
        dry_run, remainder = outcome.dry_run, outcome.not_restored()
        self.start_over()
        plan = dry_run.plan.choose_objects(remainder.selection)
        if isinstance(plan.snapshot, NewestSnapshot) and dry_run.snapshot_id.isdecimal():
            plan = plan.choose_snapshot(PinnedSnapshot(dry_run.snapshot_id)).plan
        self.plan = plan
        for kind, names in plan.objects.by_type.items():
            self.add_manual_objects(kind, dry_run.contents.names(kind).missing_from(sorted(names)))
        what = "failed or was not mentioned"
        if outcome.missing_or_incomplete:
            what = "failed, was not mentioned, or is missing or incomplete"
        text = f"Selected: what {what} ({pluralize(remainder.restored, 'object')})."
        if remainder.unsendable:
            text += f" {pluralize(len(remainder.unsendable), 'name')} cannot be sent, and are not selected."
        return text
