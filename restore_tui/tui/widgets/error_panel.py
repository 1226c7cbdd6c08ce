"""An error, in the order that one needs it: what happened, what it means, what to do, the server's words."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, Remedy
from restore_tui.kinetica.sanitize import sanitize_block
from restore_tui.tui.text_update import TextPart

_KEYS = {
    Remedy.NONE: "",
    Remedy.RETRY: " F5 tries again.",
    Remedy.CHANGE_MODE: " w changes the mode, F5 runs it again.",
}
"""What an error can be met with → the keys that do it, behind the hint."""


def error_text(error: KineticaError, *, title: str = "", before_words: Content | None = None) -> Content:
    """The four parts, as lines; ``before_words`` stands above the server's words, which may be long."""
    unknown = isinstance(error, OutcomeUnknown)  # ✗ is the sign of a failure
    parts: list[TextPart] = [
        (
            f"{'?' if unknown else '✗'} {title or error.title}",
            f"bold $text-{'warning' if unknown else 'error'}",
        ),
        f"\n{error.what}\n{error.impact}\n",
        (f"→ {error.hint}{_KEYS[error.remedy]}", "bold"),
    ]
    if before_words is not None:
        parts += ["\n\n", before_words]
    if error.server_message:
        parts += [(f"\n\n{error.message_label}:\n", "dim"), sanitize_block(error.server_message)]
    return Content.assemble(*parts)


class ErrorPanel(VerticalScroll, can_focus=True):
    """Hidden until there is an error to show. It scrolls: a server's words can be long."""

    DEFAULT_CSS = """
    ErrorPanel { display: none; height: auto; padding: 0 1; border: heavy $error; scrollbar-size-vertical: 1; }
    ErrorPanel > Static { height: auto; }
    ErrorPanel.-shown { display: block; }
    """

    _text = Content("")

    def compose(self) -> ComposeResult:
        yield Static(self._text, markup=False)

    def show(self, error: KineticaError, *, title: str = "", before_words: Content | None = None) -> None:
        self._text = error_text(error, title=title, before_words=before_words)
        for text in self.query(Static):  # none yet in a panel that was made just now
            text.update(self._text)
        self.add_class("-shown")

    def hide(self) -> None:
        self.remove_class("-shown")
