"""The app wires: settings, session, the key gate, and the way from one step to the next. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.driver import Driver

from restore_tui.config import Settings
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.process_end import SECONDS_TO_LEAVE, SECONDS_TO_RECORD, ProcessEnd
from restore_tui.restore.clock import Clock, SystemClock
from restore_tui.tui import breakpoints, start
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.practice import DemoServerHandle
from restore_tui.tui.screens.connect import ConnectScreen
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.steps import StepSequence
from restore_tui.tui.terminal._textual_internals import NEWEST, textual_version
from restore_tui.tui.terminal.key_gate import ALWAYS_ANSWERED, Hold, KeyGate
from restore_tui.tui.terminal.paced_app import MOUNTING, PacedApp
from restore_tui.tui.theme import THEME

if TYPE_CHECKING:
    from restore_tui.find.search import Search
    from restore_tui.restore.execution.exit_status import RunSummary
    from restore_tui.restore.execution.final_check import FinalCheck
    from restore_tui.restore.execution.send_control import SendControl
    from restore_tui.restore.export import Language
    from restore_tui.restore.outcome.outcome import Outcome
    from restore_tui.restore.plan.plan import RestorePlan
    from restore_tui.restore.polling import Progress
    from restore_tui.restore.receipts.model import Receipt
    from restore_tui.restore.session import Session
    from restore_tui.tui.terminal.input_driver import TerminalInput

log = logging.getLogger(__name__)

WITHDRAWING = frozenset({"escape", *ALWAYS_ANSWERED})
"""The keys that withdraw a confirmation until its request has left, whatever has the focus."""
_SIGNALS = tuple(
    sign
    for name in (
        "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU",
        "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGEMT", "SIGRTMIN", "SIGRTMAX",
    )
    if (sign := getattr(signal, name, None)) is not None
)  # fmt: skip
"""What would end a process, and can be caught where no machine code is broken. (Python ignores SIGPIPE and SIGXFSZ.)"""
QUIET = 0.4
"""Seconds without a key or a click after which what comes is no longer taken for typed ahead, where that matters:
on the confirmation and on the result. A double click takes less."""


def _cannot_be_loaded(error: ImportError) -> str:
    """What a part of the installation that is missing, or was made for another Python, means. Textual and what draws
    the first screen have been loaded by then."""
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        f"restore-tui is not completely installed for this Python ({python}), and had to end: "
        f"{sanitize(error, 200)}.\nInstall it with this Python, or run it with the Python it was installed for."
    )


class RestoreApp(PacedApp):
    """The wizard. ``demo`` is started after the first screen is drawn; ``quiet`` is in seconds; ``attach_to`` is the id
    of a run to look for once there is a connection; ``on_started`` is called when all is imported, maybe again."""

    TITLE = "restore-tui"
    CSS_PATH = "styles.tcss"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = breakpoints.BY_WIDTH
    VERTICAL_BREAKPOINTS = breakpoints.BY_HEIGHT
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next_step", "Next", id="step.next", priority=True),
        Binding("f1,question_mark", "help", "Help", id="app.help", key_display="f1"),
        Binding("f2", "request", "Request", id="app.request"),
        Binding("f5", "ask_again", "Ask", id="app.ask-again"),
        Binding("ctrl+q,ctrl+c", "leave", "Quit", id="app.leave", priority=True, key_display="^q"),
        Binding("ctrl+z", "suspend", "Suspend (fg continues)", show=False, id="app.suspend", priority=True),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        demo: DemoServerHandle | None = None,
        quiet: float = QUIET,
        run_ids: Callable[[], str] | None = None,
        attach_to: str = "",
        attached: RunSummary | None = None,
        on_started: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(ascii_only=settings.ascii, plain_rendering=settings.plain_rendering)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.demo = demo
        self.quiet = quiet
        self.gate = KeyGate(self, self.flush, self.allow_dry_runs_only)
        self.road = StepSequence(dry_run_only=settings.dry_run_only)
        self.attach_to = attach_to
        self.attached = attached
        """The run that is to be checked: until the server was asked, its outcome is as unknown as before."""
        self.search: Search | None = None
        """The last search for an object: its rows are there when it is opened again."""
        self.unreliable_input = ""
        """Why only dry runs can be done, where that is because of the installed Textual."""
        self.option_to_fix = ""
        """The option that Options gives the focus to, where a refused dry run has named it."""
        self._on_started = on_started
        self.request_shown = False
        self.request_language: Language = "json"
        self.crashed = False
        self._run_ids = run_ids
        self._session: Session | None = None
        self._going = False
        self._arrived = asyncio.Event()
        self.leaving = False
        self.process_end: ProcessEnd | None = None
        """What keeps the time once the person leaves; None where the process goes on afterwards."""
        self._restore: asyncio.Task[None] | None = None
        self.send_control: SendControl | None = None
        """Of the last confirmation; until its request has left, it can be withdrawn."""
        self.terminal_input: TerminalInput | None = None
        """Tells whether bytes from the terminal are on their way; None where there is no terminal."""
        self.progress: Progress | None = None
        self.restore_began = 0.0
        """The reading of the monotonic clock at which the restore that runs was sent."""
        self.stop_waiting = asyncio.Event()
        self.register_theme(THEME)
        self.theme = settings.theme if settings.theme in self.available_themes else THEME.name

    # What screens ask for

    @property
    def session(self) -> Session:
        """Made on first use, because it loads httpx and pydantic: not before the first screen is drawn."""
        if self._session is None:
            from restore_tui.restore.session import Session, SessionOptions

            policy = SessionOptions(
                self.settings.receipts,
                self.settings.way,
                self.settings.dry_run_max_age,
                self.settings.dry_run_only,
            )
            self._session = Session(self.clock, policy, run_ids=self._run_ids)
        return self._session

    @property
    def plan(self) -> RestorePlan:
        """The plan so far; an empty one before there is a session."""
        from restore_tui.restore.plan.plan import RestorePlan

        return RestorePlan() if self._session is None else self._session.plan

    @property
    def runs(self) -> list[RunSummary]:
        """The restores of this sitting, and before them the run that was to be checked and is not yet."""
        counted = [] if self._session is None else self._session.runs.summaries
        if self.attached is None or any(run.id == self.attached.id for run in counted):
            return counted
        return [self.attached, *counted]

    @property
    def is_connected(self) -> bool:
        return self._session is not None and self._session.server is not None

    @property
    def server_label(self) -> str:
        return self.session.server_label if self.is_connected else ""

    @property
    def has_left(self) -> bool:
        """Whether the person has left, or the app had to end."""
        return self.is_exiting or self.crashed

    @property
    def is_restoring(self) -> bool:
        """Whether a restore is being prepared, or runs."""
        return self._restore is not None and not self._restore.done()

    @property
    def is_preparing(self) -> bool:
        """Whether a confirmation is being prepared, and nothing of it has been sent."""
        return self.is_restoring and self.send_control is not None and not self.send_control.is_sent

    # Life

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this platform with our input before it, unless ``TEXTUAL_DRIVER`` names one, or this
        Textual is one that our input does not work with."""
        from textual import constants
        from textual.drivers.linux_driver import LinuxDriver

        chosen = super().get_driver_class()
        if chosen is not LinuxDriver or constants.DRIVER is not None:
            return chosen
        from restore_tui.tui.terminal import input_driver

        problem = input_driver.self_test()
        if not problem:
            return input_driver.InputDriver
        self.allow_dry_runs_only(problem)
        return chosen

    def allow_dry_runs_only(self, problem: str) -> None:
        """Send no restore with a Textual whose keys cannot be relied on: one might be confirmed that nobody typed."""
        log.error("only dry runs with Textual %s: %s", textual_version(), problem)
        self.settings = replace(self.settings, dry_run_only=True)
        self.road = StepSequence(dry_run_only=True)
        if self._session is not None:
            self._session.policy = replace(self._session.policy, dry_run_only=True)
        self.unreliable_input = (
            f"The keys cannot be relied on with Textual {textual_version()}: {problem}. "
            f"Only dry runs can be done. For a restore, install Textual {NEWEST}."
        )

    def get_default_screen(self) -> ConnectScreen:
        """The first step lies at the bottom: pushed over Textual's empty screen, both would be laid out and drawn."""
        first = ConnectScreen()
        self.lay_at_the_bottom(first)
        return first

    def on_mount(self) -> None:
        self.set_class(self.lacks_glyphs, "-ascii")
        if not self.is_headless:
            from restore_tui.tui.terminal.input_driver import InputDriver

            driver = self.terminal_driver
            self.terminal_input = driver if isinstance(driver, InputDriver) else None
            if self.terminal_input is not None:
                self.terminal_input.on_hang_up(self.terminal_is_lost)
            self._handle_signals()
        self._first_hold = self.gate.hold(loading=True)
        self.gate.start()

    def on_ready(self) -> None:
        """The first screen is drawn."""
        start.read_later_styles(self)
        first = self.screen_stack[0]
        assert isinstance(first, StepScreen)
        first.activate(self._first_hold)

    async def load_the_rest(self) -> None:
        """Import what only later steps need. The first step asks for it once it is drawn."""
        await start.import_the_rest()
        self._on_started()

    async def on_unmount(self) -> None:
        if self._session is not None:
            await self._session.aclose()
        if self.demo is not None:
            await asyncio.to_thread(self.demo.stop)

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
            if self.process_end is not None:
                self.process_end.finish()

    async def on_event(self, event: events.Event) -> None:
        """Every key passes the gate first. While a confirmation is being prepared, what withdraws it does so at once,
        wherever the focus is."""
        if not event.is_forwarded:
            key = event.key if isinstance(event, events.Key) else ""
            if key in WITHDRAWING and self.withdraw() and key == "escape" and not self.screen.is_modal:
                return
            if self.gate.intercept(event):
                return
        if isinstance(event, events.Resize):
            self.gate.set_input_disabled(breakpoints.is_too_small(event.size))
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """What breaks after the person has left, as a screen that is taken down while it opens, ends nothing more."""
        if self.is_exiting:
            log.error("an error while leaving", exc_info=error)
            return
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """An error of our own: its traceback goes to the log, which shows no values, and not on the screen."""
        log.exception("unexpected error")
        is_running = self.is_restoring and not self.is_preparing
        running = " The restore that was running may go on on the server." if is_running else ""
        error = sys.exc_info()[1]
        what = (
            _cannot_be_loaded(error)
            if isinstance(error, ImportError)
            else "restore-tui met an error of its own and had to end."
        )
        self.panic(Text(f"{what}{running}\nDetails are in {self.settings.state_folder / 'log.txt'}"))

    def panic(self, *renderables: RenderableType) -> None:
        """End after an error of our own or of Textual's. What has not been sent by then is not sent any more."""
        self.crashed = True
        if self.send_control is not None:
            self.send_control.withdraw()
        self._end_in(SECONDS_TO_LEAVE)
        super().panic(*renderables)

    # From step to step

    def go_on(self, key: str, notice: str = "") -> None:
        """To the step after ``key``."""
        step = self.road.after(key)
        if step is not None:
            self.go(step.key, notice)

    def go_back(self, key: str, notice: str = "") -> None:
        """To the step before ``key``; from the first one, out."""
        step = self.road.before(key)
        if step is None:
            self.run_worker(self.run_action("leave"))
        else:
            self.go(step.key, notice)

    def go(self, key: str, notice: str = "") -> None:
        """To any step. One change at a time: while one is under way another does nothing."""
        self.change_screen(self.road.step(key).make, notice)

    def change_screen(self, make: Callable[[], StepScreen], notice: str = "") -> None:
        """Put another screen in place of the one that shows, with the keys held back until it is ready."""
        if self._going or self.has_left:
            return
        self._going = True
        self._arrived.clear()
        hold = self.gate.hold()

        async def change() -> None:
            try:
                self.defer_frames(MOUNTING)
                screen = make()
                while self.screen.is_modal:  # a dialog that was opened meanwhile must not be replaced instead
                    await self.pop_screen()
                await self.switch_screen(screen)
            except BaseException:
                hold.release(deliver=False)
                raise
            finally:
                self._going = False
                self._arrived.set()
            if self.has_left:  # in this very moment: the new screen is being taken down already
                hold.release(deliver=False)
                return
            screen.activate(hold, notice)

        self.run_worker(change(), group="change of step")

    # The restore belongs to the app: leaving a screen must not end it

    def begin_restore(
        self, typed: str, shown: FinalCheck, hold: Hold, *, with_receipt: bool
    ) -> asyncio.Future[Exception | None] | None:
        """Prepare the restore that was confirmed, send it, and show how it runs and how it ended.

        The screen stays until the request leaves; ``hold`` keeps its keys back until then. The result is None once
        that is so, or why nothing was sent. Returns None where something else is under way.
        """
        from restore_tui.restore.execution.send_control import SendControl
        from restore_tui.tui.screens.running import RunningScreen

        if self.is_restoring or self._going or self.has_left:
            return None
        prepared: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        control = SendControl(self.stop_waiting, input_settled=self._input_settled)

        def sent() -> None:
            self.restore_began = self.clock.monotonic()
            hold.release(deliver=False)
            self.change_screen(RunningScreen)
            if not prepared.done():
                prepared.set_result(None)

        async def work() -> Outcome:
            return await self.session.send_confirmed(
                typed, shown, with_receipt=with_receipt, control=control, report=self._report
            )

        control.on_sent(sent)
        self.send_control = control
        self._begin(work, prepared)
        if self.gate.has_waiting("escape"):
            self.withdraw()
        return prepared

    async def _input_settled(self) -> None:
        """Wait until every key and click that came by now has had its effect, the last ESC byte included."""
        await self.gate.caught_up(self.terminal_input)
        if self.gate.has_waiting("escape"):
            self.withdraw()

    def withdraw(self) -> bool:
        """Cancel the confirmation that is being prepared. Returns False where there is none, or it has been sent."""
        if not self.is_preparing or self.send_control is None or not self.send_control.withdraw():
            return False
        for screen in self.screen_stack:
            if isinstance(screen, StepScreen):
                screen.tick()
        return True

    def begin_following(self, outcome: Outcome) -> None:
        """Follow the job of the restore whose outcome is not known, and show how it runs, then how it ended."""
        from restore_tui.tui.screens.running import RunningScreen

        if self.is_restoring or self._going or self.has_left:
            return
        self.send_control = None
        since = (self.clock.now() - outcome.started).total_seconds()
        self.restore_began = self.clock.monotonic() - max(0.0, since)
        self._begin(lambda: self.session.follow(self.stop_waiting, self._report))
        self.change_screen(RunningScreen)

    def _begin(
        self,
        work: Callable[[], Coroutine[None, None, Outcome]],
        prepared: asyncio.Future[Exception | None] | None = None,
    ) -> None:
        self.stop_waiting.clear()
        self.progress = None
        self._restore = asyncio.create_task(self._run_restore(work, prepared))

    def _report(self, progress: Progress) -> None:
        self.progress = progress

    async def _run_restore(
        self,
        work: Callable[[], Coroutine[None, None, Outcome]],
        prepared: asyncio.Future[Exception | None] | None,
    ) -> None:
        try:
            await self._restore_and_show(work, prepared)
        finally:
            if self.leaving:
                self.exit()

    async def _restore_and_show(
        self,
        work: Callable[[], Coroutine[None, None, Outcome]],
        prepared: asyncio.Future[Exception | None] | None,
    ) -> None:
        """``prepared`` is told why nothing was sent, where that is so; then the screen stays what it is. Where the
        person leaves, nothing more is shown."""
        from restore_tui.kinetica.errors import KineticaError
        from restore_tui.restore.execution.confirmation import RestoreBlockedError
        from restore_tui.restore.receipts.store import ReceiptUnwritableError
        from restore_tui.tui.screens.result import ResultScreen

        try:
            outcome = await work()
        except (RestoreBlockedError, ReceiptUnwritableError, KineticaError) as problem:
            if self.leaving:
                return
            if prepared is not None and not prepared.done():
                prepared.set_result(problem)
            elif isinstance(problem, RestoreBlockedError) and self.session.outcome is not None:
                unchanged = self.session.outcome  # not followed: another server is connected by now
                await self._when_free(lambda: ResultScreen(unchanged), str(problem))
            else:
                self.fail(problem)
            return
        except Exception as error:  # shown and logged as any error of our own; the receipt says "sending"
            self.fail(error)
            return
        if self.leaving:
            return
        self.bell()
        await self._when_free(lambda: ResultScreen(outcome))
        if prepared is not None and not prepared.done():  # no connection: the result says so
            prepared.set_result(None)

    def reattach(self, receipt: Receipt) -> str:
        """Show what became of a run of before. Returns why that cannot be, or nothing."""
        from restore_tui.restore.execution.confirmation import RestoreBlockedError
        from restore_tui.restore.outcome.reattach import CannotReattachError
        from restore_tui.restore.receipts.store import ReceiptUnwritableError
        from restore_tui.tui.screens.result import ResultScreen

        try:
            outcome = self.session.reattach(receipt)
        except RestoreBlockedError as refusal:
            return str(refusal)
        except (CannotReattachError, ReceiptUnwritableError) as problem:
            return f"The receipt of run {receipt.run} cannot be taken up: {problem}."
        self.change_screen(lambda: ResultScreen(outcome))
        return ""

    async def _when_free(self, make: Callable[[], StepScreen], notice: str = "") -> None:
        """Change the screen once the change before is through; a dialog that is open has had its time."""
        await self._arrived.wait()
        self.change_screen(make, notice)

    def _handle_signals(self) -> None:
        """Leave tidily on whatever would kill. The handlers are called also while the event loop is held up, so they
        set the deadline; once it is decided to leave, another signal does not wait for it."""
        loop = asyncio.get_running_loop()

        def handle(_number: int, _frame: FrameType | None) -> None:
            if self.is_exiting or loop.is_closed():
                self._end_in(0)
                return
            self._end_in(SECONDS_TO_RECORD if self.is_restoring else SECONDS_TO_LEAVE)
            loop.call_soon_threadsafe(self.leave_it_running)

        for sign in _SIGNALS:
            signal.signal(sign, handle)

    def terminal_is_lost(self) -> None:
        """Nothing can be drawn any more: nobody is there to be asked."""
        self.leave_it_running()

    def _end_in(self, seconds: float) -> None:
        """Set the deadline for the end of the process, if it ends with the app."""
        if self.process_end is not None:
            self.process_end.due_in(seconds)

    def exit(self, *result: Any, **options: Any) -> None:
        """Leave, in time: to a terminal that is gone, or takes nothing, Textual would write for ever."""
        self._end_in(SECONDS_TO_LEAVE)
        super().exit(*result, **options)

    def leave_it_running(self) -> None:
        """Leave. Where a restore runs, stop waiting first, and note that its outcome is unknown; where one is being
        prepared, withdraw it, and note that it was not sent."""
        if not self.is_restoring:
            self.exit()
            return
        self.leaving = True
        self._end_in(SECONDS_TO_RECORD)
        self.stop_waiting.set()

    # Keys

    def action_next_step(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.screen.advance()
        elif isinstance(self.screen, Dialog):
            self.screen.accept()

    def action_help(self) -> None:
        if isinstance(self.screen, StepScreen | Dialog) and not self._going:
            from restore_tui.tui.dialogs.help import HelpDialog

            self.push_screen(HelpDialog(self.screen))

    def action_request(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.request_shown = not self.request_shown
            self.screen.toggle_request()

    def action_ask_again(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.screen.refresh_data()

    def action_suspend(self) -> None:
        """Ctrl+Z. While one long request is on its way it says first what may become of it."""
        driver = self.terminal_driver
        if os.getpgrp() == os.getsid(0) or driver is None or not driver.can_suspend:
            if isinstance(self.screen, StepScreen):
                self.screen.notify_user("The wizard cannot be suspended here: no shell would continue it.")
            return
        from restore_tui.tui.dialogs.suspend import SuspendScreen
        from restore_tui.tui.screens.dry_run import DryRunScreen

        if isinstance(self.screen, SuspendScreen):
            return
        below = next(
            (screen for screen in reversed(self.screen_stack) if isinstance(screen, StepScreen)), None
        )
        if self.is_restoring and not self.is_preparing and self.progress is None:
            warning = SuspendScreen("A restore", "the outcome is then unknown")
        elif isinstance(below, DryRunScreen) and below.is_loading:
            warning = SuspendScreen("A dry run", "it has to be run again")
        else:
            self.action_suspend_process()
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.action_suspend_process()

        self.push_screen(warning, answered)

    async def action_leave(self) -> None:
        """Ctrl+Q. While a restore runs, it says first what will happen. One that is being prepared is withdrawn; a
        second press does not wait until its receipt says so."""
        if not self.is_restoring or (self.is_preparing and self.leaving):
            self.exit()
            return
        if self.is_preparing:
            self.leave_it_running()
            return
        from restore_tui.tui.dialogs.leave import LeaveDialog

        def answered(sure: bool | None) -> None:
            if sure:
                self.leave_it_running()

        if not isinstance(self.screen, LeaveDialog):
            with_receipt = bool(self.runs) and self.runs[-1].receipt is not None
            self.push_screen(LeaveDialog(with_receipt=with_receipt), answered)
