"""F1: what is folded away, the field with the focus, this screen or dialog, and the keys, read from the bindings."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from restore_tui.tui.actions import keys_of
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.text_update import TextPart
from restore_tui.tui.widgets.row_list import RowList

_ESC_DELAY = (
    "\nEsc acts after 0.1 seconds, over SSH after 0.4; ESCDELAY, in milliseconds, sets another delay."
)


class HelpDialog(Dialog[None]):
    """Closes with Esc, F1, ?, q or its button."""

    AUTO_FOCUS = "#dialog-text"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "close", "Close", show=False, id="app.help"),
        Binding("q", "close", "Close", show=False, id="app.quit"),
    ]

    def __init__(self, about: StepScreen | Dialog[Any]) -> None:
        super().__init__()
        self._about = about

    tall = True

    def compose_dialog(self) -> ComposeResult:
        about = self._about
        parts: list[TextPart] = []
        for note in about.folded if isinstance(about, StepScreen) else ():
            parts += [note.content, "\n"]
        field = about.help_here()
        if field:
            focused = "row" if isinstance(about.focused, RowList) else "field"
            parts += ["\n" if parts else "", (f"This {focused}\n", "bold"), field, "\n"]
        parts += [
            "\n" if parts else "",
            (f"{about.subject}  ", "bold $text-accent"),
            (about.hint, "dim"),
            "\n\n",
            about.help_topics,
            ("\n\nKeys\n", "bold"),
        ]
        for keys, description in keys_of(about):
            parts += [(f"{keys:<15}  ", "$text-accent"), f"{description}\n"]
        parts.append((_ESC_DELAY, "dim"))
        with VerticalScroll(id="dialog-text"):
            yield Static(Content.assemble(*parts), markup=False)
        yield Button("Close", id="close", compact=True, variant="primary")
