"""Is the snapshot readable? What ``/verify/backup`` found of it, in words, and what that does not prove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from restore_tui.kinetica.backups import State
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.kinetica.verification import SINCE, Verification
from restore_tui.kinetica.version import ServerVersion
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.text_format import first_few

NOT_PROVEN = (
    "The server has inspected the backup's files where they are stored. That does not prove that every table can be "
    "restored completely. The checksum option checks the files when they are restored, if the backup was created with "
    "checksums."
)
"""What a verification does not prove, for the screen."""

_MAX_MESSAGE_CHARS = 300


class VerificationStatus(str, Enum):
    """What came of a verification."""

    READABLE = "No error found"
    DAMAGED = "Errors found"
    UNKNOWN = "Nothing reported for this snapshot"


@dataclass(frozen=True)
class VerificationResult:
    """A verification of one snapshot, and when it was answered."""

    verification: Verification
    at: datetime

    @property
    def status(self) -> VerificationStatus:
        """An error counts even where it may be another snapshot's: then ``sentences`` say so."""
        if self.verification.errors:
            return VerificationStatus.DAMAGED
        return VerificationStatus.READABLE if self.verification.named else VerificationStatus.UNKNOWN

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, and what is odd about it. Server message are made harmless."""
        found = self.verification
        said = [sanitize(error, _MAX_MESSAGE_CHARS) for error in found.errors]
        if not found.named:
            said.append("The response does not name this snapshot among those that were inspected.")
        if found.others:
            others = first_few(found.others, lambda number: sanitize(number, 24))
            said.append(f"It names others, too: {others}. An error may be of one of them.")
        return tuple(said)


@dataclass(frozen=True)
class FailedVerification:
    """A verification that did not get to an end: the error and the server's message, and when."""

    message: str
    at: datetime


Which = tuple[str, str, str]
"""(data source, backup, snapshot id)."""


def snapshot_of(plan: RestorePlan) -> str:
    """The id that this plan's snapshot is verified by: of the newest, the one that was listed as such. May be empty."""
    return plan.snapshot.seen_id if isinstance(plan.snapshot, NewestSnapshot) else plan.snapshot_id


def why_unavailable(server_version: str, snapshot_id: str) -> str:
    """Why a snapshot cannot be verified here; empty where it can. An unreadable version closes nothing."""
    version = ServerVersion.parse(server_version)
    if version.has(SINCE) is False:
        this = ".".join(map(str, version.numbers or ()))
        return f"Verifying needs server {SINCE}; this one is {this}."
    if not snapshot_id:
        return "The id of this snapshot is not known: without one another snapshot could be verified."
    if not (snapshot_id.isascii() and snapshot_id.isdigit()):
        named = sanitize(snapshot_id, 24)
        return f"{named} is not sent: only an id of digits is certain to be read as this snapshot."
    return ""


def state_words(state: State) -> str:
    """What a verification does not say of a snapshot in this state; empty for a complete one."""
    return {
        State.IN_PROGRESS: "This snapshot is still being taken: what it has so far was verified, not what is to come.",
        State.FAILED: "Taking this snapshot failed: what it has was verified, which need not be everything.",
    }.get(state, "")


class VerificationCache:
    """What was verified in this sitting, at one server."""

    def __init__(self) -> None:
        self._found: dict[Which, VerificationResult] = {}
        self._failed: dict[Which, FailedVerification] = {}

    def put(self, which: Which, verified: VerificationResult) -> VerificationResult:
        self._found[which] = verified
        self._failed.pop(which, None)
        return verified

    def fail(self, which: Which, failed: FailedVerification) -> None:
        """Keep that a verification failed. What an earlier one found of the same snapshot is no longer relied on."""
        self._found.pop(which, None)
        self._failed[which] = failed

    def last(self, which: Which) -> VerificationResult | FailedVerification | None:
        """The last verification of a snapshot, whatever came of it; None where there was none."""
        return self._found.get(which) or self._failed.get(which)

    def get(self, which: Which) -> VerificationResult | None:
        """None where it was not verified."""
        return self._found.get(which)

    def of(self, plan: RestorePlan) -> VerificationResult | None:
        """Of the plan's snapshot; None where it was not verified, and is offered again before the restore."""
        return self.get((plan.data_source, plan.backup, snapshot_of(plan)))

    def clear(self) -> None:
        """Another server, or another user."""
        self._found.clear()
        self._failed.clear()
