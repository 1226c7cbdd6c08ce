"""A field for a password or a token."""

from __future__ import annotations

from typing import Any

from restore_tui.tui.widgets.line_input import LineInput


class SecretInput(LineInput):
    """Shows dots, and gives what is in it to nobody: the terminal's clipboard would hand it to every program, also
    where it came from the environment and was never typed."""

    ALLOW_SELECT = False

    def __init__(self, value: str = "", placeholder: str = "", **more: Any) -> None:
        super().__init__(value, placeholder, password=True, select_on_focus=False, **more)

    @property
    def selected_text(self) -> str:
        """Nothing, whatever is selected: this is what is copied."""
        return ""

    def action_copy(self) -> None:
        """A secret is not copied."""

    def action_cut(self) -> None:
        """A secret is not cut either; Ctrl+U and Ctrl+K delete."""
