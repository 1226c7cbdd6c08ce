"""Forward and back: nothing that was chosen is lost, and what another choice makes invalid is cleared aloud."""

from __future__ import annotations

import pytest

from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, ready, tap, text, title, typed, until
from tests.harness.app.steps import CHECKSUM, SALES, SIZE, app_of, go, highlighted, tab_to
from tests.harness.servers.interceptors import Held, at

ROAD = ("Connect", "Data source", "Backup", "Snapshot", "Objects", "Options", "Dry run", "Restore")
OLDEST = ("end", "up")
"""On Snapshot: the oldest one, of ten days ago."""


def asked(stage: Stage) -> list[str]:
    """The endpoints that were asked, in order."""
    return [received.endpoint for received in stage.server.requests]


@pytest.mark.parametrize("way_back", ["escape", "button"])
async def test_back_and_forward_loses_nothing_and_asks_nothing_twice(stage: Stage, way_back: str) -> None:
    """All the way there, back to Connect and there again: the same plan, the same rows, no request but Connect's."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot", backup="nightly_shop")
        await press(pilot, "down", "enter", *SALES, *CHECKSUM, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Restore"
        plan = app_of(pilot).plan
        before = asked(stage)
        for step in reversed(ROAD[:-1]):
            if way_back == "escape":
                await press(pilot, *(("escape", "escape") if title(pilot) == "Restore" else ("escape",)))
            else:
                await tab_to(pilot, "back")
                await press(pilot, "enter")
            assert title(pilot) == step
            assert app_of(pilot).plan == plan
        assert asked(stage) == before
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        assert highlighted(pilot).startswith("dr_bucket_s3")
        await press(pilot, "enter")
        assert highlighted(pilot).startswith("nightly_shop")
        await press(pilot, "enter")
        assert highlighted(pilot).startswith("1795399221528")
        await press(pilot, "enter")
        assert "[x] sales" in text(pilot)
        await press(pilot, "ctrl+n")
        assert next(line for line in text(pilot).splitlines() if " checksum " in line).count("● true") == 1
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Restore"
        assert app_of(pilot).plan == plan
        assert len(stage.sent) == 1, "the dry run of an unchanged plan is kept"


@pytest.mark.parametrize(
    ("step", "endpoint"),
    [
        ("Data source", "/show/datasource"),
        ("Backup", "/show/backup"),
        ("Snapshot", "/show/backup"),
        ("Objects", "/show/backup"),
        ("Dry run", "/restore/backup"),
    ],
)
async def test_a_step_asks_once_and_f5_asks_again(stage: Stage, step: str, endpoint: str) -> None:
    """One request on arriving, one more for each F5."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        before = len(stage.server.received(endpoint))
        await press(pilot, "f5")
        assert len(stage.server.received(endpoint)) == before + 1
        await press(pilot, "f5")
        assert len(stage.server.received(endpoint)) == before + 2
        assert title(pilot) == step
    assert before == {"Snapshot": 2, "Objects": 3}.get(step, 1)


async def test_f5_shows_what_is_new(stage: Stage) -> None:
    """A snapshot that appears: F5 lists it, and what was highlighted is still there to be taken."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        newer = stage.server.world.add_snapshot("nightly_shop")
        assert str(newer.id) not in text(pilot)
        await press(pilot, "f5")
        assert str(newer.id) in text(pilot)
        assert "1795442407056" in text(pilot)


# A choice upstream that changes


async def test_another_data_source_clears_backup_and_snapshot_and_says_so(stage: Stage) -> None:
    """Data source, another one: the sentence stands on the next step; objects and options are still in the plan."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, *CHECKSUM, *["escape"] * 4)
        assert title(pilot) == "Data source"
        await press(pilot, "down", "enter")
        assert "Backup and snapshot are cleared: they belong to the other data source." in text(pilot)
        plan = app_of(pilot).plan
        assert (plan.data_source, plan.backup, plan.snapshot) == ("emea_archive_azure", "", None)
        assert plan.options == {"checksum": "true"}


async def test_what_was_cleared_is_said_however_long_the_next_step_loads(stage: Stage) -> None:
    """A server that takes its time: the sentence is there once it has answered."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, *["escape"] * 3)
        held = Held(stage, at("/show/backup"))
        await press(pilot, "down")
        await tap(pilot, "enter")
        await held.has_arrived()
        await until(pilot, lambda: "Loading the backups" in text(pilot))
        held.let_go.set()
        await until(pilot, lambda: "emea_orders" in text(pilot))
        await press(pilot, "down")
        assert "Backup and snapshot are cleared" in text(pilot)


async def test_another_backup_clears_the_snapshot_and_says_so(stage: Stage) -> None:
    """Backup, another one: the sentence stands on Snapshot."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "escape", "escape", "up", "enter")
        assert "The snapshot is cleared: it belongs to the other backup." in text(pilot)
        assert app_of(pilot).plan.snapshot is None


