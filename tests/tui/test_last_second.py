"""Between Enter on the confirmation and the first byte of the request: every way of saying no sends nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpcore
import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.demo.server import Received, Reply
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.execution.exit_status import exit_code, summary_line
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.render import as_markdown, as_text
from restore_tui.restore.receipts.store import ReceiptStore
from restore_tui.restore.session import Session
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.result import ResultScreen
from tests.harness.app.app_harness import SHOWN_URL, Paced, Stage
from tests.harness.app.pilot import arrived, at_rest, click, flat, press, ready, settled, text, title, until
from tests.harness.app.running import SNAPSHOT, left_behind, post, real_jobs, restore_of, tick
from tests.harness.app.steps import SIZE, app_of, ended, focused
from tests.harness.app.suspension_points import Suspensions, watched
from tests.harness.servers.interceptors import Held, at, changed, instead, refused, running


@asynccontextmanager
async def confirmation(
    stage: Stage, *, app: RestoreApp | None = None, **settings: Any
) -> AsyncIterator[Pilot[None]]:
    """An app whose dry run was OK, on the confirmation."""
    app = app or stage.app(**settings)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await app.load_the_rest()
        session = app.session
        await session.connect(
            ConnectionSettings(ServerAddress.parse(SHOWN_URL), Login("demo", Secret("demo")), timeout=20)
        )
        session.plan = RestorePlan(
            "dr_bucket_s3", "nightly_shop", PinnedSnapshot(SNAPSHOT), Selection.of({"all": ["sales"]})
        )
        await session.run_dry_run()
        app.go("restore")
        await until(pilot, lambda: title(pilot) == "Restore")
        await settled(app)
        assert "Type the backup's name" in text(pilot)
        yield pilot


def enter(pilot: Pilot[None], name: str = "nightly_shop") -> None:
    """The name, and Enter, without waiting for what comes of it."""
    field = pilot.app.screen.query_one("#phrase", Input)
    field.value = name
    pilot.app.post_message(events.Key("enter", "\r"))


async def key(pilot: Pilot[None], name: str) -> None:
    """Press a key, and wait until the app has it."""
    app = app_of(pilot)
    app.post_message(events.Key(name, None))
    await arrived(app)


async def press_back(pilot: Pilot[None]) -> None:
    place = pilot.app.screen.query_one("#back").region.offset
    click(app_of(pilot), place.x + 2, place.y)
    await arrived(app_of(pilot))


def real_posts(stage: Stage) -> int:
    """How many real restores have reached the server, directly or as jobs."""
    return len(stage.restores) + len(real_jobs(stage))


def receipts(stage: Stage) -> list[Receipt]:
    return [found.receipt for found in ReceiptStore(stage.receipts).runs() if found.receipt]


def assert_nothing_was_sent(stage: Stage, checked: set[str] | None = None) -> None:
    """No POST, and no receipt of a run whose outcome is unknown. ``checked``: the runs whose receipts a sweep has
    checked before; those of this time are added."""
    assert real_posts(stage) == 0
    checked = set() if checked is None else checked
    for place in stage.receipts.glob("[0-9]*.json"):
        if place.stem in checked:
            continue
        checked.add(place.stem)
        assert_says_not_sent(ReceiptStore(stage.receipts).read(place.stem))


def assert_says_not_sent(receipt: Receipt) -> None:
    assert receipt.state == "done"
    assert not receipt.is_unsettled
    assert receipt.outcome is not None
    assert receipt.outcome.verdict == "Not sent"
    assert "not sent" in receipt.outcome.what
    for shown in (as_text(receipt, None), as_markdown(receipt, None)):
        assert "Not sent" in shown
        assert "failed" not in shown


def assert_only_the_last_was_sent(stage: Stage) -> None:
    """After a sweep, one restore was sent; of all runs before it the receipts still say that they were not."""
    assert real_posts(stage) == 1
    last, *others = receipts(stage)
    assert last.outcome is not None
    assert last.outcome.verdict == "Restored"
    for receipt in others:
        assert_says_not_sent(receipt)


async def over(pilot: Pilot[None]) -> None:
    """Wait until the preparation has ended, and the keys are free again."""
    app = app_of(pilot)
    await until(pilot, lambda: not app.restore.is_active)
    await until(pilot, lambda: all(w.is_finished for w in app.workers if w.group == "confirm"))
    await settled(app)
    await at_rest(pilot)


async def stopped(suspensions: Suspensions, app: RestoreApp) -> bool:
    """Wait until the preparation is kept somewhere; False where it went through without."""
    reached = asyncio.ensure_future(suspensions.reached.wait())
    while not reached.done():
        await asyncio.wait({reached}, timeout=0.01)
        if not reached.done() and app.restore.send_control is not None and app.restore.send_control.is_sent:
            reached.cancel()
            return False
    return True


def said_no(stage: Stage, pilot: Pilot[None]) -> None:
    """What stands everywhere after a withdrawal: the words, no word of a restore that runs, nothing sent."""
    shown = flat(pilot)
    assert "Not sent" in shown, text(pilot)
    assert "running on the server" not in shown
    assert "Restoring …" not in shown
    assert real_posts(stage) == 0


# Every suspension point in turn


PARTS = (
    "final_check.py:read",
    "evidence.py:capture_baseline",
    "executor.py:run_restore",
    "confirmed_restore.py:recheck",
    "executor.py:_send_once",
    "sock_connect",
    "send_control.py:release",
)
"""What the preparation consists of."""

every_place = pytest.mark.parametrize(
    "everywhere",
    [pytest.param(False, id="each part"), pytest.param(True, id="every place", marks=pytest.mark.slow)],
)


class Places:
    """Stops at the first place that it has not stopped at before: after as many rounds as there are, at none. Unless
    ``everywhere``, at one place in each part of the preparation."""

    def __init__(self, *, everywhere: bool = True) -> None:
        self.everywhere = everywhere
        self.seen: set[str] = set()

    def __call__(self, number: int, place: str) -> bool:
        if place in self.seen or not (self.everywhere or self._is_in_a_new_part(place)):
            return False
        self.seen.add(place)
        return True

    def _is_in_a_new_part(self, place: str) -> bool:
        return any(part in place and not self._has(part) for part in PARTS)

    def _has(self, part: str) -> bool:
        return any(part in place for place in self.seen)

    def assert_complete(self) -> None:
        """Each part of the preparation was among them."""
        assert len(self.seen) > 25 or not self.everywhere, "this shows nothing"
        for part in PARTS:
            assert self._has(part), f"{part} is not among {self.seen}"


@pytest.mark.parametrize(
    ("way", "by"),
    [
        ("direct", "part"),
        pytest.param("direct", "place", marks=pytest.mark.slow),
        pytest.param("auto", "place", marks=pytest.mark.slow),
        pytest.param("direct", "number", marks=pytest.mark.slow),
    ],
)
async def test_esc_at_every_suspension_sends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str, by: str
) -> None:
    """The preparation is stopped at its first suspension, then at its second, and so on until the request leaves
    before that; or once at each place, or at one place in each part. Esc, with the focus in the field, says at once
    that it is not sent, and nothing is."""
    with watched(monkeypatch) as watch:
        async with confirmation(stage, way=way) as pilot:
            app = app_of(pilot)
            suspensions = watch(app)
            number, places, checked = 0, Places(everywhere=by == "place"), set[str]()
            while True:
                number += 1
                each = lambda count, place, number=number: count == number  # noqa: E731
                suspensions.begin(each if by == "number" else places)
                assert focused(pilot).id == "phrase"
                enter(pilot)
                if not await stopped(suspensions, app):
                    break
                await key(pilot, "escape")
                await until(pilot, lambda: "Not sent" in flat(pilot))
                said_no(stage, pilot)
                suspensions.go_on()
                await over(pilot)
                said_no(stage, pilot)
                assert pilot.app.screen.query_one("#phrase", Input).value == ""
                assert title(pilot) == "Restore"
                assert_nothing_was_sent(stage, checked)
            await ended(pilot)
            assert "✓ Restored" in text(pilot)
    assert_only_the_last_was_sent(stage)
    if by == "number":
        assert number > 100, "this shows nothing"
    else:
        places.assert_complete()


@every_place
@pytest.mark.parametrize("way", ["auto"])
async def test_back_at_every_place_sends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str, everywhere: bool
) -> None:
    """A click on Back, at every place where the preparation gives up control: Dry run shows, and says not sent. The
    dry run still stands, so one can go on to the confirmation."""
    places, checked = Places(everywhere=everywhere), set[str]()
    with watched(monkeypatch) as watch:
        async with confirmation(stage, way=way) as pilot:
            app = app_of(pilot)
            suspensions = watch(app)
            requests = len(stage.server.received("/restore/backup")) + len(
                stage.server.received("/create/job")
            )
            while True:
                suspensions.begin(places)
                enter(pilot)
                if not await stopped(suspensions, app):
                    break
                await press_back(pilot)
                await until(pilot, lambda: title(pilot) == "Dry run" and "Not sent" in flat(pilot))
                said_no(stage, pilot)
                suspensions.go_on()
                await over(pilot)
                assert_nothing_was_sent(stage, checked)
                await press(pilot, "ctrl+n")
                assert title(pilot) == "Restore"
            await ended(pilot)
    places.assert_complete()
    assert_only_the_last_was_sent(stage)
    assert (
        len(stage.server.received("/restore/backup")) + len(stage.server.received("/create/job"))
        == requests + 1
    )


@every_place
@pytest.mark.parametrize(("way", "leave"), [("direct", "ctrl+q"), ("auto", "SIGTERM")])
async def test_leaving_at_every_place_sends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str, leave: str, everywhere: bool
) -> None:
    """Ctrl+Q, or what a signal leads to, at every place where the preparation gives up control: no dialog, the wizard
    ends, nothing was restored, exit code 0."""
    places, checked = Places(everywhere=everywhere), set[str]()
    with watched(monkeypatch) as watch:
        while await left_at_a_new_place(stage, watch, places, way, leave):
            assert_nothing_was_sent(stage, checked)
    places.assert_complete()
    assert_only_the_last_was_sent(stage)


async def left_at_a_new_place(
    stage: Stage, watch: Callable[[RestoreApp], Suspensions], places: Places, way: str, leave: str
) -> bool:
    """Stop at a place that was not tried before, and leave there. Returns False where there was none: restored."""
    async with confirmation(stage, way=way) as pilot:
        app = app_of(pilot)
        suspensions = watch(app)
        suspensions.begin(places)
        enter(pilot)
        if not await stopped(suspensions, app):
            await ended(pilot)
            return False
        if leave.startswith("SIG"):
            app.leave_it_running()
        else:
            await key(pilot, leave)
        assert not app.screen.is_modal
        suspensions.go_on()
        await until(pilot, lambda: app.has_left)
    assert exit_code(app.runs, crashed=app.crashed) == 0
    assert summary_line(app.runs) == "Nothing was restored."
    return True


# While it is being prepared


async def test_what_is_done_and_for_how_long_is_shown(stage: Stage) -> None:
    """The second reading takes three seconds: the title and the line above the buttons say what happens, for how
    long, and that nothing has been sent. F1 and F2 are answered, typing is not, and Esc closes the help too."""
    async with confirmation(stage) as pilot:
        held = Held(stage, at("/show/schema"))
        enter(pilot)
        await held.has_arrived()
        stage.clock.let_pass(seconds=3)
        tick(pilot)
        words = "Preparing … checking the server again · 3 s. Esc cancels."
        await until(pilot, lambda: words in flat(pilot))
        assert "Preparing; nothing has been sent yet." in flat(pilot)
        await key(pilot, "f2")
        await until(pilot, lambda: "The dry run's request" in text(pilot))
        await key(pilot, "x")
        await key(pilot, "f1")
        await until(pilot, lambda: pilot.app.screen.is_modal)
        assert "running on the server" not in flat(pilot)
        await key(pilot, "escape")
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        held.let_go.set()
        await over(pilot)
        said_no(stage, pilot)
        assert pilot.app.screen.query_one("#phrase", Input).value == ""
    assert_nothing_was_sent(stage)


@pytest.mark.parametrize("at_what", ["#phrase", "#next", "#filter", "#rows", "request"])
async def test_esc_withdraws_whatever_has_the_focus(stage: Stage, at_what: str) -> None:
    """The focus in the field, on a button, in the list or in the request: one Esc."""
    async with confirmation(stage) as pilot:
        held = Held(stage, at("/show/schema"))
        enter(pilot)
        await held.has_arrived()
        if at_what == "request":
            await key(pilot, "f2")
            await until(pilot, lambda: pilot.app.screen.query("#request"))
            for node in pilot.app.screen.query("#request *"):
                if node.focusable:
                    node.focus()
                    break
        elif at_what in ("#filter", "#rows"):
            pilot.app.screen.pane.list.focus()
        else:
            pilot.app.screen.query_one(at_what).focus()
        await arrived(app_of(pilot))
        await key(pilot, "escape")
        await until(pilot, lambda: "Not sent" in flat(pilot))
        held.let_go.set()
        await over(pilot)
        said_no(stage, pilot)
    assert_nothing_was_sent(stage)


async def test_esc_behind_enter_in_one_burst_withdraws(stage: Stage) -> None:
    """Enter and Esc in one burst: the Esc waits behind the Enter, and is for what the Enter began."""
    async with confirmation(stage) as pilot:
        enter(pilot)
        await key(pilot, "escape")
        await until(pilot, lambda: "Not sent" in flat(pilot))
        await over(pilot)
        said_no(stage, pilot)
    assert_nothing_was_sent(stage)


async def test_a_withdrawn_confirmation_can_be_given_again(stage: Stage) -> None:
    """Esc, then the name once more: the same dry run, one restore."""
    async with confirmation(stage) as pilot:
        held = Held(stage, at("/execute/sql"))
        enter(pilot)
        await held.has_arrived()
        await key(pilot, "escape")
        held.let_go.set()
        await over(pilot)
        await press(pilot, "enter")
        assert real_posts(stage) == 0, "the name has to be typed again"
        enter(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert [body["options"]["dry_run"] for body in stage.sent] == ["true", "false"]


@pytest.mark.parametrize("way", ["direct", "auto"])
async def test_once_it_has_left_esc_asks_first(paced: Paced, way: str) -> None:
    """The request is on the server: Esc asks what leaving means, and the restore is told to be running."""
    async with confirmation(paced, way=way) as pilot:
        app = app_of(pilot)
        enter(pilot)
        await until(pilot, lambda: "Restoring …" in text(pilot))
        await settled(app)
        await press(pilot, "escape")
        assert "A restore is running on the server." in flat(pilot)
        assert real_posts(paced) == 1
        await press(pilot, "escape")
        paced.let_pass(100)
        await ended(pilot)


# Keys that are on their way


class Undecided:
    """A terminal whose last byte is not decided yet, until ``decide``."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.decided = asyncio.Event()
        self.count = 0

    async def settled(self) -> int:
        self.asked.set()
        await self.decided.wait()
        return self.count

    def is_settled(self, count: int) -> bool:
        return count == self.count


