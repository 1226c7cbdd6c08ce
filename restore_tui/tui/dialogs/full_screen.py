"""A dialog that takes all of the screen and reads from the server while its keys work."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker

from restore_tui.tui import formatting
from restore_tui.tui.dialogs.dialog import Dialog, Result

if TYPE_CHECKING:
    from restore_tui.tui.app import RestoreApp


class FullScreenDialog(Dialog[Result]):
    """Objects are selected in it, which are lost where it is left without taking them. Close leaves at once; what Esc
    does first is for the subclass."""

    place: ClassVar[str]
    """What it is, in the words of a sentence: objects selected in ``the search``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # No binding of the app but one with priority reaches a modal screen.
        Binding("ctrl+p,colon", "app.palette", "Menu", show=False, id="app.palette"),
    ]

    _selected: Sized
    """The objects; a subclass keeps them as it likes."""

    def __init__(self, wizard: RestoreApp) -> None:
        super().__init__()
        self.wizard = wizard
        self._worker: Worker[None] | None = None
        """What reads from the server."""

    @property
    def unsaved(self) -> str:
        count = len(self._selected)
        return f"{formatting.pluralize(count, 'object')} selected in {self.place}" if count else ""

    def cancel_reading(self) -> None:
        if self._worker is not None:
            self._worker.cancel()

    def leave(self, result: Result | None = None) -> None:
        """Close. The reading ends before the widgets go: what it calls would find none."""
        self.cancel_reading()
        super().leave(result)
