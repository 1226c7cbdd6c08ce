"""The catalogue is the reference, fourteen types and nine options, and what came after it, marked as such."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from restore_tui.kinetica import reference

ENTRIES: list[reference.ReferenceEntry] = [*reference.OBJECT_TYPES, *reference.OPTIONS]
REFERENCE = json.loads((Path(__file__).parent.parent / "data" / "reference.json").read_text())


def test_the_types_are_those_of_the_reference() -> None:
    """All fourteen object types, and no other."""
    ours = [t["name"] for t in reference.as_data()["types"] if not t["beyond_reference"]]
    assert sorted(ours) == sorted(REFERENCE["types"])
    assert len(REFERENCE["types"]) == 14


def test_the_options_are_those_of_the_reference() -> None:
    """All nine options with their defaults and allowed values, and no other."""
    ours = {
        o["name"]: {"default": o["default"], "values": sorted(o["values"])}
        for o in reference.as_data()["options"]
        if not o["beyond_reference"]
    }
    theirs = {
        name: {"default": o["default"], "values": sorted(o["values"])}
        for name, o in REFERENCE["options"].items()
    }
    assert ours == theirs
    assert len(theirs) == 9


def test_the_parameters_and_the_fields_of_the_answer_are_those_of_the_reference() -> None:
    """Four parameters and nine fields with their types, and no other; each says what it is and where that is said."""
    told = json.loads((Path(__file__).parent.parent / "data" / "endpoints.json").read_text())[
        "/restore/backup"
    ]
    for ours, theirs in ((reference.PARAMETERS, told["request"]), (reference.ANSWER, told["response"])):
        types = {field.name: field.wire for field in ours}
        assert types == theirs
        assert list(types) == list(theirs)
        for field in ours:
            assert field.told
            assert field.reference.endswith(f".{field.name}")


@pytest.mark.parametrize(
    "field", [*reference.PARAMETERS, *reference.ANSWER, *reference.INFO_KEYS], ids=lambda field: field.name
)
def test_a_field_points_at_what_there_is(field: reference.Field) -> None:
    """Every name under See also is one that explain knows."""
    for name in field.see:
        assert reference.entry(name) or reference.fields(name) or reference.uses_of_value(name), name


def test_what_came_after_the_reference_is_marked() -> None:
    """Two types and three options of the official client: with the server that they need, and where it is said."""
    beyond = {e.name: (e.since, e.explanation.reference) for e in ENTRIES if e.undocumented}
    assert beyond == {
        "directory": ("7.2.3.18", "not in the API reference: client changelog 7.2.3.10"),
        "catalog": ("7.2.3.13", "not in the API reference: client changelog 7.2.3.11"),
        "restore_all_permissions": ("7.2.3.18", "not in the API reference: client changelog 7.2.3.10"),
        "target_schema_map": ("7.2.3.19", "not in the API reference: client changelog 7.2.3.11"),
        "cascade_foreign_keys": ("7.2.3.19", "not in the API reference: client changelog 7.2.3.13"),
    }


@pytest.mark.parametrize("entry", [e for e in ENTRIES if not e.undocumented], ids=lambda entry: entry.name)
def test_the_reference_is_quoted_by_its_section(entry: reference.ReferenceEntry) -> None:
    """Each entry says where the endpoint's reference speaks of it."""
    group = "restore_objects_map" if isinstance(entry, reference.ObjectType) else "options"
    assert entry.explanation.reference == f"/restore/backup, {group}.{entry.name}"


def test_everything_is_explained() -> None:
    """Each entry has words of its own for each thing that one may ask, and no two say the same."""
    told = [entry.explanation for entry in ENTRIES]
    texts = [text for t in told for text in (t.does, t.example.send, t.example.before, t.example.after)]
    texts += [text for t in told for text in (*t.pitfalls, *t.not_documented)]
    texts += [other.text for t in told for other in t.related]
    texts += [value.help for t in told for value in (*t.values, *t.never_sent)]
    texts += [entry.summary for entry in ENTRIES]
    assert all(text == text.strip() != "" for text in texts)
    assert [text for text in texts if texts.count(text) > 1] == []
    assert all(t.default and t.pitfalls for t in told)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_tired_reader_gets_short_sentences(entry: reference.ReferenceEntry) -> None:
    """No sentence has more than 30 words, and no paragraph more than three sentences."""
    for paragraph in entry.text().splitlines():
        sentences = [part for part in re.split(r"(?<=[.?!])\s", paragraph) if part]
        assert len(sentences) <= 3, paragraph
        assert all(len(sentence.split()) <= 30 for sentence in sentences), paragraph


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_example_can_be_sent(entry: reference.ReferenceEntry) -> None:
    """The example is JSON, names the entry, and gives it a value that it may have, where the server reads it."""
    sent = json.loads("{" + entry.explanation.example.send + "}")
    if isinstance(entry, reference.ObjectType):
        assert entry.name in sent["restore_objects_map"]
        assert set(sent["restore_objects_map"]) <= reference.TYPE_NAMES
        return
    assert isinstance(entry, reference.Option)
    assert sent[entry.name] != entry.default, "the default would show nothing"
    for name, value in sent.items():
        allowed = [v.name for v in reference.option(name).values]
        assert not allowed or value in allowed
    if entry.needs:
        assert sent[entry.needs[0]] == entry.needs[1]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_what_goes_with_it_exists(entry: reference.ReferenceEntry) -> None:
    """Each name that an entry sends one to is an entry, another one; what an option needs or acts on is among them."""
    named = {name for other in entry.explanation.related for name in other.names}
    assert entry.name not in named
    assert all(reference.entry(name) for name in named)
    if isinstance(entry, reference.Option):
        known = named | set(reference.see_also(entry.name))
        assert not entry.needs or entry.needs[0] in known
        assert set(entry.types) <= known | {"all"}


