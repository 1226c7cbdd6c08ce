"""What a restore leaves behind on the screen, on disk and for scripts, whatever the server does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from restore_tui.demo.model import LiveObject
from restore_tui.demo.server import Received, Reply
from restore_tui.restore.execution.exit_status import exit_code, summary_line
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, settled, tap, text, title, typed, until
from tests.harness.app.running import receipt
from tests.harness.app.steps import CHECKSUM, CRM, SIZE, app_of, confirm, ended, focused, go, tab_to
from tests.harness.servers.interceptors import (
    DROPPED,
    Held,
    as_it_arrives,
    changed,
    instead,
    is_dry_run,
    is_restore,
    refused,
)

HTML = b"<html><body>Bad Gateway</body></html>"


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(DROPPED, id="dropped"),
        pytest.param(Reply(502, HTML, "text/html"), id="502"),
        pytest.param(Reply(503, b""), id="503"),
        pytest.param(Reply(504, HTML, "text/html"), id="504"),
        pytest.param(Reply(200, HTML, "text/html"), id="html"),
        pytest.param(Reply(307, b"", headers=(("Location", "/restore/backup"),)), id="redirect"),
        pytest.param(lambda reply: replace(reply, truncate_after=40), id="truncated"),
        pytest.param(lambda reply: Reply(200, reply.body[:-40]), id="half of the JSON"),
    ],
)
async def test_an_answer_that_settles_nothing_leaves_the_outcome_unknown(
    stage: Stage, spoilt: Reply | Callable[[Reply], Reply]
) -> None:
    """What is neither Kinetica's yes nor its no: unknown, sent once, exit code 4, and so says the receipt."""
    there: list[str] = []

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/execute/sql":
            return refused("Insufficient privileges")  # the history would tell
        if not is_restore(received):
            return answer()
        there.append(receipt(stage)["state"])
        return spoilt if isinstance(spoilt, Reply) else spoilt(answer())

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "? Outcome unknown" in text(pilot)
        assert "Restore failed" not in text(pilot)
        assert exit_code(app_of(pilot).runs) == 4
    assert stage.server.errors == []
    assert there == ["sending"]
    assert len(stage.restores) == 1
    assert receipt(stage)["outcome"]["verdict"] == "Outcome unknown"


async def test_a_refusal_is_a_failure_in_the_servers_words(stage: Stage) -> None:
    """What came to exist between the last look and the restore: failed, exit code 1."""
    orders = LiveObject("table", "sales.orders")
    as_it_arrives(stage, is_restore, lambda: stage.server.world.add_live([orders]))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "✗ Restore failed" in text(pilot)
        assert "'sales.orders' already exists" in text(pilot)
        assert exit_code(app_of(pilot).runs) == 1
    assert receipt(stage)["outcome"]["verdict"] == "Restore failed"
    assert "OBJ:1405" in receipt(stage)["outcome"]["words"]