@pytest.mark.parametrize("is_escape", [True, False])
async def test_the_request_waits_until_a_byte_is_decided(stage: Stage, is_escape: bool) -> None:
    """A byte of the terminal is undecided when all else is done: nothing leaves. It turns out to be Esc: nothing is
    sent. It does not: the restore goes out."""
    async with confirmation(stage) as pilot:
        app = app_of(pilot)
        app.terminal_input = terminal = Undecided()
        enter(pilot)
        await asyncio.wait_for(terminal.asked.wait(), 20)
        await pilot.pause()
        assert app.restore.is_preparing
        assert real_posts(stage) == 0
        if is_escape:
            app.post_message(events.Key("escape", "\x1b"))
        terminal.decided.set()
        if is_escape:
            await over(pilot)
            said_no(stage, pilot)
        else:
            await ended(pilot)
    assert real_posts(stage) == (0 if is_escape else 1)


async def test_a_key_that_comes_during_the_last_check_is_checked_too(stage: Stage) -> None:
    """While the effects of the keys before are waited for, one more comes: the check begins anew."""
    async with confirmation(stage) as pilot:
        app = app_of(pilot)
        terminal = Undecided()
        terminal.decided.set()
        app.terminal_input = terminal
        rounds = 0
        settle = app.gate._settle

        async def busy() -> None:
            nonlocal rounds
            rounds += 1
            await settle()
            if rounds == 1:
                terminal.count += 1
                app.post_message(events.Key("escape", "\x1b"))

        pilot.app.screen.query_one("#phrase", Input).value = "nightly_shop"
        await press(pilot, "tab", "shift+tab")
        held = Held(stage, at("/execute/sql"))
        enter(pilot)
        await held.has_arrived()
        app.gate._settle = busy  # type: ignore[method-assign]
        held.let_go.set()
        await until(pilot, lambda: not app.restore.is_active)
        app.gate._settle = settle  # type: ignore[method-assign]
        await settled(app)
        said_no(stage, pilot)
    assert_nothing_was_sent(stage)


