"""Every test gets a world of its own, and leaves no thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from restore_tui.demo.server import DemoServer
from restore_tui.demo.world import World
from tests.demo.support import shop


@pytest.fixture
def world() -> World:
    return shop()


@pytest.fixture
def server(world: World) -> Iterator[DemoServer]:
    with DemoServer(world) as running:
        yield running
    assert running.errors == []


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
