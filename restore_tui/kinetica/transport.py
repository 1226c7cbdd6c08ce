"""How httpx is set up, and how its exceptions become ours.

No redirect is followed, nothing is read from the environment, the transport retries nothing by itself.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from restore_tui.kinetica.address import ServerAddress
from restore_tui.kinetica.credentials import Login
from restore_tui.kinetica.errors import (
    BadAddress,
    KineticaError,
    NotAuthorised,
    NotKinetica,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unreachable,
)
from restore_tui.kinetica.text import harmless

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
LARGEST_ANSWER = 256_000_000
"""Bytes of an answer that are taken, where nobody says otherwise: a million and a half objects, and memory for them."""
Came = Callable[[int], None]
"""Told, while an answer comes, how many bytes of it have come."""


def _keep_alive() -> list[tuple[int, int, int]]:
    """TCP keep-alive: a restore waits for as long as the line lives, and this finds out when it does not."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 8)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


@dataclass(frozen=True)
class Link:
    """Everything that decides how a connection is made. ``timeout`` (seconds) bounds every wait for an
    answer; None means 30 s for a read, and no bound for a restore and its dry run. Of no answer more than
    ``largest_answer`` bytes are taken. ``read_login`` reads the login again from the file that it came from; None where
    it came from none."""

    address: ServerAddress
    login: Login
    ca_file: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float | None = None
    largest_answer: int = LARGEST_ANSWER
    read_login: Callable[[], Login | None] | None = field(default=None, compare=False, repr=False)

    def connect(self, *, answer_seconds: float | None) -> httpx.AsyncClient:
        """A client of its own, with no connection open yet. Raises TlsFailed for an unusable CA file and
        BadAddress for an unusable proxy."""
        if self.proxy and "@" in self.proxy:
            # Not quoted back: it would stand in the process list and on the screen, too.
            raise BadAddress(
                "The proxy's URL has a user or a password in it.", todo="Leave it out of --proxy."
            )
        try:
            proxy = httpx.Proxy(self.proxy) if self.proxy else None
            transport = httpx.AsyncHTTPTransport(
                verify=self._trust(), proxy=proxy, retries=0, socket_options=_keep_alive()
            )
        except (ValueError, httpx.InvalidURL, ImportError) as error:
            raise BadAddress("The proxy's URL cannot be used.", words=harmless(error, 200)) from None
        return httpx.AsyncClient(
            transport=transport,
            headers=self._headers(),
            timeout=httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS, pool=None),
            follow_redirects=False,
            trust_env=False,
        )

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        authorization = self.login.header()
        if authorization is not None:
            if not (
                authorization.isascii()
                and authorization.isprintable()
                and authorization == authorization.strip()
            ):
                # The HTTP library would quote it in its error.
                raise NotAuthorised("The token has a space or a character that cannot be sent.")
            headers["Authorization"] = authorization
        return headers

    def _trust(self) -> ssl.SSLContext | bool:
        if not self.address.encrypted or self.insecure:
            return False
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise TlsFailed(
                "The CA file cannot be read.", words=harmless(error, 200), todo="Check --ca-file."
            ) from None


class SentWatch:
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


def uncounted(_bytes: int) -> None:
    """For who does not want to know how many bytes have come."""


async def post(
    http: httpx.AsyncClient, url: str, content: bytes, *, largest: int, came: Came = uncounted, **more: Any
) -> tuple[int, bytes]:
    """One POST. Returns the HTTP status and the whole answer; raises TooLarge, with the rest unread, for one of more
    than ``largest`` bytes, and what httpx raises."""
    async with http.stream("POST", url, content=content, **more) as answer:
        chunks: list[bytes] = []
        size = 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > largest:
                raise TooLarge(f"The answer is larger than {largest / 1e6:,.1f} MB; the rest was not read.")
            chunks.append(chunk)
            came(size)
        return answer.status_code, b"".join(chunks)


def _caused_by_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def explain(error: httpx.HTTPError | httpx.InvalidURL) -> KineticaError:
    """Our error for one of httpx's, as it is said of a read. The words are the library's: no server spoke."""
    explained = _explained(error)
    explained.speaker = "In detail"
    return explained


def _explained(error: httpx.HTTPError | httpx.InvalidURL) -> KineticaError:
    words = harmless(error, 300)
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(f"No connection within {CONNECT_SECONDS:.0f} seconds.", words=words)
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("The time to wait for the answer is over.", words=words)
    if isinstance(error, httpx.ProxyError):
        return Unreachable("The proxy did not let us through.", words=words, todo="Check --proxy.")
    if isinstance(error, httpx.ConnectError):
        if _caused_by_tls(error):
            return TlsFailed("The encrypted connection could not be set up.", words=words)
        return Unreachable("No connection could be opened.", words=words)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return Unreachable("The connection broke before the answer was whole.", words=words)
    return NotKinetica("The answer cannot be read.", words=words)


def may_be_retried(error: httpx.HTTPError) -> bool:
    """Whether a *read* may be asked again: a connection that broke or did not open, no time-out, no TLS."""
    broke = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)
    return broke and not _caused_by_tls(error)
