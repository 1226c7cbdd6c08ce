"""Backup: which series of snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from restore_tui.kinetica.backups import Backup, State, newest_of, out_of_order
from restore_tui.kinetica.identifiers import backup_problem
from restore_tui.kinetica.object_columns import Amount
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui import formatting
from restore_tui.tui.screens.choice_step import SingleChoiceStep
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.row_list import Column, bar_column, part_of

TIMES_DISAGREE = (
    "! The ids and the times of the snapshots are not in the same order: which one the server treats as newest is "
    "not known. The latest time counts here."
)


class BackupScreen(SingleChoiceStep[Backup]):
    """All backups of the chosen data source."""

    step = part = "backup"
    hint = "Which backup?"
    noun = "backup"
    loading_text = "Loading the backups"
    empty_text = "The server lists no backup here: there is none, or you may not see it."
    help_topics = (
        "A backup is a named series of snapshots: a full one, and incremental or differential ones after it. "
        "Restoring from any of them restores the objects as they were then; the server puts together what it "
        "needs from the snapshots before.\n\n"
        "Size is what the server reports for the backup, or the sum of its snapshots; ≥ where the size of some is "
        "unknown. A number that cannot be true is marked with !. t types the name of a backup that is not listed."
    )

    def columns(self) -> Sequence[Column[Backup]]:
        largest = max((backup.size or 0 for backup in self.items), default=0)
        return (
            Column("Name", lambda b: self.marked(b.name), least=16),
            Column("Newest snapshot", self._newest, self._time_width(), cut=formatting.fit_time),
            Column("Snapshots", self._count, 9, right=True, drop=2),
            Column("Size", self._size_words, 9, right=True),
            bar_column(lambda b: part_of(b.size, largest), drop=1),
            Column("Comment", lambda b: b.comment, least=24, drop=3),
        )

    def _time_width(self) -> int:
        return formatting.time_width(b.newest for b in self.items if b.newest is not None)

    @staticmethod
    def _newest(backup: Backup) -> str:
        if backup.newest is not None:
            mark = "! " if out_of_order(backup.snapshots) else ""
            return mark + formatting.snapshot_time(backup.newest)
        return "none" if backup.snapshot_count == 0 else formatting.UNKNOWN

    @staticmethod
    def _count(backup: Backup) -> str:
        return formatting.impossible(backup.impossible, "snapshots") or formatting.count(
            backup.snapshot_count
        )

    @staticmethod
    def _size_words(backup: Backup) -> str:
        amount = Amount(backup.size, backup.size_is_partial)
        return formatting.impossible(backup.impossible, "size") or formatting.amount(amount, formatting.size)

    def raw_of(self, item: Backup) -> Mapping[str, str]:
        return item.raw

    def typed_item(self, name: str) -> Backup:
        return Backup(name, comment="(typed)")

    def typing_problem(self, name: str) -> str:
        problem = backup_problem(name)
        return f"{sanitize(name, 60)}: {problem}" if problem else ""

    def details_of(self, item: Backup) -> FactList:
        newest = item.newest
        when = ""
        if newest is not None:
            when = f"{newest.id}, {formatting.snapshot_time(newest)}"
            ago = formatting.snapshot_age(newest, self.wizard.clock.now())
            when += f", {ago}" if ago else ""
        alive = [s for s in item.snapshots if not s.deleted]
        gone = len(item.snapshots) - len(alive)
        count = self._count(item) + (f", and {gone} deleted" if gone else "")
        for state in (State.IN_PROGRESS, State.FAILED):
            number = sum(1 for s in alive if s.state is state)
            count += f", {number} of them {state.value}" if number else ""
        return FactList(
            (
                ("Name", item.name),
                ("Newest", when),
                ("Order", TIMES_DISAGREE if out_of_order(item.snapshots) else ""),
                ("Snapshots", count),
                ("Size", self._size_words(item)),
                ("Comment", item.comment),
            )
        )

    async def load(self, *, fresh: bool) -> None:
        listed = await self.session.backups(fresh=fresh)
        self.with_typed(listed, listed)

    def key_of(self, item: Backup) -> str:
        return item.name

    def chosen_key(self) -> str:
        return self.wizard.plan.backup

    def first_choice(self) -> Backup:
        """The backup with the newest snapshot: the likeliest one to be looked for."""
        takeable = [backup for backup in self.items if not self.why_not(backup)] or self.items
        newest = newest_of([backup.newest for backup in takeable if backup.newest is not None])
        return next((backup for backup in takeable if backup.newest is newest), takeable[0])

    def take(self, item: Backup) -> str:
        return self.session.choose_backup(item.name)
