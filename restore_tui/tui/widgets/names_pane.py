"""The names of one type: filtered, sorted, folded and selected. What it shows is a ``NameList``; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from restore_tui.kinetica.identifiers import schema_of
from restore_tui.picker.filter import Search
from restore_tui.picker.name_list import CheckState, NameListModel, SortOrder
from restore_tui.restore.preflight.presence import Presence, TypePresence
from restore_tui.tui import formatting
from restore_tui.tui.widgets.filter_pane import FilterPane
from restore_tui.tui.widgets.row_list import Column, RowList, bar_column

_MARKS = {CheckState.NONE: "[ ]", CheckState.SOME: "[-]", CheckState.ALL: "[x]"}
_COVERED = {CheckState.NONE: "[·]", CheckState.SOME: "[=]", CheckState.ALL: "[=]"}


_NOW, _NOW_INCOMPLETE, _NOW_OF_SCHEMAS = 7, 10, 11
_OTHER_TYPES = 2
"""Types of which a filter without a match tells that they have some."""
_LONG_NAME = 30
"""Columns that a long name takes before the columns beside it go."""
_DROPS = {SortOrder.NAME: (1, 2, 3), SortOrder.SIZE: (2, 1, 3), SortOrder.RECORDS: (2, 3, 1)}
"""By what a list is sorted by: which of Now, Size and Records goes first where there is no room."""


def _count_missing(number: int) -> str:
    """``12 missing``, in eleven cells for up to 99,999; thousands are rounded down."""
    if not number:
        return ""
    return f"{number} missing" if number < 1000 else f"{number // 1000}k missing"


class NamesPane(FilterPane[int]):
    """The rows are lines of a ``NameList``. ``covered`` tells whether all of a schema is requested besides,
    ``elsewhere`` in which other types a filter finds how many names."""

    turn: ClassVar[int] = 200_000

    def __init__(
        self,
        names: NameListModel,
        *,
        covered: Callable[[str | None], bool],
        elsewhere: Callable[[str], Mapping[str, int]],
        empty: str,
        id: str,
    ) -> None:
        self.names = names
        self.presence: TypePresence | None = None
        self._only_missing = False
        self._covered = covered
        self._elsewhere = elsewhere
        rows: RowList[int] = RowList(
            self._columns(), tick=self._mark, matches=self._matches, empty=empty, id="names"
        )
        super().__init__(rows, empty=empty, id=id)

    def _columns(self) -> tuple[Column[int], ...]:
        def title(text: str, order: SortOrder) -> str:
            return f"{text} ↓" if self.names.order is order else text

        drops = _DROPS[self.names.order]
        now = _NOW_INCOMPLETE if self.presence is not None and self.presence.incomplete else _NOW
        has_counts = self.names.grouped or (self.presence is not None and bool(self.presence.missing_in))
        shortest = 15 if has_counts else 18
        columns = [
            Column("Name", self._label, least=max(shortest, min(self.names.longest, _LONG_NAME))),
            Column("Now", self._now, _NOW_OF_SCHEMAS if has_counts else now, drop=drops[0]),
        ]
        if self.names.has_any(SortOrder.SIZE):
            columns += [
                Column(
                    title("Size", SortOrder.SIZE),
                    lambda line: formatting.amount(self.names.amount(line, SortOrder.SIZE), formatting.size),
                    9,
                    right=True,
                    drop=drops[1],
                ),
                bar_column(lambda line: self.names.share(line, SortOrder.SIZE), drop=4),
            ]
        if self.names.has_any(SortOrder.RECORDS):
            columns += [
                Column(
                    title("Records", SortOrder.RECORDS),
                    lambda line: formatting.amount(
                        self.names.amount(line, SortOrder.RECORDS), formatting.count
                    ),
                    13,
                    right=True,
                    drop=drops[2],
                ),
                bar_column(lambda line: self.names.share(line, SortOrder.RECORDS), drop=5),
            ]
        return tuple(columns)

    def _now(self, line: int) -> str:
        """Whether a name exists now; of a schema how many names are missing. Empty until that was read."""
        known = self.presence
        if known is None:
            return ""
        if line < 0:
            missing = _count_missing(self.names.missing_in(line))
            return missing or (Presence.INCOMPLETE.value if self.names.has_incomplete(line) else "")
        name = self.names.name(line)
        presence = known.of(name)
        if presence in (Presence.EXISTS, Presence.INCOMPLETE) and name in known.missing_in:
            return _count_missing(known.missing_in[name])
        return formatting.UNKNOWN if presence is Presence.UNKNOWN else presence.value

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
            below_its_schema = names.grouped and not names.is_filtered and schema_of(name) is not None
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

    def show(self, names: NameListModel, presence: TypePresence | None) -> None:
        """Show another list, and what of it exists now, as far as that was read; the filter that was typed is its
        filter, too. Its highlight is where it was when the list was shown last."""
        self.end_search()
        self.names, self.presence = names, presence
        names.columns_text = self._beside
        if presence is None:
            names.know_missing(None)
        else:
            names.know_missing(presence.with_missing, presence.incomplete)
        names.show_only_missing(self._only_missing)
        if names.query.text != self.filter.value:
            names.filter(self.filter.value)
        self._put(names.place(names.highlighted))

    # Only what is missing

    @property
    def is_restricted(self) -> bool:
        return self._only_missing

    @property
    def no_match(self) -> str:
        if self._only_missing and not self.filter.value:
            return "Nothing is known to be missing or incomplete."
        others = [f"{kind} has {number:,}" for kind, number in self._elsewhere(self.filter.value).items()]
        return f"No match: {', '.join(others[:_OTHER_TYPES])}." if others else super().no_match

    def end_restriction(self) -> None:
        self.show_only_missing(False)

    def show_only_missing(self, on: bool) -> None:
        """Show only what is known to be missing, with the filter on top of it, or everything."""
        if on is self._only_missing:
            return
        self._only_missing = on
        self.set_class(on, "-restricted")
        self.show(self.names, self.presence)
        self.screen.refresh_bindings()

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
        if not self.names.shows_only_missing or self.presence is None or self.names.missing is None:
            return f"[{shown:,} of {every:,} shown, {ticked:,} selected]"
        missing = len(self.names.missing) - self.names.missing.count(0)
        what = "with missing objects" if self.presence.missing_in else "missing"
        if self.presence.incomplete:
            what = "missing or incomplete"
        unknown = f", {self.presence.unknown:,} unknown" if self.presence.unknown else ""
        if self.filter.value:
            return f"[{shown:,} shown of {missing:,} {what}{unknown}]"
        return f"[{missing:,} of {every:,} {what}{unknown}]"
