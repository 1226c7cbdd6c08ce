"""What the commands without a screen share: the connection, the log, and what goes to standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from restore_tui.ascii_glyphs import printable
from restore_tui.bounded_files import NotRegularError
from restore_tui.config import Settings
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import InvalidUrl
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.logging_setup import configure_logging
from restore_tui.process_end import SECONDS_TO_LEAVE

_MAX_CHARS = 1000


class CommandError(Exception):
    """The command cannot do what it was asked to; the text says why."""


@contextlib.contextmanager
def connection(
    settings: Settings, command: str, log_level: str | None = None
) -> Iterator[ConnectionSettings]:
    """How to reach the server, with the log open meanwhile. Raises CommandError."""
    if not settings.url:
        raise CommandError(
            f"{command} needs a server: give --url or --server, or set KINETICA_URL or KINETICA_SERVER"
        )
    try:
        login = Login(settings.user, settings.password, settings.token)
        link = settings.connection(settings.url, login)
    except InvalidUrl as error:
        raise CommandError(f"{error.what} {error.hint}") from error
    try:
        log = configure_logging(settings.state_folder, log_level)
    except NotRegularError as problem:
        raise CommandError(f"the log {problem.filename} cannot be written: {problem.strerror}") from problem
    try:
        yield link
    finally:
        if log is not None:
            log.close(SECONDS_TO_LEAVE)


def say(text: str) -> None:
    """Write a line to standard error: standard output has nothing but the result."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(printable(f"restore-tui: {sanitize(text, _MAX_CHARS)}\n", sys.stderr.encoding))
            sys.stderr.flush()
