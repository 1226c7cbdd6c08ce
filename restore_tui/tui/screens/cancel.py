"""Cancel a running restore: asked once more."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.text import harmless
from restore_tui.tui.screens.dialog import Dialog


class CancelScreen(Dialog[bool]):
    """Keeping it running has the focus. Dismissed with True where the server shall be asked."""

    def __init__(self, ticket: JobTicket) -> None:
        super().__init__()
        self._job = f"job {ticket.id}" if ticket.id is not None else f"the job {harmless(ticket.tag, 60)}"

    def compose_dialog(self) -> ComposeResult:
        yield Static(
            f"Ask the server to cancel {self._job}?\n\n"
            "The server may refuse. Where it does not, whether it takes back what it has restored by then is not "
            "documented: objects may be there in part.",
            markup=False,
        )
        with Horizontal(classes="dialog-buttons"):
            yield Button("Keep it running", id="keep", compact=True, variant="primary")
            yield Button("Cancel the restore", id="sure", compact=True, variant="error")

    def on_mount(self) -> None:
        self.query_one("#keep").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "sure")
