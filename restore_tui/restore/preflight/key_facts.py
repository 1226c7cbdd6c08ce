"""The four facts that a restore is decided on, built in one place: Dry run, confirmation, receipt and report show them.

As of which time; whether the snapshot was verified; which options differ from their defaults; and what is lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import non_default_options
from restore_tui.restore.preflight.plan_warnings import PlanFacts, count_existing, usable_facts
from restore_tui.restore.preflight.verification import FailedVerification, VerificationStatus
from restore_tui.restore.text_format import AS_OF, as_of, format_timestamp, pluralize

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot
    from restore_tui.restore.preflight.verification import VerificationResult

VERIFIED, OPTIONS, LOST = "Verified", "Options", "Lost"
_MAX_VALUE, _MAX_MESSAGE = 80, 600


class KeyFact(NamedTuple):
    """``alarming`` is True where the fact speaks against the restore; ``more`` is what a title leaves out."""

    label: str
    text: str
    alarming: bool = False
    more: str = ""

    @property
    def full_text(self) -> str:
        """All of it."""
        return f"{self.text} ({self.more})" if self.more else self.text


def key_facts(
    plan: RestorePlan,
    facts: PlanFacts,
    verification: VerificationResult | FailedVerification | None,
    snapshot: Snapshot | None,
    snapshot_id: str,
    now: datetime,
) -> tuple[KeyFact, ...]:
    """Return the four, in their order. ``snapshot`` is the plan's as it is listed, None where it is not, and
    ``snapshot_id`` the id that the restore is for."""
    newest = " (the newest; its id is left empty)" if isinstance(plan.snapshot, NewestSnapshot) else ""
    return (
        KeyFact(AS_OF, as_of(snapshot, snapshot_id, now) + newest),
        _verified(verification),
        KeyFact(OPTIONS, _options(plan)),
        _lost(plan, usable_facts(plan, facts)),
    )


def _verified(verification: VerificationResult | FailedVerification | None) -> KeyFact:
    if verification is None:
        return KeyFact(VERIFIED, "not done")
    when = format_timestamp(verification.at)
    if isinstance(verification, FailedVerification):
        return KeyFact(VERIFIED, f"failed {when}: {sanitize(verification.message, _MAX_MESSAGE)}", True)
    finding = verification.status
    sign = {
        VerificationStatus.READABLE: "✓",
        VerificationStatus.DAMAGED: "✗",
        VerificationStatus.UNKNOWN: "?",
    }[finding]
    text = " ".join([f"{sign} {finding.value}, {when}.", *verification.sentences])
    return KeyFact(VERIFIED, text, finding is not VerificationStatus.READABLE)


def _options(plan: RestorePlan) -> str:
    """All that differ from their defaults. The id of the snapshot is a fact of its own."""
    sent = {name: value for name, value in non_default_options(plan).items() if name != "backup_id"}
    listed = ", ".join(f"{name}={sanitize(value, _MAX_VALUE)}" for name, value in sent.items())
    return listed or "all at their defaults"


def _lost(plan: RestorePlan, facts: PlanFacts) -> KeyFact:
    """Counts of what is replaced, emptied, moved and dropped, as far as the conflict check knows them."""
    policy = plan.option("restore_policy")
    if policy not in ("replace", "rename"):
        return KeyFact(LOST, f"nothing is replaced (restore_policy={sanitize(policy, _MAX_VALUE)})")
    there = count_existing(facts)
    parts = [_amount(there.number, "replaced" if policy == "replace" else "moved")]
    if policy == "replace":
        if plan.option("ddl_only") == "true":
            emptied = count_existing(facts, frozenset({"table"})).number
        else:
            emptied = len(facts.conflicts.empty_and_existing) if facts.conflicts else 0
        if emptied:
            parts.append(f"{pluralize(emptied, 'table')} EMPTIED")
        if plan.option("cascade_foreign_keys") == "true":
            parts.append("tables with foreign keys to them DROPPED (number unknown)")
    if there.unchecked:
        parts.append(f"{there.unchecked:,} not checked")
    replaces = policy == "replace"
    return KeyFact(
        LOST, ", ".join(parts), replaces and there.number != 0, facts.live.text if replaces else ""
    )


def _amount(number: int | None, what: str) -> str:
    if number is None:
        return f"every selected object that exists is {what} (not counted)"
    return f"{pluralize(number, 'existing object')} {what}" if number else f"no existing object is {what}"
