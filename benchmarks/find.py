"""The search for one object in 200 snapshots of 5,000 names, against a loop over the official client's ``show_backup``.

The server is a process of its own, and so is each search, which tells its time, its memory and how long its event loop
was held up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import gpudb

from benchmarks.memory import resident
from benchmarks.table import Row, print_table
from restore_tui.demo.model import BackedUpObject, Backup, DataSource, Snapshot, World, epoch_milliseconds
from restore_tui.demo.server import DemoServer
from restore_tui.find.query import FindQuery, NamePattern
from restore_tui.find.reads import SessionReads
from restore_tui.find.search import Search
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.clock import SystemClock
from restore_tui.restore.session import Session, SessionOptions

SNAPSHOTS, NAMES = 200, 5_000
WANTED = "dw.fact_00042"
RUNS = 3


def world() -> World:
    """One backup, full every hour; each snapshot has tables of its own sizes."""
    now = datetime(2026, 11, 27, 7, 0, tzinfo=timezone.utc)
    made = World(now=now, random=Random(7))
    made.datasources["s3"] = DataSource("s3", "s3", {})
    backup = Backup("hourly", "s3", "", now)
    for hours in range(SNAPSHOTS):
        taken = now - timedelta(hours=hours)
        objects = tuple(
            BackedUpObject("table", f"dw.fact_{number:05}", records=number * 1000 + hours, bytes=96 * number)
            for number in range(NAMES)
        )
        backup.snapshots.insert(0, Snapshot(epoch_milliseconds(taken), "full", taken, 1, objects))
    made.add_backup(backup)
    return made


@contextmanager
def server() -> Iterator[str]:
    """Its URL."""
    program = "from benchmarks.find import serve; serve()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def serve() -> None:
    with DemoServer(world(), keeps_requests=False) as demo:
        print(demo.url, flush=True)
        sys.stdin.read()


def naive(url: str) -> dict[str, Any]:
    """What somebody would write with the official client."""
    options = gpudb.GPUdb.Options()
    options.encoding = "JSON"
    options.disable_auto_discovery = True
    options.username = options.password = "demo"
    client = gpudb.GPUdb(host=url, options=options)
    began = time.perf_counter()
    rows = []
    listed = client.show_backup("hourly", "s3", {"show_contents": "none"})
    for each in listed["backup_ids"]:
        wanted = {"backup_id": each["backup_id"], "show_contents": "object_names"}
        contents = client.show_backup("hourly", "s3", wanted)["backup_contents"]
        rows += [one for one in contents if one["object_name"] == WANTED]
    return {"seconds": time.perf_counter() - began, "rows": len(rows)}


def decoded(url: str) -> dict[str, Any]:
    """The memory that one decoded response takes, as lists of maps."""
    options = gpudb.GPUdb.Options()
    options.encoding = "JSON"
    options.disable_auto_discovery = True
    options.username = options.password = "demo"
    client = gpudb.GPUdb(host=url, options=options)
    client.show_backup("hourly", "s3", {"show_contents": "none"})
    before = resident()[0]
    kept = client.show_backup("hourly", "s3", {"show_contents": "object_names"})
    return {"kilobytes": resident()[0] - before, "names": len(kept["backup_contents"])}


def ours(url: str) -> dict[str, Any]:
    """The search as the wizard has it, through a session."""

    async def search() -> dict[str, Any]:
        login = Login("demo", Secret("demo"))
        session = Session(SystemClock(), SessionOptions(Path(tempfile.mkdtemp())))
        await session.connect(ConnectionSettings(ServerAddress.parse(url), login))
        query = FindQuery((NamePattern(WANTED, exact=True),))
        wanted = Search(SessionReads(session), query, session.clock, per_backup=None)
        first, before = [], resident()[0]
        gap, beating = 0.0, True

        async def beat() -> None:
            nonlocal gap
            at = time.perf_counter()
            while beating:
                await asyncio.sleep(0.001)
                gap, at = max(gap, time.perf_counter() - at), time.perf_counter()

        heart = asyncio.ensure_future(beat())
        began = time.perf_counter()
        await wanted.run(lambda: first.append(wanted.progress.read) if wanted.matches and not first else None)
        seconds = time.perf_counter() - began
        beating = False
        await heart
        await session.aclose()
        now, most = resident()
        return {
            "seconds": seconds,
            "rows": len(wanted.matches),
            "first": first[0],
            "gap": gap,
            "kilobytes": now - before,
            "most": most - before,
        }

    return asyncio.run(search())


def _told(what: str, url: str) -> dict[str, Any]:
    program = f"import json; from benchmarks.find import {what}; print(json.dumps({what}({url!r})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure() -> list[Row]:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(server())
        mine, theirs = [], []
        for _ in range(RUNS):  # in turn, so that what else the machine does hits both
            mine.append(_told("ours", url))
            theirs.append(_told("naive", url))
        one = median(_told("decoded", url)["kilobytes"] for _ in range(RUNS))
    assert {run["rows"] for run in (*mine, *theirs)} == {SNAPSHOTS}

    def of(runs: list[dict[str, Any]], key: str) -> float:
        return median(run[key] for run in runs)

    what = f"find in {SNAPSHOTS} × {NAMES:,} names"
    decoded_once = "one decoded response"
    return [
        Row(what, of(mine, "seconds"), "s", "a loop of gpudb", of(theirs, "seconds"), "at most 1.1 ×"),
        Row(f"{what}: reads until the first row", of(mine, "first"), "", "", None, "at most 2"),
        Row(f"{what}: memory", of(mine, "kilobytes") / 1000, "MB", decoded_once, one / 1000, "at most 2.5 ×"),
        Row(f"{what}: memory at its highest", of(mine, "most") / 1000, "MB", decoded_once, one / 1000, ""),
        Row(f"{what}: event loop held up", of(mine, "gap"), "s", "", None, "at most 0.05 s"),
    ]


if __name__ == "__main__":
    print_table(measure())
