"""How the app ends: in time, whatever hangs, and never over a restore without saying so in its receipt."""

from __future__ import annotations

import asyncio
import logging
import signal
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from restore_tui.process_end import SECONDS_TO_LEAVE, SECONDS_TO_RECORD, ProcessEnd
from restore_tui.tui.terminal.paced_app import PacedApp

if TYPE_CHECKING:
    from restore_tui.tui.restore_task import RestoreTask

log = logging.getLogger(__name__)

_SIGNALS = tuple(
    sign
    for name in (
        "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU",
        "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGEMT", "SIGRTMIN", "SIGRTMAX",
    )
    if (sign := getattr(signal, name, None)) is not None
)  # fmt: skip
"""What would end a process, and can be caught where no machine code is broken. (Python ignores SIGPIPE and SIGXFSZ.)"""


class LeavingApp(PacedApp):
    """An app with a restore that may run when it is left, killed, or breaks."""

    restore: RestoreTask

    def __init__(self, *, ascii_only: bool, plain_rendering: bool) -> None:
        super().__init__(ascii_only=ascii_only, plain_rendering=plain_rendering)
        self.crashed = False
        self.leaving = False
        """Whether it is left as soon as the restore is no longer waited for."""
        self.waits_without_terminal = False
        """Whether the terminal was hung up, and the process goes on until the response has come."""
        self.hangup_seconds = 0.0
        """How long it goes on at most; 0 for not at all."""
        self.process_end: ProcessEnd | None = None
        """What keeps the time once the person leaves; None where the process goes on afterwards."""

    @property
    def has_left(self) -> bool:
        """Whether the person has left, or the app had to end."""
        return self.is_exiting or self.crashed

    async def run_async(self, **options: Any) -> Any:
        """Run, and print the last line as soon as the terminal is the shell's again: what the event loop waits for
        after that may hang."""
        try:
            return await super().run_async(**options)
        except Exception:  # what escapes Textual's own handling is a crash like any other
            if self.process_end is None:
                raise
            log.exception("unexpected error")
            self.crashed = True
            return None
        finally:
            if self.waits_without_terminal:
                await self._wait_without_terminal()
            if self.process_end is not None:
                self.process_end.finish()

    # Leaving

    def handle_signals(self) -> None:
        """Leave tidily on whatever would kill. The handlers are called also while the event loop is held up, so they
        set the deadline; once it is decided to leave, another signal does not wait for it."""
        loop = asyncio.get_running_loop()

        def handle(number: int, _frame: FrameType | None) -> None:
            if number == signal.SIGHUP and (self.waits_without_terminal or self._can_wait_without_terminal):
                loop.call_soon_threadsafe(self.terminal_is_lost)
                return
            if self.waits_without_terminal and self.restore.is_active:
                self._end_in(SECONDS_TO_RECORD)
                loop.call_soon_threadsafe(self.restore.stop_waiting.set)
                return
            if self.is_exiting or loop.is_closed():
                self._end_in(0)
                return
            self._end_in(SECONDS_TO_RECORD if self.restore.is_active else SECONDS_TO_LEAVE)
            loop.call_soon_threadsafe(self.leave_it_running)

        for sign in _SIGNALS:
            signal.signal(sign, handle)

    def terminal_is_lost(self) -> None:
        """Nothing can be drawn any more: nobody is there to be asked. A job goes on by itself; the response to one long
        request is waited for, without the screens and what they cost, because it can come but once."""
        if self.waits_without_terminal:
            return
        if not self._can_wait_without_terminal:
            self.leave_it_running()
            return
        log.warning("the terminal was hung up: waiting for the response without it")
        self.waits_without_terminal = self.leaving = True
        self._giving_back = asyncio.create_task(self._give_terminal_back())

    @property
    def _can_wait_without_terminal(self) -> bool:
        """Whether a response is on its way that can come but once, and that the person has not left to itself."""
        has_left = self.leaving or self.has_left
        return (
            self.hangup_seconds > 0
            and not has_left
            and self.restore.is_direct
            and self.restore.awaits_response
        )

    async def _give_terminal_back(self) -> None:
        """End the screens. The terminal may be there after all, or take nothing: it is not written to from here on."""
        await asyncio.to_thread(self.restore_terminal)
        self.exit()

    async def _wait_without_terminal(self) -> None:
        """Until the response has come, the time is over, or a signal ends it: then the receipt is complete."""
        await self.restore.ended(self.hangup_seconds)
        if self.restore.is_active:
            self._end_in(SECONDS_TO_RECORD)
            self.restore.stop_waiting.set()
            await self.restore.ended()
        await self.close_connections()

    async def close_connections(self) -> None:
        """Called at the end, once nothing is waited for any more."""

    def _end_in(self, seconds: float) -> None:
        """Set the deadline for the end of the process, if it ends with the app."""
        if self.process_end is not None:
            self.process_end.due_in(seconds)

    def exit(self, *result: Any, **options: Any) -> None:
        """Leave, in time: to a terminal that is gone, or takes nothing, Textual would write for ever."""
        if not self.waits_without_terminal:
            self._end_in(SECONDS_TO_LEAVE)
        super().exit(*result, **options)

    def leave_it_running(self) -> None:
        """Leave. Where a restore runs, stop waiting first, and note that its outcome is unknown; where one is being
        prepared, withdraw it, and note that it was not sent."""
        if not self.restore.is_active:
            self.exit()
            return
        self.leaving = True
        self._end_in(SECONDS_TO_RECORD)
        self.restore.stop_waiting.set()

    # Errors of our own

    def keeps_error(self, error: Exception) -> bool:
        """What breaks after the person has left, as a screen that is taken down while it opens, ends nothing more."""
        if self.is_exiting:
            log.error("an error while leaving", exc_info=error)
        return self.is_exiting

    def panic(self, *renderables: RenderableType) -> None:
        """End after an error of our own or of Textual's. What has not been sent by then is not sent any more."""
        self.crashed = True
        if self.restore.send_control is not None:
            self.restore.send_control.withdraw()
        self._end_in(SECONDS_TO_LEAVE)
        super().panic(*renderables)
