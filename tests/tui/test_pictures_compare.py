"""A picture of the comparison of a snapshot: with another one, and with what exists now."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.harness.app.pilot import Stage, press
from tests.harness.app.steps import go
from tests.tui.test_compare import compared, story
from tests.tui.test_pictures import wrong_textual

__all__ = ["story"]

PLACES = {
    "now-80x24": ((80, 24), ("home", "enter")),
    "other-120x40": ((120, 40), ("home", *["down"] * 7, "enter")),
}


@pytest.mark.parametrize("place", PLACES)
def test_compared(
    place: str,
    story: Stage,
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The newest snapshot with what exists now, and with one from before the drop: what vanished comes first."""
    why = wrong_textual(version("textual"))
    if why:
        pytest.fail(why, pytrace=False)
    monkeypatch.chdir(tmp_path)
    size, keys = PLACES[place]

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Snapshot", backup="sales_full")
        await press(pilot, "equals_sign")
        await compared(pilot, *keys)
        await press(pilot, "down", "space", "shift+down")

    assert snap_compare(story.app(), terminal_size=size, run_before=way)
