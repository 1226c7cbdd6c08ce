"""What replace would destroy, as a number: the records that the tables of a plan have now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.contents_reader import read_contents
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight import conflict_check
from restore_tui.restore.preflight.conflict_check import ConflictStatus, ObjectConflict
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.live_counts import (
    MOST_TABLES,
    CountedTable,
    LiveCounts,
    read_live_counts,
    written_since,
)
from tests.harness.kinetica_client import client
from tests.harness.plans import plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)
REPLACED, NEW = ObjectConflict(ConflictStatus.REPLACED), ObjectConflict(ConflictStatus.NEW)
HELD = read_contents(
    [
        {"name": "s.orders", "type": "table", "records": "10"},
        {"name": "s.items", "type": "table", "records": "20"},
        {"name": "t.log", "type": "table"},
        {"name": "s.sink", "type": "datasink"},
    ]
)


def report(*names: str, contents: Contents = HELD, **options: str) -> ConflictReport:
    """A conflict check that found these tables, and a data sink, to be replaced, and one table to be new."""
    made = plan().choose_objects(Selection.of({"table": [*names, "s.new"], "datasink": ["s.sink"]}))
    for name, value in {"restore_policy": "replace", **options}.items():
        made = made.choose_option(name, value)
    seen = {("table", name): REPLACED for name in names}
    seen |= {("table", "s.new"): NEW, ("datasink", "s.sink"): REPLACED}
    return ConflictReport(made, contents, seen=MappingProxyType(seen))


async def counted(server: Server, of: ConflictReport, *, are_changes: bool = False) -> LiveCounts:
    async with client(server) as kinetica:
        return await read_live_counts(kinetica, of, are_changes=are_changes)


def tables(**records: int) -> Any:
    """A response of /show/table about tables of the schema s."""
    return f.good({"table_names": [f"s.{name}" for name in records], "sizes": list(records.values())})


async def test_each_schema_is_asked_once_and_no_other(faulty: Server) -> None:
    """Three tables in two schemas: two reads, of counted records and last writes."""
    faulty.on("/show/table", tables(orders=11, items=19))
    found = await counted(faulty, report("s.orders", "s.items", "t.log"))
    asked = [received.json for received in faulty.at("/show/table")]
    assert sorted(body["table_name"] for body in asked) == ["s", "t"]
    assert all(body["options"]["get_sizes"] == "true" for body in asked)
    assert found.tables["s.orders"] == CountedTable("s.orders", 11, None, 10)
    assert found.text == "at least 30 records now"


async def test_the_sums_stand_beside_each_other(faulty: Server) -> None:
    faulty.on("/show/table", tables(orders=11, items=19))
    found = await counted(faulty, report("s.orders", "s.items"))
    assert found.text == "30 records now, 30 in the snapshot"


async def test_changes_are_not_compared_with_totals(faulty: Server) -> None:
    """The numbers of an incremental snapshot count what changed."""
    faulty.on("/show/table", tables(orders=11, items=19))
    found = await counted(faulty, report("s.orders", "s.items"), are_changes=True)
    assert found.text == "30 records now"


async def test_a_table_that_comes_back_under_another_name(faulty: Server) -> None:
    """What is replaced is the table in the new schema."""
    faulty.on("/show/table", f.good({"table_names": ["old.orders"], "sizes": [7]}))
    found = await counted(faulty, report("s.orders", target_schema_map="s: old"))
    assert [received.json["table_name"] for received in faulty.at("/show/table")] == ["old"]
    assert found.tables["s.orders"] == CountedTable("old.orders", 7, None, 10)


@pytest.mark.parametrize("policy", ["none", "rename"])
async def test_nothing_is_asked_where_nothing_is_replaced(faulty: Server, policy: str) -> None:
    made = report("s.orders")
    seen = MappingProxyType({("table", "s.orders"): ObjectConflict(ConflictStatus.ABORT)})
    found = await counted(faulty, ConflictReport(made.plan, HELD, seen=seen))
    assert faulty.received == []
    assert found.text == ""


async def test_too_many_tables_are_not_counted(faulty: Server) -> None:
    found = await counted(faulty, report(*(f"s.t{number}" for number in range(MOST_TABLES + 1))))
    assert faulty.received == []
    assert found.text == "records not counted"
    assert found.text_of("table", "s.t7", NOW) == "The records of 201 tables are not counted: too many."


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (f.error("no such right\x1b[2J"), "no such right"),
        (f.page(502), "HTTP 502"),
        (f.GARBAGE, "Connection lost"),
    ],
)
async def test_what_cannot_be_read_is_told(faulty: Server, fault: Any, why: str) -> None:
    faulty.on("/show/table", fault)
    found = await counted(faulty, report("s.orders"))
    assert found.text == "records not counted"
    assert found.tables["s.orders"].records is None
    (problem,) = found.problems
    assert found.text_of("table", "s.orders", NOW) == problem
    assert problem.startswith("The records in s could not be counted: ")
    assert why in problem
    assert problem.isprintable()


async def test_a_read_that_hangs_is_given_up(faulty: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dry run stands beside it."""
    monkeypatch.setattr(conflict_check, "INVENTORY_SECONDS", 0.05)
    faulty.on("/show/table", f.never())
    found = await counted(faulty, report("s.orders", "t.log"))
    assert len(found.problems) == 2
    assert all("took longer than" in problem for problem in found.problems)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (CountedTable("s.a"), ""),
        (CountedTable("s.a", in_snapshot=3), ""),
        (CountedTable("s.a", 1), "1 record now"),
        (
            CountedTable("s.a", 5_870_112, NOW - timedelta(minutes=10), 5_866_548),
            "5,870,112 records now, last written 10 min ago; 5,866,548 in the snapshot",
        ),
        (CountedTable("s.a", None, NOW - timedelta(hours=3)), "last written 3 h ago"),
    ],
)
def test_what_is_said_of_one_table(table: CountedTable, text: str) -> None:
    found = LiveCounts(MappingProxyType({"s.a": table}))
    assert found.text_of("table", "s.a", NOW) == text
    assert found.text_of("user", "s.a", NOW) == found.text_of("table", "s.b", NOW) == ""


_numbers = st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(0, 5))


@given(_numbers, _numbers)
def test_only_numbers_that_differ_are_writes(
    before: Mapping[str, int | None], now: Mapping[str, int | None]
) -> None:
    """A number that was not known, then or now, shows no write."""

    def counts(of: Mapping[str, int | None]) -> LiveCounts:
        return LiveCounts(
            MappingProxyType({name: CountedTable(f"s.{name}", many) for name, many in of.items()})
        )

    sentence = written_since(counts(before), counts(now))
    written = [
        name
        for name, many in now.items()
        if many is not None and before.get(name) is not None and before[name] != many
    ]
    assert bool(sentence) == bool(written)
    if written:
        assert sentence.startswith(f"Since the dry run {len(written)} table")
        first = written[0]
        assert f"s.{first} ({'+' if (now[first] or 0) > (before[first] or 0) else '−'}" in sentence
