"""What can be done on a screen now, and with which keys: read from the bindings, for F1 and for the menu."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from restore_tui.tui.key_availability import character_of, is_available

Place = Widget | Screen[Any]

_NAMES = {
    "ctrl+n": "Ctrl+N",
    "ctrl+q": "Ctrl+Q",
    "ctrl+c": "Ctrl+C",
    "ctrl+z": "Ctrl+Z",
    "escape": "Esc",
    "question_mark": "?",
    "at": "@",
    "colon": ":",
    "ctrl+p": "Ctrl+P",
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


_MOVING = frozenset({"up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", *"jkgG"})


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


def _mapped(node: DOMNode, binding: Binding) -> Binding:
    """A binding with the keys that the user's keymap has for it."""
    keymap = getattr(node.app, "keymap", {})
    return binding.with_key(keymap[binding.id], None) if binding.id in keymap else binding


def _bindings(node: DOMNode) -> dict[str, Binding]:
    """Key → what it is bound to at this node. A class goes before those that it is made on, and of two bindings of a
    key in one class the first that can act now."""
    found: dict[str, Binding] = {}
    for source in reversed(type(node).__mro__):
        own: dict[str, Binding] = {}
        for binding in vars(source).get("BINDINGS", []):
            if (
                isinstance(binding, Binding)
                and (binding := _mapped(node, binding))
                and node.check_action(binding.action, ()) is not False
            ):
                for key in binding.key.split(","):
                    own.setdefault(key.strip(), binding)
        found |= own
    return found


def _keys_at(place: Place) -> dict[str, tuple[DOMNode, Binding]]:
    """The keys that work while ``place`` has the focus, and where each is bound: of two with the same key, at the inner
    node."""
    chain = list(place.ancestors_with_self)
    found: dict[str, tuple[DOMNode, Binding]] = {}
    of_all = [_bindings(node) for node in chain]
    if place.screen.is_modal:  # what the app binds does not reach it, but for what has priority
        of_all[-1] = {key: binding for key, binding in of_all[-1].items() if binding.priority}
    first = [{key: binding for key, binding in each.items() if binding.priority} for each in of_all]
    for node, bindings in (*reversed([*zip(chain, first, strict=True)]), *zip(chain, of_all, strict=True)):
        for key, binding in bindings.items():
            found.setdefault(key, (node, binding))
    inner_first = dict.fromkeys(key for bindings in of_all for key in bindings)
    return {
        key: found[key]
        for key in inner_first
        if is_available(found[key][1], chain)
        and not (isinstance(place, Widget) and place.check_consume_key(key, character_of(key)))
    }


@dataclass(frozen=True)
class Action:
    """Something that a key does now: ``call`` is run at ``node``, while ``place`` has the focus."""

    binding_id: str
    description: str
    keys: tuple[str, ...]
    call: str
    node: DOMNode
    place: Place

    @property
    def written(self) -> str:
        """Its keys as one reads them."""
        return key_names(list(self.keys))

    @property
    def only_moves(self) -> bool:
        """Whether only keys that move a cursor or the focus do it."""
        return all(key.rpartition("+")[2] in _MOVING for key in self.keys)


def actions_of(screen: Screen[Any]) -> list[Action]:
    """What keys do, wherever the focus may go on this screen; first what they do where it is."""
    places: list[Place] = [screen, *screen.focus_chain]
    if screen.focused is not None:
        places.insert(0, screen.focused)
    found: dict[str, Action] = {}
    for place in places:
        working = _keys_at(place)
        for node, binding in working.values():
            does = binding.description
            action = found.setdefault(does, Action(binding.id or "", does, (), binding.action, node, place))
            more = [
                key
                for key in map(str.strip, binding.key.split(","))
                if key not in action.keys and key in working and working[key][1] is binding
            ]
            found[does] = replace(action, keys=(*action.keys, *more))
    return list(found.values())


def keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """(keys, what they do), as F1 lists them."""
    return [(action.written, action.description) for action in actions_of(screen)]
