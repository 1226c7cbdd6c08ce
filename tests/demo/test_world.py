"""The world to practise on: reproducible, believable, and with the stories that it is there for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.demo.model import LiveObject, World, schema_of
from restore_tui.demo.seed.shop import build_world
from restore_tui.kinetica.reference import TYPE_NAMES
from tests.harness.servers.demo_requests import NOW, S3, restore, shop


def test_the_same_seed_and_moment_give_the_same_world() -> None:
    one, other = shop(), shop()
    assert one == other
    assert one.new_schema_name() == other.new_schema_name()
    assert one.new_schema_name() != build_world(now=NOW, seed=8, big_tables=60).new_schema_name()
    assert build_world(now=NOW + timedelta(days=1), big_tables=60) != one


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build_world(now=datetime(2026, 11, 23))
    with pytest.raises(ValueError, match="negative"):
        build_world(now=NOW, big_tables=-1)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1)))
def test_snapshots_are_in_order_and_recent_whatever_the_moment(moment: datetime) -> None:
    now = moment.replace(tzinfo=timezone.utc)
    world = build_world(now=now, big_tables=1)
    for backup in world.backups.values():
        ids = [snapshot.id for snapshot in backup.snapshots]
        assert ids == sorted(set(ids))
        assert not backup.snapshots or backup.snapshots[0].kind == "full"
        assert not {gone.id for gone in backup.deleted} & set(ids)
        assert backup.created <= now
    shop_backup = world.backup("nightly_shop")
    assert len(shop_backup.snapshots) == 20
    assert len(shop_backup.deleted) == 2
    assert shop_backup.newest is not None
    others = [b.newest.taken for b in world.backups.values() if b.newest and b is not shop_backup]
    assert max(others) < shop_backup.newest.taken < now


def test_the_main_source_comes_first_and_holds_most() -> None:
    world = build_world(now=NOW)
    names = sorted(world.datasources)
    held = {name: sum(source == name for source, _ in world.backups) for name in names}
    assert names[0] == S3
    assert held[S3] >= 6
    assert held[S3] == max(held.values())
    assert {"s3", "azure", "gcs", "hdfs"} <= {source.provider for source in world.datasources.values()}
    big = world.backup("warehouse_big").newest
    assert big is not None
    assert len(big.by_key) == 6000
    assert len(big.by_schema) > 3


def test_no_name_stands_for_two_objects_of_a_snapshot(world: World) -> None:
    # The answer's maps are keyed by name alone.
    for backup in world.backups.values():
        for snapshot in backup.snapshots:
            names = [thing.name for thing in snapshot.objects]
            assert len(names) == len(set(names))


def test_the_nightly_backup_is_a_classroom(world: World) -> None:
    newest = world.backup("nightly_shop").newest
    assert newest is not None
    assert {thing.type for thing in newest.objects} == TYPE_NAMES - {"all", "catalog", "directory"}
    assert len([thing for thing in newest.by_schema["sales"] if thing.type == "table"]) >= 12
    assert "sales" not in world.schemas
    conflicts = {thing.name for thing in newest.objects if thing.key in world.live}
    assert {schema_of(name) for name in conflicts} == {"inventory", "web", ""}
    assert restore(world, {"all": "sales"}).ok


def test_an_older_snapshot_holds_less(world: World) -> None:
    snapshots = world.backup("nightly_shop").snapshots
    orders = [snapshot.by_key["table", "sales.orders"].records for snapshot in snapshots]
    assert orders == sorted(set(orders))
    assert ("table", "sales.gift_cards") not in snapshots[0].by_key
    assert ("table", "sales.legacy_coupons") not in snapshots[-1].by_key


def test_an_added_snapshot_is_the_newest_and_holds_what_it_is_given(world: World) -> None:
    before = world.backup("nightly_shop").newest
    added = world.add_snapshot("nightly_shop", comment="just now")
    assert before is not None
    assert added.id > before.id
    assert world.backup("nightly_shop").newest == added
    assert added.objects == before.objects
    first = world.add_snapshot("empty_backup", objects=added.objects[:1])
    assert [thing.name for thing in first.objects] == [added.objects[0].name]
    assert restore(world, {"table": first.objects[0].name}, backup="empty_backup").ok
    with pytest.raises(ValueError, match="already"):
        world.add_snapshot("empty_backup", taken=first.taken)
    with pytest.raises(KeyError):
        world.add_snapshot("no_such_backup")


def test_a_dropped_schema_takes_its_objects_along(world: World) -> None:
    world.add_live([LiveObject("table", "fresh.one", 5), LiveObject("table", "fresher.two", 5)])
    assert {"fresh", "fresher"} <= world.schemas
    world.drop_schema("fresh")
    assert "fresh" not in world.schemas
    assert {schema_of(name) for _, name in world.live} & {"fresh", "fresher"} == {"fresher"}
