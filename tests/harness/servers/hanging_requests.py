"""Requests that hang until their time limit, which then takes no time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

import httpx
import pytest

from restore_tui.demo.server import Received, Reply
from tests.harness.servers import faulty_server

_NUMBER = "x-number"
Intercept = Callable[[Received, Callable[[], Reply]], Reply]


class HangingRequests:
    """Ends the wait for a response that never comes, where there is a time limit for it, in the moment in which the
    server has begun to leave it out. So a ``hang`` costs no time, no other request has a limit that a busy machine
    could exceed, and the server has always worked on the request by then.

    An interceptor of the demo server; ``then`` is the one that it stands before. ``never`` is for the faulty one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, then: Intercept | None = None) -> None:
        self._numbers = count()
        self._left_out: set[str] = set()
        self._then = then
        send = httpx.AsyncHTTPTransport.handle_async_request

        async def limited(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            number = request.headers[_NUMBER] = str(next(self._numbers))
            has_limit = request.extensions["timeout"]["read"] is not None
            sending = asyncio.ensure_future(send(transport, request))
            try:
                while not sending.done():
                    if has_limit and number in self._left_out:
                        raise httpx.ReadTimeout("The server left the response out.", request=request)
                    await asyncio.wait({sending}, timeout=0.005)
                return sending.result()
            finally:
                sending.cancel()
                await asyncio.wait({sending})

        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", limited)

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = self._then(received, answer) if self._then else answer()
        if reply.hang:
            self._left_out.add(received.headers[_NUMBER])
        return reply

    def never(self) -> faulty_server.Fault:
        """Silence, until the test is over or ``release`` is called."""

        def fault(received: faulty_server.Received) -> faulty_server.Reply:
            self._left_out.add(received.headers[_NUMBER])
            return faulty_server.never()(received)

        return fault
