"""Ask a server everything that restore-tui reads, and for one dry run if that was requested. Never for a restore."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from restore_tui.doctor.guard import RecordingClient
from restore_tui.doctor.vocabulary import counted, describe_keys, direction_of, without_schema
from restore_tui.kinetica.backups import Backup, Snapshot
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import (
    AuthenticationFailed,
    InvalidUrl,
    KineticaError,
    RequestRejected,
    TlsError,
    Unreachable,
)
from restore_tui.kinetica.inventory import Listing
from restore_tui.kinetica.version import ServerVersion
from restore_tui.restore.clock import Clock
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import AUTO, Destination
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.dry_run import run_dry_run
from restore_tui.restore.preflight.results import build_results
from restore_tui.restore.preflight.verification import VerificationResult, why_unavailable
from restore_tui.restore.text_format import pluralize

log = logging.getLogger(__name__)

Made = TypeVar("Made")

SECONDS_TO_VERIFY = 120.0
MAPS = ("restored_objects", "renamed_objects", "failed_objects")
_HOPELESS = (AuthenticationFailed, Unreachable, TlsError, InvalidUrl)
"""After one of these every other request fails as well, and a login that fails too often may lock the account."""

Place = tuple[str, Backup, Snapshot]
"""Data source, backup, and its newest snapshot."""


class Checkup:
    """One run. ``say`` prints a line. ``problems`` are endpoints without a response, and what was not found."""

    def __init__(self, client: RecordingClient, clock: Clock, say: Callable[[str], object]) -> None:
        self.client = client
        self.clock = clock
        self.say = say
        self.problems: list[str] = []
        self.has_details = False
        """Whether the log has what is not printed: the messages of errors."""
        self.version = ""
        self._told: set[str] = set()
        self._tells = True

    async def run(self, table: str | None) -> None:
        """Read everything; with ``table``, send one dry run of it. A request without a response does not stop the
        rest, unless no request can get one."""
        try:
            await self._run(table)
        except _HOPELESS:
            self.say("No other request was sent: it would fail as well.")

    async def _run(self, table: str | None) -> None:
        await self._server()
        await self._inventory()
        await self._jobs()
        places = await self._places()
        found = await self._place_of(table, places)
        if found is not None:
            place, contents = found
            await self._history(place[1].name)
            await self._verify(*place)
            if table is not None:
                await self._dry_run(*place, contents, table)
        if table is None:
            self.say("○ dry run, /create/job, /get/job: not requested (doctor --dry-run TABLE)")

    async def _ask(self, endpoint: str, asked: Awaitable[Made], *, may_refuse: bool = False) -> Made | None:
        """Return the response, None where none came. The server's message may hold names: it goes to the log. What is
        told of it is printed for the first response of this endpoint."""
        try:
            response = await asked
        except KineticaError as error:
            log.warning("doctor, %s: %s %s", endpoint, error.what, error.server_message)
            is_problem = not (may_refuse and isinstance(error, RequestRejected))
            self.say(f"{'✗' if is_problem else '○'} {endpoint}: {error.title}.")
            self.has_details = True
            self.problems += [endpoint] if is_problem else []
            if isinstance(error, _HOPELESS):
                raise
            return None
        self._tells = endpoint not in self._told
        if self._tells:
            self.say(f"✓ {endpoint}")
            self._told.add(endpoint)
        return response

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines if self._tells else ():
            self.say(f"    {line}")

    def _tell_keys(self, data_type: str, *fields: str) -> None:
        """Print the keys of the last response, or only those of some fields."""
        response = self.client.last(data_type)
        self._tell(describe_keys({field: response.get(field) for field in fields or response}))

    async def _server(self) -> None:
        server = await self._ask("/show/system/properties", self.client.server())
        if server is not None:
            self.version = server.version
            version = ServerVersion.parse(server.version).short or "unknown"
            ring = "yes" if server.high_availability else "no"
            known = "named" if server.cluster else "not named"
            self._tell([f"version {version}, cluster {known}, high availability {ring}"])
            self._tell_keys("show_system_properties_response")

    async def _inventory(self) -> None:
        """What exists now."""
        reads: Mapping[str, Callable[[], Awaitable[Listing]]] = {
            "/show/schema": self.client.schemas,
            "/show/datasink": self.client.data_sinks,
            "/show/credential": self.client.credentials,
            "/show/security": self.client.users_and_roles,
        }
        for endpoint, read in reads.items():
            listing = await self._ask(endpoint, read())
            if listing is None:
                continue
            self._tell(f"{kind}: {len(names):,}" for kind, names in listing.names.items())
            if endpoint == "/show/security":
                self._tell([f"lists {'only your user and its roles' if listing.own_only else 'all users'}"])
            self._tell_keys(f"{endpoint.strip('/').replace('/', '_')}_response")
            if listing.schemas:
                await self._tables(sorted(listing.schemas - listing.blank) or sorted(listing.schemas))

    async def _tables(self, schemas: list[str]) -> None:
        response = self.client.last("show_schema_response")
        tables = [str(name) for names in response.get("schema_tables") or () for name in names or ()]
        self._tell([f"schema_tables: {without_schema(tables)}"])
        live = await self._ask("/show/table", self.client.live_tables(schemas[0]))
        if live is not None:
            records = sum(table.records is not None for table in live.values())
            written = sum(table.last_write is not None for table in live.values())
            self._tell(
                [f"{pluralize(len(live), 'table')}, {records:,} with records, {written:,} with last write"]
            )
            self._tell_keys("show_table_response")

    async def _jobs(self) -> None:
        jobs = await self._ask("/admin/show/jobs", self.client.running_jobs())
        if jobs is not None:
            self._tell(
                [f"{pluralize(len(jobs), 'job')}, {sum(job.is_restore for job in jobs):,} of restores"]
            )
            self._tell_keys("admin_show_jobs_response")
        await self._ask("/execute/sql, SELECT NOW()", self.client.server_time())

    async def _history(self, backup: str) -> None:
        rows = await self._ask("/execute/sql, ki_catalog.ki_backup_history", self.client.history(backup))
        if rows is not None:
            columns = dict.fromkeys((column for row in rows for column in row.values), len(rows))
            self._tell([f"{pluralize(len(rows), 'row')}: {counted(columns, len(rows))}"])

    async def _places(self) -> list[Place]:
        """Return every backup that has a snapshot. Data sources that cannot hold backups are refused."""
        sources = await self._ask("/show/datasource", self.client.data_sources())
        if sources is None:
            return []
        self._tell([pluralize(len(sources), "data source")])
        self._tell_keys("show_datasource_response")
        places: list[Place] = []
        for number, source in enumerate(sources, 1):
            endpoint = f"/show/backup, all of data source {number} of {len(sources)}"
            backups = await self._ask(endpoint, self.client.backups(source.name), may_refuse=True)
            if backups is None:
                continue
            self._tell([pluralize(len(backups), "backup")])
            places += [(source.name, backup, backup.newest) for backup in backups if backup.newest]
        return places

    async def _place_of(self, table: str | None, places: list[Place]) -> tuple[Place, Contents] | None:
        """Return the first backup whose newest snapshot can be read and holds the table, and what it holds."""
        for source, backup, _ in places:
            snapshots = await self._ask(
                "/show/backup, snapshots of a backup", self.client.snapshots(source, backup.name)
            )
            if snapshots is not None:
                self._tell([pluralize(len(snapshots), "snapshot")])
                self._tell_keys("show_backup_response")
            newest = next((each for each in snapshots or () if not each.deleted), None)
            if newest is None:
                continue
            contents = await self._ask(
                "/show/backup, contents of a snapshot", self.client.contents(source, backup.name, newest.id)
            )
            if contents is None:
                continue
            self._tell(f"{kind}: {len(held):,}" for kind, held in contents.types.items())
            self._tell([f"entries without a recognized name: {len(contents.unread):,}"])
            self._tell_keys("show_backup_response", "backup_contents")
            if table is None or table in contents.names("table").names:
                return (source, backup, newest), contents
        problem = "no backup with a snapshot" if table is None else "no newest snapshot holds the table"
        self.say(f"✗ {problem}")
        self.problems.append(problem)
        return None

    async def _verify(self, source: str, backup: Backup, snapshot: Snapshot) -> None:
        reason = why_unavailable(self.version, snapshot.id)
        if reason:
            self.say(f"○ /verify/backup: {reason}")
            return
        asked = asyncio.wait_for(self.client.verify(source, backup.name, snapshot.id), SECONDS_TO_VERIFY)
        try:
            verification = await self._ask("/verify/backup", asked)
        except asyncio.TimeoutError:
            self.say(
                f"○ /verify/backup: no response within {SECONDS_TO_VERIFY:g} s; a large backup takes longer"
            )
            return
        if verification is not None:
            self._tell([VerificationResult(verification, self.clock.now()).status.value])
            self._tell_keys("verify_backup_response")

    async def _dry_run(
        self, source: str, backup: Backup, snapshot: Snapshot, contents: Contents, table: str
    ) -> None:
        plan = RestorePlan(source, backup.name, PinnedSnapshot(snapshot.id))
        plan = plan.choose_objects(Selection.of({"table": [table]}))
        link = self.client.link
        target = Destination(link.address.url, link.login.name, self.version)
        tag = f"restore-tui-doctor-{secrets.token_hex(4)}"
        made = await self._ask(
            "/restore/backup, dry run",
            run_dry_run(self.client, plan, target, contents, self.clock, wish=AUTO, tag=tag),
        )
        if made is None:
            return
        supported = "no; the dry run was sent directly" if made.job_refusal else "yes"
        self._tell([f"as a background job: {supported}", f"took {made.seconds:.1f} s"])
        response = made.response
        self._tell(f"{field}: {direction_of(response.model_dump(), field)}" for field in MAPS)
        totals = ("backup_id", "restored_bytes", "restored_files", "restored_records")
        present = [field for field in totals if getattr(response, field) is not None]
        self._tell([f"totals: {', '.join(present) or 'none'}"])
        self._tell([f"info: {counted(dict.fromkeys(response.info, 1), 1)}"])
        results = build_results(plan.objects, contents, response)
        self._tell(f"the table: {each.dry_run.status.value}" for each in results if each.dry_run)
        self._tell_keys("get_job_response")
