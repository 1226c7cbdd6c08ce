"""All receipts, a line each, newest first: as text, as Markdown, as JSON. What cannot be read is listed with why."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.receipts.render import format_verdict, requested_count
from restore_tui.restore.receipts.store import StoredReceipt
from restore_tui.restore.text_format import (
    UNKNOWN,
    cell_width,
    code,
    count,
    format_table,
    format_timestamp,
    table,
)

WIDTH = 120
NO_END = "no end recorded"
_HEAD = ("Run", "Started", "Outcome", "Objects", "Backup", "Server")
_WATCHED = "Another restore-tui is following it now."
_LEAST = 12


def list_as_json(found: Sequence[StoredReceipt], *, watched: Collection[str] = ()) -> str:
    """A list, and every entry with the same keys; null where there is nothing to tell, ``problem`` null where the
    receipt can be read. ASCII only."""
    return json.dumps([_entry(one, one.run in watched) for one in found], indent=2, ensure_ascii=True)


def list_as_text(
    found: Sequence[StoredReceipt], folder: Path, *, watched: Collection[str] = (), width: int = WIDTH
) -> str:
    """For a terminal. ``watched`` are the runs that another process has in charge; backup and server are shortened
    so that a line fits ``width`` columns."""
    if not found:
        return f"There are no receipts yet. They would be in {sanitize(folder)}"
    rows = [_row(one, one.run in watched) for one in found]
    full = [_HEAD, *(row for row, one in zip(rows, found, strict=True) if one.receipt is not None)]
    widths = [max(cell_width(row[at]) for row in full) for at in range(len(_HEAD))]
    widths[0] = max(cell_width(row[0]) for row in [_HEAD, *rows])
    room = max(width - sum(widths[:4]) - 2 * (len(_HEAD) - 1), 2 * _LEAST)
    widths[4] = min(widths[4], max(room // 2, room - widths[5]))
    widths[5] = min(widths[5], room - widths[4])
    lines = format_table([_HEAD], widths)
    for row, one in zip(rows, found, strict=True):
        if one.receipt is None:
            lines += format_table([(row[0], f"cannot be read: {row[2]}")], (widths[0], width - widths[0] - 2))
        else:
            lines += format_table([row], widths)
    if any(one.run in watched for one in found):
        lines += ["", f"* {_WATCHED}"]
    return "\n".join(lines)


def list_as_markdown(found: Sequence[StoredReceipt], folder: Path, *, watched: Collection[str] = ()) -> str:
    """For a ticket. Nothing is shortened."""
    if not found:
        return f"There are no receipts yet. They would be in {code(str(folder))}"
    rows = []
    for one in found:
        receipt = one.receipt
        if receipt is None:
            rows.append([code(one.run), UNKNOWN, f"cannot be read: {code(one.problem)}", *[UNKNOWN] * 3])
            continue
        ended = NO_END if receipt.outcome is None else format_verdict(receipt.outcome, code)
        said = f"{ended}. {_WATCHED}" if one.run in watched else ended
        objects = count(requested_count(receipt))
        cells = [code(one.run), format_timestamp(receipt.begun), said, objects, code(receipt.backup)]
        rows.append([*cells, code(receipt.server.url)])
    return table(_HEAD, rows)


def _row(found: StoredReceipt, watched: bool) -> tuple[str, str, str, str, str, str]:
    receipt, run = found.receipt, sanitize(found.run, 40)
    if receipt is None:
        return (run, "", sanitize(found.problem, 200), "", "", "")
    ended = (
        NO_END
        if receipt.outcome is None
        else format_verdict(receipt.outcome, lambda text: sanitize(text, 20))
    )
    return (
        run,
        format_timestamp(receipt.begun),
        f"{ended} *" if watched else ended,
        count(requested_count(receipt)).rjust(len("Objects")),
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
        "server": receipt.server.url if receipt else None,
        "user": receipt.server.user if receipt else None,
        "receipt": str(found.path),
        "problem": None if receipt else found.problem,
    }
