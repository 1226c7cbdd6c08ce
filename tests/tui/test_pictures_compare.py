"""A picture of the comparison of a snapshot: with another one, and with what exists now."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.harness.app.app_harness import Stage
from tests.harness.app.pictures import Picture
from tests.harness.app.pilot import press
from tests.harness.app.searching import compared
from tests.harness.app.steps import go


@pytest.fixture
def stage(story: Stage) -> Stage:
    """What the pictures are of."""
    return story


PLACES = {
    "now-80x24": ((80, 24), ("home", "enter")),
    "other-120x40": ((120, 40), ("home", *["down"] * 7, "enter")),
}


@pytest.mark.parametrize("place", PLACES)
def test_compared(place: str, picture: Picture) -> None:
    """The newest snapshot with what exists now, and with one from before the drop: what vanished comes first."""
    size, keys = PLACES[place]

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Snapshot", backup="sales_full")
        await press(pilot, "equals_sign")
        await compared(pilot, *keys)
        await press(pilot, "down", "space", "shift+down")

    picture(way, size)
