"""How httpx is set up, and how its exceptions become ours.

No redirect is followed, the transport retries nothing by itself, and nothing is read from the environment but where
OpenSSL finds the certificates that it trusts (SSL_CERT_FILE, SSL_CERT_DIR).
"""

from __future__ import annotations

import io
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx

from restore_tui.kinetica.connection import certificates
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.errors import (
    IN_DETAIL,
    AuthenticationFailed,
    CertificateChanged,
    CertificatesUnusable,
    InvalidUrl,
    KineticaError,
    NotTls,
    ResponseTooLarge,
    SelfSignedCertificate,
    TimedOut,
    TlsBroken,
    TlsError,
    Unreachable,
    UnrecognizedResponse,
)
from restore_tui.kinetica.sanitize import sanitize

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
MAX_RESPONSE_BYTES = 256_000_000
"""Default limit on a response; reading one takes at most 1.5 times as many bytes of memory (responses/memory.py). The
contents of a snapshot with 250,000 objects fit."""
SLOWEST = 10_000
"""Bytes per second. A read may take twice the bound on a single wait, and longer by as much as its bytes take at this
pace: a byte now and then renews every wait, and must not keep a read alive for ever."""
_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
)
"""What OpenSSL calls bytes that are no TLS."""
_NOT_NOW = {
    9: ("The server's certificate is not valid yet.", "Check the clocks of this machine and of the server."),
    10: ("The server's certificate has expired.", "Have it renewed on the server."),
}
"""What to say of a certificate that would be trusted at another time, by OpenSSL's number of the problem."""
ReceivedCallback = Callable[[int], None]
"""Told, while a response comes, how many bytes of it have come."""


