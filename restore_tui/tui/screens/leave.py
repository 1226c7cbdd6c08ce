"""Ctrl+Q while a restore runs: what will happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from restore_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from restore_tui.tui.app import RestoreApp


class LeaveScreen(Dialog[None]):
    """Staying has the focus."""

    def compose_dialog(self) -> ComposeResult:
        runs = cast("RestoreApp", self.app).runs
        with_receipt = bool(runs) and runs[-1].receipt is not None
        noted = "the receipt will say “Outcome unknown”, and " if with_receipt else ""
        back = " The last line on the terminal will say how to come back." if with_receipt else ""
        yield Static(
            "A restore is running on the server.\n\n"
            "If you leave now, the server goes on with it: leaving stops nothing. Its answer will not be "
            f"seen here, so {noted}the exit code is 4.{back}",
            markup=False,
        )
        with Horizontal(classes="dialog-buttons"):
            yield Button("Stay", id="stay", compact=True, variant="primary")
            yield Button("Leave it running", id="leave", compact=True, variant="error")

    def on_mount(self) -> None:
        self.query_one("#stay").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "leave":
            cast("RestoreApp", self.app).leave_it_running()
        self.dismiss(None)
