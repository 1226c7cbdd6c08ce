"""All receipts, a line each, newest first: as text, as Markdown, as JSON. What cannot be read is listed with why."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.receipts.report_facts import format_verdict, requested_count
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
JSON_VERSION = 1
NO_END = "no end recorded"
_HEAD = ("Run", "Started", "Outcome", "Objects", "As of", "Backup", "Server")
_AS_OF = _HEAD.index("As of")
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
    columns, backup and server are shortened, and the time of the data is left out where they would lose too much."""
    if not found:
        return f"There are no receipts yet. They would be in {sanitize(folder)}"
    head: tuple[str, ...] = _HEAD
    rows: list[tuple[str, ...]] = [_row(one, one.run in watched) for one in found]
    widths = _widths(head, rows, found)
    if not any(row[_AS_OF] for row in rows) or _room(widths, width) < 2 * _LEAST:
        head, rows = _without_time(head), [_without_time(row) for row in rows]
        widths = _widths(head, rows, found)
    room = max(_room(widths, width), 2 * _LEAST)
    widths[-2] = min(widths[-2], max(room // 2, room - widths[-1]))
    widths[-1] = min(widths[-1], room - widths[-2])
    lines = format_table([head], widths)
    for row, one in zip(rows, found, strict=True):
        if one.receipt is None:
            lines += format_table([(row[0], f"cannot be read: {row[2]}")], (widths[0], width - widths[0] - 2))
        else:
            lines += format_table([row], widths)
    if any(one.run in watched for one in found):
        lines += ["", f"* {_WATCHED}"]
    return "\n".join(lines)


def _widths(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]], found: Sequence[StoredReceipt]
) -> list[int]:
    """Of each column what its widest cell takes; the message in place of a receipt that cannot be read is no cell."""
    full = [head, *(row for row, one in zip(rows, found, strict=True) if one.receipt is not None)]
    widths = [max(cell_width(row[at]) for row in full) for at in range(len(head))]
    widths[0] = max(cell_width(row[0]) for row in [head, *rows])
    return widths


def _room(widths: Sequence[int], width: int) -> int:
    """What the other columns leave to backup and server."""
    return width - sum(widths[:-2]) - 2 * (len(widths) - 1)


def _without_time(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:_AS_OF], *row[_AS_OF + 1 :])


def list_as_markdown(found: Sequence[StoredReceipt], folder: Path, *, watched: Collection[str] = ()) -> str:
    """For a ticket. Nothing is shortened."""
    if not found:
        return f"There are no receipts yet. They would be in {code(str(folder))}"
    rows = []
    for one in found:
        receipt = one.receipt
        if receipt is None:
            rows.append([code(one.run), UNKNOWN, f"cannot be read: {code(one.problem)}", *[UNKNOWN] * 4])
            continue
        ended = NO_END if receipt.outcome is None else format_verdict(receipt.outcome, code)
        said = f"{ended}. {_WATCHED}" if one.run in watched else ended
        objects = count(requested_count(receipt))
        time = code(receipt.snapshot_time) if receipt.snapshot_time else UNKNOWN
        cells = [code(one.run), format_timestamp(receipt.begun), said, objects, time, code(receipt.backup)]
        rows.append([*cells, code(receipt.server.url)])
    return table(_HEAD, rows)


def _row(found: StoredReceipt, watched: bool) -> tuple[str, ...]:
    receipt, run = found.receipt, sanitize(found.run, 40)
    if receipt is None:
        return (run, "", sanitize(found.problem, 200), "", "", "", "")
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
        sanitize(receipt.snapshot_time, 40),
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
