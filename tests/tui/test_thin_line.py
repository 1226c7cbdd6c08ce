"""What the wizard writes to the terminal: all that has changed, once, and nothing else."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Input, Static

from restore_tui.tui.screens.confirm import ConfirmScreen
from restore_tui.tui.screens.running import RunningScreen
from restore_tui.tui.screens.step import StepScreen
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import arrived, burst, press, ready, settled, text, typed, until
from tests.harness.app.random_keys import KEYS
from tests.harness.app.running import start
from tests.harness.app.steps import app_of, confirm, ended, go
from tests.harness.terminal.emulator import Emulator
from tests.harness.terminal.recording_driver import as_stock, frames_of, is_shown, recorder_of, resize, rests

pytestmark = [pytest.mark.drawn, pytest.mark.usefixtures("recorded")]
SIZE = (80, 24)
SIZES = [(80, 24), (60, 20), (120, 40), (40, 12)]


def words(pilot: Pilot[None]) -> Static:
    """A text that nothing else changes."""
    return pilot.app.screen.query_one("#gap", Static)


def changed_cells(pilot: Pilot[None], frame: str) -> str:
    """The text of the cells that a frame draws, wherever they are."""
    there = recorder_of(pilot.app).emulator
    blank = Emulator(there.width, there.height)
    blank.scribble()
    untouched = blank.cells[0][0]
    blank.feed(frame)
    return "".join(cell[0] for row in blank.cells for cell in row if cell != untouched)


# It shows what is there


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2])
async def test_random_keys_and_sizes_leave_the_terminal_showing_the_screen(stage: Stage, seed: int) -> None:
    """A hundred random keys in bursts, F1 and other dialogs among them, and now and then a resize after which nothing
    that stood there can be relied on: after each, every cell is as Textual's own full repaint has it."""
    chance = random.Random(seed)
    app = stage.app()
    names, weights = zip(*(pair for pair in KEYS if pair[0] != "s"), strict=True)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await burst(pilot, *["enter"] * 4, "right", "down", "space")
        for _ in range(30):
            if app.has_left:
                break
            await burst(
                pilot, *chance.choices([*names, "f1", "t", "f2"], [*weights, 3, 3, 3], k=chance.randint(1, 6))
            )
            if chance.random() < 0.2 and not app.has_left:
                await resize(pilot, *chance.choice(SIZES))
                await settled(app)
            if not app.has_left:
                await is_shown(pilot)
    assert not app.crashed


async def test_a_dialog_and_what_shines_through_it(stage: Stage) -> None:
    """F1 over the data sources, and Esc: the screen below is dimmed by the dialog, and comes back."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await is_shown(pilot)
        before = list(recorder_of(pilot.app).emulator.cells[0])
        await press(pilot, "f1")
        await is_shown(pilot)
        assert recorder_of(pilot.app).emulator.cells[0] != before, "the first line does not shine through"
        await press(pilot, "escape")
        await is_shown(pilot)
        assert recorder_of(pilot.app).emulator.cells[0] == before


async def test_a_resize_to_the_same_size_draws_all_of_it(stage: Stage) -> None:
    """A terminal that was made smaller and larger again between two looks has lost cells: all of it is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await is_shown(pilot)
        recorder_of(pilot.app).emulator.scribble()
        pilot.app.post_message(events.Resize(Size(*SIZE), Size(*SIZE)))
        await is_shown(pilot)


async def test_the_answer_to_whether_resizes_are_reported_is_no_resize(stage: Stage) -> None:
    """Terminals that report resizes in band answer once at the start, with the size that is known: nothing is sent
    for that, but for the report of a resize."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)

        async def report() -> None:
            pilot.app.post_message(events.Resize.from_dimensions(SIZE, (800, 480)))
            await arrived(app_of(pilot))

        assert await frames_of(pilot, report) == []
        (frame,) = await frames_of(pilot, report)
        assert len(changed_cells(pilot, frame)) == 80 * 24


async def test_after_a_suspension_all_of_it_is_drawn(stage: Stage) -> None:
    """The terminal was somebody else's for a while."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await is_shown(pilot)
        with pilot.app.suspend():
            recorder_of(pilot.app).emulator.scribble()
        await is_shown(pilot)


