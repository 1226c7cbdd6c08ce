"""A restore as a background job: which way is proven, what shows while it runs, and how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from restore_tui import finish
from restore_tui.restore.execution.exit_status import exit_code, summary_line
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import burst, flat, press, resize, tap, text, title, typed, until
from tests.harness.app.running import (
    TAG,
    THE_JOB,
    ended,
    job_of,
    jobs,
    post,
    real_jobs,
    receipt,
    restore_of,
    sent_once,
    shows,
    start,
)
from tests.harness.app.steps import CRM, SIZE, app_of, confirm, focused, go, tab_to
from tests.harness.servers.interceptors import Held, at, changed, instead

# Which way


async def test_the_dry_run_proves_the_job_and_w_changes_the_way(paced: Paced) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, w, w, Ctrl+N, F5, Ctrl+N."""
    async with paced.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Dry run")
        assert "Mode: background job (confirmed by this dry run)." in text(pilot)
        assert "Mode: auto" in text(pilot)
        assert [len(jobs(paced)), len(paced.sent)] == [1, 0]
        await press(pilot, "w")
        assert "Mode: job " in text(pilot)
        assert app_of(pilot).session.staleness_reason() is None
        await press(pilot, "w")
        assert "Mode: direct " in text(pilot)
        assert "Run it again with F5." in flat(pilot)
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"
        await press(pilot, "f5")
        assert "Mode: direct (one long request)." in text(pilot)
        assert [len(jobs(paced)), len(paced.sent)] == [1, 1]
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Restore"
        assert "in one long request." in flat(pilot)
    assert paced.server.errors == []
    assert real_jobs(paced) == paced.restores == []


async def test_the_button_changes_the_way_as_well(paced: Paced) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, Tab to Way, Enter ×2, F5: forced direct; Enter, F5: auto, as a job again."""
    async with paced.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Dry run")
        await tab_to(pilot, "mode")
        await press(pilot, "enter")
        assert "The mode is now job. Only as a background job." in flat(pilot)
        await until(pilot, lambda: not focused(pilot).has_class("-active"))
        await press(pilot, "enter")
        assert "The mode is now direct. One long request, no background job." in flat(pilot)
        await press(pilot, "f5")
        assert "Mode: direct (one long request)." in text(pilot)
        await tab_to(pilot, "mode")
        await press(pilot, "enter", "f5")
        assert "Mode: background job (confirmed by this dry run)." in text(pilot)
    tags = [received.json()["options"]["job_tag"] for received in paced.server.received("/create/job")]
    assert tags == [TAG.replace("-run", f"-dry-{number}") for number in (1, 3)], "no two share a tag"


async def test_a_server_that_takes_no_job_is_sent_the_dry_run_and_the_restore_directly(stage: Stage) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter: the dry run says why, and the restore tries no job."""
    stage.server.faults.set("/create/job=no-jobs")
    async with stage.app(way="auto").run_test(size=(120, 40)) as pilot:
        await go(pilot, "Dry run")
        assert (
            "Mode: direct. The server refused a background job: Endpoint '/restore/backup' cannot be run"
            in flat(pilot)
        )
        await press(pilot, "ctrl+n")
        await confirm(pilot)
        await ended(pilot, "✓ Restored")
    assert len(jobs(stage)) == 1
    assert real_jobs(stage) == []
    assert len(stage.restores) == 1


