"""The last second before a restore, and crashes, in the real program on a pseudo-terminal."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.terminal.program import ProgramHarness, Terminal, last_line, left

CRASHES_ON_F2 = """
import sys
from restore_tui.tui.app import RestoreApp

def broken(self):
    raise ZeroDivisionError

RestoreApp.action_request = broken
from restore_tui.cli import main
sys.exit(main(sys.argv[1:]))
"""
F2 = "\x1bOQ"


@dataclass
class Watched(ProgramHarness):
    """Types into the terminal of its wizard."""

    def type_when_read(self, endpoint: str, keys: str) -> None:
        """Type as the server receives a request that comes after the confirmation."""

        def arrives(received: Received, answer: Callable[[], Reply]) -> Reply:
            if received.endpoint == endpoint and self.terminal is not None:
                os.write(self.terminal.main, keys.encode())
            return answer()

        self.server.intercept = arrives

    def assert_no_run_is_open(self) -> None:
        for place in self.receipts:
            receipt = json.loads(place.read_text())
            assert receipt["state"] == "done"
            assert "not sent" in receipt["outcome"]["what"]


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Watched]:
    with DemoServer(build_world()) as server:
        yield Watched(server, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["direct", "auto"])
def test_a_lone_esc_byte_just_before_the_request_sends_nothing(harness: Watched, way: str) -> None:
    """One ESC byte comes while the last thing is read before the request. Textual decides only after 0.1 s whether it
    is the key Esc, and all that is left to do takes less: the request waits, and nothing is sent."""
    harness.way = way
    harness.type_when_read("/execute/sql", "\x1b")
    terminal = harness.confirmed()
    terminal.read(b"Not sent")
    code, line = left(harness, terminal)
    assert harness.restores == 0
    assert (code, line) == (0, "Nothing was restored.")
    harness.assert_no_run_is_open()


@pytest.mark.slow
def test_a_lone_esc_byte_behind_enter_sends_nothing(harness: Watched) -> None:
    """Enter and ESC in one write."""
    terminal = harness.wizard()
    harness.wizard = lambda *arguments, **environ: terminal  # type: ignore[method-assign]
    send = terminal.send
    terminal.send = lambda keys: send(f"{keys}\x1b" if keys == "\r" else keys)  # type: ignore[method-assign]
    harness.confirmed()
    terminal.read(b"Not sent")
    terminal.send = send  # type: ignore[method-assign]
    code, line = left(harness, terminal)
    assert harness.restores == 0
    assert (code, line) == (0, "Nothing was restored.")
    harness.assert_no_run_is_open()


@pytest.mark.slow
def test_a_sequence_that_begins_with_esc_withdraws_nothing(harness: Watched) -> None:
    """An arrow key at the same moment: it is no Esc, and the restore goes out."""
    harness.type_when_read("/execute/sql", "\x1b[C")
    terminal = harness.confirmed()
    terminal.read(b"Receipt:")
    code, _ = left(harness, terminal)
    assert code == 0
    assert harness.restores == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "\x11", "\x03"])
@pytest.mark.parametrize("endpoint", ["/show/schema", "/execute/sql"])
def test_leaving_while_it_is_prepared_sends_nothing(harness: Watched, how: str, endpoint: str) -> None:
    """A signal, Ctrl+Q or Ctrl+C, while the server is read again, or what is there is noted: no question, exit code
    0, and the last line says that nothing was restored."""
    arrived, let_go = threading.Event(), threading.Event()

    def hold(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == endpoint:
            arrived.set()
            assert let_go.wait(30)
        return answer()

    def begin_to_hold() -> None:
        harness.server.intercept = hold

    terminal = harness.confirmed(before=begin_to_hold)
    assert arrived.wait(30)
    terminal.read(b"Esc cancels")
    if how.startswith("SIG"):
        terminal.process.send_signal(signal.Signals[how])
    else:
        terminal.send(how)
    code = terminal.end()
    let_go.set()
    assert (code, last_line(terminal)) == (0, "Nothing was restored.")
    assert harness.restores == 0
    harness.assert_no_run_is_open()


def crashed(terminal: Terminal) -> tuple[int, str]:
    """Press the key that crashes it: the exit code, and what stands in the scrollback."""
    terminal.rest()
    terminal.send(F2)
    code = terminal.end()
    return code, terminal.written.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]


@pytest.mark.slow
def test_a_crash_is_70(harness: Watched) -> None:
    """An error of our own before anything was restored, and after something was: exit code 70."""
    harness.program = ("-c", CRASHES_ON_F2)
    code, said = crashed(harness.wizard())
    assert code == 70
    assert "crashed (internal error)" in said
    terminal = harness.confirmed()
    terminal.read(b"Receipt:")
    code, said = crashed(terminal)
    assert code == 70
    assert "Restored: 23 objects" in said


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["running", "unknown"])
def test_a_crash_with_an_open_outcome_is_4(harness: Watched, phase: str) -> None:
    """An error of our own while a restore runs, or while its outcome is unknown: exit code 4."""
    harness.program, harness.way = ("-c", CRASHES_ON_F2), "direct"
    let_go = threading.Event()

    def hold(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/restore/backup" and b'"false"' in received.body:
            if phase == "unknown":
                return Reply(200, b"", drop=True)
            assert let_go.wait(30)
        return answer()

    harness.server.intercept = hold
    terminal = harness.confirmed()
    terminal.read(b"never sent again" if phase == "running" else b"What was found")
    code, said = crashed(terminal)
    let_go.set()
    assert code == 4
    assert "restore-tui attach" in said
    assert harness.restores == 1
