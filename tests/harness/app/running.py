"""Restores that take their time, as jobs or directly, and what they leave behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from textual.pilot import Pilot

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.session import Session, SessionOptions
from restore_tui.tui.screens.step import StepScreen
from tests.harness.app import steps
from tests.harness.app.app_harness import SHOWN_URL, Paced, Stage
from tests.harness.app.pilot import flat, until
from tests.harness.app.steps import SALES, app_of, confirm, go, has_ended
from tests.harness.servers import demo_requests

FIRST_JOB = 8589935593
"""The first job of a demo server; a dry run that runs as a job is one, the restore after it the next."""
THE_JOB = FIRST_JOB + 1
TAG = "restore-tui-20261123T210000Z-000001-run"


def jobs(stage: Stage) -> list[dict[str, Any]]:
    """The requests inside all ``/create/job`` that the server received."""
    return [json.loads(received.json()["data_str"]) for received in stage.server.received("/create/job")]


def real_jobs(stage: Stage) -> list[dict[str, Any]]:
    """Those of them that were no dry run."""
    return [body for body in jobs(stage) if body["options"].get("dry_run") != "true"]


def sent_once(stage: Stage) -> bool:
    """Whether exactly one real restore has arrived, on whatever way."""
    return len(real_jobs(stage)) + len(stage.restores) == 1


def receipt(stage: Stage) -> dict[str, Any]:
    """The one receipt."""
    (path,) = stage.receipts.glob("*.json")
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def tick(pilot: Pilot[None]) -> None:
    """A second is over, for the screen that shows: what it does once a second, it does now."""
    screen = pilot.app.screen
    if isinstance(screen, StepScreen) and screen.is_mounted:
        screen._second_passed()


async def shows(pilot: Pilot[None], *words: str) -> None:
    """Wait until all of this is on the screen."""

    def look() -> bool:
        tick(pilot)
        return all(each in flat(pilot) for each in words)

    await until(pilot, look)


async def start(
    pilot: Pilot[None],
    *,
    backup: str = "nightly_shop",
    tick: tuple[str, ...] = SALES,
    direct: Paced | None = None,
) -> None:
    """From the first screen to the restore that runs, as a job or, on that stage, ``direct``."""
    await go(pilot, "Restore", backup=backup, tick=tick)
    await confirm(pilot, backup)
    await shows(pilot, "Restoring …", "is never sent again" if direct else "Running as a server-side job")
    if direct is not None:  # else the time that a test lets pass may be over before the server begins
        await until(pilot, lambda: len(direct.restores) == 1 and direct.scheduler.waiting == 1)


async def ended(pilot: Pilot[None], words: str) -> None:
    """Wait for the result that is settled so."""

    def look() -> bool:
        tick(pilot)
        return has_ended(app_of(pilot)) and words in flat(pilot)

    await until(pilot, look)
    await steps.ended(pilot)


def post(server: DemoServer, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the server as somebody else does, who has the same login."""
    answer = demo_requests.post(server, endpoint, body)
    assert answer.ok, answer.message
    assert isinstance(answer.data, dict)
    return answer.data


def job_of(body: dict[str, Any], tag: str = "somebody-elses") -> dict[str, Any]:
    """The body of ``/create/job`` for a restore."""
    return demo_requests.job_of(body, job_tag=tag)


def restore_of(kind: str, name: str, *, backup: str = "nightly_shop", **options: str) -> dict[str, Any]:
    """A restore of something else, or of the same."""
    return {
        "backup_name": backup,
        "datasource_name": "dr_bucket_s3",
        "restore_objects_map": {kind: name},
        "options": {"restore_policy": "replace", "dry_run": "false", **options},
    }


# Runs of before


SNAPSHOT = "1795442407056"
RUN = "20261123T205900Z-abcdef"


async def left_behind(
    stage: Stage,
    *,
    way: str = "job",
    state: str = "running",
    url: str = SHOWN_URL,
    password: str = "demo",
    run: str = RUN,
    **server: str,
) -> dict[str, Any]:
    """Send a restore as another sitting did, which then was killed: its receipt is in ``state``. Returns the receipt.
    ``sending`` is of one that never got a response, ``running`` of one that had a job, ``unknown`` has an end."""
    session = Session(stage.clock, SessionOptions(stage.receipts, way), run_ids=lambda: run)
    await session.connect(
        ConnectionSettings(ServerAddress.parse(url), Login("demo", Secret(password)), timeout=5)
    )
    session.plan = RestorePlan(
        "dr_bucket_s3", "nightly_shop", PinnedSnapshot(SNAPSHOT), Selection.of({"all": ["sales"]})
    )
    await session.run_dry_run()
    stop = asyncio.Event()
    sending = asyncio.create_task(
        session.restore(
            await session.confirm("nightly_shop"), with_receipt=True, stop=stop, report=lambda _: stop.set()
        )
    )
    await sending
    await session.aclose()
    place = stage.receipts / f"{run}.json"
    receipt = json.loads(place.read_text())
    receipt["server"].update(server)
    if state != "unknown":
        receipt.update(state=state, outcome=None)
    if state == "sending":
        receipt["sent"] = None
        if receipt["job"]:
            receipt["job"]["id"] = None
    place.write_text(json.dumps(receipt))
    return dict(receipt)
