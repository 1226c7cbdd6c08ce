"""The config file: which keys it may hold, and what their values must be."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from restore_tui.bounded_files import CONFIG_BYTES, read_file
from restore_tui.kinetica.sanitize import truncate_middle
from restore_tui.suggestions import nearest

APP = "restore-tui"
MODES = ("auto", "job", "direct")
NOTIFICATIONS = ("osc9", "osc777")
COLORS = ("red", "yellow", "green", "blue", "purple")
SERVERS = "servers"
"""The table of the tables ``[servers.NAME]``."""

_MOST_DOTS = 200
"""In a line of the config file. The reader of TOML takes memory by the square of the parts of a dotted key."""
_ALIASES = {"mode": "way"}
"""What a key outside ``[servers.NAME]`` may be called instead."""
_NUMBERS = ("timeout", "dry_run_minutes", "hangup_minutes", "receipt_days", "largest_answer_mb")
_SERVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_LABEL = re.compile(r"[!-~]([ -~]{0,18}[!-~])?")


class SettingsError(Exception):
    """A setting cannot be used; the text says which, and what would do."""


@dataclass(frozen=True)
class ConnectionKeys:
    """The keys that a server of its own has, too."""

    url: str = ""
    """Base URL of the REST API, including its path: ``https://host:8082/gpudb-0``. A user or password in it is
    refused."""
    user: str = ""
    """Kinetica user name."""
    password_file: str = ""
    """File whose first line is the password. There is no option that takes the password itself."""
    oauth_token_file: str = ""
    """File whose first line is an OAuth token. A token is sent instead of user and password."""
    ca_file: str = ""
    """CA bundle (PEM) to use instead of the system trust store."""
    insecure: bool = False
    """Do not verify the server's TLS certificate. Every screen says so."""
    proxy: str = ""
    """HTTP proxy URL. Proxies from the environment are ignored."""
    dry_run_only: bool = False
    """Stop after the dry run; never send a real restore."""


CONNECTION_KEYS = frozenset(each.name for each in fields(ConnectionKeys)) - {"dry_run_only"}
"""The keys that a server sets as one unit. ``dry_run_only`` holds wherever it is set."""


@dataclass(frozen=True)
class FileSettings(ConnectionKeys):
    """The keys of ``config.toml``."""

    timeout: float | None = None
    """Response timeout in seconds. Unset: 30 for reads, none for a restore and its dry run."""
    way: str = "auto"
    """Execution mode of a restore: ``job`` (background job on the server), ``direct`` (one long request), or ``auto``
    (the mode that the dry run used successfully). ``mode`` is the same key."""
    dry_run_minutes: float = 15
    """Minutes after which a dry run is stale."""
    hangup_minutes: float = 60
    """Minutes for which the program goes on waiting without its terminal, if that is closed while one long request
    runs. 0 to leave at once; a background job is never waited for."""
    receipt_days: float = 365
    """Age in days from which ``history --prune`` lists a receipt for deletion."""
    largest_answer_mb: float = 256
    """Limit on a response in megabytes (10⁶ bytes); reading one takes at most 1.5 times as much memory. The contents of
    a snapshot with 250,000 objects fit into the default."""
    mouse: bool = True
    """Mouse support. Turn it off to select text with the terminal as usual."""
    plain_rendering: bool = False
    """Use Textual's own rendering, in case the screen looks broken. It sends more data over a slow connection."""
    ascii: bool = False
    """Draw with ASCII characters only. Terminals whose encoding lacks the others are recognized without it."""
    theme: str = ""
    """Textual theme, such as ``nord`` or ``textual-light``. Unset: dark, or light in a terminal that says it is."""
    notify: str = ""
    """Besides the bell, show a notification of the terminal when a restore has ended: ``osc9`` or ``osc777``, whichever
    your terminal knows. Unset: none."""
    on_finish: tuple[str, ...] = ()
    """A list: a command and its arguments, run when a restore has ended, its outcome unknown or not. No shell is
    involved, its output is discarded, and it has 30 seconds. ``RESTORE_TUI_VERDICT`` and others tell the outcome."""
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A table: other keys for actions, by the IDs of their bindings."""


@dataclass(frozen=True)
class ServerSettings(ConnectionKeys):
    """The keys of a table ``[servers.NAME]``."""

    password_command: tuple[str, ...] = ()
    """Instead of ``password_file``: a list, the command and its arguments, which prints the password on its first line.
    No shell is involved. It runs before the screen opens, and may ask on the terminal; without one it has 30
    seconds."""
    label: str = ""
    """Word that every screen shows, such as ``PRODUCTION``. A confirmation then takes the label and the backup's name.
    At most 20 ASCII characters."""
    color: str = ""
    """Color of the label: ``red``, ``yellow``, ``green``, ``blue`` or ``purple``. Unset: ``yellow``."""
    mode: str = ""
    """Execution mode of a restore on this server, as ``way`` above."""


@dataclass(frozen=True)
class ConfigFile:
    """What a config file says: the values of its keys, and those of each server's, as far as they are given."""

    path: Path
    exists: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    servers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def default_config() -> Path:
    return platformdirs.user_config_path(APP) / "config.toml"


