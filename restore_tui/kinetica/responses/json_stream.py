"""A JSON object with very long arrays in it, decoded piece by piece.

A decoder holds the interpreter for as long as it works: 15 MB in one go would keep every key waiting. Decoded in
pieces, in a thread of its own, a response of any length leaves the screen its turn in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from json.decoder import JSONDecoder
from typing import Any

from pydantic_core import from_json

PIECE = 64_000
"""Characters that are decoded at once: a third of a millisecond."""
LONGEST_PIECE = 80_000
"""Characters that are decoded at once at most, where an element is no longer than that."""

_BLANK = re.compile(r"[ \t\n\r]*")
_decoder = JSONDecoder()
Take = Callable[[list[Any]], None]
Allow = Callable[[int], None]
_SIGN = re.compile(r'[][{}",:]')
_ASKED_EVERY = 10_000


def parse_streaming(
    text: str, long: Mapping[str, Take], *, piece: int = PIECE, allow: Allow | None = None
) -> dict[str, Any]:
    """The object that ``text`` is, but the elements of its members in ``long`` go to their functions, a few hundred at
    a time, and these members are left out. One that is no array stays in. ``allow`` is told how many
    values are about to be decoded in one go, and may raise. Raises ValueError for what is no JSON object.
    """
    rest: dict[str, Any] = {}
    at = _expect(text, "{", 0)
    if text[at : at + 1] == "}":
        _end(text, at + 1)
        return rest
    while True:
        key, at = _value(text, at)
        if not isinstance(key, str):
            raise ValueError(f"no key of a JSON object before character {at}")
        at = _expect(text, ":", at)
        take = long.get(key)
        if take is not None and text[at : at + 1] == "[":
            at = _array(text, _expect(text, "[", at), take, piece, allow)
        else:
            _ask(text, at, allow)
            rest[key], at = _value(text, at)
        at = _blank(text, at)
        if text[at : at + 1] == "}":
            _end(text, at + 1)
            return rest
        at = _expect(text, ",", at)


def _array(text: str, at: int, take: Take, piece: int, allow: Allow | None) -> int:
    """Hand on the elements of an array; ``at`` is where its first one stands. Returns where it ends."""
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        found, at = _parse_chunk(text, at, piece) or _parse_elements(text, at, at + piece, allow)
        take(found)
        if text[at : at + 1] == "]":
            return at + 1
        at = _expect(text, ",", at)


def _parse_chunk(text: str, at: int, piece: int) -> tuple[list[Any], int] | None:
    """The elements up to a ``},`` that is about a piece away; None where that is no end of an element. What is cut at
    a wrong place, in a string or inside of an element, is no JSON, so a wrong cut cannot pass for a right one.
    pydantic's decoder takes two thirds of the time; what it does not take, as half of a surrogate pair, is left to the
    standard library's."""
    cut = text.find("},", at + piece) + 1
    if not cut or cut - at > LONGEST_PIECE:
        return None
    try:
        return from_json(f"[{text[at:cut]}]", cache_strings="keys"), cut
    except (ValueError, TypeError):  # a TypeError is half of a surrogate pair that is no escape in the text
        return None


def _parse_elements(text: str, at: int, until: int, allow: Allow | None) -> tuple[list[Any], int]:
    """One element after the other, up to a place or to the end of the array."""
    found = []
    while True:
        _ask(text, at, allow)
        value, at = _value(text, at)
        found.append(value)
        at = _blank(text, at)
        if at >= until or text[at : at + 1] != ",":
            return found, at
        at = _expect(text, ",", at)


def _ask(text: str, at: int, allow: Allow | None) -> None:
    """Tell ``allow`` how many values are in the list or map that begins here."""
    if allow is None or text[at : at + 1] not in ("[", "{"):
        return
    depth = values = 0
    while True:
        found = _SIGN.search(text, at)
        if found is None:
            return  # it has no end, and the decoder says so
        at, sign = found.end(), found.group()
        if sign == '"':
            _, at = _value(text, found.start())
        elif sign in "]}":
            depth -= 1
            if not depth:
                break
        else:
            depth += sign in "[{"
            values += 1
            if values % _ASKED_EVERY == 0:
                allow(values)
    allow(values)


def _value(text: str, at: int) -> tuple[Any, int]:
    return _decoder.raw_decode(text, at)


def _blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    assert blank is not None  # it matches nothing, too
    return blank.end()


def _expect(text: str, sign: str, at: int) -> int:
    at = _blank(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign} at character {at}")
    return _blank(text, at + 1)


def _end(text: str, at: int) -> None:
    if _blank(text, at) != len(text):
        raise ValueError(f"more after the JSON object, at character {at}")
