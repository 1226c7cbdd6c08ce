"""The settings of a command, with the password that they lead to."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from restore_tui.cli.demo_server import demo_server_of
from restore_tui.cli.output import complain

if TYPE_CHECKING:
    from restore_tui.config import Settings


def flags_of(given: argparse.Namespace) -> dict[str, object]:
    """The options that are settings."""
    from dataclasses import fields

    from restore_tui.config import FileSettings

    names = {"config", "server", "demo", *(setting.name for setting in fields(FileSettings))}
    return {name: value for name, value in vars(given).items() if name in names}


@contextlib.contextmanager
def connected(given: argparse.Namespace) -> Iterator[Settings]:
    """Yield the settings of a command that needs a server and no screen, with the password; with --demo, the demo
    server runs meanwhile. Raises SettingsError."""
    from restore_tui.config import load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    settings = load(flags_of(given))
    demo = demo_server_of(given)
    try:
        yield settings.logged_in_at(*demo.start()) if demo is not None else with_password(settings)
    finally:
        if demo is not None:
            demo.stop()


def with_password(settings: Settings) -> Settings:
    """Run the server's password command, if it has one. It has the terminal where there is one, and may ask there.
    Raises SettingsError."""
    has_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    if settings.password_command and has_terminal:
        from restore_tui.secret_sources import command_name

        name = command_name(settings.password_command)
        complain(f"running the password command of server {settings.server} ({name}). Ctrl+C stops it.")
    return settings.with_command_password(has_terminal=has_terminal)
