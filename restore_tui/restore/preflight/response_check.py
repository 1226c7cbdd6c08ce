"""Read what a response of ``/restore/backup`` says beside its objects: whose it is, what is unreadable, and what the
server adds to an OK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from restore_tui.kinetica.jobs import RESTORE, JobTicket
from restore_tui.kinetica.responses import echo
from restore_tui.kinetica.responses.server_messages import (
    info_speaks_of_trouble,
    speaks_of_trouble,
    without_names,
)
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.response_index import ResponseIndex
from restore_tui.restore.preflight.results import ObjectResults
from restore_tui.restore.text_format import pluralize

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse
    from restore_tui.restore.plan.plan import RestorePlan

MESSAGE_BYTES = 65_536
"""How much of the server's messages is shown and stored."""


MAX_UNREAD_CHARS = 120


def unread_fields(mentions: ResponseIndex) -> tuple[str, ...]:
    """Return a sentence for each field of a response in which something could not be read."""
    return tuple(
        f"{field} cannot be read: {sanitize('; '.join(texts), MAX_UNREAD_CHARS)}"
        for field, texts in mentions.unread.items()
    )


def dry_run_doubts(lines: ObjectResults) -> tuple[str, ...]:
    """Return what speaks against a dry run that the server reported OK, a few words each."""
    tally = lines.counts
    return (
        *([f"{pluralize(tally.failed, 'object')} would fail"] if tally.failed else ()),
        *([f"{pluralize(tally.missing, 'object')} not mentioned"] if tally.missing else ()),
        *(unread_fields(lines.dry_run) if lines.dry_run is not None else ()),
    )


def response_differences(
    response: RestoreResponse,
    plan: RestorePlan,
    *,
    dry_run: bool,
    snapshot: str,
    ticket: JobTicket | None = None,
) -> tuple[echo.Difference, ...]:
    """Return where a response of ``/restore/backup`` is about something else than was requested. ``snapshot`` is the
    id that it has to be about, empty where any will do; ``ticket`` the job that it came from."""
    requested = {
        echo.BACKUP: plan.backup,
        echo.SNAPSHOT: snapshot,
        echo.DRY_RUN: "true" if dry_run else "false",
        echo.ENDPOINT: RESTORE,
        echo.DATA_SOURCE: plan.data_source,
    }
    if ticket is not None:
        requested |= {echo.TAG: ticket.tag, echo.JOB: str(ticket.id or "")}
    reported = [
        (echo.BACKUP, response.backup_name),
        (echo.SNAPSHOT, "" if response.backup_id is None else str(response.backup_id)),
        *echo.in_info(response.info),
    ]
    if not dry_run and _speaks_of_dry_run(response, plan):
        reported.append((echo.DRY_RUN, "true"))
    return echo.differences(requested, reported)


_OF_A_DRY_RUN = re.compile(
    r"(?<!its )(?<!the )(?<!from )(?<!like )\bdry[ _-]?run\b(?!\W+(?:false|0|no)\b)", re.IGNORECASE
)


def _speaks_of_dry_run(response: RestoreResponse, plan: RestorePlan) -> bool:
    """Return whether the server's messages call the response one of a dry run."""
    texts = [response.message, *response.info.values()]
    if not any(map(_OF_A_DRY_RUN.search, texts)):
        return False
    names = frozenset(plan.objects.all_names())
    return any(_OF_A_DRY_RUN.search(without_names(text, names)) for text in texts)


def server_messages(response: RestoreResponse) -> tuple[str, ...]:
    """Return the messages that accompany an OK, each ``key: text`` for what stands in ``info``."""
    texts = [response.message, *(f"{key}: {value}" for key, value in response.info.items())]
    room, shown = MESSAGE_BYTES, []
    for text in filter(None, texts):
        encoded = text.encode()
        if len(encoded) > room:
            shown.append(encoded[: max(0, room - 3)].decode("utf-8", "ignore") + "…")
            break
        shown.append(text)
        room -= len(encoded)
    return tuple(shown)


def reports_trouble(response: RestoreResponse, lines: ObjectResults) -> bool:
    """Return whether what the server added to an OK says that something went wrong."""
    if not response.message and not response.info:
        return False
    return speaks_of_trouble(response.message, lines.names) or info_speaks_of_trouble(
        response.info, lines.names
    )
