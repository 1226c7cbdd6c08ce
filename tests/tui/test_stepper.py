"""The line of steps at the top: passed ones take a click, by the rules of going back."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from restore_tui.tui.screens.running import RunningScreen
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import at_rest, click, press, settled, tap, text, title
from tests.harness.app.running import start
from tests.harness.app.steps import SIZE, app_of, ended, go
from tests.harness.servers.interceptors import Held, When, is_restore

BACKUP = 22
"""A column of its title."""


async def click_step(pilot: Pilot[None], word: str, *, more: int = 0) -> None:
    """Click on a word of the first line, or so many columns behind its beginning."""
    click(app_of(pilot), text(pilot).splitlines()[0].index(word) + more, 0)
    await at_rest(pilot)
    await settled(app_of(pilot))
    await at_rest(pilot)


async def test_a_click_goes_back_to_a_passed_step_and_loses_nothing(stage: Stage) -> None:
    """Dry run, a click on Backup, and on again with Enter: the plan is the same."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        plan = app_of(pilot).plan
        await click_step(pilot, "Backup")
        assert title(pilot) == "Backup"
        assert app_of(pilot).plan == plan
        await press(pilot, "enter")
        assert title(pilot) == "Snapshot"
        assert app_of(pilot).plan == plan


async def test_only_passed_steps_take_a_click(stage: Stage) -> None:
    """The current one, one that is ahead and what is between them do nothing: there is no way around the dry run."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        for word, more in (("Options", 0), ("Dry run", 0), ("Restore", 2), ("Snapshot", len("Snapshot"))):
            await click_step(pilot, word, more=more)
            assert title(pilot) == "Options"


async def test_dots_take_a_click_where_there_is_no_room_for_titles(stage: Stage) -> None:
    """60 columns: the third dot is Backup."""
    async with stage.app().run_test(size=(60, 20)) as pilot:
        await go(pilot, "Objects")
        await click_step(pilot, "●", more=2)
        assert title(pilot) == "Backup"


@pytest.mark.parametrize("when", [lambda _: True, is_restore], ids=["prepared", "sent"])
async def test_a_click_while_the_restore_is_prepared_or_runs_does_nothing(when: When, stage: Stage) -> None:
    """Enter, and Backup is clicked while the server is checked or works; and again on the result."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        held = Held(stage, when)
        await tap(pilot, *app_of(pilot).plan.backup, "enter")
        await held.has_arrived()
        click(app_of(pilot), BACKUP, 0)
        await at_rest(pilot)
        held.let_go.set()
        await ended(pilot)
        click(app_of(pilot), BACKUP, 0)
        await at_rest(pilot)
        assert "Receipt:" in text(pilot)
    assert len(stage.restores) == 1


async def test_a_click_while_a_job_runs_does_nothing(paced: Paced) -> None:
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await click_step(pilot, "Connect")
        assert isinstance(pilot.app.screen, RunningScreen)
