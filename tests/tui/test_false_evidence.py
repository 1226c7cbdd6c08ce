"""A later restore of ours is no evidence of an earlier one that was lost."""

from __future__ import annotations

import pytest

from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, ready, text, until
from tests.harness.app.steps import SIZE, app_of, confirm, ended, go, tab_to


@pytest.mark.parametrize("way", ["direct", "auto"])
async def test_a_later_restore_is_no_evidence_of_one_that_was_lost(stage: Stage, way: str) -> None:
    """A request never arrives: unknown. The same restore, dry run and all, once more: Restored. Then, in a new sitting,
    Check outcome: the row and the job of the second run settle nothing of the first."""
    endpoint = "/restore/backup" if way == "direct" else "/create/job"
    async with stage.app(way=way).run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        stage.server.faults.set(f"{endpoint}=drop-before")
        await confirm(pilot)
        await ended(pilot)
        await until(pilot, lambda: "What was found" in text(pilot))
        stage.server.faults.clear()
    async with stage.app(way=way).run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    async with stage.app(way=way).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "The outcome of an earlier restore is unknown" in text(pilot))
        await tab_to(pilot, "look")
        await press(pilot, "enter")
        await ended(pilot)
        app = app_of(pilot)
        await until(
            pilot, lambda: app.session.outcome is not None and app.session.outcome.last_check is not None
        )
        assert "? Outcome unknown" in text(pilot)
        assert "✓ Restored" not in text(pilot)
