"""One session at one server: the plan so far, the responses that it was made from, and what was run.

Screens ask here; nothing here knows a screen. Every response is fetched once and kept until it is fetched
afresh; going back and forth costs the server nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from restore_tui.kinetica.backups import Backup, DataSource, Listed, Snapshot, State
from restore_tui.kinetica.client import KineticaClient, ServerInfo
from restore_tui.kinetica.connection.transport import ConnectionSettings, ReceivedCallback, ignore_received
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import KineticaError, RequestRejected
from restore_tui.kinetica.reference import ReferenceEntry
from restore_tui.restore.clock import Clock
from restore_tui.restore.execution import final_check
from restore_tui.restore.execution.confirmation import Confirmation, RestoreBlockedError, confirm
from restore_tui.restore.execution.final_check import ChangedSinceShownError, FinalCheck
from restore_tui.restore.execution.run_ids import RunIds
from restore_tui.restore.execution.runs import RunRegistry
from restore_tui.restore.execution.send_control import SendControl, WithdrawnError
from restore_tui.restore.outcome import evidence
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.post_check import PostCheck, verify_restored
from restore_tui.restore.plan.availability import Availability, check_support, version_problems
from restore_tui.restore.plan.plan import (
    NewestSnapshot,
    Part,
    PinnedSnapshot,
    PlanUpdate,
    Problem,
    RestorePlan,
    SnapshotChoice,
)
from restore_tui.restore.plan.request import AUTO, DIRECT, Destination
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.polling import ProgressCallback, ignore_progress, run_until_cancelled
from restore_tui.restore.preflight import conflict_report
from restore_tui.restore.preflight.conflict_check import read_inventory
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.drift import DriftCheck, recheck
from restore_tui.restore.preflight.dry_run import MAX_AGE, DryRun, run_dry_run
from restore_tui.restore.preflight.key_facts import KeyFact, key_facts
from restore_tui.restore.preflight.live_counts import LiveCounts, read_live_counts, written_since
from restore_tui.restore.preflight.only_missing import OnlyMissing, only_missing
from restore_tui.restore.preflight.plan_warnings import CREDENTIAL_KEYS, PlanFacts
from restore_tui.restore.preflight.presence import SnapshotPresence, snapshot_presence, types_to_read
from restore_tui.restore.preflight.verification import (
    FailedVerification,
    VerificationCache,
    VerificationResult,
)
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.past_restore import PastRestore
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.text_format import pluralize

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class SessionOptions:
    """What the settings say about restores: ``dry_run_only`` never sends a real one; ``way`` is auto, job or
    direct; ``label`` is the word for the server that a confirmation takes."""

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


class Session:
    """Starts with ``connect``. Methods raise KineticaError, and what they say besides."""

    def __init__(
        self, clock: Clock, policy: SessionOptions, *, run_ids: Callable[[], str] | None = None
    ) -> None:
        self.clock = clock
        self.policy = policy
        self.plan = RestorePlan()
        self.manual_names: dict[str, tuple[str, ...]] = {}
        self._typed_places: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.dry_run: DryRun | None = None
        self.conflicts: ConflictReport | None = None
        self._counted: _RecordCounts | None = None
        self.verifications = VerificationCache()
        self.runs = RunRegistry(clock, ReceiptStore(policy.receipts))
        self.mode = policy.mode
        self.server: ServerInfo | None = None
        self._client: KineticaClient | None = None
        self._answers: dict[tuple[object, ...], object] = {}
        self._found_contents: dict[tuple[str, str], set[str]] = {}
        self._run_ids = RunIds(clock, run_ids)
        self._is_sending = False

    # Connecting

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
        before = self._identity()
        if self._client is not None:
            await self._client.aclose()
        self._client, self.server = client, server
        if policy is not None:
            if policy.mode != self.policy.mode:
                self.mode = policy.mode
            self.policy = policy
        self.clear_cache()
        if before in (None, self._identity()):
            return ""
        self.dry_run = self.conflicts = None
        self.verifications.clear()
        self.manual_names.clear()
        self._typed_places.clear()
        if not self.plan.data_source:
            return ""
        self.plan = RestorePlan(options=self.plan.options)
        return (
            "Another server or user: data source, backup, snapshot and objects are cleared; options are kept."
        )

    def _identity(self) -> tuple[str, str, str] | None:
        if self._client is None or self.server is None:
            return None
        link = self._client.link
        return (link.address.url, link.login.name, self.server.cluster)

    @property
    def client(self) -> KineticaClient:
        """The client in use. Only after ``connect``."""
        if self._client is None:
            raise RuntimeError("connect first")
        return self._client

    @property
    def destination(self) -> Destination:
        """Where requests go now, as the fingerprint has it. Where either way will do, it is the one that the dry run
        has proven."""
        link = self.client.link
        cluster = self.server.cluster if self.server else ""
        way = self.mode
        if way == AUTO:
            way = self.dry_run.destination.mode if self.dry_run is not None else DIRECT
        return Destination(
            link.address.url, link.login.name, self.server_version, cluster, way, self.policy.label
        )

    @property
    def server_label(self) -> str:
        """``user@host:port``, for summaries."""
        return f"{self.destination.user}@{self.client.link.address.label}"

    @property
    def server_version(self) -> str:
        """As the server gave it; empty where it gave none."""
        return self.server.version if self.server else ""

    def check_support(self, entry: ReferenceEntry) -> Availability:
        """Whether this server has a type or an option."""
        return check_support(entry, self.server_version)

    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps the plan from a dry run here: what it lacks, and what the server is too old for."""
        return (*self.plan.problems(), *version_problems(self.plan, self.server_version))

    async def aclose(self) -> None:
        """Close the connections, and let go of the run that is watched here."""
        self.runs.release()
        if self._client is not None:
            await self._client.aclose()

    # Choosing. What a choice had to clear is returned, in words

    def choose_data_source(self, name: str) -> str:
        return self.adopt(self.plan.choose_data_source(name))

    def choose_backup(self, name: str) -> str:
        return self.adopt(self.plan.choose_backup(name))

    def choose_snapshot(self, choice: SnapshotChoice) -> str:
        return self.adopt(self.plan.choose_snapshot(choice))

    def reconcile(self, contents: Contents) -> str:
        """Untick what the chosen snapshot does not hold, apart from what was typed."""
        return self.adopt(self.plan.reconcile(contents, self.manual_names))

    def choose_objects(self, objects: Selection) -> None:
        self.plan = self.plan.choose_objects(objects)

    def choose_option(self, name: str, value: str) -> None:
        """Raises what ``RestorePlan.choose_option`` raises."""
        self.plan = self.plan.choose_option(name, value)

    def choose_mode(self, mode: str) -> None:
        """auto, job or direct. A dry run in another mode is void from here on."""
        self.mode = mode

    def adopt(self, update: PlanUpdate) -> str:
        """Take a plan that was made elsewhere."""
        self.plan = update.plan
        return update.cleared

    # What was typed because the server does not list it

    def manual_names_for(self, part: Part) -> tuple[str, ...]:
        """The names of data sources, backups or snapshots that were typed, in the order of typing: of backups those
        for the plan's data source, of snapshots those for its backup."""
        return self._typed_places.get(self._source_of(part), ())

    def add_manual_names(self, part: Part, name: str) -> None:
        """Keep a name that was typed."""
        place = self._source_of(part)
        self._typed_places[place] = tuple(dict.fromkeys([*self._typed_places.get(place, ()), name]))

    def add_manual_objects(self, kind: str, names: Iterable[str]) -> None:
        """Keep names of objects of a type that were typed, in the order of typing."""
        self.manual_names[kind] = tuple(dict.fromkeys([*self.manual_names.get(kind, ()), *names]))

    def _source_of(self, part: Part) -> tuple[str, ...]:
        above = {"backup": (self.plan.data_source,), "snapshot": (self.plan.data_source, self.plan.backup)}
        return (part, *above.get(part, ()))

    # Reading

    def backup_listed(self) -> Backup | None:
        """The plan's backup as the list of backups has it, if that was read; nothing is fetched here."""
        listed = cast(
            "Listed[Backup]", self._answers.get((self._identity(), "backups", self.plan.data_source), ())
        )
        return next((backup for backup in listed if backup.name == self.plan.backup), None)

    async def data_sources(self, *, fresh: bool = False) -> Listed[DataSource]:
        return await self._cached(("data sources",), self.client.data_sources, fresh)

    async def backups(self, *, fresh: bool = False) -> Listed[Backup]:
        return await self.backups_of(self.plan.data_source, fresh=fresh)

    async def backups_of(self, data_source: str, *, fresh: bool = False) -> Listed[Backup]:
        """The backups of a data source, whatever the plan has."""
        return await self._cached(("backups", data_source), lambda: self.client.backups(data_source), fresh)

    async def snapshots(self, *, fresh: bool = False) -> Listed[Snapshot]:
        return await self.snapshots_of(self.plan.data_source, self.plan.backup, fresh=fresh)

    async def snapshots_of(self, data_source: str, backup: str, *, fresh: bool = False) -> Listed[Snapshot]:
        """The snapshots of a backup, whatever the plan has."""
        return await self._cached(
            ("snapshots", data_source, backup), lambda: self.client.snapshots(data_source, backup), fresh
        )

    async def contents(
        self, *, fresh: bool = False, on_received: ReceivedCallback = ignore_received
    ) -> Contents:
        """What the chosen snapshot holds; of the newest, what the newest that was listed holds. ``came`` is told how
        many bytes of the response have come."""
        return await self._contents_of(self.plan.listed_snapshot_id, fresh=fresh, on_received=on_received)

    def go_without_contents(self, error: KineticaError) -> None:
        """Do without the list of what the chosen snapshot holds, which could not be read: names are typed. A fresh
        ``contents`` asks for it again."""
        plan = self.plan
        key = (self._identity(), "contents", plan.data_source, plan.backup, plan.listed_snapshot_id)
        self._answers[key] = Contents(words=error.server_message, not_read=error.what)

    def known_contents(self, data_source: str, backup: str, snapshot_id: str) -> Contents | None:
        """What a snapshot holds, if that was read and is kept; None otherwise. Nothing is read for it."""
        contents = self._known("contents", data_source, backup, snapshot_id)
        return contents if isinstance(contents, Contents) and not contents.not_read else None

    def keep_found_contents(
        self, data_source: str, backup: str, snapshot_id: str, contents: Contents
    ) -> None:
        """Keep what a search has read, for the steps to come. Of each backup one is kept: the one before is dropped,
        unless the plan is for it."""
        kept = self._found_contents.setdefault((data_source, backup), set())
        plan = (self.plan.data_source, self.plan.backup, self.plan.listed_snapshot_id)
        for before in kept - {snapshot_id}:
            if (data_source, backup, before) != plan:
                self._answers.pop((self._identity(), "contents", data_source, backup, before), None)
                kept.remove(before)
        key = (self._identity(), "contents", data_source, backup, snapshot_id)
        if self._answers.get(key) is not contents:  # else a step has read it, and it stays anyway
            self._answers[key] = contents
            kept.add(snapshot_id)

    def is_using(self, client: KineticaClient) -> bool:
        """Whether the session reads from this client now."""
        return self._client is client

    def known_presence(self) -> SnapshotPresence | None:
        """Which objects of the chosen snapshot exist now, if that was read for its contents as they are kept."""
        plan = self.plan
        where = (plan.data_source, plan.backup, plan.listed_snapshot_id)
        known = self._known("presence", *where)
        is_valid = isinstance(known, SnapshotPresence) and known.contents is self._known("contents", *where)
        return cast(SnapshotPresence, known) if is_valid else None

    async def presence(self) -> SnapshotPresence:
        """Which objects of the chosen snapshot exist now: read once for its contents. Raises KineticaError where those
        cannot be read."""
        plan = self.plan
        contents = await self.contents()

        async def read() -> SnapshotPresence:
            inventory = await read_inventory(self.client, types_to_read(contents))
            return await asyncio.to_thread(snapshot_presence, contents, inventory)

        key = ("presence", plan.data_source, plan.backup, plan.listed_snapshot_id)
        return await self._cached(key, read, self.known_presence() is None)

    async def _contents_of(
        self, wanted: str, *, fresh: bool = False, on_received: ReceivedCallback = ignore_received
    ) -> Contents:
        source, backup = self.plan.data_source, self.plan.backup
        return await self._cached(
            ("contents", source, backup, wanted),
            lambda: self.client.contents(source, backup, wanted, on_received),
            fresh,
        )

    async def _cached(
        self, key: tuple[str, ...], ask: Callable[[], Awaitable[Answer]], fresh: bool
    ) -> Answer:
        whole = (self._identity(), *key)  # an answer that comes late must not pass for another server's
        if fresh or whole not in self._answers:
            self._answers[whole] = await ask()
        return cast(Answer, self._answers[whole])

    def _listed_snapshots(self) -> tuple[Snapshot, ...]:
        """Those of the plan's backup, as far as they were read: nothing is read for it."""
        source, backup = self.plan.data_source, self.plan.backup
        return cast("tuple[Snapshot, ...]", self._known("snapshots", source, backup) or ())

    def plan_facts(self) -> PlanFacts:
        """Return what has been read so far that the plan's warnings need. Asks the server nothing."""
        sources = cast("list[DataSource]", self._known("data sources") or [])
        raw = next((known.raw for known in sources if known.name == self.plan.data_source), {})
        login = self.client.link.login
        return PlanFacts(
            conflicts=self.conflicts,
            snapshots=self._listed_snapshots(),
            user="" if login.token else login.user,
            credential=next((value for key, value in raw.items() if key.lower() in CREDENTIAL_KEYS), ""),
            live=self.live_counts,
        )

    @property
    def live_counts(self) -> LiveCounts:
        """The records of the tables that would be replaced, as they were counted last; empty where they were not."""
        counted = self._counted
        return counted.now if counted is not None and counted.report is self.conflicts else LiveCounts()

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

    def _known(self, *key: str) -> object:
        """An answer that is kept, or None."""
        return self._answers.get((self._identity(), *key))

    async def verify(self, snapshot: str = "") -> VerificationResult:
        """Ask whether a snapshot of the plan's backup is readable, always by its id; without one, the plan's. Raises
        NotVerifiable where it has none."""
        which = (self.plan.data_source, self.plan.backup, snapshot or self.plan.listed_snapshot_id)
        asked = self._identity()
        try:
            verified = VerificationResult(await self.client.verify(*which), self.clock.now())
        except KineticaError as error:
            if asked == self._identity():
                message = f"{error.what} {error.server_message}".strip()
                self.verifications.fail(which, FailedVerification(message, self.clock.now()))
            raise
        return self.verifications.put(which, verified) if asked == self._identity() else verified

    def listed_snapshot(self, snapshot_id: str) -> Snapshot | None:
        """A snapshot of the plan's backup as it is listed, or was for the dry run: after a restore the lists are read
        anew. None where it was not."""
        dry_runs = (self.dry_run, self.outcome.dry_run if self.outcome is not None else None)
        before = (each.listed for each in dry_runs if each is not None and each.listed is not None)
        return next((one for one in (*self._listed_snapshots(), *before) if one.id == snapshot_id), None)

    def snapshot_state(self, snapshot: str) -> State:
        """The state of a snapshot of the plan's backup, as it was listed."""
        listed = self.listed_snapshot(snapshot)
        return State.UNKNOWN if listed is None else listed.state

    def last_verification(self, snapshot: str) -> VerificationResult | FailedVerification | None:
        """The last verification of a snapshot of the plan's backup, whatever came of it."""
        return self.verifications.last((self.plan.data_source, self.plan.backup, snapshot))

    def key_facts(self) -> tuple[KeyFact, ...]:
        """The four facts that the restore of this plan is decided on, as far as they are known. Asks the server
        nothing."""
        plan = self.plan
        wanted = self.dry_run.snapshot_id if self.dry_run is not None else plan.listed_snapshot_id
        listed = self.listed_snapshot(wanted)
        last = self.last_verification(wanted)
        return key_facts(plan, self.plan_facts(), last, listed, wanted, self.clock.now())

    # Rehearsing

    def staleness_reason(self) -> str | None:
        """Why there is no way to a restore now; None where the dry run stands."""
        if self.dry_run is None:
            return "There is no dry run of this plan."
        return self.dry_run.staleness_reason(
            self.plan, self.destination, self._dry_run_now(self.dry_run), self.policy.dry_run_max_age
        )

    def _dry_run_now(self, dry_run: DryRun) -> datetime:
        """The time of day, or what the monotonic clock makes of it where somebody set the time back meanwhile."""
        elapsed = (
            0.0
            if dry_run.completed_monotonic is None
            else self.clock.monotonic() - dry_run.completed_monotonic
        )
        return max(self.clock.now(), dry_run.at + timedelta(seconds=elapsed))

    async def check_conflicts(self) -> ConflictReport:
        """Our own look at what the plan would meet, without a dry run. It is kept as ``foresight``."""
        foresight = await conflict_report.check_conflicts(self.client, self.plan, await self.contents())
        self.conflicts = await conflict_report.precompute(foresight)
        return self.conflicts

    async def look_ahead(self) -> bool:
        """Look at what the plan would meet, where that is not known: what is known of the same objects is judged again,
        and the server is asked nothing. Returns whether something is known now that was not. Raises KineticaError where
        the contents of the snapshot cannot be read."""
        plan, before = self.plan, self.conflicts
        if not plan.objects or plan.snapshot is None or self.plan_facts().conflicts_of(plan) is not None:
            return False
        if before is not None and before.plan.is_same_but_for_options(plan):
            found = await conflict_report.foresee_under(plan, before)
        else:
            found = await conflict_report.check_conflicts(self.client, plan, await self.contents())
        found = await conflict_report.precompute(found)
        if not self.plan.is_same_but_for_options(plan) or self.conflicts is not before:
            return False  # something else was chosen or looked at meanwhile
        self.conflicts = found
        return True

    async def only_missing(self) -> OnlyMissing | None:
        """What is left of the selection without what exists now. The conflict check is made where there is none of this
        plan. Returns None where the plan has changed meanwhile. Raises KineticaError where the contents of the snapshot
        cannot be read."""
        await self.look_ahead()
        report = self.plan_facts().conflicts_of(self.plan)
        return None if report is None else await asyncio.to_thread(only_missing, report)

    async def run_dry_run(self, report: ProgressCallback = ignore_progress) -> DryRun:
        """Send the dry run of the plan, once, and look beside it at what exists. The one before is void from here on,
        whatever comes. ``foresight`` is our look, also where the dry run is refused."""
        self.dry_run = self.conflicts = None
        problems = self.problems()
        if problems:
            raise RuntimeError(f"an incomplete plan is not sent: {problems[0].text}")
        plan, contents = self.plan, await self.contents()
        look = asyncio.ensure_future(self._look(plan, contents))
        try:
            dry_run = await run_dry_run(
                self.client,
                plan,
                self.destination,
                contents,
                self.clock,
                wish=self.mode,
                tag=self._run_ids.next_dry_run_tag(),
                report=report,
                snapshots=self._listed_snapshots(),
            )
            foresight, counts = await look
        except RequestRejected:
            foresight, counts = await look  # now all the more worth knowing
            self.conflicts = await conflict_report.precompute(foresight)
            self._counted = _RecordCounts(foresight, counts, counts)
            raise
        finally:
            look.cancel()
        newest = plan.snapshot
        if isinstance(newest, NewestSnapshot) and dry_run.snapshot_id not in ("", newest.seen_id):
            # The server took a newer snapshot than the one that was listed: the results is of that one.
            try:
                contents = await self._contents_of(dry_run.snapshot_id)
            except KineticaError as error:
                log.warning("the contents of snapshot %s: %s", dry_run.snapshot_id, error.what)
                contents = Contents()
            dry_run = replace(dry_run, contents=contents)
            foresight, counts = await self._look(plan, contents)
        dry_run = replace(dry_run, conflicts=foresight)
        await asyncio.to_thread(lambda: dry_run.results().precompute())  # while the screen answers
        self.dry_run, self.conflicts = dry_run, foresight
        self._counted = _RecordCounts(foresight, counts, counts)
        return dry_run

    async def _look(self, plan: RestorePlan, contents: Contents) -> tuple[ConflictReport, LiveCounts]:
        """What the plan would meet, and how many records what it replaces has."""
        report = await conflict_report.check_conflicts(self.client, plan, contents)
        return report, await self._count(report)

    async def _count(self, report: ConflictReport) -> LiveCounts:
        listed = self.listed_snapshot(report.plan.listed_snapshot_id)
        are_changes = listed is None or listed.counts_changes
        return await read_live_counts(self.client, report, are_changes=are_changes)

    async def recheck(self) -> DriftCheck | None:
        """Check again at what the dry run touches. Where something has appeared or vanished since, the dry run is stale
        from here on. A look that fails changes nothing, and says so. None where there is no dry run."""
        dry_run = self.dry_run
        if dry_run is None:
            return None
        again = await recheck(self.client, dry_run)
        if self.dry_run is dry_run:
            self.dry_run = again.dry_run
        return again

    # Restoring

    async def final_check(self) -> FinalCheck:
        """Read what the confirmation warns about. Where that contradicts the dry run, the dry run is stale from here
        on. What cannot be read is part of the result. Only with a dry run."""
        dry_run = self.dry_run
        if dry_run is None:
            raise RestoreBlockedError("There is no dry run of this plan.")
        found = await final_check.read(
            self.client, dry_run, open_runs=self.unknown_before, look_again=self.recheck
        )
        why = final_check.staleness_reason(dry_run, found)
        if why and self.dry_run is dry_run:
            self.dry_run = dry_run.voided(why)
        server = found.server
        if why and server is not None and not isinstance(server, KineticaError):
            self.server = server  # the next dry run is made against what answers now
        return found

    async def confirm(self, typed: str, shown: FinalCheck | None = None) -> Confirmation:
        """Leave to restore, for a person who typed ``typed``. Reads again what the confirmation warns about.

        Raises RestoreBlockedError where the dry run is stale, by what was read or by its age; ChangedSinceShownError
        where something is new since ``shown`` was on the screen; and KineticaError where the plan leaves the snapshot's
        id empty and the newest one cannot be read, which makes the dry run stale.
        """
        if self.policy.dry_run_only:
            raise RuntimeError("--dry-run-only never sends a real restore")
        dry_run = self._confirm(typed).dry_run
        found = await self.final_check()
        newest = isinstance(dry_run.plan.snapshot, NewestSnapshot)
        if newest and isinstance(found.snapshots, KineticaError):
            if self.dry_run is dry_run:
                self.dry_run = None
            raise found.snapshots
        gone = final_check.vanished(dry_run, shown, found) if shown is not None else ""
        if gone and self.dry_run is not None:
            self.dry_run = self.dry_run.voided(gone)
        void = "" if self.dry_run is None else self.dry_run.stale_reason
        if void:
            raise RestoreBlockedError(void)
        confirmation = self._confirm(typed)  # reading took time, in which the dry_run may have aged
        if confirmation.dry_run is not dry_run:
            raise RestoreBlockedError("Another dry run has finished since: confirm that one.")
        new = final_check.changes_since_shown(shown, found) if shown is not None else ()
        if new:
            raise ChangedSinceShownError(new, found)
        confirmation.unclear = found.changes.unclear
        confirmation.key_facts = self.key_facts()
        if not isinstance(
            found.open_runs, KineticaError
        ):  # else all of them are read, and new, before it is sent
            confirmation.open_runs = frozenset(receipt.run for receipt in found.open_runs)
        self._run_ids.consume()
        return confirmation

    def _confirm(self, typed: str) -> Confirmation:
        return confirm(
            self.dry_run,
            plan=self.plan,
            target=self.destination,
            typed=typed,
            run=self._run_ids.current(),
            now=self.clock.now() if self.dry_run is None else self._dry_run_now(self.dry_run),
            max_age=self.policy.dry_run_max_age,
        )

    async def send_confirmed(
        self,
        typed: str,
        shown: FinalCheck,
        *,
        with_receipt: bool,
        control: SendControl,
        report: ProgressCallback = ignore_progress,
    ) -> Outcome:
        """Check again what the operator confirmed, then send the restore. Raises what ``authorise`` and ``restore``
        raise, and WithdrawnError where ``control`` was told to withdraw it before it had left."""
        control.stage = "checking the server again"
        confirmation = await run_until_cancelled(control.stop, self.confirm(typed, shown))
        if confirmation is None:
            raise WithdrawnError
        return await self.restore(
            confirmation, with_receipt=with_receipt, stop=control.stop, report=report, control=control
        )

    async def restore(
        self,
        confirmation: Confirmation,
        *,
        with_receipt: bool,
        stop: asyncio.Event,
        report: ProgressCallback = ignore_progress,
        control: SendControl | None = None,
    ) -> Outcome:
        """Send the restore, once, and note its outcome. Raises ReceiptUnwritableError before anything is sent.

        The dry run is taken away the moment the request leaves: neither a second confirmation of it nor a cancelled
        wait opens the way to a second restore. Raises RestoreBlockedError where the permit's dry run is void by then,
        where another wizard has begun a restore of this backup, or where ``stop`` came before the request had left.
        """
        control = control or SendControl(stop)
        self._refuse_stale(confirmation)
        if self._is_sending:
            raise RestoreBlockedError("The confirmation before this one has not ended yet.")
        self._is_sending = True
        try:
            return await self._restore(confirmation, control, with_receipt=with_receipt, report=report)
        finally:
            self._is_sending = False

    async def _restore(
        self,
        confirmation: Confirmation,
        control: SendControl,
        *,
        with_receipt: bool,
        report: ProgressCallback,
    ) -> Outcome:
        control.stage = "reading jobs and history"
        noting = evidence.capture_baseline(self.client, confirmation.dry_run.plan.backup, self.clock)
        noted = await run_until_cancelled(control.stop, noting) or evidence.Baseline()
        self._refuse_stale(confirmation)  # noting took time, in which the dry run may have aged
        if control.stop.is_set():
            raise WithdrawnError

        def last_check() -> None:
            self._refuse_stale(confirmation)

        def take_the_dry_run() -> None:
            self.dry_run = None

        async def recheck() -> None:
            """Of two wizards that confirm at once each writes its receipt before it reads those of others, so at
            least one of them finds the other."""
            others = [receipt for receipt in await self.unknown_before() if receipt.run != confirmation.run]
            new = final_check.new_run_sentences(confirmation.open_runs, tuple(others))
            if new:
                raise RestoreBlockedError(" ".join(new))

        control.last_check = last_check
        control.on_sent(take_the_dry_run)
        outcome = await self.runs.send(
            self.client,
            confirmation,
            noted,
            server=self.server_label,
            with_receipt=with_receipt,
            control=control,
            report=report,
            recheck=recheck,
        )
        if not outcome.not_sent:
            self.clear_cache()
        return outcome

    def _refuse_stale(self, confirmation: Confirmation) -> None:
        if confirmation.dry_run is not self.dry_run:
            raise RestoreBlockedError("The dry run behind this confirmation is used or stale.")
        void = self.staleness_reason()
        if void:
            raise RestoreBlockedError(void)

    # What runs, and what became of what was run

    @property
    def outcome(self) -> Outcome | None:
        """Of the last restore, as far as it is known now."""
        return self.runs.outcome

    async def unknown_before(self) -> list[Receipt]:
        """The restores of this backup at this server, from here, of which nobody knows the end; newest first."""
        plan, target = self.plan, self.destination
        return [
            receipt
            for receipt in await self.runs.unsettled()
            if receipt.is_of(plan.backup, plan.data_source)
            and receipt.server.is_at(target.url, target.cluster)
        ]

    async def last_restored(self) -> PastRestore | None:
        """The newest restore of this backup at this server, from here, that restored everything in a known time."""
        return await self.runs.last_restored(self.plan, self.destination)

    def reattach(self, receipt: Receipt) -> Outcome:
        """Take a run of before in charge: its plan and outcome are this session's from here on. Raises what
        ``Runs.take_up`` raises."""
        outcome = self.runs.reattach(receipt, self.destination, self.server_label)
        self.plan = outcome.dry_run.plan
        self.dry_run = None
        return outcome

    async def check_outcome(self) -> Outcome:
        """Look what became of the restore whose outcome is not known."""
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

    def clear_cache(self) -> None:
        """Ask afresh for everything: a restore has changed what is there."""
        self._answers.clear()
        self._found_contents.clear()

    def start_over(self) -> None:
        """A new restore with the same server, data source and backup: without a snapshot and objects, and with default
        options."""
        self.plan = RestorePlan(self.plan.data_source, self.plan.backup)
        self.manual_names.clear()
        self.dry_run = self.conflicts = None
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
        text = f"Selected: what failed or was not mentioned ({pluralize(remainder.restored, 'object')})."
        if remainder.unsendable:
            text += f" {pluralize(len(remainder.unsendable), 'name')} cannot be sent, and are not selected."
        return text
