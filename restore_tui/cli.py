"""The command line. Textual is imported only when a screen will open, and httpx not even then at first."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from restore_tui import __version__
from restore_tui.ascii_glyphs import printable
from restore_tui.demo.seed import DEFAULT_STORY, STORIES, known_story
from restore_tui.find.arguments import add_find_arguments

if TYPE_CHECKING:
    from restore_tui.config import Settings
    from restore_tui.demo.server import DemoServer
    from restore_tui.restore.receipts.model import Receipt
    from restore_tui.restore.receipts.store import ReceiptStore

USAGE_ERROR = 2
_INTERRUPTED = 130
"""As shells have it for what Ctrl+C has ended."""
DEMO_VERSION = "7.2.3.14"


class _Parser(argparse.ArgumentParser):
    """One sentence and where to look, instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message}. See {self.prog} --help.", self.prog)
        self.exit(USAGE_ERROR)


class _RefusePassword(argparse.Action):
    """A password on the command line stands in the process list for everybody to read."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error(
            "passwords cannot be given on the command line: use --password-file or KINETICA_PASSWORD"
        )


def parser() -> argparse.ArgumentParser:
    """The whole command line, as the README documents it."""
    main = _Parser(
        prog="restore-tui",
        description="A wizard for Kinetica's /restore/backup: select a backup, dry-run the restore, then run it "
        "exactly once.",
        epilog="Exit codes: 0 restored, or left without restoring; 1 the restore failed; 2 usage error; "
        "3 some objects failed; 4 outcome unknown, or left running; 70 the wizard crashed.",
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"restore-tui {__version__}")
    _connection_options(main)
    main.add_argument("--dry-run-only", action="store_const", const=True, help="never send a real restore")
    main.add_argument(
        "--no-mouse", dest="mouse", action="store_const", const=False, help="disable mouse support"
    )
    main.add_argument(
        "--plain-rendering", action="store_const", const=True, help="use Textual's own rendering"
    )
    main.add_argument("--theme", metavar="NAME", help="a Textual theme, such as nord")
    main.add_argument("--ascii", action="store_const", const=True, help="draw with ASCII characters only")
    main.add_argument("--config", metavar="FILE", help="path to an alternative config file")
    _demo_options(main)

    commands = main.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    explain = commands.add_parser("explain", help="describe a request or response field, option or value")
    explain.add_argument("name", nargs="?", metavar="NAME")
    explain.add_argument("--json", action="store_true")
    find = commands.add_parser(
        "find",
        help="which snapshots hold an object, the newest first",
        description="NAME is a whole name, with its schema or without, or a pattern. Connection options may stand "
        "before or after the names. TIME is local, or UTC with a Z at the end.",
        epilog="Exit codes: 0 found; 1 a name was not found; 2 wrong usage; 5 something that could change the result "
        "could not be read.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    add_find_arguments(find)
    _connection_options(find)
    find.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    find.add_argument("--ascii", action="store_const", const=True, help=argparse.SUPPRESS)
    attach = commands.add_parser(
        "attach",
        help="check the outcome of a run; follow it if still running",
        description="RUN is a run's id or its beginning. With --wait no screen opens: the outcome is printed once it "
        "is known, or no more can be learned. Connection options may stand before or after the run.",
        epilog="Exit codes with --wait: 0 restored; 1 the restore failed; 2 usage error; 3 some objects failed or were "
        "not mentioned, or the server added warnings; 4 outcome unknown.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    attach.add_argument("run", metavar="RUN")
    attach.add_argument(
        "--wait", action="store_true", default=False, help="wait for the outcome and print it"
    )
    attach.add_argument("--json", action="store_true", default=False, help="with --wait: as JSON, in ASCII")
    _connection_options(attach)
    attach.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    history = commands.add_parser(
        "history",
        help="list past restores, or show one",
        description="Reads the receipts of this user. With --all-users it asks the server instead: what everyone "
        "restored. Connection options may stand before or after the command.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    history.add_argument(
        "run", nargs="?", default=None, metavar="RUN", help="the id of a run, or the beginning of one"
    )
    history.add_argument(
        "--all-users",
        action="store_true",
        default=False,
        help="from the server's own history; needs a connection",
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
    _connection_options(history)
    history.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    config = commands.add_parser(
        "config",
        help="say where the files are, and which settings are in effect",
        description="Prints the paths of config file, receipts and log, and every setting with its source. No "
        "secret is shown.",
        epilog="Exit codes: 0 fine; 1 a problem was found.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    what = config.add_mutually_exclusive_group()
    what.add_argument(
        "--example", action="store_true", default=False, help="print a config file with every key, commented"
    )
    what.add_argument(
        "--check", action="store_true", default=False, help="check the config file and every server in it"
    )
    _connection_options(config)
    config.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    server = commands.add_parser("demo-server", help="serve the demo Kinetica for other clients")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=_port, default=9191)
    _demo_options(server)
    return main


def _connection_options(to: argparse.ArgumentParser) -> None:
    """Which server, as whom, and how. Of a command they are not listed again."""
    where = to.add_mutually_exclusive_group()
    where.add_argument("--demo", action="store_true", help="use the built-in demo server")
    where.add_argument("--url", help="base URL of the REST API, such as http://host:9191")
    where.add_argument("--server", metavar="NAME", help="a server of the config file, with all that it sets")
    to.add_argument("--user", metavar="NAME")
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
    to.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="response timeout in seconds")


def _demo_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("--objects", type=_objects, metavar="N", help="tables in the demo's large backup")
    to.add_argument(
        "--server-version",
        type=_server_version,
        metavar="V",
        help=f"emulate this Kinetica version (default {DEMO_VERSION})",
    )
    stories = "; ".join(f"{name}, {happened}" for name, happened in STORIES.items())
    to.add_argument(
        "--story",
        type=_story,
        metavar="NAME",
        help=f"scenario that the demo server plays: {stories} (default {DEFAULT_STORY})",
    )
    to.add_argument(
        "--fault",
        action="append",
        type=_fault,
        metavar="ENDPOINT=FAULT",
        help="inject a fault into the demo server, such as /restore/backup=drop",
    )


_NUMBER = re.compile(r"\d+\.?\d*(e\+?\d{1,2})?|\.\d+", re.ASCII | re.IGNORECASE)
"""As people write numbers. Python's own reading takes 1_0 and the digits of every script."""


