"""Compare a snapshot with another one of its backup, or with what exists now, and select from what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from restore_tui.find.compare import (
    DIFFERENCES,
    ComparedObject,
    ComparedState,
    Comparison,
    Side,
    compare_snapshots,
    compare_with_now,
    in_thread,
    schemas_to_count,
    types_to_read,
)
from restore_tui.find.matches import BackupKey, Key, Place
from restore_tui.find.reads import SessionReads
from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.full_screen import FullScreenDialog
from restore_tui.tui.screens.compare_text import (
    COMPARE_HELP,
    Compared,
    Target,
    columns,
    header_text,
    notes_of,
    object_text,
    snapshot_words,
    target_columns,
)
from restore_tui.tui.text_update import update_or_hide, update_text
from restore_tui.tui.widgets.filter_pane import FilterInput, ListPane
from restore_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from restore_tui.tui.app import RestoreApp

_RESULT_KEYS = ("compare.view", "compare.other", "compare.select-shown", "list.filter")


class CompareScreen(FullScreenDialog[list[Key]]):
    """Compares a snapshot of the plan's backup. Returns what was taken of it: (type, name) each."""

    subject = "Compare"
    place = "the comparison"
    help_topics = COMPARE_HELP

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("equals_sign,backspace", "other", "Compare with another", show=False, id="compare.other"),
        Binding("d", "view", "Show differences, vanished, appeared, …", show=False, id="compare.view"),
        Binding("a", "select_shown", "Select shown, or clear", show=False, id="compare.select-shown"),
        Binding("slash", "filter", "Filter", show=False, id="list.filter"),
    ]

    def __init__(
        self, wizard: RestoreApp, backup: BackupKey, snapshot: Snapshot, others: Sequence[Snapshot]
    ) -> None:
        """``snapshot`` is what is selected from; ``others`` are what it can be compared with, newest first."""
        super().__init__(wizard)
        self._backup = backup
        self._snapshot = snapshot
        self._targets = [Target(None), *map(Target, others)]
        self._compared: Compared | None = None
        self._view: ComparedState | None = None
        self._selected: set[Key] = set()
        self._before_range: set[Key] = set()
        self._other: tuple[str, Contents] | None = None
        self._reading = ("", 0.0)

    # Composition

    def compose_dialog(self) -> ComposeResult:
        yield Static(f"{snapshot_words(self._snapshot)} compared with", id="compare-header", markup=False)
        yield RowList[Target](target_columns(self._targets, self.wizard.clock.now), id="compare-targets")
        with Vertical(id="compare-result"):
            yield Static(id="compare-notes", markup=False)
            yield ListPane[ComparedObject](
                (),
                searched=lambda row: row.name,
                key=lambda row: row.key,
                tick=self._mark,
                dim=lambda row: row.state not in DIFFERENCES,
                empty="",
                id="compare-rows",
            )
            yield Static(id="compare-object", markup=False)
        yield Static(id="compare-notice", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close", compact=True)
            yield Button("Stop", id="stop", compact=True)
            yield Button("Compare", id="begin", compact=True, variant="primary")
            yield Button("Another", id="other", compact=True)
            yield Button("Kind", id="view", compact=True)
            yield Button("Select shown", id="select-shown", compact=True)
            yield Button("Restore ›", id="take", compact=True, variant="primary")

    def on_mount(self) -> None:
        for frame in self.query("#dialog"):
            frame.border_title = f"Compare snapshot {sanitize(self._snapshot.id, 24)}"
        self._pane.filter.cursor_blink = False  # each blink would cross the operator's connection
        self._target_list.show(self._targets)
        self.set_interval(1.0, self._second_passed)
        self._show()
        self.set_focus(self._target_list)

    @property
    def _target_list(self) -> RowList[Target]:
        return self.query_one("#compare-targets", RowList)

    @property
    def _pane(self) -> ListPane[ComparedObject]:
        pane: ListPane[Any] = self.query_one("#compare-rows", ListPane)
        return pane

    def _mark(self, row: ComparedObject) -> str:
        if self._compared is None or not self._compared.comparison.is_selectable(row):
            return ""
        return "[x]" if row.key in self._selected else "[ ]"

    # Comparing

    @property
    def _is_reading(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    @on(Button.Pressed, "#begin")
    def begin(self) -> None:
        """Compare with the highlighted row."""
        target = self._target_list.item
        if target is not None and not self._is_reading:
            self._worker = self.run_worker(self._compare(target), group="compare", exclusive=True)
            self._show()

    async def _compare(self, target: Target) -> None:
        try:
            compared = await self._read(target)
        except KineticaError as error:
            said = f" The server says: {sanitize(error.server_message, 200)}" if error.server_message else ""
            self._say(
                f"{self._reading[0]} could not be read: {error.what} Nothing was compared. Enter tries again, or "
                f"choose another one.{said}"
            )
        else:
            self._say("")
            self._selected.clear()
            self._compared, self._view = compared, None
            self._pane.list.columns = columns(compared)
        finally:
            self._worker = None
            if self.query("#take"):  # else the screen is being taken down
                self._show(rows=True)

    async def _read(self, target: Target) -> Compared:
        """Read what is not known yet, and compare. Raises KineticaError."""
        reads = SessionReads(self.wizard.session)
        chosen = self._snapshot
        self._say_reading(f"Snapshot {sanitize(chosen.id, 24)}")
        contents = await reads.contents(self._backup, chosen.id)
        reads.keep(self._backup, chosen.id, contents)  # for the steps to come
        side = Side(contents, _counts_changes(chosen))
        other = target.snapshot
        if other is None:
            self._say_reading("What exists now")
            inventory = await reads.inventory(types_to_read(contents))
            live = await reads.live_tables(schemas_to_count(contents))
            comparison = await in_thread(lambda: compare_with_now(side, inventory, live))
            return Compared(comparison, chosen, None, (side.counts_changes, False))
        self._say_reading(f"Snapshot {sanitize(other.id, 24)}")
        other_side = Side(await self._contents_of(reads, other), _counts_changes(other))
        is_after = self._place(chosen).age_order > self._place(other).age_order
        pairs = [(side, chosen), (other_side, other)]
        (before, first), (after, last) = pairs[::-1] if is_after else pairs

        def compare() -> Comparison:
            return compare_snapshots(before, after, chosen_is_after=is_after)

        return Compared(await in_thread(compare), first, last, (before.counts_changes, after.counts_changes))

    async def _contents_of(self, reads: SessionReads, other: Snapshot) -> Contents:
        """Of the other snapshot; that of the last one is kept here."""
        if self._other is None or self._other[0] != other.id:
            self._other = None  # two are in memory at most
            self._other = (other.id, await reads.contents(self._backup, other.id))
        return self._other[1]

    def _place(self, snapshot: Snapshot) -> Place:
        return Place(self._backup, snapshot)

    # Showing

    def _show(self, *, rows: bool = False) -> None:
        """Bring all of it up to date; ``rows`` shows the rows of the view anew."""
        compared, is_reading = self._compared, self._is_reading
        self._target_list.display = compared is None
        self.query_one("#compare-result").display = compared is not None
        for button in self.query(".dialog-buttons Button").results(Button):
            shown_in_result = button.id in ("other", "view", "select-shown", "take")
            button.display = button.id == "close" or (
                is_reading if button.id == "stop" else shown_in_result == (compared is not None)
            )
        self.query_one("#begin").display = compared is None and not is_reading
        for frame in self.query("#dialog"):
            frame.border_subtitle = (
                "Enter compares · Esc closes" if compared is None
                else "Enter takes · Space selects · d kind · = another"
            )  # fmt: skip
        header = self.query_one("#compare-header", Static)
        if compared is None:
            update_text(header, f"{snapshot_words(self._snapshot)} compared with")
            if rows:
                self.set_focus(self._target_list)
            return
        update_text(header, header_text(compared, self._view))
        update_or_hide(self.query_one("#compare-notes", Static), notes_of(compared))
        if rows:
            self._show_rows(compared)
            self.set_focus(self._pane.list)

    def _show_rows(self, compared: Compared) -> None:
        comparison, view = compared.comparison, self._view
        shown = comparison.differences if view is None else comparison.with_state(view)
        self._pane.empty = "Nothing differs." if view is None else "None."
        self._pane.show(shown, highlight=shown[0].key if shown else None)

    @on(RowList.Highlighted)
    def _show_object(self, event: RowList.Highlighted) -> None:
        if self._compared is not None and event.row_list is self._pane.list:
            now = self.wizard.clock.now()
            update_text(
                self.query_one("#compare-object", Static), object_text(self._compared, event.item, now)
            )

    def _say(self, text: str) -> None:
        for notice in self.query("#compare-notice").results(Static):
            update_or_hide(notice, text)

    def _say_reading(self, what: str) -> None:
        self._reading = (what, self.wizard.clock.monotonic())
        self._second_passed()

    def _second_passed(self) -> None:
        if self._is_reading:
            what, since = self._reading
            seconds = self.wizard.clock.monotonic() - since
            self._say(f"Reading: {what} …{f' {formatting.elapsed(seconds)}' if seconds >= 1 else ''}")

    # Keys and buttons

    def is_key_available(self, binding: str) -> bool:
        if binding in (*_RESULT_KEYS, "list.select", "list.stretch"):
            return self._compared is not None
        return super().is_key_available(binding)

    @on(Button.Pressed, "#other")
    def action_other(self) -> None:
        """Back to choosing what to compare with."""
        if self._compared is None:
            return
        self._compared = None
        self._selected.clear()
        self._pane.clear_filter()
        self._say("")
        self._show(rows=True)

    @on(Button.Pressed, "#view")
    def action_view(self) -> None:
        """Show all differences, then each state that some object has."""
        if self._compared is None:
            return
        comparison = self._compared.comparison
        every = len(comparison.differences)
        views = [
            None,
            *(
                state
                for state, count in comparison.counts.items()
                if count and (state not in DIFFERENCES or count < every)
            ),
        ]
        self._view = views[(views.index(self._view) + 1) % len(views)]
        self._show(rows=True)

    @on(Button.Pressed, "#select-shown")
    def action_select_shown(self) -> None:
        """Select all that is shown and can be; where all of it is, clear it."""
        if self._compared is None:
            return
        self._pane.end_search()
        is_selectable = self._compared.comparison.is_selectable
        with gc_paused():
            keys = {row.key for row in self._pane.shown if is_selectable(row)}
        if not keys:
            self._say(_NOT_HELD)
            return
        if keys <= self._selected:
            self._selected -= keys
            self._say_selected(f"{formatting.pluralize(len(keys), 'name')} cleared. ")
            return
        self._selected |= keys
        self._say_selected()

    def on_row_list_ticked(self, event: RowList.Ticked) -> None:
        """Space."""
        row = event.item
        if self._compared is None or event.row_list is not self._pane.list or row is None:
            return
        if not self._compared.comparison.is_selectable(row):
            self._say(self._why_not(self._compared.comparison, row))
            return
        self._selected ^= {row.key}
        self._say_selected()

    def on_row_list_stretched(self, event: RowList.Stretched) -> None:
        """Shift and a way to move: the rows of the range, and what was selected before it."""
        if self._compared is None or event.row_list is not self._pane.list:
            return
        if event.new:
            self._before_range = set(self._selected)
        first, last = sorted((event.first, event.last))
        rows = self._pane.shown[first : last + 1]
        is_selectable = self._compared.comparison.is_selectable
        self._selected = self._before_range | {row.key for row in rows if is_selectable(row)}
        self._say_selected()

    def _say_selected(self, before: str = "") -> None:
        count = len(self._selected)
        of = snapshot_words(self._snapshot)
        selected = f"{formatting.pluralize(count, 'object')} of {of} selected." if count else ""
        self._say(f"{before}{selected}".rstrip())
        self._pane.list.redraw()

    @staticmethod
    def _why_not(comparison: Comparison, row: ComparedObject) -> str:
        if row.state is comparison.absent:
            return _NOT_HELD
        if row.key in comparison.unsendable:
            return f"{sanitize(row.name, 60)} cannot be requested by its name: the server would read another one."
        return f"The type of {sanitize(row.name, 60)} is not known: select it on Objects."

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter."""
        if event.row_list is self._target_list:
            self.begin()
        else:
            self.accept()

    @on(Button.Pressed, "#take")
    def accept(self) -> None:
        """Enter, Ctrl+N: take what is selected, or else the highlighted row."""
        compared = self._compared
        if compared is None:
            self.begin()
            return
        row = self._pane.list.item
        if self._selected:
            self.leave(sorted(self._selected))
        elif row is None:
            self._say("Nothing is shown to select: d shows another kind, = compares with another one.")
        elif not compared.comparison.is_selectable(row):
            self._say(self._why_not(compared.comparison, row))
        else:
            self.leave([row.key])

    def action_filter(self) -> None:
        if self._compared is not None:
            self._pane.action_filter()

    def action_leave_filter(self) -> None:
        self._pane.leave_filter(clear=False)

    @on(Button.Pressed, "#stop")
    def stop(self) -> None:
        """End the reading."""
        self.cancel_reading()
        self._say("Stopped.")

    def action_close(self) -> None:
        """Esc: stop reading; else leave the filter; else let go of what is selected; else close."""
        if self._is_reading:
            self.stop()
        elif isinstance(self.focused, FilterInput):
            self._pane.leave_filter(clear=True)
        elif self._pane.clear_filter():
            self._say("The filter is cleared.")
        elif self._selected:
            self._selected.clear()
            self._pane.list.redraw()
            self._say("Nothing is selected any more.")
        else:
            self.leave()


_NOT_HELD = "The highlighted snapshot does not hold this: only what it holds can be restored from it."


def _counts_changes(snapshot: Snapshot) -> bool:
    """Also of one whose id was typed: its type is not known."""
    return snapshot.counts_changes or not snapshot.raw
