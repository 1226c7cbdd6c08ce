"""``restore-tui demo-server``: the demo server in the foreground, until it is interrupted."""

from __future__ import annotations

import ipaddress
import signal
import sys
from collections.abc import Sequence

from restore_tui.demo.seed import DEFAULT_STORY
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import PRACTICE_PACE, DemoServer

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def serve(
    host: str,
    port: int,
    *,
    objects: int | None,
    server_version: str,
    story: str = DEFAULT_STORY,
    faults: Sequence[str] = (),
) -> int:
    """Print URL, user and password, and serve until Ctrl+C or SIGTERM. Returns the exit code.

    ``objects`` is the number of tables in the large backup; ``story`` is one of ``STORIES``; ``faults`` are as
    ``faults.parse`` reads them.
    0: it was stopped; 2: it could not start, and standard error says why.
    """
    # Held back before the first thread starts, which inherits it, so that the wait below is the one to get them.
    # A handler could not safely set an Event: it may run while the wait holds the Event's own lock.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        return _serve_until_interrupted(host, port, objects, server_version, story, faults)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _serve_until_interrupted(
    host: str, port: int, objects: int | None, server_version: str, story: str, faults: Sequence[str]
) -> int:
    try:
        world = build_world(story=story) if objects is None else build_world(big_tables=objects, story=story)
        server = DemoServer(
            world,
            host=host,
            port=port,
            server_version=server_version,
            bytes_per_second=PRACTICE_PACE,
            faults=faults,
            keeps_requests=False,
        )
        server.start()
    except ValueError as error:
        sys.stderr.write(f"The demo server cannot start: {error}.\n")
        return 2
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        sys.stderr.write(f"The demo server cannot listen on {host}:{port}: {reason.rstrip('.')}.\n")
        return 2
    try:
        sys.stdout.write(f"URL:      {server.url}\nUser:     {server.user}\nPassword: {server.password}\n")
        sys.stdout.flush()
        if not _is_loopback(host):
            sys.stderr.write(
                f"Warning: everybody who reaches {host} can use this server; its password is published.\n"
            )
        signal.sigwait(INTERRUPTS)
    finally:
        server.stop()
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
