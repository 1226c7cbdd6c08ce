"""Each of the nine options of the reference makes a difference, and the one that it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from restore_tui.demo.model import World
from restore_tui.kinetica.reference import OPTIONS
from tests.harness.servers.demo_requests import NEWEST, NOW, restore, shop, state

ORDERS = ("table", "sales.orders")
STOCK = ("table", "inventory.stock_levels")

covered: set[str] = set()
Test = TypeVar("Test", bound=Callable[..., None])


def shows(option: str) -> Callable[[Test], Test]:
    """Notes that a test shows the difference an option makes."""

    def note(test: Test) -> Test:
        covered.add(option)
        return test

    return note


def test_every_option_of_the_reference_is_covered() -> None:
    assert covered == {option.name for option in OPTIONS if not option.undocumented}


@shows("backup_id")
def test_backup_id_chooses_the_snapshot(world: World) -> None:
    oldest = world.backup("nightly_shop").snapshots[0]
    coupons = {"table": "sales.legacy_coupons"}
    assert restore(world, coupons).http_status == 400
    answer = restore(world, coupons, {"backup_id": str(oldest.id)})
    assert answer.data["backup_id"] == oldest.id
    assert answer.data["restored_objects"] == {"sales.legacy_coupons": "table"}


@shows("backup_id")
def test_an_empty_backup_id_is_the_most_recent_snapshot_at_that_moment(world: World) -> None:
    seen = restore(world, {"all": "sales"}, {"dry_run": "true", "backup_id": ""}).data["backup_id"]
    newer = world.add_snapshot("nightly_shop", taken=NOW + timedelta(minutes=5))
    assert newer.id > seen
    assert restore(world, {"all": "sales"}, {"backup_id": ""}).data["backup_id"] == newer.id
    assert restore(shop(), {"all": "sales"}, {"backup_id": str(seen)}).data["backup_id"] == seen


@pytest.mark.parametrize("backup_id", ["1", "latest", "-1", "17e3", "9" * 30, "１"])
def test_an_unknown_backup_id_is_refused(world: World, backup_id: str) -> None:
    answer = restore(world, {"all": "sales"}, {"backup_id": backup_id})
    assert answer.http_status == 400
    assert f"'{backup_id}'" in answer.message


def test_a_deleted_snapshot_is_refused_as_deleted(world: World) -> None:
    gone = world.backup("nightly_shop").deleted[0]
    answer = restore(world, {"all": "sales"}, {"backup_id": str(gone.id)})
    assert answer.http_status == 400
    assert "deleted" in answer.message


@shows("restore_policy")
def test_policy_none_aborts_and_names_every_conflict(world: World) -> None:
    before = state(world)
    answer = restore(world, {"table": "sales.orders,inventory.stock_levels,web.sessions"})
    assert answer.http_status == 400
    assert "'inventory.stock_levels'" in answer.message
    assert "'web.sessions'" in answer.message
    assert "'sales.orders'" not in answer.message
    assert state(world) == before


@shows("restore_policy")
def test_policy_replace_overwrites(world: World) -> None:
    newest = world.backup("nightly_shop").newest
    assert newest is not None
    answer = restore(world, {"table": STOCK[1], "user": "ana"}, {"restore_policy": "replace"})
    assert answer.data["restored_objects"] == {STOCK[1]: "table", "ana": "user"}
    assert answer.data["renamed_objects"] == {}
    assert world.live[STOCK].records == newest.by_key[STOCK].records
    assert world.live[STOCK].origin == f"nightly_shop@{newest.id}"
    assert world.live["user", "ana"].origin == f"nightly_shop@{newest.id}"


@shows("restore_policy")
def test_policy_rename_moves_the_existing_object_to_a_generated_schema(world: World) -> None:
    old = world.live[STOCK]
    answer = restore(world, {"table": f"{STOCK[1]},sales.orders"}, {"restore_policy": "rename"})
    schema = answer.data["info"]["renamed_objects_schema"]
    assert schema.startswith("backup_")
    assert answer.data["renamed_objects"] == {STOCK[1]: f"{schema}.stock_levels"}
    assert set(answer.data["restored_objects"]) == {STOCK[1], "sales.orders"}
    moved = world.live["table", f"{schema}.stock_levels"]
    assert (moved.records, moved.bytes, moved.origin) == (old.records, old.bytes, "live")
    assert world.live[STOCK].origin != "live"
    assert schema in world.schemas


@pytest.mark.parametrize(
    ("kind", "name"), [("user", "ana"), ("role", "analysts"), ("resource_group", "rg_batch")]
)
def test_policy_rename_cannot_move_what_has_no_schema(world: World, kind: str, name: str) -> None:
    before = state(world)
    answer = restore(world, {kind: name, "table": STOCK[1]}, {"restore_policy": "rename"})
    assert answer.http_status == 400
    assert f"'{name}'" in answer.message
    assert STOCK[1] not in answer.message
    assert state(world) == before


@shows("renamed_objects_schema")
def test_renamed_objects_schema_names_the_place(world: World) -> None:
    options = {"restore_policy": "rename", "renamed_objects_schema": "before_restore"}
    answer = restore(world, {"table": STOCK[1]}, options)
    assert answer.data["renamed_objects"] == {STOCK[1]: "before_restore.stock_levels"}
    assert ("table", "before_restore.stock_levels") in world.live
    again = restore(world, {"table": STOCK[1]}, options)
    assert again.http_status == 400
    assert "'before_restore.stock_levels'" in again.message


def test_renamed_objects_schema_is_not_read_under_another_policy(world: World) -> None:
    answer = restore(world, {"all": "sales"}, {"renamed_objects_schema": "before_restore"})
    assert answer.ok
    assert "before_restore" not in world.schemas


@pytest.mark.parametrize("name", ["a.b", "a,b", " a", "x" * 201, "é"])
def test_renamed_objects_schema_has_to_be_a_schema_name(world: World, name: str) -> None:
    answer = restore(world, {"all": "sales"}, {"restore_policy": "rename", "renamed_objects_schema": name})
    assert answer.http_status == 400
    assert "renamed_objects_schema" in answer.message


@shows("create_schema_if_not_exist")
def test_create_schema_if_not_exist(world: World) -> None:
    before = state(world)
    refused = restore(world, {"table": "sales.orders"}, {"create_schema_if_not_exist": "false"})
    assert refused.http_status == 400
    assert "'sales'" in refused.message
    assert state(world) == before
    assert "sales" not in world.schemas
    answer = restore(world, {"table": "sales.orders"}, {"create_schema_if_not_exist": "true"})
    assert answer.data["info"]["created_schemas"] == "sales"
    assert "sales" in world.schemas
    assert restore(world, {"table": "sales.refunds"}, {"create_schema_if_not_exist": "false"}).ok


@shows("ddl_only")
def test_ddl_only_brings_tables_back_empty(world: World) -> None:
    answer = restore(world, {"table": "sales.orders"}, {"ddl_only": "true"})
    totals = [answer.data[f"restored_{what}"] for what in ("records", "bytes", "files")]
    assert totals == [0, 0, 0]
    assert (world.live[ORDERS].records, world.live[ORDERS].bytes) == (0, 0)
    full = restore(shop(), {"table": "sales.orders"}, {"ddl_only": "false"})
    assert min(full.data[f"restored_{what}"] for what in ("records", "bytes", "files")) > 0


@shows("reingest")
def test_reingest_places_no_files_and_says_so(world: World) -> None:
    tables = {"table": "sales.orders,sales.refunds,sales.v_open_orders"}
    answer = restore(world, tables, {"reingest": "true"})
    assert answer.data["restored_files"] == 0
    assert answer.data["info"]["reingested"].startswith("2 tables")
    assert world.live[ORDERS].storage == "reingested"
    other = shop()
    direct = restore(other, tables, {"reingest": "false"})
    assert direct.data["restored_files"] > 0
    assert "reingested" not in direct.data["info"]
    assert other.live[ORDERS].storage == "direct"
    assert direct.data["restored_records"] == answer.data["restored_records"] > 0


def test_reingest_has_no_effect_with_ddl_only() -> None:
    one, other = shop(), shop()
    both = restore(one, {"all": "sales"}, {"reingest": "true", "ddl_only": "true"})
    alone = restore(other, {"all": "sales"}, {"ddl_only": "true"})
    assert both.data == alone.data
    assert state(one) == state(other)


def test_a_backup_of_another_cluster_layout_is_reingested_unasked(world: World) -> None:
    answer = restore(world, {"all": "emea"}, backup="emea_orders")
    assert "topology" in answer.data["info"]["reingested"]
    assert world.live["table", "emea.orders"].storage == "reingested"


@shows("restore_subscriptions")
@pytest.mark.parametrize(
    ("choice", "after"), [("resume", "active"), ("pause", "paused"), ("cancel", "cancelled")]
)
def test_restore_subscriptions_sets_what_was_active(world: World, choice: str, after: str) -> None:
    answer = restore(world, {"all": "sales"}, {"restore_subscriptions": choice})
    assert world.live[ORDERS].subscription == after
    assert answer.data["info"]["subscription.sales.orders"] == after
    # That one was paused when the backup was made, and the option speaks of active ones.
    assert world.live["table", "sales.shipments"].subscription == "paused"
    assert world.live["table", "sales.refunds"].subscription == ""


def test_restore_subscriptions_is_unknown_to_an_older_server(world: World) -> None:
    options = {"restore_subscriptions": "pause"}
    answer = restore(world, {"all": "sales"}, options, version="7.2.3.13")
    assert answer.http_status == 400
    assert "'restore_subscriptions'" in answer.message


@shows("checksum")
def test_checksum_finds_the_damage_before_anything_is_touched(world: World) -> None:
    before = state(world)
    lost = {"table": "crm.tickets,crm.calls"}
    refused = restore(world, lost, {"checksum": "true"}, backup="nightly_crm")
    assert refused.http_status == 400
    assert "crm.tickets/0000.kdat" in refused.message
    assert state(world) == before
    partly = restore(world, lost, {"checksum": "false"}, backup="nightly_crm")
    assert partly.data["restored_objects"] == {"crm.calls": "table"}
    assert partly.data["failed_objects"] == {"crm.tickets": "table"}
    assert "crm.tickets/0000.kdat" in partly.data["info"]["error.crm.tickets"]
    assert ("table", "crm.tickets") not in world.live


def test_checksum_passes_where_nothing_is_damaged(world: World) -> None:
    answer = restore(world, {"all": "sales"}, {"checksum": "true"})
    assert answer.data["info"]["checksum"] == f"{answer.data['restored_files']} files verified"
    earlier = world.backup("nightly_crm").snapshots[-2]
    options = {"checksum": "true", "backup_id": str(earlier.id)}
    assert restore(world, {"table": "crm.tickets"}, options, backup="nightly_crm").ok


def test_a_damaged_table_leaves_the_live_one_where_it_is(world: World) -> None:
    earlier = world.backup("nightly_crm").snapshots[-2]
    restore(world, {"table": "crm.tickets"}, {"backup_id": str(earlier.id)}, backup="nightly_crm")
    kept = world.live["table", "crm.tickets"]
    for policy in ("replace", "rename"):
        answer = restore(world, {"table": "crm.tickets"}, {"restore_policy": policy}, backup="nightly_crm")
        assert answer.data["failed_objects"] == {"crm.tickets": "table"}
        assert answer.data["renamed_objects"] == {}
        assert world.live["table", "crm.tickets"] == kept


def test_ddl_only_reads_no_data_and_so_does_not_stumble(world: World) -> None:
    answer = restore(world, {"table": "crm.tickets"}, {"ddl_only": "true"}, backup="nightly_crm")
    assert answer.data["restored_objects"] == {"crm.tickets": "table"}
    assert answer.data["failed_objects"] == {}


@shows("dry_run")
def test_dry_run_answers_and_changes_nothing(world: World) -> None:
    before = state(world)
    rehearsed = restore(world, {"all": "sales"}, {"dry_run": "true"})
    assert state(world) == before
    done = restore(world, {"all": "sales"}, {"dry_run": "false"})
    assert state(world) != before
    assert done.data == rehearsed.data


def test_dry_run_of_a_conflict_is_refused_with_the_same_words(world: World) -> None:
    rehearsed = restore(world, {"all": "inventory"}, {"dry_run": "true"})
    assert rehearsed.http_status == 400
    assert rehearsed.message == restore(world, {"all": "inventory"}).message


def test_dry_run_does_not_notice_the_damage(world: World) -> None:
    answer = restore(world, {"table": "crm.tickets"}, {"dry_run": "true"}, backup="nightly_crm")
    assert answer.data["restored_objects"] == {"crm.tickets": "table"}
    assert answer.data["failed_objects"] == {}


VALUES = [(option.name, value.name) for option in OPTIONS for value in option.values]


@pytest.mark.parametrize(("option", "value"), VALUES)
def test_every_documented_value_is_taken(world: World, option: str, value: str) -> None:
    # The schema is there and nothing conflicts, so that no value has a reason to refuse.
    world.schemas.add("sales")
    assert restore(world, {"table": "sales.orders"}, {option: value}, version=NEWEST).ok


@pytest.mark.parametrize("option", sorted({name for name, _ in VALUES}))
@pytest.mark.parametrize("value", ["", "TRUE", "yes", "0"])
def test_any_other_value_is_refused(world: World, option: str, value: str) -> None:
    answer = restore(world, {"table": "sales.orders"}, {option: value}, version=NEWEST)
    assert answer.http_status == 400
    assert f"'{option}'" in answer.message
