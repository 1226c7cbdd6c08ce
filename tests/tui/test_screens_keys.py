"""The table of keys: each row of it, on each screen that it speaks of."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Static

from restore_tui.restore.execution.exit_status import exit_code
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, ready, tap, text, title, until
from tests.harness.app.steps import CHECKSUM, SIZE, app_of, focused, go, highlighted, tab_to
from tests.harness.servers.interceptors import Held, at, is_dry_run


@pytest.mark.parametrize(
    ("step", "first", "second", "last"),
    [
        ("Data source", "dr_bucket_s3", "emea_archive_azure", "web.click_feed"),
        ("Backup", "ddl_only_monthly", "empty_backup", "weekly_shop"),
        ("Snapshot", "1795442407056", "1795399221528", "latest"),
        ("Objects", "all", "table", "directory"),
        ("Dry run", "sales.ctx_orders", "sales.erp_login", "sales.forecast_demand"),
    ],
)
async def test_all_six_keys_move_in_every_list(
    stage: Stage, step: str, first: str, second: str, last: str
) -> None:
    """Home, ↓, ↑, End, PgUp, PgDn: first, second, first, last, a page above it, last. g j k G do the same."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        for key, row in (("home", first), ("down", second), ("up", first), ("up", first), ("end", last)):
            await press(pilot, key)
            assert highlighted(pilot).startswith(row), key
        await press(pilot, "down")
        assert highlighted(pilot).startswith(last), "the end is the end"
        await press(pilot, "pageup")
        assert not highlighted(pilot).startswith(last)
        await press(pilot, "pagedown")
        assert highlighted(pilot).startswith(last)
        for key, row in (("g", first), ("j", second), ("k", first), ("G", last)):
            await press(pilot, key)
            assert highlighted(pilot).startswith(row), key
        assert title(pilot) == step


async def test_space_ticks_a_name_and_again_clears_it(stage: Stage) -> None:
    """→ Space, Space on Objects: [x], then [ ]."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "space")
        assert "[x] inventory" in text(pilot)
        await press(pilot, "space")
        assert "[ ] inventory" in text(pilot)


async def test_space_on_a_type_ticks_all_of_its_names(stage: Stage) -> None:
    """Space on table: 26 of 26; again: none."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "space")
        assert "26/26" in text(pilot)
        await press(pilot, "space")
        assert "0/26" in text(pilot)


