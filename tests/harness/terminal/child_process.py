"""What a child process of a test does before it becomes the program."""

from __future__ import annotations

import fcntl
import signal
import termios


def heed_interrupts() -> None:
    """In the child: SIGINT does what it does in the foreground of a shell. Tests in the background ignore it, and a
    program inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def take_the_terminal() -> None:
    """In the child: the pseudo-terminal is its own, so that closing it hangs the child up."""
    heed_interrupts()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
