"""A self-signed certificate is trusted for one server only after it was looked at, and then it alone. The servers are
real, speak TLS, and count what they receive."""

from __future__ import annotations

import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from restore_tui.config import Settings
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection import certificates
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.inspection import inspect_certificate
from restore_tui.kinetica.errors import (
    CertificateChanged,
    CertificatesUnusable,
    KineticaError,
    OutcomeUnknown,
    RequestNotSent,
    SelfSignedCertificate,
    TlsError,
    UntrustableCertificate,
)
from tests.harness.kinetica_client import body
from tests.harness.servers.tls import CERTIFICATES, LOCALHOST, ServeTls, tls_servers

LOGIN = Login("demo", Secret("demo"))


@pytest.fixture
def serve() -> Iterator[ServeTls]:
    with tls_servers() as serve:
        yield serve


def link(settings: Settings, server: DemoServer) -> Any:
    return settings.connection(server.url, LOGIN)


async def read(settings: Settings, server: DemoServer) -> None:
    async with KineticaClient(link(settings, server)) as client:
        await client.server()


async def trusted_by(settings: Settings, server: DemoServer, pem: Path) -> Path:
    """Store a certificate for a server, whichever it shows."""
    address = link(settings, server).address
    return certificates.store(settings.certificates, address, ssl.PEM_cert_to_DER_cert(_certificate(pem)))


def _certificate(pem: Path) -> str:
    text = pem.read_text()
    end = "-----END CERTIFICATE-----"
    return text[text.index("-----BEGIN CERTIFICATE") : text.index(end) + len(end)]


async def test_nothing_is_sent_before_a_certificate_is_trusted(serve: ServeTls, tmp_path: Path) -> None:
    """Refused, looked at, stored, accepted: 0 requests, 0, 0, then some."""
    settings, server = Settings(state_folder=tmp_path), serve(LOCALHOST)
    with pytest.raises(SelfSignedCertificate) as refused:
        await read(settings, server)
    assert refused.value.impact == "Nothing was sent, no password either."
    certificate = await inspect_certificate(link(settings, server))
    assert server.requests == []
    assert (certificate.subject, certificate.names) == ("CN=localhost", ("127.0.0.1", "localhost"))
    assert (certificate.begins.year, certificate.ends.year) == (2020, 2120)
    assert certificate.sha256.startswith("47:34:D0:AE:AA:B6:20:91:42:48:01:F5:1F:5B:AD:7B:")
    path = certificates.store(settings.certificates, link(settings, server).address, certificate.der)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _certificate(path) == _certificate(LOCALHOST)
    await read(settings, server)
    assert server.requests != []


@pytest.mark.parametrize("now", ["renewed.pem", "signed.pem", "other.pem", "expired.pem"])
async def test_a_changed_certificate_is_refused_also_for_the_restore(
    serve: ServeTls, tmp_path: Path, now: str
) -> None:
    """One with the same key, one that the trusted one has signed, another one, an expired one: no read, no restore, 0
    requests."""
    settings, server = Settings(state_folder=tmp_path), serve(CERTIFICATES / now)
    path = await trusted_by(settings, server, LOCALHOST)
    with pytest.raises(CertificateChanged) as changed:
        await read(settings, server)
    assert changed.value.title == "The server's certificate has changed"
    assert str(path) in changed.value.hint
    async with KineticaClient(link(settings, server)) as client:
        with pytest.raises(KineticaError) as refused:
            await client.restore_backup(body())
    assert isinstance(refused.value, RequestNotSent)
    assert not isinstance(refused.value, OutcomeUnknown)
    assert server.requests == []


async def test_a_trusted_certificate_may_expire(serve: ServeTls, tmp_path: Path) -> None:
    """It is still the same one: that it has expired is said, and nothing is sent."""
    settings, server = Settings(state_folder=tmp_path), serve(CERTIFICATES / "expired.pem")
    await trusted_by(settings, server, CERTIFICATES / "expired.pem")
    with pytest.raises(TlsError) as expired:
        await read(settings, server)
    assert expired.value.what == "The server's certificate has expired."
    assert server.requests == []


async def test_the_trusted_certificate_is_the_only_anchor(
    serve: ServeTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system trusts does not count beside it: SSL_CERT_FILE vouches for the other one, and it is refused."""
    settings, server = Settings(state_folder=tmp_path), serve(CERTIFICATES / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "other.pem"))
    await read(settings, server)
    await trusted_by(settings, server, LOCALHOST)
    with pytest.raises(CertificateChanged):
        await read(settings, server)


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        ("expired.pem", "certificate has expired"),
        ("elsewhere.pem", "certificate is not valid for '127.0.0.1'"),
    ],
)
async def test_a_certificate_that_is_not_valid_is_never_offered(
    serve: ServeTls, tmp_path: Path, pem: str, why: str
) -> None:
    """Self-signed and expired, or for another host: what is wrong with it is said, and nothing is sent."""
    settings, server = Settings(state_folder=tmp_path), serve(CERTIFICATES / pem)
    with pytest.raises(SelfSignedCertificate):
        await read(settings, server)
    with pytest.raises(UntrustableCertificate, match=why):
        await inspect_certificate(link(settings, server))
    assert server.requests == []


async def test_a_trusted_certificate_that_cannot_be_read_trusts_nobody(
    serve: ServeTls, tmp_path: Path
) -> None:
    """An empty or damaged file does not fall back to the system's certificates."""
    settings, server = Settings(state_folder=tmp_path), serve(LOCALHOST)
    path = await trusted_by(settings, server, LOCALHOST)
    for written in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        path.write_text(written)
        with pytest.raises(CertificatesUnusable, match=path.name):
            await read(settings, server)
    assert server.requests == []


async def test_a_trusted_certificate_is_never_replaced(tmp_path: Path) -> None:
    """Two wizards that trust at once: the second one is told."""
    address = Settings().connection("https://Host.:443", LOGIN).address
    path = certificates.store(tmp_path / "deep" / "folder", address, b"one")
    assert path.name == "host_443.pem"
    with pytest.raises(FileExistsError):
        certificates.store(path.parent, address, b"two")
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_each_server_has_its_own(serve: ServeTls, tmp_path: Path) -> None:
    """Another port is another server; a CA file and insecure go before what is stored."""
    settings, server = Settings(state_folder=tmp_path), serve(LOCALHOST)
    await trusted_by(settings, server, LOCALHOST)
    other = serve(LOCALHOST)
    with pytest.raises(SelfSignedCertificate):
        await read(settings, other)
    for more in ({"ca_file": str(CERTIFICATES / "other.pem")}, {"insecure": True}):
        settings = Settings(state_folder=tmp_path, **more)  # type: ignore[arg-type]
        assert link(settings, server).trusted is None
