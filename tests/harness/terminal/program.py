"""The real program: run to its end, or on a pseudo-terminal, with a demo server and a home of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from tests.harness.servers.interceptors import Held
from tests.harness.terminal.child_process import heed_interrupts, take_the_terminal
from tests.harness.terminal.emulator import Emulator

PROGRAM = ("-m", "restore_tui")


def run(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "restore_tui", *arguments],
        env=clean(home, **environ),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def clean(home: Path, **environ: str) -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH", "LANG") if key in os.environ}
    return {**kept, "HOME": str(home), "TERM": "xterm-256color", **environ}


def imported(*arguments: str, home: Path) -> set[str]:
    """The packages that restore-tui imports, as Python itself tells."""
    done = run(*arguments, home=home, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    packages = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert "restore_tui" in packages
    return packages


class Terminal:
    """A process on a pseudo-terminal of 80×24, and all that it has written."""

    started: ClassVar[list[subprocess.Popen[bytes]]] = []

    def __init__(
        self,
        *arguments: str,
        home: Path,
        program: Sequence[str] = PROGRAM,
        owns_terminal: bool = True,
        **environ: str,
    ) -> None:
        """Where the process does not own the terminal, as in a shell, what was written stays there when it ends."""
        self.main, other = pty.openpty()
        os.set_blocking(self.main, False)
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            env=clean(home, **{"COLUMNS": "80", "LINES": "24", **environ}),
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=owns_terminal,
            preexec_fn=take_the_terminal if owns_terminal else heed_interrupts,
        )
        os.close(other)
        self.started.append(self.process)
        self.written = b""
        self.sent = 0
        self._screen = Emulator(80, 24)
        self._drawn = 0

    def read(self, until: bytes, seconds: float = 30) -> None:
        """Read until something was written since the last call. Fails when it never is."""
        start = len(self.written)
        end = time.monotonic() + seconds
        while until not in self.written[start:]:
            assert time.monotonic() < end, self.written[start:].decode("utf-8", "replace")[-2000:]
            if select.select([self.main], [], [], 0.2)[0]:
                try:
                    self.written += os.read(self.main, 65536)
                except OSError:  # the other end is closed
                    assert until in self.written[start:], self.written[start:]

    def rest(self, seconds: float = 0.6) -> None:
        """Be silent, as somebody who reads."""
        end = time.monotonic() + 20
        while select.select([self.main], [], [], seconds)[0]:
            self.written += os.read(self.main, 65536)
            assert time.monotonic() < end, "the screen never rests"

    def send(self, keys: str | bytes) -> None:
        data = keys.encode() if isinstance(keys, str) else keys
        self.sent += len(data)
        os.write(self.main, data)

    @property
    def lines(self) -> list[str]:
        """What the screen shows, line by line, without its frames."""
        self._screen.feed(self.written[self._drawn :])
        self._drawn = len(self.written)
        return [line.strip(" │┃") for line in self._screen.lines]

    def until(self, true: Callable[[list[str]], bool], seconds: float = 30) -> None:
        """Read until it is true of what the screen shows. Fails when it never is."""
        end = time.monotonic() + seconds
        while not true(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            self._take(0.1)

    def confirm(self, name: str) -> None:
        """Type the name, look that it stands there, and press Enter: as a person, who is slower than a paste."""
        self.send(name)
        self.until(
            lambda lines: any(f"{line} ".startswith(f"{name} ") for line in lines)
        )  # a hint stands beside it
        self.rest(0.2)
        self.send("\r")

    def end(self, seconds: float = 30) -> int:
        """Wait for the exit code, reading on: a program that writes to a full terminal does not end."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, "the program did not end"
            self._take(0.1)
        self._take(0)
        os.close(self.main)
        return self.process.returncode

    def _take(self, seconds: float) -> None:
        try:
            while select.select([self.main], [], [], seconds)[0]:
                self.written += os.read(self.main, 65536)
        except OSError:  # the other end is closed
            time.sleep(seconds)


def start_a_restore(
    server: DemoServer, held: Held, home: Path, program: Sequence[str] = PROGRAM, *, more: str = ""
) -> Terminal:
    """Walk to a restore of the schema sales, in one long request, which the server does not answer. ``more`` are lines
    of the config file."""
    config = home / ".config" / "restore-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'way = "direct"\n{more}')
    login = {"KINETICA_URL": server.url, "KINETICA_USER": server.user, "KINETICA_PASSWORD": server.password}
    terminal = Terminal(home=home, program=program, **login)
    terminal.read(b"OAuth token")
    terminal.rest()
    terminal.send("\r\r\r\r")
    terminal.read(b"inventory")
    terminal.send("\x1b[A\x1b[C\x1b[B \x0e\x0e\x0e")
    terminal.read(b"Type the backup")
    terminal.confirm("nightly_shop")
    assert held.arrived.wait(30)
    return terminal