# The receipt, and the age of the dry run


async def test_a_receipt_that_takes_long_keeps_no_esc_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk hangs while the receipt is written: Esc says at once that it is not sent; when the disk comes back the
    receipt says so too, and the confirmation can be given again."""
    import threading

    writing, let_go = threading.Event(), threading.Event()
    write = ReceiptStore.write

    def slow(self: ReceiptStore, receipt: Receipt) -> Path:
        if receipt.state == "sending" and not let_go.is_set():
            writing.set()
            assert let_go.wait(20)
        return write(self, receipt)

    monkeypatch.setattr(ReceiptStore, "write", slow)
    async with confirmation(stage) as pilot:
        enter(pilot)
        assert await asyncio.to_thread(writing.wait, 20)
        await key(pilot, "escape")
        await until(pilot, lambda: "Not sent: canceled. Still writing the receipt …" in flat(pilot))
        assert receipts(stage) == []
        let_go.set()
        await over(pilot)
        said_no(stage, pilot)
        assert len(receipts(stage)) == 1
        assert_nothing_was_sent(stage)
        assert not list(stage.receipts.glob("*.lock"))
        enter(pilot)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
        assert len(app_of(pilot).runs) == 1
    assert real_posts(stage) == 1


@pytest.mark.parametrize("when", ["the receipt is written", "the connection is opened"])
async def test_the_age_is_checked_after_everything_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Sixteen minutes pass while the receipt is written, or while the connection is opened: nothing is sent."""
    write, connect = ReceiptStore.write, httpcore.AnyIOBackend.connect_tcp

    def slow(self: ReceiptStore, receipt: Receipt) -> Path:
        place = write(self, receipt)
        if when == "the receipt is written" and receipt.state == "sending":
            stage.clock.let_pass(minutes=16)
        return place

    async def slow_connect(self: Any, *arguments: Any, **more: Any) -> Any:
        if when == "the connection is opened" and stage.receipts.exists():
            stage.clock.let_pass(minutes=16)
        return await connect(self, *arguments, **more)

    monkeypatch.setattr(ReceiptStore, "write", slow)
    async with confirmation(stage) as pilot:
        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", slow_connect)
        enter(pilot)
        await until(pilot, lambda: "Nothing was sent. The dry run is older than 15 minutes." in flat(pilot))
        await over(pilot)
        assert len(receipts(stage)) == 1
        assert_nothing_was_sent(stage)
        assert app_of(pilot).runs == []


