"""The list of names against a naive one: filter, sort, tick, invert, fold, in any order."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.object_columns import UNKNOWN, Objects
from restore_tui.picker import name_list
from restore_tui.picker.filter import Query
from restore_tui.picker.name_list import CheckState, NameListModel, SortOrder, schema_line

SCHEMAS = ("sales", "sales-eu", "Web", "")
names = st.builds(
    lambda schema, rest: f"{schema}.{rest}" if schema else rest,
    st.sampled_from(SCHEMAS),
    st.text(alphabet="abO_[1", min_size=1, max_size=4),
)
rows = st.tuples(st.integers(-1, 3), st.integers(-1, 3))
words = st.sampled_from(
    ["", "a", "B", "sales", "o_", "sales.*", "*a", "s*.?", "*[*", "b a", "zzz", ".", "*.* 1"]
)
orders = st.sampled_from(list(SortOrder))


class Naive:
    """The same list, written for being obviously right."""

    def __init__(self, held: dict[str, tuple[int, int]]) -> None:
        self.held = held
        self.ticked: set[str] = set()
        self.filter = ""
        self.missing: set[str] = set()
        self.only_missing = False
        self.order = SortOrder.NAME
        self.grouped = False
        self.open: set[str] = set()

    def sorted(self, some: list[str]) -> list[str]:
        by_name = sorted(some)
        if self.order is SortOrder.NAME:
            return by_name
        column = 0 if self.order is SortOrder.SIZE else 1
        return sorted(by_name, key=lambda name: -self.held[name][column])

    @property
    def shown(self) -> list[str]:
        return self.sorted([name for name in self.held if self._lets_through(name)])

    def _lets_through(self, name: str) -> bool:
        text = name.casefold()
        return (name in self.missing or not self.only_missing) and all(
            fnmatchcase(text, word.replace("[", "[[]")) if "*" in word or "?" in word else word in text
            for word in self.filter.casefold().split()
        )

    @property
    def lines(self) -> list[str]:
        """A schema's line is the schema with a dot behind it."""
        if self.is_filtered or not self.grouped:
            return self.shown
        groups: list[tuple[str, list[str]]] = []
        for name in sorted(self.held):
            schema = schema_of(name) or ""
            if groups and groups[-1][0] == schema:
                groups[-1][1].append(name)
            else:
                groups.append((schema, [name]))
        if self.order is not SortOrder.NAME:
            groups.sort(key=lambda group: -self._sum(group[1]))
        lines = []
        for schema, members in groups:
            if schema:
                lines.append(f"{schema}.")
            if not schema or schema in self.open:
                lines += self.sorted(members)
        return lines

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter.split()) or self.only_missing

    def _sum(self, members: list[str]) -> int:
        column = 0 if self.order is SortOrder.SIZE else 1
        known = [self.held[name][column] for name in members if self.held[name][column] != UNKNOWN]
        return sum(known) if known else -1

    def of(self, line: str) -> set[str]:
        """The names that a line stands for."""
        return {name for name in self.held if schema_of(name) == line[:-1]} if line.endswith(".") else {line}

    def toggle(self, some: set[str]) -> None:
        self.ticked = self.ticked - some if some <= self.ticked else self.ticked | some


