"""The ledger: every object requested, what the dry run said, what the restore did, and the verdict."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.reference import TYPE_NAMES
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.response_index import ObjectStatus
from restore_tui.restore.preflight.results import ObjectResult, StatusCounts, build_results
from tests.harness.plans import answer, contents, selections

ASKED = Selection.of({"table": ["s.a", "s.b"], "user": ["ada"]})


def fates(asked: Selection = ASKED, *, held: Any = (), **maps: Any) -> dict[tuple[str, str], str]:
    return {
        (x.type, x.name): x.dry_run.status.value
        for x in build_results(asked, contents(*held), answer(**maps))
        if x.dry_run
    }


def line(name: str, asked: Selection = ASKED, **maps: Any) -> ObjectResult:
    return next(x for x in build_results(asked, contents(), answer(**maps)) if x.name == name)


@pytest.mark.parametrize(
    "maps",
    [
        {"restored_objects": {"s.a": "table", "ada": "user"}, "failed_objects": {"s.b": "table"}},
        {"restored_objects": {"table": "s.a", "user": "ada"}, "failed_objects": {"TABLE": "s.b"}},
        {"restored_objects": {"table": "s.a", "ada": "USER"}, "failed_objects": {"s.b": "disk full, sorry"}},
        {"restored_objects": {"table": " s.a , s.a", "user": "ada,"}, "failed_objects": {"s.b": ""}},
    ],
    ids=["name to type", "type to names", "mixed", "twice"],
)
def test_maps_are_read_in_both_directions(maps: Any) -> None:
    """Name to type, type to names, or both in one answer: the ledger is the same."""
    assert fates(**maps) == {
        ("table", "s.a"): "restored",
        ("user", "ada"): "restored",
        ("table", "s.b"): "failed",
    }


@pytest.mark.parametrize("failed", [{"s.a": "table"}, {"s.a": "disk full, sorry"}, {"table": "s.a"}])
def test_where_the_old_one_went_is_kept_although_the_restore_failed(failed: dict[str, str]) -> None:
    """The old object moves first; whoever wants it back has to know where it is."""
    said = line("s.a", renamed_objects={"s.a": "attic.a"}, failed_objects=failed).dry_run
    assert said is not None
    assert (said.status, said.moved_to) == (ObjectStatus.FAILED, "attic.a")


def test_what_is_left_out_is_said_to_be() -> None:
    """An object that no map mentions is not mentioned, be it one or all of them."""
    assert fates(restored_objects={"table": "s.a,s.b"})["user", "ada"] == "not mentioned"
    assert set(fates().values()) == {"not mentioned"}


def test_before_any_answer_nothing_is_said() -> None:
    """Without a response there is a line, and no word."""
    assert [(x.dry_run, x.restore) for x in build_results(ASKED, contents(), None)] == [(None, None)] * 3


@pytest.mark.parametrize("failed", [{"s.a": "table"}, {"table": "s.a"}, {"s.a": "disk full"}])
@pytest.mark.parametrize("restored", [{"s.a": "table"}, {"table": "s.a"}, {"s.a": "whatever"}])
def test_a_failure_goes_before_a_success(failed: Any, restored: Any) -> None:
    """Named as restored and as failed, an object has failed; it has one line."""
    found = build_results(
        Selection.of({"table": ["s.a"]}), contents(), answer(restored_objects=restored, failed_objects=failed)
    )
    assert [(x.name, x.dry_run and x.dry_run.status) for x in found] == [("s.a", ObjectStatus.FAILED)]


@pytest.mark.parametrize(
    ("info", "why"),
    [
        ({"s.b": "disk full"}, "disk full"),
        ({"error.s.b": "disk full"}, "disk full"),
        ({"failed: s.b": "disk full"}, "disk full"),
        ({"bus.b": "other"}, ""),
        ({"s.bb": "other"}, ""),
        ({}, ""),
    ],
)
def test_the_reason_may_stand_in_info(info: dict[str, str], why: str) -> None:
    """A reason is taken from info where its key ends with this very name."""
    said = line("s.b", failed_objects={"s.b": "table"}, info=info).dry_run
    assert said is not None
    assert said.reason == why


def test_the_reason_may_stand_in_the_map() -> None:
    """A value that is no type is the reason."""
    said = line("s.b", failed_objects={"s.b": "checksum mismatch, file 3"}).dry_run
    assert said is not None
    assert (said.status, said.reason) == (ObjectStatus.FAILED, "checksum mismatch, file 3")


@pytest.mark.parametrize(
    ("renamed", "moved"),
    [
        ({"s.a": "backup_1.a"}, "backup_1.a"),
        ({"table": "s.a"}, "another schema"),
        ({"s.a": "table"}, "another schema"),
    ],
)
@pytest.mark.parametrize("restored", [{}, {"s.a": "table"}])
def test_renamed_objects_say_where_the_old_one_went(renamed: Any, moved: str, restored: Any) -> None:
    """A moved object is restored, and its predecessor is to be found."""
    said = line("s.a", restored_objects=restored, renamed_objects=renamed).dry_run
    assert said is not None
    assert (said.status, said.moved_to) == (ObjectStatus.RESTORED, moved)
    found = build_results(ASKED, contents(), answer(restored_objects=restored, renamed_objects=renamed))
    assert len(found) == 3
    assert StatusCounts.of(found).moved == 1


def test_what_was_not_asked_for_is_shown() -> None:
    """An object that the response brings along has a line of its own, and does not count as asked."""
    found = build_results(
        ASKED, contents(), answer(restored_objects={"table": "s.a,s.b,s.extra", "user": "ada"})
    )
    assert [(x.name, x.requested) for x in found if not x.requested] == [("s.extra", False)]
    assert StatusCounts.of(found) == StatusCounts(restored=3)


def test_a_whole_schema_becomes_its_objects() -> None:
    """`all` is made of what the snapshot lists in the schema, each object once."""
    asked = Selection.of({"all": ["s"], "table": ["s.a"]})
    found = build_results(asked, contents(("table", "s.a"), ("graph", "s.g"), ("table", "t.x")), None)
    assert sorted((x.type, x.name) for x in found) == [("graph", "s.g"), ("table", "s.a")]


@pytest.mark.parametrize(
    ("maps", "fate"),
    [
        ({"restored_objects": {"all": "s"}}, "restored"),
        ({"restored_objects": {"s": "all"}}, "restored"),
        ({"failed_objects": {"all": "s"}}, "failed"),
        ({"restored_objects": {"table": "s.a,s.b"}}, "restored"),
        ({"restored_objects": {"table": "s.a"}, "failed_objects": {"table": "s.b"}}, "failed"),
        ({"restored_objects": {"table": "t.a"}}, "not mentioned"),
    ],
)
def test_a_schema_without_a_listing_is_judged_by_what_is_in_it(maps: Any, fate: str) -> None:
    """Where the snapshot lists nothing, the schema itself is the line, and its objects speak for it."""
    assert fates(Selection.of({"all": ["s"]}), **maps)["all", "s"] == fate


def test_a_schema_as_a_whole_speaks_for_its_objects() -> None:
    """An answer that names only the schema says so of all in it."""
    found = fates(Selection.of({"all": ["s"]}), held=[("table", "s.a")], restored_objects={"all": "s"})
    assert found == {("table", "s.a"): "restored"}


BESIDE = {"s": "old"}


@pytest.mark.parametrize(
    "maps",
    [
        {"restored_objects": {"s.a": "table", "ada": "user"}, "failed_objects": {"s.b": "table"}},
        {"restored_objects": {"old.a": "table", "ada": "user"}, "failed_objects": {"old.b": "table"}},
        {"restored_objects": {"table": "old.a,old.b", "user": "ada"}, "failed_objects": {"s.b": "disk full"}},
        {"restored_objects": {"table": "s.a,s.b", "user": "ada"}, "failed_objects": {"table": "old.b"}},
    ],
    ids=["by their old names", "by their new names", "mixed", "mixed the other way"],
)
def test_an_answer_may_call_an_object_by_either_name(maps: Any) -> None:
    """Restored into another schema: old name or new, each object has one line, and nothing is unasked."""
    found = build_results(ASKED, contents(), answer(**maps), targets=BESIDE)
    assert {(x.name, x.restored_as): x.dry_run.status.value for x in found if x.dry_run} == {
        ("s.a", "old.a"): "restored",
        ("s.b", "old.b"): "failed",
        ("ada", ""): "restored",
    }
    assert all(x.requested for x in found)


@pytest.mark.parametrize("restored", ["s.a", "old.a"])
def test_what_moved_away_is_told_by_the_place_that_it_had(restored: str) -> None:
    """Under rename the live object in the target moves: the line is still the one of the object requested."""
    asked = Selection.of({"table": ["s.a"]})
    said = answer(restored_objects={restored: "table"}, renamed_objects={"old.a": "backup_1.a"})
    (found,) = build_results(asked, contents(), said, targets=BESIDE)
    assert found.dry_run is not None
    assert (found.dry_run.status, found.dry_run.moved_to, found.restored_as) == (
        ObjectStatus.RESTORED,
        "backup_1.a",
        "old.a",
    )


@pytest.mark.parametrize(
    "maps", [{"restored_objects": {"all": "old"}}, {"restored_objects": {"table": "old.x"}}]
)
def test_a_whole_schema_may_be_called_by_its_new_name(maps: Any) -> None:
    """all of s into old, and the snapshot lists nothing: the schema's line finds old."""
    (found, *_) = [
        x
        for x in build_results(Selection.of({"all": ["s"]}), contents(), answer(**maps), targets=BESIDE)
        if x.requested
    ]
    assert (found.name, found.restored_as, found.dry_run and found.dry_run.status) == (
        "s",
        "old",
        ObjectStatus.RESTORED,
    )


