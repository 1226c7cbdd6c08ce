"""One option of ``/restore/backup``: its values side by side with the default marked, one line of help below,
and what should be said about the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from restore_tui.kinetica.reference import Option, PlanWarning
from restore_tui.tui.text_update import TextPart, update_text
from restore_tui.tui.widgets.line_input import LineInput

NAME_WIDTH = 27


def name_parts(option: Option, *, changed: bool) -> list[TextPart]:
    """The beginning of an option's first line."""
    mark = "• " if changed else "  "
    return [(mark, "$text-warning"), (f"{option.name:<{NAME_WIDTH}}", "bold")]


def warning_text(warning: PlanWarning) -> Content:
    """One warning, with its mark."""
    return Content.styled(f"! {warning.text}", "$text-error bold" if warning.destructive else "$text-warning")


def below(option: Option, said: str, warnings: Sequence[PlanWarning], problem: str) -> Content:
    """What stands below an option: its summary or why it is closed, values that are never sent, warnings, and what
    keeps it from being sent."""
    beyond = " Not in the 7.2.3.14 API reference." if option.undocumented else ""
    parts: list[TextPart] = [(f"{said}{beyond}", "dim")]
    if option.explanation.never_sent:
        names = ", ".join(value.name for value in option.explanation.never_sent)
        parts.append((f"\nNot available: {names} (F1 explains).", "dim"))
    for warning in warnings:
        parts += ["\n", warning_text(warning)]
    if problem:
        parts.append(("\n✗ " + problem, "$text-error bold"))
    return Content.assemble(*parts)


class ChoiceRow(Vertical, can_focus=True):
    """An option with a few values. ← → and Space change it; ``closed`` says why it can't be changed. What was chosen
    at another server can still be set back to the default."""

    DEFAULT_CSS = """
    ChoiceRow { height: auto; padding-right: 1; border-left: blank; }
    ChoiceRow:focus { background: $surface-lighten-2; border-left: thick $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Value before", show=False, id="option.before"),
        Binding("right", "step(1)", "Next value", show=False, id="option.after"),
        Binding("space", "cycle", "Change", show=False, id="option.cycle"),
        Binding("up", "screen.option(-1)", "Option above", show=False, id="option.up"),
        Binding("down", "screen.option(1)", "Option below", show=False, id="option.down"),
        Binding("home,pageup", "screen.option(-99)", "First option", show=False, id="option.first"),
        Binding("end,pagedown", "screen.option(99)", "Last option", show=False, id="option.last"),
        Binding("enter", "screen.enter_hint", "Hint", show=False, id="option.enter"),
    ]

    class Changed(Message):
        """Another value is chosen."""

        def __init__(self, option: Option, value: str) -> None:
            super().__init__()
            self.option = option
            self.value = value

    def __init__(self, option: Option, value: str) -> None:
        super().__init__(id=f"option-{option.name}")
        self.option = option
        self.value = value
        self.closed = ""
        self._starts: list[int] = []

    def compose(self) -> ComposeResult:
        yield Static(classes="option-head", markup=False)
        yield Static(classes="option-foot", markup=False)

    def on_resize(self) -> None:
        self._show_values()

    def show(self, *, closed: str, problem: str, warnings: Sequence[PlanWarning]) -> None:
        """``closed`` and ``problem`` are sentences, or empty."""
        self.closed = closed
        self._show_values()
        said = below(self.option, closed or self.option.summary, warnings, problem)
        update_text(self.query_one(".option-foot", Static), said)

    def _show_values(self) -> None:
        option = self.option
        parts = name_parts(option, changed=self.value != option.default)
        column = NAME_WIDTH + 2
        values = sum(len(value.name) + 4 for value in option.values)
        gap = "  " if column + values < self.size.width else " "
        self._starts = []
        for value in option.values:
            here = value.name == self.value
            text = f"{'●' if here else '○'} {value.name}{'*' if value.name == option.default else ''}"
            self._starts.append(column)
            parts += [(text, "bold $text-accent" if here else "dim" if self.closed else ""), gap]
            column += len(text) + len(gap)
        update_text(self.query_one(".option-head", Static), Content.assemble(*parts))

    def _choose(self, index: int) -> None:
        values = self.option.values
        if self.closed and self.value != self.option.default:
            index = next(i for i, value in enumerate(values) if value.name == self.option.default)
        elif self.closed:
            return
        if not 0 <= index < len(values) or values[index].name == self.value:
            return
        self.value = values[index].name
        self._show_values()
        self.post_message(self.Changed(self.option, self.value))

    @property
    def _index(self) -> int:
        return next(i for i, value in enumerate(self.option.values) if value.name == self.value)

    def action_step(self, by: int) -> None:
        self._choose(self._index + by)

    def action_cycle(self) -> None:
        self._choose((self._index + 1) % len(self.option.values))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self.query_one(".option-head"))
        if offset is None:
            return
        for index, start in enumerate(self._starts):
            if start <= offset.x < start + len(self.option.values[index].name) + 3:
                self._choose(index)


class OptionInput(LineInput):
    """A text of an option; ↑ and ↓ leave it for the options around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.option(-1)", "Option above", show=False, id="option.text-up"),
        Binding("down", "screen.option(1)", "Option below", show=False, id="option.text-down"),
    ]

    class Hint(Message):
        """Something to be said to whoever types."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self, option: Option, value: str, *, id: str, placeholder: str = "", restrict: str | None = None
    ) -> None:
        super().__init__(
            value, compact=True, id=id, select_on_focus=False, placeholder=placeholder, restrict=restrict
        )
        self.option = option

    def hint(self, text: str) -> None:
        self.post_message(self.Hint(text))


class TextRow(Vertical):
    """An option that is free text. It is closed where another choice makes the server ignore it."""

    DEFAULT_CSS = """
    TextRow { height: auto; padding-right: 1; border-left: blank; }
    TextRow:focus-within { background: $surface-lighten-2; border-left: thick $accent; }
    TextRow OptionInput { margin-left: 4; width: 44; max-width: 1fr; }
    TextRow OptionInput:disabled { opacity: 60%; }
    """

    def __init__(self, option: Option, value: str) -> None:
        super().__init__(id=f"option-{option.name}")
        self.option = option
        self._value = value

    def compose(self) -> ComposeResult:
        yield Static(classes="option-head", markup=False)
        yield OptionInput(self.option, self._value, id=f"text-{self.option.name}")
        yield Static(classes="option-foot", markup=False)

    @property
    def field(self) -> OptionInput:
        return self.query_one(OptionInput)

    def show(self, *, closed: str, problem: str, warnings: Sequence[PlanWarning]) -> None:
        """``closed`` and ``problem`` are sentences, or empty."""
        self.field.disabled = bool(closed)
        self.field.display = not closed
        changed = self.field.value != self.option.default
        state = "" if not closed else "not available"
        update_text(
            self.query_one(".option-head", Static),
            Content.assemble(*name_parts(self.option, changed=changed), (state, "dim")),
        )
        said = below(self.option, closed or self.option.summary, warnings, problem)
        update_text(self.query_one(".option-foot", Static), said)
