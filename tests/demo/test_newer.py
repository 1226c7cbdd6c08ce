"""What came after the reference: two types and three options, each with its difference in the world."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restore_tui.demo.model import BackedUpObject, World
from restore_tui.kinetica.reference import OBJECT_TYPES, OPTIONS
from tests.harness.servers.demo_requests import NEWEST, Answer, ask, restore, shop, state

ACCOUNTS = ("table", "crm.accounts")
REMINDERS = ("table", "billing.reminders")
REPLACE = {"restore_policy": "replace"}


def newest(
    world: World, objects: dict[str, str], options: dict[str, str] | None = None, **more: str
) -> Answer:
    return restore(world, objects, options, version=NEWEST, **more)


def test_what_is_beyond_the_reference() -> None:
    assert {kind.name for kind in OBJECT_TYPES if kind.undocumented} == {"catalog", "directory"}
    assert {option.name for option in OPTIONS if option.undocumented} == {
        "restore_all_permissions",
        "target_schema_map",
        "cascade_foreign_keys",
    }


# Directories and catalogs


def test_a_directory_lives_in_no_schema(world: World) -> None:
    both = {"directory": "ci_artifacts,~dba_oncall"}
    kept = newest(world, both, {"restore_policy": "rename"}, backup="platform_config")
    assert kept.http_status == 400
    assert "'~dba_oncall'" in kept.message
    assert "ci_artifacts" not in kept.message
    answer = newest(world, both, REPLACE, backup="platform_config")
    assert answer.data["restored_objects"] == {"ci_artifacts": "directory", "~dba_oncall": "directory"}
    assert world.live["directory", "~dba_oncall"].origin.startswith("platform_config@")


def test_whole_schemas_hold_what_the_version_knows(world: World) -> None:
    """all of ki_home: the graph from 7.2.3.13 on; a catalog and a directory, which live in no schema, never."""
    for version, more in (
        ("7.2.3.9", set()),
        ("7.2.3.13", {"graph"}),
        (NEWEST, {"graph"}),
    ):
        options = {**REPLACE, "dry_run": "true"}
        answer = restore(world, {"all": "ki_home"}, options, backup="platform_config", version=version)
        assert set(answer.data["restored_objects"].values()) & {"graph", "catalog", "directory"} == more


@pytest.mark.parametrize(
    ("version", "shown"), [("7.2.3.9", set()), ("7.2.3.14", {"catalog"}), (NEWEST, None)]
)
def test_a_snapshot_shows_what_the_version_knows(world: World, version: str, shown: set[str] | None) -> None:
    body = {
        "backup_name": "platform_config",
        "datasource_name": "hq_cluster_hdfs",
        "options": {"show_contents": "object_names"},
    }
    data = ask(world, "/show/backup", body, version).data
    types = {row["object_type"] for row in data["backup_contents"]}
    assert types & {"catalog", "directory"} == ({"catalog", "directory"} if shown is None else shown)
    assert data["backup_ids"][-1]["objects"] == str(len(data["backup_contents"]))


# restore_all_permissions


@pytest.mark.parametrize(
    ("options", "version", "granted"),
    [
        ({"restore_all_permissions": "true"}, NEWEST, {"sales.orders", "sales.customers", "web.sessions"}),
        ({"restore_all_permissions": "false"}, NEWEST, {"sales.orders"}),
        ({}, NEWEST, {"sales.orders"}),
        ({}, "7.2.3.14", {"sales.orders", "sales.customers", "web.sessions"}),
    ],
)
def test_permissions_are_all_or_those_on_restored_objects(
    world: World, options: dict[str, str], version: str, granted: set[str]
) -> None:
    answer = restore(world, {"user": "chen", "table": "sales.orders"}, options, version=version)
    assert {on for _, on in world.live["user", "chen"].permissions} == granted
    assert answer.data["info"]["permissions"] == f"{len(granted)} of 3 restored"


def test_a_role_alone_comes_back_and_may_do_nothing(world: World) -> None:
    newest(world, {"role": "seasonal_staff"})
    assert world.live["role", "seasonal_staff"].permissions == ()


# target_schema_map


def test_a_schema_is_restored_beside_the_live_one(world: World) -> None:
    live = {key: thing for key, thing in world.live.items() if key[1].startswith("inventory.")}
    answer = newest(world, {"all": "inventory"}, {"target_schema_map": "inventory: inventory_old"})
    assert answer.ok, answer.message
    assert {key: world.live[key] for key in live} == live
    snapshot = world.backup("nightly_shop").newest
    assert snapshot is not None
    was = {thing.name for thing in snapshot.by_schema["inventory"]}
    assert set(answer.data["restored_objects"]) == {
        name.replace("inventory.", "inventory_old.") for name in was
    }
    assert answer.data["info"]["created_schemas"] == "inventory_old"
    assert (
        world.live["table", "inventory_old.suppliers"].records
        == snapshot.by_key["table", "inventory.suppliers"].records
    )


def test_conflicts_are_those_in_the_target(world: World) -> None:
    options = {"target_schema_map": "sales: inventory"}
    world.schemas.add("sales")
    assert newest(world, {"credential": "sales.erp_login"}, options).ok
    again = newest(world, {"credential": "sales.erp_login"}, options)
    assert again.http_status == 400
    assert "'inventory.erp_login'" in again.message
    moved = newest(world, {"credential": "sales.erp_login"}, {**options, "restore_policy": "rename"})
    (old, new), *_ = moved.data["renamed_objects"].items()
    assert (old, new.partition(".")[2]) == ("inventory.erp_login", "erp_login")


def test_what_lives_in_no_schema_stays_where_it_is(world: World) -> None:
    answer = newest(world, {"user": "chen", "table": "sales.orders"}, {"target_schema_map": "sales: attic"})
    assert answer.data["restored_objects"] == {"chen": "user", "attic.orders": "table"}
    assert world.live["user", "chen"].permissions == (("table_read", "attic.orders"),)


def test_two_objects_cannot_become_one(world: World) -> None:
    world.add_snapshot(
        "nightly_shop", objects=[BackedUpObject("table", "a.t"), BackedUpObject("table", "b.t")]
    )
    before = state(world)
    answer = newest(world, {"all": "a,b"}, {"target_schema_map": "a: b"})
    assert answer.http_status == 400
    assert all(name in answer.message for name in ("'a.t'", "'b.t'"))
    assert state(world) == before
    assert newest(world, {"all": "a", "table": "a.t"}, {"target_schema_map": "a: b"}).ok, (
        "covered twice is one"
    )


@pytest.mark.parametrize(
    "text",
    [
        "sales",
        "sales:",
        ": attic",
        "sales: attic, sales: other",
        "sales: a.b",
        "sales: attic,",
        "Sales: attic",
    ],
)
def test_a_map_that_is_none_is_refused(world: World, text: str) -> None:
    before = state(world)
    answer = newest(world, {"table": "sales.orders"}, {"target_schema_map": text})
    assert answer.http_status == 400
    assert "target_schema_map" in answer.message
    assert state(world) == before


# cascade_foreign_keys


def test_a_referenced_table_fails_and_nothing_is_dropped(world: World) -> None:
    kept, pointing = world.live[ACCOUNTS], world.live[REMINDERS]
    for options in ({**REPLACE, "dry_run": "true"}, REPLACE):
        answer = newest(world, {"table": "crm.accounts,crm.notes"}, options, backup="nightly_crm")
        assert answer.data["failed_objects"] == {"crm.accounts": "table"}
        assert answer.data["restored_objects"] == {"crm.notes": "table"}
        assert "'billing.reminders'" in answer.data["info"]["error.crm.accounts"]
    assert (world.live[ACCOUNTS], world.live[REMINDERS]) == (kept, pointing)


def test_cascade_drops_what_points_at_a_replaced_table(world: World) -> None:
    options = {**REPLACE, "cascade_foreign_keys": "true"}
    before = state(world)
    rehearsed = newest(world, {"table": "crm.accounts"}, {**options, "dry_run": "true"}, backup="nightly_crm")
    assert state(world) == before
    answer = newest(world, {"table": "crm.accounts"}, options, backup="nightly_crm")
    assert answer.data == rehearsed.data
    assert answer.data["info"]["dropped_tables"] == "billing.reminders"
    assert REMINDERS not in world.live
    assert world.live[ACCOUNTS].origin.startswith("nightly_crm@")


def test_a_table_that_the_backup_holds_may_point(world: World) -> None:
    """crm.tickets points at crm.accounts too, and can be brought back: it is neither dropped nor in the way."""
    snapshot = world.backup("nightly_crm").snapshots[-2]
    options = {"backup_id": str(snapshot.id)}
    assert newest(world, {"table": "crm.tickets"}, options, backup="nightly_crm").ok
    options |= {**REPLACE, "cascade_foreign_keys": "true"}
    answer = newest(world, {"table": "crm.accounts"}, options, backup="nightly_crm")
    assert answer.data["info"]["dropped_tables"] == "billing.reminders"
    assert ("table", "crm.tickets") in world.live


@pytest.mark.parametrize("policy", ["none", "rename"])
def test_cascade_is_read_under_replace_only(policy: str) -> None:
    world = shop()
    answer = newest(
        world,
        {"table": "crm.accounts"},
        {"restore_policy": policy, "cascade_foreign_keys": "true"},
        backup="nightly_crm",
    )
    assert answer.ok is (policy == "rename")
    assert REMINDERS in world.live


# Versions


@given(version=st.sampled_from(["7.2.3", "7.2.3.9", "7.2.3.13", "7.2.3.14", "7.2.3.18", "7.2.3.19"]))
@settings(max_examples=12)
def test_an_older_server_refuses_each_newer_option_by_name(version: str) -> None:
    for option in (option for option in OPTIONS if option.undocumented):
        value = option.values[0].name if option.values else "sales: attic"
        answer = restore(shop(), {"table": "sales.orders"}, {option.name: value}, version=version)
        old = [int(part) for part in version.split(".")] < [int(part) for part in option.since.split(".")]
        assert answer.ok is not old
        assert not old or f"'{option.name}'" in answer.message


def test_a_version_that_nobody_can_read_has_everything(world: World) -> None:
    shown = ask(world, "/show/system/properties", {"options": {}}, "nightly build").data
    assert shown["property_map"]["version.gpudb_core_version"] == "nightly build"
    answer = restore(world, {"directory": "ci_artifacts"}, backup="platform_config", version="nightly build")
    assert answer.ok
