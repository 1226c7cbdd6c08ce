"""How long it takes from the launch to the first whole screen and to the first key, and what ``--help`` takes.

Each is started as a process of its own on a pseudo-terminal of 80×24 that reads all the time and answers nothing, by
turns with what it is measured against: A B A B. A screen is whole from the moment on from which its text is the text
that it rests with.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bare_app
from benchmarks.table import Row
from tests.harness.terminal.emulator import Emulator

RUNS = 11
WIDTH, HEIGHT = 80, 24
SECONDS_AT_REST = 0.7  # longer than a cursor blinks
SECONDS_AT_MOST = 20.0

Command = tuple[str, ...]
BARE: Command = (sys.executable, bare_app.__file__)
OURS: Command = (sys.executable, str(Path(sys.executable).with_name("restore-tui")))
DEMO: Command = (*OURS, "--demo")
NOTHING: Command = (sys.executable, "-c", "pass")
HELP: Command = (*OURS, "--help")

_IMPORT = re.compile(rb"import time: +(\d+) \| +(\d+) \| +(\S+)\r?\n")


@dataclass(frozen=True)
class Chunk:
    """What arrived in one read: ``seconds`` after the launch, and the most kB that the process had had by then."""

    seconds: float
    peak: int
    written: bytes


@dataclass(frozen=True)
class Launch:
    """``seconds`` and ``peak`` (kB) are those of the first whole screen; ``lines`` is its text."""

    seconds: float
    peak: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Import:
    """A module, and what it cost by itself, in microseconds."""

    name: str
    alone: int


@contextmanager
def started(
    command: Sequence[str], home: str, *, environ: dict[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """A process on a pseudo-terminal: the terminal's other end, and the process's id. It is killed at the end."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    process = subprocess.Popen(
        command,
        env=_environment(home) | (environ or {}),
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    try:
        yield main, process.pid
    finally:
        process.kill()
        process.wait()
        os.close(main)


