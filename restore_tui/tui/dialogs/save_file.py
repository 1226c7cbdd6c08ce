"""Save a text where the person says: the report of a run, or the request."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.widgets.line_input import ONLY_ONE_LINE, LineInput


class SaveDialog(Dialog[str]):
    """Dismissed with what was done, in words. A file that is there already is never overwritten. ``what`` is saved;
    ``note`` says in which form; ``text`` gives it as it is when it is saved."""

    AUTO_FOCUS = "#place"
    subject = "Save to a file"
    help_topics = (
        "The name of a file, its folder before it; ~ is the home folder. Only its owner may read it. An existing "
        "file is never overwritten: choose another name."
    )

    def __init__(self, what: str, place: str, text: Callable[[], str], *, note: str) -> None:
        super().__init__()
        self._what = what
        self._note = note
        self._place = place
        self._text = text

    def compose_dialog(self) -> ComposeResult:
        yield Static(f"Save {self._what} ({self._note}) to:", markup=False)
        place = LineInput(self._place, id="place", compact=True, select_on_focus=False)
        place.cursor_blink = False
        yield place
        yield Static(id="save-problem", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Save", id="save", compact=True, variant="primary")
            yield Button("Close", id="close", compact=True)

    def on_line_input_lines_left_out(self, _event: LineInput.LinesLeftOut) -> None:
        self.query_one("#save-problem", Static).update(ONLY_ONE_LINE)

    @on(Input.Submitted, "#place")
    @on(Button.Pressed, "#save")
    def accept(self) -> None:
        """Ctrl+N, Enter in the field, and Save."""
        typed = self.query_one("#place", Input).value.strip()
        try:
            write_new_file(Path(typed).expanduser(), self._text())
        except (OSError, RuntimeError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.query_one("#save-problem", Static).update(f"✗ It was not saved: {sanitize(why, 200)}.")
        else:
            self.dismiss(f"{self._what[:1].upper()}{self._what[1:]} is saved: {sanitize(typed, 200)}")


def write_new_file(place: Path, text: str) -> None:
    """A file of this name, mode 0600, with this text. Raises OSError, FileExistsError where there is one; ValueError
    for what is no text."""
    data = text.encode("utf-8")
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
