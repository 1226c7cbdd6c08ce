"""Cancel a running restore: asked once more."""

from __future__ import annotations

from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.dialogs.question import ConfirmDialog


class CancelDialog(ConfirmDialog):
    """Keeping it running has the focus."""

    subject = "Cancel the restore"
    help_topics = (
        "Keep it running changes nothing. Cancel the restore asks the server once to cancel the job, and waits on: "
        "the outcome is shown when the job has ended. Then check what exists."
    )

    def __init__(self, ticket: JobTicket) -> None:
        job = f"job {ticket.id}" if ticket.id is not None else f"the job {sanitize(ticket.tag, 60)}"
        super().__init__(
            f"Ask the server to cancel {job}?\n\n"
            "The server may refuse. If it does not, whether it reverts what it has restored by then is not documented: "
            "some objects may already exist.",
            safe="Keep it running",
            sure="Cancel the restore",
        )
