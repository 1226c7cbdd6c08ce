"""All steps, and which of them shows. A click on a passed one goes back to it."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

TITLES_FROM_WIDTH = 70


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
        parts: list[tuple[str, str]] = []
        for index, text in self._parts():
            if index is None:
                style = "" if text.strip()[:1].isdigit() else "dim"
            elif index == self._current and not self._is_short:
                style = "bold reverse $text-accent"
            elif index == self._current or index > self._current:
                style = "dim"
            else:
                style = "dim" if self._is_short else "$text-success"
            parts.append(
                (text, style + (" underline" if index is not None and index == self.hovered else ""))
            )
        if self._is_short:
            parts[0] = (parts[0][0], "bold reverse $text-accent")
        return Content.assemble(*parts)

    @property
    def _is_short(self) -> bool:
        return self.size.width < TITLES_FROM_WIDTH

    def _parts(self) -> list[tuple[int | None, str]]:
        """What stands on the line, and the step that each part stands for; None for what is between them."""
        count, current = len(self._titles), self._current
        parts: list[tuple[int | None, str]] = []
        if self._is_short:
            parts += [(None, f" {self._titles[current]} "), (None, f"  {current + 1} of {count}  ")]
            return parts + [(i, "●" if i < current else "◉" if i == current else "○") for i in range(count)]
        for index, title in enumerate(self._titles):
            parts += [(None, "›")] if index else []
            parts.append((index, f" {title} " if index == current else title))
        return parts

    def _at(self, event: events.MouseEvent) -> int | None:
        """The number of the passed step that is drawn there."""
        place = event.get_content_offset(self)
        if place is None or not self._goes_back:
            return None
        end = 0
        for index, text in self._parts():
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