async def test_the_same_choice_again_clears_nothing_and_says_nothing(stage: Stage) -> None:
    """Back to Data source and the same one again: nothing is said, all is there."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        plan = app_of(pilot).plan
        await press(pilot, *["escape"] * 4, "enter", "enter", "enter")
        assert "cleared" not in text(pilot)
        assert app_of(pilot).plan == plan


async def test_an_older_snapshot_unticks_only_what_it_does_not_hold(stage: Stage) -> None:
    """sales.gift_cards is six days old: in a snapshot of ten days ago it is cleared aloud, the other table stays,
    and so does a name that was typed by hand."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "slash", *"gift", "enter", "space")
        await press(pilot, "slash", "escape", "slash", *"refunds", "enter", "space", "t")
        await typed(pilot, "sales.by_hand")
        await press(pilot, "ctrl+n")
        assert "3 objects selected" in text(pilot)
        await press(pilot, "escape", "escape")
        assert title(pilot) == "Snapshot"
        await press(pilot, *OLDEST, "enter")
        assert "1 selected name is cleared: this snapshot does not contain it." in text(pilot)
        assert app_of(pilot).plan.objects.names("table") == {"sales.refunds", "sales.by_hand"}


async def test_typed_names_stand_in_the_list_and_go_out(stage: Stage) -> None:
    """t, a name, Ctrl+N: it is selected, stands first in the list, and is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "t")
        await typed(pilot, "sales.by_hand,sales.more")
        await press(pilot, "ctrl+n")
        assert "[x] sales.by_hand" in text(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert "Dry run refused" in text(pilot)
    assert stage.sent[0]["restore_objects_map"] == {"table": "sales.by_hand,sales.more"}


async def test_another_user_clears_all_but_the_options(stage: Stage) -> None:
    """Back to Connect, another address of the same server: plan cleared aloud, options kept."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, *CHECKSUM, *["escape"] * 5)
        assert title(pilot) == "Connect"
        await tab_to(pilot, "url")
        for _ in range(len("http://localhost:9191")):
            await tap(pilot, "backspace")
        pilot.app.screen.query_one("#url").insert_text_at_cursor(stage.server.url)
        await press(pilot, "enter")
        assert title(pilot) == "Data source"
        assert "Another server or user" in text(pilot)
        assert app_of(pilot).plan.options == {"checksum": "true"}
        assert app_of(pilot).plan.data_source == ""


# The dry run belongs to one plan


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("escape", *CHECKSUM), id="an option"),
        pytest.param(("escape", "escape", "down", "right", "space", "ctrl+n"), id="an object"),
        pytest.param(("escape", "escape", "escape", "down", "enter", "ctrl+n"), id="a snapshot"),
    ],
)
async def test_a_changed_plan_needs_a_new_dry_run(stage: Stage, change: tuple[str, ...]) -> None:
    """Back from Dry run, one change, forward: the dry run is sent again, with the change."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await press(pilot, *change, "ctrl+n")
        assert title(pilot) == "Dry run"
        assert "Dry run" in text(pilot)
    first, second = stage.sent
    assert first != second
    assert second["options"]["dry_run"] == "true"


async def test_a_change_taken_back_leaves_the_dry_run_as_it_is(stage: Stage) -> None:
    """An option to and fro: the same plan, so the same dry run, and no second request."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await press(pilot, "escape", "right", "left", "ctrl+n")
        assert "Dry run OK" in text(pilot)
    assert len(stage.sent) == 1


async def test_a_dry_run_ages_and_is_void_after_fifteen_minutes(stage: Stage) -> None:
    """Fourteen minutes: its age is shown and the way is open; sixteen: void, until F5."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        stage.clock.let_pass(minutes=14)
        await until(pilot, lambda: "14 min ago" in text(pilot))
        assert "stale" not in text(pilot)
        stage.clock.let_pass(minutes=2)
        await until(pilot, lambda: "! The dry run is older than 15 minutes." in text(pilot))
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"
        await press(pilot, "enter")
        assert title(pilot) == "Dry run"
        assert len(stage.sent) == 1
        await press(pilot, "f5")
        assert len(stage.sent) == 2
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"


async def test_b_goes_to_where_a_refusal_is_mended(stage: Stage) -> None:
    """Refused because inventory is there: b goes to Options; under replace the dry run is OK."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "space", "ctrl+n", "ctrl+n")
        assert "Dry run refused" in text(pilot)
        await press(pilot, "ctrl+n", "enter")
        assert title(pilot) == "Dry run"
        await press(pilot, "b")
        assert title(pilot) == "Options"
        await press(pilot, "right", "ctrl+n")
        assert "Dry run OK" in text(pilot)


async def test_dry_run_only_ends_there(stage: Stage) -> None:
    """With --dry-run-only neither Enter nor Ctrl+N goes beyond Dry run, and it says why."""
    async with stage.app(dry_run_only=True).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert "Restore" not in text(pilot).splitlines()[0]
        await press(pilot, *["enter"] * 4, *SALES, "ctrl+n")
        await press(pilot, "ctrl+n", "enter")
        assert title(pilot) == "Dry run"
        assert "--dry-run-only: this is the last step." in text(pilot)
    assert len(stage.sent) == 1
    assert stage.restores == []