async def test_a_job_that_is_wanted_and_not_taken_is_no_fault_of_the_plan(stage: Stage) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2 with way=job: refused, and the way out is another way, not another plan."""
    stage.server.faults.set("/create/job=no-jobs")
    async with stage.app(way="job").run_test(size=(120, 40)) as pilot:
        await go(pilot, "Dry run")
        assert "Dry run refused" in text(pilot)
        assert "cannot be run as a job" in flat(pilot)
        assert stage.sent == []
        assert "Mode: job " in text(pilot)
        assert (
            "→ Choose another execution mode, then repeat the dry run. w changes the mode, F5 runs it again."
            in flat(pilot)
        )
        await press(pilot, "w", "f5")
        assert "Mode: direct (one long request)." in text(pilot)


async def test_a_dry_run_that_runs_as_a_job_says_that_it_has_no_contact(paced: Paced) -> None:
    """/get/job is out of order while the dry run runs: it says so; Esc stops waiting; F5 runs another one."""
    paced.server.faults.set("/get/job=503")
    async with paced.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Options")
        await tap(pilot, "ctrl+n")
        await shows(pilot, "Dry run on the server: no contact, retrying (", "503")
        await press(pilot, "escape")
        assert "Dry run lost" in text(pilot)
        assert "You stopped waiting for the response." in text(pilot)
        paced.server.faults.clear()
        await press(pilot, "f5")
        assert "Mode: background job (confirmed by this dry run)." in text(pilot)
    assert len(jobs(paced)) == 2
    assert real_jobs(paced) == paced.sent == []


async def test_a_direct_way_that_is_wanted_tries_no_job(stage: Stage) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3 with way=direct; and the confirmation says so."""
    async with stage.app(way="direct").run_test(size=(120, 40)) as pilot:
        await go(pilot, "Restore")
        assert "in one long request." in flat(pilot)
    assert jobs(stage) == []


# As a job


