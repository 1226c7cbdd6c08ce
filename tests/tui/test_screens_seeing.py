"""What we see ourselves, beside the server's dry run: shown, compared, looked at again; and whether a snapshot is
readable. What the screen says, and what the server got."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Static

from restore_tui.demo.model import LiveObject
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, text, title, typed, until
from tests.harness.app.steps import INVENTORY, SIZE, confirm, ended, go, highlighted
from tests.harness.servers.interceptors import Held, at, changed, instead, is_dry_run

ORDERS = LiveObject("table", "sales.orders", 1, 100)


# Beside the dry run


async def test_a_refused_dry_run_stands_beside_what_we_see(stage: Stage) -> None:
    """The objects that are in the way, marked as our own finding, above the server's words."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run", tick=INVENTORY)
        assert "Dry run refused" in text(pilot)
        assert "Our own check of what exists now:" in text(pilot)
        assert "4 do not exist yet, 5 would abort, 2 not checked" in flat(pilot)
        assert "✗ would abort table inventory.stock_levels" in flat(pilot)


@pytest.mark.parametrize(
    ("policy", "sight"), [(("right",), "! would be replaced"), (("right", "right"), "⇄ would be moved")]
)
async def test_what_we_see_follows_the_policy(stage: Stage, policy: tuple[str, ...], sight: str) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, *policy, "ctrl+n")
        if "Dry run OK" in text(pilot):
            await press(pilot, "slash")
            await typed(pilot, "stock_levels")
        assert sight in flat(pilot)


async def test_only_what_is_selected_is_checked_for_conflicts(stage: Stage) -> None:
    """One table needs the schemas, and nothing of users, sinks or credentials."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        before = len(stage.server.requests)
        await press(pilot, "down", "right", "end", "space", "ctrl+n", "ctrl+n")
        assert "Dry run OK" in text(pilot)
    looked = [r.endpoint for r in stage.server.requests[before:] if r.endpoint.startswith("/show/")]
    assert looked == ["/show/schema"] * 2  # counted on Options, and again beside the dry run


def left_out(data: dict[str, Any]) -> None:
    data["restored_objects"].pop("sales.orders", None)


def named_twice(data: dict[str, Any]) -> None:
    data["failed_objects"]["sales.orders"] = "table"


def other_way_round(data: dict[str, Any]) -> None:
    turned: dict[str, list[str]] = {}
    for name, kind in data["restored_objects"].items():
        turned.setdefault(kind, []).append(name)
    data["restored_objects"] = {kind: ",".join(names) for kind, names in turned.items()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (left_out, "The dry run names other objects, but not this one."),
        (named_twice, "The dry run names it twice, as restored and as failed."),
    ],
)
async def test_an_answer_that_contradicts_itself_is_shown_as_one(
    stage: Stage, change: Any, sentence: str
) -> None:
    """It stands first in the list, d shows just it, and it is in nobody's way."""
    instead(stage, is_dry_run, changed(change))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        told = "1 not mentioned" if change is left_out else "! 1 object where it differs from the dry run"
        assert told in flat(pilot)
        assert highlighted(pilot).startswith("sales.orders")
        assert sentence in flat(pilot)
        await press(pilot, "d")
        assert "Showing differences only: 1." in text(pilot)
        await press(pilot, "d", "d", "d")
        assert "Showing all: 23 objects." in text(pilot)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"
        assert "! The dry run was OK, but: 1 object" in flat(pilot)


async def test_maps_the_other_way_round_are_no_disagreement(stage: Stage) -> None:
    """Type → names says the same as name → type."""
    instead(stage, is_dry_run, changed(other_way_round))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        assert "23 objects would be restored" in text(pilot)
        assert "disagree" not in text(pilot)


