"""The waits of the pilot tests: they see what they wait for, and say what was there instead."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input

from tests.harness.app import pilot as waits
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, ready, send, text, until


async def test_a_wait_for_what_never_comes_shows_the_screen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails by itself, with what stands on the screen."""
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        monkeypatch.setattr(waits, "BOUND", 0.05)
        with pytest.raises(AssertionError, match=r"(?s)never came.*http://localhost:9191"):
            await until(pilot, lambda: False)


async def test_at_rest_follows_a_key_through_all_that_comes_of_it(stage: Stage) -> None:
    """Letters into an empty field: they stand there, the note below follows from them, and no more is on its way."""
    async with stage.app(url="").run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        send(waits._app_of(pilot), *"ftp://h")
        assert pilot.app.screen.query_one("#url", Input).value == ""
        await at_rest(pilot)
        before = text(pilot)
        assert pilot.app.screen.query_one("#url", Input).value == "ftp://h"
        assert "Unsupported URL scheme ftp:// (use http or https)." in " ".join(before.split())
        for _ in range(50):
            await asyncio.sleep(0)
        assert text(pilot) == before
