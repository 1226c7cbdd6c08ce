"""``restore-tui doctor``: the connection, the checkup, and the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from restore_tui.bounded_files import NotRegularError
from restore_tui.config import Settings
from restore_tui.doctor.checkup import Checkup
from restore_tui.doctor.guard import GuardedConnection, RecordingClient
from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import InvalidUrl
from restore_tui.logging_setup import configure_logging
from restore_tui.process_end import SECONDS_TO_LEAVE
from restore_tui.restore.clock import SystemClock

FINE, PROBLEM = 0, 1


class DoctorUsageError(Exception):
    """The checkup cannot start. The text says why."""


def execute(
    settings: Settings, say: Callable[[str], object], *, table: str | None, log_level: str | None
) -> int:
    """Ask the server that the settings name, and print what comes. Return the exit code. Raises DoctorUsageError."""
    if not settings.url:
        raise DoctorUsageError("doctor needs a server: give --url, or set KINETICA_URL")
    try:
        connection = settings.connection(
            settings.url, Login(settings.user, settings.password, settings.token)
        )
    except InvalidUrl as error:
        raise DoctorUsageError(f"{error.what} {error.hint}") from error
    try:
        log = configure_logging(settings.state_folder, log_level)
    except NotRegularError as problem:
        raise DoctorUsageError(
            f"the log {problem.filename} cannot be written: {problem.strerror}"
        ) from problem
    try:
        return asyncio.run(check_server(connection, say, table=table))
    finally:
        if log is not None:
            log.close(SECONDS_TO_LEAVE)


async def check_server(
    connection: ConnectionSettings, say: Callable[[str], object], *, table: str | None
) -> int:
    """Run the checkup over a guarded connection. Return the exit code."""
    guarded = GuardedConnection.of(connection, dry_run=table is not None)
    async with RecordingClient(guarded) as client:
        checkup = Checkup(client, SystemClock(), say)
        await checkup.run(table)
    say("")
    say(
        f"Problems: {'; '.join(dict.fromkeys(checkup.problems))}."
        if checkup.problems
        else "Every request got a response."
    )
    if checkup.has_details:
        say("The server's messages may hold names: they are in the log. restore-tui config prints its path.")
    say("No restore was sent.")
    return PROBLEM if checkup.problems else FINE
