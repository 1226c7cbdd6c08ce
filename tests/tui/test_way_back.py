"""After a restore: Result says what can be undone, and shows how; nothing of it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from restore_tui.tui.actions import keys_of
from restore_tui.tui.dialogs.way_back import WayBackDialog
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, press, text, until
from tests.harness.app.steps import INVENTORY, SIZE, app_of, confirm, ended, go
from tests.harness.servers.interceptors import instead, is_restore, refused

REPLACE, RENAME = 1, 2


async def after(pilot: Pilot[None], policy: int) -> None:
    """On the result of a restore of ``inventory``, most of which exists, with this restore_policy."""
    await go(pilot, "Options", tick=INVENTORY)
    await press(
        pilot, *["right"] * policy, *(("down", *"attic") if policy == RENAME else ()), "ctrl+n", "ctrl+n"
    )
    await confirm(pilot)
    await ended(pilot)


async def opened(pilot: Pilot[None]) -> str:
    """Press B, and return what the dialog says."""
    await press(pilot, "B")
    await until(pilot, lambda: isinstance(app_of(pilot).screen, WayBackDialog))
    await at_rest(pilot)
    return " ".join(text(pilot).replace("│", " ").split())


def saved_script(folder: Path) -> list[str]:
    """The lines of the one script that was saved."""
    (script,) = folder.glob("way-back-*.sh")
    assert script.stat().st_mode & 0o777 == 0o600
    return script.read_text().splitlines()


async def test_after_rename_it_shows_the_way_back_and_saves_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the old objects are, the requests in their order, and a script; nothing is sent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    async with stage.app().run_test(size=(80, 50)) as pilot:
        await after(pilot, RENAME)
        assert "Old objects moved to the schema attic." in text(pilot)
        before = len(stage.server.requests)
        words = await opened(pilot)
        assert "No documented request moves 3 old objects back" in words
        assert "6 old objects are now in the schema attic." in words
        assert "Nothing of this is executed here" in words
        assert ("s", "Save the script") in keys_of(app_of(pilot).screen)
        assert words.index("POST /create/schema") < words.index("POST /alter/table")
        await press(pilot, "s")
        await at_rest(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        assert "The way back is saved: ~/way-back-" in text(pilot)
        assert len(stage.server.requests) == before
    lines = saved_script(tmp_path)
    back = [line for line in lines if line.startswith("post /alter/table") and '"attic.' in line]
    drops = [line for line in lines if "/clear/table" in line]
    assert len(back) == len(drops) > 0
    assert all('"value": "inventory"' in line for line in back)
    assert all(line.startswith("# ") for line in drops)


async def test_after_replace_the_result_says_that_there_is_no_way_back(stage: Stage) -> None:
    async with stage.app().run_test(size=SIZE) as pilot:
        await after(pilot, REPLACE)
        assert "No way back for 5 replaced objects: " in text(pilot)
        assert "A restore that replaces objects keeps no copy." in await opened(pilot)
        assert not app_of(pilot).screen.query("#save-script")
        assert ("s", "Save the script") not in keys_of(app_of(pilot).screen)
        await press(pilot, "escape")
        await at_rest(pilot)
        assert "Receipt:" in text(pilot)


async def test_without_a_policy_there_is_no_such_button(stage: Stage) -> None:
    """Nor does the key do anything."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        assert not app_of(pilot).screen.query_one("#way-back").display
        await press(pilot, "B")
        await at_rest(pilot)
        assert not isinstance(app_of(pilot).screen, WayBackDialog)


async def test_after_a_refusal_under_replace_it_claims_no_more_than_is_known(stage: Stage) -> None:
    instead(stage, is_restore, refused("The disk is full"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await after(pilot, REPLACE)
        assert "If it replaced objects, there is no way back for them." in await opened(pilot)
