"""Letters for what Ctrl and F keys do: n, p, R and q."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from restore_tui.tui.dialogs.quit import QuitDialog
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import burst, press, tap, text, title, until
from tests.harness.app.running import start
from tests.harness.app.steps import SIZE, app_of, focused, go


async def test_n_p_and_r_do_what_ctrl_n_f2_and_f5_do(stage: Stage) -> None:
    """Options: p opens the request, p closes it; n goes on to Dry run; R there runs it again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "p")
        assert "The dry run's request" in text(pilot)
        await press(pilot, "p", "n")
        assert title(pilot) == "Dry run"
        await press(pilot, "R")
        assert len(stage.sent) == 2


@pytest.mark.parametrize(("step", "keys"), [("Backup", ("slash",)), ("Restore", ())])
async def test_in_a_field_they_are_letters(stage: Stage, step: str, keys: tuple[str, ...]) -> None:
    """The filter of Backup and the name on the confirmation take them as text."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await press(pilot, *keys, *"npRqjk:")
        field = focused(pilot)
        assert isinstance(field, Input)
        assert field.value == "npRqjk:"
        assert not app_of(pilot).request_shown


async def test_n_never_confirms(stage: Stage) -> None:
    """The name typed, then the list focused: n says what confirms."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, *app_of(pilot).plan.backup, "escape", "n")
        assert "Only typing the name, then Enter, confirms." in text(pilot)
        assert stage.restores == []


async def test_letters_typed_ahead_of_the_confirmation_do_nothing(stage: Stage) -> None:
    """Dry run: n q n p all at once."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await burst(pilot, "n", "q", "n", "p")
        assert title(pilot) == "Restore"
        assert pilot.app.screen.query_one("#phrase", Input).value == ""
        assert not app_of(pilot).request_shown
        assert stage.restores == []


async def test_q_leaves_at_once_where_nothing_is_lost(stage: Stage) -> None:
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await tap(pilot, "q")
        await until(pilot, lambda: app.is_exiting)


@pytest.mark.parametrize(
    ("step", "keys", "lost"),
    [
        ("Objects", ("right", "space"), ("selected object",)),
        ("Options", ("right",), ("1 selected object", "1 changed option")),
        ("Dry run", (), ("1 selected object", "a dry run that is OK")),
        ("Restore", ("escape",), ("1 selected object", "a dry run that is OK")),
    ],
)
async def test_q_asks_once_where_something_is_lost(
    stage: Stage, step: str, keys: tuple[str, ...], lost: tuple[str, ...]
) -> None:
    """q, q, Enter: asked, still asked, Stay; then q, Tab, Enter leaves."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await press(pilot, *keys, "q", "q")
        assert isinstance(app.screen, QuitDialog)
        for loss in lost:
            assert loss in text(pilot)
        await press(pilot, "enter")
        assert title(pilot) == step
        await press(pilot, "q", "tab")
        await tap(pilot, "enter")
        await until(pilot, lambda: app.is_exiting)
    assert stage.restores == []


async def test_q_while_a_restore_runs_asks_as_ctrl_q_does(paced: Paced) -> None:
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await press(pilot, "q")
        assert "Leave it running" in text(pilot)
        assert focused(pilot).id == "safe"


async def test_a_that_clears_says_how_many(stage: Stage) -> None:
    """Objects, two of the schemas: a, then a; then a once more, and it is no longer said."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "slash", *"sale", "enter", "a")
        assert "cleared" not in text(pilot)
        await press(pilot, "a")
        assert "1 name cleared." in text(pilot)
        await press(pilot, "a")
        assert "cleared" not in text(pilot)


async def test_a_message_that_is_no_longer_true_goes_with_the_next_key(stage: Stage) -> None:
    """Objects: Ctrl+N without a selection says why not; Space selects, and it is gone."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "ctrl+n")
        assert "Select at least one object" in text(pilot)
        await press(pilot, "space", "down")
        assert "Select at least one object" not in text(pilot)
        await press(pilot, "slash", "s", "enter", "escape")
        assert "The filter is cleared." in text(pilot)
        await press(pilot, "down")
        assert "The filter is cleared." not in text(pilot)
