"""The highlight stays with its item: through filters, refreshes and returns. Enter never takes another one silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from restore_tui.tui.screens.list_step import FilterableStep
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, text, title
from tests.harness.app.steps import SIZE, app_of, confirm, ended, go, highlighted
from tests.harness.servers.interceptors import at, changed, instead

NO_MATCH = ("slash", *"qqqq")


def highlighted_item(pilot: Pilot[None]) -> Any:
    screen = pilot.app.screen
    assert isinstance(screen, FilterableStep)
    return screen.filter_pane.list.item


@pytest.mark.parametrize("step", ["Data source", "Backup", "Snapshot", "Dry run"])
async def test_a_filter_without_matches_returns_to_the_same_row(stage: Stage, step: str) -> None:
    """A row that is not the first, a filter that matches nothing, Esc: the same row again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await press(pilot, "home", "down", "down")
        before = highlighted(pilot)
        await press(pilot, *NO_MATCH)
        assert highlighted_item(pilot) is None
        await press(pilot, "escape")
        assert highlighted(pilot) == before
        assert title(pilot) == step


async def test_details_are_those_of_the_row_that_a_filter_highlights(stage: Stage) -> None:
    """While it is typed; and it stays so when the filter is cleared."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        other = highlighted_item_below(pilot)
        assert f"Snapshot {other}" not in flat(pilot)
        for keys in (("slash", *other), ("escape",)):
            await press(pilot, *keys)
            assert highlighted_item(pilot).snapshot.id == other
            assert f"Snapshot {other}" in flat(pilot)


def highlighted_item_below(pilot: Pilot[None]) -> str:
    """The id of the snapshot below the highlighted one."""
    screen = pilot.app.screen
    assert isinstance(screen, FilterableStep)
    rows = screen.filter_pane.list
    return str(rows.items[rows.cursor + 1].snapshot.id)


async def test_a_filter_without_matches_returns_to_the_same_name(stage: Stage) -> None:
    """The same on Objects, for a name and for a schema."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "down", "down", *NO_MATCH)
        assert highlighted_item(pilot) is None
        await press(pilot, "escape")
        name = highlighted(pilot)
        await press(pilot, "home", "down", "down")
        assert highlighted(pilot) == name


async def test_a_filter_without_matches_returns_to_the_same_line_of_the_result(stage: Stage) -> None:
    """The same on the result."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        await press(pilot, "home", "down", "down")
        before = highlighted_item(pilot)
        await press(pilot, *NO_MATCH)
        assert highlighted_item(pilot) is None
        await press(pilot, "escape")
        assert highlighted_item(pilot) == before


async def test_letters_that_matched_on_the_way_do_not_move_the_highlight(stage: Stage) -> None:
    """On Backup `o` still matches other backups, `orders` none: Esc and Enter take the backup of before."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert highlighted(pilot).startswith("nightly_shop")
        await press(pilot, "slash", *"orders", "escape", "enter")
        assert title(pilot) == "Snapshot"
        assert app_of(pilot).plan.backup == "nightly_shop"


async def test_an_accepted_filter_keeps_its_row_when_it_is_cleared(stage: Stage) -> None:
    """What is highlighted below a filter that was kept with Enter stays so when Esc clears the filter, on the same
    step; the next Esc leaves it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "slash", *"weekly", "enter")
        assert "esc Clear" in text(pilot)
        await press(pilot, "escape")
        assert (title(pilot), highlighted(pilot).split()[0]) == ("Backup", "weekly_shop")
        assert "The filter is cleared." in text(pilot)
        assert "esc Back" in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Data source"


async def test_escape_clears_a_filter_from_any_pane(stage: Stage) -> None:
    """Also while the focus is on the types of Objects."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "slash", *"order", "enter", "left")
        assert "4 of 26 shown" in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Objects"
        assert "26 of 26 shown" not in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"


REORDERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "Data source": lambda data: [data[key].reverse() for key in data if isinstance(data[key], list)] and None,
    "Backup": lambda data: data["backup_description"].append({"backup_name": "a_new_one"}),
    "Snapshot": lambda data: data["backup_ids"].append({"backup_id": "1795442407999"}),
}


@pytest.mark.parametrize("step", REORDERED)
async def test_a_refresh_keeps_the_row(stage: Stage, step: str) -> None:
    """F5, where the rows have moved meanwhile: the highlight is on the same row, at another place."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await press(pilot, "home", "down", "down")
        before = highlighted(pilot).split()[0]
        endpoint = "/show/datasource" if step == "Data source" else "/show/backup"
        instead(stage, at(endpoint), changed(REORDERED[step]))
        await press(pilot, "f5")
        assert highlighted(pilot).split()[0] == before


async def test_a_refresh_of_objects_keeps_type_and_name(stage: Stage) -> None:
    """F5 on Objects: the same type, the same name, the same order."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "o", "down", "down")
        before = highlighted_item(pilot)
        shown = text(pilot)
        await press(pilot, "f5")
        assert highlighted_item(pilot) == before
        assert "Size ↓" in shown
        assert "Size ↓" in text(pilot)
        assert "inventory." in text(pilot)


async def test_enter_takes_no_other_row_when_the_highlighted_one_is_gone(stage: Stage) -> None:
    """A backup that was deleted meanwhile: it is named, none is highlighted, and Enter takes none; ↓ highlights one
    again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert highlighted(pilot).startswith("nightly_shop")
        world = stage.server.world
        with world.lock:
            del world.backups[("dr_bucket_s3", "nightly_shop")]
        await press(pilot, "f5")
        assert "nightly_shop is no longer listed: choose another backup." in text(pilot)
        assert highlighted_item(pilot) is None
        await press(pilot, "enter")
        assert title(pilot) == "Backup"
        assert "No backup is highlighted" in text(pilot)
        await press(pilot, *NO_MATCH, "escape")
        assert highlighted_item(pilot) is None
        await press(pilot, "down", "enter")
        assert title(pilot) == "Snapshot"


async def test_a_chosen_row_that_is_gone_is_not_replaced_on_the_way_back(stage: Stage) -> None:
    """Back on Backup with F5 after the chosen backup was deleted: none is highlighted."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        world = stage.server.world
        with world.lock:
            del world.backups[("dr_bucket_s3", "nightly_shop")]
        await press(pilot, "escape", "f5")
        assert title(pilot) == "Backup"
        assert highlighted_item(pilot) is None
