"""Changing a text, and only where it changes: what is drawn costs time here, and crosses the operator's connection."""

from __future__ import annotations

from textual.content import Content
from textual.visual import Visual
from textual.widgets import Button, Static

TextPart = Content | str | tuple[str, str]
"""What ``Content.assemble`` takes: a text, or one with its style."""


def update_text(text: Static, content: Visual | str) -> bool:
    """Show ``content``, which is not drawn again where it shows already. Returns whether it did not."""
    before = text.content
    if isinstance(before, Content) and isinstance(content, Content):
        same = before.is_same(content)  # ``==`` takes no notice of colours
    else:
        same = type(before) is type(content) and before == content
    if not same:
        text.update(content)
    return not same


def update_or_hide(text: Static, content: Content | str) -> bool:
    """The same, and hide a text in which there is nothing."""
    text.display = bool(content)
    return update_text(text, content)


def relabel(button: Button, label: str) -> None:
    """Give a button another label."""
    if str(button.label) != label:
        button.label = Content(label)
        button.refresh(layout=True)  # a new label alone keeps the old width
