"""A picture of the search for an object: while it runs, at its end, and where nothing was found."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from textual.pilot import Pilot

from restore_tui.demo.model import epoch_milliseconds
from restore_tui.demo.seed import FIND
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received
from tests.harness.app.pilot import NOW, Stage, press, ready, shown_as, tap, text, typed, until
from tests.harness.app.steps import Held, go
from tests.tui.test_find import find, finder
from tests.tui.test_pictures import wrong_textual

Way = Callable[[Pilot[None]], Awaitable[None]]
Picture = Callable[..., None]


@pytest.fixture
def searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The server of the story in which one table was dropped, one emptied, and one filled by a bad load."""
    server = DemoServer(build_world(now=NOW, story=FIND, big_tables=0))
    with server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)


@pytest.fixture
def picture(
    searched: Stage, snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Picture:
    """Take a picture at the end of a way, and only then let the server respond to what it was holding back."""
    why = wrong_textual(version("textual"))
    if why:
        pytest.fail(why, pytrace=False)
    monkeypatch.chdir(tmp_path)

    def take(
        way: Way, size: tuple[int, int] = (80, 24), *, held: Held | None = None, **settings: object
    ) -> None:
        try:
            assert snap_compare(searched.app(**settings), terminal_size=size, run_before=way)
        finally:
            if held is not None:
                held.let_go.set()

    return take


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((80, 24), id="80x24"),
        pytest.param((60, 20), id="60x20", marks=pytest.mark.slow),
        pytest.param((120, 40), id="120x40", marks=pytest.mark.slow),
    ],
)
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


def test_searching(picture: Picture, searched: Stage) -> None:
    """Rows are there while other snapshots are still to be read."""
    stopped: list[str] = []

    def is_older(received: Received) -> bool:
        snapshot = json.loads(received.body).get("options", {}).get("backup_id", "")
        is_old = bool(snapshot) and int(snapshot) < epoch_milliseconds(NOW - timedelta(days=2))
        stopped.extend([snapshot] if is_old else [])
        return is_old

    held = Held(searched, is_older)

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
