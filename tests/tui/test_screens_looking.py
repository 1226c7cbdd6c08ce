"""When the response is lost: outcome unknown, what a look finds, and what of it settles the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from restore_tui.demo.model import HistoryRow
from restore_tui.demo.server import Received, Reply
from restore_tui.restore.execution.exit_status import exit_code, summary_line
from restore_tui.restore.receipts.model import Source, Verdict
from restore_tui.tui.screens.result import ResultScreen
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import at_rest, burst, flat, press, settled, tap, text, title, until
from tests.harness.app.running import (
    THE_JOB,
    ended,
    job_of,
    post,
    real_jobs,
    receipt,
    restore_of,
    sent_once,
    shows,
    start,
)
from tests.harness.app.steps import SIZE, app_of, confirm, focused, go, tab_to
from tests.harness.servers.interceptors import DROPPED, instead, is_restore

UNKNOWN = "? Outcome unknown"
NOTHING_FOUND = "backup history: No restore of this backup is listed that has started since"


def looks(stage: Stage) -> list[str]:
    """What stands in the receipt of each look at what became of it, as ``source: text``."""
    return [
        " | ".join(f"{each['source']}: {each['text']}" for each in look["findings"])
        for look in receipt(stage)["looks"]
        if look["findings"][0]["source"] != Source.EXISTING.value
    ]


# A job


async def test_stop_waiting_finds_it_running_and_watches_only_when_told(paced: Paced) -> None:
    """Tab, Enter (Stop waiting); w; it ends: Restored, and the receipt tells of the looks."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        paced.let_pass(20)
        await press(pilot, "tab")
        assert focused(pilot).id == "stop"
        await press(pilot, "enter")
        await ended(pilot, UNKNOWN)
        await shows(pilot, "background job: It is running, 20 %.", "Follow it", "Check again")
        assert exit_code(app.runs) == 4
        assert receipt(paced)["outcome"]["verdict"] == "Outcome unknown"
        paced.let_pass(11)
        await shows(pilot, "background job: It is running, 31 %.")
        assert UNKNOWN in text(pilot), "it is looked at, not watched"
        await burst(pilot, "w", "w", "enter", "w")
        await shows(pilot, "Restoring … 31 s", " 31 %")
        paced.let_pass(69)
        await ended(pilot, "✓ Restored  after 1:40 min. 23 objects restored.")
    assert exit_code(app.runs) == 0
    assert sent_once(paced)
    done = receipt(paced)
    assert done["outcome"]["verdict"] == "Restored"
    assert done["looks"]


async def test_what_ends_while_nobody_watches_is_found_by_f5(paced: Paced) -> None:
    """Stop waiting; it ends meanwhile; F5: Restored, found out from the background job, every object with it."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, "tab", "enter")
        await shows(pilot, "background job: It is running")
        paced.scheduler.let_pass(100)
        await press(pilot, "f5")
        await ended(pilot, "✓ Restored")
        assert "Determined from the background job. 23 objects restored." in flat(pilot)
        assert "after" not in text(pilot), "nobody measured how long it took"
        assert "sales.ctx_orders                ✓ would restore       ✓ restored" in text(pilot)
        assert "Check again" not in text(pilot)
        assert "Follow it" not in text(pilot)
        before = len(paced.server.requests)
        await press(pilot, "w", "f5")
        assert len(paced.server.requests) == before
    assert receipt(paced)["outcome"]["source"] == "background job"
    assert sent_once(paced)


async def test_the_watch_may_be_stopped_again(paced: Paced) -> None:
    """Stop waiting, the button Follow it, Stop waiting: unknown as before, nothing is watched; leave: exit code 4."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, "tab", "enter")
        await shows(pilot, "Follow it")
        await tab_to(pilot, "watch")
        await press(pilot, "enter")
        await shows(pilot, "Restoring …")
        await tab_to(pilot, "stop")
        await press(pilot, "enter")
        await ended(pilot, UNKNOWN)
        await shows(pilot, "Follow it")
        await burst(pilot, "enter", "enter", "ctrl+n", "escape", "enter", "n", "y")
        assert "Outcome unknown" in text(pilot) or "Restoring" in text(pilot)
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: app.has_left)
    assert exit_code(app.runs) == 4
    assert "restore-tui attach" in summary_line(app.runs)
    assert sent_once(paced)


