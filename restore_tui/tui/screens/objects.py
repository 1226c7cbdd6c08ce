"""Objects: which types, and which names of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from restore_tui.kinetica import reference
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.identifiers import schema_of, sending_problem
from restore_tui.kinetica.sanitize import sanitize, sanitize_block
from restore_tui.picker.name_list import CheckState, NameListModel, SortOrder
from restore_tui.picker.object_picker import ALL, ObjectPicker
from restore_tui.picker.typed_names import TypedNames
from restore_tui.restore.plan.availability import unknown_version_text
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.presence import SnapshotPresence
from restore_tui.restore.text_format import first_few
from restore_tui.tui import formatting
from restore_tui.tui.breakpoints import FULL_WIDTH, WIDE
from restore_tui.tui.dialogs.type_names import TypeNamesDialog
from restore_tui.tui.mixins.find import FindMixin
from restore_tui.tui.mixins.leave_out import LEAVE_OUT_HELP, LeaveOutMixin
from restore_tui.tui.screens.list_step import FilterableStep
from restore_tui.tui.text_update import relabel, update_or_hide
from restore_tui.tui.widgets.names_pane import NamesPane
from restore_tui.tui.widgets.row_list import RowList
from restore_tui.tui.widgets.type_list import TypeList

_BUTTONS = {
    "select-shown": ("Select shown", "Select"),
    "invert": ("Invert", "Invert"),
    "sort": ("Sort", "Sort"),
    "collapse": ("Collapse", "Collapse"),
    "whole": ("Whole schema", "Whole schema"),
    "type-names": ("Type names", "Type"),
}
"""What the buttons say, and what they say where there is little room."""
_MISSING_BUTTONS = {
    "only-missing": ("Only missing", "Missing"),
    "leave-out": ("Leave out existing", "Leave out"),
}
"""The buttons beside the totals, likewise."""
_MOST_ROWS_OF_NOTES = 5


def _ambiguous_words(word: str, names: Sequence[str]) -> str:
    """What is said of names whose type is given in a word that stands for several."""
    types = " or ".join(reference.AMBIGUOUS_WORDS[word])
    shown = first_few(names, _name)
    return f"Listed as {word}, which may be {types}: {shown}. Highlight the right type and type them with t."


def _name(name: str) -> str:
    return sanitize(name, 60)


class ObjectsScreen(FindMixin, LeaveOutMixin, FilterableStep):
    """Types on the left, the names of the highlighted type on the right."""

    step = "objects"
    footer = {
        "list.select": "Select",
        "step.next": "Next",
        "list.clear-filter": "Clear filter",
        "list.filter": "Filter",
        "objects.select-shown": "All shown",
        "objects.only-missing": "Missing",
        "step.leave-out": "Leave out …",
        "step.find": "Find",
    }
    hint = "What do you want to restore?"
    keys_hint = "Space selects."
    loading_text = "Loading the snapshot's contents"
    help_topics = (
        "Left: the object types, with counts of selected and listed names. Right: the names of the highlighted type. "
        "Space selects a name, or on a type all of its names; a selects everything the filter shows, i inverts the "
        "selection, Shift with ↑ ↓ PgUp PgDn Home End selects a range. Nothing else is touched.\n\n"
        "The filter takes words, all of which must occur in a name or a column beside it, and patterns for the whole "
        "name, such as sales.*_2026*. ≠ marks a name that looks like another one, [✗] one that cannot be sent as it is "
        "called. o sorts by name, size or records.\n\n"
        "Long lists are collapsed by schema: → or f expands a schema, f collapses it, z collapses or expands all of "
        "them. Space on a schema selects the names in it, one by one.\n\n"
        "The type all selects whole schemas: every object that the snapshot holds in them, of all types. A selects the "
        "schema there instead of its names here: a shorter request that also restores views, procedures and the rest. "
        "A name marked [=] is already included by a whole schema, which is no error.\n\n"
        "Names that the server does not list can be typed or pasted with t.\n\n"
        "Now tells whether an object exists on the server under its name: exists, incomplete, missing, or – for "
        "unknown. A table is incomplete when it is empty or has fewer records than a full snapshot. Of a schema it "
        "tells how many listed objects are missing. It is read once; F5 reads it again. m shows only what is missing "
        "or incomplete; the filter then looks only there. What a highlighted table holds now is below the list, as the "
        "server's cache counts it. " + LEAVE_OUT_HELP
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "to_the_right", "To the names; open a schema", show=False, id="objects.names"),
        Binding("left", "focus_types", "To the types", show=False, id="objects.types"),
        Binding("a", "select_shown", "Select shown, or clear", show=False, id="objects.select-shown"),
        Binding("i", "invert", "Invert the selection (filtered)", show=False, id="objects.invert"),
        Binding("o", "sort", "Sort by name, size, records", show=False, id="objects.sort"),
        Binding("f", "collapse", "Expand or collapse a schema", show=False, id="objects.collapse"),
        Binding("z", "collapse_all", "Collapse or expand all schemas", show=False, id="objects.collapse-all"),
        Binding(
            "A",
            "select_whole_schema",
            "Select the whole schema (type all)",
            show=False,
            id="objects.whole-schema",
        ),
        Binding("t", "type_names", "Type names", show=False, id="objects.type-names"),
        Binding(
            "m", "only_missing", "Only missing or incomplete, or all", show=False, id="objects.only-missing"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.add_class("-crowded")
        self.pick = ObjectPicker(Contents(), {}, Selection())
        self.kind = ALL
        self._may_be_all = ""
        self._totals = ""

    # Composition

    def compose_body(self) -> ComposeResult:
        self.kind = self.wizard.object_type
        with Horizontal(id="objects"):
            yield TypeList(lambda: self.pick, self._needed, id="types")
            with Vertical(id="names-side"):
                yield NamesPane(
                    self.pick.names(ALL),
                    covered=lambda schema: self.pick.is_covered(self.kind, schema),
                    elsewhere=lambda text: self.pick.matches_elsewhere(self.kind, text),
                    empty="No names of this type; t types some.",
                    id="list",
                )
        yield Static(id="unread", markup=False)
        yield Static(id="name-note", markup=False)
        with Horizontal(id="totals-row"):
            yield Static(id="totals", markup=False)
            for key, (label, _) in _MISSING_BUTTONS.items():
                yield Button(label, id=key, compact=True)
            yield self.find_button()

    def show_title(self) -> None:
        super().show_title()
        self.types.border_title = Content.styled(self.subject, "bold $text-accent")
        self.pane.border_title = Content.styled(self.hint, "dim")

    def compose_actions(self) -> ComposeResult:
        for key, (label, _) in _BUTTONS.items():
            yield Button(label, id=key, compact=True)

    def show_left_out(self) -> None:
        self.show()
        self.plan_changed()

    # Loading

    async def load(self, *, fresh: bool) -> None:
        self.loading_text = type(self).loading_text
        try:
            self.contents = await self.session.contents(fresh=fresh, on_received=self._show_progress)
        except KineticaError as error:
            error.hint = f"{error.hint} Or press t: names can be typed without the list."
            raise

    contents = Contents()
    presence: SnapshotPresence | None = None
    """Which objects of the snapshot exist now; None until that was read."""

    async def _read_presence(self) -> None:
        """Read what exists now beside the keys; it is in nobody's way, and a failed read leaves it unknown."""
        for read in (self.session.presence, self.session.presence_with_counts):
            try:
                presence = await read()
            except KineticaError:  # of the contents, which F5 reads again
                return
            if self._left or presence.contents is not self.contents:
                return
            self.presence = presence
            self._show_names()
            self._put_totals()

    def _show_progress(self, size: int) -> None:
        self.loading_text = f"{type(self).loading_text}: {formatting.size(size)} received"

    def show(self) -> None:
        cleared = self.session.reconcile(self.contents)
        if cleared:
            self.notify_user(cleared)
        before, self.pick = self.pick, ObjectPicker(self.contents, self.session.manual_names, self._selection)
        lost = {kind: self.pick.names(kind).resume(before.names(kind)) for kind in before.kinds}
        self.types.show_types(self.kind)
        item = self.types.item
        self.kind = item.kind if item is not None else ALL
        self.presence = self.session.known_presence()
        self._show_names()
        if self.presence is None or self.presence.live is None:
            self.run_worker(self._read_presence(), group="inventory", exclusive=True)
        if lost.get(self.kind):
            self.notify_user(f"{sanitize(lost[self.kind], 60)} is no longer listed. {cleared}".strip())
        self._show_totals()
        self.fit_notes()

    def _show_names(self) -> None:
        names = self.pick.names(self.kind)
        presence = self.presence.of_type(self.kind, names.added) if self.presence is not None else None
        self.pane.show(names, presence)
        self._show_buttons()

    def fit_notes(self) -> None:
        """What has to be known of the contents, below the lists."""
        rows = min(self.rows_to_spare() - self._height_of_totals, _MOST_ROWS_OF_NOTES)
        self.show_notes("#unread", self.notes(), rows)

    @property
    def _height_of_totals(self) -> int:
        """In rows, with the note above them; the totals are on one, with the buttons beside them, until they are laid
        out."""
        note, totals = self.query_one("#name-note"), self.query_one("#totals-row")
        return (note.outer_size.height if note.display else 0) + (totals.outer_size.height or 1)

    def notes(self) -> dict[str, str]:
        """What has to be known of the contents as a whole, each with a short form before it."""
        unread = self.contents.unread
        unknown = unknown_version_text(self.session.server_version)
        lines = {"server version unknown": unknown} if unknown else {}
        if unread:
            noun = formatting.pluralize(len(unread), "entry", "entries")
            sentence = (
                f"In {noun} of the response no object name was recognized; type the names with t. "
                "The entries say:"
            )
            lines[f"{noun} not read"] = "\n".join([sentence, *formatting.unread_entries(unread)])
        elif self.contents.not_read:
            lines["contents not read"] = (
                f"What this snapshot holds could not be read: {self.contents.not_read} Names can be typed with t; F5 "
                "refreshes."
            )
        elif not self.contents.count:
            lines["nothing listed"] = (
                "The server lists nothing in this snapshot: it is empty, or you may not see what it holds. Names "
                "can be typed with t."
            )
        ambiguous = [_ambiguous_words(word, names) for word, names in self.contents.ambiguous.items()]
        if ambiguous:
            lines["ambiguous types"] = "\n".join(ambiguous)
        twice = self.contents.conflicting
        if twice:
            lines[f"{formatting.pluralize(len(twice), 'name')} listed twice"] = (
                "Listed more than once, with different sizes or records or without a schema: they may be different "
                f"objects, and the last is shown: {first_few(twice, _name)}."
            )
        if self.contents.words:
            lines["server message"] = f"The server says: {sanitize_block(self.contents.words, 400)}"
        return lines

    def first_focus(self) -> Widget | None:
        return self.types

    # Ticking

    @property
    def types(self) -> TypeList:
        return self.query_one("#types", TypeList)

    @property
    def pane(self) -> NamesPane:
        return self.query_one("#list", NamesPane)

    @property
    def _selection(self) -> Selection:
        return self.wizard.plan.objects

    def _selected(self, kind: str) -> None:
        """The ticks of a type have changed: take them into the plan. A type that is closed gets none."""
        names = self.pick.names(kind)
        if names.ticked and self._is_closed(kind):
            names.clear()
        self._withdraw_offer()
        self._refuse_unsendable(names)
        self.pick.ticked(kind)
        self._take_over()

    def _refuse_unsendable(self, names: NameListModel) -> None:
        """What cannot be sent as it is called is not selected, and named."""
        refused = names.refuse_unsendable()
        if refused:
            what = formatting.pluralize(len(refused), "name")
            self.notify_user(
                f"{what} cannot be selected. {sanitize(refused[0], 60)}: {sending_problem(refused[0])}"
            )

    def _is_closed(self, kind: str) -> bool:
        """Whether a type can't be selected; says why not."""
        why = self._why_closed(kind)
        if why:
            self.notify_user(why)
        return bool(why)

    def _take_over(self) -> None:
        self.session.choose_objects(self.pick.selection)
        self.types.redraw()
        self.pane.ticks_changed()
        self._show_totals()
        self._show_buttons()
        self.plan_changed()

    def _why_closed(self, kind: str) -> str:
        """Why a type can't be selected: it came with a later server."""
        told = self.session.check_support(reference.object_type(kind))
        return "" if told.is_available else f"{sanitize(kind, 60)}: {told.text}"

    def _needed(self, kind: str) -> str:
        told = self.session.check_support(reference.object_type(kind))
        return "" if told.is_available else told.needs

    def on_row_list_ticked(self, event: RowList.Ticked) -> None:
        if event.item is None:
            return
        if event.row_list is self.types:
            kind = event.item.kind
            before = self.pick.names(kind).ticked
            self.pick.names(kind).toggle_all()
            self._selected(kind)
            self._say_cleared(before - self.pick.names(kind).ticked)
            return
        names = self.pane.names
        if names.mark(event.item) is not CheckState.ALL and self._is_closed(self.kind):
            return
        self._withdraw_offer()
        if event.item in names.objects.unsendable:
            self.notify_user(names.note(event.item))
            return
        if event.item < 0 and names.mark(event.item) is not CheckState.ALL:
            names.toggle(event.item)
            self._selected(self.kind)
        else:
            self.pick.toggle(self.kind, event.item)
            self._take_over()
        if event.item < 0 and names.mark(event.item) is CheckState.ALL:
            self._offer_all(names.span(event.item).schema)

    def on_row_list_stretched(self, event: RowList.Stretched) -> None:
        if event.new:
            self.pane.names.end_range()
        self.pane.names.tick_range(event.first, event.last)
        self._selected(self.kind)

    def _offer_all(self, schema: str) -> None:
        """All names of a schema, selected one by one, may be meant as the whole schema."""
        count = formatting.pluralize(len(self.pick.selection.names(self.kind)), "name")
        self._may_be_all = schema
        self.notify_user(
            f"All listed names of {sanitize(schema, 40)} are selected individually ({count} of this type in all). "
            "Press A to select the whole schema instead: every object in it, of all types."
        )
        self._show_buttons()

    def _withdraw_offer(self) -> None:
        if self._may_be_all:
            self._may_be_all = ""
            self.notify_user("")
            self._show_buttons()

    def _schema_here(self) -> str | None:
        """The schema that is highlighted, or that the highlighted name belongs to."""
        line = self.pane.list.item
        if line is None or self.kind == ALL or not reference.may_have_schema(self.kind):
            return None
        return self.pane.names.span(line).schema if line < 0 else schema_of(self.pane.names.name(line))

    @on(Button.Pressed, "#whole")
    def action_select_whole_schema(self) -> None:
        """The schema under the cursor as a whole, instead of name by name."""
        schema = self._schema_here()
        if not schema:
            self.notify_user(
                "A selects the schema of the highlighted name: highlight a name that has a schema."
            )
            return
        self.pick.say_as_all(schema)
        added = self.pick.names(ALL).added
        if added:
            self.session.add_manual_objects(ALL, sorted(added))
            self.types.show_types(self.kind)
        self._may_be_all = ""
        self._take_over()
        self.notify_user(
            f"All of {sanitize(schema, 60)} is selected as a whole schema (type all), instead of single names."
        )

    @on(Button.Pressed, "#select-shown")
    def action_select_shown(self) -> None:
        """Tick all that the filter shows; again: clear them."""
        self.pane.end_search()
        cleared = self.pane.names.toggle_shown()
        self.notify_user("")
        self._selected(self.kind)
        self._say_cleared(cleared)

    def _say_cleared(self, count: int) -> None:
        if count > 0:
            self.notify_user(f"{formatting.pluralize(count, 'name')} cleared.", until_key=True)

    @on(Button.Pressed, "#invert")
    def action_invert(self) -> None:
        """Of what the filter shows: tick what is not selected, and clear the rest."""
        self.pane.end_search()
        self.pane.names.invert_shown()
        self._selected(self.kind)

    @on(Button.Pressed, "#type-names")
    def action_type_names(self) -> None:
        if self.error is not None:
            self.session.go_without_contents(self.error)
            self.begin_load(self.wizard.gate.hold(loading=True), fresh=False)
            self.notify_user("Highlight a type on the left, then t types names of it.")
            return
        kind = self.kind

        def add(typed: TypedNames | None) -> None:
            if typed is None:
                return
            if self._is_closed(kind):
                return
            if typed.unlisted:
                self.session.add_manual_objects(kind, typed.unlisted)
                self.pick.add(kind, typed.unlisted)
                self.types.show_types(kind)
            names = self.pick.names(kind)
            names.tick(typed.names)
            self._show_names()
            self._selected(kind)
            self.pane.rearranged(names.reveal(typed.names[0]))
            self.notify_user(typed.words())

        self.app.push_screen(TypeNamesDialog(kind, self.pick.names(kind)), add)

    def _show_totals(self) -> None:
        sums = self.pick.totals()
        parts = [f"{formatting.pluralize(sums.objects, 'object')} selected"]
        if sums.size is not None:
            parts.append(f"{'at least ' if sums.size_is_partial else ''}{formatting.size(sums.size)}")
        if sums.records is not None:
            least = "at least " if sums.records_are_partial else ""
            parts.append(f"{least}{formatting.pluralize(sums.records, 'record')}")
        if sums.twice:
            parts.append(f"{formatting.pluralize(sums.twice, 'name')} already included by a whole schema")
        self._totals = " · ".join(parts)
        self._put_totals()

    def _put_totals(self) -> None:
        """The totals, and above them what is to be known of the highlighted name."""
        line = self.pane.list.item
        note = self.pane.names.note(line) if line is not None else ""
        above = f"! {note}" if note else self._live_records(line)
        update_or_hide(self.query_one("#name-note", Static), above)
        self.update_text("#totals", self._totals)

    def _live_records(self, line: int | None) -> str:
        """What a highlighted table holds now, beside the snapshot's records; empty for anything else."""
        if line is None or line < 0 or self.kind != "table" or self.presence is None:
            return ""
        table = self.presence.counted(self.pane.names.name(line))
        text = "" if table is None else table.text(self.session.clock.now(), exactly=False)
        return text[:1].upper() + text[1:]

    # Only what is missing

    @on(Button.Pressed, "#only-missing")
    def action_only_missing(self) -> None:
        """Show only what is missing now; again: everything."""
        pane = self.pane
        if self.presence is None:
            self.notify_user("What exists now is still being read.")
            return
        pane.show_only_missing(not pane.is_restricted)
        if not pane.is_restricted:
            self.notify_user("Everything is shown.")
            return
        known = pane.presence
        unknown = known.unknown if known is not None else 0
        why = sanitize(known.why_unknown, 120) if known is not None else ""
        self.notify_user(
            "Only what is missing or incomplete now is shown; m or Esc shows everything."
            + (f" Of {formatting.pluralize(unknown, 'name')} it is unknown: {why}" if unknown else "")
        )

    # Sorting and folding

    @on(Button.Pressed, "#sort")
    def action_sort(self) -> None:
        """By the next of name, size, records."""
        self.pane.end_search()
        orders = list(SortOrder)
        order = orders[(orders.index(self.pane.names.order) + 1) % len(orders)]
        line = self.pane.list.item
        self.pane.names.sort(order)
        self.pane.rearranged(line)
        self.notify_user(
            f"Sorted by {order.value}{', the largest first' if order is not SortOrder.NAME else ''}."
        )

    @on(Button.Pressed, "#collapse")
    def action_collapse(self) -> None:
        """Open or close the schema that is highlighted, or that the highlighted name belongs to."""
        line = self.pane.list.item
        if line is not None and self._folds():
            self.pane.rearranged(self.pane.names.fold(line))

    def action_collapse_all(self) -> None:
        if self._folds():
            self.pane.rearranged(self.pane.names.fold_all(self.pane.list.item))

    def _folds(self) -> bool:
        """Whether there is anything to fold now; says why not."""
        names = self.pane.names
        if names.is_filtered:
            self.notify_user("A filter shows the names themselves; Esc clears it.")
        elif not names.can_fold:
            self.notify_user("These names have no schemas to collapse.")
        return names.can_fold and not names.is_filtered

    def action_to_the_right(self) -> None:
        """From the types to the names; there, open the schema that is highlighted."""
        line = self.pane.list.item
        if self.focused is not self.pane.list:
            self.action_focus_list()
        elif line is not None and line < 0 and not self.pane.names.is_open(line):
            self.action_collapse()

    def on_resize(self) -> None:
        """Besides what every step does, which Textual calls by itself."""
        for buttons, full_width in ((_BUTTONS, FULL_WIDTH), (_MISSING_BUTTONS, WIDE)):
            for key, labels in buttons.items():
                relabel(self.query_one(f"#{key}", Button), labels[self.app.size.width < full_width])

    def _show_buttons(self) -> None:
        names = self.pane.names
        self.query_one("#collapse").display = names.can_fold
        self.query_one("#whole").display = bool(self._may_be_all)
        self.query_one("#sort").display = bool(names.objects)
        self.query_one("#leave-out").display = bool(self._selection)

    # Moving about

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        if event.row_list is self.types and event.item is not None and event.item.kind != self.kind:
            self._withdraw_offer()
            self.kind = self.wizard.object_type = event.item.kind
            self._show_names()
            return
        if self._may_be_all != self._schema_here():
            self._withdraw_offer()
        if event.row_list is self.pane.list:
            self._put_totals()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        if event.row_list is self.types:
            self.notify_user(
                "Space selects all of this type, → goes to its names, Ctrl+N continues.", until_key=True
            )
        else:
            self.notify_user("Space selects, a selects all shown, Ctrl+N continues.", until_key=True)

    def action_focus_types(self) -> None:
        self.types.focus()

    def help_for_focus(self) -> str:
        kind = reference.object_type(self.kind)
        return f"{sanitize(kind.name, 60)}: {kind.text()}"

    def is_key_available(self, binding: str) -> bool:
        return super().is_key_available("objects.collapse" if binding == "objects.collapse-all" else binding)

    def why_blocked(self) -> str:
        return "" if self._selection else "Select at least one object (Space)."
