"""Leaving, in the real program on a pseudo-terminal: with the last line, the right exit code, and whatever hangs.

What hangs in these tests never ends: a program that waited for it would be killed by the bound on the test.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from restore_tui.tui.terminal.paced_app import terminal_size
from tests.harness.servers.interceptors import Held
from tests.harness.terminal.program import Terminal, clean, last_line, run, start_a_restore

HANGS = """
import socket, sys, threading
from pathlib import Path
from httpx._config import DEFAULT_LIMITS
from restore_tui.logging_setup import _PrivateFile
from restore_tui.restore.receipts import store

switch = Path({switch!r})
DEFAULT_LIMITS.max_keepalive_connections = 0  # so that every request looks its server up

def hangs_later(does):
    def may_hang(*given, **named):
        if switch.exists():
            threading.Event().wait()
        return does(*given, **named)
    return may_hang

look_up = hangs_later(socket.getaddrinfo)
socket.getaddrinfo = lambda host, *rest, **named: look_up("127.0.0.1", *rest, **named)
store.read_file = hangs_later(store.read_file)
_PrivateFile.emit = hangs_later(_PrivateFile.emit)
from restore_tui.cli import main
sys.exit(main())
"""
"""The program, with a name server, receipts and a log that work until a file is there, and never answer after that."""
WALK = (
    ("OAuth token", ""),
    ("hdfs", "\r"),
    ("weekly_shop", "\r"),
    ("incremental", "\r"),
    ("inventory", "\r"),
    ("checksum", "\x1b[A\x1b[C\x1b[B \x0e"),
    ("Dry run OK", "\x0e"),
    ("Type the backup", "\x0e"),
)
"""What shows each step, and the keys that lead to it from the step before."""
F5, CTRL_Q = "\x1b[15~", "\x11"


class HangingServer(DemoServer):
    """A demo server that answers until it is told to hang."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.end = threading.Event()
        super().__init__(build_world(), intercept=self._intercept)

    def _intercept(self, _received: Received, answer: Callable[[], Reply]) -> Reply:
        if self.hangs.is_set():
            self.end.wait()
        return answer()


@pytest.fixture
def server() -> Iterator[HangingServer]:
    with HangingServer() as server:
        yield server
        server.end.set()


def walk(terminal: Terminal, steps: int) -> None:
    for shows, keys in WALK[: steps + 1]:
        terminal.rest(0.3)
        terminal.send(keys)
        terminal.read(shows.encode())


@pytest.mark.slow
@pytest.mark.parametrize("step", range(len(WALK)))
def test_leaving_a_step_where_everything_hangs(step: int, server: HangingServer, tmp_path: Path) -> None:
    """The name server, the receipts, the log and the server stop answering; F5 asks them all; Ctrl+Q leaves: the
    screen, the last line, and exit code 0."""
    switch = tmp_path / "hangs"
    login = {"KINETICA_URL": server.url.replace("127.0.0.1", "kinetica.example"), "KINETICA_USER": "demo"}
    receipts = tmp_path / ".local/state/restore-tui/receipts"
    receipts.mkdir(parents=True)
    os.mkfifo(receipts / "20261123T210000Z-000000.json")
    terminal = Terminal(
        home=tmp_path, program=("-c", HANGS.format(switch=str(switch))), KINETICA_PASSWORD="demo", **login
    )
    walk(terminal, step)
    terminal.rest(0.3)
    switch.touch()
    server.hangs.set()
    terminal.send(F5)
    terminal.rest(0.3)
    terminal.send(CTRL_Q)
    assert terminal.end() == 0
    assert last_line(terminal) == "Nothing was restored."
    assert terminal.written.endswith(b"\n")


@pytest.mark.slow
def test_a_signal_while_the_terminal_takes_nothing(tmp_path: Path) -> None:
    """Nobody reads what is drawn, so that the writer, and then the event loop, wait for ever. SIGTERM still ends it
    with exit code 0, and gives back a terminal that shows the last line."""
    terminal = Terminal("--demo", home=tmp_path, owns_terminal=False)
    terminal.read(b"practice freely")
    resize(terminal, 500, 300)  # more than a pseudo-terminal keeps for its reader
    assert select.select([terminal.main], [], [], 30)[0]
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(30) == 0
    assert terminal.end() == 0
    assert last_line(terminal) == "Nothing was restored."


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_while_a_restore_runs_and_all_else_hangs(
    sign: signal.Signals,
    held_restore: Held,
    tmp_path: Path,
) -> None:
    """The restore is on its way, the log hangs: exit code 4, and the receipt says what is not known."""
    switch = tmp_path / "hangs"
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(
            server, held_restore, tmp_path, program=("-c", HANGS.format(switch=str(switch)))
        )
        switch.touch()
        terminal.process.send_signal(sign)
        assert terminal.end() == 4
    (receipt,) = (tmp_path / ".local/state/restore-tui/receipts").glob("*.json")
    assert last_line(terminal).startswith("Left running, outcome unknown")
    assert last_line(terminal).endswith(f"Receipt: {receipt}")
    assert '"Outcome unknown"' in receipt.read_text()


