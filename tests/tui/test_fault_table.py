"""Every fault at every endpoint that the wizard calls: what the screen says, that the program lives, and how often a
restore was sent. What is measured stands in ``fault_table.md``; ``--snapshot-update`` writes it anew."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.receipts.model import Verdict
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.dialogs.help import HelpDialog
from restore_tui.tui.screens.confirm import ConfirmScreen
from restore_tui.tui.screens.dry_run import DryRunScreen
from restore_tui.tui.screens.running import RunningScreen
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.widgets.error_panel import ErrorPanel
from tests.harness.app.app_harness import BYTES_PER_SECOND, NOW, SECONDS, Stage, shown_as
from tests.harness.app.pilot import (
    BOUND,
    arrived,
    at_rest,
    burst,
    flat,
    press,
    ready,
    send,
    text,
    title,
    until,
)
from tests.harness.app.running import jobs, real_jobs
from tests.harness.app.steps import SALES, SIZE, app_of, connect, ended, has_ended
from tests.harness.clock import FakeClock
from tests.harness.servers.hanging_requests import HangingRequests
from tests.harness.servers.interceptors import EVERYWHERE, JOBS_ONLY
from tests.harness.servers.secret_echo import PASSWORD, Echo, Seen

GOLDEN = Path(__file__).parent / "fault_table.md"

OF_EACH_KIND = ("drop-before", "hang", "401", "500", "503", "html", "wrong-type")
"""For the walks that differ little from another one."""
ALTER = "/admin/alter/jobs"
FOR_EVER = 1_000_000.0
"""Seconds, on the server: what a restore takes that has to run still when it is cancelled."""

ENDS_AS_ERROR = ("500",)
"""Here the demo server does the work and then answers with an error in Kinetica's own envelope. Promise 3 takes such an
answer for the server's word; see the remark in the table."""

NAME = "nightly_shop"
PLAN = RestorePlan("dr_bucket_s3", NAME, PinnedSnapshot("1795442407056"), Selection.of({"all": ["sales"]}))
REPLACING = PLAN.choose_objects(Selection.of({"all": ["inventory"]})).choose_option(
    "restore_policy", "replace"
)

HEAD = """\
# Every fault at every endpoint that the wizard calls

Made by `tests/tui/test_fault_table.py` from the real app on the demo server. *Dry runs* and *restores* are the POSTs
that arrived, to `/restore/backup` and to `/create/job` together. A restore is confirmed wherever the confirmation is
reached: then there is 1, everywhere else 0. After every walk F1 and Esc were handled.

`500` does the work and then responds with an error in Kinetica's own envelope. Such a response is the server's word
(promise 3), also where it does not tell the truth: the screen then says that it failed, and that what was restored
before that is unknown.
"""


@dataclass(frozen=True)
class Walk:
    """One way to meet a fault. ``whole`` walks all eight steps; else those between Connect and Dry run, which the fault
    does not meet, are left out and the plan is put together at once. ``late`` sets the fault when the confirmation is
    ready, and ``cancels`` presses c meanwhile. ``beside`` are faults that are there as well. ``replaces`` restores over
    tables that exist."""

    title: str
    endpoint: str
    way: str = "auto"
    whole: bool = False
    late: bool = False
    cancels: bool = False
    beside: tuple[str, ...] = ()
    replaces: bool = False

    @property
    def faults(self) -> tuple[str, ...]:
        if self.beside or self.replaces:
            return OF_EACH_KIND
        return (*EVERYWHERE, *JOBS_ONLY) if self.endpoint == "/create/job" else EVERYWHERE


