"""A stage for every test: a server and a home of its own, and nothing that blinks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.widgets import Button, Input, TextArea

from restore_tui.demo.model import World
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed import FIND
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.app.app_harness import BYTES_PER_SECOND, NOW, Paced, Stage, shown_as
from tests.harness.app.pictures import Picture, Way, wrong_textual
from tests.harness.servers.interceptors import Held
from tests.harness.terminal.recording_driver import RecordingDriver


@pytest.fixture(autouse=True)
def _unwritten(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be written to the terminal is not made, as nobody reads it: half of what a pilot test costs.
    Pictures, and what ``stage.text`` shows, come from the compositor itself. ``drawn`` marks a test that wants it."""
    if "snap_compare" in request.fixturenames or request.node.get_closest_marker("drawn"):
        return

    def only_note_it(self: Compositor, *args: object, **kwargs: object) -> None:
        self._dirty_regions.clear()

    monkeypatch.setattr(Compositor, "render_update", only_note_it)


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    """A cache of Textual's keeps what the last thousand widgets looked like: hundreds of megabytes."""
    yield
    StylesCache.get_inner_outer.cache_clear()


_RULES: dict[object, Any] = {}
"""Styles that were parsed before, by the variables of the theme and what they are made of."""


@pytest.fixture(autouse=True)
def _styles_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every app parses the same styles."""
    parse = Stylesheet._parse_rules

    def parse_once(self: Stylesheet, css: str, read_from: Any, **more: Any) -> Any:
        key = (frozenset(self._variables.items()), css, read_from, *more.items())
        if key not in _RULES:
            _RULES[key] = parse(self, css, read_from, **more)
        return _RULES[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_once)


@pytest.fixture(autouse=True)
def _never_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the machine. Textual's pilot waits until the process uses no CPU, for a second at most: on a
    busy machine it gets none, so that it seems idle before it has begun, and a process that polls never is. So it
    does not wait here, and a test that needs more than what is handled already says what it waits for: see
    ``stage``."""

    async def one_turn(*_args: object, **_named: object) -> None:
        await asyncio.sleep(0)

    for module in ("textual._wait", "textual.pilot", "textual.app"):
        monkeypatch.setattr(f"{module}.wait_for_idle", one_turn)


@pytest.fixture(autouse=True)
def _workers_end_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that is run ends its workers, then takes its screens down; ``run_test`` forgets the former."""
    shutdown = App._shutdown

    async def workers_first(app: App[Any]) -> None:
        app.workers.cancel_all()
        await shutdown(app)

    monkeypatch.setattr(App, "_shutdown", workers_first)


@pytest.fixture(autouse=True)
def _still_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine gets into a picture or a test."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)
    monkeypatch.setattr(
        Button, "_start_active_affect", lambda self: None
    )  # shaded for 0.2 s by the real clock
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("NO_COLOR", "COLORTERM", "KINETICA_URL", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def world_for(request: pytest.FixtureRequest) -> World:
    """The shop. Its six thousand tables, which take longer to make than the rest of a server, are there for pictures,
    and where ``big_tables`` marks a test that opens them."""
    if "snap_compare" in request.fixturenames or request.node.get_closest_marker("big_tables"):
        return build_world(now=NOW)
    return build_world(now=NOW, big_tables=0)


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    server = DemoServer(world_for(request), scheduler=ManualScheduler())
    with server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)


@pytest.fixture
def newest(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """A stage whose server has all that the catalogue knows."""
    with (
        DemoServer(world_for(request), server_version="7.2.3.20.20261101") as server,
        shown_as(server, monkeypatch),
    ):
        yield Stage(server, tmp_path)


@pytest.fixture
def paced(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paced]:
    """A stage on which restores take their time, by a scheduler that a test moves, and go the way that is proven."""
    scheduler = ManualScheduler()
    server = DemoServer(world_for(request), bytes_per_second=BYTES_PER_SECOND, scheduler=scheduler)
    with server, shown_as(server, monkeypatch):
        yield Paced(server, tmp_path, scheduler=scheduler)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot tests run on a recorder, in true colour. They have to be marked ``drawn``."""
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", RecordingDriver)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage with the story of three tables: ``sales.orders`` was dropped yesterday at 16:20 (its full backup is
    ``sales_full``), one was emptied, and one filled by a bad load."""
    server = DemoServer(build_world(now=NOW, big_tables=0, story=FIND), scheduler=ManualScheduler())
    with server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)


@pytest.fixture
def picture(
    stage: Stage, snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Picture:
    """Take a picture at the end of a way, and only then let the server send what it was holding back. The pictures are
    of ``stage``, which a module may define for itself. Neither compares nor updates them with another Textual."""
    if why := wrong_textual(version("textual")):
        pytest.fail(why, pytrace=False)
    monkeypatch.chdir(tmp_path)

    def take(
        way: Way, size: tuple[int, int] = (80, 24), /, *, held: Held | None = None, **settings: object
    ) -> None:
        try:
            assert snap_compare(stage.app(**settings), terminal_size=size, run_before=way)
        finally:
            if held is not None:
                held.let_go.set()

    return take
