"""A picture of the search for an object: while it runs, at its end, and where nothing was found."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from restore_tui.demo.model import epoch_milliseconds
from restore_tui.demo.server import Received
from tests.harness.app.app_harness import NOW, Stage
from tests.harness.app.pictures import Picture, every_size
from tests.harness.app.pilot import press, ready, tap, text, typed, until
from tests.harness.app.searching import find, finder
from tests.harness.app.steps import go
from tests.harness.servers.interceptors import Held


@pytest.fixture
def stage(story: Stage) -> Stage:
    """What the pictures are of."""
    return story


@every_size
def test_found(picture: Picture, size: tuple[int, int]) -> None:
    """The moment in which the table was dropped can be seen."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Data source")
        await find(pilot, "sales.orders")

    picture(way, size)


def test_found_in_ascii(picture: Picture) -> None:
    """Nothing in it depends on color or on block characters."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Data source")
        await find(pilot, "sales.*")
        await press(pilot, "down", "down")

    picture(way, ascii=True)


def test_searching(picture: Picture, stage: Stage) -> None:
    """Rows are there while other snapshots are still to be read."""
    stopped: list[str] = []

    def is_older(received: Received) -> bool:
        snapshot = json.loads(received.body).get("options", {}).get("backup_id", "")
        is_old = bool(snapshot) and int(snapshot) < epoch_milliseconds(NOW - timedelta(days=2))
        stopped.extend([snapshot] if is_old else [])
        return is_old

    held = Held(stage, is_older)

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Data source")
        await press(pilot, "F")
        await typed(pilot, "orders")
        await tap(pilot, "enter")
        await held.has_arrived()
        await until(pilot, lambda: "inventory.purchase_orders" in text(pilot))
        search = finder(pilot).search
        assert search is not None
        # Both reads stand still, and results are taken in their order: all before these two are there.
        await until(pilot, lambda: len(stopped) == 2 and all(task.done() for task in search._live._tasks))
        await until(pilot, lambda: not finder(pilot)._is_due)

    picture(way, held=held)


def test_found_nowhere(picture: Picture) -> None:
    """What was searched, and what could not be read."""

    async def way(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await go(pilot, "Data source")
        await find(pilot, "sales.orderz")

    picture(way)


def test_nothing_typed_yet(picture: Picture) -> None:
    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Data source")
        await press(pilot, "F")

    picture(way)
