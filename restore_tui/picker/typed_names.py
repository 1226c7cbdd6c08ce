"""Names that a person typed or pasted, beside those that the server lists."""

from __future__ import annotations

from collections.abc import Callable

from restore_tui.kinetica.identifiers import parse_name_list
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.picker.name_list import NameListModel

_NAMED = 3


class TypedNames:
    """``names`` in the order in which they were typed, each once: those that the list has and those that are
    ``unlisted``. ``problems`` are (name, why) of those that can be no names, by what ``problem`` says of one. Looked at
    so many at a time."""

    def __init__(self, text: str, listed: NameListModel, problem: Callable[[str], str | None]) -> None:
        self.names = parse_name_list(text)
        self.unlisted: list[str] = []
        self.problems: list[tuple[str, str]] = []
        self.left_out: list[str] = []
        self._objects = listed.objects
        self._problem = problem
        self._at = 0

    def advance(self, most: int) -> bool:
        """Look at so many more. Returns whether that was all."""
        until = self._at + most
        for name in self.names[self._at : until]:
            if self._objects.find(name) is None:  # what the server lists is a name, whatever the rules say
                self.unlisted.append(name)
                problem = self._problem(name)
                if problem is not None:
                    self.problems.append((name, problem))
        self._at = until
        return until >= len(self.names)

    @property
    def listed(self) -> int:
        """How many of them the server lists."""
        return len(self.names) - len(self.unlisted)

    def only_listed(self) -> TypedNames:
        """Without those that the server does not list: they are ``left_out`` from here on."""
        strangers = set(self.unlisted)
        self.names = [name for name in self.names if name not in strangers]
        self.left_out, self.unlisted, self.problems = self.unlisted, [], []
        return self

    def words(self) -> str:
        """What came of them, in a sentence or two."""
        said = [f"{len(self.names):,} of these names {'is' if len(self.names) == 1 else 'are'} selected."]
        if self.unlisted:
            said.append(
                f"{named(self.unlisted)} not in the server's list: the dry run shows whether it accepts them."
            )
        if self.left_out:
            said.append(f"{named(self.left_out)} left out: not listed by the server.")
        return " ".join(said)


def named(names: list[str]) -> str:
    """The first few of them, and how many more there are: ``a.b, c.d and 40 others are``."""
    shown = [sanitize(name, 40) for name in names[:_NAMED]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more:,} {'other' if more == 1 else 'others'} are"
    return f"{', '.join(shown)} {'is' if len(names) == 1 else 'are'}"
