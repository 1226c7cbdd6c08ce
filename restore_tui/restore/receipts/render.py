"""A receipt for people and machines: as text for a terminal, as Markdown for a ticket, as JSON.

Whatever stands in a receipt came from a server or from a file. As text it passes ``sanitize``, as Markdown it stands in
code spans, where no markup works, and as JSON it is escaped to ASCII.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from restore_tui.kinetica import reference
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.plan.plan import SNAPSHOT_ID
from restore_tui.restore.preflight.conflict_check import ConflictStatus
from restore_tui.restore.preflight.response_check import MESSAGE_BYTES, server_messages
from restore_tui.restore.receipts.model import (
    NOT_SENT,
    Receipt,
    ReceiptFinding,
    ReceiptObject,
    ReceiptOutcome,
    Source,
    Verdict,
)
from restore_tui.restore.receipts.way_back import requests_as_text, way_back
from restore_tui.restore.text_format import UNKNOWN as UNTOLD
from restore_tui.restore.text_format import (
    attach_command,
    cell_width,
    code,
    elapsed,
    fenced,
    format_table,
    format_timestamp,
    pluralize,
    size,
    table,
    wrapped,
)

WIDTH = 100
"""Columns that the text is laid out for. Only what is there to be copied is longer."""

_LABEL = 15
_MAX_NAME_CHARS = 80
_MAX_OBJECTS = 22
_MAX_SENTENCE_CHARS = 2000
_VERDICTS = (*(verdict.value for verdict in Verdict), NOT_SENT)
_SOURCES = tuple(source.value for source in Source)
_SIGHTS = tuple(conflict.value for conflict in ConflictStatus)
_FATES = ("restored", "failed", "not mentioned")
_WOULD = {"restored": "would restore", "failed": "would fail"}
_NOWHERE = "none was written"
_LOCKED = "Another restore-tui is following this run now"

Quote = Callable[[str], str]
"""Makes a text of a server or a file fit for one form."""


def as_json(receipt: Receipt) -> str:
    """The receipt itself. ASCII only: no control or bidi character of a server reaches a terminal raw."""
    return json.dumps(receipt.model_dump(mode="json"), indent=2, ensure_ascii=True)


def as_text(receipt: Receipt, place: Path | None, *, watched: bool = False) -> str:
    """For a terminal, the verdict first. ``place`` is the receipt's file, None where none was written; ``watched`` says
    that another process has the run in charge now."""
    lines = [*wrapped(_headline(receipt, _short, watched), WIDTH), ""]
    shown = ""
    for label, value in _facts(receipt, _short, _sentence):
        lines += _labelled("" if label == shown else label, value)
        shown = label
    for title, text in _messages(receipt):
        lines += ["", title]
        for line in sanitize_block(text, MESSAGE_BYTES).splitlines():
            lines += wrapped(line, WIDTH, "  ")
    lines += ["", *_results_text(_results(receipt))]
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
        lines += ["", *wrapped(_next(watched), WIDTH), f"  {attach_command(receipt.run)}"]
    lines.append("")
    for label, value in _identity(receipt, _short):
        lines += _labelled(label, value)
    # In one piece, to be copied; the word is one that scripts rely on.
    return "\n".join([*lines, f"Receipt: {sanitize(place or _NOWHERE)}"])


def as_markdown(receipt: Receipt, place: Path | None, *, watched: bool = False) -> str:
    """For a ticket. Nothing is shortened."""
    parts = [
        f"# {_headline(receipt, code, watched)}",
        table(("What", "Value"), _facts(receipt, code, code)),
    ]
    for title, text in _messages(receipt):
        parts += [f"## {title}", fenced(text)]
    results = _results(receipt)
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
        parts += ["## What to do next", f"{_next(watched)} {code(attach_command(receipt.run))}"]
    identity = [*_identity(receipt, code), ("Receipt", code(str(place)) if place else _NOWHERE)]
    parts += ["## This run", table(("What", "Value"), identity)]
    return "\n\n".join(parts)


def format_verdict(outcome: ReceiptOutcome, quote: Quote) -> str:
    """One of the fixed words; what a file says instead is quoted."""
    return outcome.verdict if outcome.verdict in _VERDICTS else quote(outcome.verdict)


def requested_count(receipt: Receipt) -> int:
    """How many objects were requested, as far as the receipt tells: of whole schemas, what the snapshot lists."""
    return sum(1 for line in _results(receipt) if line.asked)


# What a receipt says, in the order in which one asks


def _headline(receipt: Receipt, quote: Quote, watched: bool) -> str:
    """The verdict, and what it amounts to."""
    outcome = receipt.outcome
    if outcome is None:
        said = f"{Verdict.UNKNOWN.value}: no end was recorded."
    else:
        said = f"{format_verdict(outcome, quote)}: {_tally(_results(receipt))}."
    return f"{said} {_LOCKED}: it may still be running." if watched and receipt.is_unsettled else said


def _tally(results: Iterable[ReceiptObject]) -> str:
    asked = [line for line in results if line.asked]
    fates = Counter(line.restore for line in asked if line.restore in _FATES)
    told = ", ".join(f"{fates[fate]:,} {fate}" for fate in _FATES if fates[fate])
    return (
        f"of {pluralize(len(asked), 'object')}, {told}"
        if told
        else f"{pluralize(len(asked), 'object')} requested"
    )


def _facts(receipt: Receipt, quote: Quote, sentence: Quote) -> list[tuple[str, str]]:
    """(label, value) from what the verdict rests on to the totals. A label that comes again goes on. ``sentence``
    quotes what must not lose its end."""
    server, outcome, request = receipt.server, receipt.outcome, receipt.request
    options = receipt.texts("options")
    facts = [("Evidence", _evidence(outcome, quote))]
    if outcome and outcome.what:
        facts.append(("What happened", quote(outcome.what)))
    facts += [(quote(label), sentence(text)) for label, text in receipt.key_facts.items()]
    facts += [("Reason", sentence(reason)) for reason in (outcome.reasons if outcome else ())]
    facts += [
        ("Backup", quote(receipt.backup)),
        ("Data source", quote(str(request.get("datasource_name", "")))),
        ("Snapshot", _snapshot(receipt, quote)),
        ("Server", quote(server.url)),
        *([("Label", quote(server.label))] if server.label else []),
        ("Version", quote(server.version)),
        ("Cluster", quote(server.cluster)),
        ("User", quote(server.user)),
        ("Mode", _way(receipt, quote)),
        ("Dry run", f"{format_timestamp(receipt.dry_run.at)}, took {elapsed(receipt.dry_run.seconds)}"),
        ("Started", format_timestamp(receipt.begun)),
    ]
    if outcome is None:
        facts.append(("Ended", "not recorded"))
    else:
        # Of an outcome that was settled later it is not known when the restore itself ended.
        ended = outcome.verdict != Verdict.UNKNOWN.value and not outcome.source
        facts.append(("Ended" if ended else "Recorded", format_timestamp(outcome.at)))
        if outcome.seconds is not None:
            facts.append(
                ("Waited" if outcome.verdict == Verdict.UNKNOWN.value else "Took", elapsed(outcome.seconds))
            )
    options.pop(SNAPSHOT_ID, "")  # told as the snapshot
    for option in reference.OPTIONS:
        if option.title:
            value = options.pop(option.name, "")
            facts.append((option.title, quote(value) if value else f"{option.default} (the default)"))
    facts.append(("Options sent", ", ".join(quote(f"{k}={v}") for k, v in options.items()) or UNTOLD))
    for kind, names in _requested(receipt).items():
        listed = ", ".join(quote(name) for name in names)
        facts.append(("Requested", f"{quote(kind)} ({len(names):,}): {listed}"))
    response = _answer(outcome)
    if response is not None:
        facts.append(("Totals", _totals(response)))
    if receipt.sight is not None:
        facts += [
            ("Not checked", f"{quote(endpoint)}: {quote(why)}")
            for endpoint, why in receipt.sight.unread.items()
        ]
        facts += [("Checked again", quote(sentence)) for sentence in receipt.sight.unclear]
    if receipt.put_aside:
        facts.append(("Dismissed", "yes: Connect no longer lists this run"))
    return facts


def _messages(receipt: Receipt) -> list[tuple[str, str]]:
    """(title, text) of what the server said in words, of the restore and of its dry run."""
    outcome = receipt.outcome
    dry_run = _read_answer(receipt.dry_run.answer)
    texts = [
        ("Server message", outcome.words if outcome else ""),
        ("Messages that came with the server's OK", "\n".join(outcome.messages) if outcome else ""),
        (
            "Messages that came with the dry run",
            "\n".join(server_messages(dry_run)) if dry_run is not None else "",
        ),
    ]
    return [(title, text) for title, text in texts if text]


def _identity(receipt: Receipt, quote: Quote) -> list[tuple[str, str]]:
    return [
        ("Run", quote(receipt.run)),
        ("Fingerprint", quote(receipt.fingerprint)),
        ("Format", f"version {receipt.version} of the receipt"),
    ]


def _evidence(outcome: ReceiptOutcome | None, quote: Quote) -> str:
    if outcome is None:
        return "nothing: no end was recorded"
    if outcome.verdict == Verdict.UNKNOWN.value:
        return "nothing that settles it"
    if outcome.verdict == NOT_SENT:
        return "this side, which kept the request back"
    if outcome.source:
        return f"the {outcome.source if outcome.source in _SOURCES else quote(outcome.source)}"
    return (
        "the restore's own response" if outcome.answer is not None else "how the restore's own request ended"
    )


def _snapshot(receipt: Receipt, quote: Quote) -> str:
    rehearsed = receipt.dry_run.snapshot_id
    if receipt.snapshot == "pinned":
        asked = receipt.texts("options").get(SNAPSHOT_ID, "") or rehearsed
        told = f"{quote(asked)}, pinned"
    else:
        told = f"latest at restore time; the dry run used {quote(rehearsed)}"
    response = _answer(receipt.outcome)
    if response is None or response.backup_id is None or str(response.backup_id) == rehearsed:
        return told
    return f"{told}; the restore used {quote(str(response.backup_id))}"


def _way(receipt: Receipt, quote: Quote) -> str:
    job = receipt.job
    if job is not None:
        number = "id unknown" if job.id is None else f"id {job.id}"
        return f"background job, {number}, tag {quote(job.tag)}"
    return "direct" if receipt.server.way == "direct" else quote(receipt.server.way)


def _totals(response: RestoreResponse) -> str:
    parts = [
        size(number) if noun == "bytes" else pluralize(number, noun.removesuffix("s"))
        for noun, number in response.totals
        if number is not None
    ]
    return ", ".join(parts) or "none reported"


def _answer(outcome: ReceiptOutcome | None) -> RestoreResponse | None:
    """The restore's answer with numbers that are some, whatever stands in the file."""
    return None if outcome is None or outcome.answer is None else _read_answer(outcome.answer)


