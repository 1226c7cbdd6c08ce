"""Panes, details and colors: what a person sees at a glance, on each size of terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Static

from restore_tui.demo.model import LiveObject
from restore_tui.tui.theme import THEME
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.option_row import ChoiceRow
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, click, press, screen_text, text
from tests.harness.app.steps import SIZE, app_of, go

COLORS = Path(__file__).parents[2] / "docs" / "colors.md"


# Details


async def test_raw_fields_are_folded_and_enter_unfolds_them(stage: Stage) -> None:
    """Enter on the details; the list's own Enter goes on as before."""
    async with stage.app().run_test(size=(80, 30)) as pilot:
        await go(pilot, "Backup")
        assert "▸ Raw server fields (6)" in text(pilot)
        assert "datasource_name" not in text(pilot)
        await press(pilot, "right", "enter")
        assert "datasource_name" in text(pilot)
        await press(pilot, "enter")
        assert "datasource_name" not in text(pilot)


async def test_a_click_on_their_line_unfolds_raw_fields(stage: Stage) -> None:
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Backup")
        place = pilot.app.screen.query_one("#raw-line").region
        click(app_of(pilot), place.x + 3, place.y)
        await at_rest(pilot)
        assert "datasource_name" in text(pilot)


@pytest.mark.parametrize(("columns", "beside"), [(109, False), (110, True)])
async def test_details_and_bars_stand_beside_the_list_from_110_columns(
    stage: Stage, columns: int, beside: bool
) -> None:
    async with stage.app().run_test(size=(columns, 30)) as pilot:
        await go(pilot, "Backup")
        panes = [pilot.app.screen.query_one(pane).region for pane in ("#list", "#details")]
        assert (panes[0].y == panes[1].y) is beside
        row = next(line for line in text(pilot).splitlines() if "warehouse_big" in line)
        assert row.startswith("   warehouse_big")
        await press(pilot, "enter", "enter")
        names = pilot.app.screen.query_one("#names").render_lines  # type: ignore[attr-defined]
        size = pilot.app.screen.query_one("#names").size
        drawn = "".join(strip.text for strip in names(size.region))
        assert ("━" in drawn) is beside


def test_a_value_goes_on_below_itself_and_an_empty_one_is_left_out() -> None:
    facts = FactList((("Name", "nightly"), ("Order", ""), ("Comment", "full every week, else incremental")))
    assert [line.plain.rstrip() for line in facts.lines(30)] == [
        "Name     nightly",
        "Comment  full every week, else",
        "         incremental",
    ]


# Focus


async def test_the_focused_pane_shows_without_color(stage: Stage) -> None:
    """Its top is heavy; the top of the other one is not."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        panes = [pilot.app.screen.query_one(pane) for pane in ("#list", "#details")]
        assert [pane.styles.border_top[0] for pane in panes] == ["heavy", "round"]
        await press(pilot, "right")
        assert [pane.styles.border_top[0] for pane in panes] == ["round", "heavy"]


# The confirmation


async def test_the_confirmation_says_in_its_frame_what_is_lost(stage: Stage) -> None:
    """Heavy and in the color of danger on all sides; the numbers of what is lost stand out."""
    stage.server.world.add_live([LiveObject("table", "sales.orders", 1, 100)])
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        row = next(row for row in pilot.app.screen.query(ChoiceRow) if row.option.name == "restore_policy")
        row.focus()
        await press(pilot, "right", "ctrl+n", "ctrl+n")
        frame = pilot.app.screen.query_one("#confirm")
        danger = Color.parse(THEME.error or "")
        assert {edge for edge, _ in frame.styles.border} == {"heavy"}
        for _, color in frame.styles.border:
            assert color.rgb == pytest.approx(danger.rgb, abs=2)
        assert "This one is real. 1 existing object replaced" in screen_text(app_of(pilot))
        facts = pilot.app.screen.query_one("#key-facts", Static).content
        assert isinstance(facts, FactList)
        lost = dict(facts.facts)["Lost"]
        bold = [lost.plain[span.start : span.end] for span in lost.spans if "bold" in str(span.style)]
        assert bold == ["1", "6"]


# Colors


def test_each_meaning_has_a_color_of_its_own_and_the_docs_name_it() -> None:
    roles = {
        "accent": THEME.accent,
        "information": THEME.primary,
        "success": THEME.success,
        "warning": THEME.warning,
        "danger": THEME.error,
    }
    assert len(set(roles.values())) == len(roles)
    told = COLORS.read_text(encoding="utf-8")
    assert all(f"| {role} |" in told for role in roles)
