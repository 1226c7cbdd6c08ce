"""Which server, as whom, and how: flags over environment over config file. A secret is never a flag."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import platformdirs

from restore_tui.bounded_files import CERTIFICATE_BYTES, read_file
from restore_tui.config_file import (
    APP,
    CONNECTION_KEYS,
    MODES,
    NOTIFICATIONS,
    ConfigFile,
    FileSettings,
    ServerSettings,
    SettingsError,
    default_config,
    expanded,
    read_config,
)
from restore_tui.kinetica.connection.credentials import NOTHING, Login, Secret
from restore_tui.secret_sources import first_line_of_file, others_can_read, password_from_command

if TYPE_CHECKING:
    from restore_tui.kinetica.connection.address import ServerAddress
    from restore_tui.kinetica.connection.transport import ConnectionSettings

__all__ = [
    "LONGEST_TIMEOUT",
    "PASSWORD_VARIABLES",
    "SERVER_VARIABLE",
    "FileSettings",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "Sources",
    "default_config",
    "load",
]

PASSWORD_VARIABLES = ("KINETICA_PASSWORD", "KINETICA_PASS", "KINETICA_PASSWD")
TOKEN_VARIABLE = "KINETICA_OAUTH_TOKEN"  # noqa: S105
SERVER_VARIABLE = "KINETICA_SERVER"
_VARIABLES = {"url": "KINETICA_URL", "user": "KINETICA_USER"}
_SECRET_FILES = {"password": "password_file", "token": "oauth_token_file"}
"""What a file holds → the key that names the file."""

_WHICH = ("server", "demo")
"""The flags that say which server, beside ``url``, and are no settings."""
_FLAG, _ENVIRONMENT, _CONFIG_FILE = 3, 2, 1
_A_WEEK = 7 * 24 * 60
_A_TERABYTE = 1_000_000
_A_CENTURY = 36_525
LONGEST_TIMEOUT = 1_000_000_000
"""In seconds, thirty years: more than that is a slip, and more than a clock can count to."""


@dataclass(frozen=True)
class Settings(FileSettings):
    """Everything that is in force."""

    demo: bool = False
    """Whether the built-in demo server is used."""
    server: str = ""
    """The server of the config file that URL, user, secrets, TLS and proxy are from; empty for none."""
    label: str = ""
    """Of the server, for every screen and for the confirmation; empty for none."""
    color: str = ""
    """Of the label; empty for none."""
    password_command: tuple[str, ...] = ()
    """What prints the password, where nothing else says it."""
    password: Secret = NOTHING
    """From a file, from a command, or from the environment."""
    token: Secret = NOTHING
    """An OAuth token, likewise."""
    from_file: frozenset[str] = frozenset()
    """Which of ``password`` and ``token`` came from a file."""
    exposed: tuple[str, ...] = ()
    """Files with a password or token in use that others can read."""
    left_out: str = ""
    """Why a password or token that was given is not used; empty for none."""
    ignored: tuple[str, ...] = ()
    """Environment variables that are set and do not count, because a server is named."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Setting → where its value is from. What is not in it has its default."""
    sources: Sources | None = field(default=None, compare=False, repr=False)
    """What the settings for another server are made from."""
    state_folder: Path = field(default_factory=lambda: platformdirs.user_state_path(APP))
    """Where receipts, the log and trusted certificates go."""

    @property
    def receipts(self) -> Path:
        """Those of the demo are kept apart: its restores are no record of anything."""
        return self.state_folder / ("demo/receipts" if self.demo else "receipts")

    @property
    def certificates(self) -> Path:
        """Where the certificates are that the operator has trusted, one file a server."""
        return self.state_folder / "certificates"

    # Several servers

    @property
    def servers(self) -> Mapping[str, ServerSettings]:
        """The servers of the config file, by name."""
        return {} if self.sources is None else self.sources.servers

    def at(self, server: str) -> Settings:
        """Return the settings with another server of the config file, or with none for an empty name: URL, user,
        secrets, TLS and proxy change as one unit. Raises SettingsError."""
        if self.sources is None:
            raise SettingsError("There is no config file that names servers.")
        is_first = server == self.sources.named[0]
        return replace(self.sources.settings(server, with_flags=is_first), state_folder=self.state_folder)

    def in_force_at(self, url: str, user: str) -> Settings:
        """Return the settings with the label and the ``dry_run_only`` of the server that a URL leads to: they hold
        however the server is named. Where several are at this URL, they are those of this user, or else of all."""
        if self.server:
            return self
        servers = [self.servers[name] for name in self.servers_at(url, user)]
        labeled = next((server for server in servers if server.label), ServerSettings())
        return replace(
            self,
            label=labeled.label or self.label,
            color=labeled.color or self.color,
            dry_run_only=self.dry_run_only or any(server.dry_run_only for server in servers),
        )

    def servers_at(self, url: str, user: str) -> list[str]:
        """Return the names of the servers at this URL, or else at its host and port, or else at its host: a cluster has
        several ports. On this machine each port may be a tunnel to another cluster. Those of this user, if any."""
        from restore_tui.kinetica.connection.address import ServerAddress
        from restore_tui.kinetica.errors import InvalidUrl

        if not self.servers:
            return []
        try:
            there = ServerAddress.parse(url)
        except InvalidUrl:
            return []
        ranks = {}
        for name, server in self.servers.items():
            with contextlib.suppress(InvalidUrl):
                ranks[name] = _likeness(ServerAddress.parse(server.url), there)
        names = [name for name, rank in ranks.items() if rank and rank == max(ranks.values())]
        return [name for name in names if self.servers[name].user == user] or names

    def with_command_password(self, *, has_terminal: bool, stop: Event | None = None) -> Settings:
        """Return the settings with the password that the server's command prints, where it has one. Raises
        SettingsError."""
        if not self.password_command:
            return self
        password = password_from_command(
            self.password_command, self.server, has_terminal=has_terminal, stop=stop
        )
        return replace(self, password=password, password_command=())

    def pointed_at(self, url: str, user: str, *, insist: bool) -> Settings:
        """Return the settings for a run that went to this server as this user. ``insist`` keeps a server or URL that
        a flag gives.

        A server of the config file with this URL is used as a whole, unless the environment has the URL. Where no URL
        is set, password and token are not meant for another server, and are used. Those that are meant for another one
        are left out, and ``left_out`` says so. A user in parentheses stands for a token, or nobody. Raises
        SettingsError.
        """
        user = "" if user.startswith("(") else user
        if insist or self.url.rstrip("/") == url.rstrip("/"):
            return replace(self, url=self.url or url, user=self.user or user)
        names = [
            name
            for name in self.servers_at(url, user)
            if self.servers[name].url.rstrip("/") == url.rstrip("/") and self.servers[name].user in ("", user)
        ]
        if names and self.sources is not None:
            settings = self.sources.settings(names[0], with_flags=True)
            return replace(settings, user=settings.user or user, state_folder=self.state_folder)
        if not self.url:
            return replace(self, url=url, user=self.user or user)
        left_out = (
            f"The password or token given is for {self.url}, but this run went to {url}, so it is not used here. "
            "Type the one for this server, or set KINETICA_URL."
        )
        base = self.at("") if self.server else self
        return replace(
            base,
            url=url,
            user=user,
            password=NOTHING,
            token=NOTHING,
            from_file=frozenset(),
            left_out=left_out if self.password or self.token or self.password_command else "",
        )

    def logged_in_at(self, url: str, user: str, password: str) -> Settings:
        """Return the settings for another server, with its login in place of the one given."""
        return replace(
            self, url=url, user=user, password=Secret(password), token=NOTHING, from_file=frozenset()
        )

    # Connecting

    def connection(self, url: str, login: Login) -> ConnectionSettings:
        """How to reach a server with what is in force. Raises InvalidUrl."""
        from restore_tui.kinetica.connection import certificates
        from restore_tui.kinetica.connection.address import ServerAddress
        from restore_tui.kinetica.connection.transport import ConnectionSettings

        address = ServerAddress.parse(url)
        may_be_trusted = address.encrypted and not self.insecure and not self.ca_file
        return ConnectionSettings(
            address=address,
            login=login,
            ca_file=self.ca_file or None,
            insecure=self.insecure,
            trusted=certificates.stored(self.certificates, address) if may_be_trusted else None,
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
                secret = first_line_of_file(place, f"{kind} file")
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


@dataclass(frozen=True)
class Sources:
    """Flags, environment and config file, as they were when the program started. ``flags`` holds only what was given,
    named like the settings."""

    file: ConfigFile
    flags: Mapping[str, Any]
    environ: Mapping[str, str] = field(repr=False)

    @property
    def named(self) -> tuple[str, str]:
        """The server that a flag or the environment names, and which of them; two empty texts for none."""
        if self.flags.get("server"):
            return self.flags["server"], "--server"
        named_otherwise = self.flags.get("url") or self.flags.get("demo")
        name = "" if named_otherwise else self.environ.get(SERVER_VARIABLE, "")
        return name, SERVER_VARIABLE if name else ""

    @cached_property
    def servers(self) -> dict[str, ServerSettings]:
        return {name: ServerSettings(**values) for name, values in self.file.servers.items()}

    def settings(self, server: str, *, with_flags: bool) -> Settings:
        """Put the sources together for a server of the file, or for none. ``with_flags`` says whether connection flags
        were meant for it. Raises SettingsError."""
        if server and server not in self.file.servers:
            from restore_tui.suggestions import nearest_hint

            there = (
                nearest_hint(server[:100], self.file.servers) if self.file.servers else "it names no servers"
            )
            raise SettingsError(
                f"There is no server {server[:100]!r} in the config file {self.file.path}: {there}."
            )
        name, named_by = self.named
        flags = {
            key: value
            for key, value in self.flags.items()
            if key not in _WHICH and (with_flags or key not in CONNECTION_KEYS)
        }
        values: dict[str, Any] = {}
        origins: dict[str, str] = {}

        def take(source: str, more: Mapping[str, Any]) -> None:
            values.update(more)
            origins.update(dict.fromkeys(more, source))

        take(
            "config file",
            {k: v for k, v in self.file.values.items() if not server or k not in CONNECTION_KEYS},
        )
        if server:
            take(f"config file, [servers.{server}]", self._server_values(server, flags))
            origins["server"] = named_by if server == name else ""
        else:
            for key, variable in _VARIABLES.items():
                if self.environ.get(variable):
                    take(variable, {key: self.environ[variable]})
        for key, value in flags.items():
            take(_option(key, value), {key: value})
        for source in (self.file.values, flags):
            if source.get("dry_run_only"):  # no source takes it back
                values["dry_run_only"] = True
        secrets = self._environment_secrets() if not server else {"password": NOTHING, "token": NOTHING}
        settings = _checked(_with_secrets(values, secrets, flags))
        for kind, key in _SECRET_FILES.items():
            if getattr(settings, kind):
                origins[kind] = origins[key] if kind in settings.from_file else self._variable_of(kind)
        return replace(
            settings,
            demo=bool(self.flags.get("demo")),
            server=server,
            ignored=self._variables_set() if server else (),
            origins=origins,
            sources=self,
        )

    def _server_values(self, server: str, flags: Mapping[str, Any]) -> dict[str, Any]:
        """The keys of a server under the names of the settings. Its secrets are its user's, and no other's."""
        values = {"way" if key == "mode" else key: value for key, value in self.file.servers[server].items()}
        another_user = values.get("user") and flags.get("user", values["user"]) != values["user"]
        if another_user:
            for key in ("password_command", *_SECRET_FILES.values()):
                values.pop(key, None)
        if flags.get("password_file"):
            values.pop("password_command", None)
        return values

    def _environment_secrets(self) -> dict[str, Secret]:
        passwords = (Secret(self.environ[name]) for name in PASSWORD_VARIABLES if self.environ.get(name))
        return {"password": next(passwords, NOTHING), "token": Secret(self.environ.get(TOKEN_VARIABLE, ""))}

    def _variable_of(self, kind: str) -> str:
        names = PASSWORD_VARIABLES if kind == "password" else (TOKEN_VARIABLE,)
        return next((name for name in names if self.environ.get(name)), "")

    def _variables_set(self) -> tuple[str, ...]:
        names = (*_VARIABLES.values(), *PASSWORD_VARIABLES, TOKEN_VARIABLE)
        return tuple(name for name in names if self.environ.get(name))


def load(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Put the three sources together. ``flags`` holds only what was given, named like the fields, and
    ``config`` for another config file. Raises SettingsError."""
    sources = read_sources(flags, environ)
    return sources.settings(sources.named[0], with_flags=True)


def read_sources(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Sources:
    """Read the sources of ``load``. Raises SettingsError for a config file that cannot be used."""
    named = flags.get("config")
    return Sources(
        read_config(Path(named) if named else default_config(), required=bool(named)),
        {key: value for key, value in flags.items() if value is not None and key != "config"},
        os.environ if environ is None else environ,
    )


def _likeness(here: ServerAddress, there: ServerAddress) -> int:
    """How surely two addresses are of one server: 3 for the same URL, 0 where nothing says so."""
    if here.url == there.url:
        return 3
    if here.origin == there.origin:
        return 2
    return int(here.origin[0] == there.origin[0] and not there.is_loopback)


def _option(key: str, value: object) -> str:
    return f"--no-{key}" if value is False else f"--{key.replace('_', '-')}"


def _with_secrets(values: dict[str, Any], secrets: dict[str, Secret], flags: Mapping[str, Any]) -> Settings:
    """Add the secrets. A file named by a flag goes before the environment, one named in the config file after it."""
    ranks = {
        kind: _rank(key in flags, bool(secrets[kind]), bool(values.get(key)))
        for kind, key in _SECRET_FILES.items()
    }
    ranks["password"] = max(ranks["password"], _CONFIG_FILE if values.get("password_command") else 0)
    files = [kind for kind, key in _SECRET_FILES.items() if values.get(key) and ranks[kind] != _ENVIRONMENT]
    for kind in files:
        secrets[kind] = first_line_of_file(values[_SECRET_FILES[kind]], f"{kind} file")
    if ranks["password"] > ranks["token"]:
        secrets["token"] = (
            NOTHING  # a token goes before a password, but not before one from a stronger source
        )
    if secrets["token"]:
        values.pop("password_command", None)
    return Settings(
        **values,
        password=secrets["password"],
        token=secrets["token"],
        from_file=frozenset(files),
        exposed=tuple(
            values[_SECRET_FILES[kind]] for kind in files if others_can_read(values[_SECRET_FILES[kind]])
        ),
    )


def _checked(settings: Settings) -> Settings:
    """Raises SettingsError."""
    if "@" in settings.url:
        raise SettingsError(
            "The URL has a user or a password in it (it is not shown here). Leave out everything before the @, "
            "and give the user with --user and the password with --password-file or KINETICA_PASSWORD."
        )
    if "@" in settings.proxy:
        raise SettingsError(
            "The proxy's URL has a user or a password in it (it is not shown here). Only proxies without a login "
            "can be used."
        )
    if settings.ca_file:
        settings = replace(settings, ca_file=_checked_ca_file(settings.ca_file))
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
    if not 0 <= settings.hangup_minutes <= _A_WEEK:
        raise SettingsError(f"hangup_minutes must be 0 or more, and at most {_A_WEEK:,}.")
    if settings.notify not in ("", *NOTIFICATIONS):
        raise SettingsError(f"notify must be one of {', '.join(NOTIFICATIONS)}; omit it for none.")
    if not 0 < settings.receipt_days <= _A_CENTURY:
        raise SettingsError(f"receipt_days must be more than 0, and at most {_A_CENTURY:,}.")
    if not 0 < settings.largest_answer_mb <= _A_TERABYTE:
        raise SettingsError(f"largest_answer_mb must be more than 0, and at most {_A_TERABYTE:,}.")
    return settings


def _rank(flag: bool, environment: bool, config: bool) -> int:
    if flag:
        return _FLAG
    return _ENVIRONMENT if environment else (_CONFIG_FILE if config else 0)


def _checked_ca_file(path: str) -> str:
    """Return the path, with ~ expanded, of a file that has certificates in it. Raises SettingsError."""
    import ssl  # where there is such a file: most have none

    place = expanded(path)
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
