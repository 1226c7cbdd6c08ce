"""Reading files that somebody else may have made: only what is a file, only so much, and never waiting for ever.

A FIFO, a device or a directory in the place of a file is an ``OSError`` with a sentence in ``strerror``, like a file
that is missing.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Callable
from pathlib import Path

SECRET_BYTES = 65_536
CONFIG_BYTES = 1_000_000
CERTIFICATE_BYTES = 10_000_000
RECEIPT_BYTES = 1_000_000_000
"""A hundred thousand objects take 70 MB."""
SECONDS_FOR_PIPE = 30.0
"""For what writes a password into a pipe, such as a password manager that asks somebody first."""

_PIECE = 65_536
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class NotRegularError(OSError):
    """What the path names is there, and is no file."""

    def __init__(self, path: str | Path, kind: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, not a regular file", str(path))


def read_file(path: str | Path, most: int) -> bytes:
    """Return what a regular file holds, and nothing for /dev/null. Raises OSError, also where that is more than
    ``most`` bytes."""
    if str(path) == os.devnull:
        return b""
    number = open_file(path, os.O_RDONLY)
    try:
        _refuse_larger(path, os.fstat(number).st_size, most)
        return _read(path, number, most)
    finally:
        os.close(number)


def read_secret(path: str | Path, most: int = SECRET_BYTES, seconds: float = SECONDS_FOR_PIPE) -> bytes:
    """Like ``read_file``, but also from a pipe, as in ``--password-file <(pass show kinetica)``: until its other end is
    closed, in so many seconds altogether."""
    number = _open(path, os.O_RDONLY)
    try:
        mode = os.fstat(number).st_mode
        if stat.S_ISFIFO(mode):
            return _read(path, number, most, _pipe_waiter(path, number, seconds))
        _refuse_irregular(path, mode)
        return _read(path, number, most)
    finally:
        os.close(number)


def open_file(path: str | Path, flags: int) -> int:
    """Open a regular file, or make it for the owner alone where ``flags`` say so. Returns its descriptor. Raises
    OSError."""
    number = _open(path, flags)
    try:
        _refuse_irregular(path, os.fstat(number).st_mode)
    except OSError:
        os.close(number)
        raise
    return number


def make_private_folder(folder: Path) -> None:
    """Make a folder, and the missing ones above it, for the owner alone: ``Path.mkdir`` gives the mode to the last one
    only, and with an umask of 0 the others could be written by everybody. Raises OSError."""
    for place in (*reversed(folder.parents), folder):
        if not place.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)


def _open(path: str | Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, 0o600)
    except ValueError:  # a NUL character, or a surrogate that stands for no byte
        raise OSError(errno.EINVAL, "there is no such file name", str(path)) from None
    except OSError as error:
        kind = {errno.EISDIR: "a directory", errno.ENXIO: "a FIFO or a socket"}.get(error.errno or 0)
        if kind:
            raise NotRegularError(path, kind) from None
        raise


def _refuse_irregular(path: str | Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "something else")
        raise NotRegularError(path, kind)


def _refuse_larger(path: str | Path, size: int, most: int) -> None:
    if size > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))


def _read(path: str | Path, number: int, most: int, wait: Callable[[], None] = lambda: None) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        wait()
        piece = os.read(number, _PIECE)
        if not piece:
            return b"".join(pieces)
        size += len(piece)
        _refuse_larger(path, size, most)
        pieces.append(piece)


def _pipe_waiter(path: str | Path, number: int, seconds: float) -> Callable[[], None]:
    """Return what waits until something came through the pipe, or its other end was closed: a FIFO that nobody has
    opened for writing yet would seem to be at its end."""
    end = time.monotonic() + seconds
    poll = select.poll()
    poll.register(number, select.POLLIN)

    def wait() -> None:
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            raise OSError(errno.ETIMEDOUT, "nothing came through the pipe in time", str(path))

    return wait
