"""What replace destroys is a number: on Dry run, on the confirmation, and in the receipt."""

from __future__ import annotations

import json

from restore_tui.demo.show_endpoints import WRITTEN_AT_ONCE
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, text, typed
from tests.harness.app.steps import INVENTORY, SIZE, app_of, confirm, ended, go
from tests.harness.servers.interceptors import at, instead, refused

TABLES = ("inventory.stock_levels", "inventory.stock_movements", "inventory.warehouses")
"""Those of the schema inventory that exist now."""


def records(stage: Stage) -> int:
    """How many there are on the server."""
    return sum(stage.server.world.live["table", name].records for name in TABLES)


async def to_the_dry_run(pilot: object) -> None:
    """Everything in inventory is to be replaced."""
    await go(pilot, "Options", tick=INVENTORY)  # type: ignore[arg-type]
    await press(pilot, "right", "ctrl+n")  # type: ignore[arg-type]


async def test_the_dry_run_counts_what_is_replaced(stage: Stage) -> None:
    """The sum beside what is lost, and of the highlighted table its records and its last write. The server was asked
    about this schema alone."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await to_the_dry_run(pilot)
        assert f"5 existing objects replaced, 2 not checked ({records(stage):,} records now)" in flat(pilot)
        await press(pilot, "slash")
        await typed(pilot, "warehouses")
        await press(pilot, "enter")
        there = stage.server.world.live["table", "inventory.warehouses"].records
        assert f"Records {there} records now, last written 10 min ago" in flat(pilot)
    assert {received.json()["table_name"] for received in stage.server.received("/show/table")} == {
        "inventory"
    }


async def test_the_confirmation_tells_what_was_written_meanwhile(stage: Stage) -> None:
    """Somebody goes on writing: the number is the newest, the difference is told, and the restore can be confirmed.
    The receipt has the number that was on the screen."""
    stage.server.world.busy_schema = "inventory"
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await to_the_dry_run(pilot)
        await press(pilot, "ctrl+n")
        shown = flat(pilot)
        now = records(stage)
        assert "! Since the dry run 3 tables were written to:" in shown
        assert f"inventory.stock_levels (+{WRITTEN_AT_ONCE} records)" in shown
        assert f"5 existing objects replaced, 2 not checked ({now:,} records now)" in shown
        await confirm(pilot)
        await ended(pilot)
    assert len(stage.restores) == 1
    (place,) = stage.receipts.glob("*.json")
    assert f"({now:,} records now)" in json.loads(place.read_text())["key_facts"]["Lost"]


async def test_without_a_count_the_restore_goes_on(stage: Stage) -> None:
    """The server refuses to count: that is told, and keeps nobody from going on."""
    instead(stage, at("/show/table"), refused("Not for you"))
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await to_the_dry_run(pilot)
        assert "5 existing objects replaced, 2 not checked (records not counted)" in flat(pilot)
        await press(pilot, "slash")
        await typed(pilot, "warehouses")
        await press(pilot, "enter")
        assert "The records in inventory could not be counted:" in flat(pilot)
        assert "Not for you" in flat(pilot)
        await press(pilot, "escape", "ctrl+n")
        assert "Since the dry run" not in flat(pilot)
        await confirm(pilot)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_what_is_replaced_by_nobody_is_not_counted(stage: Stage) -> None:
    """All of sales is gone: no table of it is asked about."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "right", "ctrl+n")
        await at_rest(pilot)
        assert app_of(pilot).session.staleness_reason() is None
    assert stage.server.received("/show/table") == []


async def test_a_count_never_takes_the_place_of_what_is_emptied(stage: Stage) -> None:
    """At 80 columns there is no room for both: the word stays whole."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, "right", "down", "down", "left", "ctrl+n")
        assert "Lost     5 existing objects replaced, 3 tables EMPTIED, 2 not checked" in text(pilot)
        await press(pilot, "ctrl+n")
        assert f"3 tables EMPTIED, 2 not checked ({records(stage):,} records now)" in flat(pilot)