# What is read again


def other_properties(**properties: str) -> Callable[[Reply], Reply]:
    def other(data: dict[str, dict[str, str]]) -> None:
        data["property_map"].update({name.replace("__", "."): value for name, value in properties.items()})

    return changed(other)


@pytest.mark.parametrize(
    ("endpoint", "makes", "words"),
    [
        ("/admin/show/jobs", running, "Another restore runs on the server now: job 777 of night_shift."),
        ("/admin/show/jobs", lambda stage: refused("no"), "Running restores can't be read any more"),
        ("/show/backup", lambda stage: refused("no"), "The snapshots can't be read any more"),
        (
            "/show/system/properties",
            lambda stage: refused("no"),
            "The server's version and cluster can't be read any more",
        ),
        (
            "/show/schema",
            lambda stage: refused("no"),
            "What changed in /show/schema since the dry run is not",
        ),
    ],
    ids=["a restore", "jobs unread", "snapshots unread", "properties unread", "schemas unread"],
)
async def test_what_is_new_at_enter_needs_enter_again(
    stage: Stage, endpoint: str, makes: Callable[[Stage], Any], words: str
) -> None:
    """Something is new, or cannot be read any more, at Enter: nothing is sent, it is said, and Enter once more, without
    the name, sends the restore: one POST."""
    async with confirmation(stage) as pilot:
        assert "can't be read" not in flat(pilot)
        instead(stage, at(endpoint), makes(stage))
        enter(pilot)
        await until(pilot, lambda: "Nothing was sent." in flat(pilot) and words in flat(pilot))
        await settled(app_of(pilot))
        await at_rest(pilot)
        assert "Press Enter again to restore anyway." in flat(pilot)
        assert real_posts(stage) == 0
        assert receipts(stage) == []
        await press(pilot, "enter")
        await ended(pilot)
    assert real_posts(stage) == 1


