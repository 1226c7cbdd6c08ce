"""What a snapshot holds, by object type and by schema."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from restore_tui.kinetica.object_columns import (
    NOTHING,
    UNKNOWN,
    Amount,
    Objects,
    SchemaRange,
    known_or_none,
    total,
)
from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, may_have_schema

_LARGEST = 2**63 - 1


class BackedUpObject(NamedTuple):
    """One object in a snapshot; size in bytes and records where the server tells them."""

    type: str
    name: str
    size: int | None
    records: int | None


_MEMORY_PER_NAME = 300
"""Bytes: the text's own, two numbers, and what sorting and comparing take for each name."""
_MEMORY_PER_UNREAD = 250
"""Bytes: a map, and each of its members."""


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
        gathered = ContentsBuilder()
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


class _Columns(NamedTuple):
    names: list[str]
    sizes: array[int]
    records: array[int]


class ContentsBuilder:
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
        unread = len(self._unread) + self._unread_members
        return _MEMORY_PER_NAME * (names + ambiguous) + _MEMORY_PER_UNREAD * unread

    def contents(self) -> Contents:
        types = {kind: Objects.of(*columns) for kind, columns in self._types.items()}
        return Contents(
            MappingProxyType(types),
            tuple(self._unread),
            MappingProxyType({word: tuple(dict.fromkeys(held)) for word, held in self._ambiguous.items()}),
            frozenset(self._schemas),
        )
