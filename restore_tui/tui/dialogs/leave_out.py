"""Only what is missing: what would be left out of the plan, before anything changes."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.conflict_check import Key
from restore_tui.restore.preflight.live_counts import CountedTable
from restore_tui.restore.preflight.only_missing import OnlyMissing
from restore_tui.restore.preflight.presence import SnapshotPresence
from restore_tui.restore.text_format import first_few
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.widgets.row_list import Column, RowList

_LISTED = 200


def _object(key: Key) -> str:
    kind, name = key
    return f"{sanitize(kind, 30)} {sanitize(name, 60)}"


def leave_out_sentences(found: OnlyMissing) -> tuple[str, ...]:
    """What leaving out what exists means for the restore."""
    one = len(found.left_out) == 1
    lines = [
        f"Restores {formatting.pluralize(found.restored, 'object')}, leaves out {len(found.left_out):,} that "
        f"{'exists now: it stays as it is' if one else 'exist now: they stay as they are'}. References between old "
        "and new rows are not checked."
    ]
    if found.expanded:
        schemas = first_few(found.expanded, lambda name: sanitize(name, 40))
        lines.append(
            f"Selected by name instead of as a whole schema: {schemas}. Types and names that the snapshot does not "
            "list are then not included."
        )
    if found.unknown:
        lines.append(
            f"Of {found.unknown:,} of those {found.restored:,} it is unknown whether they exist: they stay selected."
        )
    if found.unsendable:
        lines.append(
            f"{formatting.pluralize(len(found.unsendable), 'object')} cannot be named in a request and would not be "
            f"restored: {first_few(found.unsendable, _object)}."
        )
    return tuple(lines)


class LeaveOutDialog(Dialog[bool]):
    """Dismissed with True where what exists is to be left out."""

    AUTO_FOCUS = "#left-out"
    subject = "Leave out what exists"
    help_topics = (
        "For a restore of only what is missing. What exists now is taken out of the selection and stays as it is. A "
        "whole schema of which something exists is selected by name instead; one of which nothing exists stays a whole "
        "schema. Objects of which it is unknown whether they exist stay selected.\n\n"
        "Nothing is changed before you press Enter or Ctrl+N. What exists is checked by name only: rows are not "
        "compared, and references between old and new rows are not checked."
    )
    tall = True

    def __init__(self, found: OnlyMissing, presence: SnapshotPresence | None = None) -> None:
        """``presence`` has the records of the tables that exist, as far as they are known."""
        super().__init__()
        self._found = found
        self._presence = presence

    def _counted(self, key: Key) -> CountedTable:
        """A table that is left out, beside what the snapshot says of it; nothing is known of anything else."""
        kind, name = key
        counted = self._presence.counted(name) if self._presence is not None and kind == "table" else None
        return counted or CountedTable(name)

    def compose_dialog(self) -> ComposeResult:
        found = self._found
        yield Static("\n".join(leave_out_sentences(found)), id="leave-out-text", markup=False)
        rows: RowList[Key] = RowList(
            [
                Column("Left out", lambda key: key[1], least=18),
                Column("Type", lambda key: key[0], 21, drop=1),
                Column(
                    "Records now",
                    lambda key: formatting.count(self._counted(key).records),
                    14,
                    right=True,
                    drop=2,
                ),
                Column(
                    "In the snapshot",
                    lambda key: formatting.count(self._counted(key).in_snapshot),
                    15,
                    right=True,
                    drop=3,
                ),
            ],
            id="left-out",
        )
        yield rows
        more = len(found.left_out) - _LISTED
        if more > 0:
            yield Static(f"… and {more:,} more.", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Leave out existing", id="leave-them-out", compact=True, variant="primary")
            yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        for rows in self.query("#left-out").results(RowList):
            rows.show(self._found.left_out[:_LISTED])

    def on_row_list_chosen(self) -> None:
        self.accept()

    @on(Button.Pressed, "#leave-them-out")
    def accept(self) -> None:
        """Enter, Ctrl+N, and the button."""
        self.dismiss(True)
