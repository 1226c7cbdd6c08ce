"""A picture of the three screens where names matter most, on a server that puts everything nasty into them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import pytest
from textual.pilot import Pilot

from tests.harness.app.pilot import Stage, press, ready
from tests.tui.test_pictures import wrong_textual
from tests.tui.test_screens_hostile import Renaming

NAME = "[bold red]x[/] \x1b]0;pwned\x07 \x1b[2J \x00 two\nlines \u202egnp.exe e" + "\u0301" * 9 + " 😀😀"
TO_THE_OBJECTS = ("enter", "enter", "enter", "end", "home", "enter")

ROADS = {
    "backup": TO_THE_OBJECTS[:2],
    "objects": (*TO_THE_OBJECTS, "down", "right", "space"),
    "dry_run": (*TO_THE_OBJECTS, "right", "a", "ctrl+n", "ctrl+n", "home"),
}


@pytest.mark.parametrize("screen", ROADS)
def test_hostile_names(screen: str, stage: Stage, snap_compare: Callable[..., bool]) -> None:
    """Enter ×2 for Backup; Enter, End, Home, Enter, ↓ → Space for Objects; → a
    Ctrl+N ×2 Home for Dry run: markup, OSC, CSI,
    NUL, a line break, bidi, combining and wide characters in each name, and nothing of it is obeyed."""
    why = wrong_textual(version("textual"))
    if why:
        pytest.fail(why, pytrace=False)
    stage.server.intercept = Renaming(stage.server, NAME)

    async def way(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await press(pilot, *ROADS[screen])

    assert snap_compare(stage.app(), terminal_size=(80, 24), run_before=way)