# Streams


@pytest.mark.parametrize(
    "redirected",
    [
        "2>$HOME/errors",
        "2>/dev/null",
        "2>&-",
        "<&-",
        "</dev/null",
        ">&-",
        ">/dev/null",
        "| cat",
        "<&- >&- 2>&-",
    ],
)
def test_a_wizard_without_its_terminal_says_so(redirected: str, tmp_path: Path) -> None:
    """One of the three is a file or closed: a sentence on what is left, and exit code 2. Nothing is drawn."""
    command = f"{sys.executable} -m restore_tui --demo {redirected}; exit ${{PIPESTATUS[0]}}"
    terminal = Terminal(
        home=tmp_path,
        program=("-c", "import os, sys; os.execlp('bash', 'bash', '-c', sys.argv[1])", command),
    )
    assert terminal.end() == 2
    assert b"\x1b[" not in terminal.written
    if ">&- 2>&-" not in redirected:
        assert terminal.written.startswith(b"restore-tui: stdin and stdout must be a terminal")


def test_nothing_is_written_into_a_file_that_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """restore-tui history >&- with standard error closed too: the first file that is opened would be number 1."""
    command = f"{sys.executable} -m restore_tui history nowhere >&- 2>&-"
    done = subprocess.run(["bash", "-c", command], env=clean(tmp_path), timeout=60, check=False)
    assert done.returncode == 2


def test_textual_serve_needs_no_terminal(tmp_path: Path) -> None:
    """Where TEXTUAL_DRIVER is set, it is that driver's business: nothing is refused."""
    done = run("--demo", home=tmp_path, TEXTUAL_DRIVER="restore_tui:nothing")
    assert "must be a terminal" not in done.stderr


def test_ctrl_c_before_the_first_screen(tmp_path: Path) -> None:
    """While a password is waited for: no traceback."""
    os.mkfifo(tmp_path / "secret")
    terminal = Terminal("--password-file", str(tmp_path / "secret"), home=tmp_path)
    writer = os.open(tmp_path / "secret", os.O_WRONLY)  # returns once the program has opened its end
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    os.close(writer)
    assert b"Traceback" not in terminal.written


# The size


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    terminal.process.send_signal(signal.SIGWINCH)


@pytest.mark.slow
def test_the_terminal_knows_its_size_better_than_columns_and_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They count only where the terminal says 0, as a new pseudo-terminal does."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "40")
    main, other = os.openpty()
    try:
        assert terminal_size(other) == (120, 40)
        fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        assert terminal_size(other) == (80, 24)
    finally:
        os.close(main)
        os.close(other)
    assert terminal_size(other) == (120, 40)


@pytest.mark.slow
def test_the_wizard_follows_its_terminal(tmp_path: Path) -> None:
    """COLUMNS=120 LINES=40 from another terminal: once it says so, all is drawn on its 24 rows and 80 columns."""
    terminal = Terminal("--demo", home=tmp_path, **{"COLUMNS": "120", "LINES": "40"})
    terminal.read(b"practice freely")
    terminal.rest()
    before = len(terminal.written)
    resize(terminal, 80, 24)
    terminal.read(b"Quit")
    terminal.rest()
    rows = [int(row) for row in re.findall(rb"\x1b\[(\d+)(?:;\d+)?H", terminal.written[before:])]
    assert max(rows) == 24
    terminal.send(CTRL_Q)
    assert terminal.end() == 0


