"""What is left on the terminal: a code for scripts, and one line for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.execution.exit_status import RunSummary, exit_code, summary_line, summary_of
from tests.harness.receipts import RUN, receipt

CODES = {
    "Restored": 0,
    "Restored, with warnings": 3,
    "Restore failed": 1,
    "Partly restored": 3,
    "Outcome unknown": 4,
}


def run(verdict: str = "Restored", **more: object) -> RunSummary:
    fields = {"verdict": verdict, "backup": "nightly", "server": "u@h:1", "objects": 1, "receipt": None}
    return RunSummary(**{**fields, **more})  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(sorted(CODES)), min_size=1, max_size=5))
def test_the_worst_restore_decides_the_exit_code(verdicts: list[str]) -> None:
    """Unknown is worse than failed, failed than partly or warnings, these than restored, in whatever order."""
    worst = next(code for code in (4, 1, 3, 0) if code in [CODES[v] for v in verdicts])
    assert exit_code([run(v) for v in verdicts]) == worst


def test_leaving_without_a_restore_is_fine() -> None:
    """Nothing done, nothing failed."""
    assert exit_code([]) == 0
    assert summary_line([]) == "Nothing was restored."


def test_left_running_is_unknown() -> None:
    """A restore that goes on without us ends with 4."""
    assert exit_code([run("Outcome unknown", left_running=True), run()]) == 4
    assert "Left running" in summary_line([run("Outcome unknown", left_running=True)])


@pytest.mark.parametrize(
    ("last", "count"),
    [
        (run(objects=1234, restored=1234), "Restored: 1,234 objects"),
        (run(objects=6), "Restored: 6 objects requested"),
        (run("Restored, with warnings", restored=1), "Restored, with warnings: 1 object"),
        (
            run("Partly restored", objects=6, restored=4, failed=2),
            "Partly restored: 4 of 6 objects, 2 failed",
        ),
        (
            run("Partly restored", objects=6, restored=4, failed=1, unmentioned=1),
            "Partly restored: 4 of 6 objects, 1 failed, 1 not mentioned",
        ),
        (run("Restore failed", objects=6), "Restore failed: 6 objects requested"),
        (run("Restore failed", objects=6, restored=0, failed=6), "Restore failed: 0 of 6 objects, 6 failed"),
        (run("Outcome unknown", objects=6, restored=6), "Outcome unknown: 6 objects requested"),
    ],
)
def test_the_last_line_counts_what_was_restored(last: RunSummary, count: str) -> None:
    """What was requested is never counted as done."""
    assert summary_line([last]) == f"{count} from backup nightly to u@h:1. Receipt: none was written"


def test_the_last_line_names_the_receipt_and_how_many_restores_there_were() -> None:
    """Of several restores the last is described."""
    line = summary_line([run(), run(restored=1, receipt=Path("state/r.json"))])
    assert line == (
        "Restored: 1 object from backup nightly to u@h:1 (the last of 2 restores). Receipt: state/r.json"
    )


@given(st.text(), st.text(), st.text(min_size=1))
def test_the_last_line_is_one_harmless_line(backup: str, server: str, receipt: str) -> None:
    """Whatever the server called its backup, the terminal gets one printable line."""
    line = summary_line([run(backup=backup, server=server, receipt=Path(receipt.replace("\0", "x")))])
    assert line.isprintable() or not [c for c in line if not c.isprintable() and ord(c) < 0x2400]
    assert len(line.splitlines()) == 1


def test_a_run_that_was_not_checked_is_as_unknown_as_before() -> None:
    """attach, and the server was never asked: not *Nothing was restored.*, exit code 4, and how to come back."""
    runs = [summary_of(receipt(None), Path("state/r.json"))]
    assert exit_code(runs) == 4
    line = summary_line(runs)
    assert line.startswith("Outcome unknown: 3 objects requested from backup nightly to ")
    assert f"restore-tui attach {RUN}." in line


def test_the_command_to_come_back_has_the_options_it_needs() -> None:
    """As printed it goes to a shell, whatever the names of files are."""
    lost = run("Outcome unknown", receipt=Path("r.json"), id=RUN)
    line = summary_line([lost], ["--ca-file", "my ca.pem", "--insecure"])
    assert f"restore-tui --ca-file 'my ca.pem' --insecure attach {RUN}." in line


@given(st.lists(st.sampled_from(sorted(CODES)), max_size=4))
def test_a_crash_is_70_unless_an_outcome_is_open(verdicts: list[str]) -> None:
    """Whoever finds 4 has to check the server; that goes before telling that the wizard broke."""
    code = exit_code([run(v) for v in verdicts], crashed=True)
    assert code == (4 if "Outcome unknown" in verdicts else 70)
