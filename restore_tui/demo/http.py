"""The demo server's socket: connections, each with a thread of its own, keep-alive, TLS if asked, and going away."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from restore_tui.demo.protocol import Refusal, Reply, refusal_reply
from restore_tui.demo.scheduler import Pauses, Scheduler

SECONDS_TO_SHAKE_HANDS = 10.0
SECONDS_OF_SILENCE = 60.0
"""A connection on which nothing moves for so long is closed."""
MOST_CONNECTIONS = 200
LARGEST_BODY = 16_000_000
"""Bytes of a request; a restore of a hundred thousand objects by name has three million."""
LARGEST_STRANGER = 65_536
"""Bytes of a request without the right login: they are read to keep the connection, and thrown away."""

PIECES = 20
"""Into so many a body is cut that trickles."""


class RequestHandler(Protocol):
    """What is behind the socket: it answers the requests, and says how its connections are to be."""

    connection_numbers: Iterator[int]
    ssl_context: ssl.SSLContext | None
    stopwatch: Scheduler
    pauses: Pauses

    def lets_in(self, headers: Mapping[str, str]) -> bool: ...

    def take(
        self, method: str, path: str, headers: dict[str, str], body: bytes, connection: int
    ) -> Reply: ...

    def note(self, error: BaseException) -> None: ...


class Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """The listening socket, and the connections and threads that came out of it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], demo: RequestHandler):
        self.demo = demo
        self._open: dict[int, tuple[socket.socket, threading.Thread]] = {}
        self._open_lock = threading.Lock()
        self._closing = False
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Connection)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for a full host name, which can take seconds and is of no use here.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Close a connection at once where there are too many: each has a thread."""
        with self._open_lock:
            return len(self._open) < MOST_CONNECTIONS

    def remember(self, number: int, connection: socket.socket) -> None:
        with self._open_lock:
            self._open[number] = (connection, threading.current_thread())
            if self._closing:
                _shut(connection)

    def forget(self, number: int) -> None:
        with self._open_lock:
            self._open.pop(number, None)

    def close_connections(self) -> None:
        """Wake every thread that waits on its connection, with the end of it."""
        with self._open_lock:
            self._closing = True
            for connection, _ in self._open.values():
                _shut(connection)

    def threads(self) -> list[threading.Thread]:
        with self._open_lock:
            return [thread for _, thread in self._open.values()]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke, for whoever asks; nothing goes to standard error, which may be the wizard's terminal.

        Clients that go away, or fail to shake hands, are daily life and not kept.
        """
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.demo.note(error)


class Connection(http.server.BaseHTTPRequestHandler):
    """One connection: requests are read, handed to the server, and its replies written as they ask for."""

    protocol_version = "HTTP/1.1"
    server_version = "Kinetica-demo"
    sys_version = ""
    # Head and body leave in one piece: two small writes would wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = SECONDS_OF_SILENCE
    server: Listener

    def setup(self) -> None:
        self.number = next(self.server.demo.connection_numbers)
        context = self.server.demo.ssl_context
        if context is not None:
            # Here and not on the listening socket: there a slow handshake would keep all others waiting.
            self.request = context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        self.server.remember(self.number, self.request)
        try:
            if context is not None:
                self.request.settimeout(SECONDS_TO_SHAKE_HANDS)
                self.request.do_handshake()
                self.request.settimeout(None)
            super().setup()
        except OSError:
            self._close()
            raise

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            super().handle()

    def finish(self) -> None:
        try:
            with contextlib.suppress(OSError):
                super().finish()
        finally:
            self._close()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the demo may share its terminal with the wizard."""

    def _serve(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.close_connection = True
            self._write(refusal_reply(Refusal("Content-Length is required", http_status=411)))
            return
        announced = self.headers.get("Content-Length", "0")
        length = int(announced[:20]) if announced.isascii() and announced.isdigit() else 0
        headers = {name.lower(): value for name, value in self.headers.items()}
        known = self.server.demo.lets_in(headers)
        if length > (LARGEST_BODY if known else LARGEST_STRANGER):
            self.close_connection = True  # with the rest unread
            if known:
                self._write(refusal_reply(Refusal("The request is too large", http_status=413)))
                return
        else:
            body = self.rfile.read(length)
            if len(body) < length:  # The client went away in the middle: half a request is no request.
                self._hang_up()
                return
        self._write(
            self.server.demo.take(self.command, self.path, headers, body if known else b"", self.number)
        )

    def _write(self, reply: Reply) -> None:
        if reply.hang:
            self._wait_for_the_end()
        if reply.drop or reply.hang:
            self._hang_up()
            return
        self.send_response(reply.http_status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            self.wfile.flush()
            return
        if reply.trickle:
            self._trickle(reply.body, reply.trickle)
        else:
            self.wfile.write(reply.body[: reply.truncate_after])
            self.wfile.flush()
        if reply.truncate_after is not None:
            self._hang_up()

    def _trickle(self, body: bytes, seconds: float) -> None:
        demo = self.server.demo
        began = demo.stopwatch.now()
        for number in range(PIECES):
            # The first piece at once, the last one when the seconds are over; each moment counts from the begin.
            if not demo.pauses.until(began + seconds * number / (PIECES - 1)):
                self._hang_up()
                return
            self.wfile.write(body[len(body) * number // PIECES : len(body) * (number + 1) // PIECES])
            self.wfile.flush()

    def _wait_for_the_end(self) -> None:
        """Read until the client closes its connection, or stop() does. What it still sends is lost on us."""
        with contextlib.suppress(OSError):
            self.request.settimeout(None)
            while self.request.recv(4096):
                pass

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815

    def _hang_up(self) -> None:
        self.close_connection = True
        _shut(self.request)

    def _close(self) -> None:
        self.server.forget(self.number)
        _shut(self.request)
        self.request.close()


def _shut(connection: socket.socket) -> None:
    # An SSLSocket's own shutdown() is no farewell message either: the other side sees the connection end.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
