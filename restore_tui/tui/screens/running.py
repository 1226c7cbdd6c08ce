"""Restore, while it runs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.kinetica.text import harmless
from restore_tui.restore.following import Progress
from restore_tui.tui import format
from restore_tui.tui.gate import ALWAYS_CLICKABLE
from restore_tui.tui.screens.cancel import CancelScreen
from restore_tui.tui.screens.step import StepScreen

_BAR, _NARROW_BAR = 40, 24
_DIRECT = (
    "The request was sent once and is never sent again by itself.\n\n"
    "If the line breaks now, the server most likely goes on. Then the outcome is unknown, and the screen looks what "
    "became of it."
)
_AS_JOB = (
    "It runs in the background on the server, whether or not this line holds: what is lost here is a poll and not the "
    "restore."
)
_RECEIPT = " The receipt is on disk already."
_Part = Content | str | tuple[str, str]


class RunningScreen(StepScreen):
    """Elapsed time, how far a job is, and what a lost line would mean. Nothing has the focus here."""

    step = "restore"
    hint = "It runs on the server."
    loading_text = "Restoring"
    next_label = ""
    has_restore = True
    can_go_back = False
    help_topics = (
        "The restore was sent, once. The server works on it whether or not this line holds.\n\n"
        "Stop waiting gives up on the answer, not on the restore: the outcome is then unknown, and can be looked for. "
        "Leave it running closes the wizard, and says how to come back. Cancel, where it runs as a job, asks the "
        "server to cancel it; the server may refuse. Ctrl+Q or Esc says what leaving would mean."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_back", "Leave", id="step.back"),
        Binding("c", "cancel_restore", "Cancel", show=False, id="running.cancel"),
    ]

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="running", can_focus=False):
            yield Static(id="elapsed", markup=False)
            yield Static(id="job", markup=False)
            yield Static(id="lost-line", markup=False)

    def compose_actions(self) -> ComposeResult:
        yield Button("Stop waiting", id="stop", compact=True, classes=ALWAYS_CLICKABLE)
        yield Button("Leave it running", id="leave-running", compact=True, classes=ALWAYS_CLICKABLE)
        yield Button("Cancel", id="cancel", compact=True)

    def show(self) -> None:
        self.tick()

    def tick(self) -> None:
        super().tick()
        if not self.loaded:
            return
        now = self.wizard.clock.monotonic()
        plan = self.wizard.plan
        progress = self.wizard.progress
        self.put(
            "#elapsed",
            Content.assemble(
                ("Restoring … ", "bold $text-accent"),
                (format.elapsed(now - self.wizard.restore_began), "bold"),
                f"   from {harmless(plan.backup, 60)} to {harmless(self.wizard.server_label, 60)}",
            ),
        )
        self.query_one("#job").display = progress is not None
        self.query_one("#cancel").display = progress is not None
        self.put("#lost-line", self._what_a_lost_line_means())
        if progress is not None:
            self.put("#job", self._job_text(progress, now))

    def _what_a_lost_line_means(self) -> str:
        runs = self.wizard.runs
        receipt = _RECEIPT if runs and runs[-1].receipt is not None else ""
        return (_DIRECT if self.wizard.progress is None else _AS_JOB) + receipt

    def _job_text(self, progress: Progress, now: float) -> Content:
        parts: list[_Part] = []
        if progress.percent is None:
            parts.append(("The server has taken the job.", "bold"))
        else:
            width = _NARROW_BAR if self.app.size.width < 80 else _BAR
            done = width * progress.percent // 100
            parts += [("█" * done, "$text-accent"), ("░" * (width - done), "dim"), f" {progress.percent} %"]
            left = progress.seconds_left(self.wizard.restore_began, now)
            if left is not None:
                parts.append(f", about {format.elapsed(left)} left")
        number = f"Job {progress.ticket.id}" if progress.ticket.id is not None else "Job, its id not told"
        parts.append((f"\n{number}, tag {harmless(progress.ticket.tag, 60)}", "dim"))
        if progress.lost_since is not None:
            parts.append(
                (
                    f"\n! No contact for {format.elapsed(now - progress.lost_since)}: {progress.lost_why} "
                    "It is asked again. A lost poll says nothing about the restore.",
                    "bold $text-warning",
                )
            )
        return Content.assemble(*parts)

    def blocked(self) -> str:
        return "Waiting for its end."

    def action_step_back(self) -> None:
        """Esc is as Ctrl+Q here, but leaves the request first."""
        if not self.leave_field():
            self.run_worker(self.wizard.run_action("leave"))

    def ask_again(self) -> None:
        self.say("There is nothing to ask while it runs: its end is shown as soon as it is known.")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "stop":
            self.say("Stopped waiting.")
            self.wizard.stop_waiting.set()
        elif event.button.id == "leave-running":
            self.wizard.leave_it_running()
        elif event.button.id == "cancel":
            self.action_cancel_restore()

    def offers(self, binding: str) -> bool:
        return binding not in ("step.next", "app.ask-again") and super().offers(binding)

    # Cancelling

    def action_cancel_restore(self) -> None:
        """Ask once more, then the server."""
        progress = self.wizard.progress
        if progress is None:
            self.say("Only a restore that runs as a background job can be cancelled from here.")
            return
        ticket = progress.ticket

        def answered(sure: bool | None) -> None:
            if sure:
                self.run_worker(self._cancel(ticket), group="cancel", exclusive=True)

        self.app.push_screen(CancelScreen(ticket), answered)

    async def _cancel(self, ticket: JobTicket) -> None:
        self.say("Asking the server to cancel it …")
        try:
            words = await self.session.client.cancel_job(ticket)
            said = f"The server says of the cancel: {harmless(words, 200)}. Its end is shown as soon as it is known."
        except KineticaError as error:
            words = f" It says: {harmless(error.words, 200)}" if error.words else ""
            said = f"{error.what}{words} {error.means}"
        if self.is_attached:  # the restore may have ended meanwhile
            self.say(said)
