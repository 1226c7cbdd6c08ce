"""The command line. Textual is imported only when a screen will open, and httpx not even then at first."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from restore_tui import __version__

if TYPE_CHECKING:
    from restore_tui.demo.server import DemoServer

USAGE_ERROR = 2
DEMO_VERSION = "7.2.3.14"


class _Parser(argparse.ArgumentParser):
    """One sentence and where to look, instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}. See {self.prog} --help.\n")


class _RefusePassword(argparse.Action):
    """A password on the command line stands in the process list for everybody to read."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error("a password is never a flag: use --password-file, or KINETICA_PASSWORD")


def parser() -> argparse.ArgumentParser:
    """The whole command line, as the README documents it."""
    main = _Parser(
        prog="restore-tui",
        description="A wizard for Kinetica's /restore/backup: choose a backup, rehearse its restore, restore it once.",
        epilog="Exit codes: 0 restored, or left without restoring; 1 the restore failed; 2 wrong usage; "
        "3 some objects failed; 4 outcome unknown, or left running.",
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"restore-tui {__version__}")
    where = main.add_mutually_exclusive_group()
    where.add_argument("--demo", action="store_true", help="practise on a built-in server")
    where.add_argument("--url", help="base URL of the REST API, such as http://host:9191")
    main.add_argument("--user", metavar="NAME")
    main.add_argument("--password", action=_RefusePassword, help=argparse.SUPPRESS)
    main.add_argument("--password-file", metavar="FILE", help="its first line is the password")
    main.add_argument("--oauth-token-file", metavar="FILE", help="its first line is an OAuth token")
    main.add_argument("--ca-file", metavar="FILE", help="certificates to trust instead of the system's")
    main.add_argument("--insecure", action="store_const", const=True, help="accept any certificate")
    main.add_argument("--proxy", metavar="URL", help="an HTTP proxy; none from the environment is used")
    main.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="bound on every wait for an answer")
    main.add_argument("--dry-run-only", action="store_const", const=True, help="never send a real restore")
    main.add_argument(
        "--no-mouse", dest="mouse", action="store_const", const=False, help="leave the mouse alone"
    )
    main.add_argument("--theme", metavar="NAME", help="a Textual theme, such as nord")
    main.add_argument("--config", metavar="FILE", help="instead of the config file in its usual place")
    _demo_options(main)

    commands = main.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    explain = commands.add_parser("explain", help="what an object type or option means")
    explain.add_argument("name", nargs="?", metavar="NAME")
    explain.add_argument("--json", action="store_true")
    server = commands.add_parser("demo-server", help="serve the demo Kinetica for other clients")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=_port, default=9191)
    _demo_options(server)
    return main


def _demo_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("--objects", type=_objects, metavar="N", help="tables in the demo's large backup")
    to.add_argument(
        "--server-version", metavar="V", help=f"version that the demo shows (default {DEMO_VERSION})"
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _objects(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1,000,000")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    given = parser().parse_args(arguments)
    if given.command == "explain":
        return _explain(given)
    if given.command == "demo-server":
        from restore_tui.demo.serve import serve

        return serve(
            given.host, given.port, objects=given.objects, server_version=given.server_version or DEMO_VERSION
        )
    if not given.demo and (given.objects or given.server_version):
        return _complain("--objects and --server-version go with --demo or demo-server")
    return _wizard(given)


def _complain(text: str) -> int:
    print(f"restore-tui: {text}", file=sys.stderr)
    return USAGE_ERROR


def _say_last(line: str) -> None:
    """The last line, for the scrollback. Where the terminal is gone, its exit code still has to be ours."""
    try:
        print(line, flush=True)
        sys.stderr.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())


def _explain(given: argparse.Namespace) -> int:
    from restore_tui.explain import UnknownNameError, explain

    try:
        print(explain(given.name, as_json=given.json))
    except UnknownNameError as error:
        return _complain(str(error))
    return 0


class _Demo:
    """The built-in server, made when the wizard asks for it: after its first screen is drawn."""

    def __init__(self, objects: int | None, server_version: str) -> None:
        self._objects = objects
        self._version = server_version
        self._server: DemoServer | None = None

    def start(self) -> tuple[str, str, str]:
        from restore_tui.demo.server import DemoServer
        from restore_tui.demo.shop import build_world

        if self._server is None:
            world = build_world() if self._objects is None else build_world(big_tables=self._objects)
            self._server = DemoServer(world, server_version=self._version)
            self._server.start()
        return self._server.url, self._server.user, self._server.password

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


def _wizard(given: argparse.Namespace) -> int:
    from restore_tui.settings import SettingsError, load

    flags = vars(given)
    names = (
        "url", "user", "password_file", "oauth_token_file", "ca_file", "insecure", "proxy",
        "timeout", "dry_run_only", "mouse", "theme", "config",
    )  # fmt: skip
    try:
        settings = load({name: flags[name] for name in names})
    except SettingsError as error:
        return _complain(str(error))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _complain("the wizard needs a terminal")

    from restore_tui.logfile import open_log
    from restore_tui.tui.app import RestoreApp

    open_log(settings.state_folder)
    demo = _Demo(given.objects, given.server_version or DEMO_VERSION) if given.demo else None
    app = RestoreApp(settings, demo=demo)
    if settings.theme and settings.theme not in app.available_themes:
        return _complain(
            f"there is no theme {settings.theme!r}; there are {', '.join(sorted(app.available_themes))}"
        )
    app.run(mouse=settings.mouse)

    from restore_tui.restore.leaving import ExitCode, exit_code, last_line

    _say_last(last_line(app.runs))
    return ExitCode.FAILED if app.crashed and not app.runs else exit_code(app.runs)
