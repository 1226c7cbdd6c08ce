"""Who may send a restore: a person who has typed the words, on a dry run that still stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import Target
from restore_tui.restore.preflight.dry_run import MAX_AGE, Rehearsal
from restore_tui.restore.preflight.key_facts import KeyFact

TYPEABLE_LENGTH = 40
DIGITS_OF_ID = 6


class NotAllowedError(Exception):
    """This restore may not be sent; the text says why. Nothing was sent."""


class Phrase(NamedTuple):
    """What has to be typed to confirm, and what it is where it is not just the backup's name."""

    text: str
    hint: str = ""


def confirmation(rehearsal: Rehearsal) -> Phrase:
    """What has to be typed: the backup's name, or the last six digits of the snapshot id where the name cannot be typed
    or is too long to be. A restore that replaces the user who sends it, or roles that the user may have, needs the
    user's name behind it."""
    name = rehearsal.plan.backup
    digits = "".join(character for character in rehearsal.snapshot_id if character in "0123456789")
    if _can_be_typed(name):
        phrase = Phrase(name)
    elif digits:
        phrase = Phrase(digits[-DIGITS_OF_ID:], "the last six digits of the snapshot id")
    else:
        phrase = Phrase("restore", "the word restore")
    user = rehearsal.target.user
    if not _replaces_the_user(rehearsal.plan, user):
        return phrase
    return Phrase(
        f"{phrase.text} {user}",
        f"{phrase.hint or 'its name'} and your user name, because the restore may replace that user",
    )


def confirmation_phrase(rehearsal: Rehearsal) -> str:
    """The text of ``confirmation``."""
    return confirmation(rehearsal).text


def _can_be_typed(name: str) -> bool:
    printable = name.isascii() and name.isprintable() and name == name.strip()
    return printable and 0 < len(name) <= TYPEABLE_LENGTH


def _replaces_the_user(plan: RestorePlan, user: str) -> bool:
    """Whether the restore may replace the login that sends it. Which roles a user has is not known here, so any may be
    one of them; a token does not say whose it is."""
    if plan.option("restore_policy") != "replace" or user.startswith("(") or not _can_be_typed(user):
        return False
    return user in plan.objects.names("user") or bool(plan.objects.names("role"))


class Permit:
    """Leave to send one restore, once. ``authorise`` makes it and ``execute`` spends it. ``unclear`` is what the look
    before the confirmation could not compare, ``open_runs`` are the runs without a known end that were there then, and
    ``key_facts`` what the operator decided on, for the receipt."""

    def __init__(self, rehearsal: Rehearsal, run: str) -> None:
        self.rehearsal = rehearsal
        self.run = run
        self.unclear: tuple[str, ...] = ()
        self.open_runs: frozenset[str] = frozenset()
        self.key_facts: tuple[KeyFact, ...] = ()
        self._spent = False

    def spend(self) -> None:
        """Raises NotAllowedError the second time."""
        if self._spent:
            raise NotAllowedError("This confirmation has been used already.")
        self._spent = True


def authorise(
    rehearsal: Rehearsal | None,
    *,
    plan: RestorePlan,
    target: Target,
    typed: str,
    run: str,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> Permit:
    """Give leave where there is a valid rehearsal of this very plan and a person's confirmation.

    Raises NotAllowedError otherwise.
    """
    if rehearsal is None:
        raise NotAllowedError("There is no dry run of this plan.")
    void = rehearsal.void_because(plan, target, now, max_age)
    if void:
        raise NotAllowedError(void)
    if typed != confirmation_phrase(rehearsal):
        raise NotAllowedError("What was typed does not match.")
    return Permit(rehearsal, run)
