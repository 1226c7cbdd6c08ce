"""Every option by keyboard: on the screen, in the request, and at the server."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from restore_tui.demo.server import Received, Reply
from restore_tui.kinetica import reference
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, text, title, typed, until
from tests.harness.app.steps import (
    CHECKSUM,
    CRM,
    INVENTORY,
    SIZE,
    app_of,
    confirm,
    ended,
    focus_option,
    focused,
    go,
    row_of,
)
from tests.harness.servers.interceptors import served_as

CHOICES = [
    (option.name, value.name)
    for option in reference.OPTIONS
    if option.set_by == "Options" and not option.needs
    for value in option.values
    if value.name != option.default
]


@pytest.mark.parametrize(("name", "value"), CHOICES, ids=["=".join(choice) for choice in CHOICES])
async def test_an_option_changed_by_keyboard_reaches_the_server(newest: Stage, name: str, value: str) -> None:
    """↓ to it, Space until it is chosen: marked on the screen, shown by F2, and received."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2")
        await focus_option(pilot, name)
        for _ in reference.option(name).values:
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
        for option in reference.OPTIONS:
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
        assert "Ctrl+N continues" in text(pilot)
        assert title(pilot) == "Options"
        assert app_of(pilot).plan == before


async def test_the_schema_of_renamed_objects_is_closed_but_under_rename(stage: Stage) -> None:
    """Closed under none; under rename it can be typed and is sent; back under none it is kept, and not sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        assert "not available" in row_of(text(pilot), "renamed_objects_schema")
        await press(pilot, "down")
        assert focused(pilot).id == "option-create_schema_if_not_exist"
        await press(pilot, "up", "right", "right", "down", *"attic")
        assert app_of(pilot).plan.option("renamed_objects_schema") == "attic"
        await press(pilot, "up", "left", "left")
        assert "not available" in row_of(text(pilot), "renamed_objects_schema")
        await press(pilot, "ctrl+n")
        assert "renamed_objects_schema" not in stage.sent[0]["options"]
        await press(pilot, "b", "right", "right", "ctrl+n")
    assert stage.sent[1]["options"]["renamed_objects_schema"] == "attic"


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("a.b", "A dot is not allowed in a schema"),
        ("a,b", "A comma is not allowed in a schema"),
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
        assert why in flat(pilot)
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
    are not in the API reference, which say that too."""
    with served_as(stage, "7.2.3.13.20260101"):
        async with stage.app().run_test(size=(100, 60)) as pilot:
            await go(pilot, "Options")
            assert "Needs server 7.2.3.14; this one is 7.2.3.13" in text(pilot)
            beyond = "Needs server 7.2.3.18; this one is 7.2.3.13. Not in the 7.2.3.14 API reference."
            assert beyond in text(pilot)
            assert text(pilot).count("Not in the 7.2.3.14 API reference.") == 3
            for name in ("restore_subscriptions", "restore_all_permissions", "cascade_foreign_keys"):
                await focus_option(pilot, name)
                await press(pilot, "space", "right")
            assert app_of(pilot).plan.options == {}
            assert not pilot.app.screen.query("TargetInput:focus")


async def test_checksum_finds_the_damage_in_the_dry_run(stage: Stage) -> None:
    """nightly_crm with checksum: the dry run is refused and names the file; nothing is restored."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options", backup="nightly_crm", tick=CRM)
        await press(pilot, *CHECKSUM, "ctrl+n")
        assert "Dry run refused" in text(pilot)
        assert "crm.tickets" in text(pilot)
        await press(pilot, "b")
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


async def test_policies_that_are_never_sent_are_shown_and_cannot_be_chosen(newest: Stage) -> None:
    """clean and clean_all are named as not available; no key sets them; the details say what they drop."""
    async with newest.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options")
        await focus_option(pilot, "restore_policy")
        assert "Not available: clean, clean_all (F1 explains)" in text(pilot)
        seen = set()
        for _ in range(6):
            await press(pilot, "space")
            seen.add(app_of(pilot).plan.option("restore_policy"))
        assert seen == {"none", "replace", "rename"}
        assert "clean: Drops every existing object" in str(
            pilot.app.screen.query_one("#details-text").content
        )


async def test_definitions_only_with_replace_says_that_it_empties_tables(stage: Stage) -> None:
    """With the number of tables that exist, counted before the dry run; and the same back from it."""
    there = sum(
        1 for kind, name in stage.server.world.live if kind == "table" and name.startswith("inventory.")
    )
    words = f"! EMPTIES the {there} tables that exist now: all their records are lost"
    async with stage.app().run_test(size=(100, 60)) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await focus_option(pilot, "ddl_only")
        await press(pilot, "space")
        assert "EMPTIES" not in text(pilot)
        await focus_option(pilot, "restore_policy")
        await press(pilot, "right")
        await until(pilot, lambda: words in text(pilot))
        assert not stage.sent
        asked = len(stage.server.received("/show/schema"))
        await press(pilot, "right", "left")
        await until(pilot, lambda: words in text(pilot))
        assert len(stage.server.received("/show/schema")) == asked == 1
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"
        await press(pilot, "escape")
        assert title(pilot) == "Options"
        assert words in text(pilot)


async def test_what_is_not_counted_yet_says_so(stage: Stage) -> None:
    """The server is slow to say what exists: the keys are answered, and the warning has no number."""
    gate = threading.Event()

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/show/schema":
            gate.wait(60)
        return answer()

    stage.server.intercept = intercept
    try:
        async with stage.app().run_test(size=(100, 60)) as pilot:
            await go(pilot, "Options", tick=INVENTORY)
            await focus_option(pilot, "restore_policy")
            await press(pilot, "right")
            assert "! Overwrites every selected object that exists." in text(pilot)
            assert "How many exist is not counted yet." in flat(pilot)
            gate.set()
            await until(pilot, lambda: "! Overwrites the " in text(pilot))
            assert "not counted yet" not in flat(pilot)
    finally:
        gate.set()
