"""Connect: which server, as whom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from restore_tui.config import Settings, SettingsError
from restore_tui.kinetica.connection.credentials import NOTHING, Login, Secret
from restore_tui.kinetica.errors import AuthenticationFailed, InvalidUrl, KineticaError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui import formatting
from restore_tui.tui.mixins.choose_server import CHOOSE_SERVER_HELP, ChooseServerMixin
from restore_tui.tui.mixins.trust_certificate import TRUST_HELP, TrustCertificateMixin
from restore_tui.tui.screens.connect_notes import connect_notes
from restore_tui.tui.server_badge import server_badge
from restore_tui.tui.terminal.key_gate import Hold
from restore_tui.tui.widgets.error_panel import ErrorPanel
from restore_tui.tui.widgets.line_input import LineInput
from restore_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from restore_tui.kinetica.connection.transport import ConnectionSettings
    from restore_tui.restore.export import ConnectionInfo
    from restore_tui.restore.receipts.model import Receipt


def _field(name: str, given: Mapping[str, str], *, placeholder: str = "") -> Input:
    value = given.get(name, "")
    if name in ("password", "token"):
        return SecretInput(value, placeholder, id=name)
    return LineInput(value, placeholder, id=name, select_on_focus=False)


class ConnectScreen(ChooseServerMixin, TrustCertificateMixin):
    """Tests the connection before it goes on; a failure stays here, with what to do about it."""

    step = "connect"
    footer = {
        "connect.certificate": "Certificate",
        "list.choose": "Choose",
        "step.next": "Connect",
        "step.tab": "Next field",
        "step.back": "Leave",
    }
    title_pane = "#connect"
    hint = "Server and credentials"
    loading_text = "Starting"
    next_label = "Connect"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "step_back", "Leave", id="step.back")]
    help_topics = (
        "The URL is that of the REST API: http://host:9191, or https://host:8082/gpudb-0 behind the bundled "
        "proxy. Its path is kept. Enter tests the connection and continues.\n\n"
        "User and password are sent as Basic authentication; a token is sent instead of them. They are kept in "
        "memory only. Flags, environment (KINETICA_URL, KINETICA_USER, KINETICA_PASSWORD) and the config file "
        f"fill these fields in; its [servers.NAME] tables make a list.\n\n{TRUST_HELP}"
    )
    field_help: ClassVar[dict[str, str]] = {
        "servers": CHOOSE_SERVER_HELP,
        "url": "Base URL of the REST API, with its path if it has one. A user or password in it is refused.",
        "user": "The Kinetica user. The restore runs with this user's permissions.",
        "password": "Never shown, never copied, never written to a file, never part of a URL.",
        "token": "An OAuth token. Where it is given, user and password are not sent.",
    }

    def __init__(self) -> None:
        super().__init__()
        self._testing = False
        self._test_began = 0.0
        self._unsettled: list[Receipt] = []
        self._watched = False

    @property
    def needs_loading(self) -> bool:
        """Only the demo server has to be started first."""
        return self.wizard.demo is not None and not self.wizard.is_connected

    def compose_body(self) -> ComposeResult:
        given = {} if self.needs_loading else self._given()
        servers = list(self.compose_servers())
        with VerticalScroll(id="connect", can_focus=False, classes="-servers" if servers else ""):
            yield from servers
            with Grid(id="connect-fields"):
                yield Label("URL")
                url = _field("url", given, placeholder="http://host:9191")
                url.disabled = bool(self.wizard.settings.server)
                yield url
                yield Label("User")
                yield _field("user", given)
                yield Label("Password")
                yield _field("password", given)
                yield Label("OAuth token")
                yield _field("token", given, placeholder="instead of user and password")
            yield Static(id="connect-notes", markup=False)

    def _given(self) -> dict[str, str]:
        """What the fields begin with: the connection that there is, else the settings."""
        if self.wizard.is_connected:
            link = self.session.client.link
            url, login = link.address.url, link.login
        else:
            settings = self.wizard.settings
            url, login = settings.url, Login(settings.user, settings.password, settings.token)
        return {
            "url": url,
            "user": login.user,
            "password": login.password.reveal(),
            "token": login.token.reveal(),
        }

    async def load(self, *, fresh: bool) -> None:
        """Start the demo server, and fill the fields in."""
        demo = self.wizard.demo
        if demo is None:
            return
        url, user, password = await asyncio.to_thread(demo.start)
        self._fill(url=url, user=user, password=password)

    def show(self) -> None:
        self.show_servers()
        self._show_notes()
        # It loads httpx and pydantic, which would hold up what is drawn first.
        self.call_after_refresh(self.run_worker, self._find_unsettled, group="unsettled", exclusive=True)

    # Runs of before

    async def _find_unsettled(self) -> None:
        """Runs of which nobody knows the end."""
        await self.wizard.load_the_rest()
        found = await self.session.runs.unsettled()
        self._unsettled = [receipt for receipt in found if self._is_offered(receipt)]
        if self._unsettled:
            self._watched = self.session.runs.store.is_locked(self._unsettled[0].run)
        self._show_unsettled()

    def _is_offered(self, receipt: Receipt) -> bool:
        """The run that was named; else all, but on the demo server only its own: another one is gone for good."""
        if self.wizard.attach_to:
            return receipt.run == self.wizard.attach_to
        return self.wizard.demo is None or receipt.server.url == self._value("url")

    def _show_unsettled(self) -> None:
        receipts = self._unsettled
        if receipts and not self.query("#unsettled"):
            self.query_one("#connect").mount(Static(id="unsettled", markup=False), after="#connect-notes")
            self.query_one("#bar").mount(
                Button("Dismiss", id="put-aside", compact=True),
                Button("Check outcome", id="look", compact=True),
                before="#gap",
            )
        for button in self.query("#look, #put-aside"):
            button.display = bool(receipts) and not self._watched
        for text in self.query("#unsettled"):
            text.display = bool(receipts)
        if not receipts:
            return
        receipt = receipts[0]
        age = formatting.age(receipt.begun, self.wizard.clock.now())
        more = f" (and {len(receipts) - 1} more)" if len(receipts) > 1 else ""
        self.update_text(
            "#unsettled",
            f"! The outcome of an earlier restore is unknown: {sanitize(receipt.backup, 40)}, started {age}, to "
            f"{sanitize(receipt.server.user, 30)} at {sanitize(receipt.server.url, 60)} (run {receipt.run}).{more}\n"
            + (
                "Another restore-tui is following it now."
                if self._watched
                else "Check the outcome (read-only)."
            ),
        )

    @on(Button.Pressed, "#look")
    def _check_outcome(self) -> None:
        """Connect to the server that the run went to, then look. A password that was meant for another server is not
        sent there."""
        if not self._unsettled:
            return
        from restore_tui.restore.execution.exit_status import summary_of

        receipt = self._unsettled[0]
        self.wizard.attach_to = receipt.run
        self.wizard.attached = summary_of(receipt, self.session.runs.store.path(receipt.run))
        if self._value("url") != receipt.server.url:
            if self._choose_server_of(receipt):
                return
            self._fill(url=receipt.server.url, user=receipt.server.user, password="", token="")
            self.query_one("#password").focus()
            self.notify_user("The run went to this server: fill in the password for it, then press Enter.")
            return
        self.advance()

    def _choose_server_of(self, receipt: Receipt) -> bool:
        """Whether the config file has the server that a run went to. Else no server of it is chosen any more."""
        settings, url = self.wizard.settings, receipt.server.url
        names = settings.servers_at(url, receipt.server.user)
        name = next((name for name in names if settings.servers[name].url.rstrip("/") == url), "")
        if name:
            self.choose_server(name)
        elif settings.server:
            try:
                self.take_settings(settings.at(""))
            except SettingsError as problem:
                self.notify_user(sanitize(problem, 300))
                return True
        return bool(name)

    @on(Button.Pressed, "#put-aside")
    def dismiss_pressed(self) -> None:
        self.run_worker(self._dismiss(), group="unsettled", exclusive=True)

    async def _dismiss(self) -> None:
        if not self._unsettled:
            return
        from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptUnwritableError

        receipt = self._unsettled.pop(0)
        try:
            await self.session.runs.dismiss(receipt.run)
        except (NoSuchRunError, ReceiptUnwritableError) as problem:
            self.notify_user(f"It could not be dismissed: {sanitize(problem, 200)}")
        else:
            self.notify_user(f"Run {receipt.run} dismissed; it remains in restore-tui history.")
        self._show_unsettled()
        self.focus_first()

    def _fill(self, **values: str) -> None:
        for name, value in values.items():
            self.query_one(f"#{name}", Input).value = value

    def first_focus(self) -> Widget | None:
        """The list of servers or the first empty field, or Connect where nothing is missing."""
        if not self._value("url"):
            return self.server_list or self.query_one("#url")
        if not self._value("token"):
            for name in ("user", "password"):
                if not self._value(name):
                    return self.query_one(f"#{name}")
        return self.query_one("#next")

    def why_blocked(self) -> str:
        if self._choosing_since is not None:
            return "Choosing the server."
        if self._testing:
            return "Testing the connection."
        if not self._value("url"):
            return "Fill in the URL first."
        return self._login().problem()

    def help_for_focus(self) -> str:
        return self.field_help.get((self.focused.id if self.focused else None) or "", "")

    def leave_field(self) -> bool:
        if self._testing:
            self._stop_testing()
            return True
        if self.stop_choosing():
            return True
        if isinstance(self.focused, Input):
            self.set_focus(None if self._blocked_reason() else self.query_one("#next"))
            return True
        return super().leave_field()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "url":
            self.offer_certificate(None)
        self._show_notes()
        self.plan_changed()

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Enter."""
        self.go_on_or_fill()

    def go_on_or_fill(self) -> None:
        """Go on where all is there, else to the first field that is empty."""
        missing = self.first_focus()
        if isinstance(missing, Input) and missing is not self.focused:
            self.set_focus(missing)
        else:
            self.advance()

    def advance(self) -> None:
        why = self._blocked_reason()
        if why:
            self.notify_user(why)
            return
        hold = self.wizard.gate.hold(loading=True)
        self._testing = True
        self._test_began = self.wizard.clock.monotonic()
        self.plan_changed()
        self.run_worker(self._test(hold), group="test", exclusive=True)

    async def _test(self, hold: Hold) -> None:
        for panel in self.query(ErrorPanel):
            panel.hide()
        self.notify_user("Testing the connection …")
        try:
            # Loaded in the background since the first screen; here one waits for the rest of it.
            await self.wizard.load_the_rest()
            in_force, link = self._in_force(), self._link()
            try:
                cleared = await self.session.connect(link, self.wizard.policy_of(in_force))
            except KineticaError as failure:
                raise await self.explain_certificate(link, failure) from None
        except KineticaError as error:
            self.notify_user("")
            refused = isinstance(error, AuthenticationFailed)
            if refused:
                error.hint = "Check user, password and token, then press Enter."
                error.impact = f"{self._sent_words()} Nothing has been changed."
            panel = self._failure()
            panel.show(error)
            self.add_class("-failed")
            self._done(hold, deliver=False)
            self._focus_field_to_fix(refused)
        except BaseException:
            self._done(hold, deliver=False)
            raise
        else:
            self.wizard.use(in_force)
            server = self.session.server
            version = sanitize(server.version, 40) if server and server.version else "(unknown version)"
            self._testing = False
            problem = await self._reattach()
            if problem:
                self.notify_user(problem)
                self._done(hold, deliver=False)
                return
            if not self._left:
                self._left = True
                self.wizard.go_on(self.step, cleared or f"Connected to Kinetica {version}.")
            hold.release()

    def _failure(self) -> ErrorPanel:
        """Below the fields, and scrolled on its own: they stay in view, to be corrected while the error is read."""
        panel = self.query_one_optional("#connect-error", ErrorPanel)
        if panel is None:
            panel = ErrorPanel(id="connect-error")
            self.query_one("#content").mount(panel)
        return panel

    def _sent_words(self) -> str:
        """What the server was sent to know the user by, and does not accept."""
        if not self._value("token"):
            return "The server does not accept this user with this password."
        more = " User and password were not sent." if self._both_logins() else ""
        return f"The server does not accept this token.{more}"

    def _both_logins(self) -> bool:
        return bool(self._value("token") and (self._value("user") or self._value("password")))

    async def _reattach(self) -> str:
        """Go to the run that was named, if one was. Returns why that cannot be, or nothing."""
        run, self.wizard.attach_to = self.wizard.attach_to, ""
        if not run:
            return ""
        from restore_tui.restore.receipts.store import NoSuchRunError

        try:
            receipt = await asyncio.to_thread(self.session.runs.store.read, run)
        except NoSuchRunError as problem:
            return sanitize(problem, 300)
        if not receipt.is_unsettled:
            self.wizard.attached = None
        why = self.wizard.reattach(receipt)
        self._left = not why
        return why

    def _done(self, hold: Hold, *, deliver: bool) -> None:
        self._testing = False
        self.plan_changed()
        if self.is_attached and not isinstance(self.focused, Input):
            # The button that was pressed was disabled meanwhile, and the focus went to the one beside it.
            self.set_focus(self.first_focus())
        hold.release(deliver=deliver)

    def _focus_field_to_fix(self, refused: bool) -> None:
        """After a failed test: the secret that was refused, or else the URL."""
        secret = "#token" if self._value("token") else "#password"
        self.query_one("#connect", VerticalScroll).scroll_home(animate=False)
        if self._offered is not None:
            self.query_one("#certificate").focus()
        elif refused or not self.wizard.settings.server:
            self.query_one(secret if refused else "#url").focus()
        else:
            self.set_focus(self.server_list)

    def _stop_testing(self) -> None:
        self.workers.cancel_group(self, "test")
        self.notify_user("The test was stopped; nothing was changed.")

    def tick(self) -> None:
        if self._testing:
            seconds = self.wizard.clock.monotonic() - self._test_began
            self.notify_user(f"Testing the connection … {formatting.elapsed(seconds)}")
        elif words := self.choosing_words():
            self.notify_user(words)
        else:
            super().tick()

    def refresh_data(self) -> None:
        """F5 here is another test."""
        self.advance()

    def _link(self) -> ConnectionSettings:
        return self.wizard.settings.connection(self._value("url"), self._login())

    def _in_force(self) -> Settings:
        """The settings as they hold at the URL in the field."""
        return self.wizard.settings.in_force_at(self._value("url"), self._value("user"))

    @property
    def server_badge(self) -> Content:
        """Of the server that is filled in, connected or not."""
        if not self.query("#url"):
            return super().server_badge
        in_force, is_https = self._in_force(), self._value("url").lower().startswith("https:")
        return server_badge(in_force.label, in_force.color, insecure=in_force.insecure and is_https)

    def summary(self) -> Content:
        """What is connected, only as long as that is what is filled in."""
        is_other = self.wizard.is_connected and self.session.client.link.address.url != self._value("url")
        return self.server_badge if is_other else super().summary()

    def take_settings(self, settings: Settings) -> None:
        self.wizard.settings = settings
        url = self.query_one("#url", Input)
        url.disabled = bool(settings.server)
        self._fill(
            url=settings.url,
            user=settings.user,
            password=settings.password.reveal(),
            token=settings.token.reveal(),
        )
        self.offer_certificate(None)
        rows = self.server_list
        if rows is not None:
            rows.redraw()
        self._show_notes()

    def _login(self) -> Login:
        user, token = self._value("user"), self._value("token")
        if token:
            return Login(user, token=Secret(token))
        return Login(user, Secret(self._value("password")) or NOTHING)

    def access(self) -> ConnectionInfo:
        """By what the fields say now; what is no URL is left out."""
        from restore_tui.restore.export import ConnectionInfo
        from restore_tui.restore.plan.request import DIRECT

        try:
            return ConnectionInfo.of(
                self._link(), self.session.destination.mode if self.wizard.is_connected else DIRECT
            )
        except InvalidUrl:
            return ConnectionInfo()

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _show_notes(self) -> None:
        notes = connect_notes(
            self.wizard,
            self._in_force(),
            self._value("url"),
            has_secret=bool(self._value("password") or self._value("token")),
            both_logins=self._both_logins(),
        )
        self.update_text("#connect-notes", "\n".join(notes))
