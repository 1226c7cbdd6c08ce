"""Options: how it is restored."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, Static

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.catalogue import Option
from restore_tui.kinetica.text import harmless
from restore_tui.kinetica.version import ServerVersion
from restore_tui.restore.advice import advise
from restore_tui.restore.plan import RestorePlan
from restore_tui.restore.request import is_open
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.summary import snapshot_words
from restore_tui.tui.widgets.option_row import NAME_WIDTH, ChoiceRow, OptionInput, TextRow


def option_help(option: Option, chosen: str) -> str:
    """The whole help of an option, with what each of its values does."""
    lines = [option.summary, "", option.help, ""]
    for value in option.values:
        marks = ["default"] if value.name == option.default else []
        marks += ["chosen"] if value.name == chosen else []
        marked = f" ({', '.join(marks)})" if marks else ""
        lines.append(f"{value.name}{marked}: {value.help}")
    if not option.values:
        lines.append("Free text; empty by default.")
    if option.needs:
        lines.append(f"Only read under {option.needs[0]} = {option.needs[1]}.")
    lines.append(f"Since server {option.since}.")
    return "\n".join(lines)


class OptionsScreen(StepScreen):
    """All nine; two of them are set by other steps and only shown."""

    step = "options"
    hint = "How is it restored? ← → change, * is the default."
    help_topics = (
        "Every option of the endpoint with its default marked by *. Only choices that differ from the default are "
        "sent; a bullet marks them. F2 shows what each does to the request.\n\n"
        "dry_run is no switch here: the next step sends the request as a dry run, and the one after that sends the "
        "very same request as the restore."
    )

    def compose_body(self) -> ComposeResult:
        plan = self.wizard.plan
        with VerticalScroll(id="options", can_focus=False):
            for option in sorted(catalogue.OPTIONS, key=lambda o: o.set_by != "Options"):
                if option.set_by != "Options":
                    yield Static(self._set_elsewhere(option, plan), classes="option-fixed", markup=False)
                elif option.values:
                    yield ChoiceRow(option, plan.option(option.name), closed=self._too_new(option))
                else:
                    yield TextRow(option, plan.option(option.name))
        with VerticalScroll(id="details", can_focus=False):
            yield Static(id="details-text", markup=False)

    @staticmethod
    def _set_elsewhere(option: Option, plan: RestorePlan) -> Content:
        if option.name == "dry_run":
            value, where = (
                "true, then false",
                "Not a switch: the next step rehearses, the one after it restores.",
            )
        else:
            value, where = snapshot_words(plan.snapshot) or "–", f"Set by the step {option.set_by}."
        return Content.assemble((f"  {option.name:<{NAME_WIDTH}}", "bold"), value, (f"\n    {where}", "dim"))

    def _too_new(self, option: Option) -> str:
        server = self.session.server
        version = ServerVersion.parse(server.version if server else "")
        if version.has(option.since) is False:
            return f"Needs server {option.since}; this one is {harmless(version.text, 30)}."
        return ""

    def show(self) -> None:
        self._show_advice()

    def first_focus(self) -> Widget | None:
        return self._rows()[0]

    def _rows(self) -> list[Widget]:
        """What can have the focus, in order."""
        rows: list[Widget] = []
        for row in self.query("ChoiceRow, TextRow"):
            if isinstance(row, ChoiceRow):
                rows.append(row)
            elif isinstance(row, TextRow) and not row.field.disabled:
                rows.append(row.field)
        return rows

    # Changing

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        self._set(event.option.name, event.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        if isinstance(event.input, OptionInput) and isinstance(event.input.parent, TextRow):
            self._set(event.input.parent.option.name, event.value)

    def _set(self, name: str, value: str) -> None:
        self.session.plan = self.session.plan.choose_option(name, value)
        self._show_advice()
        self._show_details()
        self.plan_changed()

    def _show_advice(self) -> None:
        plan = self.wizard.plan
        said = advise(plan)
        for row in self.query(ChoiceRow):
            row.set_advice([a for a in said if a.option == row.option.name])
        for text in self.query(TextRow):
            option = text.option
            closed = self._too_new(option)
            if not closed and option.needs and not is_open(plan, option):
                closed = f"Opens under {option.needs[0]} = {option.needs[1]}."
            problem = next((p.text for p in plan.problems() if p.part == "options"), "")
            text.show(closed=closed, problem=problem, advice=[a for a in said if a.option == option.name])

    # Moving about

    def action_option(self, by: int) -> None:
        """Move the focus among the options; far beyond an end is that end."""
        rows = self._rows()
        here = rows.index(self.focused) if self.focused in rows else 0
        rows[min(max(here + by, 0), len(rows) - 1)].focus()
        if here + by >= len(rows):  # what is set by other steps stands below the last option
            self.query_one("#options").scroll_end(animate=False)

    def action_enter_hint(self) -> None:
        self.say("← → or Space change the option, ↑ ↓ move, Ctrl+N goes on.")

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.action_enter_hint()

    def leave_field(self) -> bool:
        if isinstance(self.focused, OptionInput):
            self.action_option(-1)
            return True
        return False

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        self._show_details()

    def _focused_option(self) -> Option | None:
        focused = self.focused
        if isinstance(focused, ChoiceRow):
            return focused.option
        if isinstance(focused, OptionInput) and isinstance(focused.parent, TextRow):
            return focused.parent.option
        return None

    def _show_details(self) -> None:
        option = self._focused_option()
        if option is not None:
            self.put(
                "#details-text",
                Content.assemble((option.name + "\n", "bold $text-accent"), self.help_for_focus()),
            )

    def help_for_focus(self) -> str:
        option = self._focused_option()
        return option_help(option, self.wizard.plan.option(option.name)) if option else ""

    def blocked(self) -> str:
        return next((problem.text for problem in self.wizard.plan.problems()), "")
