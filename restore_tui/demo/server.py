"""The demo server over HTTP: keep-alive, TLS if asked, and open to an interceptor that misbehaves on purpose."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any

from restore_tui.demo.handlers import Answers
from restore_tui.demo.shop import build_world
from restore_tui.demo.versions import ServerVersion
from restore_tui.demo.wire import Received, Refusal, Reply, refusal_reply
from restore_tui.demo.world import World

__all__ = ["DemoServer", "Interceptor", "Received", "Reply"]

Interceptor = Callable[[Received, Callable[[], Reply]], Reply]
"""Called in the connection's thread with the request and a function that does the real work."""

SECONDS_TO_STOP = 1.0
SECONDS_TO_SHAKE_HANDS = 10.0


class DemoServer:
    """A small Kinetica on a port of its own. Use it as a context manager, or ``start()`` and ``stop()``.

    ``requests`` holds everything that arrived, also what was refused; ``errors`` what went wrong inside the server
    or an interceptor, which a client sees as a 500. Raises ValueError for a version that is none; ``start`` raises
    OSError where the port cannot be had.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "demo",
        password: str = "demo",  # noqa: S107 - the published password of a toy
        base_path: str = "",
        server_version: str = "7.2.3.14.20260622",
        intercept: Interceptor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.world = build_world() if world is None else world
        self.user = user
        self.password = password
        self.base_path = base_path.rstrip("/")
        self.url = ""
        self.requests: list[Received] = []
        self.errors: list[BaseException] = []
        self.ssl_context = ssl_context
        self.connection_numbers = count(1)
        self._address = (host, port)
        self._answers = Answers(self.world, ServerVersion(server_version), user, password, lambda: self.url)
        self.intercept = intercept
        self._lock = threading.Lock()
        self._listener: _Listener | None = None
        self._accepting: threading.Thread | None = None

    def start(self) -> None:
        """Bind, and serve from a daemon thread. Once it returns, connections are accepted."""
        if self._listener is not None:
            raise RuntimeError("the demo server runs already")
        self._listener = _Listener(self._address, self)
        host, port = self._listener.server_address[:2]
        scheme = "https" if self.ssl_context else "http"
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        self.url = f"{scheme}://{shown}:{port}{self.base_path}"
        self._accepting = threading.Thread(
            target=self._listener.serve_forever, args=(0.02,), name="demo-server", daemon=True
        )
        self._accepting.start()

    def stop(self) -> None:
        """Close the listening socket and every open connection. A second call does nothing.

        Waits for the threads, but no longer than a second: an interceptor may be blocked for good.
        """
        listener, self._listener = self._listener, None
        if listener is None or self._accepting is None:
            return
        deadline = time.monotonic() + SECONDS_TO_STOP
        listener.shutdown()
        listener.server_close()
        listener.close_connections()
        for thread in [self._accepting, *listener.threads()]:
            if thread is not threading.current_thread():  # An interceptor may be what stops the server.
                thread.join(max(0.0, deadline - time.monotonic()))

    def __enter__(self) -> DemoServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def received(self, endpoint: str) -> list[Received]:
        """What arrived for one endpoint (without the base path), in order."""
        with self._lock:
            return [request for request in self.requests if request.endpoint == endpoint]

    def take(self, method: str, path: str, headers: dict[str, str], body: bytes, connection: int) -> Reply:
        """Record a request and answer it, through the interceptor if there is one."""
        plain = path.partition("?")[0]
        inside = plain.startswith(f"{self.base_path}/")
        with self._lock:
            received = Received(
                number=len(self.requests) + 1,
                method=method,
                path=path,
                endpoint=plain[len(self.base_path) :] if inside else plain,
                headers=headers,
                body=body,
                connection=connection,
            )
            self.requests.append(received)

        def answer() -> Reply:
            if not inside:
                return refusal_reply(Refusal(f"Unknown path '{plain}'", http_status=404))
            return self._answers.answer(received)

        try:
            return self.intercept(received, answer) if self.intercept else answer()
        except Exception as error:
            # The last stop before the socket: whatever broke is kept, and told to the client.
            self.errors.append(error)
            return refusal_reply(Refusal(f"Internal error: {error!r} (SYS:1901)", http_status=500))


class _Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """The listening socket, and the connections and threads that came out of it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], demo: DemoServer):
        self.demo = demo
        self._open: dict[int, tuple[socket.socket, threading.Thread]] = {}
        self._open_lock = threading.Lock()
        self._closing = False
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for a full host name, which can take seconds and is of no use here.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

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
            self.demo.errors.append(error)


class _Connection(http.server.BaseHTTPRequestHandler):
    """One connection: requests are read, handed to the server, and its replies written as they ask for."""

    protocol_version = "HTTP/1.1"
    server_version = "Kinetica-demo"
    sys_version = ""
    # Head and body leave in one piece: two small writes would wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Listener

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
        length = int(announced) if announced.isascii() and announced.isdigit() else 0
        body = self.rfile.read(length)
        if len(body) < length:  # The client went away in the middle: half a request is no request.
            self._hang_up()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._write(self.server.demo.take(self.command, self.path, headers, body, self.number))

    def _write(self, reply: Reply) -> None:
        if reply.drop:
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
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.truncate_after])
        self.wfile.flush()
        if reply.truncate_after is not None:
            self._hang_up()

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