SALES = ("\x1b[A", "\x1b[C", "\x1b[B", " ", "\x0e")
"""→ ↓ Space Ctrl+N on Objects: the schema sales of nightly_shop, of which nothing is there."""


CRM = ("\x1b[C", "a", " ", "\x1b[B", "\x1b[B", " ", "\x0e")
"""The tables of nightly_crm that are gone, with the damaged file of crm.tickets among them."""


@dataclass
class ProgramHarness:
    """A server in this process, and a home for the wizard."""

    server: DemoServer
    home: Path
    scheduler: ManualScheduler | None = None
    way: str = "auto"
    program: tuple[str, ...] = tuple(PROGRAM)
    terminal: Terminal | None = None
    """Of the last wizard."""

    def wizard(self, *arguments: str, **environ: str) -> Terminal:
        if self.way != "auto":
            config = self.home / ".config" / "restore-tui" / "config.toml"
            config.parent.mkdir(parents=True, exist_ok=True)
            config.write_text(f'way = "{self.way}"\n')
        login = {"KINETICA_URL": self.server.url, "KINETICA_USER": "demo", "KINETICA_PASSWORD": "demo"}
        self.terminal = Terminal(*arguments, home=self.home, program=self.program, **{**login, **environ})
        self.terminal.read(b"OAuth token")
        self.terminal.rest()
        return self.terminal

    def confirmed(
        self, *, backup: str = "nightly_shop", before: Callable[[], object] = lambda: None
    ) -> Terminal:
        """A wizard that has just been told to restore. ``before`` is called once the confirmation shows."""
        terminal = self.wizard()
        crm = backup == "nightly_crm"
        terminal.send("\r\r" + ("\x1b[A\r" if crm else "\r") + "\r")
        terminal.read(b"0 objects selected")
        terminal.rest(0.2)
        terminal.send("".join(CRM if crm else SALES) + "\x0e\x0e")
        terminal.read(b"Type the backup")
        before()
        terminal.confirm(backup)
        return terminal

    @property
    def restores(self) -> int:
        """How many real restores have arrived, on whatever way."""
        direct = [received.json() for received in self.server.received("/restore/backup")]
        inside = [json.loads(r.json()["data_str"]) for r in self.server.received("/create/job")]
        return sum(body["options"]["dry_run"] == "false" for body in (*direct, *inside))

    def receipt(self) -> dict[str, Any]:
        (path,) = self.receipts
        found = json.loads(path.read_text())
        assert isinstance(found, dict)
        return found

    @property
    def receipts(self) -> list[Path]:
        return list((self.home / ".local/state/restore-tui/receipts").glob("*.json"))


def last_line(terminal: Terminal) -> str:
    """What stands in the scrollback when the screen is gone: one line."""
    # A terminal that took nothing may have lost half a character of the screen: that is not decoded.
    after = terminal.written.rpartition(b"\x1b[?1049l")[2].decode()
    line = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", after).strip()
    assert len(line.splitlines()) == 1, line
    return line


def left(harness: ProgramHarness, terminal: Terminal) -> tuple[int, str]:
    """Ctrl+Q on the result: the exit code and the last line."""
    terminal.rest()
    terminal.send("\x11")
    return terminal.end(), last_line(terminal)


@dataclass
class ReportingHarness(ProgramHarness):
    """One whose wizard can be asked for its state."""

    program: tuple[str, ...] = ("-m", "tests.harness.terminal.state_reporter")

    def wizard(self, *arguments: str, **environ: str) -> Terminal:
        return super().wizard(*arguments, **{"WITNESS": str(self.home / "state.json"), **environ})

    def state(self, terminal: Terminal) -> dict[str, Any]:
        """What the wizard is like, once it has taken all that was sent by now."""
        place = self.home / "state.json"
        place.unlink(missing_ok=True)
        place.with_suffix(".sent").write_text(str(terminal.sent))
        terminal.process.send_signal(signal.SIGUSR1)
        end = time.monotonic() + 60
        while not place.exists():
            assert time.monotonic() < end, "\n".join(terminal.lines)
            assert terminal.process.poll() is None, "\n".join(terminal.lines)
            terminal._take(0.05)
        state = json.loads(place.read_text())
        assert isinstance(state, dict)
        return state