async def test_the_hidden_cursor_stands_where_one_types(stage: Stage) -> None:
    """Input methods open their window there."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "shift+tab", "shift+tab", "shift+tab")
        field = pilot.app.focused
        assert isinstance(field, Input)
        await typed(pilot, "xyz")
        await is_shown(pilot)
        emulator = recorder_of(pilot.app).emulator
        assert (emulator.x, emulator.y) == field.cursor_screen_offset
        assert "xyz" in emulator.lines[emulator.y]


# As little as possible


async def test_ten_updates_in_one_turn_are_one_write(stage: Stage) -> None:
    """Ten layouts that all change the screen, one after the other: the terminal gets the last one."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")

        def ten() -> None:
            for number in range(10):
                words(pilot).update(f"number {number}")
                pilot.app.screen._refresh_layout()

        (frame,) = await frames_of(pilot, ten)
        assert "number 9" in frame
        assert "number 8" not in frame
        await is_shown(pilot)


async def test_nothing_is_written_where_nothing_changes(stage: Stage) -> None:
    """Everything drawn again, and a tick of a clock on a screen without one: not a byte."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        screen = app_of(pilot).screen
        assert isinstance(screen, StepScreen)

        def again() -> None:
            screen.refresh(layout=True)
            for widget in screen.walk_children():
                widget.refresh()
            screen.tick()

        assert await frames_of(pilot, again) == []


async def test_a_tick_of_the_clock_writes_its_digits(paced: Paced) -> None:
    """A restore that runs, five seconds and then six: one frame, with one character in it."""
    async with paced.app(way="direct").run_test(size=SIZE) as pilot:
        await start(pilot, direct=paced)
        screen = pilot.app.screen
        assert isinstance(screen, RunningScreen)
        paced.clock.let_pass(seconds=5)
        screen.tick()
        await is_shown(pilot)
        assert "Restoring … 5 s" in text(pilot)

        def second() -> None:
            paced.clock.let_pass(seconds=1)
            screen.tick()

        (frame,) = await frames_of(pilot, second)
        assert changed_cells(pilot, frame) == "6"
        assert len(frame) < 60
        paced.let_pass(200)
        await until(pilot, lambda: "✓ Restored" in text(pilot))


async def test_nothing_on_a_screen_moves_by_itself_more_than_once_a_second(stage: Stage) -> None:
    """From Connect to the confirmation, the focus in each field that there is: no cursor blinks, nothing spins."""
    app = stage.app()

    def fast() -> list[object]:
        nodes = [app, app.screen, *app.screen.walk_children()]
        running = [timer for node in nodes for timer in node._timers if timer._active.is_set()]
        repeating = [timer for timer in running if timer._repeat is None and timer._interval < 1]
        return [
            timer for timer in repeating if timer.name != "screen_update"
        ]  # that one draws what has changed

    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        for keys in ["tab"] * 8, ["enter"], ["slash"], ["escape", "enter", "enter", "enter"], ["t"], ["escape"], \
                ["right", "down", "space", "ctrl+n"], ["space", "space", "down"], ["ctrl+n"], ["ctrl+n"]:  # fmt: skip
            for key in keys:
                await press(pilot, key)
                await rests(pilot)
                assert fast() == [], f"after {key} on {app.screen}"
        assert "Type the backup's name" in text(pilot)


async def test_a_key_in_the_filter_is_one_frame(stage: Stage) -> None:
    """The list and what is known of its row, in one write."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "slash")
        frames = await frames_of(pilot, lambda: press(pilot, "9"))
        assert len(frames) == 1
        assert "shown" in text(pilot)
        await is_shown(pilot)


