"""A picture of the three screens where names matter most, on a server that puts everything nasty into them."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.harness.app.app_harness import Stage
from tests.harness.app.hostile_names import Renaming
from tests.harness.app.pictures import Picture
from tests.harness.app.pilot import press, ready

NAME = "[bold red]x[/] \x1b]0;pwned\x07 \x1b[2J \x00 two\nlines \u202egnp.exe e" + "\u0301" * 9 + " 😀😀"
TO_THE_OBJECTS = ("enter", "enter", "enter", "end", "home", "enter")

ROADS = {
    "backup": TO_THE_OBJECTS[:2],
    "objects": (*TO_THE_OBJECTS, "down", "right", "space"),
    "dry_run": (*TO_THE_OBJECTS, "right", "a", "ctrl+n", "ctrl+n", "home"),
}


@pytest.mark.parametrize("screen", ROADS)
def test_hostile_names(screen: str, stage: Stage, picture: Picture) -> None:
    """Enter ×2 for Backup; Enter, End, Home, Enter, ↓ → Space for Objects; → a
    Ctrl+N ×2 Home for Dry run: markup, OSC, CSI,
    NUL, a line break, bidi, combining and wide characters in each name, and nothing of it is obeyed."""
    stage.server.intercept = Renaming(stage.server, NAME)

    async def way(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await press(pilot, *ROADS[screen])

    picture(way)
