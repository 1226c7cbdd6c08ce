"""Draw the README's pictures: the real app on the demo server, with time, address and run ids held still.

``make screenshots`` runs it. Twice in a row it draws the same.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed import FIND
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.tui.screens.running import RunningScreen
from tests.harness.app.app_harness import NOW, Stage, shown_as
from tests.harness.app.pilot import press, ready, text, typed, until
from tests.harness.app.searching import find
from tests.harness.terminal.recording_driver import rests

HERE = Path(__file__).parent
SIZE = (100, 30)
SIZE_OF_SALES = 6_861_425_704  # bytes: its restore takes a hundred seconds, one a percent


async def picture(pilot: Pilot[None], name: str) -> None:
    before, svg = "", pilot.app.export_screenshot(title="restore-tui")
    while svg != before:  # scroll bars come with a later refresh
        await rests(pilot)
        before, svg = svg, pilot.app.export_screenshot(title="restore-tui")
    (HERE / f"{name}.svg").write_text(svg.rstrip() + "\n", encoding="utf-8", newline="\n")


async def draw_search(stage: Stage) -> None:
    """A table was dropped yesterday, and nobody knows which backup has it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await find(pilot, "sales.orders")
        await picture(pilot, "find")


async def draw_steps(stage: Stage) -> None:
    """Walk through the steps once, with a picture of each step."""
    app = stage.app(way="auto")
    app.demo = None

    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.pause()
        await picture(pilot, "1-connect")
        await press(pilot, "enter")
        await picture(pilot, "2-data-source")
        await press(pilot, "enter")
        await picture(pilot, "3-backup")
        await press(pilot, "enter")
        await picture(pilot, "4-snapshot")
        await press(pilot, "enter", "up", "right", "down", "space")
        await picture(pilot, "5-objects")
        await press(pilot, "ctrl+n", "f2")
        await picture(pilot, "6-options")
        await press(pilot, "f2", "ctrl+n")
        await picture(pilot, "7-dry-run")
        await press(pilot, "ctrl+n")
        await typed(pilot, "nightly_sh")
        await picture(pilot, "8-restore")
        await typed(pilot, "op")
        await press(pilot, "enter")
        await until(pilot, lambda: app.restore.progress is not None and app.restore.progress.percent == 0)
        pass_time(stage, 42)
        await until(pilot, lambda: app.restore.progress is not None and app.restore.progress.percent == 42)
        assert isinstance(app.screen, RunningScreen)
        app.screen.tick()
        await pilot.pause()
        await picture(pilot, "9-running")
        pass_time(stage, 58)
        await until(pilot, lambda: "Receipt:" in text(pilot))
        await picture(pilot, "10-result")


def pass_time(stage: Stage, seconds: float) -> None:
    """For the server and the wizard alike."""
    assert isinstance(stage.server.scheduler, ManualScheduler)
    stage.clock.let_pass(seconds=seconds)
    stage.server.scheduler.let_pass(seconds)


def main() -> None:
    """Nothing of this machine gets into a picture: its home, its variables, its cursor."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
        patch.setattr(Input, "_toggle_cursor", lambda _self: None)
        patch.setenv("HOME", home)
        for name in list(os.environ):
            if name in ("NO_COLOR", "COLORTERM") or name.startswith(("TEXTUAL", "KINETICA")):
                patch.delenv(name)
        scheduler = ManualScheduler()
        world = build_world(now=NOW)
        server = DemoServer(world, bytes_per_second=SIZE_OF_SALES / 100, scheduler=scheduler)
        with server, shown_as(server, patch):
            asyncio.run(draw_steps(Stage(server, Path(home))))
        server = DemoServer(build_world(now=NOW, story=FIND))
        with server, shown_as(server, patch):
            asyncio.run(draw_search(Stage(server, Path(home))))


if __name__ == "__main__":
    main()
