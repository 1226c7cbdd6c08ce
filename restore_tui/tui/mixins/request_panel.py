"""F2 on a step: the request beside what is asked, in which language, whose it is, copied, saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantBlur
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button

from restore_tui.tui import formatting
from restore_tui.tui.widgets.request_panel import LanguageChoice, RequestPanel, language_after

if TYPE_CHECKING:
    from restore_tui.restore.export import ConnectionInfo, Snippet
    from restore_tui.tui.app import RestoreApp

REQUEST_HELP = (
    "What is sent, for whoever will script it: the body as JSON, a command with curl, a program with gpudb, the "
    "statement in SQL. It follows the plan. A secret is in none of them: they read it from the environment.\n\n"
    "It is the dry run's, also on Restore, until r or its button asks for the real restore's there. What is too long "
    "is shown in part; copied and saved is all of it."
)
LONGEST_COPY = 74_000
"""Bytes. What is longer than this, many terminals drop without a word."""


class RequestPanelMixin(Screen[None]):
    """What ``StepScreen`` is made on. ``request_shown`` and the language are the app's, and go from step to step;
    the real restore's request is asked for on each screen anew."""

    has_restore: ClassVar[bool] = False
    """Whether the real restore's request can be shown here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "next_language", "Request in the next language", show=False, id="request.language"),
        Binding("y", "copy_request", "Copy the request", show=False, id="request.copy"),
        Binding("e", "save_request", "Save the request to a file", show=False, id="request.save"),
        Binding(
            "r", "which_request", "The restore's request, or the dry run's", show=False, id="request.which"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.loaded = False
        self.shows_restore = False
        self._came_from: Widget | None = None

    def notify_user(self, text: str) -> None:
        """A sentence to the person."""
        raise NotImplementedError

    def first_focus(self) -> Widget | None:
        """What has the focus once the step is ready."""
        raise NotImplementedError

    @property
    def wizard(self) -> RestoreApp:
        return cast("RestoreApp", self.app)

    def access(self) -> ConnectionInfo:
        """How the server is reached, as far as it is known."""
        from restore_tui.restore.export import ConnectionInfo

        if not self.wizard.is_connected:
            return ConnectionInfo()
        session = self.wizard.session
        return ConnectionInfo.of(session.client.link, session.destination.mode)

    # Showing

    @property
    def request_panel(self) -> RequestPanel:
        """What F2 shows, made when it is first needed."""
        panel = self.query_one_optional("#request", RequestPanel)
        if panel is None:
            panel = RequestPanel(id="request")
            self.query_one("#stage").mount(panel)
        return panel

    def _request_keys(self) -> str:
        """The keys of the panel; behind Tab, where the field with the focus takes letters."""
        names = {"request.language": "language", "request.copy": "copy", "request.save": "save"}
        if self.has_restore:
            names["request.which"] = "dry run's" if self.shows_restore else "restore's"
        keys = "  ".join(f"{self.wizard.key_name(binding)} {does}" for binding, does in names.items())
        focused = self.focused
        takes_letters = focused is not None and focused.check_consume_key("l", "l")
        return f"Tab, then {keys}" if takes_letters else keys

    def show_request_keys(self) -> None:
        """Bring the title of the panel up to date, where it is shown."""
        panel = self.query_one_optional("#request", RequestPanel)
        if panel is not None and self.wizard.request_shown:
            panel.show_keys(self._request_keys())

    def show_request(self) -> None:
        """Bring the panel up to date, where it is shown."""
        wizard = self.wizard
        if wizard.request_shown:
            self.request_panel.show(
                wizard.request_language,
                wizard.plan,
                self.access(),
                dry_run=not self.shows_restore,
                other=self.has_restore,
            )
            self.show_request_keys()

    def toggle_request(self) -> None:
        """F2."""
        inside = self.in_request
        shown = self.wizard.request_shown
        self.shows_restore = False
        self.request_panel.display = shown
        self.set_class(shown, "-request")
        self.show_request()
        if inside or (self.loaded and self.focused is None):
            self._leave_request()

    # In and out

    @property
    def in_request(self) -> bool:
        """Whether the focus is in the panel."""
        panel = self.query_one_optional("#request", RequestPanel)
        return panel is not None and self.focused is not None and panel in self.focused.ancestors

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        left = event.widget
        passed = isinstance(left, Button | VerticalScroll)  # on the way from a list or a field to the panel
        if not passed and not any(isinstance(node, RequestPanel) for node in left.ancestors):
            self._came_from = left

    def action_leave_request(self) -> None:
        self._leave_request()

    def _leave_request(self) -> None:
        """Back to what had the focus before."""
        before = self._came_from
        if before is None or not before.is_attached or not before.focusable:
            before = self.first_focus() if self.loaded else None
        self.set_focus(before)

    # Keys

    def on_language_choice_changed(self, event: LanguageChoice.Changed) -> None:
        self.wizard.request_language = event.language
        self.show_request()

    def action_next_language(self) -> None:
        if self.wizard.request_shown:
            self.wizard.request_language = language_after(self.wizard.request_language)
            self.show_request()

    @on(Button.Pressed, "#request-which")
    def action_which_request(self) -> None:
        """The real restore's request, or the dry run's again."""
        if self.wizard.request_shown and self.has_restore:
            self.shows_restore = not self.shows_restore
            self.show_request()

    def _whole(self) -> Snippet | None:
        """The text that is shown; says so where it is not written yet."""
        if not self.wizard.request_shown:
            return None
        written = self.request_panel.written
        if written is None:
            self.notify_user("The request is still being written: press it again in a moment.")
        return written

    @on(Button.Pressed, "#request-copy")
    def action_copy_request(self) -> None:
        written = self._whole()
        if written is None:
            return
        size = len(written.text.encode())
        if size > LONGEST_COPY:
            self.notify_user(
                f"Not copied: {formatting.size(size)} is more than many terminals accept. e saves it to a file."
            )
            return
        self.app.copy_to_clipboard(written.text)
        self.notify_user(
            f"Sent to the terminal's clipboard: {written.title}, {formatting.size(size)}. Not every terminal "
            f"accepts it: "
            "e saves it to a file."
        )

    @on(Button.Pressed, "#request-save")
    def action_save_request(self) -> None:
        written = self._whole()
        if written is None:
            return
        from restore_tui.tui.dialogs.save_file import SaveDialog

        def saved(said: str | None) -> None:
            if said:
                self.notify_user(said)

        name = suggested_name(self.wizard.plan.backup, self.shows_restore) + written.suffix
        self.app.push_screen(
            SaveDialog("the request", f"~/{name}", lambda: written.text, note=written.title), saved
        )


def suggested_name(backup: str, real: bool) -> str:
    """A file's name without its ending: of a backup's name, which may hold anything, what is plain."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", backup)[:40] or "request"
    return f"{'restore' if real else 'dry-run'}-{plain}"
