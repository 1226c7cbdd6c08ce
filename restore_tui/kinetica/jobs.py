"""Background jobs, running jobs and the history of backups, as the server tells them: what a restore left behind.

The job endpoints and the columns of ``ki_catalog.ki_backup_history`` are documented; which of them a server fills in
is not. What is missing is empty here, and nothing is refused for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from itertools import islice
from typing import Any

from restore_tui.kinetica.responses import echo
from restore_tui.kinetica.responses.lenient import to_plain_key
from restore_tui.kinetica.responses.models import JobResponse, ShowJobsResponse
from restore_tui.kinetica.responses.server_messages import NOTHING
from restore_tui.kinetica.sanitize import sanitize

RESTORE = "/restore/backup"
_ERROR_KEYS = ("errormessage", "error", "errors", "exception", "errormsg")
_DRY_RUN = re.compile(r"dry[ _-]?run\W+(?:true|1|yes)\b", re.IGNORECASE)


class JobStatus(str, Enum):
    """The four that ``/get/job`` documents, and whatever else a server may say."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    OTHER = "OTHER"


TERMINAL_STATES = (JobStatus.DONE, JobStatus.ERROR, JobStatus.CANCELLED)


@dataclass(frozen=True)
class JobTicket:
    """Identify a background job: ``id`` is None where it is not known, ``query_id`` is the id of its command where the
    server returned one. ``dry_run`` is True for the job of a dry run."""

    tag: str
    id: int | None = None
    query_id: str = ""
    dry_run: bool = False

    def is_of(self, response: JobResponse) -> bool:
        """Return whether a response is about this job.

        Ids are counters: another cluster, or a server that was restarted, has given the same one to another job. So
        the endpoint and the tag, where the response has them, must be ours. A job that was requested by its tag alone
        must return that tag: a server that ignores the option may respond with its newest job, such as the dry run's.
        Only for a dry run, after which nothing depends on it, is a missing tag accepted.
        """
        returned = _tag_in(response)
        requested = {echo.ENDPOINT: RESTORE, echo.TAG: self.tag, echo.JOB: str(self.id or "")}
        number = response.job_id if response.job_id is not None and response.job_id > 0 else ""
        reported = [(echo.ENDPOINT, response.endpoint), (echo.TAG, returned), (echo.JOB, str(number))]
        if echo.differences(requested, reported):
            return False
        return returned.strip() != "" or self.id is not None or self.dry_run


@dataclass(frozen=True)
class Job:
    """What ``/get/job`` says. ``progress`` is in percent, ``response`` the response of the endpoint as JSON text, and
    ``error`` the server's reason. ``running`` and ``successful`` are the fields of these names, ``notes`` is whatever
    else accompanies the response, and ``names_tag`` is True where the response has the tag it was requested for."""

    status: JobStatus
    progress: int | None = None
    response: str = ""
    error: str = ""
    endpoint: str = ""
    message: str = ""
    """The status in the server's own word."""
    running: bool | None = None
    successful: bool | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    names_tag: bool = False
    redact: Callable[[Any], Any] = field(default=lambda data: data, compare=False, repr=False)
    """Takes secrets out of what ``response`` holds, once it is decoded."""

    @property
    def has_ended(self) -> bool:
        """Whether the response reports an end, and nothing in it says otherwise."""
        return self.status in TERMINAL_STATES and not self.contradiction

    @property
    def contradiction(self) -> str:
        """Return both halves of a response that reports an end and contradicts it; empty for any other.

        A contradiction proves neither success nor failure.
        """
        against = []
        if self.running:
            against.append(
                "running is true" if self.progress is None else f"running is true, progress {self.progress}"
            )
        if self.status is JobStatus.DONE:
            if not self.running and self.progress is not None and self.progress < 100:
                against.append(f"progress is {self.progress}")
            against += ["successful is false"] if self.successful is False else []
            against += [f'the error is "{sanitize(self.error, 200)}"'] if self.error else []
        elif self.successful:
            against.append("successful is true")
        if self.status not in TERMINAL_STATES or not against:
            return ""
        return f"job_status is {self.status.value}, but {' and '.join(against)}"


@dataclass(frozen=True)
class RunningJob:
    """A line of ``/admin/show/jobs``."""

    id: str
    status: str
    endpoint: str
    user: str = ""

    @property
    def is_restore(self) -> bool:
        return RESTORE in (self.endpoint, f"/{self.endpoint.strip('/')}")

    @property
    def is_over(self) -> bool:
        """Whether the server lists it as something that has ended."""
        return self.status.strip().upper() in ("DONE", "ERROR", "CANCELLED", "COMPLETED", "FAILED")


