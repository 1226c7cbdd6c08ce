"""Ctrl+P and ``:``: the menu of all actions."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.tui.actions import keys_of
from restore_tui.tui.dialogs.palette import ActionPane, PaletteDialog
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, burst, press, settled, text, title, typed, until
from tests.harness.app.steps import SIZE, app_of, focused, go


def offered(pilot: Pilot[None]) -> list[str]:
    return [action.description for action in pilot.app.screen.query_one(ActionPane).shown]


async def run(pilot: Pilot[None], words: str) -> None:
    """Open it, filter, and press Enter."""
    await press(pilot, "ctrl+p")
    await typed(pilot, words)
    await press(pilot, "enter")
    await until(pilot, lambda: not any(w.group == "menu" and not w.is_finished for w in pilot.app.workers))
    await settled(app_of(pilot))
    await at_rest(pilot)


NOT_OFFERED = ("Menu", "Select a range")


async def test_it_lists_every_action_that_works_now_with_its_key(stage: Stage) -> None:
    """Objects: what F1 lists, but the menu itself, and what needs a key held down. Esc closes it, and the focus is
    where it was."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        listed = keys_of(pilot.app.screen)
        before = focused(pilot)
        await press(pilot, "colon")
        assert isinstance(pilot.app.screen, PaletteDialog)
        assert sorted(offered(pilot)) == sorted(does for _, does in listed if does not in NOT_OFFERED)
        await typed(pilot, "invert")
        assert offered(pilot) == ["Invert the selection (filtered)"]
        await press(pilot, "escape")
        assert focused(pilot) is before
        assert title(pilot) == "Objects"


async def test_enter_runs_what_is_highlighted(stage: Stage) -> None:
    """Options: Request, then Next by the keys of the list."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await run(pilot, "request f2")
        assert "The dry run's request" in text(pilot)
        await press(pilot, "colon", "down", "up")
        assert isinstance(focused(pilot), Input), "the filter keeps the focus"
        await press(pilot, "escape")
        await run(pilot, "next ctrl+n")
        assert title(pilot) == "Dry run"


async def test_it_gives_the_focus_to_where_a_key_works(stage: Stage) -> None:
    """Objects, with the filter focused: Invert runs where its key works."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "slash", "s")
        await run(pilot, "invert")
        assert app_of(pilot).plan.objects.count


async def test_it_never_confirms_a_restore(stage: Stage) -> None:
    """The name is typed, and the menu has nothing that confirms: Enter, Enter, Enter on what it has does not either."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, app_of(pilot).plan.backup)
        await press(pilot, "ctrl+p")
        assert not {"Next", "Restore", "Choose"} & set(offered(pilot))
        await typed(pilot, "help")
        await burst(pilot, "enter", "enter", "enter")
        await press(pilot, "escape")
        assert stage.restores == []
        await run(pilot, "request")
        await press(pilot, "ctrl+p")
        await burst(pilot, *"request", "enter", "enter", "enter")
        assert title(pilot) == "Restore"
        assert stage.restores == []


async def test_it_works_in_the_comparison(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "equals_sign", "colon")
        assert isinstance(pilot.app.screen, PaletteDialog)
        await typed(pilot, "close")
        await press(pilot, "enter")
        await until(pilot, lambda: title(pilot) == "Snapshot")
