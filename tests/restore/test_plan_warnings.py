"""Plan warnings: each appears under its condition and only then, and no loss of the reference goes without one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given

from restore_tui.kinetica import reference
from restore_tui.kinetica.backups import Snapshot, State
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.inventory import Listing
from restore_tui.kinetica.reference import Interaction, ReferenceEntry
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.preflight.conflict_check import (
    SECURITY,
    ConflictStatus,
    Inventory,
    Key,
    ObjectConflict,
)
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.plan_warnings import PlanFacts, plan_warnings
from tests.harness.plans import ID, plan, plans

TABLE = {"table": ["s.a"]}
USER = {"user": ["ada"]}
OVERWRITES = ("restore_policy", "Overwrites every selected object that exists", True)
MOVES = ("restore_policy", "Moves every selected object that exists to", False)
RESUMES = ("restore_subscriptions", "Subscriptions resume", False)


@pytest.mark.parametrize(
    ("objects", "options", "about"),
    [
        (TABLE, {}, []),
        (TABLE, {"restore_policy": "replace"}, [OVERWRITES]),
        (TABLE, {"restore_policy": "rename"}, [MOVES, RESUMES]),
        (TABLE, {"restore_policy": "rename", "restore_subscriptions": "pause"}, [MOVES]),
        (USER, {"restore_policy": "rename"}, [("restore_policy", "does not apply to user", True)]),
        (
            {"user_defined_function": ["s.f"]},
            {"restore_policy": "rename"},
            [MOVES, ("restore_policy", "user_defined_function is not documented", True)],
        ),
        (
            {**TABLE, "all": ["s"]},
            {"restore_policy": "rename", "renamed_objects_schema": "s"},
            [MOVES, ("renamed_objects_schema", "is part of the restore itself", True), RESUMES],
        ),
        (
            TABLE,
            {"restore_policy": "rename", "renamed_objects_schema": "s"},
            [MOVES, ("renamed_objects_schema", "is part of the restore itself", True), RESUMES],
        ),
        (
            TABLE,
            {"restore_policy": "rename", "renamed_objects_schema": "t", "target_schema_map": "s: t"},
            [MOVES, ("renamed_objects_schema", "is part of the restore itself", True), RESUMES],
        ),
        (
            {**TABLE, "all": ["s"]},
            {"restore_policy": "rename", "renamed_objects_schema": "t"},
            [MOVES, RESUMES],
        ),
        (TABLE, {"renamed_objects_schema": "old"}, [("renamed_objects_schema", "Not sent", False)]),
        (
            TABLE,
            {"renamed_objects_schema": "old", "restore_policy": "replace"},
            [OVERWRITES, ("renamed_objects_schema", "Not sent", False)],
        ),
        (USER, {"create_schema_if_not_exist": "false"}, [("create_schema_if_not_exist", "No effect", False)]),
        (TABLE, {"create_schema_if_not_exist": "false"}, []),
        ({"all": ["s"]}, {"create_schema_if_not_exist": "false"}, []),
        ({}, {"create_schema_if_not_exist": "false"}, []),
        (USER, {"ddl_only": "true"}, [("ddl_only", "none is selected", False)]),
        (USER, {"reingest": "true"}, [("reingest", "none is selected", False)]),
        (USER, {"restore_subscriptions": "pause"}, [("restore_subscriptions", "none is selected", False)]),
        (
            {**USER, **TABLE},
            {"ddl_only": "true", "restore_subscriptions": "pause"},
            [("ddl_only", "restored tables have no records", False)],
        ),
        ({"all": ["s"]}, {"reingest": "true"}, []),
        ({}, {"ddl_only": "true"}, []),
        (
            TABLE,
            {"ddl_only": "true", "restore_policy": "replace"},
            [
                ("restore_policy", "Tables lose all their records", True),
                (
                    "ddl_only",
                    "EMPTIES every table that exists: all its records are lost, none is restored",
                    True,
                ),
            ],
        ),
        (
            TABLE,
            {"ddl_only": "true", "restore_policy": "rename", "restore_subscriptions": "cancel"},
            [MOVES, ("ddl_only", "Existing ones move away with theirs", False)],
        ),
        (
            TABLE,
            {"ddl_only": "true", "reingest": "true"},
            [("ddl_only", "no records", False), ("reingest", "together with ddl_only", False)],
        ),
        (TABLE, {"checksum": "true"}, []),
        (TABLE, {"restore_all_permissions": "true"}, [("restore_all_permissions", "No effect", False)]),
        (USER, {"restore_all_permissions": "true"}, [("restore_all_permissions", "Grants again", True)]),
        (TABLE, {"cascade_foreign_keys": "true"}, [("cascade_foreign_keys", "Not sent", False)]),
        (
            TABLE,
            {"cascade_foreign_keys": "true", "restore_policy": "replace"},
            [OVERWRITES, ("cascade_foreign_keys", "Drops live tables", True)],
        ),
        (TABLE, {"target_schema_map": "s: old"}, [RESUMES]),
        (TABLE, {"target_schema_map": "s: old", "restore_subscriptions": "cancel"}, []),
        (TABLE, {"target_schema_map": "t: old"}, [("target_schema_map", "Not sent", False)]),
        (
            {"all": ["s", "t"]},
            {"target_schema_map": "s: old, t: old"},
            [RESUMES, ("target_schema_map", "More than one schema goes to old", True)],
        ),
        (
            {"all": ["s", "t"]},
            {"target_schema_map": "s: t"},
            [RESUMES, ("target_schema_map", "goes to t", True)],
        ),
        (
            {"graph": ["s.g"], "role": ["r"]},
            {"target_schema_map": "s: t"},
            [("target_schema_map", "does not act on role", False)],
        ),
        (
            {"graph": ["s.g"], "resource_group": ["r"], "function_environment": ["s.e"]},
            {"target_schema_map": "s: t", "restore_policy": "replace"},
            [
                OVERWRITES,
                ("target_schema_map", "does not act on resource_group", True),
                ("target_schema_map", "function_environment is not documented", True),
            ],
        ),
    ],
)
def test_each_warning_under_its_condition(
    objects: dict[str, list[str]], options: dict[str, str], about: list[tuple[str, str, bool]]
) -> None:
    """What destroys is marked so; what has no effect is named; nothing else is."""
    found = plan_warnings(plan(objects, options))
    assert [(w.option, w.destructive) for w in found] == [(option, danger) for option, _, danger in about]
    assert [text for w, (_, text, _) in zip(found, about, strict=True) if text not in w.text] == []


@given(plans())
def test_the_defaults_have_no_warning_of_an_option(made: RestorePlan) -> None:
    """A warning belongs to a changed option or to one that a changed option makes matter, and overwriting is never
    passed over."""
    found = plan_warnings(made)
    changed = set(made.options) | {"restore_subscriptions"}
    assert {w.option for w in found} <= changed | {None}
    assert any(w.destructive and w.text.startswith("Overwrites") for w in found) is (
        made.option("restore_policy") == "replace"
    )
    if not made.options:
        assert not found


# Counts, by the conflict check


def checked(
    made: RestorePlan, seen: Mapping[Key, ObjectConflict], contents: Contents | None = None
) -> PlanFacts:
    return PlanFacts(
        conflicts=ConflictReport(made, contents or Contents(), seen=MappingProxyType(dict(seen)))
    )


def tables(number: int, sight: ConflictStatus = ConflictStatus.REPLACED) -> dict[Key, ObjectConflict]:
    return {("table", f"s.t{at}"): ObjectConflict(sight) for at in range(number)}


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (tables(6), "EMPTIES the 6 tables that exist now: all their records are lost, none is restored."),
        (tables(1), "EMPTIES the 1 table that exists now: all its records are lost, none is restored."),
        (
            tables(2)
            | {
                ("table", "s.x"): ObjectConflict(ConflictStatus.HIDDEN),
                ("user", "u"): ObjectConflict(ConflictStatus.REPLACED),
            },
            "EMPTIES the 2 tables that exist now: all their records are lost, none is restored. 1 more object could "
            "not be checked.",
        ),
        (
            tables(3, ConflictStatus.NEW),
            "EMPTIES every table that exists: all its records are lost, none is restored. None existed when it was "
            "checked.",
        ),
    ],
)
def test_the_tables_that_would_be_emptied_are_counted(seen: dict[Key, ObjectConflict], text: str) -> None:
    """By the conflict check: tables only, and what could not be checked is said."""
    made = plan({"all": ["s"]}, {"ddl_only": "true", "restore_policy": "replace"})
    (warning,) = [w for w in plan_warnings(made, checked(made, seen)) if w.option == "ddl_only"]
    exists = any(one.status is not ConflictStatus.NEW for one in seen.values())
    assert (warning.text, warning.destructive) == (text, exists)


def test_what_is_overwritten_and_what_moves_is_counted() -> None:
    """Of all types under replace; under rename only of those that live in a schema."""
    seen = tables(2) | {("user", "u"): ObjectConflict(ConflictStatus.REPLACED)}
    made = plan({"all": ["s"], "user": ["u"]}, {"restore_policy": "replace"})
    assert any(
        "Overwrites the 3 selected objects that exist now" in w.text
        for w in plan_warnings(made, checked(made, seen))
    )
    made = plan({"all": ["s"], "user": ["u"]}, {"restore_policy": "rename", "renamed_objects_schema": "old"})
    assert any(
        "Moves the 2 selected objects that exist now to old." in w.text
        for w in plan_warnings(made, checked(made, seen))
    )


def test_a_conflict_check_of_another_plan_counts_nothing() -> None:
    """Other objects, or the same into other schemas: their number is unknown."""
    made = plan({"table": ["s.a"]}, {"restore_policy": "replace"})
    for other in (
        plan({"table": ["s.b"]}, {"restore_policy": "replace"}),
        plan({"table": ["s.a"]}, {"restore_policy": "replace", "target_schema_map": "s: t"}),
    ):
        (warning,) = plan_warnings(made, checked(other, tables(5)))
        assert "every selected object that exists" in warning.text
    same = plan({"table": ["s.a"]}, {"restore_policy": "rename"})
    (warning,) = plan_warnings(made, checked(same, tables(5)))
    assert "the 5 selected objects" in warning.text


def snapshot(number: str = ID, kind: str = "full", **more: object) -> Snapshot:
    return Snapshot(number, kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "kind", "records", "sight", "text"),
    [
        ("replace", "full", 0, ConflictStatus.REPLACED, "EMPTIES 1 table that exists now and has no records"),
        ("rename", "full", 0, ConflictStatus.MOVED, "Puts an empty table in the place of 1 table"),
        ("none", "full", 0, ConflictStatus.ABORT, ""),
        ("replace", "incremental", 0, ConflictStatus.REPLACED, ""),
        ("replace", "full", 1, ConflictStatus.REPLACED, ""),
        ("replace", "full", None, ConflictStatus.REPLACED, ""),
        ("replace", "full", 0, ConflictStatus.NEW, ""),
    ],
)
def test_a_table_that_is_empty_in_a_full_snapshot_and_exists(
    policy: str, kind: str, records: int | None, sight: ConflictStatus, text: str
) -> None:
    """Of an incremental snapshot no records mean no changes."""
    made = plan({"table": ["s.a"]}, {"restore_policy": policy, "restore_subscriptions": "pause"})
    contents = Contents.of([BackedUpObject("table", "s.a", 0, records)])
    facts = checked(made, {("table", "s.a"): ObjectConflict(sight)}, contents)
    facts = PlanFacts(facts.conflicts, (snapshot(kind=kind), snapshot("1")))
    found = [w for w in plan_warnings(made, facts) if w.option is None and "no full snapshot" not in w.text]
    assert [text in w.text and "s.a" in w.text for w in found] == ([True] if text else [])
    assert all(w.destructive is (policy == "replace") for w in found)


# What the restore depends on


@pytest.mark.parametrize(
    ("objects", "facts", "texts"),
    [
        ({"datasource": ["s3"]}, PlanFacts(), ["the data source s3, which this restore reads through"]),
        ({"datasource": ["ki_home.s3"]}, PlanFacts(), ["the data source s3"]),
        ({"datasource": ["ki_home.s4"]}, PlanFacts(), []),
        (
            {"credential": ["s.key"]},
            PlanFacts(credential="s.key"),
            ["the credential s.key of the data source"],
        ),
        ({"all": ["s"]}, PlanFacts(credential="s.key"), ["the credential s.key"]),
        ({"credential": ["s.other"]}, PlanFacts(credential="s.key"), []),
        ({"credential": ["s.other"]}, PlanFacts(), ["may be among them"]),
        ({"all": ["s"]}, PlanFacts(), []),
        ({"user": ["ada"]}, PlanFacts(user="ada"), ["the user ada that sends this restore"]),
        ({"user": ["bob"]}, PlanFacts(user="ada"), []),
        ({"user": ["bob"]}, PlanFacts(), ["may be among them"]),
        (
            {"role": ["admins"]},
            PlanFacts(user="ada"),
            ["Which roles the user"],
        ),
    ],
)
def test_a_restore_that_replaces_what_it_depends_on(
    objects: dict[str, list[str]], facts: PlanFacts, texts: list[str]
) -> None:
    """Its data source, that one's credential, the connected user and roles: under replace, and under none nothing."""
    found = [
        w for w in plan_warnings(plan(objects, {"restore_policy": "replace"}), facts) if w.option is None
    ]
    assert all(w.destructive for w in found)
    assert [text for text, w in zip(texts, found, strict=True) if text not in w.text] == []
    assert plan_warnings(plan(objects), facts) == ()


