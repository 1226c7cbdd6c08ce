"""Lists of backups, snapshots and contents as a server may send them: over HTTP, from a real server on loopback."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica import backups as b
from restore_tui.kinetica import backups_reader as r
from restore_tui.kinetica.contents import BackedUpObject
from restore_tui.kinetica.errors import KineticaError, NotRequested
from restore_tui.kinetica.object_columns import Amount
from restore_tui.kinetica.responses.lenient import is_impossible, parse_int
from restore_tui.picker.name_list import NameListModel, SortOrder
from restore_tui.picker.object_picker import ObjectPicker
from restore_tui.restore.plan.selection import Selection
from tests.harness.kinetica_client import PASSWORD, client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Received, Reply, Server

SHOW = "/show/backup"


def contents_answer(*entries: Any, **more: Any) -> f.Fault:
    return f.good({"backup_contents": list(entries), **more})


async def contents_of(faulty: Server, *entries: Any, **more: Any) -> Any:
    faulty.on(SHOW, contents_answer(*entries, **more))
    async with client(faulty) as kinetica:
        return await kinetica.contents("s3", "nightly", "17")


# An empty list, and what the server adds to it


async def test_what_the_server_adds_to_an_empty_list_is_kept(faulty: Server) -> None:
    """Both the message of the envelope and the info, without a password that it echoes."""

    def answer(received: Received) -> Reply:
        data = {"backup_ids": [], "info": {"error": f"Access Denied: s3://vault, {PASSWORD}", "empty": ""}}
        return Reply(
            f.http(200, f.envelope(data, "show_backup_response", message="3 were skipped")), keep=True
        )

    faulty.on(SHOW, answer)
    async with client(faulty) as kinetica:
        listed = await kinetica.backups("s3")
    assert len(listed) == 0
    assert listed.words.startswith("3 were skipped\nerror: Access Denied: s3://vault, ")
    assert PASSWORD not in listed.words


async def test_entries_without_a_known_name_are_kept_as_received(faulty: Server) -> None:
    """No backup is recognized: none is listed, no count is made up, and every entry is there to be shown."""
    data = {"backup_description": [{"a": "night", "b": "x"}], "backup_ids": [{"p": "17", "q": "full"}]}
    faulty.on(SHOW, f.good(data))
    async with client(faulty) as kinetica:
        listed = await kinetica.backups("s3")
        snapshots = await kinetica.snapshots("s3", "night")
    assert list(listed) == []
    assert listed.unread == ({"a": "night", "b": "x"}, {"p": "17", "q": "full"})
    assert (list(snapshots), snapshots.unread) == ([], ({"p": "17", "q": "full"},))


async def test_snapshots_that_name_no_backup_are_no_proof_that_there_are_none(faulty: Server) -> None:
    """Of two backups it is not known which has the snapshot: their counts are unknown, not 0."""
    data = {"backup_description": [{"name": "a"}, {"name": "b"}], "backup_ids": [{"backup_id": "17"}]}
    faulty.on(SHOW, f.good(data))
    async with client(faulty) as kinetica:
        listed = await kinetica.backups("s3")
    assert [(backup.name, backup.snapshot_count) for backup in listed] == [("a", None), ("b", None)]
    assert listed.unread == ({"backup_id": "17"},)


# A response about something else


@pytest.mark.parametrize(
    "more",
    [
        {"backup_name": "weekly"},
        {"backup_ids": [{"backup_id": "18"}]},
        {"backup_ids": [{"backup_name": "weekly", "backup_id": "17"}]},
        {"backup_ids": [{"18": "full"}]},
    ],
    ids=["another backup", "another snapshot", "another's snapshot", "a map of ids"],
)
async def test_contents_of_something_else_are_refused(faulty: Server, more: dict[str, Any]) -> None:
    """What the response names is compared with the request: a sentence, and no names."""
    with pytest.raises(NotRequested) as refused:
        await contents_of(faulty, {"sales.orders": "table"}, **more)
    assert re.search(
        "The response is about (backup weekly, not nightly|snapshot 18, not 17)", refused.value.what
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"backup_name": "nightly", "backup_ids": [{"backup_id": "17"}]},
        {"backup_ids": [{"backup_id": 17}, {"backup_id": "18"}]},
        {"backup_ids": [{"name": "my first one", "id": "17"}]},
    ],
)
async def test_contents_that_may_be_meant_are_taken(faulty: Server, more: dict[str, Any]) -> None:
    """Silence, the same id, or among others: nothing speaks against it."""
    contents = await contents_of(faulty, {"sales.orders": "table"}, **more)
    assert list(contents) == [BackedUpObject("table", "sales.orders", None, None)]


async def test_snapshots_of_another_backup_are_no_snapshots_of_this_one(faulty: Server) -> None:
    """Rows of another backup are left out; a response about another one alone is refused."""
    rows = [{"backup_name": "nightly", "backup_id": "17"}, {"backup_name": "nightly2", "backup_id": "18"}]
    faulty.on(SHOW, f.good({"backup_ids": rows}), f.good({"backup_ids": rows[1:]}))
    async with client(faulty) as kinetica:
        assert [s.id for s in await kinetica.snapshots("s3", "nightly")] == ["17"]
        with pytest.raises(NotRequested, match="about backup nightly2, not nightly"):
            await kinetica.snapshots("s3", "nightly")


async def test_a_password_in_the_place_of_a_name_is_in_no_error(faulty: Server) -> None:
    """A list shows names as they are; an error about a response that is not ours is a message."""
    faulty.on(SHOW, f.good({"backup_name": PASSWORD}))
    async with client(faulty) as kinetica:
        for ask in (kinetica.snapshots("s3", "nightly"), kinetica.contents("s3", "nightly", "17")):
            with pytest.raises(NotRequested, match="about backup …, not nightly"):
                await ask


@pytest.mark.parametrize("name", ["night*", "*", "", " ", "ni\N{REPLACEMENT CHARACTER}ght"])
async def test_a_name_that_is_no_single_backup_is_not_asked_for(faulty: Server, name: str) -> None:
    """`night*` would be read as a prefix: nothing is sent."""
    async with client(faulty) as kinetica:
        for ask in (kinetica.snapshots("s3", name), kinetica.contents("s3", name, "17")):
            with pytest.raises(KineticaError):
                await ask
    assert faulty.received == []


# Names of contents


SCHEMA_KEYS = ["schema_name", "schema", "OBJECT_SCHEMA", "object_schema_name"]


@pytest.mark.parametrize("key", SCHEMA_KEYS)
async def test_a_schema_under_a_key_of_its_own_belongs_to_the_name(faulty: Server, key: str) -> None:
    """Two tables of one name stay two, and what is selected is sent with its schema."""
    contents = await contents_of(
        faulty,
        {key: "ops", "object_name": "orders", "object_type": "table"},
        {key: "lab", "object_name": "orders", "object_type": "table"},
        {key: "ops", "object_name": "ops.items", "object_type": "table"},
        {key: "", "object_name": "maria", "object_type": "user"},
        {key: "ops", "object_name": "ben", "object_type": "user"},
    )
    assert contents.names("table").names == ["lab.orders", "ops.items", "ops.orders"]
    assert contents.names("user").names == ["ben", "maria"]
    assert contents.names("all").names == ["lab", "ops"]


async def test_a_schema_beside_a_map_of_types_belongs_to_its_names(faulty: Server) -> None:
    """`{"schema": "ops", "table": "orders"}`; where several schemas are named nothing is guessed."""
    contents = await contents_of(
        faulty, {"schema": "ops", "table": "orders, items"}, {"schema": "a, b", "table": "c", "user": "u"}
    )
    assert contents.names("table").names == ["ops.items", "ops.orders"]
    assert contents.names("user").names == ["u"]
    assert contents.unread == ({"table": "c"},)


async def test_a_name_with_different_facts_is_named(faulty: Server) -> None:
    """Twice the same is no conflict; twice with other numbers is."""
    row = {"object_name": "ops.a", "object_type": "table", "size": "5"}
    contents = await contents_of(faulty, row, {**row, "size": "7"}, {**row, "object_name": "ops.b"}, row)
    assert contents.conflicting == ["ops.a"]
    same = await contents_of(faulty, row, row)
    assert (same.conflicting, same.count) == ([], 1)


async def test_an_unknown_word_costs_one_entry(faulty: Server) -> None:
    """In a map of names to types the others are read; the unknown one is kept as received."""
    contents = await contents_of(
        faulty, {"ops.orders": "table", "ops": "schema", "maria": "user", "ops.x": "gizmo", "lab": "SCHEMA"}
    )
    assert [(o.type, o.name) for o in contents] == [("table", "ops.orders"), ("user", "maria")]
    assert contents.names("all").names == ["lab", "ops"]
    assert contents.unread == ({"ops.x": "gizmo"},)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("materialized_view", "table"),
        ("LOGICAL VIEW", "table"),
        ("sql_proc", "stored_procedure"),
        ("internal_user", "user"),
        ("external_user", "user"),
        ("environment", "function_environment"),
    ],
)
async def test_words_of_the_server_that_requests_do_not_have(faulty: Server, word: str, kind: str) -> None:
    """They are listed under the type that restores them."""
    contents = await contents_of(faulty, {"object_name": "ops.x", "object_type": word}, {"ops.y": word})
    assert contents.names(kind).names == ["ops.x", "ops.y"]
    assert list(contents.types) == [kind]


async def test_a_word_for_two_types_is_not_guessed(faulty: Server) -> None:
    """`proc` and `security_entity` are kept by their word, under no type."""
    contents = await contents_of(
        faulty,
        {"object_name": "ops.f", "object_type": "proc"},
        {"ops.orders": "table", "ops.g": "proc", "maria": "security_entity"},
    )
    assert dict(contents.ambiguous) == {"proc": ("ops.f", "ops.g"), "security_entity": ("maria",)}
    assert list(contents.types) == ["table"]


@pytest.mark.parametrize(
    "entry",
    [
        {"table": ["ops.orders", "ops.items"], "user": "u1"},
        {"table": '["ops.orders", "ops.items"]', "user": '["u1"]'},
        {"objects": "table: ops.orders, ops.items; user: u1; schema: ops"},
        "table: ops.orders, ops.items; user: u1; schema: ops",
    ],
    ids=["lists", "lists as text", "grouped text", "nothing but text"],
)
async def test_lists_in_every_form(faulty: Server, entry: Any) -> None:
    """A JSON list is a list, as text too; and the server's own way to group names by type is read."""
    contents = await contents_of(faulty, entry)
    assert [(o.type, o.name) for o in contents] == [
        ("table", "ops.items"),
        ("table", "ops.orders"),
        ("user", "u1"),
    ]
    assert contents.unread == ()


