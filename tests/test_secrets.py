"""Promise 5, in the large: a password and a token are searched for in everything that a walk leaves behind."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from restore_tui.cli import main
from restore_tui.demo import handlers
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.app.app_harness import BYTES_PER_SECOND
from tests.harness.servers.secret_echo import spellings
from tests.harness.terminal.program import Terminal

pytestmark = pytest.mark.slow

PASSWORD = "Quagga§7/Zebra"
TOKEN = "okapi.tok3n-4f1d.Zebu~9"
BROKEN = (
    "from restore_tui.cli import main\n"
    "from restore_tui.tui.screens.running import RunningScreen\n"
    "def tick(self):\n"
    "    if self.wizard.restore.progress is None: return  # the server has not got it yet\n"
    "    login = self.wizard.session.client.link.login if self.wizard.is_connected else None\n"
    "    raise RuntimeError(f'a bug of ours, with {login!r} and {self.wizard.settings!r}')\n"
    "RunningScreen.tick = tick\n"
    "raise SystemExit(main())"
)


@dataclass(frozen=True)
class Login:
    """How a walk is let in, and what must be found nowhere. ``arguments`` names a file; ``environ`` holds variables."""

    arguments: tuple[str, ...]
    environ: dict[str, str]
    needles: tuple[str, ...]


def with_password(home: Path) -> Login:
    return Login(
        (),
        {"KINETICA_USER": "demo", "KINETICA_PASSWORD": PASSWORD},
        ("Quagga", base64.b64encode(f"demo:{PASSWORD}".encode()).decode(), *spellings(PASSWORD)),
    )


def with_token(home: Path) -> Login:
    place = home / "token"
    place.write_text(f"{TOKEN}\n")
    return Login(
        ("--oauth-token-file", str(place)),
        {},
        ("okapi", *spellings(TOKEN)),
    )


def echoing(received: Received, answer: Callable[[], Reply]) -> Reply:
    """A server that says in a refusal what it was sent, login and all."""
    if received.endpoint != "/execute/sql":
        return answer()
    sent = received.headers.get("authorization", "")
    words = (
        f"No permission for {sent}, that is demo:{PASSWORD} or {TOKEN}; {'; '.join(spellings(PASSWORD))}; "
    )
    words += "; ".join(spellings(TOKEN))
    envelope = {"status": "ERROR", "message": words, "data_type": "none", "data": "", "data_str": ""}
    return Reply(400, json.dumps(envelope).encode())


@pytest.mark.parametrize("log_in", [with_password, with_token])
def test_a_secret_is_found_nowhere(
    log_in: Callable[[Path], Login],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A walk to the result, its report saved; one whose answer is lost, looked for at a server that echoes the login;
    one that ends in a traceback; attach, and history: neither the password nor the token, plain or encoded, stands on
    a terminal, in a file, in the log, or in a command line."""
    monkeypatch.setattr(handlers, "DEMO_TOKEN", TOKEN)
    login = log_in(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    seen: dict[str, bytes] = {}

    with an_echoing_server() as (server, scheduler):
        environ = {**login.environ, "KINETICA_URL": server.url}
        restored = walk(Terminal(*login.arguments, home=home, **environ))
        restored.read(b"Running as a server-side job")
        seen["command line"] = Path(f"/proc/{restored.process.pid}/cmdline").read_bytes()
        scheduler.let_pass(100)
        restored.read(b"Receipt:")
        restored.rest()
        restored.send("s")
        restored.read(b"Save the report")
        restored.send("\r")
        restored.read(b"The report is saved")
        restored.send("\x11")
        assert restored.end() == 0
        seen["the terminal of a restore"] = restored.written
    assert server.errors == []

    with an_echoing_server() as (server, scheduler):
        environ = {**login.environ, "KINETICA_URL": server.url}
        server.faults.set("/create/job=drop-before")
        lost = walk(Terminal(*login.arguments, home=home, **environ))
        lost.read(b"What was found")
        lost.rest()
        lost.send("\x1b[6~\x1b[6~\x1b[6~")
        lost.rest()
        lost.send("\x11")
        assert lost.end() == 4
        seen["the terminal of an unknown outcome"] = lost.written

        server.faults.clear()
        broken = walk(Terminal(*login.arguments, home=home, program=("-c", BROKEN), **environ))
        assert broken.end() == 4
        assert b"crashed (internal error)" in broken.written
        seen["the terminal of a crash"] = broken.written

        scheduler.let_pass(100)
        run_id = max(place.stem for place in receipts(home))
        attached = Terminal(*login.arguments, "attach", run_id, home=home, **environ)
        attached.read(b"OAuth token")
        attached.rest()
        attached.send("\r")
        attached.read(b"Receipt:")
        attached.rest()
        attached.send("\x11")
        attached.end()
        seen["the terminal of attach"] = attached.written
    assert server.errors == []

    for place in home.rglob("*"):
        if place.is_file():
            seen[str(place.relative_to(home))] = place.read_bytes()
    for name, value in {"HOME": str(home), **login.environ}.items():
        monkeypatch.setenv(name, value)
    for run_id in ("", *(place.stem for place in receipts(home))):
        for form in ("", "--json", "--markdown"):
            assert main(["history", *filter(None, (run_id, form))]) == 0
            seen[f"history {run_id} {form}"] = "".join(capsys.readouterr()).encode()

    log = seen[".local/state/restore-tui/log.txt"].decode()
    assert "a bug of ours" in log
    assert "/execute/sql" in log
    assert len(receipts(home)) == 3
    assert any(name.startswith("restore-") and name.endswith(".md") for name in seen)
    for name, found in seen.items():
        for needle in login.needles:
            assert needle not in plain(found), f"{needle} in {name}"
        assert b"\x1b]52" not in found, name


@contextmanager
def an_echoing_server() -> Iterator[tuple[DemoServer, ManualScheduler]]:
    scheduler = ManualScheduler()
    server = DemoServer(
        build_world(),
        password=PASSWORD,
        bytes_per_second=BYTES_PER_SECOND,
        scheduler=scheduler,
        intercept=echoing,
    )
    with server:
        yield server, scheduler


def walk(terminal: Terminal) -> Terminal:
    """To the restore of the schema sales, just confirmed."""
    terminal.read(b"OAuth token")
    terminal.rest()
    terminal.send("\r\r\r\r")
    terminal.read(b"0 objects selected")
    terminal.rest(0.2)
    terminal.send("\x1b[A\x1b[C\x1b[B \x0e\x0e\x0e")
    terminal.read(b"Type the backup")
    terminal.confirm("nightly_shop")
    return terminal


def receipts(home: Path) -> list[Path]:
    return sorted((home / ".local/state/restore-tui/receipts").glob("*.json"))


def plain(written: bytes) -> str:
    """Without what moves a cursor, so that nothing hides between two of its moves."""
    return re.sub(r"\x1b(\[[^a-zA-Z]*[a-zA-Z]|\][^\x07\x1b]*)", "", written.decode("utf-8", "replace"))
