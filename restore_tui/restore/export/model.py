"""What the four writers share: how the server is reached, what comes out, and how a note becomes a comment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import DIRECT, JOB
from restore_tui.restore.text_format import wrapped

Language = Literal["json", "curl", "python", "sql"]
LANGUAGES: tuple[Language, ...] = ("json", "curl", "python", "sql")

ENDPOINT = "/restore/backup"
USER, PASSWORD, TOKEN = "KINETICA_USER", "KINETICA_PASSWORD", "KINETICA_OAUTH_TOKEN"

_TITLES = {"json": "JSON", "curl": "curl", "python": "Python", "sql": "SQL"}
_SUFFIXES = {"json": ".json", "curl": ".sh", "python": ".py", "sql": ".sql"}
_SYNTAXES = {"json": "json", "curl": "bash", "python": "python", "sql": "sql"}
_NO_SERVER = "http://HOST:9191"
_COMMENT = 78
# What the HTTP library of the wizard leaves as it is in a path.
_LEFT_IN_A_PATH = "%/:!$&'()*+,;=@~[]|\\^"


@dataclass(frozen=True)
class Snippet:
    """One text. ``notes`` are what its reader has to know, a sentence or two each; where the language has comments,
    they stand in the text as well."""

    language: Language
    title: str
    text: str
    notes: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """How a file's name ends that the text is saved under."""
        return _SUFFIXES[self.language]

    @property
    def syntax(self) -> str:
        """The name by which highlighters know the language."""
        return _SYNTAXES[self.language]


@dataclass(frozen=True)
class ConnectionInfo:
    """How the server is reached, without any secret. ``url`` is the base URL, empty where none is known yet;
    ``timeout`` is in seconds, None for no bound; ``way`` is that of the target."""

    url: str = ""
    login: Literal["password", "token", "none"] = "password"
    user: str = ""
    ca_file: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float | None = None
    mode: str = DIRECT

    @classmethod
    def of(cls, link: ConnectionSettings, way: str = DIRECT) -> ConnectionInfo:
        """Of a link. A proxy with a login in its URL is left out: no link connects through one."""
        login = link.login
        kind: Literal["password", "token", "none"] = "password" if login.user or login.password else "none"
        return cls(
            url=link.address.url,
            login="token" if login.token else kind,
            user=login.user,
            ca_file=link.certificate_file,
            insecure=link.insecure,
            proxy=link.proxy if link.proxy and "@" not in link.proxy else None,
            timeout=link.timeout,
            mode=way,
        )

    @property
    def base(self) -> str:
        """The base URL in plain ASCII, its host apart, or a placeholder that no resolver knows."""
        scheme, _, rest = (self.url or _NO_SERVER).partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host}{slash}{quote(path, safe=_LEFT_IN_A_PATH)}"

    @property
    def seconds(self) -> str:
        """The timeout in digits, empty where there is none."""
        return "" if self.timeout is None else f"{self.timeout:.10g}"

    @property
    def encrypted(self) -> bool:
        return self.url.startswith("https:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables that hold the login."""
        return {"password": (USER, PASSWORD), "token": (TOKEN,), "none": ()}[self.login]


def title(language: Language, dry_run: bool) -> str:
    return f"{_TITLES[language]}, {'the dry run' if dry_run else 'the restore'}"


def notes_on(plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> list[str]:
    """What holds for the request in any language."""
    notes = [] if dry_run else ["This restores. It is not the dry run."]
    notes += [f"Not complete: {problem.text}" for problem in plan.problems()]
    if not access.url:
        notes.append(f"No server is known yet: its URL goes in the place of {_NO_SERVER}.")
    if access.mode == JOB:
        notes.append(
            "The wizard sends this request to /create/job, to run as a background job. Here it is sent directly, "
            "and the response comes at its end."
        )
    return notes


def login_note(access: ConnectionInfo, how: str) -> list[str]:
    """Where the login comes from, and how it gets where it is needed."""
    if not access.secrets:
        return []
    user = (
        f" ({sanitize(access.user, 40)} in the wizard)" if access.login == "password" and access.user else ""
    )
    names = f"{access.secrets[0]}{user}" + "".join(f" and {name}" for name in access.secrets[1:])
    return [f"{names} {'come' if len(access.secrets) > 1 else 'comes'} from the environment{how}"]


def commented(notes: Iterable[str], mark: str) -> str:
    """The notes as comments, each on lines of its own."""
    return "".join(f"{line}\n" for note in notes for line in wrapped(note, _COMMENT, f"{mark} "))