async def test_a_job_whose_ticket_is_lost_is_found_by_its_tag(paced: Paced) -> None:
    """The response of /create/job is lost: a look finds the job by its tag, and watches it by itself to its end."""
    paced.server.faults.set("/create/job=drop")
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await shows(pilot, "Restoring …", "Job, id unknown", " 0 %")
        assert exit_code(app.runs) == 4, "until its end is known"
        await press(pilot, "c")
        assert "has not returned the id of the job, so it cannot be canceled" in flat(pilot)
        assert paced.server.received("/admin/alter/jobs") == []
        paced.let_pass(60)
        await shows(pilot, " 60 %, 1.0 %/s, about 40 s left")
        paced.let_pass(40)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)
    assert paced.restores == []
    done = receipt(paced)
    assert done["outcome"]["verdict"] == "Restored"
    assert "background job: It is running" in looks(paced)[0]
    assert exit_code(app.runs) == 0


async def test_a_job_that_never_arrived_stays_unknown(paced: Paced) -> None:
    """/create/job=drop-before: nothing is found, which proves nothing; the screen says what to do."""
    paced.server.faults.set("/create/job=drop-before")
    app = paced.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(
            pilot,
            "background job: It cannot be read",
            "running jobs: No new restore of this user is running.",
            NOTHING_FOUND,
            "What can be checked on the server:",
        )
        assert "Follow it" not in text(pilot)
        await press(pilot, "w", "f5", "f5")
        await shows(pilot, NOTHING_FOUND, "What exists now: Since before the restore, 0 of")
        assert UNKNOWN in text(pilot)
    assert exit_code(app.runs) == 4
    assert sent_once(paced)
    assert paced.restores == [], "no second way is tried"
    assert len(receipt(paced)["looks"]) == 2, (
        "the same three times is noted once, and what exists now as well"
    )


# Directly


async def test_a_lost_answer_is_settled_from_the_history(stage: Stage) -> None:
    """The restore's answer is lost: unknown, then Restored, found out from the backup history; exit code 0."""
    stage.server.faults.set("/restore/backup=drop")
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, "✓ Restored")
        await shows(pilot, "Determined from the backup history. It has no per-object details.", "32 files")
        assert focused(pilot).id in ("details", "list"), "never on a button"
    assert exit_code(app.runs) == 0
    assert len(stage.restores) == 1
    done = receipt(stage)["outcome"]
    assert (done["verdict"], done["source"], done["answer"]) == ("Restored", "backup history", None)
    assert "is complete: 32 files" in looks(stage)[0]


@pytest.mark.parametrize(
    ("kind", "name", "verdict", "code"),
    [
        pytest.param("all", "sales", "? Outcome unknown", 4, id="as much"),
        pytest.param("table", "inventory.stock_levels", "✓ Restored", 0, id="something else"),
    ],
)
async def test_somebody_elses_restore_at_the_same_time(
    stage: Stage, kind: str, name: str, verdict: str, code: int
) -> None:
    """Another restore of this backup by the same user in between: two that fit are a guess, and settle nothing."""
    arrived: list[Received] = []

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if not is_restore(received) or arrived:
            return answer()
        arrived.append(received)
        options = {"restore_policy": "replace", "backup_id": "1795442407056"}
        post(stage.server, "/restore/backup", restore_of(kind, name, **options))
        return replace(answer(), drop=True)

    stage.server.intercept = intercept
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, verdict)
        if code:
            await shows(
                pilot,
                "2 restores of this backup by this user have started since. Which one is this restore is unknown",
            )
            await press(pilot, "f5")
            await shows(pilot, "2 restores of this backup")
    assert exit_code(app.runs) == code
    assert stage.server.errors == []


def row_of(stage: Stage, **changes: object) -> HistoryRow:
    """A row like that of the last request, with something else in it."""
    last = next(row for row in stage.server.world.restores if row.user_name == stage.server.user)
    given: dict[str, object] = {
        "query_id": "somebody-elses",
        "status": "restore_complete",
        "event_message": "",
        "additional_info": '{"dry_run": "false"}',
        "end_time": last.start_time + timedelta(seconds=3),
    }
    return replace(last, **{**given, **changes})  # type: ignore[arg-type]


async def test_another_users_restore_does_not_count_and_f5_settles_later(stage: Stage) -> None:
    """Nothing arrives; another user's row is there: unknown. Then one is accepted, runs, and fails, all of it by the
    same user, within the second in which the request was out: F5, and it failed, in its words."""
    stage.server.faults.set("/restore/backup=drop-before")
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        stage.server.world.restores.append(row_of(stage, query_id="from before the note"))
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(pilot, NOTHING_FOUND)
        stage.server.world.restores.append(row_of(stage, user_name="somebody"))
        await press(pilot, "f5")
        await shows(pilot, NOTHING_FOUND)
        dry = row_of(stage, query_id="dry", status="validated", additional_info='{"dry_run": "true"}')
        stage.server.world.restores.append(dry)
        await press(pilot, "f5")
        await shows(pilot, NOTHING_FOUND)
        running = row_of(stage, query_id="ours", status="validated", end_time=None)
        stage.server.world.restores.append(running)
        await press(pilot, "f5")
        await shows(pilot, "One restore was accepted since", "has not started yet (or it is a dry run)")
        running.status = "restore_in_progress"
        stage.clock.let_pass(seconds=11)
        await shows(pilot, "One restore has started since", "is in progress.")
        assert UNKNOWN in text(pilot)
        assert "Follow it" not in text(pilot), "there is no job to follow"
        running.status, running.event_message = "restore_failed", "No room on rank 2"
        stage.clock.let_pass(seconds=11)
        await ended(pilot, "✗ Restore failed")
        await shows(pilot, "Determined from the backup history.", "No room on rank 2")
    assert exit_code(app.runs) == 1
    assert len(stage.restores) == 1
    assert len(looks(stage)) == 4


