"""How everything that is read grows: each list at n and at 4 n, from the bytes of the response to what is shown.

Nothing that is read may grow faster than n log n: four times as many take at most 4.7 times as long (at n = 2,500), and
a few more for the noise of a machine. Only ratios are wanted; how fast the machine is does not matter.
"""

from __future__ import annotations

import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import Row, print_table
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.store import ReceiptStore

FEW, RUNS = 2_500, 7
_WANTED = "at most 6 ×"
_BASE = 1_654_321_012_345
Data = dict[str, Any]


class _Canned(KineticaClient):
    """A client whose requests are all answered with the same bytes, without a server."""

    def __init__(self, data_type: str, data: Data) -> None:
        super().__init__(
            ConnectionSettings(
                ServerAddress.parse("http://localhost"), Login("demo", Secret("demo-password"))
            )
        )
        self._body = json.dumps(
            {"status": "OK", "message": "", "data_type": data_type, "data": "", "data_str": json.dumps(data)}
        ).encode()

    async def _post(self, *_args: Any, **_more: Any) -> tuple[int, bytes]:
        return 200, self._body


# What a server would send


def _data_sources(n: int) -> Data:
    return {
        "datasource_names": [f"ops.source_{i}" for i in range(n)],
        "storage_provider_types": ["s3"] * n,
        "additional_info": [{"location": "s3", "s3_bucket_name": f"bucket-{i}"} for i in range(n)],
    }


def _snapshot(i: int, backup: str) -> dict[str, str]:
    return {
        "backup_name": backup,
        "backup_id": str(_BASE + i),
        "backup_type": "full",
        "time": "2026-11-23T03:00:00Z",
        "size": "1000",
        "records": "10",
    }


def _backups(n: int) -> Data:
    return {
        "backup_description": [{"backup_name": f"backup_{i}", "comment": "nightly"} for i in range(n)],
        "backup_ids": [_snapshot(i, f"backup_{i}") for i in range(n)],
        "deleted_backup_ids": [{"backup_name": f"backup_{i}", "backup_id": str(i)} for i in range(0, n, 10)],
    }


def _snapshots(n: int) -> Data:
    return {"backup_ids": [_snapshot(i * 7919 % n, "nightly") for i in range(n)]}


def _objects(n: int) -> Data:
    rows = [
        {"object_name": f"s{i % 50}.t{i}", "object_type": "table", "size": str(i), "records": "1"}
        for i in range(n)
    ]
    return {"backup_contents": rows}


def _users(n: int) -> Data:
    return {
        "types": {f"user_{i}": "internal_user" for i in range(n)},
        "permissions": {f"user_{i}": [{"table": f"s.t{i}"}] for i in range(n)},
    }


def _schemas(n: int) -> Data:
    return {
        "schema_names": [f"schema_{i}" for i in range(n)],
        "schema_tables": [[f"t{i}", f"v{i}"] for i in range(n)],
    }


def _jobs(n: int) -> Data:
    return {
        "job_id": [str(i) for i in range(n)],
        "status": ["DONE"] * n,
        "endpoint_name": ["/restore/backup"] * n,
        "auth_id": ["demo"] * n,
    }


def _history(n: int) -> Data:
    headers = ["query_id", "backup_name", "operation", "status", "event_message"]
    columns = [
        [f"q{i}" for i in range(n)],
        ["nightly"] * n,
        ["restore"] * n,
        ["restore_complete"] * n,
        [""] * n,
    ]
    table = {f"column_{number}": column for number, column in enumerate(columns, 1)}
    return {"json_encoded_response": json.dumps({"column_headers": headers, **table})}


Read = Callable[[KineticaClient], Awaitable[Any]]
LISTS: dict[str, tuple[str, Callable[[int], Data], Read]] = {
    "data sources": ("show_datasource_response", _data_sources, lambda c: c.data_sources()),
    "backups": ("show_backup_response", _backups, lambda c: c.backups("s3")),
    "snapshots": ("show_backup_response", _snapshots, lambda c: c.snapshots("s3", "nightly")),
    "objects": ("show_backup_response", _objects, lambda c: c.contents("s3", "nightly", "1")),
    "users": ("show_security_response", _users, lambda c: c.users_and_roles()),
    "live schemas": ("show_schema_response", _schemas, lambda c: c.schemas()),
    "jobs": ("admin_show_jobs_response", _jobs, lambda c: c.running_jobs()),
    "history": ("execute_sql_response", _history, lambda c: c.history("nightly")),
}
"""What is read, as which response, and by which method of the client."""


# How long it takes


async def _time(read: Read, client: KineticaClient) -> float:
    took = []
    for _ in range(RUNS):
        gc.collect()
        began = time.perf_counter()
        await read(client)
        took.append(time.perf_counter() - began)
    return median(took)


async def longest_gap(work: Awaitable[Any]) -> float:
    """Seconds that the event loop was busy for longest, and no key was answered, while the work went on."""
    gap, at, stop = 0.0, time.perf_counter(), asyncio.Event()

    async def beat() -> None:
        nonlocal gap, at
        while not stop.is_set():
            await asyncio.sleep(0.001)
            gap, at = max(gap, time.perf_counter() - at), time.perf_counter()

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.01)
    at = time.perf_counter()
    await work
    gap = max(gap, time.perf_counter() - at)
    stop.set()
    await beating
    return gap


def _row(what: str, many: float, few: float) -> Row:
    return Row(f"read {4 * FEW:,} {what}", many * 1000, "ms", f"{FEW:,}", few * 1000, _WANTED)


async def _lists() -> list[Row]:
    rows, gaps = [], []
    for what, (data_type, make, read) in LISTS.items():
        few, many = (_Canned(data_type, make(n)) for n in (FEW, 4 * FEW))
        rows.append(_row(what, await _time(read, many), await _time(read, few)))
        gap = median([await longest_gap(read(many)) for _ in range(RUNS)]) * 1000
        gaps.append(Row(f"  deaf for longest meanwhile: {what}", gap, "ms", "", None, "50 ms"))
    return rows + gaps


def _receipts() -> Row:
    """From the files of a folder; they are small ones, as of a restore of one schema."""
    folder = Path(tempfile.mkdtemp())
    receipt = Receipt.model_validate(
        {
            "run": "run",
            "state": "sending",
            "begun": datetime(2026, 11, 23, tzinfo=timezone.utc),
            "server": {"url": "http://host:9191", "version": "", "cluster": "", "user": "demo", "way": "job"},
            "fingerprint": "ab" * 32,
            "snapshot": "pinned",
            "request": {"backup_name": "nightly", "restore_objects_map": {"all": "sales"}, "options": {}},
            "dry_run": {
                "at": datetime(2026, 11, 23, tzinfo=timezone.utc),
                "seconds": 1.0,
                "snapshot_id": "1",
                "answer": {},
            },
        }
    )
    took = []
    for n in (FEW, 4 * FEW):
        place = folder / str(n)
        place.mkdir()
        for i in range(n):
            written = receipt.model_copy(update={"run": f"20261123T020000Z-{i:06}"})
            (place / f"{written.run}.json").write_text(written.as_json())
        runs = []
        for _ in range(3):
            began = time.perf_counter()
            assert len(ReceiptStore(place).runs()) == n
            runs.append(time.perf_counter() - began)
        took.append(median(runs))
    return _row("receipts", took[1], took[0])


def measure() -> list[Row]:
    """Every list, and how long the screen is deaf meanwhile."""
    return [*asyncio.run(_lists()), _receipts()]


if __name__ == "__main__":
    print_table(measure())
