"""All steps, and which of them shows. A click on a passed one goes back to it."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

TITLES_FROM_WIDTH = 70

_HERE = "bold reverse $text-accent"


class Stepper(Widget):
    """All titles with the current one marked; in a narrow terminal its number, its title and dots. With ``goes_back``
    passed steps take clicks."""

    DEFAULT_CSS = """
    Stepper { height: 1; width: 1fr; background: $panel; padding: 0 1; }
    """

    hovered: reactive[int | None] = reactive(None, init=False)

    class Clicked(Message):
        """The passed step with this number was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, titles: tuple[str, ...], current: int, *, goes_back: bool) -> None:
        super().__init__()
        self._titles = titles
        self._current = current
        self._goes_back = goes_back

    def render(self) -> Content:
        return Content.assemble(
            *(
                (text, f"{style} underline" if index is not None and index == self.hovered else style)
                for index, text, style in self._parts()
            )
        )

    def _parts(self) -> list[tuple[int | None, str, str]]:
        """What stands on the line: the step that each part stands for, None for what is between them; text; style."""
        count, current = len(self._titles), self._current
        if self.size.width < TITLES_FROM_WIDTH:
            dots = "●" * current + "◉" + "○" * (count - current - 1)
            return [
                (None, f" {self._titles[current]} ", _HERE),
                (None, f"  {current + 1} of {count}  ", ""),
                *((index, dot, "dim") for index, dot in enumerate(dots)),
            ]
        parts: list[tuple[int | None, str, str]] = []
        for index, title in enumerate(self._titles):
            parts += [(None, "›", "dim")] if index else []
            style = "$text-success" if index < current else "dim"
            parts.append((index, f" {title} ", _HERE) if index == current else (index, title, style))
        return parts

    def _at(self, event: events.MouseEvent) -> int | None:
        """The number of the passed step that is drawn there."""
        place = event.get_content_offset(self)
        if place is None or not self._goes_back:
            return None
        end = 0
        for index, text, _ in self._parts():
            end += Content(text).cell_length
            if place.x < end:
                return index if index is not None and index < self._current else None
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.hovered = self._at(event)

    def on_leave(self) -> None:
        self.hovered = None

    def on_click(self, event: events.Click) -> None:
        index = self._at(event)
        if index is not None:
            self.post_message(self.Clicked(index))
