"""A picture of a restore that takes its time, of the dialogs over it, and of what is found out afterwards."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot

from restore_tui.tui.screens.result import ResultScreen
from tests.harness.app.app_harness import Paced
from tests.harness.app.pictures import Picture, Way, two_sizes
from tests.harness.app.pilot import flat, press, ready, until
from tests.harness.app.running import ended, job_of, left_behind, post, restore_of, shows, start
from tests.harness.app.steps import confirm, go


@pytest.fixture
def stage(paced: Paced) -> Paced:
    """What the pictures are of."""
    return paced


def at(paced: Paced, percent: int, *then: str, words: str) -> Way:
    """The restore runs as a job and is at ``percent``; then come keys, until the words are there."""

    async def way(pilot: Pilot[None]) -> None:
        await start(pilot)
        paced.let_pass(percent)
        await shows(pilot, f" {percent} %")
        await press(pilot, *then)
        await shows(pilot, words)
        if isinstance(pilot.app.screen, ResultScreen):
            await ended(pilot, words)

    return way


@two_sizes
def test_dry_run_as_a_job(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2."""
    picture(lambda pilot: go(pilot, "Dry run"), size)


def test_dry_run_that_went_another_way(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, w ×2: it is void."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Dry run")
        await press(pilot, "w", "w")

    picture(way)


def test_dry_run_on_a_server_without_jobs(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2; the server takes no job."""
    paced.server.faults.set("/create/job=no-jobs")
    picture(lambda pilot: go(pilot, "Dry run"))


def test_dry_run_without_the_job_that_is_wanted(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, with way=job; the server takes no job."""
    paced.server.faults.set("/create/job=no-jobs")
    picture(lambda pilot: go(pilot, "Dry run"), way="job")


@two_sizes
def test_job_that_runs(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; at 42 %."""
    picture(at(paced, 42, words="about 58 s left"), size)


def test_no_contact(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; at 42 % nobody answers any more, for 75 s."""

    async def way(pilot: Pilot[None]) -> None:
        await at(paced, 42, words="about 58 s left")(pilot)
        paced.server.faults.set("/get/job=503")
        await shows(pilot, "No contact for 0 s")
        paced.clock.let_pass(seconds=75)
        await shows(pilot, "No contact for 1:15 min")

    picture(way)


def test_cancel_asks_first(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, c."""
    picture(at(paced, 42, "c", words="Keep it running"))


def test_cancel_refused(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, c, Tab, Enter; the server says no."""
    paced.server.cancellable = False
    picture(at(paced, 42, "c", "tab", "enter", words="writes cannot be cancelled"))


@two_sizes
def test_cancelled(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, c, Tab, Enter."""
    picture(at(paced, 42, "c", "tab", "enter", words="Receipt:"), size)


@two_sizes
def test_job_found_running(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; at 42 % Tab, Enter: Stop waiting."""
    picture(at(paced, 42, "tab", "enter", words="It is running, 42 %."), size)


@two_sizes
def test_settled_from_the_history(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter, directly; the response is lost."""
    paced.server.faults.set("/restore/backup=drop")

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Restore")
        await confirm(pilot)
        await until(pilot, lambda: len(paced.restores) == 1)
        paced.scheduler.until_waiting()
        paced.let_pass(100)
        await ended(pilot, "Determined from the backup history.")

    picture(way, size, way="direct")


@two_sizes
def test_connect_with_a_run_to_look_at(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """No key; two runs have no end."""
    asyncio.run(left_behind(paced, run="20261122T200000Z-000000"))
    asyncio.run(left_behind(paced))
    paced.clock.let_pass(minutes=5)

    async def way(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await until(pilot, lambda: "is unknown" in flat(pilot))

    picture(way, size)


@two_sizes
def test_confirmation_beside_other_restores(paced: Paced, picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3; somebody restores inventory, and the end of a run of this backup is not known."""
    paced.server.faults.set("/create/job=drop-before")
    asyncio.run(left_behind(paced, state="sending"))
    paced.server.faults.clear()
    post(paced.server, "/create/job", job_of(restore_of("all", "inventory")))
    picture(lambda pilot: go(pilot, "Restore"), size)


def test_save_report(paced: Paced, picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×3, nightly_shop, Enter; restored; s, Enter: the file is there already."""
    (paced.home / "restore-20261123T210000Z-000001.md").touch()

    async def way(pilot: Pilot[None]) -> None:
        await start(pilot)
        paced.let_pass(100)
        await ended(pilot, "✓ Restored")
        await press(pilot, "s", "enter")
        await shows(pilot, "It was not saved")

    picture(way)
