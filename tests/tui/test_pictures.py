"""A picture of every screen, in every state that looks different. Look at a changed one before accepting it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from textual.pilot import Pilot

from restore_tui.demo.model import LiveObject
from restore_tui.demo.server import Reply
from restore_tui.kinetica.connection.credentials import Secret
from tests.harness.app.app_harness import Stage
from tests.harness.app.pictures import Picture, Way, every_size, to, wrong_textual
from tests.harness.app.pilot import press, ready, tap, text, typed, until
from tests.harness.app.steps import CRM, INVENTORY, SALES, confirm, ended, go
from tests.harness.servers.interceptors import (
    DROPPED,
    Held,
    as_it_arrives,
    at,
    changed,
    instead,
    is_dry_run,
    is_restore,
    no_data_source,
    refused,
)


def to_typed(names: str) -> Way:
    """To the dialog in which names of tables are typed, with these typed."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Objects")
        await press(pilot, "down", "t")
        await typed(pilot, names)

    return way


def to_result(*, backup: str = "nightly_shop") -> Way:
    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Restore", backup=backup, tick=SALES if backup == "nightly_shop" else CRM)
        await confirm(pilot, backup)
        await ended(pilot)

    return way


def test_another_textual_is_refused_with_what_to_install() -> None:
    assert "pip install textual==" in wrong_textual("0.1")
    assert wrong_textual(version("textual")) == ""


# The steps


@every_size
def test_connect(picture: Picture, size: tuple[int, int]) -> None:
    """No key: where one begins."""
    picture(to("Connect"), size)


@every_size
def test_data_source(picture: Picture, size: tuple[int, int]) -> None:
    """Enter."""
    picture(to("Data source"), size)


