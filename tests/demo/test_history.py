"""The history of backups and restores: which rows there are, and the SQL that reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restore_tui.demo.model import LiveObject, World
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from restore_tui.demo.sql import COLUMNS
from tests.harness.servers.demo_requests import (
    DRY_RUN,
    RESTORE,
    Meanwhile,
    ask,
    create_job,
    get_job,
    post,
    restores,
    select,
    shop,
)

TABLE = "ki_catalog.ki_backup_history"


def query(world: World, statement: str, **fields: Any) -> Any:
    return ask(world, "/execute/sql", {"statement": statement, "encoding": "json", **fields})


def column(world: World, statement: str, **fields: Any) -> list[Any]:
    """The first column of the answer."""
    values: list[Any] = json.loads(query(world, statement, **fields).data["json_encoded_response"])[
        "column_1"
    ]
    return values


def test_there_is_a_row_for_each_run_of_a_backup(server: DemoServer) -> None:
    world = server.world
    rows = select(server, f"SELECT * FROM {TABLE}")
    assert {row["backup_id"] for row in rows} == {s.id for b in world.backups.values() for s in b.snapshots}
    assert len({row["query_id"] for row in rows}) == len(rows)
    assert {(row["operation"], row["status"], row["job_id"]) for row in rows} == {
        ("backup", "backup_complete", 0)
    }
    newest = world.backup("nightly_shop").newest
    assert newest is not None
    row = next(row for row in rows if row["backup_id"] == newest.id)
    assert row["objects"].startswith("ALL = inventory, sales, web, USER = ana, ")
    assert (row["backup_name"], row["backup_kind"]) == ("nightly_shop", "incremental")
    assert (row["start_time"], row["num_bytes"]) == ("2026-11-23 14:00:07.056", newest.stored_bytes)
    assert list(row) == list(COLUMNS)


def test_a_dry_run_is_validated(server: DemoServer) -> None:
    body = {**DRY_RUN, "restore_objects_map": {"all": "sales", "stored_procedure": "sales.close_day"}}
    data = post(server, "/restore/backup", body).data
    (row,) = restores(server)
    assert (row["status"], row["job_id"], row["user_name"]) == ("validated", 0, "demo")
    assert row["objects"] == "ALL = sales, PROCEDURE = sales.close_day"
    assert (row["backup_id"], row["num_bytes"]) == (data["backup_id"], data["restored_bytes"])
    assert json.loads(row["additional_info"])["dry_run"] == "true"


def test_a_restore_is_in_progress_and_then_complete(slow: DemoServer, watch: ManualScheduler) -> None:
    job_id = create_job(slow, RESTORE)
    (row,) = restores(slow)
    assert (row["status"], row["end_time"], row["job_id"]) == ("restore_in_progress", None, job_id)
    assert row["start_time"] == "2026-11-23 21:00:00.000"
    watch.let_pass(60)
    data = json.loads(get_job(slow, job_id)["job_response_str"])
    (row,) = restores(slow)
    assert (row["status"], row["backup_id"]) == ("restore_complete", data["backup_id"])
    counts = [row["num_files"], row["num_bytes"], row["num_records"]]
    assert counts == [data["restored_files"], data["restored_bytes"], data["restored_records"]]
    assert row["end_time"] == "2026-11-23 21:00:06.861"
    assert row["event_message"] == ""


def test_a_cancelled_job_a_stop_and_a_conflict_are_failures(slow: DemoServer, watch: ManualScheduler) -> None:
    job_id = create_job(slow, RESTORE)
    post(slow, "/admin/alter/jobs", {"job_ids": [job_id], "action": "cancel", "options": {}})
    create_job(slow, RESTORE)
    slow.stop()
    slow.start()
    create_job(slow, RESTORE)
    slow.world.add_live([LiveObject("table", "sales.orders")])
    watch.let_pass(60)
    rows = restores(slow)
    assert {row["status"] for row in rows} == {"restore_failed"}
    messages = [row["event_message"] for row in rows]
    assert messages[:2] == ["Job was cancelled", "Kinetica is exiting"]
    assert "'sales.orders' already exists" in messages[2]


def test_a_refusal_by_the_engine_is_a_failure_and_one_in_reading_is_nothing(server: DemoServer) -> None:
    post(server, "/restore/backup", {**RESTORE, "restore_objects_map": {}})
    post(server, "/restore/backup", {**RESTORE, "options": {"dryrun": "true"}})
    assert restores(server) == []
    answer = post(server, "/restore/backup", {**RESTORE, "restore_objects_map": {"all": "web"}})
    post(server, "/restore/backup", {**RESTORE, "backup_name": "no_such"})
    conflict, unknown = restores(server)
    assert (conflict["status"], conflict["event_message"]) == ("restore_failed", answer.message)
    assert conflict["end_time"] is not None
    assert (unknown["backup_name"], unknown["backup_id"]) == ("no_such", None)


def test_objects_that_failed_are_in_the_message(server: DemoServer) -> None:
    body = {**RESTORE, "backup_name": "nightly_crm", "restore_objects_map": {"table": "crm.tickets"}}
    assert post(server, "/restore/backup", {**body, "options": {"restore_policy": "replace"}}).ok
    (row,) = restores(server)
    assert row["status"] == "restore_complete"
    assert "crm.tickets" in row["event_message"]


def test_every_row_has_a_query_id_of_its_own(server: DemoServer, meanwhile: Meanwhile) -> None:
    answers = [meanwhile(post, server, "/restore/backup", DRY_RUN) for _ in range(6)]
    assert all(answer.result(10).ok for answer in answers)
    rows = restores(server)
    assert len({row["query_id"] for row in rows}) == len(rows) == 6


def test_history_does_not_change_what_the_world_generates(world: World) -> None:
    query(world, f"SELECT * FROM {TABLE}")
    ask(world, "/restore/backup", DRY_RUN)
    assert world.new_schema_name() == shop().new_schema_name()


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT backup_id FROM {TABLE} WHERE backup_name = 'nightly_crm' ORDER BY backup_id DESC LIMIT 2",
        "select BACKUP_ID\nfrom Ki_Catalog.KI_backup_history where Backup_Name='nightly_crm' "
        "and operation = 'backup' order by start_time desc limit 2;",
        'SELECT "backup_id" FROM "ki_catalog"."ki_backup_history" WHERE "backup_name" = \'nightly_crm\''
        " ORDER BY num_records DESC LIMIT 2",
    ],
)
def test_conditions_order_and_limit(world: World, statement: str) -> None:
    ids = [snapshot.id for snapshot in world.backup("nightly_crm").snapshots]
    if "num_records" in statement:
        assert set(column(world, statement)) <= set(ids)
    else:
        assert column(world, statement) == ids[:-3:-1]


def test_ascending_is_the_default(world: World) -> None:
    ids = sorted(snapshot.id for snapshot in world.backup("nightly_shop").snapshots)
    where = f"SELECT backup_id FROM {TABLE} WHERE backup_name = 'nightly_shop' ORDER BY backup_id"
    assert column(world, where) == column(world, f"{where} ASC") == ids
    assert column(world, f"{where} LIMIT 0") == []
    assert column(world, f"SELECT backup_name FROM {TABLE} WHERE backup_id = {ids[3]}") == ["nightly_shop"]


def test_rows_that_have_not_ended_come_first(slow: DemoServer) -> None:
    create_job(slow, RESTORE)
    rows = select(slow, f"SELECT status, end_time FROM {TABLE} ORDER BY end_time LIMIT 1")
    assert rows == [{"status": "restore_in_progress", "end_time": None}]
    (last,) = select(slow, f"SELECT status, end_time FROM {TABLE} ORDER BY end_time DESC LIMIT 1")
    assert last["end_time"]
    assert select(slow, f"SELECT status FROM {TABLE} WHERE end_time = 'None'") == []


def test_a_quote_inside_a_literal_is_doubled(world: World) -> None:
    ask(world, "/restore/backup", {**DRY_RUN, "backup_name": "it's '' mine"})
    found = column(world, f"SELECT event_message FROM {TABLE} WHERE backup_name = 'it''s '''' mine'")
    assert len(found) == 1
    assert column(world, f"SELECT backup_id FROM {TABLE} WHERE backup_name = 'x'' OR ''1'' = ''1'") == []


def test_the_answer_tells_columns_and_types(world: World) -> None:
    answer = query(world, f"SELECT backup_id, end_time, backup_id FROM {TABLE}")
    table = json.loads(answer.data["json_encoded_response"])
    assert table["column_headers"] == ["backup_id", "end_time", "backup_id"]
    assert table["column_datatypes"] == ["long", "datetime", "long"]
    schema = json.loads(answer.data["response_schema_str"])
    assert [field["name"] for field in schema["fields"]] == list(table)


def test_offset_and_limit_of_the_request(world: World) -> None:
    statement = f"SELECT backup_id FROM {TABLE} ORDER BY backup_id"
    everything = column(world, statement)
    assert column(world, statement, offset=2, limit=3) == everything[2:5]
    data = query(world, statement, offset=2, limit=3).data
    assert (data["total_number_of_records"], data["has_more_records"]) == (len(everything), True)
    data = query(world, statement).data
    assert (data["has_more_records"], data["paging_table"]) == (False, "")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("", "the end"),
        ("DELETE FROM ki_catalog.ki_backup_history", "'DELETE'"),
        ("SELECT * FROM sales.orders", "'sales.orders'"),
        ("SELECT * FROM ki_backup_history", "'ki_backup_history'"),
        (f"SELECT nothing FROM {TABLE}", "'nothing'"),
        (f"SELECT count(*) FROM {TABLE}", "'count'"),
        (f"SELECT * FROM {TABLE} WHERE status <> 'x'", "'<'"),
        (f"SELECT * FROM {TABLE} WHERE status = 'x' OR status = 'y'", "'OR'"),
        (f"SELECT * FROM {TABLE} WHERE status = x", "'x'"),
        (f"SELECT * FROM {TABLE} WHERE status = 'x", "quote"),
        (f"SELECT * FROM {TABLE} LIMIT 'x'", "''x''"),
        (f"SELECT * FROM {TABLE} LIMIT -1", "'-'"),
        (f"SELECT * FROM {TABLE} LIMIT {'9' * 40}", "the end of the statement"),
        (f"SELECT * FROM {TABLE}; DROP TABLE x", "'DROP'"),
        (f"SELECT * FROM {TABLE} ORDER BY status, job_id", "','"),
        (f"SELECT status, FROM {TABLE}", "'from'"),
    ],
)
def test_anything_else_is_refused_in_words(world: World, statement: str, named: str) -> None:
    answer = query(world, statement)
    assert answer.http_status == 400
    assert named in answer.message


@pytest.mark.parametrize("fields", [{"encoding": "binary"}, {"offset": -1}, {"limit": -2}])
def test_other_ways_to_ask_are_refused(world: World, fields: dict[str, Any]) -> None:
    assert query(world, f"SELECT * FROM {TABLE}", **fields).http_status == 400


def test_the_server_tells_the_time_by_which_it_dates_its_rows(
    slow: DemoServer, watch: ManualScheduler
) -> None:
    """SELECT NOW(): one column with one time, in the form of start_time, by the server's own clock."""
    for statement in ("SELECT NOW()", "select now();", " SELECT  NOW() "):
        (row,) = select(slow, statement)
        assert row == {"EXPR_0": "2026-11-23 21:00:00.000"}
    watch.let_pass(2.5)
    assert select(slow, "SELECT NOW()") == [{"EXPR_0": "2026-11-23 21:00:02.500"}]
