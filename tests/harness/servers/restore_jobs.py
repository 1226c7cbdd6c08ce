"""A server that runs restores as background jobs, and sessions at it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.receipts.model import Receipt, Verdict
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import RESTORED, link
from tests.harness.plans import ID, RESTORE, plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Received, Reply, Server

CREATE, GET = "/create/job", "/get/job"


SHOW, SQL = "/admin/show/jobs", "/execute/sql"


RUNS = ("20261123T020000Z-aaaaaa", "20261123T020001Z-bbbbbb", "20261123T020002Z-cccccc")


def job(status: str = "DONE", response: object = RESTORED, **more: Any) -> Fault:
    """What ``/get/job`` says of it. A tag that is requested comes back, unless ``more`` has another ``info``."""
    told = json.dumps(response) if status == "DONE" else ""

    def say(received: Received) -> Reply:
        tag = received.json["options"].get("job_tag", "")
        return f.good({"job_status": status, "job_response_str": told, "info": {"job_tag": tag}, **more})(
            received
        )

    return say


def running(percent: int) -> Fault:
    return job("RUNNING", progress=percent)


def listed(*jobs: tuple[int, str, str]) -> Fault:
    """``/admin/show/jobs``: (id, status, user) of restores."""
    data = {
        "job_id": [number for number, _, _ in jobs],
        "status": [status for _, status, _ in jobs],
        "endpoint_name": [RESTORE for _ in jobs],
        "auth_id": [user for _, _, user in jobs],
    }
    return f.always(Reply(f.http(200, f.envelope(data, "admin_show_jobs_response")), keep=True))


def history(*rows: dict[str, Any], now: str | None = "2026-11-23 07:00:00.000") -> Fault:
    """``/execute/sql``: these rows of the history, and the time by a clock five hours ahead of ours; None for a
    server that does not tell it."""
    headers = sorted({column for row in rows for column in row})
    table: dict[str, Any] = {"column_headers": headers}
    for number, column in enumerate(headers, 1):
        table[f"column_{number}"] = [row.get(column) for row in rows]
    clock = {"column_headers": ["EXPR_0"], "column_1": [now]}

    def say(received: Received) -> Reply:
        if "NOW()" not in received.json["statement"]:
            return f.good({"json_encoded_response": json.dumps(table)})(received)
        if now is None:
            return f.error("Function 'NOW' not found")(received)
        return f.good({"json_encoded_response": json.dumps(clock)})(received)

    return say


async def sitting(server: Server, clock: FakeClock, folder: Path, way: str = "auto", **more: Any) -> Session:
    ids = iter(RUNS)
    session = Session(clock, SessionOptions(folder, mode=way), run_ids=lambda: next(ids))
    await session.connect(link(server, **more))
    session.plan = plan()
    return session


async def restore(session: Session, **more: Any) -> Outcome:
    permit = await session.confirm("nightly")
    return await session.restore(permit, **{"with_receipt": True, "stop": asyncio.Event(), **more})


def sent(server: Server) -> list[tuple[str, str]]:
    """Each POST that could restore or rehearse: its endpoint, and the tag of the job or its dry_run."""
    return [
        (r.path, r.json["options"]["job_tag" if r.path == CREATE else "dry_run"])
        for r in server.received
        if r.path in (CREATE, RESTORE)
    ]


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


FIELDS = [
    "endpoint", "job_status", "running", "progress", "job_response_str", "status_map", "info", "job_id", "status",
    "endpoint_name", "time_received", "auth_id", "user_data", "has_more_records", "json_encoded_response",
]  # fmt: skip


TABLES = st.dictionaries(st.sampled_from(["column_1", "column_2", "column_headers"]), GARBAGE).map(json.dumps)


ANSWERS = st.dictionaries(st.sampled_from(FIELDS), GARBAGE) | st.fixed_dictionaries(
    {"json_encoded_response": TABLES | st.text(max_size=8)}
)


def serve_jobs(faulty: Server) -> Server:
    """A server that runs restores as jobs: a dry run is job 41, the restore after it job 42, and both succeed."""
    told = {"version.gpudb_core_version": "7.2.3.14", "conf.ring_name": "blue"}
    faulty.on("/show/system/properties", f.good({"property_map": told}))
    faulty.on("/show/backup", f.good({"backup_ids": [{"backup_name": "nightly", "backup_id": ID}]}))
    faulty.on(SHOW, listed())
    faulty.on(SQL, history())
    faulty.on(RESTORE, f.good(RESTORED))
    faulty.on(CREATE, f.good({"job_id": 41}), f.good({"job_id": 42}))
    faulty.on(GET, job())
    return faulty


async def left_behind(server: Server, clock: FakeClock, folder: Path) -> Receipt:
    """The receipt of a restore whose wizard went away while its job ran."""
    session = await sitting(server, clock, folder)
    await session.run_dry_run()
    permit = await session.confirm("nightly")
    server.on(GET, running(30))
    stop = asyncio.Event()
    ended = session.restore(
        permit, with_receipt=True, stop=stop, report=lambda p: stop.set() if p.percent else None
    )
    assert (await ended).verdict is Verdict.UNKNOWN
    await session.aclose()
    return ReceiptStore(folder).read(RUNS[0])
