"""A moment, typed: the list of snapshots jumps to the last complete one before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from restore_tui.find.moments import EXAMPLES, MomentError, TypedMoment, parse_moment
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.widgets.line_input import ONLY_ONE_LINE, LineInput


class GoToTimeDialog(Dialog[TypedMoment]):
    """Returns the moment that was typed, or None where it was closed. ``now`` is asked at every letter: 3h is before
    the time of day at which it is typed. A time without a Z or an offset is in ``zone``."""

    AUTO_FOCUS = "#moment"
    subject = "Go to a time"
    help_topics = (
        f"Type a time, such as {EXAMPLES}. A time is in the time zone of this machine, unless it ends in Z (UTC) "
        "or has an offset such as +05:30; what it means in UTC is shown while you type.\n\n"
        "Enter highlights the last complete snapshot up to then: not failed, not in progress, and with all that it is "
        "based on. Nothing is chosen by that."
    )

    def __init__(self, now: Callable[[], datetime], zone: tzinfo) -> None:
        super().__init__()
        self._now = now
        self._zone = zone

    def compose_dialog(self) -> ComposeResult:
        yield Static("Go to the last complete snapshot before this time:", markup=False)
        field = LineInput(id="moment", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Static(f"Such as {EXAMPLES}.", id="echo", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Go there", id="go", compact=True, variant="primary")
            yield Button("Cancel", id="cancel", compact=True)

    def _typed(self) -> TypedMoment:
        return parse_moment(self.query_one("#moment", Input).value, self._now(), self._zone)

    def _say(self, text: str) -> None:
        self.query_one("#echo", Static).update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo what it means, in UTC. What is no time yet is no mistake either."""
        try:
            self._say(f"= {self._typed().text}")
        except MomentError:
            self._say(f"Such as {EXAMPLES}." if not event.value.strip() else "… not a time yet")

    def on_line_input_lines_left_out(self, _event: LineInput.LinesLeftOut) -> None:
        self._say(ONLY_ONE_LINE)

    @on(Input.Submitted, "#moment")
    @on(Button.Pressed, "#go")
    def accept(self) -> None:
        """Ctrl+N, Enter in the field, and the button."""
        try:
            self.dismiss(self._typed())
        except MomentError as error:
            self._say(f"✗ {error}")
