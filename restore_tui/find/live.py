"""What exists now, of the object types that a search has found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from restore_tui.find.matches import Key
from restore_tui.find.reads import Reads
from restore_tui.restore.preflight.conflict_check import READ_OF, Inventory
from restore_tui.restore.preflight.presence import Existence, existences


class LiveState:
    """Reads what exists now of each object type once, beside the search, when the type is found for the first time."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._inventory = Inventory()
        self._types: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, found: Iterable[Key], on_change: Callable[[], None]) -> None:
        """Begin to read the types that are new, where the server lists what there is of them."""
        types = {kind for kind, _ in found} & READ_OF.keys() - self._types
        if types:
            self._types |= types
            self._tasks.add(asyncio.ensure_future(self._read(types, on_change)))

    async def _read(self, types: set[str], on_change: Callable[[], None]) -> None:
        try:
            more = await self._reads.inventory(types)
        except BaseException:
            self._types -= types  # cancelled: the next start reads them
            raise
        before = self._inventory
        self._inventory = Inventory({**before.listings, **more.listings}, {**before.unread, **more.unread})
        on_change()

    async def finish(self) -> None:
        """Wait for what is being read."""
        await asyncio.gather(*self._tasks)
        self._tasks.clear()

    async def cancel(self) -> None:
        """Leave what is being read."""
        tasks = list(self._tasks)
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def existence(self, key: Key) -> Existence:
        """Whether an object exists now, as far as that was read. *Missing* means that nothing is shown under its
        name."""
        return existences([key], self._inventory)[key]
