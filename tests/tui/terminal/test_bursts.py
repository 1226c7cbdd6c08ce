"""A paste without brackets is known by its pace. No clock is read: each key says when it has arrived."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.tui.terminal.arrivals import SECONDS_OF_BURST, Bursts, stamp
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import arrived, at_rest, click, flat, send, settled, text
from tests.harness.app.steps import SIZE, app_of, confirm, ended, focused, go

NAME = "nightly_shop"
ONCE_MORE = "Press Enter once more to restore."
TAB = "\t"


def key(character: str, at: float) -> events.Key:
    """A key as the driver hands it on; ``at`` is when it arrived."""
    names = {"\r": "enter", TAB: "tab", "_": "underscore", " ": "space", "\x7f": "backspace"}
    event = events.Key(names.get(character, character), character)
    stamp(event, at)
    return event


async def type_at(pilot: Pilot[None], keys: str, *, at: float, pace: float = 0.0) -> float:
    """Keys that arrive so many seconds apart, from ``at`` on. Returns when the last one arrived."""
    app = app_of(pilot)
    for number, character in enumerate(keys):
        app.post_message(key(character, at + number * pace))
    await arrived(app)
    await settled(app)
    await at_rest(pilot)
    return at + (len(keys) - 1) * pace


@pytest.mark.parametrize("pace", [0.0, 0.001, SECONDS_OF_BURST * 0.99])
@pytest.mark.parametrize("keys", [f"{NAME}\r", f"{NAME}\r\r\r", f"{NAME}x\x7f\r"])
async def test_enter_in_one_burst_with_the_name_confirms_nothing(
    stage: Stage, keys: str, pace: float
) -> None:
    """In one read, or as fast as a serial line: however many Enters, also on the button. The name stays, and Enter by
    itself confirms."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        last = await type_at(pilot, keys, at=100, pace=pace)
        assert stage.restores == []
        assert pilot.app.screen.query_one("#phrase", Input).value == NAME
        assert ONCE_MORE in flat(pilot)
        await type_at(pilot, "\r", at=last + 2 * SECONDS_OF_BURST)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert len(stage.restores) == 1


async def test_the_button_is_no_way_round(stage: Stage) -> None:
    """The name, Tab to Restore, Enter, all at once."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        screen = pilot.app.screen
        screen.query_one("#next").disabled = False  # as it is once the name is typed
        chain = [widget.id for widget in screen.focus_chain]
        tabs = (chain.index("next") - chain.index("phrase")) % len(chain)
        await type_at(pilot, f"{NAME}{TAB * tabs}\r", at=100)
        assert focused(pilot).id == "next"
        assert ONCE_MORE in flat(pilot)
        await type_at(pilot, "\r\r", at=100.001)
        assert stage.restores == []
        await type_at(pilot, "\r", at=101)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_keys_at_a_persons_pace_confirm(stage: Stage) -> None:
    """Ten keys a second and Enter: restored."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await type_at(pilot, f"{NAME}\r", at=100, pace=0.1)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_a_name_in_one_go_and_a_separate_enter_confirm(stage: Stage) -> None:
    """As a slow line bundles them, and as ``tmux send-keys -l`` sends them."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await type_at(pilot, NAME, at=100)
        await type_at(pilot, "\r", at=100 + 2 * SECONDS_OF_BURST)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_a_click_on_the_button_confirms_what_was_typed_at_once(stage: Stage) -> None:
    """No key does it: a burst says nothing about the mouse."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await type_at(pilot, NAME, at=100)
        place = pilot.app.screen.query_one("#next").region.offset
        click(app_of(pilot), place.x + 2, place.y)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_keys_that_come_from_no_terminal_are_in_no_burst(stage: Stage) -> None:
    """Another driver does not say when they have arrived."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_a_burst_works_everywhere_else(stage: Stage) -> None:
    """A filter and Enter in one read, as a slow line bundles them: it is taken."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        send(app_of(pilot), "slash")
        await at_rest(pilot)
        await type_at(pilot, "weekly\r\r", at=100)
        assert "weekly_shop" in text(pilot)
        assert " Snapshot " in text(pilot)


def test_a_burst_begins_anew_after_a_pause() -> None:
    """Letters make one; what comes after 50 ms is not of it, and Enters alone make none."""
    bursts = Bursts()
    assert [bursts.add(key(character, at)) for character, at in [("\r", 0.0), ("\r", 0.01), ("a", 0.02)]] == [
        False,
        False,
        False,
    ]
    assert bursts.add(key("\r", 0.06))
    assert bursts.add(key("\r", 0.1))
    assert not bursts.add(key("\r", 0.1 + SECONDS_OF_BURST + 0.001))
    assert not bursts.add(events.Key("enter", "\r"))
