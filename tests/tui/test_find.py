"""Find an object: from any step that chooses, over all backups, to a plan."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from textual.widgets import Button, Input

from restore_tui.demo.server import Received
from restore_tui.find.progress import SearchState
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, tap, text, title, typed, until
from tests.harness.app.searching import ended, find, finder, state
from tests.harness.app.steps import app_of, go, highlighted
from tests.harness.servers.interceptors import Held, instead, refused

SHOW = "/show/backup"


def contents_read(stage: Stage) -> Counter[tuple[str, str]]:
    """(backup, snapshot) → how often its contents were asked for."""
    bodies = [json.loads(received.body) for received in stage.server.received(SHOW)]
    return Counter(
        (body["backup_name"], body["options"]["backup_id"])
        for body in bodies
        if body["options"].get("backup_id")
    )


@pytest.mark.parametrize("step", ["Data source", "Backup", "Snapshot", "Objects"])
async def test_f_opens_the_search_on_each_step_that_chooses(stage: Stage, step: str) -> None:
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, step)
        assert "Find" in text(pilot)
        await press(pilot, "F")
        finder(pilot)
        await press(pilot, "escape")
        assert title(pilot) == step


async def test_from_connect_to_the_dry_run_of_an_object_nobody_knew_the_backup_of(stage: Stage) -> None:
    """Eighteen keys from the start; each snapshot is read once, also on the way to the dry run; exactly the object that
    was found is asked for, from the snapshot that was highlighted."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        await find(pilot, "sales.orders")
        assert highlighted(pilot).startswith("[ ] sales.orders ")
        assert "found" in text(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
        assert "1 object" in text(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
        assert "Dry run OK" in text(pilot)
    (sent,) = stage.sent
    assert sent["restore_objects_map"] == {"table": "sales.orders"}
    assert set(contents_read(stage).values()) == {1}


async def test_esc_stops_and_keeps_the_rows_and_enter_goes_on(stage: Stage) -> None:
    """What was read before is not read again."""
    reads = 0

    def later(received: Received) -> bool:
        nonlocal reads
        is_contents = received.endpoint == SHOW and bool(
            json.loads(received.body)["options"].get("backup_id")
        )
        reads += is_contents
        return is_contents and reads > 6

    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        held = Held(stage, later)
        await press(pilot, "F")
        await typed(pilot, "orders")
        await tap(pilot, "enter")
        await held.has_arrived()
        await until(pilot, lambda: "sales.orders" in text(pilot))
        assert " of " in text(pilot)
        await tap(pilot, "escape")
        await until(pilot, lambda: state(pilot) is SearchState.STOPPED and "stopped" in text(pilot))
        assert "sales.orders" in text(pilot)
        held.let_go.set()
        stage.server.intercept = None
        before = contents_read(stage)
        await press(pilot, "slash", "enter")
        await ended(pilot)
        assert state(pilot) is SearchState.DONE
        # The two reads that were cut off are made again, and no other.
        again = contents_read(stage) - Counter(dict.fromkeys(contents_read(stage), 1))
        assert sum(again.values()) <= 2
        assert sum(before.values()) < sum(contents_read(stage).values())
        await press(pilot, "escape")
        assert title(pilot) == "Data source"


async def test_a_name_that_is_nowhere_says_what_was_searched(stage: Stage) -> None:
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        await find(pilot, "no_such_table")
        shown = flat(pilot)
        assert "Not found in" in shown
        assert "no_such_table" in shown
        assert "1 not readable" in shown
        await press(pilot, "enter")
        finder(pilot)  # there is nothing to take


async def test_objects_of_one_snapshot_are_selected_together(stage: Stage) -> None:
    """Of another snapshot none is added, and the screen says why; Esc lets go of them."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Snapshot")
        await find(pilot, "sales.orders, sales.order_items")
        await press(pilot, "space", "down", "space")
        assert "2 objects selected" in text(pilot)
        await press(pilot, "down", "space")
        assert "one snapshot holds them all" in flat(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
        assert app_of(pilot).plan.objects.names("table") == {"sales.orders", "sales.order_items"}


async def test_an_unknown_type_is_not_searched_for(stage: Stage) -> None:
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        await press(pilot, "F")
        await typed(pilot, "anna")
        await press(pilot, "tab")
        await typed(pilot, "use")
        await press(pilot, "enter")
        assert "Did you mean user" in text(pilot)
        pilot.app.screen.query_one("#find-type", Input).value = "user"
        await press(pilot, "enter")
        await ended(pilot)
        search = finder(pilot).search
        assert search is not None
        assert {match.type for match in search.matches} <= {"user"}


async def test_a_refused_data_source_is_a_row(stage: Stage) -> None:
    """The search goes on with the others; Enter on the row takes nothing."""
    async with stage.app().run_test(size=(100, 30)) as pilot:
        await go(pilot, "Data source")
        instead(
            stage,
            lambda received: (
                received.endpoint == SHOW and "dr_bucket_s3" in json.loads(received.body)["datasource_name"]
            ),
            refused("No access to <b>this</b> bucket"),
        )
        await find(pilot, "tickets")
        assert "✗ dr_bucket_s3" in text(pilot)
        await press(pilot, "home")
        assert "No access to <b>this</b> bucket" in flat(pilot)
        await press(pilot, "enter")
        assert "Highlight the snapshot" in text(pilot)


async def test_the_rows_are_there_when_it_is_opened_again(stage: Stage) -> None:
    """And nothing is asked for again."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        await find(pilot, "orders")
        await press(pilot, "escape")
        before = len(stage.server.received(SHOW))
        await press(pilot, "F")
        assert "sales.orders" in text(pilot)
        assert len(stage.server.received(SHOW)) == before


async def test_two_searches_in_a_row(stage: Stage) -> None:
    """The second one takes the place of the first; contents that are kept are not read a second time."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Data source")
        await find(pilot, "orders")
        await press(pilot, "slash")
        pilot.app.screen.query_one("#find-names", Input).value = "tickets"
        await press(pilot, "enter")
        await ended(pilot)
        search = finder(pilot).search
        assert search is not None
        assert all("tickets" in match.name for match in search.matches)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_leaving_while_it_searches(stage: Stage, size: tuple[int, int]) -> None:
    """Ctrl+Q in the middle of it: the app ends, and nothing is sent any more."""
    async with stage.app().run_test(size=size) as pilot:
        await go(pilot, "Data source")
        held = Held(stage, lambda received: received.endpoint == SHOW)
        await press(pilot, "F")
        await typed(pilot, "orders")
        await tap(pilot, "enter")
        await held.has_arrived()
        held.let_go.set()
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: app_of(pilot).has_left)
        assert not app_of(pilot).crashed


@pytest.mark.parametrize("opens", ["F", "equals_sign"])
async def test_close_closes_once(stage: Stage, opens: str) -> None:
    """The button of Find and of Compare, pressed twice before the first press has had its effect: the step below stays,
    and with it what it shows."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, opens)
        for _ in range(2):
            pilot.app.screen.query_one("#close", Button).press()
        await at_rest(pilot)
        assert title(pilot) == "Snapshot"
        assert not app_of(pilot).crashed
