"""Python's collector of garbage, which rests while many objects are made that stay.

Starting makes a hundred thousand objects that live as long as the program; a list of as many results makes
more. The collector would go through all of them again and again and find nothing: a tenth of the time until the first
screen is drawn, and, because it stops every thread, a fifth of a second in which no key is answered.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_pause_count = 0
"""How much work goes on for which it rests; the last to end wakes it."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """Work that makes many objects that stay, in whatever thread."""
    _pause()
    try:
        yield
    finally:
        _resume()


@contextmanager
def gc_paused_during_startup() -> Iterator[Callable[[], None]]:
    """Yields what ends the rest once all is imported, and lets the collector pass over what is there by then; a second
    call does nothing. At the latest the rest ends with the block."""
    _pause()
    rests = True

    def wake() -> None:
        nonlocal rests
        if rests:
            rests = False
            gc.freeze()
            _resume()

    try:
        yield wake
    finally:
        if rests:
            rests = False
            _resume()


def _pause() -> None:
    global _pause_count
    with _lock:
        _pause_count += 1
        gc.disable()


def _resume() -> None:
    global _pause_count
    with _lock:
        _pause_count -= 1
        if not _pause_count:
            gc.enable()