async def test_a_walk_writes_less_than_one_repaint_of_each_screen(stage: Stage) -> None:
    """Connect to Restored: all bytes that were written, against Textual's own repaint of each screen, once."""
    app = stage.app()
    repaints = 0
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        for keys in [], ["enter"], ["enter"], ["enter"], ["enter"], ["right", "down", "space", "ctrl+n"], ["ctrl+n"], \
                ["ctrl+n"], [*"nightly", "underscore", *"shop", "enter"]:  # fmt: skip
            await press(pilot, *keys)
            await is_shown(pilot)
            repaints += len(as_stock(app).encode())
        await until(pilot, lambda: "✓ Restored" in text(pilot))
        await is_shown(pilot)
        repaints += len(as_stock(app).encode())
        written = sum(len(frame.encode()) for frame in recorder_of(app).frames)
    assert written < repaints


# A terminal that does not keep up


async def test_a_blocked_terminal_gets_one_more_frame_with_the_newest_state(stage: Stage) -> None:
    """While one frame is stuck, twenty changes are drawn: none of them waits behind it, and the app goes on. Once the
    terminal has taken it, one frame brings the newest."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await rests(pilot)
        recorder = recorder_of(pilot.app)
        recorder.frames.clear()
        recorder.blocked = True
        for number in range(20):
            words(pilot).update(f"number {number}")
            await rests(pilot)
        assert len(recorder.waiting) == 1
        assert "number 0" in recorder.waiting[0]
        recorder.let_go()
        await is_shown(pilot)
        assert len(recorder.frames) == 2
        assert "number 19" in recorder.emulator.text


async def test_what_changes_back_while_the_terminal_is_blocked_is_never_written(stage: Stage) -> None:
    """There and back again: after the stuck frame there is nothing to write."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        recorder = recorder_of(pilot.app)
        words(pilot).update("one")
        await rests(pilot)
        recorder.frames.clear()
        recorder.blocked = True
        for said in "two", "three", "two":
            words(pilot).update(said)
            await rests(pilot)
        recorder.let_go()
        await is_shown(pilot)
        await rests(pilot)
        assert len(recorder.frames) == 1


async def test_a_suspension_while_a_frame_is_stuck(stage: Stage) -> None:
    """The frame went down with the writer of then: after it, the newest state is drawn whole and nothing waits."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await rests(pilot)
        recorder = recorder_of(pilot.app)
        recorder.blocked = True
        words(pilot).update("stuck")
        await rests(pilot)
        assert len(recorder.waiting) == 1
        with pilot.app.suspend():
            recorder.waiting.clear()
            recorder.blocked = False
            recorder.emulator.scribble()
            setattr(recorder, "_writer_thread", object())  # noqa: B010 - as the driver of a terminal makes a new one
        await is_shown(pilot)
        assert "stuck" in recorder.emulator.text


async def test_what_is_typed_before_the_terminal_shows_the_confirmation_confirms_nothing(
    stage: Stage,
) -> None:
    """The terminal stands still on the way to it: the name that is typed at the picture of before is thrown away, once
    the confirmation is there it can be typed, and one restore is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await is_shown(pilot)
        recorder = recorder_of(pilot.app)
        recorder.blocked = True
        words(pilot).update("stuck")  # a frame is under way when Ctrl+N comes
        await rests(pilot)
        pilot.app.post_message(events.Key("ctrl+n", None))
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen) and pilot.app.screen.loaded)
        await rests(pilot)  # the app itself is through
        for key in (*"nightly", "underscore", *"shop", "enter"):
            character = "_" if key == "underscore" else key if len(key) == 1 else None
            pilot.app.post_message(events.Key(key, character))
            await arrived(app_of(pilot))
            await rests(pilot)
        assert "Type the backup's name" not in recorder.emulator.text
        assert "Please wait; input is not accepted yet." in text(pilot)
        assert stage.restores == []
        recorder.let_go()
        await settled(app_of(pilot))
        await is_shown(pilot)
        assert "Type the backup's name" in recorder.emulator.text
        assert "was discarded" in recorder.emulator.text
        assert stage.restores == []
        await confirm(pilot)
        await ended(pilot)
    assert len(stage.restores) == 1
