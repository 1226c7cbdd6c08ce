"""A stage for every test: a server of its own, a home of its own, and a cursor that does not blink."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from restore_tui.demo.server import DemoServer
from restore_tui.demo.shop import build_world
from tests.tui.stage import NOW, Stage, shown_as


@pytest.fixture(autouse=True)
def _still_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine gets into a picture or a test."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("NO_COLOR", "COLORTERM", "KINETICA_URL", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with DemoServer(build_world(now=NOW)) as server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)
