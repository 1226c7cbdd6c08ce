"""The names of a type: folded, sorted, filtered and selected by keys; what the screen shows and what the server got."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import TextArea

from restore_tui.tui.screens.objects import ObjectsScreen
from restore_tui.tui.widgets.names_pane import NamesPane
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import burst, flat, press, settled, text, title, typed, until
from tests.harness.app.steps import SIZE, app_of, go, highlighted
from tests.harness.servers.interceptors import at, instead

pytestmark = pytest.mark.big_tables

BIG = ("down", "enter", "enter", "down", "right")
"""From Backup to the tables of the large backup: 6,000 of them in six schemas."""


async def go_to_big(pilot: Pilot[None]) -> None:
    await go(pilot, "Backup")
    await press(pilot, *BIG)


async def go_to_tables(pilot: Pilot[None]) -> None:
    """The 26 tables of nightly_shop, in three schemas."""
    await go(pilot, "Objects")
    await press(pilot, "down", "right")


def ticked(pilot: Pilot[None], kind: str = "table") -> set[str]:
    return set(app_of(pilot).plan.objects.names(kind))


def names_shown(pilot: Pilot[None]) -> list[str]:
    """The names in the right half, without marks."""
    left = pilot.app.screen.query_one("#names").region.x
    halves = [line[left:] for line in text(pilot).splitlines()]
    return [half[6:].strip().split("  ")[0] for half in halves if "[" in half[:4]]


# Folding


async def test_a_long_list_shows_its_schemas_first(stage: Stage) -> None:
    """6,000 tables are six lines; → opens one of them, ← goes to the types as everywhere."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_big(pilot)
        assert names_shown(pilot) == [
            f"▸ dw_{name}" for name in ("audit", "core", "finance", "history", "mart", "staging")
        ]
        await press(pilot, "down", "right")
        assert names_shown(pilot)[:3] == ["▸ dw_audit", "▾ dw_core", "agg_daily_2018_01"]
        await press(pilot, "down", "space")
        assert ticked(pilot) == {"dw_core.agg_daily_2018_01"}
        assert "[-] ▾ dw_core  1/1,000" in text(pilot)
        await press(pilot, "left")
        assert highlighted(pilot).startswith("table")


async def test_f_closes_the_schema_of_a_name(stage: Stage) -> None:
    """On a name: its schema folds, and the cursor is on it. Again: it opens."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_big(pilot)
        await press(pilot, "down", "f", "down", "down", "f")
        assert names_shown(pilot)[1:3] == ["▸ dw_core", "▸ dw_finance"]
        assert "› [ ] ▸ dw_core" in text(pilot)
        await press(pilot, "f")
        assert "› [ ] ▾ dw_core" in text(pilot)


async def test_z_folds_all_or_none(stage: Stage) -> None:
    """A short list has its names at once; z folds it, and again shows the names, written out."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        assert names_shown(pilot)[0].startswith("inventory.p")
        await press(pilot, "z")
        assert names_shown(pilot) == ["▸ inventory", "▸ sales", "▸ web"]
        await press(pilot, "z")
        assert names_shown(pilot)[0].startswith("inventory.p")


async def test_space_on_a_schema_ticks_its_names_and_offers_all(stage: Stage) -> None:
    """The names go out one by one; A says it as all instead, and the names are cleared."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "z", "space")
        assert len(ticked(pilot)) == 6
        assert "All listed names of inventory are selected individually" in flat(pilot)
        assert "Whole schema" in text(pilot)
        await press(pilot, "A")
        assert (ticked(pilot), ticked(pilot, "all")) == (set(), {"inventory"})
        assert "[·] ▸ inventory" in text(pilot)
        assert "All of inventory is selected as a whole schema" in flat(pilot)
        assert "Whole schema" not in text(pilot)
        await press(pilot, "ctrl+n", "right", "ctrl+n")
    assert stage.sent[0]["restore_objects_map"] == {"all": "inventory"}


@pytest.mark.parametrize("key", ["down", "space"])
async def test_the_offer_of_all_goes_with_what_it_was_about(stage: Stage, key: str) -> None:
    """On another schema, or with other ticks, it is gone: A would mean something else by then."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "z", "space")
        assert "Whole schema" in text(pilot)
        await press(pilot, key)
        assert "Whole schema" not in text(pilot)
        assert "selected individually" not in flat(pilot)


