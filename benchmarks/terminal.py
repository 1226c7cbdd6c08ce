"""What crosses the line between the wizard and the terminal: bytes for a whole walk, bytes for a key in a list, and how
long it takes 300 ms away at 64 kbit/s.

The real program runs on a pseudo-terminal of 80×24 with its demo server; an emulator shows what one would see. Bytes
are counted where they arrive.
"""

from __future__ import annotations

import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.table import Row, print_table
from tests.harness.terminal.slow_terminal import AT_HAND, FAR_AWAY, Pace, SlowTerminal

ENTER, UP, DOWN, RIGHT, LEFT, HOME, CTRL_N = "\r", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x0e"
RUNS = 5
KEYS = 9
"""How often ↓ is pressed in a list, where it has so many rows."""
REPAINT = "a stock repaint of each screen"
STOCK_LIST = "stock OptionList"


@dataclass(frozen=True)
class Step:
    """``keys`` lead to the screen that is there when it shows ``words``."""

    screen: str
    keys: str
    words: str


WALK = (
    Step("Connect", "", "built-in demo server"),
    Step("Data source", ENTER, "Where is the backup stored"),
    Step("Backup", ENTER, "Which backup"),
    Step("Snapshot", ENTER, "Restore to which point"),
    Step("Objects", ENTER, "0 objects selected"),
    Step("Options", UP + RIGHT + DOWN + " " + CTRL_N, "Restore options"),
    Step("Dry run", CTRL_N, "Dry run OK"),
    Step("Restore", CTRL_N, "Type the backup's name"),
    Step("Restore, typed", "nightly_shop", "Restore ›"),
    Step("Running", ENTER, "Restoring …"),
    Step("Result", "", "✓ Restored"),
)
"""From launch to the result of a real restore of the schema sales."""


class Measured(SlowTerminal):
    """A program of ``benchmarks.child``, which can be asked for the size of a full repaint."""

    def __init__(self, *program: str, home: Path, pace: Pace = AT_HAND) -> None:
        self._told, tell = os.pipe()
        super().__init__(
            ["-m", "benchmarks.child", *program],
            home=home,
            pace=pace,
            environ={"BENCH_FD": str(tell)},
            pass_fds=[tell],
        )
        os.close(tell)

    def repaint(self) -> int:
        """Bytes of one full repaint of the screen that shows."""
        os.kill(self.process.pid, signal.SIGUSR1)
        while not select.select([self._told], [], [], 0)[0]:
            self.work(0.02)
        return int(os.read(self._told, 100))

    def bytes_of(self, keys: str) -> int:
        """What one press of a key, or some, brings to the screen."""
        before = self.arrived
        self.send(keys)
        self.until(lambda: self.arrived > before)
        self.rest(0.2)
        return self.arrived - before


@contextmanager
def running(*program: str, pace: Pace = AT_HAND) -> Iterator[Measured]:
    """A program with a home of its own."""
    with tempfile.TemporaryDirectory() as home, Measured(*program, home=Path(home), pace=pace) as line:
        yield line


# Bytes of a walk


def walk(program: str) -> list[tuple[int, int]]:
    """For each screen of the walk: bytes that arrived until the next one, and bytes of one full repaint."""
    sizes = []
    with running(program, "--demo") as line:
        before = 0
        for step in WALK:
            line.send(step.keys)
            line.until_shown(step.words)
            if step.screen != "Running":  # which is over before it rests
                # What is typed within the first moment of the confirmation is thrown away, as typed ahead.
                line.rest(1.0 if step.screen == "Restore" else 0.4)
            sizes.append((line.arrived - before, line.repaint()))
            before = line.arrived
    return sizes


def walk_rows(runs: int = RUNS) -> list[Row]:
    """The whole walk, and each of its screens; and the same walk with the thin line off."""
    ours = [walk("wizard") for _ in range(runs)]
    stock = [walk("stock") for _ in range(runs)]

    def middle(sizes: list[list[tuple[int, int]]], which: int, at: int) -> float:
        return median(size[at][which] for size in sizes)

    def total(sizes: list[list[tuple[int, int]]], which: int) -> float:
        return median(sum(screen[which] for screen in size) for size in sizes)

    rows = [
        Row("bytes, whole walk", total(ours, 0), "B", REPAINT, total(ours, 1), "at most 1.3 ×"),
        Row("bytes, whole walk, thin line off", total(stock, 0), "B", REPAINT, total(stock, 1), ""),
    ]
    rows += [
        Row(f"  {step.screen}", middle(ours, 0, at), "B", "a stock repaint of it", middle(ours, 1, at), "")
        for at, step in enumerate(WALK)
    ]
    return rows


# Bytes of a key


