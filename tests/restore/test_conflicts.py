"""What exists already: requested once each, side by side; a verdict for each object; what changed between two looks."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.inventory import Listing
from restore_tui.kinetica.reference import TYPE_NAMES, effects_of
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight import conflict_check
from restore_tui.restore.preflight.conflict_check import (
    READ_OF,
    ConflictStatus,
    Inventory,
    ObjectConflict,
    ReadFailure,
    Rules,
    evaluate_conflicts,
    read_inventory,
)
from restore_tui.restore.preflight.drift import Drift, compare, relevant_objects
from tests.harness.kinetica_client import client
from tests.harness.plans import plan
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

ANSWERS: dict[str, dict[str, Any]] = {
    "/show/schema": {"schema_names": ["s", "hr"], "schema_tables": [["a", "b"], []]},
    "/show/datasource": {"datasource_names": ["s.feed", "bucket"]},
    "/show/datasink": {"datasink_names": ["s.sink"]},
    "/show/credential": {"credential_names": ["s.login"]},
    "/show/security": {"types": {"ada": "internal_user", "bob": "internal_user", "readers": "role"}},
}


@pytest.fixture
def server(faulty: Server) -> Server:
    for endpoint, data in ANSWERS.items():
        faulty.on(endpoint, f.good(data))
    return faulty


async def looked(server: Server, kinds: Collection[str], **more: Any) -> Inventory:
    async with client(server, **more) as asking:
        return await read_inventory(asking, kinds)


async def verdict(
    server: Server, kind: str, name: str, policy: str = "none", schema: str = ""
) -> ObjectConflict:
    existing = await looked(server, [kind])
    return evaluate_conflicts(
        [(kind, name)], existing, Rules(effects_of({"restore_policy": policy}), schema)
    )[kind, name]


# Asking


@pytest.mark.parametrize(
    ("kinds", "endpoints"),
    [
        (["table"], ["/show/schema"]),
        (["table", "all"], ["/show/schema"]),
        (["user", "role"], ["/show/security"]),
        (["credential", "graph", "datasink"], ["/show/credential", "/show/datasink"]),
        (["graph", "context", "monitor"], []),
        ([], []),
        (sorted(TYPE_NAMES), sorted(ANSWERS)),
    ],
)
async def test_each_endpoint_that_is_needed_is_asked_once(
    server: Server, kinds: list[str], endpoints: list[str]
) -> None:
    """Only those of the selected types; of types without a read of their own nothing."""
    await looked(server, kinds)
    assert sorted(received.path for received in server.received) == endpoints


async def test_they_are_asked_side_by_side(server: Server) -> None:
    """All five requests have arrived before the first is answered."""
    together = threading.Barrier(len(ANSWERS))

    def held(data: Any) -> f.Fault:
        def answer(received: f.Received) -> f.Reply:
            reply = f.good(data)(received)
            return f.Reply(reply.content, keep=True, after=lambda _: together.wait(f.PATIENCE) and None)

        return answer

    for endpoint, data in ANSWERS.items():
        server.on(endpoint, held(data))
    existing = await looked(server, TYPE_NAMES)
    assert set(existing.listings) == set(ANSWERS)
    assert not existing.unread


FAULTS = {
    "drop": (f.DROP, False),
    "502": (f.page(502), False),
    "404": (f.page(404), False),
    "refused": (f.error("out of memory"), False),
    "garbage": (f.GARBAGE, False),
    "truncated": (f.truncated({}), False),
    "a list": (f.good("[]"), False),
    "401": (f.error("no", 401), True),
    "403": (f.page(403), True),
    "privilege": (f.error("User lacks the system_admin privilege"), True),
    "permission": (f.error("Permission denied on this"), True),
}


@pytest.mark.parametrize(("fault", "hidden"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("endpoint", ANSWERS)
async def test_one_that_fails_costs_nothing_but_itself(
    server: Server, endpoint: str, fault: Any, hidden: bool
) -> None:
    """Its objects are not checked, or not visible where a privilege is lacking, with the reason; all others are."""
    server.on(endpoint, fault)
    existing = await looked(server, TYPE_NAMES)
    assert set(existing.listings) == set(ANSWERS) - {endpoint}
    for kind, asked in READ_OF.items():
        seen = evaluate_conflicts([(kind, "s.x")], existing, Rules())[kind, "s.x"]
        if asked == endpoint:
            assert seen.status is (ConflictStatus.HIDDEN if hidden else ConflictStatus.UNCHECKED)
            assert seen.why
        else:
            assert seen.status is ConflictStatus.NEW


async def test_one_that_hangs_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look must not hold up what it stands beside."""
    server.on("/show/credential", f.never())
    async with client(server) as asking:
        existing = await read_inventory(
            asking, ["credential", "table"], seconds=3
        )  # plenty for the one that answers
    assert set(existing.listings) == {"/show/schema"}
    assert existing.unread["/show/credential"].why == "The response took longer than 3 seconds."


