"""What is known of the highlighted row: labels and values in two columns, the raw server fields folded away below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.css.styles import RulesMap
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Static

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import cell_width, fit
from restore_tui.tui.text_update import update_text

_GAP = 2
_MAX_LABEL = 24
"""Cells of the column of labels, at most; a longer label loses its middle."""
_MAX_LABEL_SHARE = 2
"""The column of labels takes at most one in so many cells."""
_MAX_VALUE, _MAX_KEY = 400, 60


class FactList(Visual):
    """Labels and values in two aligned columns; a value that is too long goes on below itself. Facts without a value
    are left out, and a value without a label takes the whole width."""

    def __init__(self, facts: Iterable[tuple[str, Content | str]]) -> None:
        self.facts = [
            (label, value if isinstance(value, Content) else Content(sanitize(value, _MAX_VALUE)))
            for label, value in facts
            if value
        ]

    def __str__(self) -> str:
        return "\n".join(f"{label}  {value.plain}" for label, value in self.facts)

    def lines(self, width: int) -> list[Content]:
        """The lines of both columns together, in so many cells."""
        widest = max((cell_width(label) for label, _ in self.facts), default=0)
        room = max(min(widest, _MAX_LABEL, width // _MAX_LABEL_SHARE), 1)
        lines: list[Content] = []
        for label, value in self.facts:
            indent = room + _GAP if label else 0
            for at, line in enumerate(value.wrap(max(width - indent, 1))):
                shown = fit(label, room) + " " * _GAP if label and not at else " " * indent
                lines.append(Content.assemble((shown, "dim"), line))
        return lines

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return Content("\n").join(self.lines(width)).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        return len(self.lines(width))


class RawLine(Static):
    """Tells of the raw fields; a click shows or hides them."""

    class Clicked(Message):
        """It was clicked."""

    def on_click(self) -> None:
        self.post_message(self.Clicked())


class Details(VerticalScroll):
    """A pane that scrolls. Enter, Space or a click on their line shows or hides the raw server fields."""

    BORDER_TITLE = "Details"
    DEFAULT_CSS = """
    Details > Static { height: auto; }
    Details > #raw-fields { display: none; }
    Details.-unfolded > #raw-fields { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space", "toggle_raw", "Show or hide the raw server fields", show=False, id="details.raw"
        ),
    ]

    def __init__(self, *, id: str = "details") -> None:
        super().__init__(id=id)
        self._raw: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        yield Static(id="details-text", markup=False)
        yield RawLine(id="raw-line", markup=False)
        yield Static(id="raw-fields", markup=False)
        yield Static(id="info", markup=False)

    def show(self, facts: FactList, raw: Mapping[str, str]) -> None:
        """Facts in our words; ``raw`` is every key that the server sent, under its own name."""
        self.query_one("#details-text", Static).update(facts)
        self._raw = raw
        fields = FactList((sanitize(key, _MAX_KEY), value) for key, value in raw.items())
        self.query_one("#raw-fields", Static).update(fields)
        self._show_raw_line()

    def _show_raw_line(self) -> None:
        line = self.query_one("#raw-line", Static)
        line.display = bool(self._raw)
        sign = "▾" if self.has_class("-unfolded") else "▸"
        verb = "hides" if self.has_class("-unfolded") else "shows"
        hint = f"  Enter {verb} them" if self.has_focus else ""
        update_text(line, Content.styled(f"{sign} Raw server fields ({len(self._raw):,}){hint}", "dim"))

    def action_toggle_raw(self) -> None:
        if self._raw:
            self.toggle_class("-unfolded")
            self._show_raw_line()
            line = self.query_one("#raw-line")
            self.call_after_refresh(
                self.scroll_to_widget, line, animate=False, top=self.has_class("-unfolded")
            )

    def is_key_available(self, binding: str) -> bool:
        """Whether F1 tells of a key."""
        return binding != "details.raw" or bool(self._raw)

    def on_focus(self) -> None:
        self._show_raw_line()

    def on_blur(self) -> None:
        self._show_raw_line()

    def on_raw_line_clicked(self) -> None:
        self.action_toggle_raw()
