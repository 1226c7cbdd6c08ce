"""Who may send a restore: a person who has typed the words, on a dry run that still stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from restore_tui.kinetica.text import harmless
from restore_tui.restore.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.rehearsal import MAX_AGE, Rehearsal
from restore_tui.restore.request import Target

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient

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
    before the confirmation could not compare."""

    def __init__(self, rehearsal: Rehearsal, run: str) -> None:
        self.rehearsal = rehearsal
        self.run = run
        self.unclear: tuple[str, ...] = ()
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


async def check_newest(client: KineticaClient, rehearsal: Rehearsal) -> None:
    """For a plan that leaves the id empty: read the newest id again. Raises NotAllowedError where it is not
    the one that the dry run used, and KineticaError where it cannot be read."""
    plan = rehearsal.plan
    if not isinstance(plan.snapshot, NewestSnapshot):
        return
    snapshots = await client.snapshots(plan.data_source, plan.backup)
    newest = next((s.id for s in snapshots if not s.deleted), "")
    if newest != rehearsal.snapshot_id:
        raise NotAllowedError(
            f"The newest snapshot is now {harmless(newest, 40) or '(none)'}; the dry run used "
            f"{harmless(rehearsal.snapshot_id, 40) or '(untold)'}."
        )
