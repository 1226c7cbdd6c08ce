"""What a snapshot holds, in columns: a hundred thousand objects cost their names and sixteen bytes each.

An object per entry would cost four times as much memory, and as much time again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, groupby, islice
from operator import itemgetter, lt
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic_core import from_json

from restore_tui.kinetica.identifiers import lookalikes, schema_of, split_names, unsendable
from restore_tui.kinetica.reference import (
    AMBIGUOUS_WORDS,
    TYPE_NAMES,
    has_schema,
    may_have_schema,
    normalize_type,
)
from restore_tui.kinetica.responses.lenient import get, is_impossible, matching_key, parse_int, to_map, to_str

UNKNOWN = -1
"""In a column of numbers: the server does not tell this one."""
IMPOSSIBLE = -2
"""In a column of numbers: the server gives one that cannot be true, below zero or beyond its longs."""
_LARGEST = 2**63 - 1
_MEMORY_PER_NAME = 300
"""Bytes: the text's own, two numbers, and what sorting and comparing take for each name."""
_MEMORY_PER_UNREAD = 250
"""Bytes: a map, and each of its members."""
_OF_ONE_TYPE = {"table_name": "table", "view_name": "table"}
"""Keys that say the type of what they name."""


class BackedUpObject(NamedTuple):
    """One object in a snapshot; size in bytes and records where the server tells them."""

    type: str
    name: str
    size: int | None
    records: int | None


class SchemaRange(NamedTuple):
    """The names from ``start`` up to ``end`` belong to ``schema``, which is empty for names without one."""

    schema: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one type: ``names`` in order, each once, and beside them bytes and records as signed 64-bit
    numbers, ``NOT_TOLD`` where the server tells none, ``IMPOSSIBLE`` where it cannot be true. ``conflicting`` are names
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


@dataclass(frozen=True, eq=False)
class Contents:
    """What a snapshot holds, by type. ``unread`` are the entries in which no object name was recognized, as received,
    and ``ambiguous`` the names whose type the server gives in a word that stands for several. ``listed_schemas`` are
    those that it lists as objects; ``words`` is what it adds in its message and its info. ``not_read`` is why there is
    no list, where it was refused or cannot be used."""

    types: Mapping[str, Objects] = field(default_factory=lambda: MappingProxyType({}))
    unread: tuple[Mapping[str, str], ...] = ()
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    listed_schemas: frozenset[str] = frozenset()
    words: str = ""
    not_read: str = ""

    @classmethod
    def of(cls, objects: Iterable[BackedUpObject]) -> Contents:
        """From single objects."""
        gathered = _ContentsBuilder()
        for item in objects:
            gathered.add(item.type, item.name, _clamp(item.size), _clamp(item.records))
        return gathered.contents()

    @cached_property
    def count(self) -> int:
        """How many objects were recognised."""
        return sum(len(held) for held in self.types.values())

    def names(self, kind: str) -> Objects:
        """The objects of a type; for ``all`` the schemas that the names carry, with their sums."""
        return self.schemas if kind == "all" else self.types.get(kind, NOTHING)

    @property
    def conflicting(self) -> list[str]:
        """The names that were listed more than once with different numbers, of which the last are shown."""
        return [name for held in self.types.values() for name in held.conflicting]

    @cached_property
    def schemas(self) -> Objects:
        """Every schema, with bytes and records of all that it holds."""
        names = sorted(self._spans.keys() | self.listed_schemas)
        sizes = [self._sum(name, lambda held: held.sizes) for name in names]
        records = [self._sum(name, lambda held: held.records) for name in names]
        return Objects(
            names,
            array("q", (_clamp(found.value) for found in sizes)),
            array("q", (_clamp(found.value) for found in records)),
            partial=(_partial(names, sizes), _partial(names, records)),
        )

    def _sum(self, schema: str, column: Callable[[Objects], array[int]]) -> Amount:
        """Of all types; only tables hold data, so that only of tables something unknown is missing in the sum."""
        found = Amount()
        for kind, span in self._spans.get(schema, ()):
            of_type = total(column(self.types[kind])[span.start : span.end].tolist())
            found = found.plus(of_type if holds_data(kind) else Amount(of_type.value))
        return found

    def members(self, schema: str) -> list[tuple[str, str]]:
        """(type, name) of all that a schema holds."""
        return [
            (kind, name)
            for kind, span in self._spans.get(schema, ())
            for name in self.types[kind].names[span.start : span.end]
        ]

    @cached_property
    def _spans(self) -> dict[str, list[tuple[str, SchemaRange]]]:
        """Schema → where its objects stand, type by type."""
        found: dict[str, list[tuple[str, SchemaRange]]] = {}
        for kind, held in self.types.items():
            for span in held.schema_ranges if may_have_schema(kind) else ():  # @jane.doe is in no schema
                if span.schema:
                    found.setdefault(span.schema, []).append((kind, span))
        return found

    def __iter__(self) -> Iterator[BackedUpObject]:
        """Every object, type by type."""
        for kind, held in self.types.items():
            for name, size, records in zip(held.names, held.sizes, held.records, strict=True):
                yield BackedUpObject(kind, name, known_or_none(size), known_or_none(records))


