"""A step with a list: the filter, the details of the highlighted row, and the ways between them."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.widgets.details import Details
from restore_tui.tui.widgets.filter_pane import FilterInput, FilterPane, ListPane

Item = TypeVar("Item")


class FilterableStep(StepScreen):
    """Composes a ``FilterPane`` with the id ``list``, and where there is something to tell ``compose_details``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="list.filter-anywhere"),
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
        self.notify_user("Everything is shown." if was_restricted else "The filter is cleared.")

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
