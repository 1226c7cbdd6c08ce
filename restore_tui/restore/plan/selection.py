"""The objects of a plan: object type → names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from restore_tui.kinetica import reference
from restore_tui.kinetica.identifiers import schema_of, schemas_of


def _frozen(by_type: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({kind: names for kind, names in by_type.items() if names})


@dataclass(frozen=True)
class Selection:
    """The objects requested: object type → names. For ``all`` the names are schemas."""

    by_type: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, by_type: Mapping[str, Iterable[str]]) -> Selection:
        return cls(_frozen({kind: frozenset(names) for kind, names in by_type.items()}))

    def names(self, kind: str) -> frozenset[str]:
        return self.by_type.get(kind, frozenset())

    def all_names(self) -> Iterator[str]:
        """The names of all types, schemas among them."""
        return chain.from_iterable(self.by_type.values())

    def with_names(self, kind: str, names: Collection[str]) -> Selection:
        """The same, with exactly these names of one type."""
        return Selection(_frozen({**self.by_type, kind: frozenset(names)}))

    @cached_property
    def wire(self) -> Mapping[str, str]:
        """As ``restore_objects_map`` has it: type → names, joined by commas. Made once: it may be megabytes."""
        return MappingProxyType({kind: ",".join(sorted(self.by_type[kind])) for kind in sorted(self.by_type)})

    @cached_property
    def schemas(self) -> tuple[str, ...]:
        """The schemas of all that is requested, whole ones and those of single names, by name."""
        found = set(self.names("all"))
        for kind, names in self.by_type.items():
            if kind != "all" and reference.may_have_schema(kind):
                found |= schemas_of(names)
        return tuple(sorted(found))

    @property
    def count(self) -> int:
        return sum(len(names) for names in self.by_type.values())

    def __bool__(self) -> bool:
        return self.count > 0

    def covered_twice(self) -> frozenset[tuple[str, str]]:
        """(type, name) of what is selected although ``all`` of its schema is selected too. No error. Types that are not
        documented to be covered by ``all`` are left out."""
        schemas = self.names("all")
        return frozenset(
            (kind, name)
            for kind, names in self.by_type.items()
            if reference.has_schema(kind)
            for name in names
            if schema_of(name) in schemas
        )

    def without_schema(self) -> tuple[str, ...]:
        """The selected types whose objects live in no schema: rename and target_schema_map do not apply to them."""
        return tuple(k for k in self.by_type if k != "all" and not reference.may_have_schema(k))

    def schema_undocumented(self) -> tuple[str, ...]:
        """The selected types of which it is not documented whether their objects live in a schema."""
        return tuple(k for k in self.by_type if reference.may_have_schema(k) and not reference.has_schema(k))
