"""The names of one type, as a person picks among them: filtered, sorted, folded by schema, selected.

Names are never copied: what is shown is a list of numbers. A line is the index of a name, or for a schema that folds
its names ``schema_line(i)``, i counting the spans of ``Objects``. Ticks are a byte a name.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import compress

from restore_tui.kinetica.identifiers import lookalike_words, sending_problem
from restore_tui.kinetica.object_columns import (
    UNKNOWN,
    Amount,
    Objects,
    SchemaRange,
    amount,
    total,
)
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.picker.filter import Query, Search, casefolded

FOLDED_FROM = 200
"""A list of more names than this begins folded by schema, if there are several."""

_FLIPPED = bytes([1, 0])
_SIGNS = frozenset("≥!–")
_SEARCHED_WHOLE = 20_000
"""In a list of more names words are looked for in the names only: what the other columns show takes long to make."""


class SortOrder(str, Enum):
    """What a list is sorted by: names upwards, numbers downwards with those that are not told at the end."""

    NAME = "name"
    SIZE = "size"
    RECORDS = "records"


class CheckState(Enum):
    """How much of a line is selected."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


def schema_line(span: int) -> int:
    """The line of the schema whose span has this number."""
    return -1 - span


class _WholeTexts(dict[int, str]):
    """Index → the folded name with what the columns beside it show, made when it is first looked at."""

    def __init__(self, names: NameListModel) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, index: int) -> str:
        beside = self._names.columns_text
        text = f"{self._names._texts[index]} {beside(index).casefold() if beside else ''}"
        self[index] = text
        return text


