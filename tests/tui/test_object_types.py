"""Objects: the type that it begins on, the order of the types, and what a filter finds in other types."""

from __future__ import annotations

from restore_tui.kinetica import reference
from restore_tui.tui.widgets.row_list import fit_apart
from restore_tui.tui.widgets.type_list import TypeList
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, text
from tests.harness.app.steps import SIZE, app_of, go, highlighted


async def test_objects_begins_on_tables_then_on_the_type_used_last(stage: Stage) -> None:
    """table; then down to context, back, and on again: context."""
    stage.object_type = "table"
    async with stage.app().run_test(size=SIZE) as pilot:
        assert app_of(pilot).object_type == "table"
        await go(pilot, "Objects")
        assert highlighted(pilot).startswith("table ")
        await press(pilot, "down", "escape", "enter")
        assert highlighted(pilot).startswith("context ")


async def test_types_keep_their_order(stage: Stage) -> None:
    """Types without names stand where they always stand."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects", backup="nightly_crm")
        types = pilot.app.screen.query_one(TypeList).items
        assert [row.kind for row in types] == [kind.name for kind in reference.OBJECT_TYPES]
        assert [row.listed for row in types] != sorted((row.listed for row in types), reverse=True)


def test_neighbors_that_differ_in_the_middle_are_told_apart() -> None:
    """Eight hundred names, in twenty columns and more: no two that stand beside each other read the same."""
    names = [f"team0.source_{number:04}_of_a_very_long_descriptive_name" for number in range(800)]
    for width in (20, 24, 33):
        shown = [
            fit_apart(name, width, names[max(at - 1, 0) : at] + names[at + 1 : at + 2])
            for at, name in enumerate(names)
        ]
        assert len(set(shown)) == len(names)
        assert all(len(each) == width for each in shown)
    assert fit_apart(names[17], 24, [names[16], names[18]]) == "team0.sou…0017…tive_name"


async def test_long_names_get_the_space_of_empty_columns(stage: Stage) -> None:
    """A type without sizes and records has no such columns."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down")
        assert "Size" in text(pilot)
        await press(pilot, "down", "down")
        assert "Size" not in text(pilot)


async def test_a_filter_without_a_match_says_which_types_have_some(stage: Stage) -> None:
    """orders, among schemas: tables and others have such names; what nothing has is no match."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "slash", *"orders")
        assert "No match: table has 3, context has 1." in text(pilot)
        await press(pilot, *"xyz")
        assert "No match." in text(pilot)
        assert " has " not in text(pilot)
