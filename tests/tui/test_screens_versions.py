"""What a server is offered by its version, and what came after the reference, by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.tui.widgets.schema_map_row import TargetInput
from tests.harness.app.app_harness import NOW, Stage, shown_as
from tests.harness.app.pilot import at_rest, flat, press, text, title, typed
from tests.harness.app.steps import INVENTORY, SIZE, app_of, confirm, ended, focus_option, focused, go, row_of
from tests.harness.servers.interceptors import served_as


async def test_an_unknown_version_offers_all_and_says_so(stage: Stage) -> None:
    """Nothing is closed but what another choice closes, and the first line says why."""
    with served_as(stage, "nightly build"):
        async with stage.app().run_test(size=SIZE) as pilot:
            await go(pilot, "Options")
            said = flat(pilot)
            assert (
                "? The server's version, nightly build, cannot be read. Everything is available; it may"
                in said
            )
            await focus_option(pilot, "restore_all_permissions")
            await press(pilot, "space")
            assert app_of(pilot).plan.options == {"restore_all_permissions": "true"}


async def test_what_was_chosen_at_a_newer_server_has_to_be_set_back(newest: Stage) -> None:
    """Chosen, then the server is an older one: nothing goes on, the row says why, and Space takes it back. The map is
    emptied. Nothing of either was sent."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await focus_option(pilot, "restore_all_permissions")
        await press(pilot, "left", "down", *"attic")
        assert app_of(pilot).plan.options == {
            "restore_all_permissions": "true",
            "target_schema_map": "sales: attic",
        }
        await press(pilot, "escape", *["escape"] * 5)
        assert title(pilot) == "Connect"
        with served_as(newest, "7.2.3.14.20260622"):
            await press(pilot, "ctrl+n", "enter", "enter", "enter", "ctrl+n", "ctrl+n")
            assert title(pilot) == "Options"
            assert "restore_all_permissions is chosen. Needs server 7.2.3.18; this one is 7.2.3.14" in text(
                pilot
            )
            assert "target_schema_map is chosen. Needs server 7.2.3.19; this one is 7.2.3.14" in text(pilot)
            await focus_option(pilot, "restore_all_permissions")
            await press(pilot, "space", "ctrl+n")
            assert title(pilot) == "Options"
            await press(pilot, "down", *["backspace"] * 5)
            assert app_of(pilot).plan.options == {}
            await press(pilot, "ctrl+n")
            assert title(pilot) == "Dry run"
    (body,) = newest.sent
    assert set(body["options"]) == {"backup_id", "dry_run"}


async def test_names_without_documented_rules_are_the_server_s_to_judge(newest: Stage) -> None:
    """t on directory: ~chen, which would break the rules of a table, is taken and sent as it is."""
    async with newest.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "end", "t")
        await typed(pilot, "~chen")
        await press(pilot, "ctrl+n")
        assert app_of(pilot).plan.objects.names("directory") == {"~chen"}
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    assert newest.sent[0]["restore_objects_map"] == {"directory": "~chen"}


# target_schema_map


async def test_a_schema_is_sent_elsewhere_and_restored_there(newest: Stage) -> None:
    """A line for the selected schema; typed, shown by F2, shown by the dry run and the confirmation, and at the end:
    beside the live one, which is as it was."""
    live = {key: thing for key, thing in newest.server.world.live.items() if key[1].startswith("inventory.")}
    async with newest.app().run_test(size=(120, 60)) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        assert "(original schemas)" in row_of(text(pilot), "target_schema_map")
        await focus_option(pilot, "target_schema_map")
        await typed(pilot, "inventory_old")
        assert "1 schema mapped" in row_of(text(pilot), "target_schema_map")
        await press(pilot, "f2")
        shown = str(pilot.app.screen.query_one("#request-text").content)
        assert '"target_schema_map": "inventory: inventory_old"' in shown
        await press(pilot, "f2", "ctrl+n")
        assert "Dry run OK" in text(pilot)
        assert "not mentioned" not in text(pilot)
        assert "→ inventory_old.suppliers" in text(pilot)
        await press(pilot, "ctrl+n")
        assert "target_schema_map=inventory: inventory_old" in text(pilot)
        await confirm(pilot)
        await ended(pilot)
        assert "Restored" in text(pilot)
    world = newest.server.world
    assert {key: world.live[key] for key in live} == live
    assert ("table", "inventory_old.suppliers") in world.live
    assert newest.restores[0]["options"]["target_schema_map"] == "inventory: inventory_old"


