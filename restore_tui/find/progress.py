"""How far a search is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from restore_tui.restore.text_format import elapsed, pluralize

ChangeCallback = Callable[[], None]


def ignore_change() -> None:
    """Where nothing is shown meanwhile."""


class SearchState(str, Enum):
    """``STOPPED``: cancelled, or given up; ``run`` goes on from there."""

    NEW = "new"
    LISTING = "listing"
    READING = "reading"
    DONE = "done"
    STOPPED = "stopped"


RUNNING = (SearchState.LISTING, SearchState.READING)


@dataclass(frozen=True)
class SearchProgress:
    """Snapshots ``read`` of ``total`` (those that can be read in this run), rows ``found``, and the ``seconds`` that
    the search has run."""

    state: SearchState
    read: int
    total: int
    found: int
    seconds: float

    @property
    def text(self) -> str:
        """``34 of 112 snapshots · 9 found · 1:10 min``."""
        if self.state is SearchState.LISTING:
            return f"listing snapshots · {elapsed(self.seconds)}"
        snapshots = f"{self.read:,} of {pluralize(self.total, 'snapshot')}"
        return f"{snapshots} · {self.found:,} found · {elapsed(self.seconds)}"
