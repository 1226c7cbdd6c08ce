"""How the dry run and the result show what an answer says: totals, the ledger, info."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from textual.content import Content

from restore_tui.kinetica.responses.aliases import is_impossible
from restore_tui.kinetica.sanitize import harmless
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.preflight.conflict_check import Seen, Sight
from restore_tui.restore.preflight.results import Fate, Ledger, Line, Said, Tally, contested
from restore_tui.restore.text_format import columns, fitted
from restore_tui.tui import formatting
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.filter_pane import ListPane
from restore_tui.tui.widgets.row_list import Column

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreAnswer
    from restore_tui.restore.preflight.key_facts import KeyFact
    from restore_tui.restore.preflight.looking import Foresight
    from restore_tui.restore.preflight.plan_warnings import PlanWarning
    from restore_tui.restore.receipts.model import Receipt

_INFO = 300
_Part = Content | str | tuple[str, str]


def would(said: Said | None, plan: RestorePlan) -> str:
    """What a dry run says of an object, as what would happen."""
    if said is None:
        return ""
    if said.fate is Fate.MISSING:
        return "? not mentioned"
    if said.fate is Fate.FAILED:
        return "✗ would fail"
    if said.moved_to:
        return "⇄ old one moves"
    return "✓ restore or replace" if plan.option("restore_policy") == "replace" else "✓ would restore"


def did(said: Said | None) -> str:
    """What a restore did with an object."""
    if said is None:
        return ""
    if said.fate is Fate.MISSING:
        return "? not mentioned"
    if said.fate is Fate.FAILED:
        return "✗ failed"
    return "⇄ restored, old moved" if said.moved_to else "✓ restored"


def _role_of(said: Said | None) -> str:
    """The role that colors what is said of an object."""
    if said is None:
        return ""
    if said.fate is Fate.RESTORED:
        return "warning" if said.moved_to else "success"
    return "danger" if said.fate is Fate.FAILED else "warning"


_SIGHT_ROLES = {
    Sight.ABORT: "danger",
    Sight.REPLACED: "danger",
    Sight.MOVED: "warning",
    Sight.UNDOCUMENTED: "warning",
    Sight.HIDDEN: "warning",
}


def _role_of_sight(seen: Seen | None) -> str:
    return _SIGHT_ROLES.get(seen.sight, "") if seen is not None else ""


_SIGHTS = {
    Sight.NEW: "+",
    Sight.ABORT: "✗",
    Sight.REPLACED: "!",
    Sight.MOVED: "⇄",
    Sight.UNDOCUMENTED: "!",
    Sight.HIDDEN: "?",
    Sight.UNCHECKED: "–",
}


def see(seen: Seen | None) -> str:
    """What our own look says of an object."""
    return f"{_SIGHTS[seen.sight]} {seen.sight.value}" if seen is not None else ""


def _more(line: Line) -> str:
    last = line.last
    if last is None:
        return ""
    parts = [
        last.why,
        f"old one → {last.moved_to}" if last.moved_to else "",
    ]
    parts += ["" if line.asked else "mentioned without being asked for", line.disagrees]
    return ", ".join(part for part in parts if part)


def needs_reading(line: Line) -> bool:
    """Whether a line is one to look at first."""
    last = line.last
    return (last is not None and last.fate is not Fate.RESTORED) or bool(line.disagrees)


class View(str, Enum):
    """Which lines of a ledger are shown."""

    ALL = "all"
    DIFFER = "differ"
    FAILED = "failed"
    MISSING = "not mentioned"

    def of(self, ledger: Ledger) -> Sequence[Line]:
        if self is View.ALL:
            return ledger
        if self is View.DIFFER:
            return ledger.differing
        return ledger.failed if self is View.FAILED else ledger.unmentioned

    @property
    def following(self) -> View:
        views = list(View)
        return views[(views.index(self) + 1) % len(views)]


def ledger_pane(plan: RestorePlan, *, with_result: bool, id: str) -> ListPane[Line]:
    """The ledger as a list; ``with_result`` adds what the restore did beside what the dry run said."""
    columns: list[Column[Line]] = [
        Column("Name", lambda line: f"{line.name} → {line.lands}" if line.lands else line.name, least=26),
        Column("Type", lambda line: line.type, 21, drop=2 if with_result else 3),
        Column(
            "Dry run said" if with_result else "Dry run says",
            lambda line: would(line.dry, plan),
            20,
            drop=1 if with_result else 0,
            role=lambda line: _role_of(line.dry),
        ),
    ]
    if with_result:
        columns.append(
            Column("Restore did", lambda line: did(line.real), 21, role=lambda line: _role_of(line.real))
        )
    else:
        columns.append(
            Column(
                "We see", lambda line: see(line.seen), 20, drop=1, role=lambda line: _role_of_sight(line.seen)
            )
        )
    columns.append(Column("More", _more, least=26, drop=3 if with_result else 2))
    return ListPane(
        columns,
        searched=lambda line: (
            f"{line.type} {line.name} {line.lands} {would(line.dry, plan)} {did(line.real)} {see(line.seen)} "
            f"{_more(line)}"
        ),
        key=lambda line: (line.type, line.name, line.asked),
        alarm=needs_reading,
        empty="The answer names no object.",
        id=id,
    )


def _sight_in_full(seen: Seen | None) -> str:
    if seen is None:
        return ""
    return f"{_SIGHTS[seen.sight]} {seen.words}{f': {seen.why}' if seen.why else ''}"


def seen_words(sights: Mapping[Sight, int], odd: int = 0) -> str:
    """How often our own look says what, and on how many objects it disagrees with the dry run; empty without one."""
    if not sights:
        return ""
    told = ", ".join(f"{sights[sight]:,} {sight.value}" for sight in Sight if sights.get(sight))
    odd_words = (
        f" ! {formatting.counted(odd, 'object')} on which it and the dry run disagree: d shows them."
        if odd
        else ""
    )
    return f"{told}.{odd_words}"


_LISTED = 12


def foresight_text(foresight: Foresight, words: str) -> Content:
    """Our own look, beside a dry run that was refused with these words."""
    there = [line for line in foresight.lines if line.seen is not None and line.seen.is_conflict]
    parts: list[_Part] = [("What we see ourselves, beside the server's answer:\n", "bold")]
    parts.append(seen_words(foresight.lines.sights) or "Nothing could be looked at.")
    for line in there[:_LISTED]:
        parts.append(f"\n  {_sight_in_full(line.seen)}  {line.type} {harmless(line.name, 80)}")
    if len(there) > _LISTED:
        parts.append(f"\n  … and {len(there) - _LISTED:,} more that are there already")
    for sentence in foresight.sentences:
        parts.append(f"\n{harmless(sentence, _INFO)}")
    for line in contested(foresight.lines, words)[:3]:
        unchecked = line.seen is not None and line.seen.sight is Sight.UNCHECKED
        why = "which we cannot look at" if unchecked else "which we do not see there: the two disagree"
        parts.append(f"\nThe refusal names {harmless(line.name, 80)}, {why}.")
    return Content.assemble(*parts)


def line_details(line: Line, plan: RestorePlan) -> FactList:
    """Everything about one line of the ledger."""
    facts = [
        ("Object", f"{line.type} {line.name}{f' → {line.lands}' if line.lands else ''}"),
        ("Disagree", line.disagrees),
        ("Dry run", would(line.dry, plan)),
        ("We see", _sight_in_full(line.seen)),
        ("Restore", did(line.real)),
        ("More", _more(line)),
    ]
    return FactList((label, harmless(value, _INFO)) for label, value in facts)


def moved_text(ledger: Ledger) -> str:
    """Where the old objects went, each schema named in full; empty where nothing moved."""
    named = ", ".join(harmless(target, 120) for target in ledger.moved_to)
    return f"Old objects moved to the schema {named}." if named else ""


def tally_words(tally: Tally, *, happened: bool) -> str:
    """``12 objects would be restored, 1 would fail.``, or when it has ``happened``: ``… restored, 1 failed.``"""
    parts = [
        f"{formatting.counted(tally.restored, 'object')} {'restored' if happened else 'would be restored'}"
    ]
    if tally.moved:
        parts.append(f"{tally.moved:,} old ones moved away")
    if tally.failed:
        parts.append(f"{tally.failed:,} {'failed' if happened else 'would fail'}")
    if tally.missing:
        parts.append(f"{tally.missing:,} not mentioned")
    return ", ".join(parts) + "."


def totals_text(answer: RestoreAnswer) -> str:
    """Bytes, files, records and snapshot, as far as the answer reports them. A number that cannot be true is marked."""
    totals = (
        (answer.restored_bytes, "bytes", formatting.size),
        (answer.restored_files, "files", lambda number: formatting.counted(number, "file")),
        (answer.restored_records, "records", lambda number: formatting.counted(number, "record")),
    )
    parts = [f"snapshot {harmless(answer.backup_id, 40)}" if answer.backup_id is not None else ""]
    for number, noun, write in totals:
        if number is not None:
            parts.append(f"! {number} {noun} cannot be true" if is_impossible(str(number)) else write(number))
    return " · ".join(part for part in parts if part) or "The answer tells no totals."


def unknown_words(receipts: Sequence[Receipt]) -> str:
    """That there are restores of this backup of which nobody here knows the end."""
    runs = ", ".join(harmless(receipt.run, 40) for receipt in receipts[:2])
    more = f" and {len(receipts) - 2} more" if len(receipts) > 2 else ""
    return f"! The outcome of run {runs}{more}, of this backup, is still unknown: look first (restore-tui attach)."


def key_fact_lines(facts: Sequence[KeyFact], width: int | None = None) -> list[_Part]:
    """The facts that a restore is decided on, a line each; with ``width`` none is longer than that."""
    parts: list[_Part] = []
    for fact in facts:
        text = f"{fact.label:<9}{harmless(fact.text)}"
        if width is not None:
            text = fitted(text, width).rstrip()
        label, rest = text[:9], text[9:]
        parts += [(f"\n{label}", "dim"), (rest, "bold $text-error" if fact.alarming else "")]
    return parts


def key_fact_list(facts: Sequence[KeyFact]) -> FactList:
    """The same facts, aligned. In one that speaks against the restore each number stands out."""
    return FactList((fact.label, _with_numbers(fact)) for fact in facts)


def _with_numbers(fact: KeyFact) -> Content:
    text = Content(harmless(fact.text))
    if not fact.alarming:
        return text
    return text.stylize("$text-error").highlight_regex(r"(?<!\S)\d[\d,]*", style="bold reverse")


def warning_lines(warnings: Sequence[PlanWarning], *, most: int | None = None, width: int = 0) -> list[_Part]:
    """The warnings on a plan, the destructive ones first, a paragraph each. With ``most`` so many at the most, each in
    one line of ``width`` columns, and how many more there are."""
    ordered = sorted(warnings, key=lambda warning: not warning.destructive)
    left_out = len(ordered) - most if most is not None else 0
    parts: list[_Part] = []
    for at, warning in enumerate(ordered[:most], 1):
        text = f"! {warning.text}"
        if most is not None:
            more = f" (and {left_out:,} more on the confirmation)" if at == most and left_out > 0 else ""
            text = fitted(text, max(20, width - columns(more))).rstrip() + more
        parts.append((f"\n{text}", "bold $text-error" if warning.destructive else "$text-warning"))
    return parts


_MESSAGES_OF_TROUBLE_SHOWN = 3


def server_message_lines(messages: Sequence[str], width: int, *, alarming: bool) -> list[_Part]:
    """What the server added to an OK, right under the verdict: the first, a line of ``width`` columns, or the first few
    where they are ``alarming``; and how many more there are. All of it is in the details."""
    if not messages:
        return []
    most = _MESSAGES_OF_TROUBLE_SHOWN if alarming else 1
    more = f" (and {len(messages) - most:,} more in the details)" if len(messages) > most else ""
    sign, style = ("!", "bold $text-warning") if alarming else ("•", "")
    lines = [f"{sign} The server adds: {harmless(message, 4 * width)}" for message in messages[:most]]
    shown = [fitted(line, width) for line in lines[:-1]]
    shown.append(fitted(lines[-1], max(20, width - columns(more))).rstrip() + more)
    return [(f"\n{line.rstrip()}", style) for line in shown]


def info_text(answer: RestoreAnswer) -> Content:
    """The server's additional information, each key under its own name; empty for none."""
    parts: list[_Part] = []
    for key, value in {**({"message": answer.message} if answer.message else {}), **answer.info}.items():
        if parts:
            parts.append("\n")
        parts += [(f"{harmless(key, 80)}  ", "dim"), harmless(value, _INFO)]
    return Content.assemble(*parts)
