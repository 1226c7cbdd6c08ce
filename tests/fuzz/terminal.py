"""Random input for the real driver on a pseudo-terminal. Some of it is for the whole program: half into a field, half
while a restore runs. (There each key has all of its effects before the next, which takes most of the time.)

What ought to be typed is told by ``tests.harness.terminal.expected_keys``, which knows nothing of the product.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

from textual import events

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.app.app_harness import BYTES_PER_SECOND
from tests.harness.terminal.driver_input import reading
from tests.harness.terminal.expected_keys import ALPHABET, END, typed, without_esc_key
from tests.harness.terminal.program import ReportingHarness

STRINGS = 100_000
FOR_THE_PROGRAM = 100
"""Of so many strings one."""
_AT_ONCE = 60
"""Strings before the program is asked what it is like: fewer bytes than a terminal holds."""
_CLEAR = b"\x01\x0b"
"""Home, and delete to the end of the line."""


_F1 = b"\x1b[1P"


def strings(count: int, seed: int) -> Iterator[bytes]:
    """Each of up to twelve parts, none of which is the key Esc or F1, ended."""
    source = random.Random(seed)
    for _ in range(count):
        parts = source.choices(ALPHABET, k=source.randint(1, 12))
        string = without_esc_key(b"".join(parts)) + END
        if _F1 not in string:  # help would get what is typed behind it
            yield string


def batches(count: int, seed: int) -> Iterator[bytes]:
    batch: list[bytes] = []
    for string in strings(count, seed):
        batch.append(string)
        if len(batch) == _AT_ONCE:
            yield b"".join(batch)
            batch = []
    if batch:
        yield b"".join(batch)


def violations(home: Path, count: int = STRINGS, seed: int = 0) -> list[str]:
    """What went wrong: empty where all was as it has to be."""
    wrong = asyncio.run(_through_the_driver(count, seed))
    count = max(1, count // FOR_THE_PROGRAM)
    scheduler = ManualScheduler()
    with DemoServer(build_world(), bytes_per_second=BYTES_PER_SECOND, scheduler=scheduler) as server:
        harness = ReportingHarness(server, home, scheduler, "direct")
        wrong += _into_a_field(harness, count, seed + 1)
        wrong += _while_it_runs(harness, count, seed + 2)
    return wrong


async def _through_the_driver(count: int, seed: int) -> list[str]:
    wrong = []
    async with reading() as line:
        for batch in batches(count, seed):
            keys = [event for event in await line.send(batch) if isinstance(event, events.Key)]
            found = "".join(key.character or "" for key in keys)
            if found != typed(batch):
                wrong.append(f"{batch!r} came out as {found!r} and not as {typed(batch)!r}")
    return wrong


def _into_a_field(harness: ReportingHarness, count: int, seed: int) -> Iterator[str]:
    terminal = harness.wizard()
    terminal.send("\t\t")
    before = harness.state(terminal)
    for batch in batches(count, seed):
        terminal.send(_CLEAR + batch)
        state = harness.state(terminal)
        wanted = typed(batch)
        if state["screens"] != before["screens"] or state["fields"][1] != wanted:
            yield f"{batch!r} typed {state['fields'][1]!r} and not {wanted!r}; {state['screens']}"
    terminal.send("\x11")
    if terminal.end() != 0:
        yield "the wizard did not leave as it should"


def _while_it_runs(harness: ReportingHarness, count: int, seed: int) -> Iterator[str]:
    terminal = harness.confirmed()
    terminal.until(lambda lines: any("Restoring" in line for line in lines))
    for batch in batches(count, seed):
        terminal.send(batch)
        if harness.state(terminal)["screens"][0] != "RunningScreen":
            yield f"{batch!r} left the screen"
    terminal.send("\x1b")  # the help, which ? has opened
    terminal.rest()
    assert harness.scheduler is not None
    harness.scheduler.let_pass(1000)
    terminal.read(b"Receipt:")
    terminal.rest()
    terminal.send("\x11")
    if terminal.end() != 0 or harness.restores != 1 or harness.receipt()["outcome"]["verdict"] != "Restored":
        yield "the restore did not end as it should"