async def test_a_job_is_followed_to_its_end(paced: Paced, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter: percent, elapsed, left, the end; sent once."""
    rung: list[str] = []
    app = paced.app(on_finish=("tell-me",))
    monkeypatch.setattr(app, "bell", lambda: rung.append("bell"))
    monkeypatch.setattr(
        finish, "run_command", lambda command, summary, **_: rung.append(f"{command[0]}: {summary.verdict}")
    )
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "as a background job." in flat(pilot)
        await confirm(pilot)
        await shows(pilot, f"Job {THE_JOB}, tag {TAG}", "░ 0 %")
        running = receipt(paced)
        assert running["state"] == "running"
        assert running["job"] == {"tag": TAG, "id": THE_JOB, "query_id": ""}
        assert running["outcome"] is None
        paced.let_pass(9)
        await shows(pilot, " 9 %", "Restoring … 9 s")
        assert "left" not in text(pilot), "a guess so early"
        paced.let_pass(33)
        await shows(pilot, " 42 %, 1.0 %/s, about 58 s left", "Restoring … 42 s")
        assert f"{'█' * 16}{'░' * 24} 42 %" in text(pilot)
        await press(pilot, "f5", "ctrl+n", "enter", "w", "s")
        assert "Restoring … 42 s" in text(pilot)
        await resize(pilot, 60, 20)
        await shows(pilot, " 42 %, 1.0 %/s, about 58 s left", "Cancel", "Leave it running", TAG)
        await resize(pilot, 120, 40)
        await shows(pilot, " 42 %, 1.0 %/s, about 58 s left", "Cancel")
        paced.let_pass(58)
        await ended(pilot, "✓ Restored  after 1:40 min. 23 objects restored.")
        assert rung == ["bell", "tell-me: Restored"]
    assert paced.server.errors == []
    assert sent_once(paced)
    assert len(real_jobs(paced)) == 1
    assert paced.sent == []
    done = receipt(paced)
    assert done["state"] == "done"
    assert done["outcome"]["verdict"] == "Restored"
    assert done["server"]["way"] == "job"
    assert exit_code(app.runs) == 0


async def test_a_job_that_does_not_move_says_for_how_long(paced: Paced) -> None:
    """95 % in 95 s: five seconds to go; then nothing but the time since the last change, until it goes on."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        paced.let_pass(95)
        await shows(pilot, " 95 %, 1.0 %/s, about 5 s left")
        paced.clock.let_pass(seconds=3)
        await shows(pilot, "Restoring … 1:38 min")
        assert "left" not in text(pilot)
        paced.clock.let_pass(seconds=35)
        await shows(pilot, " 95 %, unchanged for 38 s")
        assert "%/s" not in text(pilot)
        paced.scheduler.let_pass(1)
        await shows(pilot, " 96 %, ")
        assert "unchanged" not in text(pilot)


async def test_lost_polls_are_no_failure(paced: Paced) -> None:
    """While it runs /get/job hangs up, then a proxy answers; contact comes back; the end is shown."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        paced.let_pass(20)
        await shows(pilot, " 20 %, 1.0 %/s, about 1:20 min left")
        paced.server.faults.set("/get/job=drop-before")
        await shows(pilot, "! No contact for 0 s:")
        paced.let_pass(7)
        await shows(pilot, "! No contact for 7 s:", "Retrying.")
        assert "left" not in text(pilot)
        paced.server.faults.set("/get/job=503")
        paced.let_pass(3)
        await shows(pilot, "! No contact for 10 s:", "503")
        paced.server.faults.clear()
        await shows(pilot, " 30 %, 1.0 %/s, about 1:10 min left")
        assert "No contact" not in text(pilot)
        paced.server.faults.set("/get/job=html")
        paced.let_pass(70)
        await shows(pilot, "! No contact for")
        paced.server.faults.clear()
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)
    assert receipt(paced)["outcome"]["verdict"] == "Restored"


async def test_a_login_that_expires_is_asked_for_and_the_following_goes_on(paced: Paced) -> None:
    """The password is changed on the server while the job runs: it is requested on the running screen. A wrong one,
    Esc, l, the right one: the progress goes on to the end. No password is on the screen, in the receipt or the log."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        paced.let_pass(20)
        await shows(pilot, " 20 %")
        paced.server.answers._password = "n3w-battery"
        await shows(
            pilot,
            "! The server no longer accepts your login; it reported nothing about the job. The restore is not "
            "affected.",
            "Password of demo:",
        )
        assert focused(pilot).id == "secret"
        await typed(pilot, "wrong-battery")
        await press(pilot, "enter")
        await shows(pilot, "The server does not accept this login either.")
        await press(pilot, "escape")
        assert "Not logged in: the job is not polled now." in flat(pilot)
        asked = len(paced.server.received("/get/job"))
        await press(pilot, "f1", "escape")
        assert len(paced.server.received("/get/job")) == asked
        await press(pilot, "l")
        await typed(pilot, "n3w-battery")
        assert "n3w" not in text(pilot)
        await press(pilot, "enter")
        paced.let_pass(20)
        await shows(pilot, " 40 %")
        await until(pilot, lambda: "Password of" not in text(pilot) and "Log in" not in text(pilot))
        paced.let_pass(60)
        await ended(pilot, "✓ Restored  after 1:40 min.")
    assert exit_code(app.runs) == 0
    assert sent_once(paced)
    assert "battery" not in "".join(
        place.read_text() for place in (paced.home / "state").rglob("*") if place.is_file()
    )


@pytest.mark.parametrize("way", ["stop", "leave"])
async def test_who_does_not_log_in_can_stop_waiting_or_leave(paced: Paced, way: str) -> None:
    """401, Esc, then Stop waiting or Ctrl+Q: unknown, exit code 4, and what a look says is that one may not ask."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        paced.server.faults.set("/get/job=401")
        await shows(pilot, "Password of demo:")
        await press(pilot, "escape")
        if way == "stop":
            await tab_to(pilot, "stop")
            await press(pilot, "enter")
            await ended(pilot, "? Outcome unknown")
            await shows(pilot, "background job: You may not read it now: The server refused the")
        else:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: "The last line on the terminal" in text(pilot))
            await pilot.press("tab", "enter")
            await until(pilot, lambda: app.has_left)
    assert exit_code(app.runs) == 4
    assert sent_once(paced)


async def test_a_server_that_does_not_know_the_job_any_more_makes_it_unknown(paced: Paced) -> None:
    """/get/job refuses: unknown, and the look says that it cannot be read; F5 finds it, and it is watched."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        paced.server.faults.set("/get/job=404")
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "The server no longer reports the job.", "background job: It cannot be read")
        paced.server.faults.clear()
        await press(pilot, "f5")
        await shows(pilot, "Restoring …")
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)


