"""All receipts, a line each, newest first: as text, as Markdown, as JSON. What cannot be read is listed with why."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.report_facts import format_verdict, requested_count, results_of
from restore_tui.restore.receipts.store import StoredReceipt
from restore_tui.restore.text_format import (
    AS_OF,
    UNKNOWN,
    cell_width,
    code,
    format_table,
    format_timestamp,
    table,
)

WIDTH = 120
JSON_VERSION = 1
NO_END = "no end recorded"
_HEAD = ("Run", "Started", "Outcome", AS_OF, "Objects", "User", "Backup", "Server")
_SHORTENED = _HEAD[_HEAD.index("Objects") :]
_LEFT_OUT = (AS_OF, "User")
"""In Markdown and JSON they always stand."""
_WATCHED = "Another restore-tui is following it now."
_LEAST = 9


def list_as_json(found: Sequence[StoredReceipt], *, watched: Collection[str] = ()) -> str:
    """Every entry of ``runs`` has the same keys; null where there is nothing to tell, ``problem`` null where the
    receipt can be read. ASCII only."""
    data = {"version": JSON_VERSION, "runs": [_entry(one, one.run in watched) for one in found]}
    return json.dumps(data, indent=2, ensure_ascii=True)


def list_as_text(
    found: Sequence[StoredReceipt], folder: Path, *, watched: Collection[str] = (), width: int = WIDTH
) -> str:
    """For a terminal. ``watched`` are the runs that another process has in charge. So that a line fits ``width``
    columns, objects, user, backup and server are shortened; the time of the data, then the user, are left out where
    the rest would lose too much."""
    if not found:
        return f"There are no receipts yet. They would be in {sanitize(folder)}"
    rows = [_HEAD, *(_row(one, one.run in watched) for one in found)]
    columns, widths = fit_columns(rows, width, shortened=_SHORTENED, left_out=_LEFT_OUT)
    lines = format_table([[_HEAD[at] for at in columns]], widths)
    for row, one in zip(rows[1:], found, strict=True):
        if one.receipt is None:
            problem = f"cannot be read: {sanitize(one.problem, 200)}"
            lines += format_table([(row[0], problem)], (widths[0], width - widths[0] - 2))
        else:
            lines += format_table([[row[at] for at in columns]], widths)
    if any(one.run in watched for one in found):
        lines += ["", f"* {_WATCHED}"]
    return "\n".join(lines)


def fit_columns(
    rows: Sequence[Sequence[str]], width: int, *, shortened: Collection[str], left_out: Sequence[str]
) -> tuple[list[int], list[int]]:
    """Which columns of a table to show, and how wide, so that a line fits ``width`` columns of a terminal. The first of
    ``rows`` has their names. Those named ``shortened`` are, the widest first; where they would lose too much,
    ``left_out`` are left out one after the other, and so is at once what is empty in every row."""
    head = rows[0]
    columns = [at for at, name in enumerate(head) if name not in left_out or any(row[at] for row in rows[1:])]
    names = [head[at] for at in columns]
    leaving = [name for name in left_out if name in names]
    while True:
        widths = [max(cell_width(row[at]) for row in rows) for at in columns]
        flexible = [n for n, at in enumerate(columns) if head[at] in shortened]
        fixed = sum(widths) - sum(widths[n] for n in flexible) + 2 * (len(columns) - 1)
        if not leaving or width - fixed >= sum(min(_LEAST, widths[n]) for n in flexible):
            break
        name = leaving.pop(0)
        columns = [at for at in columns if head[at] != name]
    while sum(widths[n] for n in flexible) > width - fixed:
        widest = max(flexible, key=lambda n: widths[n])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    return columns, widths


def list_as_markdown(found: Sequence[StoredReceipt], folder: Path, *, watched: Collection[str] = ()) -> str:
    """For a ticket. Nothing is shortened."""
    if not found:
        return f"There are no receipts yet. They would be in {code(str(folder))}"
    rows = []
    for one in found:
        receipt = one.receipt
        if receipt is None:
            rows.append([code(one.run), UNKNOWN, f"cannot be read: {code(one.problem)}", *[UNKNOWN] * 5])
            continue
        ended = NO_END if receipt.outcome is None else format_verdict(receipt.outcome, code)
        said = f"{ended}. {_WATCHED}" if one.run in watched else ended
        first, more = _objects(receipt)
        time = code(receipt.snapshot_time) if receipt.snapshot_time else UNKNOWN
        cells = [code(one.run), format_timestamp(receipt.begun), said, time, f"{code(first)}{more}"]
        rows.append([*cells, code(receipt.server.user), code(receipt.backup), code(receipt.server.url)])
    return table(_HEAD, rows)


def _objects(receipt: Receipt) -> tuple[str, str]:
    """The first object that was requested, and how many more."""
    names = [line.name for line in results_of(receipt) if line.asked]
    return (names[0] if names else "", f" +{len(names) - 1:,}" if len(names) > 1 else "")


def _row(found: StoredReceipt, watched: bool) -> tuple[str, ...]:
    receipt, run = found.receipt, sanitize(found.run, 40)
    if receipt is None:
        return (run, *[""] * (len(_HEAD) - 1))
    ended = (
        NO_END
        if receipt.outcome is None
        else format_verdict(receipt.outcome, lambda text: sanitize(text, 20))
    )
    first, more = _objects(receipt)
    return (
        run,
        format_timestamp(receipt.begun),
        f"{ended} *" if watched else ended,
        sanitize(receipt.snapshot_time, 40),
        f"{sanitize(first, WIDTH) or UNKNOWN}{more}",
        sanitize(receipt.server.user, WIDTH) or UNKNOWN,
        sanitize(receipt.backup, WIDTH) or UNKNOWN,
        sanitize(receipt.server.url, WIDTH) or UNKNOWN,
    )


def _entry(found: StoredReceipt, watched: bool) -> dict[str, object]:
    receipt = found.receipt
    outcome = receipt.outcome if receipt else None
    return {
        "run": found.run,
        "begun": receipt.begun.isoformat() if receipt else None,
        "state": receipt.state if receipt else None,
        "verdict": outcome.verdict if outcome else None,
        "watched": watched,
        "objects": requested_count(receipt) if receipt else None,
        "backup": receipt.backup if receipt else None,
        "snapshot": receipt.dry_run.snapshot_id if receipt else None,
        "snapshot_time": (receipt.snapshot_time or None) if receipt else None,
        "server": receipt.server.url if receipt else None,
        "user": receipt.server.user if receipt else None,
        "receipt": str(found.path),
        "problem": None if receipt else found.problem,
    }
