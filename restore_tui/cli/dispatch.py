"""From the command line to what it asks for. Each command imports what it needs, and nothing else."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from restore_tui.cli.demo_server import demo_server_of
from restore_tui.cli.output import complain, print_text
from restore_tui.cli.parser import DEMO_VERSION, build_parser, version_text
from restore_tui.demo.seed import DEFAULT_STORY

if TYPE_CHECKING:
    from restore_tui.config import Settings
    from restore_tui.restore.receipts.store import ReceiptStore

_INTERRUPTED = 130
"""As shells have it for what Ctrl+C has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    try:
        return _main(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _main(arguments: Sequence[str] | None) -> int:
    _occupy_closed_streams()
    given = build_parser().parse_args(arguments)
    if given.command == "explain":
        return _explain(given)
    if given.command == "history":
        return _history(given)
    if given.command == "json-schema":
        return _json_schema(given)
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
        return complain("--demo, --url and --server each name a server: give one")
    if not given.demo and (given.objects or given.server_version or given.story or given.fault):
        return complain("--objects, --server-version, --story and --fault go with --demo or demo-server")
    if given.command == "find":
        return _find(given)
    return _doctor(given) if given.command == "doctor" else _wizard(given)


def _explain(given: argparse.Namespace) -> int:
    from restore_tui.explain import UnknownNameError, explain

    try:
        text = explain(given.name, as_json=given.json)
    except UnknownNameError as error:
        return complain(str(error))
    return print_text(text, ascii_only=given.ascii)


def _json_schema(given: argparse.Namespace) -> int:
    import json

    from restore_tui.schemas import schema

    return print_text(json.dumps(schema(given.name), indent=2, ensure_ascii=True))


def _history(given: argparse.Namespace) -> int:
    """What receipts say. It needs neither a server nor a screen."""
    from restore_tui.config import Settings
    from restore_tui.kinetica.sanitize import sanitize
    from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

    store = ReceiptStore(Settings().receipts)
    try:
        with contextlib.suppress(FileNotFoundError):  # there is none before the first restore
            os.scandir(store.folder).close()  # a folder that may not be read is not an empty one
        text = _all_runs(store, given) if given.run is None else _one_run(store, given)
    except NoSuchRunError as error:
        return complain(sanitize(error))
    except OSError as error:
        return complain(sanitize(f"{error.filename} cannot be read: {error.strerror}."))
    return print_text(text, ascii_only=given.ascii)


def _one_run(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.render import as_json, as_markdown, as_text

    receipt = store.read(given.run)
    if given.json:
        return as_json(receipt)
    place, watched = store.path(receipt.run), store.is_locked(receipt.run)
    return (as_markdown if given.markdown else as_text)(receipt, place, watched=watched)


def _all_runs(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.listing import WIDTH, list_as_json, list_as_markdown, list_as_text

    found = store.runs()
    unsettled = [one.run for one in found if one.receipt and one.receipt.is_unsettled]
    watched = [run for run in unsettled if store.is_locked(run)]
    if given.json:
        return list_as_json(found, watched=watched)
    if given.markdown:
        return list_as_markdown(found, store.folder, watched=watched)
    width = max(100, shutil.get_terminal_size((WIDTH, 24)).columns)
    return list_as_text(found, store.folder, watched=watched, width=width)


def _config(given: argparse.Namespace) -> int:
    """The config file and what it leads to. It needs neither a server nor a screen."""
    from restore_tui import config_command

    if given.example:
        return print_text(config_command.example())
    output = config_command.check(_flags(given)) if given.check else config_command.report(_flags(given))
    if output.text:
        print_text(output.text, ascii_only=given.ascii)
    for problem in output.problems:
        complain(problem)
    return output.code


def _flags(given: argparse.Namespace) -> dict[str, object]:
    """The options that are settings."""
    from dataclasses import fields

    from restore_tui.config import FileSettings

    names = {"config", "server", "demo", *(setting.name for setting in fields(FileSettings))}
    return {name: value for name, value in vars(given).items() if name in names}


def _find(given: argparse.Namespace) -> int:
    """Search without a screen."""
    from restore_tui.config import SettingsError
    from restore_tui.find.command import FindUsageError, execute

    try:
        with _connected(given) as settings:
            found = execute(given, settings)
    except (FindUsageError, SettingsError) as error:
        return complain(str(error))
    return print_text(found.text, ascii_only=settings.ascii) or found.code


def _doctor(given: argparse.Namespace) -> int:
    """Check a server without a screen."""
    from restore_tui.config import SettingsError
    from restore_tui.doctor.command import DoctorUsageError, execute

    def say(line: str) -> int:
        return print_text(line, ascii_only=given.ascii)

    try:
        with _connected(given) as settings:
            say(version_text())
            return execute(settings, say, table=given.dry_run, log_level=given.log_level)
    except (DoctorUsageError, SettingsError) as error:
        return complain(str(error))


@contextlib.contextmanager
def _connected(given: argparse.Namespace) -> Iterator[Settings]:
    """Yield the settings of a command that needs a server and no screen, with the password; with --demo, the demo
    server runs meanwhile. Raises SettingsError."""
    from restore_tui.config import load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    settings = load(_flags(given))
    demo = demo_server_of(given)
    try:
        yield settings.logged_in_at(*demo.start()) if demo is not None else _with_password(settings)
    finally:
        if demo is not None:
            demo.stop()


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


def _needed_again(given: argparse.Namespace) -> list[str]:
    """Return the options without which ``attach`` would not reach the same server: URL and user are in the receipt."""
    flags = []
    for name in ("config", "server", "password_file", "oauth_token_file", "ca_file", "proxy"):
        value = getattr(given, name)
        flags += [f"--{name.replace('_', '-')}", value] if value else []
    return [*flags, *(["--insecure"] if given.insecure else [])]


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
    return complain(what, stream=sys.stdout if on_output else None)


def _occupy_closed_streams() -> None:
    """Keep the numbers 0, 1 and 2 from the files that are opened later: what writes to standard error would write into
    the log or a receipt."""
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:
        number = os.dup(number)
    os.close(number)


def _wizard(given: argparse.Namespace) -> int:
    from restore_tui.config import SettingsError, load
    from restore_tui.private_process import keep_secrets_in_memory

    keep_secrets_in_memory(demo=given.demo)
    try:
        settings = load(_flags(given))
    except SettingsError as error:
        return complain(str(error))
    attach_to, attached = "", None
    if given.command == "attach":
        from restore_tui.restore.execution.exit_status import not_checked
        from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

        store = ReceiptStore(settings.receipts)
        try:
            receipt = store.read(given.run.rstrip("."))  # as it ends a sentence, where it was copied from
        except NoSuchRunError as problem:
            return complain(str(problem))
        if not receipt.is_unsettled:
            return complain(f"run {receipt.run} has already finished; see: restore-tui history {receipt.run}")
        attach_to, attached = receipt.run, not_checked(receipt, store.path(receipt.run))
        insist = given.url is not None or given.server is not None
        try:
            settings = settings.pointed_at(receipt.server.url, receipt.server.user, insist=insist)
        except SettingsError as error:
            return complain(str(error))
    redirected = _redirected()
    if redirected:
        return _complain_of_streams(redirected)
    try:
        settings = _with_password(settings)
    except SettingsError as error:
        return complain(str(error))

    from restore_tui.gc_control import gc_paused_during_startup

    with gc_paused_during_startup() as wake_collector:
        from restore_tui.bounded_files import NotRegularError
        from restore_tui.logging_setup import configure_logging
        from restore_tui.process_end import SECONDS_TO_LEAVE, ProcessEnd
        from restore_tui.restore.execution.exit_status import exit_code, summary_line
        from restore_tui.tui.app import RestoreApp

        try:
            log = configure_logging(settings.state_folder, given.log_level)
        except NotRegularError as problem:
            return complain(f"the log {problem.filename} cannot be written: {problem.strerror}")
        demo = demo_server_of(given)
        app = RestoreApp(
            settings, demo=demo, attach_to=attach_to, attached=attached, on_started=wake_collector
        )
        if settings.keys:
            from restore_tui.tui.keymap import problem as keys_problem

            wrong = keys_problem(settings.keys)
            if wrong:
                return complain(wrong)
        if settings.theme and settings.theme not in app.available_themes:
            return complain(
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
