"""The ``[keys]`` of the config file: other keys for actions, by the IDs of their bindings.

What is checked here imports every screen, so that it is asked for only where there are such keys.
"""

from __future__ import annotations

import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key

import restore_tui.tui
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.suggestions import nearest_hint

KeyTable = Sequence[tuple[str, Sequence[str]]]
"""Binding ID → keys, as they are in the config file."""

FIXED_KEYS = frozenset(
    {"escape", "enter", "tab", "shift+tab", "ctrl+q", "ctrl+c", "ctrl+z"}
    | {
        shift + key
        for shift in ("", "shift+")
        for key in ("up", "down", "left", "right", "pageup", "pagedown")
    }
    | {shift + key for shift in ("", "shift+") for key in ("home", "end")}
)
"""Leaving, confirming and moving: what is bound to these stays there, and nothing else goes there."""
_UNSENDABLE = frozenset({"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j", "ctrl+v", "ctrl+s"})
"""What a terminal sends for another key, or keeps for itself; Ctrl+V is a paste, which confirms nothing."""
_NAMED_KEYS = frozenset(key.value for key in Keys)
_MODIFIED = re.compile(r"(ctrl|shift)\+(.+)")


def textual_key(written: str) -> str:
    """A key as Textual calls it: ``/`` is ``slash``. Empty for none."""
    if len(written) == 1:
        return _character_to_key(written) if written.isprintable() else ""
    key = written.lower()
    modified = _MODIFIED.fullmatch(key)
    plain = modified[2] if modified else key
    return (
        key
        if key in _NAMED_KEYS
        or (modified and (plain in _NAMED_KEYS or (plain.isalnum() and len(plain) == 1)))
        else ""
    )


def textual_keymap(table: KeyTable) -> dict[str, str]:
    """The table as Textual takes it."""
    return {binding: ",".join(map(textual_key, keys)) for binding, keys in table}


def key_names(binding: str, keymap: Mapping[str, str]) -> list[str]:
    """The keys of a binding's ID, as Textual calls them, those of the config file where it has some."""
    if binding in keymap:
        return keymap[binding].split(",")
    return list(default_keys(binding))


def default_keys(binding: str) -> dict[str, None]:
    """The keys of a binding's ID without a keymap, among what is imported by now."""
    return dict.fromkeys(
        key for _, each in _bindings_of(_classes(DOMNode)) if each.id == binding for key in _split(each)
    )


def problem(table: KeyTable) -> str:
    """Why these keys cannot be used; empty where they can."""
    if not table:
        return ""
    _import_all()
    owners: dict[str, list[tuple[type[DOMNode], Binding]]] = defaultdict(list)
    for owner, binding in _bindings_of(_classes(DOMNode)):
        if binding.id and owner.__module__.startswith(restore_tui.tui.__name__):
            owners[binding.id].append((owner, binding))
    return next(filter(None, (_problem_of(each, keys, table, owners) for each, keys in table)), "")


_Owners = Mapping[str, Sequence[tuple[type[DOMNode], Binding]]]


def _problem_of(binding: str, keys: Sequence[str], table: KeyTable, owners: _Owners) -> str:
    named = f"[keys] {sanitize(binding, 40)}"
    if binding not in owners:
        return f"{named}: there is no such action; {nearest_hint(binding, sorted(owners))}."
    kept = sorted({key for _, each in owners[binding] for key in _split(each)} & FIXED_KEYS)
    if kept:
        return f"{named} cannot be changed: {_written(kept[0])} is the same for everybody."
    if not keys:
        return f"{named} needs a key."
    in_fields = any(each.priority for _, each in owners[binding])
    for written in keys:
        key = textual_key(written)
        shown = sanitize(written, 20)
        if not key:
            return f"{named}: {shown!r} is no key. Write one as in x, ?, f7 or ctrl+t."
        if key in FIXED_KEYS:
            return f"{named}: {shown} cannot have another meaning."
        if key in _UNSENDABLE:
            return f"{named}: {shown} cannot be used: terminals send or keep it for something else."
        if in_fields and len(written) == 1:
            return f"{named} works in text fields, too: {shown} could not be typed any more. Use a Ctrl or F key."
        clash = _clash(binding, key, table, owners)
        if clash:
            return f"{named}: {shown} is already {clash}."
    return ""


def _clash(binding: str, key: str, table: KeyTable, owners: _Owners) -> str:
    """What else this key does on a screen that has both; empty for nothing."""
    keymap = textual_keymap(table)
    places = {place for owner, _ in owners[binding] for place in _places(owner)}
    for other, found in owners.items():
        if other == binding:
            continue
        for owner, each in found:
            used = keymap[other].split(",") if other in keymap else _split(each)
            shared = places & _places(owner)
            if key in used and shared:
                return f"{other} ({each.description}) on {min(shared)}"
    return ""


def _places(owner: type[DOMNode]) -> frozenset[str]:
    """The screens on which a binding of this class works, by the names of their classes."""
    from restore_tui.tui.app import RestoreApp
    from restore_tui.tui.dialogs.dialog import Dialog
    from restore_tui.tui.screens.step import StepScreen

    steps = {each.__name__ for each in _classes(StepScreen) if "step" in vars(each)}
    dialogs = {each.__name__ for each in _classes(Dialog) if each is not Dialog}
    if issubclass(owner, RestoreApp):
        return frozenset(steps)
    if issubclass(owner, (StepScreen, Dialog)) or owner in StepScreen.__mro__:
        return frozenset(each.__name__ for each in _classes(owner) if each.__name__ in steps | dialogs)
    only = _ONLY_ON.get(owner.__name__)
    return frozenset(only) if only else frozenset(steps | {"FindScreen", "CompareScreen"})


_ONLY_ON = {
    "ChoiceRow": ("OptionsScreen",),
    "OptionInput": ("OptionsScreen",),
    "ConfirmInput": ("ConfirmScreen",),
    "ActionInput": ("PaletteDialog",),
}
"""Widgets that are on one screen only."""


def _written(key: str) -> str:
    from restore_tui.tui.actions import key_name

    return key_name(key)


def _split(binding: Binding) -> list[str]:
    return [key.strip() for key in binding.key.split(",")]


def _bindings_of(classes: Iterable[type[DOMNode]]) -> Iterator[tuple[type[DOMNode], Binding]]:
    for each in classes:
        for binding in vars(each).get("BINDINGS", ()):
            if isinstance(binding, Binding):
                yield each, binding


def _classes(root: type[DOMNode]) -> list[type[DOMNode]]:
    """A class and all that are made on it, each once."""
    found = {root: None}
    for each in root.__subclasses__():
        found |= dict.fromkeys(_classes(each))
    return list(found)


@cache
def _import_all() -> None:
    for module in pkgutil.walk_packages(restore_tui.tui.__path__, f"{restore_tui.tui.__name__}."):
        import_module(module.name)
