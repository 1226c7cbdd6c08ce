"""What a snapshot holds, in columns: a hundred thousand objects cost their names and sixteen bytes each.

An object per entry would cost four times as much memory, and as much time again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, groupby
from operator import itemgetter, lt
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic_core import from_json

from restore_tui.kinetica.aliases import find, number, spelling, whole
from restore_tui.kinetica.catalogue import TYPE_NAMES, type_of_word
from restore_tui.kinetica.loose import as_map, as_text
from restore_tui.kinetica.names import schema_of

NOT_TOLD = -1
"""In a column of numbers: the server does not tell this one."""
_LARGEST = 2**63 - 1


class BackedUpObject(NamedTuple):
    """One object in a snapshot; size in bytes and records where the server tells them."""

    type: str
    name: str
    size: int | None
    records: int | None


class Span(NamedTuple):
    """The names from ``start`` up to ``end`` belong to ``schema``, which is empty for names without one."""

    schema: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one type: ``names`` in order, each once, and beside them bytes and records as signed 64-bit
    numbers, ``NOT_TOLD`` where the server tells none."""

    names: list[str] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    records: array[int] = field(default_factory=lambda: array("q"))

    @classmethod
    def of(cls, names: list[str], sizes: Iterable[int], records: Iterable[int]) -> Objects:
        """From columns in any order. Of a name that comes twice the last one counts."""
        columns = cls(names, array("q", sizes), array("q", records))
        if columns._is_in_order():
            return columns
        columns = columns._at(sorted(range(len(names)), key=names.__getitem__))
        if columns._is_in_order():
            return columns
        names = columns.names
        return columns._at([i for i in range(len(names)) if i + 1 == len(names) or names[i] != names[i + 1]])

    def _is_in_order(self) -> bool:
        return all(map(lt, self.names, self.names[1:]))

    def _at(self, indexes: list[int]) -> Objects:
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

    def strangers(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not among these, in order, each once."""
        wanted = dict.fromkeys(names)
        if len(wanted) < len(self.names) // 16:
            return [name for name in wanted if self.find(name) is None]
        known = set(self.names)  # made sooner than so many are searched for
        return [name for name in wanted if name not in known]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The names, schema by schema. In this order all of a schema stand together."""
        found: list[Span] = []
        start, end = 0, len(self.names)
        while start < end:
            schema = schema_of(self.names[start])
            if schema is None:
                stop = start + 1
                if found and not found[-1].schema:
                    start = found.pop().start
            else:
                stop = bisect_left(self.names, f"{schema}/", start)  # "/" comes right behind "."
            found.append(Span(schema or "", start, stop))
            start = stop
        return tuple(found)

    @cached_property
    def _has_silent(self) -> tuple[bool, bool]:
        """Whether there are sizes, and records, that are not told."""
        return NOT_TOLD in self.sizes, NOT_TOLD in self.records

    def sums(self, picked: bytes) -> tuple[int | None, int | None]:
        """Bytes and records of the names that have a 1 in ``picked``; None where none of them tells any."""
        if 1 not in picked:
            return None, None
        columns = zip((self.sizes, self.records), self._has_silent, strict=True)
        size, records = (
            total(list(compress(column, picked))) if silent else sum(compress(column, picked))
            for column, silent in columns
        )
        return size, records

    def with_names(self, more: Iterable[str]) -> Objects:
        """The same, and names of which nothing is known."""
        added = self.strangers(more)
        if not added:
            return self
        nothing = [NOT_TOLD] * len(added)
        return Objects.of([*self.names, *added], [*self.sizes, *nothing], [*self.records, *nothing])


NOTHING = Objects()


def told(value: int) -> int | None:
    """A number of a column as the screens take it."""
    return None if value == NOT_TOLD else value


def total(numbers: list[int]) -> int | None:
    """The sum of what a column tells; None where it tells nothing."""
    silent = numbers.count(NOT_TOLD)
    return sum(numbers) - silent * NOT_TOLD if silent < len(numbers) else None


@dataclass(frozen=True, eq=False)
class Contents:
    """What a snapshot holds, by type. ``unread`` are the entries in which no object name was recognised."""

    types: Mapping[str, Objects] = field(default_factory=lambda: MappingProxyType({}))
    unread: tuple[Mapping[str, str], ...] = ()

    @classmethod
    def of(cls, objects: Iterable[BackedUpObject]) -> Contents:
        """From single objects."""
        gathered = _Gathered()
        for item in objects:
            gathered.add(item.type, item.name, _held(item.size), _held(item.records))
        return gathered.contents()

    @cached_property
    def count(self) -> int:
        """How many objects were recognised."""
        return sum(len(held) for held in self.types.values())

    def names(self, kind: str) -> Objects:
        """The objects of a type; for ``all`` the schemas that the names carry, with their sums."""
        return self.schemas if kind == "all" else self.types.get(kind, NOTHING)

    @cached_property
    def schemas(self) -> Objects:
        """Every schema, with bytes and records of all that it holds."""
        names = sorted(self._spans)
        return Objects(
            names,
            array("q", (self._sum(name, lambda held: held.sizes) for name in names)),
            array("q", (self._sum(name, lambda held: held.records) for name in names)),
        )

    def _sum(self, schema: str, column: Callable[[Objects], array[int]]) -> int:
        told_ones: list[int] = []
        for kind, span in self._spans[schema]:
            told_ones += column(self.types[kind])[span.start : span.end]
        return _held(total(told_ones))

    def members(self, schema: str) -> list[tuple[str, str]]:
        """(type, name) of all that a schema holds."""
        return [
            (kind, name)
            for kind, span in self._spans.get(schema, ())
            for name in self.types[kind].names[span.start : span.end]
        ]

    @cached_property
    def _spans(self) -> dict[str, list[tuple[str, Span]]]:
        """Schema → where its objects stand, type by type."""
        found: dict[str, list[tuple[str, Span]]] = {}
        for kind, held in self.types.items():
            for span in held.spans:
                if span.schema:
                    found.setdefault(span.schema, []).append((kind, span))
        return found

    def __iter__(self) -> Iterator[BackedUpObject]:
        """Every object, type by type."""
        for kind, held in self.types.items():
            for name, size, records in zip(held.names, held.sizes, held.records, strict=True):
                yield BackedUpObject(kind, name, told(size), told(records))


def _held(value: int | None) -> int:
    """A number as a column holds it; one beyond 64 bits is no size of anything."""
    return NOT_TOLD if value is None or value > _LARGEST else value


class _Columns(NamedTuple):
    names: list[str]
    sizes: array[int]
    records: array[int]


class _Layout(NamedTuple):
    """Under which keys entries of one kind of map say what they say."""

    name: str
    kind: str
    size: str | None
    records: str | None


class _Gathered:
    """The columns while they grow."""

    def __init__(self) -> None:
        self._types: dict[str, _Columns] = {}
        self.unread: list[Mapping[str, str]] = []

    def of(self, kind: str) -> _Columns:
        if kind not in self._types:
            self._types[kind] = _Columns([], array("q"), array("q"))
        return self._types[kind]

    def add(self, kind: str, name: str, size: int = NOT_TOLD, records: int = NOT_TOLD) -> None:
        columns = self.of(kind)
        columns.names.append(name)
        columns.sizes.append(size)
        columns.records.append(records)

    def contents(self) -> Contents:
        types = {kind: Objects.of(*columns) for kind, columns in self._types.items()}
        return Contents(MappingProxyType(types), tuple(self.unread))


class ContentsReader:
    """``backup_contents``: a map per object, or maps of object name → type, or of type → names.

    ``take`` is called with a few hundred entries at a time, so that a long answer can be read piece by piece. Entries
    that come in a row with the same keys are taken column by column, which is what keeps this near the speed of the
    JSON decoder.
    """

    def __init__(self) -> None:
        self._gathered = _Gathered()

    def take(self, entries: Sequence[Any]) -> None:
        """The next entries, as the JSON decoder gives them; what is no map says nothing."""
        if set(map(type, entries)) != {dict}:
            entries = [entry for entry in entries if isinstance(entry, dict)]
        if not entries or self._take_objects(entries):
            return
        for _, run in groupby(entries, tuple):
            same = list(run)
            if not self._take_objects(same):
                for raw in same:
                    self._take_map(as_map(raw))

    def contents(self) -> Contents:
        """What came so far."""
        return self._gathered.contents()

    def _take_objects(self, entries: Sequence[dict[str, Any]]) -> bool:
        """Take maps of one layout, a map per object. Returns False, and takes nothing, where they are not that."""
        first, layout = entries[0], _layout(entries[0])
        if layout is None or set(map(len, entries)) != {len(first)}:
            return False
        try:
            columns = {key: list(map(itemgetter(key), entries)) for key in first}
        except KeyError:  # as many keys, but others
            return False
        names, words = columns[layout.name], columns[layout.kind]
        if not (all(names) and all(words) and _is_text(names) and _is_text(words)):
            return False
        kinds = set(words)
        sizes, records = (
            _numbers(None if key is None else columns[key], len(names))
            for key in (layout.size, layout.records)
        )
        if len(kinds) == 1:
            held = self._gathered.of(type_of_word(words[0]))
            held.names.extend(names)
            held.sizes.extend(sizes)
            held.records.extend(records)
        else:
            for word, *one in zip(words, names, sizes, records, strict=True):
                self._gathered.add(type_of_word(word), *one)
        return True

    def _take_map(self, raw: Mapping[str, str]) -> None:
        gathered = self._gathered
        name, kind = find(raw, "object"), find(raw, "object_type")
        if name and kind:
            gathered.add(type_of_word(kind), name, _held(number(raw, "size")), _held(number(raw, "records")))
        elif raw and all(type_of_word(value) in TYPE_NAMES for value in raw.values()):
            for key, value in raw.items():
                gathered.add(type_of_word(value), key)
        elif raw and all(type_of_word(key) in TYPE_NAMES for key in raw):
            for key, names in raw.items():
                for part in names.split(","):
                    if part.strip():
                        gathered.add(type_of_word(key), part.strip())
        elif raw:
            gathered.unread.append(raw)


def _layout(raw: Mapping[str, Any]) -> _Layout | None:
    """Where the facts stand in a map per object; None for a map of another shape."""
    name, kind = spelling(raw, "object"), spelling(raw, "object_type")
    if name is None or kind is None:
        return None
    return _Layout(name, kind, spelling(raw, "size"), spelling(raw, "records"))


def _is_text(values: Iterable[Any]) -> bool:
    """Whether all of these are text that a file and a model take."""
    try:
        "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _numbers(texts: Sequence[Any] | None, count: int) -> array[int]:
    """A column of numbers; the long way round where one of them is none."""
    if texts is None:
        return array("q", [NOT_TOLD]) * count
    try:
        if "".join(texts).encode().isdigit():
            numbers = array("q", from_json(f"[{','.join(texts)}]"))  # half the time of int() for each
            if len(numbers) == count:
                return numbers
    except (TypeError, ValueError, OverflowError):  # no text, an empty one, or a number beyond 64 bits
        pass
    return array("q", (_held(whole(as_text(text))) for text in texts))


def read_contents(entries: Sequence[Any]) -> Contents:
    """All of ``backup_contents`` at once."""
    reader = ContentsReader()
    reader.take(entries)
    return reader.contents()
