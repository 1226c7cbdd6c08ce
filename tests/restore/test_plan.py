"""The plan: what a choice clears, what it keeps, and what keeps it from a dry run."""

from __future__ import annotations

import pytest
from hypothesis import given

from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from tests.harness.plans import contents, plan, plans, selections

OPTIONS = {"restore_policy": "replace"}


def test_another_data_source_clears_backup_and_snapshot() -> None:
    """A backup is known through its data source; objects and options stay."""
    changed = plan(options=OPTIONS).choose_data_source("hdfs")
    made = changed.plan
    assert (made.data_source, made.backup, made.snapshot) == ("hdfs", "", None)
    assert (made.objects, made.options) == (plan().objects, OPTIONS)
    assert "Backup and snapshot" in changed.cleared


def test_another_backup_clears_the_snapshot() -> None:
    """Snapshots belong to their backup; all else stays."""
    changed = plan(options=OPTIONS).choose_backup("weekly")
    made = changed.plan
    assert (made.data_source, made.backup, made.snapshot) == ("s3", "weekly", None)
    assert (made.objects, made.options) == (plan().objects, OPTIONS)
    assert "snapshot" in changed.cleared


def test_another_snapshot_clears_nothing() -> None:
    """Only what the new snapshot turns out not to hold goes, and that is seen later."""
    changed = plan().choose_snapshot(NewestSnapshot("1"))
    assert changed.cleared == ""
    assert changed.plan.objects == plan().objects


@given(plans())
def test_choosing_the_same_again_changes_nothing(made: RestorePlan) -> None:
    """Going back and taking the same row loses no work."""
    assert made.snapshot is not None
    for changed in (
        made.choose_data_source(made.data_source),
        made.choose_backup(made.backup),
        made.choose_snapshot(made.snapshot),
    ):
        assert (changed.plan, changed.cleared) == (made, "")


def test_the_first_choice_clears_nothing() -> None:
    """Nothing is said to be cleared where there was nothing."""
    first = RestorePlan().choose_data_source("s3")
    second = first.plan.choose_backup("nightly")
    assert (first.cleared, second.cleared) == ("", "")


def test_reconcile_unticks_what_is_not_there_and_says_how_many() -> None:
    """Selected names that another snapshot does not hold are cleared, and counted."""
    made = plan({"table": ["s.a", "s.b", "s.c"], "all": ["s", "t"], "user": ["ada"]})
    changed = made.reconcile(contents(("table", "s.a"), ("user", "bob")), {})
    assert dict(changed.plan.objects.by_type) == {"table": {"s.a"}, "all": {"s"}}
    assert changed.cleared.startswith("4 selected names are cleared")
    one = plan({"table": ["s.a", "s.b"]}).reconcile(contents(("table", "s.a")), {})
    assert one.cleared.startswith("1 selected name is cleared")


def test_reconcile_keeps_what_was_typed() -> None:
    """Who typed a name knows why."""
    made = plan({"table": ["s.a", "s.b"], "user": ["s.b"]})
    changed = made.reconcile(contents(("table", "s.a")), {"table": ("s.b",)})
    assert dict(changed.plan.objects.by_type) == {"table": {"s.a", "s.b"}}


@given(selections)
def test_reconcile_with_nothing_listed_keeps_everything(objects: Selection) -> None:
    """A server that lists no names proves nothing."""
    made = plan({}).choose_objects(objects)
    assert made.reconcile(contents(), {}) == type(made.choose_backup(""))(made)


@given(selections)
def test_a_selection_counts_what_is_ticked(objects: Selection) -> None:
    """Types without names do not exist in a selection; clearing all leaves nothing."""
    assert objects.count == sum(len(objects.names(kind)) for kind in objects.by_type)
    assert all(objects.by_type.values())
    assert bool(objects) is (objects.count > 0)
    for kind in list(objects.by_type):
        objects = objects.with_names(kind, [])
    assert objects == Selection()


def test_a_selection_is_not_changed_by_the_next_one() -> None:
    """Each tick makes a new selection."""
    first = Selection.of({"table": ["s.a"]})
    second = first.with_names("table", ["s.b"]).with_names("user", ["ada"])
    assert dict(first.by_type) == {"table": {"s.a"}}
    assert dict(second.by_type) == {"table": {"s.b"}, "user": {"ada"}}
    with pytest.raises(TypeError):
        first.by_type["table"] = frozenset()  # type: ignore[index]


def test_what_is_ticked_twice() -> None:
    """A table of a schema that is selected as a whole is covered twice; a user never is, and of a function it is not
    documented whether all covers it."""
    objects = Selection.of(
        {
            "all": ["s"],
            "table": ["s.a", "t.b"],
            "graph": ["s.g"],
            "user": ["s.u"],
            "user_defined_function": ["s.f"],
            "directory": ["d"],
        }
    )
    assert objects.covered_twice() == {("table", "s.a"), ("graph", "s.g")}
    assert objects.without_schema() == ("user", "directory")
    assert objects.schema_undocumented() == ("user_defined_function",)


def test_an_option_set_back_is_gone() -> None:
    """The default takes an option out of the plan; an unknown one is an error."""
    made = plan(options={"ddl_only": "true"})
    assert made.option("ddl_only") == "true"
    back = made.choose_option("ddl_only", "false")
    assert (back.option("ddl_only"), back) == ("false", plan())
    with pytest.raises(KeyError):
        made.choose_option("nonsense", "x")


def test_an_empty_plan_says_what_it_needs_in_the_order_of_the_road() -> None:
    """Everything that is missing is named at once."""
    assert [p.part for p in RestorePlan().problems()] == ["data_source", "backup", "snapshot", "objects"]
    assert plan().problems() == ()


@pytest.mark.parametrize(
    ("options", "bad"),
    [
        ({"restore_policy": "rename", "renamed_objects_schema": "old.er"}, True),
        ({"restore_policy": "rename", "renamed_objects_schema": "-x"}, True),
        ({"restore_policy": "rename", "renamed_objects_schema": "x,y"}, True),
        ({"restore_policy": "rename", "renamed_objects_schema": "older"}, False),
        ({"restore_policy": "rename"}, False),
        ({"renamed_objects_schema": "-x"}, False),
    ],
)
def test_the_schema_for_old_objects_has_to_be_a_name(options: dict[str, str], bad: bool) -> None:
    """Where it will be sent, the schema has to keep the naming rules."""
    assert [p.part for p in plan(options=options).problems()] == (["options"] if bad else [])


@pytest.mark.parametrize("name", ["cn=ada,dc=example", "s.a ", " ada"])
def test_a_name_that_would_be_torn_apart_is_a_problem(name: str) -> None:
    """A listed name with a comma would ask for objects that nobody selected."""
    (problem,) = plan({"user": [name, "bob"]}).problems()
    assert problem.part == "objects"
    assert name in problem.text


def test_the_pinned_id() -> None:
    """Only a pinned snapshot has an id of its own."""
    assert plan(snapshot=PinnedSnapshot("7")).snapshot_id == "7"
    assert plan(snapshot=NewestSnapshot("7")).snapshot_id == ""
