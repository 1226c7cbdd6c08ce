"""Objects of one type, in columns: a hundred thousand cost their names and sixteen bytes each.

An object per entry would cost four times as much memory, and as much time again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, islice
from operator import itemgetter, lt
from typing import NamedTuple

from restore_tui.kinetica.identifiers import lookalikes, schema_of, unsendable

UNKNOWN = -1
"""In a column of numbers: the server does not tell this one."""
IMPOSSIBLE = -2
"""In a column of numbers: the server gives one that cannot be true, below zero or beyond its longs."""


class SchemaRange(NamedTuple):
    """The names from ``start`` up to ``end`` belong to ``schema``, which is empty for names without one."""

    schema: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one type: ``names`` in order, each once, and beside them bytes and records as signed 64-bit
    numbers, ``UNKNOWN`` where the server tells none, ``IMPOSSIBLE`` where it cannot be true. ``conflicting`` are names
    that were listed more than once with different numbers; ``partial`` those of which the numbers are sums that leave
    out what is unknown: (of bytes, of records)."""

    names: list[str] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    records: array[int] = field(default_factory=lambda: array("q"))
    conflicting: tuple[str, ...] = ()
    partial: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    @classmethod
    def of(cls, names: list[str], sizes: Iterable[int], records: Iterable[int]) -> Objects:
        """From columns in any order. Of a name that comes twice the last one counts."""
        columns = cls(names, array("q", sizes), array("q", records))
        if columns._is_in_order():
            return columns
        columns = columns._index_of(sorted(range(len(names)), key=names.__getitem__))
        if columns._is_in_order():
            return columns
        names = columns.names
        last = [i for i in range(len(names)) if i + 1 == len(names) or names[i] != names[i + 1]]
        return replace(columns._index_of(last), conflicting=columns._conflicting())

    def _conflicting(self) -> tuple[str, ...]:
        """The names that come more than once, with other numbers each time; or without a schema, so that they may be
        different objects."""
        rows = zip(self.names, self.sizes, self.records, strict=True)
        pairs = zip(
            rows, islice(zip(self.names, self.sizes, self.records, strict=True), 1, None), strict=False
        )
        return tuple(
            dict.fromkeys(
                one[0] for one, other in pairs if one[0] == other[0] and (one != other or "." not in one[0])
            )
        )

    def _is_in_order(self) -> bool:
        return all(map(lt, self.names, self.names[1:]))

    def _index_of(self, indexes: list[int]) -> Objects:
        """The rows with these indexes, in their order."""
        if len(indexes) == 1:  # of one index itemgetter makes no tuple
            only = indexes[0]
            return Objects([self.names[only]], self.sizes[only : only + 1], self.records[only : only + 1])
        pick = itemgetter(*indexes)
        return Objects(list(pick(self.names)), array("q", pick(self.sizes)), array("q", pick(self.records)))

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int | None:
        """Where a name stands; None where it does not."""
        index = bisect_left(self.names, name)
        return index if index < len(self.names) and self.names[index] == name else None

    def records_of(self, name: str) -> int | None:
        """How many records a name has; None where that is unknown, or the name is not here."""
        index = self.find(name)
        return None if index is None else known_or_none(self.records[index])

    @cached_property
    def unsendable(self) -> frozenset[int]:
        """Where names stand that would reach the server as others."""
        return unsendable(self.names)

    @cached_property
    def lookalikes(self) -> Mapping[str, str]:
        """Name → another one here that looks like it."""
        return lookalikes(self.names)

    def missing_from(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not among these, in order, each once."""
        wanted = dict.fromkeys(names)
        if len(wanted) < len(self.names) // 16:
            return [name for name in wanted if self.find(name) is None]
        known = set(self.names)  # made sooner than so many are searched for
        return [name for name in wanted if name not in known]

    @cached_property
    def schema_ranges(self) -> tuple[SchemaRange, ...]:
        """The names, schema by schema. In this order all of a schema stand together."""
        found: list[SchemaRange] = []
        start, end = 0, len(self.names)
        while start < end:
            schema = schema_of(self.names[start])
            if schema is None:
                stop = start + 1
                if found and not found[-1].schema:
                    start = found.pop().start
            else:
                stop = bisect_left(self.names, f"{schema}/", start)  # "/" comes right behind "."
            found.append(SchemaRange(schema or "", start, stop))
            start = stop
        return tuple(found)

    @cached_property
    def _has_unknown(self) -> tuple[bool, bool]:
        """Whether there are sizes, and records, that are unknown."""
        return min(self.sizes, default=0) < 0, min(self.records, default=0) < 0

    def sums(self, picked: bytes) -> tuple[Amount, Amount]:
        """Bytes and records of the names that have a 1 in ``picked``."""
        columns = zip((self.sizes, self.records), self._has_unknown, strict=True)
        size, records = (
            total(list(compress(column, picked)))
            if unknown
            else Amount(sum(compress(column, picked)) if 1 in picked else None)
            for column, unknown in columns
        )
        return size, records

    def with_names(self, more: Iterable[str]) -> Objects:
        """The same, and names of which nothing is known."""
        added = self.missing_from(more)
        if not added:
            return self
        nothing = [UNKNOWN] * len(added)
        columns = Objects.of([*self.names, *added], [*self.sizes, *nothing], [*self.records, *nothing])
        return replace(columns, conflicting=self.conflicting, partial=self.partial)


NOTHING = Objects()


class Amount(NamedTuple):
    """A number of bytes or records, or the sum of some: None where it is unknown. ``is_partial``: it is a sum that
    leaves out what is unknown, so that the real one is at least this. ``is_impossible``: the server gives one that
    cannot be true."""

    value: int | None = None
    is_partial: bool = False
    is_impossible: bool = False

    def plus(self, other: Amount) -> Amount:
        """The sum of both."""
        known = [number for number in (self.value, other.value) if number is not None]
        return Amount(sum(known) if known else None, self.is_partial or other.is_partial)


def amount(value: int) -> Amount:
    """A number of a column, with what is to be said of it."""
    return Amount(known_or_none(value), is_impossible=value == IMPOSSIBLE)


def known_or_none(value: int) -> int | None:
    """A number of a column as the screens take it: None where it is unknown or impossible."""
    return None if value < 0 else value


def total(numbers: list[int]) -> Amount:
    """The sum of what a column tells."""
    silent, impossible = numbers.count(UNKNOWN), numbers.count(IMPOSSIBLE)
    unknown = silent + impossible
    known = sum(numbers) - silent * UNKNOWN - impossible * IMPOSSIBLE if unknown < len(numbers) else None
    return Amount(known, unknown > 0)
