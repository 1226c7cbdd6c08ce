"""The restore that runs. It belongs to the app: leaving a screen must not end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.terminal.key_gate import Hold

if TYPE_CHECKING:
    from restore_tui.restore.execution.final_check import FinalCheck
    from restore_tui.restore.execution.send_control import SendControl
    from restore_tui.restore.outcome.outcome import Outcome
    from restore_tui.restore.polling import Progress
    from restore_tui.tui.app import RestoreApp

Work = Callable[[], Coroutine[None, None, "Outcome"]]
Prepared = asyncio.Future[Exception | None]
"""None once the request has left, or why nothing was sent."""


class RestoreTask:
    """Prepares, sends and follows one restore at a time, and shows how it runs and how it ended. It lasts as long as
    the app; between two restores it tells of the last one."""

    def __init__(self, app: RestoreApp) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self.send_control: SendControl | None = None
        """Of the last confirmation; until its request has left, it can be withdrawn."""
        self.progress: Progress | None = None
        """How its job stands; None for one long request, and before the job was asked for the first time."""
        self.began = 0.0
        """The reading of the monotonic clock at which it was sent."""
        self.is_direct = False
        """Whether it is sent as one long request, not as a background job."""
        self.stop_waiting = asyncio.Event()
        """Ends the waiting, not the restore; before its request has left it withdraws it."""

    @property
    def is_active(self) -> bool:
        """Whether a restore is being prepared, or runs."""
        return self._task is not None and not self._task.done()

    @property
    def is_preparing(self) -> bool:
        """Whether a confirmation is being prepared, and nothing of it has been sent."""
        return self.is_active and self.send_control is not None and not self.send_control.is_sent

    @property
    def awaits_response(self) -> bool:
        """Whether the response to its one request is still to come. A job can be asked for again."""
        is_sent = self.send_control is not None and self.send_control.is_sent
        return self.is_active and is_sent and self.progress is None

    def begin(self, typed: str, shown: FinalCheck, hold: Hold, *, with_receipt: bool) -> Prepared | None:
        """Prepare the restore that was confirmed, send it, and show how it runs and how it ended.

        The screen stays until the request leaves; ``hold`` keeps its keys back until then. The result is None once
        that is so, or why nothing was sent. Returns None where something else is under way.
        """
        from restore_tui.restore.execution.send_control import SendControl
        from restore_tui.restore.plan.request import DIRECT
        from restore_tui.tui.screens.running import RunningScreen

        app = self._app
        if self.is_active or app.is_busy:
            return None
        prepared: Prepared = asyncio.get_running_loop().create_future()
        control = SendControl(self.stop_waiting, input_settled=self._input_settled)

        def sent() -> None:
            self.began = app.clock.monotonic()
            hold.release(deliver=False)
            app.change_screen(RunningScreen)
            if not prepared.done():
                prepared.set_result(None)

        async def work() -> Outcome:
            return await app.session.send_confirmed(
                typed, shown, with_receipt=with_receipt, control=control, report=self._report
            )

        control.on_sent(sent)
        self.send_control = control
        self.is_direct = app.session.destination.mode == DIRECT
        self._start(work, prepared)
        if app.gate.has_waiting("escape"):
            self.withdraw()
        return prepared

    async def _input_settled(self) -> None:
        """Wait until every key and click that came by now has had its effect, the last ESC byte included."""
        await self._app.gate.caught_up(self._app.terminal_input)
        if self._app.gate.has_waiting("escape"):
            self.withdraw()

    def withdraw(self) -> bool:
        """Cancel the confirmation that is being prepared. Returns False where there is none, or it has been sent."""
        if not self.is_preparing or self.send_control is None or not self.send_control.withdraw():
            return False
        for screen in self._app.screen_stack:
            if isinstance(screen, StepScreen):
                screen.tick()
        return True

    def follow(self, outcome: Outcome) -> None:
        """Follow the job of the restore whose outcome is not known, and show how it runs, then how it ended."""
        from restore_tui.tui.screens.running import RunningScreen

        app = self._app
        if self.is_active or app.is_busy:
            return
        self.send_control = None
        since = (app.clock.now() - outcome.started).total_seconds()
        self.began = app.clock.monotonic() - max(0.0, since)
        self._start(lambda: app.session.follow(self.stop_waiting, self._report))
        app.change_screen(RunningScreen)

    def _start(self, work: Work, prepared: Prepared | None = None) -> None:
        self.stop_waiting.clear()
        self.progress = None
        self._task = asyncio.create_task(self._run(work, prepared))

    async def ended(self, seconds: float | None = None) -> None:
        """Wait until no restore runs any more, at most so many seconds."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)

    def _report(self, progress: Progress) -> None:
        self.progress = progress

    async def _run(self, work: Work, prepared: Prepared | None) -> None:
        try:
            await self._run_and_show(work, prepared)
        finally:
            if self._app.leaving and not self._app.waits_without_terminal:
                self._app.exit()

    async def _run_and_show(self, work: Work, prepared: Prepared | None) -> None:
        """``prepared`` is told why nothing was sent, where that is so; then the screen stays what it is. Where the
        person leaves, nothing more is shown."""
        from restore_tui.kinetica.errors import KineticaError
        from restore_tui.restore.execution.confirmation import RestoreBlockedError
        from restore_tui.restore.receipts.store import ReceiptUnwritableError
        from restore_tui.tui.screens.result import ResultScreen

        app = self._app
        try:
            outcome = await work()
        except (RestoreBlockedError, ReceiptUnwritableError, KineticaError) as problem:
            if app.leaving:
                return
            if prepared is not None and not prepared.done():
                prepared.set_result(problem)
            elif isinstance(problem, RestoreBlockedError) and app.session.outcome is not None:
                unchanged = app.session.outcome  # not followed: another server is connected by now
                await app.change_screen_when_free(lambda: ResultScreen(unchanged), str(problem))
            else:
                app.fail(problem)
            return
        except Exception as error:  # shown and logged as any error of our own; the receipt says "sending"
            app.fail(error)
            return
        if app.leaving:
            if app.waits_without_terminal and not self.stop_waiting.is_set():
                app.announce_end()
            return
        app.announce_end()
        await app.change_screen_when_free(lambda: ResultScreen(outcome))
        if prepared is not None and not prepared.done():  # no connection: the result says so
            prepared.set_result(None)
