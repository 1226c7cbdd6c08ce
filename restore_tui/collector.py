"""Python's collector of garbage, which rests while the program starts.

Starting makes a hundred thousand objects that live as long as the program. The collector would go through all of them
again and again, a tenth of the time until the first screen is drawn, and find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
