"""Restore, while it runs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from restore_tui.kinetica.text import harmless
from restore_tui.tui import format
from restore_tui.tui.gate import ALWAYS_CLICKABLE
from restore_tui.tui.screens.step import StepScreen


class RunningScreen(StepScreen):
    """Elapsed time, and what a lost line would mean. Nothing has the focus here."""

    step = "restore"
    hint = "It runs on the server."
    loading_text = "Restoring"
    next_label = ""
    can_go_back = False
    help_topics = (
        "The restore was sent, once. The server works on it whether or not this line holds; its answer comes at the "
        "end.\n\n"
        "Stop waiting gives up on the answer, not on the restore: the outcome is then unknown. Ctrl+Q or Esc says "
        "what leaving would mean."
    )

    def __init__(self) -> None:
        super().__init__()
        self._began = 0.0

    def compose_body(self) -> ComposeResult:
        with Vertical(id="running"):
            yield Static(id="elapsed", markup=False)
            yield Static(
                "The request was sent once and is never sent again by itself.\n\n"
                "If the line breaks now, the server most likely goes on. Then the outcome is unknown, and the screen "
                "says what can be checked. The receipt is on disk already.",
                id="lost-line",
                markup=False,
            )

    def compose_actions(self) -> ComposeResult:
        yield Button("Stop waiting", id="stop", compact=True, classes=ALWAYS_CLICKABLE)

    def on_mount(self) -> None:
        self._began = self.wizard.clock.monotonic()

    def show(self) -> None:
        self.tick()

    def tick(self) -> None:
        super().tick()
        if self.loaded:
            seconds = self.wizard.clock.monotonic() - self._began
            plan = self.wizard.plan
            self.put(
                "#elapsed",
                Content.assemble(
                    ("Restoring … ", "bold $text-accent"),
                    (format.elapsed(seconds), "bold"),
                    f"   from {harmless(plan.backup, 60)} to {harmless(self.wizard.server_label, 60)}",
                ),
            )

    def shows_dry_run(self) -> bool:
        return False

    def blocked(self) -> str:
        return "Waiting for the answer."

    def action_step_back(self) -> None:
        """Esc is as Ctrl+Q here."""
        self.run_worker(self.wizard.run_action("leave"))

    def ask_again(self) -> None:
        self.say("There is nothing to ask while it runs: the answer comes at the end.")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "stop":
            self.say("Stopped waiting.")
            self.wizard.stop_waiting.set()