async def test_a_key_that_says_the_type_is_enough(faulty: Server) -> None:
    """`table_name` without a type; the vendor's other words for numbers are read."""
    contents = await contents_of(
        faulty,
        {"table_name": "retail.orders", "total_number_of_records": "10", "copied_bytes": "5"},
        {"VIEW_NAME": "v", "schema": "retail"},
    )
    assert list(contents) == [
        BackedUpObject("table", "retail.orders", 5, 10),
        BackedUpObject("table", "retail.v", None, None),
    ]


async def test_an_entry_of_another_shape_is_not_read_as_names(faulty: Server) -> None:
    """A map per object with unknown keys: its keys must not become names."""
    contents = await contents_of(faulty, {"what": "ops.orders", "sort": "table"}, "free text")
    assert list(contents) == []
    assert contents.unread == ({"what": "ops.orders", "sort": "table"}, {"": "free text"})


# Numbers


async def test_sums_say_what_they_leave_out(faulty: Server) -> None:
    """Unknown and impossible numbers of tables make a sum partial; types that hold no data do not."""
    rows = [
        {"object_name": "ops.a", "object_type": "table", "size": "5", "records": "1"},
        {"object_name": "ops.b", "object_type": "table", "size": "-4", "records": str(2**64)},
        {"object_name": "lab.a", "object_type": "table", "size": "7", "records": str(2**63 - 1)},
        {"object_name": "lab.cred", "object_type": "credential"},
    ]
    contents = await contents_of(faulty, *rows)
    tables = NameListModel(contents.names("table"))
    assert [tables.amount(line, SortOrder.SIZE) for line in range(3)] == [
        Amount(7),
        Amount(5),
        Amount(is_impossible=True),
    ]
    assert tables.amount(2, SortOrder.RECORDS).is_impossible
    schemas = NameListModel(contents.names("all"))
    assert [schemas.amount(line, SortOrder.SIZE) for line in range(2)] == [
        Amount(7),
        Amount(5, is_partial=True),
    ]
    lab = ObjectPicker(contents, {}, Selection.of({"all": ["lab"]})).totals()
    assert (lab.objects, lab.size, lab.size_is_partial, lab.records_are_partial) == (2, 7, False, False)
    both = ObjectPicker(contents, {}, Selection.of({"all": ["lab", "ops"]})).totals()
    assert (both.objects, both.size, both.size_is_partial, both.records_are_partial) == (4, 12, True, True)