class BothLists(RuleBasedStateMachine):
    """Whatever is done to both of them, in whatever order, they show and tick the same."""

    @initialize(held=st.dictionaries(names, rows, max_size=14), grouped=st.booleans())
    def begin(self, held: dict[str, tuple[int, int]], grouped: bool) -> None:
        columns = [list(held), [s for s, _ in held.values()], [r for _, r in held.values()]]
        self.list = NameListModel(Objects.of(*columns))  # type: ignore[arg-type]
        self.naive = Naive(held)
        self.folds = any(schema_of(name) for name in held)
        if grouped:
            self.fold_all()

    def _text(self, line: int) -> str:
        return f"{self.list.name(line)}." if line < 0 else self.list.name(line)

    def _pick_line(self, data: st.DataObject) -> int | None:
        return data.draw(st.sampled_from(range(len(self.list.lines)))) if self.list.lines else None

    @rule(text=words)
    def filter(self, text: str) -> None:
        self.list.filter(text)
        self.naive.filter = text

    @rule(on=st.booleans())
    def only_missing(self, on: bool) -> None:
        on = on and self.list.missing is not None
        self.list.show_only_missing(on)
        self.list.filter(self.naive.filter)
        self.naive.only_missing = on

    @rule(data=st.data())
    def know_missing(self, data: st.DataObject) -> None:
        self.naive.missing = data.draw(st.sets(st.sampled_from(sorted(self.naive.held) or ["none"])))
        self.list.know_missing(frozenset(self.naive.missing))
        self.list.filter(self.naive.filter)

    @rule(order=orders)
    def sort(self, order: SortOrder) -> None:
        self.list.sort(order)
        self.naive.order = order

    @rule(data=st.data())
    def toggle(self, data: st.DataObject) -> None:
        at = self._pick_line(data)
        if at is not None:
            self.naive.toggle(self.naive.of(self.naive.lines[at]))
            self.list.toggle(self.list.lines[at])

    @rule(data=st.data())
    def tick_a_range(self, data: st.DataObject) -> None:
        first, then, last = (self._pick_line(data) for _ in range(3))
        if first is None or then is None or last is None:
            return
        lines = self.naive.lines
        for at in range(min(first, last), max(first, last) + 1):
            if not (lines[at].endswith(".") and lines[at][:-1] in self.naive.open):
                self.naive.ticked |= self.naive.of(lines[at])
        self.list.end_range()
        self.list.tick_range(first, then)  # a person may overshoot, and come back
        self.list.tick_range(first, last)

    @rule()
    def toggle_shown(self) -> None:
        if self.naive.shown:
            self.naive.toggle(set(self.naive.shown))
        self.list.toggle_shown()

    @rule()
    def toggle_all(self) -> None:
        self.naive.toggle(set(self.naive.held))
        self.list.toggle_all()

    @rule()
    def invert(self) -> None:
        self.naive.ticked ^= set(self.naive.shown)
        self.list.invert_shown()

    @rule(some=st.lists(names, max_size=4))
    def tick_pasted(self, some: list[str]) -> None:
        strangers = self.list.tick(some)
        assert strangers == [name for name in some if name not in self.naive.held]
        self.naive.ticked |= set(some) & set(self.naive.held)

    @rule(data=st.data())
    def fold(self, data: st.DataObject) -> None:
        at = self._pick_line(data)
        if at is None or self.naive.is_filtered:
            return
        text = self.naive.lines[at]
        schema = text[:-1] if text.endswith(".") else schema_of(text)
        cursor = self.list.fold(self.list.lines[at])
        if schema and not self.naive.grouped:
            self.naive.grouped, self.naive.open = True, {schema}
        elif schema:
            self.naive.open ^= {schema}
        assert cursor in self.list.lines
        assert self._text(cursor) in (text, f"{schema}.")

    @rule()
    def fold_all(self) -> None:
        before = self.list.lines[0] if self.list.lines else None
        cursor = self.list.fold_all(before)
        if self.folds:
            self.naive.grouped = not (self.naive.grouped and not self.naive.open)
            self.naive.open = set()
        if not self.naive.is_filtered and before is not None:
            assert cursor in self.list.lines

    @rule(name=names)
    def reveal(self, name: str) -> None:
        line = self.list.reveal(name)
        schema = schema_of(name)
        if name in self.naive.held and self.naive.grouped and schema:
            self.naive.open.add(schema)
        assert (line is not None) == (name in self.naive.lines)

    @invariant()
    def they_show_the_same(self) -> None:
        assert [self._text(line) for line in self.list.lines] == self.naive.lines
        assert [self.list.name(index) for index in self.list.shown] == self.naive.shown

    @rule(data=st.data())
    def place(self, data: st.DataObject) -> None:
        """A line that is shown is placed where it stands; a name that the filter or a fold hides, nowhere or at its
        schema."""
        at = self._pick_line(data)
        if at is not None:
            assert self.list.place(self.list.lines[at]) == at
        for index in range(len(self.list.objects)):
            if self.naive.is_filtered and self.list.name(index) not in self.naive.lines:
                assert self.list.place(index) is None

    @invariant()
    def they_have_ticked_the_same(self) -> None:
        assert self.list.names_ticked() == self.naive.ticked
        assert self.list.ticked == len(self.naive.ticked)
        for line, text in zip(self.list.lines, self.naive.lines, strict=True):
            of = self.naive.of(text)
            wanted = (
                CheckState.ALL
                if of <= self.naive.ticked
                else CheckState.SOME
                if of & self.naive.ticked
                else CheckState.NONE
            )
            assert self.list.mark(line) is wanted


