"""The app wires: settings, session, the key gate, and how one step leads to the next. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.driver import Driver
from textual.screen import Screen
from textual.widget import Widget

from restore_tui.config import Settings
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.clock import Clock, SystemClock
from restore_tui.tui import breakpoints, formatting, start
from restore_tui.tui.dialogs.dialog import Dialog, GuardedScreen
from restore_tui.tui.leaving_app import LeavingApp
from restore_tui.tui.practice import DemoServerHandle
from restore_tui.tui.restore_task import RestoreTask
from restore_tui.tui.screens.connect import ConnectScreen
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.server_badge import server_badge
from restore_tui.tui.steps import StepSequence
from restore_tui.tui.terminal._textual_internals import NEWEST, textual_version
from restore_tui.tui.terminal.key_gate import ALWAYS_ANSWERED, Hold, KeyGate
from restore_tui.tui.terminal.paced_app import MOUNTING
from restore_tui.tui.theme import LIGHT, THEME

if TYPE_CHECKING:
    from restore_tui.find.search import Search
    from restore_tui.restore.execution.exit_status import RunSummary
    from restore_tui.restore.export import Language
    from restore_tui.restore.plan.plan import RestorePlan
    from restore_tui.restore.receipts.model import Receipt
    from restore_tui.restore.session import Session, SessionOptions
    from restore_tui.tui.actions import Action
    from restore_tui.tui.terminal.input_driver import TerminalInput

log = logging.getLogger(__name__)

WITHDRAWING = frozenset({"escape", *ALWAYS_ANSWERED})
"""The keys that withdraw a confirmation until its request has left, whatever has the focus."""
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


class RestoreApp(LeavingApp):
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
        Binding("ctrl+p,colon", "palette", "Menu", id="app.palette", key_display=":"),
        Binding("f2,p", "request", "Request", id="app.request", key_display="f2"),
        Binding("f5,R", "ask_again", "Refresh", id="app.refresh", key_display="f5"),
        Binding("ctrl+q,ctrl+c", "leave", "Quit", id="app.leave", priority=True, key_display="^q"),
        # Without priority, a text field takes a letter first.
        Binding("n", "next_step", "Next", show=False, id="step.next"),
        Binding("q", "quit_asking", "Quit, asks if something would be lost", show=False, id="app.quit"),
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
        self.restore = RestoreTask(self)
        self.hangup_seconds = settings.hangup_minutes * 60
        self.settings = settings
        self.in_force = settings
        """The settings as they hold at the server that is connected."""
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
        self.object_type = "table"
        """The type that Objects begins on: the one that was used last."""
        self._on_started = on_started
        self.request_shown = False
        self.request_language: Language = "json"
        self._run_ids = run_ids
        self._session: Session | None = None
        self._going = False
        self._arrived = asyncio.Event()
        self.terminal_input: TerminalInput | None = None
        """Tells whether bytes from the terminal are on their way; None where there is no terminal."""
        self.keymap: dict[str, str] = {}
        """Binding ID → the keys that the config file has for it."""
        self._key_names: dict[str, str] = {}
        if settings.keys:
            from restore_tui.tui.keymap import textual_keymap

            self.keymap = textual_keymap(settings.keys)
            self.set_keymap(self.keymap)
            self.gate.answer_while_loading(
                {"app.help": "f1,question_mark", "app.request": "f2", **self.keymap}
            )
        self.register_theme(THEME)
        self.register_theme(LIGHT)
        if self._input_problem:
            self.allow_dry_runs_only(self._input_problem)
        self.theme = settings.theme if settings.theme in self.available_themes else THEME.name

    # What screens ask for

    @property
    def session(self) -> Session:
        """Made on first use, because it loads httpx and pydantic: not before the first screen is drawn."""
        if self._session is None:
            from restore_tui.restore.session import Session

            self._session = Session(self.clock, self.policy_of(self.settings), run_ids=self._run_ids)
        return self._session

    def policy_of(self, settings: Settings) -> SessionOptions:
        """What settings say about restores. Where the keys cannot be relied on, no settings allow one."""
        from restore_tui.restore.session import SessionOptions

        return SessionOptions(
            settings.receipts,
            settings.way,
            settings.dry_run_max_age,
            dry_run_only=settings.dry_run_only or bool(self.unreliable_input),
            label=settings.label,
        )

    def use(self, in_force: Settings) -> None:
        """Go on with the settings that hold at the server that was just connected."""
        self.in_force = in_force
        self.road = StepSequence(dry_run_only=self.session.policy.dry_run_only)

    @property
    def server_badge(self) -> Content:
        """What every screen says of the server, beside its address; empty for nothing."""
        link = self.session.client.link if self.is_connected else None
        insecure = link is not None and link.insecure and link.address.encrypted
        return server_badge(self.in_force.label, self.in_force.color, insecure=insecure)

    @property
    def plan(self) -> RestorePlan:
        """The plan so far; an empty one before there is a session."""
        from restore_tui.restore.plan.plan import RestorePlan

        return RestorePlan() if self._session is None else self._session.plan

    @property
    def runs(self) -> list[RunSummary]:
        """The restores of this session, and before them the run that was to be checked and is not yet."""
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
    def is_busy(self) -> bool:
        """Whether no other screen can be gone to: one is on its way, or the person has left."""
        return self._going or self.has_left

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

        self._input_problem = input_driver.self_test()
        return chosen if self._input_problem else input_driver.InputDriver

    _input_problem = ""
    """Why our input does not work with this Textual, which asks for the driver before the settings are here."""

    def allow_dry_runs_only(self, problem: str) -> None:
        """Send no restore with a Textual whose keys cannot be relied on: one might be confirmed that nobody typed."""
        log.error("only dry runs with Textual %s: %s", textual_version(), problem)
        self.settings = replace(self.settings, dry_run_only=True)
        self.road = StepSequence(dry_run_only=True)
        if self._session is not None:
            self._session.policy = replace(self._session.policy, dry_run_only=True)
        is_newest = textual_version() == NEWEST
        remedy = "Please report this." if is_newest else f"To restore, install Textual {NEWEST}."
        self.unreliable_input = (
            f"Keyboard input is not reliable with Textual {textual_version()}: {problem}. "
            f"Only dry runs are available. {remedy}"
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
                if not self.settings.theme:
                    self.terminal_input.ask_for_background(self._background_is_known)
            self.handle_signals()
        self._first_hold = self.gate.hold(loading=True)
        self.gate.start()

    def on_ready(self) -> None:
        """The first screen is drawn."""
        start.read_later_styles(self)
        first = self.screen_stack[0]
        assert isinstance(first, StepScreen)
        first.activate(self._first_hold)

    def _background_is_known(self, is_light: bool) -> None:
        """Dark letters on a light terminal."""
        if is_light and not self.has_left:
            self.theme = LIGHT.name

    async def load_the_rest(self) -> None:
        """Import what only later steps need. The first step asks for it once it is drawn."""
        await start.import_the_rest()
        self._on_started()

    async def on_unmount(self) -> None:
        if not self.waits_without_terminal:
            await self.close_connections()

    async def close_connections(self) -> None:
        if self._session is not None:
            await self._session.aclose()
        if self.demo is not None:
            await asyncio.to_thread(self.demo.stop)

    async def on_event(self, event: events.Event) -> None:
        """Every key passes the gate first. While a confirmation is being prepared, what withdraws it does so at once,
        wherever the focus is."""
        if not event.is_forwarded:
            key = event.key if isinstance(event, events.Key) else ""
            if (
                key in WITHDRAWING
                and self.restore.withdraw()
                and key == "escape"
                and not self.screen.is_modal
            ):
                return
            if self.gate.intercept(event):
                return
            if key and isinstance(self.screen, StepScreen):
                self.screen.key_comes()
        if isinstance(event, events.Resize):
            self.gate.set_input_disabled(breakpoints.is_too_small(event.size))
        await super().on_event(event)

    def fatal_error(self) -> None:
        """An error of our own: its traceback goes to the log, which shows no values, and not on the screen."""
        log.exception("unexpected error")
        is_running = self.restore.is_active and not self.restore.is_preparing
        running = " The restore that was running may continue on the server." if is_running else ""
        error = sys.exc_info()[1]
        what = (
            _cannot_be_loaded(error)
            if isinstance(error, ImportError)
            else "restore-tui crashed (internal error)."
        )
        self.panic(Text(f"{what}{running}\nDetails are in {self.settings.state_folder / 'log.txt'}"))

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
        if self.is_busy:
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

    def announce_end(self) -> None:
        """Tell who does not look that a restore has ended: a bell, and what the config file wants."""
        from restore_tui.finish import notification, run_command

        summary, driver = self.session.runs.summaries[-1], self.terminal_driver
        if not self.waits_without_terminal:
            self.bell()
            sequence = notification(self.settings.notify, summary)
            if sequence and driver is not None and not self.is_headless:
                driver.write(sequence)
        if self.settings.on_finish:
            run_command(self.settings.on_finish, summary, demo=self.settings.demo)

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
            return f"The receipt of run {receipt.run} cannot be reattached: {problem}."
        self.change_screen(lambda: ResultScreen(outcome))
        return ""

    async def change_screen_when_free(self, make: Callable[[], StepScreen], notice: str = "") -> None:
        """Change the screen once the change before is through; a dialog that is open has had its time."""
        await self._arrived.wait()
        self.change_screen(make, notice)

    # Keys

    def key_name(self, binding: str) -> str:
        """The key of a binding's ID, as one reads it."""
        if binding not in self._key_names:
            from restore_tui.tui.actions import key_name
            from restore_tui.tui.keymap import key_names

            self._key_names[binding] = key_name(key_names(binding, self.keymap)[0])
        return self._key_names[binding]

    def action_next_step(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.screen.advance()
        elif isinstance(self.screen, Dialog):
            self.screen.accept()

    def action_help(self) -> None:
        if isinstance(self.screen, StepScreen | Dialog) and not self._going:
            from restore_tui.tui.dialogs.help import HelpDialog

            self.push_screen(HelpDialog(self.screen))

    def action_palette(self) -> None:
        """Offer every action of this screen, and run the one that is chosen."""
        from restore_tui.tui.dialogs.palette import PaletteDialog

        screen = self.screen
        if not self.is_busy:

            def chosen(choice: tuple[Action, Hold] | None) -> None:
                if choice is not None:
                    self.run_worker(self._run_chosen(screen, *choice), group="menu")

            self.push_screen(PaletteDialog(screen, self.gate), chosen)

    async def _run_chosen(self, screen: Screen[Any], action: Action, hold: Hold) -> None:
        """Run an action as its key would, with the focus where that key works."""
        try:
            if isinstance(screen, GuardedScreen):  # an Enter too many must not confirm
                await self.gate.discard_type_ahead(self.quiet)
            if self.screen is not screen or self.is_busy:
                return
            focused = screen.focused or screen
            if isinstance(action.place, Widget) and action.node not in focused.ancestors_with_self:
                screen.set_focus(action.place)
            await self.run_action(action.call, action.node)
        finally:
            hold.release()

    def action_request(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.request_shown = not self.request_shown
            self.screen.toggle_request()

    def action_ask_again(self) -> None:
        if isinstance(self.screen, StepScreen):
            self.screen.refresh_data()

    def action_suspend(self) -> None:
        """Ctrl+Z. While the response to a request is still to come, it says first what may become of that. A background
        job needs nobody who waits."""
        driver = self.terminal_driver
        if os.getpgrp() == os.getsid(0) or driver is None or not driver.can_suspend:
            if isinstance(self.screen, StepScreen):
                self.screen.notify_user("The wizard cannot be suspended here: no shell would continue it.")
            return
        from restore_tui.restore.plan.request import DIRECT
        from restore_tui.tui.dialogs.suspend import SuspendDialog
        from restore_tui.tui.screens.dry_run import DryRunScreen

        if isinstance(self.screen, SuspendDialog):
            return
        below = next(
            (screen for screen in reversed(self.screen_stack) if isinstance(screen, StepScreen)), None
        )
        if self.restore.awaits_response:
            warning = SuspendDialog(
                "A restore", "the outcome is then unknown", is_direct=self.restore.is_direct
            )
        elif isinstance(below, DryRunScreen) and below.awaits_response:
            is_direct = self.session.mode == DIRECT
            warning = SuspendDialog("A dry run", "it has to be run again", is_direct=is_direct)
        else:
            self.action_suspend_process()
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.action_suspend_process()

        self.push_screen(warning, answered)

    async def action_quit_asking(self) -> None:
        """q: as Ctrl+Q, but where something would be lost it asks first."""
        from restore_tui.tui.dialogs.question import ConfirmDialog
        from restore_tui.tui.dialogs.quit import QuitDialog

        if isinstance(self.screen, ConfirmDialog):
            return
        losses = self._losses()
        unknown = self.runs[-1] if self.runs and self.runs[-1].is_unknown else None
        if self.restore.is_active or not (losses or unknown):
            await self.action_leave()
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.leave_it_running()

        self.push_screen(QuitDialog(losses, unknown), answered)

    def _losses(self) -> list[str]:
        """What leaving now would lose. Of a restore that was sent nothing is: its receipt has it."""
        losses = [screen.unsaved for screen in self.screen_stack if isinstance(screen, Dialog)]
        session = self._session
        if session is not None and (session.outcome is None or session.outcome.not_sent):
            plan = session.plan
            losses += [
                formatting.pluralize(plan.objects.count, "selected object") if plan.objects else "",
                formatting.pluralize(len(plan.options), "changed option") if plan.options else "",
                "a dry run that is OK" if self.is_connected and session.staleness_reason() is None else "",
            ]
        return list(filter(None, losses))

    async def action_leave(self) -> None:
        """Ctrl+Q. While a restore runs, it says first what will happen. One that is being prepared is withdrawn; a
        second press does not wait until its receipt says so."""
        if not self.restore.is_active or (self.restore.is_preparing and self.leaving):
            self.exit()
            return
        if self.restore.is_preparing:
            self.leave_it_running()
            return
        from restore_tui.tui.dialogs.leave import LeaveDialog

        def answered(sure: bool | None) -> None:
            if sure:
                self.leave_it_running()

        if not isinstance(self.screen, LeaveDialog):
            with_receipt = bool(self.runs) and self.runs[-1].receipt is not None
            self.push_screen(LeaveDialog(with_receipt=with_receipt), answered)
