"""Each fault over HTTP: what the client gets, and what the world became."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from restore_tui.demo.model import World
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import (
    DRY_RUN,
    LOGIN,
    RESTORE,
    Meanwhile,
    create_job,
    get_job,
    is_done,
    job_of,
    post,
    raw,
    restores,
    statuses,
)

LONG = 10.0
DIRECT, JOB = "/restore/backup", "/create/job"
SOURCES = {"name": "*", "options": {}}
LOST = (http.client.RemoteDisconnected, ConnectionResetError)


def wait_until(reached: Callable[[], bool]) -> None:
    """For what happens in the server's threads without an answer. Only a failing test waits for long."""
    end = time.monotonic() + LONG
    while not reached():
        assert time.monotonic() < end


@contextmanager
def hanging(server: DemoServer, body: Any) -> Iterator[socket.socket]:
    """A connection on which a restore was sent, and no answer comes."""
    where = urlsplit(server.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=LONG) as raw_socket:
        payload = json.dumps(body).encode()
        head = f"POST {DIRECT} HTTP/1.1\r\nAuthorization: {LOGIN}\r\nContent-Length: {len(payload)}\r\n\r\n"
        raw_socket.sendall(head.encode() + payload)
        yield raw_socket


@pytest.mark.parametrize("endpoint", [DIRECT, JOB])
@pytest.mark.parametrize("kind", ["drop", "drop-before"])
def test_a_dropped_connection_with_and_without_the_work(server: DemoServer, kind: str, endpoint: str) -> None:
    server.faults.set(f"{endpoint}={kind}")
    with pytest.raises(LOST):
        post(server, endpoint, RESTORE if endpoint == DIRECT else job_of(RESTORE))
    assert is_done(server.world) is (kind == "drop")
    assert statuses(server) == (["restore_complete"] if kind == "drop" else [])
    assert len(server.received(endpoint)) == 1


def test_drop_waits_for_the_work(slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile) -> None:
    slow.faults.set(f"{DIRECT}=drop")
    lost = meanwhile(post, slow, DIRECT, RESTORE)
    watch.until_waiting()
    assert not is_done(slow.world)
    watch.let_pass(60)
    assert isinstance(lost.exception(LONG), LOST)
    assert is_done(slow.world)


@pytest.mark.parametrize("status", ["401", "404", "500"])
def test_a_status_with_an_envelope(server: DemoServer, status: str) -> None:
    server.faults.set(f"{DIRECT}={status}")
    answer = post(server, DIRECT, RESTORE)
    assert answer.http_status == int(status)
    assert (answer.envelope["status"], answer.envelope["data_str"]) == ("ERROR", "")
    assert answer.message
    assert is_done(server.world) is (status == "500")


@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_a_proxy_speaks_html(server: DemoServer, status: str) -> None:
    server.faults.set(f"{DIRECT}={status}")
    code, content_type, body = raw(server, DIRECT, RESTORE)
    assert (code, content_type) == (int(status), "text/html")
    assert status.encode() in body
    assert is_done(server.world)


def test_html_garbage_and_another_type_are_ok_and_no_answer(server: DemoServer) -> None:
    server.faults.set("/show/datasource=html")
    code, content_type, body = raw(server, "/show/datasource", SOURCES)
    assert (code, content_type, body[:6]) == (200, "text/html", b"<html>")
    server.faults.set("/show/datasource=garbage")
    code, content_type, body = raw(server, "/show/datasource", SOURCES)
    assert (code, content_type) == (200, "application/json")
    with pytest.raises(ValueError, match=r"codec|Expecting"):
        json.loads(body)
    server.faults.set("/show/datasource=wrong-type")
    answer = post(server, "/show/datasource", SOURCES)
    assert answer.ok
    assert answer.envelope["data_type"] != "show_datasource_response"


@pytest.mark.parametrize("kind", ["html", "garbage", "wrong-type"])
def test_what_is_no_answer_comes_after_the_work(server: DemoServer, kind: str) -> None:
    server.faults.set(f"{DIRECT}={kind}")
    assert raw(server, DIRECT, RESTORE)[0] == 200
    assert is_done(server.world)


def test_truncate_announces_the_whole(server: DemoServer) -> None:
    server.faults.set(f"{DIRECT}=truncate")
    with pytest.raises(http.client.IncompleteRead) as caught:
        raw(server, DIRECT, RESTORE)
    assert len(caught.value.partial) > 100
    assert abs(len(caught.value.partial) - (caught.value.expected or 0)) <= 1
    assert is_done(server.world)


def test_hang_answers_never_and_ends_with_the_server(server: DemoServer) -> None:
    server.faults.set(f"{DIRECT}=hang")
    with hanging(server, RESTORE) as client:
        # Answered on another connection: the one that hangs is in nobody's way.
        wait_until(lambda: statuses(server) == ["restore_complete"])
        assert is_done(server.world)
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        client.settimeout(LONG)
        server.stop()
        assert client.recv(1) == b""


