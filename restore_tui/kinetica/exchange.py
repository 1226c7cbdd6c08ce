"""How a request goes to a server and its response comes back: reads may be retried; what is sent once never is."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Protocol, TypeVar

import httpx

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica import jobs
from restore_tui.kinetica.backups import Listed
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.connection.redaction import Redactor
from restore_tui.kinetica.connection.transport import (
    READ_SECONDS,
    ConnectionSettings,
    ReceivedCallback,
    SendProbe,
    explain,
    ignore_received,
    may_be_retried,
    post,
)
from restore_tui.kinetica.errors import (
    MAY_BE_PARTIAL,
    KineticaError,
    OutcomeUnknown,
    RequestRejected,
    ResponseTooLarge,
    UnrecognizedResponse,
    unexpected,
)
from restore_tui.kinetica.responses import envelope
from restore_tui.kinetica.responses.json_stream import parse_streaming
from restore_tui.kinetica.responses.lenient import to_map
from restore_tui.kinetica.responses.memory import memory_to_decode, refuse_beyond

log = logging.getLogger(__name__)

READ_RETRIES = 2

Body = Mapping[str, Any]
Made = TypeVar("Made")
Opened = TypeVar("Opened", bound="Exchange")
Made_co = TypeVar("Made_co", covariant=True)


class Reader(Protocol[Made_co]):
    def __call__(
        self, http_status: int, body: bytes, data_type: str, *, redact: Callable[[str], str]
    ) -> Made_co: ...


def _data_type(endpoint: str) -> str:
    """The ``data_type`` of an endpoint's response: ``/show/backup`` has ``show_backup_response``."""
    return f"{endpoint.strip('/').replace('/', '_')}_response"


@contextmanager
def whatever_comes(otherwise: type[KineticaError] = UnrecognizedResponse) -> Iterator[None]:
    """Turn whatever some bytes make a reader raise into an error of ours: no response ends the program."""
    try:
        yield
    except (KineticaError, httpx.HTTPError, httpx.InvalidURL):
        raise
    except MemoryError:
        error = otherwise("There is not enough memory to read the response.", hint=ResponseTooLarge.hint)
    except Exception as unreadable:
        error = otherwise("The response cannot be read.")
        if not isinstance(unreadable, ValueError | RecursionError):
            # Where it happened, but not its text, which may quote the response.
            place = "".join(traceback.format_tb(unreadable.__traceback__)[-3:])
            log.error("%s while a response was read: %s", type(unreadable).__name__, place)
    else:
        return
    raise error from None


