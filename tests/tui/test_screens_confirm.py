"""Nothing but a name typed by a person restores, and only behind a dry run of this very plan."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.demo.model import LiveObject
from restore_tui.demo.server import Received, Reply
from restore_tui.kinetica.connection.credentials import NOTHING, Secret
from restore_tui.restore.execution.exit_status import exit_code
from restore_tui.tui.terminal.arrivals import stamp
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import (
    arrived,
    at_rest,
    burst,
    flat,
    press,
    ready,
    settled,
    tap,
    text,
    title,
    typed,
    until,
)
from tests.harness.app.steps import INVENTORY, SALES, SIZE, app_of, confirm, ended, focused, go, tab_to
from tests.harness.servers.interceptors import Held, at, changed, instead, is_dry_run, refused


@pytest.mark.parametrize(
    "keys",
    [
        ("ctrl+n",),
        ("enter",),
        ("ctrl+n", "enter", "ctrl+n", "enter"),
        (*"nightly", "enter"),
        (*"nightly", "underscore", *"shopp", "enter"),
        (*"Nightly", "underscore", *"shop", "enter"),
        ("space", *"nightly", "underscore", *"shop", "enter"),
        (*"nightly", "underscore", *"shop", "ctrl+n", "ctrl+n"),
        ("f5", "f2", "enter"),
        ("escape", "enter", "space", "ctrl+n"),
        ("tab", "enter", "tab", "space"),
    ],
    ids=" ".join,
)
async def test_nothing_else_than_the_name_and_enter_restores(stage: Stage, keys: tuple[str, ...]) -> None:
    """Ctrl+N, Enter without the name, a wrong name, the name without Enter: nothing is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, *keys)
        assert stage.restores == []
        assert app_of(pilot).runs == []


async def test_what_appeared_since_the_dry_run_voids_it(stage: Stage) -> None:
    """Somebody creates a table that would be restored: the right name confirms nothing, and the dry run is run again
    on going back."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        stage.server.world.add_live([LiveObject("table", "sales.orders")])
        await confirm(pilot)
        await until(
            pilot, lambda: "Since the dry run schema sales, table sales.orders have appeared" in flat(pilot)
        )
        assert title(pilot) == "Restore"
        await press(pilot, "enter", "ctrl+n", "enter")
        assert stage.restores == []
        await press(pilot, "escape", "escape")
        assert title(pilot) == "Dry run"
        assert "Dry run refused" in text(pilot)
    assert stage.restores == []
    assert list(stage.receipts.glob("*.json")) == []


async def test_ctrl_n_says_what_confirms(stage: Stage) -> None:
    """Ctrl+N from the list: a sentence, and the focus in the field."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, "escape", "ctrl+n")
        assert "Only typing the name, then Enter, confirms." in text(pilot)
        assert focused(pilot).id == "phrase"


async def test_a_pasted_name_does_not_confirm(stage: Stage) -> None:
    """The right name pasted, then Enter: the field is empty, the screen says why, nothing is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        app_of(pilot).post_message(events.Paste("nightly_shop"))
        await at_rest(pilot)
        await press(pilot, "enter")
        assert pilot.app.screen.query_one("#phrase", Input).value == ""
        pilot.app.copy_to_clipboard("nightly_shop")
        await press(pilot, "ctrl+v")
        assert "Paste is disabled here" in text(pilot)
        await press(pilot, "enter")
        assert pilot.app.screen.query_one("#phrase", Input).value == ""
    assert stage.restores == []


async def test_refuses_name_and_enter_in_one_burst(stage: Stage) -> None:
    """Both in one read of the terminal: nothing is sent, the name stays, and Enter by itself then confirms."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        keys = [events.Key("underscore" if c == "_" else c, c) for c in "nightly_shop"]
        for key in (*keys, events.Key("enter", "\r")):
            stamp(key, 1.0)
            app_of(pilot).post_message(key)
        await arrived(app_of(pilot))
        await settled(app_of(pilot))
        assert "Press Enter once more to restore." in flat(pilot)
        assert stage.restores == []
        await press(pilot, "enter")
        await ended(pilot)
    assert len(stage.restores) == 1


async def test_the_button_confirms_once_the_name_matches(stage: Stage) -> None:
    """The name, Tab to Restore, Enter: restored; before the name the button can't be reached."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert pilot.app.screen.query_one("#next").disabled
        await typed(pilot, "nightly_shop")
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert len(stage.restores) == 1


async def test_enter_twice_on_the_button_restores_once(stage: Stage) -> None:
    """Enter ×4 in one burst on Restore: one POST."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        await tab_to(pilot, "next")
        await burst(pilot, *["enter"] * 4)
        await ended(pilot)
    assert len(stage.restores) == 1


