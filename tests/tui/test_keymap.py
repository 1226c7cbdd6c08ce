"""``[keys]`` of the config file: what it may say, and that every place shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from restore_tui.cli import main
from restore_tui.config import SettingsError, load
from restore_tui.tui.actions import actions_of, keys_of
from restore_tui.tui.dialogs.help import HelpDialog
from restore_tui.tui.keymap import problem
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, text, title
from tests.harness.app.steps import SIZE, app_of, go

KEYS = (
    ("step.verify", ("c",)),
    ("app.refresh", ("f9", "U")),
    ("step.next", ("ctrl+t",)),
    ("app.help", ("f7",)),
    ("dry-run.view", ("v",)),
)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"step.verfy": "c"}, "there is no such action; the nearest is step.verify"),
        ({"step.back": "c"}, "step.back cannot be changed: Esc is the same for everybody"),
        ({"app.leave": "ctrl+x"}, "app.leave cannot be changed: Ctrl+"),
        ({"list.choose": "o"}, "list.choose cannot be changed: Enter is the same for everybody"),
        ({"step.verify": "enter"}, "enter cannot have another meaning"),
        ({"step.verify": "escape"}, "escape cannot have another meaning"),
        ({"step.verify": "ctrl+q"}, "ctrl+q cannot have another meaning"),
        ({"step.verify": "ctrl+m"}, "terminals send or keep it for something else"),
        ({"step.verify": "hyper+x"}, "'hyper+x' is no key"),
        ({"step.verify": ""}, "'' is no key"),
        ({"step.next": "c"}, "works in text fields, too"),
        ({"step.verify": "d"}, "d is already dry-run.view"),
        ({"step.verify": "p"}, "p is already app.request"),
        ({"step.verify": "c", "dry-run.view": "c"}, "c is already dry-run.view"),
        ({"objects.invert": "t"}, "t is already objects.type-names"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_name(table: dict[str, str], words: str) -> None:
    assert words in problem([(action, (key,)) for action, key in table.items()])


def test_keys_of_different_screens_and_exchanged_keys_are_fine() -> None:
    """A key of Objects on the result; v and d of Dry run the other way round."""
    assert problem([("result.save", ("i",))]) == ""
    assert problem([("step.verify", ("c",)), ("dry-run.view", ("v",))]) == ""
    assert problem(KEYS) == ""
    assert problem(()) == ""


def config(tmp_path: Path, text: str) -> str:
    place = tmp_path / "config.toml"
    place.write_text(text, encoding="utf-8")
    return str(place)


def test_the_table_is_read_from_the_config_file(tmp_path: Path) -> None:
    place = config(tmp_path, '[keys]\n"step.verify" = "c"\n"app.refresh" = ["f9", "U"]\n')
    assert load({"config": place}, {}).keys == (("step.verify", ("c",)), ("app.refresh", ("f9", "U")))
    with pytest.raises(SettingsError, match="must be a table of actions and their keys"):
        load({"config": config(tmp_path, 'keys = "c"\n')}, {})
    with pytest.raises(SettingsError, match="must be a table of actions and their keys"):
        load({"config": config(tmp_path, '[keys]\n"step.verify" = 3\n')}, {})


def test_the_wizard_does_not_start_with_a_wrong_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("restore_tui.cli.dispatch._redirected", list)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = config(tmp_path, '[keys]\n"step.verfy" = "c"\n')
    assert main(["--config", place]) == 2
    assert "[keys] step.verfy: there is no such action" in capsys.readouterr().err


async def test_other_keys_are_shown_everywhere_and_work(stage: Stage) -> None:
    """Dry run: the bottom line, F1 under its new key, the menu; c verifies, v shows what differs, the old keys do
    nothing."""
    async with stage.app(keys=KEYS).run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "ctrl+n", "n")
        assert title(pilot) == "Options"
        await press(pilot, "ctrl+t")
        assert title(pilot) == "Dry run"
        line = text(pilot).splitlines()[-1]
        assert line.startswith("enter Next c Verify v Differences f9 Run again")
        assert " · F7" in text(pilot)
        assert ("c", "Verify the snapshot") in keys_of(pilot.app.screen)
        assert ("F9 U", "Refresh") in keys_of(pilot.app.screen)
        assert not {"f5", "R", "ctrl+n"} & {key for each in actions_of(pilot.app.screen) for key in each.keys}
        await press(pilot, "f7")
        assert isinstance(pilot.app.screen, HelpDialog)
        await press(pilot, "f7", "f5", "d")
        assert len(stage.sent) == 1
        assert "Showing" not in text(pilot)
        await press(pilot, "v")
        assert "Showing differences only" in text(pilot)
        await press(pilot, "c")
        assert len(stage.server.received("/verify/backup")) == 1
        await press(pilot, "f9")
        assert len(stage.sent) == 2


async def test_no_key_confirms_but_enter_after_the_name(stage: Stage) -> None:
    """The name typed, then every key of the table, in the field and on the list: nothing is sent."""
    async with stage.app(keys=KEYS).run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, *app_of(pilot).plan.backup, "ctrl+t", "f9")
        assert pilot.app.screen.query_one("#phrase", Input).value == app_of(pilot).plan.backup
        await press(pilot, "escape", "c", "v", "enter", "U", "ctrl+t")
        assert stage.restores == []


async def test_in_a_field_other_keys_are_letters(stage: Stage) -> None:
    """The filter of Snapshot, and the name on the confirmation."""
    for step, keys in (("Snapshot", ("slash",)), ("Restore", ())):
        async with stage.app(keys=KEYS).run_test(size=SIZE) as pilot:
            await go(pilot, step)
            await press(pilot, *keys, *"cvU")
            field = pilot.app.focused
            assert isinstance(field, Input)
            assert field.value == "cvU"
    assert stage.server.received("/verify/backup") == []