async def test_a_server_that_is_going_away_says_no_no(stage: Stage) -> None:
    """An ERROR that speaks of a shutdown is no word about the restore."""
    instead(stage, is_restore, refused("Server is shutting down"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "? Outcome unknown" in text(pilot)


async def test_a_damaged_file_makes_it_partial_and_stands_first(stage: Stage) -> None:
    """The dry run was OK, the restore brings back all but one: partly, exit code 3, the failure on top."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore", backup="nightly_crm", tick=CRM)
        await confirm(pilot, "nightly_crm")
        await ended(pilot)
        assert "! Partly restored" in text(pilot)
        rows = [line for line in text(pilot).splitlines() if "crm." in line and "  ✓ would restore" in line]
        assert "crm.tickets" in rows[0]
        assert "✗ failed" in rows[0]
        assert all("✓ restored" in row for row in rows[1:])
        assert "Checksum mismatch" in text(pilot)
        assert exit_code(app_of(pilot).runs) == 3
    objects = {entry["name"]: entry for entry in receipt(stage)["outcome"]["objects"]}
    assert objects["crm.tickets"]["restore"] == "failed"
    assert "Checksum" in objects["crm.tickets"]["why"]


async def test_an_object_that_the_answer_leaves_out_is_no_success(stage: Stage) -> None:
    """The restore's answer does not mention one table: partly restored, and that table says so."""
    instead(stage, is_restore, changed(lambda data: data["restored_objects"].pop("sales.orders")))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "! Partly restored" in text(pilot)
        assert "1 not mentioned" in text(pilot)
        rows = [line for line in text(pilot).splitlines() if "sales.orders" in line]
        assert any("? not mentioned" in row for row in rows)


async def test_a_dry_run_about_another_snapshot_leads_nowhere(stage: Stage) -> None:
    """The dry run of a pinned snapshot reports another one: both ids and times, no way forward, no confirmation."""
    instead(stage, is_dry_run, changed(lambda data: data.update(backup_id=1790000000000)))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await until(pilot, lambda: "Dry run does not match" in text(pilot))
        shown = flat(pilot)
        assert "for snapshot 1790000000000 (not in the list of snapshots)" in shown
        assert "but snapshot 1795442407056 (2026-11-23 14:00 UTC) was requested" in shown
        await press(pilot, "enter", "ctrl+n", "enter")
        assert title(pilot) == "Dry run"
    assert len(stage.sent) == 1


async def test_a_response_about_another_snapshot_leaves_the_outcome_unknown(stage: Stage) -> None:
    """The server reports another snapshot than was requested: the result names both, and the exit code is 4."""
    instead(stage, is_restore, changed(lambda data: data.update(backup_id=1790000000000)))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "? Outcome unknown" in text(pilot)
        assert "! The response is about snapshot 1790000000000, not 1795442407056." in text(pilot)
        assert exit_code(app_of(pilot).runs) == 4


async def test_stop_waiting_gives_up_the_answer_and_not_the_restore(stage: Stage) -> None:
    """Tab to Stop waiting, Enter: unknown, exit code 4, and the server was asked once."""
    held = Held(stage, is_restore)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        await until(pilot, lambda: "Restoring" in text(pilot))
        await press(pilot, "tab")
        assert focused(pilot).id == "stop"
        await press(pilot, "enter")
        await ended(pilot)
        assert "? Outcome unknown" in text(pilot)
        assert exit_code(app_of(pilot).runs) == 4
        held.let_go.set()
    assert len(stage.restores) == 1
    assert receipt(stage)["outcome"]["verdict"] == "Outcome unknown"


async def running(pilot: Any, held: Held) -> None:
    """A restore that the server holds back."""
    await go(pilot, "Restore")
    await typed(pilot, "nightly_shop")
    await tap(pilot, "enter")
    await held.has_arrived()
    await until(pilot, lambda: "Restoring …" in text(pilot))


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c", "escape"])
async def test_leaving_while_it_runs_asks_first_and_staying_is_what_enter_does(
    stage: Stage, key: str
) -> None:
    """Ctrl+Q, Ctrl+C or Esc while it runs: a question in which Stay has the focus; then it ends as if not asked."""
    held = Held(stage, is_restore)
    async with stage.app().run_test(size=SIZE) as pilot:
        await running(pilot, held)
        await tap(pilot, key)
        await until(pilot, lambda: "Leave it running" in text(pilot))
        assert focused(pilot).id == "safe"
        await press(pilot, "ctrl+n")
        assert "Leave it running" in text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "Restoring …" in text(pilot))
        held.let_go.set()
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
        assert exit_code(app_of(pilot).runs) == 0


async def test_leaving_it_running_notes_an_unknown_outcome(stage: Stage) -> None:
    """Ctrl+Q, Tab, Enter: out, exit code 4, and the receipt says Outcome unknown."""
    held = Held(stage, is_restore)
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await running(pilot, held)
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: "Leave it running" in text(pilot))
        await tap(pilot, "tab", "enter")
        await until(pilot, lambda: app._exit)
        held.let_go.set()
    assert exit_code(app.runs) == 4
    assert summary_line(app.runs).startswith(
        "Left running, outcome unknown: 23 objects requested from backup nightly_shop"
    )
    assert receipt(stage)["outcome"]["verdict"] == "Outcome unknown"
    assert len(stage.restores) == 1


async def test_an_answer_that_comes_while_one_is_asked_whether_to_leave_is_shown(stage: Stage) -> None:
    """Ctrl+Q while it runs, and it ends: the question is gone, the result is there."""
    held = Held(stage, is_restore)
    async with stage.app().run_test(size=SIZE) as pilot:
        await running(pilot, held)
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: "Leave it running" in text(pilot))
        held.let_go.set()
        await ended(pilot)
        assert "✓ Restored" in text(pilot)


async def test_a_server_that_is_gone_before_the_restore_was_sent_nothing(stage: Stage) -> None:
    """The server can't be read any more: nothing was sent, and Enter is requested again. Then the connection can't be
    opened: failed, nothing was sent, and there is a way back to the confirmation."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        stage.server.stop()
        await confirm(pilot)
        await until(pilot, lambda: "can't be read any more" in flat(pilot))
        await settled(app_of(pilot))
        assert "Press Enter again" in flat(pilot)
        await press(pilot, "enter")
        await ended(pilot)
        assert "✗ Restore failed" in text(pilot)
        assert "Nothing was sent." in text(pilot)
        await tab_to(pilot, "again")
        await press(pilot, "enter")
        assert "Type the backup's name" in text(pilot)
    assert stage.restores == []


async def test_escape_and_enter_on_the_result_do_nothing(stage: Stage) -> None:
    """Esc, Enter, Ctrl+N, F5 on the result: still the result, and nothing is asked or sent."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        before = len(stage.server.requests)
        await press(pilot, "escape", "enter", "ctrl+n", "f5")
        assert "✓ Restored" in text(pilot)
        assert len(stage.server.requests) == before