def test_a_user_with_a_dot_lives_in_no_schema() -> None:
    """m.okafor stays m.okafor where the schema m goes elsewhere."""
    asked = Selection.of({"user": ["m.okafor"], "table": ["m.t"]})
    found = build_results(
        asked, contents(), answer(restored_objects={"user": "m.okafor"}), targets={"m": "n"}
    )
    assert {x.name: x.restored_as for x in found} == {"m.okafor": "", "m.t": "n.t"}


def test_trouble_comes_first() -> None:
    """Failures, then what is not mentioned, then what differs, then the rest."""
    asked = Selection.of({"table": ["s.1", "s.2", "s.3", "s.4"]})
    dry = answer(restored_objects={"table": "s.1,s.4"}, failed_objects={"table": "s.2,s.3"})
    real = answer(restored_objects={"table": "s.1,s.2"}, failed_objects={"table": "s.4"})
    found = build_results(asked, contents(), dry, real)
    assert [(x.name, x.differs) for x in found] == [
        ("s.4", True),
        ("s.3", True),
        ("s.2", True),
        ("s.1", False),
    ]


_words = st.sampled_from(
    ["x.a", "x.b", "a", "table", "user", "all", "x", "table,user", "x.a,x.b", "", "no space"]
)
_maps = st.dictionaries(_words, _words, max_size=4)
_answers = st.none() | st.builds(
    lambda r, n, e, i: answer(restored_objects=r, renamed_objects=n, failed_objects=e, info=i),
    _maps,
    _maps,
    _maps,
    _maps,
)
_asked = selections | st.dictionaries(
    st.sampled_from(["table", "user", "all"]), st.frozensets(st.sampled_from(["x.a", "x.b", "a", "x"]))
).map(Selection.of)
_held = st.lists(
    st.tuples(st.sampled_from(["table", "user"]), st.sampled_from(["x.a", "x.b", "y.c", "a"])), max_size=4
)