def _read_answer(response: Mapping[str, object]) -> RestoreResponse | None:
    try:
        return RestoreResponse.model_validate(response)
    except ValidationError:
        return None


def _results(receipt: Receipt) -> list[ReceiptObject]:
    """As far as it is known: of the restore, else of the dry run. Version 1 had none before the end."""
    if receipt.outcome is not None and receipt.outcome.objects:
        return receipt.outcome.objects
    return receipt.objects or [
        ReceiptObject(type=kind, name=name, dry_run="", restore="")
        for kind, names in _requested(receipt).items()
        for name in names
    ]


def _requested(receipt: Receipt) -> dict[str, list[str]]:
    asked = receipt.texts("restore_objects_map")
    return {kind: [name for name in names.split(",") if name] for kind, names in asked.items()}


def _columns(results: Sequence[ReceiptObject], quote: Quote) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head and the cells of what is said of each line. Of older receipts our look is not known."""
    rows = [(_existed(line, quote), _would(line, quote), _did(line, quote)) for line in results]
    if any(line.seen for line in results):
        return ("Conflict check", "Dry run", "Restore"), list(rows)
    return ("Dry run", "Restore"), [row[1:] for row in rows]


def _existed(line: ReceiptObject, quote: Quote) -> str:
    return line.seen if line.seen in _SIGHTS else quote(line.seen)


def _would(line: ReceiptObject, quote: Quote) -> str:
    return _WOULD.get(line.dry_run) or (line.dry_run if line.dry_run in _FATES else quote(line.dry_run))


def _did(line: ReceiptObject, quote: Quote) -> str:
    return line.restore if line.restore in _FATES else quote(line.restore)


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
            finding.source if finding.source in _SOURCES else quote(finding.source),
            quote(finding.text) + (" This settles it." if finding.settles else ""),
        )
        for look in receipt.looks
        for finding in look.findings or [ReceiptFinding(source="", text="")]
    ]


def _next(watched: bool) -> str:
    if watched:
        return f"{_LOCKED}, and will record its end in the receipt. After that:"
    return "Do not restore again until it is known. This checks the outcome and restores nothing:"


# As text


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
