"""The four facts that a restore is decided on, built in one place: Dry run, confirmation, receipt and report show them.

As of which time; whether the snapshot was verified; which options differ from their defaults; and what is lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import SNAPSHOT_ID, NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import non_default_options
from restore_tui.restore.preflight.plan_warnings import KnownPlan, PlanFacts, plan_warnings, usable_facts
from restore_tui.restore.preflight.verification import FailedVerification, VerificationStatus
from restore_tui.restore.text_format import AS_OF, as_of, format_timestamp

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
    sent = {name: value for name, value in non_default_options(plan).items() if name != SNAPSHOT_ID}
    listed = ", ".join(f"{name}={sanitize(value, _MAX_VALUE)}" for name, value in sent.items())
    return listed or "all at their defaults"


def _lost(plan: RestorePlan, facts: PlanFacts) -> KeyFact:
    """What the warnings on the options and types count as lost, as far as the conflict check knows it."""
    losing = [warning for warning in plan_warnings(plan, facts) if warning.loss]
    losing.sort(key=lambda warning: warning.option is None)
    parts = [warning.loss for warning in losing]
    overwrites = plan.has(Effect.OVERWRITES)
    if not parts:
        policies = (
            f"{o.name}={sanitize(plan.option(o.name), _MAX_VALUE)}" for o in reference.OPTIONS if o.title
        )
        return KeyFact(LOST, f"nothing is replaced ({', '.join(policies)})")
    unchecked = KnownPlan(plan, facts).existing().unchecked
    if unchecked:
        parts.append(f"{unchecked:,} not checked")
    is_alarming = any(warning.destructive for warning in losing)
    return KeyFact(LOST, ", ".join(parts), is_alarming, facts.live.text if overwrites else "")