@every_size
def test_backup(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×2."""
    picture(to("Backup"), size)


@every_size
def test_snapshot(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×3."""
    picture(to("Snapshot"), size)


@every_size
def test_objects(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, ↓ → Space: one table selected."""
    picture(to("Objects", "down", "right", "space"), size)


@every_size
def test_options(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N."""
    picture(to("Options"), size)


@every_size
def test_dry_run_ok(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2."""
    picture(to("Dry run"), size)


@every_size
def test_confirmation(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3."""
    picture(to("Restore"), size)


@every_size
def test_restored(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter."""
    picture(to_result(), size)


def test_terminal_too_small(picture: Picture) -> None:
    """No key, in a terminal of 40×12."""
    picture(ready, (40, 12))


# Connect


def test_connect_to_something_else(stage: Stage, picture: Picture) -> None:
    """Enter, and what answers is a login page."""
    instead(stage, lambda _: True, Reply(200, b"<html>Please log in</html>", "text/html"))
    picture(to("Connect", "enter"))


def test_connect_with_a_wrong_password(picture: Picture) -> None:
    """Enter."""
    picture(to("Connect", "enter"), password=Secret("wrong"))


def test_connect_in_the_clear(picture: Picture) -> None:
    """No key; http to another machine, through a proxy, with --dry-run-only."""
    picture(to("Connect"), url="http://db.example.com:9191", dry_run_only=True, proxy="http://proxy:3128")


# Lists


def test_loading(stage: Stage, picture: Picture) -> None:
    """Enter ×2, and the server thinks for three seconds."""
    held = Held(stage, at("/show/backup"))

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Data source")
        await tap(pilot, "enter")
        await held.has_arrived()
        stage.clock.let_pass(seconds=3)
        await until(pilot, lambda: "3 s" in text(pilot))

    picture(way, held=held)


def test_no_data_sources(stage: Stage, picture: Picture) -> None:
    """Enter; the user may see none."""
    no_data_source(stage)
    picture(to("Data source"))


def test_no_backups(stage: Stage, picture: Picture) -> None:
    """Enter, ↓, Enter: nothing lies there."""
    del stage.server.world.backups["emea_archive_azure", "emea_orders"]
    picture(to("Data source", "down", "enter"))


def test_data_source_refused(picture: Picture) -> None:
    """Enter, ↓ ↓, Enter: the finance vault is not ours to read."""
    picture(to("Data source", "down", "down", "enter"))


def test_filter(picture: Picture) -> None:
    """Enter ×2, /, shop."""
    picture(to("Backup", "slash", *"shop"))


def test_deleted_snapshot(picture: Picture) -> None:
    """Enter ×3, End, ↑ ×4."""
    picture(to("Snapshot", "end", "up", "up", "up", "up"))


def test_newest_snapshot(picture: Picture) -> None:
    """Enter ×3, End."""
    picture(to("Snapshot", "end"))


def test_times_without_a_zone(picture: Picture) -> None:
    """Enter, ↓, Enter ×2."""
    picture(to("Data source", "down", "enter", "enter"))


def test_request(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, F2."""
    picture(to("Objects", "right", "down", "space", "f2"))


def test_request_beside(picture: Picture) -> None:
    """Enter ×3, F2, in a wide terminal."""
    picture(to("Snapshot", "f2"), (120, 40))


def test_help(picture: Picture) -> None:
    """Enter ×4, F1."""
    picture(to("Objects", "f1"))


# Objects


def test_nothing_ticked(picture: Picture) -> None:
    """Enter ×4, Ctrl+N."""
    picture(to("Objects", "ctrl+n"))


def test_objects_filtered_and_covered_twice(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, ← ↓ →, /, order, Enter, a."""
    picture(
        to("Objects", "right", "down", "space", "left", "down", "right", "slash", *"order", "enter", "a"),
        (120, 40),
    )


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["80x24", "60x20"])
def test_objects_folded(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×2, ↓, Enter ×2, ↓ →, ↓ Space →, ↓ ↓ Space: six thousand tables, a schema and another's name selected."""
    way = ("down", "enter", "enter", "down", "right", "down", "space", "up", "right", "down", "down", "space")
    picture(to("Backup", *way), size)


def test_objects_folded_and_offered_as_all(picture: Picture) -> None:
    """Enter ×2, ↓, Enter ×2, ↓ →, ↓ Space."""
    picture(to("Backup", "down", "enter", "enter", "down", "right", "down", "space"))


def test_objects_filtered_by_a_pattern(picture: Picture) -> None:
    """Enter ×2, ↓, Enter ×2, ↓ →, / dw_c*2019_0, Enter, ↓, Shift+↓ ×3."""
    letters = ("asterisk" if letter == "*" else letter for letter in "dw_c*2019_0*")
    way = ("down", "enter", "enter", "down", "right", "slash", *letters, "enter", "down")
    picture(to("Backup", *way, "shift+down", "shift+down", "shift+down"))


def test_objects_sorted_by_size(picture: Picture) -> None:
    """Enter ×4, ↓ →, o, Home."""
    picture(to("Objects", "down", "right", "o", "home"))


def test_names_pasted_of_which_some_are_not_listed(picture: Picture) -> None:
    """Enter ×4, ↓, t, three names."""
    picture(to_typed("sales.orders,sales.oders,web.gone"))


def test_a_broken_name_typed(picture: Picture) -> None:
    """Enter ×4, ↓, t, sales.orders,sales.a.b."""
    picture(to_typed("sales.orders,sales.a.b"))


# Options


@every_size
def test_options_replace(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → Space, Ctrl+N, →."""
    picture(to("Options", "right", tick=INVENTORY), size)


def test_options_rename_with_advice(picture: Picture) -> None:
    """Enter ×4, Space, End ↑ ↑ ↑ Space (the users), Ctrl+N, → →, ↓, sales."""
    picture(
        to(
            "Options",
            "right",
            "right",
            "down",
            *"sales",
            tick=("space", "end", "up", "up", "up", "space", "ctrl+n"),
        ),
    )


def test_options_schema_name_broken(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N, → →, ↓, a.b, Ctrl+N."""
    picture(to("Options", "right", "right", "down", "a", "full_stop", "b", "ctrl+n"))


def test_a_name_that_is_not_typed(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, for a backup with a name of fifty letters."""
    backup = stage.server.world.backups.pop(("dr_bucket_s3", "nightly_shop"))
    backup.name = "nightly_shop_" + "x" * 37
    stage.server.world.add_backup(backup)
    picture(to("Restore"))


# Dry run


@every_size
def test_dry_run_refused(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → Space, Ctrl+N ×2: inventory is there already."""
    picture(to("Dry run", tick=INVENTORY), size)


def test_dry_run_lost(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, and the server hangs up."""
    instead(stage, is_dry_run, DROPPED)
    picture(to("Dry run"))


def leave_out(data: dict[str, dict[str, str]]) -> None:
    """Says nothing of one object, and that another one would fail."""
    del data["restored_objects"]["sales.orders"]
    data["failed_objects"]["sales.invoices"] = data["restored_objects"].pop("sales.invoices")
    data["info"]["error.sales.invoices"] = "No room on rank 2"


def test_dry_run_with_unmentioned_objects(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2."""
    instead(stage, is_dry_run, changed(leave_out))
    picture(to("Dry run"))


def test_dry_run_void(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, and sixteen minutes."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Dry run")
        stage.clock.let_pass(minutes=16)
        await until(pilot, lambda: "older than 15 minutes" in text(pilot))

    picture(way)


def test_dry_run_only(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, with --dry-run-only."""
    picture(to("Dry run", "ctrl+n"), dry_run_only=True)


# Confirmation


@every_size
def test_confirmation_under_replace(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → Space, Ctrl+N, →, Ctrl+N ×2."""
    picture(to("Options", "right", "ctrl+n", "ctrl+n", tick=INVENTORY), size)


def test_confirmation_under_rename(picture: Picture) -> None:
    """Enter ×4, → Space, Ctrl+N, → →, Ctrl+N ×2."""
    picture(to("Options", "right", "right", "ctrl+n", "ctrl+n", tick=INVENTORY))


def test_confirmation_with_doubts(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3."""
    instead(stage, is_dry_run, changed(leave_out))
    picture(to("Restore"))


def test_confirmation_without_colours(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter ×4, → Space, Ctrl+N, →, Ctrl+N ×2, with NO_COLOR."""
    monkeypatch.setenv("NO_COLOR", "1")
    picture(to("Options", "right", "ctrl+n", "ctrl+n", tick=INVENTORY))


def test_receipt_unwritable(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; a file is where the folder should be."""
    stage.receipts.parent.mkdir()
    stage.receipts.touch()

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Restore")
        await confirm(pilot)
        await until(pilot, lambda: "can't be written" in text(pilot))

    picture(way, state_folder=Path("state"))


# The restore


def begun(stage: Stage, held: Held, *then: str, shows: str) -> Way:
    """The restore has arrived at the server, runs for 3:07 min, and then come keys."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        stage.clock.let_pass(seconds=187)
        await until(pilot, lambda: "3:07 min" in text(pilot))
        await tap(pilot, *then)
        await until(pilot, lambda: shows in text(pilot))

    return way


def test_running(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; for 3:07 min."""
    held = Held(stage, is_restore)
    picture(begun(stage, held, shows="3:07 min"), held=held)


def test_leaving_while_it_runs(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, Ctrl+Q."""
    held = Held(stage, is_restore)
    picture(begun(stage, held, "ctrl+q", shows="Leave it running"), held=held)


@every_size
def test_partly_restored(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×2, ↑ Enter ×2, ↓ → a, Space, ↓ ↓ Space, Ctrl+N ×3, nightly_crm, Enter: a file is damaged."""
    picture(to_result(backup="nightly_crm"), size)


def test_restore_failed(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; somebody creates sales.orders as it arrives."""
    orders = LiveObject("table", "sales.orders")
    as_it_arrives(stage, is_restore, lambda: stage.server.world.add_live([orders]))
    picture(to_result())


@every_size
def test_outcome_unknown(stage: Stage, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, and the server hangs up."""
    instead(stage, is_restore, DROPPED)
    picture(to_result(), size)


def test_refused_with_a_long_message(stage: Stage, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2; the server has a lot to say."""
    instead(stage, is_dry_run, refused("Object 'sales.orders' already exists. " * 40))
    picture(to("Dry run"))
