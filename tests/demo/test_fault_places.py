"""Which requests a fault hits, how faults are written, and how they are set and cleared."""

from __future__ import annotations

import http.client
import re
from typing import Any

import pytest

from restore_tui.demo.faults import HTTP_STATUSES, PLAIN, Fault, Faults, parse
from restore_tui.demo.protocol import ENDPOINTS
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import (
    DRY_RUN,
    LOGIN,
    RESTORE,
    Answer,
    connect,
    create_job,
    get_job,
    is_done,
    job_of,
    post,
    raw,
    restores,
    statuses,
)

DIRECT, JOB = "/restore/backup", "/create/job"
SOURCES = {"name": "*", "options": {}}
LOST = (http.client.RemoteDisconnected, ConnectionResetError)


def ask(server: DemoServer, endpoint: str, body: Any) -> Answer:
    return post(server, endpoint, body if endpoint == DIRECT else job_of(body))


@pytest.mark.parametrize("endpoint", [DIRECT, JOB])
def test_a_dry_run_is_spared(server: DemoServer, endpoint: str) -> None:
    for kind in ("drop", "drop-before", "500", "502", "hang", "garbage", "truncate", "slow:100"):
        server.faults.set(f"{endpoint}={kind}")
        assert ask(server, endpoint, DRY_RUN).ok
    assert statuses(server) == ["validated"] * 8


def test_a_dry_run_is_spared_by_a_job_that_dies(server: DemoServer) -> None:
    server.faults.set(f"{JOB}=job-dies:5")
    assert get_job(server, create_job(server, DRY_RUN))["job_status"] == "DONE"
    server.faults.set(f"{JOB}:dry-run=job-dies:5")
    job = get_job(server, create_job(server, DRY_RUN))
    assert (job["job_status"], job["progress"]) == ("ERROR", 5)


@pytest.mark.parametrize("endpoint", [DIRECT, JOB])
@pytest.mark.parametrize("status", ["401", "404"])
def test_what_a_server_lacks_a_dry_run_lacks_too(server: DemoServer, endpoint: str, status: str) -> None:
    server.faults.set(f"{endpoint}={status}")
    for body in (DRY_RUN, RESTORE):
        assert ask(server, endpoint, body).http_status == int(status)
    assert restores(server) == []


@pytest.mark.parametrize("endpoint", [DIRECT, JOB])
def test_the_dry_run_alone(server: DemoServer, endpoint: str) -> None:
    server.faults.set(f"{endpoint}:dry-run=500")
    assert ask(server, endpoint, DRY_RUN).http_status == 500
    assert ask(server, endpoint, RESTORE).ok
    assert is_done(server.world)


def test_a_fault_of_restores_as_jobs_hits_other_jobs_and_other_endpoints_not(server: DemoServer) -> None:
    server.faults.set(f"{JOB}:dry-run=500")
    assert post(server, JOB, job_of(SOURCES, endpoint="/show/datasource")).ok
    server.faults.set(f"{JOB}=500")
    assert post(server, JOB, job_of(SOURCES, endpoint="/show/datasource")).http_status == 500
    assert post(server, DIRECT, RESTORE).ok


@pytest.mark.parametrize("body", [b"", b"[]", b'{"options": 5}', b'{"endpoint": "/restore/backup"}'])
def test_a_request_that_cannot_be_read_is_no_dry_run(server: DemoServer, body: bytes) -> None:
    for endpoint in (DIRECT, JOB):
        server.faults.set(f"{endpoint}=503")
        connection = connect(server)
        connection.request("POST", endpoint, body, {"Authorization": LOGIN})
        assert connection.getresponse().status == 503
        connection.close()
    server.faults.set(f"{JOB}=no-jobs")
    assert post(server, JOB, body).http_status == 400


@pytest.mark.parametrize("kind", sorted(set(PLAIN) - {"no-jobs"} - {"hang", "trickle"}))
def test_every_fault_hits_every_endpoint(server: DemoServer, kind: str) -> None:
    for endpoint in ENDPOINTS:
        server.faults.set(f"{endpoint}={kind}")
        if kind in ("drop", "drop-before", "truncate"):
            with pytest.raises((*LOST, http.client.IncompleteRead)):
                raw(server, endpoint, {})
        else:
            assert raw(server, endpoint, {})[0] == (int(kind) if kind in HTTP_STATUSES else 200)


def test_faults_are_set_and_cleared_while_the_server_runs(server: DemoServer) -> None:
    server.faults.set("/show/datasource=404")
    server.faults.set("/show/datasource=503")
    server.faults.set("/create/job:dry-run=slow:2.5")
    assert list(server.faults) == ["/show/datasource=503", "/create/job:dry-run=slow:2.5"]
    server.faults.clear("/show/datasource")
    server.faults.clear("/show/backup")
    assert post(server, "/show/datasource", SOURCES).ok
    server.faults.clear()
    assert list(server.faults) == []


def test_a_fault_is_read() -> None:
    assert parse("/create/job:dry-run=job-dies:40") == Fault(JOB, True, "job-dies", 40)
    assert parse("/show/backup=slow:0.5") == Fault("/show/backup", False, "slow", 0.5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "ENDPOINT=FAULT"),
        ("drop", "ENDPOINT=FAULT"),
        ("/restore=drop", "/restore/backup"),
        ("=drop", "/show/datasource"),
        ("/restore/backup=dropp", "drop-before"),
        ("/restore/backup=", "job-dies:PERCENT"),
        ("/restore/backup=drop:3", "'drop:3'"),
        ("/restore/backup=slow", "slow:SECONDS"),
        ("/restore/backup=slow:-1", "'-1'"),
        ("/restore/backup=slow:nan", "'nan'"),
        ("/restore/backup=slow:1e9", "'1e9'"),
        ("/restore/backup=slow:86401", "86400"),
        ("/restore/backup=slow:٣", "'٣'"),
        ("/create/job=job-dies:101", "100"),
        ("/create/job=job-dies:1.5", "job-dies:PERCENT"),
        ("/restore/backup=job-dies:5", "/create/job only"),
        ("/restore/backup=no-jobs", "/create/job only"),
        ("/show/backup:dry-run=drop", "no dry run of /show/backup"),
    ],
)
def test_a_wrong_fault_is_one_sentence_that_names_the_known_ones(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)) as caught:
        DemoServer(faults=[text])
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=re.escape(named)):
        Faults().set(text)
