"""Which server, as whom, and how: flags over environment over config file. A secret is never a flag."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import platformdirs

from restore_tui.bounded_files import CERTIFICATE_BYTES, CONFIG_BYTES, read_file, read_secret
from restore_tui.kinetica.connection.credentials import NOTHING, Login, Secret
from restore_tui.kinetica.sanitize import truncate_middle

if TYPE_CHECKING:
    from restore_tui.kinetica.connection.transport import ConnectionSettings

APP = "restore-tui"
PASSWORD_VARIABLES = ("KINETICA_PASSWORD", "KINETICA_PASS", "KINETICA_PASSWD")

_SECRET_FILES = {"password": "password_file", "token": "oauth_token_file"}
"""What a file holds → the key that names the file."""

_FLAG, _ENVIRONMENT, _CONFIG_FILE = 3, 2, 1
_A_WEEK = 7 * 24 * 60
_A_TERABYTE = 1_000_000
LONGEST_TIMEOUT = 1_000_000_000
"""In seconds, thirty years: more than that is a slip, and more than a clock can count to."""
_MOST_DOTS = 200
"""In a line of the config file. The reader of TOML takes memory by the square of the parts of a dotted key."""
MODES = ("auto", "job", "direct")


class SettingsError(Exception):
    """A setting cannot be used; the text says which, and what would do."""


@dataclass(frozen=True)
class FileSettings:
    """The keys of ``config.toml``."""

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
    """Do not verify the server's TLS certificate. The screen says so."""
    proxy: str = ""
    """HTTP proxy URL. Proxies from the environment are ignored."""
    timeout: float | None = None
    """Response timeout in seconds. Unset: 30 for reads, none for a restore and its dry run."""
    dry_run_only: bool = False
    """Stop after the dry run; never send a real restore."""
    way: str = "auto"
    """Execution mode of a restore: ``job`` (background job on the server), ``direct`` (one long request), or ``auto``
    (the mode that the dry run used successfully)."""
    dry_run_minutes: float = 15
    """Minutes after which a dry run is stale."""
    largest_answer_mb: float = 256
    """Largest response that is accepted, in megabytes (10⁶ bytes)."""
    mouse: bool = True
    """Mouse support. Turn it off to select text with the terminal as usual."""
    plain_rendering: bool = False
    """Use Textual's own rendering, in case the screen looks broken. It sends more data over a slow connection."""
    ascii: bool = False
    """Draw with ASCII characters only. Terminals whose encoding lacks the others are recognized without it."""
    theme: str = ""
    """Textual theme, such as ``nord`` or ``textual-light``."""
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A table: other keys for actions, see below."""


@dataclass(frozen=True)
class Settings(FileSettings):
    """Everything that is in force."""

    password: Secret = NOTHING
    """From a file, or from the environment."""
    token: Secret = NOTHING
    """An OAuth token, likewise."""
    from_file: frozenset[str] = frozenset()
    """Which of ``password`` and ``token`` came from a file."""
    exposed: tuple[str, ...] = ()
    """Files with a password or token in use that others can read."""
    left_out: str = ""
    """Why a password or token that was given is not used; empty for none."""
    state_folder: Path = field(default_factory=lambda: platformdirs.user_state_path(APP))
    """Where receipts and the log go."""

    @property
    def receipts(self) -> Path:
        return self.state_folder / "receipts"

    def pointed_at(self, url: str, user: str, *, insist: bool) -> Settings:
        """Return the settings for a run that went to this server as this user. ``insist`` keeps a URL given by a flag.

        Where no URL is set, password and token are not meant for another server, and are used. Those that are meant
        for another one are left out, and ``left_out`` says so. A user in parentheses stands for a token, or nobody.
        """
        user = "" if user.startswith("(") else user
        if insist or not self.url or self.url.rstrip("/") == url.rstrip("/"):
            return replace(self, url=self.url or url, user=self.user or user)
        left_out = (
            f"The password or token given is for {self.url}, but this run went to {url}, so it is not used here. "
            "Type the one for this server, or set KINETICA_URL."
        )
        return replace(
            self,
            url=url,
            user=user,
            password=NOTHING,
            token=NOTHING,
            from_file=frozenset(),
            left_out=left_out if self.password or self.token else "",
        )

    def logged_in_at(self, url: str, user: str, password: str) -> Settings:
        """Return the settings for another server, with its login in place of the one given."""
        return replace(
            self, url=url, user=user, password=Secret(password), token=NOTHING, from_file=frozenset()
        )

    def connection(self, url: str, login: Login) -> ConnectionSettings:
        """How to reach a server with what is in force. Raises InvalidUrl."""
        from restore_tui.kinetica.connection.address import ServerAddress
        from restore_tui.kinetica.connection.transport import ConnectionSettings

        return ConnectionSettings(
            address=ServerAddress.parse(url),
            login=login,
            ca_file=self.ca_file or None,
            insecure=self.insecure,
            proxy=self.proxy or None,
            timeout=self.timeout,
            max_response_bytes=self.max_response_bytes,
            read_login=self.reader_of(login),
        )

    def reader_of(self, login: Login) -> Callable[[], Login | None] | None:
        """Return what reads a login again from the file that it came from; None for one that came from none. What it
        returns is None where the file cannot be read now."""
        kind = "token" if login.token else "password"
        place = getattr(self, _SECRET_FILES[kind])
        if getattr(login, kind) != getattr(self, kind) or kind not in self.from_file:
            return None

        def read() -> Login | None:
            try:
                secret = _first_line(place, f"{kind} file")
            except SettingsError:
                return None
            return replace(login, token=secret) if kind == "token" else replace(login, password=secret)

        return read

    @property
    def max_response_bytes(self) -> int:
        """In bytes."""
        return int(self.largest_answer_mb * 1_000_000)

    @property
    def dry_run_max_age(self) -> timedelta:
        return timedelta(minutes=self.dry_run_minutes)


def _expanded(path: str | Path) -> str:
    """The path with ~ expanded. ``Path``'s own method raises where there is no such user."""
    return os.path.expanduser(path)  # noqa: PTH111


