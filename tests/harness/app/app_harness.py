"""The real app on the real demo server, with the time, the run IDs and the address that pictures show held still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpcore
import pytest

from restore_tui.config import Settings
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.tui.app import RestoreApp
from tests.harness.clock import FakeClock

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)


SHOWN_URL = "http://localhost:9191"


@contextmanager
def shown_as(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every connection to ``localhost:9191`` goes to the server's real port, so that pictures don't change."""
    real = httpcore.AnyIOBackend.connect_tcp
    port = int(server.url.rsplit(":", 1)[1])

    async def connect_tcp(self: Any, host: str, asked: int, **rest: Any) -> Any:
        there = ("127.0.0.1", port) if (host, asked) == ("localhost", 9191) else (host, asked)
        return await real(self, *there, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
        yield


@dataclass
class Stage:
    """A server, an app that is not running yet, and what a test needs to drive both."""

    server: DemoServer
    home: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW, pauses_move=False))
    settings: dict[str, Any] = field(default_factory=dict)
    runs: int = 0
    object_type: str = "all"
    """The type that Objects begins on, as if it had been used before."""

    def app(self, **settings: Any) -> RestoreApp:
        """A new app; ``settings`` go over those that point at the demo server."""
        given = {
            "url": SHOWN_URL,
            "user": "demo",
            "password": Secret("demo"),
            "state_folder": self.home / "state",
            "way": "direct",
            **self.settings,
            **settings,
        }
        app = RestoreApp(Settings(**given), clock=self.clock, quiet=0, run_ids=self._run_id)
        app.object_type = self.object_type
        return app

    def _run_id(self) -> str:
        self.runs += 1
        return f"20261123T210000Z-{self.runs:06}"

    @property
    def receipts(self) -> Path:
        return self.home / "state" / "receipts"

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The bodies of all ``/restore/backup`` requests that the server received."""
        return [received.json() for received in self.server.received("/restore/backup")]

    @property
    def restores(self) -> list[dict[str, Any]]:
        """Those of them that were real."""
        return [body for body in self.sent if body["options"].get("dry_run") != "true"]


SECONDS = 100.0
"""What the schema sales of nightly_shop takes on the paced server: a percent is a second."""


BYTES_PER_SECOND = 6_861_425_704 / SECONDS


@dataclass
class Paced(Stage):
    """A stage whose server takes time for a restore, and has it only when ``let_pass`` gives it some."""

    settings: dict[str, Any] = field(default_factory=lambda: {"way": "auto"})
    scheduler: ManualScheduler = field(default_factory=ManualScheduler)

    def let_pass(self, seconds: float) -> None:
        """On the server and here."""
        self.clock.let_pass(seconds=seconds)
        self.scheduler.let_pass(seconds)
