"""The line of keys at the bottom."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from restore_tui.tui.dialogs.help import HelpDialog
from restore_tui.tui.widgets.key_line import KeyLine
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, burst, click, press, ready, settled, text, until
from tests.harness.app.steps import SIZE, app_of, go

KEYS = "^q Quit esc Leave ^n Next f1 Help : Menu f2 Request f5 Refresh"


def line(pilot: Pilot[None]) -> str:
    return text(pilot).splitlines()[-1]


async def click_on(pilot: Pilot[None], word: str) -> None:
    click(app_of(pilot), line(pilot).index(word), SIZE[1] - 1)
    await at_rest(pilot)
    await settled(app_of(pilot))


@pytest.mark.parametrize("word", ["f1", "Help"])
async def test_a_click_presses_the_key(word: str, stage: Stage) -> None:
    """F1 by a click on the key or on its word; Esc, then F2 likewise; between two keys nothing."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert line(pilot) == KEYS
        await click_on(pilot, word)
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpDialog))
        await press(pilot, "escape")
        await click_on(pilot, " f1")
        assert not isinstance(pilot.app.screen, HelpDialog)
        await click_on(pilot, "Request")
        await until(pilot, lambda: "The dry run's request" in text(pilot))


def shaded(pilot: Pilot[None]) -> str:
    """What stands on another background than the rest of the line."""
    strip = pilot.app.screen._compositor.render_strips()[-1]
    backgrounds = [segment.style.bgcolor if segment.style else None for segment in strip]
    return "".join(
        segment.text
        for segment, background in zip(strip, backgrounds, strict=True)
        if background != backgrounds[-1]
    )


async def test_the_key_below_the_mouse_is_shaded(stage: Stage) -> None:
    """On F1 and its word; beside it, and elsewhere, nothing is."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        for place in ("f1", "Help"):
            await pilot.hover(KeyLine, offset=(KEYS.index(place), 0))
            await until(pilot, lambda: shaded(pilot) == "f1 Help")
            await pilot.hover(KeyLine, offset=(KEYS.index(" f1"), 0))
            await until(pilot, lambda: not shaded(pilot))
        await pilot.hover(KeyLine, offset=(KEYS.index("Quit"), 0))
        await until(pilot, lambda: shaded(pilot) == "^q Quit")
        await pilot.hover("#notice")
        await until(pilot, lambda: not shaded(pilot))


async def test_it_tells_the_keys_of_what_has_the_focus(stage: Stage) -> None:
    """Objects: / stands there while the names have the focus, and not while the types have it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "/ Filter" not in line(pilot)
        await press(pilot, "right")
        assert "/ Filter" in line(pilot)
        await press(pilot, "left")
        assert line(pilot) == KEYS.replace("Leave", "Back F Find")


async def test_it_names_no_key_that_does_nothing_here(stage: Stage) -> None:
    """On the confirmation Ctrl+N and F5 do nothing: Enter restores, and the dry run is run again on its own step."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "^n" not in line(pilot)
        assert "f5" not in line(pilot)
        assert "esc Back" in line(pilot)


async def test_the_longest_line_fits_80_columns(stage: Stage) -> None:
    """Objects with a filter that was kept: every key of it is whole."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "slash", "s", "enter")
        assert line(pilot) == (
            "/ Filter ^q Quit esc Clear F Find ^n Next f1 Help : Menu f2 Request f5 Refresh"
        )


async def test_it_is_not_drawn_anew_while_the_keys_stay(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tab through all fields of Connect, and a word typed: the line is not rendered again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at_rest(pilot)
        renders = []
        render = KeyLine.render
        monkeypatch.setattr(KeyLine, "render", lambda self: (renders.append(1), render(self))[1])
        await press(pilot, "tab", "tab", "tab", "shift+tab")
        await burst(pilot, *"word")
        assert renders == []
