"""From a receipt back to the restore that it is of: to follow it, or to look what became of it. Never to send it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.errors import OutcomeUnknown
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.outcome_query import Baseline, OutcomeQuery, Period
from restore_tui.restore.plan.plan import (
    SNAPSHOT_ID,
    NeverSentError,
    NewestSnapshot,
    PinnedSnapshot,
    RestorePlan,
)
from restore_tui.restore.plan.request import Destination, fingerprint, restore_body
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import (
    ConflictStatus,
    Inventory,
    Key,
    ObjectConflict,
    ReadFailure,
)
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.receipts.model import Receipt, Verdict
from restore_tui.restore.receipts.report_facts import requested_names
from restore_tui.restore.text_format import parse_timestamp


class CannotReattachError(Exception):
    """The receipt does not tell enough; the text says what is wrong with it."""


def plan_of(receipt: Receipt) -> RestorePlan:
    """The plan that the receipt's request was made of. Raises CannotReattachError where this plan makes another
    request, or another fingerprint: then the receipt was changed, or written by another program."""
    request = receipt.request
    options = receipt.texts("options")
    snapshot_id = options.pop(SNAPSHOT_ID, "")
    dry_run = options.pop("dry_run", "")
    objects = {kind: names.split(",") for kind, names in receipt.texts("restore_objects_map").items()}
    plan = RestorePlan(
        data_source=str(request.get("datasource_name", "")),
        backup=str(request.get("backup_name", "")),
        snapshot=PinnedSnapshot(snapshot_id) if snapshot_id else NewestSnapshot(receipt.dry_run.snapshot_id),
        objects=Selection.of(objects),
    )
    try:
        for name, value in options.items():
            plan = plan.choose_option(name, value)
    except KeyError as error:
        raise CannotReattachError(f"its request has an option that is not known here, {error}") from None
    except NeverSentError as error:
        raise CannotReattachError(f"its request was not created by this program: {error}") from None
    if dry_run != "false" or restore_body(plan, dry_run=False) != dict(request):
        raise CannotReattachError("its request cannot be read")
    if fingerprint(plan, _destination_of(receipt)) != receipt.fingerprint:
        raise CannotReattachError("its request is not the one that was sent: the fingerprint is another one")
    return plan


def outcome_of(receipt: Receipt, place: Path | None) -> Outcome:
    """The restore of a receipt as one whose outcome is not known yet. Raises CannotReattachError."""
    dry_run = _dry_run_of(receipt)
    before = receipt.outcome
    return Outcome(
        run=receipt.run,
        verdict=Verdict.UNKNOWN,
        dry_run=dry_run,
        results=dry_run.results(),
        started=receipt.begun,
        seconds=None,  # what another wizard waited is not how long it took
        recorded=receipt,
        error=OutcomeUnknown(
            before.what
            if before
            else "This run's receipt has no end: the wizard that sent it did not see one.",
            server_message=before.words if before else "",
        ),
        receipt=place,
    )


def outcome_query_for(receipt: Receipt, following: Receipt | None = None) -> OutcomeQuery:
    """What a restore is looked for by. ``following`` is the receipt of the next restore of the same backup."""
    job = receipt.job
    return OutcomeQuery(
        backup=receipt.backup,
        snapshot_id=receipt.dry_run.snapshot_id,
        user=""
        if receipt.server.user.startswith("(")
        else receipt.server.user,  # a token's digest, or nobody
        cluster=receipt.server.cluster,
        baseline=_baseline_of(receipt),
        ticket=JobTicket(job.tag, job.id, job.query_id) if job else None,
        names=frozenset(name for names in requested_names(receipt).values() for name in names),
        before_next=_baseline_of(following) if following else None,
        sent=Period(receipt.sent.since, receipt.sent.until) if receipt.sent else None,
    )


def _baseline_of(receipt: Receipt) -> Baseline:
    noted = receipt.noted
    return Baseline(
        None if noted.jobs is None else frozenset(noted.jobs),
        None if noted.history is None else frozenset(noted.history),
    )


def _dry_run_of(receipt: Receipt) -> DryRun:
    """The dry run as far as the receipt tells it. Nothing can be restored on it: it is void for its age and target."""
    recorded = receipt.dry_run
    dry_run = DryRun(
        plan=plan_of(receipt),
        destination=_destination_of(receipt),
        contents=_contents_of(receipt),
        response=RestoreResponse.model_validate(recorded.answer),
        at=recorded.at,
        seconds=recorded.seconds,
        fingerprint=receipt.fingerprint,
        job_tag=recorded.job_tag,
        listed=Snapshot(
            recorded.snapshot_id,
            kind=recorded.snapshot_kind,
            time_text=receipt.snapshot_time,
            time=parse_timestamp(receipt.snapshot_time),
        ),
        conflicts=_conflicts_of(receipt),
    )
    if dry_run.response.backup_id is None and recorded.snapshot_id.isdecimal():
        response = dry_run.response.model_copy(update={"backup_id": int(recorded.snapshot_id)})
        dry_run = replace(dry_run, response=response)
    return dry_run


def _conflicts_of(receipt: Receipt) -> ConflictReport:
    """Conflict check as far as the receipt tells it. There is nothing in it to compare a later look with."""
    words = {conflict.value for conflict in ConflictStatus}
    seen: dict[Key, ObjectConflict] = {
        (line.type, line.name): ObjectConflict(ConflictStatus(line.seen), line.seen_place)
        for line in receipt.objects
        if line.asked and line.seen in words
    }
    unread = receipt.sight.unread if receipt.sight else {}
    existing = Inventory(unread={endpoint: ReadFailure(why) for endpoint, why in unread.items()})
    return ConflictReport(existing=existing, seen=seen)


def _destination_of(receipt: Receipt) -> Destination:
    server = receipt.server
    return Destination(server.url, server.user, server.version, server.cluster, server.way, server.label)


def _contents_of(receipt: Receipt) -> Contents:
    """What the snapshot held, as far as the results depend on it. Of a schema with a line of its own nothing was
    listed."""
    asked = [line for line in receipt.objects if line.asked]
    unlisted = {line.name for line in asked if line.type == "all"}
    return Contents.of(
        BackedUpObject(line.type, line.name, None, None)
        for line in asked
        if line.type != "all" and schema_of(line.name) not in unlisted
    )
