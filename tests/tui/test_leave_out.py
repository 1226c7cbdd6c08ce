"""Only what is missing: what exists is left out of the plan, after it was shown."""

from __future__ import annotations

from textual.pilot import Pilot

from restore_tui.restore.plan.selection import Selection
from tests.tui.running_support import flat
from tests.tui.stage import Stage, press, text, title
from tests.tui.test_screens_support import INVENTORY, SIZE, app_of, at, go, highlighted, instead, refused


def requested(stage: Stage) -> dict[str, set[str]]:
    """What the last dry run asked for, as received: type → names."""
    asked = stage.sent[-1]["restore_objects_map"]
    return {kind: set(names.split(",")) for kind, names in asked.items()}


def existing(stage: Stage) -> set[tuple[str, str]]:
    """(type, name) of all that the server has now."""
    return {(thing.type, thing.name) for thing in stage.server.world.live.values()}


def nothing_existing_is_requested(stage: Stage, schema: str) -> None:
    """Of the types that are checked; the others stay in the plan, whatever is there."""
    asked = {(kind, name) for kind, names in requested(stage).items() for name in names}
    assert asked
    assert all(name.startswith(f"{schema}.") for _, name in asked)
    checked = {(kind, name) for kind, name in asked if kind in ("table", "credential", "datasource")}
    assert not checked & existing(stage)


async def test_a_refused_dry_run_runs_again_without_what_exists(stage: Stage) -> None:
    """x says what it leaves out before anything changes; Enter leaves it out, and the new dry run starts by itself. A
    whole schema is asked for by name, and nothing that exists is among the names."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run", tick=INVENTORY)
        assert "Dry run refused" in text(pilot)
        assert "Leave out existing" in text(pilot)
        await press(pilot, "x")
        shown = flat(pilot)
        assert "Restores 6 objects, leaves out 5 that exist now: they stay as they are." in shown
        assert "References between old and new rows are not checked." in shown
        assert "Selected by name instead of as a whole schema: inventory." in shown
        assert "Of 2 of those 6 it is unknown whether they exist: they stay selected." in shown
        assert "inventory.stock_levels table" in shown
        assert len(stage.sent) == 1, "nothing changes before it is agreed to"
        await press(pilot, "escape")
        assert app_of(pilot).plan.objects.by_type == {"all": {"inventory"}}
        assert "Dry run refused" in text(pilot)
        await press(pilot, "x", "enter")
        assert "Dry run" in title(pilot)
        assert "5 objects left out: what exists now stays as it is." in flat(pilot)
    assert len(stage.sent) == 2
    assert stage.restores == []
    nothing_existing_is_requested(stage, "inventory")


async def select_all_of(pilot: Pilot[None], *kinds: str) -> None:
    """Space on these types, from the top of the list down."""
    for kind in kinds:
        while not highlighted(pilot).startswith(f"{kind} "):
            await press(pilot, "down")
        await press(pilot, "space")


async def test_tables_and_users_that_exist_are_left_out_on_objects(stage: Stage) -> None:
    """Every table and every user is selected; the dry run then asks for exactly those that do not exist."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await select_all_of(pilot, "table", "user")
        contents = await app_of(pilot).session.contents()
        await press(pilot, "x")
        assert "Selected by name instead of" not in flat(pilot)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Objects"
        assert "left out: what exists now stays as" in flat(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    for kind in ("table", "user"):
        there = {name for other, name in existing(stage) if other == kind}
        assert requested(stage)[kind] == set(contents.names(kind).names) - there
        assert there & set(contents.names(kind).names), "or nothing was left out"


async def test_nothing_is_missing_and_nothing_changes(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "Leave out existing" not in text(pilot)
        await press(pilot, "x")
        assert title(pilot) == "Objects"
        app_of(pilot).session.choose_objects(Selection.of({"table": ["inventory.warehouses"]}))
        await press(pilot, "escape", "enter", "x")
        assert "Nothing is missing: 1 object of the selection exists now." in flat(pilot)
        assert app_of(pilot).plan.objects.by_type == {"table": {"inventory.warehouses"}}


async def test_what_exists_cannot_be_read(stage: Stage) -> None:
    """It is unknown then whether anything exists, and nothing is left out."""
    instead(stage, at("/show/schema"), refused("No such luck"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await select_all_of(pilot, "table")
        await press(pilot, "x")
        assert "None of the selected objects is known to exist now. Of 26 it is unknown." in flat(pilot)
        assert "26/26" in text(pilot)
