"""The terminal goes away while one long request runs: the process waits on without it, and the receipt is completed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.servers.interceptors import Held
from tests.harness.terminal.program import PROGRAM, clean, start_a_restore

pytestmark = pytest.mark.slow


def receipt(home: Path) -> Any:
    (path,) = (home / ".local/state/restore-tui/receipts").glob("*.json")
    return json.loads(path.read_text())


def test_the_response_is_waited_for_without_the_terminal(held_restore: Held, tmp_path: Path) -> None:
    """The SSH connection drops, then the restore ends: exit code 0, a complete receipt, one POST. attach beside it
    sends nothing, and learns the same."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    more = f"""on_finish = ["sh", "-c", 'echo "$RESTORE_TUI_VERDICT" > "$0"', "{pipe}"]\n"""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(server, held_restore, tmp_path, more=more)
        os.close(terminal.main)
        run = receipt(tmp_path)["run"]
        attached = subprocess.Popen(
            [sys.executable, *PROGRAM, "attach", run],
            env=clean(tmp_path, KINETICA_URL="http://127.0.0.1:9"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert attached.stderr is not None
        assert "Another restore-tui is following this run" in attached.stderr.readline()
        assert terminal.process.poll() is None
        held_restore.let_go.set()
        assert terminal.process.wait(30) == 0
        said, _ = attached.communicate(timeout=30)
        assert (attached.returncode, said.partition(":")[0]) == (0, "Restored")
        assert len([each for each in server.received("/restore/backup") if b'"false"' in each.body]) == 1
    assert receipt(tmp_path)["outcome"]["verdict"] == "Restored"
    assert pipe.read_text() == "Restored\n"


def test_sigterm_ends_the_waiting(held_restore: Held, tmp_path: Path) -> None:
    """A hang-up gives the terminal back, where it is still there; SIGTERM then leaves as from the screen."""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(server, held_restore, tmp_path)
        terminal.process.send_signal(signal.SIGHUP)
        terminal.read(b"\x1b[?1049l")
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.process.poll() is None
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 4
    assert b"Left running, outcome unknown" in terminal.written
    told = receipt(tmp_path)
    assert (told["state"], told["outcome"]["verdict"]) == ("done", "Outcome unknown")


def test_it_waits_no_longer_than_the_settings_say(held_restore: Held, tmp_path: Path) -> None:
    """Then it ends by itself, with exit code 4, and the receipt says what is not known."""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(server, held_restore, tmp_path, more="hangup_minutes = 0.01\n")
        os.close(terminal.main)
        assert terminal.process.wait(30) == 4
    assert receipt(tmp_path)["outcome"]["verdict"] == "Outcome unknown"