async def test_a_job_that_dies_has_failed_in_the_servers_words(paced: Paced) -> None:
    """The job ends with an error at 30 %: Restore failed, and what may be there is said."""
    paced.server.faults.set("/create/job=job-dies:30")
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        paced.let_pass(30)
        await ended(pilot, "✗ Restore failed")
        await shows(pilot, "rank 2 was lost (SYS:1902)", "Whether something was restored before that")
    assert exit_code(app.runs) == 1
    assert sent_once(paced)


async def test_a_partial_restore_as_a_job(paced: Paced) -> None:
    """nightly_crm with its damaged file, as a job: Partly restored, exit code 3."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot, backup="nightly_crm", tick=CRM)
        paced.let_pass(120)
        await ended(pilot, "! Partly restored")
        assert "Checksum mismatch" in text(pilot)
    assert exit_code(app.runs) == 3
    assert sent_once(paced)


# Cancelling


async def test_cancel_asks_first_and_enter_keeps_it_running(paced: Paced) -> None:
    """c, Enter; c, Esc; the button, Enter; keys in bursts: nothing is asked of the server."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, "c")
        assert f"Ask the server to cancel job {THE_JOB}?" in text(pilot)
        assert focused(pilot).id == "safe"
        await press(pilot, "ctrl+n", "f5", "f2", "f1", "escape", "c", "w")
        assert "Ask the server to cancel" in text(pilot)
        await press(pilot, "enter")
        assert "Restoring …" in text(pilot)
        await press(pilot, "c", "escape")
        assert "Restoring …" in text(pilot)
        await tab_to(pilot, "cancel")
        await press(pilot, "enter")
        assert "Ask the server to cancel" in text(pilot)
        await press(pilot, "enter")
        await burst(
            pilot, *(("c", "enter") * 5), "c", "c", "enter", "enter", "c", "escape", "escape", "enter"
        )
        assert paced.server.received("/admin/alter/jobs") == []
        if "Stay" in text(pilot):
            await press(pilot, "escape")
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)


async def test_a_cancelled_restore_is_checked(paced: Paced) -> None:
    """c, Tab, Enter: the job is first requested, then cancelled. That alone is no failure: it is unknown, until the
    history says of this job that it failed; and what exists now is compared."""
    app = paced.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        paced.let_pass(30)
        await press(pilot, "c", "tab")
        assert focused(pilot).id == "sure"
        await press(pilot, "enter")
        await ended(pilot, "✗ Restore failed")
        await shows(
            pilot, "Determined from the backup history.", "What exists now: Since before the restore, 0 of"
        )
    assert exit_code(app.runs) == 1
    assert len(paced.server.received("/admin/alter/jobs")) == 1
    assert "background job: The job was canceled." in str(
        [f"{f['source']}: {f['text']}" for look in receipt(paced)["looks"] for f in look["findings"]]
    )
    assert sent_once(paced)


async def test_a_job_that_somebody_cancelled_is_unknown(paced: Paced) -> None:
    """And where the history does not tell of it either it stays so: exit code 4."""
    paced.server.faults.set("/execute/sql=404")
    app = paced.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        post(paced.server, "/admin/alter/jobs", {"job_ids": [THE_JOB], "action": "cancel", "options": {}})
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "Canceled", "The job was canceled.", "What exists now: Since before")
    assert exit_code(app.runs) == 4
    assert receipt(paced)["outcome"]["verdict"] == "Outcome unknown"


