"""The rows agree with a loop over all snapshots that does nothing clever, over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from restore_tui.demo.model import World
from restore_tui.demo.server import DemoServer
from restore_tui.find.matches import Match
from restore_tui.find.search import Search
from tests.harness.find import NOW, S3, add_backup, empty_world, found, query, snapshot
from tests.harness.servers.demo_requests import post

NAMES = ("a.orders", "a.order_items", "b.Orders", "b.x", "ana", "orders")
TYPES = ("table", "user", "graph")
Found = tuple[str, str, str, str, int | None, int | None]
"""(backup, snapshot id, type, name, size, records)."""

held_objects = st.dictionaries(
    st.tuples(st.sampled_from(TYPES), st.sampled_from(NAMES)), st.integers(0, 3), max_size=6
)
histories = st.lists(st.tuples(held_objects, st.sampled_from(["full", "incremental"])), max_size=5)
texts = st.sampled_from(["orders", "a.orders", "ORD", "*", "a.*", "order*", "?.orders", "*items", "x"])


def world_of(backups: dict[str, list[Any]]) -> World:
    world = empty_world()
    for number, (name, history) in enumerate(backups.items()):
        add_backup(
            world,
            name,
            [
                snapshot(NOW - timedelta(hours=3 * at + number), held, kind=kind)
                for at, (held, kind) in enumerate(history)
            ],
        )
    return world


def show(server: DemoServer, name: str, **options: str) -> Any:
    return post(server, "/show/backup", {"backup_name": name, "datasource_name": S3, "options": options}).data


def naive(server: DemoServer, text: str, exact: bool, kind: str) -> list[Found]:
    """Newest first."""
    rows = []
    for described in show(server, "*", show_contents="none")["backup_description"]:
        backup = described["backup_name"]
        for listed in show(server, backup, show_contents="none")["backup_ids"]:
            contents = show(server, backup, backup_id=listed["backup_id"], show_contents="object_names")
            for one in contents["backup_contents"]:
                name, type_ = one["object_name"], one["object_type"]
                if kind in ("", type_) and matches(name, type_, text, exact):
                    size, records = one.get("size"), one.get("records")
                    numbers = [None if number is None else int(number) for number in (size, records)]
                    rows.append((listed["time"], (backup, listed["backup_id"], type_, name, *numbers)))
    rows.sort(key=lambda row: row[0], reverse=True)
    return [row for _, row in rows]


def matches(name: str, type_: str, text: str, exact: bool) -> bool:
    bare = name.split(".", 1)[1] if "." in name and type_ != "user" and "." not in text else None
    if "*" in text or "?" in text:
        return any(fnmatchcase(one.lower(), text.lower()) for one in (name, bare) if one is not None)
    return text in (name, bare) if exact else text.lower() in name.lower()


def as_found(match: Match) -> Found:
    return (match.place.backup, match.place.snapshot_id, match.type, match.name, match.size, match.records)


def naive_change(search: Search, match: Match) -> str:
    """From the rows alone."""
    ids = sorted(
        (place.snapshot for place in search.listing.backups[match.place.backup_key]),
        key=lambda one: int(one.id),
        reverse=True,
    )
    rows = {
        (row.place.snapshot_id, row.key): row
        for row in search.matches
        if row.place.backup == match.place.backup
    }
    older = [one for one in ids if int(one.id) < int(match.place.snapshot_id)]
    if not older:
        return ""
    if (older[0].id, match.key) not in rows:
        return "new"
    fulls = [one for one in older if one.kind == "full"]
    before = rows.get((fulls[0].id, match.key)) if fulls else None
    if match.place.snapshot.kind != "full" or before is None or None in (match.records, before.records):
        return "–"
    by = (match.records or 0) - (before.records or 0)
    return "same" if not by else f"{by:+,}".replace("-", "−")


@settings(max_examples=60)
@given(
    backups=st.dictionaries(st.sampled_from(["nightly", "weekly"]), histories, max_size=2),
    text=texts,
    exact=st.booleans(),
    kind=st.sampled_from(["", "table", "user"]),
)
async def test_rows_and_changes_agree_with_a_naive_loop(
    backups: dict[str, list[Any]], text: str, exact: bool, kind: str
) -> None:
    with DemoServer(world_of(backups)) as server:
        expected = naive(server, text, exact, kind)
        search = await found(server, query(text, exact=exact, type=kind))
    rows = [match for match in search.matches if match.type != "all"]
    assert sorted(map(as_found, rows)) == sorted(expected)
    assert [row[1] for row in map(as_found, rows)] == [row[1] for row in expected]
    for row in rows:
        change = search.change(row)
        assert (change.text if change else "") == naive_change(search, row)


@settings(max_examples=30)
@given(history=histories, texts=st.lists(texts, min_size=1, max_size=3, unique=True))
async def test_stopping_at_the_newest_finds_what_the_naive_loop_has_first(
    history: list[Any], texts: list[str]
) -> None:
    with DemoServer(world_of({"nightly": [(held, "full") for held, _ in history]})) as server:
        search = await found(server, query(*texts, exact=True), stop_at_newest=True)
        for index, text in enumerate(texts):
            everything = naive(server, text, exact=True, kind="")
            newest = [row for row in everything if row[1] == everything[0][1]]
            rows = [match for match in search.matches if index in match.patterns and match.type != "all"]
            assert sorted(map(as_found, rows)) == sorted(newest)
