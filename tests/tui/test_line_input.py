"""What is pasted into a field of one line."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.tui.widgets.line_input import ONLY_ONE_LINE
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, ready
from tests.harness.app.steps import SIZE, app_of, focused, go


async def paste(pilot: Pilot[None], text: str) -> None:
    app_of(pilot).post_message(events.Paste(text))
    await at_rest(pilot)


@pytest.mark.parametrize("field", ["url", "user", "password", "token"])
@pytest.mark.parametrize(
    ("pasted", "taken", "left_out"),
    [
        ("one", "one", False),
        ("one\r\n", "one", False),
        ("\r\none\r\n", "one", False),
        ("\n\n one\n", " one", False),
        ("\r\none\r\ntwo", "one", True),
        ("one\ntwo\nthree\n", "one", True),
        ("one\n \n\n", "one", False),
    ],
)
async def test_the_first_line_of_a_paste_is_taken(
    stage: Stage, field: str, pasted: str, taken: str, left_out: bool
) -> None:
    """Without the line breaks around it. Where there are more lines, the screen says so."""
    async with stage.app(url="", user="").run_test(size=SIZE) as pilot:
        await ready(pilot)
        place = pilot.app.screen.query_one(f"#{field}", Input)
        place.value = ""
        place.focus()
        await at_rest(pilot)
        await paste(pilot, pasted)
        assert place.value == taken
        assert (ONLY_ONE_LINE in flat(pilot)) is left_out


async def test_a_paste_replaces_what_is_selected(stage: Stage) -> None:
    """And only that; a paste of line breaks changes nothing."""
    async with stage.app(user="operator").run_test(size=SIZE) as pilot:
        await ready(pilot)
        place = pilot.app.screen.query_one("#user", Input)
        place.focus()
        await press(pilot, "home", "shift+right", "shift+right")
        await paste(pilot, "\r\n\r\n")
        assert place.value == "operator"
        await paste(pilot, "\nX\n")
        assert place.value == "Xerator"


async def test_a_filter_and_a_dialog_say_so_too(stage: Stage) -> None:
    """A list's filter, and one name that is typed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "slash")
        await paste(pilot, "\nweekly\nnightly\n")
        assert isinstance(focused(pilot), Input)
        assert focused(pilot).value == "weekly"  # type: ignore[attr-defined]
        assert ONLY_ONE_LINE in flat(pilot)
        await press(pilot, "escape", "t")
        assert pilot.app.screen.is_modal
        await paste(pilot, "\nother\nnightly\n")
        assert pilot.app.screen.query_one("#one", Input).value == "other"
        assert ONLY_ONE_LINE in flat(pilot)


async def test_every_field_of_one_line_is_one_of_ours() -> None:
    """But for the one that takes no paste at all. (Read from the sources, so that a new one is not forgotten.)"""
    import re
    from pathlib import Path

    import restore_tui.tui as package

    made = {
        path.name: found
        for path in Path(str(package.__file__)).parent.rglob("*.py")
        if (found := re.findall(r"(?<![\w.])Input\((?!\))|class \w+\(Input\)", path.read_text()))
    }
    assert made == {"confirm.py": ["class ConfirmInput(Input)"], "line_input.py": ["class LineInput(Input)"]}
