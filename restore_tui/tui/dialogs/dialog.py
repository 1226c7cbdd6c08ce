"""A dialog on top of a step."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from restore_tui.tui.widgets.too_small import TooSmall

Result = TypeVar("Result")


@runtime_checkable
class GuardedScreen(Protocol):
    """A screen on which a key that was meant for a dialog above it must do nothing."""

    def dialog_closes(self) -> None:
        """Called before the dialog goes."""


class Dialog(ModalScreen[Result]):
    """Esc closes it. ``accept`` is what Ctrl+N does; a dialog in which that would be dangerous leaves it out."""

    # What has the focus first: Textual looks for it when the dialog shows, and does without where it is gone by then.
    AUTO_FOCUS: ClassVar[str | None] = None
    tall: ClassVar[bool] = False
    """Whether it takes all the height that there is."""

    subject: ClassVar[str] = ""
    """What F1 calls it."""
    hint: ClassVar[str] = ""
    help_topics: ClassVar[str] = ""
    """What F1 says of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.close"),
        # No binding of the app but one with priority reaches a modal screen.
        Binding("f1,question_mark", "app.help", "Help", show=False, id="app.help"),
        Binding("n", "app.next_step", "Next", show=False, id="step.next"),
        Binding("q", "app.quit_asking", "Quit, asks if something would be lost", show=False, id="app.quit"),
        Binding("tab", "app.focus_next", "To the next field", show=False, id="dialog.tab"),
        Binding("shift+tab", "app.focus_previous", "To the field before", show=False, id="dialog.tab-back"),
    ]

    def compose_dialog(self) -> ComposeResult:
        """What is in it."""
        yield from ()

    def compose(self) -> ComposeResult:
        yield TooSmall()
        badge = getattr(self.app, "server_badge", None)
        with Vertical(id="dialog", classes="-tall" if self.tall else ""):
            if badge:
                yield Static(badge, id="dialog-server", markup=False)
            yield from self.compose_dialog()

    def accept(self) -> None:
        """Ctrl+N: nothing, unless a dialog says otherwise."""

    def help_here(self) -> str:
        """What F1 says of the field that has the focus."""
        return ""

    @property
    def unsaved(self) -> str:
        """What is lost where the program is left from here; empty for nothing."""
        return ""

    def is_key_available(self, binding: str) -> bool:
        """Whether F1 tells of a key: of none that does nothing here."""
        return binding != "step.next" or type(self).accept is not Dialog.accept

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Once: a second press of the button must not take away the screen below."""
        if not self.is_active:
            return AwaitComplete()
        for screen in self.app.screen_stack[:-1]:
            if isinstance(screen, GuardedScreen):
                screen.dialog_closes()
        return super().dismiss(result)

    def leave(self, result: Result | None = None) -> None:
        """Close, with a result or without one."""
        self.dismiss(result)

    @on(Button.Pressed, "#close, #cancel")
    def _close_pressed(self) -> None:
        self.leave()

    def action_close(self) -> None:
        """Esc."""
        self.leave()
