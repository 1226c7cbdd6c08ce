"""What the request panel (F2) shows, and what it copies to the terminal."""

from __future__ import annotations

import base64

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from restore_tui.restore.export import ConnectionInfo, Language, Snippet, snippet
from restore_tui.tui.widgets.request_panel import RequestPanel
from tests.harness.app.pilot import text
from tests.harness.app.steps import app_of

TITLES = {"json": "JSON", "curl": "curl", "python": "Python", "sql": "SQL"}
DRY, REAL = "The dry run's request", "! The restore's request"


def panel(pilot: Pilot[None]) -> RequestPanel:
    return pilot.app.screen.query_one(RequestPanel)


def shown(pilot: Pilot[None]) -> str:
    """The text in the panel, as far as it is shown."""
    return str(pilot.app.screen.query_one("#request-text", Static).content)


def chosen(pilot: Pilot[None]) -> str:
    """The language that is marked on the screen, or nothing where the panel is not there."""
    marked = [name for name in TITLES.values() if f"● {name}" in text(pilot)]
    return "".join(marked)


def wanted(pilot: Pilot[None], language: Language, *, dry_run: bool = True) -> Snippet:
    """What the headless half makes of the plan."""
    app = app_of(pilot)
    access = ConnectionInfo.of(app.session.client.link, app.session.destination.mode)
    return snippet(language, app.plan, access, dry_run=dry_run)


def written_to_the_terminal(pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that goes to the driver from here on."""
    out: list[str] = []
    monkeypatch.setattr(pilot.app._driver, "write", out.append)
    return out


def clipboards(out: list[str]) -> list[str]:
    """What OSC 52 hands to the terminal's clipboard."""
    begin, end = "\x1b]52;c;", "\a"
    return [
        base64.b64decode(each[len(begin) : -len(end)]).decode()
        for each in out
        if each.startswith(begin) and each.endswith(end)
    ]
