"""The demo server in the foreground: what it prints, how it ends, and what it says when it cannot start."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from restore_tui.demo.serve import serve

COMMAND = """
import sys
from restore_tui.demo.serve import serve
sys.exit(serve("127.0.0.1", {port}, objects=10, server_version="7.2.3.14"))
"""


@contextmanager
def launch(port: int = 0) -> Iterator[subprocess.Popen[str]]:
    """The server in a process of its own, which is gone afterwards, whatever happened."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(port=port)], stdout=pipe, stderr=pipe, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_at_once_and_ends_cleanly(number: signal.Signals) -> None:
    with launch() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        port = int(lines[0].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10):
            process.send_signal(number)
            rest, errors = process.communicate(timeout=10)
    assert lines == [f"URL:      http://127.0.0.1:{port}\n", "User:     demo\n", "Password: demo\n"]
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_taken_port_is_one_clear_sentence(taken_port: int) -> None:
    with launch(port=taken_port) as process:
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (2, "")
    assert errors.count("\n") == 1
    assert f"127.0.0.1:{taken_port}" in errors
    assert "in use" in errors


@pytest.mark.parametrize(
    ("port", "objects", "version"), [(0, 10, "new"), (0, -1, "7.2.3.14"), (70_000, 10, "7.2.3.14")]
)
def test_what_cannot_be_is_one_clear_sentence(
    port: int, objects: int, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve("127.0.0.1", port, objects=objects, server_version=version) == 2
    assert capsys.readouterr().err.count("\n") == 1
