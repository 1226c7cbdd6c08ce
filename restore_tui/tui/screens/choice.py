"""A step in which one row of a list is chosen: data source, backup, snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.content import Content

from restore_tui.kinetica.text import harmless
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.widgets.list_pane import ListPane
from restore_tui.tui.widgets.row_list import Column, RowList

Item = TypeVar("Item")

_VALUE = 400


def details(facts: Sequence[tuple[str, str]], raw: Mapping[str, str]) -> Content:
    """Facts in our words, then every key that the server sent under its own name."""
    parts: list[Content | str | tuple[str, str]] = []
    for label, value in facts:
        if value:
            parts += [(f"{label}  ", "dim"), harmless(value, _VALUE), "\n"]
    if raw:
        parts.append(("As the server says it\n", "dim italic"))
        for key, value in raw.items():
            parts += [(f"{harmless(key, 60)}  ", "dim"), harmless(value, _VALUE), "\n"]
    return Content.assemble(*parts)


class ChoiceScreen(ListStep[Item]):
    """A list, and what is known of the highlighted row below it or beside it."""

    items: Sequence[Item] = ()

    noun: ClassVar[str] = "row"
    empty_text: ClassVar[str] = "The server lists nothing here."

    def columns(self) -> Sequence[Column[Item]]:
        """What the list shows of a row."""
        raise NotImplementedError

    def searched(self, item: Item) -> str:
        """What the filter looks in."""
        raise NotImplementedError

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

    def details_of(self, item: Item) -> Content:
        """All that is known of a row."""
        raise NotImplementedError

    def take(self, item: Item) -> str:
        """Put the row into the plan. Returns what that had to clear."""
        raise NotImplementedError

    def why_not(self, item: Item) -> str:
        """Why this row can't be taken; empty where it can."""
        return ""

    def compose_body(self) -> ComposeResult:
        yield ListPane[Any](
            self.columns(),
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
        wanted = ""
        if self.pane.highlight is None:
            wanted = self.chosen_key() or (self.key_of(self.first_choice()) if self.items else "")
        self.pane.show(self.items, highlight=wanted or None)
        if self.pane.lost is not None and self.items:
            self.say(f"{harmless(self.pane.lost, 60)} is no longer listed: choose another {self.noun}.")

    def blocked(self) -> str:
        item = self.pane.list.item
        if item is None:
            if not self.pane.items:
                return self.empty_text
            if not self.pane.shown:
                return f"The filter hides every {self.noun}."
            return f"No {self.noun} is highlighted: choose one with ↑ ↓."
        return self.why_not(item)

    def commit(self) -> str:
        item = self.pane.list.item
        assert item is not None
        return self.take(item)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        if event.item is not None:
            self.put("#details-text", self.details_of(event.item))
        else:
            self.put("#details-text", "")
        self.plan_changed()

    def on_row_list_chosen(self, _event: RowList.Chosen) -> None:
        self.advance()
