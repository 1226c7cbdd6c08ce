"""What a confirmation warns about: read when the screen is drawn, and again when Enter is pressed.

One immutable value holds what was read; ``staleness_reason`` compares it with the dry run, and ``changes_since_shown``
with what the operator saw when the name was typed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import RunningJob
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.execution.confirmation import RestoreBlockedError
from restore_tui.restore.outcome import evidence
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot
from restore_tui.restore.polling import or_error
from restore_tui.restore.preflight.conflict_check import Inventory, ReadFailure
from restore_tui.restore.preflight.drift import Drift, compare
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.text_format import dated_id, first_few

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient, ServerInfo
    from restore_tui.restore.preflight.drift import DriftCheck
    from restore_tui.restore.preflight.dry_run import DryRun

SECONDS_TO_READ = 10.0
"""How long all reads together may take; they run side by side."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class FinalCheck:
    """What was read at one moment. Where something could not be read, its place holds the error.

    ``restores`` are those that run on the server, ``open_runs`` the receipts of this backup without a known end, and
    ``changes`` what has appeared or vanished since the dry run.
    """

    restores: tuple[RunningJob, ...] | KineticaError = ()
    open_runs: tuple[Receipt, ...] | KineticaError = ()
    snapshots: Sequence[Snapshot] | KineticaError = ()
    server: ServerInfo | KineticaError | None = None
    changes: Drift = field(default_factory=Drift)


class ChangedSinceShownError(RestoreBlockedError):
    """Something that the confirmation warns about is new since it was shown. Nothing was sent; ``preflight`` is what
    to show before Enter is pressed again."""

    def __init__(self, sentences: tuple[str, ...], preflight: FinalCheck) -> None:
        super().__init__(" ".join(sentences))
        self.preflight = preflight


async def read(
    client: KineticaClient,
    dry_run: DryRun,
    *,
    open_runs: Callable[[], Awaitable[list[Receipt]]],
    look_again: Callable[[], Awaitable[DriftCheck | None]],
) -> FinalCheck:
    """Read everything side by side, within ten seconds altogether. Raises nothing but cancellation."""
    plan = dry_run.plan
    restores, snapshots, server, runs, again = await asyncio.gather(
        or_error(evidence.other_restores(client), SECONDS_TO_READ),
        or_error(client.snapshots(plan.data_source, plan.backup), SECONDS_TO_READ),
        or_error(client.server(), SECONDS_TO_READ),
        or_error(open_runs(), SECONDS_TO_READ),
        or_error(look_again(), SECONDS_TO_READ),
    )
    if isinstance(again, KineticaError):
        before = dry_run.conflicts.existing
        changes = compare(before, Inventory(unread={one: ReadFailure(again.what) for one in before.listings}))
    else:
        changes = again.changes if again else Drift()
    return FinalCheck(
        restores,
        runs if isinstance(runs, KineticaError) else tuple(runs),
        snapshots,
        server,
        changes,
    )


# Comparing


def vanished(dry_run: DryRun, shown: FinalCheck, now: FinalCheck) -> str:
    """Why the dry run is stale because its snapshot was listed when the confirmation was shown, and is not any more."""
    if isinstance(shown.snapshots, KineticaError) or isinstance(now.snapshots, KineticaError):
        return ""
    wanted = dry_run.snapshot_id
    before, after = {one.id for one in shown.snapshots}, {one.id for one in now.snapshots}
    return _no_longer_listed(dry_run) if wanted in before - after else ""


def _no_longer_listed(dry_run: DryRun) -> str:
    return f"The snapshot {dated_id(dry_run.listed, dry_run.snapshot_id)} is no longer listed."


def staleness_reason(dry_run: DryRun, now: FinalCheck) -> str:
    """Why what was read makes the dry run stale; empty where it does not. What exists is compared elsewhere."""
    return _other_server(dry_run, now) or _other_snapshot(dry_run, now)


