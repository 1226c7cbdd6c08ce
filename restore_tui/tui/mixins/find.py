"""F: find an object in all snapshots, from any step on which one looks for the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from restore_tui.tui.screens.step import StepScreen

if TYPE_CHECKING:
    from restore_tui.find.matches import Match


class FindMixin(StepScreen):
    """A step from which the search can be opened, also while it loads or where its list was refused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F", "find", "Find", tooltip="Find an object in all snapshots", id="step.find"),
    ]

    def find_button(self) -> Button:
        return Button("Find", id="find", compact=True)

    @on(Button.Pressed, "#find")
    def action_find(self) -> None:
        from restore_tui.tui.screens.find import FindScreen

        def found(matches: list[Match] | None) -> None:
            if matches and not self._left:
                self._left = True
                from restore_tui.find.choice import plan_with

                self.wizard.go("objects", self.session.adopt(plan_with(self.session.plan, matches)))

        self.app.push_screen(FindScreen(self.wizard), found)