def lists(line: Measured) -> Iterator[tuple[str, int]]:
    """Goes to one list after the other; each with how many times one may press ↓ in it."""
    line.until_shown("built-in demo server")
    line.rest()
    for name, keys, words, rows in (
        ("data source", ENTER, "Where is the backup stored", 4),
        ("backup", HOME + ENTER, "Which backup", 5),
        ("snapshot", UP * 2 + ENTER, "Restore to which point", KEYS),
        ("types", HOME + ENTER, "0 objects selected", KEYS),
        ("names", HOME + DOWN + RIGHT, "names", KEYS),
        ("names, scrolling", DOWN * 6, "names", KEYS),
        ("ledger", LEFT + HOME + RIGHT + DOWN + " " + CTRL_N * 2, "Dry run OK", KEYS),
    ):
        line.send(keys)
        line.until_shown(words)
        line.rest()
        if name == "backup":
            line.send(HOME)
            line.rest()
        yield name, rows


def key_rows(runs: int = RUNS) -> list[Row]:
    """↓ in each list, one press at a time."""
    ours: dict[str, list[int]] = {}
    theirs: list[int] = []
    for _ in range(runs):
        with running("list") as line:
            line.until_shown("orders")
            line.rest()
            theirs += [line.bytes_of(DOWN) for _ in range(KEYS)]
        with running("wizard", "--demo") as line:
            for name, rows in lists(line):
                ours.setdefault(name, []).extend(line.bytes_of(DOWN) for _ in range(rows))
    return [
        Row(f"bytes for ↓: {name}", median(sizes), "B", STOCK_LIST, median(theirs), "at most 600")
        for name, sizes in ours.items()
    ]


# Far away: 300 ms there and back, 64 kbit/s


@dataclass(frozen=True)
class Far:
    """Seconds: until the first screen is whole, for ↓ in a list, for Enter to the next list, for a walk to the dry run
    by somebody who waits for each screen, and for the same with all keys typed at once; bytes of those two."""

    launch: float
    key: float
    screen: float
    walk: float
    ahead: float
    walk_bytes: float
    ahead_bytes: float


def far(program: str) -> Far:
    """One walk each way."""
    began = time.monotonic()
    with running(program, "--demo", pace=FAR_AWAY) as line:
        took = [_until(line, step.keys, step.words) for step in WALK[:7]]
        walked, walk_bytes = time.monotonic() - began, line.arrived
    with running(program, "--demo", pace=FAR_AWAY) as line:
        line.until(lambda: line.arrived)
        keys = "".join(step.keys for step in WALK[1:7])
        ahead, ahead_bytes = _until(line, keys, "Dry run OK"), line.arrived
    with running(program, "--demo", pace=FAR_AWAY) as line:
        line.until_shown("built-in demo server")
        line.rest()
        line.send(ENTER * 3)
        line.until_shown("Restore to which point", seconds=_PATIENCE)
        line.rest(1)
        before = _cursor_row(line)
        line.send(DOWN)
        began = time.monotonic()
        line.until(lambda: _cursor_row(line) not in (before, -1))
        key = time.monotonic() - began
    return Far(took[0], key, median(took[1:4]), walked, ahead, walk_bytes, ahead_bytes)


_PATIENCE = 300.0


def _until(line: SlowTerminal, keys: str, words: str) -> float:
    """Seconds from the first key until the words show."""
    began = time.monotonic()
    line.send(keys)
    line.until_shown(words, seconds=_PATIENCE)
    return time.monotonic() - began


def _cursor_row(line: SlowTerminal) -> int:
    """The row of the screen that the list's cursor is on."""
    return next((y for y, row in enumerate(line.text.splitlines()) if y > 4 and row.startswith(" ›")), -1)


def far_rows(runs: int = RUNS, stock_runs: int = 1) -> list[Row]:
    """The wizard as it is, and with the thin line off, which takes most of the time that this takes."""
    ours = [far("wizard") for _ in range(runs)]
    stock = [far("stock") for _ in range(stock_runs)]

    def row(what: str, unit: str, field: str) -> Row:
        mine, theirs = (median(getattr(one, field) for one in all_) for all_ in (ours, stock))
        return Row(f"300 ms, 64 kbit/s: {what}", mine, unit, "thin line off", theirs, "")

    return [
        row("launch to the first whole screen", "s", "launch"),
        row("↓ in a list until it shows", "s", "key"),
        row("Enter to the next list", "s", "screen"),
        row("walk to the dry run, waiting for each screen", "s", "walk"),
        row("the same, bytes", "B", "walk_bytes"),
        row("all its keys typed at once", "s", "ahead"),
        row("the same, bytes", "B", "ahead_bytes"),
    ]


def main() -> None:
    """All of it in one table."""
    print_table([*walk_rows(), *key_rows(), *far_rows()])


if __name__ == "__main__":
    main()
