"""Render groups of objects into the shapes in which a server may report them.

The reference has one type for all three maps, "map of string to strings", and describes it in two ways. Every other
shape here is what a JSON library, a different version or a different author could make of the same sentence.
``SHAPES`` holds one function per shape. A shape is *documented* where the reference, or a decision on how to read it,
covers it; ``opaque`` ones report that there was something, and no names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fuzz.truth import Fate, Thing

SERVER_WORDS = {
    "table": ("materialized_view", "logical_view", "view"),
    "user": ("internal_user", "external_user", "security_entity"),
    "role": ("security_entity",),
    "monitor": ("stream", "table_monitor"),
    "stored_procedure": ("sql_proc", "proc"),
    "all": ("schema",),
}
"""Type words of the server that ``restore_objects_map`` lacks, as the protocol notes list them."""

Words = Callable[[Thing], str]
Make = Callable[[Sequence[Thing], Words, Random], Any]


@dataclass(frozen=True)
class Shape:
    """One way to write a group of objects. ``empty`` is the same for an empty group."""

    name: str
    make: Make
    empty: Any
    documented: bool = False
    opaque: bool = False
    typed: bool = False
    """Of two objects of one name and two types it says which is meant."""


@dataclass(frozen=True)
class Rendered:
    """A rendered field. ``value`` is ``ABSENT`` where the field is left out."""

    value: Any
    shape: str
    documented: bool


ABSENT = object()


def _by_kind(things: Sequence[Thing], word: Words) -> dict[str, list[Thing]]:
    kinds: dict[str, list[Thing]] = {}
    for thing in things:
        kinds.setdefault(word(thing), []).append(thing)
    return kinds


def _names(things: Sequence[Thing]) -> list[str]:
    return [thing.name for thing in things]


def _name_to_type(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {thing.name: word(thing) for thing in things}


def _type_to_comma_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    comma = rng.choice((",", ", "))
    return {kind: comma.join(_names(group)) for kind, group in _by_kind(things, word).items()}


def _type_to_list(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {kind: _names(group) for kind, group in _by_kind(things, word).items()}


def _type_to_json_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    ascii_only = rng.random() < 0.5
    return {
        kind: json.dumps(_names(group), ensure_ascii=ascii_only)
        for kind, group in _by_kind(things, word).items()
    }


def _list_of_names(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return _names(things)


def _list_of_maps(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    name, kind = rng.choice(
        (("name", "type"), ("object_name", "object_type"), ("OBJECT_NAME", "OBJECT_TYPE"))
    )
    return [{name: thing.name, kind: word(thing), **_because(thing)} for thing in things]


def _because(thing: Thing) -> dict[str, str]:
    return {"reason": thing.reason} if thing.reason else {}


def _list_of_groups(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return [{"type": kind, "names": _names(group)} for kind, group in _by_kind(things, word).items()]


def _list_of_small_maps(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return [{thing.name: word(thing)} for thing in things]


def _list_of_pairs(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return [[thing.name, word(thing)] for thing in things]


def _comma_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return rng.choice((",", ", ")).join(_names(things))


def _grouped_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return "; ".join(f"{kind}: {', '.join(_names(group))}" for kind, group in _by_kind(things, word).items())


def _grouped_text_in_a_map(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {rng.choice(("objects", "object_names", "list")): _grouped_text(things, word, rng)}


def _json_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    inner = rng.choice((_name_to_type, _type_to_comma_text, _type_to_list, _list_of_names, _list_of_maps))
    return json.dumps(inner(things, word, rng), ensure_ascii=rng.random() < 0.5)


def _name_to_map(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {thing.name: {"type": word(thing), "bytes": "100", **_because(thing)} for thing in things}


def _name_to_map_text(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {name: json.dumps(value) for name, value in _name_to_map(things, word, rng).items()}


def _name_to_reason(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {thing.name: thing.reason or "unknown" for thing in things}


def _name_to_type_and_reason(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    colon = rng.choice((": ", " - ", " (", ", "))
    return {
        thing.name: f"{word(thing)}{colon}{thing.reason}" if thing.reason else word(thing) for thing in things
    }


def _type_to_map(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {
        kind: {thing.name: thing.reason or "ok" for thing in group}
        for kind, group in _by_kind(things, word).items()
    }


def _columns(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {"name": _names(things), "type": [word(thing) for thing in things]}


def _columns_of_one(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    """Name and type under keys of their own: one object has such a map, several have a list of them."""
    maps = [{"object_type": word(thing), "object_name": thing.name} for thing in things]
    return maps[0] if len(maps) == 1 else maps


def _schema_apart(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    parts = [(thing.name.rpartition("."), word(thing)) for thing in things]
    return [{"schema_name": at[0], "object_name": at[2], "object_type": kind} for at, kind in parts]


def _called_all(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    if rng.random() < 0.5:
        return {thing.name: "all" for thing in things}
    return {"all": ",".join(_names(things))}


def _unknown_type(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {thing.name: rng.choice(("", "object", "17", "null", "TYPE_3")) for thing in things}


def _count(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return rng.choice((len(things), str(len(things)), f"{len(things)} objects"))


def _count_in_a_map(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    if rng.random() < 0.5:
        return {"count": str(len(things))}
    return {kind: len(group) for kind, group in _by_kind(things, word).items()}


def _flag(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return rng.choice((True, "see log", "yes"))


SHAPES: tuple[Shape, ...] = (
    Shape("name → type", _name_to_type, {}, documented=True),
    Shape("type → comma text", _type_to_comma_text, {}, documented=True, typed=True),
    Shape("type → list", _type_to_list, {}, documented=True, typed=True),
    Shape("type → JSON text of a list", _type_to_json_text, {}, documented=True, typed=True),
    Shape("list of names", _list_of_names, []),
    Shape("list of maps", _list_of_maps, [], typed=True),
    Shape("list of groups", _list_of_groups, [], typed=True),
    Shape("list of name → type", _list_of_small_maps, []),
    Shape("list of pairs", _list_of_pairs, [], typed=True),
    Shape("comma text", _comma_text, ""),
    Shape("grouped text", _grouped_text, "", typed=True),
    Shape("grouped text in a map", _grouped_text_in_a_map, {}),
    Shape("JSON text", _json_text, "{}"),
    Shape("name → map", _name_to_map, {}),
    Shape("name → JSON text of a map", _name_to_map_text, {}),
    Shape("name → reason", _name_to_reason, {}),
    Shape("name → type and reason", _name_to_type_and_reason, {}),
    Shape("type → name → reason", _type_to_map, {}),
    Shape("parallel lists", _columns, {}),
    Shape("map of one object", _columns_of_one, {}),
    Shape("schema in a key of its own", _schema_apart, []),
    Shape("called all", _called_all, {}),
    Shape("unknown type", _unknown_type, {}),
    Shape("number", _count, 0, opaque=True),
    Shape("number in a map", _count_in_a_map, {}, opaque=True),
    Shape("flag", _flag, None, opaque=True),
)
BY_NAME = {shape.name: shape for shape in SHAPES}


def _renamed_name_to_name(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {thing.name: thing.moved_to for thing in things}


def _renamed_with_type(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    form = rng.choice(("{kind}: {new}", "{new} ({kind})", "{new},{kind}", "{kind},{new}"))
    return {thing.name: form.format(kind=word(thing), new=thing.moved_to) for thing in things}


def _renamed_maps(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    old, new = rng.choice((("original_name", "new_name"), ("name", "new_name"), ("from", "to")))
    return [{old: thing.name, new: thing.moved_to, "type": word(thing)} for thing in things]


def _renamed_by_type(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    arrow = rng.choice((":", " -> ", "="))
    return {
        kind: ", ".join(f"{thing.name}{arrow}{thing.moved_to}" for thing in group)
        for kind, group in _by_kind(things, word).items()
    }


def _renamed_type_to_map(things: Sequence[Thing], word: Words, rng: Random) -> Any:
    return {
        kind: {thing.name: thing.moved_to for thing in group}
        for kind, group in _by_kind(things, word).items()
    }


RENAMED_SHAPES: tuple[Shape, ...] = (
    Shape("name → new name", _renamed_name_to_name, {}, documented=True),
    Shape("name → new name and type", _renamed_with_type, {}),
    Shape("list of maps", _renamed_maps, []),
    Shape("type → name and new name", _renamed_by_type, {}),
    Shape("type → name → new name", _renamed_type_to_map, {}),
    Shape("number", _count, 0, opaque=True),
)


def _exact(thing: Thing) -> str:
    return thing.kind


def words(rng: Random, *, plain: bool) -> tuple[Words, bool]:
    """Draw the type words, and whether they are exactly the reference's; ``plain`` asks for these."""
    dice = rng.random()
    if plain or dice < 0.8:
        return _exact, True
    if dice < 0.88:
        return (lambda thing: thing.kind.upper()), False
    if dice < 0.92:
        return (lambda thing: thing.kind.replace("_", " ") + "s"), False
    at = rng.randrange(3)

    def as_the_server_calls_it(thing: Thing) -> str:
        others = SERVER_WORDS.get(thing.kind, (thing.kind,))
        return others[at % len(others)]

    return as_the_server_calls_it, False


def draw_shape(
    rng: Random, shapes: Sequence[Shape] = SHAPES, *, plain: bool = False, typed: bool = False
) -> Shape:
    """Draw a shape; ``plain`` draws among the documented ones, ``typed`` among those that tell types apart."""
    fitting = [s for s in shapes if (s.documented or not plain) and (s.typed or not typed)]
    return rng.choice(fitting)


def render(things: Sequence[Thing], shape: Shape, word: Words, exact: bool, rng: Random) -> Rendered:
    """Write a group in one shape, or write that it is empty."""
    if not things:
        if shape.documented:
            return Rendered({}, shape.name, documented=exact)
        value = rng.choice((shape.empty, {}, None, ABSENT, "", []))
        return Rendered(value, shape.name, documented=False)
    value = shape.make(things, word, rng)
    return Rendered(value, shape.name, documented=shape.documented and exact)


def reported(things: Sequence[Thing], *fates: Fate) -> tuple[Thing, ...]:
    """The objects with one of these fates."""
    return tuple(thing for thing in things if thing.fate in fates)
