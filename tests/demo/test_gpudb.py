"""The official client, in JSON encoding, takes the demo for a Kinetica."""

from __future__ import annotations

import json
import logging
from typing import Any

import gpudb
import pytest

from restore_tui.demo.model import World
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import RESTORE, S3, state


def client(server: DemoServer, **login: str) -> Any:
    return gpudb.GPUdb(
        host=server.url, encoding="JSON", **(login or {"username": "demo", "password": "demo"})
    )


def test_the_constructor_is_content(server: DemoServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        kinetica = client(server)
    assert str(kinetica.server_version) == "7.2.3.14"
    assert not caplog.records
    assert {request.endpoint for request in server.requests} == {
        "/show/system/status",
        "/show/system/properties",
    }


def test_behind_a_base_path(world: World) -> None:
    with DemoServer(world, base_path="/gpudb-0") as server:
        assert client(server).show_datasource("*", {})["datasource_names"][0] == S3
        assert server.received("/show/datasource")[0].path == "/gpudb-0/show/datasource"


def test_with_a_token(server: DemoServer) -> None:
    assert client(server, oauth_token="demo-token").show_datasource("*", {})["datasource_names"]


def test_a_wrong_password_is_told(server: DemoServer) -> None:
    with pytest.raises(gpudb.GPUdbException):
        client(server, username="demo", password="wrong")
    assert server.requests


def test_the_whole_road(server: DemoServer) -> None:
    kinetica = client(server)
    assert kinetica.show_datasource("*", {})["datasource_names"][0] == S3
    shown = kinetica.show_backup("nightly_shop", S3, {"show_contents": "object_names"})
    assert shown["status_info"]["status"] == "OK"
    newest = shown["backup_ids"][-1]["backup_id"]
    assert {"object_name", "object_type", "size", "records"} <= set(shown["backup_contents"][0])

    before = state(server.world)
    options = {"backup_id": newest, "dry_run": "true"}
    rehearsed = kinetica.restore_backup("nightly_shop", {"all": "sales"}, S3, options)
    assert rehearsed["status_info"]["status"] == "OK"
    assert state(server.world) == before
    done = kinetica.restore_backup("nightly_shop", {"all": "sales"}, S3, {**options, "dry_run": "false"})
    assert done["backup_id"] == int(newest)
    assert done["restored_objects"] == rehearsed["restored_objects"]
    assert ("table", "sales.orders") in server.world.live

    first, second = (request.json() for request in server.received("/restore/backup"))
    assert first["restore_objects_map"] == {"all": "sales"}
    assert first["options"] == options
    assert second["options"]["dry_run"] == "false"


def test_a_refusal_is_a_status_with_a_message(server: DemoServer) -> None:
    kinetica = client(server)
    again = kinetica.restore_backup("nightly_shop", {"all": "inventory"}, S3, {})
    assert again["status_info"]["status"] == "ERROR"
    assert "'inventory.stock_levels'" in again["status_info"]["message"]
    forbidden = kinetica.show_backup("*", "finance_vault_gcs", {})
    assert forbidden["status_info"]["status"] == "ERROR"
    assert "privileges" in forbidden["status_info"]["message"]


def test_a_restore_as_a_job(slow: DemoServer, watch: ManualScheduler) -> None:
    kinetica = client(slow)
    created = kinetica.create_job("/restore/backup", "json", "", json.dumps(RESTORE), {"job_tag": "night-7"})
    assert created["status_info"]["status"] == "OK"
    assert created["info"]["job_tag"] == "night-7"
    watch.let_pass(1)
    job = kinetica.get_job(created["job_id"], {})
    assert (job["job_status"], job["running"], job["progress"]) == ("RUNNING", True, 14)
    shown = kinetica.admin_show_jobs({"show_async_jobs": "true"})
    assert (shown["job_id"], shown["endpoint_name"]) == ([created["job_id"]], ["/restore/backup"])
    watch.let_pass(60)
    job = kinetica.get_job(0, {"job_tag": "night-7"})
    assert (job["job_status"], job["successful"]) == ("DONE", True)
    assert json.loads(job["job_response_str"])["restored_objects"]["sales.orders"] == "table"
    assert kinetica.admin_alter_jobs([created["job_id"]], "cancel", {})["status"] == [
        "not cancelled: job is not running"
    ]
    unknown = kinetica.get_job(1, {})
    assert unknown["status_info"]["status"] == "ERROR"
    assert "not found" in unknown["status_info"]["message"]


def test_a_job_is_cancelled(slow: DemoServer) -> None:
    kinetica = client(slow)
    created = kinetica.create_job("/restore/backup", "json", "", json.dumps(RESTORE), {})
    cancelled = kinetica.admin_alter_jobs([created["job_id"]], "cancel", {})
    assert (cancelled["job_ids"], cancelled["status"]) == ([created["job_id"]], ["cancelled"])
    assert kinetica.get_job(created["job_id"], {})["job_status"] == "CANCELLED"


def test_the_history_is_decoded(slow: DemoServer) -> None:
    kinetica = client(slow)
    created = kinetica.create_job("/restore/backup", "json", "", json.dumps(RESTORE), {})
    statement = "SELECT * FROM ki_catalog.ki_backup_history ORDER BY start_time DESC LIMIT 2"
    plain = kinetica.execute_sql(statement)
    assert plain["status_info"]["status"] == "OK"
    assert json.loads(plain["json_encoded_response"])["column_headers"][0] == "query_id"
    restored, backed_up = kinetica.execute_sql_and_decode(statement, get_column_major=False)["records"]
    assert (restored["job_id"], restored["status"]) == (created["job_id"], "restore_in_progress")
    assert (restored["end_time"], backed_up["operation"]) == (None, "backup")
    columns = kinetica.execute_sql_and_decode(statement, get_column_major=True)["records"]
    assert columns["status"] == ["restore_in_progress", "backup_complete"]
    refused = kinetica.execute_sql("DROP TABLE ki_catalog.ki_backup_history")
    assert refused["status_info"]["status"] == "ERROR"