async def test_a_name_without_a_schema_is_no_reason_for_all(stage: Stage) -> None:
    """Users live in no schema, and do not fold; the screen says so."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "end", "up", "right", "A")
        assert "highlight a name that has a schema" in flat(pilot)
        await press(pilot, "z")
        assert "These names have no schemas to collapse." in flat(pilot)
        assert not app_of(pilot).plan.objects


async def test_a_filter_shows_names_whatever_is_folded(stage: Stage) -> None:
    """What matches, in folds or not, and how many; Esc brings the folds back, and ticks are kept."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_big(pilot)
        await press(pilot, "slash")
        await typed(pilot, "dw_c")
        await press(pilot, "asterisk")
        await typed(pilot, "2019_03")
        await press(pilot, "enter", "a")
        assert "[10 of 6,000 shown, 10 selected]" in text(pilot)
        assert all(name.startswith("dw_core.") and name.endswith("_2019_03") for name in ticked(pilot))
        await press(pilot, "f")
        assert "A filter shows the names themselves" in flat(pilot)
        await press(pilot, "slash", "escape")
        assert "[-] ▸ dw_core  10/1,000" in text(pilot)
        assert len(ticked(pilot)) == 10


async def test_a_pattern_that_fits_nothing_says_that_it_is_for_the_whole_name(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "slash", *"ord", "asterisk")
        assert "No whole name fits the pattern." in text(pilot)


# Ticking


async def test_shift_and_an_arrow_tick_a_range(stage: Stage) -> None:
    """Down and back up again: what the range leaves is as it was. Any other key ends it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "down", "shift+down", "shift+down", "shift+down", "shift+up")
        assert ticked(pilot) == {
            "inventory.stock_levels",
            "inventory.stock_movements",
            "inventory.suppliers",
        }
        await press(pilot, "down", "down", "shift+end")
        assert len(ticked(pilot)) == 3 + 21
        await press(pilot, "shift+home")
        assert len(ticked(pilot)) == 6, "from where this range began up to the first one"


async def test_a_range_that_begins_where_another_did_takes_nothing_back(stage: Stage) -> None:
    """Three names selected as a range, back up without Shift, and a range of two from the same name: all three stay."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "shift+down", "shift+down", "home", "shift+down")
        assert len(ticked(pilot)) == 3


async def test_a_schema_of_a_typed_name_as_all_can_be_unticked_again(stage: Stage) -> None:
    """The server lists no such schema: it joins the list of all, where it is selected, and is sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "t")
        await typed(pilot, "other.x")
        await press(pilot, "ctrl+n", "A")
        assert (ticked(pilot), ticked(pilot, "all")) == (set(), {"other"})
        await press(pilot, "left", "home", "right")
        assert "[x] other" in text(pilot)
        await press(pilot, "space")
        assert ticked(pilot, "all") == {"inventory", "other"}
        await press(pilot, "down", "space")
        assert ticked(pilot, "all") == {"inventory"}


async def test_shift_in_a_list_without_ticks_only_moves(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "home", "shift+down")
        assert highlighted(pilot).startswith("empty_backup")


async def test_a_click_with_shift_ends_a_range(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        names = pilot.app.screen.query_one("#names")
        x, y = names.region.x + 12, names.region.y + 4
        for kind in (events.MouseDown, events.MouseUp):
            pilot.app.post_message(kind(None, x, y, 0, 0, 1, True, False, False, x, y))
        await until(pilot, lambda: len(ticked(pilot)) == 4)


async def test_i_turns_the_ticks_of_what_is_shown_round(stage: Stage) -> None:
    """What the filter hides stays as it is."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "space", "slash", *"order", "enter", "i")
        assert ticked(pilot) == {"sales.orders", "sales.order_items", "sales.v_open_orders"}
        await press(pilot, "i")
        assert ticked(pilot) == {"inventory.purchase_orders"}


