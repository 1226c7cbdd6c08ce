"""Every test gets a world of its own, and leaves no thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from restore_tui.demo.model import World
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import Meanwhile, shop


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


@pytest.fixture
def watch() -> ManualScheduler:
    return ManualScheduler()


@pytest.fixture
def slow(world: World, watch: ManualScheduler) -> Iterator[DemoServer]:
    """A server whose restores take their time: a second of the watch for each gigabyte."""
    with DemoServer(world, bytes_per_second=1e9, scheduler=watch) as running:
        yield running
    assert running.errors == []


@pytest.fixture
def meanwhile() -> Iterator[Meanwhile]:
    """Runs something in a thread, for requests whose answer is late."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit
