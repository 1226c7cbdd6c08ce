"""The whole command line, as the README documents it."""

from __future__ import annotations

import argparse
import platform
from typing import Any, NoReturn, Protocol

from restore_tui import REFERENCE_VERSION, __version__
from restore_tui.cli import argument_types
from restore_tui.cli.help_text import DESCRIPTION, SECTIONS, epilog
from restore_tui.cli.mistakes import COMMAND, CommandParser
from restore_tui.demo.seed import DEFAULT_STORY, STORIES
from restore_tui.find.arguments import add_find_arguments
from restore_tui.schemas import COMMANDS

DEMO_VERSION = REFERENCE_VERSION
LOG_LEVELS = ("debug", "info", "warning", "error")


class _Container(Protocol):
    """What options can be added to: a parser, or a group of its options."""

    def add_argument(self, *names: str, **settings: Any) -> argparse.Action: ...

    def add_mutually_exclusive_group(self) -> argparse._MutuallyExclusiveGroup: ...


class _RefusePassword(argparse.Action):
    """A password on the command line stands in the process list for everybody to read."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error(
            "passwords cannot be given on the command line: use --password-file or KINETICA_PASSWORD"
        )


class _Version(argparse.Action):
    """Prints what a report of a problem needs. The versions of libraries are looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from restore_tui.cli.output import print_text

        parser.exit(print_text(version_text()))


def version_text() -> str:
    """Return our version, that of the API reference, and those of what it runs with."""
    from importlib.metadata import version

    return (
        f"restore-tui {__version__} (API reference of Kinetica {REFERENCE_VERSION}; "
        f"Python {platform.python_version()}, Textual {version('textual')})"
    )


def build_parser() -> CommandParser:
    """Return the parser of all commands."""
    main = CommandParser(prog="restore-tui", description=DESCRIPTION, epilog=epilog(SECTIONS), add_help=False)
    _connection_options(main.add_argument_group("connection"))
    restore = main.add_argument_group("restore")
    restore.add_argument("--dry-run-only", action="store_const", const=True, help="never send a real restore")
    screen = main.add_argument_group("screen")
    screen.add_argument(
        "--no-mouse", dest="mouse", action="store_const", const=False, help="disable mouse support"
    )
    screen.add_argument("--theme", metavar="NAME", help="a Textual theme, such as nord")
    screen.add_argument("--ascii", action="store_const", const=True, help="draw with ASCII characters only")
    screen.add_argument(
        "--plain-rendering", action="store_const", const=True, help="use Textual's own rendering"
    )
    _demo_options(main.add_argument_group("demo server, with --demo"))
    general = main.add_argument_group("general")
    _log_level(general)
    general.add_argument("--config", metavar="FILE", help="path to an alternative config file")
    general.add_argument("-V", "--version", action=_Version, nargs=0, help="print the version, and exit")
    general.add_argument("-h", "--help", action="help", help="print this help, and exit")
    _commands(main)
    return main


