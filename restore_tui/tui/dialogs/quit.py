"""q where something would be lost: asked once."""

from __future__ import annotations

from collections.abc import Sequence

from restore_tui.restore.execution.exit_status import RunSummary
from restore_tui.tui.dialogs.question import ConfirmDialog


class QuitDialog(ConfirmDialog):
    """Staying has the focus. ``losses`` are what leaving now would lose, ``unknown`` is a run with an unknown
    outcome, if there is one."""

    subject = "Quit"
    help_topics = (
        "q asks where leaving would lose a selection, options or a dry run, or where an outcome is unknown. Stay goes "
        "back, and nothing is changed. Ctrl+Q asks only while a restore runs."
    )

    def __init__(self, losses: Sequence[str], unknown: RunSummary | None) -> None:
        parts = []
        if losses:
            parts.append("\n".join(["If you leave now, this is lost:", *(f"• {loss}" for loss in losses)]))
        if unknown is not None:
            later = " The last line on the terminal says how to check it later." if unknown.receipt else ""
            parts.append(f"The outcome of the restore is unknown: the exit code is then 4.{later}")
        super().__init__("\n\n".join(parts), safe="Stay", sure="Leave")
