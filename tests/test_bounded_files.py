"""Something else in the place of a file: a FIFO, a device, a directory, or too much. In words, and at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from restore_tui.bounded_files import NotRegularError, open_file, read_file, read_secret
from restore_tui.config import SettingsError, load
from restore_tui.logging_setup import configure_logging
from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore, ReceiptUnwritableError
from tests.harness.terminal.program import run

CERTIFICATE = Path(__file__).parent / "demo" / "localhost.pem"
ODD = ("fifo", "directory", "socket", "/dev/zero", "/dev/tty", "link to fifo")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of each."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    Path("directory").mkdir()
    socket.socket(socket.AF_UNIX).bind("socket")
    Path("link to fifo").symlink_to("fifo")
    return tmp_path


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_file_is_neither_read_nor_waited_for(name: str, place: Path) -> None:
    """Opening a FIFO for reading would wait for a writer, and for writing for a reader; /dev/zero never ends."""
    with pytest.raises(OSError, match=r"regular file|No such device"):
        read_file(name, 100)
    if name not in ("directory", "/dev/tty"):
        with pytest.raises(NotRegularError):
            open_file(name, os.O_WRONLY)


def test_more_than_the_bound_is_not_read(tmp_path: Path) -> None:
    """Neither of a file that says so, nor of one that does not."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    for read in (read_file, read_secret):
        with pytest.raises(OSError, match="larger than 100 bytes"):
            read(path, 100)
    path.write_bytes(b"x" * 100)
    assert read_file(path, 100) == read_secret(path, 100) == b"x" * 100
    assert read_file("/dev/null", 100) == b""


def test_a_pipe_is_read_to_its_end() -> None:
    """--password-file <(pass show kinetica): in as many pieces as it comes."""
    reading, writing = os.pipe()
    os.write(writing, b"s3cret\n")
    os.close(writing)
    assert read_secret(f"/dev/fd/{reading}") == b"s3cret\n"
    os.close(reading)


def test_a_pipe_has_bounds(place: Path) -> None:
    """A writer that never comes, one that never ends, and one that writes too much."""
    with pytest.raises(OSError, match="in time"):
        read_secret("fifo", seconds=0)
    number = os.open("fifo", os.O_RDWR)
    os.write(number, b"x" * 50)
    with pytest.raises(OSError, match="in time"):
        read_secret("fifo", seconds=0.05)
    os.write(number, b"x" * 50)
    with pytest.raises(OSError, match="larger"):
        read_secret("fifo", 10)
    os.close(number)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises(OSError, match="no such file name"):
        read_file(name, 100)


# Where they are used


@pytest.mark.parametrize("flag", ["config", "ca_file", "password_file", "oauth_token_file"])
@pytest.mark.parametrize("name", [name for name in ODD if "fifo" not in name])
def test_settings_name_the_file(flag: str, name: str, place: Path) -> None:
    with pytest.raises(SettingsError, match=f"{name} cannot be read: .*(regular file|No such device)"):
        load({"config": "/dev/null", flag: name}, {})


