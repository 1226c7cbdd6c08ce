"""x: restore only what is missing, by leaving out of the plan what exists now."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from restore_tui.kinetica.errors import KineticaError
from restore_tui.restore.preflight.only_missing import OnlyMissing
from restore_tui.tui import formatting
from restore_tui.tui.screens.step import StepScreen

LEAVE_OUT_HELP = (
    "x leaves out what exists now, so that only what is missing is restored. It first shows what that is, and whole "
    "schemas of which something exists are then selected by name."
)


def nothing_left_out(found: OnlyMissing) -> str:
    """Why there is nothing to leave out, or nothing to restore without it; empty where there is both."""
    unknown = f" Of {found.unknown:,} it is unknown." if found.unknown else ""
    if not found.left_out:
        return f"None of the selected objects is known to exist now.{unknown} Nothing is left out."
    if not found.selection:
        return (
            f"Nothing is missing: {formatting.pluralize(len(found.left_out), 'object')} of the selection "
            f"exist{'s' if len(found.left_out) == 1 else ''} now. The selection is unchanged."
        )
    return ""


class LeaveOutMixin(StepScreen):
    """A step on which what exists can be left out of the plan. It fills in ``show_left_out``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "leave_out", "Leave out what exists", show=False, id="step.leave-out"),
    ]

    def leave_out_button(self) -> Button:
        return Button("Leave out existing", id="leave-out", compact=True)

    @property
    def can_leave_out(self) -> bool:
        """Whether there may be something to leave out."""
        return bool(self.session.plan.objects)

    def show_left_out(self) -> None:
        """The plan has a smaller selection now."""
        raise NotImplementedError

    @on(Button.Pressed, "#leave-out")
    def action_leave_out(self) -> None:
        if self._left or self.is_loading or not self.can_leave_out:
            return
        self.notify_user("Checking what exists now …")
        self.run_worker(self._leave_out(), group="leave out", exclusive=True)

    async def _leave_out(self) -> None:
        from restore_tui.tui.dialogs.leave_out import LeaveOutDialog

        plan = self.session.plan
        try:
            found = await self.session.only_missing()
            presence = await self.session.presence_with_counts() if found is not None else None
        except KineticaError as error:
            self.notify_user(f"What exists now cannot be checked: {error.what} The selection is unchanged.")
            return
        if self._left:
            return
        if found is None or self.session.plan is not plan or not self.is_active:
            self.notify_user("Something else was chosen or opened meanwhile: press x again.")
            return
        why_not = nothing_left_out(found)
        if why_not:
            self.notify_user(why_not)
            return
        self.notify_user("")

        def answered(sure: bool | None) -> None:
            if sure and not self._left and self.session.plan is plan:
                self.session.choose_objects(found.selection)
                self.notify_user(
                    f"{formatting.pluralize(len(found.left_out), 'object')} left out: what exists now stays as it is."
                )
                self.show_left_out()

        self.app.push_screen(LeaveOutDialog(found, presence), answered)
