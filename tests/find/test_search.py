"""The search: which snapshots are read, in which order, how many at once, and what becomes of those that cannot be."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from restore_tui.demo.model import DataSource, LiveObject
from restore_tui.demo.protocol import Refusal, refusal_reply
from restore_tui.demo.server import DemoServer
from restore_tui.find.choice import plan_with
from restore_tui.find.history import PointState
from restore_tui.find.matches import BackupKey, Match, Place
from restore_tui.find.progress import SearchState
from restore_tui.find.reads import ClientReads, SessionReads
from restore_tui.find.search import Search
from restore_tui.kinetica.backups import Snapshot
from restore_tui.restore.plan.plan import PinnedSnapshot
from restore_tui.restore.preflight.presence import Presence
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.find import (
    NOW,
    S3,
    Gate,
    add_backup,
    demo_client,
    empty_world,
    found,
    hours_ago,
    id_of,
    query,
    read_ids,
    snapshot,
    table,
)
from tests.harness.kinetica_client import client
from tests.harness.servers import faulty_server as f

ORDERS = ("table", "sales.orders")


def places(search: Search) -> list[str]:
    return [match.place.snapshot_id for match in search.matches]


async def test_reads_every_snapshot_once_newest_first_across_backups() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in (1, 5)])
    add_backup(world, "weekly", [snapshot(hours_ago(h), table("sales.orders")) for h in (3, 7)])
    with DemoServer(world) as server:
        search = await found(server, query("orders"))
    ids = [id_of(hours_ago(h)) for h in (1, 3, 5, 7)]
    assert places(search) == ids
    assert sorted(read_ids(server)) == sorted(ids)
    assert search.state is SearchState.DONE
    assert search.progress.text == "4 of 4 snapshots · 4 found · 0 s"


async def test_never_reads_more_than_two_snapshots_at_a_time() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in range(20)])
    gate = Gate(holds=lambda snapshot_id: True, opens_at=2)
    with DemoServer(world, intercept=gate) as server:
        await found(server, query("orders"))
    assert gate.most == 2


async def test_stops_at_the_newest_snapshot_that_holds_each_name() -> None:
    """Two reads are under way at most, so that one more than needed may have been sent."""
    world = empty_world()
    held = [{**table("a.old", 1), **(table("a.new", 2) if h > 2 else {})} for h in range(50)]
    add_backup(world, "nightly", [snapshot(hours_ago(h), held[h]) for h in range(50)])
    with DemoServer(world) as server:
        search = await found(server, query("a.old", "a.new", exact=True), stop_at_newest=True)
    assert [(m.name, m.place.snapshot_id) for m in search.matches] == [
        ("a.old", id_of(hours_ago(0))),
        ("a.new", id_of(hours_ago(3))),
    ]
    assert len(read_ids(server)) <= 5
    assert not search.is_uncertain
    assert search.not_found == []


async def test_a_match_in_a_failed_snapshot_does_not_end_the_search() -> None:
    world = empty_world()
    add_backup(
        world,
        "nightly",
        [
            snapshot(hours_ago(1), table("sales.orders"), status="failed"),
            snapshot(hours_ago(2), table("sales.orders")),
            snapshot(hours_ago(3), table("sales.orders")),
        ],
    )
    with DemoServer(world) as server:
        search = await found(server, query("sales.orders", exact=True), stop_at_newest=True)
    assert [(m.place.snapshot_id, m.place.problem) for m in search.matches] == [
        (id_of(hours_ago(1)), "failed"),
        (id_of(hours_ago(2)), ""),
    ]


async def test_searches_the_newest_of_each_backup_first_then_the_older_ones() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in range(7)])
    add_backup(world, "weekly", [snapshot(hours_ago(100), table("sales.orders"))])
    with DemoServer(world) as server:
        async with demo_client(server) as reads:
            search = Search(ClientReads(reads), query("orders"), FakeClock(), per_backup=3)
            await search.run()
            assert places(search) == [id_of(hours_ago(h)) for h in (0, 1, 2, 100)]
            assert search.older == 4
            await search.search_older()
        assert places(search) == [id_of(hours_ago(h)) for h in (0, 1, 2, 100, 3, 4, 5, 6)]
        assert search.older == 0
        assert len(read_ids(server)) == 8


async def test_cancel_keeps_the_rows_and_another_run_goes_on() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in range(6)])
    held = id_of(hours_ago(3))
    gate = Gate(holds=lambda snapshot_id: snapshot_id == held)
    with DemoServer(world, intercept=gate) as server:
        async with demo_client(server) as reads:
            search = Search(ClientReads(reads), query("orders"), FakeClock())
            three = asyncio.Event()
            task = asyncio.ensure_future(
                search.run(lambda: three.set() if search.progress.read == 3 else None)
            )
            await three.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert search.state is SearchState.STOPPED
            assert places(search) == [id_of(hours_ago(h)) for h in (0, 1, 2)]
            assert search.progress.total == 6
            gate.open()
            await search.run()
        assert places(search) == [id_of(hours_ago(h)) for h in range(6)]
        assert search.state is SearchState.DONE
        assert set(read_ids(server)) == {id_of(hours_ago(h)) for h in range(6)}


@pytest.mark.parametrize("change", range(12))
async def test_cancel_at_any_moment_loses_nothing(change: int) -> None:
    """The rows so far are the first of all rows, and another run adds the others."""
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table(f"a.t{h}")) for h in range(4)])
    add_backup(world, "weekly", [snapshot(hours_ago(h + 0.5), table(f"a.t{h}")) for h in range(4)])
    with DemoServer(world) as server:
        expected = [(m.place.backup, m.name) for m in (await found(server, query("a.t"))).matches]
        async with demo_client(server) as reads:
            search = Search(ClientReads(reads), query("a.t"), FakeClock())
            changes = 0

            def count() -> None:
                nonlocal changes
                changes += 1
                if changes == change + 1:
                    task.cancel()

            task = asyncio.ensure_future(search.run(count))
            await asyncio.gather(task, return_exceptions=True)
            rows = [(m.place.backup, m.name) for m in search.matches]
            assert rows == expected[: len(rows)]
            await search.run()
    assert [(m.place.backup, m.name) for m in search.matches] == expected
    assert search.existence(("table", "a.t0")).presence is Presence.MISSING
    assert search.state is SearchState.DONE


async def test_cancel_while_listing_can_be_run_again() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(1), table("sales.orders"))])
    arrived = threading.Event()

    def note(received, answer):  # type: ignore[no-untyped-def]
        arrived.set()
        return answer()

    with DemoServer(world, intercept=note, faults=["/show/datasource=hang"]) as server:
        async with demo_client(server) as reads:
            search = Search(ClientReads(reads), query("orders"), FakeClock())
            task = asyncio.ensure_future(search.run())
            assert await asyncio.to_thread(arrived.wait, 60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert search.rows == []
            server.faults.clear()
            await search.run()
        assert len(search.matches) == 1


async def test_what_cannot_be_read_is_a_row_and_no_stop() -> None:
    world = empty_world()
    world.datasources["locked"] = DataSource("locked", "s3", {}, readable=False)
    world.datasources["stream"] = DataSource("stream", "kafka", {})
    bad = hours_ago(2)
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in (1, 2, 3)])

    def refuse(received, answer):  # type: ignore[no-untyped-def]
        return refusal_reply(Refusal("disk on fire")) if id_of(bad).encode() in received.body else answer()

    with DemoServer(world, intercept=refuse) as server:
        search = await found(server, query("orders"))
    assert places(search) == [id_of(hours_ago(h)) for h in (1, 3)]
    first, second = search.failures
    assert first.data_source == "locked"
    assert "Insufficient privileges" in first.server_message
    assert second.place is not None
    assert second.place.snapshot_id == id_of(bad)
    assert "disk on fire" in second.text
    assert [type(row) is Match for row in search.rows] == [False, True, False, True]
    assert search.is_uncertain
    assert any("kafka cannot hold backups" in note.text for note in search.notes)
    assert not any(r.json()["datasource_name"] == "stream" for r in server.received("/show/backup"))


async def test_a_snapshot_deleted_meanwhile_is_said_to_be() -> None:
    """The backup is listed again once, however many of its snapshots are refused."""
    world = empty_world()
    backup = add_backup(
        world, "nightly", [snapshot(hours_ago(h), table("sales.orders")) for h in (1, 2, 3, 4)]
    )

    def delete(received, answer):  # type: ignore[no-untyped-def]
        if id_of(hours_ago(1)).encode() in received.body:
            backup.snapshots[:] = [
                s for s in backup.snapshots if s.id not in (int(id_of(hours_ago(h))) for h in (3, 4))
            ]
        return answer()

    with DemoServer(world, intercept=delete) as server:
        search = await found(server, query("orders"))
        assert [failure.deleted for failure in search.failures] == [True, True]
        assert "deleted during the search" in search.failures[0].what
        assert not search.is_uncertain
        listings = [
            r for r in server.received("/show/backup") if r.json()["options"]["show_contents"] == "none"
        ]
    assert len(listings) == 3  # the backups of the data source, the snapshots, and those once more
    states = [point.state for point in search.history(ORDERS, BackupKey(S3, "nightly")).points]
    assert states == [PointState.DELETED, PointState.DELETED, PointState.PRESENT, PointState.PRESENT]


async def test_gives_up_where_no_server_is_reached_any_more(faulty: f.Server) -> None:
    ids = [{"backup_name": "nightly", "backup_id": str(1_732_000_000_000 + n)} for n in range(40)]
    faulty.on("/show/datasource", f.good({"datasource_names": ["s3"], "storage_provider_types": ["s3"]}))
    listing = {"backup_description": [{"backup_name": "nightly"}], "backup_ids": ids}
    faulty.on("/show/backup", f.good(listing), f.good(listing), f.DROP)
    async with client(faulty) as reads:
        search = Search(ClientReads(reads), query("orders"), FakeClock())
        await search.run()
    assert search.state is SearchState.STOPPED
    assert len(search.failures) == 3
    assert search.stop_reason
    assert search.is_uncertain


async def test_refused_login_ends_the_search_at_once(faulty: f.Server) -> None:
    ids = [{"backup_name": "nightly", "backup_id": str(1_732_000_000_000 + n)} for n in range(40)]
    faulty.on("/show/datasource", f.good({"datasource_names": ["s3"]}))
    listing = {"backup_description": [{"backup_name": "nightly"}], "backup_ids": ids}
    faulty.on("/show/backup", f.good(listing), f.good(listing), f.error("no", 401))
    async with client(faulty) as reads:
        search = Search(ClientReads(reads), query("orders"), FakeClock())
        await search.run()
    assert len(search.failures) == 1
    assert len(faulty.at("/show/backup")) <= 4


async def test_live_state_is_read_once_for_the_types_found_and_no_others() -> None:
    world = empty_world()
    world.add_live([LiveObject("table", "sales.orders"), LiveObject("role", "orders_reader")])
    held = {**table("sales.orders"), **table("sales.orders_old"), ("graph", "sales.orders_graph"): 0}
    add_backup(world, "nightly", [snapshot(hours_ago(h), held) for h in range(5)])
    with DemoServer(world) as server:
        search = await found(server, query("orders"))
        asked = [request.endpoint for request in server.requests]
    assert search.existence(ORDERS).presence is Presence.EXISTS
    assert search.existence(("table", "sales.orders_old")).presence is Presence.MISSING
    graph = search.existence(("graph", "sales.orders_graph"))
    assert graph.presence is Presence.UNKNOWN
    assert graph.why
    assert asked.count("/show/schema") == 1
    assert not {"/show/security", "/show/credential", "/show/datasink"} & set(asked)


async def test_nothing_found_says_what_was_searched_and_similar_names() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("sales.Orders_2024")) for h in range(3)])
    with DemoServer(world) as server:
        search = await found(server, query("orders", exact=True), stop_at_newest=True)
    assert search.matches == []
    assert search.not_found == [0]
    assert search.similar == {0: ("sales.Orders_2024",)}
    assert search.progress.read == 3
    assert not search.is_uncertain


async def test_a_server_that_lists_fewer_snapshots_than_there_are_is_noted(faulty: f.Server) -> None:
    listing = {
        "backup_description": [{"backup_name": "nightly", "num_snapshots": "12"}],
        "backup_ids": [{"backup_name": "nightly", "backup_id": "1732000000000"}],
        "backup_contents": [{"sales.items": "table"}],
    }
    faulty.on("/show/datasource", f.good({"datasource_names": ["s3"]}))
    faulty.on("/show/backup", f.good(listing))
    async with client(faulty) as reads:
        search = Search(ClientReads(reads), query("orders"), FakeClock())
        await search.run()
    assert any("lists 1 of 12 snapshots of backup nightly" in note.text for note in search.notes)
    assert search.is_uncertain


async def test_bounds_leave_out_snapshots_whose_time_has_no_zone() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table("a.t")) for h in (1, 2, 3, 4)])
    add_backup(world, "abroad", [snapshot(hours_ago(2), table("a.t"))], zoned=False)
    with DemoServer(world) as server:
        bounded = query("t", since=hours_ago(3), before=hours_ago(2))
        search = await found(server, bounded)
        assert sorted(read_ids(server)) == [id_of(hours_ago(3)), id_of(hours_ago(2))]
    assert any("1 snapshot of backup abroad" in note.text for note in search.notes)


async def test_a_named_data_source_and_backup_are_read_without_listing_others() -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(1), table("a.t"))])
    add_backup(world, "weekly", [snapshot(hours_ago(1), table("a.t"))])
    with DemoServer(world) as server:
        search = await found(server, query("t", data_source=S3, backup="weekly"))
        assert len(server.received("/show/datasource")) == 0
        assert len(server.received("/show/backup")) == 2
    assert [match.place.backup for match in search.matches] == ["weekly"]


async def test_too_many_rows_end_the_search_with_a_word() -> None:
    world = empty_world()
    held = {key: 1 for n in range(40) for key in table(f"a.t{n:02}")}
    add_backup(world, "nightly", [snapshot(hours_ago(h), held) for h in range(5)])
    with DemoServer(world) as server:
        search = await found(server, query("*"), most_rows=100)
    assert len(search.matches) == 100
    assert "100 rows" in search.stop_reason
    assert search.state is SearchState.STOPPED


async def test_changes_are_between_totals_of_one_backup() -> None:
    world = empty_world()
    snapshots = [
        snapshot(hours_ago(5), table("a.b")),
        snapshot(hours_ago(4), table("a.t", 100)),
        snapshot(hours_ago(3), table("a.t", 7), kind="incremental"),
        snapshot(hours_ago(2), table("a.t", 90)),
        snapshot(hours_ago(1), table("a.t", 90)),
    ]
    add_backup(world, "nightly", snapshots)
    add_backup(world, "other", [snapshot(hours_ago(2.5), table("a.t", 5))])
    with DemoServer(world) as server:
        search = await found(server, query("a.t", backup="nightly"))
    changes = [search.change(match) for match in search.matches]
    assert [change.text for change in changes if change] == ["same", "−10", "–", "new"]
    assert [match.records_text for match in search.matches] == ["90", "90", "Δ7", "100"]


async def test_what_a_search_kept_is_not_read_again_on_the_way_to_the_dry_run(tmp_path: Path) -> None:
    world = empty_world()
    add_backup(
        world,
        "nightly",
        [snapshot(hours_ago(h), table("sales.orders") if h > 1 else table("a.t")) for h in range(6)],
    )
    with DemoServer(world) as server:
        session = Session(FakeClock(), SessionOptions(tmp_path, mode="direct"))
        await session.connect(demo_client(server).link)
        for _ in range(2):  # the second search reads what the first has not kept
            search = Search(SessionReads(session), query("sales.orders"), FakeClock())
            await search.run()
        newest = search.matches[0]
        assert newest.place.snapshot_id == id_of(hours_ago(2))
        before = len(read_ids(server))
        assert before == 6 + 5
        listings = len(server.received("/show/backup")) - before
        session.plan = plan_with(session.plan, [newest]).plan
        assert session.plan.snapshot == PinnedSnapshot(newest.place.snapshot_id)
        assert session.plan.objects.wire == {"table": "sales.orders"}
        await session.data_sources()
        await session.backups()
        await session.snapshots()
        await session.run_dry_run()
        assert read_ids(server)[before:] == []
        assert len(server.received("/show/backup")) - before == listings
        assert session.reads.known_contents((S3, "nightly", id_of(hours_ago(3)))) is None
        await session.aclose()


async def test_an_answer_that_comes_after_a_change_of_server_is_not_kept(tmp_path: Path) -> None:
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(1), table("a.t"))])
    with DemoServer(world) as server, DemoServer(empty_world()) as other:
        session = Session(FakeClock(), SessionOptions(tmp_path))
        await session.connect(demo_client(server).link)
        reads = SessionReads(session)
        contents = await reads.contents(BackupKey(S3, "nightly"), id_of(hours_ago(1)))
        await session.connect(demo_client(other).link)
        reads.keep(BackupKey(S3, "nightly"), id_of(hours_ago(1)), contents)
        assert session.reads.known_contents((S3, "nightly", id_of(hours_ago(1)))) is None
        await session.aclose()


async def test_thousands_of_snapshots_are_listed_and_fifty_are_read() -> None:
    world = empty_world()
    many = [snapshot(hours_ago(h), table("a.t")) for h in range(3000)]
    add_backup(world, "hourly", many)
    with DemoServer(world) as server:
        search = await found(server, query("a.t"))
        assert len(read_ids(server)) == 50
    assert search.older == 2950
    assert search.matches[0].place.snapshot.time == NOW


def test_a_time_at_the_edge_of_the_calendar_can_be_shown() -> None:
    """A server can send it; in UTC it would be before the year 1."""
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    place = Place(BackupKey(S3, "nightly"), Snapshot("1", time=edge))
    assert place.time_text.startswith("1-01-01 00:00") or place.time_text.startswith("0001-01-01 00:00")
    assert sorted([place], key=lambda one: one.age_order) == [place]


def test_a_size_of_changes_is_marked_like_their_records() -> None:
    place = Place(BackupKey(S3, "nightly"), Snapshot("1", kind="incremental"))
    match = Match(place, "table", "a.t", 200, 20)
    assert (match.records_text, match.size_text) == ("Δ20", "Δ200 B")
    assert Match(place, "table", "a.t", None, None).size_text == "–"


async def test_of_each_backup_one_found_snapshot_is_kept_beside_that_of_the_plan(tmp_path: Path) -> None:
    """Also once the plan has moved on: the one that it was for goes with the next search."""
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(h), table(f"a.t{h}")) for h in range(3)])
    ids = [id_of(hours_ago(h)) for h in range(3)]
    with DemoServer(world) as server:
        session = Session(FakeClock(), SessionOptions(tmp_path, mode="direct"))
        await session.connect(demo_client(server).link)

        async def find(name: str) -> Search:
            search = Search(SessionReads(session), query(name), FakeClock())
            await search.run()
            return search

        def kept() -> list[bool]:
            return [session.reads.known_contents((S3, "nightly", one)) is not None for one in ids]

        first = await find("a.t0")
        session.plan = plan_with(session.plan, [first.matches[0]]).plan
        second = await find("a.t1")
        assert kept() == [True, True, False]
        session.plan = plan_with(session.plan, [second.matches[0]]).plan
        await find("a.t2")
        assert kept() == [False, True, True]
        await session.aclose()
