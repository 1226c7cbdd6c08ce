"""Keys that come faster than the screens: each goes to the step that it was meant for, or nowhere."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot

from restore_tui.restore.execution.confirmation import Confirmation
from restore_tui.restore.execution.final_check import FinalCheck
from restore_tui.restore.session import Session
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.confirm import ConfirmScreen
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import burst, click, press, ready, settled, tap, text, title, typed, until
from tests.harness.app.steps import ended
from tests.harness.servers.interceptors import Held, at

NAME = ("n", "i", "g", "h", "t", "l", "y", "underscore", "s", "h", "o", "p")


async def to_objects(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await press(pilot, "enter", "enter", "enter", "enter")


async def to_dry_run(pilot: Pilot[None]) -> None:
    await to_objects(pilot)
    await press(pilot, "right", "down", "space", "ctrl+n", "ctrl+n")


def gate_of(pilot: Pilot[None]) -> RestoreApp:
    assert isinstance(pilot.app, RestoreApp)
    return pilot.app


async def test_five_enters_in_one_burst_stop_where_something_has_to_be_ticked(stage: Stage) -> None:
    """Enter ×5 on Connect: four steps, one each, and the fifth is a hint on Objects."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await burst(pilot, *["enter"] * 5)
        assert title(pilot) == "Objects"
        assert "Space selects" in text(pilot)
        assert stage.sent == []


@pytest.mark.parametrize(
    ("way", "lands_on"),
    [
        (("enter",), "Backup"),
        (("enter", "enter"), "Snapshot"),
        (("enter", "enter", "enter"), "Objects"),
    ],
)
async def test_two_presses_of_next_are_two_steps_and_no_more(
    stage: Stage, way: tuple[str, ...], lands_on: str
) -> None:
    """Ctrl+N ×2 in one burst: each press changes the step once."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, *way[:-1])
        before = gate_of(pilot).road.index(
            next(s.key for s in gate_of(pilot).road.steps if s.title == title(pilot))
        )
        await burst(pilot, "ctrl+n", "ctrl+n")
        after = gate_of(pilot).road.index(
            next(s.key for s in gate_of(pilot).road.steps if s.title == title(pilot))
        )
        assert after - before == 2
        titles = [step.title for step in gate_of(pilot).road.steps]
        assert title(pilot) == titles[titles.index(lands_on) + 0]


async def test_next_twice_from_options_stops_at_the_confirmation(stage: Stage) -> None:
    """Ctrl+N ×2 on Options: the dry run, and when it has succeeded, the confirmation; nothing more."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await to_objects(pilot)
        await press(pilot, "right", "down", "space", "ctrl+n")
        await burst(pilot, "ctrl+n", "ctrl+n", "enter", "enter")
        assert title(pilot) == "Restore"
        assert "Type the backup's name" in text(pilot)
        assert stage.restores == []
        assert len(stage.sent) == 1


async def test_a_name_typed_ahead_confirms_nothing(stage: Stage) -> None:
    """Ctrl+N with the name and Enter behind it in one burst: the confirmation is empty and says so."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await to_dry_run(pilot)
        await burst(pilot, "ctrl+n", *NAME, "enter")
        assert title(pilot) == "Restore"
        assert gate_of(pilot).screen.query_one("#phrase").value == ""
        assert "was discarded" in text(pilot)
        assert stage.restores == []
        await typed(pilot, "nightly_shop")
        await press(pilot, "enter")
        await ended(pilot)
        assert len(stage.restores) == 1


async def test_two_enters_on_the_confirmed_name_restore_once(stage: Stage) -> None:
    """Enter ×5 behind the right name: one POST."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await to_dry_run(pilot)
        await press(pilot, "ctrl+n")
        await typed(pilot, "nightly_shop")
        await burst(pilot, *["enter"] * 5)
        await ended(pilot)
        assert len(stage.restores) == 1


async def test_enter_during_a_load_waits_for_the_list_that_it_was_meant_for(stage: Stage) -> None:
    """Enter while the backups load: it takes the backup that is highlighted once they are there."""
    held = Held(stage, at("/show/backup"))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await tap(pilot, "enter")
        await held.has_arrived()
        assert title(pilot) == "Backup"
        await tap(pilot, "enter")
        assert title(pilot) == "Backup"
        held.let_go.set()
        await until(pilot, lambda: title(pilot) == "Snapshot")
        assert gate_of(pilot).plan.backup == "nightly_shop"