def holds_data(kind: str) -> bool:
    """Whether objects of a type hold records: of others their number is not missing in a sum."""
    return kind == "table"


def _partial(names: Sequence[str], sums: Sequence[Amount]) -> frozenset[str]:
    return frozenset(name for name, found in zip(names, sums, strict=True) if found.is_partial)


def _clamp(value: int | None) -> int:
    """A number as a column holds it; one beyond 64 bits is no size of anything."""
    return UNKNOWN if value is None or value > _LARGEST else value


def _read(text: str) -> int:
    """A number of the server as a column holds it."""
    value = parse_int(text)
    if value is None:
        return IMPOSSIBLE if is_impossible(text) else UNKNOWN
    return value


class _Columns(NamedTuple):
    names: list[str]
    sizes: array[int]
    records: array[int]


class _Layout(NamedTuple):
    """Under which keys entries of one kind of map say what they say; without one for the type, ``one_type`` is what the
    key of the name says."""

    name: str
    kind: str | None
    size: str | None
    records: str | None
    schema: str | None
    one_type: str


class _ContentsBuilder:
    """The columns while they grow."""

    def __init__(self) -> None:
        self._types: dict[str, _Columns] = {}
        self._ambiguous: dict[str, list[str]] = {}
        self._schemas: list[str] = []
        self._unread: list[Mapping[str, str]] = []
        self._unread_members = 0

    def keep(self, unread: Mapping[str, str]) -> None:
        """Keep what is not read, as received."""
        self._unread.append(unread)
        self._unread_members += len(unread)

    def of(self, kind: str) -> _Columns:
        if kind not in self._types:
            self._types[kind] = _Columns([], array("q"), array("q"))
        return self._types[kind]

    def add(self, kind: str, name: str, size: int = UNKNOWN, records: int = UNKNOWN) -> None:
        if kind == "all":
            self._schemas.append(name)
            return
        if kind in AMBIGUOUS_WORDS:
            self._ambiguous.setdefault(kind, []).append(name)
            return
        columns = self.of(kind)
        columns.names.append(name)
        columns.sizes.append(size)
        columns.records.append(records)

    @property
    def memory(self) -> int:
        """Bytes of memory, at most, for what came so far, sorted and checked, besides the texts themselves."""
        names = sum(len(columns.names) for columns in self._types.values()) + len(self._schemas)
        ambiguous = sum(map(len, self._ambiguous.values()))
        return _MEMORY_PER_NAME * (names + ambiguous) + _MEMORY_PER_UNREAD * (
            len(self._unread) + self._unread_members
        )

    def contents(self) -> Contents:
        types = {kind: Objects.of(*columns) for kind, columns in self._types.items()}
        return Contents(
            MappingProxyType(types),
            tuple(self._unread),
            MappingProxyType({word: tuple(dict.fromkeys(held)) for word, held in self._ambiguous.items()}),
            frozenset(self._schemas),
        )