async def test_a_ticks_what_the_filter_shows_and_nothing_else(stage: Stage) -> None:
    """/, order, Enter, a: the four that match; again: none. Esc in the filter shows all again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "slash", *"order", "enter")
        assert "4 of 26 shown" in text(pilot)
        await press(pilot, "a")
        assert app_of(pilot).plan.objects.names("table") == {
            "inventory.purchase_orders",
            "sales.order_items",
            "sales.orders",
            "sales.v_open_orders",
        }
        await press(pilot, "a")
        assert not app_of(pilot).plan.objects
        await press(pilot, "slash", "escape")
        assert title(pilot) == "Objects"
        assert "sales.customers" in text(pilot)


async def test_a_name_covered_twice_is_no_error(stage: Stage) -> None:
    """sales under all and sales.orders too: marked [=], said, and the dry run is OK."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "right", "down", "space", "left", "down", "right", "slash", *"sales", "space")
        await press(pilot, *"orders", "enter", "space")
        assert "[=]" in text(pilot)
        assert "1 name already included" in text(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert "Dry run OK" in text(pilot)


async def test_enter_in_the_lists_of_objects_is_a_hint(stage: Stage) -> None:
    """Enter on a type and on a name: nothing but a sentence."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "enter")
        assert "Space selects all of this type" in text(pilot)
        await press(pilot, "right", "enter")
        assert "a selects all shown" in text(pilot)
        assert title(pilot) == "Objects"
        assert not app_of(pilot).plan.objects


async def test_right_and_left_go_between_panes(stage: Stage) -> None:
    """→ ← on Objects and on a list with details."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "right")
        assert focused(pilot).id == "details"
        await press(pilot, "left")
        await press(pilot, "home", "down", "down", "down", "enter", "enter")
        assert title(pilot) == "Objects"
        assert focused(pilot).id == "types"
        await press(pilot, "right")
        assert focused(pilot).id != "types"
        await press(pilot, "left")
        assert focused(pilot).id == "types"


@pytest.mark.parametrize(
    "step", ["Connect", "Data source", "Backup", "Snapshot", "Objects", "Options", "Dry run", "Restore"]
)
async def test_tab_goes_round_and_shift_tab_the_other_way(stage: Stage, step: str) -> None:
    """Tab visits everything and comes back to where it was; Shift+Tab goes the same way backwards."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        start = focused(pilot)
        there = [start]
        for _ in range(25):
            await press(pilot, "tab")
            there.append(focused(pilot))
            if focused(pilot) is start:
                break
        assert there[-1] is start
        assert len(set(there)) > 1
        back = [start]
        for _ in there[1:]:
            await press(pilot, "shift+tab")
            back.append(focused(pilot))
        assert back == there[::-1]


async def test_escape_stops_waiting_for_a_dry_run_and_only_then_goes_back(stage: Stage) -> None:
    """Esc while the dry run runs: Dry run lost, no Dry run OK anywhere; Esc again: Options."""
    held = Held(stage, is_dry_run)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await tap(pilot, "ctrl+n")
        await held.has_arrived()
        await tap(pilot, "escape")
        await until(pilot, lambda: "Dry run lost" in text(pilot))
        assert title(pilot) == "Dry run"
        await press(pilot, "ctrl+n", "enter")
        assert title(pilot) == "Dry run"
        await press(pilot, "escape")
        assert title(pilot) == "Options"
        held.let_go.set()
    assert len(stage.sent) == 1


async def test_a_second_dry_run_that_is_stopped_leaves_no_ok_behind(stage: Stage) -> None:
    """F5 on Dry run OK, Esc: only Dry run lost stands there, and there is no way on."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        held = Held(stage, is_dry_run)
        await tap(pilot, "f5")
        await held.has_arrived()
        await until(pilot, lambda: "Stop waiting" in text(pilot))
        assert "Dry run OK" not in text(pilot)
        await tap(pilot, "escape")
        await until(pilot, lambda: "Dry run lost" in text(pilot))
        assert "Dry run OK" not in text(pilot)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"
        held.let_go.set()


async def test_escape_on_connect_stops_the_test_then_leaves_the_field_then_leaves(stage: Stage) -> None:
    """Esc while Connect tests, Esc in a field, Esc: stopped, out of the field, gone with exit code 0."""
    held = Held(stage, at("/show/system/properties"))
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await tap(pilot, "enter")
        await held.has_arrived()
        await tap(pilot, "escape")
        await until(pilot, lambda: "The test was stopped" in text(pilot))
        held.let_go.set()
        await tab_to(pilot, "user")
        await press(pilot, "escape")
        assert pilot.app.focused is None or pilot.app.focused.id != "user"
        assert not app._exit
        await tap(pilot, "escape")
        await until(pilot, lambda: app._exit)
    assert exit_code(app.runs) == 0
    assert len(stage.server.requests) == 1


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
@pytest.mark.parametrize("step", ["Connect", "Backup", "Objects", "Options", "Dry run", "Restore"])
async def test_ctrl_q_and_ctrl_c_leave_from_anywhere(stage: Stage, step: str, key: str) -> None:
    """Ctrl+Q or Ctrl+C while nothing is being restored: out, with nothing sent."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await tap(pilot, key)
        await until(pilot, lambda: app._exit)
    assert exit_code(app.runs) == 0
    assert stage.restores == []


@pytest.mark.parametrize("opened", [("f1",), ("down", "t"), ("slash", "a")], ids=["help", "names", "filter"])
async def test_ctrl_c_leaves_from_a_dialog_or_a_field_too(stage: Stage, opened: tuple[str, ...]) -> None:
    """Ctrl+C in help, in the names dialog and in a filter: out."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, *opened)
        await tap(pilot, "ctrl+c")
        await until(pilot, lambda: app._exit)


async def test_ctrl_n_goes_on_out_of_a_field(stage: Stage) -> None:
    """Ctrl+N in the filter of the backups and in the field of an option."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "slash", *"weekly", "ctrl+n")
        assert title(pilot) == "Snapshot"
        assert app_of(pilot).plan.backup == "weekly_shop"
        await press(pilot, "enter", "right", "down", "space", "ctrl+n", "right", "right", "down", *"attic")
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"


async def test_a_question_mark_is_help_and_in_a_field_a_letter(stage: Stage) -> None:
    """? on the list opens the help, ? closes it; ? in the filter is typed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "question_mark")
        assert "Keys" in text(pilot)
        await press(pilot, "question_mark")
        assert title(pilot) == "Backup"
        await press(pilot, "slash", "question_mark")
        assert title(pilot) == "Backup"
        assert "0 of 6 shown" in text(pilot)


@pytest.mark.parametrize(
    "step", ["Connect", "Data source", "Backup", "Snapshot", "Objects", "Options", "Dry run", "Restore"]
)
async def test_f1_speaks_of_this_screen_and_escape_closes_it(stage: Stage, step: str) -> None:
    """F1 on each step: its title and its keys; Esc: back on it, with the same focus. Where Ctrl+N does nothing, it is
    not told of."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        before = focused(pilot)
        await press(pilot, "f1")
        words = str(pilot.app.screen.query_one("#dialog-text Static", Static).content)

        assert f"{step}  " in words.partition("Keys\n")[0]
        told = "".join(str(part.content) for part in pilot.app.screen.query(Static))
        assert ("Ctrl+N" in told, "F5" in told) == (step != "Restore", step != "Restore")
        await press(pilot, "escape")
        assert title(pilot) == step
        assert focused(pilot) is before


async def test_f2_shows_what_is_sent(stage: Stage) -> None:
    """F2 in a tall terminal: what stands there on Dry run, and on Restore after Esc and r, is what the server got, to
    the letter."""
    async with stage.app().run_test(size=(120, 50)) as pilot:
        await go(pilot, "Options")
        await press(pilot, *CHECKSUM, "f2", "ctrl+n")
        shown = [str(pilot.app.screen.query_one("#request-text").content)]
        await press(pilot, "ctrl+n")
        assert '"dry_run": "true"' in text(pilot)
        await press(pilot, "escape", "r")
        shown.append(str(pilot.app.screen.query_one("#request-text").content))
        assert '"dry_run": "false"' in text(pilot)
        await tab_to(pilot, "phrase")
        await press(pilot, *"nightly", "underscore", *"shop", "enter")
        await until(pilot, lambda: "Receipt:" in text(pilot))
    assert [json.loads(words[words.index("{") :]) for words in shown] == stage.sent


async def test_f2_takes_no_focus_away(stage: Stage) -> None:
    """F2, Tab into the request, F2: the keys go to the list again."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "f2")
        await tab_to(pilot, "request-view")
        await press(pilot, "f2", "home")
        assert highlighted(pilot).startswith("ddl_only_monthly")