async def test_an_error_of_our_own_is_a_read_that_failed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with our look, it is told and not raised."""

    async def broken(_client: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(conflict_check._INVENTORY_READS, "/show/datasink", broken)  # type: ignore[arg-type]
    existing = await looked(server, ["datasink"])
    assert "ZeroDivisionError" in existing.unread["/show/datasink"].why


async def test_the_words_of_the_server_are_harmless(server: Server) -> None:
    """A reason may hold what moves a cursor."""
    server.on("/show/schema", f.error("no\x1b]0;x\x07\nno"))
    existing = await looked(server, ["table"])
    assert existing.unread["/show/schema"].why.isprintable()


# The verdict


@pytest.mark.parametrize(
    ("policy", "schema", "words"),
    [
        ("none", "", "would abort"),
        ("replace", "", "would be replaced"),
        ("rename", "", "would be moved to backup_<UUID>.{}"),
        ("rename", "old", "would be moved to old.{}"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "rest"), [("table", "a"), ("datasource", "feed"), ("datasink", "sink"), ("credential", "login")]
)
async def test_what_becomes_of_a_conflict(
    server: Server, policy: str, schema: str, words: str, kind: str, rest: str
) -> None:
    """By the policy; and what is not there is new under each."""
    assert (await verdict(server, kind, f"s.{rest}", policy, schema)).text == words.format(rest)
    assert (await verdict(server, kind, "s.other", policy, schema)).text == "new"
    assert (await verdict(server, kind, "elsewhere.a", policy, schema)).text == "new"


@pytest.mark.parametrize(
    ("policy", "words"),
    [("none", "would abort"), ("replace", "would be replaced"), ("rename", "exists, effect not documented")],
)
@pytest.mark.parametrize(("kind", "name"), [("user", "ada"), ("role", "readers")])
async def test_rename_does_not_apply_to_what_lives_in_no_schema(
    server: Server, policy: str, words: str, kind: str, name: str
) -> None:
    """The reference says that and no more: neither that it aborts, nor that it overwrites. It counts as a conflict."""
    assert (await verdict(server, kind, name, policy)).text == words
    assert (await verdict(server, kind, "eve", policy)).text == "new"
    other = "role" if kind == "user" else "user"
    assert (await verdict(server, other, name, policy)).text == "new"


async def test_a_place_that_is_taken_is_said(server: Server) -> None:
    """Where the old one would go there is one already: nobody documents what then."""
    server.on("/show/schema", f.good({"schema_names": ["s", "old"], "schema_tables": [["a", "b"], ["a"]]}))
    assert "not documented" in (await verdict(server, "table", "s.a", "rename", "old")).why
    assert not (await verdict(server, "table", "s.b", "rename", "old")).why


@pytest.mark.parametrize(
    ("endpoint", "data", "kind", "name", "sight"),
    [
        ("/show/schema", ANSWERS["/show/schema"], "table", "hr.people", ConflictStatus.HIDDEN),
        ("/show/schema", {"schema_names": ["s"], "schema_tables": []}, "table", "s.a", ConflictStatus.HIDDEN),
        ("/show/schema", {}, "table", "s.a", ConflictStatus.NEW),
        (
            "/show/security",
            {"types": {"me": "internal_user", "r": "role"}},
            "user",
            "ada",
            ConflictStatus.HIDDEN,
        ),
        (
            "/show/security",
            {"types": {"me": "internal_user", "r": "role"}},
            "role",
            "x",
            ConflictStatus.HIDDEN,
        ),
        (
            "/show/security",
            {"types": {"me": "internal_user", "r": "role"}},
            "role",
            "r",
            ConflictStatus.ABORT,
        ),
        (
            "/show/credential",
            {"credential_names": ["login"]},
            "credential",
            "s.login",
            ConflictStatus.UNCHECKED,
        ),
        (
            "/show/credential",
            {"credential_names": ["s.login"]},
            "credential",
            "login",
            ConflictStatus.UNCHECKED,
        ),
        ("/show/schema", ANSWERS["/show/schema"], "table", "people", ConflictStatus.UNCHECKED),
    ],
    ids=[
        "empty schema",
        "nothing told of it",
        "no schema",
        "own user only",
        "own role only",
        "own role",
        "shown without schema",
        "asked without schema",
        "table without schema",
    ],
)
async def test_where_it_cannot_be_told_it_is_not_called_new(
    server: Server, endpoint: str, data: Any, kind: str, name: str, sight: ConflictStatus
) -> None:
    """A sign that something is kept back, or a name that may be another one, is said, with why."""
    server.on(endpoint, f.good(data))
    seen = await verdict(server, kind, name)
    assert seen.status is sight
    assert bool(seen.why) is (sight in (ConflictStatus.HIDDEN, ConflictStatus.UNCHECKED))


@pytest.mark.parametrize(("schema", "sight"), [("s", ConflictStatus.UNCHECKED), ("gone", ConflictStatus.NEW)])
async def test_a_schema_without_a_listing_is_new_or_not_checked(
    server: Server, schema: str, sight: ConflictStatus
) -> None:
    """Where the schema is there, only the snapshot's list could tell what collides."""
    assert (await verdict(server, "all", schema)).status is sight