_targets = st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["z", "w"]))


@given(_asked, _held, _answers, _answers, _targets)
def test_every_object_asked_for_has_exactly_one_line(
    asked: Selection, held: Any, dry: Any, real: Any, targets: dict[str, str]
) -> None:
    """No answer, however odd, loses or doubles an object."""
    lines = build_results(asked, contents(*held), dry, real, targets=targets)
    count = Counter((x.type, x.name) for x in lines)
    assert set(count.values()) <= {1}
    ticked = [(kind, name) for kind, names in asked.by_type.items() if kind != "all" for name in names]
    in_schemas = [
        (kind, name) for kind, name in held if kind == "table" and "." in name
    ]  # a user may be named x.a
    of_schemas = [(k, n) for k, n in in_schemas if n.split(".")[0] in asked.names("all")]
    empty = [("all", s) for s in asked.names("all") if not any(n.startswith(s + ".") for _, n in in_schemas)]
    assert {(x.type, x.name) for x in lines if x.requested} == {*ticked, *of_schemas, *empty}
    assert all(
        (x.dry_run is None) is (dry is None) and (x.restore is None) is (real is None)
        for x in lines
        if x.requested
    )
    tally = StatusCounts.of(lines)
    if dry is not None or real is not None:
        assert tally.restored + tally.failed + tally.missing == sum(x.requested for x in lines)


def test_the_words_of_the_reference_are_types() -> None:
    """Each of the fourteen types is read as a key that leads to names."""
    for kind in TYPE_NAMES - {"all"}:
        assert fates(Selection.of({kind: ["n"]}), restored_objects={kind: "n"}) == {(kind, "n"): "restored"}