def _seconds(text: str) -> float:
    from restore_tui.config import LONGEST_TIMEOUT

    seconds = float(text) if _NUMBER.fullmatch(text) else 0.0
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise argparse.ArgumentTypeError(
            f"{_quoted(text)} is not a number of seconds above 0, and at most {LONGEST_TIMEOUT:,}"
        )
    return seconds


def _whole(text: str) -> int | None:
    """Return the number that a few ASCII digits stand for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _quoted(text: str) -> str:
    from restore_tui.kinetica.sanitize import truncate_middle

    return truncate_middle(repr(text), 60)


def _port(text: str) -> int:
    port = _whole(text)
    if port is None or port > 65535:
        raise argparse.ArgumentTypeError(f"{_quoted(text)} is not a port (0 to 65535)")
    return port


def _objects(text: str) -> int:
    objects = _whole(text)
    if not objects or objects > 1_000_000:
        raise argparse.ArgumentTypeError(f"{_quoted(text)} is not a number from 1 to 1,000,000")
    return objects


def _story(text: str) -> str:
    try:
        return known_story(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _fault(text: str) -> str:
    from restore_tui.demo.faults import parse

    try:
        parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _server_version(text: str) -> str:
    from restore_tui.demo.version import ServerVersion

    try:
        return ServerVersion(text).text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    try:
        return _main(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _main(arguments: Sequence[str] | None) -> int:
    _occupy_closed_streams()
    given = parser().parse_args(arguments)
    if given.command == "explain":
        return _explain(given)
    if given.command == "history":
        return _history(given)
    if given.command == "demo-server":
        from restore_tui.demo.__main__ import serve

        return serve(
            given.host,
            given.port,
            objects=given.objects,
            server_version=given.server_version or DEMO_VERSION,
            story=given.story or DEFAULT_STORY,
            faults=given.fault or (),
        )
    if given.command == "config":
        return _config(given)
    if sum(map(bool, (given.demo, given.url, given.server))) > 1:
        return _complain("--demo, --url and --server each name a server: give one")
    if not given.demo and (given.objects or given.server_version or given.story or given.fault):
        return _complain("--objects, --server-version, --story and --fault go with --demo or demo-server")
    return _find(given) if given.command == "find" else _wizard(given)


def _complain(text: str, program: str = "restore-tui", *, stream: TextIO | None = None) -> int:
    """Say what is wrong on standard error, or where that is closed on standard output. Return the exit code."""
    from restore_tui.kinetica.sanitize import sanitize

    stream = stream or sys.stderr or sys.stdout
    if stream is not None:
        with contextlib.suppress(OSError):
            print(printable(sanitize(f"{program}: {text}"), stream.encoding), file=stream, flush=True)
    return USAGE_ERROR


def _print(text: str, *, ascii_only: bool | None = False) -> int:
    """Print, and return the exit code. A reader who has seen enough (``| head``) is no error. What the terminal has no
    letters for is written as an escape."""
    try:
        print(printable(text, "ascii" if ascii_only else getattr(sys.stdout, "encoding", None)), flush=True)
    except OSError as error:
        from restore_tui.process_end import discard

        discard(sys.__stdout__)
        if not isinstance(error, BrokenPipeError):
            return _complain(f"the output cannot be written: {error.strerror}")
    return 0


def _explain(given: argparse.Namespace) -> int:
    from restore_tui.explain import UnknownNameError, explain

    try:
        text = explain(given.name, as_json=given.json)
    except UnknownNameError as error:
        return _complain(str(error))
    return _print(text, ascii_only=given.ascii)


def _history(given: argparse.Namespace) -> int:
    """What receipts say. It needs neither a server nor a screen, unless the server's own history is asked for."""
    if given.prune:
        return _prune(given)
    if given.all_users:
        return _server_history(given)
    from restore_tui.config import Settings
    from restore_tui.kinetica.sanitize import sanitize
    from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

    store = ReceiptStore(Settings(demo=given.demo).receipts)
    try:
        with contextlib.suppress(FileNotFoundError):  # there is none before the first restore
            os.scandir(store.folder).close()  # a folder that may not be read is not an empty one
        text = _all_runs(store, given) if given.run is None else _one_run(store, given)
    except NoSuchRunError as error:
        return _complain(sanitize(error))
    except OSError as error:
        return _complain(sanitize(f"{error.filename} cannot be read: {error.strerror}."))
    return _print(text, ascii_only=given.ascii)


def _prune(given: argparse.Namespace) -> int:
    """Delete old receipts, once a person has agreed."""
    if given.run is not None or given.all_users or given.json or given.markdown:
        return _complain("history --prune lists and asks: leave out RUN, --all-users, --json and --markdown")
    from restore_tui.config import SettingsError, load
    from restore_tui.kinetica.sanitize import sanitize
    from restore_tui.prune_command import NotPrunedError, prune

    try:
        return _print(prune(load(_flags(given)), width=_list_width()), ascii_only=given.ascii)
    except (NotPrunedError, SettingsError) as problem:
        return _complain(str(problem))
    except OSError as error:
        return _complain(sanitize(f"{error.filename} cannot be read: {error.strerror}."))


def _server_history(given: argparse.Namespace) -> int:
    """What everyone restored, by the server's own history."""
    if given.run is not None:
        return _complain("history --all-users lists all runs: leave out RUN")
    from restore_tui.config import SettingsError, load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    try:
        settings = load(_flags(given))
    except SettingsError as error:
        return _complain(str(error))
    from restore_tui.headless import CommandError
    from restore_tui.history_command import execute
    from restore_tui.kinetica.sanitize import sanitize

    demo = _demo_of(given)
    try:
        settings = settings.logged_in_at(*demo.start()) if demo is not None else _with_password(settings)
        found = execute(settings)
    except (CommandError, SettingsError) as error:
        return _complain(sanitize(error))
    finally:
        if demo is not None:
            demo.stop()
    if given.json:
        return _print(found.as_json())
    text = found.as_markdown() if given.markdown else found.as_text(_list_width())
    return _print(text, ascii_only=settings.ascii)


def _list_width() -> int:
    from restore_tui.restore.receipts.listing import WIDTH

    return max(100, shutil.get_terminal_size((WIDTH, 24)).columns)


