"""The connection of a restore: one of its own, that is closed after it, and that notices a peer that is gone."""

from __future__ import annotations

import socket
from typing import Any

import httpcore
import pytest

from tests.harness.kinetica_client import RESTORED, body, client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Reply, Server

TYPE = "restore_backup_response"


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """What the operating system says of each connection once it is open."""
    found: list[dict[str, int]] = []
    connect = httpcore.AnyIOBackend.connect_tcp

    async def connect_tcp(self: Any, *arguments: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        stream = await connect(self, *arguments, **named)
        opened = stream.get_extra_info("socket")
        found.append(
            {"SO_KEEPALIVE": opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)}
            | {
                name: opened.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
                if hasattr(socket, name)
            }
        )
        return stream

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
    return found


async def test_a_peer_that_is_gone_is_noticed_while_a_restore_waits(
    faulty: Server, options: list[dict[str, int]]
) -> None:
    """There is no bound for the response of a restore, so the connection is probed: after 30 s of silence, each 15 s,
    and given up after 8 probes without a response."""
    faulty.on("/restore/backup", f.always(Reply(f.http(200, f.envelope(RESTORED, TYPE)))))
    async with client(faulty) as asked:
        await asked.restore_backup(body())
    (found,) = options
    assert found.pop("SO_KEEPALIVE") != 0
    wanted = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 8}
    assert found == {name: wanted[name] for name in found}


@pytest.mark.parametrize("dry_run", [True, False])
async def test_the_server_is_asked_to_close_the_connection_of_a_restore(
    faulty: Server, dry_run: bool
) -> None:
    """It is used for one request, also where a proxy stands in between: Connection: close says so to both."""
    faulty.on("/restore/backup", f.always(Reply(f.http(200, f.envelope(RESTORED, TYPE)))))
    async with client(faulty) as asked:
        await asked.restore_backup(body(dry_run))
    (received,) = faulty.received
    assert received.headers["connection"] == "close"
