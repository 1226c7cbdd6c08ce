"""``restore-tui doctor``: the connection, the checkup, and the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from restore_tui.config import Settings
from restore_tui.doctor.checkup import Checkup
from restore_tui.doctor.guard import GuardedConnection, RecordingClient
from restore_tui.headless import connection
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.clock import SystemClock

FINE, PROBLEM = 0, 1


def execute(
    settings: Settings, say: Callable[[str], object], *, table: str | None, log_level: str | None
) -> int:
    """Ask the server that the settings name, and print what comes. Return the exit code. Raises CommandError."""
    with connection(settings, "doctor", log_level) as link:
        return asyncio.run(check_server(link, say, table=table))


async def check_server(link: ConnectionSettings, say: Callable[[str], object], *, table: str | None) -> int:
    """Run the checkup over a guarded connection. Return the exit code."""
    guarded = GuardedConnection.of(link, dry_run=table is not None)
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
        say(
            "The server's messages may contain names, so they are only in the log; restore-tui config prints its path."
        )
    say("No restore was sent.")
    return PROBLEM if checkup.problems else FINE
