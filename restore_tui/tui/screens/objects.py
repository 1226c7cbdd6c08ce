"""Objects: which types, and which names of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Static

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.backups import BackedUpObject, Contents
from restore_tui.kinetica.names import schema_of
from restore_tui.kinetica.text import harmless
from restore_tui.kinetica.version import ServerVersion
from restore_tui.restore.ledger import totals
from restore_tui.restore.plan import Selection
from restore_tui.tui import format
from restore_tui.tui.screens.list_step import ListStep
from restore_tui.tui.screens.type_names import TypeNamesScreen
from restore_tui.tui.widgets.list_pane import ListPane
from restore_tui.tui.widgets.row_list import Column, RowList

_SHOWN_UNREAD = 3


@dataclass(frozen=True)
class TypeRow:
    """An object type, and how many names of it there are to tick."""

    kind: str
    listed: int


class ObjectsScreen(ListStep[BackedUpObject]):
    """Types on the left, the names of the highlighted type on the right."""

    step = "objects"
    hint = "What is brought back? Space ticks."
    loading_text = "Asking what this snapshot holds"
    help_topics = (
        "Left the object types with ticked and listed names, right the names of the highlighted type. Space ticks a "
        "name, or on a type all of its names; a ticks what the filter shows. Nothing that is not ticked is touched.\n\n"
        "all takes whole schemas: every object that the snapshot holds in them. A name that is ticked although all of "
        "its schema is ticked too, marked [=], is covered twice, which is no error.\n\n"
        "Names that the server does not list can be typed or pasted with t."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "focus_list", "To the names", show=False, id="objects.names"),
        Binding("left", "focus_types", "To the types", show=False, id="objects.types"),
        Binding("a", "tick_shown", "Tick shown, or clear", show=False, id="objects.tick-shown"),
        Binding("t", "type_names", "Type names", show=False, id="objects.type-names"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.contents = Contents()
        self.kind = "all"
        self._listed: dict[str, dict[str, BackedUpObject]] = {}

    # Composition

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="objects"):
            yield RowList[TypeRow](
                self._type_columns([]),
                dim=lambda row: not row.listed,
                id="types",
            )
            with Vertical(id="names-side"):
                yield ListPane[BackedUpObject](
                    (
                        Column("Name", lambda item: item.name, least=24),
                        Column("Size", lambda item: format.size(item.size), 9, right=True, drop=1),
                        Column("Records", lambda item: format.count(item.records), 13, right=True, drop=2),
                    ),
                    searched=lambda item: item.name,
                    tick=self._mark,
                    empty="No names of this type; t types some.",
                    id="list",
                )
        yield Static(id="unread", markup=False)
        yield Static(id="totals", markup=False)

    def _type_columns(self, rows: Sequence[TypeRow]) -> tuple[Column[TypeRow], ...]:
        """The counts get the room that they need when all is ticked."""
        widest = max((len(f"{row.listed:,}/{row.listed:,}") for row in rows), default=0)
        return (
            Column("Type", lambda row: row.kind),
            Column("Ticked", self._type_count, max(widest, len("Ticked")), right=True),
        )

    def compose_actions(self) -> ComposeResult:
        yield Button("Tick shown", id="tick-shown", compact=True)
        yield Button("Type names", id="type-names", compact=True)

    def _type_count(self, row: TypeRow) -> str:
        ticked = len(self._selection.names(row.kind))
        return f"{ticked:,}/{row.listed:,}" if row.listed or ticked else "none"

    def _mark(self, item: BackedUpObject) -> str:
        covered = item.type != "all" and schema_of(item.name) in self._selection.names("all")
        if item.name in self._selection.names(item.type):
            return "[=]" if covered else "[x]"
        return "[·]" if covered else "[ ]"

    # Loading

    async def load(self, *, fresh: bool) -> None:
        self.contents = await self.session.contents(fresh=fresh)

    def show(self) -> None:
        changed = self.session.plan.reconcile(self.contents, self.session.typed)
        self.session.plan = changed.plan
        if changed.cleared:
            self.say(changed.cleared)
        self._listed = self.contents.by_type()
        rows = self._type_rows()
        self.kind = rows[0].kind
        self.types.columns = self._type_columns(rows)
        self.types.show(rows)
        self._show_names()
        self._show_unread()
        self._show_totals()

    def _type_rows(self) -> list[TypeRow]:
        """Types with names first, each part in the catalogue's order; then what only the server knows."""
        kinds = [kind.name for kind in catalogue.OBJECT_TYPES]
        kinds += [kind for kind in self._listed if kind not in kinds]
        rows = [TypeRow(kind, len(self._names_of(kind))) for kind in kinds]
        return sorted(rows, key=lambda row: row.listed == 0)

    def _names_of(self, kind: str) -> Sequence[BackedUpObject]:
        listed = self._listed.get(kind, {})
        typed = self.session.typed.get(kind, ())
        added = [BackedUpObject(kind, name, None, None) for name in typed if name not in listed]
        return [*added, *sorted(listed.values(), key=lambda item: item.name)]

    def _show_names(self) -> None:
        self.pane.show(self._names_of(self.kind))

    def _show_unread(self) -> None:
        unread = self.contents.unread
        lines = []
        if unread:
            lines.append(
                f"In {format.counted(len(unread), 'entry', 'entries')} of the server's answer no object name was "
                "recognised; type the names with t. The entries say:"
            )
            lines += [harmless(dict(entry), 200) for entry in unread[:_SHOWN_UNREAD]]
        elif not self.contents.objects:
            lines.append("The server lists nothing in this snapshot. Names can be typed with t.")
        widget = self.query_one("#unread", Static)
        widget.update("\n".join(lines))
        widget.display = bool(lines)

    def first_focus(self) -> Widget | None:
        return self.types

    # Ticking

    @property
    def types(self) -> RowList[TypeRow]:
        return self.query_one("#types", RowList)

    @property
    def _selection(self) -> Selection:
        return self.wizard.plan.objects

    def _select(self, kind: str, names: frozenset[str]) -> None:
        why = self._why_closed(kind)
        if why and names:
            self.say(why)
            return
        self.session.plan = self.session.plan.choose_objects(self._selection.with_names(kind, names))
        self.types.redraw()
        self.pane.list.redraw()
        self._show_totals()
        self.plan_changed()

    def _why_closed(self, kind: str) -> str:
        """A type that came with a later server can't be ticked; an unreadable version closes nothing."""
        since = catalogue.object_type(kind).since
        server = self.session.server
        version = ServerVersion.parse(server.version if server else "")
        if version.has(since) is False:
            return f"{harmless(kind, 60)} needs server {since}; this one is {harmless(version.text, 30)}."
        return ""

    def on_row_list_ticked(self, event: RowList.Ticked) -> None:
        if event.item is None:
            return
        if event.row_list is self.types:
            names = frozenset(item.name for item in self._names_of(event.item.kind))
            ticked = self._selection.names(event.item.kind)
            self._select(event.item.kind, frozenset() if names and names <= ticked else names | ticked)
        else:
            self._select(self.kind, self._selection.names(self.kind) ^ {event.item.name})

    def action_tick_shown(self) -> None:
        """Tick all that the filter shows; again: clear them."""
        shown = frozenset(item.name for item in self.pane.shown)
        ticked = self._selection.names(self.kind)
        if shown:
            self._select(self.kind, ticked - shown if shown <= ticked else ticked | shown)

    def action_type_names(self) -> None:
        kind = self.kind

        def add(names: list[str] | None) -> None:
            if not names:
                return
            why = self._why_closed(kind)
            if why:
                self.say(why)
                return
            known = self.session.typed.get(kind, ())
            self.session.typed[kind] = tuple(dict.fromkeys([*known, *names]))
            rows = self._type_rows()
            self.types.show(rows, cursor=next(i for i, row in enumerate(rows) if row.kind == kind))
            self._show_names()
            self._select(kind, self._selection.names(kind) | frozenset(names))

        self.app.push_screen(TypeNamesScreen(kind), add)

    def _show_totals(self) -> None:
        sums = totals(self._selection, self.contents)
        parts = [f"{format.counted(sums.objects, 'object')} asked for"]
        if sums.size is not None:
            parts.append(format.size(sums.size))
        if sums.records is not None:
            parts.append(format.counted(sums.records, "record"))
        twice = self._selection.covered_twice()
        if twice:
            parts.append(
                f"{format.counted(len(twice), 'name')} covered twice, by all of the schema: no error"
            )
        self.put("#totals", " · ".join(parts))

    # Moving about

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        if event.row_list is self.types and event.item is not None and event.item.kind != self.kind:
            self.kind = event.item.kind
            self._show_names()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        if event.row_list is self.types:
            self.say("Space ticks all of this type, → goes to its names, Ctrl+N goes on.")
        else:
            self.say("Space ticks, a ticks all that is shown, Ctrl+N goes on.")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "tick-shown":
            event.stop()
            self.action_tick_shown()
        elif event.button.id == "type-names":
            event.stop()
            self.action_type_names()

    def action_focus_types(self) -> None:
        self.types.focus()

    def help_for_focus(self) -> str:
        kind = catalogue.object_type(self.kind)
        return f"{harmless(kind.name, 60)}: {kind.summary}\n{kind.help}\nSince server {kind.since}."

    def blocked(self) -> str:
        return "" if self._selection else "Nothing is ticked: tick at least one name with Space."
