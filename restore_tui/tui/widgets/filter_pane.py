"""A list with a filter above it: ``/`` opens the filter, Esc clears and leaves it, Enter and ↓ keep it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantBlur
from textual.message import Message
from textual.widgets import Input, Static

from restore_tui.picker.filter import Query, Search
from restore_tui.tui.terminal.chunked_worker import ChunkedWorker
from restore_tui.tui.widgets.line_input import LineInput
from restore_tui.tui.widgets.row_list import Column, RowList

Item = TypeVar("Item")


NO_MATCH = "No match."


class FilterInput(LineInput):
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
    FilterPane.-filtering .list-count, FilterPane.-restricted .list-count { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="list.filter"),
    ]

    turn: ClassVar[int] = 5_000

    class Toggled(Message):
        """The filter is shown now, or hidden: the list has fewer rows, or more."""

    def __init__(self, rows: RowList[Item], *, empty: str, id: str) -> None:
        super().__init__(id=id)
        self.empty = empty
        """What stands in the list where there is nothing to show."""
        self.list = rows
        self.list.after_move = self.keep_highlight
        self.filter = FilterInput(
            placeholder="words, or a pattern with *", compact=True, classes="list-filter"
        )
        self._searching: ChunkedWorker[Search] = ChunkedWorker(self, self.turn, self.show_found)

    def compose(self) -> ComposeResult:
        yield self.filter
        yield Static(classes="list-count", markup=False)
        yield self.list

    # What a subclass fills in

    @property
    def no_match(self) -> str:
        """What stands in place of a list of which nothing is shown."""
        return NO_MATCH

    @property
    def is_restricted(self) -> bool:
        """Whether something besides the filter hides items."""
        return False

    def end_restriction(self) -> None:
        """Show what is hidden by something besides the filter."""

    def begin_search(self, text: str) -> Search:
        """A search for what the filter says."""
        raise NotImplementedError

    def show_found(self, search: Search) -> None:
        """Put into the list what a search has found."""
        raise NotImplementedError

    def count_words(self) -> str:
        """How many of how many are shown."""
        raise NotImplementedError

    def keep_highlight(self) -> None:
        """Note the highlighted item, if there is one, as the one that the highlight returns to: the user has moved
        there, or has accepted a filter that put the highlight there."""
        raise NotImplementedError

    # Filtering

    def show_items(self, shown: Sequence[Item], cursor: int | None, *, of: int) -> None:
        """Show these, ``of`` so many that there are."""
        self.list.empty = self.empty
        if of and not shown:
            is_pattern = "*" in self.filter.value or "?" in self.filter.value
            self.list.empty = self.no_match
            if is_pattern and self.list.empty == NO_MATCH:
                self.list.empty = "No whole name fits the pattern."
        self.list.show(shown, cursor=cursor)
        self.show_count()

    def show_count(self) -> None:
        """Bring the line of counts up to date."""
        count = self.query_one(".list-count", Static)
        if count.content != (words := self.count_words()):
            count.update(words)

    @property
    def shows_filter(self) -> bool:
        """Whether the filter and its counts stand above the list."""
        return self.has_class("-filtering")

    def _show_filter(self, on: bool) -> None:
        if on is not self.shows_filter:
            self.set_class(on, "-filtering")
            self.post_message(self.Toggled())

    def action_filter(self) -> None:
        self._show_filter(True)
        self.filter.focus()

    def leave_filter(self, *, clear: bool) -> None:
        """Back to the list. An empty filter disappears."""
        if clear:
            self.clear_filter()
        self.end_search()
        if self.filter.value:
            self.keep_highlight()
        else:
            self._show_filter(False)
        self.list.focus()

    def clear_filter(self) -> bool:
        """Show everything again. Returns whether a filter was set."""
        had_filter = bool(self.filter.value)
        if had_filter:
            with self.prevent(Input.Changed):
                self.filter.value = ""
            self._searching.start(self.begin_search(""))
        self.end_search()
        self._show_filter(False)
        self.screen.refresh_bindings()
        return had_filter

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._searching.start(self.begin_search(event.value))
        self.screen.refresh_bindings()

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
    """Items in columns; ``searched`` gives the text of an item that the filter looks in, and ``key`` what identifies
    it, so that the highlight stays with an item when others come or go."""

    turn: ClassVar[int] = 1_000

    def __init__(
        self,
        columns: Sequence[Column[Item]],
        *,
        searched: Callable[[Item], str],
        key: Callable[[Item], Hashable],
        tick: Callable[[Item], str] | None = None,
        dim: Callable[[Item], bool] | None = None,
        alarm: Callable[[Item], bool] | None = None,
        empty: str,
        id: str,
    ) -> None:
        rows: RowList[Item] = RowList(
            columns, tick=tick, dim=dim, alarm=alarm, matches=self._matches, empty=empty
        )
        super().__init__(rows, empty=empty, id=id)
        self._searched = searched
        self._key = key
        self._found: Sequence[int] = range(0)
        self._kept: int | None = None
        self.lost: Hashable | None = None
        """The key of the item that should be highlighted and is not listed any more: no row is highlighted then, so
        that Enter cannot take another one instead."""
        self.items: Sequence[Item] = ()
        self._texts = _Texts(self._text)
        self._query = Query()

    def _text(self, index: int) -> str:
        return self._searched(self.items[index])

    def _matches(self, shown: str) -> list[tuple[int, int]]:
        return self._query.spans(shown)

    def show(self, items: Sequence[Item], *, highlight: Hashable | None = None) -> None:
        """Replace the items. The highlight goes to the item with the key ``highlight``; without one it stays with the
        item that it is on, or goes to the first item where it is on none yet."""
        if highlight is None:
            highlight = self.highlight
        self.items = items
        self._texts = _Texts(self._text)
        self._found = range(0)
        self._kept = self._index_of(highlight)
        self.lost = highlight if self._kept is None else None
        self._searching.start(self.begin_search(self.filter.value))
        self.end_search()

    @property
    def highlight(self) -> Hashable | None:
        """The key of the item that the highlight belongs to, listed or not; None where it is on none yet."""
        last = self._highlighted()
        if last is None:
            last = self._kept
        return self.lost if last is None else self._key(self.items[last])

    def keep_highlight(self) -> None:
        highlighted = self._highlighted()
        if highlighted is not None:
            self._kept, self.lost = highlighted, None

    def _highlighted(self) -> int | None:
        """The index of the highlighted item."""
        at = self.list.cursor
        return self._found[at] if 0 <= at < len(self._found) else None

    def _index_of(self, key: Hashable | None) -> int | None:
        if key is None:
            return None
        return next((index for index, item in enumerate(self.items) if self._key(item) == key), None)

    def begin_search(self, text: str) -> Search:
        return Search(Query(text), self._texts, range(len(self.items)))

    def show_found(self, search: Search) -> None:
        highlighted = self._highlighted()
        self._query = search.query
        self._found = search.found() if search.query else range(len(self.items))
        shown: Sequence[Item] = [self.items[index] for index in self._found] if search.query else self.items
        place = self._place(highlighted)
        if place is None:
            place = self._place(self._kept)
        if place is None and self.lost is None:
            place = 0
        self.show_items(shown, place, of=len(self.items))

    def _place(self, index: int | None) -> int | None:
        """Where the item with this index is shown; None where the filter hides it."""
        if index is None:
            return None
        place = bisect_left(self._found, index)
        return place if place < len(self._found) and self._found[place] == index else None

    def count_words(self) -> str:
        return f"{len(self.shown):,} of {len(self.items):,} shown"

    @property
    def shown(self) -> Sequence[Item]:
        """The items that the filter lets through."""
        return self.list.items
