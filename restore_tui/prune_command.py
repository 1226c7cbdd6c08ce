"""``restore-tui history --prune``: delete old receipts, after a person has seen which and agreed."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone

from restore_tui.ascii_glyphs import printable
from restore_tui.config import Settings
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.receipts.listing import list_as_text
from restore_tui.restore.receipts.store import ReceiptStore, ReceiptUnwritableError
from restore_tui.restore.text_format import pluralize, size

AGREED = "yes"


class NotPrunedError(Exception):
    """Nothing was deleted, or not all of it; the text says why."""


def prune(settings: Settings, *, width: int, now: datetime | None = None) -> str:
    """List the receipts that are older than the settings say, ask, and delete them. Returns what was done. Raises
    NotPrunedError, and OSError where the folder cannot be read."""
    store = ReceiptStore(settings.receipts)
    days = settings.receipt_days
    before = (now or datetime.now(timezone.utc)) - timedelta(days=days)
    found = store.prunable(before)
    old = f"older than {days:g} days (receipt_days in the config file)"
    kept = "Receipts of restores without a known end are kept, and those of the same backup after them."
    if not found:
        return f"No receipt is {old}. {kept}"
    taken = sum(one.path.stat().st_size for one in found)
    print_line(list_as_text(found, store.folder, width=width), ascii_only=settings.ascii)
    print_line(
        f"\n{pluralize(len(found), 'receipt')} {old}, {size(taken)}. {kept}", ascii_only=settings.ascii
    )
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise NotPrunedError("nothing was deleted: it has to be confirmed, which needs a terminal")
    sys.stdout.write(f"Delete them for good? Type {AGREED}: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip() != AGREED:
        return "Nothing was deleted."
    deleted = 0
    for one in found:
        try:
            deleted += store.delete(one.run)
        except ReceiptUnwritableError as problem:
            raise NotPrunedError(
                f"{pluralize(deleted, 'receipt')} deleted, then: {sanitize(problem)}"
            ) from problem
    return f"{pluralize(deleted, 'receipt')} deleted."


def print_line(text: str, *, ascii_only: bool) -> None:
    sys.stdout.write(printable(f"{text}\n", "ascii" if ascii_only else sys.stdout.encoding))
