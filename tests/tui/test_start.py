"""The first screen, while what it waits for takes its time."""

from __future__ import annotations

import threading

from textual import events
from textual.widgets import Input

from restore_tui.config import Settings
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.dialogs.help import HelpDialog
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import BOUND, arrived, ready, tap, text, until
from tests.harness.app.steps import SIZE


class SlowDemo:
    """A demo server that starts when it is told to."""

    def __init__(self, url: str) -> None:
        self.go = threading.Event()
        self.url = url

    def start(self) -> tuple[str, str, str]:
        assert self.go.wait(BOUND)
        return self.url, "demo", "demo"

    def stop(self) -> None:
        """The stage ends it."""


async def test_the_rest_is_imported_also_behind_an_open_dialog(stage: Stage) -> None:
    """--demo, and F1 while its server starts: behind the help the fields are filled in, and the start is completed."""
    demo = SlowDemo(stage.server.url)
    started: list[bool] = []
    app = RestoreApp(
        Settings(state_folder=stage.home / "state"),
        clock=stage.clock,
        demo=demo,
        quiet=0,
        on_started=lambda: started.append(True),
    )
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Starting" in text(pilot))
        app.post_message(events.Key("f1", None))
        await arrived(app)
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        assert not started
        demo.go.set()
        await until(pilot, lambda: bool(started))
        await tap(pilot, "escape")
        await ready(pilot)
        assert app.screen.query_one("#url", Input).value == stage.server.url
        assert "practice freely" in text(pilot)
