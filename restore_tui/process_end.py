"""How the wizard's process ends: with its last line, its own exit code, and in time, whatever hangs.

A thread that waits for a name server or a file cannot be stopped, and Python waits for it before a process ends. A
terminal that takes nothing holds up Textual, and with it the event loop. So leaving has a deadline, kept by a thread of
its own, and after the last line nothing is waited for longer than half a second.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from restore_tui.ascii_glyphs import printable

SECONDS_TO_LEAVE = 0.5
"""From the decision to leave until the last line is printed, and again from there to the end of the process."""
SECONDS_TO_RECORD = 5.0
"""For stopping to wait for a restore and completing its receipt, before the decision above. Without it the receipt
says that the restore was sent, which is the same to whoever comes back."""


class ProcessEnd:
    """Ends the process once. ``summary`` returns the exit code and the last line, as they are at that moment, from any
    thread; ``restore_terminal`` gives the terminal back, past whatever hangs."""

    def __init__(
        self, summary: Callable[[], tuple[int, str]], restore_terminal: Callable[[], None] = lambda: None
    ) -> None:
        self._summary = summary
        self._restore_terminal = restore_terminal
        self._begun = threading.Lock()
        self._said = threading.Event()
        self._code = 0
        self._leave = _Deadline(self._end_now)
        self._exit = _Deadline(lambda: os._exit(self._code))

    def due_in(self, seconds: float) -> None:
        """End the process in so many seconds, unless it has ended by then. Of several calls the earliest counts. Can be
        called by a signal handler."""
        self._leave.set(seconds)

    def finish(self) -> int:
        """Print the last line, once the terminal is the shell's again. Returns the exit code; the process has half a
        second left to end with it by itself."""
        self._say_last(past_textual=False)
        return self._code

    def _end_now(self) -> None:
        if self._say_last(past_textual=True):
            os._exit(self._code)

    def _say_last(self, *, past_textual: bool) -> bool:
        if not self._begun.acquire(blocking=False):
            self._said.wait()  # the other thread is kept to its time
            return False
        self._code, line = self._summary()
        self._exit.set(SECONDS_TO_LEAVE)
        if past_textual:
            self._restore_terminal()
        say(line)
        self._said.set()
        return True


class _Deadline:
    """Calls ``act`` once the earliest time that was set is over. Its thread waits from the beginning: to start one is
    nothing for a signal handler, and to put something into a ``SimpleQueue`` is."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._ends: queue.SimpleQueue[float] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="deadline", daemon=True).start()

    def set(self, seconds: float) -> None:
        self._ends.put(time.monotonic() + seconds)

    def _run(self) -> None:
        end = self._ends.get()
        while (left := end - time.monotonic()) > 0:
            try:
                end = min(end, self._ends.get(timeout=left))
            except queue.Empty:
                break
        self._act()


def say(line: str) -> None:
    """Print the last line, for the scrollback. Where the terminal is gone, the exit code still has to be ours."""
    stream = sys.__stdout__
    if stream is None:
        return
    try:
        stream.write(printable(f"{line}\n", stream.encoding))
        stream.flush()
        if sys.__stderr__ is not None:
            sys.__stderr__.flush()
    except OSError:
        discard(stream, sys.__stderr__)


def discard(*streams: TextIO | None) -> None:
    """Let what is still to be written to these streams go nowhere: Python flushes them at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
