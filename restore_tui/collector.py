"""Python's collector of garbage, which rests while many objects are made that stay.

Starting makes a hundred thousand objects that live as long as the program; a ledger of as many lines makes more. The
collector would go through all of them again and again and find nothing: a tenth of the time until the first screen is
drawn, and, because it stops every thread, a fifth of a second in which no key is answered.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """Work that makes many objects that stay, in whatever thread."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def resting() -> Iterator[Callable[[], None]]:
    """Yields what ends the rest once all is imported, and lets the collector pass over what is there by then; a second
    call does nothing. At the latest the rest ends with the block."""
    gc.disable()

    def wake() -> None:
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    try:
        yield wake
    finally:
        gc.enable()
