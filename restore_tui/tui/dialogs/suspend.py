"""Ctrl+Z while a response is waited for: what a suspended wizard means for it."""

from __future__ import annotations

from restore_tui.tui.dialogs.question import ConfirmDialog


class SuspendDialog(ConfirmDialog):
    """Staying has the focus. ``request`` is what runs: a restore, or a dry run. ``is_direct`` tells whether it is known
    to be one long request: before the server has said so, it may become a background job."""

    subject = "Suspend"
    help_topics = (
        "Suspend stops the wizard and gives the terminal back to the shell; fg continues it. A restore as a background "
        "job does not need the wizard meanwhile, a restore in one long request does."
    )

    def __init__(self, request: str, if_lost: str, *, is_direct: bool) -> None:
        how = " in one long request" if is_direct else ""
        super().__init__(
            f"{request} is running on the server{how}.\n\n"
            "While the wizard is suspended, nothing reads the response. If the server or a proxy closes the connection "
            f"meanwhile, the response is lost: {if_lost}. fg continues the wizard.",
            safe="Stay",
            sure="Suspend",
        )