@pytest.mark.parametrize("kind", sorted(TYPE_NAMES - set(READ_OF)))
async def test_the_other_types_are_not_checked(server: Server, kind: str) -> None:
    """No read covers them, and that is said."""
    seen = await verdict(server, kind, "s.a")
    assert (seen.status, bool(seen.why)) == (ConflictStatus.UNCHECKED, True)


def test_a_name_that_lands_elsewhere_is_looked_for_there() -> None:
    """target_schema_map: what counts is what exists under the name that the object gets."""
    existing = Inventory({"/show/schema": Listing({"table": frozenset({"t.a"})}, frozenset({"t"}))})
    rules = Rules(
        effects_of({"restore_policy": "rename"}), "old", renames=lambda kind, name: name.replace("s.", "t.")
    )
    assert evaluate_conflicts([("table", "s.a")], existing, rules)["table", "s.a"] == ObjectConflict(
        ConflictStatus.MOVED, "old.a"
    )
    assert evaluate_conflicts([("table", "s.a")], existing, Rules())["table", "s.a"] == ObjectConflict(
        ConflictStatus.NEW
    )


_names = st.sampled_from([f"{schema}.{rest}" for schema in "stu" for rest in "abc"])
_kinds = st.sampled_from(["table", "credential", "graph", "user"])


@given(
    st.lists(st.tuples(_kinds, _names), max_size=9),
    st.lists(st.tuples(_kinds, _names), max_size=9),
    st.sampled_from(["none", "replace", "rename"]),
)
def test_every_object_has_one_verdict_and_a_conflict_is_what_is_there(
    asked: list[tuple[str, str]], live: list[tuple[str, str]], policy: str
) -> None:
    """Against the plainest way to say it."""

    def of(*kinds: str) -> Listing:
        return Listing({kind: frozenset(name for held, name in live if held == kind) for kind in kinds})

    existing = Inventory(
        {
            "/show/schema": of("table"),
            "/show/credential": of("credential"),
            "/show/security": of("user", "role"),
        }
    )
    seen = evaluate_conflicts(asked, existing, Rules.of(plan(options={"restore_policy": policy})))
    assert set(seen) == set(asked)
    for kind, name in asked:
        there = (kind, name) in live and kind != "graph"
        assert seen[kind, name].is_conflict is there
        if there:
            assert (seen[kind, name].status is ConflictStatus.ABORT) is (policy == "none")
            undocumented = policy == "rename" and kind == "user"
            assert (seen[kind, name].status is ConflictStatus.UNDOCUMENTED) is undocumented
            assert bool(seen[kind, name].why) is undocumented


# Two looks


