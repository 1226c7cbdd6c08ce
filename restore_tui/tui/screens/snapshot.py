"""Snapshot: which moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widgets import Button

from restore_tui.kinetica.backups import (
    MissingBase,
    Snapshot,
    State,
    ids_are_numbers,
    missing_bases,
    newest_of,
    out_of_order,
)
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, SnapshotChoice
from restore_tui.restore.preflight.plan_warnings import base_words
from restore_tui.tui import formatting
from restore_tui.tui.breakpoints import FULL_WIDTH
from restore_tui.tui.mixins.compare import CompareMixin, ToCompare
from restore_tui.tui.mixins.go_to_time import GO_TO_TIME_HELP, GoToTimeMixin
from restore_tui.tui.mixins.verify import VERIFY_HELP, verification_sign, verified_text
from restore_tui.tui.mixins.verify_backwards import VERIFY_BACKWARDS_HELP, VerifyBackwardsMixin
from restore_tui.tui.screens.backup import TIMES_DISAGREE
from restore_tui.tui.screens.choice_step import SingleChoiceStep
from restore_tui.tui.text_update import relabel
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.row_list import Column, RowList, bar_column, part_of


@dataclass(frozen=True)
class Row:
    """A snapshot, or with ``newest`` the promise of the newest one at the time of the restore."""

    snapshot: Snapshot
    newest: bool = False

    @property
    def choice(self) -> SnapshotChoice:
        return NewestSnapshot(self.snapshot.id) if self.newest else PinnedSnapshot(self.snapshot.id)


_LABEL_WIDTH = 15
NEWEST = "latest (no id)"
"""The label of the row that leaves the id empty."""
_STATE_WORDS = {
    State.IN_PROGRESS: "! in progress: it may not be whole yet",
    State.FAILED: "! failed: it may not be whole",
}
_LABELS = (
    ("verify-backwards", "Last good", "Good"),
    ("go-to-time", "Go to time", "Time"),
    ("type-name", "Type id", "Type"),
)
"""Of the buttons: id, label, and the label where there is little room."""
_NEWEST_HELP = (
    "The id is left empty: the server takes the most recent snapshot at the time of the restore. The newest one is "
    "read again before the restore is sent; where it is not the one of the dry run, the dry run is stale."
)


class SnapshotScreen(CompareMixin, GoToTimeMixin, VerifyBackwardsMixin, SingleChoiceStep[Row]):
    """The snapshots of the chosen backup, newest first, pinned by id; last, the latest at restore time."""

    step = part = "snapshot"
    footer = {
        "list.choose": "Next",
        "step.verify": "Verify",
        "step.compare": "Compare",
        "step.go-to-time": "Go to time",
        "step.verify-backwards": "Last good",
        "list.filter": "Filter",
    }
    hint = "Restore to which point in time?"
    noun = "snapshot"
    word = "id"
    loading_text = "Loading the snapshots"
    empty_text = "The server lists no snapshot here: there is none, or you may not see it."
    help_topics = (
        "A snapshot is the backup at one point in time. full holds everything; incremental what changed since the "
        "snapshot before; differential what changed since the last full one. Each restores completely.\n\n"
        "The highlighted row is sent by its id, so that the restore uses the snapshot of the dry run, whatever is "
        "backed up meanwhile. The last row leaves the id empty. Deleted snapshots are listed, and can't be taken.\n\n"
        "A time that came without a zone is shown as it came, with “no zone” as its age. Δ: size and records of an "
        "incremental or differential snapshot are those of what changed, not of all that it restores. ! marks one that "
        "is in progress or failed, and a number that cannot be true. t types the id of one that is not listed.\n\n"
        "= compares the highlighted snapshot with another one, or with what exists now.\n\n"
        + "\n\n".join((GO_TO_TIME_HELP, VERIFY_HELP, VERIFY_BACKWARDS_HELP))
    )

    def __init__(self) -> None:
        super().__init__()
        self.add_class("-crowded")

    def columns(self) -> Sequence[Column[Row]]:
        largest = max((row.snapshot.records or 0 for row in self.items), default=0)
        return (
            Column("Snapshot", self._label, least=self._label_width()),
            Column("Type", lambda r: "" if r.newest else self._kind(r.snapshot), 12, drop=3),
            Column(
                "Time",
                lambda r: "" if r.newest else formatting.snapshot_time(r.snapshot),
                formatting.time_width(row.snapshot for row in self.items),
                cut=formatting.fit_time,
            ),
            Column("Age", self._age, 11, right=True, drop=1),
            Column("Size", lambda r: "" if r.newest else self._size_words(r.snapshot), 9, right=True, drop=4),
            Column(
                "Records", lambda r: "" if r.newest else self._records(r.snapshot), 13, right=True, drop=5
            ),
            bar_column(lambda r: None if r.newest else part_of(r.snapshot.records, largest), drop=7),
            Column("Comment", lambda r: "" if r.newest else r.snapshot.comment, least=20, drop=6),
        )

    def _label_width(self) -> int:
        """Enough for an id and the signs beside it: an id that is cut cannot be told from another one."""
        widest = max((len(self._label(row)) for row in self.items), default=0)
        return min(max(widest, _LABEL_WIDTH), _LABEL_WIDTH + 2)

    def _label(self, row: Row) -> str:
        """The id, with a sign before one that cannot be used, and behind one that was verified."""
        if row.newest:
            return NEWEST
        if row.snapshot.deleted:
            return f"✗ {row.snapshot.id}"
        verified = self.session.last_verification(row.snapshot.id)
        sign = f" {verification_sign(verified)}" if verified is not None else ""
        doubtful = not row.snapshot.is_usable or row.snapshot.id in self._without_base
        return f"{'! ' if doubtful else ''}{row.snapshot.id}{sign}"

    def _kind(self, snapshot: Snapshot) -> str:
        if snapshot.deleted:
            return "✗ deleted"
        if snapshot.state is State.IN_PROGRESS:
            return "! unfinished"
        if snapshot.state is State.FAILED:
            return "! failed"
        return "! no base" if snapshot.id in self._without_base else snapshot.kind

    def _age(self, row: Row) -> str:
        if row.newest:
            return ""
        if row.snapshot.time is None and row.snapshot.time_text:
            return "no zone"
        age = formatting.snapshot_age(row.snapshot, self.wizard.clock.now())
        return "future" if age == "in the future" else age

    @staticmethod
    def _size_words(snapshot: Snapshot) -> str:
        return formatting.changes(snapshot, "size", snapshot.size, formatting.size)

    @staticmethod
    def _records(snapshot: Snapshot) -> str:
        return formatting.changes(snapshot, "records", snapshot.records, formatting.count)

    def raw_of(self, item: Row) -> Mapping[str, str]:
        return {} if item.newest else item.snapshot.raw

    def typed_item(self, name: str) -> Row:
        return Row(Snapshot(name, kind="(typed)"))

    def typing_problem(self, name: str) -> str:
        return "An id has no spaces." if any(letter.isspace() for letter in name) else ""

    def notes(self) -> dict[str, str]:
        alive = [snapshot for snapshot in self.listed if not snapshot.deleted]
        notes = {"! times disagree": TIMES_DISAGREE} if out_of_order(alive) else {}
        lacking = len(self._without_base)
        if lacking:
            notes[f"! {lacking:,} without a base"] = (
                f"! {formatting.pluralize(lacking, 'snapshot')} {'holds' if lacking == 1 else 'hold'} only changes, "
                f"and what {'it is' if lacking == 1 else 'they are'} based on is deleted or not listed."
            )
        if not ids_are_numbers(alive):
            notes["! not all ids are numbers"] = (
                "! Not all ids are numbers: they do not show which snapshot is newest, and which one the server "
                "treats as newest is not known."
            )
        backup = self.session.backup_listed()
        reported = self.listed.reported or 0
        if backup is not None:
            others = sum(1 for s in backup.snapshots if not s.deleted)
            reported = max(reported, backup.reported or 0, others)
        if reported > len(alive):
            notes["! not all are listed"] = (
                f"The server reports {formatting.pluralize(reported, 'snapshot')} and lists {len(alive):,}: t types "
                "the id of another one."
            )
        return {**notes, **super().notes()}

    def is_gone(self, item: Row) -> bool:
        return item.snapshot.deleted

    def why_not(self, item: Row) -> str:
        return "This snapshot was deleted: choose another one." if item.snapshot.deleted else ""

    def details_of(self, item: Row) -> FactList:
        snapshot = item.snapshot
        if item.newest:
            return FactList(
                (("Now", f"{snapshot.id}, {formatting.snapshot_time(snapshot)}"), ("", _NEWEST_HELP))
            )
        ago = formatting.snapshot_age(snapshot, self.wizard.clock.now())
        return FactList(
            (
                ("Snapshot", snapshot.id),
                ("State", _STATE_WORDS.get(snapshot.state, "")),
                ("Base", f"! {lacks}" if (lacks := base_words(snapshot, self.listed)) else ""),
                ("Type", "✗ deleted" if snapshot.deleted else snapshot.kind),
                ("Time", formatting.snapshot_time(snapshot) + (f", {ago}" if ago else "")),
                ("Size", self._size_words(snapshot)),
                ("Files", formatting.changes(snapshot, "files", snapshot.files, formatting.count)),
                ("Records", self._records(snapshot)),
                ("Comment", snapshot.comment),
                (
                    "Verification",
                    "" if snapshot.deleted else verified_text(self.session.last_verification(snapshot.id)),
                ),
            )
        )

    def compose_actions(self) -> ComposeResult:
        yield self.verify_button()
        yield self.verify_backwards_button()
        yield self.go_to_time_button()
        yield self.compare_button()
        yield from super().compose_actions()

    def plan_changed(self) -> None:
        super().plan_changed()
        narrow = self.app.size.width < FULL_WIDTH
        for id, in_full, short in _LABELS:
            for button in self.query(f"#{id}").results(Button):
                relabel(button, short if narrow else in_full)

    def snapshots_to_jump_to(self) -> Sequence[Snapshot]:
        return self.listed

    def snapshots_to_verify(self) -> Sequence[Snapshot]:
        return [one for one in self.listed if one.is_usable and one.id not in self._without_base]

    def highlight_snapshot(self, snapshot_id: str) -> None:
        self.forget_finding_of_all()
        self.pane.clear_filter()
        self.pane.show(self.items, highlight=snapshot_id)
        self.pane.list.focus()

    def snapshot_to_verify(self) -> str:
        row = self.pane.list.item
        return row.snapshot.id if row is not None and not row.snapshot.deleted else ""

    def why_not_verify(self) -> str:
        row = self.pane.list.item
        if row is None:
            return "No snapshot is highlighted: choose the one to verify with ↑ ↓."
        return "This snapshot was deleted: there is nothing to verify." if row.snapshot.deleted else ""

    def to_compare(self) -> ToCompare | str:
        row = self.pane.list.item
        if row is None:
            return "No snapshot is highlighted: choose the one to compare with ↑ ↓."
        if row.snapshot.deleted:
            return "This snapshot was deleted: there is nothing to compare."
        others = (other.snapshot for other in self.items if not other.newest)
        return ToCompare(
            row.snapshot,
            row.choice,
            [other for other in others if not other.deleted and other.id != row.snapshot.id],
        )

    def on_row_list_highlighted(self, _event: RowList.Highlighted) -> None:
        """Textual calls this besides what the list's own screen does."""
        self.forget_finding()

    def show_verified(self) -> None:
        self.pane.list.columns = self._all_columns = self.columns()  # a sign more may need more room
        self.pane.list.redraw()
        self.show_details(self.pane.list.item)

    async def load(self, *, fresh: bool) -> None:
        snapshots = await self.session.snapshots(fresh=fresh)
        newest = next((s for s in snapshots if not s.deleted), None)
        rows = [*map(Row, snapshots), *([] if newest is None else [Row(newest, newest=True)])]
        self._without_base = missing_bases(snapshots)
        self.with_typed(snapshots, rows)

    _without_base: Mapping[str, MissingBase] = {}
    """The snapshots that lack what they are based on."""

    def key_of(self, item: Row) -> str:
        return NEWEST if item.newest else item.snapshot.id

    def chosen_key(self) -> str:
        chosen = self.wizard.plan.snapshot
        return NEWEST if isinstance(chosen, NewestSnapshot) else self.wizard.plan.snapshot_id

    def first_choice(self) -> Row:
        newest = newest_of([row.snapshot for row in self.items if not row.newest])
        return next((row for row in self.items if row.snapshot is newest), self.items[0])

    def take(self, item: Row) -> str:
        return self.session.choose_snapshot(item.choice)
