"""Changing a text, and only where it changes: what is drawn costs time here, and may cross the operator's line."""

from __future__ import annotations

from textual.content import Content
from textual.visual import Visual
from textual.widgets import Static


def put(text: Static, content: Visual | str) -> None:
    """Show ``content``, which is not drawn again where it shows already."""
    before = text.content
    if isinstance(before, Content) and isinstance(content, Content):
        same = before.is_same(content)  # ``==`` takes no notice of colours
    else:
        same = type(before) is type(content) and before == content
    if not same:
        text.update(content)