WALKS = {
    walk.title: walk
    for walk in (
        Walk("/show/system/properties", "/show/system/properties", whole=True),
        Walk("/show/datasource", "/show/datasource", whole=True),
        Walk("/show/backup", "/show/backup", whole=True),
        Walk("/show/schema, beside the dry run and before the confirmation", "/show/schema"),
        Walk("/show/table, beside the dry run and before the confirmation", "/show/table", replaces=True),
        Walk("/restore/backup", "/restore/backup", way="direct"),
        Walk("/create/job", "/create/job"),
        Walk("/get/job, from the start", "/get/job"),
        Walk("/get/job, while the restore runs", "/get/job", late=True),
        Walk("/admin/show/jobs", "/admin/show/jobs"),
        Walk("/admin/alter/jobs, c and Cancel the restore", ALTER, cancels=True),
        Walk("/execute/sql", "/execute/sql"),
        Walk(
            "/get/job, the response of /create/job lost", "/get/job", late=True, beside=("/create/job=drop",)
        ),
        Walk(
            "/admin/show/jobs, the response of the restore lost",
            "/admin/show/jobs",
            way="direct",
            beside=("/restore/backup=drop",),
        ),
        Walk(
            "/execute/sql, the response of the restore lost",
            "/execute/sql",
            way="direct",
            beside=("/restore/backup=drop",),
        ),
    )
}


@dataclass
class Cell:
    """What came of one walk."""

    fault: str
    said: list[str] = field(default_factory=list)
    confirmed: bool = False
    verdict: Verdict | None = None
    dry_runs: int = 0
    restores: int = 0
    has_restored: bool = False

    def row(self) -> str:
        return f"| `{self.fault}` | {'; '.join(self.said)} | {self.dry_runs} | {self.restores} |"


class HeldPolls(FakeClock):
    """Polls follow one another while ``go_on`` is set; else the follower stays in the pause before the next one."""

    def __init__(self) -> None:
        super().__init__(NOW, pauses_move=False)
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.is_pausing = False

    async def sleep(self, seconds: float) -> None:
        self.is_pausing = True
        try:
            await super().sleep(seconds)
            await self.go_on.wait()
        finally:
            self.is_pausing = False


