"""Backup: which series of snapshots."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from restore_tui.kinetica.backups import Backup, age_key
from restore_tui.tui import format
from restore_tui.tui.screens.choice import ChoiceScreen, details
from restore_tui.tui.widgets.row_list import Column


class BackupScreen(ChoiceScreen[Backup]):
    """All backups of the chosen data source."""

    step = "backup"
    hint = "Which series of snapshots?"
    noun = "backup"
    loading_text = "Asking for the backups"
    empty_text = "There is no backup behind this data source."
    help_topics = (
        "A backup is a named series of snapshots: a full one, and incremental or differential ones after it. "
        "Restoring from any of them brings the objects back as they were then; the server puts together what it "
        "needs from the snapshots before.\n\n"
        "Size is what the server tells of the backup, or the sum of its snapshots."
    )

    def columns(self) -> Sequence[Column[Backup]]:
        return (
            Column("Name", lambda b: b.name, least=16),
            Column("Newest snapshot", self._newest, 20),
            Column("Snapshots", lambda b: format.count(b.snapshot_count), 9, right=True, drop=2),
            Column("Size", lambda b: format.size(b.size), 9, right=True),
            Column("Comment", lambda b: b.comment, least=24, drop=3),
        )

    @staticmethod
    def _newest(backup: Backup) -> str:
        if backup.newest is not None:
            return format.snapshot_time(backup.newest)
        return "none" if backup.snapshot_count == 0 else format.UNKNOWN

    def searched(self, item: Backup) -> str:
        return f"{item.name} {item.comment}"

    def details_of(self, item: Backup) -> Content:
        newest = item.newest
        when = ""
        if newest is not None:
            when = f"{newest.id}, {format.snapshot_time(newest)}"
            ago = format.snapshot_age(newest, self.wizard.clock.now())
            when += f", {ago}" if ago else ""
        gone = sum(1 for s in item.snapshots if s.deleted)
        count = format.count(item.snapshot_count) + (f", and {gone} deleted" if gone else "")
        return details(
            (
                ("Name", item.name),
                ("Newest snapshot", when),
                ("Snapshots", count),
                ("Size", format.size(item.size)),
                ("Comment", item.comment),
            ),
            item.raw,
        )

    async def load(self, *, fresh: bool) -> None:
        self.items = await self.session.backups(fresh=fresh)

    def key_of(self, item: Backup) -> str:
        return item.name

    def chosen_key(self) -> str:
        return self.wizard.plan.backup

    def first_choice(self) -> Backup:
        """The backup with the newest snapshot: the likeliest one to be looked for."""
        return max(self.items, key=lambda backup: age_key(backup.newest) if backup.newest else (-1, ""))

    def take(self, item: Backup) -> str:
        changed = self.session.plan.choose_backup(item.name)
        self.session.plan = changed.plan
        return changed.cleared