def test_see_also_is_the_other_way_round() -> None:
    """Who is spoken of without speaking back is told of it."""
    for entry in ENTRIES:
        for other in reference.see_also(entry.name):
            speaks = reference.entry(other)
            assert speaks is not None
            assert any(entry.name in said.names for said in speaks.explanation.related)
    assert "ddl_only" in reference.see_also("restore_policy")


def test_the_text_of_an_option_marks_default_and_choice() -> None:
    """What the Options screen and F1 show: every value, with what is the default and what is chosen."""
    text = reference.option("restore_policy").text("rename")
    assert "none (default): " in text
    assert "rename (chosen): " in text
    assert "none (default, chosen): " in reference.option("restore_policy").text("none")


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
    assert reference.object_type(name).since == since


def test_only_restore_subscriptions_came_late() -> None:
    """Of the nine options of the reference one came with 7.2.3.14."""
    late = {o.name for o in reference.OPTIONS if o.since != reference.BASELINE and not o.undocumented}
    assert late == {"restore_subscriptions"}


def test_what_lives_in_no_schema() -> None:
    """Users, roles, resource groups, directories and catalogs have no schema, and `all` takes schemas."""
    without = {t.name for t in reference.OBJECT_TYPES if not reference.may_have_schema(t.name)}
    assert without == {"all", "user", "role", "resource_group", "directory", "catalog"}


def test_where_the_documents_disagree_on_schemas_nothing_is_assumed() -> None:
    """Functions and function environments, and types of a later server: neither with nor without a schema, and each
    says so under Not documented."""
    undecided = {"user_defined_function", "function_environment", "hologram"}
    kinds = {*(t.name for t in reference.OBJECT_TYPES), "hologram"}
    assert {
        kind for kind in kinds if reference.may_have_schema(kind) and not reference.has_schema(kind)
    } == undecided
    for name in undecided - {"hologram"}:
        kind = reference.object_type(name)
        assert any("schema" in text for text in kind.explanation.not_documented)
        assert "Named schema.name." not in kind.help
        assert "." not in kind.explanation.example.send


SECTIONS = {
    *(f"/restore/backup, restore_objects_map.{name}" for name in REFERENCE["types"]),
    *(f"/restore/backup, options.{name}" for name in REFERENCE["options"]),
}
CLIENT = re.compile(r"client changelog 7\.2\.3\.\d+\Z")
PAGES = {"CREATE CATALOG, Parameters", "Data Lake Catalogs, External tables"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_interaction_cites_a_document_or_is_marked_as_inferred(entry: reference.ReferenceEntry) -> None:
    """A section of the reference that speaks of one of the two, a version of the client, or a named page. All else is
    shown as inferred."""
    text = " ".join(entry.text().split())
    for told in entry.explanation.related:
        line = f"{', '.join(told.names)}: {told.text}"
        if not told.reference:
            assert f"{line} (inferred)" in text
            continue
        assert f"{line} (inferred)" not in text
        assert told.reference in SECTIONS | PAGES or CLIENT.match(told.reference), told
        if told.reference in SECTIONS:
            assert told.reference.rpartition(".")[2] in {entry.name, *told.names}, told


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_interaction_that_destroys_is_marked_as_a_loss(entry: reference.ReferenceEntry) -> None:
    """The mark is what the plan warnings are checked against."""
    destroys = re.compile(r"\b(overwrit\w+|drops? further|leaves an empty)\b")
    for told in entry.explanation.related:
        assert told.loss is bool(destroys.search(told.text)), told


def test_the_values_that_are_never_sent_are_explained_and_cannot_be_chosen() -> None:
    """clean and clean_all: known by name, with their danger, and no values of the option."""
    policy = reference.option("restore_policy")
    assert [value.name for value in policy.explanation.never_sent] == ["clean", "clean_all"]
    assert not {"clean", "clean_all"} & {value.name for value in policy.values}
    assert "drops every table" in policy.text()
    assert "drops every table" in policy.brief()
    assert any("clean_all" in text for text in policy.explanation.not_documented)


def test_the_keys_of_info_are_explained() -> None:
    """The two documented keys of info; the dropped objects are called a loss."""
    assert [field.name for field in reference.INFO_KEYS] == ["clean_dropped_objects", "clean_kept_objects"]
    (dropped,) = reference.fields("clean_dropped_objects").values()
    assert "a loss" in dropped.summary


def test_unknown_names() -> None:
    """A type from a later server is shown as what it is; an unknown option is an error."""
    assert reference.object_type("hologram").label == "hologram"
    assert reference.object_type("hologram").help
    with pytest.raises(KeyError):
        reference.option("cascade_everything")