async def test_the_same_restore_by_hand_is_no_evidence(stage: Stage) -> None:
    """Our request is lost before the server sees it; minutes later the same person restores the same by hand; F5: the
    row is shown, with the reason why it proves nothing, and the outcome stays unknown."""
    stage.server.faults.set("/restore/backup=drop-before")
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(pilot, NOTHING_FOUND, "What exists now: Since before the restore, 0 of")
        stage.server.faults.clear()
        stage.server.scheduler.let_pass(300)
        options = {"restore_policy": "replace", "backup_id": "1795442407056"}
        post(stage.server, "/restore/backup", restore_of("all", "sales", **options))
        await press(pilot, "f5")
        await shows(
            pilot,
            "It may be another restore: it did not start between the request and the loss of the connection.",
        )
        assert UNKNOWN in text(pilot)
        await shows(pilot, "What exists now: Since before the restore, 17 of the 17 requested objects")
    assert exit_code(app.runs) == 4
    assert len(stage.restores) == 2
    assert receipt(stage)["outcome"]["verdict"] == "Outcome unknown"
    noted = [
        look for look in receipt(stage)["looks"] if look["findings"][0]["source"] == Source.EXISTING.value
    ]
    assert [finding["settles"] for look in noted for finding in look["findings"]] == [False, False]


async def test_a_server_that_is_gone_is_asked_again_later(stage: Stage) -> None:
    """It hangs up and is stopped: it cannot be asked now, unknown, what to do; it is back, F5: settled."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if not is_restore(received):
            return answer()
        answer()
        stage.server.stop()
        return DROPPED

    stage.server.intercept = intercept
    port = int(stage.server.url.rsplit(":", 1)[1])
    app = stage.app()
    async with app.run_test(size=(80, 60)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(pilot, "server: It cannot be read now:", "Do not restore again before that")
        assert exit_code(app.runs) == 4
        stage.server._address = ("127.0.0.1", port)
        stage.server.start()
        await press(pilot, "f5")
        await ended(pilot, "✓ Restored")
        await shows(pilot, "Determined from the backup history.")
    assert len(stage.restores) == 1
    assert len(looks(stage)) == 2


async def test_a_history_that_could_not_be_noted_settles_nothing(stage: Stage) -> None:
    """/execute/sql refuses until the restore is under way: none can be told to be it, unknown."""
    stage.server.faults.set("/execute/sql=401")

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if not is_restore(received):
            return answer()
        stage.server.faults.clear()
        return replace(answer(), drop=True)

    stage.server.intercept = intercept
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(
            pilot,
            "what existed before this one could not be recorded, so none can be identified as this one",
        )
        await press(pilot, "f5")
        await shows(pilot, UNKNOWN)
    assert exit_code(app.runs) == 4
    assert receipt(stage)["noted"]["history"] is None


async def test_a_direct_restore_that_still_runs_is_looked_at_until_it_ends(paced: Paced) -> None:
    """The direct way, Stop waiting: it runs; it is looked at every ten seconds by itself, and settled at its end."""
    app = paced.app(way="direct")
    async with app.run_test(size=(80, 40)) as pilot:
        await start(pilot, direct=paced)
        await press(pilot, "tab", "enter")
        await ended(pilot, UNKNOWN)
        await shows(pilot, "A restore of this user that has started since runs: job")
        asked = len(paced.server.requests)
        await shows(pilot, UNKNOWN)
        assert len(paced.server.requests) == asked, "not before ten seconds are over"
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
        await shows(pilot, "Determined from the backup history.")
    assert len(paced.restores) == 1
    assert exit_code(app.runs) == 0


async def test_another_cluster_that_answers_is_no_evidence(stage: Stage) -> None:
    """The restore's answer is lost, and what answers then is another cluster of the ring: unknown."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if stage.restores and received.endpoint == "/show/system/properties":
            reply = answer()
            return replace(reply, body=reply.body.replace(b"demo_shop", b"other_shop"))
        return replace(answer(), drop=True) if is_restore(received) else answer()

    stage.server.intercept = intercept
    async with stage.app().run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await shows(pilot, "Another cluster responds now, other_shop")
    assert len(looks(stage)) == 1