# The snapshot

NIGHT = datetime(2026, 11, 20, 2, tzinfo=timezone.utc)


def chain(*kinds: str) -> tuple[Snapshot, ...]:
    """Snapshots of these kinds, oldest first, an id and a night apart; ``-`` in front marks a deleted one, ``!`` one
    that failed."""
    return tuple(
        snapshot(
            str(100 + at),
            kind.lstrip("-!"),
            deleted=kind.startswith("-"),
            state=State.FAILED if kind.startswith("!") else State.COMPLETE,
            time=NIGHT + timedelta(days=at),
        )
        for at, kind in enumerate(kinds)
    )


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (("full", "incremental", "incremental"), ""),
        (("-full", "incremental", "incremental"), "based on as deleted (100)"),
        (("full", "-incremental", "incremental"), "based on as deleted (101)"),
        (("full", "-incremental", "differential"), ""),
        (("-full", "full", "incremental"), ""),
        (("-full", "incremental", "differential"), "based on as deleted (100)"),
        (("incremental",), "lists no full snapshot before it"),
        (("!full", "incremental"), "lists no full snapshot before it that is complete"),
        (("full", "!full", "incremental"), ""),
        (("-full", "full"), ""),
        (("full", "-full"), "lists this snapshot as deleted"),
    ],
)
def test_a_snapshot_whose_base_is_deleted(kinds: tuple[str, ...], text: str) -> None:
    """An incremental one needs all since the last full one, a differential one only that."""
    listed = chain(*kinds)
    made = RestorePlan("s3", "nightly", NewestSnapshot(listed[-1].id))
    found = [w.text for w in plan_warnings(made, PlanFacts(snapshots=listed[::-1]))]
    assert [text in said for said in found] == ([True] if text else [])


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State.IN_PROGRESS, "still being taken"),
        (State.FAILED, "as failed"),
        (State.UNKNOWN, ""),
    ],
)
def test_a_snapshot_in_progress_or_failed(state: State, text: str) -> None:
    """By its state, as the list of snapshots reads it."""
    found = [w.text for w in plan_warnings(plan(), PlanFacts(snapshots=(snapshot(state=state),)))]
    assert [text in said for said in found] == ([True] if text else [])