@pytest.mark.parametrize("flag", ["--config", "--ca-file", "--password-file", "--oauth-token-file"])
def test_the_command_line_says_so_and_ends_with_2(flag: str, tmp_path: Path) -> None:
    done = run(flag, "/dev/zero", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "it is a device, not a regular file" in done.stderr


@pytest.mark.parametrize("name", ODD)
def test_a_receipt_is_listed_as_unreadable(name: str, place: Path) -> None:
    """Every other receipt can be read, and a run with such a lock can be watched by nobody."""
    journal = ReceiptStore(place / "receipts")
    journal.folder.mkdir()
    journal.path("20261123T210000Z-000001").symlink_to(place / name)
    (place / "receipts/20261123T210000Z-000001.lock").symlink_to(place / name)
    (found,) = journal.runs()
    assert found.receipt is None
    assert journal.unsettled() == []
    with pytest.raises(NoSuchRunError, match="cannot be read"):
        journal.read("2026")
    assert not journal.is_locked("20261123T210000Z-000001")
    with pytest.raises(ReceiptUnwritableError):
        journal.lock("20261123T210000Z-000001")


def test_history_and_attach_go_past_a_fifo(tmp_path: Path) -> None:
    """history lists it, and attach ends with 2."""
    receipts = tmp_path / ".local/state/restore-tui/receipts"
    receipts.mkdir(parents=True)
    os.mkfifo(receipts / "20261123T210000Z-000001.json")
    listed = run("history", home=tmp_path)
    assert listed.returncode == 0
    assert "cannot be read" in listed.stdout
    for arguments in (["history", "2026"], ["attach", "2026"]):
        done = run(*arguments, home=tmp_path)
        assert done.returncode == 2
        assert "it is a FIFO, not a regular file" in done.stderr


@pytest.mark.parametrize("name", [name for name in ODD if name != "/dev/tty"])
def test_a_log_that_is_no_file(name: str, place: Path) -> None:
    """The wizard does not start with it."""
    (place / "log.txt").symlink_to(place / name)
    with pytest.raises(NotRegularError):
        configure_logging(place)


def test_a_log_that_cannot_be_written(place: Path) -> None:
    """There is none: no reason to stop."""
    (place / "file").touch()
    assert configure_logging(place / "file") is None


# The config file


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (b"timeout = 1" + b"0" * 400, "timeout is too large"),
        (b"timeout = 0x" + b"f" * 400, "timeout is too large"),
        (b"timeout = 1" + b"0" * 5000, "number"),
        (b"timeout = 1e300", "at most"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"{a=" * 100_000, "nested too deeply"),
        (b"a." * 100_000 + b"a = 1", "too many dots"),
        (b'"a" . ' * 100_000 + b"a = 1", "too many dots"),
        (b"[" + b"a." * 100_000 + b"a]", "too many dots"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"\xef\xbb\xbfurl = 'x'", "byte order mark"),
        ("url = 'x'".encode("utf-16"), "not text in UTF-8"),
        (b"url = 'x'\nuser = '\xe9'", "not text in UTF-8 .line 2"),
        (bytes(range(256)), "not text in UTF-8"),
        (b"\0", "not TOML"),
        ("timeout = ١٠".encode(), "not TOML"),
        (b"d = 2026-02-31", "date"),
        (b'"\\u001b[2J" = 1', r"unknown key '\\x1b"),
        (b'password_file = "a\\u0000b"', "no such file name"),
        (b'ca_file = "~/none.pem"', "CA file ~/none.pem cannot be read: No such file"),
    ],
)
def test_a_config_file_of_any_bytes(written: bytes, words: str, tmp_path: Path) -> None:
    """One sentence, whatever it holds."""
    (tmp_path / "config.toml").write_bytes(written)
    with pytest.raises(SettingsError, match=words):
        load({"config": str(tmp_path / "config.toml")}, {})


def test_a_home_is_found_in_every_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """~ in config, ca_file and password_file; a CA file without a certificate is named at once."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("nothing in it")
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "config.toml").write_text('password_file = "~/secret"\nca_file = "~/ca.pem"\n')
    with pytest.raises(SettingsError, match="holds no certificate"):
        load({"config": "~/config.toml"}, {})
    (tmp_path / "ca.pem").write_bytes(CERTIFICATE.read_bytes())
    settings = load({"config": "~/config.toml"}, {})
    assert (settings.ca_file, settings.password.reveal()) == (str(tmp_path / "ca.pem"), "s3cret")


@pytest.mark.parametrize(
    "value", ["1_0", "١٠", "１０", "1e400", "nan", "inf", "-1", "0", "", "0x10", "9" * 5000, "1 0"]
)
@pytest.mark.parametrize("flag", ["--timeout", "--objects"])
def test_numbers_are_written_in_ascii_digits(
    flag: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from restore_tui.cli.parser import build_parser

    with pytest.raises(SystemExit) as end:
        build_parser().parse_args([flag, value])
    assert end.value.code == 2
    assert len(capsys.readouterr().err) < 300


def test_numbers_as_people_write_them() -> None:
    from restore_tui.cli.parser import build_parser

    for written, seconds in (("30", 30), ("2.5", 2.5), (".5", 0.5), ("1e3", 1000), ("10.", 10)):
        assert build_parser().parse_args(["--timeout", written]).timeout == seconds
