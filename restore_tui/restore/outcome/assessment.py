"""Decide what a response proves about a restore: the one place where a verdict is made.

*Restored* needs a response that is about this restore, names what was requested, reports no failure in any shape, and
contradicts neither itself nor the dry run. Whatever falls short gets a weaker word and a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.responses.server_messages import speaks_of_going_away, speaks_of_unfinished
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.response_check import (
    MAX_UNREAD_CHARS,
    reports_trouble,
    response_differences,
    server_messages,
    unread_fields,
)
from restore_tui.restore.preflight.response_index import ObjectStatus, ResponseIndex
from restore_tui.restore.preflight.results import ObjectResults
from restore_tui.restore.receipts.model import Verdict
from restore_tui.restore.text_format import pluralize, size

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse
    from restore_tui.restore.preflight.dry_run import DryRun


_WITH_DATA = frozenset({"all", "table", "graph", "directory"})
"""Object types of which data may be restored, beside their definition."""

_LISTED_AS = {"bytes": "size", "records": "records"}
"""Total → the attribute under which the snapshot's list has it for each object."""

_CHANGES_ONLY = ("incr", "diff", "delta")
"""How the kinds of snapshots begin whose totals are changes, and are compared with nothing."""

_OTHERS = "The response names other objects, and none of those that were requested."


@dataclass(frozen=True)
class Assessment:
    """``reasons`` are sentences: why it is not simply restored, beside what the results show object by object.
    ``messages`` are what the server added to an OK, at most ``MESSAGE_BYTES`` of it."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


def assess(
    dry_run: DryRun,
    lines: ObjectResults,
    response: RestoreResponse | None,
    error: KineticaError | None,
    ticket: JobTicket | None = None,
) -> Assessment:
    """Return what is known of a restore after its response, or after the ``error`` that came in its place. ``ticket``
    is the job that it was sent as."""
    if response is None:
        return Assessment(Verdict.UNKNOWN if isinstance(error, OutcomeUnknown) else Verdict.FAILED)
    messages = server_messages(response)
    foreign = tuple(
        difference.sentence
        for difference in response_differences(
            response, dry_run.plan, dry_run=False, snapshot=dry_run.snapshot_id, ticket=ticket
        )
    )
    if foreign:
        return Assessment(Verdict.UNKNOWN, foreign, messages)
    unfinished = _unfinished(lines, response)
    if unfinished:
        return Assessment(
            Verdict.UNKNOWN, (f"The server says that the restore has not ended: {unfinished}",), messages
        )
    verdict, reasons = _from_objects(dry_run, lines, response)
    doubt = _doubt_of_failure(lines, response) if verdict is Verdict.FAILED else ""
    if doubt:
        return Assessment(Verdict.UNKNOWN, (*reasons, doubt), messages)
    if verdict is Verdict.RESTORED and reports_trouble(response, lines):
        verdict = Verdict.WARNED
    return Assessment(verdict, reasons, messages)


def _from_objects(
    dry_run: DryRun, lines: ObjectResults, response: RestoreResponse
) -> tuple[Verdict, tuple[str, ...]]:
    tally, mentions = lines.counts, lines.restore
    assert mentions is not None  # the results were built from this response
    unread = unread_fields(mentions)
    if mentions.has_failures:
        return _from_failures(lines, mentions, unread)
    empty = tuple(_empty_totals(dry_run, lines, response))
    if unread:
        return Verdict.PARTLY, unread
    if not mentions:
        silence = _when_silent(lines)
        return (Verdict.UNKNOWN if silence or empty else Verdict.RESTORED), (*silence, *empty)
    if lines.requested and not tally.restored:
        return Verdict.UNKNOWN, (_OTHERS,)
    if tally.missing:
        return Verdict.PARTLY, empty
    return (Verdict.UNKNOWN if empty else Verdict.RESTORED), empty


def _from_failures(
    lines: ObjectResults, mentions: ResponseIndex, unread: tuple[str, ...]
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict on a response with failures, and why. *Failed* needs one for every object that was requested,
    and nothing restored beside it: what is not mentioned may have been restored."""
    if any(line.is_reported_restored for line in lines):
        return Verdict.PARTLY, unread
    if unread:
        return Verdict.UNKNOWN, unread
    if lines.requested and not lines.counts.failed:
        return Verdict.UNKNOWN, (_OTHERS,)
    if lines.counts.failed < lines.requested:
        return Verdict.PARTLY, ()
    requested = [line.restore for line in lines if line.requested and line.restore is not None]
    if mentions.has_successes or any(real.ambiguous for real in requested):
        return Verdict.UNKNOWN, ("The server reports every object failed, and some of them also restored.",)
    if any(real.indirect for real in requested):
        return Verdict.UNKNOWN, (
            "The server reports a schema as failed. It does not say what in it was restored.",
        )
    return Verdict.FAILED, ()


