"""Which server, as whom, and how: flags over environment over config file. A secret is never a flag."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from restore_tui.kinetica.credentials import NOTHING, Login, Secret

APP = "restore-tui"
PASSWORD_VARIABLES = ("KINETICA_PASSWORD", "KINETICA_PASS", "KINETICA_PASSWD")

_FLAG, _ENVIRONMENT, _CONFIG_FILE = 3, 2, 1
_A_WEEK = 7 * 24 * 60
_A_TERABYTE = 1_000_000
WAYS = ("auto", "job", "direct")


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
    theme: str = ""
    """Textual theme, such as ``nord`` or ``textual-light``."""


@dataclass(frozen=True)
class Settings(FileSettings):
    """Everything that is in force."""

    password: Secret = NOTHING
    """From a file, or from the environment."""
    token: Secret = NOTHING
    """An OAuth token, likewise."""
    from_file: frozenset[str] = frozenset()
    """Which of ``password`` and ``token`` came from a file."""
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
            left_out=left_out if self.password or self.token else "",
        )

    def reader_of(self, login: Login) -> Callable[[], Login | None] | None:
        """Return what reads a login again from the file that it came from; None for one that came from none. What it
        returns is None where the file cannot be read now."""
        if login.token:
            kind, place, given = "token", self.oauth_token_file, login.token == self.token
        else:
            kind, place, given = "password", self.password_file, login.password == self.password
        if not given or kind not in self.from_file:
            return None

        def read() -> Login | None:
            try:
                secret = _first_line(place, f"{kind} file")
            except SettingsError:
                return None
            return replace(login, token=secret) if kind == "token" else replace(login, password=secret)

        return read

    @property
    def largest_answer(self) -> int:
        """In bytes."""
        return int(self.largest_answer_mb * 1_000_000)

    @property
    def dry_run_max_age(self) -> timedelta:
        return timedelta(minutes=self.dry_run_minutes)


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
    # A file named by a flag goes before the environment, one named in the config file after it.
    password_rank, token_rank = (
        _rank(key in given, bool(secret), bool(values.get(key)))
        for key, secret in (("password_file", password), ("oauth_token_file", token))
    )
    files = set()
    if password_rank in (_FLAG, _CONFIG_FILE):
        files.add("password")
        password = _first_line(values["password_file"], "password file")
    if token_rank in (_FLAG, _CONFIG_FILE):
        files.add("token")
        token = _first_line(values["oauth_token_file"], "token file")
    if password_rank > token_rank:
        token = NOTHING  # a token goes before a password, but not before one from a stronger source
    if "@" in str(values.get("url", "")):
        raise SettingsError(
            "The URL has a user or a password in it (it is not shown here). Leave out what stands before the @, "
            "and give the user with --user and the password with --password-file or KINETICA_PASSWORD."
        )
    if "@" in str(values.get("proxy", "")):
        raise SettingsError(
            "The proxy's URL has a user or a password in it (it is not shown here). Only proxies without a login "
            "can be used."
        )
    settings = Settings(**values, password=password, token=token, from_file=frozenset(files))
    if settings.timeout is not None and not 0 < settings.timeout < math.inf:
        raise SettingsError("timeout has to be more than 0 seconds; leave it out to have no bound.")
    if settings.way not in WAYS:
        raise SettingsError(f"way has to be one of {', '.join(WAYS)}.")
    if not 0 < settings.dry_run_minutes <= _A_WEEK:
        raise SettingsError(f"dry_run_minutes has to be more than 0, and at most {_A_WEEK:,}.")
    if not 0 < settings.largest_answer_mb <= _A_TERABYTE:
        raise SettingsError(f"largest_answer_mb has to be more than 0, and at most {_A_TERABYTE:,}.")
    return settings


def _rank(flag: bool, environment: bool, config: bool) -> int:
    if flag:
        return _FLAG
    return _ENVIRONMENT if environment else (_CONFIG_FILE if config else 0)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    pairs = {"url": environ.get("KINETICA_URL"), "user": environ.get("KINETICA_USER")}
    return {key: value for key, value in pairs.items() if value}


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        written = path.read_bytes()
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

            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
            raise SettingsError(f"The config file {path} has an unknown key {key!r}. {hint}")
        _check_type(path, key, value)
    return content


def _parsed(path: Path, written: bytes) -> dict[str, Any]:
    """The reader of TOML is loaded where there is a file to read: most have none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        content: dict[str, Any] = tomllib.loads(written.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The config file {path} is not TOML: {error}.") from None
    return content


def _check_type(path: Path, key: str, value: object) -> None:
    default = next(f.default for f in fields(FileSettings) if f.name == key)
    numeric = key in ("timeout", "dry_run_minutes", "largest_answer_mb")
    wanted: tuple[type, ...] = (int, float) if numeric else (type(default),)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        words = {str: "text in quotes", bool: "true or false"}
        kind = "a number" if numeric else words[type(default)]
        raise SettingsError(f"The config file {path}: {key} has to be {kind}.")


def _first_line(path: str, what: str) -> Secret:
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"The {what} {path} cannot be read: {reason}.") from None
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line:
        raise SettingsError(f"The {what} {path} is empty.")
    return Secret(line)
