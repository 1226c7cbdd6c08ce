"""Whether the objects of a snapshot exist now, under the names that they have in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schema_of, schemas_of
from restore_tui.kinetica.reference import may_have_schema
from restore_tui.restore.preflight.conflict_check import (
    READ_OF,
    ConflictStatus,
    Inventory,
    Key,
    Rules,
    evaluate_conflicts,
)
from restore_tui.restore.preflight.live_counts import CountedTable, LiveTables

if TYPE_CHECKING:
    from restore_tui.kinetica.inventory import Listing


MOST_SCHEMAS = 200
"""Schemas of which the tables are counted, with one read for each."""


def countable_schemas(names: Iterable[str]) -> frozenset[str]:
    """The schemas of some tables; none where there are too many to read each."""
    schemas = schemas_of(names)
    return schemas if len(schemas) <= MOST_SCHEMAS else frozenset()


class Presence(str, Enum):
    """Whether an object exists now, as far as this user is shown. These words stand on the screen and in JSON."""

    EXISTS = "exists"
    INCOMPLETE = "incomplete"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Existence(NamedTuple):
    """Whether an object exists now; ``why`` that is unknown, which may have text of the server's."""

    presence: Presence
    why: str = ""


def existences(keys: Iterable[Key], inventory: Inventory) -> dict[Key, Existence]:
    """Whether each of these objects exists now, as far as that was read. *Missing* means that nothing is shown under
    its name."""
    found = {}
    for key, verdict in evaluate_conflicts(keys, inventory, Rules()).items():
        if READ_OF.get(key[0]) in inventory.listings and inventory.shows(*key):
            found[key] = _EXISTS
        elif verdict.status is ConflictStatus.NEW:
            found[key] = _MISSING
        else:
            found[key] = Existence(Presence.UNKNOWN, verdict.why)
    return found


_EXISTS, _MISSING = Existence(Presence.EXISTS), Existence(Presence.MISSING)


@dataclass(frozen=True)
class TypePresence:
    """Of one object type: which names exist now, and which are missing. Of a whole schema (type ``all``) ``missing_in``
    is how many of the objects that the snapshot lists in it are missing. ``incomplete`` are existing tables that hold
    less than in the snapshot, and the schemas that hold such tables."""

    existing: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    unknown: int = 0
    """Of how many listed names that is unknown."""
    why_unknown: str = ""
    missing_in: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, name: str) -> Presence:
        """Whether an object exists now, or the schema as such."""
        if name in self.missing:
            return Presence.MISSING
        if name in self.incomplete:
            return Presence.INCOMPLETE
        return Presence.EXISTS if name in self.existing else Presence.UNKNOWN

    @cached_property
    def with_missing(self) -> frozenset[str]:
        """The names that are missing, or of which something is."""
        return self.missing.union(self.missing_in)


_UNKNOWN = TypePresence()


@dataclass(frozen=True)
class SnapshotPresence:
    """Which objects of a snapshot exist now. A name costs one look into a set, however many there are."""

    contents: Contents
    inventory: Inventory
    by_type: Mapping[str, TypePresence]
    live: LiveTables | None = None
    """The tables that exist, as the server's cache counts them; None until that was read."""
    counts_changes: bool = True
    """Whether the snapshot's numbers are no totals, or may not be."""

    def of_type(self, kind: str, added: Collection[str] = ()) -> TypePresence:
        """Of the names that the snapshot lists, and of ``added`` ones."""
        known = self.by_type.get(kind, _UNKNOWN)
        if not added:
            return known
        more = _of_type(kind, added, self.inventory)
        return TypePresence(
            known.existing | more.existing,
            known.missing | more.missing,
            known.incomplete,
            known.unknown + more.unknown,
            known.why_unknown or more.why_unknown,
            known.missing_in,
        )

    @property
    def schemas_to_count(self) -> frozenset[str]:
        """The schemas in which tables of the snapshot exist; none where there are too many to read each."""
        return countable_schemas(self.of_type("table").existing)

    def counted(self, name: str) -> CountedTable | None:
        """A table that exists, beside what the snapshot says of it; None for one of which nothing was read."""
        live = self.live.tables.get(name) if self.live is not None else None
        if live is None or name not in self.of_type("table").existing:
            return None
        in_snapshot = None if self.counts_changes else self.contents.names("table").records_of(name)
        return CountedTable(name, live.records, live.last_write, in_snapshot)

    def with_counts(self, live: LiveTables, *, counts_changes: bool) -> SnapshotPresence:
        """The same, with the tables as they are now."""
        known = replace(self, live=live, counts_changes=counts_changes)
        tables = self.of_type("table")
        incomplete = frozenset(name for name in tables.existing if _is_incomplete(known.counted(name)))
        by_type = {**self.by_type, "table": replace(tables, incomplete=incomplete)}
        by_type["all"] = replace(self.of_type("all"), incomplete=schemas_of(incomplete))
        return replace(known, by_type=MappingProxyType(by_type))


def _is_incomplete(table: CountedTable | None) -> bool:
    """Whether a table is empty, or has fewer records than a full snapshot: what is listed as empty is whole."""
    return table is not None and (table.has_fewer or (table.in_snapshot is None and table.records == 0))


def types_to_read(contents: Contents) -> frozenset[str]:
    """The object types whose inventory tells what exists of a snapshot."""
    schemas = {"all"} if contents.schemas else set()
    return frozenset((contents.types.keys() | schemas) & READ_OF.keys())


def snapshot_presence(contents: Contents, inventory: Inventory) -> SnapshotPresence:
    """What exists of all that a snapshot lists. A hundred thousand names take a while: it is for a thread."""
    with gc_paused():
        by_type = {kind: _of_type(kind, held.names, inventory) for kind, held in contents.types.items()}
    missing_in = Counter(
        schema
        for kind, found in by_type.items()
        if may_have_schema(kind)
        for name in found.missing
        if (schema := schema_of(name))
    )
    schemas = contents.schemas.names
    listing = inventory.listings.get(READ_OF["all"])
    by_type["all"] = _of_schemas(schemas, listing, missing_in)
    return SnapshotPresence(contents, inventory, MappingProxyType(by_type))


def _of_type(kind: str, names: Collection[str], inventory: Inventory) -> TypePresence:
    found = existences(((kind, name) for name in names), inventory)
    existing = frozenset(name for (_, name), of in found.items() if of.presence is Presence.EXISTS)
    missing = frozenset(name for (_, name), of in found.items() if of.presence is Presence.MISSING)
    unknown = len(names) - len(missing) - len(existing)
    why = next((of.why for of in found.values() if of.why), "") if unknown else ""
    return TypePresence(existing, missing, unknown=unknown, why_unknown=why)


def _of_schemas(
    schemas: Collection[str], listing: Listing | None, missing_in: Mapping[str, int]
) -> TypePresence:
    if listing is None:
        return TypePresence(unknown=len(schemas), why_unknown="The schemas could not be read.")
    existing = listing.schemas.intersection(schemas)
    return TypePresence(
        existing, frozenset(schemas) - existing, missing_in=MappingProxyType(dict(missing_in))
    )
