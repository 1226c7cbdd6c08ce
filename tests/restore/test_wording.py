"""How times are written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from restore_tui.restore.text_format import limit


@pytest.mark.parametrize(
    ("minutes", "written"),
    [
        (15, "15 minutes"),
        (1, "1 minute"),
        (2.5, "2.5 minutes"),
        (10_080, "10,080 minutes"),
        (0.4, "24 seconds"),
        (1 / 60, "1 second"),
        (0.001, "0.06 seconds"),
    ],
)
def test_a_limit_is_written_as_it_was_set(minutes: float, written: str) -> None:
    """dry_run_minutes: never 0 of anything."""
    assert limit(timedelta(minutes=minutes)) == written
