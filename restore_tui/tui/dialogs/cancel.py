"""Cancel a running restore: asked once more."""

from __future__ import annotations

from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.dialogs.question import ConfirmDialog


class CancelDialog(ConfirmDialog):
    """Keeping it running has the focus."""

    subject = "Cancel the restore"
    help_topics = (
        "Keep it running changes nothing. Cancel the restore asks the server once to cancel the job, and goes on "
        "waiting: what came of it is shown when the job has ended. Look then what is there."
    )

    def __init__(self, ticket: JobTicket) -> None:
        job = f"job {ticket.id}" if ticket.id is not None else f"the job {sanitize(ticket.tag, 60)}"
        super().__init__(
            f"Ask the server to cancel {job}?\n\n"
            "The server may refuse. Where it does not, whether it takes back what it has restored by then is not "
            "documented: objects may be there in part.",
            safe="Keep it running",
            sure="Cancel the restore",
        )