class ContentsReader:
    """``backup_contents``: a map per object, or maps of object name → type, or of type → names, or a text of types and
    names (``table: s.a, s.b; user: u1``). A schema that comes under a key of its own is joined with the name.

    ``take`` is called with a few hundred entries at a time, so that a long answer can be read piece by piece. Entries
    that come in a row with the same keys are taken column by column, which is what keeps this near the speed of the
    JSON decoder.
    """

    def __init__(self) -> None:
        self._gathered = _ContentsBuilder()

    @property
    def memory(self) -> int:
        """Bytes of memory, at most, for what came so far, besides the texts themselves."""
        return self._gathered.memory

    def take(self, entries: Sequence[Any]) -> None:
        """The next entries, as the JSON decoder gives them."""
        if set(map(type, entries)) == {dict}:
            self._take_maps(entries)
            return
        for kind, run in groupby(entries, type):
            if kind is dict:
                self._take_maps(list(run))
            elif kind is str:
                for text in map(to_str, run):
                    if text and not self._take_grouped(text):
                        self._gathered.keep({"": text})

    def _take_maps(self, entries: Sequence[dict[str, Any]]) -> None:
        if self._take_objects(entries):
            return
        for _, run in groupby(entries, tuple):
            same = list(run)
            if not self._take_objects(same):
                for raw in same:
                    self._take_map(to_map(raw))

    def contents(self, words: str = "") -> Contents:
        """What came so far, with the server's ``words`` beside it."""
        return replace(self._gathered.contents(), words=words)

    def _take_objects(self, entries: Sequence[dict[str, Any]]) -> bool:
        """Take maps of one layout, a map per object. Returns False, and takes nothing, where they are not that."""
        first, layout = entries[0], _layout(entries[0])
        if layout is None or set(map(len, entries)) != {len(first)}:
            return False
        try:
            columns = {key: list(map(itemgetter(key), entries)) for key in first}
        except KeyError:  # as many keys, but others
            return False
        names = columns[layout.name]
        words = [layout.one_type] * len(names) if layout.kind is None else columns[layout.kind]
        if not (all(names) and all(words) and _is_text(names) and _is_text(words)):
            return False
        if layout.schema is not None:
            names = list(map(_joined, columns[layout.schema], names, words))
        kinds = set(words)
        sizes, records = (
            _numbers(None if key is None else columns[key], len(names))
            for key in (layout.size, layout.records)
        )
        if len(kinds) == 1 and normalize_type(words[0]) not in (*AMBIGUOUS_WORDS, "all"):
            held = self._gathered.of(normalize_type(words[0]))
            held.names.extend(names)
            held.sizes.extend(sizes)
            held.records.extend(records)
        else:
            for word, *one in zip(words, names, sizes, records, strict=True):
                self._gathered.add(normalize_type(word), *one)
        return True

    def _take_map(self, raw: Mapping[str, str]) -> None:
        gathered = self._gathered
        layout = _layout(raw)
        name = raw[layout.name] if layout is not None else ""
        kind = "" if layout is None else layout.one_type if layout.kind is None else raw[layout.kind]
        if name and kind:
            name = _joined(get(raw, "schema"), name, kind)
            gathered.add(
                normalize_type(kind), name, _read(get(raw, "size") or ""), _read(get(raw, "records") or "")
            )
            return
        named = [key for key, value in raw.items() if _is_type(value)]
        typed = [key for key in raw if _is_type(key)]
        # The keys of a map per object have no dots: of them a single one whose value is a type proves nothing.
        if named and len(named) >= len(typed) and (2 * len(named) > len(raw) or all("." in n for n in named)):
            for key in named:
                gathered.add(normalize_type(raw[key]), key)
            self._keep(raw, named)
        elif 2 * len(typed) > len(raw):
            self._keep(raw, [key for key in typed if self._take_names(raw, key)])
        else:
            self._keep(raw, [key for key, value in raw.items() if self._take_grouped(value)])

    def _take_names(self, raw: Mapping[str, str], key: str) -> bool:
        """Take the names of a type from a map of type → names. A schema beside bare names is theirs; of several it is
        not known which, and nothing is taken."""
        kind, names = normalize_type(key), split_names(raw[key])
        beside = next(
            (split_names(value) for other, value in raw.items() if normalize_type(other) == "all"), []
        )
        if kind not in (*AMBIGUOUS_WORDS, "all") and beside:
            if len(beside) > 1 and has_schema(kind) and not all("." in name for name in names):
                return False
            names = [_joined(beside[0], name, key) for name in names]
        for name in names:
            self._gathered.add(kind, name)
        return True

    def _keep(self, raw: Mapping[str, str], read: Collection[str]) -> None:
        """Keep what is not read of an entry, as received."""
        rest = {key: value for key, value in raw.items() if key not in read}
        if rest:
            self._gathered.keep(rest)

    def _take_grouped(self, text: str) -> bool:
        """Take ``table: s.a, s.b; user: u1``. Returns False, and takes nothing, where it is not that."""
        groups = [group.partition(":") for group in text.split(";") if group.strip()]
        if not groups or not all(colon and _is_type(word) for word, colon, _ in groups):
            return False
        for word, _, names in groups:
            for name in split_names(names):
                self._gathered.add(normalize_type(word), name)
        return True


def _is_type(word: str) -> bool:
    """Whether a word of the server stands for a type, or for one of several."""
    kind = normalize_type(word)
    return kind in TYPE_NAMES or kind in AMBIGUOUS_WORDS


def _joined(schema: Any, name: str, word: str) -> str:
    """The name with the schema that came beside it; what lives in no schema has none."""
    schema = to_str(schema)
    if not schema or "." in name or normalize_type(word) == "all" or not has_schema(normalize_type(word)):
        return name
    return f"{schema}.{name}"


def _layout(raw: Mapping[str, Any]) -> _Layout | None:
    """Where the facts stand in a map per object; None for a map of another shape."""
    name, kind = matching_key(raw, "object"), matching_key(raw, "object_type")
    one_type = "" if name is None else _OF_ONE_TYPE.get(name.lower(), "")
    if name is None or not (kind or one_type):
        return None
    return _Layout(
        name,
        kind,
        matching_key(raw, "size"),
        matching_key(raw, "records"),
        matching_key(raw, "schema"),
        one_type,
    )


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
        return array("q", [UNKNOWN]) * count
    try:
        if "".join(texts).encode().isdigit():
            numbers = array("q", from_json(f"[{','.join(texts)}]"))  # half the time of int() for each
            if len(numbers) == count:
                return numbers
    except (TypeError, ValueError, OverflowError):  # no text, an empty one, or a number beyond 64 bits
        pass
    return array("q", (_read(to_str(text)) for text in texts))


def read_contents(entries: Sequence[Any]) -> Contents:
    """All of ``backup_contents`` at once."""
    reader = ContentsReader()
    reader.take(entries)
    return reader.contents()
