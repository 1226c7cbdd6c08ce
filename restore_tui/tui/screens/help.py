"""F1: this screen, the field that has the focus, and the keys. The keys are read from the bindings."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static

from restore_tui.tui.screens.dialog import Dialog
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.widgets.list_pane import FilterPane
from restore_tui.tui.widgets.row_list import RowList

_NAMES = {
    "ctrl+n": "Ctrl+N",
    "ctrl+q": "Ctrl+Q",
    "ctrl+c": "Ctrl+C",
    "escape": "Esc",
    "question_mark": "?",
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "enter": "Enter",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "shift": "Shift",
}


def key_name(key: str) -> str:
    """A key as one reads it."""
    if "+" in key and key not in _NAMES:
        return "+".join(key_name(part) for part in key.split("+"))
    return _NAMES.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)


def keys_of(screen: Screen[None]) -> list[tuple[str, str]]:
    """(keys, what they do), from the bindings of the app, the screen and our own widgets on it."""
    sources: list[type] = [type(screen.app), *type(screen).__mro__]
    for widget in (FilterPane, RowList):
        if screen.query(widget):
            sources.append(widget)
    found: dict[str, tuple[list[str], str]] = {}
    for source in sources:
        for binding in vars(source).get("BINDINGS", []):
            if isinstance(binding, Binding) and binding.id and binding.id.partition(".")[0] in _OWN:
                keys = [key_name(key.strip()) for key in binding.key.split(",")]
                found.setdefault(binding.id, (keys, binding.description))
    return [(" ".join(keys), description) for keys, description in found.values()]


_OWN = {"app", "step", "list", "choice", "objects", "option", "dry-run", "result", "running"}


class HelpScreen(Dialog[None]):
    """Closes with Esc, F1, ? or its button."""

    AUTO_FOCUS = "#dialog-text"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "close", "Close", show=False, id="dialog.close-help"),
    ]

    def __init__(self, about: StepScreen) -> None:
        super().__init__()
        self._about = about

    tall = True

    def compose_dialog(self) -> ComposeResult:
        about = self._about
        title = about.wizard.road.step(about.step).title
        parts: list[Content | str | tuple[str, str]] = [
            (f"{title}  ", "bold $text-accent"),
            (about.hint, "dim"),
            "\n\n",
            about.help_topics,
        ]
        field = about.help_for_focus()
        if field:
            parts += [("\n\nThis field\n", "bold"), field]
        parts.append(("\n\nKeys\n", "bold"))
        for keys, description in keys_of(about):
            parts += [(f"{keys:<16}", "$text-accent"), f"{description}\n"]
        with VerticalScroll(id="dialog-text"):
            yield Static(Content.assemble(*parts), markup=False)
        yield Button("Close", id="close", compact=True, variant="primary")

    def on_button_pressed(self, _event: Button.Pressed) -> None:
        self.action_close()
