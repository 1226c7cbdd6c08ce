"""Errors that must not send people the wrong way: TLS to a port without it, and a proxy that is not there."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.transport import _tls_failure
from restore_tui.kinetica.errors import KineticaError, NotTls, TlsBroken, TlsError, Unreachable
from tests.harness.kinetica_client import client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)


async def test_https_to_a_port_of_http_is_told_as_such() -> None:
    """The demo server speaks plain http: the URL is what is wrong, no certificate, and --insecure is no advice."""
    with (
        DemoServer(build_world(now=NOW, big_tables=6)) as server,
        pytest.raises(NotTls) as caught,
    ):
        await client(server.url.replace("http://", "https://")).server()
    assert caught.value.title == "This port does not speak TLS"
    assert "http://" in caught.value.hint
    assert "insecure" not in caught.value.hint


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("WRONG_VERSION_NUMBER", NotTls),
        ("UNEXPECTED_EOF_WHILE_READING", TlsBroken),
        ("TLSV1_ALERT", TlsBroken),
    ],
)
def test_only_a_judged_certificate_is_a_matter_of_trust(reason: str, kind: type[KineticaError]) -> None:
    """Whatever else goes wrong with TLS does not lead to --insecure."""
    error = ssl.SSLError(1, "words")
    error.reason = reason
    failure = _tls_failure(error, "words")
    assert type(failure) is kind
    assert "insecure" not in failure.hint
    judged = _tls_failure(ssl.SSLCertVerificationError(1, "self-signed"), "words")
    assert type(judged) is TlsError


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there_is_named(scheme: str) -> None:
    """The host of the URL is not what cannot be reached."""
    proxy = f"http://127.0.0.1:{f.unused_port()}"
    with pytest.raises(Unreachable) as caught:
        await client(f"{scheme}://kinetica.invalid:9191", proxy=proxy).server()
    assert caught.value.what == f"No connection to the proxy {proxy} could be opened."
    assert proxy in caught.value.hint


async def test_a_proxy_that_refuses_is_named(faulty: Server) -> None:
    """It answers the CONNECT with an error of its own."""
    faulty.on("", f.page(403))
    with pytest.raises(Unreachable, match="proxy") as caught:
        await client("https://kinetica.invalid:9191", proxy=faulty.url).server()
    assert faulty.url in caught.value.what
