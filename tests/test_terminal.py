"""What arrives on the terminal, in the real program on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.app.app_harness import BYTES_PER_SECOND
from tests.harness.terminal.expected_keys import END, NO_KEYS
from tests.harness.terminal.program import ReportingHarness, Terminal, clean, left

BURST = "Press Enter once more to restore."
HIGH_BYTES = bytes(range(0x80, 0x100))
ALL_THAT_IS_NO_KEY = [*NO_KEYS.values(), *(bytes([byte]) for byte in HIGH_BYTES)]

DEAF = """
from restore_tui.tui.terminal.input_driver import InputDriver

def broken(self, tokens, arrived):
    if tokens:
        raise ZeroDivisionError

InputDriver._dispatch = broken
import sys
from restore_tui.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[ReportingHarness]:
    with DemoServer(build_world()) as server:
        yield ReportingHarness(server, tmp_path)


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[ReportingHarness]:
    scheduler = ManualScheduler()
    with DemoServer(build_world(), bytes_per_second=BYTES_PER_SECOND, scheduler=scheduler) as server:
        yield ReportingHarness(server, tmp_path, scheduler, "direct")


@pytest.mark.slow
def test_what_is_no_key_changes_nothing(harness: ReportingHarness) -> None:
    """In the field of the user, and on Objects with something selected: every byte that is not UTF-8, late replies,
    broken mouse reports, each alone and in halves. The screen is the same, letter by letter; then keys are keys."""
    terminal = harness.wizard()
    terminal.send("\t\t")

    def unchanged_by_all() -> None:
        before = harness.state(terminal)
        for data in ALL_THAT_IS_NO_KEY:
            terminal.send(data)
            terminal.send(END)
        assert harness.state(terminal) == before
        for data in NO_KEYS.values():
            terminal.send(data[: len(data) // 2])
            terminal.send(data[len(data) // 2 :])
            terminal.send(END)
        assert harness.state(terminal) == before

    unchanged_by_all()
    terminal.send("é")
    assert harness.state(terminal)["fields"][1] == "demoé"
    terminal.send("\x7f\r\r\r\r")
    terminal.read(b"0 objects selected")
    terminal.send("\x1b[A\x1b[C\x1b[B ")
    terminal.until(lambda lines: any("[x] sales" in line for line in lines))
    unchanged_by_all()
    terminal.send("\x11")
    assert terminal.end() == 0


@pytest.mark.slow
def test_a_restore_goes_on_whatever_arrives(paced: ReportingHarness) -> None:
    """While the one request runs: all of that, then it ends as it would have. One POST, Restored, exit code 0."""
    terminal = paced.confirmed()
    terminal.until(lambda lines: any("Restoring" in line for line in lines))
    before = paced.state(terminal)["screens"]
    for data in ALL_THAT_IS_NO_KEY:
        terminal.send(data)
        terminal.send(END)
    assert paced.state(terminal)["screens"] == before
    assert paced.scheduler is not None
    paced.scheduler.let_pass(1000)
    terminal.read(b"Receipt:")
    code, line = left(paced, terminal)
    assert (code, paced.restores) == (0, 1)
    assert line.startswith("Restored: 23 objects")


def test_what_the_terminal_is_asked_for(tmp_path: Path) -> None:
    """No kitty keyboard protocol, and off where it was on; clicks and the wheel, but no motion. All is taken back."""
    terminal = Terminal(home=tmp_path)
    terminal.read(b"OAuth token")
    terminal.send("\x11")
    assert terminal.end() == 0
    begun, _, _ = terminal.written.partition(b"\x1b[?1049l")
    assert b"\x1b[=0u" in begun
    assert b"\x1b[>" not in begun
    for mode in (b"1003", b"1015"):
        assert b"\x1b[?" + mode + b"h" not in begun
    for mode in (b"1000", b"1002", b"1006"):
        assert begun.rindex(b"\x1b[?" + mode + b"l") > begun.rindex(b"\x1b[?" + mode + b"h")


def test_an_x10_report_makes_the_wizard_ask_for_sgr_again(harness: ReportingHarness) -> None:
    """The terminal was made anew: the mode is set once more, and the next click is a click."""
    terminal = harness.wizard()
    terminal.send(b"\x1b[M\x43\xa5\x30")
    terminal.read(b"\x1b[?1006h")
    terminal.send(b"\x1b[<0;20;9M\x1b[<0;20;9m")
    assert harness.state(terminal)["focus"] is not None
    terminal.send("\x11")
    assert terminal.end() == 0


# Name and Enter at once


@pytest.mark.parametrize(
    "pasted", ["nightly_shop\r", "nightly_shop\r\r\r", "nightly_shop\t\t\r", "nightly_shop\r\n"]
)
def test_name_and_enter_at_once_do_not_confirm(harness: ReportingHarness, pasted: str) -> None:
    """One write, as GNU screen pastes: no POST, the name stays, and Enter is requested. A paste with brackets is
    refused. Then Enter by itself confirms."""
    terminal = harness.wizard()
    terminal.send("\r\r\r\r")
    terminal.read(b"0 objects selected")
    terminal.rest(0.2)
    terminal.send("\x1b[A\x1b[C\x1b[B \x0e\x0e\x0e")
    terminal.read(b"Type the backup")
    terminal.rest()
    terminal.send(f"\x1b[200~{pasted}\x1b[201~")
    terminal.until(lambda lines: any("Paste is disabled" in line for line in lines))
    terminal.send(pasted)
    terminal.until(lambda lines: any(line.startswith("nightly_shop ") for line in lines))
    state = harness.state(terminal)
    assert BURST in " ".join(state["text"].split())
    assert "nightly_shop" in state["fields"]
    assert harness.restores == 0
    terminal.rest(0.2)
    terminal.send("\r")
    terminal.read(b"Receipt:")
    assert left(harness, terminal)[0] == 0
    assert harness.restores == 1


# A terminal that ends


class Detached:
    """A wizard on a terminal that is not its controlling one: no SIGHUP comes when it ends."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.main, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "restore_tui"],
            env=clean(home, **environ),
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)


def test_a_terminal_that_ends_without_a_signal_is_a_hang_up(tmp_path: Path) -> None:
    """The other end is closed: the wizard leaves by itself, with exit code 0."""
    detached = Detached(tmp_path)
    written = b""
    while b"OAuth token" not in written:
        written += os.read(detached.main, 65536)
    os.close(detached.main)
    assert detached.process.wait(30) == 0


@pytest.mark.slow
def test_a_terminal_that_ends_while_a_restore_runs(paced: ReportingHarness) -> None:
    """As on a SIGHUP: the response is waited for, the receipt says how it ended, and the exit code too."""
    terminal = paced.confirmed()
    terminal.until(lambda lines: any("Restoring" in line for line in lines))
    os.close(terminal.main)
    assert paced.scheduler is not None
    paced.scheduler.let_pass(1000)
    assert terminal.process.wait(30) == 0
    assert paced.receipt()["outcome"]["verdict"] == "Restored"
    assert paced.restores == 1


def test_an_input_thread_that_dies_is_a_crash_of_ours(harness: ReportingHarness) -> None:
    """Our sentence, our log, our exit code, and no traceback on the screen."""
    harness.program = ("-c", DEAF)
    terminal = harness.wizard()
    terminal.send("x")
    assert terminal.end() == 70
    after = terminal.written.decode().rpartition("\x1b[?1049l")[2]
    assert "restore-tui crashed (internal error)." in after
    assert "Traceback" not in after
    log = harness.home / ".local/state/restore-tui/log.txt"
    assert "ZeroDivisionError" in log.read_text()
