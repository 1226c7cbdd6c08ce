"""A server that takes restores in one long request, and sessions at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import RESTORED, link
from tests.harness.plans import ID, RESTORE, plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

SNAPSHOTS = {
    "backup_ids": [{"backup_name": "nightly", "backup_id": ID}],
    "backup_contents": [{"sales.orders": "table"}],
}


def properties(ring: str = "blue", version: str = "7.2.3.14") -> Any:
    return f.good({"property_map": {"version.gpudb_core_version": version, "conf.ring_name": ring}})


async def sitting(server: Server, clock: FakeClock, folder: Path, **policy: Any) -> Session:
    session = Session(clock, SessionOptions(folder, **{"mode": "direct", **policy}))
    await session.connect(link(server))
    session.plan = plan()
    return session


def serve_directly(faulty: Server) -> Server:
    """A server that knows one snapshot, and restores it in one request."""
    faulty.on("/show/system/properties", properties())
    faulty.on("/show/backup", f.good(SNAPSHOTS))
    faulty.on("/show/datasource", f.good({"datasource_names": ["s3"]}))
    faulty.on(RESTORE, f.good(RESTORED))
    return faulty
