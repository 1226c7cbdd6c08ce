"""Drawing that cannot stand in the way of a restore, and keys that cannot be relied on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events

from restore_tui.demo.server import Received, Reply
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.confirm import ConfirmScreen
from restore_tui.tui.terminal import paced_app
from restore_tui.tui.terminal._textual_internals import NEWEST
from restore_tui.tui.terminal.key_gate import KeyGate
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import (
    arrived,
    at_rest,
    flat,
    press,
    ready,
    send,
    settled,
    text,
    title,
    typed,
    until,
)
from tests.harness.app.steps import app_of, confirm, ended, go
from tests.harness.servers.interceptors import running
from tests.harness.terminal.recording_driver import is_shown, recorder_of, resize

pytestmark = [pytest.mark.drawn, pytest.mark.usefixtures("recorded")]
SIZE = (80, 24)


async def test_a_whole_restore_with_plain_rendering(stage: Stage) -> None:
    """Each screen stands on the terminal as Textual draws it; what is typed confirms one restore, and a resize leaves
    nothing of before."""
    app = stage.app(plain_rendering=True)
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await is_shown(pilot)
        assert "Dry run OK" in recorder_of(app).emulator.text
        await resize(pilot, 100, 30)
        await is_shown(pilot)
        await press(pilot, "ctrl+n")
        await ready(pilot)
        await confirm(pilot)
        await ended(pilot)
        await is_shown(pilot)
        assert "Restored" in recorder_of(app).emulator.text
    assert len(stage.restores) == 1


async def test_the_confirmation_waits_for_the_terminal_with_plain_rendering_too(stage: Stage) -> None:
    """The terminal stands still: what is typed before it shows the confirmation confirms nothing."""
    async with stage.app(plain_rendering=True).run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await is_shown(pilot)
        recorder = recorder_of(pilot.app)
        recorder.blocked = True
        pilot.app.post_message(events.Key("ctrl+n", None))
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen) and pilot.app.screen.loaded)
        for key in (*"nightly", "underscore", *"shop", "enter"):
            character = "_" if key == "underscore" else key if len(key) == 1 else None
            pilot.app.post_message(events.Key(key, character))
            await arrived(app_of(pilot))
        assert "Type the backup's name" not in recorder.emulator.text
        assert stage.restores == []
        recorder.let_go()
        await ready(pilot)
        await confirm(pilot)
        await ended(pilot)
    assert len(stage.restores) == 1


@pytest.mark.parametrize("plain", [False, True])
async def test_what_is_new_stands_on_the_terminal_before_enter_counts(stage: Stage, plain: bool) -> None:
    """Another restore has begun, and the terminal stands still just when that is found at Enter: an Enter at the
    picture of before sends nothing."""
    app = stage.app(plain_rendering=plain)
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        await is_shown(pilot)
        recorder = recorder_of(app)
        reply = running(stage)

        def and_the_terminal_stands_still(received: Received, answer: Callable[[], Reply]) -> Reply:
            if received.endpoint != "/admin/show/jobs":
                return answer()
            recorder.blocked = True
            return reply(answer())

        stage.server.intercept = and_the_terminal_stands_still
        send(app, "enter")
        await until(pilot, lambda: "1 other restore runs" in flat(pilot))
        send(app, "enter")
        await arrived(app)
        await at_rest(pilot)
        assert "1 other restore runs" not in recorder.emulator.text
        recorder.let_go()
        await settled(app)
        await at_rest(pilot)
        assert "Press Enter again" in flat(pilot)
        assert stage.restores == []


async def test_textual_draws_by_itself_where_it_lacks_what_ours_needs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paced_app, "drawing_problem", lambda: "textual.app.App._display")
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await is_shown(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"
        await is_shown(pilot)


async def test_a_frame_that_fails_leaves_the_drawing_to_textual(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a sitting: the screen stays right, and the restore goes its way."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await is_shown(pilot)

        def broken(_app: RestoreApp) -> None:
            raise AttributeError("no such internal")

        monkeypatch.setattr(RestoreApp, "screen_lines", broken)
        await press(pilot, "ctrl+n")
        await ready(pilot)
        await is_shown(pilot)
        await confirm(pilot)
        await ended(pilot)
        await is_shown(pilot)
        assert not app.crashed
    assert len(stage.restores) == 1


async def test_a_latin_1_terminal_gets_characters_that_it_has(stage: Stage) -> None:
    """Plainly drawn, too: stand-ins of the same width, and nothing that cannot be written."""
    async with stage.app(plain_rendering=True, ascii=True).run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await until(pilot, lambda: "Data source" in recorder_of(pilot.app).emulator.text)
        assert all(frame.isascii() for frame in recorder_of(pilot.app).frames)


# Keys that cannot be relied on


async def test_keys_that_pass_by_the_gate_leave_only_dry_runs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen says why, and which Textual works; the road ends after the dry run, and the session sends no more."""
    monkeypatch.setattr(KeyGate, "intercept", lambda _self, _event: False)
    monkeypatch.setattr("restore_tui.tui.app.textual_version", lambda: "8.9.0")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(app.unreliable_input))
        await until(pilot, lambda: "Keyboard input is not reliable" in text(pilot))
        assert f"install Textual {NEWEST}" in flat(pilot)
        assert app.road.steps[-1].title == "Dry run"
        assert app.session.policy.dry_run_only


async def test_an_input_that_fails_its_test_leaves_only_dry_runs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textual.drivers.linux_driver import LinuxDriver

    from restore_tui.tui.terminal import input_driver

    monkeypatch.setattr(input_driver, "self_test", lambda: "it does not recognize the key enter")
    app = stage.app()
    assert app.get_driver_class() is LinuxDriver
    assert app.settings.dry_run_only
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Dry run"
    assert stage.restores == []