class Running:
    """Lets the server's time run, a hundred times as fast as the test's, and the app's clock with it: how long the
    request was out by the server's clock is reckoned from both."""

    def __init__(self, scheduler: ManualScheduler, clock: FakeClock) -> None:
        self.scheduler = scheduler
        self.clock = clock

    async def __call__(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self.scheduler.let_pass(1.0)
            self.clock.let_pass(seconds=1.0)


# One walk


async def walk(road: Walk, fault: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Cell:
    """As far as it comes with that fault."""
    cell = Cell(fault)
    scheduler = ManualScheduler()
    pace = BYTES_PER_SECOND * SECONDS / FOR_EVER if road.cancels else None
    clock = HeldPolls()
    with (
        monkeypatch.context() as patch,
        DemoServer(
            build_world(now=NOW, big_tables=0),
            password=PASSWORD,
            bytes_per_second=pace,
            scheduler=scheduler,
            intercept=Echo(HangingRequests(patch)),
        ) as server,
        shown_as(server, monkeypatch),
    ):
        stage = Stage(server, home, clock, {"password": Secret(PASSWORD)})
        for beside in road.beside:
            server.faults.set(beside)
        if not road.late:
            server.faults.set(f"{road.endpoint}={fault}")
        app = stage.app(way=road.way, timeout=BOUND, dry_run_minutes=10_000.0)
        time = Running(scheduler, clock)
        passing = asyncio.create_task(time())
        seen = Seen()
        logging.getLogger("restore_tui").addHandler(seen)
        try:
            async with app.run_test(size=SIZE) as pilot:
                await _go(pilot, road, cell, server, time, clock)
                await _lives(pilot)
                seen.texts["screen"] = text(pilot)
                for number, panel in enumerate(app.screen.query(ErrorPanel)):
                    seen.texts[f"error {number}"] = str(panel.query_one(Static).content)
        finally:
            passing.cancel()
            logging.getLogger("restore_tui").removeHandler(seen)
        seen.add_files(home)
        assert seen.leaks() == []
        assert not app.crashed
        assert server.errors == []
        dry_jobs = len(jobs(stage)) - len(real_jobs(stage))
        cell.dry_runs = len(stage.sent) - len(stage.restores) + dry_jobs
        cell.restores = len(stage.restores) + len(real_jobs(stage))
        cell.has_restored = any(
            row.status == "restore_complete" and json.loads(row.additional_info)["dry_run"] == "false"
            for row in server.world.restores
        )
    return cell


async def _go(
    pilot: Pilot[None], road: Walk, cell: Cell, server: DemoServer, time: Running, clock: HeldPolls
) -> None:
    app = app_of(pilot)
    await ready(pilot)
    if road.whole:
        send(app, *["enter"] * 4, *SALES, "ctrl+n", "ctrl+n")
    else:
        await connect(app)
        app.session.plan = REPLACING if road.replaces else PLAN
        app.go("dry_run")
        await until(pilot, lambda: isinstance(app.screen, DryRunScreen))
        send(app, "ctrl+n")
    await _until_still(pilot)
    if _has_no_contact(app):
        cell.said.append("Dry run: no contact, retrying")
        send(app, "escape")
        await _until_still(pilot)
    if not isinstance(app.screen, ConfirmScreen):
        cell.said.append(_stopped_at(pilot))
        return
    if "cannot be read" in flat(pilot):
        cell.said.append("Restore: whether other restores run cannot be read")
    if road.late:
        server.faults.set(f"{road.endpoint}={cell.fault}")
    cell.confirmed = True
    await burst(pilot, *NAME, "enter")
    if road.cancels:
        await _cancel(pilot, cell, server, time, clock)
    await until(pilot, lambda: has_ended(app) or _has_no_contact(app))
    if _has_no_contact(app):
        cell.said.append("Restoring …: no contact; Stop waiting")
        app.screen.query_one("#stop").focus()
        send(app, "enter")
    await ended(pilot)
    outcome = app.session.outcome
    assert outcome is not None
    cell.verdict = outcome.verdict
    assert outcome.verdict.value in text(pilot)
    assert "Receipt:" in text(pilot)
    cell.said.append(_told(app))


async def _cancel(
    pilot: Pilot[None], cell: Cell, server: DemoServer, time: Running, clock: HeldPolls
) -> None:
    """Ask to cancel between two polls. The next poll has to wait until the response to that has been noted: which of
    the two came first would otherwise decide what the screen says."""
    app = app_of(pilot)
    await until(pilot, lambda: isinstance(app.screen, RunningScreen) and app.screen.loaded)
    await until(pilot, lambda: app.restore.progress is not None and app.restore.progress.percent is not None)
    clock.go_on.clear()
    await until(pilot, lambda: clock.is_pausing)
    await press(pilot, "c", "tab", "enter")
    notice = app.screen.query_one("#notice", Static)
    await until(
        pilot,
        lambda: bool(server.received(ALTER)) and not str(notice.content).startswith("Checking"),
    )
    cell.said.append(f"Cancel: {_first_sentence(str(notice.content))}")
    clock.go_on.set()
    time.scheduler.let_pass(FOR_EVER)


def _told(app: RestoreApp) -> str:
    """The verdict, how it came to be known, and the first words of why."""
    outcome = app.session.outcome
    assert outcome is not None
    told = f"**{outcome.verdict.value}**"
    if outcome.determined_by:
        told += f", determined from the {outcome.determined_by}"
    if outcome.error is not None:
        told += f": {outcome.error.what}"
        if outcome.verdict is Verdict.UNKNOWN and outcome.last_check is not None:
            places = ", ".join(finding.source.value for finding in outcome.last_check.evidence)
            told += f" Checked: {places}; nothing settles it"
    return told


def _first_sentence(said: str) -> str:
    return said.splitlines()[0].partition(". ")[0].rstrip(".") + "."


def _stopped_at(pilot: Pilot[None]) -> str:
    """The step that it stopped at, and the headline of the error there."""
    app = app_of(pilot)
    panels = [panel for panel in app.screen.query(ErrorPanel) if panel.has_class("-shown")]
    assert panels, text(pilot)
    headline, what = str(panels[0].query_one(Static).content).splitlines()[:2]
    assert headline.split()[-1] in text(pilot)
    return f"{title(pilot)}: {headline.partition(' ')[2]}: {what}"


def _has_no_contact(app: RestoreApp) -> bool:
    """Whether the step that shows asks on and on, without a response."""
    if isinstance(app.screen, RunningScreen):
        return app.restore.progress is not None and app.restore.progress.lost_since is not None
    return (
        isinstance(app.screen, StepScreen)
        and "no contact" in app.screen.loading_text
        and app.screen.is_loading
    )


async def _until_still(pilot: Pilot[None]) -> None:
    """Until all keys have had their effects, or a step waits for what never comes."""
    app = app_of(pilot)
    await arrived(app)
    await until(pilot, lambda: app.gate.is_idle or _has_no_contact(app))
    await at_rest(pilot)


async def _lives(pilot: Pilot[None]) -> None:
    """F1 opens the help, and Esc closes it."""
    app = app_of(pilot)
    send(app, "f1")
    await until(pilot, lambda: isinstance(app.screen, HelpDialog))
    send(app, "escape")
    await until(pilot, lambda: not isinstance(app.screen, HelpDialog))


# The table


RESTORES = ("/restore/backup", "/create/job")


def is_slow(road: Walk, fault: str) -> bool:
    """Whether a cell is left to the long run. In the quick one, what sends a restore meets each kind of fault, and
    every other endpoint a lost answer and an error."""
    quick = ("drop", *OF_EACH_KIND, *JOBS_ONLY) if road.endpoint in RESTORES else ("drop", "500")
    return bool(road.beside or road.replaces) or fault not in quick


CELLS = [
    pytest.param(
        name,
        fault,
        id=f"{name}: {fault}",
        marks=[pytest.mark.slow] if is_slow(road, fault) else [],
    )
    for name, road in WALKS.items()
    for fault in road.faults
]

TOP_ROW = "| fault | the screen says | dry runs | restores |"
Rows = dict[tuple[str, str], str]
"""Title of the walk and fault → the row that says what came of it."""


def rows_of(table: str) -> Rows:
    found: Rows = {}
    for part in table.split("\n## ")[1:]:
        name, *lines = part.splitlines()
        found |= {(name, line.split("`")[1]): line for line in lines if line.startswith("| `")}
    return found


def table_of(rows: Rows) -> str:
    parts = [HEAD]
    for name, road in WALKS.items():
        cells = [rows[name, fault] for fault in road.faults if (name, fault) in rows]
        if cells:
            parts.append("\n".join([f"## {name}", "", TOP_ROW, "| --- | --- | --- | --- |", *cells, ""]))
    return "\n".join(parts)


def write(name: str, fault: str, row: str) -> None:
    """One row anew; the tests may run in several processes."""
    with GOLDEN.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        rows = rows_of(file.read()) | {(name, fault): row}
        file.truncate(0)
        file.write(table_of(rows))


@pytest.mark.parametrize(("name", "fault"), CELLS)
async def test_every_fault(
    name: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Enter, the plan, Ctrl+N, nightly_shop, Enter, as far as it comes: where the restore was confirmed one has
    arrived, elsewhere none; it has not failed where the server has done it; F1 and Esc are answered. Every error echoes
    the login in eight encodings: none of them is on the screen, in the log, in a receipt or in a report."""
    cell = await walk(WALKS[name], fault, tmp_path, monkeypatch)
    assert cell.restores == (1 if cell.confirmed else 0), cell
    if cell.has_restored and fault not in ENDS_AS_ERROR:
        assert cell.verdict is not Verdict.FAILED, cell
    if request.config.getoption("update_snapshots", False):
        write(name, fault, cell.row())
    assert rows_of(GOLDEN.read_text(encoding="utf-8"))[name, fault] == cell.row()


def test_the_table_has_all_rows_and_no_other(request: pytest.FixtureRequest) -> None:
    """So that a walk that is gone does not stay in the table."""
    if request.config.getoption("update_snapshots", False):
        pytest.skip("the rows are being written, perhaps by other processes")
    table = GOLDEN.read_text(encoding="utf-8")
    rows = rows_of(table)
    assert list(rows) == [(name, fault) for name, road in WALKS.items() for fault in road.faults]
    assert table == table_of(rows)