def default_config() -> Path:
    return platformdirs.user_config_path(APP) / "config.toml"


def load(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Put the three sources together. ``flags`` holds only what was given, named like the fields, and
    ``config`` for another config file. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    given = {key: value for key, value in flags.items() if value is not None and key != "config"}
    named = flags.get("config")
    values = {
        **_from_file(Path(named) if named else default_config(), required=bool(named)),
        **_from_environment(environ),
        **given,
    }
    password = next((Secret(environ[name]) for name in PASSWORD_VARIABLES if environ.get(name)), NOTHING)
    token = Secret(environ.get("KINETICA_OAUTH_TOKEN", ""))
    secrets = {"password": password, "token": token}
    # A file named by a flag goes before the environment, one named in the config file after it.
    ranks = {
        kind: _rank(key in given, bool(secrets[kind]), bool(values.get(key)))
        for kind, key in _SECRET_FILES.items()
    }
    files = [kind for kind, rank in ranks.items() if rank in (_FLAG, _CONFIG_FILE)]
    for kind in files:
        secrets[kind] = _first_line(values[_SECRET_FILES[kind]], f"{kind} file")
    if ranks["password"] > ranks["token"]:
        secrets["token"] = (
            NOTHING  # a token goes before a password, but not before one from a stronger source
        )
    if "@" in str(values.get("url", "")):
        raise SettingsError(
            "The URL has a user or a password in it (it is not shown here). Leave out everything before the @, "
            "and give the user with --user and the password with --password-file or KINETICA_PASSWORD."
        )
    if "@" in str(values.get("proxy", "")):
        raise SettingsError(
            "The proxy's URL has a user or a password in it (it is not shown here). Only proxies without a login "
            "can be used."
        )
    if values.get("ca_file"):
        values["ca_file"] = _checked_ca_file(values["ca_file"])
    settings = Settings(
        **values,
        password=secrets["password"],
        token=secrets["token"],
        from_file=frozenset(files),
        exposed=tuple(
            values[_SECRET_FILES[kind]] for kind in files if _others_can_read(values[_SECRET_FILES[kind]])
        ),
    )
    problem = Login(settings.user, settings.password, settings.token).problem()
    if problem:
        raise SettingsError(problem)
    if settings.timeout is not None and not 0 < settings.timeout <= LONGEST_TIMEOUT:
        raise SettingsError(
            f"timeout must be more than 0 seconds, and at most {LONGEST_TIMEOUT:,}; omit it for no timeout."
        )
    if settings.way not in MODES:
        raise SettingsError(f"way must be one of {', '.join(MODES)}.")
    if not 0 < settings.dry_run_minutes <= _A_WEEK:
        raise SettingsError(f"dry_run_minutes must be more than 0, and at most {_A_WEEK:,}.")
    if not 0 < settings.largest_answer_mb <= _A_TERABYTE:
        raise SettingsError(f"largest_answer_mb must be more than 0, and at most {_A_TERABYTE:,}.")
    return settings


def _rank(flag: bool, environment: bool, config: bool) -> int:
    if flag:
        return _FLAG
    return _ENVIRONMENT if environment else (_CONFIG_FILE if config else 0)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    pairs = {"url": environ.get("KINETICA_URL"), "user": environ.get("KINETICA_USER")}
    return {key: value for key, value in pairs.items() if value}


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    path = Path(_expanded(path))
    try:
        written = read_file(path, CONFIG_BYTES)
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no config file {path}.") from None
        return {}
    except OSError as error:
        raise SettingsError(f"The config file {path} cannot be read: {error.strerror}.") from None
    content = _parsed(path, written)
    known = get_type_hints(FileSettings)
    for key, value in content.items():
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key[:100], known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Valid keys: {', '.join(known)}."
            raise SettingsError(
                f"The config file {path} has an unknown key {truncate_middle(repr(key), 60)}. {hint}"
            )
        content[key] = _checked_value(path, key, value)
    return content


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


def _checked_value(path: Path, key: str, value: object) -> object:
    """Return the value of a known key, a number as a float. Raises SettingsError."""
    if key == "keys":
        return _checked_keys(path, value)
    default = next(f.default for f in fields(FileSettings) if f.name == key)
    if key in ("timeout", "dry_run_minutes", "largest_answer_mb"):
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                raise SettingsError(f"The config file {path}: {key} is too large.") from None
        wanted = "a number"
    elif type(value) is type(default):
        return value
    else:
        wanted = "true or false" if isinstance(default, bool) else "text in quotes"
    raise SettingsError(f"The config file {path}: {key} must be {wanted}.")


def _checked_keys(path: Path, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the table of keys: of each action one key or several. Which there are, the screens know."""
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


def _checked_ca_file(path: str) -> str:
    """Return the path, with ~ expanded, of a file that has certificates in it. Raises SettingsError."""
    import ssl  # where there is such a file: most have none

    place = _expanded(path)
    try:
        written = read_file(place, CERTIFICATE_BYTES)
    except OSError as error:
        raise SettingsError(f"The CA file {path} cannot be read: {error.strerror}.") from None
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=written.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        raise SettingsError(f"The CA file {path} holds no certificate (PEM) that can be read.") from None
    return place


def _first_line(path: str, what: str) -> Secret:
    try:
        text = read_secret(_expanded(path)).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"The {what} {path} cannot be read: {reason}.") from None
    line = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", 1)[0]
    if not line:
        raise SettingsError(f"The {what} {path} is empty.")
    if line.startswith("\ufeff"):
        raise SettingsError(
            f"The {what} {path} begins with a byte order mark (BOM), which would be part of the {what.split()[0]}. "
            "Save it as UTF-8 without one."
        )
    return Secret(line)


def _others_can_read(path: str) -> bool:
    """Whether the mode of a file lets its group or everybody read it. A pipe is nobody else's."""
    try:
        mode = Path(_expanded(path)).stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & (stat.S_IRGRP | stat.S_IROTH))
