"""``make test-live``: ask a real server everything that restore-tui reads, and for one dry run. Never for a restore.

Where and as whom: ``KINETICA_URL``, ``KINETICA_USER``, and ``KINETICA_PASSWORD`` or ``KINETICA_OAUTH_TOKEN``, or what
the config file says. ``KINETICA_DATA_SOURCE`` and ``KINETICA_BACKUP`` choose what is looked at, where the first that
can be read is not the one. Exit codes: 0 everything was answered, 1 something was not, 2 it could not begin.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from restore_tui.config import Settings, SettingsError, load
from restore_tui.kinetica.backups import Backup, Snapshot
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import KineticaError, RequestRejected
from restore_tui.kinetica.inventory import Listing
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.clock import SystemClock
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import AUTO, Destination
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight import conflict_report
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.dry_run import run_dry_run
from restore_tui.restore.preflight.results import build_results
from restore_tui.restore.preflight.verification import VerificationResult, why_unavailable
from tests.live.door import GuardedLink, ListeningClient
from tests.live.findings import direction_of, keys_of, qualified

Told = TypeVar("Told")

OK, UNANSWERED, NOT_BEGUN = 0, 1, 2
SECONDS_TO_VERIFY = 120.0
MAPS = ("restored_objects", "renamed_objects", "failed_objects")


class Live:
    """One run. ``say`` prints a line."""

    def __init__(
        self, client: ListeningClient, wanted: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self.client = client
        self.wanted = wanted
        self.say = say
        self.unanswered: list[str] = []
        self.version = ""

    async def run(self) -> int:
        """Everything, in the order of the road. What is not answered is told, and the rest goes on."""
        server = await self.ask("/show/system/properties", self.client.server())
        if server is not None:
            self.version = server.version
            self.tell(
                [
                    f"version {sanitize(server.version) or '(untold)'}, cluster "
                    f"{sanitize(server.cluster) or '(untold)'}, high availability {server.high_availability}",
                    f"{len(server.properties):,} properties",
                ]
            )
        await self.others()
        found = await self.backup()
        if found is not None:
            source, backup, snapshot = found
            await self.verify(source, backup, snapshot)
            contents = await self.contents(source, backup, snapshot)
            await self.dry_run(source, backup, snapshot, contents)
        self.say("")
        self.say(
            f"No response: {', '.join(self.unanswered)}"
            if self.unanswered
            else "Every request got a response."
        )
        self.say("No restore was sent.")
        return UNANSWERED if self.unanswered else OK

    async def ask(self, what: str, asked: Awaitable[Told]) -> Told | None:
        """The answer, with a heading for what is told of it; None, and why, where none came."""
        self.say("")
        self.say(what)
        try:
            return await asked
        except KineticaError as error:
            self.say(f"  ✗ {error.title}: {error.what}")
            for line in sanitize_block(error.server_message, 600).splitlines():
                self.say(f"    {line}")
            self.unanswered.append(what)
            return None

    def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(f"  {line}")

    async def others(self) -> None:
        """What exists, and what runs."""
        reads: dict[str, Callable[[], Awaitable[Listing]]] = {
            "/show/schema": self.client.schemas,
            "/show/datasink": self.client.data_sinks,
            "/show/credential": self.client.credentials,
            "/show/security": self.client.users_and_roles,
        }
        for endpoint, read in reads.items():
            listing = await self.ask(endpoint, read())
            if listing is None:
                continue
            self.tell(f"{kind}: {qualified(sorted(names))}" for kind, names in listing.names.items())
            if listing.schemas:
                self.tell([f"{len(listing.schemas):,} schemas, {len(listing.blank):,} that show nothing"])
            if endpoint == "/show/security":
                self.tell([f"shows {'only this user and its roles' if listing.own_only else 'everybody'}"])
        tables = [
            t
            for held in self.client.last("show_schema_response").get("schema_tables") or ()
            for t in held or ()
        ]
        self.tell([f"tables as they came: {qualified(list(map(str, tables)))}"])
        jobs = await self.ask("/admin/show/jobs", self.client.running_jobs())
        if jobs is not None:
            self.tell([f"{len(jobs):,} jobs, {sum(job.is_restore for job in jobs):,} of them restores"])

    async def backup(self) -> tuple[str, Backup, Snapshot] | None:
        """The first backup with a snapshot, or the one that is wished for."""
        sources = await self.ask("/show/datasource", self.client.data_sources())
        names = [source.name for source in sources or ()]
        wished = self.wanted.get("KINETICA_DATA_SOURCE")
        for name in [wished] if wished else names:
            try:
                backups = await self.client.backups(name)
            except KineticaError as error:
                self.tell([f"{sanitize(name)}: {error.what} {sanitize(error.server_message, 200)}"])
                continue
            self.tell([f"{sanitize(name)}: {len(backups):,} backups"])
            for backup in backups:
                if self.wanted.get("KINETICA_BACKUP") in (None, "", backup.name) and backup.newest:
                    return await self.snapshots(name, backup)
        self.say("  ✗ no backup with a snapshot was found")
        self.unanswered.append("/show/backup")
        return None

    async def snapshots(self, source: str, backup: Backup) -> tuple[str, Backup, Snapshot] | None:
        found = await self.ask(
            f"/show/backup, {sanitize(backup.name)} through {sanitize(source)}",
            self.client.snapshots(source, backup.name),
        )
        answer = self.client.last("show_backup_response")
        for field in ("backup_description", "backup_ids", "deleted_backup_ids"):
            self.tell([field])
            self.tell(f"  {line}" for line in keys_of(field, answer))
        newest = next((snapshot for snapshot in found or () if not snapshot.deleted), None)
        if newest is None:
            return None
        self.tell(
            [f"{len(found or ()):,} snapshots, the newest {newest.id}, time {sanitize(newest.time_text)}"]
        )
        rows = await self.ask("/execute/sql, ki_catalog.ki_backup_history", self.client.history(backup.name))
        if rows is not None:
            columns = sorted({column for row in rows for column in row.values})
            self.tell(
                [f"{len(rows):,} rows with the columns {', '.join(map(sanitize, columns)) or '(none)'}"]
            )
        return source, backup, newest

    async def verify(self, source: str, backup: Backup, snapshot: Snapshot) -> None:
        why = why_unavailable(self.version, snapshot.id)
        if why:
            self.say("")
            self.say(f"/verify/backup: {why}")
            return
        asked = asyncio.wait_for(self.client.verify(source, backup.name, snapshot.id), SECONDS_TO_VERIFY)
        try:
            found = await self.ask(f"/verify/backup, snapshot {snapshot.id}", asked)
        except asyncio.TimeoutError:
            self.tell([f"no response within {SECONDS_TO_VERIFY:g} seconds; large snapshots take longer"])
            return
        if found is not None:
            verified = VerificationResult(found, SystemClock().now())
            self.tell([verified.status.value, *verified.sentences])

    async def contents(self, source: str, backup: Backup, snapshot: Snapshot) -> Contents:
        found = await self.ask(
            f"/show/backup, contents of {snapshot.id}",
            self.client.contents(source, backup.name, snapshot.id),
        )
        if found is None:
            return Contents()
        self.tell(keys_of("backup_contents", self.client.last("show_backup_response")))
        self.tell(f"{kind}: {len(held):,}" for kind, held in found.types.items())
        self.tell([f"entries without a name that was recognised: {len(found.unread):,}"])
        return found

    async def dry_run(self, source: str, backup: Backup, snapshot: Snapshot, contents: Contents) -> None:
        """Of one table that is not there now, else of the smallest; of a schema where no table is listed."""
        plan = RestorePlan(source, backup.name, PinnedSnapshot(snapshot.id))
        chosen = await self._choose(plan, contents)
        if chosen is None:
            self.say("")
            self.say("Dry run: nothing with a name is listed that it could be made of")
            return
        plan, foresight = chosen
        link = self.client.link
        target = Destination(link.address.url, link.login.name, self.version)
        tag = f"restore-tui-live-{secrets.token_hex(4)}"
        what = ", ".join(f"{kind} {name}" for kind, names in plan.objects.by_type.items() for name in names)
        self.say("")
        self.say(f"Dry run of {sanitize(what)}")
        self.tell(
            f"conflict check: {sanitize(seen.text)} {seen.why}".rstrip() for seen in foresight.seen.values()
        )
        try:
            made = await run_dry_run(self.client, plan, target, contents, SystemClock(), wish=AUTO, tag=tag)
        except RequestRejected as refused:
            self.tell(
                [f"refused: {line}" for line in sanitize_block(refused.server_message, 600).splitlines()]
            )
            self.tell([self._job_words("no_job" if self._job_was_refused() else "")])
            return
        except KineticaError as error:
            self.tell([f"✗ {error.title}: {error.what}"])
            self.unanswered.append("the dry run")
            return
        self.tell([self._job_words(made.job_refusal), f"took {made.seconds:.1f} s"])
        answer = made.response
        self.tell(f"{field}: {direction_of(answer.model_dump(), field)}" for field in MAPS)
        self.tell(
            [
                f"backup_id {answer.backup_id}, {answer.restored_bytes} bytes, {answer.restored_files} files, "
                f"{answer.restored_records} records",
                f"info: {', '.join(map(sanitize, answer.info)) or '(empty)'}",
            ]
        )
        self.tell(
            f"{sanitize(line.name)}: {line.dry_run.status.value if line.dry_run else ''} {line.disagrees}".rstrip()
            for line in build_results(plan.objects, contents, answer, seen=foresight.seen)
        )

    async def _choose(
        self, plan: RestorePlan, contents: Contents
    ) -> tuple[RestorePlan, ConflictReport] | None:
        tables = contents.names("table")
        by_size = sorted(range(len(tables)), key=lambda at: (tables.sizes[at] < 0, tables.sizes[at]))
        names = [tables.names[at] for at in by_size]
        kind = "table" if names else "all"
        names = names or list(contents.schemas.names)
        if not names:
            return None
        whole = plan.choose_objects(Selection.of({kind: names}))
        foresight = await conflict_report.check_conflicts(self.client, whole, contents)
        free = [
            name for name in names if (found := foresight.seen.get((kind, name))) and not found.is_conflict
        ]
        made = plan.choose_objects(Selection.of({kind: [(free or names)[0]]}))
        return made, await conflict_report.check_conflicts(self.client, made, contents)

    def _job_was_refused(self) -> bool:
        return "create_job_response" not in self.client.answers

    @staticmethod
    def _job_words(no_job: str) -> str:
        if no_job:
            return f"/create/job does not take the dry run: {sanitize(no_job, 200)}"
        return "/create/job takes the dry run"


def link_of(settings: Settings) -> GuardedLink:
    return GuardedLink(
        ServerAddress.parse(settings.url),
        Login(settings.user, settings.password, settings.token),
        ca_file=settings.ca_file or None,
        insecure=settings.insecure,
        proxy=settings.proxy or None,
        timeout=settings.timeout,
        max_response_bytes=settings.max_response_bytes,
    )


async def ask_everything(link: GuardedLink, wanted: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Everything, over one guarded link. Returns the exit code."""
    client = ListeningClient(link)
    async with client:
        return await Live(client, wanted, say).run()


def main() -> int:
    try:
        settings = load({})
        if not settings.url:
            raise SettingsError("Say where: make test-live KINETICA_URL=http://host:9191 KINETICA_USER=name")
        link = link_of(settings)
    except (SettingsError, KineticaError) as problem:
        sys.stderr.write(f"{problem}\n")
        return NOT_BEGUN
    return asyncio.run(ask_everything(link, os.environ, print))


if __name__ == "__main__":
    sys.exit(main())
