"""``restore-tui find``: the search without a screen."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from restore_tui.ascii_glyphs import lacks_glyphs, printable
from restore_tui.config import Settings
from restore_tui.find.moments import MomentError, TypedMoment, local_zone, parse_moment
from restore_tui.find.query import FindQuery, NamePattern
from restore_tui.find.reads import ClientReads
from restore_tui.find.report import Report, exit_code
from restore_tui.find.search import Search
from restore_tui.headless import CommandError, connection
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.clock import Clock, SystemClock

INTERRUPTED = 130
"""As shells have it for what Ctrl+C has ended."""


class FindUsageError(CommandError):
    """What was given cannot be searched for; the text says why."""


class FindOutput(NamedTuple):
    """What to print, and the exit code."""

    text: str
    code: int


def execute(given: Namespace, settings: Settings) -> FindOutput:
    """Search as the command line says, and make a report for standard output. Raises CommandError."""
    output = sys.stdout
    width = shutil.get_terminal_size().columns if output is not None and output.isatty() else None
    ascii_only = settings.ascii or lacks_glyphs(getattr(output, "encoding", None) or "utf-8")
    with connection(settings, "find", given.log_level) as link:
        return run(given, link, width=width, ascii_only=ascii_only)


def query_of(given: Namespace, clock: Clock, zone: tzinfo) -> tuple[FindQuery, tuple[TypedMoment, ...]]:
    """What was asked for, and the times that were given, with what is to be said of them. Raises FindUsageError."""
    try:
        since, before = (
            None if text is None else parse_moment(text, clock.now(), zone)
            for text in (given.since, given.before)
        )
    except MomentError as error:
        raise FindUsageError(str(error)) from error
    if since is not None and before is not None and since.time > before.time:
        raise FindUsageError(f"--since {since.text} is after --before {before.text}")
    query = FindQuery(
        tuple(NamePattern(name, exact=True) for name in dict.fromkeys(given.names)),
        given.type or "",
        given.data_source or "",
        given.backup or "",
        since.time if since is not None else None,
        before.time if before is not None else None,
    )
    return query, tuple(moment for moment in (since, before) if moment is not None)


def run(
    given: Namespace,
    link: ConnectionSettings,
    *,
    width: int | None,
    ascii_only: bool = False,
    clock: Clock | None = None,
    zone: tzinfo | None = None,
) -> FindOutput:
    """Search, and make the report. ``width`` of the terminal, None where there is none. Raises FindUsageError."""
    clock = clock or SystemClock()
    query, moments = query_of(given, clock, zone or local_zone())
    progress = _Progress()
    for moment in moments:
        if moment.note and sys.stderr is not None:
            progress.say(moment.text)
    search, interrupted = asyncio.run(_search(link, query, clock, progress, stop_at_newest=not given.all))
    progress.clear()
    report = Report(search, clock.now(), link.address.url, given.all, interrupted)
    text = report.as_json() if given.json else report.as_text(width, ascii_only=ascii_only)
    return FindOutput(text, INTERRUPTED if interrupted else exit_code(search))


async def _search(
    link: ConnectionSettings, query: FindQuery, clock: Clock, progress: _Progress, *, stop_at_newest: bool
) -> tuple[Search, bool]:
    """The search when it has ended, and whether Ctrl+C ended it."""
    async with KineticaClient(link) as client:
        search = Search(ClientReads(client), query, clock, per_backup=None, stop_at_newest=stop_at_newest)
        running = asyncio.ensure_future(search.run(lambda: progress.show(search)))
        with _cancelled_by_signal(running):
            try:
                await running
            except asyncio.CancelledError:
                return search, True
        return search, False


@contextlib.contextmanager
def _cancelled_by_signal(task: asyncio.Task[None]) -> Iterator[None]:
    """Let Ctrl+C cancel a task, instead of what prints its result."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    except (RuntimeError, ValueError):  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


class _Progress:
    """One line on standard error, where that is a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._width = 0

    def show(self, search: Search) -> None:
        if not self._is_shown:
            return
        text = printable(search.progress.text, sys.stderr.encoding)
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)

    def clear(self) -> None:
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def say(self, text: str) -> None:
        """A line of its own."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
