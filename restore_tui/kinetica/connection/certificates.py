"""Certificates that the operator has trusted: where they are stored, and how nothing else is accepted in their place.

A check in ``do_handshake`` comes before the first byte of a request: TLS sends none until the handshake has ended well.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from restore_tui.bounded_files import CERTIFICATE_BYTES, make_private_folder, read_file
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.errors import CertificatesUnusable
from restore_tui.kinetica.sanitize import sanitize

SELF_SIGNED = 18
"""OpenSSL's X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: no issuer but itself, and not trusted."""
_STILL_THE_SAME = frozenset((9, 10, 62, 63, 64))
"""What OpenSSL finds wrong with a certificate whose issuer is trusted: not valid yet, expired, for another host, email
address or IP address."""


_SHORT = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
"""What the parts of a subject are called by everybody but Python."""


@dataclass(frozen=True)
class TrustedCertificate:
    """The one certificate that is accepted from a server, and its file."""

    path: Path
    der: bytes = field(repr=False)
    """Empty where the file cannot be read; ``problem`` says why."""
    problem: str = ""


@dataclass(frozen=True)
class Certificate:
    """What to check before a certificate is trusted. It is valid from ``begins`` to ``ends``."""

    der: bytes = field(repr=False)
    subject: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, der: bytes, decoded: Any) -> Certificate:
        """``decoded`` is as ``SSLSocket.getpeercert`` has it."""
        parts = (pair for group in decoded.get("subject", ()) for pair in group)
        return cls(
            der,
            ", ".join(f"{_SHORT.get(name, name)}={value}" for name, value in parts),
            tuple(value for _kind, value in decoded.get("subjectAltName", ())),
            *(
                datetime.fromtimestamp(ssl.cert_time_to_seconds(decoded[end]), timezone.utc)
                for end in ("notBefore", "notAfter")
            ),
        )

    @property
    def sha256(self) -> str:
        """As browsers and OpenSSL write it."""
        return fingerprint(self.der)


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate, as browsers and OpenSSL write it."""
    return hashlib.sha256(der).digest().hex(":").upper()


class ChangedCertificateError(ssl.SSLCertVerificationError):
    """The server shows another certificate than the trusted one, whose file is ``path``."""

    path: Path


def certificate_path(folder: Path, address: ServerAddress) -> Path:
    """Where the certificate of a server is stored. No host name has a plus in it."""
    host, port = address.origin
    return folder / f"{host.replace(':', '+')}_{port}.pem"


def stored(folder: Path, address: ServerAddress) -> TrustedCertificate | None:
    """Return the certificate that is trusted for a server; None for none."""
    path = certificate_path(folder, address)
    try:
        return TrustedCertificate(path, ssl.PEM_cert_to_DER_cert(read_file(path, CERTIFICATE_BYTES).decode()))
    except FileNotFoundError:
        return None
    except OSError as error:
        return TrustedCertificate(path, b"", error.strerror or type(error).__name__)
    except ValueError:
        return TrustedCertificate(path, b"", "it is not a certificate (PEM)")


def store(folder: Path, address: ServerAddress, der: bytes) -> Path:
    """Trust a certificate from now on. One that is stored already is never replaced. Raises OSError."""
    path = certificate_path(folder, address)
    make_private_folder(folder)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(ssl.DER_cert_to_PEM_cert(der))
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        Path(temporary).unlink()
    return path


def trust_only(trusted: TrustedCertificate) -> ssl.SSLContext:
    """Trust this very certificate and no other, not even one that was signed with its key. Raises
    CertificatesUnusable."""
    try:
        if trusted.problem:
            raise ValueError(trusted.problem)
        return only(trusted.der, lambda: _changed(trusted))
    except ValueError as error:  # that of OpenSSL is one, too
        raise CertificatesUnusable(
            f"The certificate that was trusted for this server cannot be read: {sanitize(trusted.path, 200)}.",
            hint="Delete the file, then check the server's certificate on Connect.",
            server_message=sanitize(error, 200),
        ) from None


def only(der: bytes, otherwise: Callable[[], Exception]) -> ssl.SSLContext:
    """Trust one certificate. ``otherwise`` makes what is raised where a server shows another one. Raises ValueError for
    one that cannot be read."""

    class OnlyThisOne(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLCertVerificationError as error:
                if error.verify_code in _STILL_THE_SAME:
                    raise
                raise otherwise() from error
            if self.getpeercert(binary_form=True) != der:
                raise otherwise()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=der)
    except ssl.SSLError as error:
        raise ValueError(str(error)) from None
    context.sslobject_class = OnlyThisOne
    return context


def _changed(trusted: TrustedCertificate) -> ChangedCertificateError:
    error = ChangedCertificateError(1, f"The trusted certificate has the SHA-256 {fingerprint(trusted.der)}.")
    error.path = trusted.path
    return error