@pytest.mark.parametrize(
    "name", ["nightly_shop_" + "x" * 40, "tägliches_backup", "tab\there", "ends in a space "], ids=repr
)
async def test_a_name_that_cannot_be_typed_asks_for_digits(stage: Stage, name: str) -> None:
    """A long or untypable name: the last six digits of the snapshot id confirm, and they stand on the screen."""
    backup = stage.server.world.backups.pop(("dr_bucket_s3", "nightly_shop"))
    backup.name = name
    stage.server.world.backups["dr_bucket_s3", name] = backup
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "407056" in text(pilot).replace("1795442407056", "")
        await typed(pilot, "407056")
        await press(pilot, "enter")
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert [body["backup_name"] for body in stage.restores] == [name]


# The newest snapshot


async def to_newest(pilot: Any) -> None:
    """To the confirmation of a plan that leaves the snapshot's id empty."""
    await go(pilot, "Snapshot")
    await press(pilot, "end", "enter", *SALES, "ctrl+n", "ctrl+n")
    assert title(pilot) == "Restore"


async def test_the_newest_snapshot_is_read_again_and_the_id_left_empty(stage: Stage) -> None:
    """The last row: no id is sent, the snapshots are read once more, and it is restored."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_newest(pilot)
        before = len(stage.server.received("/show/backup"))
        await confirm(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert len(stage.server.received("/show/backup")) == before + 1
    assert all("backup_id" not in body["options"] for body in stage.sent)


async def test_a_snapshot_that_appears_meanwhile_voids_the_dry_run(stage: Stage) -> None:
    """A newer snapshot between dry run and confirmation: nothing is sent, and a new dry run is needed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_newest(pilot)
        newer = stage.server.world.add_snapshot("nightly_shop")
        await confirm(pilot)
        await until(pilot, lambda: "Nothing was sent." in text(pilot))
        assert f"The newest snapshot is now {newer.id}" in flat(pilot)
        await press(pilot, "enter")
        assert stage.restores == []
        await press(pilot, "escape", "escape")
        assert title(pilot) == "Dry run"
        assert len(stage.sent) == 2
        await press(pilot, "ctrl+n")
        await confirm(pilot)
        await ended(pilot)
        assert f"snapshot {newer.id}" in text(pilot)
    assert len(stage.restores) == 1


