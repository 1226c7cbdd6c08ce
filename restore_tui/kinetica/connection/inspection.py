"""A look at the certificate of a server before it is trusted. No request is sent, and no login."""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import Any

import httpx

from restore_tui.kinetica.connection import certificates
from restore_tui.kinetica.connection.certificates import Certificate
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.connection.transport import CONNECT_SECONDS, ConnectionSettings, explain, tls_error
from restore_tui.kinetica.errors import KineticaError, UntrustableCertificate
from restore_tui.kinetica.sanitize import sanitize


class _SeenError(Exception):
    """Ends every handshake of an inspection: nothing can be sent after one that has failed."""

    def __init__(self, der: bytes, decoded: Any) -> None:
        super().__init__("the certificate was seen")
        self.der = der
        self.decoded = decoded


async def inspect_certificate(link: ConnectionSettings) -> Certificate:
    """Return the server's self-signed certificate, as it would be trusted.

    Two handshakes, neither of which ends: one to get the certificate, and one that accepts only that one, as every
    connection will that trusts it. Raises UntrustableCertificate where that fails, because it has expired or is for
    another host, and KineticaError where the server cannot be reached.
    """
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    seen = await _handshake(link, anyone)
    try:
        only_it = certificates.only(
            seen.der, lambda: ssl.SSLCertVerificationError(1, "the server shows another one each time")
        )
    except ValueError as error:
        raise _untrustable(str(error)) from None
    seen = await _handshake(link, only_it)
    return Certificate.of(seen.der, seen.decoded)


async def _handshake(link: ConnectionSettings, context: ssl.SSLContext) -> _SeenError:
    """Raises KineticaError."""
    checked: type[ssl.SSLObject] = context.sslobject_class or ssl.SSLObject

    class Inspecting(checked):  # type: ignore[misc, valid-type]
        def do_handshake(self) -> None:
            super().do_handshake()
            raise _SeenError(self.getpeercert(binary_form=True) or b"", self.getpeercert())

    context.sslobject_class = Inspecting
    nobody = replace(link, login=Login(), read_login=None)
    async with nobody.open_client(answer_seconds=CONNECT_SECONDS, trust=context) as http:
        try:
            await http.get(link.address.url)
        except _SeenError as seen:
            return seen
        except httpx.HTTPError as error:
            tls = tls_error(error)
            if isinstance(tls, ssl.SSLCertVerificationError):
                raise _untrustable(getattr(tls, "verify_message", "") or str(tls)) from None
            raise explain(error, sanitize, link.proxy) from None
    raise KineticaError("The server's certificate could not be read.")


def _untrustable(why: str) -> UntrustableCertificate:
    return UntrustableCertificate(
        f"The server's certificate is self-signed, and cannot be trusted either: {sanitize(why, 200).rstrip('.')}."
    )