def test_impossible_numbers_are_no_numbers() -> None:
    """Below zero, or more than a long holds; as received."""
    snapshot = r.read_snapshot(
        {"id": "1", "size": "-1", "records": str(2**63), "files": "5", "num_objects": "x"}
    )
    assert snapshot is not None
    assert (snapshot.size, snapshot.records, snapshot.files) == (None, None, 5)
    assert dict(snapshot.impossible) == {"size": "-1", "records": str(2**63)}
    (backup,) = r.read_backups([{"name": "a"}], [{"id": "1", "size": "3"}, {"id": "2", "size": "-3"}], [])
    assert (backup.size, backup.size_is_partial) == (3, True)


# Snapshots


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("in_progress", b.State.IN_PROGRESS),
        ("backup_in_progress", b.State.IN_PROGRESS),
        ("FAILED", b.State.FAILED),
        ("backup_complete", b.State.COMPLETE),
        ("incomplete", b.State.FAILED),
        ("partial", b.State.FAILED),
        ("success", b.State.COMPLETE),
        ("whatever", b.State.UNKNOWN),
        ("", b.State.UNKNOWN),
    ],
)
def test_the_state_of_a_snapshot(words: str, state: b.State) -> None:
    """By the words that a server is likely to use; any other word says nothing."""
    for key in ("status", "STATE", "result"):
        snapshot = r.read_snapshot({"id": "1", key: words})
        assert snapshot is not None
        assert snapshot.state is state


