"""All steps, and which of them shows."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

TITLES_FROM_WIDTH = 70


class Stepper(Widget):
    """All titles with the current one marked; in a narrow terminal its number, its title and dots."""

    DEFAULT_CSS = """
    Stepper { height: 1; width: 1fr; background: $panel; padding: 0 1; }
    """

    def __init__(self, titles: tuple[str, ...], current: int) -> None:
        super().__init__()
        self._titles = titles
        self._current = current

    def render(self) -> Content:
        if self.size.width < TITLES_FROM_WIDTH:
            return self._short()
        parts: list[Content | tuple[str, str]] = []
        for index, title in enumerate(self._titles):
            if index:
                parts.append(("›", "dim"))
            if index == self._current:
                parts.append((f" {title} ", "bold reverse $text-accent"))
            else:
                parts.append((title, "$text-success" if index < self._current else "dim"))
        return Content.assemble(*parts)

    def _short(self) -> Content:
        dots = "●" * self._current + "◉" + "○" * (len(self._titles) - self._current - 1)
        return Content.assemble(
            (f" {self._titles[self._current]} ", "bold reverse $text-accent"),
            f"  {self._current + 1} of {len(self._titles)}  ",
            (dots, "dim"),
        )
