"""What anybody on this machine may do to the demo server: be refused, and no more."""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from restore_tui.demo import http
from restore_tui.demo.http import LARGEST_BODY, LARGEST_STRANGER, Connection
from restore_tui.demo.model import World
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.servers.demo_requests import LOGIN, post

SOURCES = {"name": "*", "options": {}}


def talk(server: DemoServer, head: str, body: bytes = b"") -> bytes:
    """Send that, and no more. Returns what comes until the server closes."""
    host, _, port = urlsplit(server.url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(f"POST /restore/backup HTTP/1.1\r\n{head}\r\n".encode() + body)
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
        return answer


@pytest.mark.parametrize("size", [LARGEST_STRANGER + 1, 600_000_000, 10**30])
def test_without_the_login_no_large_body_is_read(server: DemoServer, size: int) -> None:
    """The answer comes before any of it was sent, and nothing of it is kept."""
    assert talk(server, f"Content-Length: {size}\r\n").startswith(b"HTTP/1.1 401 ")
    assert [request.body for request in server.requests] == [b""]


def test_a_small_body_without_the_login_is_not_kept(server: DemoServer) -> None:
    assert post(server, "/show/datasource", SOURCES, authorization="Basic no").http_status == 401
    assert server.requests[0].body == b""


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 10**30])
def test_with_the_login_a_body_has_a_bound(server: DemoServer, size: int) -> None:
    assert talk(server, f"Authorization: {LOGIN}\r\nContent-Length: {size}\r\n").startswith(b"HTTP/1.1 413 ")
    assert server.requests == []


@pytest.mark.parametrize("head", ["", f"Authorization: {LOGIN}\r\nContent-Length: 5\r\n"])
def test_a_silent_connection_is_closed(
    server: DemoServer, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    """Before its request, and in the middle of it."""
    monkeypatch.setattr(Connection, "timeout", 0.05)
    assert talk(server, head, b"12" if head else b"")[:13] in (b"", b"HTTP/1.1 401 ")
    assert server.errors == []


def test_there_is_a_bound_on_connections(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is closed at once; when another has gone, there is room again."""
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 0)
    assert talk(server, f"Authorization: {LOGIN}\r\n") == b""
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 1)
    assert post(server, "/show/datasource", SOURCES).ok


def test_outside_of_tests_nothing_is_kept(world: World) -> None:
    def break_down(_received: Received, _answer: Callable[[], Reply]) -> Reply:
        raise RuntimeError("a bug")

    with DemoServer(world, keeps_requests=False, intercept=break_down) as server:
        assert post(server, "/show/datasource", SOURCES).http_status == 500
        assert post(server, "/show/datasource", SOURCES).http_status == 500
        assert (server.requests, server.errors) == ([], [])
