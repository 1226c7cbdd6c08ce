"""Find an object: in which snapshot of which backup it is, and in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from restore_tui.find.chart import draw_chart
from restore_tui.find.matches import Failure, Key, Match, Row
from restore_tui.find.progress import RUNNING, SearchState
from restore_tui.find.query import FindQuery, NamePattern
from restore_tui.find.reads import SessionReads
from restore_tui.find.search import Search
from restore_tui.kinetica import reference
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.full_screen import FullScreenDialog
from restore_tui.tui.screens.find_text import columns, history_text, progress_text, time_of
from restore_tui.tui.text_update import relabel, update_text
from restore_tui.tui.widgets.line_input import LineInput
from restore_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from restore_tui.tui.app import RestoreApp

_SECONDS_BETWEEN_ROWS = 0.1
"""New rows are shown together: each time the list is drawn anew."""
_TALL = 24
"""Lines of a terminal on which a chart has two lines of bars."""


class FindScreen(FullScreenDialog[list[Match]]):
    """Searches the snapshots of all backups. Returns the matches that were taken, all of one snapshot."""

    AUTO_FOCUS = "#find-names"
    subject = "Find an object"
    place = "the search"
    help_topics = (
        "Type a name, a part of one, or a pattern with * and ?; several with commas between them. Enter begins: the "
        "snapshots of all backups behind all data sources are read, the newest first, each once and two at a time. "
        "Nothing is changed on the server.\n\n"
        "A row is one object in one snapshot. Change is the difference in records to the snapshot before; Now says "
        "whether the object exists at present, as far as you are shown. Below stands the history of the highlighted "
        "object in its backup, the oldest snapshot at the left.\n\n"
        "The counts of an incremental or differential snapshot are marked Δ: whether they are totals is not "
        "documented, so they are taken as changes and have no bar. c draws them as reported.\n\n"
        "Enter takes the highlighted row: its data source, backup and snapshot become the plan, with the object "
        "selected, and Objects opens. Space selects several objects of one snapshot first. Esc stops the search and "
        "keeps the rows; another Esc closes. o searches the snapshots that were left out, beyond the 50 newest of each "
        "backup."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit", "Change what to find", show=False, id="find.edit"),
        Binding("o", "older", "Search older snapshots", show=False, id="find.older"),
        Binding("c", "changes", "Draw changes as totals, or not", show=False, id="find.changes"),
    ]

    def __init__(self, wizard: RestoreApp) -> None:
        super().__init__(wizard)
        self.search: Search | None = wizard.search
        self._selected: dict[Key, Match] = {}
        self._as_totals = False
        self._shown_rows = 0
        self._is_due = False

    # Composition

    def compose_dialog(self) -> ComposeResult:
        query = self.search.query if self.search is not None else None
        with Horizontal(id="find-query"):
            yield Label("Name", classes="find-label")
            yield LineInput(
                ", ".join(pattern.text for pattern in query.patterns) if query else "",
                placeholder="a name, a part of one, or a pattern with *",
                id="find-names",
                compact=True,
            )
            yield Label("Type", classes="find-label")
            yield LineInput(query.type if query else "", placeholder="any", id="find-type", compact=True)
        yield Static(id="find-progress", markup=False)
        with Container(id="find-panes"):
            yield RowList[Row](
                columns(lambda: self.search),
                tick=self._mark,
                dim=lambda row: isinstance(row, Match) and not row.place.is_complete,
                alarm=lambda row: isinstance(row, Failure),
                empty="",
                id="find-rows",
            )
            with VerticalScroll(id="find-details", can_focus=False):
                yield Static(id="find-history", markup=False)
        yield Static(id="find-notice", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close", compact=True)
            yield Button("Find", id="begin", compact=True)
            yield Button("Stop", id="stop", compact=True)
            yield Button("Search older", id="older", compact=True)
            yield Button("Restore this ›", id="take", compact=True, variant="primary")

    def _mark(self, row: Row) -> str:
        if not isinstance(row, Match) or not row.is_selectable:
            return ""
        return "[x]" if self._selected.get(row.key) is row else "[ ]"

    def on_mount(self) -> None:
        for frame in self.query("#dialog"):
            frame.border_title = self.subject
            frame.border_subtitle = "Enter takes · Space selects · c changes · Esc stops, closes"
        for field in self.query(Input):
            field.cursor_blink = False  # each blink would cross the operator's connection
        self.set_interval(1.0, self._second_passed)
        self._show()
        if self.search is not None and self.search.rows:
            self.set_focus(self._rows)

    # Searching

    @property
    def is_searching(self) -> bool:
        return self.search is not None and self.search.state in RUNNING

    @on(Input.Submitted, "#find-names, #find-type")
    @on(Button.Pressed, "#begin")
    def begin(self) -> None:
        """Begin, or go on with the same search where it was stopped."""
        query = self._query()
        if query is None:
            return
        going_on = (
            self.search is not None
            and self.search.query == query
            and self.search.state is SearchState.STOPPED
        )
        self.cancel_reading()
        if self.search is None or not going_on:
            self.search = self.wizard.search = Search(
                SessionReads(self.wizard.session), query, self.wizard.clock
            )
            self._selected.clear()
        search = self.search
        self._run(search)
        self.set_focus(self._rows)

    @on(Button.Pressed, "#older")
    def action_older(self) -> None:
        search = self.search
        if search is None or self.is_searching:
            return
        if not search.older:
            self._say("There are no older snapshots: all that the server lists were searched.")
            return
        self._run(search, older=True)

    def _run(self, search: Search, *, older: bool = False) -> None:
        """One search at a time: another one ends the one before, which then changes nothing here any more."""

        def changed() -> None:
            if search is self.search:
                self._show_soon()

        async def run() -> None:
            await (search.search_older(changed) if older else search.run(changed))
            if search is self.search:
                self._show()

        self._say("")
        self._worker = self.run_worker(run(), group="find", exclusive=True)

    def _query(self) -> FindQuery | None:
        """What is to be found; None where the fields do not say it, and the reason is shown."""
        names = [name.strip() for name in self.query_one("#find-names", Input).value.split(",")]
        kind = self.query_one("#find-type", Input).value.strip()
        if not any(names):
            self._say("Type a name, or a part of one.")
            return None
        if kind and kind not in reference.TYPE_NAMES:
            like = [name for name in reference.TYPE_NAMES if name.startswith(kind.lower())]
            self._say(
                f"No type is called {sanitize(kind, 40)}."
                + (f" Did you mean {' or '.join(like)}?" if like else " Leave the field empty for any type.")
            )
            return None
        return FindQuery(tuple(NamePattern(name) for name in names if name), type=kind)

    # Showing

    @property
    def _rows(self) -> RowList[Row]:
        return self.query_one("#find-rows", RowList)

    def _show_soon(self) -> None:
        if not self._is_due and self.is_attached:
            self._is_due = True
            self.set_timer(_SECONDS_BETWEEN_ROWS, self._show)

    def _second_passed(self) -> None:
        if self.is_searching:
            self._show_progress()

    def _show(self) -> None:
        """Bring rows, progress and buttons up to date. A row keeps its place: others come behind it."""
        self._is_due = False
        if not self.query("#take"):  # the screen is being taken down
            return
        search, rows = self.search, self._rows
        if search is not None:
            if rows.items is not search.rows or len(search.rows) != self._shown_rows or not search.rows:
                rows.empty = "" if self.is_searching else "Nothing was found."
                rows.show(search.rows, cursor=self._cursor(search))
                self._shown_rows = len(search.rows)
            else:
                rows.redraw()  # what exists now may have become known
                self._show_history()
        self._show_progress()
        self.query_one("#stop").display = self.is_searching
        self.query_one("#begin").display = not self.is_searching
        older = self.query_one("#older", Button)
        older.display = search is not None and search.older > 0 and not self.is_searching
        if search is not None:
            relabel(older, f"Search older ({search.older:,})")
        self.query_one("#take").display = bool(rows.items)

    def _cursor(self, search: Search) -> int | None:
        """It stays where it is; at first it is on the first match, and before there is one on no row."""
        rows = self._rows
        if rows.items is search.rows and rows.item is not None:
            return rows.cursor
        return next((at for at, row in enumerate(search.rows) if isinstance(row, Match)), None)

    def _show_progress(self) -> None:
        search = self.search
        update_text(self.query_one("#find-progress", Static), "" if search is None else progress_text(search))

    @on(RowList.Highlighted, "#find-rows")
    def _show_history(self) -> None:
        """The highlighted object in all snapshots of its backup; of something unreadable, why."""
        box = self.query_one_optional("#find-history", Static)
        if box is None:  # the screen is being taken down
            return
        row = self._rows.item
        if self.search is None or row is None:
            update_text(box, "")
            return
        if isinstance(row, Failure):
            update_text(box, Content(sanitize(row.text, 600)))
            return
        update_text(box, self._history_of(self.search, row))

    def _history_of(self, search: Search, match: Match) -> Content:
        history = search.history(match.key, match.place.backup_key)
        chart = draw_chart(
            history,
            max(self.query_one("#find-details").content_size.width, 1),
            height=1 if self.app.size.height < _TALL else 2,
            ascii_only=self.wizard.lacks_glyphs,
            changes_as_totals=self._as_totals,
        )
        return history_text(search, match, history, chart, self.wizard.clock.now())

    def _say(self, text: str) -> None:
        for notice in self.query("#find-notice").results(Static):
            update_text(notice, text)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_history)

    # Keys and buttons

    def action_edit(self) -> None:
        self.set_focus(self.query_one("#find-names"))

    def action_changes(self) -> None:
        self._as_totals = not self._as_totals
        self._say(
            "Counts of incremental snapshots are drawn as reported." if self._as_totals
            else "Counts of incremental snapshots are taken as changes, and have no bar."
        )  # fmt: skip
        self._show_history()

    @on(Button.Pressed, "#stop")
    def stop(self) -> None:
        """End the search; the rows stay."""
        self.cancel_reading()
        self._say("Stopped. Enter on the name goes on.")

    def action_close(self) -> None:
        """Esc: stop the search; else let go of what is selected; else close."""
        if self.is_searching:
            self.stop()
        elif self._selected:
            self._selected.clear()
            self._rows.redraw()
            self._say("Nothing is selected any more.")
        else:
            self.leave()

    def on_row_list_ticked(self, event: RowList.Ticked) -> None:
        """Space. What is selected together has to be in one snapshot."""
        row = event.item
        if not isinstance(row, Match):
            return
        if not row.is_selectable:
            self._say(f"The type of {sanitize(row.name, 60)} is not known: select it on Objects.")
            return
        chosen = next(iter(self._selected.values()), None)
        if chosen is not None and chosen.place is not row.place:
            self._say(
                f"Selected is the snapshot of {time_of(chosen)}: objects can only be selected together where one "
                "snapshot holds them all. Esc clears the selection."
            )
            return
        if self._selected.pop(row.key, None) is None:
            self._selected[row.key] = row
        self._say(
            f"{formatting.pluralize(len(self._selected), 'object')} selected." if self._selected else ""
        )
        self._rows.redraw()

    def on_row_list_chosen(self) -> None:
        self.accept()

    @on(Button.Pressed, "#take")
    def accept(self) -> None:
        """Enter, Ctrl+N: take what is selected, or else the highlighted row."""
        row = self._rows.item
        matches = list(self._selected.values()) or ([row] if isinstance(row, Match) else [])
        if not matches:
            self._say("Highlight the snapshot to restore from with ↑ ↓.")
        elif not all(match.is_selectable for match in matches):
            self._say(f"The type of {sanitize(matches[0].name, 60)} is not known: select it on Objects.")
        elif matches[0].place.snapshot.deleted:
            self._say("This snapshot was deleted: choose another one.")
        else:
            self.leave(matches)

    def leave(self, result: list[Match] | None = None) -> None:
        self.search = None  # what still comes of it changes nothing here
        super().leave(result)
