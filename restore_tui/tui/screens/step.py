"""What every step has in common: the frame, loading, going on and back, and saying why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.await_remove import AwaitRemove
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import Button, Input, Static
from textual.widgets.button import ButtonVariant

from restore_tui.kinetica.errors import KineticaError
from restore_tui.tui import breakpoints, formatting
from restore_tui.tui.folding import Note, fold
from restore_tui.tui.mixins.request_panel import REQUEST_HELP, RequestPanelMixin
from restore_tui.tui.terminal.key_gate import ALWAYS_CLICKABLE, Hold
from restore_tui.tui.terminal.paced_app import LOADING, MOUNTING, SETTLING
from restore_tui.tui.text_update import update_text
from restore_tui.tui.widgets.error_panel import ErrorPanel
from restore_tui.tui.widgets.key_line import KeyLine
from restore_tui.tui.widgets.line_input import ONLY_ONE_LINE, LineInput
from restore_tui.tui.widgets.request_panel import RequestPanel
from restore_tui.tui.widgets.stepper import Stepper
from restore_tui.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from restore_tui.restore.session import Session


_ROWS_AROUND_BODY = 5
"""Stepper, summary, the line above the buttons, buttons, keys."""


class Body(Vertical):
    """What stands between the summary and the line above the buttons."""

    class Laid(Message):
        """It has another size: more or less fits above a list."""

    def on_resize(self) -> None:
        self.post_message(self.Laid())


class StepScreen(RequestPanelMixin):
    """A step. A subclass says what is asked (``load``), shown (``compose_body``, ``show``), taken into
    the plan (``apply``), and what keeps one from going on (``why_blocked``)."""

    step: ClassVar[str]
    hint: ClassVar[str] = ""
    """What to do here, in a few words behind the title."""
    keys_hint: ClassVar[str] = ""
    """Which keys do that, in the bottom border of the first pane."""
    loading_text: str = "Loading"
    title_pane: ClassVar[str] = "#body"
    """The pane whose border carries the title."""
    next_label: ClassVar[str] = "Next"
    """What the button at the right says; empty for none."""
    next_variant: ClassVar[ButtonVariant] = "primary"
    footer: ClassVar[Mapping[str, str]] = {}
    """The keys at the bottom, the most likely first: the ID of a binding, and what it is called there."""
    can_go_back: ClassVar[bool] = True
    help_topics: ClassVar[str] = ""
    """What F1 says of this screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_back", "Back", id="step.back"),
        Binding("tab", "app.focus_next", "To the next pane or field", show=False, id="step.tab"),
        Binding(
            "shift+tab", "app.focus_previous", "To the pane or field before", show=False, id="step.tab-back"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.error: KineticaError | None = None
        self._notice = ""
        self._clears_notice = False
        self._shown_why = ""
        self._left = False
        self._began_loading = 0.0
        self.folded: tuple[Note, ...] = ()
        """What there is no room for; F1 shows it."""

    # What a subclass fills in

    def compose_body(self) -> ComposeResult:
        """The widgets of this step."""
        yield from ()

    def compose_actions(self) -> ComposeResult:
        """Buttons of this step, between Back and Next."""
        yield from ()

    @property
    def needs_loading(self) -> bool:
        """Whether there is something to wait for before this step can be shown. Where there is nothing, it is whole
        when it is drawn first."""
        return True

    async def load(self, *, fresh: bool) -> None:
        """Get from the session what this step shows. Raises KineticaError."""

    def show(self) -> None:
        """Put what was loaded into the widgets."""

    def first_focus(self) -> Widget | None:
        """What has the focus once the step is ready."""
        return None

    def why_blocked(self) -> str:
        """Why one cannot go on; empty where one can."""
        return ""

    def apply(self) -> str:
        """Take the choice into the plan. Returns, in words, what that had to clear."""
        return ""

    def help_for_focus(self) -> str:
        """What F1 says of the field that has the focus."""
        return ""

    async def on_ready_for_keys(self) -> None:
        """The step is on the screen; after this the keys that have waited go in."""

    def press_next(self) -> None:
        """The button at the right."""
        self.advance()

    # F1

    @property
    def subject(self) -> str:
        """What F1 calls it."""
        return self.wizard.road.step(self.step).title

    def help_here(self) -> str:
        """What F1 says of the place that has the focus."""
        return REQUEST_HELP if self.in_request else self.help_for_focus()

    def is_key_available(self, binding: str) -> bool:
        """Whether F1 tells of a key: of none that does nothing now. An action whose button is hidden is none."""
        room, _, name = binding.partition(".")
        if room == "request":
            return self.wizard.request_shown and (name != "which" or self.has_restore)
        bar = self.query_one_optional("#bar")
        return bar is None or all(button.display for button in bar.children if button.id == name)

    # The frame

    @property
    def session(self) -> Session:
        return self.wizard.session

    def compose(self) -> ComposeResult:
        road = self.wizard.road
        self.add_class(*breakpoints.classes(self.app.size), update=False)
        self.set_class(self.wizard.request_shown, "-request", update=False)
        yield TooSmall()
        with Vertical(id="frame"):
            yield Stepper(road.titles(self.step), road.index(self.step), goes_back=self.can_go_back)
            yield Static(id="summary", markup=False)
            with Container(id="stage"):
                with (
                    Body(id="body", classes="-loading" if self.needs_loading else ""),
                    Container(id="content") as content,
                ):
                    content.display = not self.needs_loading
                    yield from self.compose_body()
                if self.wizard.request_shown:
                    yield RequestPanel(id="request")
            yield Static(id="notice", markup=False)
            with Horizontal(id="bar"):
                if self.can_go_back and road.before(self.step) is not None:
                    yield Button("‹ Back", id="back", compact=True, classes=ALWAYS_CLICKABLE)
                yield from self.compose_actions()
                yield Static(id="gap")
                following = Button(
                    f"{self.next_label} ›", id="next", compact=True, variant=self.next_variant, disabled=True
                )
                following.display = bool(self.next_label)
                yield following
            yield KeyLine()

    def _title(self) -> Content:
        return Content.assemble((self.subject, "bold $text-accent"), ("  " + self.hint, "dim"))

    def show_title(self) -> None:
        """Which step this is and what to do here, in the border of its first pane."""
        for pane in self.query(f"{self.title_pane}, #body"):  # none, where the screen is already taken down
            pane.border_title = self._title()
        for pane in self.query(self.title_pane):
            pane.border_subtitle = Content(self.keys_hint)

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        self.show_request_keys()

    def on_mount(self) -> None:
        self._began_loading = self.wizard.clock.monotonic()
        for field in self.query(Input):
            field.cursor_blink = False  # each blink would cross the operator's connection
        self.set_interval(1.0, self._second_passed)
        self.show_title()
        if not self.needs_loading:
            self.loaded = True
            self.show()
        self.plan_changed()
        if self.loaded:
            self.focus_first()

    def on_resize(self) -> None:
        if not self._left:
            self.plan_changed()

    def remove(self) -> AwaitRemove:
        """Take the screen down. Its workers and its timer are ended first: Textual removes the widgets, then the
        screen, and only then ends those, so that one that comes in between would find no widget and end the app."""
        self._left = True
        for worker in [*self.workers]:
            if self in worker.node.ancestors_with_self:
                worker.cancel()
        return super().remove()

    # Loading

    def activate(self, hold: Hold, notice: str = "") -> None:
        """Begin: the app has put this screen in place and keeps the keys back with ``hold``."""
        self.wizard.defer_frames(LOADING)
        if notice:
            self.notify_user(notice)
        if self.loaded:
            self.run_worker(self._let_keys_in(hold), group="load", exclusive=True)
        else:
            self.begin_load(hold, fresh=False)

    def begin_load(self, hold: Hold, *, fresh: bool) -> None:
        """Load, show, and let the keys in. Also for F5."""
        hold.loading = True
        self.run_worker(self._load(hold, fresh=fresh), group="load", exclusive=True)

    async def _load(self, hold: Hold, *, fresh: bool) -> None:
        self.loaded = False
        self._began_loading = self.wizard.clock.monotonic()
        for panel in self.query("#error").results(ErrorPanel):
            panel.hide()
        self.error = None
        self.plan_changed()
        try:
            await self.load(fresh=fresh)
            self.wizard.defer_frames(MOUNTING)  # until the panes stand where the frame of loading stood
            self.loaded = True
            self.query_one("#content").display = True
            self.show()
        except KineticaError as error:
            self.error = error
            self.query_one("#content").display = False
            self.error_panel.show(error)
        finally:
            try:
                if self.is_attached and self.is_current:
                    self.tick()
                    self.plan_changed()
                    if self.loaded:
                        self.focus_first()
                    elif self.error is not None:
                        self.set_focus(self.error_panel)
                    await self.after_paint()
                    await self.on_ready_for_keys()
            finally:
                self.wizard.defer_frames(SETTLING)
                hold.release(deliver=self.loaded)

    async def _let_keys_in(self, hold: Hold) -> None:
        try:
            await self.after_paint()
            await self.on_ready_for_keys()
        finally:
            hold.release()

    def focus_first(self) -> None:
        """Put the focus where this step begins, but take it from nothing that has it already."""
        if self.focused is None or not self.focused.display:
            self.set_focus(self.first_focus())

    async def after_paint(self) -> None:
        """Wait until what has changed is on the screen."""
        done = asyncio.Event()
        if self.call_after_refresh(done.set):
            await done.wait()

    # What not every visit needs is made when it is needed: the first screen has to be there at once

    @property
    def error_panel(self) -> ErrorPanel:
        """Where an error of loading stands, in place of the content."""
        panel = self.query_one_optional("#error", ErrorPanel)
        if panel is None:
            panel = ErrorPanel(id="error")
            self.query_one("#body").mount(panel, before=0)
        return panel

    @property
    def is_loading(self) -> bool:
        return not self.loaded and self.error is None

    def _second_passed(self) -> None:
        """A step that was left shows nothing new: what it showed may be cleared already, and it is still up while the
        next one is put together."""
        if not self._left and self.query("#next"):
            self.tick()

    def tick(self) -> None:
        """Once a second: what takes longer than one says that it runs, and for how long."""
        if self.is_loading:
            self._show_notice()
        elif self._blocked_reason() != self._shown_why:
            self.plan_changed()

    # Saying things

    def notify_user(self, text: str, *, until_key: bool = False) -> None:
        """A sentence in the line above the buttons, until the next one; or only ``until_key`` the next key comes, which
        may make it untrue."""
        self._notice = text
        self._clears_notice = until_key
        self._show_notice()

    def key_comes(self) -> None:
        """A key is about to act here."""
        if self._clears_notice and self._notice:
            self.notify_user("")

    def on_line_input_lines_left_out(self, _event: LineInput.LinesLeftOut) -> None:
        self.notify_user(ONLY_ONE_LINE)

    def _show_notice(self) -> None:
        """What was said, and below it what is loading, or why one cannot go on."""
        state = self._shown_why
        if self.is_loading:
            seconds = self.wizard.clock.monotonic() - self._began_loading
            state = f"{self.loading_text} … {formatting.elapsed(seconds) if seconds >= 1 else ''}"
        said: list[str | tuple[str, str]] = [self._notice] if self._notice else []
        if state and state != self._notice:
            said += ["\n"] if said else []
            said.append((state, "$text-accent" if self.is_loading else "dim"))
        self.update_text("#notice", Content.assemble(*said))

    @on(Body.Laid)
    def _body_laid(self) -> None:
        if self.loaded and not self._left:
            self.fit_notes()

    def fit_notes(self) -> None:
        """Fold what is said above a list, as far as its rows need the room."""

    def fold_notes(self, notes: Sequence[Note], rows: int, width: int | None = None) -> Content:
        """Return what is shown of the notes, by default in the whole width. What is folded is in F1."""
        width = self.app.size.width - 4 if width is None else width
        content, self.folded = fold(notes, rows, width, self.wizard.key_name("app.help"))
        return content

    @property
    def body_height(self) -> int:
        """In rows; a guess before it is laid out."""
        return self.query_one("#body").outer_size.height or self.app.size.height - _ROWS_AROUND_BODY

    def update_text(self, selector: str, content: Visual | str) -> None:
        """Change a text, where it changes. A screen that is being taken down has none any more."""
        widget = self.query_one_optional(selector, Static)
        if widget is not None:
            update_text(widget, content)

    def plan_changed(self) -> None:
        """Bring everything that shows the plan up to date, unless the screen is being taken down."""
        following = self.query_one_optional("#next", Button)
        if following is None:
            return
        self.update_text("#summary", self.summary())
        self.show_request()
        self._show_loading()
        self._shown_why = self._blocked_reason()
        following.disabled = bool(self._shown_why)
        self.refresh_bindings()
        self._show_notice()

    @property
    def server_badge(self) -> Content:
        """What is said of the server before all else."""
        return self.wizard.server_badge

    def summary(self) -> Content:
        """The server's label and the plan so far. Before there is a connection there is no plan to tell."""
        badge = self.server_badge
        if not self.wizard.is_connected:
            return badge
        from restore_tui.tui.plan_summary import plan_summary

        plan = self.wizard.plan
        listed = self.session.listed_snapshot(plan.snapshot_id)
        gap = " " if badge else ""
        width = self.app.size.width - 4 - badge.cell_length - len(gap)
        return Content.assemble(badge, gap, plan_summary(plan, self.wizard.server_label, width, listed))

    def _show_loading(self) -> None:
        """The frame of the body. Only the body is styled again: nothing in it depends on that."""
        body = self.query_one("#body")
        if body.has_class("-loading") != self.is_loading:
            body.set_class(self.is_loading, "-loading", update=False)
            self.app.stylesheet.update_nodes((body,))

    def _blocked_reason(self) -> str:
        if self.is_loading:
            return "Loading."
        if self.error is not None:
            return "Refresh with F5, or go back with Esc."
        return self.why_blocked()

    # Going

    def advance(self) -> None:
        """Go on, once, where nothing keeps one from it."""
        why = self._blocked_reason()
        if why:
            self.notify_user(why, until_key=True)
            return
        if self._left:
            return
        self._left = True
        self.wizard.go_on(self.step, self.apply())

    def action_step_back(self) -> None:
        """Esc: leave a field first, else go one step back."""
        if self.leave_field():
            return
        self.go_back()

    def leave_field(self) -> bool:
        """Whether Esc was for the field that has the focus."""
        if self.in_request:
            self.action_leave_request()
            return True
        return False

    def go_back(self) -> None:
        if self._left:
            return
        self._left = True
        self.workers.cancel_group(self, "load")
        self.wizard.go_back(self.step)

    def on_stepper_clicked(self, event: Stepper.Clicked) -> None:
        """Back to a passed step, as Esc goes there step by step; never away from a confirmation that is being sent."""
        if self._left or not self.can_go_back or self.wizard.restore.is_active or self.wizard.is_busy:
            return
        self._left = True
        self.workers.cancel_group(self, "load")
        self.wizard.go(self.wizard.road.steps[event.index].key)

    def refresh_data(self) -> None:
        """F5."""
        if not self.is_loading:
            self.begin_load(self.wizard.gate.hold(loading=True), fresh=True)

    # Textual calls a method with ``on`` as it stands here, also where a subclass overrides it: these only pass it on.

    @on(Button.Pressed, "#next")
    def next_pressed(self) -> None:
        self.press_next()

    @on(Button.Pressed, "#back")
    def back_pressed(self) -> None:
        self.go_back()
