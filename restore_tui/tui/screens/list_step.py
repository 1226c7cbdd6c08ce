"""A step with a list: the filter, the details of the highlighted row, and the ways between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.scalar import Unit
from textual.widget import Widget
from textual.widgets import Static

from restore_tui.tui.folding import FILTER_ROWS, LEAST_ROWS, LIST_HEADER, Note
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.text_update import update_or_hide
from restore_tui.tui.widgets.details import Details
from restore_tui.tui.widgets.filter_pane import FilterInput, FilterPane, ListPane

Item = TypeVar("Item")


class FilterableStep(StepScreen):
    """Composes a ``FilterPane`` with the id ``list``, and where there is something to tell ``compose_details``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="list.filter"),
        Binding("right", "focus_details", "To the next pane", show=False, id="list.to-details"),
        Binding("left", "focus_list", "To the list", show=False, id="list.to-list"),
        Binding("escape", "clear_filter", "Clear", id="list.clear-filter"),
        Binding("escape", "step_back", "Back", id="step.back"),
    ]

    title_pane = "#list"

    def compose_details(self) -> ComposeResult:
        """A pane for the highlighted row; it scrolls, and Tab and → reach it."""
        yield Details()

    @property
    def filter_pane(self) -> FilterPane[Any]:
        return self.query_one("#list", FilterPane)

    def first_focus(self) -> Widget | None:
        return self.filter_pane.list

    # Room for the list

    def show_notes(self, selector: str, notes: Mapping[str, str], rows: int) -> None:
        """Sentences about the whole list, each with a short form; they fold where its rows need the room."""
        each = [Note(Content(text), short, rank=0, style="$text-warning") for short, text in notes.items()]
        update_or_hide(self.query_one(selector, Static), self.fold_notes(each, rows))

    def rows_to_spare(self, *, details: bool = True) -> int:
        """Rows of the body that the list and, with ``details``, the pane below it leave to what is said above them."""
        pane = self.filter_pane
        taken = pane.styles.gutter.height + LIST_HEADER + LEAST_ROWS
        taken += FILTER_ROWS if pane.shows_filter else 0
        return self.body_height - taken - (self._details_height if details else 0)

    @property
    def _details_height(self) -> int:
        """Rows that the details take at most; none where they stand beside the list."""
        details = self.query_one_optional("#details")
        is_beside = self.has_class("-wide") and not self.has_class("-request")
        if details is None or is_beside or not (details.display or self.has_class("-no-details")):
            return 0
        for most in (details.styles.max_height, details.styles.height):
            if most is not None and most.unit is Unit.CELLS:
                return int(most.value)
            if most is not None and most.unit is Unit.PERCENT:
                return math.ceil(self.body_height * most.value / 100)
        return 0

    @property
    def height_of_totals(self) -> int:
        """Rows of the totals of a response, which stand above its objects."""
        totals = self.query_one("#answer-totals", Static)
        return str(totals.content).count("\n") + 1 + totals.styles.gutter.height

    def on_filter_pane_toggled(self) -> None:
        self.fit_notes()

    def is_key_available(self, binding: str) -> bool:
        if binding in ("list.to-details", "list.to-list"):
            return bool(self._panes())
        return super().is_key_available(binding)

    def leave_field(self) -> bool:
        if isinstance(self.focused, FilterInput):
            self.filter_pane.leave_filter(clear=True)
            return True
        return super().leave_field()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The first Esc clears a filter, from wherever the focus is; only the next one leaves the step."""
        if action == "clear_filter":
            return self._clears_filter
        return super().check_action(action, parameters)

    @property
    def _clears_filter(self) -> bool:
        pane = self.query_one_optional("#list", FilterPane)
        is_typing = isinstance(self.focused, FilterInput)
        if not self.loaded or pane is None or is_typing or self.in_request:
            return False
        return bool(pane.filter.value) or pane.is_restricted

    def action_clear_filter(self) -> None:
        pane = self.filter_pane
        was_restricted = pane.is_restricted
        pane.end_restriction()
        pane.clear_filter()
        self.notify_user(
            "Everything is shown." if was_restricted else "The filter is cleared.", until_key=True
        )

    def action_filter(self) -> None:
        if self.loaded:
            self.filter_pane.action_filter()

    def action_leave_filter(self) -> None:
        self.filter_pane.leave_filter(clear=False)

    def action_focus_details(self) -> None:
        panes = self._panes()
        after = panes.index(self.focused) + 1 if self.focused in panes else 0
        for pane in panes[after : after + 1]:
            pane.focus()

    def _panes(self) -> list[Widget]:
        """What → goes to from the list: the details, then the request."""
        return [pane for pane in self.query("#details, #request-view") if pane.focusable]

    def action_focus_list(self) -> None:
        self.filter_pane.list.focus()


class ListStep(FilterableStep, Generic[Item]):
    """Its list is a ``ListPane``."""

    @property
    def pane(self) -> ListPane[Item]:
        pane: ListPane[Any] = self.query_one("#list", ListPane)
        return pane
