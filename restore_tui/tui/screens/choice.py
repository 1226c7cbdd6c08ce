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

    noun: ClassVar[str] = "row"
    empty_text: ClassVar[str] = "The server lists nothing here."

    def columns(self) -> Sequence[Column[Item]]:
        """What the list shows of a row."""
        raise NotImplementedError

    def searched(self, item: Item) -> str:
        """What the filter looks in."""
        raise NotImplementedError

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
            self.columns(), searched=self.searched, dim=self.is_gone, empty=self.empty_text, id="list"
        )
        yield from self.compose_details()

    def blocked(self) -> str:
        item = self.pane.list.item
        if item is None:
            return self.empty_text if not self.pane.items else f"The filter hides every {self.noun}."
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
