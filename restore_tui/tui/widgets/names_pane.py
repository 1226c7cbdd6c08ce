"""The names of one type: filtered, sorted, folded and selected. What it shows is a ``NameList``; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from restore_tui.kinetica.identifiers import schema_of
from restore_tui.picker.filter import Search
from restore_tui.picker.name_list import CheckState, NameListModel, SortOrder
from restore_tui.tui import formatting
from restore_tui.tui.widgets.filter_pane import FilterPane
from restore_tui.tui.widgets.row_list import Column, RowList, bar_column

_MARKS = {CheckState.NONE: "[ ]", CheckState.SOME: "[-]", CheckState.ALL: "[x]"}
_COVERED = {CheckState.NONE: "[·]", CheckState.SOME: "[=]", CheckState.ALL: "[=]"}


class NamesPane(FilterPane[int]):
    """The rows are lines of a ``NameList``. ``covered`` tells whether all of a schema is requested besides."""

    turn: ClassVar[int] = 200_000

    def __init__(
        self, names: NameListModel, *, covered: Callable[[str | None], bool], empty: str, id: str
    ) -> None:
        self.names = names
        self._covered = covered
        rows: RowList[int] = RowList(
            self._columns(), tick=self._mark, matches=self._matches, empty=empty, id="names"
        )
        super().__init__(rows, empty=empty, id=id)

    def _columns(self) -> tuple[Column[int], ...]:
        def title(text: str, order: SortOrder) -> str:
            return f"{text} ↓" if self.names.order is order else text

        return (
            Column("Name", self._label, least=18),
            Column(
                title("Size", SortOrder.SIZE),
                lambda line: formatting.amount(self.names.amount(line, SortOrder.SIZE), formatting.size),
                9,
                right=True,
                drop=2 if self.names.order is SortOrder.RECORDS else 1,
            ),
            bar_column(lambda line: self.names.share(line, SortOrder.SIZE), drop=3),
            Column(
                title("Records", SortOrder.RECORDS),
                lambda line: formatting.amount(self.names.amount(line, SortOrder.RECORDS), formatting.count),
                13,
                right=True,
                drop=1 if self.names.order is SortOrder.RECORDS else 2,
            ),
            bar_column(lambda line: self.names.share(line, SortOrder.RECORDS), drop=4),
        )

    def _beside(self, line: int) -> str:
        """What the columns beside the name show, but the bars, and the numbers without separators."""
        shown = [column.cell(line) for column in self.list.columns[1:] if not column.wide]
        plain = (self.names.size(line), self.names.records(line))
        return " ".join([*shown, *(str(number) for number in plain if number is not None)])

    def _label(self, line: int) -> str:
        names = self.names
        if line >= 0:
            name = names.name(line)
            sign = "≠ " if name in names.objects.lookalikes else ""
            below_its_schema = names.grouped and not names.query and schema_of(name) is not None
            return f"  {sign}{name.partition('.')[2]}" if below_its_schema else f"{sign}{name}"
        span = names.span(line)
        sign = "▾" if names.is_open(line) else "▸"
        return f"{sign} {span.schema}  {names.ticked_in(span):,}/{span.end - span.start:,}"

    def _mark(self, line: int) -> str:
        names = self.names
        if line in names.objects.unsendable:
            return "[✗]"
        schema = names.span(line).schema if line < 0 else schema_of(names.name(line))
        return (_COVERED if self._covered(schema) else _MARKS)[names.mark(line)]

    def _matches(self, shown: str) -> list[tuple[int, int]]:
        return self.names.query.spans(shown)

    # Showing

    def show(self, names: NameListModel) -> None:
        """Show another list; the filter that was typed is its filter, too. Its highlight is where it was when the list
        was shown last."""
        self.end_search()
        self.names = names
        names.columns_text = self._beside
        if names.query.text != self.filter.value:
            names.filter(self.filter.value)
        self._put(names.place(names.highlighted))

    def rearranged(self, line: int | None = None) -> None:
        """The same names stand in other lines; the cursor stays with its line, or goes to ``line``."""
        self._put(self.names.place(self.list.item if line is None else line))
        self.keep_highlight()

    def keep_highlight(self) -> None:
        line = self.list.item
        if line is not None:
            self.names.highlighted = line

    def ticks_changed(self) -> None:
        """The same lines, selected otherwise."""
        self.list.redraw()
        self.show_count()

    def _put(self, cursor: int | None) -> None:
        self.list.columns = self._columns()
        self.show_items(self.names.lines, cursor or 0, of=len(self.names.objects))

    # Filtering

    def action_filter(self) -> None:
        self.names.search("")  # what the first letter needs is made before it is typed
        super().action_filter()

    def begin_search(self, text: str) -> Search:
        return self.names.search(text)

    def show_found(self, search: Search) -> None:
        line = self.list.item
        self.names.take(search)
        place = self.names.place(line)
        self._put(self.names.place(self.names.highlighted) if place is None else place)

    def count_words(self) -> str:
        shown, every, ticked = len(self.names.shown), len(self.names.objects), self.names.ticked
        return f"[{shown:,} of {every:,} shown, {ticked:,} selected]"