def rows(*snapshots: tuple[str, str]) -> list[dict[str, str]]:
    return [{"backup_id": id_, "time": time} for id_, time in snapshots]


def test_the_newest_snapshot_is_the_newest_by_time() -> None:
    """Where ids and times disagree; one that is not finished or failed is not taken for it."""
    listed = r.read_snapshots(
        rows(
            ("903", "2026-09-01T03:00:00Z"), ("902", "2026-11-25T03:00:00Z"), ("901", "2026-11-24T03:00:00Z")
        ),
        [],
    )
    assert b.out_of_order(listed)
    assert (newest := b.newest_of(listed))
    assert newest.id == "902"
    running = r.read_snapshots([{"id": "2", "status": "in_progress"}, {"id": "1", "status": "complete"}], [])
    assert (usable := b.newest_of(running))
    assert usable.id == "1"


def test_ids_that_are_no_numbers_are_sorted_by_time() -> None:
    """Their text says nothing about their age."""
    listed = r.read_snapshots(rows(("f3aa", "2026-09-01T03:00:00Z"), ("0b77", "2026-11-25T03:00:00Z")), [])
    assert [s.id for s in listed] == ["0b77", "f3aa"]
    assert not b.ids_are_numbers(listed)
    assert not b.out_of_order(listed)


def test_several_deleted_ids_in_one_value() -> None:
    """`{"backup_name": …, "backup_ids": "1,2"}` is two deleted snapshots, as a JSON list too."""
    for ids in ("1654321012345, 1654321012399", json.dumps(["1654321012345", "1654321012399"])):
        listed = r.read_snapshots([], [{"backup_name": "n", "backup_ids": ids}], backup="n")
        assert [(s.id, s.deleted) for s in listed] == [("1654321012399", True), ("1654321012345", True)]


@pytest.mark.parametrize("key", ["instance_id", "BACKUP_INSTANCE_ID"])
def test_more_spellings_of_a_snapshot(key: str) -> None:
    """The words of the vendor's other responses."""
    (backup,) = r.read_backups(
        [{"container": "night"}],
        [{key: "17", "backup_timestamp": "2026-11-22T03:00:00Z", "copied_records": "3", "copied_files": "2"}],
        [],
    )
    (snapshot,) = backup.snapshots
    assert (backup.name, snapshot.id, snapshot.records, snapshot.files) == ("night", "17", 3, 2)
    assert snapshot.time is not None


# Long lists


class Counting(dict[str, str]):
    """A map of the server that counts how often it is looked into."""

    looks = 0

    def __contains__(self, key: object) -> bool:
        Counting.looks += 1
        return super().__contains__(key)


def looks_at(backups: int) -> int:
    """How often the maps of so many backups are looked into."""
    described = [Counting(backup_name=f"b{i}") for i in range(backups)]
    taken = [Counting(backup_name=f"b{i}", backup_id=str(i)) for i in range(backups)]
    Counting.looks = 0
    assert len(r.read_backups(described, taken, taken[::3])) == backups
    return Counting.looks


