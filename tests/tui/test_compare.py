"""Compare the highlighted snapshot, and select from what differs."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from restore_tui.find.compare import ComparedState
from restore_tui.tui.actions import keys_of
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, tap, text, title, typed, until
from tests.harness.app.searching import compared, comparer
from tests.harness.app.steps import SIZE, app_of, go, highlighted
from tests.harness.servers.interceptors import Held, refused

SHOW = "/show/backup"


def contents_read(stage: Stage) -> Counter[str]:
    """Snapshot → how often its contents were asked for."""
    bodies = [json.loads(received.body) for received in stage.server.received(SHOW)]
    return Counter(options["backup_id"] for body in bodies if (options := body["options"]).get("backup_id"))


async def test_from_a_comparison_with_now_to_the_dry_run_of_what_vanished(stage: Stage) -> None:
    """What was selected, nothing else; the snapshot is read once, also for the steps to come."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "equals_sign")
        assert highlighted(pilot).startswith("what exists now")
        await compared(pilot, "enter")
        assert "to what exists now" in flat(pilot)
        assert "27 vanished · 5 appeared · 0 changed" in flat(pilot)
        assert "Records now are from the server's cache" in flat(pilot)
        await press(pilot, "slash", *"sales.orders", "enter", "a")
        assert "sales.orders · table · vanished" in flat(pilot)
        assert "1 object of" in flat(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    (sent,) = stage.sent
    assert sent["restore_objects_map"] == {"table": "sales.orders"}
    assert contents_read(stage) == {sent["options"]["backup_id"]: 1}


async def test_two_full_snapshots(story: Stage) -> None:
    """The newest against the one before the drop: what vanished first, then the largest change. What the highlighted
    one does not hold cannot be selected from it. Each is read once, also for a second comparison."""
    async with story.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Snapshot", backup="sales_full")
        await press(pilot, "equals_sign", *["down"] * 7)
        before = highlighted(pilot).split()[0]
        await compared(pilot, "enter")
        assert "1 vanished · 0 appeared" in flat(pilot)
        assert highlighted(pilot).split()[:3] == ["sales.orders", "−", "vanished"]
        await press(pilot, "space")
        assert "does not hold this" in flat(pilot)
        await press(pilot, "enter")
        assert "does not hold this" in flat(pilot)
        await press(pilot, "down")
        assert highlighted(pilot).startswith("[ ] inventory.stock_movements")
        assert "+" in highlighted(pilot)
        await press(pilot, "d", "d")
        assert "[ ] sales.order_items" in text(pilot)
        assert "sales.orders" not in text(pilot)  # d: what vanished, then what changed
        await press(pilot, "equals_sign")
        await compared(pilot, "enter")
        assert "1 vanished" in flat(pilot)
        await press(pilot, "down", "space", "shift+down", "enter")
        assert title(pilot) == "Objects"
        plan = app_of(pilot).plan
        assert plan.objects.names("table") == {"inventory.stock_movements", "sales.order_items"}
    assert contents_read(story) == {before: 1, plan.snapshot_id: 1}


async def test_counts_of_changes_are_not_compared(stage: Stage) -> None:
    """Of an incremental snapshot, and of one whose id was typed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "equals_sign")
        await compared(pilot, "down", "enter")
        assert "Records and sizes are not compared" in flat(pilot)
        assert " 0 changed " in flat(pilot)
        assert " same" not in flat(pilot)
        await press(pilot, "d")
        assert "Δ" in text(pilot)


async def test_a_snapshot_that_cannot_be_read_can_be_tried_again(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        stage.server.intercept = lambda received, answer: (
            refused("disk on <b>fire</b>") if contents_of(received.body) else answer()
        )
        await press(pilot, "equals_sign")
        await compared(pilot, "enter")
        assert "could not be read" in flat(pilot)
        assert "Enter tries again" in flat(pilot)
        assert "disk on <b>fire</b>" in flat(pilot)
        stage.server.intercept = None
        await compared(pilot, "enter")
        assert "to what exists now" in flat(pilot)
        assert "could not be read" not in flat(pilot)


def contents_of(body: bytes) -> bool:
    return b"backup_id" in body and b"object_names" in body


@pytest.mark.parametrize("leave", ["escape", "ctrl+q"])
async def test_leaving_while_it_reads(stage: Stage, leave: str) -> None:
    """Esc stops reading, another one closes; Ctrl+Q ends the app."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        held = Held(stage, lambda received: contents_of(received.body))
        await press(pilot, "equals_sign")
        await tap(pilot, "enter")
        await held.has_arrived()
        assert "Reading: Snapshot" in flat(pilot)
        await tap(pilot, leave)
        held.let_go.set()
        if leave == "escape":
            await until(pilot, lambda: "Stopped." in text(pilot))
            await press(pilot, "escape")
            assert title(pilot) == "Snapshot"
        else:
            await until(pilot, lambda: app_of(pilot).has_left)
            assert not app_of(pilot).crashed


async def test_esc_and_f1_and_what_is_not_known(stage: Stage) -> None:
    """Esc lets go of the filter, then of what is selected, then closes. An unknown row says why."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "equals_sign")
        assert "Select shown, or clear" not in dict(keys_of(pilot.app.screen))
        await compared(pilot, "enter")
        keys = {does: keys for keys, does in keys_of(pilot.app.screen)}
        assert keys["Select shown, or clear"] == "a"
        assert keys["Compare with another"] == "= Backspace"
        assert {"Choose", "Select", "Select a range", "Filter"} <= keys.keys()
        screen = comparer(pilot)
        await until(pilot, lambda: screen._compared is not None)
        while screen._view is not ComparedState.UNKNOWN:
            await press(pilot, "d")
        assert "The wizard does not list this type." in flat(pilot)
        await press(pilot, "slash")
        await typed(pilot, "sales")
        await press(pilot, "enter", "a", "escape")
        assert "The filter is cleared" in flat(pilot)
        assert "[x]" in text(pilot)
        await press(pilot, "escape")
        assert "[x]" not in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"
