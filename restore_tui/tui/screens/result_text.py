"""How the dry run and the result show what a response says: totals, results, info."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from textual.content import Content

from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.responses.lenient import is_impossible
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.preflight.conflict_check import ConflictStatus, ObjectConflict
from restore_tui.restore.preflight.key_facts import LOST, OPTIONS, VERIFIED
from restore_tui.restore.preflight.response_index import ObjectStatus, ReportedStatus
from restore_tui.restore.preflight.results import (
    ObjectResult,
    ObjectResults,
    StatusCounts,
    objects_named_in_refusal,
)
from restore_tui.restore.text_format import AS_OF, cell_width, first_few, fit, recorded_time
from restore_tui.tui import formatting
from restore_tui.tui.folding import Note
from restore_tui.tui.text_update import TextPart
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.filter_pane import ListPane
from restore_tui.tui.widgets.row_list import Column

if TYPE_CHECKING:
    from restore_tui.kinetica.reference import PlanWarning
    from restore_tui.kinetica.responses.models import RestoreResponse
    from restore_tui.restore.preflight.conflict_report import ConflictReport
    from restore_tui.restore.preflight.key_facts import KeyFact
    from restore_tui.restore.receipts.model import Receipt
    from restore_tui.restore.receipts.past_restore import PastRestore

_INFO = 300


def would(said: ReportedStatus | None, plan: RestorePlan) -> str:
    """What a dry run says of an object, as what would happen."""
    if said is None:
        return ""
    if said.status is ObjectStatus.MISSING:
        return "? not mentioned"
    if said.status is ObjectStatus.FAILED:
        return "✗ would fail"
    if said.moved_to:
        return "⇄ old one moves"
    return "✓ restore or replace" if plan.has(Effect.OVERWRITES) else "✓ would restore"


def did(said: ReportedStatus | None) -> str:
    """What a restore did with an object."""
    if said is None:
        return ""
    if said.status is ObjectStatus.MISSING:
        return "? not mentioned"
    if said.status is ObjectStatus.FAILED:
        return "✗ failed"
    return "⇄ restored, old moved" if said.moved_to else "✓ restored"


def _role_of(said: ReportedStatus | None) -> str:
    """The role that colors what is said of an object."""
    if said is None:
        return ""
    if said.status is ObjectStatus.RESTORED:
        return "warning" if said.moved_to else "success"
    return "danger" if said.status is ObjectStatus.FAILED else "warning"


_SIGHT_ROLES = {
    ConflictStatus.ABORT: "danger",
    ConflictStatus.REPLACED: "danger",
    ConflictStatus.MOVED: "warning",
    ConflictStatus.UNDOCUMENTED: "warning",
    ConflictStatus.HIDDEN: "warning",
}


def _role_of_sight(seen: ObjectConflict | None) -> str:
    return _SIGHT_ROLES.get(seen.status, "") if seen is not None else ""


_CONFLICT_TEXTS = {
    ConflictStatus.NEW: "+",
    ConflictStatus.ABORT: "✗",
    ConflictStatus.REPLACED: "!",
    ConflictStatus.MOVED: "⇄",
    ConflictStatus.UNDOCUMENTED: "!",
    ConflictStatus.HIDDEN: "?",
    ConflictStatus.UNCHECKED: "–",
}


def see(seen: ObjectConflict | None) -> str:
    """What the conflict check says of an object."""
    return f"{_CONFLICT_TEXTS[seen.status]} {seen.status.value}" if seen is not None else ""


def _more(line: ObjectResult) -> str:
    last = line.last
    if last is None:
        return ""
    parts = [
        last.reason,
        f"old one → {last.moved_to}" if last.moved_to else "",
    ]
    parts += ["" if line.requested else "mentioned, but not requested", line.disagrees]
    return ", ".join(part for part in parts if part)


def needs_reading(line: ObjectResult) -> bool:
    """Whether a line is one to look at first."""
    last = line.last
    return (last is not None and last.status is not ObjectStatus.RESTORED) or bool(line.disagrees)


class View(str, Enum):
    """Which of the results are shown."""

    ALL = "all"
    DIFFER = "differ"
    FAILED = "failed"
    MISSING = "not mentioned"

    def of(self, results: ObjectResults) -> Sequence[ObjectResult]:
        if self is View.ALL:
            return results
        if self is View.DIFFER:
            return results.differing
        return results.failed if self is View.FAILED else results.not_mentioned

    @property
    def next_view(self) -> View:
        views = list(View)
        return views[(views.index(self) + 1) % len(views)]


_INTO = " → "


def _new_name_first(text: str, width: int) -> str:
    """Return what a narrow column shows of a name under target_schema_map: the new one, which tells where it goes."""
    before, into, after = text.rpartition(_INTO)
    return f"{into.lstrip()}{after}" if into and before and cell_width(text) > width else text


def results_pane(plan: RestorePlan, *, with_result: bool) -> ListPane[ObjectResult]:
    """The results as a list; ``with_result`` adds what the restore did beside what the dry run said."""
    columns: list[Column[ObjectResult]] = [
        Column(
            "Name",
            lambda line: f"{line.name}{_INTO}{line.restored_as}" if line.restored_as else line.name,
            least=26,
            cut=_new_name_first,
        ),
        Column("Type", lambda line: line.type, 21, drop=2 if with_result else 3),
        Column(
            "Dry run",
            lambda line: would(line.dry_run, plan),
            20,
            drop=1 if with_result else 0,
            role=lambda line: _role_of(line.dry_run),
        ),
    ]
    if with_result:
        columns.append(
            Column("Restore", lambda line: did(line.restore), 21, role=lambda line: _role_of(line.restore))
        )
    else:
        columns.append(
            Column(
                "Exists now?",
                lambda line: see(line.conflict),
                20,
                drop=1,
                role=lambda line: _role_of_sight(line.conflict),
            )
        )
    columns.append(Column("More", _more, least=26, drop=3 if with_result else 2))
    return ListPane(
        columns,
        searched=lambda line: (
            f"{line.type} {line.name} {line.restored_as} {would(line.dry_run, plan)} {did(line.restore)} "
            f"{see(line.conflict)} {_more(line)}"
        ),
        key=lambda line: (line.type, line.name, line.requested),
        alarm=needs_reading,
        empty="The response names no object.",
        id="list",
    )


def _conflict_in_full(seen: ObjectConflict | None) -> str:
    if seen is None:
        return ""
    return f"{_CONFLICT_TEXTS[seen.status]} {seen.text}{f': {seen.why}' if seen.why else ''}"


def _counted_as(status: ConflictStatus, number: int) -> str:
    if status is ConflictStatus.NEW:
        return "does not exist yet" if number == 1 else "do not exist yet"
    return str(status.value)


def conflict_text(conflict_counts: Mapping[ConflictStatus, int], odd: int = 0) -> str:
    """How often the conflict check says what, and on how many objects it and the dry run disagree; empty without."""
    if not conflict_counts:
        return ""
    told = ", ".join(
        f"{conflict_counts[conflict]:,} {_counted_as(conflict, conflict_counts[conflict])}"
        for conflict in ConflictStatus
        if conflict_counts.get(conflict)
    )
    odd_words = (
        f" ! {formatting.pluralize(odd, 'object')} where it differs from the dry run: d shows them."
        if odd
        else ""
    )
    return f"{told}.{odd_words}"


_LISTED = 12


def conflict_report_text(conflicts: ConflictReport, words: str) -> Content:
    """The conflict check, beside a dry run that was refused with these words."""
    there = [line for line in conflicts.lines if line.conflict is not None and line.conflict.is_conflict]
    parts: list[TextPart] = [("Our own check of what exists now:\n", "bold")]
    parts.append(conflict_text(conflicts.lines.conflict_counts) or "Nothing could be checked.")
    for line in there[:_LISTED]:
        parts.append(f"\n  {_conflict_in_full(line.conflict)}  {line.type} {sanitize(line.name, 80)}")
    if len(there) > _LISTED:
        parts.append(f"\n  … and {len(there) - _LISTED:,} more that already exist")
    for sentence in conflicts.sentences:
        parts.append(f"\n{sanitize(sentence, _INFO)}")
    for line in objects_named_in_refusal(conflicts.lines, words)[:3]:
        unchecked = line.conflict is not None and line.conflict.status is ConflictStatus.UNCHECKED
        why = (
            "which cannot be checked" if unchecked else "which does not exist by our check: the two disagree"
        )
        parts.append(f"\nThe refusal names {sanitize(line.name, 80)}, {why}.")
    return Content.assemble(*parts)


def line_details(
    line: ObjectResult, plan: RestorePlan, live: str = "", *, checked: str = "Exists now?"
) -> FactList:
    """Everything about one of the results; ``live`` is what is known of a table that would be replaced, and ``checked``
    what the conflict check is called."""
    facts = [
        ("Object", f"{line.type} {line.name}{f' → {line.restored_as}' if line.restored_as else ''}"),
        ("Disagree", line.disagrees),
        ("Dry run", would(line.dry_run, plan)),
        (checked, _conflict_in_full(line.conflict)),
        ("Records", live),
        ("Restore", did(line.restore)),
        ("More", _more(line)),
    ]
    return FactList((label, sanitize(value, _INFO)) for label, value in facts)


def moved_text(results: ObjectResults) -> str:
    """Where the old objects went, each schema named in full; empty where nothing moved."""
    named = ", ".join(sanitize(target, 120) for target in results.moved_to)
    return f"Old objects moved to the schema {named}." if named else ""


def counts_text(tally: StatusCounts, *, happened: bool) -> str:
    """``12 objects would be restored, 1 would fail.``, or when it has ``happened``: ``… restored, 1 failed.``"""
    parts = [
        f"{formatting.pluralize(tally.restored, 'object')} {'restored' if happened else 'would be restored'}"
    ]
    if tally.moved:
        parts.append(f"{tally.moved:,} old ones moved away")
    if tally.failed:
        parts.append(f"{tally.failed:,} {'failed' if happened else 'would fail'}")
    if tally.missing:
        parts.append(f"{tally.missing:,} not mentioned")
    return ", ".join(parts) + "."


def totals_text(response: RestoreResponse) -> str:
    """Bytes, files and records, as far as the response reports them. An impossible number is marked."""
    totals = (
        (response.restored_bytes, "bytes", formatting.size),
        (response.restored_files, "files", lambda number: formatting.pluralize(number, "file")),
        (response.restored_records, "records", lambda number: formatting.pluralize(number, "record")),
    )
    parts = []
    for number, noun, write in totals:
        if number is not None:
            parts.append(f"! {number} {noun} cannot be true" if is_impossible(str(number)) else write(number))
    return " · ".join(parts) or "No totals reported."


def estimate_text(response: RestoreResponse) -> str:
    """``4.1 kB, 1,234 records``: what a dry run counts, where it counts something; empty where it does not."""
    parts = []
    for number, write in (
        (response.restored_bytes, formatting.size),
        (response.restored_records, lambda number: formatting.pluralize(number, "record")),
    ):
        if number is not None and number > 0 and not is_impossible(str(number)):
            parts.append(write(number))
    return ", ".join(parts)


def with_last_restore(totals: str, past: PastRestore | None, width: int) -> str:
    """The totals, and on the same line of ``width`` columns how long the last restore took: in full, shorter, or not at
    all."""
    if past is None:
        return totals
    lines = [f"{totals} · {text}" for text in (past.text, f"last restore: {past.short_text}")]
    return next((line for line in lines if cell_width(line) <= width), totals)


def unknown_text(receipts: Sequence[Receipt]) -> str:
    """That there are restores of this backup of which nobody here knows the end."""
    runs = first_few(receipts, lambda receipt: sanitize(receipt.run, 40), 2)
    return (
        f"! The outcome of run {runs}, of this backup, is still unknown: check it first (restore-tui attach)."
    )


RANK_OF_WARNING, RANK_OF_DANGER = 3, 4
_RANKS = {VERIFIED: 5, AS_OF: 6, OPTIONS: 6, LOST: 7}
RANK_OF_DOUBT = 8
_MORE_IF_ALARMING = 3
"""What folds first where there is no room: a warning before the facts, one of which counts what is lost; then what
makes the dry run doubtful, and what speaks against the restore last."""


def key_fact_notes(facts: Sequence[KeyFact], width: int) -> list[Note]:
    """The facts that a restore is decided on, each in a line of at most ``width`` columns: what a title leaves out goes
    first."""
    notes = []
    for fact in facts:
        text = f"{fact.label:<9}{sanitize(fact.full_text)}"
        if cell_width(text) > width:
            text = f"{fact.label:<9}{sanitize(fact.text)}"
        time = recorded_time(fact.text) if fact.label == AS_OF else ""
        text = _fit_behind(f"{fact.label:<9}{time}" if time else "", text, width)
        style = "bold $text-error" if fact.alarming else ""
        rank = _RANKS[fact.label] + (_MORE_IF_ALARMING if fact.alarming else 0)
        line = Content.assemble((text[:9], "dim"), (text[9:], style))
        notes.append(Note(line, _short_fact(fact), rank=rank, style=style))
    return notes


def _short_fact(fact: KeyFact) -> str:
    """What stands for a fact where there is no room for it."""
    if fact.alarming:
        return f"! {fact.label}"
    if fact.label == VERIFIED:
        return "✓ verified" if fact.text.startswith("✓") else "not verified"
    return fact.label


def _fit_behind(kept: str, text: str, width: int) -> str:
    """``text`` in at most ``width`` columns: what comes behind ``kept`` loses its middle, a time loses nothing."""
    return kept + fit(text.removeprefix(kept), max(1, width - cell_width(kept))).rstrip()


_LABELS = 10
"""Columns of the labels of the facts."""


def key_fact_list(facts: Sequence[KeyFact], width: int | None = None) -> FactList:
    """The same facts, aligned. In one that speaks against the restore each number stands out. With ``width`` the time
    of the data is on one line: the id of the snapshot gives way."""

    def written(fact: KeyFact) -> Content:
        if width is None or fact.label != AS_OF:
            return _with_numbers(fact)
        return Content(_fit_behind(recorded_time(fact.text), sanitize(fact.full_text), width - _LABELS))

    return FactList((fact.label, written(fact)) for fact in facts)


def _with_numbers(fact: KeyFact) -> Content:
    text = Content(sanitize(fact.full_text))
    if not fact.alarming:
        return text
    return text.stylize("$text-error").highlight_regex(r"(?<!\S)\d[\d,]*", style="bold reverse")


def warning_notes(warnings: Sequence[PlanWarning]) -> list[Note]:
    """The warnings on a plan, the destructive ones first, a paragraph each."""
    notes = []
    for warning in sorted(warnings, key=lambda warning: not warning.destructive):
        style = "bold $text-error" if warning.destructive else "$text-warning"
        rank = RANK_OF_DANGER if warning.destructive else RANK_OF_WARNING
        text = Content.styled(f"! {warning.text}", style)
        notes.append(Note(text, counted="warning", rank=rank, style=style))
    return notes


_MESSAGES_OF_TROUBLE_SHOWN = 3


def server_message_lines(messages: Sequence[str], width: int, *, alarming: bool) -> list[TextPart]:
    """What the server added to an OK, right under the verdict: the first, a line of ``width`` columns, or the first few
    where they are ``alarming``; and how many more there are. All of it is in the details."""
    if not messages:
        return []
    most = _MESSAGES_OF_TROUBLE_SHOWN if alarming else 1
    more = f" (and {len(messages) - most:,} more in the details)" if len(messages) > most else ""
    sign, style = ("!", "bold $text-warning") if alarming else ("•", "")
    lines = [f"{sign} The server adds: {sanitize(message, 4 * width)}" for message in messages[:most]]
    shown = [fit(line, width) for line in lines[:-1]]
    shown.append(fit(lines[-1], max(20, width - cell_width(more))).rstrip() + more)
    return [(f"\n{line.rstrip()}", style) for line in shown]


def info_text(response: RestoreResponse) -> Content:
    """The server's additional information, each key under its own name; empty for none."""
    parts: list[TextPart] = []
    for key, value in {
        **({"message": response.message} if response.message else {}),
        **response.info,
    }.items():
        if parts:
            parts.append("\n")
        parts += [(f"{sanitize(key, 80)}  ", "dim"), sanitize(value, _INFO)]
    return Content.assemble(*parts)
