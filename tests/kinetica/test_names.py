"""The naming rules, and the versions that tell what a server has."""

from __future__ import annotations

import pytest

from restore_tui.kinetica.identifiers import identifier_error, object_problem, parse_name_list, schema_of
from restore_tui.kinetica.version import ServerVersion


@pytest.mark.parametrize("name", ["a", "_x", "9lives", "a b_#{}[]():-", "x" * 200])
def test_good_names(name: str) -> None:
    """Letters, digits, spaces and the allowed signs make a name, up to 200 of them."""
    assert identifier_error(name) is None
    assert object_problem(f"s.{name}", in_schema=True) is None
    assert object_problem(name, in_schema=True) is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("", "empty"),
        ("x" * 201, "201"),
        ("a,b", "comma"),
        ("a.b", "dot"),
        ("-a", "starts"),
        (" a", "starts"),
        ("é", "starts"),
        ("aé", "other than"),
        ("a\n", "other than"),
        ("a$", "other than"),
        ("a;drop", "other than"),
    ],
)
def test_bad_names_say_why(name: str, hint: str) -> None:
    """A name that breaks a rule is told which one."""
    assert hint in (identifier_error(name) or "")


@pytest.mark.parametrize("name", [".a", "s.", "a.b.c", "s,x.a"])
def test_schema_and_name_are_split_at_the_only_dot(name: str) -> None:
    """schema.name has one dot, with something good on both sides."""
    assert object_problem(name, in_schema=True)


def test_users_have_no_schema() -> None:
    """A dot in the name of something without schemas is a mistake."""
    assert object_problem("sales.ada", in_schema=False)


@pytest.mark.parametrize(("name", "schema"), [("s.a", "s"), ("a", None), (".a", None), ("s.", None)])
def test_the_schema_of_a_name(name: str, schema: str | None) -> None:
    """A bare name carries no schema."""
    assert schema_of(name) == schema


def test_typed_names_come_by_line_or_comma_without_repeats() -> None:
    """A pasted list becomes names, in order, each once."""
    assert parse_name_list(" s.a, s.b\r\ns.a\n\n,s c \n") == ["s.a", "s.b", "s c"]


@pytest.mark.parametrize(
    ("server", "since", "has"),
    [
        ("7.2.3.14.20260622", "7.2.3.14", True),
        ("7.2.3.13.20260622", "7.2.3.14", False),
        ("7.2.3.9", "7.2.3.13", False),
        ("7.2.10", "7.2.3.14", True),
        ("7.2.3", "7.2.3", True),
        ("7.2.3.0", "7.2.3", True),
        ("7.2", "7.2.3", False),
        ("8", "7.2.3.14", True),
        ("v7.2.3.14-beta", "7.2.3.14", True),
        ("unknown", "7.2.3", None),
        ("", "7.2.3", None),
    ],
)
def test_versions_compare_by_number(server: str, since: str, has: bool | None) -> None:
    """14 is more than 9, build dates do not count, and an unreadable version says nothing."""
    assert ServerVersion.parse(server).has(since) is has