def expanded(path: str | Path) -> str:
    """The path with ~ expanded. ``Path``'s own method raises where there is no such user."""
    return os.path.expanduser(path)  # noqa: PTH111


def read_config(path: Path, *, required: bool) -> ConfigFile:
    """Read and check a config file; one that is missing and not ``required`` holds nothing. Raises SettingsError."""
    path = Path(expanded(path))
    try:
        written = read_file(path, CONFIG_BYTES)
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no config file {path}.") from None
        return ConfigFile(path)
    except OSError as error:
        raise SettingsError(f"The config file {path} cannot be read: {error.strerror}.") from None
    content = _parsed(path, written)
    tables = content.pop(SERVERS, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise SettingsError(f"The config file {path}: servers are tables, such as [servers.prod].")
    content = {_ALIASES.get(key, key): value for key, value in content.items()}
    return ConfigFile(
        path,
        exists=True,
        values=_checked(path, "", FileSettings, content),
        servers={name: _checked_server(path, name, table) for name, table in tables.items()},
    )


def _parsed(path: Path, written: bytes) -> dict[str, Any]:
    """The reader of TOML is loaded where there is a file to read: most have none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        where = written.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"The config file {path} is not text in UTF-8 (line {where}).") from None
    if text.startswith("\ufeff"):
        raise SettingsError(
            f"The config file {path} begins with a byte order mark (BOM). Save it as UTF-8 without one."
        )
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS:
            raise SettingsError(f"The config file {path} is not TOML: line {number} has too many dots.")
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"The config file {path} is not TOML: {truncate_middle(str(error), 200)}."
        ) from None
    except RecursionError:
        raise SettingsError(f"The config file {path} is not TOML: it is nested too deeply.") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits, and no date that does not exist
        raise SettingsError(f"The config file {path} has an invalid number or date.") from None
    return content


def _checked(path: Path, where: str, kind: type, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a table, every key of it known. ``where`` is the table, empty for the top. Raises
    SettingsError."""
    defaults = {each.name: each.default for each in fields(kind)}
    known = [*defaults, *(() if where else (SERVERS,))]
    values = {}
    for key, value in content.items():
        if key not in defaults:
            near = nearest(key[:100], known)
            hint = f"Did you mean {near[0]}?" if near else f"Valid keys: {', '.join(known)}."
            place = f" in [{where}]" if where else ""
            raise SettingsError(
                f"The config file {path} has an unknown key {truncate_middle(repr(key), 60)}{place}. {hint}"
            )
        values[key] = _checked_value(path, f"{where}.{key}" if where else key, defaults[key], value)
    return values


def _checked_value(path: Path, key: str, default: object, value: Any) -> object:
    """Return the value of a known key, a number as a float, a list as a tuple. Raises SettingsError."""
    if key == "keys":
        return _checked_keys(path, value)
    if key in _NUMBERS:
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                raise SettingsError(f"The config file {path}: {key} is too large.") from None
        wanted = "a number"
    elif isinstance(default, tuple):
        is_command = isinstance(value, list) and all(isinstance(w, str) and "\0" not in w for w in value)
        if is_command and any(value[:1]):
            return tuple(value)
        wanted = 'a list of texts in quotes, the command first: ["command", "argument"]'
    elif type(value) is type(default):
        return value
    else:
        wanted = "true or false" if isinstance(default, bool) else "text in quotes"
    raise SettingsError(f"The config file {path}: {key} must be {wanted}.")


def _checked_keys(path: Path, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the table of keys: of each action one key or several. Which actions and keys there are, the screens know.
    Raises SettingsError."""
    if isinstance(value, dict):
        lists = {action: [keys] if isinstance(keys, str) else keys for action, keys in value.items()}
        if all(
            isinstance(keys, list) and all(isinstance(key, str) for key in keys) for keys in lists.values()
        ):
            return tuple((action, tuple(keys)) for action, keys in lists.items())
    raise SettingsError(
        f"The config file {path}: [keys] must be a table of actions and their keys, such as "
        '"step.verify" = "c".'
    )


def _checked_server(path: Path, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    where = f"{SERVERS}.{truncate_middle(name, 40)}"
    if not _SERVER_NAME.fullmatch(name):
        raise SettingsError(
            f"The config file {path}: the name of a server has letters, digits, . _ - only, and at most 40 of them: "
            f"{truncate_middle(repr(name), 60)}."
        )
    values = _checked(path, where, ServerSettings, table)
    problem = ""
    if not values.get("url"):
        problem = "url is missing"
    elif values.get("password_command") and values.get("password_file"):
        problem = "give password_command or password_file, not both"
    elif values.get("label") and not _LABEL.fullmatch(values["label"]):
        problem = "label must be 1 to 20 ASCII characters that can be typed, with no space at either end"
    elif values.get("color") and values["color"] not in COLORS:
        problem = f"color must be one of {', '.join(COLORS)}"
    elif values.get("mode") and values["mode"] not in MODES:
        problem = f"mode must be one of {', '.join(MODES)}"
    if problem:
        raise SettingsError(f"The config file {path}, [{where}]: {problem}.")
    return values
