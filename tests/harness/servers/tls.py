"""The demo server behind TLS, with one of the certificates for the tests."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import NOW

CERTIFICATES = Path(__file__).parent.parent.parent / "certificates"
LOCALHOST = Path(__file__).parent.parent.parent / "demo" / "localhost.pem"
ServeTls = Callable[..., DemoServer]


@contextmanager
def tls_servers() -> Iterator[ServeTls]:
    """Start servers, each with a certificate and, if one is given, on a port. At the end all are stopped."""
    servers = []

    def serve(pem: Path, port: int = 0) -> DemoServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server = DemoServer(build_world(now=NOW, big_tables=0), port=port, ssl_context=context)
        server.start()
        servers.append(server)
        return server

    try:
        yield serve
    finally:
        for server in servers:
            server.stop()