# What is told of it afterwards


async def test_an_unknown_run_is_told_of_on_the_way_to_another_restore_of_its_backup(stage: Stage) -> None:
    """Unknown; New restore of the same backup: dry run and confirmation tell of it. Of another backup: they don't."""
    instead(stage, is_restore, Reply(502, b"<html>", "text/html"))
    stage.server.faults.set("/execute/sql=401")
    app = stage.app()
    told = "! The outcome of run 20261123T210000Z-000001, of this backup, is still unknown"
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, UNKNOWN)
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        assert title(pilot) == "Data source"
        await press(pilot, "enter", "enter", "enter", "right", "down", "space", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
        assert told in flat(pilot)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"
        assert told in flat(pilot)
        await press(pilot, *["escape"] * 6)  # the first one leaves the field
        assert title(pilot) == "Backup"
        await press(pilot, "up", "enter", "enter", "down", "right", "space", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
        assert "nightly_crm" in text(pilot)
        assert "is still unknown" not in flat(pilot)
    assert len(stage.restores) == 1
    assert exit_code(app.runs) == 4


# The report


async def test_the_report_is_saved_and_never_over_a_file(stage: Stage) -> None:
    """s, Enter: a Markdown file, 0600; s, Enter again: it is there; a folder that is none; Esc; Ctrl+N saves too."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot, "✓ Restored")
        await press(pilot, "s")
        place = stage.home / "restore-20261123T210000Z-000001.md"
        assert "~/restore-20261123T210000Z-000001.md" in text(pilot)
        await press(pilot, "enter")
        assert "The report is saved: ~/restore-20261123T210000Z-000001.md" in flat(pilot)
        saved = place.read_text()
        assert saved.startswith("# ")
        assert "Restored" in saved
        assert "sales.orders" in saved
        assert place.stat().st_mode & 0o777 == 0o600
        place.write_text("precious")
        await tab_to(pilot, "save")
        await press(pilot, "enter", "enter")
        assert "✗ It was not saved: File exists." in flat(pilot)
        assert place.read_text() == "precious"
        await press(pilot, "home", "~", "/", "n", "o", "/")
        await press(pilot, "enter")
        assert "✗ It was not saved: " in flat(pilot)
        await press(pilot, "escape")
        assert "✓ Restored" in text(pilot)
        await press(pilot, "s", "end", "x", "ctrl+n")
        assert (stage.home / "restore-20261123T210000Z-000001.mdx").exists()
    assert len(stage.restores) == 1


async def test_the_report_of_a_run_that_is_looked_for_meanwhile_tells_how_it_stands_when_it_is_saved(
    paced: Paced,
) -> None:
    """Stop waiting; s; it ends and a look settles it; Enter: the file says Restored."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, "tab", "enter")
        await shows(pilot, "background job: It is running")
        await press(pilot, "s")
        dialog = app_of(pilot).screen
        assert dialog.is_modal
        paced.let_pass(100)
        result = app_of(pilot).screen_stack[-2]
        assert isinstance(result, ResultScreen)
        result.tick()
        await until(pilot, lambda: result.outcome.verdict is Verdict.RESTORED)
        await at_rest(pilot)
        assert app_of(pilot).screen is dialog, "what one types into is not taken away"
        await press(pilot, "enter")
        await shows(pilot, "✓ Restored")
    (place,) = paced.home.glob("*.md")
    assert "Outcome unknown" not in place.read_text().split("\n## ")[0]
    assert len(real_jobs(paced)) == 1


async def test_other_jobs_are_left_alone(paced: Paced) -> None:
    """Somebody else's job of the same user runs: it is neither taken for ours nor cancelled."""
    paced.server.faults.set("/create/job=drop-before")
    async with paced.app().run_test(size=(80, 40)) as pilot:
        await go(pilot, "Restore")
        paced.server.faults.clear()
        other = post(paced.server, "/create/job", job_of(restore_of("all", "inventory")))
        paced.server.faults.set("/create/job=drop-before")
        await confirm(pilot)
        await shows(pilot, "Another restore runs on the server now", "Press Enter again")
        await settled(app_of(pilot))
        await press(pilot, "enter")
        await ended(pilot, UNKNOWN)
        await shows(pilot, "running jobs: No new restore of this user is running.")
        assert "It runs" not in text(pilot)
    assert other["job_id"] == THE_JOB
    assert paced.server.received("/admin/alter/jobs") == []