@dataclass(frozen=True)
class HistoryRow:
    """A row of ``ki_catalog.ki_backup_history``. Times are as they came: without a zone they prove nothing."""

    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    @property
    def key(self) -> str:
        """What tells this row from all others: its query id; where there is none, job and start."""
        return self["query_id"] or "/".join(
            self[column] for column in ("job_id", "start_time", "operation", "backup_name")
        )

    @property
    def is_restore(self) -> bool:
        return self["operation"].strip().lower() == "restore"

    @property
    def is_dry_run(self) -> bool:
        """Whether it says that it is of a dry run. The status ``validated`` does not: it is documented as *validated,
        but not started yet*."""
        return _DRY_RUN.search(self["additional_info"]) is not None

    @property
    def status(self) -> str:
        return self["status"].strip().lower()

    def moment(self, column: str) -> datetime | None:
        """Return a time by the server's own clock; None where it cannot be read."""
        return server_moment(self[column])

    def number(self, column: str) -> int | None:
        """A count, where the server tells one."""
        text = self[column].strip()
        return int(text) if text.isascii() and text.isdigit() else None


def read_job(response: JobResponse, ticket: JobTicket) -> Job:
    """The response of ``/get/job`` that was requested for this ticket."""
    word = response.job_status.strip().upper()
    status = JobStatus(word) if word in JobStatus.__members__ else JobStatus.OTHER
    if status is JobStatus.CANCELLED and response.running:
        status = JobStatus.RUNNING  # so far the cancellation is no more than requested
    reasons = {key: text for key, text in response.status_map.items() if text.strip()}
    beside = {**response.info, **reasons}
    errors = [text for key, text in beside.items() if to_plain_key(key) in _ERROR_KEYS]
    error = next((text for text in errors if text.strip().casefold() not in NOTHING), "")
    if not error and status is not JobStatus.DONE:
        error = "\n".join(f"{key}: {text}" for key, text in reasons.items())
    return Job(
        status=status,
        progress=None if response.progress is None or response.progress < 0 else min(response.progress, 100),
        response=response.job_response_str,
        error=error,
        endpoint=response.endpoint,
        message=response.job_status,
        running=response.running,
        successful=response.successful,
        notes={
            key: text
            for key, text in beside.items()
            if to_plain_key(key) not in (*_ERROR_KEYS, "jobtag", "queryid")
        },
        names_tag=_tag_in(response) == ticket.tag,
    )


def _tag_in(response: JobResponse) -> str:
    return next((value for what, value in echo.in_info(response.info) if what == echo.TAG), "")


def read_running(response: ShowJobsResponse) -> tuple[RunningJob, ...]:
    """The parallel lists of ``/admin/show/jobs``; a list that is too short leaves its field empty."""

    def at(values: list[str], index: int) -> str:
        return values[index] if index < len(values) else ""

    return tuple(
        RunningJob(
            id=number,
            status=at(response.status, index),
            endpoint=at(response.endpoint_name, index),
            user=at(response.auth_id, index),
        )
        for index, number in enumerate(response.job_id)
    )


def read_table(encoded: str, limit: int) -> list[dict[str, str]]:
    """The first ``limit`` rows of a JSON-encoded response of ``/execute/sql``: ``column_1`` … hold the values,
    ``column_headers`` their names. Raises ValueError for anything else."""
    table = json.loads(encoded) if encoded.strip() else {}
    if not isinstance(table, dict):
        raise ValueError("the rows are not an object")
    headers = table.get("column_headers") or []
    if not isinstance(headers, list):
        raise ValueError("the headers are not a list")
    columns = [table.get(f"column_{number + 1}", []) for number in range(len(headers))]
    if not all(isinstance(column, list) for column in columns):
        raise ValueError("a column is not a list")
    return [_row(headers, values) for values in islice(zip(*columns, strict=False), limit)]


def _row(headers: Iterable[Any], values: Iterable[Any]) -> dict[str, str]:
    return {
        _text(header).lower(): "" if value is None else _text(value)
        for header, value in zip(headers, values, strict=False)
    }


def _text(value: Any) -> str:
    """JSON can spell half a surrogate pair, which no receipt takes."""
    return str(value).encode("utf-8", "replace").decode()


SERVER_TIME_STATEMENT = "SELECT NOW()"
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?\s?(Z|UTC|[+-]\d\d:\d\d)?", re.IGNORECASE
)
_EPOCH = re.compile(r"\d{12,14}")


def server_moment(text: str) -> datetime | None:
    """Read a time as the server prints it: milliseconds since 1970, or a date and time.

    Without a zone it has none here either: two of them can be compared with each other, and with nothing else.
    """
    text = text.strip()
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, timezone.utc)
        found = _MOMENT.fullmatch(text)
        if found is None:
            return None
        day, time, fraction, zone = found.groups()
        offset = "" if zone is None else "+00:00" if zone[0] in "ZzUu" else zone
        return datetime.fromisoformat(f"{day}T{time}.{(fraction or '').ljust(6, '0')}{offset}")
    except (ValueError, OverflowError, OSError):
        return None


def operations_statement(operation: str) -> str:
    """The newest rows of all backups and users: ``operation`` is ``backup`` or ``restore``."""
    return (
        f"SELECT * FROM ki_catalog.ki_backup_history WHERE operation = '{operation}' ORDER BY start_time DESC"  # noqa: S608
    )


def history_statement(backup: str) -> str:
    """The newest rows of one backup. The name is a literal: quotes in it are doubled."""
    literal = backup.replace("'", "''")
    return (
        f"SELECT * FROM ki_catalog.ki_backup_history WHERE backup_name = '{literal}' ORDER BY start_time DESC"  # noqa: S608
    )