async def test_an_enter_too_many_does_not_confirm_what_is_new(stage: Stage) -> None:
    """Enter pressed three times at once, while something new is found: the second and third are discarded."""
    async with confirmation(stage) as pilot:
        instead(stage, at("/admin/show/jobs"), running(stage))
        enter(pilot)
        app_of(pilot).post_message(events.Key("enter", "\r"))
        app_of(pilot).post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: "Press Enter again" in flat(pilot))
        await settled(app_of(pilot))
        await at_rest(pilot)
        assert real_posts(stage) == 0
        assert "was discarded" in flat(pilot)


@pytest.mark.parametrize(
    ("endpoint", "makes", "words"),
    [
        (
            "/show/system/properties",
            lambda stage: other_properties(version__gpudb_core_version="7.2.0.1"),
            "The server's version is now 7.2.0.1.",
        ),
        (
            "/show/system/properties",
            lambda stage: other_properties(conf__cluster_name="site B"),
            "This address now leads to another cluster: site B.",
        ),
        (
            "/show/backup",
            lambda stage: changed(
                lambda data: data.update(
                    deleted_backup_ids=[b for b in data["backup_ids"] if str(b["backup_id"]) == SNAPSHOT],
                    backup_ids=[b for b in data["backup_ids"] if str(b["backup_id"]) != SNAPSHOT],
                )
            ),
            f"The snapshot {SNAPSHOT} is listed as deleted.",
        ),
        (
            "/show/backup",
            lambda stage: changed(lambda data: data.update(backup_ids=[], deleted_backup_ids=[])),
            f"The snapshot {SNAPSHOT} is no longer listed.",
        ),
    ],
    ids=["version", "cluster", "deleted", "gone"],
)
async def test_what_voids_the_dry_run_at_enter(
    stage: Stage, endpoint: str, makes: Callable[[Stage], Any], words: str
) -> None:
    """Another cluster or version answers, or the snapshot is gone: nothing is sent, and no Enter sends it."""
    async with confirmation(stage) as pilot:
        instead(stage, at(endpoint), makes(stage))
        enter(pilot)
        await until(pilot, lambda: "Nothing was sent." in flat(pilot) and words in flat(pilot))
        await settled(app_of(pilot))
        await at_rest(pilot)
        assert "go back to Dry run" in flat(pilot)
        enter(pilot)
        await settled(app_of(pilot))
        await at_rest(pilot)
        assert title(pilot) == "Restore"
        await press(pilot, "enter", "enter")
    assert_nothing_was_sent(stage)


