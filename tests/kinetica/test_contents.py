"""What a snapshot holds: every shape of `backup_contents`, and columns that say what single objects would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.contents_reader import ContentsReader, read_contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.object_columns import Objects, known_or_none


@pytest.mark.parametrize(
    "entries",
    [
        [
            {"object_name": "sales.orders", "object_type": "TABLE"},
            {"OBJECT_NAME": "sales.items", "OBJECT_TYPE": "table"},
            {"name": "ada", "type": "user"},
        ],
        [{"sales.orders": "table", "sales.items": "TABLE", "ada": "user"}],
        [{"table": "sales.orders, sales.items", "user": "ada"}],
        [{"TABLE": "sales.orders,sales.items,"}, {"ada": "user"}],
    ],
    ids=["a map per object", "name to type", "type to names", "mixed"],
)
def test_contents_in_every_shape(entries: list[dict[str, str]]) -> None:
    """A map per object, names to types, and types to names say the same."""
    contents = read_contents(entries)
    assert [(o.type, o.name) for o in contents] == [
        ("table", "sales.items"),
        ("table", "sales.orders"),
        ("user", "ada"),
    ]
    assert contents.unread == ()


def test_contents_that_nobody_understands_are_kept() -> None:
    """An entry without a recognisable name is not guessed at, and not lost."""
    contents = read_contents([{"what": "ever"}, {}])
    assert (list(contents), contents.unread) == ([], ({"what": "ever"},))


def test_schemas_are_offered_with_their_sums() -> None:
    """`all` lists the schemas that the names carry, with what is known of their sizes."""
    contents = read_contents(
        [
            {"object_name": "s.a", "object_type": "table", "size": "3", "records": "1"},
            {"object_name": "s.b", "object_type": "graph", "size": "4"},
            {"object_name": "t.c", "object_type": "table"},
            {"object_name": "ada", "object_type": "user"},
        ]
    )
    schemas = contents.names("all")
    assert list(schemas.names) == ["s", "t"]
    assert [known_or_none(size) for size in schemas.sizes] == [7, None]
    assert [known_or_none(records) for records in schemas.records] == [1, None]
    assert list(contents.names("user").names) == ["ada"]


names = st.sampled_from(
    ["a.x", "a.y", "a-b.x", "ab.z", "a.", ".x", "a", "ada", "b.x.y", "é.ü", "a/b.c", "a.X", "Z.z", ""]
)
numbers = st.one_of(
    st.none(),
    st.integers(0, 10**6).map(str),
    st.sampled_from(["", "1,234", " 7 ", "-5", "1_0", "1e3", "٣", "9" * 19, "9" * 40]),
)
kinds = st.sampled_from(["table", "TABLE", "user", "gizmo"])
values = st.one_of(
    st.none(),
    st.integers(),
    st.booleans(),
    st.text(max_size=3),
    st.sampled_from(["\ud800", ["table"], {"a": "b"}]),
)
entries = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"object_name": names, "object_type": kinds}, optional={"size": numbers, "records": numbers}
        ),
        st.fixed_dictionaries(
            {"NAME": names, "TYPE": kinds}, optional={"object_name": names, "num_bytes": numbers}
        ),
        st.dictionaries(names, kinds, max_size=3),
        st.dictionaries(st.sampled_from(["name", "type", "size", "table"]), values, max_size=4),
        values,
    ),
    max_size=12,
)


@given(entries, st.integers(1, 5))
def test_entries_mean_the_same_one_by_one_and_many_at_once(given: list[Any], at_once: int) -> None:
    """Entries in a row with the same keys are read column by column: that never says anything else."""
    single, many = ContentsReader(), ContentsReader()
    for entry in given:
        single.take([entry, {"object_name": "between", "object_type": "gadget", "odd": "layout"}])
    for start in range(0, len(given), at_once):
        many.take(given[start : start + at_once])
    one, other = single.contents(), many.contents()
    assert [item for item in one if item.type != "gadget"] == list(other)
    assert one.unread == other.unread


@given(st.lists(st.tuples(names, st.integers(0, 9), st.integers(-1, 9)), max_size=12))
def test_columns_are_in_order_and_hold_each_name_once(rows: list[tuple[str, int, int]]) -> None:
    """Whatever the order in which the server lists them; of a name that comes twice the last one counts."""
    objects = Objects.of(*(list(column) for column in zip(*rows, strict=True)) if rows else ([], [], []))
    last = {name: (size, records) for name, size, records in rows}
    assert list(objects.names) == sorted(last)
    assert [(s, r) for s, r in zip(objects.sizes, objects.records, strict=True)] == [
        last[name] for name in sorted(last)
    ]
    for name in last:
        assert objects.names[objects.find(name) or 0] == name
    assert objects.find("nobody") is None


@given(st.lists(names, max_size=12))
def test_the_spans_are_the_schemas(given: list[str]) -> None:
    """Every name stands in exactly one span, and that is its schema's; each schema has one."""
    objects = Objects.of(list(given), [0] * len(given), [0] * len(given))
    seen = [
        (span.schema, name) for span in objects.schema_ranges for name in objects.names[span.start : span.end]
    ]
    assert seen == [(schema_of(name) or "", name) for name in objects.names]
    schemas = [span.schema for span in objects.schema_ranges if span.schema]
    assert len(schemas) == len(set(schemas))


@given(st.lists(st.tuples(st.sampled_from(["table", "user", "graph"]), names), max_size=12))
def test_the_members_of_a_schema_are_what_carries_its_name(given: list[tuple[str, str]]) -> None:
    """Of every type that may live in a schema; and `all` lists just the schemas that have members."""
    contents = Contents.of(BackedUpObject(kind, name, 1, None) for kind, name in given)
    by_schema: dict[str, set[tuple[str, str]]] = {}
    for kind, name in given:
        if kind != "user" and (schema := schema_of(name)):
            by_schema.setdefault(schema, set()).add((kind, name))
    assert list(contents.schemas.names) == sorted(by_schema)
    for schema, members in by_schema.items():
        assert sorted(contents.members(schema)) == sorted(members)
    assert contents.members("nobody") == []
    assert contents.count == len(set(given))


def test_a_key_without_a_name_tells_no_size() -> None:
    """Also where the map has no key for sizes and records at all."""
    contents = read_contents([{"": 7, "name": "s.t", "type": "table"}])
    assert list(contents) == [BackedUpObject("table", "s.t", None, None)]


def test_names_of_which_nothing_is_known_join_those_that_are() -> None:
    """A typed name stands where its name belongs; one that is there already stays what it is."""
    objects = Objects.of(["s.a", "s.c"], [1, 3], [10, 30]).with_names(["s.b", "s.c"])
    assert list(objects.names) == ["s.a", "s.b", "s.c"]
    assert [known_or_none(size) for size in objects.sizes] == [1, None, 3]
