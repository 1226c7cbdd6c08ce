"""Rules that hold for any restore: of the rehearsal, of the totals, of what is mentioned, of a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from restore_tui.demo.model import ObjectKey, Snapshot, World
from tests.harness.servers.demo_requests import NEWEST, Answer, restore, shop, state
from tests.harness.servers.drawn_requests import MODEL, requests

pytestmark = pytest.mark.slow

WITHOUT = ("user", "role", "resource_group", "directory")
"""The types that live in no schema, whatever their names look like."""


def ask(world: World, request: dict[str, Any], *, dry: bool) -> Answer:
    options = {**request["options"], "dry_run": str(dry).lower()}
    return restore(world, request["objects"], options, backup=request["backup"], version=NEWEST)


def asked_for(request: dict[str, Any]) -> tuple[Snapshot, dict[ObjectKey, ObjectKey]]:
    """The snapshot, and of all that a request covers the key that it gets → the one that it had, worked out without
    the engine."""
    backup = MODEL.backup(request["backup"])
    wanted_id = request["options"].get("backup_id") or str(max(s.id for s in backup.snapshots))
    snapshot = next(s for s in backup.snapshots if str(s.id) == wanted_id)
    keys: set[ObjectKey] = set()
    for kind, listed in request["objects"].items():
        for name in listed.split(","):
            if kind == "all":
                keys |= {t.key for t in snapshot.by_schema[name]}
            else:
                keys.add((kind, name))
    pairs = [part.split(": ") for part in request["options"].get("target_schema_map", "").split(", ") if part]
    return snapshot, {_moved(key, dict(pairs)): key for key in keys}


def _moved(key: ObjectKey, targets: dict[str, str]) -> ObjectKey:
    kind, name = key
    for source, target in targets.items():
        if kind not in WITHOUT and name.startswith(f"{source}."):
            return (kind, target + name[len(source) :])
    return key


@given(requests())
@settings(max_examples=150)
def test_a_dry_run_changes_nothing_and_predicts_the_answer(request: dict[str, Any]) -> None:
    rehearsal, real = shop(), shop()
    before = state(rehearsal)
    predicted = ask(rehearsal, request, dry=True)
    assert state(rehearsal) == before
    done = ask(real, request, dry=False)
    assert (predicted.http_status, predicted.message) == (done.http_status, done.message)
    if predicted.ok and not done.data["failed_objects"]:
        # The same seed draws the same backup_<UUID>, so that even this is predicted.
        assert predicted.data == done.data
    elif predicted.ok:
        # Data is read by the restore only: damage is what the rehearsal does not see coming.
        failed, foreseen = set(done.data["failed_objects"]), set(predicted.data["failed_objects"])
        assert foreseen <= failed
        assert set(predicted.data["restored_objects"]) == set(done.data["restored_objects"]) | (
            failed - foreseen
        )


@given(requests())
@settings(max_examples=150)
def test_every_object_is_mentioned_once_and_the_totals_add_up(request: dict[str, Any]) -> None:
    world = shop()
    before = state(world)
    answer = ask(world, request, dry=False)
    if not answer.ok:
        assert state(world) == before
        return
    data = answer.data
    snapshot, keys = asked_for(request)
    restored = {(kind, name) for name, kind in data["restored_objects"].items()}
    failed = {(kind, name) for name, kind in data["failed_objects"].items()}
    assert restored | failed == set(keys)
    assert not restored & failed
    assert set(data["renamed_objects"]) <= set(data["restored_objects"])
    live = [world.live[key] for key in restored]
    assert data["restored_records"] == sum(thing.records for thing in live)
    assert data["restored_bytes"] == sum(thing.bytes for thing in live)
    placed = [thing for thing in live if thing.records and thing.storage == "direct"]
    assert data["restored_files"] == sum(snapshot.by_key[keys[thing.key]].files for thing in placed)
    assert all(thing.origin == f"{request['backup']}@{snapshot.id}" for thing in live)


@given(requests())
@settings(max_examples=100)
def test_nothing_else_is_touched_and_nothing_is_lost_but_by_replace(request: dict[str, Any]) -> None:
    world = shop()
    before, _ = state(world)
    answer = ask(world, request, dry=False)
    if not answer.ok:
        return
    snapshot, keys = asked_for(request)
    moved = answer.data["renamed_objects"]
    dropped = answer.data["info"].get("dropped_tables", "").split(",")
    for (kind, name), thing in before.items():
        if name in dropped:
            assert request["options"]["cascade_foreign_keys"] == "true"
            assert (kind, name) not in snapshot.by_key
        elif (kind, name) not in keys:
            assert world.live[kind, name] == thing
        elif name in moved:
            kept = world.live[kind, moved[name]]
            assert (kept.records, kept.origin) == (thing.records, thing.origin)
        else:
            assert request["options"].get("restore_policy") == "replace"