class Exchange:
    """With one server, as one user. Every method raises KineticaError and nothing else (but cancellation)."""

    def __init__(self, link: ConnectionSettings) -> None:
        self.link = link
        self.logged_in = asyncio.Event()
        """Set by ``log_in``: whoever waits for a login that the server accepts clears it first."""
        self._reads: httpx.AsyncClient | None = None
        self._redactor: tuple[Login, frozenset[str], Redactor] | None = None

    @property
    def redact(self) -> Redactor:
        """What takes secrets out of everything that a response says: our login, and the ids of our sessions."""
        cookies = self._reads.cookies.jar if self._reads is not None else ()
        key = (self.link.login, frozenset(cookie.value for cookie in cookies if cookie.value))
        if self._redactor is None or self._redactor[:2] != key:
            self._redactor = (*key, Redactor(*key))
        return self._redactor[2]

    async def __aenter__(self: Opened) -> Opened:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections that reads have used."""
        if self._reads is not None:
            await self._reads.aclose()
            self._reads = None

    async def log_in(self, login: Login) -> None:
        """Use another password or token from here on, on new connections. Nothing is sent."""
        self.link = replace(self.link, login=login)
        await self.aclose()
        self.logged_in.set()

    async def read_login_again(self) -> bool:
        """Read the password or token again from the file that it came from. Returns whether there is another one in it,
        which is used from here on."""
        read = self.link.read_login
        login = await asyncio.to_thread(read) if read is not None else None
        if login is None or login == self.link.login:
            return False
        await self.log_in(login)
        return True

    async def _list(
        self,
        endpoint: str,
        body: Body,
        lists: Mapping[str, Callable[[Any], list[Any]]],
        read: Callable[[Mapping[str, Any]], Listed[Made]],
    ) -> Listed[Made]:
        """A read of long lists, decoded piece by piece. ``lists`` says what each of them is turned into, a piece at a
        time as well, so that only what is kept of it takes memory."""

        def decode(text: str) -> dict[str, Any]:
            kept: dict[str, list[Any]] = {key: [] for key in lists}

            def take(key: str, rows: Any) -> None:
                kept[key] += lists[key](self.redact.data({key: rows})[key])

            with gc_paused():
                rest = parse_streaming(text, {key: partial(take, key) for key in lists})
                for key in lists.keys() & rest.keys():  # what is no array, where one was expected
                    take(key, rest.pop(key))
                data = {**self.redact.data(rest), **kept}
                return {"made": read(data), "info": to_map(data.get("info"))}

        listed: Listed[Made] = await self._read_long(endpoint, body, decode)
        return listed

    async def _read_long(
        self,
        endpoint: str,
        body: Body,
        decode: Callable[[str], dict[str, Any]],
        on_received: ReceivedCallback = ignore_received,
        memory: Callable[[bytes], int] = memory_to_decode,
    ) -> Any:
        """What ``decode`` has ``made`` of a long response, with the server's words beside it. It is read in a thread,
        so that the screen responds meanwhile."""
        status, response = await self._post(endpoint, body, on_received)

        def read() -> Any:
            with whatever_comes():
                opens = partial(envelope.parse_response, decode=decode)
                data, message = self._parse(opens, status, response, _data_type(endpoint), memory)
                return replace(data["made"], words=self._beside(message, data["info"]))

        return await asyncio.to_thread(read)

    def _beside(self, message: str, info: Mapping[str, str]) -> str:
        """What the server says beside a response: the message of its envelope, and its info."""
        said = [message, *(f"{key}: {value}" for key, value in self.redact.data(info).items() if value)]
        return self.redact("\n".join(part for part in said if part.strip()))

    async def _send_once(
        self,
        endpoint: str,
        body: Body,
        watch: SendProbe | None,
        read: Callable[[dict[str, Any], str], Made],
        *,
        real: bool,
        most: float | None = None,
        names: Collection[str] = (),
    ) -> Made:
        """One POST on a fresh connection: what ``read`` makes, in a thread, of the response and the message that came
        with it. ``real`` is True where something may be restored by it; ``most`` is how many seconds the response may
        take without --timeout, None for no bound; ``names`` are the objects that are requested."""
        watch = watch or SendProbe()
        content = json.dumps(body).encode()
        headers = {"Connection": "close"}
        log.debug("%s: sending %d bytes, once", endpoint, len(content))
        try:
            async with self.link.open_client(answer_seconds=self.link.timeout or most) as http:
                status, response = await post(
                    http,
                    self.link.address.endpoint(endpoint),
                    content,
                    largest=self.link.max_response_bytes,
                    headers=headers,
                    extensions={"trace": watch},
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            cause = explain(error, self.redact, self.link.proxy)
            log.warning("%s: %s (%s)", endpoint, cause.what, cause.server_message)
            raise cause.for_restore(left=watch.left) from None
        except KineticaError as error:  # no connection, or the response is too large or compressed
            raise error.for_restore(left=watch.left) from None
        except (ValueError, RuntimeError, MemoryError, OSError) as error:
            cause = KineticaError(unexpected(error))
            raise cause.for_restore(left=watch.left) from None
        log.info("%s: HTTP %d, %d bytes", endpoint, status, len(response))

        def opened() -> Made:
            with whatever_comes(OutcomeUnknown):
                opens = partial(envelope.parse_restore_response, names=names)
                return read(*self._parse(opens, status, response, _data_type(endpoint)))

        try:
            return await asyncio.to_thread(opened)
        except ResponseTooLarge as error:
            raise error.for_restore(left=True) from None
        except RequestRejected as refused:
            if real and endpoint == jobs.RESTORE:
                refused.impact = MAY_BE_PARTIAL
            raise

    async def _read_in_thread(
        self,
        endpoint: str,
        body: Body,
        read: Callable[[Mapping[str, Any]], Made],
        *,
        patiently: bool = False,
        strict: bool = False,
    ) -> Made:
        """Nothing of a response is read on the event loop, however long it is. ``strict`` refuses repeated keys."""
        if patiently:
            async with self.link.open_client(answer_seconds=self.link.timeout) as http:
                status, response = await self._post(endpoint, body, http=http, retries=0)
        else:
            status, response = await self._post(endpoint, body)

        def opened() -> Made:
            with whatever_comes():
                opens = partial(envelope.parse_response, strict=strict)
                data, message = self._parse(opens, status, response, _data_type(endpoint))
                return read(self.redact.data({"message": message, **data} if strict and message else data))

        return await asyncio.to_thread(opened)

    async def _post(
        self,
        endpoint: str,
        body: Body,
        on_received: ReceivedCallback = ignore_received,
        *,
        http: httpx.AsyncClient | None = None,
        retries: int = READ_RETRIES,
    ) -> tuple[int, bytes]:
        """A read: asked again at most twice when the connection breaks, never after a response. Returns HTTP status and
        answer."""
        content = json.dumps(body).encode()
        url, largest = self.link.address.endpoint(endpoint), self.link.max_response_bytes
        patience = self._patience if http is None else self.link.timeout
        for attempt in range(retries + 1):
            log.debug("%s: sending %d bytes, attempt %d", endpoint, len(content), attempt + 1)
            try:
                with whatever_comes():
                    status, response = await post(
                        http or self._read_client(),
                        url,
                        content,
                        largest=largest,
                        on_received=on_received,
                        patience=patience,
                    )
                break
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                cause = explain(error, self.redact, self.link.proxy)
                log.warning(
                    "%s, attempt %d: %s (%s)", endpoint, attempt + 1, cause.what, cause.server_message
                )
                again = isinstance(error, httpx.HTTPError) and may_be_retried(error)
                if not again or attempt == retries:
                    raise cause from None
        log.info("%s: HTTP %d, %d bytes", endpoint, status, len(response))
        return status, response

    def _parse(
        self,
        reader: Reader[Made],
        http_status: int,
        response: bytes,
        data_type: str,
        memory: Callable[[bytes], int] = memory_to_decode,
    ) -> Made:
        """Read a response; where it is an error that echoes our login back, it is shown and noted without it. Raises
        ResponseTooLarge where reading it takes too much ``memory``."""
        refuse_beyond(self.link.max_response_bytes, memory(response))
        return reader(http_status, response, data_type, redact=self.redact)

    def _read_client(self) -> httpx.AsyncClient:
        if self._reads is None:
            self._reads = self.link.open_client(answer_seconds=self._patience)
        return self._reads

    @property
    def _patience(self) -> float:
        return READ_SECONDS if self.link.timeout is None else self.link.timeout
