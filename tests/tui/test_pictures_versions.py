"""Pictures of what came after the reference, on servers that have it, that are too old, and that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.app.app_harness import NOW, Stage, shown_as
from tests.harness.app.pictures import Picture
from tests.harness.app.pilot import press
from tests.harness.app.steps import go

BOTH = ("right", "space", "down", "space", "ctrl+n")
"""inventory and sales."""
TO_THE_MAP = ("home", *["down"] * 7)
ALL_ON = ("right", *["down"] * 6, "left", "down", *"old", "down", "down", "left")
"""replace, all permissions, inventory into old, and foreign keys."""

PLACES = {
    "newest-map": ("7.2.3.20", (80, 24), (*TO_THE_MAP, *"old", "down", *"sales", "space", *"old")),
    "newest-map-wide": ("7.2.3.20", (120, 40), (*TO_THE_MAP, *"old")),
    "newest-map-broken": ("7.2.3.20", (80, 24), (*TO_THE_MAP, *"sales", "down", *"old", "ctrl+n")),
    "older-end": ("7.2.3.14", (80, 24), ("end",)),
    "unknown": ("nightly build", (60, 20), ()),
    "f1": ("7.2.3.14", (80, 24), ("f1", "pagedown")),
    "confirmation": ("7.2.3.20", (80, 24), ALL_ON),
    "confirmation-small": ("7.2.3.20", (60, 20), ALL_ON),
}


@pytest.fixture
def stage(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A server of the version that the place names."""
    version = PLACES[place][0]
    with DemoServer(build_world(now=NOW), server_version=version) as server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)


@pytest.mark.parametrize("place", PLACES)
def test_versions(place: str, picture: Picture) -> None:
    """Options, reached with inventory and sales selected, on a server of that version, after those keys; the
    confirmation two steps on."""
    _, size, keys = PLACES[place]

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Options", tick=BOTH)
        await press(pilot, *keys)
        if place.startswith("confirmation"):
            await press(pilot, "ctrl+n", "ctrl+n")

    picture(way, size)
