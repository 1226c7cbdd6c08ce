"""Every option by keyboard: on the screen, in the request, and at the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from restore_tui.demo.server import DemoServer
from restore_tui.demo.shop import build_world
from restore_tui.kinetica import catalogue
from restore_tui.tui.widgets.map_row import TargetInput
from tests.tui.stage import NOW, Stage, press, shown_as, text, title, typed
from tests.tui.test_screens_support import (
    CHECKSUM,
    CRM,
    INVENTORY,
    SIZE,
    app_of,
    at,
    changed,
    confirm,
    ended,
    focused,
    go,
    instead,
)

NEWEST = "7.2.3.20.20261101"
CHOICES = [
    (option.name, value.name)
    for option in catalogue.OPTIONS
    if option.set_by == "Options" and not option.needs
    for value in option.values
    if value.name != option.default
]


def row_of(text_: str, option: str) -> str:
    """The line of an option."""
    return next(line for line in text_.splitlines() if line.strip().lstrip("•› ").startswith(option))


async def focus_option(pilot: Pilot[None], name: str) -> None:
    """↓ until that option has the focus."""
    await press(pilot, "home")
    for _ in range(14):
        if getattr(focused(pilot), "option", None) is catalogue.option(name):
            return
        await press(pilot, "down")
    raise AssertionError(f"↓ never comes to {name}")


@pytest.fixture
def newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose server has all that the catalogue knows."""
    with DemoServer(build_world(now=NOW), server_version=NEWEST) as server, shown_as(server, monkeypatch):
        yield Stage(server, tmp_path)


@contextmanager
def served_as(stage: Stage, version: str) -> Iterator[None]:
    """The server of the stage says another version, as after an update, or a step back."""

    def other(data: dict[str, dict[str, str]]) -> None:
        data["property_map"]["version.gpudb_core_version"] = version

    instead(stage, at("/show/system/properties"), changed(other))
    yield
    stage.server.intercept = None


@pytest.mark.parametrize(("name", "value"), CHOICES, ids=["=".join(choice) for choice in CHOICES])
async def test_an_option_changed_by_keyboard_reaches_the_server(newest: Stage, name: str, value: str) -> None:
    """↓ to it, Space until it is chosen: marked on the screen, shown by F2, and received."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2")
        await focus_option(pilot, name)
        for _ in catalogue.option(name).values:
            if f"● {value}" in row_of(text(pilot), name):
                break
            await press(pilot, "space")
        assert f"● {value}" in row_of(text(pilot), name)
        assert "• " + name in text(pilot), "what differs from the default is marked"
        assert f'"{name}": "{value}"' in str(pilot.app.screen.query_one("#request-text").content)
        await press(pilot, "ctrl+n")
    (body,) = newest.sent
    assert body["options"][name] == value
    assert set(body["options"]) == {name, "backup_id", "dry_run"}


async def test_defaults_are_shown_and_not_sent(stage: Stage) -> None:
    """All options stand on the screen; only the snapshot and dry_run go out."""
    async with stage.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        for option in catalogue.OPTIONS:
            assert option.name in text(pilot)
        await press(pilot, "ctrl+n")
    assert set(stage.sent[0]["options"]) == {"backup_id", "dry_run"}


async def test_left_and_right_stop_at_the_ends_and_space_goes_round(stage: Stage) -> None:
    """→ ×5 on restore_policy: rename; ← ×5: none; Space ×3: none again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, *["right"] * 5)
        assert app_of(pilot).plan.option("restore_policy") == "rename"
        await press(pilot, *["left"] * 5)
        assert app_of(pilot).plan.option("restore_policy") == "none"
        await press(pilot, "space", "space")
        assert app_of(pilot).plan.option("restore_policy") == "rename"
        await press(pilot, "space")
        assert app_of(pilot).plan.option("restore_policy") == "none"


async def test_enter_on_an_option_is_a_hint(stage: Stage) -> None:
    """Enter changes nothing and goes nowhere; it says which keys do."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        before = app_of(pilot).plan
        await press(pilot, "enter")
        assert "Ctrl+N goes on" in text(pilot)
        assert title(pilot) == "Options"
        assert app_of(pilot).plan == before


async def test_the_schema_of_renamed_objects_is_closed_but_under_rename(stage: Stage) -> None:
    """Closed under none; under rename it can be typed and is sent; back under none it is kept, and not sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        assert "closed" in row_of(text(pilot), "renamed_objects_schema")
        await press(pilot, "down")
        assert focused(pilot).id == "option-create_schema_if_not_exist"
        await press(pilot, "up", "right", "right", "down", *"attic")
        assert app_of(pilot).plan.option("renamed_objects_schema") == "attic"
        await press(pilot, "up", "left", "left")
        assert "closed" in row_of(text(pilot), "renamed_objects_schema")
        await press(pilot, "ctrl+n")
        assert "renamed_objects_schema" not in stage.sent[0]["options"]
        await press(pilot, "g", "right", "right", "ctrl+n")
    assert stage.sent[1]["options"]["renamed_objects_schema"] == "attic"


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("a.b", "A dot cannot stand in a schema"),
        ("a,b", "A comma cannot stand in a schema"),
        ("-a", "The schema starts with neither a letter, a digit nor _."),
        ("x" * 201, "The schema has 201 characters; 200 are allowed."),
    ],
    ids=["dot", "comma", "first", "long"],
)
async def test_a_schema_that_breaks_the_rules_blocks_with_a_sentence(
    stage: Stage, schema: str, why: str
) -> None:
    """An invalid name of a schema: Ctrl+N stays and says why; mended, it goes on."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, "right", "right", "down")
        if len(schema) > 20:
            pilot.app.screen.query_one("#text-renamed_objects_schema").value = schema[:-1]
            await press(pilot, "end")
            await typed(pilot, schema[-1])
        else:
            await typed(pilot, schema)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Options"
        assert why in " ".join(text(pilot).split())
        assert stage.sent == []
        await press(pilot, "home", "shift+end", "delete", "ctrl+n")
        assert title(pilot) == "Dry run"


async def test_options_are_kept_on_the_way_back(stage: Stage) -> None:
    """Changed, back to Objects, forward: still chosen, and marked."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, *CHECKSUM, "escape")
        assert title(pilot) == "Objects"
        await press(pilot, "ctrl+n")
        assert "● true" in row_of(text(pilot), "checksum")


