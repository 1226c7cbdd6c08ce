"""Each object type brings back what it names, and nothing that another type names."""

from __future__ import annotations

import json

import pytest

from restore_tui.demo.model import World, schema_of
from restore_tui.kinetica.reference import OBJECT_TYPES, TYPE_NAMES, object_type
from tests.harness.servers.demo_requests import NEWEST, Answer, restore, shop, state

ONE_OF_EACH = {
    "all": "sales",
    "context": "sales.ctx_orders",
    "credential": "sales.erp_login",
    "datasink": "sales.invoice_bucket",
    "datasource": "sales.order_feed",
    "function_environment": "sales.py_forecast",
    "graph": "sales.delivery_routes",
    "monitor": "sales.new_orders_stream",
    "resource_group": "rg_campaign",
    "role": "seasonal_staff",
    "stored_procedure": "sales.close_day",
    "table": "sales.orders",
    "user": "chen",
    "user_defined_function": "sales.forecast_demand",
    "catalog": "lakehouse",
    "directory": "ci_artifacts",
}
ELSEWHERE = {"catalog": "platform_config", "directory": "platform_config"}
"""The backups of what the nightly one does not hold."""
OF_EXAMPLES = {
    **ELSEWHERE,
    "user_defined_function": "platform_config",
    "function_environment": "platform_config",
}
"""The backups of what the examples of the explanations restore, likewise."""
CONCRETE = sorted(TYPE_NAMES - {"all"})


def restore_one(world: World, kind: str, *, under: str = "", version: str = NEWEST) -> Answer:
    """Its example, from the backup that holds it; ``under`` names it under another type."""
    backup = ELSEWHERE.get(kind, "nightly_shop")
    return restore(world, {under or kind: ONE_OF_EACH[kind]}, backup=backup, version=version)


def test_every_type_of_the_catalogue_has_a_case() -> None:
    assert set(ONE_OF_EACH) == TYPE_NAMES


@pytest.mark.parametrize("kind", CONCRETE)
def test_a_type_restores_exactly_the_object_it_names(world: World, kind: str) -> None:
    name = ONE_OF_EACH[kind]
    before, _ = state(world)
    answer = restore_one(world, kind)
    assert answer.ok, answer.message
    assert answer.data["restored_objects"] == {name: kind}
    assert set(world.live) - set(before) == {(kind, name)}


@pytest.mark.parametrize("kind", sorted(TYPE_NAMES))
def test_the_example_of_the_explanation_can_be_practised(world: World, kind: str) -> None:
    send = json.loads("{" + object_type(kind).explanation.example.send + "}")
    backup = OF_EXAMPLES.get(kind, "nightly_shop")
    answer = restore(world, send["restore_objects_map"], backup=backup, version=NEWEST)
    assert answer.ok, answer.message
    assert kind == "all" or kind in answer.data["restored_objects"].values()


@pytest.mark.parametrize("kind", CONCRETE)
def test_a_name_under_another_type_is_refused_by_name(world: World, kind: str) -> None:
    other = "table" if kind != "table" else "graph"
    before = state(world)
    answer = restore_one(world, kind, under=other)
    assert answer.http_status == 400
    assert f"'{ONE_OF_EACH[kind]}'" in answer.message
    assert state(world) == before


def test_all_brings_back_every_type_of_a_schema_and_none_without_a_schema(world: World) -> None:
    answer = restore(world, {"all": "sales"})
    newest = world.backup("nightly_shop").newest
    assert newest is not None
    expected = {thing.name: thing.type for thing in newest.objects if schema_of(thing.name) == "sales"}
    assert answer.data["restored_objects"] == expected
    assert set(expected.values()) == set(ONE_OF_EACH) - {"all", "user", "role", "resource_group", *ELSEWHERE}


def test_all_and_table_together_count_an_object_once(world: World) -> None:
    both = restore(world, {"all": "sales", "table": "sales.orders,sales.orders"})
    alone = restore(shop(), {"all": "sales"})
    assert both.data == alone.data


def test_all_of_a_schema_that_the_snapshot_lacks_is_refused(world: World) -> None:
    answer = restore(world, {"all": "sales,nowhere"})
    assert answer.http_status == 400
    assert "Schema 'nowhere'" in answer.message


@pytest.mark.parametrize("kind", sorted(t.name for t in OBJECT_TYPES if t.since != "7.2.3"))
def test_a_type_is_unknown_to_a_server_older_than_it(kind: str) -> None:
    old = restore_one(shop(), kind, version="7.2.3")
    assert old.http_status == 400
    assert f"'{kind}'" in old.message
    since = next(t.since for t in OBJECT_TYPES if t.name == kind)
    assert restore_one(shop(), kind, version=since).ok


@pytest.mark.parametrize("kind", ["configuration", "Table", "tables", ""])
def test_other_types_are_unknown(world: World, kind: str) -> None:
    answer = restore(world, {kind: "sales.orders"}, version=NEWEST)
    assert answer.http_status == 400
    assert f"object type '{kind}'" in answer.message
