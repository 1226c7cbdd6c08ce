"""One name or id that the server does not list, typed by hand."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.widgets.line_input import ONLY_ONE_LINE, LineInput


class TypeOneDialog(Dialog[str]):
    """Returns what was typed, or None where it was closed. ``what`` is requested; ``problem`` says why a text cannot be
    it, and keeps the dialog open."""

    AUTO_FOCUS = "#one"
    subject = "Type a name"
    help_topics = (
        "For what the server does not list: it lists what this user may see, and a user may be allowed to restore "
        "from more than that. What is typed is sent as it is: the next step shows the server's reply."
    )

    def __init__(self, what: str, problem: Callable[[str], str]) -> None:
        super().__init__()
        self._what = what
        self._problem = problem

    def compose_dialog(self) -> ComposeResult:
        yield Static(f"Type the {self._what}, exactly as the server knows it:", markup=False)
        field = LineInput(id="one", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Static(id="problems", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Use it", id="use", compact=True, variant="primary")
            yield Button("Cancel", id="cancel", compact=True)

    def on_input_changed(self, _event: Input.Changed) -> None:
        self.query_one("#problems", Static).update("")

    def on_line_input_lines_left_out(self, _event: LineInput.LinesLeftOut) -> None:
        self.query_one("#problems", Static).update(ONLY_ONE_LINE)

    @on(Input.Submitted, "#one")
    @on(Button.Pressed, "#use")
    def accept(self) -> None:
        """Ctrl+N, Enter in the field, and the button."""
        typed = self.query_one("#one", Input).value.strip()
        problem = self._problem(typed) if typed else f"Type the {self._what} first."
        if problem:
            self.query_one("#problems", Static).update(f"✗ {sanitize(problem, 200)}")
        else:
            self.dismiss(typed)