async def test_the_reads_end_after_ten_seconds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer one of the reads: it counts as unread once its time is over."""
    monkeypatch.setattr("restore_tui.restore.execution.final_check.SECONDS_TO_READ", 0.3)
    async with confirmation(stage) as pilot:
        held = Held(stage, at("/show/system/properties"))
        enter(pilot)
        await until(pilot, lambda: "The server's version and cluster can't be read any more" in flat(pilot))
        held.let_go.set()
        assert real_posts(stage) == 0


# Two wizards


async def begun_elsewhere(stage: Stage) -> tuple[Path, str]:
    """The receipt of another wizard of this machine that is about to send: its place, and its text. It is not there
    yet, and what it restored is not either."""
    live = dict(stage.server.world.live)
    receipt = await left_behind(stage, way="direct", state="sending")
    stage.server.world.live.clear()
    stage.server.world.live.update(live)
    place = stage.receipts / f"{receipt['run']}.json"
    place.unlink()
    return place, json.dumps(receipt)


async def test_the_second_of_two_wizards_is_told_by_the_receipt(stage: Stage) -> None:
    """Another wizard of this machine begins a restore of this backup while this one waits for the name. The server
    lists no running jobs: the receipt tells. Enter again sends it."""
    place, receipt = await begun_elsewhere(stage)
    before = real_posts(stage)
    async with confirmation(stage) as pilot:
        place.write_text(receipt)
        enter(pilot)
        await until(pilot, lambda: "Nothing was sent." in flat(pilot))
        await settled(app_of(pilot))
        await at_rest(pilot)
        assert "A restore of this backup was started here meanwhile" in flat(pilot)
        assert "20261123T205900Z-abcdef" in flat(pilot)
        assert real_posts(stage) == before
        await press(pilot, "enter")
        await ended(pilot)
    assert real_posts(stage) == before + 1


async def test_two_wizards_that_confirm_at_once_do_not_both_send(stage: Stage) -> None:
    """The receipt of another wizard appears after everything was read again, before ours was written: it is found
    all the same, and nothing is sent."""
    place, receipt = await begun_elsewhere(stage)
    before = real_posts(stage)
    async with confirmation(stage) as pilot:

        def appears(received: Received, answer: Callable[[], Reply]) -> Reply:
            if received.endpoint == "/execute/sql":
                place.write_text(receipt)
            return answer()

        stage.server.intercept = appears
        enter(pilot)
        await until(pilot, lambda: "Nothing was sent." in flat(pilot))
        await over(pilot)
        assert "A restore of this backup was started here meanwhile" in flat(pilot)
        assert real_posts(stage) == before
        ours = [receipt for receipt in receipts(stage) if receipt.run != place.stem]
        assert [receipt.is_unsettled for receipt in ours] == [False]


async def test_the_second_wizard_is_told_by_the_server(paced: Paced) -> None:
    """A restore of somebody else begins on the server while this wizard waits for the name."""
    async with confirmation(paced) as pilot:
        import threading

        body = restore_of("table", "inventory.warehouses")
        sender = threading.Thread(target=post, args=(paced.server, "/restore/backup", body), daemon=True)
        sender.start()
        await until(pilot, lambda: len(paced.restores) == 1)
        enter(pilot)
        await until(pilot, lambda: "Another restore runs on the server now" in flat(pilot))
        assert len(paced.restores) == 1
        paced.let_pass(200)
        await asyncio.to_thread(sender.join, 20)


# After the end


async def test_a_new_restore_takes_nothing_from_the_result(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New restore clears the sitting while the result still shows; its clock ticks in that very moment, and the wizard
    goes on."""
    async with confirmation(stage) as pilot:
        app = app_of(pilot)
        enter(pilot)
        await ended(pilot)
        await settled(app)
        result = app.screen
        assert isinstance(result, ResultScreen)
        ticked = 0
        start_over = Session.start_over

        def cleared(self: Session) -> None:
            nonlocal ticked
            start_over(self)
            assert self.outcome is None
            assert app.screen is result
            result.tick()
            result.show()
            result.plan_changed()
            ticked += 1

        monkeypatch.setattr(Session, "start_over", cleared)
        await press(pilot, "tab")
        result.query_one("#next").focus()
        await press(pilot, "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        assert ticked == 1
        assert not app.crashed


async def test_a_crash_while_it_is_prepared_sends_nothing(stage: Stage) -> None:
    """An error of our own while the server is read again: the wizard ends with 70, and what was confirmed is not sent
    behind its back."""
    app = stage.app()

    async def crash() -> None:
        async with confirmation(stage, app=app) as pilot:
            held = Held(stage, at("/show/schema"))
            enter(pilot)
            await held.has_arrived()
            app._handle_exception(ZeroDivisionError())
            held.let_go.set()
            await until(pilot, lambda: not app.restore.is_active)

    with pytest.raises(ZeroDivisionError):
        await crash()
    assert app.crashed
    assert exit_code(app.runs, crashed=app.crashed) == 70
    assert_nothing_was_sent(stage)
