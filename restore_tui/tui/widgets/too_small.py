"""What stands in place of everything in a terminal that is too small."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from restore_tui.tui.breakpoints import SMALLEST


class TooSmall(Widget):
    """Shown by the styles, from the classes that the app's breakpoints set."""

    DEFAULT_CSS = """
    TooSmall { display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    """

    def render(self) -> Content:
        width, height = self.app.size
        return Content(
            f"This terminal is {width}×{height}.\nrestore-tui needs {SMALLEST[0]}×{SMALLEST[1]} or more.\n\n"
            "Enlarge it, or leave with Ctrl+Q."
        )
