"""Options: how it is restored."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, Static

from restore_tui.kinetica import reference
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.reference import Option, OptionKind, PlanWarning
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.availability import unknown_version_text
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import is_applicable
from restore_tui.restore.preflight.plan_warnings import plan_warnings
from restore_tui.tui import formatting
from restore_tui.tui.plan_summary import snapshot_words
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.text_update import update_or_hide
from restore_tui.tui.widgets.option_row import NAME_WIDTH, ChoiceRow, OptionInput, TextRow, warning_text
from restore_tui.tui.widgets.schema_map_row import SchemaMapRow

log = logging.getLogger(__name__)


class OptionsScreen(StepScreen):
    """All of them. Two are set by other steps and only shown; what the server is too old for is closed."""

    step = "options"
    footer = {
        "option.after": "Change",
        "option.down": "Next option",
        "option.text-down": "Next option",
        "step.next": "Next",
    }
    title_pane = "#options"
    hint = "Restore options"
    keys_hint = "← → change, * = default"
    help_topics = (
        "Every option of the endpoint; * marks the default. Only values that differ from the default are sent; a "
        "bullet marks them. F2 shows what each does to the request.\n\n"
        "dry_run is set automatically: the next step sends the request as a dry run, and the one after that sends the "
        "very same request as the restore.\n\n"
        "Options that need a newer server are not available; they name the version that they need. One that was set "
        "for a newer server has to be reset: any key that changes it does that. Not in the 7.2.3.14 API reference "
        "means that only the official client documents it; restore-tui explain NAME describes each."
    )

    def compose_body(self) -> ComposeResult:
        plan = self.wizard.plan
        with VerticalScroll(id="options", can_focus=False):
            unknown = unknown_version_text(self.session.server_version)
            if unknown:
                yield Static(f"? {unknown}", id="unknown-version", markup=False)
            yield Static(id="plan-warnings", markup=False)
            for option in sorted(reference.OPTIONS, key=lambda o: o.set_by != "Options"):
                yield self._row(option, plan)
        with VerticalScroll(id="details", can_focus=False) as details:
            details.border_title = "Details"
            yield Static(id="details-text", markup=False)

    def _row(self, option: Option, plan: RestorePlan) -> Widget:
        """The editor for an option, by its kind; a line of text for one that another step sets."""
        value = plan.option(option.name)
        if option.kind is OptionKind.CHOICE:
            return ChoiceRow(option, value)
        if option.kind is OptionKind.SCHEMA_MAP:
            return SchemaMapRow(option, plan.objects.schemas, value)
        if option.kind in (OptionKind.TEXT, OptionKind.MOVE_TARGET):
            return TextRow(option, value)
        return Static(self._set_elsewhere(option, plan), classes="option-fixed", markup=False)

    def _set_elsewhere(self, option: Option, plan: RestorePlan) -> Content:
        if option.kind is OptionKind.DRY_RUN:
            value, where = (
                "true, then false",
                "Set automatically: true in Dry run, false in Restore.",
            )
        else:
            taken = self.session.listed_snapshot(plan.snapshot_id)
            time = f"  {formatting.snapshot_time(taken)}" if taken is not None else ""
            value = sanitize(plan.snapshot_id, 40) + time or snapshot_words(plan.snapshot, None) or "–"
            where = f"Set by the step {option.set_by}."
        return Content.assemble((f"  {option.name:<{NAME_WIDTH}}", "bold"), value, (f"\n    {where}", "dim"))

    def _why_closed(self, option: Option) -> str:
        """Why an option cannot be chosen now; empty where it can."""
        too_old = self.session.check_support(option).text
        if too_old or is_applicable(self.wizard.plan, option):
            return too_old
        return f"Only applies when {option.condition}."

    def show(self) -> None:
        self._show_options()
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Count what the plan would meet, beside the keys: the warnings say how many as soon as it is known."""

        async def look() -> None:
            try:
                is_new = await self.session.look_ahead()
            except KineticaError as error:
                log.info("what exists is not counted before the dry run: %s", error.what)
                return
            if is_new and not self._left:
                self._show_options()

        self.run_worker(look(), group="look-ahead", exclusive=True)

    def first_focus(self) -> Widget | None:
        wanted, self.wizard.option_to_fix = self.wizard.option_to_fix, ""
        return next((row for row in self._rows() if row.id == f"option-{wanted}"), self._rows()[0])

    def _rows(self) -> list[Widget]:
        """What can have the focus, in order."""
        return [row for row in self.query("ChoiceRow, OptionInput") if row.focusable]

    # Changing

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        self._set(event.option.name, event.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        if isinstance(event.input, OptionInput):
            option = event.input.option
            text = self.query_one(SchemaMapRow).text if option.kind is OptionKind.SCHEMA_MAP else event.value
            self._set(option.name, text)

    def on_option_input_hint(self, event: OptionInput.Hint) -> None:
        self.notify_user(event.text)

    def _set(self, name: str, value: str) -> None:
        self.session.choose_option(name, value)
        self._show_options()
        self._show_details()
        self.plan_changed()
        self._look_ahead()

    def _show_options(self) -> None:
        warnings = plan_warnings(self.wizard.plan, self.session.plan_facts())
        self._show_plan_warnings([warning for warning in warnings if warning.option is None])
        problems = {problem.option: problem.text for problem in self.session.problems() if problem.option}
        for row in self.query("ChoiceRow, TextRow, SchemaMapRow"):
            assert isinstance(row, ChoiceRow | TextRow | SchemaMapRow)
            name = row.option.name
            row.show(
                closed=self._why_closed(row.option),
                problem=problems.get(name, ""),
                warnings=[warning for warning in warnings if warning.option == name],
            )

    def _show_plan_warnings(self, warnings: Sequence[PlanWarning]) -> None:
        """Show the warnings that belong to no single option, above the options."""
        box = self.query_one_optional("#plan-warnings", Static)
        if box is None:  # the screen is being taken down
            return
        update_or_hide(box, Content("\n").join(warning_text(warning) for warning in warnings))

    # Moving about

    def action_option(self, by: int) -> None:
        """Move the focus among the options; far beyond an end is that end."""
        rows = self._rows()
        here = rows.index(self.focused) if self.focused in rows else 0
        rows[min(max(here + by, 0), len(rows) - 1)].focus()
        if here + by >= len(rows):  # what is set by other steps stands below the last option
            self.query_one("#options").scroll_end(animate=False)

    def action_enter_hint(self) -> None:
        self.notify_user("← → or Space change the option, ↑ ↓ move, Ctrl+N continues.")

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.action_enter_hint()

    def leave_field(self) -> bool:
        if isinstance(self.focused, OptionInput):
            self.action_option(-1)
            return True
        return super().leave_field()

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        self._show_details()

    def _focused_option(self) -> Option | None:
        focused = self.focused
        return focused.option if isinstance(focused, ChoiceRow | OptionInput) else None

    def _show_details(self) -> None:
        option = self._focused_option()
        if option is not None:
            brief = option.brief(self.wizard.plan.option(option.name))
            title = (option.name + "\n", "bold $text-accent")
            self.update_text("#details-text", Content.assemble(title, brief, "\n\nF1: full description"))

    def help_for_focus(self) -> str:
        option = self._focused_option()
        if option is None:
            return ""
        told = option.text(self.wizard.plan.option(option.name))
        return f"{option.name}: {option.summary}\n{told}\n\nSince server {option.since}."

    def why_blocked(self) -> str:
        return next((problem.text for problem in self.session.problems()), "")