def _other_server(dry_run: DryRun, now: FinalCheck) -> str:
    """The same address may lead to another cluster or version by now. What either side leaves open is no difference."""
    server, target = now.server, dry_run.destination
    if server is None or isinstance(server, KineticaError):
        return ""
    if server.cluster and target.cluster and server.cluster != target.cluster:
        return (
            f"This address now leads to another cluster: {sanitize(server.cluster, 60)}. The dry run ran on "
            f"{sanitize(target.cluster, 60)}."
        )
    if server.version and target.server_version and server.version != target.server_version:
        return (
            f"The server's version is now {sanitize(server.version, 40)}. The dry run ran on "
            f"{sanitize(target.server_version, 40)}."
        )
    return ""


def _other_snapshot(dry_run: DryRun, now: FinalCheck) -> str:
    if isinstance(now.snapshots, KineticaError):
        return ""
    chosen = dry_run.plan.snapshot
    if isinstance(chosen, NewestSnapshot):
        newest = next((snapshot for snapshot in now.snapshots if not snapshot.deleted), None)
        if ("" if newest is None else newest.id) != dry_run.snapshot_id:
            return (
                f"The newest snapshot is now {dated_id(newest, newest.id) if newest is not None else '(none)'}; "
                f"the dry run used {dated_id(dry_run.listed, dry_run.snapshot_id) or '(unknown)'}."
            )
    elif isinstance(chosen, PinnedSnapshot):
        listed = [snapshot for snapshot in now.snapshots if snapshot.id == chosen.id]
        if not listed and dry_run.listed is not None:
            return _no_longer_listed(dry_run)
        if listed and listed[0].deleted:
            return f"The snapshot {dated_id(dry_run.listed, chosen.id)} is listed as deleted."
    return ""


def changes_since_shown(shown: FinalCheck, now: FinalCheck) -> tuple[str, ...]:
    """What is new, or cannot be read any more, since ``shown`` was on the screen: a sentence each."""
    found = [
        *_new_restores(shown.restores, now.restores),
        *_new_runs(shown.open_runs, now.open_runs),
        *_unreadable("The snapshots", shown.snapshots, now.snapshots),
        *_unreadable("The server's version and cluster", shown.server, now.server),
    ]
    before, after = shown.server, now.server
    if before and after and not isinstance(before, KineticaError) and not isinstance(after, KineticaError):
        for what, was, is_now in (
            ("cluster", before.cluster, after.cluster),
            ("version", before.version, after.version),
        ):
            if was and not is_now:
                found.append(f"The server does not name its {what} any more.")
    if now.changes.unclear_endpoints - shown.changes.unclear_endpoints:
        found += [sentence for sentence in now.changes.unclear if sentence not in shown.changes.unclear]
    return tuple(found)


def _new_restores(
    shown: tuple[RunningJob, ...] | KineticaError, now: tuple[RunningJob, ...] | KineticaError
) -> list[str]:
    if isinstance(now, KineticaError):
        return _unreadable("Running restores", shown, now)
    known = set() if isinstance(shown, KineticaError) else {job.id for job in shown}
    new = [job for job in now if job.id not in known]
    if not new:
        return []
    jobs = first_few(
        new, lambda job: f"job {sanitize(job.id, 24)} of {sanitize(job.user, 30) or '(unknown user)'}"
    )
    return [f"Another restore runs on the server now: {jobs}."]


def _new_runs(
    shown: tuple[Receipt, ...] | KineticaError, now: tuple[Receipt, ...] | KineticaError
) -> list[str]:
    if isinstance(now, KineticaError):
        return _unreadable("The receipts of earlier restores", shown, now)
    known = set() if isinstance(shown, KineticaError) else {receipt.run for receipt in shown}
    return new_run_sentences(known, now)


def new_run_sentences(known: set[str] | frozenset[str], now: tuple[Receipt, ...]) -> list[str]:
    """A sentence where there are receipts of this backup, without a known end, that are not ``known``."""
    new = [receipt for receipt in now if receipt.run not in known]
    if not new:
        return []
    runs = first_few(new, lambda receipt: sanitize(receipt.run, 40))
    return [f"A restore of this backup was started here meanwhile, and its outcome is unknown: run {runs}."]


def _unreadable(what: str, shown: object, now: object) -> list[str]:
    """A sentence where something could be read before and cannot be read now."""
    if isinstance(now, KineticaError) and not isinstance(shown, KineticaError):
        return [f"{what} can't be read any more: {now.what}"]
    return []
