"""Which of our keys do something now: one answer for the line of keys and for F1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from textual.binding import Binding
from textual.dom import DOMNode


class KeyAvailability(Protocol):
    """A widget or a screen on which some keys do nothing at times."""

    def is_key_available(self, binding: str) -> bool:
        """Whether the key of this binding id does something now."""


_CHARACTERS = {"question_mark": "?", "at": "@", "colon": ":", "slash": "/", "equals_sign": "=", "space": " "}


def character_of(key: str) -> str | None:
    """The character that a key types, None for none."""
    return key if len(key) == 1 else _CHARACTERS.get(key)


def is_available(binding: Binding, chain: Iterable[DOMNode]) -> bool:
    """Whether a binding is one of ours, and nothing from the focus up to the app says that it does nothing now."""
    ours = binding.id
    if not ours:
        return False
    # Asked for every binding, whenever the focus moves: an isinstance of a protocol would take most of that.
    asked: Iterable[KeyAvailability] = (node for node in chain if hasattr(node, "is_key_available"))
    return all(node.is_key_available(ours) for node in asked)