TestBothLists = BothLists.TestCase
TestBothLists.settings = settings(max_examples=150, stateful_step_count=25)


def listed(*names: str) -> NameListModel:
    return NameListModel(Objects.of(list(names), range(len(names)), [UNKNOWN] * len(names)))


def test_a_long_list_begins_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With tens of thousands of tables one sees the schemas first; a short list shows its names at once."""
    many = [f"{schema}.t{number:03}" for schema in ("a", "b") for number in range(name_list.FOLDED_FROM)]
    folded = listed(*many)
    assert [folded.name(line) for line in folded.lines] == ["a", "b"]
    assert not listed(*many[:10]).grouped
    assert not listed(*many[: name_list.FOLDED_FROM]).grouped, "one schema alone is no reason to fold"


def test_schemas_have_the_sums_of_their_names() -> None:
    held = NameListModel(Objects.of(["a.x", "a.y", "b.z"], [1, 2, UNKNOWN], [UNKNOWN, 5, UNKNOWN]))
    held.fold_all(None)
    a, b = held.lines
    assert (held.size(a), held.records(a)) == (3, 5)
    assert (held.size(b), held.records(b)) == (None, None)


def test_a_range_that_is_taken_back_leaves_what_was_there_before() -> None:
    """Shift+↓ four times and Shift+↑ three: one row more than before, and the tick that was passed is as it was."""
    held = listed("a.1", "a.2", "a.3", "a.4", "a.5")
    held.toggle(2)
    for last in (1, 2, 3, 4, 3, 2, 1):
        held.tick_range(0, last)
    assert sorted(held.names_ticked()) == ["a.1", "a.2", "a.3"]


@pytest.mark.parametrize(
    ("do", "before"),
    [
        (lambda held: held.toggle(4), {"a.1", "a.2"}),
        (lambda held: held.filter("a"), {"a.1", "a.2"}),
        (lambda held: held.sort(SortOrder.NAME), {"a.1", "a.2"}),
    ],
)
def test_what_comes_between_ends_a_range(do: Callable[[NameListModel], None], before: set[str]) -> None:
    """A range that begins at the same line later does not take back what the one before had selected."""
    held = listed("a.1", "a.2", "a.3", "a.4", "a.5")
    held.tick_range(0, 1)
    do(held)
    held.tick_range(0, 0)
    assert before <= held.names_ticked()


def test_schema_lines_are_no_names() -> None:
    assert [schema_line(span) for span in (0, 1)] == [-1, -2]


@pytest.mark.parametrize(
    ("typed", "shown", "spans"),
    [
        ("ord", "sales.orders", [(6, 9)]),
        ("ORD s", "sales.orders", [(0, 1), (4, 5), (6, 9), (11, 12)]),
        ("sales.*_2026*", "sales.orders_2026_01", [(0, 6), (12, 17)]),
        ("ab bc", "abc", [(0, 3)]),
        ("", "abc", []),
        ("s", "straße", [(0, 1)]),
        ("ss", "straße", []),
    ],
)
def test_what_was_looked_for_is_marked(typed: str, shown: str, spans: list[tuple[int, int]]) -> None:
    """Every place of every word and of every piece of a pattern; where letters grew in lower case, none."""
    expected = [] if "ß" in shown else spans
    assert Query(typed).spans(shown) == expected


def test_a_search_in_portions_finds_what_a_search_at_once_finds() -> None:
    """The next letter may overtake it anywhere; left alone it ends the same."""
    held = listed(*(f"s.{number}" for number in range(100)))
    search = held.search("1")
    portions = 1
    while not search.advance(7):
        portions += 1
    assert portions == 15
    assert [held.name(index) for index in search.found()] == [
        name for name in held.objects.names if "1" in name
    ]


def test_a_longer_word_is_looked_for_among_what_the_shorter_one_found() -> None:
    """Only what narrows: another word, or fewer of them, starts from all names again."""
    assert Query("ab c").narrows(Query("a"))
    assert Query("s*_2026").narrows(Query("_20"))
    assert not Query("ab").narrows(Query("ab c"))
    assert not Query("b").narrows(Query("a"))
    assert not Query("a").narrows(Query("a*"))
    assert Query("a* b").narrows(Query("a*"))
