"""Only what is missing: nothing that exists is asked for, and everything else still is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.inventory import Listing
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import SCHEMAS, SECURITY, Inventory, Key, evaluate_conflicts
from restore_tui.restore.preflight.conflict_report import ConflictReport, rules_of
from restore_tui.restore.preflight.only_missing import OnlyMissing, leave_out, only_missing
from restore_tui.restore.preflight.results import requested_keys
from tests.harness.plans import contents, plan

SCHEMA_NAMES = ("s", "hr")
TABLES = tuple(f"{schema}.{name}" for schema in SCHEMA_NAMES for name in "abc")
USERS = ("ada", "bob")
HELD = contents(
    *(("table", name) for name in TABLES), *(("user", name) for name in USERS), ("context", "s.ctx")
)


def report_of(plan: RestorePlan, tables: frozenset[str], users: frozenset[str]) -> ConflictReport:
    """What a conflict check says where these tables and users exist."""
    found = Inventory(
        {
            SCHEMAS: Listing({"table": tables}, schemas=frozenset(name.split(".")[0] for name in tables)),
            SECURITY: Listing({"user": users, "role": frozenset()}),
        }
    )
    seen = evaluate_conflicts(requested_keys(plan.objects, HELD), found, rules_of(plan))
    return ConflictReport(plan, HELD, found, seen)


def without(selected: dict[str, list[str]], existing: set[str]) -> OnlyMissing:
    chosen = plan().choose_objects(Selection.of(selected))
    return only_missing(report_of(chosen, frozenset(existing - set(USERS)), frozenset(existing & set(USERS))))


def test_a_table_that_exists_is_left_out() -> None:
    result = without({"table": ["s.a", "s.b"]}, {"s.a"})
    assert result.selection.by_type == {"table": frozenset({"s.b"})}
    assert result.left_out == (("table", "s.a"),)
    assert (result.restored, result.unknown, result.expanded) == (1, 0, ())


def test_a_whole_schema_is_named_object_by_object_where_some_of_it_exists() -> None:
    """Types that are not checked stay, and are counted."""
    result = without({"all": ["s", "hr"]}, {"s.a"})
    assert result.selection.by_type == {
        "all": frozenset({"hr"}),
        "table": frozenset({"s.b", "s.c"}),
        "context": frozenset({"s.ctx"}),
    }
    assert result.expanded == ("s",)
    assert result.restored == 6
    assert result.unknown >= 1


def test_nothing_is_missing() -> None:
    result = without({"table": ["s.a"], "user": ["ada"]}, {"s.a", "ada"})
    assert not result.selection
    assert result.restored == 0
    assert len(result.left_out) == 2


@given(
    existing=st.frozensets(st.sampled_from([*TABLES, *USERS])),
    tables=st.frozensets(st.sampled_from(TABLES)),
    users=st.frozensets(st.sampled_from(USERS)),
    schemas=st.frozensets(st.sampled_from(SCHEMA_NAMES)),
)
def test_what_exists_is_left_out_and_nothing_else(
    existing: frozenset[str], tables: frozenset[str], users: frozenset[str], schemas: frozenset[str]
) -> None:
    """For every selection: the objects asked for afterwards are those asked for before, but for what exists."""
    chosen = plan().choose_objects(Selection.of({"table": tables, "user": users, "all": schemas}))
    result = only_missing(report_of(chosen, existing - set(USERS), existing & set(USERS)))
    before = set(requested_keys(chosen.objects, HELD))
    after: set[Key] = set(requested_keys(result.selection, HELD))
    exists = {key for key in before if key[1] in existing}
    assert set(result.left_out) == exists
    assert after == before - exists
    assert result.restored == len(after)


@given(
    restored=st.frozensets(st.sampled_from([("table", name) for name in TABLES] + [("context", "s.ctx")])),
    tables=st.frozensets(st.sampled_from(TABLES)),
    schemas=st.frozensets(st.sampled_from(SCHEMA_NAMES)),
)
def test_what_was_restored_is_left_out_and_nothing_else(
    restored: frozenset[Key], tables: frozenset[str], schemas: frozenset[str]
) -> None:
    """Of a whole schema of which nothing is left out, the schema itself is asked for."""
    selected = Selection.of({"table": tables, "all": schemas})
    rest = leave_out(selected, HELD, restored)
    before = set(requested_keys(selected, HELD))
    assert set(requested_keys(rest.selection, HELD)) == set(rest.kept) == before - restored
    assert rest.selection.names("all") == schemas - set(rest.expanded)
    assert set(rest.expanded) == {schema for schema in schemas if restored & set(HELD.members(schema))}
