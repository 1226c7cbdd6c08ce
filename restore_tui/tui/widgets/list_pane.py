"""A list with a filter above it: ``/`` opens the filter, Esc clears and leaves it, Enter and ↓ keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantBlur
from textual.widgets import Input, Static

from restore_tui.picking.query import Query, Search
from restore_tui.tui.in_turns import InTurns
from restore_tui.tui.widgets.row_list import Column, RowList

Item = TypeVar("Item")


class FilterInput(Input):
    """One line; ↓ goes to the list below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.leave_filter", "To the list", show=False, id="filter.down"),
    ]


class FilterPane(Vertical, Generic[Item]):
    """The filter, how many it lets through, and the list. A subclass has what is searched.

    A search looks at ``turn`` items at once, and the next letter overtakes it. Whatever needs its result ends it first.
    """

    DEFAULT_CSS = """
    FilterPane { height: 1fr; }
    FilterPane .list-filter { display: none; height: 1; }
    FilterPane.-filtering .list-filter { display: block; }
    FilterPane .list-count { height: 1; color: $text-muted; display: none; }
    FilterPane.-filtering .list-count { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="list.filter"),
    ]

    turn: ClassVar[int] = 5_000

    def __init__(self, rows: RowList[Item], *, empty: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._empty = empty
        self.list = rows
        self.filter = FilterInput(
            placeholder="words, or a pattern with *", compact=True, classes="list-filter"
        )
        self._searching: InTurns[Search] = InTurns(self, self.turn, self.show_found)

    def compose(self) -> ComposeResult:
        yield self.filter
        yield Static(classes="list-count", markup=False)
        yield self.list

    # What a subclass fills in

    def begin_search(self, text: str) -> Search:
        """A search for what the filter says."""
        raise NotImplementedError

    def show_found(self, search: Search) -> None:
        """Put into the list what a search has found."""
        raise NotImplementedError

    def count_words(self) -> str:
        """How many of how many are shown."""
        raise NotImplementedError

    # Filtering

    def put(self, shown: Sequence[Item], cursor: int, *, of: int) -> None:
        """Show these, ``of`` so many that there are."""
        self.list.empty = self._empty
        if of and not shown:
            is_pattern = "*" in self.filter.value or "?" in self.filter.value
            self.list.empty = (
                "No whole name fits the pattern." if is_pattern else "The filter lets nothing through."
            )
        self.list.show(shown, cursor=cursor)
        self.show_count()

    def show_count(self) -> None:
        """Bring the line of counts up to date."""
        count = self.query_one(".list-count", Static)
        if count.content != (words := self.count_words()):
            count.update(words)

    def action_filter(self) -> None:
        self.add_class("-filtering")
        self.filter.focus()

    def leave_filter(self, *, clear: bool) -> None:
        """Back to the list. An empty filter disappears."""
        if clear and self.filter.value:
            with self.prevent(Input.Changed):
                self.filter.value = ""
            self._searching.start(self.begin_search(""))
        self.end_search()
        if not self.filter.value:
            self.remove_class("-filtering")
        self.list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._searching.start(self.begin_search(event.value))

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        if event.widget is self.filter:
            self.end_search()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave_filter(clear=False)

    def end_search(self) -> None:
        """Have the result of a search that is under way."""
        self._searching.end()


class _Texts(dict[int, str]):
    """Index → the folded text of an item, made when it is first looked at."""

    def __init__(self, make: Callable[[int], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, index: int) -> str:
        text = self[index] = self._make(index).casefold()
        return text


class ListPane(FilterPane[Item]):
    """Items in columns; ``searched`` gives the text of an item that the filter looks in."""

    def __init__(
        self,
        columns: Sequence[Column[Item]],
        *,
        searched: Callable[[Item], str],
        dim: Callable[[Item], bool] | None = None,
        alarm: Callable[[Item], bool] | None = None,
        empty: str = "Nothing here.",
        id: str | None = None,
    ) -> None:
        rows: RowList[Item] = RowList(columns, dim=dim, alarm=alarm, matches=self._matches, empty=empty)
        super().__init__(rows, empty=empty, id=id)
        self._searched = searched
        self.items: Sequence[Item] = ()
        self._texts = _Texts(self._text)
        self._query = Query()

    def _text(self, index: int) -> str:
        return self._searched(self.items[index])

    def _matches(self, shown: str) -> list[tuple[int, int]]:
        return self._query.spans(shown)

    def show(self, items: Sequence[Item], *, cursor: int = 0) -> None:
        """Replace the items. ``cursor`` is an index into them and is followed through the filter."""
        self.items = items
        self._texts = _Texts(self._text)
        self._follow = cursor
        self._searching.start(self.begin_search(self.filter.value))
        self.end_search()

    _follow: int | None = None
    """The item that the cursor stays with, where it is not the one that it is on."""

    def begin_search(self, text: str) -> Search:
        return Search(Query(text), self._texts, range(len(self.items)))

    def show_found(self, search: Search) -> None:
        self._query = search.query
        found = search.found()
        wanted = self.list.item if self._follow is None else None
        if self._follow is not None and 0 <= self._follow < len(self.items):
            wanted = self.items[self._follow]
        self._follow = None
        shown: Sequence[Item] = [self.items[index] for index in found] if search.query else self.items
        self.put(shown, next((i for i, item in enumerate(shown) if item is wanted), 0), of=len(self.items))

    def count_words(self) -> str:
        return f"{len(self.shown):,} of {len(self.items):,} shown"

    @property
    def shown(self) -> Sequence[Item]:
        """The items that the filter lets through."""
        return self.list.items
