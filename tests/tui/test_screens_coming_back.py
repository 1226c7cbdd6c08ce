"""A run of before that has no end: offered on Connect, looked for, followed, put aside; never sent again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from restore_tui.restore.execution.exit_status import exit_code, summary_line
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.tui.app import RestoreApp
from tests.harness.app.app_harness import NOW, Paced, Stage
from tests.harness.app.pilot import flat, press, ready, tap, text, title, typed, until
from tests.harness.app.running import RUN, TAG, ended, left_behind, real_jobs, receipt, sent_once, shows
from tests.harness.app.steps import SIZE, focused, tab_to

OFFERED = "! The outcome of an earlier restore is unknown: nightly_shop, started"
LOOK = "Check outcome"
THEIR_TAG = TAG.replace("20261123T210000Z-000001", RUN)


def attached(stage: Stage, run: str, **settings: object) -> RestoreApp:
    """The app as ``restore-tui attach RUN`` opens it."""
    app = stage.app(**settings)
    app.attach_to = run
    return app


async def offered(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await until(pilot, lambda: OFFERED in flat(pilot))


async def look(pilot: Pilot[None]) -> None:
    """Press the button, by keyboard."""
    await tab_to(pilot, "look")
    await press(pilot, "enter")


@pytest.mark.parametrize("state", ["running", "sending", "unknown"])
async def test_a_job_that_still_runs_is_followed_to_its_end(paced: Paced, state: str) -> None:
    """Tab to Check outcome, Enter: the progress, the result, and the receipt is complete. Sent once."""
    await left_behind(paced, state=state)
    paced.let_pass(40)
    app = paced.app()
    async with app.run_test(size=SIZE) as pilot:
        await offered(pilot)
        assert "started 40 s ago, to demo at http://localhost:9191" in flat(pilot)
        assert RUN in flat(pilot)
        assert focused(pilot).id == "next", "nothing of it has the focus"
        await look(pilot)
        await shows(pilot, "Restoring … 40 s", " 40 %", f"tag {THEIR_TAG}")
        assert ("id unknown" in text(pilot)) == (state == "sending")
        assert (paced.receipts / f"{RUN}.lock").exists()
        paced.let_pass(35)
        await shows(pilot, "Restoring … 1:15 min", " 75 %, 1.0 %/s, about 25 s left")
        paced.let_pass(25)
        await ended(pilot, "✓ Restored  after 1:40 min. 23 objects restored.")
        assert "nightly_shop" in text(pilot)
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        assert title(pilot) == "Data source"
    assert exit_code(app.runs) == 0
    assert len(real_jobs(paced)) == 1
    assert paced.restores == []
    done = receipt(paced)
    assert (done["state"], done["outcome"]["verdict"]) == ("done", "Restored")
    assert done["job"]["tag"] == THEIR_TAG
    assert len(done["outcome"]["objects"]) == 23
    assert not list(paced.receipts.glob("*.lock"))


async def test_a_job_that_has_ended_meanwhile_is_told_at_once(paced: Paced) -> None:
    """Enter on the button: Restored, found out from the background job; nothing is offered at the next start."""
    await left_behind(paced)
    paced.let_pass(3600)
    async with paced.app().run_test(size=SIZE) as pilot:
        await offered(pilot)
        await look(pilot)
        await ended(pilot, "✓ Restored")
        assert "Determined from the background job." in flat(pilot)
    assert sent_once(paced)
    async with paced.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert LOOK not in text(pilot)


@pytest.mark.parametrize("state", ["unknown", "sending"])
async def test_a_direct_one_is_settled_from_the_history(stage: Stage, state: str) -> None:
    """The server has done it: Restored, found out from the backup history, with the time that it took there. Of a
    wizard that was killed nobody knows until when its request was out: the row is shown, and proves nothing."""
    stage.server.faults.set("/restore/backup=drop")
    await left_behind(stage, way="direct", state=state)
    stage.server.faults.clear()
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await offered(pilot)
        await look(pilot)
        if state == "sending":
            await ended(pilot, "? Outcome unknown")
            await shows(pilot, "when the request was out by the server's clock is not known")
            return
        await ended(pilot, "✓ Restored  after 0 s.")
        await shows(pilot, "Determined from the backup history.")
    assert len(stage.restores) == 1
    assert receipt(stage)["outcome"]["source"] == "backup history"
    assert exit_code(app.runs) == 0


async def test_one_that_never_arrived_stays_unknown_and_is_offered_again(stage: Stage) -> None:
    """drop-before: nothing is found, unknown, exit code 4; at the next start it is offered again, or put aside."""
    stage.server.faults.set("/restore/backup=drop-before")
    await left_behind(stage, way="direct", state="sending")
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await offered(pilot)
        await look(pilot)
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "No restore of this backup is listed that has started since", "has no end")
        await press(pilot, "f5", "w", "escape", "ctrl+n")
        await shows(pilot, "? Outcome unknown")
    assert exit_code(app.runs) == 4
    assert f"restore-tui attach {RUN}." in summary_line(app.runs)
    assert len(stage.restores) == 1
    async with stage.app().run_test(size=SIZE) as pilot:
        await offered(pilot)
        await tab_to(pilot, "put-aside")
        await press(pilot, "enter")
        assert f"Run {RUN} dismissed; it remains in restore-tui history." in flat(pilot)
        assert LOOK not in text(pilot)
        assert focused(pilot).id == "next"
    assert receipt(stage)["put_aside"] is True
    assert receipt(stage)["outcome"]["verdict"] == "Outcome unknown"
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert LOOK not in text(pilot)
    assert len(stage.restores) == 1


async def test_a_password_goes_to_no_other_server(paced: Paced, tmp_path: Path) -> None:
    """The run went to another URL than that which is filled in: the password is cleared first, and requested."""
    with DemoServer(build_world(now=NOW), password="another", scheduler=paced.scheduler) as other:
        await left_behind(paced, url=other.url, password="another")
        before = len(other.requests)
        async with paced.app().run_test(size=SIZE) as pilot:
            await offered(pilot)
            await look(pilot)
            assert "The run went to this server: fill in the password for it" in flat(pilot)
            assert other.url in text(pilot)
            assert focused(pilot).id == "password"
            assert len(other.requests) == before
            await typed(pilot, "another")
            await press(pilot, "enter")
            await ended(pilot, "✓ Restored")
    wanted = "Basic " + base64.b64encode(b"demo:another").decode()
    sent = {
        {k.lower(): v for k, v in received.headers.items()}.get("authorization")
        for received in other.requests[before:]
    }
    assert sent <= {wanted, None}, sent
    assert wanted in sent
    assert paced.server.requests == []


async def test_what_another_server_knows_is_no_evidence(paced: Paced) -> None:
    """attach to a run of another server, connected to ours: it says so, and asks nothing about the run."""
    with DemoServer(build_world(now=NOW), scheduler=paced.scheduler) as other:
        await left_behind(paced, url=other.url)
        place = paced.receipts / f"{RUN}.json"
        place.write_text(place.read_text().replace("demo_shop", "another_cluster"))
        url = other.url
    async with attached(paced, RUN).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await shows(pilot, f"Run {RUN} went to {url}: what another server knows is no evidence of it.")
        assert paced.server.received("/get/job") == []
        assert focused(pilot).id == "next"
        await until(pilot, lambda: not focused(pilot).has_class("-active"))
        await press(pilot, "enter")
        assert title(pilot) == "Data source", "the way is free for something else"


async def test_another_cluster_at_the_same_address_is_no_evidence(stage: Stage) -> None:
    """The URL is the same, the cluster is not: taken up, and unknown."""
    await left_behind(stage, way="direct", state="sending")

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        if received.endpoint != "/show/system/properties":
            return reply
        return Reply(200, reply.body.replace(b"demo_shop", b"other_shop"))

    stage.server.intercept = intercept
    async with stage.app().run_test(size=(80, 40)) as pilot:
        await offered(pilot)
        await look(pilot)
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "Another cluster responds now, other_shop")
    assert len(stage.restores) == 1


async def test_a_run_that_another_process_watches_is_not_taken_over(paced: Paced) -> None:
    """The lock is held: it says so; once it is let go, the same button takes it up."""
    await left_behind(paced)
    watch = ReceiptStore(paced.receipts).lock(RUN)
    assert watch is not None
    before = receipt(paced)
    async with paced.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: RUN in flat(pilot))
        if pilot.app.screen.query_one("#look").display:
            await look(pilot)
            await shows(pilot, "Another restore-tui is following this run; it is not taken over.")
        assert title(pilot) == "Connect"
        assert receipt(paced) == before
        watch.release()
    async with attached(paced, RUN).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await shows(pilot, "Restoring …")
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
    assert sent_once(paced)


async def test_a_damaged_receipt_is_in_nobodys_way(stage: Stage) -> None:
    """Rubbish in the folder is offered to nobody; named, it is said to be unreadable, and the way is free."""
    stage.receipts.mkdir(parents=True)
    (stage.receipts / f"{RUN}.json").write_text('{"version": 2, "run": [')
    (stage.receipts / "empty.json").touch()
    (stage.receipts / "new.json").write_text('{"version": 99}')
    async with attached(stage, RUN).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert f"After connecting, the outcome of run {RUN} is checked." in flat(pilot)
        assert LOOK not in text(pilot)
        await press(pilot, "enter")
        await shows(pilot, "cannot be read")
        assert title(pilot) == "Connect"
        assert focused(pilot).id == "next"
        await until(pilot, lambda: not focused(pilot).has_class("-active"))
        await press(pilot, "enter")
        assert title(pilot) == "Data source"
    assert stage.restores == []


async def test_a_receipt_that_was_changed_is_not_taken_up(stage: Stage) -> None:
    """Its request is another than that which was sent, by the fingerprint: it says so, and the file is left alone."""
    await left_behind(stage, way="direct", state="sending")
    place = stage.receipts / f"{RUN}.json"
    changed = json.loads(place.read_text())
    changed["request"]["restore_objects_map"] = {"all": "finance"}
    place.write_text(json.dumps(changed))
    async with stage.app().run_test(size=SIZE) as pilot:
        await offered(pilot)
        await look(pilot)
        await shows(
            pilot, f"The receipt of run {RUN} cannot be reattached:", "the fingerprint is another one"
        )
        assert title(pilot) == "Connect"
    assert json.loads(place.read_text()) == changed
    assert not list(stage.receipts.glob("*.lock"))


async def test_attach_goes_to_the_run_once_connected(paced: Paced) -> None:
    """restore-tui attach RUN, Enter; the server is down first; Ctrl+Q while it is watched leaves it running."""
    await left_behind(paced, run="20261123T200000Z-000000")
    await left_behind(paced)
    paced.server.faults.set("/show/system/properties=503")
    app = attached(paced, RUN)
    async with app.run_test(size=SIZE) as pilot:
        await offered(pilot)
        assert f"(run {RUN})." in flat(pilot)
        assert " more)" not in flat(pilot), "one was named"
        await press(pilot, "enter")
        assert "503" in text(pilot)
        paced.server.faults.clear()
        await tab_to(pilot, "next")
        await press(pilot, "enter")
        await shows(pilot, "Restoring …", f"tag {THEIR_TAG}")
        await press(pilot, "ctrl+q")
        assert "Leave it running" in text(pilot)
        await tap(pilot, "tab", "enter")
        await until(pilot, lambda: app.has_left)
    assert exit_code(app.runs) == 4
    assert summary_line(app.runs).startswith("Left running, outcome unknown: 23 objects")
    left = json.loads((paced.receipts / f"{RUN}.json").read_text())
    assert left["outcome"]["verdict"] == "Outcome unknown"
    assert left["job"]["id"] is not None
    assert len(real_jobs(paced)) == 2


async def test_attach_to_a_run_that_has_ended_says_how(stage: Stage) -> None:
    """The app is told to attach to a run that is restored: its end is said, and nothing is looked for."""
    await left_behind(stage, way="direct", state="unknown")
    place = stage.receipts / f"{RUN}.json"
    place.write_text(place.read_text().replace("Outcome unknown", "Restored"))
    async with attached(stage, RUN).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await shows(pilot, f"Run {RUN} has ended: Restored.")
    assert len(stage.server.received("/execute/sql")) == 2, "what was noted before the restore"


async def test_several_are_offered_one_after_the_other(paced: Paced) -> None:
    """Two runs without an end: the newest first; put aside, the other one; its button looks at that."""
    older = "20261123T200000Z-000000"
    await left_behind(paced, run=older)
    await left_behind(paced)
    async with paced.app().run_test(size=(60, 20)) as pilot:
        await offered(pilot)
        assert "(and 1 more)" in flat(pilot)
        assert RUN in flat(pilot)
        await tab_to(pilot, "put-aside")
        await press(pilot, "enter")
        assert older in flat(pilot)
        assert " more)" not in flat(pilot)
        await look(pilot)
        await shows(pilot, "Restoring …", older)
        paced.let_pass(200)
        await shows(pilot, "Receipt:")
    assert len(real_jobs(paced)) == 2
