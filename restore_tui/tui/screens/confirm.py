"""Restore: what will happen, and the confirmation of a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.execution.confirmation import confirmation_phrase, required_phrase
from restore_tui.restore.execution.final_check import ChangedSinceShownError, FinalCheck
from restore_tui.restore.execution.send_control import WithdrawnError
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.plan.request import JOB
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.preflight.key_facts import LOST
from restore_tui.restore.preflight.plan_warnings import plan_warnings
from restore_tui.restore.preflight.response_check import dry_run_doubts
from restore_tui.restore.preflight.results import ObjectResult, ObjectResults
from restore_tui.restore.receipts.past_restore import PastRestore
from restore_tui.restore.receipts.store import ReceiptUnwritableError
from restore_tui.restore.text_format import short_as_of
from restore_tui.tui import formatting
from restore_tui.tui.folding import FIXED, Note
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.screens.result_text import (
    RANK_OF_DANGER,
    estimate_text,
    key_fact_list,
    results_pane,
    unknown_text,
    warning_notes,
)
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.terminal.key_gate import Hold
from restore_tui.tui.text_update import TextPart
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.error_panel import ErrorPanel

PROMPT = "Type the backup's name"
_CANCELED = "Not sent: you canceled it before the request left. Nothing was restored."
_BURST = (
    "Nothing was sent yet: name and Enter arrived at once, as a paste does. Press Enter once more to restore."
)


_FIELD, _FRAME_OF_FACTS, _COLUMNS_OF_FRAME = 1, 2, 4
_LEAST_TO_READ = 3
"""Rows that what is read keeps, also beside the request."""


class ConfirmInput(Input):
    """Takes what is typed and refuses what is pasted: confirming takes typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+v", "refuse_paste", "Paste", show=False, id="confirm.paste"),
        Binding("pageup", "screen.read(-1)", "Read on above", show=False, id="confirm.up"),
        Binding("pagedown", "screen.read(1)", "Read on below", show=False, id="confirm.down"),
    ]

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.action_refuse_paste()

    def action_refuse_paste(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.screen.notify_user("Paste is disabled here; type the name.")


class ReadingPane(VerticalScroll):
    """Tells whenever more or less of it is hidden: the prompt says so."""

    class Laid(Message):
        """It has another size, or what is in it has."""

    def on_resize(self) -> None:
        self.post_message(self.Laid())


class ConfirmScreen(ListStep[ObjectResult]):
    """Nothing goes on here without the name typed; Ctrl+N does not confirm."""

    step = "restore"
    footer = {
        "confirm.down": "Read on",
        "step.back": "Back",
        "app.request": "Request",
        "list.filter": "Filter",
    }
    title_pane = "#confirm"
    hint = "This one is real."
    loading_text = "Preparing"
    next_label = "Restore"
    next_variant = "error"
    has_restore = True
    help_topics = (
        "This sends the request of the dry run once more, with dry_run=false. It is sent once: whatever the "
        "response is, it is never sent again automatically.\n\n"
        "Type the backup's name exactly as shown, then Enter. Beside the field stands how much is missing, or that "
        "it does not match. A receipt is written to disk before the "
        "request goes out, and completed with the outcome. What was typed before this screen was ready is "
        "discarded, and pasting does not confirm: where name and Enter arrive at once, press Enter once "
        "more.\n\n"
        "After Enter the server is checked again, for up to ten seconds: running restores, the snapshot, the server's "
        "version and cluster, and what exists. Whatever is new is shown, and Enter has to be pressed again. Until the "
        "request has left, Esc, Back and Ctrl+Q cancel it: then nothing is sent."
    )

    def __init__(self) -> None:
        super().__init__()
        self._receipt_problem = ""
        self._without_receipt = False
        self._preparing_since: float | None = None
        self._takes_the_name = False
        self._preflight = FinalCheck()
        self._last_restore: PastRestore | None = None
        self._written = ""
        self._notes: list[Note] = []

    def compose_body(self) -> ComposeResult:
        with Vertical(id="confirm"):
            # It may be longer than a small terminal: the field below must never leave the screen for it.
            with ReadingPane(id="sentence-pane", can_focus=False):
                yield Static(id="sentence", markup=False)
                facts = Static(id="key-facts", markup=False)
                facts.border_title = "Check before you confirm"
                yield facts
                yield Static(id="more-words", markup=False)
            yield Static(id="receipt-problem", markup=False)
            yield Button("Continue without a receipt", id="without-receipt", compact=True, variant="warning")
            yield results_pane(self.wizard.plan, with_result=False)
            prompt = Static(id="phrase-prompt", markup=False)
            prompt.visible = False
            yield prompt
            with Horizontal(id="phrase-row"):
                yield ConfirmInput(id="phrase", compact=True, select_on_focus=False)
                yield Static(id="phrase-hint", markup=False)
            yield ErrorPanel(id="confirm-error")

    async def load(self, *, fresh: bool) -> None:
        """What else is going on, which one should know before. That it cannot be read keeps nobody from going on."""
        if self.session.dry_run is not None:
            self._preflight = await self.session.final_check()
            self._last_restore = await self.session.last_restored()
            self._written = await self.session.count_records()

    async def on_ready_for_keys(self) -> None:
        """What was typed ahead was not typed at this screen: none of it may confirm. That is so until the terminal
        shows it, however long that takes; and only then it asks for the name."""
        self._ask_for_the_name(False)
        await self.after_paint()
        await self.wizard.frame_displayed()
        gone = await self.wizard.gate.discard_type_ahead(self.wizard.quiet)
        self._ask_for_the_name(True)
        if gone:
            self.notify_user("What was typed before this screen was ready was discarded.")

    def dialog_closes(self) -> None:
        """An Enter too many for a dialog must not confirm: it was not typed at this screen either."""
        hold = self.wizard.gate.hold()

        async def ready_again() -> None:
            try:
                await self.on_ready_for_keys()
            finally:
                hold.release(deliver=False)

        self.run_worker(ready_again(), group="dialog closed")

    def _ask_for_the_name(self, asks: bool) -> None:
        if asks != self._takes_the_name:
            self._takes_the_name = asks
            # Its place is kept, so that nothing moves when it comes.
            self.query_one("#phrase-prompt").visible = asks
            self.plan_changed()

    # Showing

    def show(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is None:
            return
        self.show_title()
        self._show_sentence()
        self._show_receipt_problem()
        lines = dry_run.results()
        self.pane.show(lines)
        self._show_prompt()
        self.fit_notes()

    @on(ReadingPane.Laid)
    def _show_prompt(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is None or not self.loaded:
            return
        phrase, hint = required_phrase(dry_run)
        instead = f" (here: {hint})" if hint else ""
        hidden = self.query_one("#sentence-pane").max_scroll_y > 0
        self.update_text(
            "#phrase-prompt",
            Content.assemble(
                (f"{PROMPT}{instead}: ", "bold"),
                (sanitize(phrase), "bold $text-warning"),
                (" · PgDn reads on" if hidden else "", "bold $text-error"),
            ),
        )
        self.refresh_bindings()  # whether there is anything to read on to

    def _show_sentence(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is None:
            return
        plan = dry_run.plan
        results = dry_run.results()
        estimate = estimate_text(dry_run.response)
        parts: list[TextPart] = []
        doubts = dry_run_doubts(results)
        if doubts:
            parts.append((f"! The dry run was OK, but: {', '.join(doubts)}.\n", "bold $text-error"))
        parts += self._sight_words(results)
        parts += [
            "Restores ",
            (formatting.pluralize(results.requested, "object"), "bold"),
            f" ({estimate})" if estimate else "",
            f" from backup {sanitize(plan.backup, 60)}",
            *self._as_of(dry_run),
            " to ",
            (sanitize(self.wizard.server_label, 60), "bold"),
            ", as a background job." if dry_run.destination.mode == JOB else ", in one long request.",
        ]
        self.update_text("#sentence", Content.assemble(*parts))
        self.update_text("#key-facts", self._facts())
        self._notes = self._other_notes(plan)

    def _other_notes(self, plan: RestorePlan) -> list[Note]:
        """What stands below the facts. What speaks against the restore does not fold: it can be read on to."""
        notes = [
            note if note.rank < RANK_OF_DANGER else replace(note, rank=FIXED)
            for note in warning_notes(plan_warnings(plan, self.session.plan_facts()))
        ]
        if isinstance(plan.snapshot, NewestSnapshot):
            newest = "The newest snapshot is read again first; another one makes the dry run stale."
            notes.append(Note(Content(newest), "newest snapshot", rank=1))
        notes += self._other_words()
        if self._last_restore is not None:
            notes.append(Note(Content(self._last_restore.text), "last restore", rank=0))
        return notes

    def fit_notes(self) -> None:
        """Leave room for the objects and the field: notes fold, the frame around the facts goes, and the rest can be
        read on to."""
        width = self._width_to_read
        rows = self._rows_to_read(width)
        sentence = self._height_of_sentence(width)
        height = sentence + sum(note.height(width) for note in self._notes)
        is_tight = self.has_class("-low") or height + _FRAME_OF_FACTS > rows
        self.set_class(is_tight, "-tight")
        above = sentence + (0 if is_tight else _FRAME_OF_FACTS)
        self.update_text("#more-words", self.fold_notes(self._notes, rows - above, width))
        self.query_one("#more-words").display = bool(self._notes)
        self.query_one("#sentence-pane").styles.max_height = max(rows, _LEAST_TO_READ)

    @property
    def _width_to_read(self) -> int:
        """Columns of what is read; one less than there are, for a scrollbar."""
        return (self.query_one("#confirm").size.width or self.app.size.width - 4) - 1

    def _rows_to_read(self, width: int) -> int:
        """Rows that the objects, the prompt and the field leave."""
        confirm, prompt = self.query_one("#confirm"), self.query_one("#phrase-prompt", Static)
        shown = [self.query_one(each) for each in ("#receipt-problem", "#without-receipt")]
        taken = confirm.styles.gutter.height + prompt.styles.margin.height + _FIELD
        taken += sum(each.outer_size.height for each in shown if each.display)
        if isinstance(prompt.content, Content):
            taken += len(prompt.content.wrap(width))
        return self.rows_to_spare() - taken

    def _facts(self) -> FactList:
        is_low = self.has_class("-low")
        return key_fact_list(self.session.key_facts(), self._width_to_read if is_low else None)

    def _as_of(self, dry_run: DryRun) -> list[TextPart]:
        """The time of the data; where there are few rows, the fact below has it."""
        if self.has_class("-low"):
            return []
        listed = self.session.listed_snapshot(dry_run.snapshot_id)
        return [" as of ", (short_as_of(listed, dry_run.snapshot_id), "bold")]

    def _height_of_sentence(self, width: int) -> int:
        sentence = self.query_one("#sentence", Static).content
        lines = len(self._facts().lines(width - (0 if self.has_class("-low") else _COLUMNS_OF_FRAME)))
        return lines + (len(sentence.wrap(width)) if isinstance(sentence, Content) else 0)

    def _sight_words(self, results: ObjectResults) -> list[TextPart]:
        """What has changed since the dry run, and where the conflict check contradicts it."""
        parts: list[TextPart] = []
        changes = self._preflight.changes
        style = "bold $text-error" if changes else "$text-warning"
        for sentence in changes.sentences:
            parts.append((f"! {sanitize(sentence, 300)}\n", style))
        if self._written:
            parts.append((f"! {self._written}\n", "bold $text-error"))
        odd = results.disagreements
        if odd:
            words = f"! On {formatting.pluralize(odd, 'object')} our own check and the dry run disagree.\n"
            parts.append((words, "bold $text-warning"))
        return parts

    def _other_words(self) -> list[Note]:
        """Other restores that run now, and those of which the end is not known."""
        parts: list[TextPart] = []
        others = self._preflight.restores
        if isinstance(others, KineticaError):
            parts.append(f"\nWhether other restores run on the server now cannot be read: {others.what}")
        elif others:
            jobs = ", ".join(
                f"job {sanitize(job.id, 24)} of {sanitize(job.user, 30) or 'unknown user'}"
                for job in others[:3]
            )
            count = formatting.pluralize(len(others), "other restore")
            verb = "runs" if len(others) == 1 else "run"
            parts.append((f"\n! {count} {verb} on the server now: {jobs}.", "bold $text-warning"))
        runs = self._preflight.open_runs
        if runs and not isinstance(runs, KineticaError):
            parts.append((f"\n{unknown_text(runs)}", "bold $text-warning"))
        for what, found in (
            ("The receipts of earlier restores", runs),
            ("The snapshots of this backup", self._preflight.snapshots),
            ("The server's version and cluster", self._preflight.server),
        ):
            if isinstance(found, KineticaError):
                parts.append((f"\n! {what} can't be read now: {found.what}", "$text-warning"))
        return [Note(Content.assemble(*parts)[1:])] if parts else []

    def _show_receipt_problem(self) -> None:
        problem = self.query_one("#receipt-problem", Static)
        problem.display = bool(self._receipt_problem)
        button = self.query_one("#without-receipt", Button)
        button.display = bool(self._receipt_problem) and not self._without_receipt
        if self._without_receipt:
            problem.update("! Continuing without a receipt: what happens will be on this screen only.")
        elif self._receipt_problem:
            problem.update(
                "✗ The receipt can't be written, so nothing was sent.\n"
                f"{sanitize(self._receipt_problem, 200)}\n"
                "→ Free disk space or fix the permissions and confirm again, or continue without a receipt."
            )

    def first_focus(self) -> Widget | None:
        return self.query_one("#phrase")

    # Confirming

    def why_blocked(self) -> str:
        if self._preparing_since is not None:
            return self._progress_words(self._preparing_since)
        void = self.session.staleness_reason()
        if void:
            return f"{void} Go back to Dry run."
        if not self._takes_the_name:
            return "Please wait; input is not accepted yet."
        dry_run = self.session.dry_run
        if dry_run is None or self.query_one("#phrase", Input).value != confirmation_phrase(dry_run):
            return f"{PROMPT} first."
        return ""

    def _progress_words(self, since: float) -> str:
        """What is being done before the request leaves, and for how long."""
        control = self.wizard.restore.send_control
        stage = control.stage if control is not None else ""
        seconds = self.wizard.clock.monotonic() - since
        took = f" · {formatting.elapsed(seconds)}" if seconds >= 1 else ""
        if control is not None and control.stop.is_set():
            return f"Not sent: canceled. Still {stage} …{took}" if stage else "Not sent: canceled."
        return f"Preparing … {stage}{took}. Esc cancels."

    def _title(self) -> Content:
        dry_run = self.session.dry_run if self.wizard.is_connected else None
        if self._preparing_since is None:
            lost = (
                next((fact for fact in self.session.key_facts() if fact.label == LOST), None)
                if dry_run
                else None
            )
            return Content.assemble(
                (f"! {self.subject}", "bold $text-error"),
                (f"  {self.hint}", "bold"),
                (
                    f" {lost.text[:1].upper()}{lost.text[1:]}." if lost else "",
                    "bold $text-error" if lost and lost.alarming else "",
                ),
            )
        hint = "  Preparing; nothing has been sent yet."
        return Content.assemble((f"! {self.subject}", "bold $text-error"), (hint, "dim"))

    def _set_preparing(self, since: float | None) -> None:
        self._preparing_since = since
        self.show_title()
        self.plan_changed()

    @on(Input.Changed, "#phrase")
    def phrase_changed(self) -> None:
        self.plan_changed()

    def plan_changed(self) -> None:
        super().plan_changed()
        self.update_text("#phrase-hint", self._phrase_hint())

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self.update_text("#phrase-hint", self._phrase_hint())

    def _phrase_hint(self) -> Content:
        """How far what is typed has come; empty where the line above the buttons says why Enter does nothing."""
        field = self.query_one_optional("#phrase", Input)  # none, where the screen is being taken down
        typed = field.value if field is not None else ""
        dry_run = self.session.dry_run
        if not typed or dry_run is None or self._preparing_since is not None:
            return Content("")
        phrase = confirmation_phrase(dry_run)
        if typed == phrase:
            if self._shown_why:
                return Content("")
            if self.focused is not None and self.focused.id in ("phrase", "next"):
                return Content.styled("Enter restores now", "bold $text-error")
            return Content.styled("matches", "dim")
        if not phrase.startswith(typed):
            return Content.styled("does not match", "bold $text-warning")
        unit = "digit" if phrase.isdecimal() else "letter"
        left = formatting.pluralize(len(phrase) - len(typed), unit)
        return Content.styled(f"{left} to go", "dim")

    def go_back(self) -> None:
        """Going back cancels a confirmation that is still being prepared."""
        if not self._left and self.wizard.restore.withdraw():
            self._left = True
            self.wizard.go_back(self.step, _CANCELED)
            return
        super().go_back()

    def press_next(self) -> None:
        self._confirm()

    def advance(self) -> None:
        """Ctrl+N does not confirm."""
        self.notify_user("Only typing the name, then Enter, confirms.")
        self.query_one("#phrase").focus()

    @on(Input.Submitted, "#phrase")
    def _confirm(self) -> None:
        why = self._blocked_reason()
        if why:
            self.notify_user(why)
            return
        if self._left or self._preparing_since is not None:
            return
        if self.wizard.gate.delivers_burst:
            self.notify_user(_BURST)
            return
        self.remove_class("-refused")
        self.query_one("#confirm-error", ErrorPanel).hide()
        hold = self.wizard.gate.hold(loading=True)
        prepared = self.wizard.restore.begin(
            self.query_one("#phrase", Input).value,
            self._preflight,
            hold,
            with_receipt=not self._without_receipt,
        )
        if prepared is None:
            hold.release(deliver=False)
            self.notify_user(
                "The confirmation before this one has not ended yet: wait a moment, then press Enter again."
            )
            return
        self.notify_user("")
        self._set_preparing(self.wizard.clock.monotonic())
        self.run_worker(self._until_sent(prepared, hold), group="confirm")

    async def _until_sent(self, prepared: asyncio.Future[Exception | None], hold: Hold) -> None:
        """Wait until the request has left, or why it has not is known."""
        try:
            problem = await asyncio.shield(prepared)
            if problem is None or self._left or not self.is_attached:
                self._left = True  # another screen is on its way, or there already
                return
            self._set_preparing(None)
            words = self._not_sent(problem)
            await self.on_ready_for_keys()
            discarded = f" {self._notice}" if self._notice else ""
            self.notify_user(f"{words}{discarded}")
        finally:
            hold.release(deliver=False)

    def _not_sent(self, problem: Exception) -> str:
        """Show why nothing was sent. Returns a sentence for the line above the buttons."""
        phrase = self.query_one("#phrase", Input)
        if isinstance(problem, ChangedSinceShownError):
            self._preflight = problem.preflight
            self.show()
            return f"Nothing was sent. Press Enter again to restore anyway. {problem}"
        phrase.value = ""
        phrase.focus()
        if isinstance(problem, WithdrawnError):
            return _CANCELED
        if isinstance(problem, ReceiptUnwritableError):
            self._receipt_problem = f"{formatting.path(problem.place)}: {problem.reason}"
            self._show_receipt_problem()
            return ""
        if isinstance(problem, KineticaError):
            problem.impact = (
                "The newest snapshot could not be read again, so nothing was sent. The dry run is stale."
            )
            problem.hint = "Go back to Dry run with Esc."
            self.add_class("-refused")
            self.query_one("#confirm-error", ErrorPanel).show(problem)
            return ""
        void = " The dry run is stale: go back to Dry run." if self.session.staleness_reason() else ""
        return f"Nothing was sent. {problem}{void}"

    @on(Button.Pressed, "#without-receipt")
    def go_on_without_receipt(self) -> None:
        self._without_receipt = True
        self._show_receipt_problem()
        self.query_one("#phrase").focus()

    # Keys

    def is_key_available(self, binding: str) -> bool:
        if binding == "list.choose":
            return False  # Enter on a row does nothing: only in the field it confirms
        if binding in ("confirm.up", "confirm.down"):
            return self.query_one("#sentence-pane").max_scroll_y > 0
        return binding not in ("step.next", "app.refresh", "confirm.paste") and super().is_key_available(
            binding
        )

    def action_read(self, by: int) -> None:
        """Turn a page of what will happen, where it does not fit."""
        pane = self.query_one("#sentence-pane")
        pane.scroll_relative(y=by * max(1, pane.size.height - 1), animate=False)

    def leave_field(self) -> bool:
        if isinstance(self.focused, ConfirmInput):
            self.pane.list.focus()
            return True
        return super().leave_field()

    def refresh_data(self) -> None:
        """F5 asks nothing here: the dry run is run again on its own step."""
        self.notify_user("The dry run is run again on its step: go back with Esc, then F5.")
