"""The server over HTTP: who may ask and how, connections, interceptors that misbehave, and going away."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from restore_tui.demo.model import World
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.servers.demo_requests import S3, connect, post, state

SOURCES = {"name": "*", "options": {}}
RESTORE = {
    "backup_name": "nightly_shop",
    "datasource_name": S3,
    "restore_objects_map": {"all": "sales"},
    "options": {},
}
LONG = 10.0
"""Seconds that nothing here should take; only a failing test waits for them."""


def test_the_four_endpoints_answer(server: DemoServer) -> None:
    assert post(server, "/show/system/properties", {"options": {}}).ok
    assert post(server, "/show/datasource", SOURCES).ok
    assert post(server, "/show/backup", {"backup_name": "*", "datasource_name": S3, "options": {}}).ok
    assert post(server, "/restore/backup", RESTORE).ok
    assert [request.number for request in server.requests] == [1, 2, 3, 4]
    assert server.received("/restore/backup")[0].json() == RESTORE


@pytest.mark.parametrize(
    "authorization", ["", "Basic ZGVtbzp3cm9uZw==", "Basic %%%", "Bearer nope", "demo:demo", "Basic"]
)
def test_wrong_credentials_are_refused_and_recorded(server: DemoServer, authorization: str) -> None:
    before = state(server.world)
    answer = post(server, "/restore/backup", RESTORE, authorization=authorization)
    assert answer.http_status == 401
    assert answer.envelope["status"] == "ERROR"
    assert state(server.world) == before
    assert server.requests[0].headers["authorization"] == authorization


def test_the_token_is_taken(server: DemoServer) -> None:
    assert post(server, "/show/datasource", SOURCES, authorization="Bearer demo-token").ok


def test_another_user_and_password(world: World) -> None:
    with DemoServer(world, user="zoë", password="p:ss") as server:
        assert post(server, "/show/datasource", SOURCES).http_status == 401
        assert post(server, "/show/datasource", SOURCES, authorization="Basic em/DqzpwOnNz").ok


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"x"'])
def test_a_body_that_is_no_json_object_is_refused(server: DemoServer, body: bytes) -> None:
    answer = post(server, "/restore/backup", body)
    assert answer.http_status == 400
    assert answer.envelope["status"] == "ERROR"
    assert "JSON" in answer.message


def test_another_content_type_is_refused(server: DemoServer) -> None:
    connection = connect(server)
    headers = {"Authorization": "Bearer demo-token", "Content-Type": "application/octet-stream"}
    connection.request("POST", "/show/datasource", b"{}", headers)
    response = connection.getresponse()
    assert response.status == 400
    assert b"application/json" in response.read()
    connection.close()


def test_an_unknown_endpoint_is_404_with_an_envelope(server: DemoServer) -> None:
    for endpoint in ("/restore/everything", "/", "/restore/backup/"):
        answer = post(server, endpoint, {})
        assert answer.http_status == 404
        assert f"'{endpoint}'" in answer.message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_is_allowed(server: DemoServer, method: str) -> None:
    answer = post(server, "/show/datasource", SOURCES, method=method)
    assert answer.http_status == 405
    assert method in answer.message
    assert server.requests[0].method == method


def test_head_gets_no_body_and_the_connection_goes_on(server: DemoServer) -> None:
    connection = connect(server)
    connection.request("HEAD", "/show/datasource")
    response = connection.getresponse()
    assert (response.status, response.read()) == (405, b"")
    assert post(server, "/show/datasource", SOURCES, connection=connection).ok
    connection.close()


def test_chunked_bodies_are_refused(server: DemoServer) -> None:
    where = urlsplit(server.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=LONG) as raw:
        # In one piece: the server closes after its answer, and a second write could come too late.
        raw.sendall(
            b"POST /show/datasource HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 411 ")


def test_connections_are_kept_and_counted(server: DemoServer) -> None:
    kept = connect(server)
    for _ in range(3):
        assert post(server, "/show/datasource", SOURCES, connection=kept).ok
    assert post(server, "/show/datasource", SOURCES).ok
    assert [request.connection for request in server.requests] == [1, 1, 1, 2]
    kept.close()


def test_a_base_path_is_part_of_the_url_and_not_of_the_endpoint(world: World) -> None:
    with DemoServer(world, base_path="/gpudb-0") as server:
        assert server.url.endswith("/gpudb-0")
        assert post(server, "/show/datasource", SOURCES).ok
        received = server.received("/show/datasource")[0]
        assert received.path == "/gpudb-0/show/datasource"
        without = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=LONG)
        without.request("POST", "/show/datasource", b"{}")
        response = without.getresponse()
        assert response.status == 404
        response.read()
        without.close()


def test_tls(world: World) -> None:
    pem = Path(__file__).parent / "localhost.pem"
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    with DemoServer(world, ssl_context=serving) as server:
        where = urlsplit(server.url)
        assert where.scheme == "https"
        # Whoever connects and says nothing must not keep the others waiting.
        silent = socket.create_connection((str(where.hostname), int(where.port or 0)))
        trusting = ssl.create_default_context(cafile=str(pem))
        connection = http.client.HTTPSConnection(where.netloc, context=trusting, timeout=LONG)
        assert post(server, "/show/datasource", SOURCES, connection=connection).ok
        connection.close()
        doubting = http.client.HTTPSConnection(
            where.netloc, context=ssl.create_default_context(), timeout=LONG
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            doubting.request("POST", "/show/datasource", b"{}")
        doubting.close()
    silent.close()
    assert server.errors == []


def test_an_interceptor_may_answer_by_itself(world: World) -> None:
    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        elsewhere = (("Location", "http://127.0.0.1:1/"),)
        return Reply(307, b"<html>", "text/html", headers=elsewhere)

    with DemoServer(world, intercept=intercept) as server:
        connection = connect(server)
        connection.request("POST", "/restore/backup", b"{}")
        response = connection.getresponse()
        assert (response.status, response.read()) == (307, b"<html>")
        assert response.getheader("Content-Type") == "text/html"
        assert response.getheader("Location") == "http://127.0.0.1:1/"
        connection.close()


def test_an_answer_can_be_lost_after_the_work_is_done(world: World) -> None:
    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        return replace(answer(), drop=True)

    with DemoServer(world, intercept=intercept) as server:
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            post(server, "/restore/backup", RESTORE)
        assert ("table", "sales.orders") in world.live
        assert len(server.received("/restore/backup")) == 1


def test_a_truncated_answer_announces_its_whole_length(world: World) -> None:
    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        return replace(answer(), truncate_after=20)

    with (
        DemoServer(world, intercept=intercept) as server,
        pytest.raises(http.client.IncompleteRead) as caught,
    ):
        post(server, "/show/datasource", SOURCES)
    assert len(caught.value.partial) == 20
    assert (caught.value.expected or 0) > 100


def test_a_broken_interceptor_is_a_500_and_is_kept(world: World) -> None:
    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        raise LookupError("oh")

    with DemoServer(world, intercept=intercept) as server:
        answer = post(server, "/show/datasource", SOURCES)
    assert answer.http_status == 500
    assert [type(error) for error in server.errors] == [LookupError]


def test_half_a_request_is_no_request(server: DemoServer) -> None:
    where = urlsplit(server.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=LONG) as raw:
        raw.sendall(b"POST /restore/backup HTTP/1.1\r\nContent-Length: 500\r\n\r\n{")
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b""
    assert server.requests == []


def test_stop_closes_kept_connections_and_can_be_repeated(world: World) -> None:
    server = DemoServer(world)
    server.stop()
    server.start()
    kept = connect(server)
    assert post(server, "/show/datasource", SOURCES, connection=kept).ok
    server.stop()
    server.stop()
    assert kept.sock is not None
    assert kept.sock.recv(1) == b""
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        post(server, "/show/datasource", SOURCES)


def test_stop_does_not_wait_for_a_blocked_interceptor(world: World) -> None:
    arrived, release = threading.Event(), threading.Event()

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        arrived.set()
        release.wait(LONG)
        return answer()

    server = DemoServer(world, intercept=intercept)
    server.start()
    connection = connect(server)
    connection.request("POST", "/show/datasource", b"{}")
    try:
        assert arrived.wait(LONG)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        stopping.join(LONG / 2)
        assert not stopping.is_alive()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            connection.getresponse()
    finally:
        release.set()
        connection.close()


def test_an_interceptor_may_stop_the_server(world: World) -> None:
    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        server.stop()
        return reply

    server = DemoServer(world, intercept=intercept)
    server.start()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        post(server, "/restore/backup", RESTORE)
    assert ("table", "sales.orders") in world.live
    assert server.errors == []


def test_a_server_can_be_started_again_but_not_twice(world: World) -> None:
    server = DemoServer(world)
    for _ in range(2):
        with server:
            assert post(server, "/show/datasource", SOURCES).ok
            with pytest.raises(RuntimeError):
                server.start()
    assert len(server.requests) == 2


@pytest.mark.parametrize("slip", ["7.2.3,14", "7.2.3.", "v7.2", "7.2.3-rc1"])
def test_a_slip_in_a_version_is_told(world: World, slip: str) -> None:
    with pytest.raises(ValueError, match=slip):
        DemoServer(world, server_version=slip)


def test_restores_at_the_same_time_do_not_mix(world: World) -> None:
    statuses: list[int] = []

    def once(server: DemoServer) -> None:
        statuses.append(post(server, "/restore/backup", RESTORE).http_status)

    with DemoServer(world) as server:
        threads = [threading.Thread(target=once, args=(server,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
    # The first one brings sales back; for the others it is a conflict.
    assert sorted(statuses) == [200] + [400] * 7
