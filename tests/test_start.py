"""The start, as a real process on a pseudo-terminal: what is there when the first screen is drawn, and what not yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from restore_tui.tui.steps import StepSequence
from tests.harness.terminal.program import Terminal

WITNESS = """
import gc, json, sys
from pathlib import Path
from restore_tui.cli import main
from restore_tui.tui.app import RestoreApp

def note(name, app):
    shown = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
    told = {
        "modules": sorted(sys.modules),
        "shown": "\\n".join(shown),
        "widgets": len(app.screen.query("*")),
        "collects": gc.isenabled(),
        "passed over": gc.get_freeze_count(),
    }
    Path.home().joinpath(name).write_text(json.dumps(told))

ready, load_the_rest = RestoreApp.on_ready, RestoreApp.load_the_rest

def on_ready(self):
    note("drawn.json", self)
    ready(self)

async def loaded(self):
    await load_the_rest(self)
    note("started.json", self)

RestoreApp.on_ready, RestoreApp.load_the_rest = on_ready, loaded
raise SystemExit(main())
"""
HEAVY = {"httpx", "httpcore", "anyio", "pydantic", "pydantic_core", "tomllib"}
LATER = {
    *(f"restore_tui.tui.screens.{step.screen.partition(':')[0]}" for step in StepSequence().steps[1:]),
    *(f"restore_tui.tui.screens.{name}" for name in ("running", "result")),
    *(f"restore_tui.tui.dialogs.{name}" for name in ("help", "leave", "question")),
    *(f"restore_tui.restore.{name}" for name in ("session", "plan.plan", "plan.request")),
    *(f"restore_tui.restore.receipts.{name}" for name in ("store", "model")),
    *(f"restore_tui.kinetica.{name}" for name in ("client", "backups", "reference")),
    *(f"restore_tui.kinetica.{name}" for name in ("connection.transport", "responses.models")),
    "restore_tui.tui.widgets.row_list",
    "restore_tui.demo.server",
    "textual.widgets._text_area",
}


def witnessed(home: Path, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What there is when the first screen is drawn, and when the rest is imported."""
    terminal = Terminal(*arguments, home=home, program=("-c", WITNESS))
    terminal.read(b"practice freely" if arguments else b"OAuth token")
    while not (home / "started.json").exists():
        terminal.rest(0.1)
    terminal.send("\x11")
    assert terminal.end() == 0
    drawn, started = (json.loads((home / name).read_text()) for name in ("drawn.json", "started.json"))
    return drawn, started


@pytest.mark.parametrize("arguments", [[], ["--demo"]])
def test_what_later_steps_need_is_not_imported_before_the_first_screen_is_drawn(
    arguments: list[str], tmp_path: Path
) -> None:
    """restore-tui, and --demo: no HTTP, no models, no later screen, no demo server; a moment later they are there."""
    drawn, started = witnessed(tmp_path, *arguments)
    assert "restore_tui.tui.screens.connect" in drawn["modules"]
    assert {name.partition(".")[0] for name in drawn["modules"]} & HEAVY == set()
    assert set(drawn["modules"]) & LATER == set()
    assert {"httpx", "pydantic", "restore_tui.restore.session"} <= set(started["modules"])


def test_what_is_drawn_first_is_whole(tmp_path: Path) -> None:
    """Title, fields, what to do, button and keys stand there at once."""
    drawn, started = witnessed(tmp_path)
    for part in (
        "Server and credentials",
        "http://host:9191",
        "OAuth token",
        "Fill in the URL first.",
        "Connect ›",
        "f5 Refresh",
    ):
        assert part in drawn["shown"]
    assert started["shown"] == drawn["shown"]
    assert drawn["widgets"] <= 32


def test_the_collector_rests_until_all_is_imported(tmp_path: Path) -> None:
    """It is off while the screen is drawn; then it is on again, and passes over what the start has made."""
    drawn, started = witnessed(tmp_path)
    assert not drawn["collects"]
    assert started["collects"]
    assert started["passed over"] > 10_000


def test_keys_typed_before_the_first_screen_go_to_it(tmp_path: Path) -> None:
    """A URL, Tab and a user, typed while the program starts: both stand in their fields."""
    terminal = Terminal(home=tmp_path)
    terminal.send("http://db.example.com:9191\tjane")
    terminal.until(lambda lines: "URL            http://db.example.com:9191" in "\n".join(lines))
    terminal.until(lambda lines: "User           jane" in "\n".join(lines))
    terminal.send("\x11")
    assert terminal.end() == 0


def test_f1_typed_before_the_first_screen_opens_its_help(tmp_path: Path) -> None:
    """F1 while the program starts: the help, framed; Esc closes it, and the first field has the focus."""
    terminal = Terminal(home=tmp_path)
    terminal.send("\x1bOP")
    terminal.until(
        lambda lines: "╭─" in "\n".join(lines) and "The URL is that of the REST API" in "\n".join(lines)
    )
    terminal.send("\x1b")
    terminal.until(lambda lines: "╭─" not in "\n".join(lines))
    terminal.send("http://db")
    terminal.until(lambda lines: "URL            http://db" in "\n".join(lines))
    terminal.send("\x11")
    assert terminal.end() == 0