def existing(*tables: str, schemas: Collection[str] = "s", users: Collection[str] = ()) -> Inventory:
    return Inventory(
        {
            "/show/schema": Listing({"table": frozenset(tables)}, frozenset(schemas)),
            "/show/security": Listing({"user": frozenset(users), "role": frozenset()}),
        }
    )


def test_what_appeared_and_what_vanished() -> None:
    """As data and as sentences; a schema goes by its own word."""
    before = existing("s.a", "s.b", schemas=["s", "t"], users=["ada"])
    now = existing("s.b", "s.c", "s.d", schemas=["s"], users=["ada", "eve"])
    changes = compare(before, now)
    assert changes.appeared == (("table", "s.c"), ("table", "s.d"), ("user", "eve"))
    assert changes.vanished == (("all", "t"), ("table", "s.a"))
    assert changes.sentences == (
        "Since the dry run table s.c, table s.d, user eve have appeared.",
        "Since the dry run schema t, table s.a have vanished.",
    )
    assert changes


def test_many_changes_are_counted_and_hostile_names_are_harmless() -> None:
    """A sentence is a sentence, whatever a name holds."""
    changes = compare(existing(), existing(*(f"s.x{number}" for number in range(1203)), "s.\x1b]0;"))
    (sentence,) = changes.sentences
    assert sentence.endswith(" and 1,201 more have appeared.")
    assert sentence.isprintable()


@given(st.frozensets(_names), st.frozensets(_names), st.frozensets(_names))
def test_only_what_is_touched_counts(old: frozenset[str], new: frozenset[str], mine: frozenset[str]) -> None:
    """What others do elsewhere does not void a dry run, and nothing of ours is overlooked."""
    changes = compare(existing(*old), existing(*new), [("table", name) for name in mine])
    assert {name for _, name in changes.appeared} == (new - old) & mine
    assert {name for _, name in changes.vanished} == (old - new) & mine
    assert not compare(existing(*old), existing(*old))


def test_what_a_plan_touches() -> None:
    """The objects where they land, their schemas, and the places of those in the way."""
    rules = Rules(
        effects_of({"restore_policy": "rename"}), "old", renames=lambda kind, name: name.replace("s.", "t.")
    )
    assert relevant_objects([("table", "s.a"), ("user", "ada.b")], rules) == {
        ("table", "t.a"),
        ("table", "old.a"),
        ("all", "t"),
        ("user", "ada.b"),
    }
    assert relevant_objects([("all", "s")], Rules(effects_of({"restore_policy": "replace"}), "old")) == {
        ("all", "s")
    }


def test_what_only_one_look_could_read_is_unclear_and_no_change() -> None:
    """It is said, with the reason, and voids nothing."""
    whole = existing("s.a")
    half = Inventory(
        {"/show/schema": whole.listings["/show/schema"]}, {"/show/security": ReadFailure("It was down.")}
    )
    for before, now in ((whole, half), (half, whole)):
        changes = compare(before, now)
        assert not changes
        (sentence,) = changes.sentences
        assert "/show/security" in sentence
        assert "It was down." in sentence
    assert compare(half, half) == Drift()
    (never,) = compare(whole, Inventory({"/show/security": whole.listings["/show/security"]})).unclear
    assert "not checked again" in never


async def test_a_hundred_thousand_tables_are_read_off_the_event_loop(server: Server) -> None:
    """Decoding, judging and comparing happen in a thread: the loop is free meanwhile."""
    names = [[f"fact_{number}" for number in range(250)] for _ in range(400)]
    schemas = [f"s{number}" for number in range(400)]
    server.on("/show/schema", f.good({"schema_names": schemas, "schema_tables": names}))
    read_in: list[str] = []
    plain = json.loads

    def noting(*arguments: Any, **more: Any) -> Any:
        read_in.append(threading.current_thread().name)
        return plain(*arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("restore_tui.kinetica.responses.envelope.json.loads", noting)
        existing = await looked(server, ["table"])
    assert read_in
    assert threading.main_thread().name not in read_in
    keys = [("table", f"s{schema}.fact_{number}") for schema in range(400) for number in range(250)]
    assert {seen.status for seen in evaluate_conflicts(keys, existing, Rules()).values()} == {
        ConflictStatus.ABORT
    }
    assert len(Selection.of({"table": [name for _, name in keys]}).names("table")) == 100_000
