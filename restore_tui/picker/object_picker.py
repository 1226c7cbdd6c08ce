"""The objects requested, while they are being picked: a list of names a type, and what all of them come to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from restore_tui.kinetica.contents import Contents, holds_data
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.object_columns import Amount
from restore_tui.kinetica.reference import has_schema, may_have_schema
from restore_tui.picker.name_list import NameListModel
from restore_tui.restore.plan.selection import Selection

ALL = "all"


@dataclass(frozen=True)
class Totals:
    """What is requested, each object once; bytes and records as far as the snapshot tells them, and whether those of
    some objects are missing in the sum. ``twice`` is how many names are selected although ``all`` of their schema is
    selected too: no error."""

    objects: int
    size: int | None
    records: int | None
    twice: int
    size_is_partial: bool = False
    records_are_partial: bool = False


class ObjectPicker:
    """Made from what a snapshot holds, what was typed by hand, and what was selected before."""

    def __init__(
        self, contents: Contents, typed: Mapping[str, Collection[str]], selection: Selection
    ) -> None:
        self.contents = contents
        self.selection = selection
        self._lists: dict[str, NameListModel] = {}
        for kind in {ALL, *contents.types, *typed, *selection.by_type}:
            self._make(kind, [*typed.get(kind, ()), *selection.names(kind)])

    def _make(self, kind: str, added: Iterable[str]) -> NameListModel:
        listed = self.contents.names(kind)
        strangers = listed.missing_from(added)
        made = NameListModel(
            listed.with_names(strangers),
            self.selection.names(kind),
            added=strangers,
            folds=kind != ALL and may_have_schema(kind),
        )
        self._lists[kind] = made
        return made

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types that have names, or had some typed."""
        return tuple(self._lists)

    def names(self, kind: str) -> NameListModel:
        """The list of a type; an empty one for a type that the snapshot does not hold."""
        return self._lists.get(kind) or self._make(kind, ())

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Take names into a list that the server does not list in it."""
        before = self.names(kind)
        after = self._make(kind, [*before.added, *names])
        after.grouped = before.grouped
        after.sort(before.order)

    def ticked(self, kind: str) -> None:
        """The ticks of a type have changed: bring ``selection`` up to date."""
        self.selection = self.selection.with_names(kind, self.names(kind).names_ticked())

    def toggle(self, kind: str, line: int) -> None:
        """Tick what a line of a type's list stands for, or clear it. A single name costs no look at all the others."""
        held = self.names(kind)
        held.toggle(line)
        if line < 0:
            self.ticked(kind)
        else:
            names = self.selection.names(kind) ^ {held.name(line)}
            self.selection = self.selection.with_names(kind, names)

    def matches_elsewhere(self, kind: str, text: str) -> dict[str, int]:
        """In which other types a filter finds names, and how many; the most first."""
        others = [(other, held) for other, held in self._lists.items() if other != kind]
        found = [(other, len(held.search(text).found())) for other, held in others]
        return {
            other: number for other, number in sorted(found, key=lambda pair: (-pair[1], pair[0])) if number
        }

    def is_covered(self, kind: str, schema: str | None) -> bool:
        """Whether ``all`` of this schema is requested, beside a name of that type."""
        return kind != ALL and schema is not None and schema in self.selection.names(ALL)

    def say_as_all(self, schema: str) -> None:
        """Ask for the whole of a schema instead of for names in it, one by one."""
        if self.names(ALL).tick([schema]):  # it is not listed: so far there is only a typed name in it
            self.add(ALL, [schema])
            self.names(ALL).tick([schema])
        self.ticked(ALL)
        for kind, held in self._lists.items():
            if has_schema(kind):  # of the other types it is not documented that all covers them
                held.set_schema(schema, False)
                self.ticked(kind)

    def totals(self) -> Totals:
        """Added up afresh: a few milliseconds for a hundred thousand names."""
        schemas = self.selection.names(ALL)
        unlisted = sum(1 for schema in schemas if self.contents.schemas.find(schema) is None)
        objects, twice = unlisted, 0
        size = records = Amount(is_partial=unlisted > 0)
        for kind, held in self._lists.items():
            if kind == ALL:
                continue
            asked = bytes(held.ticks)
            if schemas and may_have_schema(kind):
                if has_schema(kind):
                    twice += sum(
                        held.ticked_in(span) for span in held.objects.schema_ranges if span.schema in schemas
                    )
                asked = self._with_covered(held, schemas)
            objects += asked.count(1)
            bytes_of_type, records_of_type = held.objects.sums(asked)
            if not holds_data(kind):
                bytes_of_type, records_of_type = Amount(bytes_of_type.value), Amount(records_of_type.value)
            size, records = size.plus(bytes_of_type), records.plus(records_of_type)
        return Totals(objects, size.value, records.value, twice, size.is_partial, records.is_partial)

    @staticmethod
    def _with_covered(held: NameListModel, schemas: frozenset[str]) -> bytes:
        """The ticks, and what ``all`` asks for besides: what the server lists, not what somebody typed."""
        asked = bytearray(held.ticks)
        for span in held.objects.schema_ranges:
            if span.schema in schemas:
                asked[span.start : span.end] = b"\1" * (span.end - span.start)
        for name in held.added:
            index = held.objects.find(name)
            if index is not None and schema_of(name) in schemas:
                asked[index] = held.ticks[index]
        return bytes(asked)
