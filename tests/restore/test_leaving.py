"""What is left on the terminal: a code for scripts, and one line for people."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.leaving import Run, exit_code, last_line

CODES = {"Restored": 0, "Restore failed": 1, "Partly restored": 3, "Outcome unknown": 4}


def run(verdict: str = "Restored", **more: object) -> Run:
    fields = {"verdict": verdict, "backup": "nightly", "server": "u@h:1", "objects": 1, "receipt": None}
    return Run(**{**fields, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("verdicts", [v for n in range(1, 5) for v in permutations(CODES, n)])
def test_the_worst_restore_decides_the_exit_code(verdicts: tuple[str, ...]) -> None:
    """Unknown is worse than failed, failed than partly, partly than restored, in whatever order."""
    worst = next(code for code in (4, 1, 3, 0) if code in [CODES[v] for v in verdicts])
    assert exit_code([run(v) for v in verdicts]) == worst


def test_leaving_without_a_restore_is_fine() -> None:
    """Nothing done, nothing failed."""
    assert exit_code([]) == 0
    assert last_line([]) == "Nothing was restored."


def test_left_running_is_unknown() -> None:
    """A restore that goes on without us ends with 4."""
    assert exit_code([run("Outcome unknown", left_running=True), run()]) == 4
    assert "Left running" in last_line([run("Outcome unknown", left_running=True)])


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        (
            [run(objects=1234, receipt=Path("state/r.json"))],
            "Restored: 1,234 objects from backup nightly to u@h:1. Receipt: state/r.json",
        ),
        (
            [run(), run("Partly restored")],
            "Partly restored: 1 object from backup nightly to u@h:1 (the last of 2 restores). "
            "Receipt: none was written",
        ),
    ],
)
def test_the_last_line(runs: list[Run], line: str) -> None:
    """What was done, to what, where, and where the receipt is."""
    assert last_line(runs) == line


@given(st.text(), st.text(), st.text(min_size=1))
def test_the_last_line_is_one_harmless_line(backup: str, server: str, receipt: str) -> None:
    """Whatever the server called its backup, the terminal gets one printable line."""
    line = last_line([run(backup=backup, server=server, receipt=Path(receipt.replace("\0", "x")))])
    assert line.isprintable() or not [c for c in line if not c.isprintable() and ord(c) < 0x2400]
    assert len(line.splitlines()) == 1


def test_what_only_the_history_told_of_is_not_said_of_each_object() -> None:
    """It knows the whole, and no object of it: the scrollback must not know more than the screen."""
    run = Run("Restored", "nightly", "demo@host:9191", 23, None, told_apart=False)
    assert last_line([run]).startswith("Restored: 23 objects asked for from backup nightly")


@pytest.mark.parametrize("verdicts", [v for n in range(4) for v in permutations(CODES, n)])
def test_a_crash_is_70_unless_an_outcome_is_open(verdicts: tuple[str, ...]) -> None:
    """Whoever finds 4 has to check the server; that goes before telling that the wizard broke."""
    code = exit_code([run(v) for v in verdicts], crashed=True)
    assert code == (4 if "Outcome unknown" in verdicts else 70)
