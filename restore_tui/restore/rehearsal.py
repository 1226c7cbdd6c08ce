"""The dry run, and how long its answer is worth something.

A rehearsal is bound to the fingerprint of the plan and of where it went. It is void when either changed or
when it is too old; a void one opens no way to a restore.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from restore_tui.kinetica.backups import Contents
from restore_tui.restore.clock import Clock
from restore_tui.restore.ledger import Line, Tally, draw_up
from restore_tui.restore.plan import NewestSnapshot, PinnedSnapshot, RestorePlan
from restore_tui.restore.request import Target, fingerprint, restore_body

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.models import RestoreAnswer

MAX_AGE = timedelta(minutes=15)


@dataclass(frozen=True)
class Rehearsal:
    """A dry run that the server answered with OK, at ``at``, and took ``seconds``. ``steady`` is the reading of
    the monotonic clock then: it ages a dry run also when the time of day is set back."""

    plan: RestorePlan
    target: Target
    contents: Contents
    answer: RestoreAnswer
    at: datetime
    seconds: float
    fingerprint: str
    steady: float | None = None

    @property
    def snapshot_id(self) -> str:
        """The snapshot that the dry run used: as the server says, else as the plan asked. May be empty."""
        if self.answer.backup_id is not None:
            return str(self.answer.backup_id)
        if isinstance(self.plan.snapshot, PinnedSnapshot):
            return self.plan.snapshot.id
        return self.plan.snapshot.seen_id if isinstance(self.plan.snapshot, NewestSnapshot) else ""

    def ledger(self) -> tuple[Line, ...]:
        """Every object asked for, with what the dry run says of it."""
        return self._lines

    def tally(self) -> Tally:
        return self._tally

    @cached_property
    def _lines(self) -> tuple[Line, ...]:
        return draw_up(self.plan.objects, self.contents, self.answer)

    @cached_property
    def _tally(self) -> Tally:
        return Tally.of(self._lines)

    def age(self, now: datetime) -> timedelta:
        return now - self.at

    def void_because(
        self, plan: RestorePlan, target: Target, now: datetime, max_age: timedelta = MAX_AGE
    ) -> str | None:
        """Why this rehearsal says nothing about ``plan`` any more; None while it does."""
        if fingerprint(plan, target) != self.fingerprint:
            if target != self.target:
                return "The dry run was made against another server, or as another user."
            return "The plan has changed since the dry run."
        age = self.age(now)
        if age < timedelta(0):
            return "The clock was set back since the dry run."
        if age > max_age:
            return f"The dry run is older than {max_age.total_seconds() / 60:.0f} minutes."
        return None


async def rehearse(
    client: KineticaClient, plan: RestorePlan, target: Target, contents: Contents, clock: Clock
) -> Rehearsal:
    """Send the dry run, once. Raises what ``KineticaClient.restore_backup`` raises."""
    began = clock.monotonic()
    answer = await client.restore_backup(restore_body(plan, dry_run=True))
    return Rehearsal(
        plan=plan,
        target=target,
        contents=contents,
        answer=answer,
        at=clock.now(),
        seconds=clock.monotonic() - began,
        fingerprint=fingerprint(plan, target),
        steady=clock.monotonic(),
    )


_MENDED_AT: Sequence[tuple[tuple[str, ...], str]] = (
    (("exist in backup", "not in the snapshot", "does not contain"), "objects"),
    (("already exist", "conflict", "restore_policy"), "options"),
    (("privilege", "permission", "not authorized", "unauthorized", "credentials"), "connect"),
    (("renamed_objects_schema", "create_schema", "option", "checksum"), "options"),
    (("backup_id", "snapshot"), "snapshot"),
    (("schema",), "options"),
    (("object", "table", "restore_objects_map"), "objects"),
    (("backup",), "backup"),
    (("data source", "datasource"), "data_source"),
)


def mended_at(words: str) -> str:
    """The part of the plan (or ``connect``) that most likely mends a refusal, read from the server's words.

    The wording is not documented, so this is a suggestion of where to look, and shown as one.
    """
    said = words.lower()
    return next((part for signs, part in _MENDED_AT if any(sign in said for sign in signs)), "objects")
