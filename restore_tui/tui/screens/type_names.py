"""Names that the server does not list: typed or pasted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static, TextArea

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.names import object_problem, split_typed
from restore_tui.kinetica.text import harmless
from restore_tui.tui import format
from restore_tui.tui.put import put
from restore_tui.tui.screens.dialog import Dialog

_SHOWN_PROBLEMS = 3


class TypeNamesScreen(Dialog[list[str]]):
    """Returns the names, or None where it was closed. Names that break the rules keep it open."""

    AUTO_FOCUS = "#names"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = catalogue.object_type(kind)

    tall = True

    def compose_dialog(self) -> ComposeResult:
        what = (
            "schema names"
            if self._kind.name == "all"
            else f"names of the type {harmless(self._kind.name, 60)}"
        )
        form = ", written schema.name" if self._kind.in_schema else ""
        yield Static(f"Type or paste {what}{form}: one a line, or separated by commas.", markup=False)
        names = TextArea(id="names", tab_behavior="focus", compact=True)
        names.cursor_blink = False
        yield names
        yield Static(id="problems", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel", compact=True)
            yield Button("Add and tick", id="add", compact=True, variant="primary")

    def on_mount(self) -> None:
        if self.query("#problems"):  # else it was taken down while it opened
            self._check()

    def on_text_area_changed(self, _event: TextArea.Changed) -> None:
        self._check()

    def _names(self) -> list[str]:
        return split_typed(self.query_one("#names", TextArea).text)

    def _check(self) -> bool:
        names = self._names()
        bad = [
            (name, problem)
            for name in names
            if (problem := object_problem(name, in_schema=self._kind.in_schema)) is not None
        ]
        lines = [f"✗ {harmless(name, 40)}: {problem}" for name, problem in bad[:_SHOWN_PROBLEMS]]
        if len(bad) > _SHOWN_PROBLEMS:
            lines.append(f"… and {format.counted(len(bad) - _SHOWN_PROBLEMS, 'other name')}.")
        if not lines:
            lines.append(f"{format.counted(len(names), 'name')}. Ctrl+N adds, Esc cancels.")
        put(self.query_one("#problems", Static), "\n".join(lines))
        good = bool(names) and not bad
        self.query_one("#add", Button).disabled = not good
        return good

    def accept(self) -> None:
        if self._check():
            self.dismiss(self._names())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "add":
            self.accept()
        else:
            self.action_close()
