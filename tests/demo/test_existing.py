"""What the server shows of what is live: it is what a restore meets as a conflict, and what a restore has brought."""

from __future__ import annotations

from typing import Any

import pytest

from restore_tui.demo.model import LiveObject, World
from tests.harness.servers.demo_requests import S3, ask, restore

BODIES: dict[str, dict[str, Any]] = {
    "/show/schema": {"schema_name": "", "options": {}},
    "/show/datasource": {"name": "*", "options": {}},
    "/show/datasink": {"name": "*", "options": {}},
    "/show/credential": {"credential_name": "*", "options": {}},
    "/show/security": {"names": [], "options": {}},
}


def shown(world: World) -> dict[str, set[str]]:
    """Object type → the names that are shown of it, as they stand in a restore."""
    told = {endpoint: ask(world, endpoint, body).data for endpoint, body in BODIES.items()}
    schemas = told["/show/schema"]
    types = told["/show/security"]["types"]
    return {
        "table": {
            f"{schema}.{table}"
            for schema, tables in zip(schemas["schema_names"], schemas["schema_tables"], strict=True)
            for table in tables
        },
        "datasource": set(told["/show/datasource"]["datasource_names"]) - set(world.datasources),
        "datasink": set(told["/show/datasink"]["datasink_names"]),
        "credential": set(told["/show/credential"]["credential_names"]),
        "user": {name for name, kind in types.items() if kind != "role"} - {"demo"},
        "role": {name for name, kind in types.items() if kind == "role"},
    }


def live(world: World) -> dict[str, set[str]]:
    return {kind: {name for held, name in world.live if held == kind} for kind in shown(world)}


def test_what_is_live_is_shown(world: World) -> None:
    world.add_live([LiveObject("datasink", "web.sink"), LiveObject("user", "m.okafor")])
    assert shown(world) == live(world)
    assert all(live(world).values())


def test_what_was_restored_is_shown_after_it(world: World) -> None:
    """The schema sales comes back, and with it all that is listed of it; a dry run brings nothing."""
    before = shown(world)
    assert restore(world, {"all": "sales", "role": "seasonal_staff"}, {"dry_run": "true"}).ok
    assert shown(world) == before
    assert restore(world, {"all": "sales", "role": "seasonal_staff"}).ok
    assert shown(world) == live(world)
    come = {kind: shown(world)[kind] - before[kind] for kind in before}
    assert come["role"] == {"seasonal_staff"}
    assert come["credential"] == {"sales.erp_login"}
    assert come["table"] >= {"sales.orders", "sales.v_open_orders"}


def test_a_schema_may_be_empty_and_a_dropped_one_is_gone(world: World) -> None:
    world.drop_schema("web")
    data = ask(world, "/show/schema", BODIES["/show/schema"]).data
    tables = dict(zip(data["schema_names"], data["schema_tables"], strict=True))
    assert set(tables) == world.schemas
    assert tables["hr"] == []
    assert "web" not in tables


def test_a_single_schema_user_and_role_can_be_asked_for(world: World) -> None:
    one = ask(world, "/show/schema", {"schema_name": "web", "options": {}}).data
    assert (one["schema_names"], "sessions" in one["schema_tables"][0]) == (["web"], True)
    two = ask(world, "/show/security", {"names": ["dba", "ana"], "options": {}}).data
    assert two["types"] == {"ana": "internal_user", "dba": "role"}
    own = ask(world, "/show/security", {"names": [], "options": {"show_current_user": "true"}}).data
    assert own["permissions"] == {"demo": [{"permission": "system_admin"}]}


def test_a_secret_is_not_told(world: World) -> None:
    data = ask(world, "/show/credential", BODIES["/show/credential"]).data
    assert all('"secret": "********"' in told for told in data["credentials"])


# Verifying


def verify(world: World, name: str, source: str = S3, version: str = "7.2.3.14", **options: str) -> Any:
    body = {"backup_name": name, "datasource_name": source, "options": options}
    return ask(world, "/verify/backup", body, version)


def test_the_damaged_file_is_found(world: World) -> None:
    """In the newest snapshot of nightly_crm, and in no other."""
    held = world.backup("nightly_crm").snapshots
    for snapshot in held:
        data = verify(world, "nightly_crm", backup_id=str(snapshot.id)).data
        assert data["backup_names"] == ["nightly_crm"]
        assert data["backup_ids"] == [[snapshot.id]]
        found = data["errors"][0]
        assert len(found) == (snapshot is held[-1])
        assert all("crm.tickets/0000.kdat" in error and str(snapshot.id) in error for error in found)


@pytest.mark.parametrize(
    ("options", "count"),
    [({}, 6), ({"backup_id": "-1"}, 6), ({"backup_id": ""}, 1)],
    ids=["none", "-1", "empty"],
)
def test_without_an_id_it_is_all_of_them_or_the_newest(
    world: World, options: dict[str, str], count: int
) -> None:
    data = verify(world, "nightly_crm", **options).data
    assert len(data["backup_ids"][0]) == count
    assert len(data["errors"][0]) == 1


def test_many_backups_at_once(world: World) -> None:
    data = verify(world, "night*").data
    assert data["backup_names"] == ["nightly_crm", "nightly_shop"]
    assert [len(errors) for errors in data["errors"]] == [1, 0]
    snapshot = world.backup("nightly_shop").snapshots[0]
    data = verify(world, "night*", backup_id=str(snapshot.id)).data
    assert (data["backup_names"], data["backup_ids"]) == (["nightly_shop"], [[snapshot.id]])


def test_a_deleted_an_unknown_and_a_wrong_id_are_refused(world: World) -> None:
    deleted = str(world.backup("nightly_shop").deleted[0].id)
    for number, word in (
        (deleted, "was deleted from"),
        ("123", "does not exist in"),
        ("newest", "snapshot ID"),
    ):
        answer = verify(world, "nightly_shop", backup_id=number)
        assert answer.http_status == 400
        assert f"'{number}'" in answer.message
        assert word in answer.message


@pytest.mark.parametrize(
    ("version", "has"), [("7.2.3", False), ("7.2.3.13", False), ("7.2.3.14", True), ("x", True)]
)
def test_it_came_with_7_2_3_14(world: World, version: str, has: bool) -> None:
    answer = verify(world, "nightly_shop", version=version)
    assert answer.http_status == (200 if has else 404)
    assert ("/verify/backup" in answer.message) is not has
