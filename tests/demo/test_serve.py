"""The demo server in the foreground: what it prints, how it ends, and what it says when it cannot start."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from restore_tui.cli import main
from restore_tui.cli.demo_server import BuiltInServer
from restore_tui.demo.__main__ import serve
from restore_tui.demo.server import DemoServer

COMMAND = """
import sys
from restore_tui.cli import main
from restore_tui.demo.__main__ import serve
from restore_tui.demo.server import DemoServer
sys.exit(serve("{host}", {port}, objects=10, server_version="7.2.3.14"))
"""


@contextmanager
def launch(port: int = 0, host: str = "127.0.0.1") -> Iterator[subprocess.Popen[str]]:
    """The server in a process of its own, which is gone afterwards, whatever happened."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(port=port, host=host)], stdout=pipe, stderr=pipe, text=True
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


@pytest.mark.parametrize(("host", "warns"), [("0.0.0.0", True), ("127.0.0.2", False), ("localhost", False)])
def test_it_warns_where_others_can_reach_it(host: str, warns: bool) -> None:
    with launch(host=host) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        if warns:
            assert process.stderr is not None
            assert process.stderr.readline().startswith(
                f"Warning: everybody who reaches {host} can use this server"
            )
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == ("", "")


def test_a_taken_port_is_one_clear_sentence(taken_port: int) -> None:
    with launch(port=taken_port) as process:
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (2, "")
    assert errors.count("\n") == 1
    assert f"127.0.0.1:{taken_port}" in errors
    assert "in use" in errors


@pytest.mark.parametrize(
    ("port", "objects", "version"), [(0, 10, "7.2.3,14"), (0, -1, "7.2.3.14"), (70_000, 10, "7.2.3.14")]
)
def test_what_cannot_be_is_one_clear_sentence(
    port: int, objects: int, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve("127.0.0.1", port, objects=objects, server_version=version) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_wrong_fault_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve("127.0.0.1", 0, objects=10, server_version="7.2.3.14", faults=["/nowhere=drop"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["demo-server", "--fault", "/restore/backup=dropp"], "drop-before"),
        (["--demo", "--fault", "/nowhere=drop"], "/restore/backup"),
        (["demo-server", "--fault"], "--fault"),
    ],
)
def test_a_wrong_fault_is_wrong_usage(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error


def test_a_fault_goes_with_a_demo_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fault", "/restore/backup=drop"]) == 2
    assert "--demo" in capsys.readouterr().err


def test_the_command_line_hands_faults_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("restore_tui.demo.__main__.serve", lambda *_, **options: given.update(options) or 0)
    assert main(["demo-server", "--fault", "/create/job=no-jobs", "--fault", "/show/backup=503"]) == 0
    assert given["faults"] == ["/create/job=no-jobs", "/show/backup=503"]


def test_the_built_in_server_misbehaves_and_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, object]] = []

    class Watched(DemoServer):
        def __init__(self, *world: Any, **options: Any) -> None:
            made.append(options)
            super().__init__(*world, **options)

    monkeypatch.setattr("restore_tui.demo.server.DemoServer", Watched)
    demo = BuiltInServer(5, "7.2.3.14", ["/restore/backup=drop"])
    demo.start()
    demo.stop()
    assert made[0]["bytes_per_second"] == 8e9
    assert made[0]["faults"] == ["/restore/backup=drop"]
