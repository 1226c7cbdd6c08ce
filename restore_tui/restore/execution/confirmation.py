"""Who may send a restore: a person who has typed the words, on a dry run that still stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import Destination
from restore_tui.restore.preflight.dry_run import MAX_AGE, DryRun
from restore_tui.restore.preflight.key_facts import KeyFact
from restore_tui.restore.preflight.plan_warnings import PlanFacts, plan_warnings

TYPEABLE_LENGTH = 40
DIGITS_OF_ID = 6


class RestoreBlockedError(Exception):
    """This restore may not be sent; the text says why. Nothing was sent."""


class Phrase(NamedTuple):
    """What has to be typed to confirm, and what it is where it is not just the backup's name."""

    text: str
    hint: str = ""


def required_phrase(dry_run: DryRun) -> Phrase:
    """What has to be typed: the backup's name, or the last six digits of the snapshot id where the name cannot be typed
    or is too long to be. On a server with a label, that comes first. Where a warning asks for it, because the restore
    may replace the user who sends it, the user's name has to follow."""
    name = dry_run.plan.backup
    digits = "".join(character for character in dry_run.snapshot_id if character in "0123456789")
    if _can_be_typed(name):
        phrase = Phrase(name)
    elif digits:
        phrase = Phrase(digits[-DIGITS_OF_ID:], "the last six digits of the snapshot id")
    else:
        phrase = Phrase("restore", "the word restore")
    label, user = dry_run.destination.label, dry_run.destination.user
    if label:
        phrase = Phrase(f"{label} {phrase.text}", f"label and {phrase.hint or 'name'}")
    if not _may_replace(dry_run.plan, user):
        return phrase
    return Phrase(
        f"{phrase.text} {user}",
        f"{phrase.hint or 'its name'} and your user name, because the restore may replace that user",
    )


def confirmation_phrase(dry_run: DryRun) -> str:
    """The text of ``required_phrase``."""
    return required_phrase(dry_run).text


def _can_be_typed(name: str) -> bool:
    printable = name.isascii() and name.isprintable() and name == name.strip()
    return printable and 0 < len(name) <= TYPEABLE_LENGTH


def _may_replace(plan: RestorePlan, user: str) -> bool:
    """Whether a type that is restored warns that it may replace the login that sends the restore. A token, which is
    shown in parentheses, does not say whose it is."""
    if user.startswith("(") or not _can_be_typed(user):
        return False
    return any(warning.needs_user_name for warning in plan_warnings(plan, PlanFacts(user=user)))


class Confirmation:
    """Leave to send one restore, once. ``confirm`` makes it and ``run_restore`` spends it. ``unclear`` is what the look
    before the confirmation could not compare, ``open_runs`` are the runs without a known end that were there then, and
    ``key_facts`` what the operator decided on, for the receipt."""

    def __init__(self, dry_run: DryRun, run: str) -> None:
        self.dry_run = dry_run
        self.run = run
        self.unclear: tuple[str, ...] = ()
        self.open_runs: frozenset[str] = frozenset()
        self.key_facts: tuple[KeyFact, ...] = ()
        self._spent = False

    def consume(self) -> None:
        """Raises RestoreBlockedError the second time."""
        if self._spent:
            raise RestoreBlockedError("This confirmation has been used already.")
        self._spent = True


def confirm(
    dry_run: DryRun | None,
    *,
    plan: RestorePlan,
    target: Destination,
    typed: str,
    run: str,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> Confirmation:
    """Give leave where there is a valid dry run of this very plan and a person's confirmation.

    Raises RestoreBlockedError otherwise.
    """
    if dry_run is None:
        raise RestoreBlockedError("There is no dry run of this plan.")
    void = dry_run.staleness_reason(plan, target, now, max_age)
    if void:
        raise RestoreBlockedError(void)
    if typed != confirmation_phrase(dry_run):
        raise RestoreBlockedError("What was typed does not match.")
    return Confirmation(dry_run, run)
