"""=: compare the highlighted snapshot with another one, or with what exists now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from restore_tui.kinetica.backups import Snapshot
from restore_tui.restore.plan.plan import SnapshotChoice
from restore_tui.tui.screens.step import StepScreen

if TYPE_CHECKING:
    from restore_tui.find.matches import Key


class ToCompare(NamedTuple):
    """A snapshot, how the plan would name it, and the ones that it can be compared with, newest first."""

    snapshot: Snapshot
    choice: SnapshotChoice
    others: Sequence[Snapshot]


class CompareMixin(StepScreen):
    """A step on which a snapshot is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("equals_sign", "compare", "Compare", show=False, id="step.compare"),
    ]

    def to_compare(self) -> ToCompare | str:
        """What to compare; or why there is nothing."""
        raise NotImplementedError

    @staticmethod
    def compare_button() -> Button:
        return Button("Compare", id="compare", compact=True)

    @on(Button.Pressed, "#compare")
    def action_compare(self) -> None:
        if not self.loaded:
            return
        given = self.to_compare()
        if isinstance(given, str):
            self.notify_user(given)
            return
        from restore_tui.find.choice import plan_with_objects
        from restore_tui.find.matches import BackupKey
        from restore_tui.tui.screens.compare import CompareScreen

        plan = self.session.plan
        backup = BackupKey(plan.data_source, plan.backup)

        def taken(keys: list[Key] | None) -> None:
            if keys and not self._left:
                self._left = True
                update = plan_with_objects(self.session.plan, backup, given.choice, keys)
                self.wizard.go("objects", self.session.adopt(update))

        self.app.push_screen(CompareScreen(self.wizard, backup, given.snapshot, given.others), taken)
