"""Ctrl+Q while a restore runs: what will happen."""

from __future__ import annotations

from restore_tui.tui.dialogs.question import ConfirmDialog


class LeaveDialog(ConfirmDialog):
    """Staying has the focus. ``with_receipt`` is False where the person chose to go on without one."""

    subject = "Leave"
    help_topics = (
        "A restore runs on the server, and nothing that is done here stops it. Stay goes back to the screen that waits "
        "for it. Leave it running closes the wizard; restore-tui attach checks it later."
    )

    def is_key_available(self, binding: str) -> bool:
        return binding != "app.leave" and super().is_key_available(binding)

    def __init__(self, *, with_receipt: bool) -> None:
        noted = "the receipt will say “Outcome unknown”, and " if with_receipt else ""
        back = " The last line on the terminal says how to check the outcome." if with_receipt else ""
        super().__init__(
            "A restore is running on the server.\n\n"
            "If you leave now, the restore continues on the server. Its response will not be "
            f"seen here, so {noted}the exit code is 4.{back}",
            safe="Stay",
            sure="Leave it running",
        )
