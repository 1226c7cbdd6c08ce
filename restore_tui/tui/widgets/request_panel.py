"""What F2 shows: the request in one of four languages."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Static

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.terminal.key_gate import ALWAYS_CLICKABLE
from restore_tui.tui.text_update import relabel, update_or_hide

if TYPE_CHECKING:
    from restore_tui.restore.export import ConnectionInfo, Language, Snippet
    from restore_tui.restore.plan.plan import RestorePlan

_LANGUAGES: tuple[tuple[Language, str], ...] = (
    ("json", "JSON"),
    ("curl", "curl"),
    ("python", "Python"),
    ("sql", "SQL"),
)
_LINES, _WIDTH = 100, 160
"""How much of a text is shown. It bounds what is laid out."""
_COLOURED = 10_000
"""Characters up to which it is coloured: a name that is made for it costs a lexer 20 µs a character."""
_AT_ONCE = 3_000
"""Names up to which a text is written at once; for more of them off the event loop."""
# By token types, which are tuples. What a lexer does not know is no error here: it may be the line that says how much
# is left out.
_COLOURS = {
    ("Comment",): "$text 60%",
    ("Keyword",): "$text-accent",
    ("Literal", "Number"): "$text-warning",
    ("Literal", "String"): "$text-success",
    ("Name", "Builtin"): "$text-accent",
    ("Name", "Tag"): "$text-primary",
    ("Name", "Variable"): "$text-secondary",
    ("Operator",): "bold",
}
_WRITING = "Being written …"


@lru_cache(maxsize=16)
def coloured(text: str, syntax: str) -> Content:
    """``text`` with its syntax coloured, letter for letter; once for each text."""
    if len(text) > _COLOURED:
        return Content(text)
    from textual.highlight import HighlightTheme, highlight  # loads pygments, which F2 alone needs

    theme = type("Quiet", (HighlightTheme,), {"STYLES": _COLOURS})
    return highlight(text, language=syntax, theme=theme)


def _write(language: Language, plan: RestorePlan, access: ConnectionInfo, dry_run: bool) -> Snippet:
    from restore_tui.restore.export import snippet

    return snippet(language, plan, access, dry_run=dry_run)


class LanguageChoice(Widget, can_focus=True):
    """The four languages on a line. ← →, Enter, Space and a click choose."""

    DEFAULT_CSS = """
    LanguageChoice { height: 1; width: 30; }
    LanguageChoice:focus { background: $surface-lighten-2; }
    LanguageChoice:focus:nocolor, .-ascii LanguageChoice:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Language before", show=False, id="request.before"),
        Binding("right", "step(1)", "Next language", show=False, id="request.after"),
        Binding("enter,space", "screen.next_language", "Next language", show=False, id="request.next"),
    ]

    language: reactive[Language] = reactive("json", init=False)

    class Changed(Message):
        """Another language is wanted."""

        def __init__(self, language: Language) -> None:
            super().__init__()
            self.language = language

    def render(self) -> Content:
        parts: list[str | tuple[str, str]] = []
        for language, title in _LANGUAGES:
            here = language == self.language
            parts += [(f"{'●' if here else '○'} {title}", "bold $text-accent" if here else ""), " "]
        return Content.assemble(*parts)

    def action_step(self, by: int) -> None:
        index = [language for language, _ in _LANGUAGES].index(self.language) + by
        if 0 <= index < len(_LANGUAGES):
            self.post_message(self.Changed(_LANGUAGES[index][0]))

    def on_click(self, event: events.Click) -> None:
        end = 0
        for language, title in _LANGUAGES:
            end += len(title) + 3
            if event.x < end:
                self.post_message(self.Changed(language))
                return


def language_after(language: Language) -> Language:
    """The next one; after the last, the first."""
    order = [each for each, _ in _LANGUAGES]
    return order[(order.index(language) + 1) % len(order)]


class RequestText(VerticalScroll, can_focus=True):
    """It scrolls, and Tab reaches it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.leave_request", "Leave the request", show=False, id="request.leave"),
    ]


class RequestPanel(Vertical):
    """The request of a plan as text; its border says whether it is the dry run's or the restore's.

    ``written`` is the whole text, None while it is being written.
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.written: Snippet | None = None
        self._wanted: tuple[Language, RestorePlan, ConnectionInfo, bool] | None = None
        self._writing = False
        self._whose = self._keys = ""
        self._other = ""
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        with Container(id="request-head"):
            yield LanguageChoice(id="request-language", classes=ALWAYS_CLICKABLE)
            with Horizontal(id="request-buttons"):
                yield Button("Copy", id="request-copy", compact=True)
                yield Button("Save", id="request-save", compact=True)
                yield Button(id="request-which", compact=True)
        yield Static(id="request-left-out", markup=False)
        with RequestText(id="request-view"):
            yield Static(id="request-text", markup=False)
            yield Static(id="request-notes", markup=False)

    def on_mount(self) -> None:
        self._draw()

    def show_keys(self, keys: str) -> None:
        """Name in the title the keys that work now, with the focus where it is."""
        self._keys = keys
        self.border_title = f"{self._whose}  {keys}"

    def show(
        self, language: Language, plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool, other: bool
    ) -> None:
        """Write and draw it, unless it stands there already; ``other`` offers the restore's besides the dry run's."""
        whose = "The dry run's request" if dry_run else "! The restore's request"
        self._whose = whose
        self.show_keys(self._keys)
        self.set_class(not dry_run, "-real")
        self._other = ("The restore's" if dry_run else "The dry run's") if other else ""
        wanted = (language, plan, access, dry_run)
        if wanted != self._wanted:
            if self._wanted is not None and (language, dry_run) != (self._wanted[0], self._wanted[3]):
                self.query_one(RequestText).scroll_home(animate=False)
            self._wanted = wanted
            self.written = None
            if plan.objects.count <= _AT_ONCE:
                self.written = _write(*wanted)
            elif not self._writing:
                self._writing = True
                self.run_worker(self._write_aside())
        self._draw()

    async def _write_aside(self) -> None:
        """One text after the other, until it is the one that is wanted now."""
        try:
            while self.written is None and (wanted := self._wanted) is not None:
                written = await asyncio.to_thread(_write, *wanted)
                if wanted == self._wanted:
                    self.written = written
        finally:
            self._writing = False
        self._draw()

    def _draw(self) -> None:
        if self._wanted is None or not (self.query("#request-text") and self.query("#request-which")):
            return  # it is just being made, or taken down
        drawn = (self._wanted, self.written, self._other)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        from restore_tui.restore.export import preview

        self.query_one(LanguageChoice).language = self._wanted[0]
        which = self.query_one("#request-which", Button)
        which.display = bool(self._other)
        relabel(which, self._other)
        written = self.written
        if written is None:
            self._show_text("#request-left-out", _WRITING)
            return
        shown = preview(written.text, lines=_LINES, width=_WIDTH)
        self._show_text("#request-left-out", shown.left_out)
        if self._show_text("#request-text", coloured(shown.text, written.syntax)):
            self.query_one(RequestText).refresh(layout=True)
        in_text = written.language != "json"  # which has no comments
        self._show_text(
            "#request-notes", "" if in_text else "\n".join(sanitize(note) for note in written.notes)
        )

    def _show_text(self, selector: str, content: Content | str) -> bool:
        return update_or_hide(self.query_one(selector, Static), content)
