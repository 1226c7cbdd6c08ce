"""What is left behind on the terminal: the exit code and the last line on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from restore_tui.kinetica.text import harmless


class ExitCode(IntEnum):
    """The promise to scripts."""

    FINE = 0  # restored, or left without restoring
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    UNKNOWN = 4  # or left running
    CRASHED = 70


_WORST_FIRST = (ExitCode.UNKNOWN, ExitCode.FAILED, ExitCode.PARTLY, ExitCode.FINE)
_BY_VERDICT = {
    "Restored": ExitCode.FINE,
    "Partly restored": ExitCode.PARTLY,
    "Restore failed": ExitCode.FAILED,
    "Outcome unknown": ExitCode.UNKNOWN,
}


class Run(NamedTuple):
    """One restore of this session, as far as leaving is concerned."""

    verdict: str
    backup: str
    server: str
    objects: int
    receipt: Path | None
    left_running: bool = False
    id: str = ""
    told_apart: bool = True
    """Whether the answer told of the single objects, or only of the whole, as the history does."""

    @property
    def is_unknown(self) -> bool:
        return self.left_running or _BY_VERDICT[self.verdict] is ExitCode.UNKNOWN


def exit_code(runs: Iterable[Run], *, crashed: bool = False) -> ExitCode:
    """The worst of all restores: unknown, failed, partly, fine. A crash goes before all but an unknown outcome."""
    codes = {ExitCode.UNKNOWN if run.is_unknown else _BY_VERDICT[run.verdict] for run in runs}
    if crashed and ExitCode.UNKNOWN not in codes:
        return ExitCode.CRASHED
    return next((code for code in _WORST_FIRST if code in codes), ExitCode.FINE)


def last_line(runs: Sequence[Run]) -> str:
    """One line: what was done, and where the receipt is. Of several runs, the last and how many."""
    if not runs:
        return "Nothing was restored."
    run = runs[-1]
    what = "Left running, outcome unknown" if run.left_running else run.verdict
    count = f"{run.objects:,} object{'' if run.objects == 1 else 's'}{'' if run.told_apart else ' asked for'}"
    where = f"Receipt: {harmless(run.receipt)}" if run.receipt else "Receipt: none was written"
    before = f" (the last of {len(runs)} restores)" if len(runs) > 1 else ""
    look = f" Look what became of it: restore-tui attach {run.id}." if run.receipt and run.is_unknown else ""
    to = f"from backup {harmless(run.backup, 60)} to {harmless(run.server, 60)}"
    return f"{what}: {count} {to}{before}.{look} {where}"
