"""Restore, when it has ended: what is known of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.execution.confirmation import RestoreBlockedError
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.outcome_query import OutcomeCheck
from restore_tui.restore.outcome.way_back import way_back_script
from restore_tui.restore.preflight.results import ObjectResult
from restore_tui.restore.receipts.model import Verdict
from restore_tui.restore.receipts.way_back import way_back
from restore_tui.restore.text_format import as_of, fit, short_as_of
from restore_tui.tui import formatting
from restore_tui.tui.breakpoints import FULL_WIDTH, WIDE
from restore_tui.tui.folding import FIXED, Note
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.screens.result_text import (
    counts_text,
    info_text,
    line_details,
    moved_text,
    results_pane,
    server_message_lines,
    totals_text,
)
from restore_tui.tui.text_update import TextPart, relabel
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.error_panel import error_text
from restore_tui.tui.widgets.filter_pane import FilterInput
from restore_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from restore_tui.kinetica.errors import KineticaError
    from restore_tui.kinetica.responses.models import RestoreResponse

_COLORS = {
    Verdict.RESTORED: "success",
    Verdict.WARNED: "warning",
    Verdict.PARTLY: "warning",
    Verdict.FAILED: "error",
    Verdict.UNKNOWN: "warning",
}
_RECEIPT = 1
"""Rows of the line that names the receipt."""
SECONDS_BETWEEN_LOOKS = 10.0
"""While a check of the outcome shows the restore at work, and there is no job to follow."""
_SIGNS = {
    Verdict.RESTORED: "✓",
    Verdict.WARNED: "!",
    Verdict.PARTLY: "!",
    Verdict.FAILED: "✗",
    Verdict.UNKNOWN: "?",
}


def evidence_lines(look: OutcomeCheck, now: datetime) -> Content:
    """What a check of the outcome has found, each with its source; what settles the outcome first."""
    parts: list[TextPart] = [("What was found", "bold"), (f"  checked {formatting.age(look.at, now)}", "dim")]
    for finding in sorted(look.evidence, key=lambda finding: not finding.is_conclusive):
        sign = "✓" if finding.is_conclusive else "…" if finding.running else "•"
        parts += [f"\n{sign} ", (f"{finding.source.value}: ", "bold"), finding.text]
    if look.job_runs:
        parts.append(("\n→ w follows it to its end.", "bold"))
    return Content.assemble(*parts)


def what_to_check(outcome: Outcome) -> str:
    """What a person can look at while the outcome is unknown."""
    backup = outcome.dry_run.plan.backup.replace("'", "''")
    ticket = outcome.ticket
    job = f"• the job:  /get/job with the option job_tag = {sanitize(ticket.tag, 60)}\n" if ticket else ""
    return (
        "What can be checked on the server:\n"
        f"{job}"
        "• is it still running?  /admin/show/jobs lists a /restore/backup, or it does not\n"
        "• what does the history say?\n"
        "    SELECT * FROM ki_catalog.ki_backup_history\n"
        f"    WHERE backup_name = '{sanitize(backup, 80)}' AND operation = 'restore' ORDER BY start_time DESC\n"
        "• do the objects exist?  Their absence proves nothing while it may still be running.\n"
        "Do not restore again before that; this tool never does so by itself."
    )


class ResultScreen(ListStep[ObjectResult]):
    """The verdict first, then what failed, then the rest. Esc does nothing here."""

    step = "restore"
    footer = {
        "app.refresh": "Check again",
        "result.watch": "Follow",
        "result.check": "Check",
        "result.save": "Save report",
        "result.restore-missing": "Restore missing",
        "result.way-back": "Way back",
        "app.leave": "Quit",
        "list.filter": "Filter",
    }
    title_pane = "#verdict"
    hint = "Result"
    next_label = "New restore"
    can_go_back = False
    has_restore = True
    help_topics = (
        "Restored: the server reported every object as restored. Partly restored: some failed, or were not mentioned. "
        "Restore failed: the server refused it or reported it as failed, or could not be reached. Outcome unknown: "
        "it was sent, and no conclusive "
        "response came. Then the server is checked: the background job by its id or tag, running restores, and the "
        "history of backups. Only what was not there before the restore counts, and only conclusive evidence decides "
        "the outcome. F5 checks again; nothing ever sends the restore a second time.\n\n"
        "v checks whether the objects reported as restored exist now and, after a full snapshot, whether their tables "
        "have as many records as it has. The receipt records it.\n\n"
        "M, after a restore that failed in whole or in part, prepares another one of what is missing: the same "
        "snapshot and options, with the objects that failed or were not mentioned. You see them on Objects; nothing is "
        "sent.\n\n"
        "B, after a restore that moves or replaces objects, tells what can be undone: where the old objects "
        "are, and the requests that move them back, as a script. Nothing of it is executed. What was replaced has no "
        "way back.\n\n"
        "The receipt holds the request, the dry run and the outcome. Leave with Ctrl+Q, or start a new restore on the "
        "same server: it keeps the data source and the backup."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save_report", "Save report", show=False, id="result.save"),
        Binding("w", "watch", "Follow it", show=False, id="result.watch"),
        Binding("v", "check", "Check what exists now", show=False, id="result.check"),
        Binding("B", "way_back", "Way back", show=False, id="result.way-back"),
        Binding("M", "restore_missing", "Restore what is missing", show=False, id="result.restore-missing"),
    ]

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
        """What this screen shows. It keeps it: the session forgets its own when a new restore is begun."""
        self._discarded = ""
        self._looking_since: float | None = None
        self._looked_at = 0.0
        self._has_to_check = True
        self._asked_meanwhile = False

    def compose_body(self) -> ComposeResult:
        outcome = self.outcome
        with Vertical(id="answer"):
            yield Static(id="verdict", markup=False)
            yield Static(id="answer-totals", markup=False)
            with Container(id="panes"):
                yield results_pane(outcome.dry_run.plan, with_result=True)
                yield from self.compose_details()
            yield Static(id="receipt", markup=False)

    def compose_actions(self) -> ComposeResult:
        yield Button("Leave", id="leave", compact=True)
        yield Button("Save report", id="save", compact=True)
        yield Button("Check", id="check", compact=True)
        yield Button("Check again", id="look", compact=True)
        yield Button("Follow it", id="watch", compact=True)
        yield Button("Way back", id="way-back", compact=True)
        yield Button("Restore what is missing", id="restore-missing", compact=True)
        if self.outcome.not_sent:
            yield Button("Back to the confirmation", id="again", compact=True)

    async def on_ready_for_keys(self) -> None:
        """A second click on Restore, or an Enter too many, must not press what stands in its place now."""
        gate = self.wizard.gate
        before = gate.thrown_away
        await self.wizard.frame_displayed()
        await gate.discard_type_ahead(self.wizard.quiet)
        if gate.thrown_away > before:
            self._discarded = "Keys and clicks from before this screen was ready were discarded."
            self.notify_user(self._discarded)
        if self.outcome.verdict is Verdict.UNKNOWN:
            self._look()
        else:
            self._check_what_exists()

    # Looking whether it is there

    @on(Button.Pressed, "#check")
    def action_check(self) -> None:
        """Whether what is said to be restored is shown by the server now."""
        if self.loaded and self.outcome.response is not None and self._looking_since is None:
            self.run_worker(self._check(), group="check", exclusive=True)

    def _check_what_exists(self) -> None:
        """Check by itself, once, after every end that is not clean; of one that runs, after its end."""
        outcome = self.outcome
        runs = outcome.last_check is not None and outcome.last_check.running is not None
        if self._has_to_check and not (outcome.is_clean or outcome.not_sent or runs):
            self._has_to_check = False
            self.run_worker(self._check(), group="check", exclusive=True)

    async def _check(self) -> None:
        self.notify_user("Checking what exists now …")
        arrived = await self.session.verify_restored()
        if arrived is not None and not self._left:
            self.outcome = self.session.outcome or self.outcome
            self.notify_user(arrived.text)
            self.show()

    # Looking what became of it

    def _look(self) -> None:
        """Ask the server, where the outcome is not known. One check at a time."""
        if self.outcome.can_be_checked and self._looking_since is None:
            self.workers.cancel_group(self, "check")  # one of the two at a time: both write the receipt
            self._looking_since = self.wizard.clock.monotonic()
            self.run_worker(self._ask_server(), group="look", exclusive=True)
            self.tick()

    async def _ask_server(self) -> None:
        said = ""
        outcome = self.outcome
        try:
            outcome = await self.session.check_outcome()
        except RestoreBlockedError as refusal:
            said = str(refusal)
        finally:
            self._looking_since = None
            self._looked_at = self.wizard.clock.monotonic()
        if self._left:
            return
        self.outcome = outcome
        self.notify_user(said or self._discarded)
        self.show()
        self.plan_changed()
        if self._asked_meanwhile:  # what happened since this look began may be what the person asks for
            self._asked_meanwhile = False
            if outcome.can_be_checked:
                self._look()
                return
        if outcome.response is not None:
            self.set_focus(self.pane.list)
        runs = outcome.last_check is not None and outcome.last_check.job_runs
        if runs and not self.wizard.restore.stop_waiting.is_set() and outcome.verdict is Verdict.UNKNOWN:
            self.action_watch()
        elif not said:
            self._check_what_exists()

    @on(Button.Pressed, "#watch")
    def action_watch(self) -> None:
        """Follow the job to its end. For a job that was found at work; sends nothing."""
        look = self.outcome.last_check
        if look is not None and look.job_runs and not self._left:
            self._left = True
            self.wizard.restore.follow(self.outcome)

    def tick(self) -> None:
        super().tick()
        now = self.wizard.clock.monotonic()
        if self._looking_since is not None:
            self.notify_user(f"Checking the outcome … {formatting.elapsed(now - self._looking_since)}")
            return
        look = self.outcome.last_check if self.loaded else None
        if look is not None and look.running is not None and now - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._look()

    def plan_changed(self) -> None:
        super().plan_changed()
        unknown = self.outcome.can_be_checked
        look = self.outcome.last_check
        self.query_one("#look").display = unknown
        self.query_one("#check").display = self.outcome.response is not None
        watchable = unknown and look is not None and look.job_runs
        self.query_one("#watch").display = watchable
        way_back = self.query_one("#way-back")
        way_back.display = self.outcome.may_have_a_way_back
        missing = self.query_one("#restore-missing", Button)
        missing.display = self.outcome.can_restore_missing
        crowded = way_back.display and (missing.display or watchable)
        narrow = self.app.size.width < (WIDE if crowded else FULL_WIDTH)
        relabel(missing, "Missing" if narrow else "Restore what is missing")
        short = crowded and self.app.size.width < FULL_WIDTH
        relabel(self.query_one("#save", Button), "Save" if short else "Save report")
        self.set_class(watchable or missing.display or way_back.display, "-crowded")

    def show(self) -> None:
        outcome = self.outcome
        self.set_class(outcome.response is None and outcome.error is not None, "-no-answer")
        self.set_class(outcome.response is None and outcome.error is None, "-evidence")
        self.query_one("#verdict").set_classes(f"-{_COLORS[outcome.verdict]}")
        self.update_text("#answer-totals", self._totals_text(outcome))
        self.fit_notes()
        if outcome.response is not None:
            self.update_text("#info", self._beside_the_answer(outcome, outcome.response))
        elif outcome.error is not None:
            self.update_text("#info", self._error_text(outcome, outcome.error))
        elif outcome.last_check is not None:
            self.update_text("#info", evidence_lines(outcome.last_check, self.wizard.clock.now()))
        self.pane.show(outcome.results)
        receipt = formatting.path(outcome.receipt) if outcome.receipt else "none"
        problem = f"  ! {outcome.receipt_problem}" if outcome.receipt_problem else ""
        self.update_text("#receipt", f"Receipt: {sanitize(receipt)}{sanitize(problem, 300)}")

    def _totals_text(self, outcome: Outcome) -> str:
        """The time of the data, what the response counts, and where the old objects are."""
        wanted = outcome.dry_run.snapshot_id
        listed, now = outcome.dry_run.listed, self.wizard.clock.now()
        response = outcome.response
        if response is None:
            return f"as of {as_of(listed, wanted, now)}"
        used = wanted if response.backup_id is None else str(response.backup_id)
        known = listed if used == wanted else None
        wide = self.app.size.width >= WIDE
        time = as_of(known, used, now) if wide else short_as_of(known, used)
        old = moved_text(outcome.results) or self._lost_text(outcome)
        return f"as of {time} · {totals_text(response)}" + (f"\n{old}" if old else "")

    def _lost_text(self, outcome: Outcome) -> str:
        """That what was replaced has no way back, on one line; empty where nothing was."""
        if not outcome.dry_run.plan.has(Effect.OVERWRITES):
            return ""
        back = way_back(outcome.recorded)
        return fit(back.sentences[0], self.app.size.width - 4).rstrip() if back and back.is_lossy else ""

    def fit_notes(self) -> None:
        """The verdict; below it why it is none that is clean, and what the server added."""
        around = self.query_one("#verdict").styles.gutter.height + self.height_of_totals + _RECEIPT
        rows = self.rows_to_spare() - around
        self.update_text("#verdict", self.fold_notes(self._notes(self.outcome), rows))

    def _notes(self, outcome: Outcome) -> list[Note]:
        verdict = outcome.verdict
        parts: list[TextPart] = [
            (f"{_SIGNS[verdict]} {verdict.value}", f"bold $text-{_COLORS[verdict]}"),
            "." if outcome.seconds is None else f"  after {formatting.elapsed(outcome.seconds)}.",
        ]
        notes: list[Note] = []
        if outcome.determined_by:
            parts.append(f" Determined from the {outcome.determined_by}.")
            if outcome.response is None and outcome.error is None:
                parts.append(" It has no per-object details.")
        if outcome.response is not None:
            if verdict is not Verdict.UNKNOWN:  # what its response counts is then no count of what happened
                parts.append(f" {counts_text(outcome.results.counts, happened=True)}")
            notes += [Note(Content.styled(f"! {reason}", "bold $text-error")) for reason in outcome.reasons]
            alarming = verdict is not Verdict.RESTORED
            lines = server_message_lines(outcome.messages, self.app.size.width - 4, alarming=alarming)
            rank = FIXED if alarming else 0
            notes.append(Note(Content.assemble(*lines)[1:], "server message", rank=rank))
        elif outcome.not_sent:
            parts.append(" Nothing was sent.")
        elif verdict is Verdict.FAILED:
            # What a job says at its end is told below: it may have died, or been cancelled.
            parts.append("" if outcome.determined_by or outcome.ticket else " The server refused it.")
        return [Note(Content.assemble(*parts)), *notes]

    def _beside_the_answer(self, outcome: Outcome, response: RestoreResponse) -> Content:
        """What the server added; and where its response proves nothing, what was found since and what to check."""
        parts: list[TextPart] = [info_text(response)]
        if outcome.last_check is not None:
            parts += ["\n\n", evidence_lines(outcome.last_check, self.wizard.clock.now())]
        if outcome.verdict is Verdict.UNKNOWN:
            parts += ["\n\n", what_to_check(outcome)]
        return Content.assemble(*parts)

    def _error_text(self, outcome: Outcome, error: KineticaError) -> Content:
        found = (
            evidence_lines(outcome.last_check, self.wizard.clock.now())
            if outcome.last_check is not None
            else None
        )
        if outcome.post_check:
            before = Content("") if found is None else Content.assemble(found, "\n")
            found = Content.assemble(before, ("What exists now: ", "bold"), outcome.post_check)
        parts: list[TextPart] = [error_text(error, before_words=found)]
        if outcome.verdict is Verdict.UNKNOWN:
            parts += ["\n\n", what_to_check(outcome)]
        return Content.assemble(*parts)

    def first_focus(self) -> Widget | None:
        return self.query_one("#details") if self.outcome.response is None else self.pane.list

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        if self.outcome.response is not None and event.item is not None:
            self.update_text("#details-text", self._details_of(event.item))

    def _details_of(self, item: ObjectResult) -> FactList:
        """What was checked before the restore is not what exists now."""
        return line_details(item, self.outcome.dry_run.plan, checked="Conflict check")

    def help_for_focus(self) -> str:
        item = self.pane.list.item
        return str(self._details_of(item)) if item is not None else ""

    @on(Button.Pressed, "#save")
    def action_save_report(self) -> None:
        """Write what is in the receipt where the person says, for a ticket."""
        from restore_tui.restore.receipts.render import as_markdown
        from restore_tui.tui.dialogs.save_file import SaveDialog

        def report() -> str:
            outcome = self.outcome  # as it is known when it is saved: a look may have settled it meanwhile
            return as_markdown(outcome.recorded, outcome.receipt)

        place = f"~/restore-{self.outcome.run}.md"
        self.app.push_screen(
            SaveDialog("the report", place, report, note="Markdown, for a ticket"), self._say_saved
        )

    def _say_saved(self, said: str | None) -> None:
        if said:
            self.notify_user(said)

    @on(Button.Pressed, "#way-back")
    def action_way_back(self) -> None:
        """What can be undone, and how. Sends nothing."""
        if self.loaded and self.outcome.may_have_a_way_back:
            self.run_worker(self._show_way_back(self.outcome), group="way-back", exclusive=True)

    async def _show_way_back(self, outcome: Outcome) -> None:
        from restore_tui.tui.dialogs.way_back import WayBackDialog

        access = self.access()
        back = await asyncio.to_thread(way_back, outcome.recorded)
        if back is None or self._left:
            return
        script = await asyncio.to_thread(way_back_script, back, access) if back.move_back else ""
        if self._left or not self.is_active:  # no dialog opens over another one
            return
        await self.app.push_screen(WayBackDialog(back, script, outcome.run), self._say_saved)

    # Going

    def advance(self) -> None:
        """Ctrl+N: there is no step after this one."""
        self.notify_user("Nothing further: New restore starts over, Ctrl+Q quits.")

    def press_next(self) -> None:
        if not self._left:
            self._left = True
            self.session.start_over()
            self.wizard.go("data_source")

    @on(Button.Pressed, "#restore-missing")
    def action_restore_missing(self) -> None:
        """A new plan for what was not restored, on Objects. Nothing is sent."""
        if self._left or not self.outcome.can_restore_missing or self._looking_since is not None:
            return
        self._left = True
        self.wizard.go("objects", self.session.restore_missing(self.outcome))

    @on(Button.Pressed, "#leave")
    def leave_pressed(self) -> None:
        self.run_worker(self.wizard.run_action("leave"))

    @on(Button.Pressed, "#again")
    def back_to_confirmation(self) -> None:
        if not self._left:
            self._left = True
            self.wizard.go("restore")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys at the bottom do not offer what Esc does not do."""
        if action == "step_back":
            return isinstance(self.focused, FilterInput) or self.in_request
        return super().check_action(action, parameters)

    def action_step_back(self) -> None:
        """Esc does nothing on the result, but leave the filter or the request."""
        self.leave_field()

    def is_key_available(self, binding: str) -> bool:
        if binding == "app.refresh":
            return self.outcome.can_be_checked
        return binding not in ("step.next", "step.back") and super().is_key_available(binding)

    @on(Button.Pressed, "#look")
    def refresh_data(self) -> None:
        if self.outcome.can_be_checked:
            self._has_to_check = True
            self._asked_meanwhile = self._looking_since is not None
            self._look()
        else:
            self.notify_user("Nothing to refresh: this is the server's response.")