async def test_a_newer_option_is_closed_on_an_older_server(stage: Stage) -> None:
    """A server of before restore_subscriptions: the option says what it needs, and can't be changed; so do those that
    are beyond the reference, which say that too."""
    with served_as(stage, "7.2.3.13.20260101"):
        async with stage.app().run_test(size=(100, 60)) as pilot:
            await go(pilot, "Options")
            assert "Needs server 7.2.3.14; this one is 7.2.3.13" in text(pilot)
            beyond = "Needs server 7.2.3.18; this one is 7.2.3.13. Beyond the reference."
            assert beyond in text(pilot)
            assert text(pilot).count("Beyond the reference.") == 3
            for name in ("restore_subscriptions", "restore_all_permissions", "cascade_foreign_keys"):
                await focus_option(pilot, name)
                await press(pilot, "space", "right")
            assert app_of(pilot).plan.options == {}
            assert not pilot.app.screen.query("TargetInput:focus")


async def test_an_unknown_version_offers_all_and_says_so(stage: Stage) -> None:
    """Nothing is closed but what another choice closes, and the first line says why."""
    with served_as(stage, "nightly build"):
        async with stage.app().run_test(size=SIZE) as pilot:
            await go(pilot, "Options")
            said = " ".join(text(pilot).split())
            assert (
                "? The server's version, nightly build, cannot be read. Everything is offered; it may" in said
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
    """A line for the ticked schema; typed, shown by F2, told by the dry run and the confirmation, and there at the end:
    beside the live one, which is as it was."""
    live = {key: thing for key, thing in newest.server.world.live.items() if key[1].startswith("inventory.")}
    async with newest.app().run_test(size=(120, 60)) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        assert "all in their own" in row_of(text(pilot), "target_schema_map")
        await focus_option(pilot, "target_schema_map")
        await typed(pilot, "inventory_old")
        assert "1 schema elsewhere" in row_of(text(pilot), "target_schema_map")
        await press(pilot, "f2")
        shown = str(pilot.app.screen.query_one("#request-text").content)
        assert '"target_schema_map": "inventory: inventory_old"' in shown
        await press(pilot, "f2", "ctrl+n")
        assert "Dry run OK" in text(pilot)
        assert "not mentioned" not in text(pilot)
        assert "as inventory_old.stock_levels" in text(pilot)
        await press(pilot, "ctrl+n")
        assert "inventory goes to inventory_old" in text(pilot)
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
        await pilot.pause()
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
        assert "sales is sent elsewhere itself" in " ".join(text(pilot).split())
        await press(pilot, "home", "shift+end", "delete", "up", "end", "minus")
        assert newest.sent == []
        await press(pilot, "home", "shift+end", "delete", "minus", "ctrl+n")
        assert "The schema starts with neither a letter, a digit nor _." in " ".join(text(pilot).split())
        await press(pilot, "backspace", "ctrl+n")
        assert title(pilot) == "Dry run"


async def test_a_map_that_was_typed_is_kept_on_the_way_back(newest: Stage) -> None:
    """Back to Objects, another schema ticked too, forward: the target stands in its line, the other has none."""
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
        words = " ".join(text(pilot).split())
        assert "! Permissions (restore_all_permissions): users and roles" in words
        assert "! Drops tables (cascade_foreign_keys): live ones, not listed here" in words
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
        assert "Their data goes with them." in text(pilot), "what drops comes first"
        assert "inventory goes to old" not in text(pilot)
        assert "PgDn reads on" in text(pilot)
        await press(pilot, "pagedown")
        assert "inventory goes to old" in text(pilot)
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


async def test_checksum_finds_the_damage_in_the_dry_run(stage: Stage) -> None:
    """nightly_crm with checksum: the dry run is refused and names the file; nothing is restored."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", backup="nightly_crm", tick=CRM)
        await press(pilot, *CHECKSUM, "ctrl+n")
        assert "Dry run refused" in text(pilot)
        assert "crm.tickets" in text(pilot)
        await press(pilot, "g")
        assert title(pilot) == "Options"


async def test_only_definitions_brings_back_no_records(stage: Stage) -> None:
    """ddl_only: the tables are there afterwards, and empty."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await focus_option(pilot, "ddl_only")
        await press(pilot, "left", "ctrl+n")
        await press(pilot, "ctrl+n")
        await confirm(pilot)
        await ended(pilot)
    assert stage.server.world.live["table", "sales.orders"].records == 0
    assert stage.restores[0]["options"]["ddl_only"] == "true"
