from __future__ import annotations

import pytest

from tests.harness.clock import FakeClock
from tests.harness.servers.faulty_server import Server
from tests.harness.servers.restore_jobs import serve_jobs


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(faulty: Server) -> Server:
    """Runs restores as jobs."""
    return serve_jobs(faulty)
