"""What to look for, and which objects of a snapshot match it.

A name without ``*`` and ``?`` is a part of a name, in upper or lower case. With one of them it is a pattern for a whole
name, again in either case. An *exact* one is a whole name, letter by letter: what a script asks for must not turn into
another object. Patterns and exact names without a dot match the name without its schema as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.object_columns import Objects, known_or_none
from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, may_have_schema
from restore_tui.picker.filter import WILDCARD, casefolded, whole_text

_SIMILAR = 3
"""How many similar names are worth showing where an exact one is not found."""


@dataclass(frozen=True)
class NamePattern:
    """One name, part of a name, or pattern, as it was typed. ``exact`` applies to a text without wildcards."""

    text: str
    exact: bool = False

    @property
    def is_exact(self) -> bool:
        return self.exact and not self.has_wildcard

    @property
    def has_wildcard(self) -> bool:
        return WILDCARD.search(self.text) is not None

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        """What stands between the wildcards, the longest first: what lacks it need not be matched."""
        pieces = (piece for piece in WILDCARD.split(self.text.casefold()) if piece)
        return tuple(sorted(pieces, key=len, reverse=True))

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return whole_text(self.text.casefold())

    def indexes(self, objects: Objects, *, in_schema: bool) -> list[int]:
        """The indexes of the matching names. ``in_schema``: what stands before the first dot is a schema."""
        if self.is_exact:
            return self._exact_indexes(objects, in_schema=in_schema)
        folded = casefolded(objects.names)
        literals = self._literals
        found = (
            [i for i, name in enumerate(folded) if literals[0] in name] if literals else range(len(folded))
        )
        if not self.has_wildcard:
            return list(found)
        matches, bare = self._regex.match, in_schema and "." not in self.text
        return [i for i in found if matches(folded[i]) or (bare and matches(folded[i].partition(".")[2]))]

    def _exact_indexes(self, objects: Objects, *, in_schema: bool) -> list[int]:
        at = objects.find(self.text)
        found = [] if at is None else [at]
        if in_schema and "." not in self.text:
            ending = f".{self.text}"
            found += [
                i
                for i, name in enumerate(objects.names)
                if name.endswith(ending) and name.partition(".")[2] == self.text
            ]
        return sorted(set(found))


@dataclass(frozen=True)
class FindQuery:
    """What to look for and where. ``type`` empty: any; ``data_source`` and ``backup`` empty: all. ``since`` and
    ``before`` bound the time of the snapshots, both inclusive."""

    patterns: tuple[NamePattern, ...]
    type: str = ""
    data_source: str = ""
    backup: str = ""
    since: datetime | None = None
    before: datetime | None = None

    @property
    def has_bounds(self) -> bool:
        return self.since is not None or self.before is not None


class Hit(NamedTuple):
    """One object that matches: which of the patterns, by their indexes."""

    type: str
    name: str
    size: int | None
    records: int | None
    patterns: tuple[int, ...]


class Scan(NamedTuple):
    """What one snapshot has of what is looked for. ``similar``: pattern → names that contain an exact name that was not
    found. ``unread`` is how many entries were not recognized."""

    hits: tuple[Hit, ...]
    similar: Mapping[int, tuple[str, ...]]
    unread: int


def scan(
    contents: Contents, query: FindQuery, patterns: Iterable[int], similar_for: Iterable[int] = ()
) -> Scan:
    """The objects that match some of the ``patterns`` of a query, type by type, each type by name. Takes up to a tenth
    of a second for a hundred thousand names: do it in a thread."""
    wanted = [(index, query.patterns[index]) for index in patterns]
    by_type = dict(candidates(contents, query.type))
    hits: list[Hit] = []
    for kind, objects in by_type.items():
        in_schema = kind != "all" and may_have_schema(kind)
        matching: dict[int, list[int]] = {}
        for index, pattern in wanted:
            for at in pattern.indexes(objects, in_schema=in_schema):
                matching.setdefault(at, []).append(index)
        hits += [
            Hit(
                kind,
                objects.names[at],
                known_or_none(objects.sizes[at]),
                known_or_none(objects.records[at]),
                tuple(matching[at]),
            )
            for at in sorted(matching)
        ]
    found = {index for hit in hits for index in hit.patterns}
    missing = [index for index in similar_for if index not in found and query.patterns[index].is_exact]
    similar = {index: _similar(query.patterns[index].text, list(by_type.values())) for index in missing}
    return Scan(
        tuple(hits), {index: names for index, names in similar.items() if names}, len(contents.unread)
    )


def candidates(contents: Contents, kind: str) -> Iterable[tuple[str, Objects]]:
    """Type → objects. A name whose type the server gives in an ambiguous word is listed under that word; a schema
    under ``all``."""
    for listed, objects in contents.types.items():
        if kind in ("", listed):
            yield listed, objects
    for word, names in contents.ambiguous.items():
        if not kind or kind in AMBIGUOUS_WORDS[word]:
            unknown = [-1] * len(names)
            yield word, Objects.of(sorted(names), unknown, unknown)
    if kind in ("", "all"):
        yield "all", contents.schemas


def _similar(text: str, columns: Sequence[Objects]) -> tuple[str, ...]:
    literal = text.casefold()
    found: list[str] = []
    for objects in columns:
        found += [
            name
            for name, folded in zip(objects.names, casefolded(objects.names), strict=True)
            if literal in folded
        ]
        if len(found) >= _SIMILAR:
            break
    return tuple(found[:_SIMILAR])
