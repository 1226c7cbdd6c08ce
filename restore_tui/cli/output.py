"""Printing, and complaining in one sentence."""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

from restore_tui.ascii_glyphs import printable

USAGE_ERROR = 2


def complain(text: str, program: str = "restore-tui", *, stream: TextIO | None = None) -> int:
    """Say what is wrong on standard error, or where that is closed on standard output. Return the exit code."""
    from restore_tui.kinetica.sanitize import sanitize

    stream = stream or sys.stderr or sys.stdout
    if stream is not None:
        with contextlib.suppress(OSError):
            print(printable(sanitize(f"{program}: {text}"), stream.encoding), file=stream, flush=True)
    return USAGE_ERROR


def print_text(text: str, *, ascii_only: bool | None = False) -> int:
    """Print, and return the exit code. A reader who has seen enough (``| head``) is no error. What the terminal has no
    letters for is written as an escape."""
    try:
        print(printable(text, "ascii" if ascii_only else getattr(sys.stdout, "encoding", None)), flush=True)
    except OSError as error:
        from restore_tui.process_end import discard

        discard(sys.__stdout__)
        if not isinstance(error, BrokenPipeError):
            return complain(f"the output cannot be written: {error.strerror}")
    return 0
