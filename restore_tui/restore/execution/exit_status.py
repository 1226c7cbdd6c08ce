"""What is left behind on the terminal: the exit code and the last line on standard output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import attach_command, pluralize

if TYPE_CHECKING:
    from restore_tui.restore.receipts.model import Receipt


class ExitCode(IntEnum):
    """The promise to scripts."""

    SUCCESS = 0
    """Restored, or left without restoring; a restore that was canceled before it was sent counts as that."""
    FAILED = 1
    """The restore failed: the server refused it or reported it as failed, or could not be reached."""
    USAGE = 2
    """Usage error."""
    PARTLY = 3
    """Some objects failed or were not mentioned, or the server added warnings."""
    UNKNOWN = 4
    """Outcome unknown, or left running."""
    CRASHED = 70
    """The wizard crashed. If an outcome is still open, the code is 4 instead."""


_WORST_FIRST = (ExitCode.UNKNOWN, ExitCode.FAILED, ExitCode.PARTLY, ExitCode.SUCCESS)
_BY_VERDICT = {
    "Restored": ExitCode.SUCCESS,
    "Restored, with warnings": ExitCode.PARTLY,
    "Partly restored": ExitCode.PARTLY,
    "Restore failed": ExitCode.FAILED,
    "Outcome unknown": ExitCode.UNKNOWN,
    "Not sent": ExitCode.SUCCESS,
}


class RunSummary(NamedTuple):
    """One restore of this session, as far as leaving is concerned. ``objects`` were requested; of them ``restored``,
    ``failed`` and ``unmentioned`` are what the restore's own response reports, None where it reports no object."""

    verdict: str
    backup: str
    server: str
    objects: int
    receipt: Path | None
    left_running: bool = False
    id: str = ""
    restored: int | None = None
    failed: int = 0
    unmentioned: int = 0

    @property
    def is_unknown(self) -> bool:
        return self.left_running or _BY_VERDICT[self.verdict] is ExitCode.UNKNOWN


def summary_of(receipt: Receipt, place: Path) -> RunSummary:
    """Return what a receipt says of its run. While its outcome is not known, that is what leaving says of a run that
    was to be checked: the server was not asked."""
    from restore_tui.restore.receipts.report_facts import results_of

    verdict = receipt.outcome.verdict if receipt.outcome else ""
    asked = [line for line in results_of(receipt) if line.asked]
    statuses = Counter(line.restore for line in asked)
    restored, failed, missing = (statuses[word] for word in ("restored", "failed", "not mentioned"))
    return RunSummary(
        id=receipt.run,
        verdict=verdict if verdict in _BY_VERDICT else "Outcome unknown",
        backup=receipt.backup,
        server=f"{receipt.server.user} at {receipt.server.url}",
        objects=len(asked),
        receipt=place,
        restored=restored if restored or failed or missing else None,
        failed=failed,
        unmentioned=missing,
    )


def exit_code(runs: Iterable[RunSummary], *, crashed: bool = False) -> ExitCode:
    """The worst of all restores: unknown, failed, partly, fine. A crash goes before all but an unknown outcome."""
    codes = {ExitCode.UNKNOWN if run.is_unknown else _BY_VERDICT[run.verdict] for run in runs}
    if crashed and ExitCode.UNKNOWN not in codes:
        return ExitCode.CRASHED
    return next((code for code in _WORST_FIRST if code in codes), ExitCode.SUCCESS)


def summary_line(runs: Sequence[RunSummary], flags: Sequence[str] = ()) -> str:
    """One line: what was done, and where the receipt is. Of several runs, the last and how many. ``flags`` are the
    connection options with which the command to come back works."""
    if not runs:
        return "Nothing was restored."
    run = runs[-1]
    what = "Left running, outcome unknown" if run.left_running else run.verdict
    where = f"Receipt: {sanitize(run.receipt)}" if run.receipt else "Receipt: none was written"
    before = f" (the last of {len(runs)} restores)" if len(runs) > 1 else ""
    back = attach_command(run.id, flags)
    look = f" Check the outcome: {back}." if run.receipt and run.is_unknown else ""
    to = f"from backup {sanitize(run.backup, 60)} to {sanitize(run.server, 60)}"
    return f"{what}: {_count(run)} {to}{before}.{look} {where}"


def _count(run: RunSummary) -> str:
    """How many objects were restored of those that were requested, as far as it is known."""
    if run.restored is None or run.is_unknown:
        return f"{pluralize(run.objects, 'object')} requested"
    if run.restored == run.objects:
        return pluralize(run.objects, "object")
    rest = [
        f"{number:,} {word}"
        for number, word in ((run.failed, "failed"), (run.unmentioned, "not mentioned"))
        if number
    ]
    return ", ".join([f"{run.restored:,} of {pluralize(run.objects, 'object')}", *rest])
