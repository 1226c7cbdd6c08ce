"""Where a password or token comes from: the first line of a file, or of what a command prints."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import stat
import subprocess
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from restore_tui.bounded_files import SECRET_BYTES, read_secret
from restore_tui.config_file import SettingsError, expanded
from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.kinetica.sanitize import sanitize

COMMAND_SECONDS = 30.0
"""How long a password command may take where it has no terminal to ask somebody."""
_TURN = 0.05
"""Seconds between two looks at whether a command has ended: what it leaves running may keep its output open."""


def first_line_of_file(path: str, what: str) -> Secret:
    """Return the first line of a file or a pipe. Raises SettingsError."""
    try:
        written = read_secret(expanded(path))
    except OSError as error:
        raise SettingsError(f"The {what} {path} cannot be read: {error.strerror}.") from None
    return _first_line(written, f"The {what} {path}", what.split(maxsplit=1)[0])


def others_can_read(path: str) -> bool:
    """Whether the mode of a file lets its group or everybody read it. A pipe is nobody else's."""
    try:
        mode = Path(expanded(path)).stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & (stat.S_IRGRP | stat.S_IROTH))


def command_name(command: Sequence[str]) -> str:
    """What a password command is called on a screen: the program, without its arguments."""
    return sanitize(Path(command[0]).name, 40)


def password_from_command(
    command: Sequence[str], server: str, *, has_terminal: bool, stop: threading.Event | None = None
) -> Secret:
    """Run a password command and return the first line that it prints. With the terminal it may ask somebody, for as
    long as that takes; without one it has ``COMMAND_SECONDS``, or until ``stop``. What it prints is shown nowhere.
    Raises SettingsError."""
    name = f"The password command of server {server} ({command_name(command)})"
    modes = termios.tcgetattr(0) if has_terminal else None
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own config file names it
            list(command),
            stdin=None if has_terminal else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if has_terminal else subprocess.DEVNULL,
            start_new_session=not has_terminal,
        )
    except OSError as error:
        raise SettingsError(f"{name} cannot be run: {error.strerror}.") from None
    end = math.inf if has_terminal else time.monotonic() + COMMAND_SECONDS
    try:
        written = _output(process, end, stop or threading.Event())
    except KeyboardInterrupt:
        raise SettingsError(f"{name} was interrupted.") from None
    except _AbortedError as problem:
        raise SettingsError(f"{name} {problem}.") from None
    finally:
        _end(process, group=not has_terminal)
        if modes is not None:  # one that was stopped while it asked has left the echo off
            termios.tcsetattr(0, termios.TCSANOW, modes)
    if process.returncode:
        code = process.returncode
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        raise SettingsError(f"{name} failed: it {how}. Run it by hand to see why.")
    if not written.partition(b"\n")[0].strip(b"\r"):
        raise SettingsError(f"{name} printed no password: its first line is empty.")
    return _first_line(written, f"What {name[:1].lower()}{name[1:]} prints", "password")


class _AbortedError(Exception):
    """Why a command was not waited for any longer."""


def _output(process: subprocess.Popen[bytes], end: float, stop: threading.Event) -> bytes:
    """Return what the command has printed when it has ended. Raises _AbortedError."""
    assert process.stdout is not None
    number, written, is_open = process.stdout.fileno(), b"", True
    while True:
        has_ended = process.poll() is not None
        if is_open and select.select([number], [], [], 0 if has_ended else _TURN)[0]:
            piece = os.read(number, SECRET_BYTES)
            is_open = bool(piece)
            written += piece
        elif has_ended:
            return written
        elif not is_open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TURN)
        if len(written) > SECRET_BYTES:
            raise _AbortedError(f"prints more than {SECRET_BYTES:,} bytes")
        if stop.is_set():
            raise _AbortedError("was stopped")
        if time.monotonic() > end:
            raise _AbortedError(f"did not end within {COMMAND_SECONDS:.0f} seconds, and was stopped")


def _end(process: subprocess.Popen[bytes], *, group: bool) -> None:
    """Leave nothing running that has not ended by itself."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _first_line(written: bytes, whose: str, what: str) -> Secret:
    """Raises SettingsError."""
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{whose} cannot be read: it is not UTF-8.") from None
    line = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", 1)[0]
    if not line:
        raise SettingsError(f"{whose} is empty.")
    if line.startswith("\ufeff"):
        raise SettingsError(
            f"{whose} begins with a byte order mark (BOM), which would be part of the {what}. "
            "Save it as UTF-8 without one."
        )
    return Secret(line)