def _keep_alive() -> list[tuple[int, int, int]]:
    """TCP keep-alive: a restore waits for as long as the line lives, and this finds out when it does not."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 8)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


def _system_trust() -> ssl.SSLContext:
    """Trust what the system trusts. Not ``ssl.create_default_context``, which writes the session's keys to the file
    that SSLKEYLOGFILE names. Raises CertificatesUnusable where SSL_CERT_FILE names no readable file: OpenSSL would
    trust nobody and not say why."""
    named = os.environ.get("SSL_CERT_FILE")
    if named and not (Path(named).is_file() and os.access(named, os.R_OK)):
        raise CertificatesUnusable(
            f"SSL_CERT_FILE names {sanitize(named, 200)}, which is not a file that can be read.",
            hint="Unset SSL_CERT_FILE, or give --ca-file.",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context


@dataclass(frozen=True)
class ConnectionSettings:
    """Everything that decides how a connection is made. ``timeout`` (seconds) bounds every wait for an answer; None
    means 30 s for a read, and no bound for a restore and its dry run. Of no response more than ``max_response_bytes``
    bytes are taken. ``trusted`` is the one certificate that is accepted, None for the usual check. ``read_login`` reads
    the login again from the file that it came from; None where it came from none."""

    address: ServerAddress
    login: Login
    ca_file: str | None = None
    insecure: bool = False
    trusted: certificates.TrustedCertificate | None = None
    proxy: str | None = None
    timeout: float | None = None
    max_response_bytes: int = MAX_RESPONSE_BYTES
    read_login: Callable[[], Login | None] | None = field(default=None, compare=False, repr=False)

    @property
    def certificate_file(self) -> str | None:
        """The file with the certificates to trust in place of the system's; None for none."""
        return self.ca_file or (str(self.trusted.path) if self.trusted is not None else None)

    def open_client(
        self, *, answer_seconds: float | None, trust: ssl.SSLContext | None = None
    ) -> httpx.AsyncClient:
        """A client of its own, with no connection open yet. ``trust`` goes before what the settings say. Raises
        CertificatesUnusable for an unusable CA file and InvalidUrl for an unusable proxy."""
        if self.proxy and "@" in self.proxy:
            # Not quoted back: it would stand in the process list and on the screen, too.
            raise InvalidUrl(
                "The proxy's URL has a user or a password in it.", hint="Leave it out of --proxy."
            )
        verify = trust or self._trust()
        try:
            proxy = httpx.Proxy(self.proxy) if self.proxy else None
            if proxy is not None and proxy.url.scheme == "https":
                proxy.ssl_context = _system_trust()  # httpcore's own would honor SSLKEYLOGFILE
            transport = httpx.AsyncHTTPTransport(
                verify=verify, proxy=proxy, retries=0, socket_options=_keep_alive()
            )
        except (ValueError, httpx.InvalidURL, ImportError) as error:
            raise InvalidUrl(
                "The proxy's URL cannot be used.",
                server_message=sanitize(error, 200),
                message_label=IN_DETAIL,
            ) from None
        return httpx.AsyncClient(
            transport=transport,
            headers=self._headers(),
            timeout=httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS, pool=None),
            follow_redirects=False,
            trust_env=False,
        )

    def _headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        problem = self.login.problem()
        if problem:  # the HTTP library would quote the header in its error
            raise AuthenticationFailed(problem, impact="Nothing was sent.")
        authorization = self.login.header()
        if authorization is not None:
            headers["Authorization"] = authorization
        return headers

    def _trust(self) -> ssl.SSLContext | bool:
        if not self.address.encrypted or self.insecure:
            return False
        if self.ca_file is None:
            return _system_trust() if self.trusted is None else certificates.trust_only(self.trusted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if not Path(self.ca_file).is_file():  # a FIFO would keep us waiting
                raise FileNotFoundError("there is no such file, or it is not a regular one")
            context.load_verify_locations(self.ca_file)
        except (OSError, ValueError) as error:
            raise CertificatesUnusable(
                "The CA file cannot be read.", server_message=sanitize(error, 200)
            ) from None
        return context


class SendProbe:
    """Tells whether anything of a request left this machine, from httpcore's own trace of what it does.

    ``release`` is awaited once, on an open connection and directly before the first byte. What it raises keeps the
    request from leaving, and is raised by the client as it is.
    """

    def __init__(self, release: Callable[[], Awaitable[None]] | None = None) -> None:
        self.left = False
        self._release = release

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            request = info.get("request")
            # A proxy's CONNECT opens the way; it is not the request.
            if getattr(request, "method", b"") != b"CONNECT":
                if self._release is not None:
                    await self._release()
                self.left = True


def ignore_received(_bytes: int) -> None:
    """For who does not want to know how many bytes have come."""


async def post(
    http: httpx.AsyncClient,
    url: str,
    content: bytes,
    *,
    largest: int,
    on_received: ReceivedCallback = ignore_received,
    patience: float | None = None,
    **more: Any,
) -> tuple[int, bytes]:
    """One POST. Returns the HTTP status and the whole response, as its bytes came.

    Of a response no more than ``largest`` bytes are read, and with ``patience``, the seconds of a single wait, it may
    not take longer than ``SLOWEST`` says. Raises ResponseTooLarge, TimedOut, UnrecognizedResponse for a response that
    is compressed though none was requested (a few bytes may unpack to any number), InvalidUrl, and what httpx raises.
    """
    try:
        request = http.build_request("POST", url, content=content, **more)
    except (ValueError, httpx.InvalidURL):
        raise InvalidUrl("The host in this URL cannot be resolved: it is not a valid host name.") from None
    buffer = io.BytesIO()
    with anyio.move_on_after(None) as bound:
        began = anyio.current_time()
        if patience is not None:
            bound.deadline = began + 2 * patience
        response = await http.send(request, stream=True)
        try:
            encoding = response.headers.get("Content-Encoding", "identity").strip()
            if encoding.lower() not in ("", "identity"):
                raise UnrecognizedResponse(
                    "The response is compressed, although that was not requested. It was not read."
                )
            async for chunk in response.aiter_raw():
                if buffer.tell() + len(chunk) > largest:
                    raise ResponseTooLarge(
                        f"The response is larger than {largest / 1e6:,.1f} MB; the rest was not read."
                    )
                buffer.write(chunk)
                on_received(buffer.tell())
                bound.deadline += len(chunk) / SLOWEST
        finally:
            await response.aclose()
        return response.status_code, buffer.getvalue()
    raise TimedOut(
        f"The response came too slowly: {buffer.tell():,} bytes in {anyio.current_time() - began:.0f} s."
    )


def tls_error(error: BaseException) -> ssl.SSLError | None:
    """The error of TLS behind one of the HTTP library's."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _caused_by_tls(error: BaseException) -> bool:
    return tls_error(error) is not None


def _tls_failure(tls: ssl.SSLError, words: str) -> KineticaError:
    """Only a certificate that was judged is a matter of trust: other failures must not lead to --insecure."""
    if isinstance(tls, certificates.ChangedCertificateError):
        return CertificateChanged(
            "The server's certificate is not the one that was trusted for it.",
            hint=f"If it was replaced on purpose, delete {sanitize(tls.path, 300)}, then check the new one on Connect.",
            server_message=words,
        )
    if isinstance(tls, ssl.SSLCertVerificationError):
        code = getattr(tls, "verify_code", 0)
        if code == certificates.SELF_SIGNED:
            return SelfSignedCertificate(
                "The server's certificate is self-signed, and not trusted.", server_message=words
            )
        if code in _NOT_NOW:
            what, hint = _NOT_NOW[code]
            return TlsError(what, server_message=words, hint=hint)
        return TlsError("The server's certificate is not trusted.", server_message=words)
    if tls.reason in _NO_TLS:
        return NotTls("This port does not speak TLS.", server_message=words)
    return TlsBroken("The encrypted connection could not be set up.", server_message=words)


def explain(
    error: httpx.HTTPError | httpx.InvalidURL, redact: Callable[[str], str], proxy: str | None = None
) -> KineticaError:
    """Our error for one of httpx's, as it is said of a read. The words are the library's: no server spoke. They may
    quote what the server sent, which may be what we sent."""
    words = sanitize(redact(str(error)), 300)
    explained = (_through(proxy, error, words) if proxy is not None else None) or _explained(error, words)
    explained.message_label = IN_DETAIL
    return explained


def _through(proxy: str, error: httpx.HTTPError | httpx.InvalidURL, words: str) -> KineticaError | None:
    """What went wrong between us and the proxy: what connects is the connection to it. None where it is beyond."""
    name = sanitize(proxy, 80)
    todo = f"Check --proxy ({name}): its host, its port, and that it runs."
    if isinstance(error, httpx.ProxyError):
        return Unreachable(f"The proxy {name} refused the connection.", server_message=words, hint=todo)
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(
            f"No connection to the proxy {name} within {CONNECT_SECONDS:.0f} seconds.",
            server_message=words,
            hint=todo,
        )
    if isinstance(error, httpx.ConnectError) and not _caused_by_tls(error):
        return Unreachable(
            f"No connection to the proxy {name} could be opened.", server_message=words, hint=todo
        )
    return None


def _explained(error: httpx.HTTPError | httpx.InvalidURL, words: str) -> KineticaError:
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(f"No connection within {CONNECT_SECONDS:.0f} seconds.", server_message=words)
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("Timed out waiting for the response.", server_message=words)
    if isinstance(error, httpx.ConnectError):
        tls = tls_error(error)
        if tls is not None:
            return _tls_failure(tls, words)
        return Unreachable("No connection could be opened.", server_message=words)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return Unreachable("Connection lost before the response was complete.", server_message=words)
    return UnrecognizedResponse("The response cannot be read.", server_message=words)


def may_be_retried(error: httpx.HTTPError) -> bool:
    """Whether a *read* may be asked again: a connection that broke or did not open, no time-out, no TLS."""
    broke = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)
    return broke and not _caused_by_tls(error)
