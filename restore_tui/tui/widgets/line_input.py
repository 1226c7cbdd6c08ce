"""A field of one line, which says so where several lines are pasted."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

ONLY_ONE_LINE = "Several lines were pasted: only the first was taken."


class LineInput(Input):
    """Takes the first line of a paste that is not empty."""

    class LinesLeftOut(Message):
        """A paste had more than one line."""

    def on_paste(self, event: events.Paste) -> None:
        lines = [line for line in event.text.splitlines() if line.strip()]
        event.stop()
        event.prevent_default()  # Textual takes the first line, even where it is empty
        if not lines:
            return
        if self.selection.is_empty:
            self.insert_text_at_cursor(lines[0])
        else:
            self.replace(lines[0], *self.selection)
        if len(lines) > 1:
            self.post_message(self.LinesLeftOut())
