"""Who may send a restore: a person who has typed the words, on a dry run that still stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from restore_tui.restore.plan import RestorePlan
from restore_tui.restore.rehearsal import MAX_AGE, Rehearsal
from restore_tui.restore.request import Target

TYPEABLE_LENGTH = 40
DIGITS_OF_ID = 6


class NotAllowedError(Exception):
    """This restore may not be sent; the text says why. Nothing was sent."""


def confirmation_phrase(rehearsal: Rehearsal) -> str:
    """What has to be typed: the backup's name, or the last six digits of the snapshot id where the name
    cannot be typed or is too long to be."""
    name = rehearsal.plan.backup
    typeable = name.isascii() and name.isprintable() and name == name.strip()
    if typeable and 0 < len(name) <= TYPEABLE_LENGTH:
        return name
    digits = "".join(character for character in rehearsal.snapshot_id if character in "0123456789")
    return digits[-DIGITS_OF_ID:] or "restore"


class Permit:
    """Leave to send one restore, once. ``authorise`` makes it and ``execute`` spends it. ``unclear`` is what the look
    before the confirmation could not compare, and ``open_runs`` the runs without a known end that were there then."""

    def __init__(self, rehearsal: Rehearsal, run: str) -> None:
        self.rehearsal = rehearsal
        self.run = run
        self.unclear: tuple[str, ...] = ()
        self.open_runs: frozenset[str] = frozenset()
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