async def test_a_newest_snapshot_that_cannot_be_read_again_sends_nothing(stage: Stage) -> None:
    """The second look at the snapshots is refused: nothing is sent, the way back is named."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_newest(pilot)
        instead(stage, at("/show/backup"), refused("No such luck"))
        await confirm(pilot)
        await until(pilot, lambda: "could not be read again" in flat(pilot))
    assert stage.restores == []


# What the sentence says


async def test_doubts_of_the_dry_run_come_first(stage: Stage) -> None:
    """A dry run that leaves an object out: the first line of the confirmation says so."""
    instead(stage, is_dry_run, changed(lambda data: data["restored_objects"].pop("sales.orders")))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        lines = [line.strip() for line in text(pilot).splitlines()]
        first = next(i for i, line in enumerate(lines) if line.startswith("Restores 23 objects"))
        assert lines[first - 1] == "! The dry run was OK, but: 1 object not mentioned."


async def test_replace_says_what_is_lost(stage: Stage) -> None:
    """Under replace the confirmation says that it overwrites, and that nobody told which."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, "right", "ctrl+n", "ctrl+n")
        words = flat(pilot)
        assert "Lost 5 existing objects replaced, 2 not checked" in words
        assert "! Overwrites the 5 selected objects that exist now." in words
        await confirm(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert stage.restores[0]["options"]["restore_policy"] == "replace"


async def test_rename_says_how_many_move_and_where(stage: Stage) -> None:
    """Under rename with a schema named: the confirmation names it and counts."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, "right", "right", "down", *"attic", "ctrl+n", "ctrl+n")
        words = flat(pilot)
        assert "Lost 5 existing objects moved, 2 not checked" in words
        assert "! Moves the 5 selected objects that exist now to attic." in words
        await confirm(pilot)
        await ended(pilot)
        assert "Old objects moved to the schema attic." in text(pilot)
    assert ("table", "attic.warehouses") in stage.server.world.live


# The receipt


async def confirm_in_vain(pilot: Pilot[None]) -> None:
    """Confirm, and wait until the confirmation says instead why nothing was sent, ready for keys."""
    app = app_of(pilot)
    await confirm(pilot)
    await until(pilot, lambda: not app.restore.is_active)
    await until(pilot, lambda: all(w.is_finished for w in app.workers if w.group == "confirm"))
    await ready(pilot)


async def test_without_a_receipt_nothing_is_sent_unless_a_person_says_so(stage: Stage) -> None:
    """A file where the folder should be: nothing is sent; Continue without a receipt, the name again, and it goes."""
    stage.receipts.parent.mkdir()
    stage.receipts.write_text("in the way")
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm_in_vain(pilot)
        assert "The receipt can't be written, so nothing was sent." in text(pilot)
        assert stage.restores == []
        assert focused(pilot).id == "phrase"
        await confirm_in_vain(pilot)
        assert "so nothing was sent" in text(pilot)
        assert stage.restores == [], "the name alone is no leave to go on without a receipt"
        await tab_to(pilot, "without-receipt")
        await press(pilot, "enter")
        assert "Continuing without a receipt" in text(pilot)
        assert stage.restores == []
        await press(pilot, "enter")
        assert stage.restores == [], "the name is still requested"
        await confirm(pilot)
        await ended(pilot)
        assert "Receipt: none" in text(pilot)
        assert exit_code(app_of(pilot).runs) == 0
    assert len(stage.restores) == 1


async def test_the_receipt_is_there_before_the_request_and_holds_no_secret(stage: Stage) -> None:
    """When the POST arrives the receipt says "sending", for our eyes only; no file of ours ever holds the token."""
    seen: list[tuple[str, int]] = []

    def intercept(received: Received, answer: Any) -> Reply:
        if received.endpoint == "/restore/backup" and stage.receipts.exists():
            (path,) = stage.receipts.glob("*.json")
            seen.append((json.loads(path.read_text())["state"], path.stat().st_mode & 0o777))
        reply: Reply = answer()
        return reply

    stage.server.intercept = intercept
    app = stage.app(user="", password=NOTHING, token=Secret("demo-token"))
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "demo-token" not in text(pilot)
    written = [path for path in stage.home.rglob("*") if path.is_file()]
    assert written
    assert not any(b"demo-token" in path.read_bytes() for path in written)
    assert seen == [("sending", 0o600)]


# Ageing


async def test_a_confirmation_closes_when_the_dry_run_grows_too_old(stage: Stage) -> None:
    """The name is typed, sixteen minutes pass, Enter: nothing is sent, and the screen says why."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        stage.clock.let_pass(minutes=16)
        await press(pilot, "enter")
        assert "The dry run is older than 15 minutes." in text(pilot)
        assert stage.restores == []
        await press(pilot, "escape", "escape")
        assert title(pilot) == "Dry run"
        assert len(stage.sent) == 2


async def test_a_second_look_that_takes_too_long_sends_nothing(stage: Stage) -> None:
    """The newest snapshot is read again, and meanwhile the dry run grows too old: nothing is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_newest(pilot)
        held = Held(stage, at("/show/backup"))
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        stage.clock.let_pass(minutes=16)
        held.let_go.set()
        await until(pilot, lambda: "Nothing was sent." in text(pilot))
    assert stage.restores == []


async def test_beside_the_field_stands_how_far_the_name_has_come(stage: Stage) -> None:
    """nightly_shop, letter by letter, one too many, and back: the hint says what Enter would do, which is as before."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        for keys, hint in (
            ("nightly_sh", "2 letters to go"),
            ("o", "1 letter to go"),
            ("p", "Enter restores now"),
            ("x", "does not match"),
        ):
            assert hint not in text(pilot)
            await typed(pilot, keys)
            assert hint in text(pilot)
            assert text(pilot).count("to go") + text(pilot).count("does not match") <= 1
        await press(pilot, "enter")
        assert stage.restores == []
        await press(pilot, "backspace")
        await press(pilot, "escape")
        assert "Enter restores now" not in text(pilot), "in the list it does not"
        await press(pilot, "tab")
        assert "Enter restores now" in text(pilot)
        await press(pilot, "enter")
        await ended(pilot)
    assert len(stage.restores) == 1


@pytest.mark.parametrize("opens", [("f1", "tab"), ("f2", "e")])
async def test_an_enter_too_many_for_a_dialog_confirms_nothing(stage: Stage, opens: tuple[str, ...]) -> None:
    """The name is typed, then a dialog is opened and closed with three times Enter at once: nothing is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        if opens[0] == "f2":
            await press(pilot, "escape")
        await press(pilot, *opens)
        assert pilot.app.screen.is_modal
        await burst(pilot, "enter", "enter", "enter")
        await at_rest(pilot)
        assert stage.restores == []
        assert title(pilot) == "Restore"