async def test_a_new_restore_begins_with_an_empty_plan(stage: Stage) -> None:
    """New restore: at the data sources, the data source and backup kept, nothing selected, default options."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, *CHECKSUM, "ctrl+n", "ctrl+n")
        await confirm(pilot)
        await ended(pilot)
        assert stage.restores[0]["options"]["checksum"] == "true"
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        assert title(pilot) == "Data source"
        assert "› nightly_shop" in text(pilot)
        await press(pilot, "enter", "enter", "enter")
        assert "0 objects selected" in text(pilot)
        await press(pilot, "right", "down", "space", "ctrl+n")
        assert app_of(pilot).plan.options == {}
        await press(pilot, "ctrl+n")
        assert "Dry run refused" in text(pilot), "sales is back by now"
    assert len(stage.restores) == 1


async def test_a_snapshot_id_that_is_text_is_shown_harmlessly(stage: Stage) -> None:
    """What the server reports as the id need not be a number; totals that cannot be true are marked."""

    def odd(data: dict[str, Any]) -> None:
        data.update(backup_id="\x1b]0;x", restored_records=-1)

    instead(stage, is_restore, changed(odd))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert "? Outcome unknown" in text(pilot)
        assert "snapshot ␛]0;x" in text(pilot)
        assert "! -1 records cannot be true" in text(pilot)
        assert "\x1b" not in text(pilot)


def beside(key: str, value: object) -> Callable[[Reply], Reply]:
    """The response with a field beside the five of its envelope."""

    def make(reply: Reply) -> Reply:
        return Reply(200, json.dumps({**json.loads(reply.body), key: value}).encode())

    return make


def said(message: str) -> Callable[[Reply], Reply]:
    return beside("message", message)


def of_info(**info: str) -> Callable[[Reply], Reply]:
    return changed(lambda data: data["info"].update(info))


def state_of(state: str) -> Callable[[Reply], Reply]:
    """Every object that the response names, in this state."""

    def change(data: dict[str, Any]) -> None:
        names = [name.strip() for text in data["restored_objects"].values() for name in text.split(",")]
        if "sales.orders" not in names:
            names = list(data["restored_objects"])
        data["restored_objects"] = {name: {"status": state} for name in names}

    return changed(change)


def schema_failed(data: dict[str, Any]) -> None:
    data.update(restored_objects={}, failed_objects={"sales": "all"})
    data.update(restored_bytes=0, restored_files=0, restored_records=0)


@pytest.mark.parametrize(
    ("spoilt", "verdict", "words", "code"),
    [
        pytest.param(said("queued"), "Outcome unknown", "has not ended: queued", 4, id="queued"),
        pytest.param(said("Restore started"), "Outcome unknown", "has not ended: Restore", 4, id="started"),
        pytest.param(said("validated only"), "Outcome unknown", "has not ended", 4, id="validated"),
        pytest.param(said("dry run only"), "Outcome unknown", "that of a dry run", 4, id="dry run only"),
        pytest.param(of_info(status="pending"), "Outcome unknown", "has not ended", 4, id="pending"),
        pytest.param(
            of_info(datasource_name="other"),
            "Outcome unknown",
            "about data source other",
            4,
            id="data source",
        ),
        pytest.param(state_of("IN_PROGRESS"), "Outcome unknown", "names other objects", 4, id="in progress"),
        pytest.param(changed(schema_failed), "Outcome unknown", "a schema as failed", 4, id="schema"),
        pytest.param(beside("error", "boom"), "Restored, with warnings", "error: boom", 3, id="error"),
        pytest.param(said("restored 1 of 2"), "Restored, with warnings", "1 of 2", 3, id="a part"),
        pytest.param(said("failed: 0, 0 errors"), "Restored", "failed: 0", 0, id="no failure"),
        pytest.param(of_info(failed="0"), "Restored", "objects restored", 0, id="none failed"),
        pytest.param(refused("busy"), "Outcome unknown", "cannot serve now", 4, id="busy"),
        pytest.param(refused("Out of memory"), "Outcome unknown", "cannot serve now", 4, id="memory"),
        pytest.param(refused("read ECONNRESET"), "Outcome unknown", "cannot serve now", 4, id="reset"),
        pytest.param(refused("Too many requests"), "Outcome unknown", "cannot serve now", 4, id="too many"),
    ],
)
async def test_what_the_server_says_beside_the_objects_counts(
    stage: Stage, spoilt: Reply | Callable[[Reply], Reply], verdict: str, words: str, code: int
) -> None:
    """A response that does not call the restore done, or calls it failed without proof: verdict, words, exit code and
    receipt."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/execute/sql":
            return refused("Insufficient privileges")  # the history would tell
        if not is_restore(received):
            return answer()
        return spoilt if isinstance(spoilt, Reply) else spoilt(answer())

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        shown = flat(pilot)
        assert f" {verdict} " in shown
        assert words in shown, shown
        assert exit_code(app_of(pilot).runs) == code
    assert len(stage.restores) == 1
    assert receipt(stage)["outcome"]["verdict"] == verdict
