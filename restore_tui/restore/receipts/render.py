"""A receipt for people and machines: as text for a terminal, as Markdown for a ticket, as JSON.

Whatever stands in a receipt came from a server or from a file. As text it passes ``sanitize``, as Markdown it stands in
code spans, where no markup works, and as JSON it is escaped to ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.preflight.conflict_check import ConflictStatus
from restore_tui.restore.preflight.response_check import MESSAGE_BYTES
from restore_tui.restore.receipts.model import Receipt, ReceiptFinding, ReceiptObject
from restore_tui.restore.receipts.report_facts import (
    FATES,
    LOCKED,
    NOWHERE,
    SOURCES,
    Quote,
    facts_of,
    headline,
    identity_of,
    messages_of,
    results_of,
)
from restore_tui.restore.receipts.way_back import requests_as_text, way_back
from restore_tui.restore.text_format import UNKNOWN as UNTOLD
from restore_tui.restore.text_format import (
    attach_command,
    cell_width,
    code,
    fenced,
    format_table,
    format_timestamp,
    table,
    wrapped,
)

WIDTH = 100
"""Columns that the text is laid out for. Only what is there to be copied is longer."""
_LABEL = 15
_MAX_NAME_CHARS = 80
_MAX_OBJECTS = 22
_MAX_SENTENCE_CHARS = 2000
_SIGHTS = tuple(conflict.value for conflict in ConflictStatus)
_WOULD = {"restored": "would restore", "failed": "would fail"}


def as_json(receipt: Receipt) -> str:
    """The receipt itself. ASCII only: no control or bidi character of a server reaches a terminal raw."""
    return json.dumps(receipt.model_dump(mode="json"), indent=2, ensure_ascii=True)


def as_text(receipt: Receipt, place: Path | None, *, watched: bool = False, flags: Sequence[str] = ()) -> str:
    """For a terminal, the verdict first. ``place`` is the receipt's file, None where none was written; ``watched`` says
    that another process has the run in charge now; ``flags`` are the options that ``attach`` needs."""
    lines = [*wrapped(headline(receipt, _short, watched), WIDTH), ""]
    shown = ""
    for label, value in facts_of(receipt, _short, _sentence):
        lines += _labelled("" if label == shown else label, value)
        shown = label
    for title, text in messages_of(receipt):
        lines += ["", title]
        for line in sanitize_block(text, MESSAGE_BYTES).splitlines():
            lines += wrapped(line, WIDTH, "  ")
    lines += ["", *_results_text(results_of(receipt))]
    back = way_back(receipt)
    if back is not None:
        lines += ["", "Way back"]
        for sentence in back.sentences:
            lines += wrapped(sentence, WIDTH, "  ")
        # Each request in one piece, to be copied.
        lines += [f"  {line}" for line in requests_as_text(back).splitlines()]
    if receipt.looks:
        lines += ["", "Outcome checks"]
    for when, source, found in _looks(receipt, _sentence):
        lines += wrapped(f"{when}  {source}: {found}", WIDTH, "  ", "    ")
    if receipt.is_unsettled:
        lines += ["", *wrapped(_next(watched), WIDTH), f"  {attach_command(receipt.run, flags)}"]
    lines.append("")
    for label, value in identity_of(receipt, _short):
        lines += _labelled(label, value)
    # In one piece, to be copied; the word is one that scripts rely on.
    return "\n".join([*lines, f"Receipt: {sanitize(place or NOWHERE)}"])


def as_markdown(
    receipt: Receipt, place: Path | None, *, watched: bool = False, flags: Sequence[str] = ()
) -> str:
    """For a ticket. Nothing is shortened."""
    parts = [
        f"# {headline(receipt, code, watched)}",
        table(("What", "Value"), facts_of(receipt, code, code)),
    ]
    for title, text in messages_of(receipt):
        parts += [f"## {title}", fenced(text)]
    results = results_of(receipt)
    head, rows = _columns(results, code)
    told = [
        (code(line.name), code(line.type), *row, "; ".join(_more(line, code)))
        for line, row in zip(results, rows, strict=True)
    ]
    parts.append("## Objects")
    parts.append(table(("Name", "Type", *head, "More"), told) if told else "No object is named.")
    back = way_back(receipt)
    if back is not None:
        parts += ["## Way back", *map(code, back.sentences)]
        requests = requests_as_text(back)
        parts += [fenced(requests)] if requests else []
    if receipt.looks:
        parts += [
            "## Outcome checks",
            table(("Time", "Source", "It found"), _looks(receipt, code)),
        ]
    if receipt.is_unsettled:
        parts += ["## What to do next", f"{_next(watched)} {code(attach_command(receipt.run, flags))}"]
    identity = [*identity_of(receipt, code), ("Receipt", code(str(place)) if place else NOWHERE)]
    parts += ["## This run", table(("What", "Value"), identity)]
    return "\n\n".join(parts)


def _columns(results: Sequence[ReceiptObject], quote: Quote) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head and the cells of what is said of each line. Older receipts have no conflict check."""
    rows = [(_existed(line, quote), _would(line, quote), _did(line, quote)) for line in results]
    if any(line.seen for line in results):
        return ("Conflict check", "Dry run", "Restore"), list(rows)
    return ("Dry run", "Restore"), [row[1:] for row in rows]