async def test_a_cancel_without_contact_is_not_sent(paced: Paced) -> None:
    """c, Tab, Enter while /get/job hangs up, as after a restart: whose job that is now is not known, so nothing is
    sent, and the screen says so."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        paced.server.faults.set("/get/job=drop-before")
        await shows(pilot, "No contact")
        await press(pilot, "c", "tab", "enter")
        await shows(pilot, "so no cancel was sent", "No cancel was sent")
        assert paced.server.received("/admin/alter/jobs") == []
        paced.server.faults.clear()
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)


async def test_a_job_that_contradicts_itself_is_shown_and_then_unknown(paced: Paced) -> None:
    """DONE, but not successful: the running screen quotes both halves while it asks again, then the result does; F5
    asks again, and once the server agrees with itself it is Restored."""

    def torn(data: dict[str, object]) -> None:
        if "-run" in str(data["info"]) and data["job_status"] == "DONE":
            data["successful"] = False

    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        instead(paced, at("/get/job"), changed(torn))
        paced.let_pass(100)
        await shows(pilot, "! The server contradicts itself: job_status is DONE, but successful is false.")
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "contradicts itself: job_status is DONE, but successful is false")
        paced.server.intercept = None
        await press(pilot, "f5")
        await ended(pilot, "✓ Restored.")
    assert exit_code(app.runs) == 0
    assert sent_once(paced)


async def test_a_failure_that_a_job_reports_can_be_checked_again(paced: Paced) -> None:
    """ERROR, and later DONE: Restore failed, F5, Restored."""

    def wrong(data: dict[str, object]) -> None:
        if "-run" in str(data["info"]) and data["job_status"] == "DONE":
            data |= {"job_status": "ERROR", "successful": False, "job_response_str": ""}
            data["status_map"] = {"error_message": "column types differ"}

    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        instead(paced, at("/get/job"), changed(wrong))
        paced.let_pass(100)
        await ended(pilot, "✗ Restore failed")
        await shows(pilot, "What exists now: Since before the restore, 17 of the 17")
        await press(pilot, "f5")
        await shows(pilot, "✗ Restore failed", "background job: The job ended with an error.")
        paced.server.intercept = None
        await press(pilot, "f5")
        await ended(pilot, "✓ Restored.")
    assert exit_code(app.runs) == 0
    assert receipt(paced)["outcome"]["verdict"] == "Restored"
    assert sent_once(paced)


async def test_a_server_may_refuse_to_cancel(paced: Paced) -> None:
    """c, Tab, Enter, and the server says no: its words, and the restore goes on to Restored."""
    paced.server.cancellable = False
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, "c", "tab", "enter")
        await shows(pilot, "not cancelled: writes cannot be cancelled")
        paced.server.faults.set("/admin/alter/jobs=503")
        await press(pilot, "c", "tab", "enter")
        await shows(pilot, "503")
        assert "Restoring …" in text(pilot)
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)


async def test_there_is_no_cancel_in_the_direct_way(paced: Paced) -> None:
    """c: a sentence, no dialog and no button."""
    async with paced.app(way="direct").run_test(size=SIZE) as pilot:
        await start(pilot, direct=paced)
        assert "Cancel" not in text(pilot)
        await press(pilot, "c")
        await shows(pilot, "Only a restore that runs as a background job can be canceled from here.")
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert len(paced.restores) == 1


# Leaving, and an end that comes at a bad moment


async def leave_by_button(pilot: Pilot[None]) -> None:
    await tab_to(pilot, "leave-running")
    await tap(pilot, "enter")


async def leave_by_keys(pilot: Pilot[None]) -> None:
    await tap(pilot, "ctrl+q")
    await until(pilot, lambda: "The last line on the terminal" in text(pilot))
    await tap(pilot, "tab", "enter")


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_keys])
async def test_leaving_it_running_says_how_to_come_back(
    paced: Paced, leave: Callable[[Pilot[None]], Awaitable[None]]
) -> None:
    """Leave it running, by its button or by Ctrl+Q, Tab, Enter: exit code 4, the last line and the receipt."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await leave(pilot)
        await until(pilot, lambda: app.has_left)
    run = TAG.removeprefix("restore-tui-").removesuffix("-run")
    assert exit_code(app.runs) == 4
    line = summary_line(app.runs)
    assert line.startswith("Left running, outcome unknown: 23 objects requested from backup nightly_shop")
    assert f"restore-tui attach {run}." in line
    assert line.endswith(f"Receipt: {paced.receipts / run}.json")
    left = receipt(paced)
    assert left["outcome"]["verdict"] == "Outcome unknown"
    assert left["job"]["id"] == THE_JOB
    assert sent_once(paced)
    assert paced.server.received("/admin/alter/jobs") == []
    assert not list(paced.receipts.glob("*.lock")), "let go"


