"""A hundred thousand names, and a million: the real Objects screen on the demo server (in a process of its own),
against Textual's stock list, a list comprehension, and the decoded answer.

"Drawn" is when the bytes of the frame with the key's effect have been handed to the driver; only the terminal is left
out. What is compared runs in turn in this one process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import Label, SelectionList

from benchmarks import memory
from benchmarks.table import Row, print_table
from benchmarks.wizard import SIZE, NoTerminal, Wizard, answer_of, demo_server
from restore_tui.kinetica.contents_reader import ContentsReader
from restore_tui.kinetica.responses.envelope import parse_response
from restore_tui.kinetica.responses.json_stream import parse_streaming

RUNS = 9
MANY, VERY_MANY = 100_000, 1_000_000
WORD = "dim_customer"
"""What is typed into the filter, letter by letter; a tenth of the names has all of it."""


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
        await note("select all", "a")
        await note("clear one", "space")
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
        parse_streaming(text, {"backup_contents": reader.take})
        return {"contents": reader.contents()}

    return parse_response(200, body, "show_backup_response", decode)["contents"]


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
    for what in ("select all", "clear one", "page down", "End"):
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


def measure() -> list[Row]:
    """All of it."""
    with demo_server(MANY) as url:
        body = answer_of(url)
        contents = json.loads(json.loads(body)["data_str"])["backup_contents"]
        names = [entry["object_name"] for entry in contents]
        del contents
        rows = [decoding(body), *using(url, names), *memory.measure(url, body)]
    many = {row.what.partition(": ")[2]: row.ours for row in rows}
    many |= {"open": many["open the list"], "filter": many["a key in the filter, drawn"]}
    many |= {"sort": many["sort by size (in turns)"], "gap": many["deaf for longest while it loads"]}
    with demo_server(VERY_MANY) as url:
        rows += growing(url, many)
    return rows


if __name__ == "__main__":
    print_table(measure())
