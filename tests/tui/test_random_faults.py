"""No order of keys, clicks, resizes and faults leads to a restore without its rehearsal, or to a second one."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer, Received, Reply
from restore_tui.tui.screens.confirm import ConfirmScreen
from restore_tui.tui.screens.dry_run import DryRunScreen
from restore_tui.tui.screens.result import ResultScreen
from tests.harness.app.app_harness import BYTES_PER_SECOND, NOW, Paced, shown_as
from tests.harness.app.pilot import BOUND, arrived, at_rest, click, ready, resize, send, until
from tests.harness.app.random_keys import KEYS, without_dry_run
from tests.harness.servers.hanging_requests import HangingRequests
from tests.harness.servers.interceptors import EVERYWHERE, JOBS_ONLY

SEEDS = 3
EVENTS = int(os.environ.get("RESTORE_TUI_EVENTS", "900"))
"""In all seeds together. The note of the issue was made with ten thousand."""

ALL_KEYS = (*KEYS, ("w", 2), ("c", 3), ("f2", 1), ("ctrl+q", 1), ("n", 1), ("_", 1))
NAMES = [name for name, _ in ALL_KEYS]
WEIGHTS = [weight for _, weight in ALL_KEYS]
PLACES = (
    "/show/system/properties", "/show/datasource", "/show/backup", "/restore/backup", "/restore/backup:dry-run",
    "/create/job", "/create/job:dry-run", "/get/job", "/admin/show/jobs", "/admin/alter/jobs", "/execute/sql",
)  # fmt: skip
STRUCK_MOST = ("/restore/backup", "/create/job", "/get/job", "/admin/show/jobs", "/execute/sql")
TYPES = {"/restore/backup": "restore_backup_response", "/create/job": "create_job_response"}
TYPES |= {"/get/job": "get_job_response"}


@dataclass
class Real:
    """A real restore that arrived, and the row that it left in the server's history, if it did anything."""

    body: dict[str, Any]
    run: str
    row: Any = None
    told_error: bool = False