@pytest.mark.parametrize("key", ["c", "ctrl+q", "f1"])
async def test_an_end_that_comes_while_a_dialog_is_open_is_shown(paced: Paced, key: str) -> None:
    """c, Ctrl+Q or F1, and it ends: the dialog is gone, the result is there, and no key presses what is under it."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await start(pilot)
        await shows(pilot, "Job ")
        await press(pilot, key)
        assert app.screen.is_modal
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
        assert not app.screen.is_modal
    assert paced.server.received("/admin/alter/jobs") == []
    assert sent_once(paced)
    assert exit_code(app.runs) == 0


async def test_leaving_before_it_is_sent_sends_nothing(paced: Paced) -> None:
    """Ctrl+Q while what is there before is still being read: no word of a restore that runs, nothing goes out, exit
    code 0, and it left."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        held = Held(paced, at("/execute/sql"))
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        await until(pilot, lambda: "Esc cancels." in text(pilot))
        assert "Leave it running" not in text(pilot)
        await pilot.press("ctrl+q")
        held.let_go.set()
        await until(pilot, lambda: app.has_left)
    assert real_jobs(paced) == paced.restores == []
    assert exit_code(app.runs) == 0
    assert summary_line(app.runs) == "Nothing was restored."
    assert not list(paced.receipts.glob("*.json"))


async def test_leaving_while_the_receipt_cannot_be_written_leaves(paced: Paced) -> None:
    """As before, and the receipt's folder is a file: it leaves all the same, and nothing was sent."""
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        paced.receipts.parent.mkdir(exist_ok=True)
        paced.receipts.touch()
        held = Held(paced, at("/execute/sql"))
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        await pilot.press("ctrl+q")
        held.let_go.set()
        await until(pilot, lambda: app.has_left)
    assert real_jobs(paced) == paced.restores == []
    assert exit_code(app.runs) == 0


# What else runs


async def test_other_restores_that_run_are_listed_before_the_confirmation(paced: Paced) -> None:
    """Somebody else restores at the same time: the confirmation says so, and lets one go on."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        other = post(paced.server, "/create/job", job_of(restore_of("all", "inventory")))
        await press(pilot, "ctrl+n")
        assert f"! 1 other restore runs on the server now: job {other['job_id']} of demo." in flat(pilot)
        await confirm(pilot)
        await shows(pilot, "Job ")
        paced.let_pass(120)
        await ended(pilot, "✓ Restored")


async def test_a_list_of_jobs_that_cannot_be_read_keeps_nobody_from_going_on(paced: Paced) -> None:
    paced.server.faults.set("/admin/show/jobs=401")
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "Whether other restores run on the server now cannot be read:" in flat(pilot)
        await confirm(pilot)
        await shows(pilot, "Job ")
        paced.let_pass(120)
        await ended(pilot, "✓ Restored")
    assert receipt(paced)["noted"]["jobs"] is None