async def test_keys_behind_a_load_that_fails_are_meant_for_no_other_screen(stage: Stage) -> None:
    """Enter ×3 behind a data source that may not be read: the step with the error stays, nothing goes on."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter", "down", "down")
        await burst(pilot, "enter", "enter", "enter", "ctrl+n")
        assert title(pilot) == "Backup"
        assert "The server refused" in text(pilot)
        assert len(stage.server.received("/show/backup")) == 1


async def test_escape_during_a_load_goes_back_and_forgets_what_waited(stage: Stage) -> None:
    """Esc while the backups load: back at once, and the Enters that waited for them are forgotten."""
    held = Held(stage, at("/show/backup"))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await tap(pilot, "enter")
        await held.has_arrived()
        await tap(pilot, "enter", "enter", "escape")
        await until(pilot, lambda: title(pilot) == "Data source")
        held.let_go.set()
        await settled(gate_of(pilot))
        assert title(pilot) == "Data source"


async def test_help_and_request_are_answered_during_a_load(stage: Stage) -> None:
    """F2 and F1 while the backups load; closing the help is no step back."""
    held = Held(stage, at("/show/backup"))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await tap(pilot, "enter")
        await held.has_arrived()
        await tap(pilot, "f2")
        assert '"datasource_name": "dr_bucket_s3"' in text(pilot)
        await tap(pilot, "f1")
        await until(pilot, lambda: "Keys" in text(pilot))
        await tap(pilot, "escape")
        await until(pilot, lambda: "Keys" not in text(pilot))
        assert title(pilot) == "Backup"
        held.let_go.set()
        await until(pilot, lambda: "nightly_shop" in text(pilot))


async def test_a_second_press_while_the_connection_is_tested_tests_once(stage: Stage) -> None:
    """Enter ×2 on Connect with a slow server: one test; the second Enter waits for the data sources."""
    held = Held(stage, at("/show/system/properties"))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await tap(pilot, "enter", "enter")
        await held.has_arrived()
        held.let_go.set()
        await until(pilot, lambda: title(pilot) == "Backup")
        assert len(stage.server.received("/show/system/properties")) == 1


async def test_a_burst_of_letters_is_typed_in_order(stage: Stage) -> None:
    """/ and a word in one burst: the filter has the word, whole."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter", "enter")
        await burst(pilot, "slash", *"weekly", "enter", "enter")
        assert title(pilot) == "Snapshot"
        assert gate_of(pilot).plan.backup == "weekly_shop"


async def test_keys_behind_one_that_opens_a_dialog_go_into_the_dialog(stage: Stage) -> None:
    """t, a name and Ctrl+N in one burst on Objects: the name is typed into the dialog, added and selected."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await to_objects(pilot)
        await burst(pilot, "t", *"archive", "ctrl+n")
        assert "[x] archive" in text(pilot)
        assert gate_of(pilot).plan.objects.names("all") == {"archive"}


async def test_keys_that_wait_for_a_load_do_not_go_into_the_help(stage: Stage) -> None:
    """Enter waits for the backups, F1 opens the help meanwhile: the Enter is for the list below, not for Close."""
    held = Held(stage, at("/show/backup"))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await tap(pilot, "enter")
        await held.has_arrived()
        await tap(pilot, "enter", "f1", "tab")
        assert "Keys" in text(pilot)
        held.let_go.set()
        await until(pilot, lambda: gate_of(pilot).screen_stack[-2].loaded)
        assert "Keys" in text(pilot)
        await tap(pilot, "escape")
        await until(pilot, lambda: title(pilot) == "Snapshot")


async def test_going_back_while_the_confirmation_is_prepared_takes_it_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name + Enter, and Back in the very moment in which the last check before the restore is through: nothing is
    sent."""
    checked = asyncio.Event()
    authorise = Session.confirm

    async def slow(self: Session, typed: str, shown: FinalCheck) -> Confirmation:
        permit = await authorise(self, typed, shown)
        await checked.wait()
        return permit

    monkeypatch.setattr(Session, "confirm", slow)
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await to_dry_run(pilot)
        await press(pilot, "ctrl+n")
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        screen = gate_of(pilot).screen
        assert isinstance(screen, ConfirmScreen)
        screen.go_back()
        checked.set()
        await until(pilot, lambda: title(pilot) == "Dry run")
        await settled(gate_of(pilot))
        assert not gate_of(pilot).restore.is_active
    assert stage.restores == []


async def test_a_double_click_on_restore_does_not_press_what_stands_there_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second click at the place of the button Restore, while the result is coming up: the result stays."""
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await to_dry_run(pilot)
        await press(pilot, "ctrl+n")
        await typed(pilot, "nightly_shop")
        place = app.screen.query_one("#next").region.offset
        drawn = asyncio.Event()
        monkeypatch.setattr(
            app, "frame_displayed", drawn.wait
        )  # the result takes no key before the terminal shows it
        click(app, place.x + 2, place.y)
        await until(pilot, lambda: "✓ Restored" in text(pilot))
        assert not app.gate.is_idle
        thrown_away = app.gate.thrown_away
        click(app, place.x + 2, place.y)
        await until(pilot, lambda: app.gate.thrown_away > thrown_away)
        drawn.set()
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
        assert "Keys and clicks from before this screen was ready were discarded." in text(pilot)
        assert len(stage.restores) == 1


async def test_ctrl_j_is_no_enter_but_before_the_first_screen(stage: Stage) -> None:
    """What is typed before the program has the terminal comes with line feeds for Enter; later it is Ctrl+J."""
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(events.Key("ctrl+j", "\n"))
        await ready(pilot)
        await until(pilot, lambda: title(pilot) == "Data source")
        await settled(app)
        app.post_message(events.Key("ctrl+j", "\n"))
        await press(pilot, "down")
        assert title(pilot) == "Data source"