async def test_what_cannot_stand_in_a_target_is_not_taken_and_said(newest: Stage) -> None:
    """A dot, a comma and a colon, typed and pasted: the field stays as it was, and a sentence says why."""
    async with newest.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await focus_option(pilot, "target_schema_map")
        for letter in ("a", "full_stop", "comma", "colon", "b"):
            await press(pilot, letter)
        assert "Not taken: a schema's name has letters, digits" in text(pilot)
        assert app_of(pilot).plan.options == {"target_schema_map": "sales: ab"}
        pilot.app.screen.focused.post_message(events.Paste("x: y, z"))  # type: ignore[union-attr]
        await at_rest(pilot)
        assert app_of(pilot).plan.options == {"target_schema_map": "sales: ab"}


async def test_a_target_that_breaks_the_rules_blocks_with_a_sentence(newest: Stage) -> None:
    """Two schemas, one sent to the other, which is sent elsewhere: it cannot be told apart, and nothing is sent."""
    both = ("right", "space", "down", "space", "ctrl+n")
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options", tick=both)
        await focus_option(pilot, "target_schema_map")
        await typed(pilot, "sales")
        await press(pilot, "down", *"attic", "ctrl+n")
        assert title(pilot) == "Options"
        assert "sales is sent elsewhere itself" in flat(pilot)
        await press(pilot, "home", "shift+end", "delete", "up", "end", "minus")
        assert newest.sent == []
        await press(pilot, "home", "shift+end", "delete", "minus", "ctrl+n")
        assert "The schema starts with neither a letter, a digit nor _." in flat(pilot)
        await press(pilot, "backspace", "ctrl+n")
        assert title(pilot) == "Dry run"


async def test_a_map_that_was_typed_is_kept_on_the_way_back(newest: Stage) -> None:
    """Back to Objects, another schema selected too, forward: the target stands in its line, the other has none."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await focus_option(pilot, "target_schema_map")
        await press(pilot, *"attic", "escape", "escape")
        assert title(pilot) == "Objects"
        await press(pilot, "right", "home", "space", "ctrl+n")
        fields = {
            field.source: field.value for field in pilot.app.screen.query("TargetInput").results(TargetInput)
        }
        assert fields == {"sales": "attic", "inventory": ""}


# What is on and dangerous has a line of its own in the confirmation


async def test_permissions_and_foreign_keys_have_their_line_in_the_confirmation(newest: Stage) -> None:
    """restore_all_permissions and cascade_foreign_keys, on: what each means for the database."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "right")
        await focus_option(pilot, "restore_all_permissions")
        await press(pilot, "left")
        await focus_option(pilot, "cascade_foreign_keys")
        await press(pilot, "left", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Restore"
        words = flat(pilot)
        assert "! No effect: it acts on users and roles, and none is selected." in words
        assert "! Drops live tables with foreign keys to a replaced one." in words
    (body,) = newest.sent
    assert body["options"]["cascade_foreign_keys"] == "true"


async def test_every_warning_can_be_read_where_there_is_little_room(newest: Stage) -> None:
    """60×20, with all that can be said: the field is on the screen, PgDn in it shows the rest, typing confirms."""
    async with newest.app().run_test(size=(60, 20)) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, "right", *["down"] * 6, "left", "down", *"old", "down", "left", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Restore"
        assert "Type the backup's name" in text(pilot)
        assert focused(pilot).region.bottom <= 20
        read = flat(pilot)
        assert "Drops live tables" not in read
        assert "PgDn reads on" in read
        for _ in range(3):
            await press(pilot, "pagedown")
            read += flat(pilot)
        assert "target_schema_map=inventory: old" in read
        assert "DROPPED (number unknown)" in read
        assert "Drops live tables with foreign keys" in read
        await confirm(pilot)
        await ended(pilot)
    assert len(newest.restores) == 1


async def test_what_is_off_or_not_read_has_no_line(newest: Stage) -> None:
    """cascade_foreign_keys is chosen, then the policy is none again: it is not sent, and not warned of."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "right")
        await focus_option(pilot, "cascade_foreign_keys")
        await press(pilot, "left", "home", "left", "ctrl+n", "ctrl+n")
        words = text(pilot)
        assert title(pilot) == "Restore"
        assert "cascade_foreign_keys" not in words
        assert "restore_all_permissions" not in words
    assert set(newest.sent[0]["options"]) == {"backup_id", "dry_run"}


async def test_the_oldest_server_from_connect_to_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """7.2.3, by keyboard through every step; no read has an option that this version does not know."""
    server = DemoServer(build_world(now=NOW), server_version="7.2.3")
    with server, shown_as(server, monkeypatch):
        stage = Stage(server, tmp_path)
        async with stage.app().run_test(size=SIZE) as pilot:
            await go(pilot, "Restore")
            await confirm(pilot)
            await ended(pilot)
            assert "✓ Restored" in text(pilot)
        assert len(stage.restores) == 1
        reads = [received.json()["options"] for received in server.received("/show/backup")]
        assert reads
        assert not any("backup_type" in options for options in reads)
