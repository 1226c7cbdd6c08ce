"""``restore-tui config``: places, sources, an example that can be used, and a check."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from restore_tui import cli, config_command
from restore_tui.config_file import ConfigFile, FileSettings, ServerSettings, read_config

FREED = re.compile(r"^#(?=[a-z_\[])", re.MULTILINE)
"""What stands before a key of the example that is commented out."""


def test_the_example_can_be_used(tmp_path: Path) -> None:
    """As it stands, and with every key set: each of them is known, and its value fits."""
    path = tmp_path / "config.toml"
    path.write_text(config_command.example())
    assert read_config(path, required=True) == ConfigFile(path, exists=True)
    path.write_text(FREED.sub("", config_command.example()))
    found = read_config(path, required=True)
    assert set(found.values) == set(FileSettings.__dataclass_fields__)
    assert set(found.servers["prod"]) == set(ServerSettings.__dataclass_fields__) - {"password_file"}


def test_the_example_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "--example"]) == 0
    assert capsys.readouterr().out == f"{config_command.example()}\n"


def run(tmp_path: Path, text: str | None, *arguments: str) -> int:
    config = tmp_path / "config.toml"
    if text is not None:
        config.write_text(text)
    return cli.main([*arguments, "--config", str(config)])


def test_the_sources_are_named_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """config, with something from each source; what is ignored is named as well."""
    monkeypatch.setenv("KINETICA_USER", "eve")
    monkeypatch.setenv("KINETICA_PASSWORD", "hunter2")
    assert (
        run(tmp_path, 'url = "http://file"\n[servers.a]\nurl = "http://a"', "config", "--timeout", "5") == 0
    )
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["config", "file", str(tmp_path / "config.toml")] in lines
    assert ["url", "http://file", "config", "file"] in lines
    assert ["user", "eve", "KINETICA_USER"] in lines
    assert ["timeout", "5", "--timeout"] in lines
    assert ["mouse", "true", "default"] in lines
    assert ["password", "(set,", "not", "shown)", "KINETICA_PASSWORD"] in lines
    assert ["a", "http://a"] in lines
    assert not any("hunter2" in word for line in lines for word in line)
    assert run(tmp_path, None, "--server", "a", "config") == 0
    output = capsys.readouterr().out
    assert "Ignored, because server a is named: KINETICA_USER, KINETICA_PASSWORD." in output
    assert "hunter2" not in output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("urll = 3", "unknown key 'urll'. Did you mean url?"),
        ('url = "host:9191"', "url: The URL has no scheme."),
        (
            '[servers.a]\nurl = "http://a"\npassword_file = "/nowhere"',
            "[servers.a]: The password file /nowhere",
        ),
        ('[servers.a]\nurl = "http://a"\nca_file = "/nowhere"', "[servers.a]: The CA file /nowhere"),
        ('[servers.a]\nurl = "http://u:p@a"', "[servers.a]: The URL has a user or a password in it"),
        ('[servers.a]\nurl = "ftp://a"', "[servers.a]: url: Unsupported URL scheme"),
        ('[servers.a]\nurl = "http://a"\npassword_command = ["no-such-program"]', "there is no program"),
        ("x", "is not TOML"),
    ],
)
def test_a_check_that_finds_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    """config --check: exit code 1, and the problem on standard error. A plain config still names the places."""
    assert run(tmp_path, text, "config", "--check") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err


def test_a_check_names_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each server, not only of the first."""
    text = "".join(f'[servers.{name}]\nurl = "{name}"\n' for name in "abc")
    assert run(tmp_path, text, "config", "--check") == 1
    assert capsys.readouterr().err.count("The URL has no scheme.") == 3


def test_a_check_that_finds_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where there is no config file."""
    assert run(tmp_path, '[servers.a]\nurl = "http://a"', "config", "--check") == 0
    assert capsys.readouterr().out.endswith("no problem found. 1 server: a.\n")
    assert run(tmp_path, "", "config", "--check") == 0
    assert config_command.check({}, {}).code == 0


def test_a_broken_file_hides_no_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "x", "config") == 1
    captured = capsys.readouterr()
    assert f"config file           {tmp_path / 'config.toml'}" in captured.out
    assert "is not TOML" in captured.err


def test_it_imports_neither_textual_nor_httpx() -> None:
    """config is for a machine on which the rest may be broken."""
    code = (
        "import sys; from restore_tui.cli import main; main(['config']); main(['config', '--check'])\n"
        "assert not {'textual', 'httpx', 'pydantic'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
