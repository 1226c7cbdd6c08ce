"""The story of the bad snapshots, as the wizard's own client reads it: each is reported as what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from restore_tui.cli import main
from restore_tui.cli.demo_server import BuiltInServer
from restore_tui.demo.seed import DEFAULT_STORY, STORIES
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.backups import Snapshot, State
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.errors import RequestRejected
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.plan_warnings import plan_warnings
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import link
from tests.harness.servers.demo_requests import NOW, S3, restore, shop

STORY = "bad-snapshots"
BACKUP = "audit_trail"
LOGINS, EMPTY = "audit.logins", "audit.permission_changes"
RUNNING, FAILED, BASELESS, BASE, DAMAGED, HEALTHY = range(6)
"""The places of the snapshots in the list, newest first."""
REFUSED = {RUNNING: "still in progress", FAILED: "failed before", BASELESS: "which was deleted"}


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    """A sitting at a demo server that plays the story, with nothing chosen."""
    world = build_world(now=NOW, big_tables=60, story=STORY)
    with DemoServer(world) as server:
        sitting = Session(FakeClock(), SessionOptions(Path("no receipt is written")))
        await sitting.connect(link(server.url, Login("demo", Secret("demo"))))
        yield sitting
        await sitting.aclose()
    assert server.errors == []


async def listed(client: KineticaClient) -> list[Snapshot]:
    return list(await client.snapshots(S3, BACKUP))


async def planned(session: Session, which: int, objects: dict[str, list[str]] | None = None) -> RestorePlan:
    snapshot = (await listed(session.client))[which]
    plan = RestorePlan(
        S3, BACKUP, PinnedSnapshot(snapshot.id), Selection.of(objects or {"table": [LOGINS, EMPTY]})
    )
    return plan.choose_option("restore_policy", "replace")


async def test_each_snapshot_is_listed_as_what_it_is(session: Session) -> None:
    """Status, deletion and kind, and nothing written yet of the one in progress; its siblings have no status at all."""
    found = await listed(session.client)
    assert [(s.kind, s.state, s.deleted) for s in found] == [
        ("full", State.IN_PROGRESS, False),
        ("full", State.FAILED, False),
        ("incremental", State.UNKNOWN, False),
        ("", State.UNKNOWN, True),
        ("full", State.UNKNOWN, False),
        ("full", State.UNKNOWN, False),
    ]
    assert (found[RUNNING].size, found[RUNNING].records, found[RUNNING].files) == (0, 0, 0)
    assert [s.raw.get("status") for s in found] == ["in_progress", "failed", None, None, None, None]
    backup = next(b for b in await session.client.backups(S3) if b.name == BACKUP)
    assert backup.newest == found[BASELESS]


async def test_the_history_has_their_statuses(session: Session) -> None:
    rows = await session.client.history(BACKUP)
    assert [row.status for row in rows] == [
        "backup_in_progress",
        "backup_failed",
        "backup_complete",
        "backup_complete",
        "backup_complete",
    ]
    assert [not row["end_time"] for row in rows] == [True, False, False, False, False]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("which", REFUSED)
async def test_nothing_is_restored_from_a_snapshot_that_is_not_whole(
    session: Session, which: int, dry_run: bool
) -> None:
    """The refusal names the snapshot, what is wrong with it, and a deleted base."""
    plan = await planned(session, which)
    with pytest.raises(RequestRejected) as caught:
        await session.client.restore_backup(restore_body(plan, dry_run=dry_run))
    assert REFUSED[which] in caught.value.server_message
    assert plan.snapshot_id in caught.value.server_message
    if which == BASELESS:
        assert (await listed(session.client))[BASE].id in caught.value.server_message


async def test_the_newest_is_the_one_in_progress_and_is_refused_too(session: Session) -> None:
    plan = (await planned(session, BASELESS)).choose_snapshot(NewestSnapshot("")).plan
    with pytest.raises(RequestRejected) as caught:
        await session.client.restore_backup(restore_body(plan, dry_run=True))
    assert REFUSED[RUNNING] in caught.value.server_message
    assert (await listed(session.client))[RUNNING].id in caught.value.server_message


async def test_the_healthy_one_is_restored(session: Session) -> None:
    plan = await planned(session, HEALTHY)
    answer = await session.client.restore_backup(restore_body(plan, dry_run=False))
    assert answer.restored_objects == {LOGINS: "table", EMPTY: "table"}


async def test_of_the_damaged_one_only_the_damaged_table_fails(session: Session) -> None:
    plan = await planned(session, DAMAGED)
    answer = await session.client.restore_backup(restore_body(plan, dry_run=False))
    assert answer.failed_objects == {LOGINS: "table"}
    assert answer.restored_objects == {EMPTY: "table"}


async def test_a_verification_reports_what_is_wrong(session: Session) -> None:
    found = await listed(session.client)
    errors = {
        which: (await session.client.verify(S3, BACKUP, found[which].id)).errors
        for which in (*REFUSED, DAMAGED, HEALTHY)
    }
    assert {which: len(texts) for which, texts in errors.items()} == {
        **dict.fromkeys(REFUSED, 1),
        DAMAGED: 1,
        HEALTHY: 0,
    }
    for which, words in REFUSED.items():
        assert words in errors[which][0]
    (damage,) = errors[DAMAGED]
    assert damage.endswith("checksum mismatch")
    assert len(damage) > 300
    assert f"{LOGINS}/0000.kdat" in damage
    assert found[DAMAGED].id in damage


@pytest.mark.parametrize(
    ("which", "warned"),
    [
        (RUNNING, ["still being taken", "EMPTIES 2 tables"]),
        (FAILED, ["as failed"]),
        (BASELESS, ["lists what it is based on as deleted"]),
        (DAMAGED, []),
        (HEALTHY, [f"EMPTIES 1 table that exists now and has no records in this full snapshot: {EMPTY}."]),
    ],
)
async def test_the_plan_is_warned_of(session: Session, which: int, warned: list[str]) -> None:
    """The warnings on a plan name each situation, and none of them for the others."""
    session.plan = await planned(session, which)
    await session.snapshots()
    await session.contents()
    await session.check_conflicts()
    texts = [w.text for w in plan_warnings(session.plan, session.plan_facts())]
    about = [text for text in texts if "snapshot" in text and not text.startswith("Overwrites")]
    assert len(about) == len(warned)
    assert all(any(words in text for text in about) for words in warned)


@pytest.mark.parametrize("kind", ["incremental", "differential"])
def test_a_deleted_base_is_missed_only_until_the_next_full_snapshot(kind: str) -> None:
    """A failed full snapshot in between is no base either."""
    world = build_world(now=NOW, big_tables=60, story=STORY)
    world.backup(BACKUP).snapshots[-1:] = []
    world.add_snapshot(BACKUP, kind=kind)
    refused = restore(world, {"table": LOGINS}, {"restore_policy": "replace"}, backup=BACKUP)
    assert REFUSED[BASELESS] in refused.message
    world.add_snapshot(BACKUP, kind="full")
    world.add_snapshot(BACKUP, kind=kind)
    assert restore(world, {"table": LOGINS}, {"restore_policy": "replace"}, backup=BACKUP).ok


def test_the_other_backups_are_the_same_in_every_story() -> None:
    default, other = shop(), build_world(now=NOW, big_tables=60, story=STORY)
    assert build_world(now=NOW, big_tables=60, story=DEFAULT_STORY) == default
    assert set(other.backups) - set(default.backups) == {(S3, BACKUP)}
    assert {key: other.backups[key] for key in default.backups} == default.backups
    assert {key: other.live[key] for key in default.live} == default.live
    assert other.live["table", EMPTY].records > 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["demo-server", "--story", "nope"], "there are dropped-schema, bad-snapshots, find"),
        (["demo-server", "--story", "bad-snapshot"], "the nearest is bad-snapshots"),
        (["--demo", "--story", "dropped"], "the nearest is dropped-schema"),
    ],
)
def test_an_unknown_story_is_wrong_usage_and_the_nearest_is_suggested(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error


def test_a_story_goes_with_a_demo_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--story", STORY]) == 2
    assert "--demo" in capsys.readouterr().err


def test_the_help_lists_the_stories(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo-server", "--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in STORIES)


def test_the_command_line_hands_the_story_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("restore_tui.demo.__main__.serve", lambda *_, **options: given.update(options) or 0)
    assert main(["demo-server", "--story", STORY]) == 0
    assert given["story"] == STORY
    assert main(["demo-server"]) == 0
    assert given["story"] == DEFAULT_STORY


async def test_the_built_in_server_plays_the_story() -> None:
    demo = BuiltInServer(5, "7.2.3.14", story=STORY)
    url, user, password = demo.start()
    try:
        async with KineticaClient(link(url, Login(user, Secret(password)))) as client:
            assert len(await listed(client)) == 6
    finally:
        demo.stop()
