"""What one entry of the endpoint reference is: an object type or an option, and the explanation that it carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from restore_tui.kinetica.reference.plan_view import Effect, Warnings, none

MAP = "/restore/backup, restore_objects_map"
OPTIONS = "/restore/backup, options"
"""The two groups of sections of the endpoint's reference."""

BASELINE = "7.2.3"
"""The first server version that has ``/restore/backup`` at all."""


@dataclass(frozen=True)
class Value:
    """One allowed value of an option, and what it does; ``effect`` for what depends on that elsewhere."""

    name: str
    help: str
    effect: Effect | None = None


@dataclass(frozen=True)
class Example:
    """``send`` is the part of the request, as JSON without its braces; ``before`` and ``after`` are the database."""

    send: str
    before: str
    after: str


@dataclass(frozen=True)
class Interaction:
    """How an entry relates to other types or options, which are given by their ``names``.

    ``reference`` is the vendor's text that supports it. An empty one marks a conclusion of ours, which is shown as
    inferred. ``loss`` is true where following the text destroys or overwrites something in the database.
    """

    names: tuple[str, ...]
    text: str
    reference: str
    loss: bool = False

    @property
    def line(self) -> str:
        """The text with its subjects, and a mark where no document supports it."""
        return f"{', '.join(self.names)}: {self.text}{'' if self.reference else ' (inferred)'}"


INFERRED = ""
"""The reference of an interaction that no document supports."""


