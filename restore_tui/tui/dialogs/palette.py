"""Ctrl+P and ``:``: every action that works now, with its keys. Enter runs the highlighted one."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from restore_tui.tui.actions import Action, actions_of
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.terminal.key_gate import Hold, KeyGate
from restore_tui.tui.widgets.filter_pane import FilterInput, ListPane
from restore_tui.tui.widgets.row_list import Column, RowList

PALETTE = "app.palette"
"""The ID of the binding that opens it."""
_LEFT_OUT = (PALETTE, "list.stretch")
"""What cannot be run from here: a range needs the key that it is made with."""


class ActionInput(FilterInput):
    """The filter, which keeps the focus while ↑ and ↓ move the highlight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.move(-1)", "Up", show=False, id="list.up"),
        Binding("down", "screen.move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "screen.page(-1)", "Page up", show=False, id="list.page-up"),
        Binding("pagedown", "screen.page(1)", "Page down", show=False, id="list.page-down"),
    ]


class ActionPane(ListPane[Action]):
    """The actions, with the filter always shown."""

    def __init__(self) -> None:
        super().__init__(
            (
                Column("Action", lambda action: action.description, least=20),
                Column("Keys", lambda action: action.written, 18),
            ),
            searched=lambda action: f"{action.description} {action.written}",
            key=lambda action: action.description,
            empty="Nothing can be done now.",
            id="list",
        )
        self.filter = ActionInput(placeholder="type to filter", compact=True, classes="list-filter")
        self.filter.cursor_blink = False
        self.add_class("-filtering")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter runs an action from here, too: the dialog does that."""
        event.prevent_default()


class PaletteDialog(Dialog[tuple[Action, Hold]]):
    """Returns the action that is to be run, and the hold that keeps the keys back until it has."""

    AUTO_FOCUS = ".list-filter"
    tall = True
    subject = "Menu"
    help_topics = (
        "Every action that works on the screen below, with its keys. Type a part of its name, then Enter runs it, as "
        "its key would there. A restore cannot be confirmed from here: that takes the name, typed on the confirmation."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "close", "Close", show=False, id="dialog.close-palette"),
    ]

    def __init__(self, about: Screen[Any], gate: KeyGate) -> None:
        super().__init__()
        actions = [action for action in actions_of(about) if action.binding_id not in _LEFT_OUT]
        self._actions = sorted(actions, key=lambda action: action.only_moves)
        self._gate = gate

    def compose_dialog(self) -> ComposeResult:
        yield Static("Every action that works now: Enter runs it, Esc closes.", markup=False)
        yield ActionPane()
        with Horizontal(classes="dialog-buttons"):
            yield Button("Run", id="run", compact=True, variant="primary")
            yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        for pane in self.query(ActionPane):
            pane.show(self._actions)

    @property
    def _list(self) -> RowList[Action]:
        return self.query_one(ActionPane).list

    def action_move(self, by: int) -> None:
        self._list.action_move(by)

    def action_page(self, by: int) -> None:
        self._list.action_page(by)

    def on_row_list_chosen(self) -> None:
        self.accept()

    @on(Input.Submitted)
    @on(Button.Pressed, "#run")
    def accept(self) -> None:
        """Enter, Ctrl+N, and the button."""
        self.query_one(ActionPane).end_search()
        action = self._list.item
        if action is not None and self.is_active:
            self.dismiss((action, self._gate.hold()))
