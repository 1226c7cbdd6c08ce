"""Whatever shape a response names objects in: what can be read is read, and a failure is never lost."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.outcome.assessment import assess
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight import object_list_words
from restore_tui.restore.preflight.object_lists import read_objects
from restore_tui.restore.preflight.response_index import ObjectStatus, ResponseIndex
from restore_tui.restore.preflight.results import build_results
from restore_tui.restore.receipts.model import Verdict
from tests.fuzz.shapes import SHAPES, Shape
from tests.fuzz.truth import Thing
from tests.harness.plans import answer, contents, plan, rehearsal

REQUESTED = {
    ("table", "s.a"),
    ("table", "s.b"),
    ("user", "monitor"),
    ("user", "alice"),
    ("role", "role"),
}


def named(value: Any, **options: Any) -> list[tuple[str, str]]:
    return [(one.type, one.name) for one in read_objects(value, REQUESTED, **options).objects]


@pytest.mark.parametrize(
    "value",
    [
        {"s.a": "table", "s.b": "table", "alice": "user"},
        {"table": "s.a, s.b", "user": "alice"},
        {"table": ["s.a", "s.b"], "user": ["alice"]},
        {"table": '["s.a", "s.b"]', "user": '["alice"]'},
        {"TABLE": {"s.a": "", "s.b": ""}, "User": {"alice": ""}},
        "table: s.a, s.b; user: alice",
        "tables: s.a, s.b; users: alice",
        ["s.a (table)", "s.b (view)", "alice (internal_user)"],
        [["s.a", "table"], ["table", "s.b"], ["alice", "user"]],
        [{"s.a": "table"}, {"s.b": "table"}, {"alice": "user"}],
        [
            {"name": "s.a", "type": "TABLE"},
            {"name": "s.b", "type": "table"},
            {"name": "alice", "type": "user"},
        ],
        [{"type": "table", "names": ["s.a", "s.b"]}, {"type": "user", "names": "alice"}],
        [
            {"schema_name": "s", "object_name": "a", "object_type": "table"},
            {"schema_name": "s", "object_name": "b", "object_type": "materialized view"},
            {"schema_name": "", "object_name": "alice", "object_type": "external_user"},
        ],
        {"names": ["s.a", "s.b", "alice"], "types": ["table", "table", "user"]},
        {"s.a": {"type": "table", "bytes": 7}, "s.b": {"type": "table"}, "alice": '{"type": "user"}'},
    ],
    ids=repr,
)
@pytest.mark.parametrize("wrapped", [False, True], ids=["as JSON", "as JSON in a string"])
def test_reads_every_shape(value: Any, wrapped: bool) -> None:
    """Maps, lists, records, groups and text name the same three objects, with nothing left unread."""
    value = json.dumps(value) if wrapped and not isinstance(value, str) else value
    assert sorted(named(value)) == [("table", "s.a"), ("table", "s.b"), ("user", "alice")]
    assert read_objects(value, REQUESTED).unread == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"monitor": "user", "alice": "user"}, [("user", "monitor"), ("user", "alice")]),
        ({"monitor": "user"}, [("user", "monitor")]),
        ({"user": "monitor"}, [("user", "monitor")]),
        ({"user": "monitor, alice"}, [("user", "monitor"), ("user", "alice")]),
        ({"user": "monitor", "table": "s.a"}, [("user", "monitor"), ("table", "s.a")]),
        ({"role": "role"}, [("role", "role")]),
        ({"role": "role, user"}, [("role", "role"), ("user", "role")]),
        (
            {"user": "monitor, role", "role": "role"},
            [("user", "monitor"), ("user", "role"), ("role", "role")],
        ),
        ({"monitor": "user", "s.a": "table"}, [("user", "monitor"), ("table", "s.a")]),
    ],
)
def test_the_rest_of_the_map_decides_what_is_a_name(value: Any, expected: list[tuple[str, str]]) -> None:
    """Where key and value are both words for types: the rest of the map decides, then what was requested."""
    assert named(value) == expected


def test_an_unknown_word_costs_one_entry() -> None:
    """One word that is no type takes nothing from the others, and its object keeps its name."""
    assert named({"s.a": "table", "s.b": "TYPE_3", "alice": "user"}) == [
        ("table", "s.a"),
        ("", "s.b"),
        ("user", "alice"),
    ]
    assert named({"s.a": "proc"}) == [("", "s.a")]  # a procedure or a function: not guessed


@pytest.mark.parametrize(
    "value",
    [
        {"s.a": "backup_1.a"},
        {"s.a": "table: backup_1.a"},
        {"s.a": "backup_1.a (table)"},
        {"s.a": "backup_1.a,table"},
        {"s.a": "table,backup_1.a"},
        {"table": "s.a:backup_1.a"},
        {"table": "s.a -> backup_1.a"},
        {"table": {"s.a": "backup_1.a"}},
        [{"name": "s.a", "type": "table", "new_name": "backup_1.a"}],
    ],
    ids=repr,
)
def test_reads_new_names_with_their_types(value: Any) -> None:
    """The reference promises original and new names and their types, and shows no example."""
    assert [(one.name, one.detail) for one in read_objects(value, REQUESTED, renamed=True).objects] == [
        ("s.a", "backup_1.a")
    ]


@pytest.mark.parametrize("value", [5, True, {"table": 5}, "see log", [1, 2.5], [[3]], ["", 4]])
def test_what_cannot_be_read_is_returned(value: Any) -> None:
    """A number or a sentence names nothing, and is not dropped."""
    assert named(value) == []
    assert read_objects(value, REQUESTED).unread != ()


@pytest.mark.parametrize("value", [None, {}, [], "", 0, False, "{}", "[]", {"table": ""}, {"table": []}])
def test_nothing_is_nothing(value: Any) -> None:
    """Empty is empty in every spelling."""
    assert read_objects(value, REQUESTED) == ((), ())


@pytest.mark.parametrize(
    "value",
    [
        {"s.a": "failed"},
        {"s.a": "skipped: no space"},
        {"s.a": False},
        {"s.a": "no"},
        {"s.a": {"type": "table", "status": "ERROR"}},
        [{"name": "s.a", "type": "table", "success": False}],
        [{"name": "s.a", "restored": False}],
        {"s.a": {"type": "table", "ok": "false"}},
        {"s.a": {"success": 0}},
        {"s.a": {"type": "table", "error": "disk full"}},
        {"s.a": '{"type": "table", "error_code": 17}'},
        {"s.a": {"type": "table", "errors": ["disk full"]}},
    ],
    ids=repr,
)
def test_an_entry_that_speaks_of_a_failure_is_one(value: Any) -> None:
    """Standing in the list of restored objects does not make an object restored, and is a contradiction."""
    dry = answer(restored_objects={"s.a": "table"})
    made = rehearsal(plan({"table": ["s.a"]}), response=dry)
    real = answer(restored_objects=value)
    lines = build_results(made.plan.objects, contents(), dry, real)
    assert assess(made, lines, real, None).verdict is Verdict.UNKNOWN
    assert lines[0].is_reported_restored is False


@pytest.mark.parametrize(
    "more",
    [{"error": ""}, {"error": None}, {"errors": []}, {"error_code": 0}, {"failed": "no"}, {"restored": True}],
)
def test_an_entry_without_an_error_is_restored(more: dict[str, Any]) -> None:
    """A field for an error that holds none reports none."""
    (one,) = read_objects({"s.a": {"type": "table", **more}}, REQUESTED).objects
    assert (one.type, one.name, one.failed) == ("table", "s.a", False)


ROLES = {("role", name) for name in ("role", "schema", "name", "type", "ada")}


@pytest.mark.parametrize(
    ("entry", "requested"),
    [
        ([["schema", "role"]], (("role", "schema"), ("role", "role"))),
        ([["role", "schema"]], (("role", "schema"), ("role", "role"))),
        ([["schema", "roles"]], (("role", "schema"), ("role", "role"))),
        ([["role", "role"]], (("role", "role"), ("user", "ada"))),
        ('[["schema", "role"]]', (("role", "schema"), ("role", "role"))),
        ([["schema", "role"], ["ada", "role"]], (("role", "schema"), ("role", "ada"), ("role", "role"))),
    ],
    ids=repr,
)
def test_a_pair_is_one_object_also_where_its_name_is_a_word_for_a_type(
    entry: Any, requested: tuple[tuple[str, str], ...]
) -> None:
    """What was requested tells which of the two words is the type. Neither is a second object."""
    read = read_objects(entry, requested)
    assert not read.unread
    assert {(one.type, one.name) for one in read.objects} < set(requested)


@pytest.mark.parametrize(
    "entry",
    [
        [["schema", "role", "full"]],
        [["schema", "role", None]],
        [["role", "schema", {"reason": "full"}]],
        [["ada", "role", "full"]],
        [["ada", {"type": "role"}]],
        ["schema", "role"],
        ["role", "ada"],
        "schema, role",
        "ada, role",
        "schema, role; role, ada, full",
        {"name": "name", "type": "role"},
        [{"object": "type", "type": "role"}],
        {"name": ["name"], "type": ["role"]},
    ],
    ids=repr,
)
@pytest.mark.parametrize("field", ["failed_objects", "restored_objects"])
def test_an_entry_that_can_be_read_in_two_ways_is_unread(entry: Any, field: str) -> None:
    """One object with its type, or several objects: the response does not tell, so that neither is claimed."""
    assert read_objects(entry, ROLES).unread
    asked = plan({"role": sorted(name for _, name in ROLES)})
    made = rehearsal(asked, response=answer(restored_objects={"role": sorted(name for _, name in ROLES)}))
    real = answer(**{field: entry})
    lines = build_results(asked.objects, contents(), made.response, real)
    verdict = Verdict.UNKNOWN if field == "failed_objects" else Verdict.PARTLY
    assert assess(made, lines, real, None).verdict is verdict


@pytest.mark.parametrize(
    ("entry", "requested"),
    [
        (["role", "ada"], (("user", "role"), ("user", "ada"))),
        ("role, ada", (("user", "role"), ("user", "ada"))),
        (["schema", "role"], (("user", "schema"), ("user", "role"))),
        ("schema, role", (("user", "schema"), ("user", "role"))),
        (["schema", "role", "ada"], (("role", "schema"), ("role", "role"), ("role", "ada"))),
        ({"role": ["schema", "role"]}, (("role", "schema"), ("role", "role"))),
        ({"name": "role", "type": "role"}, (("role", "name"), ("role", "type"))),
    ],
    ids=repr,
)
def test_names_that_are_words_for_types_are_read_where_only_names_fit(
    entry: Any, requested: tuple[tuple[str, str], ...]
) -> None:
    """Neither word is the type of an object that was requested."""
    read = read_objects(entry, requested)
    assert not read.unread
    assert [one.name for one in read.objects] == sorted(
        (name for _, name in requested), key=[one.name for one in read.objects].index
    )
    assert all(one.type in ("", "role") for one in read.objects)


def test_a_schema_that_is_called_like_a_field() -> None:
    """A role called schema, or a schema called name: both were requested, and the response means one of them."""
    requested = (("all", "name"), ("role", "schema"))
    assert read_objects({"name": "schema", "type": "role"}, requested).unread
    assert read_objects({"name": "schema", "type": "role"}, requested[1:]).objects[0].type == "role"


_TRICKY = ("schema", "role", "user", "table", "name", "type", "object", "ada")


@given(
    objects=st.dictionaries(
        st.sampled_from(_TRICKY), st.sampled_from(("role", "user")), min_size=2, max_size=4
    ),
    shape=st.sampled_from([shape for shape in SHAPES if not shape.opaque and shape.name != "unknown type"]),
    rng=st.randoms(use_true_random=False),
    field=st.sampled_from(("failed_objects", "restored_objects")),
)
def test_a_response_about_some_objects_is_never_read_as_one_about_all(
    objects: dict[str, str], shape: Shape, rng: Random, field: str
) -> None:
    """Whatever the objects are called, and however the response names them."""
    requested = {(kind, name): False for name, kind in objects.items()}
    mentioned = [Thing(kind, name) for kind, name in list(requested)[1:]]
    value = shape.make(mentioned, lambda thing: thing.kind, rng)
    index = ResponseIndex(answer(**{field: value}), requested)
    status = ObjectStatus.FAILED if field == "failed_objects" else ObjectStatus.RESTORED
    assert index.unread or any(index.of(*key).status is not status for key in requested)


_text = st.text(max_size=8)
_names = st.sampled_from(["s.a", "s.b", "ada", "table", "user", "all", "schema", "x.y", "s"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | _text | _names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names | _text, inner, max_size=4),
    max_leaves=8,
)
_EMPTY_TEXT = ("", "{}", "[]", "null")


@given(restored=_json, renamed=_json, failed=_json.filter(bool), data=st.data())
def test_a_failure_in_any_shape_is_never_restored(
    restored: Any, renamed: Any, failed: Any, data: Any
) -> None:
    """Whatever JSON ``failed_objects`` holds: unless it is empty in some spelling, the verdict is not Restored."""
    spelled = data.draw(st.sampled_from([failed, json.dumps(failed)]))
    if isinstance(spelled, str) and spelled.strip() in _EMPTY_TEXT:
        return
    objects = Selection.of({"table": ["s.a", "s.b"], "user": ["ada"]})
    dry = answer(restored_objects={"table": "s.a,s.b", "user": "ada"})
    real = answer(restored_objects=restored, renamed_objects=renamed, failed_objects=spelled)
    made = rehearsal(plan({kind: sorted(names) for kind, names in objects.by_type.items()}), response=dry)
    lines = build_results(objects, contents(), dry, real)
    assert assess(made, lines, real, None).verdict not in (Verdict.RESTORED, Verdict.WARNED)


@given(_json)
def test_reading_raises_nothing(value: Any) -> None:
    """Any JSON is read to the end, into names that are not empty."""
    for renamed in (False, True):
        assert all(one.name.strip() for one in read_objects(value, REQUESTED, renamed=renamed).objects)


@pytest.mark.parametrize("field", ["restored_objects", "renamed_objects", "failed_objects"])
@pytest.mark.parametrize("opening", ["[", '{"table":', '[{"s.z":'])
@pytest.mark.parametrize("depth", [19, 50, 300, 900, 100_000])
def test_a_value_nested_too_deeply_is_unread(field: str, opening: str, depth: int) -> None:
    """JSON inside a string may be nested deeper than the stack: the outcome of a sent restore survives it."""
    closing = {"[": "]", '{"table":': "}", '[{"s.z":': "}]"}[opening]
    deep = opening * depth + "1" + closing * depth
    asked = plan({"table": ["s.a", "s.b"]})
    response = answer(**{"restored_objects": {"table": "s.a,s.b"}, field: deep})
    made = rehearsal(asked, response=answer(restored_objects={"table": "s.a,s.b"}))
    lines = build_results(asked.objects, contents(), made.response, response)
    verdict = assess(made, lines, response, None).verdict
    assert field != "failed_objects" or verdict not in (Verdict.RESTORED, Verdict.WARNED)


@pytest.mark.parametrize(
    "entry",
    [
        {"s.a": "pending"},
        {"s.a": "IN_PROGRESS"},
        {"s.a": "queued"},
        {"s.a": "not started"},
        {"s.a": {"type": "table", "status": "pending"}},
        {"s.a": {"type": "table", "status": "IN_PROGRESS"}},
        {"s.a": {"type": "table", "state": "SUBMITTED"}},
        {"s.a": {"type": "table", "result": "validated"}},
        {"s.a": {"type": "table", "outcome": "TODO"}},
        {"s.a": '{"type": "table", "status": "queued"}'},
        {"s.a": {"type": "table", "progress": 42}},
        {"s.a": {"type": "table", "percent": "99"}},
        {"s.a": {"type": "table", "pending": True}},
        {"s.a": {"type": "table", "in_progress": "true"}},
        {"s.a": {"type": "table", "completed": "in progress"}},
        [{"name": "s.a", "type": "table", "status": "queued"}],
        [{"object_name": "s.a", "object_type": "table", "STATE": "Running"}],
        {"table": {"s.a": "scheduled"}},
    ],
    ids=repr,
)
@pytest.mark.parametrize("field", ["restored_objects", "renamed_objects"])
def test_an_object_that_is_still_to_be_restored_is_not_restored(entry: Any, field: str) -> None:
    """Alone it leaves the outcome unknown; beside others that are restored, it is missing."""
    for others, verdict in (({}, Verdict.UNKNOWN), ({"s.b": "table"}, Verdict.PARTLY)):
        asked = plan({"table": ["s.a", *others]})
        made = rehearsal(asked, response=answer(restored_objects={"s.a": "table", **others}))
        fields: dict[str, Any] = {"restored_objects": others, field: entry}
        if field == "restored_objects":
            fields = {"restored_objects": [entry, others]}
        real = answer(**fields)
        lines = build_results(made.plan.objects, contents(), made.response, real)
        assert assess(made, lines, real, None).verdict is verdict


@pytest.mark.parametrize(
    "state",
    ["restored", "OK", "Completed", "success", "DONE", "restored, 12 records", "", None, "replaced", True],
)
def test_an_object_whose_state_is_an_end_is_restored(state: Any) -> None:
    """The words for an end, in any case; an empty state says nothing."""
    (one,) = read_objects({"s.a": {"type": "table", "status": state}}, REQUESTED).objects
    assert (one.failed, one.unfinished) == (False, False)


@pytest.mark.parametrize(
    ("detail", "failed"),
    [
        ("failed to move", True),
        ("error: sales.a is in use", True),
        ("could not be renamed", True),
        ("skipped", True),
        ("Permission denied", True),
        ("table: failed to move", True),
        ("backup_1.a", False),
        ("old.error_log", False),
        ("failed.a", False),
        ("error.a", False),
        ("lab notes.a", False),
        ("backup_1.a (table)", False),
    ],
)
def test_a_new_name_is_told_from_a_failure_to_rename(detail: str, failed: bool) -> None:
    """Any word may occur in a name; a sentence of trouble in its place is a failure."""
    (one,) = read_objects({"s.a": detail}, REQUESTED, renamed=True).objects
    assert (one.name, one.failed) == ("s.a", failed)


@pytest.mark.parametrize("separator", [",", ", ", None])
def test_a_long_list_of_names_is_not_taken_for_types(
    monkeypatch: pytest.MonkeyPatch, separator: str | None
) -> None:
    """Of a thousand names, the first says that they are no type words: the others are not looked up."""
    names = [f"s.t{at}" for at in range(1000)]
    looked_up: list[Any] = []
    known = object_list_words.normalize_type
    monkeypatch.setattr(
        object_list_words, "normalize_type", lambda word: looked_up.append(word) or known(word)
    )
    value = {"table": names if separator is None else separator.join(names)}
    assert len(read_objects(value, {("table", name) for name in names}).objects) == len(names)
    assert len(looked_up) < 20