async def test_a_server_that_would_restore_over_what_is_there_is_contradicted(stage: Stage) -> None:
    """We see one there, the dry run does not mind: both are shown."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        instead(stage, at("/show/schema"), changed(with_orders))
        await press(pilot, "ctrl+n")
        assert "1 would abort" in flat(pilot)
        assert "The object exists and should abort" in flat(pilot)


def with_orders(data: dict[str, Any]) -> None:
    """The server shows a table that it does not mind in its dry run."""
    data["schema_names"].append("sales")
    data["schema_tables"].append(["orders"])
    data["additional_info"].append({})


# Again before the confirmation


async def test_what_appears_after_the_dry_run_makes_it_void(stage: Stage) -> None:
    """Somebody restores the table meanwhile: the confirmation says so, and no name that is typed sends anything."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        stage.server.world.add_live([ORDERS])
        await press(pilot, "ctrl+n")
        assert "Since the dry run" in flat(pilot)
        assert "table sales.orders" in flat(pilot)
        await confirm(pilot)
        assert title(pilot) == "Restore"
        await press(pilot, "escape", "escape")
        assert "Dry run refused" in text(pilot), "a void one is run again"
        assert "✗ would abort table sales.orders" in flat(pilot)
    assert stage.restores == []


async def test_what_appears_while_the_name_is_typed_makes_it_void_too(stage: Stage) -> None:
    """It is looked at once more when the confirmation is given."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        stage.server.world.add_live([ORDERS])
        await confirm(pilot)
        assert title(pilot) == "Restore"
        assert "Nothing was sent." in flat(pilot)
        assert "appeared" in flat(pilot)
    assert stage.restores == []


async def test_replace_says_how_many_are_there_now(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=("down", "right", "space", "down", "space", "ctrl+n"))
        await press(pilot, "right", "ctrl+n", "ctrl+n")
        assert "Lost 1 existing object replaced" in flat(pilot)


# After the restore


async def test_v_checks_that_it_is_there(stage: Stage) -> None:
    """What is said to be restored is looked for: there, and in the receipt."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        await press(pilot, "v")
        await until(pilot, lambda: "Of 23 reported as restored, 17 shown now, 6 not checked." in flat(pilot))
    (receipt,) = stage.receipts.glob("*.json")
    assert "17 shown now" in receipt.read_text(encoding="utf-8")


# Is the snapshot readable?


async def test_v_verifies_the_highlighted_snapshot_by_its_id(stage: Stage) -> None:
    """The finding is said, stands in the details from then on, and is not requested again on the way."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "down", "v")
        await until(pilot, lambda: "No error found in snapshot 1795399221528." in flat(pilot))
        assert "does not prove that every table can be restored completely" in str(
            pilot.app.screen.query_one("#details-text", Static).content
        )
        await press(pilot, "up")
        assert "not run; press v" in str(pilot.app.screen.query_one("#details-text", Static).content)
    (asked,) = stage.server.received("/verify/backup")
    assert asked.json()["options"]["backup_id"] == "1795399221528"


async def test_while_it_verifies_the_line_names_the_snapshot_that_is_verified(stage: Stage) -> None:
    """Wherever the cursor goes meanwhile; a second v waits."""
    held = Held(stage, at("/verify/backup"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "v")
        await held.has_arrived()
        await press(pilot, "down", "v")
        assert "A snapshot is being verified" in flat(pilot)
        stage.clock.let_pass(seconds=3)
        pilot.app.screen.tick()  # type: ignore[attr-defined]
        await at_rest(pilot)
        assert "Verifying snapshot 1795442407056 … 3 s" in flat(pilot)
        held.let_go.set()
        await until(pilot, lambda: "No error found in snapshot 1795442407056" in flat(pilot))


async def test_a_damaged_snapshot_is_said_to_be(stage: Stage) -> None:
    """nightly_crm has a damaged file: what the server says of it stands on the screen."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Snapshot", backup="nightly_crm")
        await press(pilot, "v")
        await until(pilot, lambda: "✗ Errors found in snapshot" in flat(pilot))
        assert "crm.tickets" in flat(pilot)


async def test_it_is_offered_again_before_the_restore_where_it_was_not_done(stage: Stage) -> None:
    """The confirmation says that it was not; v on Dry run does it, and then it does not say so any more."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "Verified not done" in flat(pilot)
        await press(pilot, "escape", "escape", "v")
        await until(pilot, lambda: "No error found" in flat(pilot))
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"
        assert "Verified ✓ No error found" in flat(pilot)


async def test_a_verification_that_fails_is_told_and_stops_nothing(stage: Stage) -> None:
    stage.server.faults.set("/verify/backup=drop")
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "v")
        await until(pilot, lambda: "was not verified:" in flat(pilot))
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
