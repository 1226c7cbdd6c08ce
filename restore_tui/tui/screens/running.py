"""Restore, while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.polling import Progress
from restore_tui.tui import formatting
from restore_tui.tui.breakpoints import FULL_WIDTH
from restore_tui.tui.dialogs.cancel import CancelDialog
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.terminal.key_gate import ALWAYS_CLICKABLE
from restore_tui.tui.text_update import TextPart, relabel
from restore_tui.tui.widgets.secret_input import SecretInput

_BAR, _NARROW_BAR = 40, 24
_DIRECT = (
    "The request was sent once and is never sent again by itself.\n\n"
    "If the connection drops, the server most likely continues. Then the outcome is unknown, and this screen checks it."
)
_AS_JOB = "Running as a server-side job; it continues if this connection drops."
_RECEIPT = " The receipt is on disk already."


_LABELS = {
    "stop": ("Check outcome now", "Check now"),
    "leave-running": ("Leave it running, quit", "Leave it running"),
    "cancel": ("Cancel the restore …", "Cancel …"),
    "log-in": ("Log in", "Log in"),
}
"""What the buttons say, and what they say where there is little room."""


def _pace(per_second: float) -> str:
    """A pace in the unit that makes a number of it that one can follow."""
    for unit, seconds in (("s", 1), ("min", 60)):
        if per_second * seconds >= 1:
            return f"{per_second * seconds:.1f} %/{unit}"
    return f"{per_second * 3600:.1f} %/h"


class RunningScreen(StepScreen):
    """Elapsed time, how far a job is, and what a lost connection would mean. Nothing has the focus here, but the field
    for a new login while the server does not accept the old one."""

    step = "restore"
    footer = {"running.log-in": "Log in", "step.back": "Leave", "running.cancel": "Cancel the restore …"}
    title_pane = "#running"
    hint = "It runs on the server."
    loading_text = "Restoring"
    next_label = ""
    has_restore = True
    can_go_back = False
    help_topics = (
        "The restore was sent, once. The server works on it whether or not this connection holds.\n\n"
        "Check outcome now stops waiting for the response, not the restore: the outcome is then unknown, and checked. "
        "Leave it running closes the wizard, and prints how to check the outcome later. Cancel the restore, where it "
        "runs as a job, asks the server to cancel it; it asks you first, and the server may refuse. Ctrl+Q or Esc says "
        "what leaving would mean.\n\n"
        "If the server no longer accepts your login, the restore goes on, but its job cannot be polled: type the new "
        "password or token. Esc postpones that, l or Log in resumes it."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_back", "Leave", id="step.back"),
        Binding("c", "cancel_restore", "Cancel", show=False, id="running.cancel"),
        Binding("l", "log_in", "Log in", show=False, id="running.log-in"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked_for = 0

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="running", can_focus=False):
            yield Static(id="elapsed", markup=False)
            yield Static(id="job", markup=False)
            with Horizontal(id="login"):
                yield Label(id="login-label", markup=False)
                yield SecretInput(id="secret", compact=True)
            yield Static(id="lost-line", markup=False)

    def compose_actions(self) -> ComposeResult:
        for key, labels in _LABELS.items():
            yield Button(
                labels[self.app.size.width < FULL_WIDTH],
                id=key,
                compact=True,
                classes=ALWAYS_CLICKABLE if key in ("stop", "leave-running") else "",
            )

    def on_resize(self) -> None:
        """Besides what every step does, which Textual calls by itself."""
        for key, labels in _LABELS.items():
            relabel(self.query_one(f"#{key}", Button), labels[self.app.size.width < FULL_WIDTH])

    def show(self) -> None:
        self.tick()

    def tick(self) -> None:
        super().tick()
        if not self.loaded:
            return
        now = self.wizard.clock.monotonic()
        plan = self.wizard.plan
        progress = self.wizard.restore.progress
        self.update_text(
            "#elapsed",
            Content.assemble(
                ("Restoring … ", "bold $text-accent"),
                (formatting.elapsed(now - self.wizard.restore.began), "bold"),
                f"   from {sanitize(plan.backup, 60)} to {sanitize(self.wizard.server_label, 60)}",
            ),
        )
        self.query_one("#job").display = progress is not None
        self.query_one("#cancel").display = progress is not None
        self.update_text("#lost-line", self._what_a_lost_line_means())
        if progress is not None:
            self.update_text("#job", self._job_text(progress, now))
        self._show_login(0 if progress is None else progress.refusals)
        self.refresh_bindings()

    def _what_a_lost_line_means(self) -> str:
        runs = self.wizard.runs
        receipt = _RECEIPT if runs and runs[-1].receipt is not None else ""
        return (_DIRECT if self.wizard.restore.progress is None else _AS_JOB) + receipt

    def _job_text(self, progress: Progress, now: float) -> Content:
        parts: list[TextPart] = []
        if progress.percent is None:
            parts.append(("The server has accepted the job.", "bold"))
        else:
            width = _NARROW_BAR if self.app.size.width < 80 else _BAR
            done = width * progress.percent // 100
            parts += [("█" * done, "$text-accent"), ("░" * (width - done), "dim"), f" {progress.percent} %"]
            parts += self._pace_text(progress, now)
        if progress.contradiction:
            parts.append(
                (
                    f"\n! The server contradicts itself: {progress.contradiction}. Retrying.",
                    "bold $text-warning",
                )
            )
        number = f"Job {progress.ticket.id}" if progress.ticket.id is not None else "Job, id unknown"
        parts.append((f"\n{number}, tag {sanitize(progress.ticket.tag, 60)}", "dim"))
        if progress.refusals:
            parts.append(
                (
                    f"\n! {progress.lost_why} The restore is not affected. Log in again to see its end.",
                    "bold $text-warning",
                )
            )
        elif progress.lost_since is not None:
            parts.append(
                (
                    f"\n! No contact for {formatting.elapsed(now - progress.lost_since)}: {progress.lost_why} "
                    "Retrying. A lost poll says nothing about the restore.",
                    "bold $text-warning",
                )
            )
        return Content.assemble(*parts)

    def _pace_text(self, progress: Progress, now: float) -> list[TextPart]:
        """How fast it goes on, and how long it may still take; or for how long it has not."""
        began = self.wizard.restore.began
        unchanged = progress.unchanged_for(began, now)
        if unchanged is not None:
            return [(f", unchanged for {formatting.elapsed(unchanged)}", "bold $text-warning")]
        pace, left = progress.percent_per_second(began), progress.seconds_left(began, now)
        parts: list[TextPart] = [f", {_pace(pace)}"] if pace is not None else []
        return parts + ([f", about {formatting.elapsed(left)} left"] if left is not None else [])

    def why_blocked(self) -> str:
        return "Waiting for it to finish."

    def action_step_back(self) -> None:
        """Esc is as Ctrl+Q here, but leaves the request first."""
        if not self.leave_field():
            self.run_worker(self.wizard.run_action("leave"))

    def refresh_data(self) -> None:
        self.notify_user("Nothing to refresh while it runs: the result is shown as soon as it is known.")

    @on(Button.Pressed, "#stop")
    def stop_waiting(self) -> None:
        self.notify_user("Stopped waiting.")
        self.wizard.restore.stop_waiting.set()

    @on(Button.Pressed, "#leave-running")
    def leave_it_running(self) -> None:
        self.wizard.leave_it_running()

    def is_key_available(self, binding: str) -> bool:
        return binding not in ("step.next", "app.refresh") and super().is_key_available(binding)

    # A login that the server does not accept any more

    def _show_login(self, refusals: int) -> None:
        """Ask for another login once for each refusal, without taking the focus from it again."""
        self.query_one("#log-in").display = refusals > 0
        if refusals > self._asked_for:
            if self._asked_for:
                self.notify_user("The server does not accept this login either.")
            self._asked_for = refusals
            self.action_log_in()
        elif self._asked_for and not refusals:
            self._asked_for = 0
            self._put_off()
            self.notify_user("")

    @on(Button.Pressed, "#log-in")
    def action_log_in(self) -> None:
        """Ask for the password or token that the server is to accept from here on."""
        progress = self.wizard.restore.progress
        if progress is None or not progress.refusals:
            self.notify_user("The server accepts your login.")
            return
        login = self.session.client.link.login
        what = "OAuth token" if login.token else f"Password of {sanitize(login.user, 40) or 'unknown user'}"
        self.query_one("#login-label", Label).update(f"{what}: ")
        self.query_one("#login").display = True
        self.query_one("#secret", Input).focus()

    def _put_off(self) -> None:
        field = self.query_one("#secret", Input)
        field.value = ""
        self.query_one("#login").display = False
        if field.has_focus:
            self.set_focus(None)

    def leave_field(self) -> bool:
        if self.query_one("#secret", Input).has_focus:
            self._put_off()
            self.notify_user(
                "Not logged in: the job is not polled now. The restore is not affected; l resumes the login."
            )
            return True
        return super().leave_field()

    @on(Input.Submitted, "#secret")
    def secret_typed(self, event: Input.Submitted) -> None:
        if not event.value:
            return
        login = self.session.client.link.login
        secret = Secret(event.value)
        self._put_off()
        self.notify_user("Logging in …")
        login = replace(login, token=secret) if login.token else replace(login, password=secret)
        self.run_worker(self.session.client.log_in(login), group="log in", exclusive=True)

    # Cancelling

    @on(Button.Pressed, "#cancel")
    def action_cancel_restore(self) -> None:
        """Ask once more, then the server."""
        progress = self.wizard.restore.progress
        if progress is None:
            self.notify_user("Only a restore that runs as a background job can be canceled from here.")
            return
        ticket = progress.ticket
        if ticket.id is None:
            self.notify_user(
                "The server has not returned the id of the job, so it cannot be canceled from here."
            )
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.run_worker(self._cancel(ticket), group="cancel", exclusive=True)

        self.app.push_screen(CancelDialog(ticket), answered)

    async def _cancel(self, ticket: JobTicket) -> None:
        self.notify_user("Checking whose job it is, then requesting the cancel …")
        try:
            words = await self.session.client.cancel_job(ticket)
            said = f"The server's reply to the cancel: {sanitize(words, 200)}. Its end is shown as soon as it is known."
        except KineticaError as error:
            words = f" It says: {sanitize(error.server_message, 200)}" if error.server_message else ""
            said = f"{error.what}{words} {error.impact}"
        self.notify_user(said)
