"""What exists now of all that a snapshot lists: a set per type says the same as a look at each object."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.inventory import Listing, LiveTable
from restore_tui.restore.preflight.conflict_check import SCHEMAS, SECURITY, Inventory, ReadFailure
from restore_tui.restore.preflight.live_counts import LiveTables
from restore_tui.restore.preflight.presence import Presence, existences, snapshot_presence, types_to_read
from tests.harness.plans import contents

TABLES = tuple(f"{schema}.{name}" for schema in ("s", "hr", "web") for name in "ab")
USERS = ("ada", "bob")
HELD = contents(
    *(("table", name) for name in TABLES), *(("user", name) for name in USERS), ("context", "s.ctx")
)


def inventory(tables: frozenset[str], users: frozenset[str], blank: frozenset[str]) -> Inventory:
    schemas = frozenset(name.split(".")[0] for name in tables)
    return Inventory(
        {
            SCHEMAS: Listing({"table": tables}, schemas=schemas | blank, blank=blank - schemas),
            SECURITY: Listing({"user": users, "role": frozenset()}),
        }
    )


@given(
    tables=st.frozensets(st.sampled_from(TABLES)),
    users=st.frozensets(st.sampled_from(USERS)),
    blank=st.frozensets(st.sampled_from(("s", "hr"))),
)
def test_each_name_is_as_a_look_at_it_alone_says(
    tables: frozenset[str], users: frozenset[str], blank: frozenset[str]
) -> None:
    live = inventory(tables, users, blank)
    known = snapshot_presence(HELD, live)
    for kind, names in (("table", TABLES), ("user", USERS), ("context", ("s.ctx",))):
        found = known.of_type(kind)
        alone = {name: existences([(kind, name)], live)[kind, name].presence for name in names}
        assert {name: found.of(name) for name in names} == alone
        assert found.unknown == list(alone.values()).count(Presence.UNKNOWN)
    missing = [name for name in TABLES if known.of_type("table").of(name) is Presence.MISSING]
    schemas = known.of_type("all")
    assert schemas.with_missing == {schema_of(name) for name in missing}
    assert sum(schemas.missing_in.values()) == len(missing)


COUNTS = st.one_of(st.none(), st.integers(0, 3))


@given(
    in_snapshot=st.lists(COUNTS, min_size=len(TABLES), max_size=len(TABLES)),
    now=st.lists(COUNTS, min_size=len(TABLES), max_size=len(TABLES)),
    existing=st.frozensets(st.sampled_from(TABLES)),
    counts_changes=st.booleans(),
)
def test_a_table_with_fewer_records_than_the_snapshot_is_incomplete(
    in_snapshot: list[int | None], now: list[int | None], existing: frozenset[str], counts_changes: bool
) -> None:
    """Of a snapshot whose numbers are changes only an empty table is. What is not counted is not judged."""
    held = Contents.of(
        BackedUpObject("table", name, None, records)
        for name, records in zip(TABLES, in_snapshot, strict=True)
    )
    live = LiveTables({name: LiveTable(records) for name, records in zip(TABLES, now, strict=True)})
    known = snapshot_presence(held, inventory(existing, frozenset(), frozenset()))
    known = known.with_counts(live, counts_changes=counts_changes)
    for name, then, records in zip(TABLES, in_snapshot, now, strict=True):
        expected = known.of_type("table").of(name)
        if name not in existing:
            assert expected is not Presence.INCOMPLETE
            assert known.counted(name) is None
        elif records is None:
            assert expected is Presence.EXISTS
        elif counts_changes or then is None:
            assert expected is (Presence.INCOMPLETE if records == 0 else Presence.EXISTS)
        else:
            assert expected is (Presence.INCOMPLETE if records < then else Presence.EXISTS)
    incomplete = {name for name in TABLES if known.of_type("table").of(name) is Presence.INCOMPLETE}
    assert known.of_type("all").incomplete == {schema_of(name) for name in incomplete}


def test_names_that_the_snapshot_does_not_list_are_looked_up_one_by_one() -> None:
    known = snapshot_presence(HELD, inventory(frozenset({"s.typed"}), frozenset(), frozenset()))
    found = known.of_type("table", ["s.typed", "s.other"])
    assert found.of("s.typed") is Presence.EXISTS
    assert found.of("s.other") is Presence.MISSING
    assert known.of_type("graph", ["s.g"]).of("s.g") is Presence.UNKNOWN


def test_a_read_that_failed_leaves_everything_unknown_and_says_why() -> None:
    known = snapshot_presence(HELD, Inventory(unread={SCHEMAS: ReadFailure("HTTP 403", hidden=True)}))
    found = known.of_type("table")
    assert {found.of(name) for name in TABLES} == {Presence.UNKNOWN}
    assert (found.unknown, found.why_unknown) == (len(TABLES), "HTTP 403")
    assert known.of_type("all").of("s") is Presence.UNKNOWN


def test_only_types_with_a_list_of_what_exists_are_read() -> None:
    assert types_to_read(HELD) == {"table", "user", "all"}
    assert types_to_read(contents()) == frozenset()
