"""Save the report of a run where the person says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from restore_tui.kinetica.text import harmless
from restore_tui.restore.outcome import Outcome
from restore_tui.restore.report import as_markdown
from restore_tui.tui.screens.dialog import Dialog


class SaveScreen(Dialog[str]):
    """Dismissed with what was done, in words. A file that is there already is never overwritten. ``outcome`` tells
    it as it is known when it is saved: a look may have settled it meanwhile."""

    AUTO_FOCUS = "#place"

    def __init__(self, outcome: Callable[[], Outcome]) -> None:
        super().__init__()
        self._outcome = outcome

    def compose_dialog(self) -> ComposeResult:
        yield Static("Save the report (Markdown, for a ticket) to:", markup=False)
        place = Input(f"~/restore-{self._outcome().run}.md", id="place", compact=True, select_on_focus=False)
        place.cursor_blink = False
        yield place
        yield Static(id="save-problem", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Save", id="save", compact=True, variant="primary")
            yield Button("Close", id="close", compact=True)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.accept()

    def accept(self) -> None:
        """Ctrl+N, Enter in the field, and Save."""
        typed = self.query_one("#place", Input).value.strip()
        try:
            place = Path(typed).expanduser()
            outcome = self._outcome()
            write_anew(place, as_markdown(outcome.entry, outcome.receipt))
        except (OSError, RuntimeError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.query_one("#save-problem", Static).update(f"✗ It was not saved: {harmless(why, 200)}.")
        else:
            self.dismiss(f"The report is saved: {harmless(typed, 200)}")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.accept()
        else:
            self.dismiss("")


def write_anew(place: Path, text: str) -> None:
    """A file of this name, mode 0600, with this text. Raises OSError, FileExistsError where there is one."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
