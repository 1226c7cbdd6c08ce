"""A server on loopback that notes every request that it received, and misbehaves as it is told.

Plain sockets and threads, so that it can do what no HTTP library lets one do: hang up without a word, promise
more bytes than it sends, answer gibberish, or never answer at all.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

PATIENCE = 60.0
"""Seconds after which a hanging test fails instead of hanging on."""


@dataclass(frozen=True)
class Received:
    """One request that arrived whole. ``connection`` and ``order`` count from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    order: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes back: these bytes, then a hang-up unless the connection is kept."""

    content: bytes = b""
    keep: bool = False
    piecemeal: bool = False
    slowly: float = 0.0
    """Seconds between one byte and the next."""
    after: Callable[[Server], None] | None = None
    """Done before anything is sent: to wait, for example."""


Fault = Callable[[Received], Reply]


def http(
    status: int, body: bytes, kind: str = "application/json", *, head: str = "", claim: int = 0
) -> bytes:
    """An HTTP answer; ``claim`` promises so many bytes more than there are."""
    lines = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body) + claim}\r\n{head}\r\n"
    )
    return lines.encode() + body


def envelope(data: object, data_type: str, status: str = "OK", message: str = "") -> bytes:
    """Kinetica's envelope around ``data``; a string goes in as it is."""
    inner = data if isinstance(data, str) else json.dumps(data)
    outer = {"status": status, "message": message, "data_type": data_type, "data": "", "data_str": inner}
    return json.dumps(outer).encode()


def always(reply: Reply) -> Fault:
    return lambda received: reply


def good(data: object) -> Fault:
    """OK, under the data type that belongs to the endpoint."""

    def answer(received: Received) -> Reply:
        return Reply(http(200, envelope(data, data_type_of(received.path))), keep=True)

    return answer


def data_type_of(path: str) -> str:
    words = 3 if "/system/" in path or "/admin/" in path else 2
    return "_".join(path.rsplit("/", words)[-words:]) + "_response"


def error(message: str, status: int = 400) -> Fault:
    """Kinetica's own no."""
    return always(Reply(http(status, envelope("", "none", "ERROR", message)), keep=True))


def page(status: int, body: bytes = b"<html><body>Bad Gateway</body></html>") -> Fault:
    """An answer that is a web page, or nothing."""
    return always(Reply(http(status, body, "text/html")))


def redirect(status: int = 307) -> Fault:
    """To the very same place: whoever follows is counted again."""
    return lambda received: Reply(http(status, b"", head=f"Location: {received.path}\r\n"))


def truncated(data: object) -> Fault:
    """Promises more than it sends, then hangs up."""
    return lambda received: Reply(http(200, envelope(data, data_type_of(received.path)), claim=50))


def cut_in_half(data: object) -> Fault:
    """No length at all, and half of the JSON: only the JSON tells that something is missing."""

    def answer(received: Received) -> Reply:
        body = envelope(data, data_type_of(received.path))
        return Reply(b"HTTP/1.1 200 OK\r\n\r\n" + body[: len(body) // 2])

    return answer


def trickled(data: object) -> Fault:
    """Good, a few bytes at a time."""
    return lambda received: Reply(http(200, envelope(data, data_type_of(received.path))), piecemeal=True)


def closing(data: object) -> Fault:
    """Good, says that it keeps the connection, and closes it: the next request meets a dead line."""
    return lambda received: Reply(http(200, envelope(data, data_type_of(received.path))), keep=False)


def raw(content: bytes) -> Fault:
    return always(Reply(content))


def never() -> Fault:
    """Silence, until the test is over or ``release`` is called."""
    return always(Reply(after=lambda server: server.wait_for_release()))


DROP = raw(b"")
GARBAGE = raw(b"\x15\x03\x01\x00\x02\x02\x46 no HTTP at all\r\n\r\n")


class Server:
    """``with Server() as server``: then tell it what to do with ``server.on(endpoint, fault, …)``.

    Of several faults of one endpoint each request takes the next, and the last one stays.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.hang_up_at_once = False
        self.at_arrival: Callable[[Received], None] | None = None
        self.errors: list[BaseException] = []
        self.arrived = threading.Event()
        self._released = threading.Event()
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        self._grown = threading.Condition(self._lock)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, endpoint: str, *faults: Fault) -> None:
        self._faults[endpoint] = list(faults)

    def at(self, endpoint: str) -> list[Received]:
        """The requests for one endpoint, as they came."""
        return [received for received in self.received if received.path.endswith(endpoint)]

    def until_received(self, number: int = 1) -> list[Received]:
        """The requests, once so many have come. One that was given up may be read only after that."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.received) >= number, PATIENCE)
            return list(self.received)

    def release(self) -> None:
        self._released.set()

    def wait_for_release(self) -> None:
        if not self._released.wait(PATIENCE):
            self.errors.append(AssertionError("whoever asked waited longer than it was told to"))

    def __enter__(self) -> Server:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._released.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()  # wakes accept()
        self._listener.close()
        with self._lock:
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), (
            "the faulty server left a thread behind"
        )
        if failure is None and self.errors:
            raise self.errors[0]

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            if self._closing:
                line.close()
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.append(line)
            self._start(self._serve, line, number)

    def _serve(self, line: socket.socket, number: int) -> None:
        with line:
            line.settimeout(PATIENCE)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                if self.hang_up_at_once:
                    return
                with line.makefile("rb") as stream:
                    while self._one(line, stream, number):
                        pass
            except OSError:
                pass  # the other side went away, or the test is over
            except BaseException as failure:  # an assertion in ``at_arrival``
                self.errors.append(failure)

    def _one(self, line: socket.socket, stream: Any, number: int) -> bool:
        first = stream.readline(65_536)
        words = first.decode("latin-1").split()
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            return False
        headers = {}
        while (text := stream.readline(65_536).decode("latin-1").strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        wanted = int(headers.get("content-length", "0"))
        body = stream.read(wanted)
        if len(body) < wanted:
            return False
        with self._lock:
            received = Received(words[0], words[1], headers, body, number, len(self.received) + 1)
            self.received.append(received)
            self._grown.notify_all()
        if self.at_arrival is not None:
            self.at_arrival(received)
        self.arrived.set()
        reply = self._fault(received.path)(received)
        if reply.after is not None:
            reply.after(self)
        step = 1 if reply.slowly else 7 if reply.piecemeal else max(len(reply.content), 1)
        for start in range(0, len(reply.content), step):
            line.sendall(reply.content[start : start + step])
            if reply.slowly and self._released.wait(reply.slowly):
                break
        return reply.keep

    def _fault(self, path: str) -> Fault:
        with self._lock:
            for endpoint, faults in self._faults.items():
                if path.endswith(endpoint):
                    return faults.pop(0) if len(faults) > 1 else faults[0]
        return page(404, b"")


def unused_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
