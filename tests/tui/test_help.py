"""F1: made from the bindings, on every screen and in every dialog, and it tells of no key that does nothing."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

import restore_tui.tui
from restore_tui.kinetica import reference
from restore_tui.tui.actions import key_names, keys_of
from restore_tui.tui.dialogs.help import HelpDialog
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import flat, press, ready, resize, tap, text, title, typed, until
from tests.harness.app.running import shows, start
from tests.harness.app.steps import CRM, INVENTORY, SIZE, app_of, confirm, ended, focused, go

UNTOLD = {"Paste"}
"""It is bound to say that pasting does not confirm."""
TOLD_ELSEWHERE = {"Restore what is missing", "Save the script", "Certificate"}
"""Told only after a restore that failed, see ``test_leave_out``, after one with ``rename``, see ``test_way_back``, and
where a certificate may be trusted, see ``test_servers``."""


def every_binding() -> Iterator[Binding]:
    """All that our screens and widgets and the app bind."""
    for module in pkgutil.walk_packages(restore_tui.tui.__path__, "restore_tui.tui."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == module.name:
                yield from (b for b in vars(value).get("BINDINGS", []) if isinstance(b, Binding))


def told(pilot: Pilot[None]) -> dict[str, str]:
    """What F1 would list: what it does → the keys."""
    return {does: keys for keys, does in keys_of(pilot.app.screen)}


async def helped(pilot: Pilot[None]) -> str:
    """Press F1, read all of it, press Esc."""
    await press(pilot, "f1")
    assert isinstance(pilot.app.screen, HelpDialog)
    words = str(pilot.app.screen.query_one("#dialog-text Static", Static).content)
    await press(pilot, "escape")
    return words


def test_every_binding_has_an_id_and_says_what_it_does() -> None:
    assert all(binding.id and binding.description for binding in every_binding())


async def test_every_binding_is_told_of_somewhere(paced: Paced) -> None:
    """A walk with all panes opened: what is bound anywhere is listed where it works, and each list is what F1 shows."""
    seen: set[str] = set()

    async def look(pilot: Pilot[None]) -> None:
        seen.update(told(pilot))
        listed = (await helped(pilot)).partition("Keys\n")[2].partition("\n\n")[0]
        assert [line.split("  ")[-1].strip() for line in listed.splitlines() if line] == [
            does for _, does in keys_of(pilot.app.screen)
        ]

    async def look_at_comparison(pilot: Pilot[None]) -> None:
        await press(pilot, "equals_sign", "enter")
        await shows(pilot, "to what exists now")
        await look(pilot)
        await press(pilot, "escape")

    async def look_at_search(pilot: Pilot[None]) -> None:
        await press(pilot, "F")
        await look(pilot)
        await press(pilot, "escape")

    async with paced.app(way="auto").run_test(size=SIZE) as pilot:
        await ready(pilot)
        for keys in (("f2", "enter"), ("slash",), ("escape", "enter"), ("end", "up", "enter"), ("enter",)):
            await look(pilot)
            if title(pilot) == "Snapshot":
                await press(pilot, "ctrl+p")
                await look(pilot)
                await press(pilot, "escape")
                await look_at_comparison(pilot)
                await look_at_search(pilot)
            await press(pilot, *keys)
        await press(
            pilot, "escape", "escape", "home", "down", "down", "down", "enter", "enter", "down", "right"
        )
        await look(pilot)
        await press(pilot, "slash", "e", "enter")
        await look(pilot)
        await press(pilot, "escape", "t")
        await look(pilot)
        await press(pilot, "escape", "left", "up", *INVENTORY)
        await press(pilot, "right", "right", "down")
        await look(pilot)
        await press(pilot, "up", "left", "left", "ctrl+n")
        await shows(pilot, "Dry run refused")
        await look(pilot)
        assert "Fix" in told(pilot)
        await press(pilot, "b", "right", "ctrl+n")
        await shows(pilot, "Dry run OK")
        await look(pilot)
        assert "Fix" not in told(pilot)
        await press(pilot, "ctrl+n")
        await look(pilot)
        await resize(pilot, 60, 20)
        await look(pilot)
        await resize(pilot, *SIZE)
        await press(pilot, "escape", "r")
        await look(pilot)
        pilot.app.screen.query_one("#phrase", Input).focus()
        await confirm(pilot)
        await shows(pilot, "Running as a server-side job", "Job ")
        paced.server.faults.set("/get/job=401")
        await shows(pilot, "Password of demo:")
        await press(pilot, "escape")
        await look(pilot)
        paced.server.faults.clear()
        await press(pilot, "l", *"demo", "enter")
        paced.let_pass(10)
        await shows(pilot, " 23 %")
        await look(pilot)
        assert "Log in" not in told(pilot)
        await press(pilot, "c")
        await look(pilot)
        await press(pilot, "escape", "f2", "tab", "enter")
        await shows(pilot, "It is running, ")
        await look(pilot)
        await press(pilot, "s")
        await look(pilot)
        await press(pilot, "escape", "w")
        await shows(pilot, "Job ")
        paced.let_pass(3600)
        await shows(pilot, "✓ Restored")
        await look(pilot)
    missing = {binding.description for binding in every_binding()} - seen - UNTOLD - TOLD_ELSEWHERE
    assert not missing


@pytest.mark.parametrize(
    ("step", "there", "not_there"),
    [
        ("Connect", {"Next": "Ctrl+N n", "Quit": "Ctrl+Q Ctrl+C"}, {"Filter", "Select", "Copy the request"}),
        (
            "Backup",
            {"Choose": "Enter", "Filter": "/", "To the next pane": "→", "To the list": "←", "Back": "Esc"},
            {"Select", "Select a range", "Copy the request", "Type names"},
        ),
        (
            "Objects",
            {
                "Select a range": "Shift+↑ ↓ PgUp PgDn Home End",
                "Select": "Space",
                "Select shown, or clear": "a",
                "Invert the selection (filtered)": "i",
                "Sort by name, size, records": "o",
                "Select the whole schema (type all)": "A",
                "Type names": "t",
                "To the names; open a schema": "→",
            },
            {"To the next pane", "Collapse or expand all schemas", "Expand or collapse a schema"},
        ),
        (
            "Options",
            {"Change": "Space", "Option above": "↑", "First option": "Home PgUp"},
            {"Filter", "Select"},
        ),
        ("Dry run", {"Change the mode": "w", "Refresh": "F5 R", "Choose": "Enter"}, {"Fix", "Select"}),
        (
            "Restore",
            {"Filter": "/", "Back": "Esc"},
            {"Next", "Refresh", "Paste", "Choose", "Select", "Read on below"},
        ),
    ],
)
async def test_a_screen_tells_of_the_keys_that_work_and_of_no_other(
    stage: Stage, step: str, there: dict[str, str], not_there: set[str]
) -> None:
    """F1 on the step, with nothing opened."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        found = told(pilot)
        assert there.items() <= found.items()
        assert not not_there & found.keys()


