"""Where our look, the dry run and the restore contradict each other, and the filters of the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import ConflictStatus, ObjectConflict
from restore_tui.restore.preflight.response_index import ObjectStatus, ReportedStatus
from restore_tui.restore.preflight.results import (
    ObjectResult,
    ObjectResults,
    build_results,
    objects_named_in_refusal,
)
from tests.harness.plans import answer, contents

ASKED = Selection.of({"table": ["s.a", "s.b"]})
A, B = ("table", "s.a"), ("table", "s.b")
NEW, ABORT, REPLACED = (
    ObjectConflict(ConflictStatus.NEW),
    ObjectConflict(ConflictStatus.ABORT),
    ObjectConflict(ConflictStatus.REPLACED),
)
MOVED, MOVED_SOMEWHERE = (
    ObjectConflict(ConflictStatus.MOVED, "old.a"),
    ObjectConflict(ConflictStatus.MOVED, "backup_<UUID>.a"),
)
UNCHECKED, HIDDEN = (
    ObjectConflict(ConflictStatus.UNCHECKED, why="no"),
    ObjectConflict(ConflictStatus.HIDDEN, why="no"),
)


def drawn(seen: ObjectConflict | None = None, real: Any = None, **dry: Any) -> dict[str, ObjectResult]:
    """The ledger by name; ``seen`` is of s.a."""
    lines = build_results(ASKED, contents(), answer(**dry), real, seen={A: seen, B: NEW} if seen else None)
    return {line.name: line for line in lines}


ALL = {"restored_objects": {"table": "s.a,s.b"}}
GONE_OLD = {"restored_objects": {"s.a": "table", "s.b": "table"}, "renamed_objects": {"s.a": "old.a"}}
GONE_OTHER = {**GONE_OLD, "renamed_objects": {"s.a": "backup_1.a"}}
GONE_UNTOLD = {"restored_objects": {"table": "s.a,s.b"}, "renamed_objects": {"table": "s.a"}}


@pytest.mark.parametrize(
    ("seen", "said", "disagrees"),
    [
        (NEW, ALL, ""),
        (ABORT, ALL, "should abort the restore"),
        (REPLACED, ALL, ""),
        (MOVED, ALL, "moves none"),
        (UNCHECKED, ALL, ""),
        (HIDDEN, ALL, ""),
        (None, ALL, ""),
        (NEW, GONE_OLD, "would move one away"),
        (REPLACED, GONE_OLD, "would be replaced"),
        (ABORT, GONE_OLD, "should abort the restore"),
        (MOVED, GONE_OLD, ""),
        (MOVED, GONE_OTHER, "different places"),
        (MOVED, GONE_UNTOLD, ""),
        (MOVED_SOMEWHERE, GONE_OTHER, ""),
        (UNCHECKED, GONE_OLD, ""),
        (HIDDEN, GONE_OLD, ""),
        (ABORT, {"failed_objects": {"s.a": "table"}, "restored_objects": {"s.b": "table"}}, ""),
        (NEW, {"failed_objects": {"s.a": "table"}, "restored_objects": {"s.b": "table"}}, ""),
    ],
)
def test_our_look_and_the_dry_run(seen: ObjectConflict | None, said: Any, disagrees: str) -> None:
    """Both are shown where they contradict each other; what was not checked contradicts nothing."""
    lines = drawn(seen, **said)
    assert bool(lines["s.a"].disagrees) is bool(disagrees)
    assert disagrees in lines["s.a"].disagrees
    assert [line.name for line in ObjectResults(lines.values()).differing] == (["s.a"] if disagrees else [])
    assert lines["s.b"].disagrees == ""


@pytest.mark.parametrize(
    "said",
    [
        {"restored_objects": {"s.b": "table"}},
        {"restored_objects": {"table": "s.b"}},
        {"restored_objects": {"s.b": "TABLE"}, "failed_objects": {}},
        {"failed_objects": {"table": "s.b"}},
    ],
)
def test_an_answer_that_names_others_and_leaves_one_out(said: Any) -> None:
    """A contradiction in itself; one that names no object at all says nothing, and contradicts nothing."""
    lines = drawn(NEW, **said)
    assert "but not this one" in lines["s.a"].disagrees
    assert [line.name for line in ObjectResults(lines.values()).not_mentioned] == ["s.a"]
    silent = drawn(NEW, restored_bytes=5)
    assert [line.disagrees for line in silent.values()] == ["", ""]
    assert {line.name for line in ObjectResults(silent.values()).not_mentioned} == {"s.a", "s.b"}


@pytest.mark.parametrize(
    ("restored", "renamed", "lost"),
    [
        ({"s.a": "table"}, {}, {"s.a": "table"}),
        ({"table": "s.a"}, {}, {"table": "s.a"}),
        ({"s.a": "table"}, {}, {"table": "s.a"}),
        ({"table": "s.a"}, {}, {"s.a": "disk full"}),
        ({"s.a": "whatever"}, {}, {"table": "s.a"}),
        ({}, {"s.a": "old.a"}, {"s.a": "table"}),
    ],
)
def test_one_that_is_named_twice(restored: Any, renamed: Any, lost: Any) -> None:
    """As restored and as failed, whichever way round the maps go: it failed, and the response contradicts itself."""
    said = {
        "restored_objects": {"s.b": "table", **restored},
        "renamed_objects": renamed,
        "failed_objects": lost,
    }
    line = drawn(NEW, **said)["s.a"]
    assert line.dry_run is not None
    assert line.dry_run.status is ObjectStatus.FAILED
    assert line.disagrees == "The dry run names it twice, as restored and as failed."
    again = drawn(NEW, answer(**said), **ALL)["s.a"]
    assert again.disagrees == "The restore names it twice, as restored and as failed."
    assert not drawn(NEW, **said)["s.b"].disagrees


def test_restored_and_renamed_is_not_twice() -> None:
    """What was moved away is what was restored over; that is no contradiction."""
    assert drawn(MOVED, **GONE_OLD)["s.a"].disagrees == ""


def test_two_types_of_one_name_are_two_objects() -> None:
    """A table that is restored and a credential of that name that fails do not contradict each other."""
    asked = Selection.of({"table": ["s.a"], "credential": ["s.a"]})
    said = answer(restored_objects={"table": "s.a"}, failed_objects={"credential": "s.a"})
    assert [line.disagrees for line in build_results(asked, contents(), said)] == ["", ""]


def test_the_other_direction_of_the_maps_is_no_disagreement() -> None:
    """Type → names reads as name → type does: the same ledger, with the same look."""
    seen = {A: REPLACED, B: NEW}
    one = answer(restored_objects={"s.a": "table"}, failed_objects={"s.b": "table"})
    other = answer(restored_objects={"table": "s.a"}, failed_objects={"table": "s.b"})
    assert build_results(ASKED, contents(), one, seen=seen) == build_results(
        ASKED, contents(), other, seen=seen
    )


def test_what_was_not_asked_for_has_no_look_and_no_disagreement() -> None:
    """It is shown as unasked, which says enough."""
    lines = drawn(NEW, restored_objects={"table": "s.a,s.b,s.c"})
    assert (lines["s.c"].requested, lines["s.c"].conflict, lines["s.c"].disagrees) == (False, None, "")


def test_under_a_mapped_schema_both_names_are_one_object() -> None:
    """Named as restored by one name and as failed by the other."""
    asked = Selection.of({"table": ["s.a"]})
    said = answer(restored_objects={"s.a": "table"}, failed_objects={"t.a": "table"})
    (line,) = build_results(asked, contents(), said, targets={"s": "t"})
    assert line.disagrees == "The dry run names it twice, as restored and as failed."


_said = st.none() | st.builds(ReportedStatus, st.sampled_from(ObjectStatus), st.sampled_from(["", "old.a"]))
_lines = st.lists(
    st.builds(
        ObjectResult,
        st.just("table"),
        st.just("s.a"),
        _said,
        _said,
        conflict=st.none() | st.sampled_from([NEW, ABORT, REPLACED, MOVED, UNCHECKED, HIDDEN]),
    ),
    max_size=6,
)


@given(_lines)
def test_the_filters_choose_lines_and_keep_their_order(lines: list[ObjectResult]) -> None:
    """By the newest answer; a line that all agree on and that went well is in none of them."""
    ledger = ObjectResults(lines)
    for chosen, belongs in (
        (ledger.failed, lambda line: line.last and line.last.status is ObjectStatus.FAILED),
        (ledger.not_mentioned, lambda line: line.last and line.last.status is ObjectStatus.MISSING),
        (ledger.differing, lambda line: line.differs or line.disagrees),
    ):
        assert [id(line) for line in chosen] == [id(line) for line in lines if belongs(line)]
    out = [
        line
        for line in lines
        if line.disagrees and not (line.last and line.last.status is ObjectStatus.MISSING)
    ]
    assert ledger.precompute().disagreements == len(out)
    fine = ObjectResult(
        "table",
        "s.a",
        ReportedStatus(ObjectStatus.RESTORED),
        ReportedStatus(ObjectStatus.RESTORED),
        conflict=NEW,
    )
    assert (
        ObjectResults([fine]).failed
        == ObjectResults([fine]).not_mentioned
        == ObjectResults([fine]).differing
        == ()
    )


def test_what_differs_comes_before_what_agrees() -> None:
    """A contradiction is near the top of the ledger, below failures."""
    asked = Selection.of({"table": ["s.1", "s.2", "s.3"]})
    said = answer(restored_objects={"table": "s.1,s.2"}, failed_objects={"table": "s.3"})
    seen = {("table", "s.1"): NEW, ("table", "s.2"): ABORT, ("table", "s.3"): NEW}
    assert [line.name for line in build_results(asked, contents(), said, seen=seen)] == ["s.3", "s.2", "s.1"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Object 's.a' already exists", ["s.a"]),
        ('Object "s.a" already exists', ["s.a"]),
        ("Object s.a already exists: s.a, (s.b).", ["s.a"]),
        ("Objects 's.aa', 's.a x', s.a.b already exist", []),
        ("Object 's.b' already exists", []),
        ("no name at all", []),
        ("it's 's.a'", ["s.a"]),
    ],
)
def test_what_a_refusal_names_and_we_do_not_see(words: str, named: list[str]) -> None:
    """A hint: the server's words name it, our look has no conflict. s.b is one that we see."""
    lines = build_results(ASKED, contents(), None, seen={A: NEW, B: ABORT})
    assert [line.name for line in objects_named_in_refusal(lines, words)] == named
    assert objects_named_in_refusal(build_results(ASKED, contents(), None), words) == []
