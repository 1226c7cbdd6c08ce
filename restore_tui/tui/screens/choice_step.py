"""A step in which one row of a list is chosen: data source, backup, snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from restore_tui.kinetica.backups import Listed
from restore_tui.kinetica.identifiers import lookalike_words, lookalikes
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.plan.plan import Part
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.type_one import TypeOneDialog
from restore_tui.tui.mixins.find import FindMixin
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.widgets.details import Details, FactList
from restore_tui.tui.widgets.filter_pane import ListPane
from restore_tui.tui.widgets.row_list import Column, RowList

Item = TypeVar("Item")
_MOST_ROWS_OF_NOTES = 7


class SingleChoiceStep(FindMixin, ListStep[Item]):
    """A list, and what is known of the highlighted row below it or beside it. A subclass loads ``listed``; what is not
    listed can be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "type_name", "Type a name", show=False, id="choice.type-name"),
    ]

    footer = {
        "list.choose": "Next",
        "list.filter": "Filter",
        "list.clear-filter": "Clear filter",
        "step.find": "Find",
        "choice.type-name": "Type a name",
    }
    noun: ClassVar[str] = "row"
    word: ClassVar[str] = "name"
    """What identifies a row."""
    empty_text: ClassVar[str] = "The server lists nothing here."

    part: ClassVar[Part]
    """What of the plan is chosen here."""

    listed: Listed[Any] = Listed()
    items: Sequence[Item] = ()
    """The rows: what is listed, and what was typed."""

    def columns(self) -> Sequence[Column[Item]]:
        """What the list shows of a row."""
        raise NotImplementedError

    def raw_of(self, item: Item) -> Mapping[str, str]:
        """What the server sent of a row."""
        raise NotImplementedError

    def searched(self, item: Item) -> str:
        """What the filter looks in: all that a column shows of the row, but bars, and what the server sent of it."""
        shown = (column.cell(item) for column in self._all_columns if not column.wide)
        return " ".join([*shown, *self.raw_of(item).values()])

    def typed_item(self, name: str) -> Item:
        """The row of a name that was typed."""
        raise NotImplementedError

    def typing_problem(self, name: str) -> str:
        """Why what was typed cannot be the name of a row; empty where it can."""
        return ""

    def notes(self) -> dict[str, str]:
        """What has to be known of the list as a whole: it stands above it. Each has a short form before it, for where
        there is no room."""
        notes = {}
        unread = self.listed.unread
        if unread:
            entries = formatting.pluralize(len(unread), "entry", "entries")
            sentence = (
                f"In {entries} of the response no {self.noun} was recognized; t types its {self.word}. "
                "The entries say:"
            )
            notes[f"{entries} not read"] = "\n".join([sentence, *formatting.unread_entries(unread)])
        pairs = list(self._alike.items())
        if pairs:
            more = f" {len(pairs) - 2:,} more are marked ≠." if len(pairs) > 2 else ""
            notes["≠ names look alike"] = f"≠ {sanitize(lookalike_words(*pairs[0]), 200)}{more}"
        if self.listed.words:
            notes["server message"] = f"The server says: {sanitize_block(self.listed.words, 400)}"
        return notes

    def fit_notes(self) -> None:
        self.show_notes("#list-notes", self.notes(), min(self.rows_to_spare(), _MOST_ROWS_OF_NOTES))

    _alike: Mapping[str, str] = {}
    """Names that look like another one."""

    def marked(self, name: str) -> str:
        """A name as the list shows it: with a sign where another one looks like it."""
        return f"≠ {name}" if name in self._alike else name

    def key_of(self, item: Item) -> str:
        """What identifies the row, as the user knows it."""
        raise NotImplementedError

    def chosen_key(self) -> str:
        """The key of the row that the plan has; empty where it has none."""
        raise NotImplementedError

    def first_choice(self) -> Item:
        """The row that is highlighted where the plan has none. Only where there is a row."""
        return self.items[0]

    def is_gone(self, item: Item) -> bool:
        """Whether the row can't be taken; it is shown all the same."""
        return False

    def details_of(self, item: Item) -> FactList:
        """All that is known of a row."""
        raise NotImplementedError

    def take(self, item: Item) -> str:
        """Put the row into the plan. Returns what that had to clear."""
        raise NotImplementedError

    def why_not(self, item: Item) -> str:
        """Why this row can't be taken; empty where it can."""
        return self.typing_problem(self.key_of(item))

    _all_columns: Sequence[Column[Any]] = ()

    def compose_body(self) -> ComposeResult:
        self._all_columns = self.columns()
        yield Static(id="list-notes", markup=False)
        yield ListPane[Any](
            self._all_columns,
            searched=self.searched,
            key=self.key_of,
            dim=self.is_gone,
            empty=self.empty_text,
            id="list",
        )
        yield from self.compose_details()

    def show(self) -> None:
        """The row that was highlighted before a refresh stays so, and at first the one that the plan has. Where it is
        not listed any more no row is highlighted: Enter must not take another one instead."""
        self.fit_notes()
        self.pane.list.columns = self._all_columns = self.columns()
        wanted = ""
        if self.pane.highlight is None:
            wanted = self.chosen_key() or (self.key_of(self.first_choice()) if self.items else "")
        self.pane.show(self.items, highlight=wanted or None)
        if self.pane.lost is not None and self.items:
            self.notify_user(
                f"{sanitize(self.pane.lost, 60)} is no longer listed: choose another {self.noun}."
            )

    def why_blocked(self) -> str:
        item = self.pane.list.item
        if item is None:
            if not self.pane.items:
                return f"{self.empty_text} t types {self._a_word}."
            if not self.pane.shown:
                return f"The filter hides every {self.noun}."
            return f"No {self.noun} is highlighted: choose one with ↑ ↓."
        return self.why_not(item)

    def apply(self) -> str:
        item = self.pane.list.item
        if item is None:
            raise RuntimeError(f"no {self.noun} is highlighted")
        return self.take(item)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        self.show_details(event.item)
        self.plan_changed()

    def show_details(self, item: Item | None) -> None:
        """All that is known of a row, and what the server sent of it."""
        details = self.query_one(Details)
        if item is None:
            details.show(FactList(()), {})
        else:
            details.show(self.details_of(item), self.raw_of(item))

    def with_typed(self, listed: Listed[Any], items: Sequence[Item]) -> None:
        """Take what was loaded, and below it what was typed here and is not listed."""
        self.listed = listed
        known = set(map(self.key_of, items))
        typed = (name for name in self.session.manual_names_for(self.part) if name not in known)
        self.items = [*items, *map(self.typed_item, typed)]
        self._alike = lookalikes([self.key_of(item) for item in self.items])

    def compose_actions(self) -> ComposeResult:
        yield Button(f"Type {self._a_word}", id="type-name", compact=True)
        yield self.find_button()

    @property
    def _a_word(self) -> str:
        return f"{'an' if self.word == 'id' else 'a'} {self.word}"

    @on(Button.Pressed, "#type-name")
    def action_type_name(self) -> None:
        """Type a row that is not listed: also where the list was refused."""
        if self.is_loading:
            return

        def take(name: str | None) -> None:
            if name and not self._left:
                self._left = True
                self.session.add_manual_names(self.part, name)
                self.wizard.go_on(self.step, self.take(self.typed_item(name)))

        self.app.push_screen(TypeOneDialog(f"{self.word} of the {self.noun}", self.typing_problem), take)

    def on_row_list_chosen(self, _event: RowList.Chosen) -> None:
        self.advance()
