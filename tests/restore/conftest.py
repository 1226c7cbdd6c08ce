from __future__ import annotations

import pytest

from tests.restore.support import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
