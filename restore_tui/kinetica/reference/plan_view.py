"""What the warnings of a type or an option are made of, and what they are: each entry has its own.

``restore/preflight`` implements ``PlanView``; this package knows neither plans nor servers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Effect(Enum):
    """What a value does to objects, for whatever depends on it: so nobody else has to know the option that has it."""

    OVERWRITES = "existing objects are overwritten"
    MOVES_AWAY = "existing objects are moved to another schema"
    WITHOUT_RECORDS = "tables are restored without records"


@dataclass(frozen=True)
class PlanWarning:
    """One warning.

    ``destructive`` marks what overwrites, empties, drops or grants. ``loss`` is the same as a short phrase for the
    line *Lost* of the confirmation, empty where nothing is lost. ``also`` names the other entries that take part in it:
    each interaction that the reference marks as a loss is covered by a warning. ``needs_user_name`` asks the operator
    to type the user name as well. ``entry`` and ``option`` are filled in by whoever collects the warnings: the entry
    that it belongs to, and the option; None for what belongs to the plan as a whole.
    """

    text: str
    destructive: bool = False
    loss: str = ""
    also: tuple[str, ...] = ()
    needs_user_name: bool = False
    entry: str = ""
    option: str | None = None

    @property
    def entries(self) -> frozenset[str]:
        """The entries whose interaction it describes."""
        return frozenset({self.entry, *self.also})


@dataclass(frozen=True)
class ExistingCount:
    """How many selected objects of some types exist now; ``number`` is None where that was not checked."""

    number: int | None
    unchecked: int = 0

    def subject(self, noun: str) -> str:
        """``the 6 tables that exist now``, or without a number ``every selected table that exists now``."""
        if self.number == 1:
            return f"the 1 {noun} that exists now"
        return f"the {self.number:,} {noun}s that exist now" if self.number else f"every {noun} that exists"

    def amount(self, what: str) -> str:
        """``6 existing objects moved``, or what is known in place of the number."""
        if self.number is None:
            return f"every selected object that exists is {what} (not counted)"
        if not self.number:
            return f"no existing object is {what}"
        return f"{counted(self.number, 'existing object')} {what}"

    @property
    def may_exist(self) -> bool:
        """Whether there may be anything that is replaced."""
        return self.number != 0 or self.unchecked > 0

    @property
    def limits(self) -> str:
        """What the number does not cover, as a sentence."""
        if self.number is None:
            return " How many exist is not counted yet."
        if self.unchecked:
            return f" {counted(self.unchecked, 'more object' if self.number else 'object')} could not be checked."
        return "" if self.number else " None existed when it was checked."


def counted(number: int, noun: str) -> str:
    """``1 role``, ``2 roles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class PlanView(Protocol):
    """A plan, and what is known of the server. Names are as the server has them: ``shown`` makes one safe to show.

    ``user`` is the login that sends the restore, and ``credential`` that of the data source; empty where they are not
    known. ``types`` are the selected object types; ``reaches_schemas`` and ``restores_tables`` say whether any of them
    can live in a schema, or has tables. ``schemas`` are those that objects are restored from and into.
    ``shared_targets`` are the schemas that more than one is restored into. ``emptied_tables`` exist now and have no
    records in this full snapshot.
    """

    @property
    def data_source(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def credential(self) -> str: ...

    @property
    def types(self) -> Collection[str]: ...

    @property
    def types_without_schema(self) -> tuple[str, ...]: ...

    @property
    def types_perhaps_without_schema(self) -> tuple[str, ...]: ...

    @property
    def reaches_schemas(self) -> bool: ...

    @property
    def restores_tables(self) -> bool: ...

    @property
    def schemas(self) -> Collection[str]: ...

    @property
    def shared_targets(self) -> tuple[str, ...]: ...

    @property
    def maps_schemas(self) -> bool: ...

    @property
    def map_problem(self) -> str: ...

    @property
    def emptied_tables(self) -> tuple[str, ...]: ...

    def option(self, name: str) -> str:
        """Return the value in force: the chosen one, or the default."""

    def has(self, effect: Effect) -> bool:
        """Return whether a value in force has this effect."""

    def names(self, kind: str) -> frozenset[str]:
        """Return the selected names of a type."""

    def selects(self, kind: str, name: str) -> bool:
        """Return whether an object is restored, by its name or with its schema."""

    def own_roles(self, roles: Iterable[str]) -> list[str]:
        """Return which of these roles the server shows the login to have, sorted."""

    def existing(self, kinds: Collection[str] | None = None) -> ExistingCount:
        """Count the selected objects of these types, or of all, that exist now."""

    def existing_in_schemas(self) -> ExistingCount:
        """Count the selected objects that exist now, of the types that live in schemas."""

    def shown(self, name: str) -> str:
        """Return a name as it can be shown."""

    def few(self, names: Collection[str]) -> str:
        """Return the first of these names as they can be shown, and how many more there are."""


Warnings = Callable[[PlanView], Iterator[PlanWarning]]
"""The warnings of one entry on a plan."""


def none(_plan: PlanView) -> Iterator[PlanWarning]:
    """No warning."""
    yield from ()
