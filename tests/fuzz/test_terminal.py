"""The first few of the random strings that ``make fuzz`` sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.terminal import violations


@pytest.mark.slow
def test_random_input_types_what_it_should_and_stops_no_restore(tmp_path: Path) -> None:
    """2,000 strings of ESC, brackets, P, M, digits, signs and bytes that are not UTF-8, 40 of them for the program."""
    assert violations(tmp_path, 2000) == []
