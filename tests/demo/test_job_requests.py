"""Creating background jobs, finding them again, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import DRY_RUN, RESTORE, create_job, get_job, job_of, post

ORDERS = ("table", "sales.orders")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**RESTORE, "backup_name": "no_such"}, "'no_such'"),
        ({**RESTORE, "options": {"dryrun": "true"}}, "'dryrun'"),
        ({}, "'datasource_name'"),
        ("{", "JSON object"),
        ("", "JSON object"),
    ],
)
def test_a_bad_request_ends_its_job(server: DemoServer, body: Any, named: str) -> None:
    job = get_job(server, create_job(server, body))
    assert (job["job_status"], job["running"], job["successful"]) == ("ERROR", False, False)
    assert named in job["status_map"]["error_message"]
    assert job["job_response_str"] == ""


def test_other_endpoints_run_as_jobs_as_well(server: DemoServer) -> None:
    body = job_of({"name": "*", "options": {}}, endpoint="/show/datasource")
    job = get_job(server, post(server, "/create/job", body).data["job_id"])
    assert job["endpoint"] == "/show/datasource"
    assert json.loads(job["job_response_str"])["datasource_names"]


@pytest.mark.parametrize("endpoint", ["/create/job", "/get/job", "/no/such", ""])
def test_some_endpoints_do_not(server: DemoServer, endpoint: str) -> None:
    answer = post(server, "/create/job", job_of({}, endpoint=endpoint))
    assert answer.http_status == 400
    assert f"'{endpoint}' cannot be run as a job" in answer.message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"request_encoding": "binary"}, "'binary'"),
        ({"options": {"job_tag": "a b"}}, "'a b'"),
        ({"options": {"job_tag": "é"}}, "'é'"),
    ],
)
def test_a_job_that_cannot_be_created(server: DemoServer, change: dict[str, Any], named: str) -> None:
    answer = post(server, "/create/job", {**job_of(RESTORE), **change})
    assert answer.http_status == 400
    assert named in answer.message
    assert ORDERS not in server.world.live


def test_a_job_is_found_by_its_tag_and_of_two_the_newest(server: DemoServer) -> None:
    answer = post(server, "/create/job", job_of(DRY_RUN, job_tag="night_7-a"))
    assert answer.data["info"] == {"job_tag": "night_7-a"}
    second = create_job(server, {}, job_tag="night_7-a")
    assert second > answer.data["job_id"]
    for job_id in (0, -1):
        job = get_job(server, job_id, job_tag="night_7-a")
        assert (job["job_status"], job["info"]) == ("ERROR", {"job_tag": "night_7-a"})
    without_id = post(server, "/get/job", {"options": {"job_tag": "night_7-a"}})
    assert without_id.data["job_status"] == "ERROR"
    assert get_job(server, answer.data["job_id"], job_tag="night_7-a")["job_status"] == "DONE"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"job_id": 5, "options": {}}, "'5'"),
        ({"job_id": 0, "options": {"job_tag": "nope"}}, "'nope'"),
        ({"options": {}}, "'0'"),
    ],
)
def test_an_unknown_job_is_not_found(server: DemoServer, body: dict[str, Any], named: str) -> None:
    create_job(server, DRY_RUN)
    answer = post(server, "/get/job", body)
    assert answer.http_status == 400
    assert answer.message.startswith("Job ")
    assert f"{named} not found" in answer.message