def _commands(main: CommandParser) -> None:
    commands = main.add_subparsers(
        dest="command",
        metavar=COMMAND,
        title="commands",
        description="Without one, the wizard opens. restore-tui COMMAND --help describes each.",
        parser_class=CommandParser,
    )
    explain = commands.add_parser(
        "explain",
        help="describe a request or response field, option or value",
        description="Without NAME, lists everything that a request or its response may have.",
        epilog=epilog(
            {"examples": "restore-tui explain ddl_only\nrestore-tui explain restore_policy --json"}
        ),
    )
    explain.add_argument("name", nargs="?", metavar="NAME", help="an object type, option, value or field")
    explain.add_argument("--json", action="store_true", help="as JSON")
    find = commands.add_parser(
        "find",
        help="which snapshots hold an object, the newest first",
        description="NAME is a whole name, with its schema or without, or a pattern. Connection\n"
        "options may stand before or after the names. TIME is local, or UTC with a Z at\nthe end.",
        epilog=epilog(
            {
                "examples": "restore-tui find sales.orders --server prod\n"
                "restore-tui find 'sales.*' --before 'yesterday 18:00' --all",
                "exit codes": "0  found\n1  a name was not found\n2  usage error\n"
                "5  something that could change the result could not be read",
            }
        ),
        argument_default=argparse.SUPPRESS,
    )
    add_find_arguments(find)
    _connection_options_of(find)
    attach = commands.add_parser(
        "attach",
        help="check the outcome of a run; follow it if still running",
        description="RUN is a run's id or its beginning. With --wait no screen opens: the outcome is\n"
        "printed once it is known, or no more can be learned.",
        epilog=epilog(
            {
                "examples": "restore-tui attach 20261127 --password-file ~/.prod\n"
                "restore-tui attach 20261127 --wait --json",
                "exit codes": "those of the wizard; with --wait, 4 as long as the outcome is unknown",
            }
        ),
        argument_default=argparse.SUPPRESS,
    )
    attach.add_argument("run", metavar="RUN", help="the id of a run, or the beginning of one")
    attach.add_argument(
        "--wait", action="store_true", default=False, help="wait for the outcome, and print it"
    )
    attach.add_argument("--json", action="store_true", default=False, help="with --wait: as JSON, in ASCII")
    _connection_options_of(attach)
    history = commands.add_parser(
        "history",
        help="list past restores, or show one",
        description="Reads the receipts on this machine. Only --all-users needs a server.",
        epilog=epilog(
            {
                "examples": "restore-tui history\nrestore-tui history 20261127 --markdown\n"
                "restore-tui history --all-users --server prod"
            }
        ),
        argument_default=argparse.SUPPRESS,
    )
    history.add_argument(
        "run", nargs="?", default=None, metavar="RUN", help="the id of a run, or the beginning of one"
    )
    history.add_argument(
        "--all-users",
        action="store_true",
        default=False,
        help="what everyone restored, from the server's own history",
    )
    history.add_argument(
        "--prune",
        action="store_true",
        default=False,
        help="list old receipts, and ask whether to delete them",
    )
    form = history.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", default=False, help="as JSON, in ASCII")
    form.add_argument("--markdown", action="store_true", default=False, help="as Markdown, for a ticket")
    _connection_options_of(history)
    doctor = commands.add_parser(
        "doctor",
        help="check what a server supports, without restoring anything",
        description="Sends every read that restore-tui knows, and prints what the server supports\n"
        "and which keys of its responses are recognized. No data and no names are\n"
        "printed, so the output can be pasted into an issue. It cannot send a restore.",
        epilog=epilog(
            {
                "examples": "restore-tui doctor --server prod\n"
                "restore-tui doctor --server prod --dry-run sales.orders",
                "exit codes": "0  fine\n1  a problem was found\n2  usage error",
            }
        ),
        argument_default=argparse.SUPPRESS,
    )
    doctor.add_argument(
        "--dry-run", default=None, metavar="TABLE", help="also send one dry run, of a table in a backup"
    )
    _connection_options_of(doctor)
    config = commands.add_parser(
        "config",
        help="show where the files are and which settings are in effect",
        description="Prints the paths of config file, receipts and log, and every setting with its\n"
        "source. No secret is shown.",
        epilog=epilog({"exit codes": "0  fine\n1  a problem was found"}),
        argument_default=argparse.SUPPRESS,
    )
    what = config.add_mutually_exclusive_group()
    what.add_argument(
        "--example",
        action="store_true",
        default=False,
        help="print a config file with every key commented out",
    )
    what.add_argument(
        "--check", action="store_true", default=False, help="check the config file and every server in it"
    )
    _connection_options_of(config)
    schema = commands.add_parser(
        "json-schema",
        help="print the JSON Schema of what a command prints with --json",
        description="NAME is one of:\n"
        + "\n".join(f"  {name:<10}{command}" for name, command in COMMANDS.items()),
        epilog=epilog({"examples": "restore-tui json-schema find > find.schema.json"}),
    )
    schema.add_argument(
        "name", type=argument_types.schema_name, metavar="NAME", help="the name of the schema"
    )
    server = commands.add_parser("demo-server", help="serve the demo Kinetica for other clients")
    server.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    server.add_argument(
        "--port",
        type=argument_types.port,
        default=9191,
        help="port to listen on; 0 for any (default 9191)",
    )
    _demo_options(server)


def _connection_options_of(command: argparse.ArgumentParser) -> None:
    """The options that may stand before a command or after it."""
    _connection_options(command.add_argument_group("connection"))
    command.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    command.add_argument("--ascii", action="store_const", const=True, help=argparse.SUPPRESS)
    _log_level(command, help=argparse.SUPPRESS)


def _log_level(to: _Container, help: str | None = None) -> None:
    to.add_argument(
        "--log-level",
        choices=LOG_LEVELS,
        metavar="LEVEL",
        help=help or f"what goes to the log: {', '.join(LOG_LEVELS)} (default info)",
    )


def _connection_options(to: _Container) -> None:
    """Which server, as whom, and how."""
    where = to.add_mutually_exclusive_group()
    where.add_argument("--demo", action="store_true", help="use the built-in demo server")
    where.add_argument("--url", help="base URL of the REST API, such as http://host:9191")
    where.add_argument(
        "--server", metavar="NAME", help="a server from the config file, with all its settings"
    )
    to.add_argument("--user", metavar="NAME", help="the user to log in as")
    to.add_argument("--password", action=_RefusePassword, help=argparse.SUPPRESS)
    to.add_argument("--password-file", metavar="FILE", help="read the password from the first line of FILE")
    to.add_argument(
        "--oauth-token-file", metavar="FILE", help="read an OAuth token from the first line of FILE"
    )
    to.add_argument(
        "--ca-file", metavar="FILE", help="CA bundle (PEM) to use instead of the system trust store"
    )
    to.add_argument(
        "--insecure", action="store_const", const=True, help="do not verify the server's TLS certificate"
    )
    to.add_argument("--proxy", metavar="URL", help="HTTP proxy URL (environment proxies are ignored)")
    to.add_argument(
        "--timeout", type=argument_types.seconds, metavar="SECONDS", help="response timeout in seconds"
    )


def _demo_options(to: _Container) -> None:
    to.add_argument(
        "--objects", type=argument_types.object_count, metavar="N", help="tables in the demo's large backup"
    )
    to.add_argument(
        "--server-version",
        type=argument_types.server_version,
        metavar="V",
        help=f"emulate this Kinetica version (default {DEMO_VERSION})",
    )
    stories = "; ".join(f"{name}, {happened}" for name, happened in STORIES.items())
    to.add_argument(
        "--story",
        type=argument_types.story,
        metavar="NAME",
        help=f"scenario that the demo server plays: {stories} (default {DEFAULT_STORY})",
    )
    to.add_argument(
        "--fault",
        action="append",
        type=argument_types.fault,
        metavar="ENDPOINT=FAULT",
        help="inject a fault into the demo server, such as /restore/backup=drop",
    )