@dataclass
class Book:
    """Looks at everything that arrives at the server, in order, and notes what must not be."""

    receipts: Path
    wrong: list[str] = field(default_factory=list)
    dry_runs: int = 0
    reals: list[Real] = field(default_factory=list)
    allowed: int = 0
    """Confirmations so far."""
    _proven: tuple[str, dict[str, Any]] | None = None
    """The way and the body of the dry run before, once its response has come whole and is OK."""
    _dry_jobs: dict[int, dict[str, Any]] = field(default_factory=dict)
    server: DemoServer | None = None

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        body = self._body(received)
        if body is None:
            return self._read(received, answer)
        if body["options"]["dry_run"] == "true":
            self.dry_runs += 1
            self._proven = None
            reply = answer()
            told = _told(received.endpoint, reply)
            if told is not None and received.endpoint == "/create/job":
                self._dry_jobs[told["job_id"]] = body
            elif told is not None:
                self._proven = ("direct", without_dry_run(body))
            return reply
        return self._real(received, body, answer)

    def _body(self, received: Received) -> dict[str, Any] | None:
        if received.endpoint == "/restore/backup":
            return dict(received.json())
        if received.endpoint == "/create/job":
            return dict(json.loads(received.json()["data_str"]))
        return None

    def _read(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        if received.endpoint == "/get/job":
            told = _told(received.endpoint, reply)
            body = self._dry_jobs.get(received.json()["job_id"])
            if told is not None and told["job_status"] == "DONE" and body is not None:
                self._proven = ("job", without_dry_run(body))
        return reply

    def _real(self, received: Received, body: dict[str, Any], answer: Callable[[], Reply]) -> Reply:
        number = len(self.reals) + 1
        way = "job" if received.endpoint == "/create/job" else "direct"
        if self._proven != (way, without_dry_run(body)):
            self.wrong.append(
                f"restore {number} has no dry run of its own: {self._proven} before {way} {body}"
            )
        self._proven = None
        if number > self.allowed:
            self.wrong.append(f"restore {number} after {self.allowed} confirmations")
        entries = [json.loads(place.read_text()) for place in self.receipts.glob("[0-9]*.json")]
        sending = [e for e in entries if e["state"] == "sending" and e["request"] == body]
        known = {real.run for real in self.reals}
        sending = [entry for entry in sending if entry["run"] not in known]
        if len(sending) != 1:
            self.wrong.append(f"restore {number}: {len(sending)} receipts of it are on disk")
        real = Real(body, sending[0]["run"] if sending else "")
        self.reals.append(real)
        assert self.server is not None
        before = len(self.server.world.restores)
        reply = answer()
        rows = self.server.world.restores[before:]
        mine = [row for row in rows if json.loads(row.additional_info)["dry_run"] == "false"]
        real.row = mine[0] if mine else None
        real.told_error = b'"ERROR"' in reply.body
        return reply

    def compare(self) -> None:
        """What the receipts say in the end, with what the server has done."""
        for real in self.reals:
            place = self.receipts / f"{real.run}.json"
            if not place.exists():
                continue
            outcome = json.loads(place.read_text())["outcome"]
            verdict = outcome["verdict"] if outcome else "none"
            status = real.row.status if real.row is not None else "nothing"
            if verdict == "Restored" and status != "restore_complete":
                self.wrong.append(f"{real.run} is called restored, and the server has: {status}; {outcome}")
            if verdict == "Restore failed" and status == "restore_complete" and not real.told_error:
                self.wrong.append(f"{real.run} is called failed, and the server has: {status}; {outcome}")


def _told(endpoint: str, reply: Reply) -> dict[str, Any] | None:
    """What a reply tells whoever gets it whole; None for one that is lost, spoilt or no OK."""
    if reply.http_status != 200 or reply.drop or reply.hang or reply.truncate_after is not None:
        return None
    try:
        envelope = json.loads(reply.body)
        if envelope["status"] != "OK" or envelope["data_type"] != TYPES[endpoint]:
            return None
        return dict(json.loads(envelope["data_str"]))
    except ValueError:
        return None


class Sitting:
    """One seed: sittings one after the other, on one server and one home."""

    def __init__(self, stage: Paced, book: Book, chance: random.Random) -> None:
        self.stage = stage
        self.book = book
        self.chance = chance
        self.counted: Counter[str] = Counter()

    @property
    def events(self) -> int:
        return sum(self.counted[kind] for kind in ("keys", "clicks", "resizes"))

    async def sit(self, most: int) -> None:
        """Until they leave, or ``most`` events have happened; mostly begun at Objects."""
        self.counted["sittings"] += 1
        chance = self.chance
        app = self.stage.app(way=chance.choice(["auto", "job", "direct"]), timeout=BOUND)
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            if chance.random() < 0.85:
                self.stage.server.faults.clear()
                await self.send(
                    pilot, *["enter"] * 4, "right", *chance.choice([("down",), ("end",), ()]), "space"
                )
                await self.send(pilot, "ctrl+n", "ctrl+n", *chance.choice([("ctrl+n",), ("ctrl+n",), ()]))
                await until(pilot, self.passing(lambda: bool(app.gate.is_idle)))
            since = 0
            while self.events < most and not app.has_left and since < 90:
                before = self.events
                await self.something(pilot)
                since += self.events - before
            self.stage.server.faults.clear()
            self.stage.let_pass(300)
            app.restore.stop_waiting.set()
            await until(pilot, self.passing(lambda: not app.restore.is_active))
            if not app.has_left:  # as everybody does; what is still on its way then is not looked at any more
                app.exit()
        assert not app.crashed
        assert self.stage.server.errors == []
        assert self.book.wrong == []

    async def something(self, pilot: Pilot[None]) -> None:
        """The next thing that happens."""
        app, chance, faults = self.stage_app(pilot), self.chance, self.stage.server.faults
        what = chance.random()
        if isinstance(app.screen, ConfirmScreen) and app.screen.loaded and what < 0.6:
            await self.confirm(pilot)
        elif isinstance(app.screen, DryRunScreen) and app.screen.loaded and what < 0.3:
            await self.send(pilot, "ctrl+n")
        elif isinstance(app.screen, ResultScreen) and app.screen.loaded and what < 0.2:
            await self.send(pilot, "ctrl+q")
        elif what < 0.62:
            await self.send(pilot, *chance.choices(NAMES, WEIGHTS, k=chance.randint(1, 6)))
        elif what < 0.70:
            click(app, chance.randrange(app.size.width), chance.randrange(app.size.height))
            self.counted["clicks"] += 1
            await arrived(app)
        elif what < 0.73:
            await resize(pilot, *chance.choice([(80, 24), (80, 24), (60, 20), (120, 40), (40, 12)]))
            self.counted["resizes"] += 1
        elif what < 0.82:
            place = chance.choice(PLACES if chance.random() < 0.5 else STRUCK_MOST)
            kinds = (*EVERYWHERE, *JOBS_ONLY) if place.startswith("/create/job") else EVERYWHERE
            faults.set(f"{place}={chance.choice(kinds)}")
            self.counted["faults"] += 1
        elif what < 0.86:
            faults.clear(chance.choice(PLACES))
        elif what < 0.90:
            faults.clear()
        elif what < 0.91:
            self.stage.clock.let_pass(minutes=16)
        else:
            self.stage.let_pass(chance.choice([1, 10, 60]))
        if chance.random() < 0.3:
            await self.calm(pilot)

    async def confirm(self, pilot: Pilot[None]) -> None:
        """Type the right name, and Enter; now and then with what breaks it set just before."""
        app, chance = self.stage_app(pilot), self.chance
        phrase = app.screen.query_one("#phrase", Input)
        phrase.value = ""
        phrase.focus()
        if chance.random() < 0.6:
            place = chance.choice(STRUCK_MOST)
            kinds = (*EVERYWHERE, *JOBS_ONLY) if place == "/create/job" else EVERYWHERE
            self.stage.server.faults.set(f"{place}={chance.choice(kinds)}")
            self.counted["faults"] += 1
        self.book.allowed += 1
        self.counted["confirmations"] += 1
        await self.send(pilot, *app.plan.backup, *["enter"] * chance.choice([1, 1, 2, 3]))
        await self.calm(pilot)

    async def send(self, pilot: Pilot[None], *keys: str) -> None:
        """All at once; what comes of them may take its time."""
        app = self.stage_app(pilot)
        send(app, *keys)
        self.counted["keys"] += len(keys)
        await arrived(app)

    async def calm(self, pilot: Pilot[None]) -> None:
        """Look on until nothing happens any more; while something loads or hangs, a moment."""
        app = self.stage_app(pilot)
        for _ in range(8):
            if app.has_left:
                return
            await at_rest(pilot)
            if app.gate.is_idle:
                return
            self.stage.scheduler.let_pass(2)
            await asyncio.sleep(0.02)

    def passing(self, true: Callable[[], bool]) -> Callable[[], bool]:
        """The same, with time going by on the server before each look."""

        def look() -> bool:
            self.stage.scheduler.let_pass(2)
            return true()

        return look

    def stage_app(self, pilot: Pilot[None]) -> Any:
        return pilot.app


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_nothing_restores_twice_or_without_a_rehearsal(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random keys, clicks and resizes while random faults come and go, jobs run and the time passes; the right name
    typed on the confirmation. Every restore that arrives has an OK dry run of its own just before it, a confirmation
    and a receipt on disk; what receipts say in the end is what the server has done; no traceback."""
    scheduler = ManualScheduler()
    book = Book(tmp_path / "state" / "receipts")
    server = DemoServer(
        build_world(now=NOW, big_tables=0),
        bytes_per_second=BYTES_PER_SECOND * 10,
        scheduler=scheduler,
        intercept=HangingRequests(monkeypatch, book),
    )
    book.server = server
    with server, shown_as(server, monkeypatch):
        sitting = Sitting(Paced(server, tmp_path, scheduler=scheduler), book, random.Random(seed))
        most = EVENTS // SEEDS
        while sitting.events < most or not book.reals:  # what a key meets depends on how quick the machine is
            assert sitting.counted["sittings"] < 100, "no restore ever came so far: this shows nothing"
            await sitting.sit(max(most, sitting.events + 90))
        scheduler.let_pass(1000)
    book.compare()
    counts = {**sitting.counted, "dry runs": book.dry_runs, "restores": len(book.reals)}
    logging.getLogger(__name__).warning("seed %d: %s", seed, counts)
    assert book.wrong == []
    assert server.errors == []
    assert len(book.reals) <= sitting.counted["confirmations"]