def test_hang_ends_when_the_client_goes(world: World) -> None:
    with DemoServer(world, faults=[f"{DIRECT}=hang"]) as server:
        with hanging(server, RESTORE):
            wait_until(lambda: statuses(server) == ["restore_complete"])
        # That no thread is left is checked after every test.
        assert post(server, "/show/datasource", SOURCES).ok


def test_a_slow_answer(slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile) -> None:
    slow.faults.set("/show/datasource=slow:30")
    answer = meanwhile(post, slow, "/show/datasource", SOURCES)
    watch.until_waiting()
    watch.let_pass(29)
    assert post(slow, "/show/system/properties", {}).ok
    assert not answer.done()
    watch.let_pass(1)
    assert answer.result(LONG).ok


def test_a_slow_restore_takes_that_long(
    slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile
) -> None:
    slow.faults.set(f"{DIRECT}=slow:300.5")
    answer = meanwhile(post, slow, DIRECT, RESTORE)
    watch.until_waiting()
    watch.let_pass(300)
    assert post(slow, "/admin/show/jobs", {"options": {}}).data["status"] == ["RUNNING"]
    assert not is_done(slow.world)
    watch.let_pass(0.5)
    assert is_done(slow.world)
    assert answer.result(LONG).ok


def test_a_slow_dry_run_is_only_answered_late(
    slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile
) -> None:
    slow.faults.set(f"{DIRECT}:dry-run=slow:3")
    answer = meanwhile(post, slow, DIRECT, DRY_RUN)
    watch.until_waiting()
    assert statuses(slow) == ["validated"]
    watch.let_pass(3)
    assert answer.result(LONG).ok


def test_a_late_id_of_a_job_that_runs(slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile) -> None:
    slow.faults.set(f"{JOB}=slow:60")
    answer = meanwhile(post, slow, JOB, job_of(RESTORE, job_tag="late"))
    watch.until_waiting(2)
    watch.let_pass(20)
    assert get_job(slow, job_tag="late")["job_status"] == "DONE"
    assert not answer.done()
    watch.let_pass(40)
    assert answer.result(LONG).ok


@pytest.mark.parametrize("fault", [f"{DIRECT}=slow:3000", f"{DIRECT}=trickle", "/show/datasource=slow:3000"])
def test_what_waits_ends_with_the_server(
    world: World, watch: ManualScheduler, meanwhile: Meanwhile, fault: str
) -> None:
    server = DemoServer(world, scheduler=watch, faults=[fault])
    server.start()
    endpoint = fault.partition("=")[0]
    answer = meanwhile(post, server, endpoint, RESTORE if endpoint == DIRECT else SOURCES)
    watch.until_waiting()
    server.stop()
    assert isinstance(answer.exception(LONG), (OSError, http.client.HTTPException))
    assert watch.waiting == 0


def test_the_real_scheduler_lets_go_as_well(world: World, meanwhile: Meanwhile) -> None:
    with DemoServer(world, faults=["/show/datasource=slow:3000", f"{DIRECT}=slow:3000"]) as server:
        answers = [
            meanwhile(post, server, "/show/datasource", SOURCES),
            meanwhile(post, server, DIRECT, RESTORE),
        ]
        wait_until(lambda: bool(statuses(server)) and bool(server.received("/show/datasource")))
    assert all(answer.exception(LONG) for answer in answers)
    assert not is_done(world)


def test_trickle_is_whole_in_the_end(slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile) -> None:
    plain = post(slow, "/show/datasource", SOURCES)
    slow.faults.set("/show/datasource=trickle")
    answer = meanwhile(post, slow, "/show/datasource", SOURCES)
    watch.until_waiting()
    watch.let_pass(1.9)
    watch.until_waiting()
    assert not answer.done()
    watch.let_pass(0.1)
    assert answer.result(LONG).data == plain.data


def test_a_server_without_jobs_for_restores(server: DemoServer) -> None:
    server.faults.set(f"{JOB}=no-jobs")
    for body in (RESTORE, DRY_RUN):
        answer = post(server, JOB, job_of(body))
        assert answer.http_status == 400
        assert "'/restore/backup' cannot be run as a job" in answer.message
    assert restores(server) == []


@pytest.mark.parametrize("percent", [0, 60, 100])
def test_a_job_dies(slow: DemoServer, watch: ManualScheduler, percent: int) -> None:
    slow.faults.set(f"{JOB}=job-dies:{percent}")
    job_id = create_job(slow, RESTORE)
    watch.let_pass(60)
    job = get_job(slow, job_id)
    assert (job["job_status"], job["progress"], job["successful"]) == ("ERROR", percent, False)
    assert f"{percent}%" in job["status_map"]["error_message"]
    assert not is_done(slow.world)
    (row,) = restores(slow)
    assert (row["status"], row["event_message"]) == ("restore_failed", job["status_map"]["error_message"])


def test_a_job_dies_at_its_moment(slow: DemoServer, watch: ManualScheduler) -> None:
    slow.faults.set(f"{JOB}=job-dies:60")
    job_id = create_job(slow, RESTORE)
    watch.let_pass(4)
    assert get_job(slow, job_id)["job_status"] == "RUNNING"
    watch.let_pass(0.2)
    assert get_job(slow, job_id)["job_status"] == "ERROR"
