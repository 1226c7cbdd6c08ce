"""What an outcome check asks for, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import HistoryRow, JobTicket
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.polling import refuses_login
from restore_tui.restore.receipts.model import Source

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse

MAX_MESSAGE_CHARS = 300
_TICK = timedelta(seconds=1)
"""How much a time that is printed without fractions may be off."""


@dataclass(frozen=True)
class Period:
    """Two moments by the server's own clock, between which a restore was sent and its connection lost."""

    since: datetime
    until: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is known to lie in between. One with a zone cannot be compared with one without."""
        if (moment.tzinfo is None) is not (self.since.tzinfo is None):
            return False
        return self.since <= moment <= self.until


@dataclass(frozen=True)
class ServerClock:
    """A reading of the server's own clock: it was read after the monotonic second ``asked``, and before ``told``."""

    at: datetime
    asked: float
    told: float

    def between(self, began: float, ended: float) -> Period:
        """Return the period between two monotonic seconds, as the server's clock shows it at the most."""
        return Period(
            self.at + timedelta(seconds=began - self.told) - _TICK,
            self.at + timedelta(seconds=ended - self.asked) + _TICK,
        )


@dataclass(frozen=True)
class Baseline:
    """What the server had before the request: ids of jobs, keys of rows, and the time of its clock. None where it
    could not be read, and then nothing of that source can be told to be new."""

    jobs: frozenset[str] | None = None
    history: frozenset[str] | None = None
    clock: ServerClock | None = None


@dataclass(frozen=True)
class OutcomeQuery:
    """What a lost restore is looked for by. ``names`` are those that were requested, schemas among them; ``user`` is
    empty for a login that does not tell one. ``before_next`` is what was noted before the next restore of the same
    backup from here, None where there was no next one: what is newer than that may be the next one's. ``sent`` is when
    its request was out, by the server's own clock; None where that is not known."""

    backup: str
    snapshot_id: str
    user: str
    cluster: str
    baseline: Baseline
    ticket: JobTicket | None = None
    names: frozenset[str] = frozenset()
    before_next: Baseline | None = None
    sent: Period | None = None

    def is_newer_job(self, job: str) -> bool:
        """Whether a job is new since this restore, and none that a later one of ours may have begun."""
        return _is_between(job, self.baseline.jobs, self.before_next, lambda noted: noted.jobs)

    def is_newer_row(self, key: str) -> bool:
        """Likewise for a row of the history."""
        return _is_between(key, self.baseline.history, self.before_next, lambda noted: noted.history)


def _is_between(
    key: str,
    before: frozenset[str] | None,
    until: Baseline | None,
    which: Callable[[Baseline], frozenset[str] | None],
) -> bool:
    if before is None or key in before:
        return False
    return until is None or key in (which(until) or ())


@dataclass(frozen=True)
class Evidence:
    """One thing that was found, and where. ``identity`` is what proves that it is of this restore, for one that tells
    the outcome: then ``response`` is the restore's own, or ``error`` what went wrong, or, from the history, neither for
    a restore that is complete. ``is_partial`` is True where the history calls it complete, but has words of trouble,
    and ``seconds`` is how long it took where the history tells. ``running`` is True where it shows the restore at work,
    or waiting to start."""

    source: Source
    text: str
    identity: str = ""
    running: bool = False
    response: RestoreResponse | None = None
    error: KineticaError | None = None
    is_partial: bool = False
    seconds: float | None = None

    @property
    def is_conclusive(self) -> bool:
        """Whether it tells the outcome. Without an identity nothing does."""
        return self.identity != ""


@dataclass(frozen=True)
class OutcomeCheck:
    """Everything that one look found."""

    at: datetime
    evidence: tuple[Evidence, ...]

    @property
    def conclusive(self) -> Evidence | None:
        """What decides the outcome. The job's own response goes before the history."""
        return next((finding for finding in self.evidence if finding.is_conclusive), None)

    @property
    def running(self) -> Evidence | None:
        return next((finding for finding in self.evidence if finding.running), None)

    @property
    def job_runs(self) -> bool:
        """Whether there is a job of ours at work, that can be followed to its end."""
        return self.running is not None and self.running.source is Source.JOB


def newest(rows: Sequence[HistoryRow]) -> str:
    if not rows:
        return ""
    row = rows[0]
    return f" The newest: {sanitize(row.status, 40)}, started {sanitize(row['start_time'], 40)}."


def unavailable(error: KineticaError) -> str:
    words = sanitize(error.server_message, MAX_MESSAGE_CHARS)
    if refuses_login(error):
        return f"You may not read it now: {error.what}{f' {words}' if words else ''}"
    return f"It cannot be read: {error.what}{f' {words}' if words else ''}"
