"""Two snapshots, or a snapshot and what exists now: what vanished, appeared and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from restore_tui.demo.model import LiveObject
from restore_tui.demo.protocol import Refusal, refusal_reply
from restore_tui.demo.server import DemoServer
from restore_tui.find.compare import (
    ComparedObject,
    ComparedState,
    Comparison,
    Side,
    compare_snapshots,
    compare_with_now,
    in_thread,
    schemas_to_count,
    types_to_read,
)
from restore_tui.find.matches import BackupKey
from restore_tui.find.reads import ClientReads
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.inventory import Listing
from restore_tui.restore.preflight.conflict_check import SCHEMAS, SECURITY, Inventory, ReadFailure
from tests.harness.find import add_backup, demo_client, empty_world, hours_ago, id_of, snapshot, table

Numbers = tuple[int | None, int | None]
"""(records, bytes)."""
Held = Mapping[tuple[str, str], Numbers]

NAMES = ("a.orders", "a.items", "b.orders", "c.x,y", "ana")
number = st.one_of(st.none(), st.integers(0, 3), st.just(2**40))
helds = st.dictionaries(
    st.tuples(st.sampled_from(["table", "user", "graph"]), st.sampled_from(NAMES)),
    st.tuples(number, number),
    max_size=8,
)


def contents_of(held: Held) -> Contents:
    return Contents.of(
        BackedUpObject(kind, name, size, records) for (kind, name), (records, size) in held.items()
    )


def naive(before: Held, after: Held, totals: bool) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Object → (state, difference in records)."""
    rows: dict[tuple[str, str], tuple[str, int | None]] = {}
    for key in {*before, *after}:
        if key not in after:
            rows[key] = ("vanished", None)
        elif key not in before:
            rows[key] = ("appeared", None)
        else:
            known = [
                (one, other)
                for one, other in zip(before[key], after[key], strict=True)
                if one is not None and other is not None
            ]
            was, now = before[key][0], after[key][0]
            change = None if was is None or now is None else now - was
            if not totals or not known:
                rows[key] = ("in both", None)
            elif any(one != other for one, other in known):
                rows[key] = ("changed", change)
            else:
                rows[key] = ("same", change)
    return rows


def of_objects(comparison: Comparison) -> list[ComparedObject]:
    """All rows but those of schemas."""
    return [row for row in comparison.rows if row.type != "all"]


def names_of(comparison: Comparison, state: ComparedState) -> list[str]:
    return [row.name for row in comparison.with_state(state)]


@settings(max_examples=100)
@given(before=helds, after=helds, delta=st.sampled_from([(), (0,), (1,), (0, 1)]), chosen=st.booleans())
def test_agrees_with_a_naive_comparison(
    before: Held, after: Held, delta: tuple[int, ...], chosen: bool
) -> None:
    comparison = compare_snapshots(
        Side(contents_of(before), 0 in delta), Side(contents_of(after), 1 in delta), chosen_is_after=chosen
    )
    rows = of_objects(comparison)
    assert {row.key: (row.state.value, row.records_change) for row in rows} == naive(before, after, not delta)
    assert len(rows) == len({*before, *after})
    order = [*ComparedState]
    states = [order.index(row.state) for row in comparison.rows]
    assert states == sorted(states)
    for state in ComparedState:
        part = comparison.with_state(state)
        assert [row for row in comparison.rows if row.state is state] == list(part)
        assert len(part) == comparison.counts[state]
    changes = [abs(row.records_change or 0) for row in comparison.with_state(ComparedState.CHANGED)]
    assert changes == sorted(changes, reverse=True)
    held = after if chosen else before
    for row in rows:
        assert comparison.is_selectable(row) == (row.key in held and "," not in row.name)


def test_largest_first() -> None:
    before = {("table", f"a.t{at}"): (records, None) for at, records in enumerate((5, 900, 100, 7))}
    after = {("table", "a.t0"): (6, None), ("table", "a.t1"): (0, None), ("table", "a.new"): (1, None)}
    comparison = compare_snapshots(Side(contents_of(before)), Side(contents_of(after)))
    assert [(row.name, row.state.value) for row in comparison.differences] == [
        ("a.t2", "vanished"),
        ("a.t3", "vanished"),
        ("a.new", "appeared"),
        ("a.t1", "changed"),
        ("a.t0", "changed"),
    ]


def test_a_schema_is_a_row_and_its_numbers_are_those_of_its_tables() -> None:
    before = {("table", "a.t"): (5, None), ("table", "b.t"): (5, None)}
    comparison = compare_snapshots(
        Side(contents_of(before)), Side(contents_of({("table", "a.t"): (9, None)}))
    )
    schemas = {row.name: row for row in comparison.rows if row.type == "all"}
    assert schemas["b"].state is ComparedState.VANISHED
    assert schemas["a"].state is ComparedState.IN_BOTH
    assert schemas["b"].records_before is None


