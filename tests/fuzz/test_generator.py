"""The generator covers what it promises, the oracle knows every lie, and neither knows the product."""

from __future__ import annotations

import ast
from collections import Counter
from enum import Enum
from functools import cache
from pathlib import Path

import pytest

from tests.fuzz import truth as t
from tests.fuzz.product import Example, example
from tests.fuzz.shapes import SHAPES
from tests.fuzz.truth import About, Contradiction, DryRun, Ending, Fate, Remark, Thing, Totals, Truth

ORDERS = Thing("table", "sales.orders")
ITEMS = Thing("table", "sales.items")
LOST = Thing("table", "sales.lost", Fate.LOST)
SILENT = Thing("table", "sales.silent", Fate.SILENT)
LEAST = {"clean": 2, "failure": 3, "not mentioned": 2, "something else": 1, "trouble": 4}
"""Kinds of truth whose response names objects, and how often each comes in each shape at least."""


@cache
def examples() -> list[Example]:
    return [example(number) for number in range(2800)]


def _class(truth: Truth) -> str:
    """The kind of truth, for the stories whose response names objects."""
    fates = {thing.fate for thing in (*truth.things, *truth.strangers)}
    if truth.about is not About.OURS:
        return "something else"
    if fates & {Fate.LOST, Fate.LOST_AND_BACK}:
        return "failure"
    if Fate.SILENT in fates:
        return "not mentioned"
    return "trouble" if t.RESTORED not in t.verdicts_allowed(truth) else "clean"


def test_every_story_is_told() -> None:
    """Each story occurs, directly and as a job wherever it can be either."""
    counts = Counter(made.truth.story for made in examples())
    assert {story: counts[story] for story in t.STORIES if counts[story] < 8} == {}
    modes = Counter(made.truth.as_job for made in examples())
    assert min(modes.values()) > 600


@pytest.mark.parametrize("kind", LEAST)
def test_every_kind_of_truth_comes_in_every_shape(kind: str) -> None:
    """Each kind of truth is rendered in each shape often enough."""
    counts = Counter(made.script.shape for made in examples() if _class(made.truth) == kind)
    assert [shape.name for shape in SHAPES if counts[shape.name] < LEAST[kind]] == []


def test_every_ending_and_every_oddity_occurs() -> None:
    """Each value of each fact of a truth occurs."""
    truths = [made.truth for made in examples()]
    facts = Counter[Enum](
        fact
        for truth in truths
        for fact in (truth.ending, truth.about, truth.contradiction, truth.totals, truth.remark)
    )
    kinds: tuple[type[Enum], ...] = (Ending, About, Contradiction, Totals, Remark)
    assert [fact for kind in kinds for fact in kind if facts[fact] < 5] == []
    names = {thing.name for truth in truths for thing in truth.things}
    assert {"monitor", "user", "all", "@jane.doe"} <= names
    assert any("'" in name for name in names)
    assert any(not name.isascii() for name in names)
    assert any(truth.schemas for truth in truths)
    assert any(truth.has_twins for truth in truths)


def test_many_responses_keep_to_the_reference() -> None:
    """Enough examples are documented ones, for which one verdict is right."""
    documented = Counter(made.truth.story for made in examples() if made.script.documented)
    assert {story for story in t.STORIES if t.deserved(story) and documented[story] < 5} == set()


@pytest.mark.parametrize("verdict", sorted(t.ALL_VERDICTS))
def test_a_product_with_one_verdict_for_everything_is_caught(verdict: str) -> None:
    """Whatever single verdict a product had for everything, the oracle would find it out."""
    lies = [
        made
        for made in examples()
        if t.lie(made.truth, verdict, t.EXIT_CODES[verdict], documented=made.script.documented)
    ]
    assert len(lies) > 100


def test_the_oracle_always_leaves_a_true_verdict() -> None:
    """Unknown is never a lie, and what a truth deserves is not forbidden."""
    for made in examples():
        allowed = t.verdicts_allowed(made.truth)
        assert t.UNKNOWN in allowed
        deserved = t.deserved(made.truth.story)
        assert not made.script.documented or deserved is None or deserved in allowed, made


_CASES: dict[str, tuple[Truth, set[str]]] = {
    "all came back": (
        Truth("", False, (ORDERS, ITEMS)),
        {t.RESTORED, t.WITH_WARNINGS, t.PARTLY, t.UNKNOWN},
    ),
    "one failed": (Truth("", False, (ORDERS, LOST)), {t.PARTLY, t.UNKNOWN}),
    "all failed": (Truth("", False, (LOST,)), {t.PARTLY, t.FAILED, t.UNKNOWN}),
    "one is not mentioned": (Truth("", False, (ORDERS, SILENT)), {t.PARTLY, t.UNKNOWN}),
    "silence": (Truth("", False, (ORDERS,), names_nothing=True), {t.UNKNOWN}),
    "silence as in the dry run": (
        Truth("", False, (ORDERS,), names_nothing=True, dry_run=DryRun(names=False)),
        {t.RESTORED, t.WITH_WARNINGS, t.PARTLY, t.UNKNOWN},
    ),
    "silence, and zeros where the dry run had data": (
        Truth("", False, (ORDERS,), names_nothing=True, dry_run=DryRun(names=False), totals=Totals.ZERO),
        {t.UNKNOWN},
    ),
    "zeros of definitions": (
        Truth("", False, (ORDERS,), totals=Totals.ZERO, definitions_only=True),
        {t.RESTORED, t.WITH_WARNINGS, t.PARTLY, t.UNKNOWN},
    ),
    "another snapshot": (Truth("", False, (ORDERS,), about=About.OTHER_SNAPSHOT), {t.UNKNOWN}),
    "a contradiction": (
        Truth("", True, (ORDERS,), contradiction=Contradiction.NOT_SUCCESSFUL),
        {t.UNKNOWN},
    ),
    "trouble": (
        Truth("", False, (ORDERS,), remark=Remark.TROUBLE_IN_INFO),
        {t.WITH_WARNINGS, t.PARTLY, t.UNKNOWN},
    ),
    "rejected": (Truth("", False, (ORDERS,), ending=Ending.REFUSED), {t.FAILED, t.UNKNOWN}),
    "going away": (Truth("", False, (ORDERS,), ending=Ending.GOING_AWAY), {t.UNKNOWN}),
    "cancelled by somebody": (Truth("", True, (ORDERS,), ending=Ending.CANCELLED), {t.UNKNOWN}),
}


@pytest.mark.parametrize("case", _CASES)
def test_the_oracle_on_truths_written_by_hand(case: str) -> None:
    """The oracle allows exactly the verdicts that a person would."""
    truth, allowed = _CASES[case]
    assert t.verdicts_allowed(truth) == allowed


def test_the_exit_code_belongs_to_the_verdict() -> None:
    """A right verdict with another exit code is a lie to scripts."""
    truth = Truth("", False, (ORDERS, LOST))
    assert t.lie(truth, t.PARTLY, 3, documented=True) is None
    assert t.lie(truth, t.PARTLY, 0, documented=True)


def test_an_example_is_the_same_every_time() -> None:
    """A number names one example, so that a failure can be repeated."""
    assert [example(number) for number in range(50)] == examples()[:50]


@pytest.mark.parametrize("module", ["truth", "shapes", "wire"])
def test_the_generator_does_not_know_the_product(module: str) -> None:
    """What makes the responses imports the standard library and itself."""
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text())
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert {name for name in imported if name.partition(".")[0] in ("restore_tui", "tests")} <= {
        "tests.fuzz",
        "tests.fuzz.truth",
        "tests.fuzz.shapes",
    }
