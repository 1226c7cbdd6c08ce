"""What can be undone after a restore: where the old objects are, and the requests that move them back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from restore_tui.restore.receipts.way_back import WayBack, requests_as_text
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.dialogs.save_file import SaveDialog
from restore_tui.tui.text_update import TextPart


class WayBackDialog(Dialog[str]):
    """For reading; it sends nothing. ``script`` is what is saved: empty where nothing can be moved back. Dismissed
    with what was saved, in words."""

    AUTO_FOCUS = "#dialog-text"
    subject = "Way back"
    hint = "What can be undone. Nothing of it is executed here."
    help_topics = (
        "After a restore that moved objects aside, the old objects still exist in another schema. The script first "
        "moves the restored objects to a new schema, because they have the names of the old ones, then moves the old "
        "ones back. Only what the response of the restore reports as moved is in it. The lines that drop the restored "
        "objects are comments, one for each object.\n\n"
        "After a restore that replaced objects there is no way back for what was replaced."
    )
    tall = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", "Save the script", show=False, id="dialog.save-way-back"),
    ]

    def __init__(self, found: WayBack, script: str, run: str) -> None:
        super().__init__()
        self._found = found
        self._script = script
        self._run = run

    def compose_dialog(self) -> ComposeResult:
        from restore_tui.restore.export import preview

        shown = preview(requests_as_text(self._found))
        parts: list[TextPart] = [(f"{self.subject}  ", "bold $text-accent"), (self.hint, "dim")]
        parts += [f"\n\n{sentence}" for sentence in self._found.sentences]
        if self._script:
            parts += [("\n\nThe requests, in their order", "bold")]
            parts += [f"\n{line}" for line in (shown.text, shown.left_out) if line]
        with VerticalScroll(id="dialog-text"):
            yield Static(Content.assemble(*parts), markup=False)
        with Horizontal(classes="dialog-buttons"):
            if self._script:
                yield Button("Save the script", id="save-script", compact=True)
            yield Button("Close", id="close", compact=True, variant="primary")

    def is_key_available(self, binding: str) -> bool:
        if binding == "dialog.save-way-back":
            return bool(self._script)
        return super().is_key_available(binding)

    @on(Button.Pressed, "#save-script")
    def action_save(self) -> None:
        def saved(said: str | None) -> None:
            if said:
                self.dismiss(said)

        if self._script:
            place = f"~/way-back-{self._run}.sh"
            note = "a shell script, for you to read and run"
            self.app.push_screen(SaveDialog("the way back", place, lambda: self._script, note=note), saved)
