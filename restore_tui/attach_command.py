"""``restore-tui attach RUN --wait``: the outcome of a run, without a screen. It asks, and never sends a restore."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from restore_tui.config import Settings
from restore_tui.headless import connection, say
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import KineticaError, ServerUnavailable, TimedOut, Unreachable
from restore_tui.restore.clock import Clock, SystemClock
from restore_tui.restore.execution.confirmation import RestoreBlockedError
from restore_tui.restore.execution.exit_status import ExitCode, exit_code, summary_line, summary_of
from restore_tui.restore.outcome.outcome import Outcome
from restore_tui.restore.outcome.reattach import CannotReattachError
from restore_tui.restore.polling import PAUSES, PAUSES_WITHOUT_CONTACT, Progress
from restore_tui.restore.receipts.model import Receipt, Verdict
from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore, ReceiptUnwritableError
from restore_tui.restore.session import Session, SessionOptions

JSON_VERSION = 1
_NO_CONTACT = (Unreachable, TimedOut, ServerUnavailable)
"""What passes by itself. A certificate or a login that is refused does not."""
_CHECKS_WITHOUT_SIGN = 2
"""After so many checks in a row in which no restore was seen running, more of them are not expected to tell more."""
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AttachOutput(NamedTuple):
    """What to print, and the exit code."""

    text: str
    code: ExitCode


def execute(
    receipt: Receipt, settings: Settings, *, as_json: bool, log_level: str | None = None
) -> AttachOutput:
    """Wait for the outcome of a run with the settings for its server. Raises CommandError."""
    store = ReceiptStore(settings.receipts)
    with connection(settings, "attach", log_level) as link:
        if settings.left_out:
            say(settings.left_out)
        found = asyncio.run(wait_for_outcome(receipt, store, link, settings.way, SystemClock()))
    return output_of(found, store.path(found.run), as_json=as_json)


def output_of(receipt: Receipt, place: Path, *, as_json: bool = False) -> AttachOutput:
    """The outcome as the receipt has it, and the exit code that the wizard returns for it."""
    summary = summary_of(receipt, place)
    code = exit_code([summary])
    if not as_json:
        return AttachOutput(summary_line([summary]), code)
    outcome = receipt.outcome
    data = {
        "version": JSON_VERSION,
        "run": receipt.run,
        "verdict": summary.verdict,
        "exit_code": code.value,
        "objects": summary.objects,
        "restored": summary.restored,
        "failed": None if summary.restored is None else summary.failed,
        "not_mentioned": None if summary.restored is None else summary.unmentioned,
        "evidence": (outcome.source or None) if outcome else None,
        "what": (outcome.what or None) if outcome else None,
        "reasons": outcome.reasons if outcome else [],
        "backup": receipt.backup,
        "snapshot": receipt.dry_run.snapshot_id,
        "snapshot_time": receipt.snapshot_time or None,
        "server": receipt.server.url,
        "user": receipt.server.user,
        "receipt": str(place),
    }
    return AttachOutput(json.dumps(data, indent=2, ensure_ascii=True), code)


async def wait_for_outcome(
    receipt: Receipt, store: ReceiptStore, link: ConnectionSettings, mode: str, clock: Clock
) -> Receipt:
    """The receipt once the outcome is known, or no more is to be learned, or a signal has ended the waiting."""
    wait = OutcomeWait(store, link, mode, clock)
    running = asyncio.ensure_future(wait.run(receipt))
    with _cancelled_by_signals(running), contextlib.suppress(asyncio.CancelledError):
        await running
    try:
        return await asyncio.to_thread(store.read, receipt.run)
    except NoSuchRunError:
        return wait.recorded or receipt


@contextlib.contextmanager
def _cancelled_by_signals(task: asyncio.Task[None]) -> Iterator[None]:
    """Let what would end the process end the waiting, so that the outcome so far is printed."""
    loop = asyncio.get_running_loop()
    handled: list[signal.Signals] = []
    with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread
        for sign in _ENDS:
            loop.add_signal_handler(sign, task.cancel)
            handled.append(sign)
    try:
        yield
    finally:
        for sign in handled:
            loop.remove_signal_handler(sign)


class OutcomeWait:
    """Waits for one run. What is found goes into the receipt, as it does on the screen."""

    def __init__(self, store: ReceiptStore, link: ConnectionSettings, mode: str, clock: Clock) -> None:
        self._store = store
        self._link = link
        self._clock = clock
        self._session = Session(clock, SessionOptions(store.folder, mode, dry_run_only=True))
        self.recorded: Receipt | None = None
        """What stands in the receipt, or would, were it writable."""

    async def run(self, receipt: Receipt) -> None:
        """Say on standard error why the outcome stays unknown, where it does."""
        try:
            receipt = await self._while_followed(receipt)
            if receipt.is_unsettled:
                await self._until_known(receipt)
        except (RestoreBlockedError, CannotReattachError, ReceiptUnwritableError, NoSuchRunError) as problem:
            say(f"Run {receipt.run}: {problem}")
        except KineticaError as error:
            say(f"{error.what} {error.hint}")
        finally:
            await self._session.aclose()

    async def _while_followed(self, receipt: Receipt) -> Receipt:
        """While another process waits for the response, only read what it writes."""
        run, said = receipt.run, False
        while receipt.outcome is None and await asyncio.to_thread(self._store.is_locked, run):
            if not said:
                say(
                    "Another restore-tui is following this run: waiting for its result. Ctrl+C stops waiting."
                )
                said = True
            await self._clock.sleep(PAUSES[-1])
            if not await asyncio.to_thread(self._is_as_read, receipt):
                receipt = await asyncio.to_thread(self._read, run)
        return await asyncio.to_thread(self._read, run) if said else receipt

    _read_at = 0

    def _read(self, run: str) -> Receipt:
        """A receipt can be large: it is read again only once it was written again."""
        self._read_at = self._store.path(run).stat().st_mtime_ns
        return self._store.read(run)

    def _is_as_read(self, receipt: Receipt) -> bool:
        try:
            return self._store.path(receipt.run).stat().st_mtime_ns == self._read_at
        except OSError:
            return True

    async def _until_known(self, receipt: Receipt) -> None:
        await self._with_contact(lambda: self._session.connect(self._link))
        outcome = self._session.reattach(receipt)
        checks = without_sign = 0
        while outcome.verdict is Verdict.UNKNOWN and without_sign < _CHECKS_WITHOUT_SIGN:
            if checks:
                await self._pause(0 if without_sign else checks - 1)
            checks += 1
            with contextlib.suppress(
                KineticaError
            ):  # another login or certificate is for the check to report
                await self._with_contact(self._session.client.server)
            outcome = await self._session.check_outcome()
            self.recorded = outcome.recorded
            look = outcome.last_check
            if outcome.verdict is Verdict.UNKNOWN and look is not None and look.job_runs:
                outcome = await self._follow()
                self.recorded = outcome.recorded
            without_sign = 0 if look is not None and look.running else without_sign + 1
        if outcome.receipt_problem:
            say(outcome.receipt_problem)
        if outcome.verdict is Verdict.UNKNOWN and outcome.last_check is not None:
            for finding in outcome.last_check.evidence:
                say(f"{finding.source.value}: {finding.text}")

    async def _follow(self) -> Outcome:
        """Follow the job to its end; nobody is here to log in again, so a login that is refused ends it."""
        stop = asyncio.Event()
        refused = ""

        def report(progress: Progress) -> None:
            nonlocal refused
            if progress.refusals:
                refused = progress.lost_why
                stop.set()

        outcome = await self._session.follow(stop, report)
        if refused:
            raise RestoreBlockedError(refused)
        return outcome

    async def _with_contact(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask until there is contact."""
        lost = 0
        while True:
            try:
                await ask()
            except _NO_CONTACT as error:
                if not lost:
                    say(f"No contact: {error.what} Retrying.")
                await self._pause(lost)
                lost += 1
            else:
                return

    async def _pause(self, before: int) -> None:
        """Longer, the more there were before."""
        await self._clock.sleep(PAUSES_WITHOUT_CONTACT[min(before, len(PAUSES_WITHOUT_CONTACT) - 1)])
