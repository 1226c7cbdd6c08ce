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
from textual.widget import Widget
from textual.widgets import Input, Static

from restore_tui.kinetica.catalogue import Option
from restore_tui.restore.advice import Advice
from restore_tui.tui.put import put

NAME_WIDTH = 27
_Part = Content | str | tuple[str, str]


def _name(option: Option, *, changed: bool) -> list[_Part]:
    mark = "• " if changed else "  "
    return [(mark, "$text-warning"), (f"{option.name:<{NAME_WIDTH}}", "bold")]


def _below(summary: str, advice: Sequence[Advice]) -> list[_Part]:
    parts: list[_Part] = [("\n    " + summary, "dim")]
    for item in advice:
        style = "$text-error bold" if item.danger else "$text-warning"
        parts.append(("\n    ! " + item.text, style))
    return parts


class ChoiceRow(Widget, can_focus=True):
    """An option with a few values. ← → and Space change it; ``closed`` says why it can't be changed."""

    DEFAULT_CSS = """
    ChoiceRow { height: auto; padding: 0 1; }
    ChoiceRow:focus { background: $surface-lighten-2; }
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

    def __init__(self, option: Option, value: str, *, closed: str = "") -> None:
        super().__init__(id=f"option-{option.name}")
        self.option = option
        self.value = value
        self.closed = closed
        self.advice: Sequence[Advice] = ()
        self._starts: list[int] = []

    def set_advice(self, advice: Sequence[Advice]) -> None:
        if list(advice) != list(self.advice):
            self.advice = advice
            self.refresh(layout=True)

    def render(self) -> Content:
        option = self.option
        parts = _name(option, changed=self.value != option.default)
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
        return Content.assemble(*parts, *_below(self.closed or option.summary, self.advice))

    def _choose(self, index: int) -> None:
        values = self.option.values
        if self.closed or not 0 <= index < len(values) or values[index].name == self.value:
            return
        self.value = values[index].name
        self.refresh()
        self.post_message(self.Changed(self.option, self.value))

    @property
    def _index(self) -> int:
        return next(i for i, value in enumerate(self.option.values) if value.name == self.value)

    def action_step(self, by: int) -> None:
        self._choose(self._index + by)

    def action_cycle(self) -> None:
        self._choose((self._index + 1) % len(self.option.values))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y:
            return
        for index, start in enumerate(self._starts):
            if start <= offset.x < start + len(self.option.values[index].name) + 3:
                self._choose(index)


class OptionInput(Input):
    """The text of an option; ↑ and ↓ leave it for the options around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.option(-1)", "Option above", show=False, id="option.text-up"),
        Binding("down", "screen.option(1)", "Option below", show=False, id="option.text-down"),
    ]


class TextRow(Vertical):
    """An option that is free text. It is closed where another choice makes the server ignore it."""

    DEFAULT_CSS = """
    TextRow { height: auto; padding: 0 1; }
    TextRow:focus-within { background: $surface-lighten-2; }
    TextRow OptionInput { margin-left: 4; width: 44; max-width: 1fr; }
    TextRow OptionInput:disabled { opacity: 60%; }
    """

    def __init__(self, option: Option, value: str) -> None:
        super().__init__(id=f"option-{option.name}")
        self.option = option
        self._value = value

    def compose(self) -> ComposeResult:
        yield Static(classes="option-head", markup=False)
        yield OptionInput(self._value, compact=True, id=f"text-{self.option.name}", select_on_focus=False)
        yield Static(classes="option-foot", markup=False)

    @property
    def field(self) -> OptionInput:
        return self.query_one(OptionInput)

    def show(self, *, closed: str, problem: str, advice: Sequence[Advice]) -> None:
        """``closed`` and ``problem`` are sentences, or empty."""
        self.field.disabled = bool(closed)
        self.field.display = not closed
        changed = self.field.value != self.option.default
        state = "" if not closed else "closed"
        put(
            self.query_one(".option-head", Static),
            Content.assemble(*_name(self.option, changed=changed), (state, "dim")),
        )
        parts = _below(closed or self.option.summary, advice)
        if problem:
            parts.append(("\n    ✗ " + problem, "$text-error bold"))
        foot = Content.assemble(*parts)
        put(self.query_one(".option-foot", Static), foot[1:])  # without its leading line break
