"""Server text is data: whatever it holds is shown harmlessly, and goes back to the server as it came."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.app.pilot import Stage, press, ready, tap, text, title, typed, until
from tests.harness.app.steps import (
    DROPPED,
    SIZE,
    app_of,
    at,
    changed,
    confirm,
    ended,
    go,
    instead,
    is_dry_run,
    is_restore,
    refused,
)

NASTY = [
    "[/x]",
    "[bold red]x[/]",
    "$text-error",
    "\x1b]0;pwned\x07",
    "\x1b[2Jgone",
    "two\nlines",
    "tab\tand\rreturn",
    "\u202egnp.exe",
    "\u2066inside\u2069",
    "e" + "\u0301" * 50,
    "😀" * 60,
    "x" * 10_000,
]
IN_SHORT = {"markup": "".join(NASTY[:3]), "control": "".join(NASTY[3:-1]), "long": NASTY[-1]}
nasty_in_short = pytest.mark.parametrize("nasty", IN_SHORT.values(), ids=IN_SHORT)
nasty = pytest.mark.parametrize(
    "nasty",
    [
        *(pytest.param(name, id=id) for id, name in IN_SHORT.items()),
        *(pytest.param(name, id=ascii(name)[:20], marks=pytest.mark.slow) for name in NASTY[:-1]),
    ],
)


def assert_harmless(pilot: Pilot[None]) -> None:
    """Nothing on the screen that a terminal would obey, and no line that is longer than the screen."""
    shown = text(pilot)
    obeyed = {c for c in shown if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)}
    assert not obeyed
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u2028\u2029")
    assert len(shown.splitlines()) <= pilot.app.size.height


class Renaming:
    """Calls a data source, a backup, tables, a type and everything that is only told by one nasty name."""

    def __init__(self, server: DemoServer, name: str) -> None:
        self.name = name
        self._answers = server.answers

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/show/datasource":
            return changed(self._sources)(answer())
        if received.endpoint == "/show/backup":
            body = received.json() | {"datasource_name": "dr_bucket_s3"}
            if body.get("backup_name"):
                body["backup_name"] = "nightly_shop"
            return changed(self._backups)(self._ask(received, body))
        if received.endpoint == "/restore/backup":
            body = received.json() | {"datasource_name": "dr_bucket_s3", "backup_name": "nightly_shop"}
            body["restore_objects_map"] = {"all": "sales"}
            return changed(self._told)(self._ask(received, body))
        return answer()

    def _ask(self, received: Received, body: dict[str, Any]) -> Reply:
        return self._answers.answer(replace(received, body=json.dumps(body).encode()))

    def _sources(self, data: dict[str, Any]) -> None:
        data["datasource_names"][0] = data["storage_provider_types"][0] = self.name
        data["additional_info"][0] = {self.name: self.name, "location": self.name}

    def _backups(self, data: dict[str, Any]) -> None:
        if data["backup_name"] == "nightly_shop":
            data["backup_name"] = self.name
        for row in data["backup_description"]:
            if row["backup_name"] == "nightly_shop":
                row |= {"backup_name": self.name, "comment": self.name, self.name: self.name}
        for row in [*data["backup_ids"], *data["deleted_backup_ids"]]:
            if row["backup_name"] == "nightly_shop":
                row |= {"backup_name": self.name, "backup_type": self.name, "time": self.name}
                row |= {"comment": self.name}
        for row in data["backup_contents"][:3]:
            row["object_name"] = f"sales.{self.name}"
        for row in data["backup_contents"][3:5]:
            row["object_type"] = self.name

    def _told(self, data: dict[str, Any]) -> None:
        data["backup_name"] = self.name
        data["info"] = {self.name: self.name}
        data["restored_objects"][f"beyond {self.name}"] = "table"
        data["failed_objects"][f"sales.{self.name}"] = self.name
        data["renamed_objects"] = {"sales.orders": self.name}


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
        assert "would reach the server as another one" in " ".join(text(pilot).split())
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
