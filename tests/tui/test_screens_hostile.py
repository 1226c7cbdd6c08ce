"""Server text is data: whatever it holds is shown harmlessly, and goes back to the server as it came."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from restore_tui.demo.server import Received, Reply
from tests.harness.app.app_harness import Stage
from tests.harness.app.hostile_names import Renaming, assert_harmless, nasty, nasty_in_short
from tests.harness.app.pilot import flat, press, ready, tap, text, title, typed, until
from tests.harness.app.steps import SIZE, app_of, confirm, ended, go
from tests.harness.servers.interceptors import DROPPED, at, changed, instead, is_dry_run, is_restore, refused


@nasty
async def test_nasty_names_all_the_way(stage: Stage, nasty: str) -> None:
    """The whole walk with a nasty name wherever the server may put one: every screen is harmless, help, names
    dialog and request too; the name goes back to the server to the letter."""
    stage.server.intercept = Renaming(stage.server, nasty)
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert app_of(pilot).session is not None
        for keys in (
            ("enter",),
            ("enter",),
            ("end", "home", "enter"),
            ("right", "a"),
            ("left", "end", "right"),
            ("f1",),
            ("escape", "t"),
            ("escape", "ctrl+n"),
            ("f2",),
            ("ctrl+n",),
            ("f2", "end", "home"),
            ("ctrl+n",),
        ):
            await press(pilot, *keys)
            assert_harmless(pilot)
        assert title(pilot) == "Restore"
        phrase = "407056" if "407056" in text(pilot).replace("1795442407056", "") else nasty
        for character in phrase:
            await tap(pilot, character)
        await press(pilot, "enter")
        await ended(pilot)
        assert "! Partly restored" in text(pilot)
        await press(pilot, "end", "home")
        assert_harmless(pilot)
    assert stage.server.errors == []
    assert [(body["datasource_name"], body["backup_name"]) for body in stage.sent] == [(nasty, nasty)] * 2


@nasty_in_short
async def test_nasty_words_of_a_refusal(stage: Stage, nasty: str) -> None:
    """The server refuses a read, a dry run and a restore in nasty words."""
    words = f"Object '{nasty}' already exists"
    for when, step in ((at("/show/backup"), "Backup"), (is_dry_run, "Dry run")):
        instead(stage, when, refused(words))
        async with stage.app().run_test(size=SIZE) as pilot:
            await go(pilot, step)
            assert "refused" in text(pilot)
            assert_harmless(pilot)
    instead(stage, is_restore, refused(words))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "Restore failed" in text(pilot)
        assert_harmless(pilot)


@nasty_in_short
async def test_a_nasty_snapshot_id(stage: Stage, nasty: str) -> None:
    """A snapshot with a nasty id: listed, rehearsed and confirmed harmlessly."""
    inner = stage.server.answers

    def rename(data: dict[str, Any]) -> None:
        for row in data["backup_ids"]:
            if row["backup_id"] == "1795442407056":
                row["backup_id"] = nasty

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint not in ("/show/backup", "/restore/backup"):
            return answer()
        body = received.json()
        body.get("options", {}).pop("backup_id", None)
        reply = inner.answer(replace(received, body=json.dumps(body).encode()))
        if received.endpoint == "/show/backup":
            return changed(rename)(reply)
        return changed(lambda data: data.pop("backup_id"))(reply)

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "home", "down", "down", "down", "enter", "home")
        assert_harmless(pilot)
        for keys in (("enter",), ("right", "down", "space", "ctrl+n"), ("ctrl+n",), ("ctrl+n",)):
            await press(pilot, *keys)
            assert_harmless(pilot)
        assert title(pilot) == "Restore"
        await confirm(pilot)
        await ended(pilot)
        assert_harmless(pilot)
    assert [body["options"]["backup_id"] for body in stage.sent] == [nasty, nasty]


@nasty_in_short
async def test_a_nasty_version(stage: Stage, nasty: str) -> None:
    """A server that tells a nasty version and cluster: greeted harmlessly."""

    def tell(data: dict[str, Any]) -> None:
        data["property_map"] |= {"version.gpudb_core_version": nasty, "conf.cluster_name": nasty}

    instead(stage, at("/show/system/properties"), changed(tell))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        assert "Connected to Kinetica" in text(pilot)
        assert_harmless(pilot)
        await press(pilot, "enter", "enter", "enter", "right", "space", "ctrl+n")
        assert title(pilot) == "Options"
        assert_harmless(pilot)


async def test_ten_thousand_times_ten_thousand_letters_do_not_freeze_the_screen(stage: Stage) -> None:
    """A megabyte of a name in a refusal: shown shortened, and keys are still answered."""
    instead(stage, is_dry_run, refused("x\n" * 500_000))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await until(pilot, lambda: "Dry run refused" in text(pilot))
        assert_harmless(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Options"


async def test_names_with_a_comma_or_spaces_are_not_sent_as_others(stage: Stage) -> None:
    """The server lists a table with a comma in its name: selected, it blocks with a sentence, and nothing is sent."""

    def rename(data: dict[str, Any]) -> None:
        for row in data["backup_contents"][:1]:
            row["object_name"] = "sales.a,b"

    instead(stage, at("/show/backup"), changed(rename))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "slash", *"a,b", "enter", "space")
        assert "would reach the server as another one" in flat(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) in ("Objects", "Options")
    assert stage.sent == []


async def test_a_comment_in_another_script_is_shown_as_it_is(stage: Stage) -> None:
    """What is no threat is left alone: 東京 and Übergrößen stand there."""
    stage.server.world.backup("nightly_shop").comment = "東京 Übergrößen"
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert "東京 Übergrößen" in text(pilot)
        assert_harmless(pilot)


async def test_a_hang_up_in_the_middle_of_the_walk_is_only_a_read(stage: Stage) -> None:
    """The server hangs up on a read: said, F5 asks again, and it goes on."""
    instead(stage, at("/show/backup"), DROPPED)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert "✗" in text(pilot)
        stage.server.intercept = None
        await press(pilot, "f5")
        assert "nightly_shop" in text(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Snapshot"
        await typed(pilot, "x")
        assert title(pilot) == "Snapshot"
