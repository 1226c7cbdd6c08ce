"""What the server's history of backups proves about a restore whose response was lost."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from restore_tui.kinetica import reference
from restore_tui.kinetica.errors import MAY_BE_PARTIAL, KineticaError, RequestRejected
from restore_tui.kinetica.jobs import HistoryRow
from restore_tui.kinetica.responses.server_messages import info_speaks_of_trouble, speaks_of_trouble
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.restore.outcome.outcome_query import (
    MAX_MESSAGE_CHARS,
    Evidence,
    OutcomeQuery,
    newest,
    unavailable,
)
from restore_tui.restore.receipts.model import Source

_COMPLETE, _FAILED, _IN_PROGRESS = "restore_complete", "restore_failed", "restore_in_progress"
_VALIDATED = "validated"
_NO_DRY_RUN = re.compile(r"dry[ _-]?run\W+(?:false|0|no)\b", re.IGNORECASE)
_UNDONE = re.compile(
    r"\broll(?:ed|ing)?[ _-]*back|\bdry[ _-]?run|\bundone\b|\brevert(?:ed)?\b|\baborted\b|\bnothing\b",
    re.IGNORECASE,
)
_BETWEEN_NAMES = (re.compile(r"[,=]"), re.compile(r"[,=:;\"'(){}\[\]]"))
_COUNTS = (("num_files", "files"), ("num_bytes", "bytes"), ("num_records", "records"))


def evidence_from_history(rows: tuple[HistoryRow, ...] | KineticaError, trace: OutcomeQuery) -> Evidence:
    """The rows of this backup's restores. One that has an id of this restore settles the outcome; so does a new one
    alone that agrees with it in everything else. Two are a guess."""
    if isinstance(rows, KineticaError):
        return Evidence(Source.HISTORY, unavailable(rows))
    restores, new, ours = _candidates(rows, trace)
    if len(ours) == 1:
        return _evidence_from_history_row(*ours[0], trace)
    if trace.baseline.history is None:
        return Evidence(
            Source.HISTORY,
            f"{len(restores)} restores of this backup are listed; what existed before this one could not be "
            f"recorded, so none can be identified as this one.{newest(restores)}",
        )
    if not new:
        return Evidence(
            Source.HISTORY, "No restore of this backup is listed that has started since and fits this one."
        )
    if len(new) > 1:
        return Evidence(
            Source.HISTORY,
            f"{len(new)} restores of this backup by this user have started since. Which one is this restore is unknown."
            f"{newest(new)}",
        )
    doubts = _doubts(new[0], trace)
    identity = "" if doubts else "user, snapshot, objects and start time"
    doubt = f"It may be another restore: {'; '.join(doubts)}." if doubts else ""
    return _evidence_from_history_row(new[0], identity, trace, doubt)


def status_words(row: HistoryRow) -> str:
    """What a row says of how its restore ended, for a list."""
    if row.status == _COMPLETE:
        return "complete, with messages" if _speaks_of_trouble(row, frozenset()) else "complete"
    words = {
        _FAILED: "failed",
        _IN_PROGRESS: "in progress",
        _VALIDATED: "accepted, not started yet, or a dry run",
    }
    return words.get(row.status, sanitize(row.status, 40) or "unknown")


def row_of(rows: Sequence[HistoryRow], trace: OutcomeQuery) -> HistoryRow | None:
    """The row of this restore, for a list: the one with an id of it, or the only new one that fits. The latter proves
    nothing about an outcome."""
    _, new, ours = _candidates(rows, trace)
    found = [row for row, _ in ours] or new
    return found[0] if len(found) == 1 else None


def _candidates(
    rows: Sequence[HistoryRow], trace: OutcomeQuery
) -> tuple[list[HistoryRow], list[HistoryRow], list[tuple[HistoryRow, str]]]:
    """The restores that may be this one, those of them that are new, and those with an id of this one."""
    restores = [row for row in rows if row.is_restore and not row.is_dry_run and _fits(row, trace)]
    new = [row for row in restores if trace.is_newer_row(row.key)]
    return (
        restores,
        new,
        [(row, found) for row in restores if (found := _id_in(row, trace, is_new=row in new))],
    )


def _id_in(row: HistoryRow, trace: OutcomeQuery, *, is_new: bool) -> str:
    """Return which id of this restore a row has; empty for none. Tag and query id are unique; job ids are counters that
    start again with the server, so that a row with one has to be new, too."""
    ticket = trace.ticket
    if ticket is None:
        return ""
    if ticket.query_id and row["query_id"] == ticket.query_id:
        return f"query {ticket.query_id}"
    if any(ticket.tag in _TAGS.findall(text) for text in row.values.values()):
        return f"tag {ticket.tag}"
    if is_new and ticket.id is not None and row["job_id"] == str(ticket.id):
        return f"job {ticket.id}"
    return ""


_TAGS = re.compile(r"restore-tui-[A-Za-z0-9-]+")


def _doubts(row: HistoryRow, trace: OutcomeQuery) -> list[str]:
    """Return why a new row without an id of this restore need not be of it; nothing where all that it says agrees, in
    every column that has to say something."""
    doubts = []
    if not trace.user:
        doubts.append("a token does not say which user it belongs to")
    elif row["user_name"] != trace.user:
        doubts.append("it names no user")
    if not trace.snapshot_id or row["backup_id"] != trace.snapshot_id:
        doubts.append("it names no snapshot")
    if not _names_exactly(row["objects"], trace.names):
        doubts.append("it does not name exactly the requested objects")
    began = row.moment("start_time")
    if trace.sent is None:
        doubts.append("when the request was out by the server's clock is not known")
    elif began is None or not trace.sent.covers(began):
        doubts.append("it did not start between the request and the loss of the connection")
    if row.status == _COMPLETE and not any(row.number(column) for column, _ in _COUNTS):
        doubts.append("it reports no files, bytes or records")
    return doubts


def _fits(row: HistoryRow, trace: OutcomeQuery) -> bool:
    """Whether nothing that the row tells speaks against it being ours. What it does not tell does not."""
    if trace.user and row["user_name"] not in ("", trace.user):
        return False
    if row["backup_id"] and trace.snapshot_id and row["backup_id"] != trace.snapshot_id:
        return False
    job = trace.ticket.id if trace.ticket else None
    if job is not None and row["job_id"] not in ("", "0", "-1", str(job)):
        return False
    return not row["objects"] or trace.names <= _named_in(row["objects"])


def _named_in(objects: str) -> frozenset[str]:
    """What the column may name, however it is spelled: ``TABLE = a.b, a.c``, JSON, in quotes. A schema counts where an
    object in it is named."""
    parts = {part for signs in _BETWEEN_NAMES for part in _split(signs, objects)}
    return frozenset(parts | {part.partition(".")[0] for part in parts})


def _names_exactly(objects: str, names: frozenset[str]) -> bool:
    """Whether the column names these objects, and beside them nothing but words for their types."""
    return bool(names) and any(
        names == {part for part in _split(signs, objects) if part in names or not _is_type_word(part)}
        for signs in _BETWEEN_NAMES
    )


def _split(signs: re.Pattern[str], objects: str) -> set[str]:
    return {part.strip() for part in signs.split(objects)} - {""}


def _is_type_word(text: str) -> bool:
    return re.sub(r"[ _]", "", text).lower() in _TYPE_WORDS


_TYPE_WORDS = frozenset(
    {kind.replace("_", "") for kind in reference.TYPE_NAMES}
    | {"function", "functionenvironment", "procedure", "stream", "objects"}
)


def _evidence_from_history_row(
    row: HistoryRow, identity: str, trace: OutcomeQuery, doubt: str = ""
) -> Evidence:
    """One row. ``identity`` is what proves that it is of this restore, ``doubt`` why nothing does."""
    said = "".join(
        f" {intro}: {sanitize(sanitize_block(row[column], MAX_MESSAGE_CHARS), MAX_MESSAGE_CHARS)}"
        for column, intro in (("event_message", "It says"), ("additional_info", "It adds"))
        if row[column].strip()
    )
    end = f" {doubt}{said}".rstrip()
    if row.status == _COMPLETE:
        text = f"One restore has started since{_times(row)}, and is complete{_counts(row)}."
        if _is_empty(row) or _speaks_of_undoing(row):
            unclear = "It reports nothing restored, a rollback or a dry run, so it proves nothing."
            return Evidence(Source.HISTORY, f"{text}{end} {unclear}")
        return Evidence(
            Source.HISTORY,
            f"{text}{end}",
            identity=identity,
            is_partial=_speaks_of_trouble(row, trace.names),
            seconds=_seconds(row),
        )
    if row.status == _FAILED:
        error = RequestRejected(
            "The server's history says that it failed.",
            server_message=sanitize_block(row["event_message"] or row["additional_info"], MAX_MESSAGE_CHARS)
            or "(The history gives no reason.)",
            impact=MAY_BE_PARTIAL,
        )
        text = f"One restore has started since{_times(row)}, and failed.{end}"
        return Evidence(Source.HISTORY, text, identity=identity, error=error, seconds=_seconds(row))
    if row.status == _IN_PROGRESS:
        text = f"One restore has started since{_times(row)}, and is in progress.{end}"
        return Evidence(Source.HISTORY, text, running=True)
    if row.status == _VALIDATED:
        text = (
            f"One restore was accepted since{_times(row)}, and has not started yet (or it is a dry run).{end}"
        )
        return Evidence(Source.HISTORY, text, running=True)
    return Evidence(
        Source.HISTORY,
        f"One restore has started since; its status is {sanitize(row.status, 40) or '(empty)'}.{end}",
    )


def _is_empty(row: HistoryRow) -> bool:
    """Whether it reports counts, and all of them are 0."""
    counts = [number for column, _ in _COUNTS if (number := row.number(column)) is not None]
    return bool(counts) and not any(counts)


def _speaks_of_undoing(row: HistoryRow) -> bool:
    return any(
        _UNDONE.search(_NO_DRY_RUN.sub("", row[column])) for column in ("event_message", "additional_info")
    )


def _speaks_of_trouble(row: HistoryRow, names: frozenset[str]) -> bool:
    """Whether a restore that is called complete has warnings, in the message or in the additional information."""
    try:
        info = json.loads(row["additional_info"])
    except (ValueError, RecursionError):
        info = None
    if isinstance(info, dict):
        entries = {
            str(key): value if isinstance(value, str) else json.dumps(value) for key, value in info.items()
        }
        beside = info_speaks_of_trouble(entries, names)
    else:
        beside = speaks_of_trouble(row["additional_info"], names)
    return beside or speaks_of_trouble(row["event_message"], names)


def _seconds(row: HistoryRow) -> float | None:
    """How long it took by the server's own clock."""
    began, ended = row.moment("start_time"), row.moment("end_time")
    if began is None or ended is None or (began.tzinfo is None) is not (ended.tzinfo is None):
        return None
    seconds = (ended - began).total_seconds()
    return seconds if seconds >= 0 else None


def _times(row: HistoryRow) -> str:
    """As the server tells them: its clock, and perhaps another zone."""
    shown = [
        f"{column.partition('_')[0]} {sanitize(row[column], 40)}"
        for column in ("start_time", "end_time")
        if row[column]
    ]
    return f" ({', '.join(shown)})" if shown else ""


def _counts(row: HistoryRow) -> str:
    parts = [f"{number:,} {noun}" for column, noun in _COUNTS if (number := row.number(column)) is not None]
    return f": {', '.join(parts)}" if parts else ""
