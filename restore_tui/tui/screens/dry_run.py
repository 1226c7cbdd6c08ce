"""Dry run: what the restore would do, as the server says. Changes nothing."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from restore_tui.kinetica.errors import (
    BackgroundJobUnsupported,
    KineticaError,
    OutcomeUnknown,
    Remedy,
    RequestNotSent,
)
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.request import AUTO, DIRECT, JOB
from restore_tui.restore.polling import Progress
from restore_tui.restore.preflight.dry_run import DryRun, DryRunMismatch, refused_option, suggest_step
from restore_tui.restore.preflight.plan_warnings import plan_warnings
from restore_tui.restore.preflight.response_check import reports_trouble, server_messages, unread_fields
from restore_tui.restore.preflight.results import ObjectResult
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.past_restore import PastRestore
from restore_tui.tui import formatting
from restore_tui.tui.breakpoints import FULL_WIDTH
from restore_tui.tui.folding import Note
from restore_tui.tui.mixins.leave_out import LEAVE_OUT_HELP, LeaveOutMixin
from restore_tui.tui.mixins.verify import VERIFY_HELP, VerifyMixin
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.screens.result_text import (
    RANK_OF_DANGER,
    RANK_OF_DOUBT,
    View,
    conflict_report_text,
    conflict_text,
    counts_text,
    info_text,
    key_fact_notes,
    line_details,
    results_pane,
    server_message_lines,
    totals_text,
    unknown_text,
    warning_notes,
    with_last_restore,
)
from restore_tui.tui.terminal.key_gate import ALWAYS_CLICKABLE, Hold
from restore_tui.tui.text_update import TextPart, relabel
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.row_list import RowList

OK, REFUSED, LOST = "Dry run OK", "Dry run refused", "Dry run lost"
MODES = (AUTO, JOB, DIRECT)
MODE_HELP = {
    AUTO: "The dry run tries a background job first.",
    JOB: "Only as a background job.",
    DIRECT: "One long request, no background job.",
}


def _remarks(dry_run: DryRun, width: int, *, alarming: bool) -> list[TextPart]:
    """What could not be read of the response, and what the server added to its OK."""
    results = dry_run.results()
    unread = unread_fields(results.dry_run) if results.dry_run is not None else ()
    parts: list[TextPart] = [(f"\n! {sentence}", "bold $text-error") for sentence in unread]
    return parts + server_message_lines(server_messages(dry_run.response), width, alarming=alarming)


_ONLY = {View.DIFFER: "differences", View.FAILED: "failures", View.MISSING: "objects not mentioned"}


def _shown_text(view: View, number: int) -> str:
    if view is View.ALL:
        return f"Showing all: {formatting.pluralize(number, 'object')}."
    return f"Showing {_ONLY[view]} only: {f'{number:,}' if number else 'none'}."


class DryRunScreen(VerifyMixin, LeaveOutMixin, ListStep[ObjectResult]):
    """Starts by itself, unless there is a dry run of this very plan already."""

    step = "dry_run"
    footer = {
        "dry-run.fix": "Fix",
        "step.leave-out": "Leave out …",
        "list.choose": "Next",
        "step.verify": "Verify",
        "dry-run.view": "Differences",
        "list.clear-filter": "Clear filter",
        "app.refresh": "Run again",
        "dry-run.mode": "Mode",
        "list.filter": "Filter",
    }
    title_pane = "#verdict"
    hint = "What would happen? Nothing is changed."
    loading_text = "Dry run on the server"
    help_topics = (
        "The server computes what the restore would do, and changes nothing. It starts by itself when the plan has "
        "no valid dry run; F5 runs it again. Esc stops waiting for it.\n\n"
        "You can continue only after Dry run OK. The response is valid for this plan, server and user, and becomes "
        "stale after 15 minutes (or what dry_run_minutes says).\n\n"
        "Mode: a server may run the restore as a background job, which continues if the connection drops and can be "
        "found again. Whether it supports that is not documented, so the dry run tries it, at no risk, and the restore "
        "uses the mode that the dry run has confirmed. w changes between auto, job and direct (one long request).\n\n"
        "“not mentioned” means that the response leaves an object out: it says neither yes nor no. "
        "What a real server fills in here is not documented.\n\n"
        "“Exists now?” is our own conflict check, made with the dry run: new, would abort, would be replaced, "
        "would be moved, not visible to you, or not checked. Where it and the server disagree both are shown, and d "
        "shows just those; neither blocks you. It is repeated before the confirmation: changes since then make this "
        "dry run stale.\n\n"
        "Under replace, the records of the tables that would be replaced are counted, of up to 200 tables, and again "
        "for the confirmation. Those of a full snapshot stand next to them.\n\n"
        "How long the last restore of this backup took is from the receipts on this machine. Nothing is said where "
        "there is none that restored everything.\n\n"
        + VERIFY_HELP
        + "\n\nOn a refused dry run, "
        + LEAVE_OUT_HELP
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "fix", "Fix", show=False, id="dry-run.fix"),
        Binding("w", "change_mode", "Change the mode", show=False, id="dry-run.mode"),
        Binding(
            "d", "next_view", "Show all, what differs, failed, not mentioned", show=False, id="dry-run.view"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stopped = False
        self._is_job = False
        self._mend_at = ""
        self._option = ""
        self._unknown: list[Receipt] = []
        self._last_restore: PastRestore | None = None
        self._view = View.ALL
        self._seen = ""
        self._remarks = Content("")
        self._alarming = False
        self._warnings: list[Note] = []
        self.add_class("-crowded")

    def compose_body(self) -> ComposeResult:
        with Vertical(id="answer"):
            yield Static(id="verdict", markup=False)
            yield Static(id="answer-totals", markup=False)
            with Container(id="panes"):
                yield results_pane(self.wizard.plan, with_result=False)
                yield from self.compose_details()

    def compose_actions(self) -> ComposeResult:
        yield Button("Run again", id="again", compact=True)
        yield Button("Stop waiting", id="stop", compact=True, classes=ALWAYS_CLICKABLE)
        yield Button("Fix", id="fix", compact=True)
        yield self.leave_out_button()
        yield Button(id="mode", compact=True)
        yield Button("Show: all", id="view", compact=True)
        yield self.verify_button()

    # Running

    async def load(self, *, fresh: bool) -> None:
        self._unknown = await self.session.unknown_before()
        self._last_restore = await self.session.last_restored()
        if not fresh and self.session.staleness_reason() is None:
            return
        self._stopped = False
        self._is_job = False
        self.loading_text = type(self).loading_text
        await self.session.run_dry_run(self._report)

    @property
    def awaits_response(self) -> bool:
        """Whether the response to the dry run's one request is still to come. A job can be asked for again."""
        return self.is_loading and not self._is_job

    def _report(self, progress: Progress) -> None:
        """A dry run that runs as a job: how far it is, or that there is no contact."""
        self._is_job = True
        text = type(self).loading_text
        if progress.lost_since is not None:
            text += f": no contact, retrying ({progress.lost_why})"
        elif progress.percent is not None:
            text += f", as a job: {progress.percent} %"
        self.loading_text = text

    async def _load(self, hold: Hold, *, fresh: bool) -> None:
        self._mend_at = ""
        self.query_one("#content").display = False  # an answer of before says nothing about this one
        try:
            await super()._load(hold, fresh=fresh)
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            self.error = OutcomeUnknown(
                "You stopped waiting for the response.",
                impact="A dry run changes nothing, whether it still runs or not.",
                hint="Run it again with F5, or go back.",
            )
            self.error_panel.show(self.error, title=LOST)
        else:
            if self.error is not None:
                self._explain(self.error)
        self.plan_changed()

    def _explain(self, error: KineticaError) -> None:
        """A refusal names the step that most likely mends it; everything else is a lost dry run."""
        panel = self.error_panel
        if isinstance(error, OutcomeUnknown):
            error.impact = "Whether the server worked on it is not known; a dry run changes nothing."
            error.hint = "Run it again with F5."
            panel.show(error, title=LOST)
            return
        if isinstance(error, DryRunMismatch):
            panel.show(error)
            return
        if isinstance(error, RequestNotSent):
            error.remedy = Remedy.RETRY
            panel.show(error, title=LOST)
            return
        if isinstance(error, BackgroundJobUnsupported):
            panel.show(error, title=REFUSED)
            return
        self._mend_at = suggest_step(error.server_message)
        title = self.wizard.road.step(self._mend_at).title
        error.impact = "The restore would be refused in the same way. Nothing was changed."
        self._option = refused_option(error.server_message) if self._mend_at == "options" else ""
        place = f"{title}, option {sanitize(self._option, 40)}" if self._option else title
        error.hint = f"This can most likely be fixed at {place}: press b to go there."
        conflicts = self.session.conflicts
        beside = conflict_report_text(conflicts, error.server_message) if conflicts is not None else None
        panel.show(error, title=REFUSED, before_words=beside)
        relabel(self.query_one("#fix", Button), f"Go to {title}")

    def show(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is None:
            return
        totals = with_last_restore(totals_text(dry_run.response), self._last_restore, self.app.size.width - 4)
        self.update_text("#answer-totals", totals)
        self.update_text("#info", self._info_text(dry_run))
        results = dry_run.results()
        self._seen = conflict_text(results.conflict_counts, results.disagreements)
        self._warnings = warning_notes(plan_warnings(dry_run.plan, self.session.plan_facts()))
        self._alarming = reports_trouble(dry_run.response, results) or bool(
            results.dry_run and results.dry_run.unread
        )
        self._remarks = Content.assemble(
            *_remarks(dry_run, self.app.size.width - 4, alarming=self._alarming)
        )[1:]
        self._view = View.ALL
        self._show_lines()
        self._show_verdict()

    def _info_text(self, dry_run: DryRun) -> Content:
        """What the server added, and what is known of the last restore."""
        info = info_text(dry_run.response)
        if self._last_restore is None:
            return info
        return Content.assemble(info, "\n" if info else "", self._last_restore.text)

    def _show_lines(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is not None:
            self.pane.show(self._view.of(dry_run.results()))
        narrow = self.app.size.width < FULL_WIDTH
        relabel(self.query_one("#view", Button), "Show" if narrow else f"Show: {self._view.value}")

    @on(Button.Pressed, "#view")
    def action_next_view(self) -> None:
        """All lines, or only those that differ, fail or are not mentioned."""
        if self.loaded:
            self._view = self._view.next_view
            self._show_lines()
            self.notify_user(_shown_text(self._view, len(self.pane.items)))

    def snapshot_to_verify(self) -> str:
        return self.wizard.plan.listed_snapshot_id

    def show_verified(self) -> None:
        self._show_verdict()

    def _show_verdict(self) -> None:
        dry_run = self.session.dry_run
        if dry_run is None or not self.loaded:
            return
        void = self.session.staleness_reason()
        verdict = self.query_one("#verdict")
        around = verdict.styles.gutter.height + self.height_of_totals
        notes = self._notes(dry_run, void)
        content = self.fold_notes(notes, self.rows_to_spare() - around)
        # What would be destroyed goes before the details of a row, which F1 has as well.
        makes_room = any(note.rank == RANK_OF_DANGER for note in self.folded)
        if makes_room:
            content = self.fold_notes(notes, self.rows_to_spare(details=False) - around)
        self.set_class(makes_room, "-no-details")
        self.update_text("#verdict", content)
        verdict.set_classes("-warning" if void else "-success")

    fit_notes = _show_verdict

    def _notes(self, dry_run: DryRun, void: str | None) -> list[Note]:
        """What is said above the objects, in its order."""
        counts = counts_text(dry_run.results().counts, happened=False)
        took = f", took {formatting.elapsed(dry_run.seconds)}" if self.app.size.width >= FULL_WIDTH else ""
        age = f"  {formatting.age(dry_run.at, self.wizard.clock.now())}{took}. "
        notes = [
            Note(Content.assemble((f"✓ {OK}", "bold $text-success"), age, counts)),
            Note(self._remarks, "server message", rank=RANK_OF_DOUBT if self._alarming else 1),
            Note(Content.styled(self._mode_text(dry_run), "dim"), "mode", rank=0),
        ]
        if self._seen:
            rank = RANK_OF_DOUBT if dry_run.results().disagreements else 2
            short = self._seen.rstrip(".")
            notes.append(Note(Content(f"Checked on the server: {self._seen}"), short, rank=rank))
        notes += key_fact_notes(self.session.key_facts(), self.app.size.width - 4)
        notes += self._warnings
        if void:
            notes.append(Note(Content.styled(f"! {void} Run it again with F5.", "bold $text-warning")))
        if self._unknown:
            notes.append(Note(Content.styled(unknown_text(self._unknown), "bold $text-warning")))
        return notes

    def _mode_text(self, dry_run: DryRun) -> str:
        if dry_run.destination.mode == JOB:
            return "Mode: background job (confirmed by this dry run)."
        if dry_run.job_refusal:
            return f"Mode: direct. The server refused a background job: {sanitize(dry_run.job_refusal, 100)}"
        return "Mode: direct (one long request)."

    def tick(self) -> None:
        super().tick()
        if self.loaded:
            self._show_verdict()

    def plan_changed(self) -> None:
        super().plan_changed()
        self.query_one("#again").display = not self.is_loading
        self.query_one("#stop").display = self.is_loading
        mend = self.query_one("#fix", Button)
        mend.display = bool(self._mend_at) and self.error is not None
        leave_out = self.query_one("#leave-out", Button)
        leave_out.display = self.can_leave_out
        relabel(leave_out, "Leave out" if self.app.size.width < FULL_WIDTH else "Leave out existing")
        self.query_one("#view").display = self.loaded
        self.query_one("#verify").display = self.loaded
        mode = self.query_one("#mode", Button)
        mode.display = not self.is_loading and not mend.display  # a refusal of the plan is refused on any way
        relabel(mode, f"Mode: {self.session.mode if self.wizard.is_connected else AUTO}")

    @property
    def can_leave_out(self) -> bool:
        """Only where the dry run is refused, and something exists."""
        if self.error is None or not self._mend_at:
            return False
        conflicts = self.session.plan_facts().conflicts_of(self.wizard.plan)
        return conflicts is not None and conflicts.conflicts > 0

    def show_left_out(self) -> None:
        """Run the dry run of what is left."""
        self.begin_load(self.wizard.gate.hold(loading=True), fresh=False)

    def why_blocked(self) -> str:
        void = self.session.staleness_reason() if self.wizard.is_connected else None
        if void:
            return f"{void} Run it again with F5."
        if self.wizard.road.after(self.step) is None:
            return "--dry-run-only: this is the last step."
        return ""

    def _blocked_reason(self) -> str:
        if self.error is not None:
            return "You can't continue until a dry run succeeds."
        return super()._blocked_reason()

    # Keys

    def is_key_available(self, binding: str) -> bool:
        ends_here = binding == "step.next" and self.wizard.road.after(self.step) is None
        return not ends_here and super().is_key_available(binding)

    def leave_field(self) -> bool:
        if self.is_loading:
            self._stop()
            return True
        return super().leave_field()

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        """Stop waiting. The server may go on with it, which changes nothing."""
        self._stopped = True
        self.workers.cancel_group(self, "load")

    def on_row_list_chosen(self, _event: RowList.Chosen) -> None:
        self.advance()

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        self.update_text("#details-text", "" if event.item is None else self._details_of(event.item))

    def _details_of(self, item: ObjectResult) -> FactList:
        live = self.session.live_counts.text_of(item.type, item.name, self.wizard.clock.now())
        return line_details(item, self.wizard.plan, live)

    def help_for_focus(self) -> str:
        """The highlighted object, and what the server added: not every screen has room for the details."""
        item = self.pane.list.item if self.loaded else None
        dry_run = self.session.dry_run if self.loaded else None
        parts = [str(self._details_of(item))] if item is not None else []
        parts += [self._info_text(dry_run).plain] if dry_run is not None else []
        return "\n\n".join(filter(None, parts))

    @on(Button.Pressed, "#again")
    def run_again(self) -> None:
        self.refresh_data()

    @on(Button.Pressed, "#mode")
    def action_change_mode(self) -> None:
        """The next of auto, job and direct. A dry run in another mode is void from here on."""
        if self.is_loading or self._left:
            return
        self.session.choose_mode(MODES[(MODES.index(self.session.mode) + 1) % len(MODES)])
        self.plan_changed()
        self._show_verdict()
        self.notify_user(f"The mode is now {self.session.mode}. {MODE_HELP[self.session.mode]}")

    @on(Button.Pressed, "#fix")
    def action_fix(self) -> None:
        if self._mend_at and self.error is not None and not self._left:
            self._left = True
            self.wizard.option_to_fix = self._option
            self.wizard.go(self._mend_at)
