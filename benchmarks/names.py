"""A hundred thousand names, and a million: the real Objects screen on the demo server (in a process of its own),
against Textual's stock list, a list comprehension, and the decoded answer.

"Drawn" is when the bytes of the frame with the key's effect have been handed to the driver; only the terminal is left
out. What is compared runs in turn in this one process.
"""

from __future__ import annotations

import asyncio
import base64
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
from statistics import median
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Label, SelectionList

from benchmarks.table import Row, print_table
from restore_tui.kinetica.contents import ContentsReader
from restore_tui.kinetica.credentials import Secret
from restore_tui.kinetica.envelope import read
from restore_tui.kinetica.piecewise import read_in_pieces
from restore_tui.settings import Settings
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.objects import ObjectsScreen
from restore_tui.tui.screens.step import StepScreen

RUNS = 9
MANY, VERY_MANY = 100_000, 1_000_000
SIZE = (80, 24)
WORD = "dim_customer"
"""What is typed into the filter, letter by letter; a tenth of the names has all of it."""
_STEPS_TO_OBJECTS = ("enter", "enter", "down", "enter", "enter")
_PATIENCE = 120


class NoTerminal(HeadlessDriver):
    """Takes what would go to a terminal, so that it has to be made. ``written`` counts the calls."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        NoTerminal.written += 1


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
        self.app = RestoreApp(settings, quiet=0)
        self.app.driver_class = NoTerminal

    async def run(self, work: Callable[[Wizard], Any]) -> None:
        """Open the app, do the work, and leave."""

        async def pilot(_: object) -> None:
            try:
                await self._until(lambda: isinstance(self._screen, StepScreen) and self._screen.loaded)
                await work(self)
            finally:
                self.app.exit()

        await self.app.run_async(size=SIZE, auto_pilot=pilot)

    @property
    def _screen(self) -> object:
        return self.app.screen

    async def _until(self, true: Callable[[], bool]) -> None:
        until = time.perf_counter() + _PATIENCE
        while not true():
            assert time.perf_counter() < until, "it never came"
            await asyncio.sleep(0.002)

    async def press(self, *keys: str) -> float:
        """Press keys; seconds until the last one's effect was drawn."""
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
            took = time.perf_counter() - began
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
        await self._until(lambda: isinstance(self._screen, ObjectsScreen) and self._screen.loaded)
        stop.set()
        await beating
        return gap


# What is measured


async def _at_objects(wizard: Wizard, times: dict[str, list[float]], runs: int) -> None:
    """Every way to use the list, ``runs`` times; the tables are the second type."""
    times.setdefault("gap", []).append(await wizard.go_to_objects())

    async def note(what: str, *keys: str, before: tuple[str, ...] = ()) -> None:
        await wizard.press(*before)
        gc.collect()
        times.setdefault(what, []).append(await wizard.press(*keys))

    for _ in range(runs):
        await note("open", "down", before=("left", "home"))
    await wizard.press("right")
    for _ in range(runs):
        await note("tick all", "a")
        await note("untick one", "space")
        await note("page down", "pagedown", before=("F",))  # without folds
        await note("End", "end")
        await note("", "F", before=("home", "space", "a"))
    for _ in range(runs):
        await wizard.press("slash")
        for letter in WORD:
            await note("filter", letter)
        await wizard.press("escape")
    for _ in range(runs):
        await note("sort", "o", before=("o", "o"))


class _Stock(App[None]):
    """The stock list with the same names, opened over a screen that is there."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names
        self.driver_class = NoTerminal
        self.took: list[float] = []

    def compose(self) -> ComposeResult:
        yield Label("names")

    async def open(self, runs: int) -> None:
        for _ in range(runs):
            gc.collect()
            began = time.perf_counter()
            widget = SelectionList[int](*((name, index) for index, name in enumerate(self._names)))
            await self.mount(widget)
            drawn = asyncio.Event()
            self.call_after_refresh(drawn.set)
            await drawn.wait()
            self.took.append(time.perf_counter() - began)
            await widget.remove()


async def _stock(names: list[str], runs: int) -> float:
    app = _Stock(names)

    async def pilot(_: object) -> None:
        await app.open(runs)
        app.exit()

    await app.run_async(size=SIZE, auto_pilot=pilot)
    return median(app.took)


def _timed(work: Callable[[], object], runs: int = RUNS) -> float:
    took = []
    for _ in range(runs):
        gc.collect()
        began = time.perf_counter()
        made = work()
        took.append(time.perf_counter() - began)
        del made
    return median(took)


def _decoded(body: bytes) -> object:
    """As the client does it."""

    def decode(text: str) -> dict[str, Any]:
        reader = ContentsReader()
        read_in_pieces(text, "backup_contents", reader.take)
        return {"contents": reader.contents()}

    return read(200, body, "show_backup_response", decode)["contents"]


def decoding(body: bytes) -> Row:
    """From bytes to the model, against twice ``json.loads``; in turn, because a machine's speed drifts."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_timed(lambda: _decoded(body), 1))
        theirs.append(_timed(lambda: json.loads(json.loads(body)["data_str"]), 1))
    return Row(
        f"{MANY:,} names: decode the answer",
        median(ours) * 1000,
        "ms",
        "json.loads twice",
        median(theirs) * 1000,
        "at most 1.6 ×",
    )


