"""F1: this screen or dialog, the field that has the focus, and the keys. The keys are read from the bindings."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Static

from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.key_availability import is_available
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.text_update import TextPart

_ESC_DELAY = (
    "\nEsc acts after 0.1 seconds, over SSH after 0.4; ESCDELAY, in milliseconds, sets another delay."
)
_NAMES = {
    "ctrl+n": "Ctrl+N",
    "ctrl+q": "Ctrl+Q",
    "ctrl+c": "Ctrl+C",
    "ctrl+z": "Ctrl+Z",
    "escape": "Esc",
    "question_mark": "?",
    "at": "@",
    "slash": "/",
    "equals_sign": "=",
    "backspace": "Backspace",
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
    "tab": "Tab",
}
_CHARACTERS = {"question_mark": "?", "at": "@", "slash": "/", "equals_sign": "=", "space": " "}


def key_name(key: str) -> str:
    """A key as one reads it."""
    if "+" in key and key not in _NAMES:
        return "+".join(key_name(part) for part in key.split("+"))
    return _NAMES.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)


def key_names(keys: list[str]) -> str:
    """Keys as one reads them; what they all are pressed with is said once: ``Shift+↑ ↓``."""
    together = {key.partition("+")[0] for key in keys if "+" in key}
    if len(keys) > 1 and len(together) == 1 and all("+" in key for key in keys) and together != {"ctrl"}:
        with_it = together.pop()
        return f"{key_name(with_it)}+" + " ".join(key_name(key.partition("+")[2]) for key in keys)
    return " ".join(map(key_name, keys))


def _bindings(node: DOMNode) -> dict[str, Binding]:
    """Key → what it is bound to at this node. A class goes before those that it is made on, and of two bindings of a
    key in one class the first that can act now."""
    found: dict[str, Binding] = {}
    for source in reversed(type(node).__mro__):
        own: dict[str, Binding] = {}
        for binding in vars(source).get("BINDINGS", []):
            if isinstance(binding, Binding) and node.check_action(binding.action, ()) is not False:
                for key in binding.key.split(","):
                    own.setdefault(key.strip(), binding)
        found |= own
    return found


def _keys_at(place: Widget | Screen[Any]) -> dict[str, Binding]:
    """The keys that work while ``place`` has the focus: of two with the same key, that of the inner node."""
    chain = list(place.ancestors_with_self)
    found: dict[str, Binding] = {}
    of_all = [_bindings(node) for node in chain]
    if place.screen.is_modal:  # what the app binds does not reach it, but for what has priority
        of_all[-1] = {key: binding for key, binding in of_all[-1].items() if binding.priority}
    first = [{key: binding for key, binding in each.items() if binding.priority} for each in of_all]
    for bindings in (*reversed(first), *of_all):
        for key, binding in bindings.items():
            found.setdefault(key, binding)
    inner_first = dict.fromkeys(key for bindings in of_all for key in bindings)
    return {
        key: found[key]
        for key in inner_first
        if is_available(found[key], chain)
        and not (isinstance(place, Widget) and place.check_consume_key(key, _character(key)))
    }


def _character(key: str) -> str | None:
    return key if len(key) == 1 else _CHARACTERS.get(key)


def keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """(keys, what they do), wherever the focus may go on this screen; first those where it is."""
    places: list[Widget | Screen[Any]] = [screen, *screen.focus_chain]
    if screen.focused is not None:
        places.insert(0, screen.focused)
    found: dict[str, list[str]] = {}
    for place in places:
        working = _keys_at(place)
        for binding in working.values():
            keys = found.setdefault(binding.description, [])
            for key in map(str.strip, binding.key.split(",")):
                if working.get(key) is binding and key not in keys:
                    keys.append(key)
    return [(key_names(keys), description) for description, keys in found.items()]


class HelpDialog(Dialog[None]):
    """Closes with Esc, F1, ?, q or its button."""

    AUTO_FOCUS = "#dialog-text"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark,q", "close", "Close", show=False, id="dialog.close-help"),
    ]

    def __init__(self, about: StepScreen | Dialog[Any]) -> None:
        super().__init__()
        self._about = about

    tall = True

    def compose_dialog(self) -> ComposeResult:
        about = self._about
        parts: list[TextPart] = [
            (f"{about.subject}  ", "bold $text-accent"),
            (about.hint, "dim"),
            "\n\n",
            about.help_topics,
        ]
        field = about.help_here()
        if field:
            parts += [("\n\nThis field\n", "bold"), field]
        parts.append(("\n\nKeys\n", "bold"))
        for keys, description in keys_of(about):
            parts += [(f"{keys:<15}  ", "$text-accent"), f"{description}\n"]
        parts.append((_ESC_DELAY, "dim"))
        with VerticalScroll(id="dialog-text"):
            yield Static(Content.assemble(*parts), markup=False)
        yield Button("Close", id="close", compact=True, variant="primary")