def _existed(line: ReceiptObject, quote: Quote) -> str:
    return line.seen if line.seen in _SIGHTS else quote(line.seen)


def _would(line: ReceiptObject, quote: Quote) -> str:
    return _WOULD.get(line.dry_run) or (line.dry_run if line.dry_run in FATES else quote(line.dry_run))


def _did(line: ReceiptObject, quote: Quote) -> str:
    return line.restore if line.restore in FATES else quote(line.restore)


def _more(line: ReceiptObject, quote: Quote) -> list[str]:
    moved = f"the old one {'moved' if line.restore else 'would move'} to {quote(line.moved_to)}"
    return [
        *([f"as {quote(line.lands)}"] if line.lands else []),
        *([quote(line.why)] if line.why else []),
        *([moved] if line.moved_to else []),
        *(
            [f"by the conflict check to {quote(line.seen_place)}"]
            if line.seen_place and not line.moved_to
            else []
        ),
        *([quote(line.disagrees)] if line.disagrees else []),
        *([] if line.asked else ["mentioned, but not requested"]),
    ]


def _looks(receipt: Receipt, quote: Quote) -> list[tuple[str, str, str]]:
    """(time, source, what it found), one of each finding."""
    return [
        (
            format_timestamp(look.at),
            finding.source if finding.source in SOURCES else quote(finding.source),
            quote(finding.text) + (" This settles it." if finding.settles else ""),
        )
        for look in receipt.looks
        for finding in look.findings or [ReceiptFinding(source="", text="")]
    ]


def _next(watched: bool) -> str:
    if watched:
        return f"{LOCKED}, and will record its end in the receipt. After that:"
    return "Do not restore again until it is known. This checks the outcome and restores nothing:"


def _short(text: str) -> str:
    return sanitize(text, _MAX_NAME_CHARS) or UNTOLD


def _sentence(text: str) -> str:
    return sanitize(text, _MAX_SENTENCE_CHARS) or UNTOLD


def _labelled(label: str, value: str) -> list[str]:
    return wrapped(value, WIDTH, f"{label:<{_LABEL}}", " " * _LABEL)


def _results_text(results: Sequence[ReceiptObject]) -> list[str]:
    """A table, and below each line what else is said of it."""
    if not results:
        return ["No object is named."]
    titles, said = _columns(results, _short)
    head = ("Name", "Type", *titles)
    rows = [
        (sanitize(line.name, WIDTH), sanitize(line.type, _MAX_OBJECTS), *cells)
        for line, cells in zip(results, said, strict=True)
    ]
    widths = [min(max(map(cell_width, cells)), _MAX_OBJECTS) for cells in zip(head, *rows, strict=True)]
    room = WIDTH - sum(widths[1:]) - 2 * len(widths[1:])  # a name gets what the others leave
    widths[0] = min(max(cell_width(row[0]) for row in [head, *rows]), room)
    lines = format_table([head, *rows], widths)
    told = lines[:1]
    for line, text in zip(results, lines[1:], strict=True):
        told.append(text)
        for more in _more(line, _sentence):
            told += wrapped(more, WIDTH, "    ")
    return told