@dataclass(frozen=True)
class Section:
    """A heading, and what stands below it, a paragraph each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """All that can be learned of one type or option.

    ``default`` is what it means to leave it alone. ``since`` is the first server that has it. ``reference`` is where
    the vendor says so: a section of the endpoint's reference (of server 7.2.3.14), or what came after it, in the
    official client; then ``beyond_reference`` is true. What no source says stands under ``not_documented``, and in
    no other field. ``never_sent`` are values that newer servers accept and that this program explains but never sends.
    """

    does: str
    default: str
    example: Example
    reference: str
    pitfalls: tuple[str, ...]
    values: tuple[Value, ...] = ()
    never_sent: tuple[Value, ...] = ()
    related: tuple[Interaction, ...] = ()
    not_documented: tuple[str, ...] = ()
    since: str = BASELINE
    undocumented: bool = False


@dataclass(frozen=True)
class ReferenceEntry:
    """What types and options have in common. ``warnings`` says what a plan that has it should be warned of."""

    name: str
    summary: str
    explanation: Explanation
    warnings: Warnings = field(default=none, kw_only=True)

    @property
    def since(self) -> str:
        return self.explanation.since

    @property
    def undocumented(self) -> bool:
        return self.explanation.undocumented

    @property
    def help(self) -> str:
        """All of it as text, but for the summary and since when."""
        return self.text()

    def facts(self) -> tuple[str, ...]:
        """What is so by definition, a short sentence each."""
        return ()

    def marks(self, value: str, chosen: str) -> str:
        """What stands behind a value: whether it is the default, or chosen."""
        return " (chosen)" if value == chosen else ""

    def sections(self, chosen: str = "") -> Iterator[Section]:
        """Everything behind ``does``, in the order of reading. ``chosen`` is a value that is marked as such."""
        told = self.explanation
        if told.values:
            values = (f"{value.name}{self.marks(value.name, chosen)}: {value.help}" for value in told.values)
            yield Section("Values", tuple(values))
        if told.never_sent:
            yield Section(
                "Not available here", tuple(f"{value.name}: {value.help}" for value in told.never_sent)
            )
        yield Section("Default behavior", (told.default,))
        example = told.example
        yield Section(
            "Example", (f"Send {example.send}", f"Before: {example.before}", f"After: {example.after}")
        )
        if told.related:
            yield Section("Related options", tuple(other.line for other in told.related))
        yield Section("Pitfalls", told.pitfalls)
        if told.not_documented:
            yield Section("Not documented", told.not_documented)
        yield Section("Documentation", (told.reference + ".",))

    def text(self, chosen: str = "") -> str:
        """``does`` and the sections, a paragraph a line."""
        lines = self._beginning()
        for section in self.sections(chosen):
            lines += ["", section.title, *(f"- {line}" for line in section.lines)]
        return "\n".join(lines)

    def _beginning(self) -> list[str]:
        facts = " ".join(self.facts())
        return [self.explanation.does, *([facts] if facts else [])]

    def brief(self, chosen: str = "") -> str:
        """For where there is little room: what it does, and what it does wrong."""
        lines = [self.summary, "", *self._beginning()]
        for section in self.sections(chosen):
            if section.title in ("Values", "Not available here", "Default behavior", "Pitfalls"):
                lines += ["", section.title, *(f"- {line}" for line in section.lines)]
        return "\n".join(lines)


@dataclass(frozen=True)
class ObjectType(ReferenceEntry):
    """One key of ``restore_objects_map``.

    ``in_schema`` says whether its objects are documented to have a schema (``schema.name``), or to have none; None
    where the documents are silent or contradict each other. ``all`` is the exception that takes schema names.
    ``free_names`` is true where no rule for names is documented.
    """

    label: str
    in_schema: bool | None
    free_names: bool = False

    def facts(self) -> tuple[str, ...]:
        if self.name == "all" or (self.free_names and self.in_schema is not False):
            return ()
        if self.in_schema is None:
            return ("Whether its names have a schema: the documents disagree.",)
        return ("Named schema.name.",) if self.in_schema else ("Named without a schema.",)


class OptionKind(Enum):
    """What an option holds. Decides on its editor, and where its value comes from; whoever needs one option in
    particular asks for it by its kind."""

    CHOICE = "one of its values"
    TEXT = "free text"
    MOVE_TARGET = "the schema that existing objects are moved to"
    SCHEMA_MAP = "which schema is restored into which other one"
    SNAPSHOT = "the id of the snapshot"
    DRY_RUN = "whether the request is a dry run"


_SET_BY = {OptionKind.SNAPSHOT: "Snapshot", OptionKind.DRY_RUN: "Dry run"}


@dataclass(frozen=True)
class Option(ReferenceEntry):
    """One key of ``options``. Everything travels as a string; no ``values`` means free text.

    ``needs`` is (option, value): the option is only read by the server under that choice.
    ``types`` are the object types that it acts on; empty means all.
    ``title`` is what summaries and reports call it, where they show it apart from the other options.
    ``in_sql`` says whether the page on SQL has it.
    """

    default: str
    kind: OptionKind = OptionKind.CHOICE
    needs: tuple[str, str] | None = None
    types: tuple[str, ...] = ()
    title: str = ""
    in_sql: bool = False

    @property
    def values(self) -> tuple[Value, ...]:
        return self.explanation.values

    @property
    def set_by(self) -> str:
        """The step of the wizard that fills the option in."""
        return _SET_BY.get(self.kind, "Options")

    @property
    def condition(self) -> str:
        """``restore_policy = rename``: under which the server reads it; empty where it always does."""
        return " = ".join(self.needs) if self.needs else ""

    def effect_of(self, value: str) -> Effect | None:
        """What a value does, where anything depends on it."""
        return next((known.effect for known in self.values if known.name == value), None)

    def marks(self, value: str, chosen: str) -> str:
        said = ["default"] if value == self.default else []
        said += ["chosen"] if value == chosen else []
        return f" ({', '.join(said)})" if said else ""

    def facts(self) -> tuple[str, ...]:
        said: tuple[str, ...] = () if self.values else ("Free text.",)
        if self.needs:
            said += (f"Only applies when {self.condition}.",)
        if self.types:
            said += (f"Acts on: {', '.join(self.types)}.",)
        return said
