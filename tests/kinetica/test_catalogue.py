"""The catalogue is the reference: fourteen types, nine options, their defaults and values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from restore_tui.kinetica import catalogue

REFERENCE = json.loads((Path(__file__).parent.parent / "data" / "reference.json").read_text())


def test_the_types_are_those_of_the_reference() -> None:
    """All fourteen object types, and no other."""
    assert sorted(t["name"] for t in catalogue.as_data()["types"]) == sorted(REFERENCE["types"])
    assert len(REFERENCE["types"]) == 14


def test_the_options_are_those_of_the_reference() -> None:
    """All nine options with their defaults and allowed values, and no other."""
    ours = {
        o["name"]: {"default": o["default"], "values": sorted(o["values"])}
        for o in catalogue.as_data()["options"]
    }
    theirs = {
        name: {"default": o["default"], "values": sorted(o["values"])}
        for name, o in REFERENCE["options"].items()
    }
    assert ours == theirs
    assert len(theirs) == 9


def test_everything_is_explained() -> None:
    """Each type, option and value has words of its own."""
    data = catalogue.as_data()
    texts = [t[key] for t in data["types"] for key in ("label", "summary", "help")]
    texts += [text for o in data["options"] for text in (o["summary"], o["help"], *o["value_help"].values())]
    assert all(text.strip() for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("table", "7.2.3"),
        ("resource_group", "7.2.3.9"),
        ("user_defined_function", "7.2.3.9"),
        ("function_environment", "7.2.3.9"),
        ("graph", "7.2.3.13"),
    ],
)
def test_types_know_since_when_they_are(name: str, since: str) -> None:
    """A type that came later says with which server."""
    assert catalogue.object_type(name).since == since


def test_only_restore_subscriptions_came_late() -> None:
    """Of the nine options one came with 7.2.3.14."""
    assert {o.name for o in catalogue.OPTIONS if o.since != catalogue.BASELINE} == {"restore_subscriptions"}


def test_what_lives_in_no_schema() -> None:
    """Users, roles and resource groups have no schema, and `all` takes schemas."""
    without = {t.name for t in catalogue.OBJECT_TYPES if not catalogue.has_schema(t.name)}
    assert without == {"all", "user", "role", "resource_group"}


def test_unknown_names() -> None:
    """A type from a later server is shown as what it is; an unknown option is an error."""
    assert catalogue.object_type("directory").label == "directory"
    with pytest.raises(KeyError):
        catalogue.option("cascade_foreign_keys")