class NameListModel:
    """``added`` are names among ``objects`` that the server does not list."""

    def __init__(
        self, objects: Objects, ticked: Iterable[str] = (), *, added: Iterable[str] = (), folds: bool = True
    ) -> None:
        self.objects = objects
        self.added = frozenset(added)
        held = frozenset(ticked)
        self.ticks = bytearray(map(held.__contains__, objects.names)) if held else bytearray(len(objects))
        self.columns_text: Callable[[int], str] | None = None
        """What the columns beside a name show of it: the filter looks in it, too."""
        self.order = SortOrder.NAME
        self.query = Query()
        self._known: dict[SortOrder, bool] = {}
        self._largest_numbers: dict[tuple[SortOrder, bool], int] = {}
        self.highlighted: int | None = None
        """The line that the highlight returns to, once a filter no longer hides it."""
        self.missing: bytes | None = None
        """Per name: 1 where it is missing on the server now, 2 where it is incomplete, else 0; None as long as that is
        unknown."""
        self._allowed: bytes | None = None
        self._found: Sequence[int] | None = None
        self._open: set[int] = set()
        self.can_fold = folds and any(span.schema for span in objects.schema_ranges)
        self.grouped = self.can_fold and len(objects) > FOLDED_FROM and len(objects.schema_ranges) > 1
        self._range: tuple[int, bytes] | None = None
        self._lines: Sequence[int] | None = None
        self._by_number: dict[SortOrder, list[int]] = {}

    # What is shown

    @property
    def lines(self) -> Sequence[int]:
        """What is shown, line by line. A filter shows names, however they are folded."""
        if self._lines is None:
            if self._found is None and self.grouped:
                self._lines = self._grouped_lines()
            else:
                self._lines = self.shown
        return self._lines

    @property
    def shown(self) -> Sequence[int]:
        """The names that the filter lets through, in order; without one all of them, those in folds too."""
        return self._sorted if self._found is None else self._found

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is set, or only what is missing is shown."""
        return self._found is not None

    @cached_property
    def _texts(self) -> Sequence[str]:
        return casefolded(self.objects.names)

    @property
    def _sorted(self) -> Sequence[int]:
        """All names, in order."""
        return range(len(self.objects)) if self.order is SortOrder.NAME else self._by_number[self.order]

    @property
    def _column(self) -> array[int]:
        return self._column_of(self.order)

    def _column_of(self, order: SortOrder) -> array[int]:
        return self.objects.records if order is SortOrder.RECORDS else self.objects.sizes

    def _grouped_lines(self) -> list[int]:
        spans = self.objects.schema_ranges
        order: Iterable[int] = range(len(spans))
        if self.order is not SortOrder.NAME:
            sums = [self._sum_of(span) for span in spans]
            order = sorted(order, key=sums.__getitem__, reverse=True)
        lines: list[int] = []
        for number in order:
            span = spans[number]
            if span.schema:
                lines.append(schema_line(number))
            if not span.schema or number in self._open:
                members: Sequence[int] = range(span.start, span.end)
                if self.order is not SortOrder.NAME:
                    members = sorted(members, key=self._column.__getitem__, reverse=True)
                lines.extend(members)
        return lines

    def _sum_of(self, span: SchemaRange) -> int:
        known = total(self._column[span.start : span.end].tolist()).value
        return -1 if known is None else known

    def name(self, line: int) -> str:
        """The name on a line; of a schema's line the schema."""
        return self.objects.names[line] if line >= 0 else self.span(line).schema

    def size(self, line: int) -> int | None:
        """Bytes; of a schema's line the sum of its names."""
        return self.amount(line, SortOrder.SIZE).value

    def records(self, line: int) -> int | None:
        """Records, likewise."""
        return self.amount(line, SortOrder.RECORDS).value

    def amount(self, line: int, of: SortOrder) -> Amount:
        """Bytes or records of a line, and whether they are all of them."""
        column = self._column_of(of)
        if line < 0:
            span = self.span(line)
            return total(column[span.start : span.end].tolist())
        partial = self.objects.partial[of is SortOrder.RECORDS]
        return amount(column[line])._replace(is_partial=self.objects.names[line] in partial)

    def share(self, line: int, of: SortOrder) -> float | None:
        """A line's number as a part of the largest one: of a name among names, of a schema among schemas. None where
        it is unknown."""
        value = self.amount(line, of).value
        largest = self._largest(of, schemas=line < 0)
        return None if value is None or largest <= 0 else value / largest

    def _largest(self, of: SortOrder, *, schemas: bool) -> int:
        if (of, schemas) not in self._largest_numbers:
            column = self._column_of(of)
            spans = self.objects.schema_ranges if schemas else ()
            sums = (total(column[span.start : span.end].tolist()).value or 0 for span in spans)
            self._largest_numbers[of, schemas] = max(sums if schemas else column, default=0)
        return self._largest_numbers[of, schemas]

    @cached_property
    def longest(self) -> int:
        """Characters of the longest name."""
        return max(map(len, self.objects.names), default=0)

    def has_any(self, of: SortOrder) -> bool:
        """Whether bytes or records are known of any name."""
        if of not in self._known:
            column = self._column_of(of)
            self._known[of] = column.count(UNKNOWN) < len(column)
        return self._known[of]

    # Folding

    def span(self, line: int) -> SchemaRange:
        """The names that a schema's line stands for."""
        return self.objects.schema_ranges[-1 - line]

    def is_open(self, line: int) -> bool:
        """Whether the names of a schema's line are shown below it."""
        return -1 - line in self._open

    def fold(self, line: int) -> int:
        """Open or close the schema that a line is, or belongs to. Returns the line where the cursor belongs then.

        Where nothing was folded, all but that schema is.
        """
        number = -1 - line if line < 0 else self._span_of(line)
        if not self.can_fold or not self.objects.schema_ranges[number].schema:
            return line
        if not self.grouped:
            self.grouped = True
            self._open = {number}
        else:
            self._open ^= {number}
        self._lines = self._range = None
        return line if line < 0 or number in self._open else schema_line(number)

    def fold_all(self, line: int | None) -> int | None:
        """Collapse every schema; where all are collapsed, expand them. Returns the cursor's line then."""
        if not self.can_fold:
            return line
        self.grouped = not (self.grouped and not self._open)
        self._open.clear()
        self._lines = self._range = None
        if line is None:
            return None
        number = -1 - line if line < 0 else self._span_of(line)
        span = self.objects.schema_ranges[number]
        if self.grouped:
            return schema_line(number) if span.schema else line
        return span.start if line < 0 else line

    def reveal(self, name: str) -> int | None:
        """Open what hides a name. Returns its line; None where the filter hides it, or it is not there."""
        line = self.objects.find(name)
        if line is None:
            return None
        span = self._span_of(line)
        if self.grouped and self.objects.schema_ranges[span].schema:
            self._open.add(span)
            self._lines = self._range = None
        return line if line in self.lines else None

    def _span_of(self, index: int) -> int:
        return bisect_right(self.objects.schema_ranges, index, key=lambda span: span.start) - 1

    def place(self, line: int | None) -> int | None:
        """Where a line is shown, or the folded schema that it belongs to; None where the filter hides it."""
        if line is None or (line < 0 and self.is_filtered):  # a filter shows no schemas
            return None
        if line >= 0 and self._found is None and self.grouped and not self._is_unfolded(line):
            line = schema_line(self._span_of(line))
        return self.lines.index(line) if line in self.lines else None

    def _is_unfolded(self, index: int) -> bool:
        number = self._span_of(index)
        return number in self._open or not self.objects.schema_ranges[number].schema

    def resume(self, before: NameListModel) -> str:
        """Show these names as an earlier list of the same type was shown: sorted, folded and highlighted likewise.
        Returns the highlighted name where it is not in this list any more."""
        if not before.objects:
            return ""
        self.sort(before.order)
        self.grouped = before.grouped and self.can_fold
        numbers = {span.schema: number for number, span in enumerate(self.objects.schema_ranges)}
        schemas = (before.objects.schema_ranges[number].schema for number in before._open)
        self._open = {numbers[schema] for schema in schemas if schema in numbers}
        if before.highlighted is None:
            return ""
        name = before.name(before.highlighted)
        if before.highlighted < 0:
            self.highlighted = schema_line(numbers[name]) if name in numbers else None
        else:
            self.highlighted = self.objects.find(name)
        return name if self.highlighted is None else ""

    # Filtering and sorting

    def search(self, text: str) -> Search:
        """A filter, begun where the one before ended if it only narrows it."""
        query = Query(text)
        beside = self._looks_beside(query)
        narrower = query.narrows(self.query) and (self._looks_beside(self.query) or not beside)
        candidates = self._found if narrower and self._found is not None else self._unfiltered
        return Search(query, self._all_texts if beside else self._texts, candidates)

    def _looks_beside(self, query: Query) -> bool:
        """Whether a filter may mean what the columns beside the names show. A pattern means the name; a single letter
        as well, or every size would match b; and of a very long list only numbers are looked for there."""
        if self.columns_text is None or query.patterns or not query:
            return False
        if any(letter.isdigit() or letter in _SIGNS for literal in query.literals for letter in literal):
            return True
        return len(self.objects) <= _SEARCHED_WHOLE and min(map(len, query.literals), default=0) > 1

    @cached_property
    def _all_texts(self) -> Mapping[int, str]:
        return _WholeTexts(self)

    def take(self, search: Search) -> None:
        """Show what a search has found. An empty filter shows everything, or all that is missing."""
        self.query = search.query
        if search.query:
            self._found = search.found()
        else:
            self._found = None if self._allowed is None else self._unfiltered
        self._lines = None
        self._range = None

    @property
    def _unfiltered(self) -> Sequence[int]:
        """What there is without a filter, in order: all names, or only those that are missing."""
        if self._allowed is None:
            return self._sorted
        return list(compress(self._sorted, map(self._allowed.__getitem__, self._sorted)))

    def know_missing(self, missing: frozenset[str] | None, incomplete: frozenset[str] = frozenset()) -> None:
        """Take note of which names are missing or incomplete on the server now. Where only those are shown, the new
        ones are, and the filter has to be set again."""
        self.missing = None
        if missing is not None:
            self.missing = bytes(
                1 if name in missing else 2 * (name in incomplete) for name in self.objects.names
            )
        self.__dict__.pop("_all_texts", None)  # what the columns show has changed
        if self._allowed is not None:
            self._restrict(self.missing)

    def show_only_missing(self, on: bool) -> None:
        """Show only what is missing or incomplete, if that is known, or everything. The filter has to be set again."""
        if on is not (self._allowed is not None):
            self._restrict(self.missing if on else None)

    @property
    def shows_only_missing(self) -> bool:
        return self._allowed is not None

    def _restrict(self, allowed: bytes | None) -> None:
        self._allowed = allowed
        self.take(Search(Query(), self._texts, ()))

    def missing_in(self, line: int) -> int:
        """How many names of a schema's line are known to be missing."""
        span = self.span(line)
        return 0 if self.missing is None else self.missing.count(1, span.start, span.end)

    def has_incomplete(self, line: int) -> bool:
        """Whether a name of a schema's line is known to be incomplete."""
        span = self.span(line)
        return self.missing is not None and self.missing.find(2, span.start, span.end) >= 0

    def filter(self, text: str) -> None:
        """Search, and show what was found."""
        self.take(self.search(text))

    def sort(self, order: SortOrder) -> None:
        """Show the same, in another order: numbers from the largest, equal ones by name."""
        self.order = order
        if order is not SortOrder.NAME and order not in self._by_number:
            everything = range(len(self.objects))
            self._by_number[order] = sorted(everything, key=self._column.__getitem__, reverse=True)
        if self._found is not None:
            keep = bytearray(len(self.objects))
            self._set_each(self._found, True, of=keep)
            self._found = list(compress(self._sorted, map(keep.__getitem__, self._sorted)))
        self._lines = None
        self._range = None

    # Ticking

    @property
    def ticked(self) -> int:
        """How many are selected, shown or not."""
        return self.ticks.count(1)

    def refuse_unsendable(self) -> list[str]:
        """Clear the ticks of names that would reach the server as others. Returns those."""
        refused = [index for index in sorted(self.objects.unsendable) if self.ticks[index]]
        self._set_each(refused, False)
        return [self.objects.names[index] for index in refused]

    def note(self, line: int) -> str:
        """What is to be known of a name before it is selected; empty for most."""
        if line < 0:
            return ""
        name = self.objects.names[line]
        if line in self.objects.unsendable:
            return f"{sanitize(name, 60)} cannot be selected: {sending_problem(name)}"
        other = self.objects.lookalikes.get(name)
        return sanitize(lookalike_words(name, other), 200) if other is not None else ""

    def names_ticked(self) -> frozenset[str]:
        """Their names."""
        return frozenset(compress(self.objects.names, self.ticks))

    def ticked_in(self, span: SchemaRange) -> int:
        """How many names of a schema are selected."""
        return self.ticks.count(1, span.start, span.end)

    def mark(self, line: int) -> CheckState:
        """How much of a line is selected."""
        if line >= 0:
            return CheckState.ALL if self.ticks[line] else CheckState.NONE
        span = self.span(line)
        ticked = self.ticked_in(span)
        if ticked and ticked == self._most_ticked(span.start, span.end):
            return CheckState.ALL
        return CheckState.SOME if ticked else CheckState.NONE

    def _most_ticked(self, start: int, end: int) -> int:
        """How many names from ``start`` up to ``end`` can be selected."""
        return end - start - sum(1 for index in self.objects.unsendable if start <= index < end)

    def toggle(self, line: int) -> None:
        """Tick a name, or all names of a schema; where they are selected, clear them."""
        self._range = None
        on = self.mark(line) is not CheckState.ALL
        self._set(line, on)

    def toggle_all(self) -> None:
        """Tick every name, shown or not; where they are selected, clear them."""
        self._range = None
        self._set_all(range(len(self.objects)), self.ticked < self._most_ticked(0, len(self.objects)))

    def clear(self) -> None:
        """Tick nothing."""
        self._range = None
        self.ticks = bytearray(len(self.objects))

    def toggle_shown(self) -> int:
        """Tick every name that the filter lets through; where they are selected, clear them. Returns how many it has
        cleared."""
        self._range = None
        shown = self.shown
        unsendable = self.objects.unsendable
        wanted = [index for index in shown if index not in unsendable] if unsendable else shown
        on = not all(map(self.ticks.__getitem__, wanted))
        cleared = 0 if on else len(wanted)
        if self._found is None:
            self._set_all(range(len(self.objects)), on)
        else:
            self._set_each(shown, on)
        return cleared

    def invert_shown(self) -> None:
        """Of the names that the filter lets through: tick those that are not selected, and clear the others."""
        self._range = None
        if self._found is None:
            self.ticks = self.ticks.translate(_FLIPPED + bytes(254))
            return
        for index in self.shown:
            self.ticks[index] ^= 1

    def tick(self, names: Iterable[str]) -> list[str]:
        """Tick names. Returns those that are not in the list."""
        self._range = None
        strangers = []
        for name in names:
            index = self.objects.find(name)
            if index is None:
                strangers.append(name)
            else:
                self.ticks[index] = 1
        return strangers

    def tick_range(self, first: int, last: int) -> None:
        """Tick from the ``first`` shown line to the ``last`` (counted in ``lines``), in either direction.

        As long as the first one stays the same, what the range leaves again is as it was before. A folded schema counts
        as its names; an open one does not count, because its names are lines of their own.
        """
        if self._range is None or self._range[0] != first:
            self._range = (first, bytes(self.ticks))
        self.ticks[:] = self._range[1]
        low, high = sorted((first, last))
        lines = self.lines[low : high + 1]
        if isinstance(lines, range):
            self._set_all(lines, True)
            return
        self._set_each((line for line in lines if line >= 0), True)
        for line in lines:
            if line < 0 and not self.is_open(line):
                self._set(line, True)

    def end_range(self) -> None:
        """What was selected as a range stays so."""
        self._range = None

    def set_schema(self, schema: str, on: bool) -> None:
        """Tick or clear every name of a schema."""
        self._range = None
        for span in self.objects.schema_ranges:
            if span.schema == schema:
                self._set_all(range(span.start, span.end), on)

    def _set(self, line: int, on: bool) -> None:
        if line >= 0:
            self.ticks[line] = on
        else:
            span = self.span(line)
            self._set_all(range(span.start, span.end), on)

    def _set_all(self, indexes: range, on: bool) -> None:
        self.ticks[indexes.start : indexes.stop] = (b"\1" if on else b"\0") * len(indexes)

    def _set_each(self, indexes: Iterable[int], on: bool, of: bytearray | None = None) -> None:
        ticks = self.ticks if of is None else of
        for index in indexes:
            ticks[index] = on
