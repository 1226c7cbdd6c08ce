"""A light terminal gets a light theme, if it tells, and unless a theme is given."""

from __future__ import annotations

import pytest

from restore_tui.tui.terminal.input_driver import is_light
from restore_tui.tui.theme import LIGHT, THEME
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import ready
from tests.harness.app.steps import SIZE


@pytest.mark.parametrize(
    ("color", "light"),
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:fdfd/f6f6/e3e3", True),
        ("rgba:ff/ff/ff/80", True),
        ("rgb:f/f/0", True),
        ("rgb:0000/0000/0000", False),
        ("rgb:1e1e/1e1e/2e2e", False),
        ("rgb:0000/0000/ffff", False),
        ("rgb:ffff/ffff", False),
    ],
)
def test_a_background_is_light_as_eyes_see_it(color: str, light: bool) -> None:
    assert is_light(color) is light


async def test_a_light_background_gets_the_light_theme(stage: Stage) -> None:
    """Dark until the terminal has told; a dark one stays so."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        app._background_is_known(False)
        assert app.theme == THEME.name
        app._background_is_known(True)
        await ready(pilot)
        assert app.theme == LIGHT.name
        assert not app.current_theme.dark
