"""The demo server over HTTP, open to faults and to an interceptor that misbehave on purpose."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from types import TracebackType

from restore_tui.demo.faults import FaultInjector, Faults
from restore_tui.demo.handlers import Answers
from restore_tui.demo.http import Listener
from restore_tui.demo.jobs import Jobs
from restore_tui.demo.model import World
from restore_tui.demo.protocol import Received, Refusal, Reply, refusal_reply
from restore_tui.demo.scheduler import Pauses, RealScheduler, Scheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.version import ServerVersion

__all__ = ["DemoServer", "Interceptor", "Received", "Reply"]

Interceptor = Callable[[Received, Callable[[], Reply]], Reply]
"""Called in the connection's thread with the request and a function that does the real work."""

SECONDS_TO_STOP = 1.0

PRACTICE_PACE = 8e9
"""Bytes per second of a demo that somebody practises on: the whole warehouse of 505 GB takes about a minute, which is
long enough to leave and come back; the schema ``sales`` of 7 GB about a second."""


class DemoServer:
    """A small Kinetica on a port of its own. Use it as a context manager, or ``start()`` and ``stop()``.

    ``requests`` holds everything that arrived, also what was refused, but no body that came without the login;
    ``errors`` what went wrong inside the server or an interceptor, which a client sees as a 500. Without
    ``keeps_requests`` both stay empty: anybody on this machine could fill the memory with them.

    ``bytes_per_second`` is the pace of real restores, which take
    two minutes at most; None: no time at all. ``faults`` are written as ``faults.parse`` reads them, and may be set
    and cleared while it runs. ``cancellable`` says whether a restore can be cancelled that runs as a job.

    Raises ValueError for a version, a pace or a fault that is none; ``start`` raises OSError where the port cannot
    be had.
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
        bytes_per_second: float | None = None,
        stopwatch: Scheduler | None = None,
        faults: Iterable[str] = (),
        cancellable: bool = True,
        keeps_requests: bool = True,
    ) -> None:
        self.world = build_world() if world is None else world
        self.user = user
        self.password = password
        self.base_path = base_path.rstrip("/")
        self.url = ""
        self.keeps_requests = keeps_requests
        self.requests: list[Received] = []
        self._request_numbers = count(1)
        self.errors: list[BaseException] = []
        self.ssl_context = ssl_context
        self.connection_numbers: Iterator[int] = count(1)
        self._address = (host, port)
        self.stopwatch = stopwatch or RealScheduler()
        self.pauses = Pauses(self.stopwatch)
        self.faults = Faults(faults)
        self.intercept = intercept
        self._jobs = Jobs(
            self.world,
            stopwatch=self.stopwatch,
            bytes_per_second=bytes_per_second,
            cancellable=cancellable,
            errors=self.errors,
        )
        self.answers = Answers(
            self.world, ServerVersion(server_version), user, password, lambda: self.url, self._jobs
        )
        self._misbehaviour = FaultInjector(self.answers, self.faults, self.stopwatch, self.pauses)
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        self._accepting: threading.Thread | None = None

    def start(self) -> None:
        """Bind, and serve from a daemon thread. Once it returns, connections are accepted."""
        if self._listener is not None:
            raise RuntimeError("the demo server runs already")
        self._listener = Listener(self._address, self)
        host, port = self._listener.server_address[:2]
        scheme = "https" if self.ssl_context else "http"
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        self.url = f"{scheme}://{shown}:{port}{self.base_path}"
        self._jobs.open()
        self.pauses.open()
        self._accepting = threading.Thread(
            target=self._listener.serve_forever, args=(0.02,), name="demo-server", daemon=True
        )
        self._accepting.start()

    def stop(self) -> None:
        """Close the listening socket and every open connection, and end what runs. A second call does nothing.

        A restore that runs has restored nothing. Waits for the threads, but no longer than a second: an interceptor
        may be blocked for good.
        """
        listener, self._listener = self._listener, None
        if listener is None or self._accepting is None:
            return
        deadline = time.monotonic() + SECONDS_TO_STOP
        listener.shutdown()
        listener.server_close()
        listener.close_connections()
        self._jobs.close()
        self.pauses.close()
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

    @property
    def cancellable(self) -> bool:
        return self._jobs.cancellable

    @cancellable.setter
    def cancellable(self, cancellable: bool) -> None:
        self._jobs.cancellable = cancellable

    def received(self, endpoint: str) -> list[Received]:
        """What arrived for one endpoint (without the base path), in order."""
        with self._lock:
            return [request for request in self.requests if request.endpoint == endpoint]

    def lets_in(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has the login, as far as its head tells. Header names are in lower case."""
        return self.answers.lets_in(headers.get("authorization", ""))

    def note(self, error: BaseException) -> None:
        """Keep what went wrong inside the server."""
        if self.keeps_requests:
            self.errors.append(error)

    def take(self, method: str, path: str, headers: dict[str, str], body: bytes, connection: int) -> Reply:
        """Record a request and answer it, through the interceptor if there is one."""
        plain = path.partition("?")[0]
        inside = plain.startswith(f"{self.base_path}/")
        with self._lock:
            received = Received(
                number=next(self._request_numbers),
                method=method,
                path=path,
                endpoint=plain[len(self.base_path) :] if inside else plain,
                headers=headers,
                body=body,
                connection=connection,
            )
            if self.keeps_requests:
                self.requests.append(received)

        def answer() -> Reply:
            if not inside:
                return refusal_reply(Refusal(f"Unknown path '{plain}'", http_status=404))
            return self._misbehaviour.answer(received)

        try:
            return self.intercept(received, answer) if self.intercept else answer()
        except Exception as error:
            # The last stop before the socket: whatever broke is kept, and told to the client.
            self.note(error)
            return refusal_reply(Refusal(f"Internal error: {error!r} (SYS:1901)", http_status=500))
