"""A time, not a number: what stands where the id was; the jump to a moment; and the way back to a readable snapshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from restore_tui.demo.protocol import ok_reply
from restore_tui.demo.server import Received, Reply
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, settled, text, title, until
from tests.harness.app.steps import SALES, SIZE, app_of, confirm, ended, go, highlighted
from tests.harness.servers.interceptors import Held, at, changed, instead, refused

NEWEST, BEFORE, THIRD = "1795442407056", "1795399221528", "1795356004936"
"""Of nightly_shop: 2026-11-23 14:00 and 02:00, 2026-11-22 14:00 UTC; then the full one, and nothing whole for days."""


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


def summary(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#summary", Static).content)


def verified(stage: Stage) -> list[str]:
    """The ids that the server was asked to verify, in order."""
    return [each.json()["options"]["backup_id"] for each in stage.server.received("/verify/backup")]


async def test_the_time_stands_where_the_id_was(stage: Stage) -> None:
    """In the summary, on the confirmation, on the result and in the report; the request has the id."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert summary(pilot).endswith("nightly_shop › 2026-11-23 14:00 UTC › 1 name")
        assert "from backup nightly_shop as of 2026-11-23 14:00 UTC to demo@" in flat(pilot)
        assert f"As of 2026-11-23 14:00 UTC, 6 h ago, snapshot {NEWEST}" in flat(pilot)
        await confirm(pilot)
        await ended(pilot)
        assert "as of 2026-11-23 14:00 UTC · 6.9 GB" in flat(pilot)
        assert summary(pilot).endswith("› 2026-11-23 14:00 UTC › 1 name")
        assert NEWEST not in text(pilot)
        await pilot.resize_terminal(120, 40)
        app_of(pilot).screen.show()  # type: ignore[attr-defined]
        await at_rest(pilot)
        assert f"as of 2026-11-23 14:00 UTC, 6 h ago, snapshot {NEWEST} · 6.9 GB" in flat(pilot)
    assert stage.restores[0]["options"]["backup_id"] == NEWEST


async def test_an_unlisted_snapshot_keeps_its_id(stage: Stage) -> None:
    """One that was typed: its time is not known, so the id stands for it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "t", *"1790000000000", "enter")
        assert summary(pilot).endswith("› 1790000000000")


async def test_a_time_on_the_narrowest_dry_run_is_whole(stage: Stage) -> None:
    """At 60 columns the line loses of the rest, not of the time."""
    async with stage.app().run_test(size=(60, 20)) as pilot:
        await go(pilot, "Dry run")
        (line,) = [line for line in text(pilot).splitlines() if "As of" in line]
        assert "2026-11-23 14:00 UTC" in line
        assert "Next ›" in text(pilot)


# Jumping


async def test_a_typed_time_is_echoed_in_utc_and_highlights_the_snapshot_before_it(stage: Stage) -> None:
    """Local unless it ends in Z. It is only highlighted, through a filter that hid it; Enter takes it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "slash", *"02:00", "enter", "@", *"2026-11-22 16:20")
        assert "= 2026-11-22 15:20 UTC" in text(pilot)
        await press(pilot, "Z")
        assert "= 2026-11-22 16:20 UTC" in text(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Snapshot"
        assert highlighted(pilot).startswith(THIRD)
        assert (
            "The last complete snapshot up to 2026-11-22 16:20 UTC: 2026-11-22 14:00 UTC, 30 h ago, snapshot "
            f"{THIRD}." in flat(pilot)
        )
        assert stage.server.received("/show/backup")[-1].json()["options"].get("backup_id", "") == ""
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
    assert stage.server.received("/show/backup")[-1].json()["options"]["backup_id"] == THIRD


async def test_what_is_no_time_keeps_the_dialog_open_and_esc_changes_nothing(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "down")
        app_of(pilot).screen.query_one("#go-to-time").press()  # type: ignore[attr-defined]
        await at_rest(pilot)
        await press(pilot, *"soon", "enter")
        assert "✗ soon is no time: type 2026-11-24 16:20, yesterday 18:00, 3h or 2d" in flat(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"
        assert highlighted(pilot).startswith(BEFORE)


async def test_a_time_before_all_snapshots_moves_nothing(stage: Stage) -> None:
    """And one of which the time has no zone is marked, and said to be left out."""

    def without_zone(data: dict[str, Any]) -> None:
        data["backup_ids"][-2]["time"] = "2026-11-23 02:00:20"

    instead(stage, at("/show/backup"), changed(without_zone))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "@", *"2020-01-01", "enter")
        assert "No complete snapshot up to 2019-12-31 23:00 UTC." in flat(pilot)
        assert "Skipped: 1 snapshot whose time has no zone." in flat(pilot)
        assert highlighted(pilot).startswith(NEWEST)
        (line,) = [line for line in text(pilot).splitlines() if BEFORE in line]
        assert "no zone" in line


# The last good one


def answers_with_errors(stage: Stage, *damaged: str, reject: str = "", all_damaged: bool = False) -> None:
    """These snapshots have errors, or all; ``reject`` is refused."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint != "/verify/backup":
            return answer()
        named = received.json()["options"]["backup_id"]
        if named == reject:
            return refused("No such luck")
        errors = ["sales.orders: a file is missing"] if all_damaged or named in damaged else []
        lists = {"backup_names": ["nightly_shop"], "backup_ids": [[named]], "errors": [errors]}
        return ok_reply("verify_backup_response", lists)

    stage.server.intercept = intercept


async def test_V_verifies_backwards_to_the_first_that_is_readable(stage: Stage) -> None:
    """One after the other; what is refused does not end it. The highlight stays where it is."""
    answers_with_errors(stage, NEWEST, reject=BEFORE)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "V")
        await until(
            pilot, lambda: "✓ No error found: 2026-11-22 14:00 UTC, 30 h ago, snapshot" in flat(pilot)
        )
        assert "2 newer ones did not pass: see the details." in flat(pilot)
        assert highlighted(pilot).startswith(f"{NEWEST} ✗")
        await press(pilot, "down")
        assert "✓ No error found: 2026-11-22 14:00 UTC" in flat(pilot)
    assert verified(stage) == [NEWEST, BEFORE, THIRD]


async def test_esc_stops_it_and_stays(stage: Stage) -> None:
    """Its progress is said meanwhile; nothing more is sent afterwards."""
    held = Held(stage, at("/verify/backup"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "V")
        await held.has_arrived()
        assert (
            "Verifying 1 of 10: 2026-11-23 14:00 UTC, 6 h ago, snapshot 1795442407056; Esc stops …"
            in flat(pilot)
        )
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"
        assert "Stopped at 1 of 10: no snapshot was found readable." in flat(pilot)
        held.let_go.set()
        await settled(app_of(pilot))
        await at_rest(pilot)
    assert verified(stage) == [NEWEST]


async def test_where_none_is_readable_each_complete_one_is_verified_once(stage: Stage) -> None:
    answers_with_errors(stage, all_damaged=True)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "V")
        await until(pilot, lambda: "None of 10 snapshots passed: see the details of each." in flat(pilot))
        await press(pilot, "enter", *SALES)
        assert title(pilot) == "Options"
    assert len(verified(stage)) == len(set(verified(stage))) == 10
