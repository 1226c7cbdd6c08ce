"""@: jump to the last complete snapshot before a moment that is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from restore_tui.kinetica.backups import Snapshot
from restore_tui.tui.screens.step import StepScreen

if TYPE_CHECKING:
    from restore_tui.find.moments import TypedMoment

GO_TO_TIME_HELP = (
    "@ goes to a time that you type (2026-11-24 16:20, yesterday 18:00, 3h; local unless it ends in Z): it highlights "
    "the last complete snapshot up to then, and Enter takes it. One whose time has no zone is left out."
)


class GoToTimeMixin(StepScreen):
    """A step with a list of snapshots."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("at", "go_to_time", "Go to a time", show=False, id="step.go-to-time", key_display="@"),
    ]

    def snapshots_to_jump_to(self) -> Sequence[Snapshot]:
        """All that are listed."""
        raise NotImplementedError

    def highlight_snapshot(self, snapshot_id: str) -> None:
        """Put the highlight on one of them, whatever the filter hides."""
        raise NotImplementedError

    @staticmethod
    def go_to_time_button() -> Button:
        return Button("Go to time", id="go-to-time", compact=True)

    @on(Button.Pressed, "#go-to-time")
    def action_go_to_time(self) -> None:
        if not self.loaded or self._left:
            return
        from restore_tui.find.moments import local_zone
        from restore_tui.tui.dialogs.go_to_time import GoToTimeDialog

        self.app.push_screen(GoToTimeDialog(self.wizard.clock.now, local_zone()), self._jump)

    def _jump(self, moment: TypedMoment | None) -> None:
        if moment is None or self._left:
            return
        from restore_tui.find.moments import jump_text, last_complete_before

        before = last_complete_before(self.snapshots_to_jump_to(), moment.time)
        if before.snapshot is not None:
            self.highlight_snapshot(before.snapshot.id)
        self.notify_user(jump_text(before, moment, self.wizard.clock.now()))