def test_ids_and_times_in_opposite_order() -> None:
    """The snapshot with the highest id is the oldest: said of it, of the newest, and of none that is in order."""
    listed = (
        snapshot("903", time=NIGHT - timedelta(days=80)),
        snapshot("902", time=NIGHT),
        snapshot("901", time=NIGHT - timedelta(days=1)),
        snapshot("9", kind="full"),
    )
    facts = PlanFacts(snapshots=listed)
    (warning,) = plan_warnings(RestorePlan("s3", "n", NewestSnapshot("903")), facts)
    assert "The newest snapshot by id is not the newest by time: 903 and 902" in warning.text
    assert plan_warnings(RestorePlan("s3", "n", NewestSnapshot("902")), PlanFacts(snapshots=listed[1:])) == ()
    assert plan_warnings(RestorePlan("s3", "n", NewestSnapshot("9")), facts) == ()


# The reference

LOSSES = [
    (entry, told)
    for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS)
    for told in entry.explanation.related
    if told.loss
]


def in_force(names: set[str]) -> tuple[RestorePlan, PlanFacts]:
    """A plan in which all of these types and options take part, at their most dangerous, and what it depends on."""
    of_type = {"datasource": "s3", "credential": "s.key", "user": "ada"}
    kinds = {name: [of_type.get(name, "s.a")] for name in names if name in reference.TYPE_NAMES}
    options = {
        name: "replace" if name == "restore_policy" else "true"
        for name in names
        if name not in reference.TYPE_NAMES
    }
    return plan(kinds or TABLE, options), PlanFacts(user="ada", credential="s.key")