def _one_run(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.render import as_json, as_markdown, as_text

    receipt = store.read(given.run)
    if given.json:
        return as_json(receipt)
    place, watched = store.path(receipt.run), store.is_locked(receipt.run)
    flags = ["--demo"] if given.demo else []
    return (as_markdown if given.markdown else as_text)(receipt, place, watched=watched, flags=flags)


def _all_runs(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.listing import list_as_json, list_as_markdown, list_as_text

    found = store.runs()
    unsettled = [one.run for one in found if one.receipt and one.receipt.is_unsettled]
    watched = [run for run in unsettled if store.is_locked(run)]
    if given.json:
        return list_as_json(found, watched=watched)
    if given.markdown:
        return list_as_markdown(found, store.folder, watched=watched)
    return list_as_text(found, store.folder, watched=watched, width=_list_width())


def _config(given: argparse.Namespace) -> int:
    """The config file and what it leads to. It needs neither a server nor a screen."""
    from restore_tui import config_command

    if given.example:
        return _print(config_command.example())
    output = config_command.check(_flags(given)) if given.check else config_command.report(_flags(given))
    if output.text:
        _print(output.text, ascii_only=given.ascii)
    for problem in output.problems:
        _complain(problem)
    return output.code


def _flags(given: argparse.Namespace) -> dict[str, object]:
    """The options that are settings."""
    from dataclasses import fields

    from restore_tui.config import FileSettings

    names = {"config", "server", "demo", *(setting.name for setting in fields(FileSettings))}
    return {name: value for name, value in vars(given).items() if name in names}


def _find(given: argparse.Namespace) -> int:
    """Search without a screen."""
    from restore_tui.config import SettingsError, load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    try:
        settings = load(_flags(given))
    except SettingsError as error:
        return _complain(str(error))
    from restore_tui.find.command import execute
    from restore_tui.headless import CommandError

    demo = _demo_of(given)
    try:
        settings = settings.logged_in_at(*demo.start()) if demo is not None else _with_password(settings)
        found = execute(given, settings)
    except (CommandError, SettingsError) as error:
        return _complain(str(error))
    finally:
        if demo is not None:
            demo.stop()
    return _print(found.text, ascii_only=settings.ascii) or found.code


def _with_password(settings: Settings) -> Settings:
    """Run the server's password command, if it has one. It has the terminal where there is one, and may ask there.
    Raises SettingsError."""
    has_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    if settings.password_command and has_terminal:
        from restore_tui.secret_sources import command_name

        name = command_name(settings.password_command)
        print(
            f"restore-tui: running the password command of server {settings.server} ({name}). Ctrl+C stops it.",
            file=sys.stderr,
            flush=True,
        )
    return settings.with_command_password(has_terminal=has_terminal)


def _demo_of(given: argparse.Namespace) -> _Demo | None:
    if not given.demo:
        return None
    return _Demo(
        given.objects,
        given.server_version or DEMO_VERSION,
        given.fault or (),
        story=given.story or DEFAULT_STORY,
    )


class _Demo:
    """The built-in server, made when the wizard asks for it: after its first screen is drawn."""

    def __init__(
        self,
        objects: int | None,
        server_version: str,
        faults: Sequence[str] = (),
        *,
        story: str = DEFAULT_STORY,
    ) -> None:
        self._objects = objects
        self._version = server_version
        self._story = story
        self._faults = faults
        self._server: DemoServer | None = None

    def start(self) -> tuple[str, str, str]:
        from restore_tui.demo.seed.shop import build_world
        from restore_tui.demo.server import PRACTICE_PACE, DemoServer

        if self._server is None:
            world = (
                build_world(story=self._story)
                if self._objects is None
                else build_world(big_tables=self._objects, story=self._story)
            )
            self._server = DemoServer(
                world,
                server_version=self._version,
                bytes_per_second=PRACTICE_PACE,
                faults=self._faults,
                keeps_requests=False,
            )
            self._server.start()
        return self._server.url, self._server.user, self._server.password

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


def _needed_again(given: argparse.Namespace) -> list[str]:
    """Return the options without which ``attach`` would not reach the same server: URL and user are in the receipt."""
    flags = []
    for name in ("config", "server", "password_file", "oauth_token_file", "ca_file", "proxy"):
        value = getattr(given, name)
        flags += [f"--{name.replace('_', '-')}", value] if value else []
    return [*(["--demo"] if given.demo else []), *flags, *(["--insecure"] if given.insecure else [])]


def _redirected() -> list[str]:
    """Return which standard streams are no terminal: the wizard reads from one and draws on another. With
    TEXTUAL_DRIVER set, as ``textual serve`` does, none of them has to be one."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return []
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    return [name for name, stream in streams.items() if stream is None or not stream.isatty()]


def _complain_of_streams(redirected: list[str]) -> int:
    """On standard error, unless that is what was redirected and standard output is seen."""
    names = ", ".join(f"standard {name}" for name in redirected)
    what = f"stdin and stdout must be a terminal (redirected or closed: {names})"
    on_output = "error" in redirected and "output" not in redirected
    return _complain(what, stream=sys.stdout if on_output else None)


def _occupy_closed_streams() -> None:
    """Keep the numbers 0, 1 and 2 from the files that are opened later: what writes to standard error would write into
    the log or a receipt."""
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:
        number = os.dup(number)
    os.close(number)


class _AttachError(Exception):
    """The run that is named cannot be attached to; the text says why."""


def _attached_run(given: argparse.Namespace, settings: Settings) -> tuple[Receipt, Settings]:
    """The receipt of the run that was named, and the settings for its server. Raises _AttachError."""
    from restore_tui.config import SettingsError
    from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

    if given.json and not given.wait:
        raise _AttachError("--json needs --wait")
    try:
        # As it ends a sentence, where it was copied from.
        receipt = ReceiptStore(settings.receipts).read(given.run.rstrip("."))
        insist = given.url is not None or given.server is not None
        return receipt, settings.pointed_at(receipt.server.url, receipt.server.user, insist=insist)
    except (NoSuchRunError, SettingsError) as problem:
        raise _AttachError(str(problem)) from problem


def _is_followed(receipt: Receipt, settings: Settings) -> bool:
    """Whether another process waits for the response now, as after a hang-up: then there is nothing to do on a screen,
    and its receipt is only read."""
    from restore_tui.restore.receipts.store import ReceiptStore

    return receipt.outcome is None and ReceiptStore(settings.receipts).is_locked(receipt.run)


def _wait_for_outcome(given: argparse.Namespace, receipt: Receipt, settings: Settings) -> int:
    """Wait for the outcome without a screen, print it, and return its exit code."""
    from restore_tui.attach_command import execute, output_of
    from restore_tui.config import SettingsError
    from restore_tui.headless import CommandError

    if receipt.is_unsettled:
        if given.demo:
            return _complain(
                f"the demo server of run {receipt.run} ended with its wizard: its outcome cannot be checked"
            )
        try:
            found = execute(receipt, _with_password(settings), as_json=given.json)
        except (CommandError, SettingsError) as error:
            return _complain(str(error))
    else:
        found = output_of(receipt, settings.receipts / f"{receipt.run}.json", as_json=given.json)
    return _print(found.text, ascii_only=settings.ascii) or found.code


def _wizard(given: argparse.Namespace) -> int:
    from restore_tui.config import SettingsError, load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    try:
        settings = load(_flags(given))
    except SettingsError as error:
        return _complain(str(error))
    attach_to, attached = "", None
    if given.command == "attach":
        from restore_tui.restore.execution.exit_status import summary_of

        try:
            receipt, settings = _attached_run(given, settings)
        except _AttachError as problem:
            return _complain(str(problem))
        if given.wait or _is_followed(receipt, settings):
            return _wait_for_outcome(given, receipt, settings)
        if not receipt.is_unsettled:
            return _complain(
                f"run {receipt.run} has already finished; see: restore-tui history {receipt.run}"
            )
        attach_to, attached = receipt.run, summary_of(receipt, settings.receipts / f"{receipt.run}.json")
    redirected = _redirected()
    if redirected:
        return _complain_of_streams(redirected)
    try:
        settings = _with_password(settings)
    except SettingsError as error:
        return _complain(str(error))

    from restore_tui.gc_control import gc_paused_during_startup

    with gc_paused_during_startup() as wake_collector:
        from restore_tui.bounded_files import NotRegularError
        from restore_tui.logging_setup import configure_logging
        from restore_tui.process_end import SECONDS_TO_LEAVE, ProcessEnd
        from restore_tui.restore.execution.exit_status import exit_code, summary_line
        from restore_tui.tui.app import RestoreApp

        try:
            log = configure_logging(settings.state_folder)
        except NotRegularError as problem:
            return _complain(f"the log {problem.filename} cannot be written: {problem.strerror}")
        demo = _demo_of(given)
        app = RestoreApp(
            settings, demo=demo, attach_to=attach_to, attached=attached, on_started=wake_collector
        )
        if settings.keys:
            from restore_tui.tui.keymap import problem as keys_problem

            wrong = keys_problem(settings.keys)
            if wrong:
                return _complain(wrong)
        if settings.theme and settings.theme not in app.available_themes:
            return _complain(
                f"there is no theme {settings.theme!r}; there are {', '.join(sorted(app.available_themes))}"
            )
        end = app.process_end = ProcessEnd(
            lambda: (
                exit_code(app.runs, crashed=app.crashed),
                summary_line(app.runs, _needed_again(given)),
            ),
            app.restore_terminal,
        )
        with contextlib.suppress(KeyboardInterrupt):  # before Textual has made a key of Ctrl+C
            app.run(mouse=settings.mouse)
        code = end.finish()
        if log is not None:
            log.close(SECONDS_TO_LEAVE)
        return code