# Encodings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        ({"PYTHONIOENCODING": "iso-8859-1"}, ()),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ()),
        ({}, ("--ascii",)),
    ],
)
def test_a_terminal_without_our_glyphs(
    environ: dict[str, str], flags: tuple[str, ...], tmp_path: Path
) -> None:
    """To the confirmation and out: all is drawn in ASCII, no character is spelled out, and the row that is
    highlighted, the field's cursor and what is selected are seen without a color."""
    terminal = Terminal("--demo", *flags, home=tmp_path, NO_COLOR="1", **environ)
    terminal.read(b"practice freely")
    assert b"Connect >" in terminal.written
    walk_on = (("hdfs", "\r"), ("weekly_shop", "\r"), ("incremental", "\r"), ("inventory", "\r"))
    for shows, keys in walk_on:
        terminal.rest(0.3)
        terminal.send(keys)
        terminal.read(shows.encode())
    terminal.rest()
    before = len(terminal.written)
    terminal.send("\x1b[A\x1b[C\x1b[B ")
    terminal.read(b"[x]")
    terminal.rest()
    drawn = terminal.written[before:]
    assert re.search(rb"\x1b\[[0-9;]*7[0-9;]*m *> \[x\] sales", drawn), drawn
    for shows, keys in (("checksum", "\x0e"), ("Dry run OK", "\x0e"), ("Type the backup", "\x0e")):
        terminal.rest(0.3)
        terminal.send(keys)
        terminal.read(shows.encode())
    terminal.send(CTRL_Q)
    assert terminal.end() == 0
    assert terminal.written.isascii()
    assert b"\\u" not in terminal.written
    assert b"\\x" not in terminal.written


# Ctrl+Z

IN_A_SHELL = ("-c", "import os, sys; os.execlp('bash', 'bash', '-c', sys.argv[1])")
"""A shell with job control, which tells when its job was stopped, and continues it once a line was typed."""
CTRL_Z = "\x1a"


def in_a_shell(home: Path, arguments: str = "", **environ: str) -> Terminal:
    job = f'set -m; {sys.executable} -m restore_tui {arguments}; echo "code $?"; read; fg >/dev/null; exit $?'
    return Terminal(job, home=home, program=IN_A_SHELL, **environ)


@pytest.mark.slow
def test_ctrl_z_gives_the_terminal_to_the_shell(tmp_path: Path) -> None:
    """Stopped, on the shell's screen; fg draws all of it again, and it goes on where it was."""
    terminal = in_a_shell(tmp_path, "--demo")
    terminal.read(b"practice freely")
    terminal.rest()
    terminal.send(CTRL_Z)
    terminal.read(b"code 1")
    assert terminal.written.rindex(b"\x1b[?1049l") < terminal.written.rindex(b"code 1")
    terminal.send("\n")
    terminal.read(b"practice freely")
    terminal.rest()
    terminal.send("\r")
    terminal.read(b"hdfs")
    terminal.send(CTRL_Q)
    assert terminal.end() == 0
    assert last_line(terminal) == "Nothing was restored."


@pytest.mark.slow
def test_ctrl_z_while_a_long_request_runs_warns_first(held_restore: Held, tmp_path: Path) -> None:
    """Stay has the focus. Suspended and continued, it reads the response that came meanwhile."""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        job = f'set -m; {sys.executable} -m restore_tui; echo "code $?"; read; fg >/dev/null; exit $?'
        terminal = start_a_restore(server, held_restore, tmp_path, program=(*IN_A_SHELL, job))
        terminal.rest()
        terminal.send(CTRL_Z)
        terminal.read(b"the outcome is then unknown")
        terminal.send("\t\r")
        terminal.read(b"code 1")
        held_restore.let_go.set()
        terminal.send("\n")
        terminal.read(b"Receipt:")
        terminal.rest()
        terminal.send(CTRL_Q)
        assert terminal.end() == 0
        assert last_line(terminal).startswith("Restored: 23 objects")


def test_ctrl_z_without_a_shell_does_nothing(tmp_path: Path) -> None:
    """As in ``ssh -t host restore-tui``: nobody could continue it."""
    terminal = Terminal("--demo", home=tmp_path)
    terminal.read(b"practice freely")
    terminal.rest()
    terminal.send(CTRL_Z)
    terminal.read(b"cannot be suspended here")
    terminal.send(CTRL_Q)
    assert terminal.end() == 0


# An installation for another Python

BROKEN = """
import sys
sys.modules["pydantic_core._pydantic_core"] = None
from restore_tui.cli import main
sys.exit(main())
"""


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    """Carried to a host with another Python: the cause is on the screen, without a traceback; exit code 70."""
    terminal = Terminal("--demo", home=tmp_path, program=("-c", BROKEN))
    assert terminal.end() == 70
    assert b"is not completely installed for this Python" in terminal.written
    assert b"pydantic_core" in terminal.written
    assert b"Traceback" not in terminal.written
    assert terminal.written.endswith(b"Nothing was restored.\r\n")
