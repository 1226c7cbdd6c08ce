"""The road from Connect to a restored schema, forward and back."""

from __future__ import annotations

import json

from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, ready, text, title, typed, until


async def test_a_whole_walk_restores_the_schema_and_nothing_else(stage: Stage) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2: the dry run of one schema in nine keys; then it is restored for real."""
    before = set(stage.server.world.live)
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter", "enter", "enter", "enter")
        assert title(pilot) == "Objects"
        await press(pilot, "right", "down", "space", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
        assert "Dry run OK" in text(pilot)
        assert set(stage.server.world.live) == before
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"
        await typed(pilot, "nightly_shop")
        await press(pilot, "enter")
        await until(pilot, lambda: "Receipt:" in text(pilot))
        assert "✓ Restored" in text(pilot)
    came_back = set(stage.server.world.live) - before
    assert came_back
    assert all(name.startswith("sales.") for _, name in came_back)
    dry, real = stage.sent
    assert dry["options"].pop("dry_run") == "true"
    assert real["options"].pop("dry_run") == "false"
    assert dry == real
    (receipt,) = stage.receipts.glob("*.json")
    assert json.loads(receipt.read_text())["outcome"]["verdict"] == "Restored"
