"""Every ``--json`` output has a JSON Schema, which the command prints, and which the outputs fit."""

from __future__ import annotations

import json

import pytest

from restore_tui.cli import main
from restore_tui.cli.mistakes import commands_of
from restore_tui.cli.parser import build_parser
from restore_tui.explain import explain
from restore_tui.kinetica import reference
from restore_tui.schemas import COMMANDS
from tests.harness.json_schema import read_json

NAMES = [
    *(entry.name for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS)),
    *(field.name for field in (*reference.PARAMETERS, *reference.ANSWER, *reference.INFO_KEYS)),
    *(value.name for option in reference.OPTIONS for value in option.values),
]


def test_every_command_with_json_has_a_schema() -> None:
    """Each command that takes --json is described by a schema, and the other way around."""
    with_json = {
        name
        for name, command in commands_of(build_parser()).items()
        if "--json" in command._option_string_actions
    }
    assert {command.split()[0] for command in COMMANDS.values()} == with_json


@pytest.mark.parametrize("name", COMMANDS)
def test_command_prints_the_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """restore-tui json-schema NAME: a schema with a version for the output."""
    assert main(["json-schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["title"] == f"restore-tui {COMMANDS[name]}"
    assert "version" in printed["properties"]


def test_an_unknown_schema_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["json-schema", "histry"])
    assert "there is no schema 'histry'; the nearest is history" in capsys.readouterr().err


def test_explain_fits_its_schema() -> None:
    for name in (None, *NAMES):
        assert read_json("explain", explain(name, as_json=True))["version"] == 1