def using(url: str, names: list[str]) -> list[Row]:
    """The list in use with a hundred thousand names."""
    times: dict[str, list[float]] = {}
    for _ in range(3):
        asyncio.run(Wizard(url).run(lambda wizard: _at_objects(wizard, times, 3)))
    stock = asyncio.run(_stock(names, 3))
    same_job = _timed(lambda: [name for name in names if WORD in name.casefold()])
    bare = _timed(lambda: [name for name in names if WORD in name])
    ms = {what: median(took) * 1000 for what, took in times.items()}
    worst = {what: max(took) * 1000 for what, took in times.items()}
    of = f"{MANY:,} names: "
    comprehension = "comprehension, upper and lower case alike"
    rows = [
        Row(of + "open the list", ms["open"], "ms", "stock SelectionList", stock * 1000, "at most 1/20"),
        Row(
            of + "a key in the filter, drawn",
            ms["filter"],
            "ms",
            comprehension,
            same_job * 1000,
            "at most 4 ×, 50 ms",
        ),
        Row(of + "the same", ms["filter"], "ms", "comprehension, as written", bare * 1000, ""),
        Row(of + "the same, slowest of all", worst["filter"], "ms", "", None, "50 ms"),
    ]
    for what in ("tick all", "untick one", "page down", "End"):
        rows.append(Row(of + what, ms[what], "ms", f"slowest {worst[what]:.0f} ms", None, "50 ms"))
    rows.append(Row(of + "sort by size (in turns)", ms["sort"], "ms", "", None, ""))
    rows.append(Row(of + "deaf for longest while it loads", worst["gap"], "ms", "", None, "100 ms"))
    return rows


def growing(url: str, ms_of_many: dict[str, float]) -> list[Row]:
    """The same with a million: how it grows."""
    times: dict[str, list[float]] = {}
    asyncio.run(Wizard(url).run(lambda wizard: _at_objects(wizard, times, 3)))
    return [
        Row(
            f"{VERY_MANY:,} names: {what}",
            median(took) * 1000,
            "ms",
            f"{MANY:,} names",
            ms_of_many.get(what),
            "say how it grows",
        )
        for what, took in times.items()
        if what
    ]


# Memory, each in a process of its own

_BARE = """
import asyncio, json, sys
from pathlib import Path
from benchmarks.names import Bare, resident
body = Path(sys.argv[1]).read_bytes()
asyncio.run(Bare(body).run_async(headless=True, size=(80, 24)))
"""
_OURS = """
import asyncio, sys
from benchmarks.names import Wizard, tell_memory
asyncio.run(Wizard(sys.argv[1]).run(tell_memory))
"""


class Bare(App[None]):
    """A bare app that keeps the decoded answer."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body

    def compose(self) -> ComposeResult:
        yield Label("bare")

    def on_mount(self) -> None:
        self.answer = json.loads(json.loads(self._body)["data_str"])
        self._body = b""
        self.call_after_refresh(self._tell)

    def _tell(self) -> None:
        print(*resident(), file=sys.__stderr__)
        self.exit()


async def tell_memory(wizard: Wizard) -> None:
    """What the wizard takes with the list open and filtered."""
    await wizard.go_to_objects()
    await wizard.press("down", "right", "a", "slash", "d", "escape")
    print(*resident(), file=sys.__stderr__)


def resident() -> tuple[int, int]:
    """Memory of this process, now and at its highest, in kB (Linux)."""
    status = Path("/proc/self/status").read_text()
    now, most = (re.search(rf"{key}:\s+(\d+)", status) for key in ("VmRSS", "VmHWM"))
    assert now is not None
    assert most is not None
    return int(now[1]), int(most[1])


def memory(url: str, body: bytes) -> list[Row]:
    """Of the whole process: at rest with the list open, and at its highest."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "answer"
        place.write_bytes(body)
        theirs = [_told(_BARE, str(place)) for _ in range(3)]
        ours = [_told(_OURS, url) for _ in range(3)]
    against = "bare app + the decoded answer"
    return [
        Row(
            f"{MANY:,} names: memory{kind}",
            median(mine[index] for mine in ours) / 1000,
            "MB",
            against,
            median(other[index] for other in theirs) / 1000,
            "at most 1.5 ×",
        )
        for index, kind in enumerate(("", " at its highest"))
    ]


def _told(program: str, argument: str) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", program, argument], capture_output=True, text=True, check=True
    )
    now, most = done.stderr.split()[-2:]
    return int(now), int(most)


def measure() -> list[Row]:
    """All of it."""
    with demo_server(MANY) as url:
        body = answer_of(url)
        contents = json.loads(json.loads(body)["data_str"])["backup_contents"]
        names = [entry["object_name"] for entry in contents]
        del contents
        rows = [decoding(body), *using(url, names), *memory(url, body)]
    many = {row.what.partition(": ")[2]: row.ours for row in rows}
    many |= {"open": many["open the list"], "filter": many["a key in the filter, drawn"]}
    many |= {"sort": many["sort by size (in turns)"], "gap": many["deaf for longest while it loads"]}
    with demo_server(VERY_MANY) as url:
        rows += growing(url, many)
    return rows


if __name__ == "__main__":
    print_table(measure())
