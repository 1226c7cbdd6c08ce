"""What is requested adds up to what the ledger will ask about, and picking changes nothing that was not picked."""

from __future__ import annotations

from functools import partial

from hypothesis import assume, given
from hypothesis import strategies as st

from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.identifiers import object_problem, schema_of
from restore_tui.kinetica.reference import has_schema
from restore_tui.picker.name_list import NameListModel
from restore_tui.picker.object_picker import ObjectPicker
from restore_tui.picker.typed_names import TypedNames
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.results import requested_keys

KINDS = ("table", "user", "graph", "user_defined_function")
names = st.sampled_from(["a.x", "a.y", "b.x", "b.z", "c", "ana"])
objects = st.builds(
    BackedUpObject,
    st.sampled_from(KINDS),
    names,
    st.none() | st.integers(0, 99),
    st.none() | st.integers(0, 99),
)
selections = st.builds(
    Selection.of,
    st.fixed_dictionaries(
        {kind: st.frozensets(names, max_size=4) for kind in KINDS}
        | {"all": st.frozensets(st.sampled_from(["a", "b", "unlisted"]))}
    ),
)
held = st.lists(objects, max_size=10, unique_by=lambda item: (item.type, item.name))


@given(held, selections)
def test_the_totals_are_those_of_the_ledger(items: list[BackedUpObject], selection: Selection) -> None:
    """Each object once, however often it is covered; sizes and records as far as they are told."""
    contents = Contents.of(items)
    totals = ObjectPicker(contents, {}, selection).totals()
    known = {(item.type, item.name): item for item in items}
    asked = list(requested_keys(selection, contents))
    sizes = [known[key].size for key in asked if key in known and known[key].size is not None]
    records = [known[key].records for key in asked if key in known and known[key].records is not None]
    assert totals.objects == len(asked)
    assert totals.size == (sum(size or 0 for size in sizes) if sizes else None)
    assert totals.records == (sum(count or 0 for count in records) if records else None)
    assert totals.twice == len(selection.covered_twice())


@given(held, selections, st.sampled_from([*KINDS, "all"]), names, st.data())
def test_a_tick_changes_one_name(
    items: list[BackedUpObject], selection: Selection, kind: str, name: str, data: st.DataObject
) -> None:
    """What was requested before is in the lists again, also what the server does not list; one tick changes one
    name of one type."""
    pick = ObjectPicker(Contents.of(items), {}, selection)
    listed = pick.names(kind)
    for each in pick.kinds:
        pick.ticked(each)
    assert pick.selection == selection
    assume(len(listed.objects))
    line = data.draw(st.sampled_from(range(len(listed.objects))))
    pick.toggle(kind, line)
    wanted = selection.names(kind) ^ {listed.name(line)}
    assert pick.selection == selection.with_names(kind, wanted)


@given(held, selections, st.sampled_from(["a", "b"]))
def test_a_schema_as_all_covers_what_was_ticked_in_it(
    items: list[BackedUpObject], selection: Selection, schema: str
) -> None:
    """Names of the schema that were selected one by one are requested through the schema; nothing else changes. Types
    that are not documented to be covered by all keep their ticks."""
    pick = ObjectPicker(Contents.of(items), {}, selection)
    pick.say_as_all(schema)
    after = pick.selection
    assert pick.names("all").names_ticked() == after.names("all"), (
        "what is requested can be seen, and unselected"
    )
    assert schema in after.names("all")
    assert after.names("all") - {schema} == selection.names("all") - {schema}
    for kind in KINDS:
        covered = schema if has_schema(kind) else None
        assert after.names(kind) == {
            n for n in selection.names(kind) if not covered or schema_of(n) != covered
        }
    assert not [name for _, name in after.covered_twice() if schema_of(name) == schema]


def test_a_typed_name_joins_the_list_with_its_ticks_kept() -> None:
    pick = ObjectPicker(
        Contents.of([BackedUpObject("table", "a.x", 1, 1)]), {}, Selection.of({"table": ["a.x"]})
    )
    pick.add("table", ["a.new"])
    assert list(pick.names("table").objects.names) == ["a.new", "a.x"]
    assert pick.names("table").names_ticked() == {"a.x"}
    pick.names("table").tick(["a.new"])
    pick.ticked("table")
    assert pick.selection.names("table") == {"a.x", "a.new"}
    assert pick.totals().size == 1


def test_a_typed_name_in_a_schema_that_is_asked_for_counts_only_when_ticked() -> None:
    """`all` asks for what the server lists."""
    pick = ObjectPicker(
        Contents.of([BackedUpObject("table", "a.x", 1, 1)]),
        {"table": ["a.new"]},
        Selection.of({"all": ["a"]}),
    )
    assert pick.totals().objects == 1
    pick.names("table").tick(["a.new"])
    pick.ticked("table")
    assert (pick.totals().objects, pick.totals().twice) == (2, 1)


def typed(text: str, at_once: int = 1) -> TypedNames:
    listed = ObjectPicker(
        Contents.of(BackedUpObject("table", name, None, None) for name in ("a.x", "a.y", "odd name!")),
        {},
        Selection(),
    )
    names: NameListModel = listed.names("table")
    made = TypedNames(text, names, partial(object_problem, in_schema=True))
    while not made.advance(at_once):
        pass
    return made


def test_what_of_a_pasted_list_is_not_listed_is_named() -> None:
    """Each name once; what the server lists is a name, whatever the rules say."""
    made = typed("a.x, a.y\na.gone,a.x\nodd name!, no.good.name")
    assert made.names == ["a.x", "a.y", "a.gone", "odd name!", "no.good.name"]
    assert made.unlisted == ["a.gone", "no.good.name"]
    assert [name for name, _ in made.problems] == ["no.good.name"]
    assert made.listed == 3


def test_only_what_is_listed_can_be_taken_and_the_rest_is_still_named() -> None:
    made = typed("a.x, a.1, a.2, a.3, a.4, no.good.name")
    made.only_listed()
    assert (made.names, made.unlisted, made.problems) == (["a.x"], [], [])
    assert made.words() == (
        "1 of these names is selected. a.1, a.2, a.3 and 2 others are left out: not listed by the server."
    )