async def test_the_keys_of_folding_are_told_of_where_there_is_something_to_fold(stage: Stage) -> None:
    """Objects, on tables: f and F; on roles neither."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down")
        assert told(pilot)["Expand or collapse a schema"] == "f"
        assert told(pilot)["Collapse or expand all schemas"] == "z"
        await press(pilot, *["down"] * 9)
        assert "role: " in await helped(pilot)
        assert not {"Expand or collapse a schema", "Collapse or expand all schemas"} & told(pilot).keys()


async def test_in_a_field_letters_are_not_told_of_as_its_keys(stage: Stage) -> None:
    """The filter: ↓ goes to the list, and Esc leaves; the letters stand there for the list."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "slash")
        assert isinstance(focused(pilot), Input)
        assert told(pilot)["To the list"] == "↓ ←"
        assert told(pilot)["Help"] == "F1 ?", "? where the list has the focus"


async def test_the_result_tells_neither_of_back_nor_of_next(stage: Stage) -> None:
    """Restored: no Esc, no Ctrl+N, no F5; s saves. Esc stands there once the filter is open."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore", backup="nightly_crm", tick=CRM)
        await confirm(pilot, "nightly_crm")
        await ended(pilot)
        found = told(pilot)
        assert not {"Back", "Next", "Refresh", "Follow it", "Choose"} & found.keys()
        assert found["Save report"] == "s"


async def test_dry_run_only_tells_of_no_way_on(stage: Stage) -> None:
    async with stage.app(dry_run_only=True).run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        assert "Next" not in told(pilot)


# Dialogs


async def test_f1_explains_the_dialog_in_which_names_are_typed(stage: Stage) -> None:
    """t, a name, F1: the dialog, the type, the keys; Esc: the dialog as it was; F1 closes its own help, too."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "t")
        await typed(pilot, "sales.x")
        words = await helped(pilot)
        field, dialog = words.index(reference.object_type("table").text()), words.index("Type names")
        assert field < dialog < words.index("Keys\n")
        assert "Ctrl+N" in words
        assert "F2" not in words
        assert focused(pilot).id == "names"
        await press(pilot, "question_mark")
        assert pilot.app.screen.query_one(TextArea).text == "sales.x?"
        await press(pilot, "f1", "f1")
        assert pilot.app.screen.query_one(TextArea).text == "sales.x?"
        await press(pilot, "f1", "ctrl+n", "escape", "escape")
        assert title(pilot) == "Objects"
        assert not app_of(pilot).plan.objects


