"""The real program on a pseudo-terminal, with an emulator before it, and if wanted a slow line between them."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.harness.terminal.child_process import take_the_terminal
from tests.harness.terminal.emulator import Emulator

_CHUNK = 256
"""Bytes that the line takes at once: a small part of what a pseudo-terminal holds."""


@dataclass
class Way:
    """One direction of a line: what is on it, and when it arrives. ``rate`` in bytes a second, None for no limit."""

    delay: float
    rate: float | None
    free_at: float = 0.0
    under_way: deque[tuple[float, bytes]] = field(default_factory=deque)

    def put(self, data: bytes, now: float) -> None:
        sent = max(now, self.free_at) + (len(data) / self.rate if self.rate else 0)
        self.free_at = sent
        self.under_way.append((sent + self.delay, data))

    def due(self, now: float) -> bytes:
        """What has arrived."""
        arrived = b""
        while self.under_way and self.under_way[0][0] <= now:
            arrived += self.under_way.popleft()[1]
        return arrived

    def next_event(self, now: float) -> float:
        """Seconds until something happens on it; a large number for never."""
        times = [self.under_way[0][0]] if self.under_way else []
        times += [self.free_at] if self.free_at > now else []
        return max(0.0, min(times) - now) if times else 1e9


@dataclass(frozen=True)
class Pace:
    """A line: seconds for one way, and bits a second."""

    delay: float = 0.0
    bits: float | None = None

    def way(self) -> Way:
        return Way(self.delay, self.bits / 8 if self.bits else None)


AT_HAND = Pace()
FAR_AWAY = Pace(delay=0.15, bits=64_000)
"""300 ms there and back, 64 kbit/s each way."""


class SlowTerminal:
    """A child on a pseudo-terminal. A context manager, which ends the child."""

    def __init__(
        self,
        program: Sequence[str],
        *,
        home: Path,
        size: tuple[int, int] = (80, 24),
        pace: Pace = AT_HAND,
        synchronised: bool = True,
        environ: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.emulator = Emulator(*size, synchronised=synchronised)
        self.arrived = 0
        """Bytes that have come to the person's end."""
        self._down, self._up = pace.way(), pace.way()
        self._answered = 0
        self._main, other = pty.openpty()
        self._set_size(size)
        os.set_blocking(self._main, False)
        self.process = subprocess.Popen(
            [sys.executable, *program],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LANG": "C.UTF-8",
                **(environ or {}),
            },
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            preexec_fn=take_the_terminal,
        )
        os.close(other)
        self._closed = False

    def __enter__(self) -> SlowTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._main)

    def _set_size(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def resize(self, width: int, height: int) -> None:
        """Make the terminal another size; the program is told."""
        self.emulator.resize(width, height)
        self._set_size((width, height))

    @property
    def text(self) -> str:
        return self.emulator.text

    def send(self, keys: str) -> None:
        """Type, all at once."""
        self._up.put(keys.encode(), time.monotonic())

    def until(self, true: Callable[[], object], *, seconds: float = 60) -> None:
        """Let the line work until something is so on the person's screen."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"it never came to be; the screen shows:\n{self.text}"
            self.work(0.1)

    def until_shown(self, words: str, *, seconds: float = 60) -> None:
        self.until(lambda: words in self.text, seconds=seconds)

    def rest(self, quiet: float = 0.4) -> None:
        """Until nothing has come for ``quiet`` seconds and nothing is on its way: as somebody who reads."""
        last, before = time.monotonic(), self.arrived
        while self._down.under_way or time.monotonic() - last < quiet:
            self.work(0.05)
            if self.arrived != before:
                last, before = time.monotonic(), self.arrived

    def work(self, seconds: float) -> None:
        """Move what is on the line, for at most so long."""
        now = time.monotonic()
        free = now >= self._down.free_at
        wait = min(seconds, self._down.next_event(now), self._up.next_event(now))
        readable = [self._main] if free and not self._closed else []
        if select.select(readable, [], [], wait)[0]:
            self._read()
        now = time.monotonic()
        data = self._down.due(now)
        if data:
            self.arrived += len(data)
            self.emulator.feed(data)
            answers = self.emulator.answers[self._answered :]
            self._answered = len(self.emulator.answers)
            if answers:
                self._up.put(answers, now)
        keys = self._up.due(now)
        if keys and not self._closed:
            os.write(self._main, keys)

    def _read(self) -> None:
        try:
            data = os.read(self._main, _CHUNK if self._down.rate else 65536)
        except OSError:  # the other end is closed
            self._closed = True
        else:
            self._down.put(data, time.monotonic())