async def test_a_pasted_list_ticks_what_is_listed_and_names_what_is_not(stage: Stage) -> None:
    """Before anything is selected the dialog tells which names the server does not list; they can be left out."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "t")
        pilot.app.screen.query_one(TextArea).text = "sales.orders\nsales.oders\nsales.refunds\nweb.gone\n"
        await until(pilot, lambda: "2 listed by the server" in flat(pilot))
        assert "sales.oders, web.gone are not" in flat(pilot)
        await press(pilot, "tab", "tab", "enter")
        assert ticked(pilot) == {"sales.orders", "sales.refunds"}
        assert "sales.oders, web.gone are left out: not listed by the server." in flat(pilot)
        assert "› [x] sales.orders" in text(pilot)


async def test_a_pasted_list_can_be_taken_whole(stage: Stage) -> None:
    """The server decides about names that it does not list."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "t")
        await typed(pilot, "sales.orders,sales.gone")
        await press(pilot, "ctrl+n")
        assert ticked(pilot) == {"sales.orders", "sales.gone"}
        assert "sales.gone is not in the server's list: the dry run shows whether it accepts them." in flat(
            pilot
        )
        assert "table 2/27" in flat(pilot)


# Sorting


async def test_o_sorts_by_size_by_records_and_by_name_again(stage: Stage) -> None:
    """The column says so; the cursor stays with its name."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await press(pilot, "o")
        assert "Size ↓" in text(pilot)
        assert any("› [ ] inventory.p" in line for line in text(pilot).splitlines())
        await press(pilot, "home")
        assert names_shown(pilot)[:2] == ["web.page_views", "web.cart_events"]
        await press(pilot, "o")
        assert "Records ↓" in text(pilot)
        await press(pilot, "o", "home")
        assert names_shown(pilot)[0].startswith("inventory.p")


# Typed ahead


async def test_keys_behind_a_sort_are_meant_for_the_new_order(stage: Stage) -> None:
    """o, Home, Space in one go: the largest table is selected."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await burst(pilot, "o", "home", "space")
        assert ticked(pilot) == {"web.page_views"}


async def test_keys_behind_a_search_are_meant_for_what_it_finds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/ refunds Enter Space in one go, where every letter's search takes many turns and the next one overtakes it."""
    monkeypatch.setattr(NamesPane, "turn", 1)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await burst(pilot, "slash", *"refunds", "enter", "space")
        assert ticked(pilot) == {"sales.refunds"}
        assert "[1 of 26 shown, 1 selected]" in text(pilot)


@pytest.mark.parametrize("away", ["tab", "down"])
async def test_leaving_the_filter_in_the_middle_of_a_search_ends_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    monkeypatch.setattr(NamesPane, "turn", 1)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go_to_tables(pilot)
        await burst(pilot, "slash", *"funnel", away, "space")
        assert ticked(pilot) == {"web.v_funnel"}


# A long answer


async def test_a_long_answer_tells_how_much_of_it_has_come(paced: Paced) -> None:
    """While contents are on their way: what is asked, for how long, and how many bytes there are by now."""
    contents = at("/show/backup")
    instead(
        paced,
        lambda received: contents(received) and b"object_names" in received.body,
        lambda reply: replace(reply, trickle=60.0),  # by the server's own clock, which stands still
    )
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        pilot.app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: isinstance(pilot.app.screen, ObjectsScreen))
        screen = pilot.app.screen
        assert isinstance(screen, ObjectsScreen)
        await until(pilot, lambda: "Loading the snapshot's contents" in text(pilot))
        paced.clock.let_pass(seconds=3)

        def told() -> bool:
            screen.tick()
            return "received" in text(pilot)

        await until(pilot, told)
        assert re.search(r"Loading the snapshot's contents: [\d.]+ k?B received … 3 s", text(pilot))
        paced.scheduler.let_pass(60)
        await settled(app_of(pilot))
        assert screen.loaded
        assert "received" not in text(pilot)


async def test_an_answer_beyond_the_limit_is_refused_with_a_sentence(stage: Stage) -> None:
    """The step says what happened, that nothing was changed, and which setting decides; Esc leads back."""
    async with stage.app(largest_answer_mb=0.05).run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await press(pilot, "enter")
        assert title(pilot) == "Backup"
        assert re.search(
            r"Reading the response could take [\d.]+ MB of memory; it was not read.", flat(pilot)
        )
        assert "Nothing has been changed." in text(pilot)
        assert re.search(r"Set largest_answer_mb to [\d.]+ in the config file", flat(pilot))
        await press(pilot, "escape")
        assert title(pilot) == "Data source"
