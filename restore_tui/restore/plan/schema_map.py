"""The option that says which schema is restored into which other one.

The wire has it as one text, ``"src: dst, src2: dst2"``, without any way to quote. Neither a comma nor a dot can stand
in a schema's name, but a colon can: a target with one is refused, and a source with one can be read back, not sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

from restore_tui.kinetica import reference
from restore_tui.kinetica.identifiers import identifier_error, schema_of
from restore_tui.kinetica.reference import OptionKind
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.selection import Selection

OPTION = reference.option_of_kind(OptionKind.SCHEMA_MAP).name
_MAX_NAMES = 60


class MappedPlan(Protocol):
    """What the map needs to know of a plan."""

    @property
    def objects(self) -> Selection: ...

    def option(self, name: str) -> str: ...


def format_schema_map(targets: Mapping[str, str]) -> str:
    """The text of the option, source → target, in the order of the sources. What stays where it is, is left out."""
    wanted = {source: target.strip() for source, target in targets.items()}
    return ", ".join(
        f"{source}: {wanted[source]}" for source in sorted(wanted) if wanted[source] not in ("", source)
    )


@lru_cache(maxsize=32)
def parse_schema_map(text: str) -> Mapping[str, str]:
    """Source → target, the inverse of ``format_schema_map``. Raises ValueError, in words for the screen."""
    found: dict[str, str] = {}
    for part in text.split(",") if text.strip() else ():
        source, colon, target = (piece.strip() for piece in part.rpartition(":"))
        if not (colon and source and target):
            raise ValueError(f"'{sanitize(part.strip(), _MAX_NAMES)}' is not written source: target.")
        if source in found:
            raise ValueError(f"{sanitize(source, _MAX_NAMES)} is listed twice.")
        found[source] = target
    return MappingProxyType(found)


def source_problem(source: str) -> str:
    """Why a schema cannot be sent elsewhere: its name cannot be written as a source. Empty where it can."""
    if source != source.strip():
        return "A name with a space at its end cannot be written here."
    return "A name with a comma cannot be written here." if "," in source else ""


def target_schemas(plan: MappedPlan) -> Mapping[str, str]:
    """Source → target of the schemas that are selected. A text that cannot be read, which ``problem`` tells of, maps
    nothing."""
    text = plan.option(OPTION)
    if not text:
        return MappingProxyType({})
    try:
        targets = parse_schema_map(text)
    except ValueError:
        return MappingProxyType({})
    ticked = set(plan.objects.schemas)
    return {source: target for source, target in targets.items() if source in ticked and source != target}


def effective_value(plan: MappedPlan) -> str:
    """The text that goes out: of schemas that are selected only, so that no entry is left over that nobody sees."""
    return format_schema_map(target_schemas(plan))


def map_name(targets: Mapping[str, str], kind: str, name: str) -> str:
    """Where an object comes back. ``kind`` may be empty for an object with a schema; under ``all`` the name is a
    schema. For types that are not documented to have a schema this is where to look for it as well: a plan warning says
    that the server may leave it in its own schema."""
    if kind == "all":
        return targets.get(name, name)
    schema = schema_of(name)
    if schema is None or schema not in targets or (kind and not reference.may_have_schema(kind)):
        return name
    return f"{targets[schema]}.{name.partition('.')[2]}"


def problem(plan: MappedPlan) -> str:
    """Why this plan's map cannot be sent; empty where it can."""
    try:
        parse_schema_map(plan.option(OPTION))
    except ValueError as error:
        return f"{OPTION}: {error}"
    targets = target_schemas(plan)
    for source, target in targets.items():
        why = identifier_error(target, "schema")
        if not why and ":" in source:
            why = f"The colon in {sanitize(source, _MAX_NAMES)} would be read as the end of the source."
        if not why and ":" in target:
            why = "A colon separates source and target, and is not allowed in a target."
        if not why and target in targets:
            # A response that names an object of it could mean either of two.
            why = (
                f"{sanitize(target, _MAX_NAMES)} is sent elsewhere itself: the response would be ambiguous. Restore "
                "one after the other."
            )
        if why:
            return f"{OPTION}: {why}"
    return _collision(plan, targets)


def _collision(plan: MappedPlan, targets: Mapping[str, str]) -> str:
    """That two selected names would become one; empty where none do."""
    if not targets:
        return ""
    crowded = _target_counts(plan, targets)
    for schema in sorted(plan.objects.names("all")):
        place = targets.get(schema, schema)
        if crowded[place] > 1:
            return (
                f"{OPTION}: {sanitize(schema, _MAX_NAMES)} as a whole and something else would both go to "
                f"{sanitize(place, _MAX_NAMES)}: the response would be ambiguous. Restore one after the other."
            )
    places: dict[tuple[str, str], str] = {}
    for kind, names in plan.objects.by_type.items():
        for name in sorted(names):
            first = places.setdefault((kind, map_name(targets, kind, name)), name)
            if first != name and kind != "all":
                both = f"{sanitize(first, _MAX_NAMES)} and {sanitize(name, _MAX_NAMES)}"
                return f"{OPTION}: {both} would both become {sanitize(map_name(targets, kind, name), _MAX_NAMES)}."
    return ""


def shared_targets(plan: MappedPlan) -> tuple[str, ...]:
    """The schemas that more than one selected schema is restored into."""
    return tuple(
        sorted(place for place, count in _target_counts(plan, target_schemas(plan)).items() if count > 1)
    )


def _target_counts(plan: MappedPlan, targets: Mapping[str, str]) -> Counter[str]:
    """Schema → how many of the selected ones are restored into it."""
    return Counter(targets.get(source, source) for source in plan.objects.schemas)