def _environment(home: str) -> dict[str, str]:
    folders = {f"XDG_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    return {"PATH": os.environ.get("PATH", ""), "HOME": home, **folders, **terminal}


def watched(command: Sequence[str]) -> list[Chunk]:
    """Launch, read until the text on the screen rests, and end it. Raises RuntimeError where it ends by itself."""
    chunks: list[Chunk] = []
    shown = Emulator(WIDTH, HEIGHT)
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        with started(command, home) as (terminal, process):
            changed, text = began, shown.text
            while time.perf_counter() - changed < SECONDS_AT_REST or not text.strip():
                if time.perf_counter() - began > SECONDS_AT_MOST:
                    raise RuntimeError(f"{command}: the screen never rests")
                if not select.select([terminal], [], [], 0.05)[0]:
                    continue
                try:
                    written = os.read(terminal, 65536)
                except OSError:
                    raise RuntimeError(f"{command} ended: {b''.join(c.written for c in chunks)!r}") from None
                now = time.perf_counter()
                chunks.append(Chunk(now - began, _peak(process), written))
                shown.feed(_IMPORT.sub(b"", written))
                if shown.text != text:
                    changed, text = now, shown.text
    return chunks


def _peak(process: int) -> int:
    """The most memory that a process has had, in kB; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) if found else 0


def first_whole_screen(chunks: Sequence[Chunk]) -> Launch:
    """The first chunk with which the screen has the text that it rests with."""
    shown = Emulator(WIDTH, HEIGHT)
    texts = []
    for chunk in chunks:
        shown.feed(chunk.written)
        texts.append(tuple(shown.text.splitlines()))
    first = texts.index(texts[-1])
    return Launch(chunks[first].seconds, chunks[first].peak, texts[first])


def launched(command: Sequence[str], *signs: str) -> Launch:
    """One launch. ``signs`` have to be on the screen: a check that it is the one that is meant."""
    launch = first_whole_screen(watched(command))
    text = "\n".join(launch.lines)
    missing = [sign for sign in signs if sign not in text]
    if missing:
        raise RuntimeError(f"{command}: {missing} not on the screen:\n{text}")
    return launch


def key_drawn(seconds: float) -> float:
    """Seconds until a letter is drawn that is typed ``seconds`` after the first screen is whole."""
    shown = Emulator(WIDTH, HEIGHT)
    with tempfile.TemporaryDirectory() as home, started(OURS, home) as (terminal, _process):

        def read_until(true: Callable[[str], bool], most: float = SECONDS_AT_MOST) -> float:
            end = time.perf_counter() + most
            while not true(shown.text) and time.perf_counter() < end:
                if select.select([terminal], [], [], 0.01)[0]:
                    shown.feed(os.read(terminal, 65536))
            return time.perf_counter()

        read_until(lambda text: "Fill in the URL first." in text and "f5 Refresh" in text)
        read_until(lambda _text: False, seconds)
        typed = time.perf_counter()
        os.write(terminal, b"X")
        drawn = read_until(lambda text: re.search(r"URL +X", text) is not None)
        if drawn - typed >= SECONDS_AT_MOST:
            raise RuntimeError(f"the key was never drawn:\n{shown.lines}")
        return drawn - typed


def ran(command: Sequence[str]) -> float:
    """Seconds until a command has ended; its output is read."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        subprocess.run(command, env=_environment(home), stdout=subprocess.PIPE, check=True)
        return time.perf_counter() - began


def launches(runs: int = RUNS) -> list[Row]:
    """From the launch to the first whole screen, and the memory by then. The first round only warms the caches."""
    bare, ours, demo = [], [], []
    for _ in range(runs + 1):
        bare.append(launched(BARE, bare_app.LABEL))
        ours.append(launched(OURS, "OAuth token", "f5 Refresh"))
        demo.append(launched(DEMO, "practice freely", "f5 Refresh"))
    milliseconds = [1000 * statistics.median(one.seconds for one in each[1:]) for each in (bare, ours, demo)]
    megabytes = [statistics.median(one.peak for one in each[1:]) / 1000 for each in (bare, ours, demo)]
    against = "a bare Textual app that shows one label"
    what = "launch to the first whole screen"
    return [
        Row(what, milliseconds[1], "ms", against, milliseconds[0], "at most 1.4 ×"),
        Row(f"{what}, --demo, its server started", milliseconds[2], "ms", against, milliseconds[0], ""),
        Row("peak memory at the first whole screen", megabytes[1], "MB", against, megabytes[0], ""),
        Row("the same, --demo", megabytes[2], "MB", against, megabytes[0], ""),
    ]


def first_key(runs: int = RUNS) -> list[Row]:
    """A key that comes while the rest is imported, beside the same key when that is over."""
    at_once, later = [], []
    for _ in range(runs):
        at_once.append(key_drawn(0))
        later.append(key_drawn(1.5))
    ours, theirs = (1000 * statistics.median(each) for each in (at_once, later))
    return [Row("a key at the first whole screen, until it is drawn", ours, "ms", "1.5 s later", theirs, "")]


def help_text(runs: int = RUNS) -> list[Row]:
    """``--help``, beside a Python that does nothing."""
    ours, nothing = [], []
    for _ in range(runs + 1):
        nothing.append(ran(NOTHING))
        ours.append(ran(HELP))
    told, least = (1000 * statistics.median(each[1:]) for each in (ours, nothing))
    return [Row("restore-tui --help", told, "ms", "python -c pass", least, "at most 6 ×")]


def imports(command: Command) -> list[Import]:
    """What was imported before the first whole screen, in order."""
    python, *rest = command
    chunks = watched((python, "-X", "importtime", *rest))
    stream = b"".join(chunk.written for chunk in chunks)
    pieces, at = [], 0
    found: list[tuple[int, Import]] = []
    for line in _IMPORT.finditer(stream):
        pieces.append(stream[at : line.start()])
        at = line.end()
        found.append((len(pieces), Import(line[3].decode(), int(line[1]))))
    pieces.append(stream[at:])
    whole = first_whole_screen([Chunk(index, 0, piece) for index, piece in enumerate(pieces)])
    return [one for index, one in found if index <= whole.seconds]


def import_report() -> str:
    """The ten dearest imports of the first screen, and what is imported for it that the bare app does without."""
    ours, bare = imports(OURS), imports(BARE)
    known = {one.name for one in bare}
    more = [one for one in ours if one.name not in known]
    dearest = sorted(ours, key=lambda one: one.alone, reverse=True)[:10]
    return "\n".join(
        [
            "The ten dearest imports before the first whole screen (ms by themselves; + the bare app has it not):",
            *(f"{one.alone / 1000:7.1f} {'+' if one in more else ' '} {one.name}" for one in dearest),
            f"{len(more)} modules that the bare app ({len(bare)}) has not, "
            f"{sum(one.alone for one in more) / 1000:.1f} ms (-X importtime makes all of it slower):",
            ", ".join(sorted(one.name for one in more)),
        ]
    )


def rows() -> list[Row]:
    """All that is measured here."""
    return [*launches(), *first_key(), *help_text()]


def main() -> None:
    """One line a row, and the imports."""
    for row in rows():
        ratio = f"{row.ours / row.theirs:.2f} × {row.against} ({row.theirs:,.1f})" if row.theirs else ""
        print(f"{row.what}: {row.ours:,.1f} {row.unit}, {ratio} {row.wanted}")
    print(import_report())


if __name__ == "__main__":
    main()