def test_four_times_as_many_backups_are_four_times_the_work() -> None:
    """Every map is looked into as often in a long list as in a short one."""
    assert looks_at(400) == pytest.approx(4 * looks_at(100), rel=0.05)


# Order and base


def _snapshots(draw: st.DrawFn) -> list[b.Snapshot]:
    ids = draw(st.lists(st.integers(1, 30), unique=True, max_size=8))
    start = datetime(2026, 11, 1, tzinfo=timezone.utc)
    return [
        b.Snapshot(
            str(number),
            kind=draw(st.sampled_from(["full", "Incremental", "differential", ""])),
            time=draw(st.none() | st.integers(0, 6).map(lambda days: start + timedelta(days=days))),
            deleted=draw(st.booleans()),
            state=draw(st.sampled_from(b.State)),
        )
        for number in ids
    ]


some_snapshots = st.composite(_snapshots)()


@given(some_snapshots)
def test_a_snapshot_is_out_of_order_where_id_and_time_disagree_with_another_s(
    snapshots: list[b.Snapshot],
) -> None:
    """Compared with every other one, which takes too long for a long list."""
    known = [(int(s.id), s.time) for s in snapshots if s.time and not s.deleted]
    expected = {
        str(number)
        for number, time in known
        if any((number - other) * (time - its_time).total_seconds() < 0 for other, its_time in known)
    }
    found = b.out_of_order(snapshots)
    assert set(found) == expected
    times = dict(known)
    for one, other in found.items():
        assert (int(one) - int(other)) * (times[int(one)] - times[int(other)]).total_seconds() < 0


@given(some_snapshots)
def test_a_base_is_missing_where_a_deleted_snapshot_is_needed_or_no_full_one_is_listed(
    snapshots: list[b.Snapshot],
) -> None:
    """By the rule as it is written: from the last full one before it on; of a differential one just that."""
    found = b.missing_bases(snapshots)
    for snapshot in snapshots:
        before = sorted((s for s in snapshots if int(s.id) < int(snapshot.id)), key=lambda s: int(s.id))
        broken = (b.State.FAILED, b.State.IN_PROGRESS)
        fulls = [at for at, s in enumerate(before) if s.is_full and s.state not in broken]
        if not snapshot.counts_changes or snapshot.deleted:
            assert snapshot.id not in found
        elif not fulls:
            assert found[snapshot.id].deleted == ()
        else:
            since = [s for s in before[fulls[-1] :] if s.deleted]
            needed = [s.id for s in since if not (snapshot.is_differential and s.counts_changes)]
            assert list(found[snapshot.id].deleted if snapshot.id in found else ()) == needed[-3:]


@pytest.mark.parametrize(
    "key", ["table_schema", "TABLE_SCHEMA", "schemaName", "parent_schema", "database", "Namespace"]
)
async def test_a_schema_is_never_lost(faulty: Server, key: str) -> None:
    """Under whatever key it comes: two tables of one name stay two."""
    contents = await contents_of(
        faulty, {key: "ops", "table_name": "orders"}, {key: "lab", "table_name": "orders"}
    )
    assert contents.names("table").names == ["lab.orders", "ops.orders"]


async def test_a_name_without_a_schema_that_comes_twice_is_named(faulty: Server) -> None:
    """Nothing else tells the two apart: they may be two tables."""
    row = {"object_name": "orders", "object_type": "table"}
    contents = await contents_of(faulty, {**row, "owner": "ops"}, {**row, "owner": "lab"})
    assert contents.conflicting == ["orders"]


async def test_a_user_with_a_dot_is_in_no_schema(faulty: Server) -> None:
    """An external user is not half a schema."""
    contents = await contents_of(faulty, {"object_name": "@jane.doe", "object_type": "external_user"})
    assert contents.names("user").names == ["@jane.doe"]
    assert contents.names("all").names == []


@pytest.mark.parametrize("text", ["-1", "-1.0", "-0.5", str(2**63), "1e30", "9" * 50, "NaN", "-inf"])
def test_what_cannot_be_true_is_flagged_however_it_is_written(text: str) -> None:
    assert is_impossible(text)
    assert parse_int(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("12.0", 12),
        ("1e9", 10**9),
        ("12.5", None),
        ("", None),
        ("1_000", None),
        ("2 GB", None),
    ],
)
def test_a_whole_number_in_its_spellings(text: str, value: int | None) -> None:
    assert parse_int(text) == value
    assert not is_impossible(text)
