"""The story of the lost tables, as the search of the wizard sees it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.find.chart import draw_chart
from restore_tui.find.matches import BackupKey
from restore_tui.find.query import FindQuery, NamePattern
from restore_tui.find.reads import ClientReads
from restore_tui.find.search import Search
from restore_tui.restore.preflight.presence import Presence
from tests.harness.clock import FakeClock
from tests.harness.find import demo_client
from tests.harness.servers.demo_requests import NOW, S3

SALES = BackupKey(S3, "sales_full")


async def search_for(name: str, now: datetime, **more: bool) -> Search:
    world = build_world(now=now, big_tables=60, story="find")
    with DemoServer(world) as server:
        async with demo_client(server) as client:
            query = FindQuery((NamePattern(name, exact=True),), data_source=S3)
            search = Search(ClientReads(client), query, FakeClock(), **more)
            await search.run()
    return search


@pytest.mark.parametrize("hour", [0, 8, 16, 21, 23])
async def test_a_table_was_dropped_yesterday_at_16_20(hour: int) -> None:
    """Whatever the time of day, some snapshot lacks it, and the newest that has it is from before the drop."""
    now = datetime(2026, 11, 23, hour, 59, tzinfo=timezone.utc)
    search = await search_for("sales.orders", now, stop_at_newest=True)
    dropped = datetime(2026, 11, 22, 16, 20, tzinfo=timezone.utc)
    (match,) = search.matches
    assert match.place.snapshot.time is not None
    assert dropped - timedelta(hours=6) < match.place.snapshot.time < dropped
    assert search.progress.read > 1
    assert search.existence(match.key).presence is Presence.MISSING


async def test_a_table_was_emptied_two_days_ago() -> None:
    search = await search_for("sales.payments", NOW)
    history = search.history(("table", "sales.payments"), SALES)
    (event,) = history.events()
    assert event.what.startswith("emptied: 5,8")
    assert draw_chart(history, 60).bars[0] == "█" * 32 + "0" * 8
    assert search.existence(("table", "sales.payments")).presence is Presence.EXISTS


async def test_a_table_is_ten_times_as_large_since_a_bad_load() -> None:
    search = await search_for("inventory.stock_levels", NOW)
    history = search.history(("table", "inventory.stock_levels"), SALES)
    (event,) = history.events()
    assert event.what.startswith("grown from 1,2")
    assert draw_chart(history, 60).bars[0] == "▁" * 28 + "█" * 12
