"""A screen that is being taken down: its widgets go before it does, and whatever still works for it says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from restore_tui.tui.screens.result import ResultScreen
from restore_tui.tui.screens.running import RunningScreen
from restore_tui.tui.screens.step import StepScreen
from tests.harness.app import steps
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import press, ready, text, title, until
from tests.harness.app.running import ended, start
from tests.harness.app.steps import SALES, app_of, confirm, go


async def speaks(say: Callable[[], None]) -> None:
    """Say it in each of many turns of the event loop, in which a key takes the screen down, and once more when the
    worker is ended. In between it is silent, so that the test sees what was said come to rest."""
    try:
        for _ in range(100):
            say()
            await asyncio.sleep(0)
        await asyncio.Event().wait()
    finally:
        say()


def everything(screen: StepScreen) -> Callable[[], None]:
    """What a worker calls once its response has come, and the timer each second: both run in tasks of their own."""

    def say() -> None:
        screen.notify_user("An answer.")
        screen.plan_changed()
        screen._second_passed()

    return say


async def test_a_worker_that_speaks_while_its_screen_goes_ends_nothing(stage: Stage) -> None:
    """From Connect to the confirmation and back, with a worker on every step that speaks in each turn of the loop."""
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for key in ("enter", "enter", "enter", "enter", *SALES, "ctrl+n", "ctrl+n", *["escape"] * 5):
            screen = app.screen
            assert isinstance(screen, StepScreen)
            screen.run_worker(speaks(everything(screen)))
            await press(pilot, key)
        assert title(pilot) == "Snapshot"
        assert not app.crashed


async def test_the_end_of_a_restore_may_come_while_the_screen_speaks(paced: Paced) -> None:
    """The response to a cancel may come in the moment in which the result takes the place of the running screen."""
    app = paced.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        screen = app.screen
        assert isinstance(screen, RunningScreen)
        speaking = screen.run_worker(speaks(everything(screen)))
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
        assert speaking.is_cancelled
        result = app.screen
        assert isinstance(result, ResultScreen)
        result.run_worker(speaks(lambda: result.notify_user("An answer.")))
        result.press_next()
        await until(pilot, lambda: title(pilot) == "Data source")
        await ready(pilot)
        assert not app.crashed


async def test_a_second_that_passes_after_new_restore_ends_nothing(stage: Stage) -> None:
    """New restore forgets the outcome; its screen is up until the next one is there, and the terminal may change."""
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await steps.ended(pilot)
        result = app.screen
        assert isinstance(result, ResultScreen)
        result.press_next()
        assert app.session.outcome is None
        result.on_resize()
        result._second_passed()
        await until(pilot, lambda: title(pilot) == "Data source")
        await ready(pilot)
    assert not app.crashed


@pytest.mark.parametrize("to", ["Connect", "Data source", "Objects", "Options"])
async def test_a_screen_without_its_widgets_says_nothing(stage: Stage, to: str) -> None:
    """The last moment of a screen: all of its widgets are gone, and it is still attached."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await go(pilot, to)
        screen = app_of(pilot).screen
        assert isinstance(screen, StepScreen)
        # What counts the existing objects beside the keys ends first, as in ``remove``: it may not draw in between.
        for worker in screen.workers:
            if worker.group == "look-ahead" and not worker.is_cancelled:
                await worker.wait()
        await screen.remove_children()
        assert screen.is_attached
        everything(screen)()
        app_of(pilot).go("connect")
        await until(
            pilot, lambda: app_of(pilot).screen is not screen and "http://localhost:9191" in text(pilot)
        )
        await ready(pilot)
