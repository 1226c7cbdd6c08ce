"""Requests for a restore that the server refuses: each names what is wrong, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from restore_tui.demo.model import BackedUpObject, LiveObject, World
from restore_tui.demo.seed.shop import build_world
from tests.harness.servers.demo_requests import NOW, S3, ask, restore, state

GOOD: dict[str, Any] = {
    "backup_name": "nightly_shop",
    "datasource_name": S3,
    "restore_objects_map": {"all": "sales"},
    "options": {},
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"datasource_name": "nowhere"}, "'nowhere'"),
    ({"backup_name": "no_such"}, "'no_such'"),
    ({"backup_name": ""}, "''"),
    ({"backup_name": "emea_orders"}, "'emea_orders'"),
    ({"backup_name": "empty_backup"}, "no snapshots"),
    ({"restore_objects_map": {}}, "restore_objects_map"),
    ({"restore_objects_map": {"table": ""}}, "Empty object name for type 'table'"),
    ({"restore_objects_map": {"table": "sales.orders,,sales.refunds"}}, "Empty object name"),
    ({"restore_objects_map": {"table": "sales.order"}}, "'sales.order'"),
    ({"restore_objects_map": {"table": "SALES.ORDERS"}}, "'SALES.ORDERS'"),
    ({"restore_objects_map": {"table": "sales.*"}}, "'sales.*'"),
    ({"restore_objects_map": {"table": ["sales.orders"]}}, "restore_objects_map"),
    ({"restore_objects_map": "sales"}, "restore_objects_map"),
    ({"options": {"dry_run": True}}, "options"),
    ({"options": {"restore_all_permissions": "true"}}, "'restore_all_permissions'"),
    ({"options": None}, "options"),
]


@pytest.mark.parametrize(("change", "named"), REFUSED)
def test_a_refusal_names_what_is_wrong_and_changes_nothing(
    world: World, change: dict[str, Any], named: str
) -> None:
    before = state(world)
    answer = ask(world, "/restore/backup", {**GOOD, **change})
    assert answer.http_status == 400
    assert answer.envelope["status"] == "ERROR"
    assert named in answer.message
    assert state(world) == before


@pytest.mark.parametrize("field", ["datasource_name", "restore_objects_map"])
def test_a_missing_field_is_named(world: World, field: str) -> None:
    answer = ask(world, "/restore/backup", {key: value for key, value in GOOD.items() if key != field})
    assert answer.http_status == 400
    assert f"'{field}'" in answer.message


def test_options_may_be_left_out(world: World) -> None:
    assert ask(world, "/restore/backup", {key: GOOD[key] for key in GOOD if key != "options"}).ok


def test_spaces_around_names_do_not_matter(world: World) -> None:
    answer = restore(world, {"table": " sales.orders , sales.refunds "})
    assert set(answer.data["restored_objects"]) == {"sales.orders", "sales.refunds"}


def test_an_object_cannot_move_to_where_it_is(world: World) -> None:
    restore(world, {"all": "sales"})
    before = state(world)
    options = {"restore_policy": "rename", "renamed_objects_schema": "sales"}
    answer = restore(world, {"table": "sales.orders"}, options)
    assert answer.http_status == 400
    assert "'sales.orders'" in answer.message
    assert state(world) == before


def test_two_objects_cannot_move_to_one_name(world: World) -> None:
    world.add_live([LiveObject("table", "web.notes", 5), LiveObject("table", "inventory.notes", 6)])
    twins = [BackedUpObject("table", "web.notes", 1), BackedUpObject("table", "inventory.notes", 2)]
    world.add_snapshot("nightly_shop", objects=twins)
    before = state(world)
    answer = restore(world, {"all": "web,inventory"}, {"restore_policy": "rename"})
    assert answer.http_status == 400
    assert "'inventory.notes'" in answer.message
    assert state(world) == before


def test_a_message_about_many_conflicts_stays_readable() -> None:
    world = build_world(now=NOW, big_tables=300)
    schemas = {"all": "dw_core,dw_mart"}
    restore(world, schemas, {"restore_policy": "replace"}, backup="warehouse_big")
    answer = restore(world, schemas, backup="warehouse_big")
    assert answer.http_status == 400
    assert answer.message.count("'dw_") == 50
    assert "and 50 more" in answer.message
