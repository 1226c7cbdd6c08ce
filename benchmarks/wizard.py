"""The real wizard without a terminal, on a demo server in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from restore_tui.config import Settings
from restore_tui.gc_control import gc_paused_during_startup
from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.objects import ObjectsScreen
from restore_tui.tui.screens.step import StepScreen

SIZE = (80, 24)
_STEPS_TO_OBJECTS = ("enter", "enter", "down", "enter", "enter")
_PATIENCE = 120


class NoTerminal(HeadlessDriver):
    """Takes what would go to a terminal, so that it has to be made. ``at`` is when the last of it came."""

    at = 0.0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        NoTerminal.at = time.perf_counter()


# The server


@contextmanager
def demo_server(names: int) -> Iterator[str]:
    """The URL of a demo server with so many tables in its large backup."""
    command = [sys.executable, "-m", "restore_tui", "demo-server", "--port", "0", "--objects", str(names)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[0-9.:]+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.terminate()


def answer_of(url: str) -> bytes:
    """What ``/show/backup`` says of the large backup's newest snapshot."""
    request = {"backup_name": "warehouse_big", "datasource_name": "dr_bucket_s3", "options": {}}
    listing = json.loads(json.loads(_post(url, request))["data_str"])
    newest = max(snapshot["backup_id"] for snapshot in listing["backup_ids"])
    return _post(url, {**request, "options": {"backup_id": newest, "show_contents": "object_names"}})


def _post(url: str, body: dict[str, Any]) -> bytes:
    login = base64.b64encode(b"demo:demo").decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/show/backup", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        whole: bytes = answer.read()
    return whole


# The wizard


class Wizard:
    """The app on its way to Objects, and there."""

    def __init__(self, url: str) -> None:
        state = Path(tempfile.mkdtemp())
        settings = Settings(
            url=url, user="demo", password=Secret("demo"), state_folder=state, largest_answer_mb=2000
        )
        self._started = contextlib.ExitStack()
        gc.collect()  # what the wizard before has left
        wake = self._started.enter_context(gc_paused_during_startup())  # as the command line does it
        self.app = RestoreApp(settings, quiet=0, on_started=wake)
        self.app.driver_class = NoTerminal

    async def run(self, work: Callable[[Wizard], Any]) -> None:
        """Open the app, do the work, and leave."""

        async def pilot(_: object) -> None:
            try:
                await self.until(lambda: isinstance(self._screen, StepScreen) and self._screen.loaded)
                await work(self)
            finally:
                self.app.exit()

        with self._started:
            await self.app.run_async(size=SIZE, auto_pilot=pilot)

    @property
    def _screen(self) -> object:
        return self.app.screen

    async def until(self, true: Callable[[], bool]) -> None:
        until = time.perf_counter() + _PATIENCE
        while not true():
            assert time.perf_counter() < until, "it never came"
            await asyncio.sleep(0.002)

    async def press(self, *keys: str) -> float:
        """Press keys; seconds until the last one's effect was handed to the driver, all of it."""
        took = 0.0
        for key in keys:
            character = {"slash": "/", "space": " "}.get(key, key if len(key) == 1 else None)
            began = time.perf_counter()
            self.app.post_message(events.Key(key, character))
            taken = asyncio.Event()
            self.app.call_later(taken.set)
            await taken.wait()
            await self.app.gate.idle()
            drawn = asyncio.Event()
            self.app.screen.call_after_refresh(drawn.set)
            await drawn.wait()
            await asyncio.sleep(0)
            took = max(NoTerminal.at, began) - began
        return took

    async def go_to_objects(self) -> float:
        """Up to Objects. Seconds that the screen was deaf for longest on the way to it."""
        *before, last = _STEPS_TO_OBJECTS
        await self.press(*before)
        gap, stop = 0.0, asyncio.Event()

        async def beat() -> None:
            nonlocal gap
            at = time.perf_counter()
            while not stop.is_set():
                await asyncio.sleep(0.001)
                gap, at = max(gap, time.perf_counter() - at), time.perf_counter()

        beating = asyncio.create_task(beat())
        await self.press(last)
        await self.until(lambda: isinstance(self._screen, ObjectsScreen) and self._screen.loaded)
        stop.set()
        await beating
        return gap