def test_numbers_that_contradict_each_other_are_not_compared() -> None:
    """A name that a snapshot lists twice, with other numbers each time."""
    twice = Contents.of([BackedUpObject("table", "a.t", 1, 1), BackedUpObject("table", "a.t", 2, 2)])
    comparison = compare_snapshots(Side(twice), Side(contents_of({("table", "a.t"): (2, 2)})))
    assert [row.state for row in of_objects(comparison)] == [ComparedState.IN_BOTH]


def test_an_object_of_ambiguous_type_is_compared_and_cannot_be_selected() -> None:
    held = Contents.of([BackedUpObject("proc", "a.p", None, None)])
    (row,) = of_objects(compare_snapshots(Side(held), Side(Contents())))
    assert (row.type, row.state) == ("proc", ComparedState.VANISHED)
    assert not compare_snapshots(Side(held), Side(Contents())).is_selectable(row)


def test_with_now_what_could_not_be_read_is_unknown_and_says_why() -> None:
    held = {("table", "a.t"): (1, 1), ("user", "ana"): (None, None), ("graph", "a.g"): (None, None)}
    inventory = Inventory(
        {SCHEMAS: Listing({"table": frozenset({"a.new", "z.other"})}, schemas=frozenset({"a", "z"}))},
        {SECURITY: ReadFailure("No.", hidden=True)},
    )
    comparison = compare_with_now(Side(contents_of(held)), inventory)
    assert names_of(comparison, ComparedState.VANISHED) == ["a.t"]
    assert names_of(comparison, ComparedState.APPEARED) == ["a.new"]
    assert comparison.left_out == 1  # z is no schema of the snapshot
    unknown = {row.name: row.why for row in comparison.with_state(ComparedState.UNKNOWN)}
    assert unknown == {"ana": "No.", "a.g": "The wizard does not list this type."}
    assert comparison.problems == (f"{SECURITY} could not be read: No.",)
    assert [row.name for row in comparison.rows if not comparison.is_selectable(row)] == ["a.new"]


live_names = st.sets(st.sampled_from(["a.orders", "a.items", "a.new", "b.orders", "d.other"]))


@settings(max_examples=25)
@given(
    before=st.dictionaries(st.sampled_from(NAMES[:3]), st.integers(0, 3)),
    after=st.dictionaries(st.sampled_from(NAMES[:3]), st.integers(0, 3)),
    kind=st.sampled_from(["full", "incremental"]),
    live=live_names,
)
async def test_agrees_with_a_naive_comparison_over_http(
    before: dict[str, int], after: dict[str, int], kind: str, live: set[str]
) -> None:
    world = empty_world()
    older, newer = ({("table", name): records for name, records in held.items()} for held in (before, after))
    add_backup(world, "nightly", [snapshot(hours_ago(9), older), snapshot(hours_ago(1), newer, kind=kind)])
    world.add_live(LiveObject("table", name, records=2) for name in live)
    key = BackupKey("s3", "nightly")
    with DemoServer(world) as server:
        async with demo_client(server) as client:
            reads = ClientReads(client)
            was, now = [await reads.contents(key, id_of(hours_ago(h))) for h in (9, 1)]
            inventory = await reads.inventory(types_to_read(was))
            counted = await reads.live_tables(schemas_to_count(was))
    comparison = await in_thread(lambda: compare_snapshots(Side(was), Side(now, kind == "incremental")))
    wanted = naive(_numbers(before), _numbers(after), kind == "full")
    assert {row.key: (row.state.value, row.records_change) for row in of_objects(comparison)} == wanted
    exists = compare_with_now(Side(was), inventory, counted)
    rows = {row.name: row.state.value for row in of_objects(exists)}
    schemas = {name.partition(".")[0] for name in before}
    relevant = {name for name in live if name.partition(".")[0] in schemas}
    assert rows == {
        **{name: _now(records) if name in live else "vanished" for name, records in before.items()},
        **dict.fromkeys(relevant - set(before), "appeared"),
    }


def _now(records: int) -> str:
    """Live tables have two records."""
    return "same" if records == 2 else "changed"


def _numbers(held: dict[str, int]) -> dict[tuple[str, str], Any]:
    return {("table", name): (records, 10 * records) for name, records in held.items()}


async def test_what_exists_now_cannot_be_read() -> None:
    """Nothing seems to have vanished."""
    world = empty_world()
    add_backup(world, "nightly", [snapshot(hours_ago(1), table("a.orders"))])
    refused = refusal_reply(Refusal("Insufficient privilege"))
    with DemoServer(
        world, intercept=lambda received, answer: refused if received.endpoint == SCHEMAS else answer()
    ) as server:
        async with demo_client(server) as client:
            reads = ClientReads(client)
            held = await reads.contents(BackupKey("s3", "nightly"), id_of(hours_ago(1)))
            comparison = compare_with_now(Side(held), await reads.inventory(types_to_read(held)))
    assert {row.state for row in comparison.rows} == {ComparedState.UNKNOWN}
    assert "Insufficient privilege" in comparison.problems[0]
