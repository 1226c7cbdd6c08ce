"""A long array is decoded piece by piece, and means what the whole would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.responses.json_stream import parse_streaming

texts = st.one_of(
    st.text(max_size=6),
    st.text(st.characters(categories=["Cs", "Lu", "Nd"]), max_size=6),  # halves of surrogate pairs too
    st.sampled_from(["},", "},{", '"},{"', "\\", '\\"},', "]", "[", "}, {", "{}"]),
)
leaves = st.one_of(texts, st.integers(), st.none(), st.booleans())
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.one_of(texts, st.just("long")), trees, max_size=4)
separators = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " :\n"), (",\n\t", ":")])


@given(objects, st.lists(trees, max_size=20), st.booleans(), separators, st.integers(1, 60), st.booleans())
def test_it_means_what_the_whole_means(
    rest: dict[str, Any],
    array: list[Any],
    first: bool,
    signs: tuple[str, str],
    piece: int,
    ascii_only: bool,
) -> None:
    """Whatever stands in the strings and around the elements, and wherever it is cut."""
    rest.pop("long", None)
    whole = {"long": array, **rest} if first else {**rest, "long": array}
    text = f" {json.dumps(whole, separators=signs, ensure_ascii=ascii_only)} \n"
    taken: list[Any] = []
    told = parse_streaming(text, {"long": taken.extend}, piece=piece)
    assert {**told, "long": taken} == json.loads(text)


@given(objects, st.lists(trees, min_size=1, max_size=8), st.integers(1, 40), st.data())
def test_half_an_answer_is_no_answer(
    rest: dict[str, Any], array: list[Any], piece: int, data: st.DataObject
) -> None:
    """An answer that was cut off anywhere raises ValueError, as the decoder of the whole does."""
    text = json.dumps({**rest, "long": array})
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(ValueError, match=r"."):
        parse_streaming(cut, {"long": lambda _: None}, piece=piece)


@pytest.mark.parametrize(
    "text", ["[]", "1", '"x"', "{} {}", '{"a" 1}', "{1: 2}", '{"long": [1 2]}', '{"long": [1,]}']
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_streaming(text, {"long": lambda _: None})


def test_a_map_where_the_array_was_expected_stays_in_the_rest() -> None:
    """Who reads it decides what to make of it."""
    assert parse_streaming('{"long": {"a": "table"}}', {"long": lambda _: None}) == {"long": {"a": "table"}}


def test_the_elements_come_in_portions() -> None:
    """Between two portions another thread has its turn: none is much longer than a piece."""
    element = {"object_name": "sales.orders", "object_type": "table"}
    text = json.dumps({"long": [element] * 1000})
    portions: list[int] = []
    parse_streaming(text, {"long": lambda some: portions.append(len(some))}, piece=1000)
    assert sum(portions) == 1000
    assert max(portions) <= 2 * 1000 / len(json.dumps(element))
