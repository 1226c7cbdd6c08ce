"""The password command of a server: real programs that print, fail, hang, and leave something running."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from restore_tui import cli, secret_sources
from restore_tui.config import SettingsError
from restore_tui.demo.server import DemoServer
from restore_tui.secret_sources import password_from_command


def run(*command: str, stop: threading.Event | None = None) -> str:
    return password_from_command(command, "prod", has_terminal=False, stop=stop).reveal()


def test_the_first_line_is_the_password() -> None:
    """Without its line break; what follows is a note, and standard error is nobody's."""
    assert run("printf", r"pass w\303\266rd \r\nurl: x\n") == "pass wörd "
    assert run("sh", "-c", "echo noise >&2; echo secret") == "secret"


def test_it_gets_no_input_and_no_shell() -> None:
    """Standard input is empty, and arguments are not interpreted."""
    assert run("sh", "-c", "cat; echo end") == "end"
    assert run("echo", "$HOME; false") == "$HOME; false"


def test_what_it_leaves_running_is_not_waited_for() -> None:
    """An agent that a password manager starts keeps the output open."""
    began = time.monotonic()
    assert run("sh", "-c", "sleep 300 & echo secret") == "secret"
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("sh", "-c", "echo hunter2; exit 3"), "failed: it ended with exit code 3"),
        (("sh", "-c", "echo hunter2; kill -TERM $$"), "failed: it was ended by signal 15"),
        (("true",), "printed no password: its first line is empty"),
        (("printf", r"\nhunter2\n"), "its first line is empty"),
        (("printf", r"\377hunter2\n"), "it is not UTF-8"),
        (("no-such-program", "hunter2"), "cannot be run: No such file"),
        (("/",), "cannot be run: Permission denied"),
        (("sh", "-c", "yes hunter2"), "prints more than"),
    ],
)
def test_a_command_that_gives_no_password(command: tuple[str, ...], words: str) -> None:
    """The server and the program are named, and nothing that it printed or was given."""
    with pytest.raises(SettingsError) as refused:
        run(*command)
    assert "assword command of server prod" in str(refused.value)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_command_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that has closed its output; its children go with it."""
    monkeypatch.setattr(secret_sources, "COMMAND_SECONDS", 0.3)
    child = tmp_path / "child"
    with pytest.raises(SettingsError, match="did not end within"):
        run("sh", "-c", f"exec >&-; sleep 300 & echo $! > {child}; wait")
    while is_alive(int(child.read_text())):
        os.sched_yield()  # the system has not taken it away yet


def is_alive(process: int) -> bool:
    """Whether it runs; one that has ended and is not yet asked about does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return state.stdout.strip()[:1] not in ("", "Z")


def test_a_command_can_be_stopped() -> None:
    """Esc on Connect."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(SettingsError, match="was stopped"):
        run("sleep", "300", stop=stop)


def test_nothing_is_asked_of_the_server_without_a_password(tmp_path: Path) -> None:
    """find --server: exit code 2, a sentence, and no request."""
    config = tmp_path / "config.toml"
    with DemoServer() as server:
        config.write_text(f'[servers.prod]\nurl = "{server.url}"\nuser = "demo"\npassword_command = ["true"]')
        arguments = [
            sys.executable,
            "-m",
            "restore_tui",
            "--config",
            str(config),
            "--server",
            "prod",
            "find",
            "x",
        ]
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert "restore-tui: The password command of server prod (" in done.stderr
        assert server.requests == []


def test_other_commands_run_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """config and config --check say what it is, and do not run it."""
    config, trace = tmp_path / "config.toml", tmp_path / "trace"
    config.write_text(f'[servers.prod]\nurl = "http://x"\npassword_command = ["touch", "{trace}"]')
    for more in ([], ["--check"]):
        assert cli.main(["--config", str(config), "--server", "prod", "config", *more]) == 0
    assert not trace.exists()
    assert str(trace) not in capsys.readouterr().out
