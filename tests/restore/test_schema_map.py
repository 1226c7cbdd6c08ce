"""target_schema_map: its text and back, and where each object goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.identifiers import identifier_error
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.schema_map import (
    OPTION,
    effective_value,
    format_schema_map,
    map_name,
    parse_schema_map,
    target_schemas,
)
from tests.harness.plans import plan, plans

_letters = st.sampled_from("ab _#{}[]():-9")
_schemas = st.text(_letters, min_size=1, max_size=6).filter(
    lambda n: identifier_error(n) is None and n == n.strip()
)
_targets = _schemas.filter(lambda name: ":" not in name)


@given(st.dictionaries(_schemas, _targets, max_size=5))
def test_the_text_reads_back_as_what_was_written(wanted: dict[str, str]) -> None:
    """Any schemas that the naming rules allow, colons in the sources too; what stays where it is, is left out."""
    assert parse_schema_map(format_schema_map(wanted)) == {
        source: target for source, target in wanted.items() if source != target
    }
    assert format_schema_map(parse_schema_map(format_schema_map(wanted))) == format_schema_map(wanted)


def test_the_text_is_the_one_of_the_changelog() -> None:
    """``src: dst, src2: dst2``; an empty target is none, and spaces around one are no part of it."""
    assert (
        format_schema_map({"src2": "dst2", "src": " dst ", "other": "", "same": "same"})
        == "src: dst, src2: dst2"
    )
    assert dict(parse_schema_map("src:dst ,  src2 : dst2")) == {"src": "dst", "src2": "dst2"}
    assert dict(parse_schema_map(" ")) == {}


@pytest.mark.parametrize("text", ["sales", "sales:", ":old", "a: b,", "a: b, a: c", "a: b,, c: d"])
def test_a_text_that_is_no_map_is_a_problem_of_the_plan(text: str) -> None:
    """Perhaps out of a receipt that was changed: it maps nothing, and keeps the plan from being sent."""
    with pytest.raises(ValueError, match=r"not written|twice"):
        parse_schema_map(text)
    made = plan({"all": ["a", "sales"]}, {OPTION: text})
    assert not target_schemas(made)
    assert [p.part for p in made.problems()] == ["options"]


def test_the_schemas_of_what_is_ticked() -> None:
    """Whole ones and those of single names; users, roles and bare names have none."""
    made = plan(
        {"all": ["web"], "table": ["sales.a", "sales.b", "bare"], "user": ["m.okafor"], "graph": ["x.g"]}
    )
    assert made.objects.schemas == ("sales", "web", "x")


def test_where_an_object_is_restored() -> None:
    """In its mapped schema under its own name; or where it came from. Case counts."""
    made = plan({"all": ["sales", "web"], "user": ["sales"]}, {OPTION: "sales: sales_old, Web: x, other: y"})
    targets = target_schemas(made)
    assert map_name(targets, "", "sales.orders") == "sales_old.orders"
    assert map_name(targets, "table", "sales.orders") == "sales_old.orders"
    assert map_name(targets, "", "web.sessions") == "web.sessions"
    assert map_name(targets, "all", "sales") == "sales_old"
    assert map_name(targets, "user", "sales") == "sales"
    assert map_name(targets, "user", "sales.ada") == "sales.ada"
    assert map_name(targets, "", "bare") == "bare"
    assert effective_value(made) == "sales: sales_old"


@given(plans())
def test_nothing_moves_but_by_the_map(made: RestorePlan) -> None:
    """Every selected name keeps its part behind the dot, and its schema is the target of its own, or its own."""
    targets = target_schemas(made)
    for kind, names in made.objects.by_type.items():
        for name in names:
            place = map_name(targets, kind, name)
            if kind == "all":
                assert place == targets.get(name, name)
                continue
            assert place.partition(".")[1:] == name.partition(".")[1:]
            schema = name.partition(".")[0]
            assert place.partition(".")[0] in (schema, targets.get(schema, schema))
    if not targets:
        assert effective_value(made) == ""


@pytest.mark.parametrize(
    ("objects", "text", "why"),
    [
        ({"all": ["sales"]}, "sales: -old", "starts with neither"),
        ({"all": ["sales"]}, "sales: old.er", "A dot is not allowed in a schema"),
        ({"all": ["sales"]}, f"sales: {'x' * 201}", "201 characters"),
        ({"all": ["a:b"]}, "a:b: old", "The colon in a:b"),
        ({"all": ["a", "b"]}, "a: b, b: c", "b is sent elsewhere itself"),
        ({"all": ["a", "b"]}, "a: b, b: a", "is sent elsewhere itself"),
        ({"table": ["a.t", "b.t"]}, "a: x, b: x", "a.t and b.t would both become x.t"),
        ({"table": ["a.t", "b.t"]}, "a: b", "a.t and b.t would both become b.t"),
    ],
)
def test_what_would_break_or_could_not_be_told_apart(
    objects: dict[str, list[str]], text: str, why: str
) -> None:
    """Each is a problem with a sentence, and the plan is not sent."""
    (problem,) = plan(objects, {OPTION: text}).problems()
    assert problem.part == "options"
    assert problem.text.startswith(f"{OPTION}: ")
    assert why in problem.text


@pytest.mark.parametrize(
    ("objects", "text"),
    [
        ({"all": ["a"]}, "a: b, b: c"),
        ({"all": ["a"]}, "c:d: -e, a: b"),
        ({"table": ["a.t"], "graph": ["b.t"]}, "a: x, b: x"),
        ({"table": ["a.t", "b.u"]}, "a: b"),
    ],
)
def test_what_is_no_problem(objects: dict[str, list[str]], text: str) -> None:
    """What is not selected does not count; two types or two names may meet in one schema."""
    assert plan(objects, {OPTION: text}).problems() == ()
