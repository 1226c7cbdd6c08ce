"""What a whole walk asks the server, from Connect to the result of a real restore: each request as it arrived."""

from __future__ import annotations

import asyncio
from collections import Counter

from benchmarks.table import Row, print_table
from benchmarks.wizard import Wizard
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.tui.screens.result import ResultScreen

_WALK = (*("enter",) * 4, "right", "down", "space", *("ctrl+n",) * 3, *"nightly_shop", "enter")


async def _walk(wizard: Wizard) -> None:
    await wizard.press(*_WALK)
    await wizard.until(lambda: isinstance(wizard.app.screen, ResultScreen) and wizard.app.screen.loaded)


def measure() -> list[Row]:
    """One row for all of them, and one an endpoint."""
    with DemoServer(build_world()) as server:
        asyncio.run(Wizard(server.url).run(_walk))
        counts = Counter(request.endpoint for request in server.requests)
    wanted = "each once per step and plan"
    rows = [Row("requests of a whole walk", sum(counts.values()), "", "", None, wanted)]
    return rows + [
        Row(f"  {endpoint}", count, "", _WHY.get(endpoint, ""), None, "")
        for endpoint, count in counts.items()
    ]


_WHY = {
    "/show/backup": "the backups, one's snapshots, one snapshot's contents",
    "/create/job": "the dry run and the restore",
    "/get/job": "how the two stand, until they have ended",
    "/admin/show/jobs": "who else restores; what runs before this one",
    "/execute/sql": "the history before",
}

if __name__ == "__main__":
    print_table(measure())
