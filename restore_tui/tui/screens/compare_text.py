"""What the comparison of a snapshot says: its columns, its counts, and one object before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from restore_tui.find.compare import DIFFERENCES, ComparedObject, ComparedState, Comparison
from restore_tui.find.matches import difference
from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import age, first_few
from restore_tui.tui import formatting
from restore_tui.tui.text_update import TextPart
from restore_tui.tui.widgets.row_list import Column

NOW = "what exists now"
_SIGNS = {
    ComparedState.VANISHED: "−",
    ComparedState.APPEARED: "+",
    ComparedState.CHANGED: "~",
    ComparedState.UNKNOWN: "?",
}
COMPARE_HELP = (
    "Choose what to compare the highlighted snapshot with: what exists now, or another snapshot of the same backup. "
    "Enter compares. Each snapshot is read once; nothing is changed on the server.\n\n"
    "A row is one object: vanished since the older of the two, appeared in the newer one, or changed, the largest "
    "difference in records first. d shows one of these kinds at a time, also what is in both; / filters names. Of "
    "tables that exist now records and last writes are read from the server's cache, which may lag; sizes are not "
    "compared. What appeared in schemas that the snapshot does not hold is left out. Where a list could not be read, "
    "its objects are unknown.\n\n"
    "The counts of an incremental or differential snapshot are marked Δ: whether they are totals is not documented, "
    "so they are taken as changes and are not compared.\n\n"
    "Enter takes the highlighted object: the highlighted snapshot becomes the plan, with the object selected, and "
    "Objects opens. Space selects several first, a all that are shown. Only what that snapshot holds can be selected."
)


@dataclass(frozen=True)
class Target:
    """What a snapshot is compared with: another one, or with None what exists now."""

    snapshot: Snapshot | None


def target_columns(targets: Iterable[Target], now: Callable[[], datetime]) -> Sequence[Column[Target]]:
    """What to choose from."""

    def of_snapshot(write: Callable[[Snapshot], str]) -> Callable[[Target], str]:
        return lambda target: "" if target.snapshot is None else write(target.snapshot)

    times = [target.snapshot for target in targets if target.snapshot is not None]
    return (
        Column(
            "Compare with", lambda target: NOW if target.snapshot is None else target.snapshot.id, least=16
        ),
        Column("Type", of_snapshot(lambda snapshot: snapshot.kind), 12, drop=2),
        Column(
            "Time",
            of_snapshot(formatting.snapshot_time),
            formatting.time_width(times),
            cut=formatting.fit_time,
        ),
        Column(
            "Age",
            of_snapshot(lambda snapshot: formatting.snapshot_age(snapshot, now())),
            13,
            right=True,
            drop=1,
        ),
        Column(
            "Records",
            of_snapshot(lambda s: formatting.changes(s, "records", s.records, formatting.count)),
            14,
            right=True,
            drop=3,
        ),
    )


@dataclass(frozen=True)
class Compared:
    """A comparison on the screen: the older side and the newer one, which is None for what exists now.
    ``are_changes`` says of each whether its counts are changes."""

    comparison: Comparison
    before: Snapshot
    after: Snapshot | None
    are_changes: tuple[bool, bool]

    def records(self, number: int | None, side: int) -> str:
        return self._mark(number, side) + formatting.count(number)

    def size(self, number: int | None, side: int) -> str:
        return self._mark(number, side) + formatting.size(number)

    def _mark(self, number: int | None, side: int) -> str:
        return "Δ" if self.are_changes[side] and number is not None else ""


def columns(compared: Compared) -> Sequence[Column[ComparedObject]]:
    """Records before and after; sizes only with another snapshot."""
    after = "Now" if compared.after is None else "After"
    numbers: list[Column[ComparedObject]] = [
        Column("Before", lambda row: compared.records(row.records_before, 0), 13, right=True, drop=1),
        Column(after, lambda row: compared.records(row.records_after, 1), 13, right=True, drop=3),
        Column("Difference", lambda row: difference(row.records_change), 13, right=True),
    ]
    if compared.after is not None:
        numbers.append(Column("Size", _size_change, 11, right=True, drop=2, wide=True))
    return (
        Column("Object", lambda row: row.name, least=20),
        Column("State", state_words, 10, role=lambda row: _ROLES.get(row.state, "")),
        *numbers,
        Column("Type", lambda row: row.type, 10, drop=4),
    )


_ROLES = {ComparedState.UNKNOWN: "warning"}


def state_words(row: ComparedObject) -> str:
    return f"{_SIGNS.get(row.state, ' ')} {row.state.value}"


def _size_change(row: ComparedObject) -> str:
    change = row.size_change
    if not change:
        return difference(change)
    return f"{'+' if change > 0 else '−'}{formatting.size(abs(change))}"


def snapshot_words(snapshot: Snapshot | None) -> str:
    """Which one, by its time and kind."""
    if snapshot is None:
        return NOW
    time = formatting.snapshot_time(snapshot)
    named = sanitize(snapshot.id, 24) if time == formatting.UNKNOWN else time
    return f"{named} ({sanitize(snapshot.kind, 20)})" if snapshot.kind else named


def header_text(compared: Compared, view: ComparedState | None) -> Content:
    """From what to what, and how many of each state; the ones that are shown are bold."""
    counts = compared.comparison.counts
    parts: list[TextPart] = [
        f"From {snapshot_words(compared.before)} to {snapshot_words(compared.after)}\n",
    ]
    for state in ComparedState:
        if counts[state] or state in DIFFERENCES:
            is_shown = view is state or (view is None and state in DIFFERENCES)
            parts += [(f"{counts[state]:,} {state.value}", "bold" if is_shown else "dim"), (" · ", "dim")]
    parts.pop()
    return Content.assemble(*parts)


def notes_of(compared: Compared) -> Content:
    """What limits the comparison, a line each."""
    comparison = compared.comparison
    lines = []
    if compared.after is None:
        lines.append("Records now are from the server's cache and may lag; sizes are not compared.")
        if comparison.left_out:
            lines[0] += f" {comparison.left_out:,} in other schemas left out."
        if comparison.not_counted:
            lines.append(f"! {sanitize(first_few(comparison.not_counted, str, 1), 300)}")
    if comparison.counts_changes:
        lines.append(
            "Δ: the counts of a snapshot that is not full are changes. Records and sizes are not compared."
        )
    if comparison.unread:
        entries = formatting.pluralize(comparison.unread, "entry", "entries")
        lines.append(f"! {entries} of the contents not recognized: what seems to differ may be among them.")
    if comparison.problems:
        lines.append(f"! {sanitize(first_few(comparison.problems, str, 1), 300)} Its objects are unknown.")
    return Content("\n".join(lines))


def object_text(compared: Compared, row: ComparedObject | None, now: datetime) -> Content:
    """The highlighted object, in two lines."""
    if row is None:
        return Content("")
    parts: list[TextPart] = [(sanitize(row.name, 200), "bold"), f" · {row.type} · {row.state.value}\n"]
    if row.state is ComparedState.UNKNOWN:
        parts.append((sanitize(row.why, 200), "$text-warning"))
        return Content.assemble(*parts)
    facts = []
    for noun, before, after, write, change in (
        ("records", row.records_before, row.records_after, compared.records, difference(row.records_change)),
        ("size", row.size_before, row.size_after, compared.size, _size_change(row)),
    ):
        if before is None and after is None:
            continue
        known = [write(number, side) for side, number in enumerate((before, after)) if number is not None]
        words = f"{noun} {' → '.join(known)}"
        facts.append(words if change in (formatting.UNKNOWN, "same") else f"{words} ({change})")
    if row.last_write is not None:
        facts.append(f"last written {age(row.last_write, now)}")
    parts.append((" · ".join(facts) or "no records and size listed", "dim"))
    return Content.assemble(*parts)
