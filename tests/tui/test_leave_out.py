"""Only what is missing: what exists is left out of the plan, after it was shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from textual.pilot import Pilot

from restore_tui.restore.plan.selection import Selection
from restore_tui.tui.actions import keys_of
from tests.harness.app.app_harness import NOW, Stage
from tests.harness.app.pilot import flat, press, ready, send, tap, text, title, until
from tests.harness.app.steps import CRM, INVENTORY, SIZE, app_of, confirm, ended, go, highlighted
from tests.harness.servers.interceptors import Held, at, instead, is_restore, refused


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


# What exists now, on Objects


def inventory_reads(stage: Stage) -> list[str]:
    return [
        received.endpoint
        for received in stage.server.requests
        if received.endpoint in ("/show/schema", "/show/security", "/show/datasink", "/show/credential")
    ]


async def test_objects_tells_what_exists_now_and_m_shows_what_is_missing(stage: Stage) -> None:
    """It is read once, also when Objects is opened again. The filter looks among what is missing; a selects just that,
    and Esc shows everything."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "inventory 4 missing" in flat(pilot)  # the type all
        await press(pilot, "down", "right")
        assert "inventory.purchase_orders missing" in flat(pilot)
        assert "inventory.warehouses exists" in flat(pilot)
        await press(pilot, "m")
        assert "[20 of 26 missing]" in text(pilot)
        assert "inventory.warehouses" not in text(pilot)
        await press(pilot, "slash", *"tory", "enter")
        assert "[3 shown of 20 missing]" in text(pilot)
        await press(pilot, "a", "escape")
        assert "inventory.warehouses exists" in flat(pilot)
        assert "3 objects selected" in text(pilot)
        assert app_of(pilot).plan.objects.by_type == {
            "table": {"inventory.purchase_orders", "inventory.suppliers", "inventory.v_low_stock"}
        }
        before = inventory_reads(stage)
        await press(pilot, "escape", "enter", "up")
        assert "inventory 4 missing" in flat(pilot)
        assert inventory_reads(stage) == before
        assert len(before) == len(set(before)), "each list is read once"
        await press(pilot, "f5")
        assert sorted(inventory_reads(stage)) == sorted(before * 2)


async def test_an_emptied_table_is_incomplete_and_shows_what_it_holds_now(stage: Stage) -> None:
    """Cached counts say about. m shows what is missing or incomplete; of a schema the missing objects come first."""
    live = stage.server.world.live
    key = next(key for key, thing in live.items() if thing.name == "inventory.warehouses")
    live[key] = replace(live[key], records=0, last_write=NOW - timedelta(minutes=10))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "slash", *"warehouses", "enter")
        await until(pilot, lambda: "inventory.warehouses incomplete" in flat(pilot))
        assert "About 0 records now, last written 10 min ago" in text(pilot)
        await press(pilot, "m")
        assert "[1 shown of 21 missing or incomplete]" in text(pilot)
    tables = [received for received in stage.server.requests if received.endpoint == "/show/table"]
    assert sorted(json.loads(received.body)["table_name"] for received in tables) == ["inventory", "web"]
    assert "get_sizes" not in json.loads(tables[0].body)["options"], "the server is not made to count"


async def test_a_type_that_the_server_does_not_list_is_unknown(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        while not highlighted(pilot).startswith("context "):
            await press(pilot, "down")
        await press(pilot, "m")
        assert "[0 of 2 missing, 2 unknown]" in text(pilot)
        assert "Nothing is known to be missing or incomplete." in text(pilot)
        assert "Of 2 names it is unknown: The wizard does not list this type." in flat(pilot)
        await press(pilot, "m")
        assert "Everything is shown." in text(pilot)
        assert "sales.ctx_orders" in text(pilot)


async def test_the_keys_do_not_wait_for_what_exists_now(stage: Stage) -> None:
    """The list of schemas is held back: names are selected, and the next step shows."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        held = Held(stage, at("/show/schema"))
        send(app_of(pilot), "enter")
        await held.has_arrived()
        await ready(pilot)
        assert title(pilot) == "Objects"
        await tap(pilot, "m")
        assert "What exists now is still being read." in text(pilot)
        await tap(pilot, "down", "right", "space")
        assert "1 object selected" in text(pilot)
        held.let_go.set()
        await until(pilot, lambda: "inventory.purchase_orders missing" in flat(pilot))


# After a restore that failed in whole or in part


async def test_what_a_partial_restore_left_out_is_restored_by_a_new_plan(stage: Stage) -> None:
    """M on the result: on Objects only what failed is selected, with the same options. There is no dry run of it, and
    nothing is sent before there is one; then just the failed table is asked for."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run", backup="nightly_crm", tick=CRM)
        await press(pilot, "ctrl+n")
        await confirm(pilot, "nightly_crm")
        await ended(pilot)
        assert "! Partly restored" in text(pilot)
        assert "Restore what is missing" in text(pilot)
        assert ("M", "Restore what is missing") in keys_of(pilot.app.screen)
        sent = stage.sent
        await press(pilot, "M")
        assert title(pilot) == "Objects"
        assert "Selected: what failed or was not mentioned (1 object)." in flat(pilot)
        assert "1 object selected" in text(pilot)
        assert app_of(pilot).session.staleness_reason() == "There is no dry run of this plan."
        assert stage.sent == sent
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    assert len(stage.restores) == 1
    assert stage.sent[-1]["options"]["dry_run"] == "true"
    assert requested(stage) == {"table": {"crm.tickets"}}
    assert stage.sent[-1]["backup_name"] == "nightly_crm"
    assert stage.sent[-1]["options"].get("backup_id") == stage.restores[0]["options"].get("backup_id")


async def test_after_a_refused_restore_all_of_it_is_selected_again(stage: Stage) -> None:
    """The whole schema stays one; after a clean restore there is no such key."""
    instead(stage, is_restore, refused("No such luck"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "✗ Restore failed" in text(pilot)
        await press(pilot, "M")
        assert title(pilot) == "Objects"
        assert app_of(pilot).plan.objects.by_type == {"all": {"sales"}}
        stage.server.intercept = None
        await press(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
        await confirm(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
        assert "Restore what is missing" not in text(pilot)
        assert ("M", "Restore what is missing") not in keys_of(pilot.app.screen)
        await press(pilot, "M")
        assert title(pilot) == "Restore"
    assert len(stage.restores) == 2
