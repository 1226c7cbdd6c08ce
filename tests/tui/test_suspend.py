"""Ctrl+Z: it asks first only where a response may be lost meanwhile, and says what is true of the request."""

from __future__ import annotations

import os

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from restore_tui.tui.app import RestoreApp
from restore_tui.tui.dialogs.suspend import SuspendDialog
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import flat, press, tap, until
from tests.harness.app.running import shows, start
from tests.harness.app.steps import SIZE, app_of, go
from tests.harness.servers.interceptors import Held, at, is_dry_run

LOST = "nothing reads the response"
ONE_REQUEST = "in one long request"


@pytest.fixture
def suspended(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A shell that could continue the wizard. One entry for each time that it was suspended."""
    times: list[bool] = []
    monkeypatch.setattr(os, "getpgrp", lambda: -1)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setattr(RestoreApp, "action_suspend_process", lambda _self: times.append(True))
    return times


async def test_a_dry_run_as_one_long_request_has_to_be_run_again(stage: Stage, suspended: list[bool]) -> None:
    held = Held(stage, is_dry_run)
    async with stage.app(way="direct").run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await tap(pilot, "ctrl+n")
        await held.has_arrived()
        await tap(pilot, "ctrl+z")
        assert f"A dry run is running on the server {ONE_REQUEST}." in flat(pilot)
        assert LOST in flat(pilot)
        assert "it has to be run again" in flat(pilot)
        assert suspended == []
        await tap(pilot, "tab", "enter")
        assert suspended == [True]
        held.let_go.set()
        await until(pilot, lambda: "Dry run OK" in flat(pilot))


async def test_a_dry_run_of_which_it_is_not_known_yet_is_not_called_one_long_request(
    paced: Paced, suspended: list[bool]
) -> None:
    """The server has not answered yet whether it takes a job."""
    held = Held(paced, at("/create/job"))
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await tap(pilot, "ctrl+n")
        await held.has_arrived()
        await tap(pilot, "ctrl+z")
        assert "A dry run is running on the server." in flat(pilot)
        assert LOST in flat(pilot)
        assert ONE_REQUEST not in flat(pilot)
        await tap(pilot, "escape")
        assert suspended == []
        held.let_go.set()
        await until(pilot, lambda: "Dry run OK" in flat(pilot))


async def test_a_dry_run_as_a_job_is_suspended_at_once(paced: Paced, suspended: list[bool]) -> None:
    """Nothing is lost meanwhile: it is asked for again."""
    paced.server.faults.set("/get/job=503")
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await tap(pilot, "ctrl+n")
        await shows(pilot, "no contact")
        await tap(pilot, "ctrl+z")
        assert suspended == [True]
        assert not isinstance(pilot.app.screen, SuspendDialog)
        paced.server.faults.clear()
        await shows(pilot, "Dry run OK")


async def test_a_restore_as_one_long_request_may_become_unknown(paced: Paced, suspended: list[bool]) -> None:
    async with paced.app(way="direct").run_test(size=SIZE) as pilot:
        await start(pilot, direct=paced)
        await tap(pilot, "ctrl+z")
        assert f"A restore is running on the server {ONE_REQUEST}." in flat(pilot)
        assert "the outcome is then unknown" in flat(pilot)
        assert suspended == []
        await press(pilot, "escape")
        paced.let_pass(200)
        await until(pilot, lambda: "Receipt:" in flat(pilot))


async def test_a_restore_as_a_job_is_suspended_at_once(paced: Paced, suspended: list[bool]) -> None:
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await tap(pilot, "ctrl+z")
        assert suspended == [True]
        assert app_of(pilot).restore.is_active
        paced.let_pass(200)
        await shows(pilot, "Receipt:")