@pytest.mark.parametrize(
    ("entry", "told"), LOSSES, ids=[f"{entry.name}-{'-'.join(told.names)}" for entry, told in LOSSES]
)
def test_every_loss_of_the_reference_has_a_warning(entry: ReferenceEntry, told: Interaction) -> None:
    """A destructive one that describes this very interaction, and that is gone when one of its sides is."""
    names = {entry.name, *told.names}
    made, facts = in_force(names)
    (warning,) = [w for w in plan_warnings(made, facts) if w.destructive and w.entries == names]
    for name in names:
        without, _ = in_force(names - {name})
        assert warning not in plan_warnings(without, facts)


def test_every_value_that_destroys_has_a_warning() -> None:
    """Of the values that can be chosen, those whose explanation says that something is lost or dropped."""
    destroys = re.compile(r"\b(overwrite|is lost|drop every)\b", re.IGNORECASE)
    values = [(o, v) for o in reference.OPTIONS for v in o.values if destroys.search(v.help)]
    assert {(o.name, v.name) for o, v in values} == {
        ("restore_policy", "replace"),
        ("cascade_foreign_keys", "true"),
    }
    for option, value in values:
        needs = dict([option.needs]) if option.needs else {}
        found = plan_warnings(plan(TABLE, {**needs, option.name: value.name}))
        assert any(w.destructive and w.option == option.name for w in found)


def test_a_role_of_the_connected_user_is_named() -> None:
    """Where the server shows it; of the others it is said that they may be."""
    listing = Listing(
        {"user": frozenset({"ada"}), "role": frozenset({"ops", "dev"})},
        memberships={"ada": frozenset({"ops"})},
    )
    asked = plan({"role": ["dev", "ops"]}, {"restore_policy": "replace"})
    existing = Inventory({SECURITY: listing})
    for user, words in (
        ("ada", "Replaces ops: a role of the user"),
        ("bob", "Replaces 2 roles. Which roles"),
    ):
        facts = PlanFacts(conflicts=ConflictReport(asked, existing=existing), user=user)
        assert any(words in warning.text and warning.destructive for warning in plan_warnings(asked, facts))
