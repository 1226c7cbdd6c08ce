"""Names that the server does not list, or a list of names from somewhere else: typed or pasted."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static, TextArea

from restore_tui.kinetica import reference
from restore_tui.kinetica.identifiers import problem_of
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.picker.name_list import NameListModel
from restore_tui.picker.typed_names import TypedNames, named
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.terminal.chunked_worker import ChunkedWorker
from restore_tui.tui.text_update import update_text

_SHOWN_PROBLEMS = 3
_TURN = 4_000


class TypeNamesDialog(Dialog[TypedNames]):
    """Returns the names, or None where it was closed. Names that break the rules keep it open.

    ``listed`` are those that the server lists: which of the typed ones are none of them is said before a tick is set.
    """

    AUTO_FOCUS = "#names"
    subject = "Type names"
    help_topics = (
        "For names that the server does not list, and for lists from elsewhere: a file, a ticket, a query. One per "
        "line, or separated by commas. Which of them the server lists, and which break its rules, is shown below.\n\n"
        "Add takes all of them; Select listed only leaves the others out. A name that is not listed is sent "
        "as it is: the dry run shows whether the server accepts it."
    )

    def __init__(self, kind: str, listed: NameListModel) -> None:
        super().__init__()
        self._kind = reference.object_type(kind)
        self._listed = listed
        self._checking: ChunkedWorker[TypedNames] = ChunkedWorker(self, _TURN, self._checked)
        self._typed = TypedNames("", listed, self._problem)

    tall = True

    def compose_dialog(self) -> ComposeResult:
        what = (
            "schema names"
            if self._kind.name == "all"
            else f"names of the type {sanitize(self._kind.name, 60)}"
        )
        form = ", written schema.name" if self._kind.in_schema else ""
        yield Static(f"Type or paste {what}{form}: one per line, or separated by commas.", markup=False)
        names = TextArea(id="names", tab_behavior="focus", compact=True, soft_wrap=False)
        names.cursor_blink = False
        yield names
        yield Static(id="problems", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel", compact=True)
            yield Button("Select listed only", id="only-listed", compact=True)
            yield Button("Add", id="add", compact=True, variant="primary")

    def on_mount(self) -> None:
        if self.query("#problems"):  # else it was taken down while it opened
            self._check()

    def on_text_area_changed(self, _event: TextArea.Changed) -> None:
        self._check()

    def _check(self) -> None:
        text = self.query_one("#names", TextArea).text
        self._checking.start(TypedNames(text, self._listed, self._problem))

    def _problem(self, name: str) -> str | None:
        kind = self._kind
        return problem_of(kind.name, name, in_schema=kind.in_schema is not False, free=kind.free_names)

    def _checked(self, typed: TypedNames) -> None:
        self._typed = typed
        problems = typed.problems
        lines = [f"✗ {sanitize(name, 40)}: {problem}" for name, problem in problems[:_SHOWN_PROBLEMS]]
        if len(problems) > _SHOWN_PROBLEMS:
            lines.append(f"… and {formatting.pluralize(len(problems) - _SHOWN_PROBLEMS, 'other name')}.")
        if not lines:
            lines.append(f"{formatting.pluralize(len(typed.names), 'name')}. Ctrl+N adds, Esc cancels.")
        if typed.listed and typed.unlisted:
            lines.append(f"{typed.listed:,} listed by the server; {named(typed.unlisted)} not.")
        elif typed.names and not typed.problems:
            lines.append(
                "Listed by the server."
                if typed.listed
                else "Not in the server's list: the dry run shows whether it accepts the name."
            )
        update_text(self.query_one("#problems", Static), "\n".join(lines))
        self.query_one("#add", Button).disabled = not self._good
        self.query_one("#only-listed").display = bool(typed.listed and typed.unlisted)

    @property
    def _good(self) -> bool:
        return bool(self._typed.names) and not self._typed.problems

    def help_here(self) -> str:
        return f"{sanitize(self._kind.name, 60)}: {self._kind.text()}"

    @property
    def unsaved(self) -> str:
        return "the names typed here" if self._typed.names or self._typed.problems else ""

    @on(Button.Pressed, "#add")
    def accept(self) -> None:
        self._checking.end()
        if self._good:
            self.dismiss(self._typed)

    @on(Button.Pressed, "#only-listed")
    def accept_listed(self) -> None:
        self._checking.end()
        if self._typed.listed:
            self.dismiss(self._typed.only_listed())
