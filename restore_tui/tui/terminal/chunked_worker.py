"""Work that may be long, done between the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from textual.dom import DOMNode
from textual.worker import Worker


class Chunked(Protocol):
    """Something that can be done a portion at a time."""

    def advance(self, most: int) -> bool:
        """Do so much more of it. Returns whether that was all."""
        ...


async def run_chunked(work: Chunked, turn: int) -> None:
    """Do all of it, ``turn`` at once; in between whatever else waits has its turn."""
    while not work.advance(turn):  # noqa: ASYNC110, nothing is waited for
        await asyncio.sleep(0)


Work = TypeVar("Work", bound=Chunked)


class ChunkedWorker(Generic[Work]):
    """Does the newest work that was started, ``turn`` of it at once, and calls ``done`` with it when it is through.

    In between the keys have their turn, so that the next one overtakes what it makes useless. Short work is through
    before ``start`` returns. Whoever needs the result calls ``end`` first.
    """

    def __init__(self, owner: DOMNode, turn: int, done: Callable[[Work], None]) -> None:
        self._owner = owner
        self._turn = turn
        self._done = done
        self._work: Work | None = None
        self._worker: Worker[None] | None = None

    def start(self, work: Work) -> None:
        """Begin; what was under way is left."""
        if self._worker is not None:
            self._worker.cancel()
        self._work = work
        if work.advance(self._turn):
            self.end()
        else:
            self._worker = self._owner.run_worker(self._go_on(work), group="in turns")

    async def _go_on(self, work: Work) -> None:
        await run_chunked(work, self._turn)
        if work is self._work:
            self.end()

    def end(self) -> None:
        """Do what is left, without a turn for anything else."""
        work, self._work = self._work, None
        if work is None:
            return
        while not work.advance(self._turn):
            pass
        self._done(work)
