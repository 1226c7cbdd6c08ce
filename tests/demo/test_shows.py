"""What the server shows, and that every answer has the fields and types that the official client declares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from restore_tui.demo.model import World
from restore_tui.demo.protocol import ENDPOINTS as SERVED
from tests.harness.servers.demo_requests import ENDPOINTS, S3, ask, assert_is_declared, job_of

BACKUP = {"backup_name": "nightly_shop", "datasource_name": S3, "options": {}}
RESTORE = {**BACKUP, "restore_objects_map": {"all": "sales"}}
ANSWERED: dict[str, Any] = {
    "/show/datasource": {"name": "*", "options": {}},
    "/show/backup": {**BACKUP, "backup_name": "*", "options": {"show_contents": "object_files"}},
    "/verify/backup": BACKUP,
    "/show/schema": {"schema_name": "", "options": {}},
    "/show/table": {"table_name": "inventory", "options": {"get_sizes": "true", "get_access_data": "true"}},
    "/show/datasink": {"name": "*", "options": {}},
    "/show/credential": {"credential_name": "*", "options": {}},
    "/show/security": {"names": [], "options": {}},
    "/restore/backup": RESTORE,
    "/show/system/properties": {"options": {}},
    "/show/system/status": {"options": {}},
    "/create/job": job_of(RESTORE),
    "/admin/show/jobs": {"options": {}},
    "/execute/sql": {
        "statement": "SELECT * FROM ki_catalog.ki_backup_history",
        "offset": 0,
        "limit": -9999,
        "encoding": "json",
        "request_schema_str": "",
        "data": [],
        "options": {},
    },
}
NEEDS_A_JOB = {"/get/job", "/admin/alter/jobs"}

DESCRIBE_BACKUP = {
    "backup_name",
    "backup_id",
    "backup_type",
    "time",
    "duration",
    "cluster_id",
    "host_name",
    "host_id",
    "objects",
    "size",
    "files",
    "records",
    "comment",
}


def show(world: World, name: str = "nightly_shop", source: str = S3, **options: str) -> Any:
    return ask(world, "/show/backup", {"backup_name": name, "datasource_name": source, "options": options})


def test_every_endpoint_is_covered() -> None:
    assert set(ANSWERED) | NEEDS_A_JOB == set(SERVED)


@pytest.mark.parametrize("endpoint", ANSWERED)
def test_an_answer_has_exactly_the_declared_fields_and_types(world: World, endpoint: str) -> None:
    answer = ask(world, endpoint, ANSWERED[endpoint])
    assert set(answer.envelope) == {"status", "message", "data_type", "data", "data_str"}
    assert all(isinstance(value, str) for value in answer.envelope.values())
    assert_is_declared(endpoint, answer)


@pytest.mark.parametrize("endpoint", ANSWERED)
def test_exactly_the_declared_request_fields_are_taken(world: World, endpoint: str) -> None:
    declared = ENDPOINTS[endpoint]["request"]
    assert set(ANSWERED[endpoint]) == set(declared)
    refused = ask(world, endpoint, {**ANSWERED[endpoint], "authorization": ""})
    assert refused.http_status == 400
    assert "'authorization'" in refused.message
    for name, kind in declared.items():
        wrong = ask(world, endpoint, {**ANSWERED[endpoint], name: "5" if kind == "long" else 5})
        assert wrong.http_status == 400
        assert f"'{name}'" in wrong.message


@pytest.mark.parametrize("endpoint", ANSWERED)
def test_every_endpoint_takes_a_job_tag_and_no_unknown_option(world: World, endpoint: str) -> None:
    options = ANSWERED[endpoint]["options"]
    assert ask(world, endpoint, {**ANSWERED[endpoint], "options": {**options, "job_user_data": "x"}}).ok
    refused = ask(world, endpoint, {**ANSWERED[endpoint], "options": {**options, "dryrun": "true"}})
    assert refused.http_status == 400
    assert "'dryrun'" in refused.message


def test_an_error_is_an_envelope_without_data(world: World) -> None:
    answer = show(world, "no_such")
    assert answer.http_status == 400
    assert answer.envelope == {
        "status": "ERROR",
        "message": answer.message,
        "data_type": "none",
        "data": "",
        "data_str": "",
    }
    assert "'no_such'" in answer.message
    assert f"'{S3}'" in answer.message


def test_data_sources_are_parallel_lists_in_order(world: World) -> None:
    data = ask(world, "/show/datasource", {"name": "*", "options": {}}).data
    live = ["crm.mailbox_feed", "inventory.supplier_files", "ki_home.landing_zone", "web.click_feed"]
    assert data["datasource_names"] == sorted(world.datasources) + live
    providers = [world.datasources[name].provider for name in sorted(world.datasources)]
    assert data["storage_provider_types"] == [*providers, "kafka", "jdbc", "jdbc", "kafka"]
    assert data["additional_info"][0]["s3_bucket_name"]
    one = ask(world, "/show/datasource", {"name": "hq_cluster_hdfs", "options": {}}).data
    assert one["datasource_names"] == ["hq_cluster_hdfs"]
    assert ask(world, "/show/datasource", {"name": "nowhere", "options": {}}).http_status == 400


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("finance_vault_gcs", "privileges"),
        ("orders_topic_kafka", "kafka"),
        ("web.click_feed", "kafka"),
        ("nowhere", "does not exist"),
    ],
)
def test_a_source_without_backups_for_the_user_is_refused_by_name(
    world: World, source: str, word: str
) -> None:
    for answer in (
        show(world, "*", source),
        ask(world, "/restore/backup", {**RESTORE, "datasource_name": source}),
        ask(world, "/verify/backup", {**BACKUP, "datasource_name": source}),
    ):
        assert answer.http_status == 400
        assert f"'{source}'" in answer.message
        assert word in answer.message


def test_backups_are_found_by_star_by_prefix_and_by_name(world: World) -> None:
    def names(wanted: str) -> list[str]:
        return [row["backup_name"] for row in show(world, wanted).data["backup_description"]]

    everything = sorted(name for source, name in world.backups if source == S3)
    assert names("*") == names("") == everything
    assert names("night*") == ["nightly_crm", "nightly_shop"]
    assert names("empty_backup") == ["empty_backup"]
    assert names("x*") == []


def test_no_error_if_not_exists(world: World) -> None:
    data = show(world, "no_such", no_error_if_not_exists="true").data
    assert data["backup_description"] == data["backup_ids"] == []


def test_a_snapshot_row_says_what_describe_backup_says(world: World) -> None:
    row = show(world).data["backup_ids"][-1]
    newest = world.backup("nightly_shop").newest
    assert newest is not None
    assert set(row) == DESCRIBE_BACKUP
    assert row["backup_id"] == str(newest.id)
    assert row["time"] == "2026-11-23T14:00:07+00:00"
    assert row["objects"] == str(len(newest.objects))


def test_one_backup_tells_times_without_a_zone(world: World) -> None:
    rows = show(world, "emea_orders", "emea_archive_azure").data["backup_ids"]
    assert {datetime.fromisoformat(row["time"]).tzinfo for row in rows} == {None}


@pytest.mark.parametrize("kind", ["full", "incremental", "differential", "all"])
def test_backup_type_filters_snapshots(world: World, kind: str) -> None:
    rows = show(world, "*", backup_type=kind).data["backup_ids"]
    kinds = {row["backup_type"] for row in rows}
    assert kinds == ({kind} if kind != "all" else {"full", "incremental", "differential"})


def test_contents_are_those_of_the_newest_snapshot_or_of_the_one_named(world: World) -> None:
    snapshots = world.backup("nightly_shop").snapshots
    assert show(world).data["backup_contents"] == []
    newest = show(world, show_contents="object_names").data
    oldest = show(world, show_contents="object_names", backup_id=str(snapshots[0].id)).data
    assert {row["object_name"] for row in newest["backup_contents"]} == {
        t.name for t in snapshots[-1].objects
    }
    assert {row["object_name"] for row in oldest["backup_contents"]} == {t.name for t in snapshots[0].objects}
    assert [row["backup_id"] for row in oldest["backup_ids"]] == [str(snapshots[0].id)]
    orders = next(row for row in newest["backup_contents"] if row["object_name"] == "sales.orders")
    assert orders["object_type"] == "table"
    assert int(orders["records"]) == snapshots[-1].by_key["table", "sales.orders"].records
    assert "file_names" not in orders


def test_object_files_names_the_files(world: World) -> None:
    rows = show(world, show_contents="object_files").data["backup_contents"]
    orders = next(row for row in rows if row["object_name"] == "sales.orders")
    assert len(orders["file_names"].split(",")) == int(orders["files"]) > 1
    crm = show(world, "nightly_crm", show_contents="object_files").data["backup_contents"]
    tickets = next(row for row in crm if row["object_name"] == "crm.tickets")
    newest = world.backup("nightly_crm").newest
    assert newest is not None
    assert newest.by_key["table", "crm.tickets"].damaged_file in tickets["file_names"].split(",")


def test_contents_of_several_backups_say_whose_they_are(world: World) -> None:
    rows = show(world, "*", show_contents="object_names").data["backup_contents"]
    assert {row["backup_name"] for row in rows} == {
        name for source, name in world.backups if source == S3 and name != "empty_backup"
    }


def test_an_unknown_snapshot_is_refused_by_its_id(world: World) -> None:
    for name in ("nightly_shop", "*"):
        answer = show(world, name, backup_id="123")
        assert answer.http_status == 400
        assert "'123'" in answer.message


def test_deleted_snapshots_are_remembered(world: World) -> None:
    rows = show(world).data["deleted_backup_ids"]
    assert [row["backup_id"] for row in rows] == [
        str(gone.id) for gone in world.backup("nightly_shop").deleted
    ]
    assert all(datetime.fromisoformat(row["delete_time"]).tzinfo for row in rows)


def test_properties_tell_the_version_and_can_be_chosen(world: World) -> None:
    def properties(version: str, **options: str) -> dict[str, str]:
        body = {"options": options}
        answer: dict[str, str] = ask(world, "/show/system/properties", body, version).data["property_map"]
        return answer

    everything = properties("7.2.3.18.20270101")
    assert everything["version.gpudb_core_version"] == "7.2.3.18.20270101"
    assert everything["conf.enable_ha"] == "false"
    assert set(properties("7.2.3.14", properties="conf.enable_ha")) == {"conf.enable_ha"}


def test_a_server_before_backups_lacks_the_endpoints(world: World) -> None:
    for endpoint in ("/show/backup", "/restore/backup", "/verify/backup"):
        answer = ask(world, endpoint, ANSWERED[endpoint], "7.2.2.9")
        assert answer.http_status == 404
        assert f"'{endpoint}'" in answer.message
    assert ask(world, "/show/datasource", ANSWERED["/show/datasource"], "7.2.2.9").ok