async def test_f1_explains_the_dialog_that_saves(stage: Stage) -> None:
    """F2, e, F1: never over a file; Ctrl+N is told of; back in the field."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2", "e")
        words = await helped(pilot)
        assert "never overwritten" in words
        assert "Ctrl+N" in words
        assert focused(pilot).id == "place"


async def test_f1_explains_the_questions_and_answers_none_of_them(paced: Paced) -> None:
    """Cancel and Leave while it restores: F1, Esc, and the question is still there, with the safe answer focused."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        for key, subject in (("c", "Cancel the restore"), ("escape", "Leave")):
            await press(pilot, key)
            await until(pilot, lambda: pilot.app.screen.is_modal)
            words = await helped(pilot)
            assert words.startswith(subject)
            assert "Ctrl+N" not in words
            assert focused(pilot).id == "safe"
            await press(pilot, "escape")
        await shows(pilot, "Restoring …")
        assert paced.server.received("/alter/job") == []
        paced.let_pass(100)
        await shows(pilot, "✓ Restored")


async def test_ctrl_q_leaves_from_the_help_of_a_dialog(stage: Stage) -> None:
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "t", "f1")
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: app._exit)


# What it says of the place


async def test_f1_on_an_option_tells_all_of_it_with_the_choice_marked(stage: Stage) -> None:
    """Options, replace: the whole text of the catalogue."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "right")
        words = await helped(pilot)
        assert reference.option("restore_policy").text("replace") in words
        assert "replace (chosen)" in words


@pytest.mark.parametrize("value", ["none", "replace", "rename"])
async def test_a_wide_terminal_explains_each_value_beside_the_options(stage: Stage, value: str) -> None:
    """Options at 120×40: the brief text, with the chosen value marked; with F2 it stands below them."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Options")
        await press(pilot, *["right"] * ["none", "replace", "rename"].index(value))
        brief = reference.option("restore_policy").brief(value)
        assert brief in str(pilot.app.screen.query_one("#details-text", Static).content)
        for each in reference.option("restore_policy").values:
            assert each.help.split()[0] in text(pilot)
        assert "chosen)" in flat(pilot)
        await press(pilot, "f2")
        assert pilot.app.screen.query_one("#details").region.height > 8


async def test_f1_in_the_request_explains_it(stage: Stage) -> None:
    """F2, → → on Backup, F1."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "f2", "right", "right")
        words = await helped(pilot)
        assert "the statement in SQL" in words
        assert "Copy the request" in words
        assert "The restore's request" not in words, "r does nothing here"


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        (["f1", "question_mark"], "F1 ?"),
        (["ctrl+q", "ctrl+c"], "Ctrl+Q Ctrl+C"),
        (["shift+up", "shift+pagedown"], "Shift+↑ PgDn"),
        (["shift+tab"], "Shift+Tab"),
        (["A"], "A"),
        (["shift+up", "x"], "Shift+↑ x"),
    ],
)
def test_keys_are_written_as_one_reads_them(keys: list[str], read: str) -> None:
    assert key_names(keys) == read
