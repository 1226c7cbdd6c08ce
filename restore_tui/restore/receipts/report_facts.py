"""What a report says of a run, as labels and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from pydantic import ValidationError

from restore_tui.kinetica import reference
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.restore.plan.plan import SNAPSHOT_ID
from restore_tui.restore.preflight.response_check import server_messages
from restore_tui.restore.receipts.model import (
    NOT_SENT,
    Receipt,
    ReceiptObject,
    ReceiptOutcome,
    Source,
    Verdict,
)
from restore_tui.restore.text_format import UNKNOWN as UNTOLD
from restore_tui.restore.text_format import elapsed, format_timestamp, pluralize, size

_VERDICTS = (*(verdict.value for verdict in Verdict), NOT_SENT)
SOURCES = tuple(source.value for source in Source)
FATES = ("restored", "failed", "not mentioned")
NOWHERE = "none was written"
LOCKED = "Another restore-tui is following this run now"
Quote = Callable[[str], str]
"""Makes a text of a server or a file fit for one form."""


def format_verdict(outcome: ReceiptOutcome, quote: Quote) -> str:
    """One of the fixed words; what a file says instead is quoted."""
    return outcome.verdict if outcome.verdict in _VERDICTS else quote(outcome.verdict)


def requested_count(receipt: Receipt) -> int:
    """How many objects were requested, as far as the receipt tells: of whole schemas, what the snapshot lists."""
    return sum(1 for line in results_of(receipt) if line.asked)


def headline(receipt: Receipt, quote: Quote, watched: bool) -> str:
    """The verdict, and what it amounts to."""
    outcome = receipt.outcome
    if outcome is None:
        said = f"{Verdict.UNKNOWN.value}: no end was recorded."
    else:
        said = f"{format_verdict(outcome, quote)}: {_tally(results_of(receipt))}."
    return f"{said} {LOCKED}: it may still be running." if watched and receipt.is_unsettled else said


def _tally(results: Iterable[ReceiptObject]) -> str:
    asked = [line for line in results if line.asked]
    fates = Counter(line.restore for line in asked if line.restore in FATES)
    told = ", ".join(f"{fates[fate]:,} {fate}" for fate in FATES if fates[fate])
    return (
        f"of {pluralize(len(asked), 'object')}, {told}"
        if told
        else f"{pluralize(len(asked), 'object')} requested"
    )


def facts_of(receipt: Receipt, quote: Quote, sentence: Quote) -> list[tuple[str, str]]:
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
    for kind, names in requested_names(receipt).items():
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


def messages_of(receipt: Receipt) -> list[tuple[str, str]]:
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


def identity_of(receipt: Receipt, quote: Quote) -> list[tuple[str, str]]:
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
        return f"the {outcome.source if outcome.source in SOURCES else quote(outcome.source)}"
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
    """The restore's response with numbers that are some, whatever stands in the file."""
    return None if outcome is None or outcome.answer is None else _read_answer(outcome.answer)


def _read_answer(response: Mapping[str, object]) -> RestoreResponse | None:
    try:
        return RestoreResponse.model_validate(response)
    except ValidationError:
        return None


def results_of(receipt: Receipt) -> list[ReceiptObject]:
    """As far as it is known: of the restore, else of the dry run. Version 1 had none before the end."""
    if receipt.outcome is not None and receipt.outcome.objects:
        return receipt.outcome.objects
    return receipt.objects or [
        ReceiptObject(type=kind, name=name, dry_run="", restore="")
        for kind, names in requested_names(receipt).items()
        for name in names
    ]


def requested_names(receipt: Receipt) -> dict[str, list[str]]:
    asked = receipt.texts("restore_objects_map")
    return {kind: [name for name in names.split(",") if name] for kind, names in asked.items()}
