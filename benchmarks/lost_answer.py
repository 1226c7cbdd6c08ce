"""How often a real restore is posted when its answer is lost: the official client beside ours, counted by the server.

``make bench`` prints the table. The server does the work and then closes the connection, or answers 502 or 503.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable

import gpudb

from benchmarks.clients import official, ours
from restore_tui.demo.server import DemoServer, Received, Reply

FAULTS = {
    "connection drops": Reply(200, b"", drop=True),
    "502": Reply(502, b"<html>Bad Gateway</html>", "text/html"),
    "503": Reply(503, b"", "text/html"),
    "500": Reply(500, b"", "text/html"),
}


def losing(fault: Reply) -> Callable[[Received, Callable[[], Reply]], Reply]:
    """An interceptor that does the work of a restore and loses its answer."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        return fault if received.endpoint == "/restore/backup" else reply

    return intercept


def main() -> None:
    """One row a fault."""
    logging.disable(logging.CRITICAL)
    print(f"{'fault':<20}{'gpudb ' + gpudb.GPUdb.api_version:<28}restore-tui")
    for name, fault in FAULTS.items():
        cells = []
        for restore in (official, ours):
            with DemoServer(intercept=losing(fault)) as server:
                with contextlib.redirect_stdout(io.StringIO()):
                    said = restore(server)
                posts = len(server.received("/restore/backup"))
            cells.append(f"{posts} POST{'s' if posts != 1 else ''}, {said}")
        print(f"{name:<20}{cells[0]:<28}{cells[1]}")


if __name__ == "__main__":
    main()
