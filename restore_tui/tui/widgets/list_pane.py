"""A list with a filter above it: ``/`` opens the filter, Esc clears and leaves it, Enter and ↓ keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from restore_tui.tui.widgets.row_list import Column, RowList

Item = TypeVar("Item")


class FilterInput(Input):
    """One line; ↓ goes to the list below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.leave_filter", "To the list", show=False, id="filter.down"),
    ]


class ListPane(Vertical, Generic[Item]):
    """``searched`` gives the text of an item that the filter looks in: every word has to be there, in
    upper or lower case."""

    DEFAULT_CSS = """
    ListPane { height: 1fr; }
    ListPane .list-filter { display: none; height: 1; }
    ListPane.-filtering .list-filter { display: block; }
    ListPane .list-count { height: 1; color: $text-muted; display: none; }
    ListPane.-filtering .list-count { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="list.filter"),
    ]

    class Filtered(Message):
        """The filter lets others through."""

        def __init__(self, pane: ListPane[Any]) -> None:
            super().__init__()
            self.pane = pane

    def __init__(
        self,
        columns: Sequence[Column[Item]],
        *,
        searched: Callable[[Item], str],
        tick: Callable[[Item], str] | None = None,
        dim: Callable[[Item], bool] | None = None,
        alarm: Callable[[Item], bool] | None = None,
        empty: str = "Nothing here.",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._searched = searched
        self._empty = empty
        self.items: Sequence[Item] = ()
        self.list: RowList[Item] = RowList(columns, tick=tick, dim=dim, alarm=alarm, empty=empty)
        self.filter = FilterInput(placeholder="filter", compact=True, classes="list-filter")

    def compose(self) -> ComposeResult:
        yield self.filter
        yield Static(classes="list-count", markup=False)
        yield self.list

    def show(self, items: Sequence[Item], *, cursor: int = 0) -> None:
        """Replace the items. ``cursor`` is an index into them and is followed through the filter."""
        self.items = items
        wanted = items[cursor] if 0 <= cursor < len(items) else None
        shown = self._let_through()
        index = next((i for i, item in enumerate(shown) if item is wanted), 0)
        self._put(shown, index)

    def _let_through(self) -> Sequence[Item]:
        words = self.filter.value.casefold().split()
        if not words:
            return self.items
        return [
            item
            for item in self.items
            if all(word in text for text in (self._searched(item).casefold(),) for word in words)
        ]

    def _put(self, shown: Sequence[Item], cursor: int) -> None:
        self.list.empty = "The filter lets nothing through." if self.items and not shown else self._empty
        self.list.show(shown, cursor=cursor)
        self.query_one(".list-count", Static).update(f"{len(shown):,} of {len(self.items):,} shown")

    @property
    def shown(self) -> Sequence[Item]:
        """The items that the filter lets through."""
        return self.list.items

    def action_filter(self) -> None:
        self.add_class("-filtering")
        self.filter.focus()

    def leave_filter(self, *, clear: bool) -> None:
        """Back to the list. An empty filter disappears."""
        if clear:
            self.filter.value = ""
        if not self.filter.value:
            self.remove_class("-filtering")
        self.list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        current = self.list.item
        shown = self._let_through()
        index = next((i for i, item in enumerate(shown) if item is current), 0)
        self._put(shown, index)
        self.post_message(self.Filtered(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave_filter(clear=False)
