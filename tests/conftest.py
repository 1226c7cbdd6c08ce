"""What every room shares: the misbehaving server, and the certainty that no thread stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faulty import Server


@pytest.fixture
def faulty() -> Iterator[Server]:
    with Server() as server:
        yield server
