"""Background jobs, running jobs and the history of backups, as the server tells them: what a restore left behind.

The job endpoints and the columns of ``ki_catalog.ki_backup_history`` are documented; which of them a server fills in
is not. What is missing is empty here, and nothing is refused for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from restore_tui.kinetica.models import JobAnswer, ShowJobsAnswer

RESTORE = "/restore/backup"
_DRY_RUN = re.compile(r"dry_run\W+true", re.IGNORECASE)


class JobStatus(str, Enum):
    """The four that ``/get/job`` documents, and whatever else a server may say."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    OTHER = "OTHER"


@dataclass(frozen=True)
class JobTicket:
    """A background job by what it can be asked for with: ``id`` is None where the answer that tells it was lost."""

    tag: str
    id: int | None = None

    def is_of(self, answer: JobAnswer) -> bool:
        """Whether nothing in an answer speaks against it being of this job. Ids are counters: another cluster, or a
        server that was started anew, has given the same one to another job."""
        told = answer.info.get("job_tag", "")
        return told in ("", self.tag) and answer.endpoint.strip("/ ") in ("", RESTORE.strip("/"))


@dataclass(frozen=True)
class Job:
    """What ``/get/job`` says. ``progress`` is in percent, ``response`` the answer of the endpoint as JSON text, and
    ``error`` the server's reason."""

    status: JobStatus
    progress: int | None = None
    response: str = ""
    error: str = ""
    endpoint: str = ""
    said: str = ""
    """The status in the server's own word."""


@dataclass(frozen=True)
class RunningJob:
    """A line of ``/admin/show/jobs``. ``received`` is as the server tells it: milliseconds, and its own clock."""

    id: str
    status: str
    endpoint: str
    user: str = ""
    received: str = ""
    user_data: str = ""

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
        """Whether it is of a rehearsal. One that was refused may tell so in nothing but its additional information."""
        return self.status == "validated" or _DRY_RUN.search(self["additional_info"]) is not None

    @property
    def status(self) -> str:
        return self["status"].strip().lower()

    def number(self, column: str) -> int | None:
        """A count, where the server tells one."""
        text = self[column].strip()
        return int(text) if text.isascii() and text.isdigit() else None


def read_job(answer: JobAnswer) -> Job:
    """The answer of ``/get/job``."""
    word = answer.job_status.strip().upper()
    status = JobStatus(word) if word in JobStatus.__members__ else JobStatus.OTHER
    reasons = answer.status_map
    return Job(
        status=status,
        progress=None if answer.progress is None else min(max(answer.progress, 0), 100),
        response=answer.job_response_str,
        error=reasons.get("error_message", "") or "\n".join(f"{k}: {v}" for k, v in reasons.items()),
        endpoint=answer.endpoint,
        said=answer.job_status,
    )


def read_running(answer: ShowJobsAnswer) -> tuple[RunningJob, ...]:
    """The parallel lists of ``/admin/show/jobs``; a list that is too short leaves its field empty."""

    def at(values: list[str], index: int) -> str:
        return values[index] if index < len(values) else ""

    return tuple(
        RunningJob(
            id=number,
            status=at(answer.status, index),
            endpoint=at(answer.endpoint_name, index),
            user=at(answer.auth_id, index),
            received=at(answer.time_received, index),
            user_data=at(answer.user_data, index),
        )
        for index, number in enumerate(answer.job_id)
    )


def read_table(encoded: str) -> list[dict[str, str]]:
    """The rows of a JSON-encoded answer of ``/execute/sql``: ``column_1`` … hold the values, ``column_headers`` their
    names. Raises ValueError for anything else."""
    table = json.loads(encoded) if encoded.strip() else {}
    if not isinstance(table, dict):
        raise ValueError("the rows are no object")
    headers = table.get("column_headers") or []
    if not isinstance(headers, list):
        raise ValueError("the headers are no list")
    columns = [table.get(f"column_{number + 1}", []) for number in range(len(headers))]
    if not all(isinstance(column, list) for column in columns):
        raise ValueError("a column is no list")
    return [_row(headers, values) for values in zip(*columns, strict=False)]


def _row(headers: Iterable[Any], values: Iterable[Any]) -> dict[str, str]:
    return {
        _text(header).lower(): "" if value is None else _text(value)
        for header, value in zip(headers, values, strict=False)
    }


def _text(value: Any) -> str:
    """JSON can spell half a surrogate pair, which no receipt takes."""
    return str(value).encode("utf-8", "replace").decode()


def history_statement(backup: str) -> str:
    """The newest rows of one backup. The name is a literal: quotes in it are doubled."""
    literal = backup.replace("'", "''")
    return (
        f"SELECT * FROM ki_catalog.ki_backup_history WHERE backup_name = '{literal}' ORDER BY start_time DESC"  # noqa: S608
    )
