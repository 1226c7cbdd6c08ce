"""A dialog that asks once more before something that cannot be taken back."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from restore_tui.tui.dialogs.dialog import Dialog


class ConfirmDialog(Dialog[bool]):
    """``safe`` has the focus. Dismissed with True only where ``sure`` was pressed; Ctrl+N and q do nothing here."""

    AUTO_FOCUS = "#safe"

    def __init__(self, text: str, *, safe: str, sure: str) -> None:
        super().__init__()
        self._text = text
        self._safe = safe
        self._sure = sure

    def compose_text(self) -> ComposeResult:
        """What is asked."""
        yield Static(self._text, markup=False)

    def compose_dialog(self) -> ComposeResult:
        yield from self.compose_text()
        with Horizontal(classes="dialog-buttons"):
            yield Button(self._safe, id="safe", compact=True, variant="primary")
            yield Button(self._sure, id="sure", compact=True, variant="error")

    def is_key_available(self, binding: str) -> bool:
        return binding != "app.quit" and super().is_key_available(binding)

    @on(Button.Pressed, "#safe")
    def decline(self) -> None:
        self.dismiss(False)

    @on(Button.Pressed, "#sure")
    def agree(self) -> None:
        self.dismiss(True)
