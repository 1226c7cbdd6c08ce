from __future__ import annotations

import pytest

from tests.harness.plans import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
