"""The editor of the schema map: a line for each selected schema, with the schema that it is restored into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from restore_tui.kinetica.reference import Option, PlanWarning
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.schema_map import format_schema_map, parse_schema_map, source_problem
from restore_tui.tui import formatting
from restore_tui.tui.widgets.option_row import OptionInput, below, name_parts

SHOWN = 40
"""Lines at most: whoever ticks more schemas sends them elsewhere a few at a time."""

_SOURCE_WIDTH = 24


class TargetInput(OptionInput):
    """The target of one schema. What cannot stand in a target is not taken, and said to be."""

    def __init__(self, option: Option, source: str, target: str, index: int) -> None:
        super().__init__(
            option,
            target,
            id=f"target-{index}",
            placeholder="its own name",
            restrict=r"[A-Za-z0-9 _#{}\[\]()\-]{0,200}",
        )
        self.source = source

    def restricted(self) -> None:
        self.hint(
            "Not taken: a schema's name has letters, digits, spaces and _ # { } [ ] ( ) -, 200 at most."
        )


class SchemaMapRow(Vertical):
    """``text`` is the option's. Schemas of the text that are not selected have no line, and stay in it."""

    DEFAULT_CSS = """
    SchemaMapRow { height: auto; padding-right: 1; border-left: blank; }
    SchemaMapRow:focus-within { background: $surface-lighten-2; border-left: thick $accent; }
    SchemaMapRow Horizontal { height: 1; margin-left: 4; }
    SchemaMapRow .map-source { width: 27; }
    SchemaMapRow TargetInput { width: 44; max-width: 1fr; }
    """

    def __init__(self, option: Option, sources: Sequence[str], text: str) -> None:
        super().__init__(id=f"option-{option.name}")
        self.option = option
        try:
            self._targets = dict(parse_schema_map(text))
        except ValueError:
            self._targets = {}
        self._chosen = bool(self._targets)
        self._unwritable = [source for source in sources if source_problem(source)]
        sources = [source for source in sources if not source_problem(source)]
        # Those with a target first: none of them may be out of reach.
        self._sources = sorted(sources, key=lambda source: source not in self._targets)[:SHOWN]
        self._more = len(sources) - len(self._sources)

    def compose(self) -> ComposeResult:
        yield Static(classes="option-head", markup=False)
        for index, source in enumerate(self._sources):
            with Horizontal():
                yield Static(
                    f"{sanitize(source, _SOURCE_WIDTH):<{_SOURCE_WIDTH}} →",
                    classes="map-source",
                    markup=False,
                )
                yield TargetInput(self.option, source, self._targets.get(source, ""), index)
        yield Static(classes="option-foot", markup=False)

    @property
    def fields(self) -> Iterable[TargetInput]:
        return self.query(TargetInput)

    @property
    def text(self) -> str:
        """The option's text as it is now."""
        return format_schema_map(self._targets | {field.source: field.value for field in self.fields})

    def show(self, *, closed: str, problem: str, warnings: Sequence[PlanWarning]) -> None:
        """As for a text. Where it is closed, but a target was chosen at another server, it can still be taken out."""
        hidden = bool(closed) and not self._chosen
        for line in self.query(Horizontal):
            line.display = not hidden
        moved = sum(1 for field in self.fields if field.value.strip() not in ("", field.source))
        state = (
            "not available"
            if closed
            else f"{formatting.pluralize(moved, 'schema')} mapped"
            if moved
            else "(original schemas)"
        )
        self.query_one(".option-head", Static).update(
            Content.assemble(*name_parts(self.option, changed=moved > 0), (state, "dim"))
        )
        said = closed or self.option.summary
        if not closed and not self._sources:
            said = "No selected object belongs to a schema."
        if not closed and self._more:
            said += f" {formatting.pluralize(self._more, 'more schema')} among the selected: select fewer to see them."
        if not closed and self._unwritable:
            named = ", ".join(repr(sanitize(source, 30)) for source in self._unwritable[:3])
            said += f" Not {named}: {source_problem(self._unwritable[0])}"
        self.query_one(".option-foot", Static).update(below(self.option, said, warnings, problem))
