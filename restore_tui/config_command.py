"""``restore-tui config``: where the files are, what is in effect and where that is from, an example, and a check."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from restore_tui.config import FileSettings, ServerSettings, Settings, SettingsError, read_sources
from restore_tui.config_file import default_config, expanded
from restore_tui.docstrings import attribute_docstrings
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.errors import InvalidUrl
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.logging_setup import LOG_NAME
from restore_tui.restore.text_format import cell_width, format_table, pluralize

_WIDTH = 100
_EXAMPLES: Mapping[str, str] = {
    "url": '"https://kinetica.example:8082/gpudb-0"',
    "user": '"ana"',
    "password_file": '"~/.kinetica-password"',
    "oauth_token_file": '"~/.kinetica-token"',
    "ca_file": '"~/kinetica-ca.pem"',
    "proxy": '"http://proxy.example:3128"',
    "timeout": "60",
    "way": '"auto"',
    "theme": '"nord"',
    "notify": '"osc9"',
    "on_finish": '["notify-send", "A restore has ended"]',
    "keys": '{ "step.verify" = "c", "app.refresh" = ["f9", "U"] }',
    "password_command": '["pass", "show", "kinetica/prod"]',
    "label": '"PRODUCTION"',
    "color": '"red"',
    "mode": '"job"',
}
"""What stands in the example for a key whose default says nothing."""


class ConfigOutput(NamedTuple):
    """What to print, what to complain of, and the exit code: 0, or 1 for a problem."""

    text: str
    problems: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        return 1 if self.problems else 0


def example() -> str:
    """Return a config file with every key, each of them commented out."""
    parts = ["# restore-tui: config.toml", "# Remove the # before what you set.", ""]
    parts += _example_of(FileSettings)
    parts += [
        *_comment("One table for each server. --server NAME, KINETICA_SERVER or the list on Connect chooses one; none "
        "of the keys above that lead to a server then counts."),
        "#[servers.prod]",
        *_example_of(ServerSettings, leave_out=("password_file",)),
    ]  # fmt: skip
    return "\n".join(parts).rstrip()


def _example_of(kind: type, leave_out: tuple[str, ...] = ()) -> Iterator[str]:
    texts = attribute_docstrings(kind)
    for each in fields(kind):
        if each.name in leave_out:
            continue
        yield from _comment(texts[each.name])
        yield f"#{each.name} = {_EXAMPLES.get(each.name) or _toml(each.default)}"
        yield ""


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def check(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> ConfigOutput:
    """Check the config file and every server in it, without running a command or asking a server."""
    try:
        sources = read_sources(flags, environ)
    except SettingsError as problem:
        return ConfigOutput("", (str(problem),))
    if not sources.file.exists:
        return ConfigOutput(f"There is no config file {sources.file.path}: all settings have their defaults.")
    problems = []
    for name in ("", *sources.servers):
        where = f"[servers.{name}]: " if name else ""
        try:
            settings = sources.settings(name, with_flags=False)
        except SettingsError as problem:
            problems.append(f"{where}{problem}")
        else:
            problems += [f"{where}{problem}" for problem in _problems(settings)]
    servers = f" {pluralize(len(sources.servers), 'server')}: {', '.join(sources.servers)}."
    fine = f"{sources.file.path}: no problem found.{servers if sources.servers else ''}"
    return ConfigOutput("" if problems else fine, tuple(problems))


def _problems(settings: Settings) -> Iterator[str]:
    """What would only be found where it is used."""
    if settings.url:
        try:
            ServerAddress.parse(settings.url)
        except InvalidUrl as error:
            yield f"url: {error.what} {error.hint}"
    for key in ("password_command", "on_finish"):
        command = getattr(settings, key)
        if command and shutil.which(command[0]) is None:
            yield f"{key}: there is no program {sanitize(command[0], 60)!r} that can be run."


def report(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> ConfigOutput:
    """Where the files are, what is in effect, and from which source. A secret is not shown."""
    path = Path(expanded(flags.get("config") or default_config()))
    places = _table(_places(path, demo=bool(flags.get("demo"))))
    try:
        sources = read_sources(flags, environ)
        settings = sources.settings(sources.named[0], with_flags=True)
    except SettingsError as problem:
        return ConfigOutput(places, (str(problem),))
    parts = [places, "", _table(_in_effect(settings))]
    if settings.ignored:
        parts += ["", f"Ignored, because server {settings.server} is named: {', '.join(settings.ignored)}."]
    servers = [
        (name, server.label, server.url, "dry runs only" if server.dry_run_only else "")
        for name, server in settings.servers.items()
    ]
    if servers:
        parts += ["", _table([("server", "label", "URL", ""), *servers])]
    return ConfigOutput("\n".join(parts))


def _places(config: Path, *, demo: bool) -> Iterator[tuple[str, ...]]:
    settings = Settings(demo=demo)
    for name, place in (
        ("config file", config),
        ("receipts", settings.receipts),
        ("log", settings.state_folder / LOG_NAME),
        ("trusted certificates", settings.certificates),
    ):
        yield name, f"{place}{'' if place.exists() else ' (does not exist yet)'}"


def _in_effect(settings: Settings) -> Iterator[tuple[str, ...]]:
    yield "setting", "value", "source"
    if settings.server:
        yield "server", settings.server, settings.origins["server"]
    names = [each.name for each in fields(FileSettings)]
    if settings.server:
        names += ["password_command", "label", "color"]
    for name in names:
        value = getattr(settings, name)
        yield (
            name,
            _shown(name, value),
            settings.origins.get(name, "default" if value not in ("", (), None) else ""),
        )
    for kind in ("password", "token"):
        if getattr(settings, kind):
            yield kind, "(set, not shown)", settings.origins[kind]


def _shown(name: str, value: Any) -> str:
    if name in ("password_command", "on_finish"):  # an argument may be a secret
        return f"{value[0]}{' …' if len(value) > 1 else ''}" if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name == "keys":
        return ", ".join(f"{action} = {' '.join(keys)}" for action, keys in value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    cells = [[sanitize(cell, 300) for cell in row] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(format_table(cells, widths))