def _doubt_of_failure(lines: ObjectResults, response: RestoreResponse) -> str:
    """Why a response in which every object failed does not prove that nothing was restored; empty where it does."""
    restored = [
        _amount(number, noun) for noun, number in response.totals if number is not None and number > 0
    ]
    if restored:
        return f"The server reports every object failed, and also {', '.join(restored)} restored."
    reasons = [line.restore.reason for line in lines if line.restore is not None and line.restore.reason]
    if any(map(speaks_of_going_away, [response.message, *response.info.values(), *reasons])):
        return "The server reports every object failed, but speaks of a lost connection, or of shutting down."
    return ""


def _when_silent(lines: ObjectResults) -> tuple[str, ...]:
    """Why a response that names no object does not prove a restore: its dry run named some."""
    if not lines.dry_run:
        return ()
    named = sum(
        1 for line in lines if line.dry_run is not None and line.dry_run.status is not ObjectStatus.MISSING
    )
    return (f"The server reported OK, but named no object. Its dry run named {pluralize(named, 'object')}.",)


def _empty_totals(dry_run: DryRun, lines: ObjectResults, response: RestoreResponse) -> Iterator[str]:
    """Yield where the restore reports nothing, and its dry run or the snapshot's list had something. Counts of
    incremental and differential snapshots are changes, and are not compared."""
    plan = dry_run.plan
    if plan.has(Effect.WITHOUT_RECORDS) or not any(
        line.requested and line.type in _WITH_DATA for line in lines
    ):
        return
    if dry_run.listed is not None and dry_run.listed.kind.strip().lower().startswith(_CHANGES_ONLY):
        return
    against: dict[str, list[tuple[str, str]]] = {"its dry run reported": [], "the snapshot lists": []}
    for (noun, real), (_, dry) in zip(response.totals, dry_run.response.totals, strict=True):
        listed = _LISTED_AS.get(noun)
        if real is None or real > 0:
            continue
        if dry is not None and dry > 0:
            against["its dry run reported"].append((_amount(real, noun), _amount(dry, noun)))
        elif dry is None and listed and not lines.restore and (sum_of := _listed(dry_run, lines, listed)) > 0:
            against["the snapshot lists"].append((_amount(real, noun), _amount(sum_of, noun)))
    for source, amounts in against.items():
        if amounts:
            reported, expected = (", ".join(side) for side in zip(*amounts, strict=True))
            yield f"The server reports {reported}; {source} {expected}."


def _amount(number: int, noun: str) -> str:
    return size(number) if noun == "bytes" else f"{number:,} {noun}"


def _listed(dry_run: DryRun, lines: ObjectResults, what: str) -> int:
    """Sum up what the snapshot's list says of the objects that were requested, as far as it says anything."""
    requested = {(line.type, line.name) for line in lines if line.requested}
    return sum(getattr(item, what) or 0 for item in dry_run.contents if (item.type, item.name) in requested)


def _unfinished(lines: ObjectResults, response: RestoreResponse) -> str:
    """Return the message by which the restore was only accepted or validated, or still goes on; empty for none."""
    names = lines.names if response.message or response.info else frozenset()
    texts = [response.message]
    texts += [value if key in names else f"{key}: {value}" for key, value in response.info.items()]
    return next((sanitize(text, MAX_UNREAD_CHARS) for text in texts if speaks_of_unfinished(text, names)), "")
