"""Memory with a hundred thousand names: the wizard with its list open, against a bare app that keeps the decoded
answer. Each in a process of its own, which tells what it takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from textual.app import App, ComposeResult
from textual.widgets import Label

from benchmarks.table import Row, print_table
from benchmarks.wizard import Wizard, answer_of, demo_server

MANY = 100_000
_BARE = """
import asyncio, json, sys
from pathlib import Path
from benchmarks.memory import Bare
body = Path(sys.argv[1]).read_bytes()
asyncio.run(Bare(body).run_async(headless=True, size=(80, 24)))
"""
_OURS = """
import asyncio, sys
from benchmarks.memory import tell_memory
from benchmarks.wizard import Wizard
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


def measure(url: str, body: bytes) -> list[Row]:
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


if __name__ == "__main__":
    with demo_server(MANY) as where:
        print_table(measure(where, answer_of(where)))
