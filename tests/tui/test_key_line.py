"""The line of keys at the bottom."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from restore_tui.tui.dialogs.help import HelpDialog
from restore_tui.tui.widgets.key_line import KeyLine
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, burst, click, press, ready, settled, text, until
from tests.harness.app.steps import INVENTORY, SIZE, app_of, go

KEYS = "^n Connect tab Next field esc Leave f2 Request f5 Refresh ^q Quit f1 Help : Menu"


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


@pytest.mark.parametrize(
    ("step", "keys", "line_of_keys"),
    [
        ("Backup", (), "enter Next / Filter F Find t Type a name esc Back f2 Request f1 Help : Menu"),
        ("Snapshot", (), "enter Next v Verify = Compare @ Go to time V Last good / Filter f1 Help : Menu"),
        (
            "Snapshot",
            ("slash",),
            "↓ To the list esc Back f2 Request f5 Refresh ^n Next ^q Quit f1 Help : Menu",
        ),
        (
            "Objects",
            ("right",),
            "space Select ^n Next / Filter a All shown m Missing x Leave out … f1 Help : Menu",
        ),
        (
            "Objects",
            ("right", "slash", "s", "enter"),
            "space Select ^n Next esc Clear filter / Filter a All shown f1 Help : Menu",
        ),
        ("Dry run", (), "enter Next v Verify d Differences f5 Run again w Mode / Filter f1 Help : Menu"),
        ("Restore", (), "esc Back f2 Request ^q Quit f1 Help : Menu"),
    ],
)
async def test_it_names_the_most_likely_keys_of_the_screen_first(
    step: str, keys: tuple[str, ...], line_of_keys: str, stage: Stage
) -> None:
    """Six at most, those that do something now, where the focus is; then help and the menu."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await press(pilot, *keys)
        assert line(pilot) == line_of_keys


async def test_a_refused_dry_run_names_what_fixes_it(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run", tick=INVENTORY)
        assert line(pilot).startswith("b Fix x Leave out … f5 Run again")


async def test_a_narrow_line_drops_the_least_likely_keys(stage: Stage) -> None:
    """60 columns: help and the menu stay."""
    async with stage.app().run_test(size=(60, 20)) as pilot:
        await go(pilot, "Snapshot")
        assert line(pilot) == "enter Next v Verify = Compare @ Go to time f1 Help : Menu"


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
