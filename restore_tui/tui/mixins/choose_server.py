"""The servers of the config file, and choosing one: URL, user, secrets, TLS and proxy change as one unit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from restore_tui.config import Settings, SettingsError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.secret_sources import command_name
from restore_tui.tui import formatting
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.terminal.key_gate import Hold

if TYPE_CHECKING:
    from restore_tui.tui.widgets.row_list import RowList

CHOOSE_SERVER_HELP = (
    "The list has the servers of the config file. Enter on one fills in its URL, user and password, with its TLS "
    "settings and proxy, and connects where nothing is missing. The URL of a server is changed in the config file "
    "only; the last row is for one that is not in it. A password command has 30 seconds here, and no terminal to "
    "ask on: for one that asks, start restore-tui --server NAME."
)
_MOST_ROWS = 5


class ChooseServerMixin(StepScreen):
    """A step with a list of servers, which is not there where the config file names none."""

    _choosing_since: float | None = None
    _waits_for = ""
    """The password command that is waited for; empty for none."""
    _stop_command = threading.Event()

    def take_settings(self, settings: Settings) -> None:
        """Show what a server's settings say."""
        raise NotImplementedError

    def go_on_or_fill(self) -> None:
        """Connect where nothing is missing, or else go to the first field that is empty."""
        raise NotImplementedError

    def compose_servers(self) -> Iterator[RowList[str]]:
        """The list, where the config file names servers. An empty name is for the others."""
        if not self.wizard.settings.servers or self.wizard.demo is not None:
            return
        from restore_tui.tui.widgets.row_list import Column, RowList  # most have no such list

        rows: RowList[str] = RowList(
            [
                Column("Server", lambda name: name or "(another)", least=9),
                Column("Label", self._label, 20, drop=1),
                Column("URL", self._url, least=22),
            ],
            tick=lambda name: "(●)" if name == self.wizard.settings.server else "( )",
            id="servers",
        )
        rows.styles.height = 1 + min(_MOST_ROWS, len(self.wizard.settings.servers) + 1)
        yield rows

    @property
    def server_list(self) -> RowList[str] | None:
        return cast("RowList[str] | None", self.query_one_optional("#servers"))

    def _label(self, name: str) -> str:
        server = self.wizard.settings.servers.get(name)
        return "" if server is None else server.label or ("dry runs only" if server.dry_run_only else "")

    def _url(self, name: str) -> str:
        server = self.wizard.settings.servers.get(name)
        return "type URL and user below" if server is None else server.url

    def show_servers(self) -> None:
        rows = self.server_list
        if rows is not None and not rows.items:
            names = [*self.wizard.settings.servers, ""]
            rows.show(names, cursor=names.index(self.wizard.settings.server) if self._is_chosen else 0)

    @property
    def _is_chosen(self) -> bool:
        return bool(self.wizard.settings.server)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        if self._choosing_since is None:
            self.choose_server(event.item)

    def choose_server(self, name: str) -> None:
        """Take a server of the config file, or none, then go on. It may have to run a command for its password."""
        hold = self.wizard.gate.hold(loading=True)
        self._choosing_since = self.wizard.clock.monotonic()
        self.plan_changed()
        self.run_worker(self._choose(name, hold), group="server", exclusive=True)

    def stop_choosing(self) -> bool:
        """Whether there was a password command to stop."""
        if self._choosing_since is not None:
            self._stop_command.set()
            return True
        return False

    async def _choose(self, name: str, hold: Hold) -> None:
        problem = ""
        stop = self._stop_command = threading.Event()
        try:
            settings = await asyncio.to_thread(self.wizard.settings.at, name)
            self.take_settings(settings)
            if settings.password_command:
                self._waits_for = f"{sanitize(name, 40)} ({command_name(settings.password_command)})"
                self.tick()
                self.take_settings(
                    await asyncio.to_thread(settings.with_command_password, has_terminal=False, stop=stop)
                )
        except SettingsError as error:
            problem = sanitize(error, 400)
        finally:
            stop.set()
            self._choosing_since, self._waits_for = None, ""
            if self.is_attached:
                self.plan_changed()
                self.notify_user(problem)
                if problem:
                    self.set_focus(self.first_focus())
                elif name:
                    self.go_on_or_fill()
                else:
                    self.query_one("#url").focus()
            hold.release(deliver=not problem)

    def choosing_words(self) -> str:
        """What is waited for, and for how long; empty for nothing."""
        if self._choosing_since is None or not self._waits_for:
            return ""
        seconds = self.wizard.clock.monotonic() - self._choosing_since
        return f"Waiting for the password command of {self._waits_for} … {formatting.elapsed(seconds)}. Esc stops it."
