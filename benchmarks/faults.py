"""How often does one real restore reach the server, with every fault of the demo server?

``gpudb`` and restore-tui, directly and as a background job. A POST is counted when it arrives; whether it was answered
is what the fault decides.
"""

from __future__ import annotations

import contextlib
import io
import logging

import gpudb

from benchmarks.clients import Restore, official, ours
from restore_tui.demo.server import DemoServer

FAULTS = (
    "drop", "drop-before", "hang", "slow:0.5", "401", "404", "500", "502", "503", "504", "html", "truncate", "garbage",
    "wrong-type", "trickle",
)  # fmt: skip
JOBS_ONLY = ("no-jobs", "job-dies:30")
SECONDS_TO_HANG = 1.0


def measure(restore: Restore, endpoint: str, fault: str) -> str:
    """POSTs that arrived at the endpoint, and what the caller was told."""
    seconds = SECONDS_TO_HANG if fault == "hang" else None
    with DemoServer(faults=[f"{endpoint}={fault}"]) as server:
        with contextlib.redirect_stdout(io.StringIO()):
            told = restore(server, as_job=endpoint == "/create/job", seconds=seconds)
        arrived = len(server.received(endpoint))
    return f"{arrived}, {told}"


def main() -> None:
    """One Markdown table: a row for each fault and endpoint."""
    logging.disable(logging.CRITICAL)
    print(f"| endpoint | fault | gpudb {gpudb.GPUdb.api_version}: POSTs | restore-tui: POSTs |")
    print("| --- | --- | --- | --- |")
    for endpoint, faults in (("/restore/backup", FAULTS), ("/create/job", (*FAULTS, *JOBS_ONLY))):
        for fault in faults:
            cells = [measure(restore, endpoint, fault) for restore in (official, ours)]
            print(f"| `{endpoint}` | `{fault}` | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
