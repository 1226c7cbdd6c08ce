"""From the command line to what it asks for. Each command imports what it needs, and nothing else."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from functools import partial

from restore_tui.cli.connected import connected, flags_of, with_password
from restore_tui.cli.demo_server import demo_server_of
from restore_tui.cli.output import complain, print_text
from restore_tui.cli.parser import DEMO_VERSION, build_parser, version_text
from restore_tui.demo.seed import DEFAULT_STORY

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
        from restore_tui.cli.history import history

        return history(given)
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


def _config(given: argparse.Namespace) -> int:
    """The config file and what it leads to. It needs neither a server nor a screen."""
    from restore_tui import config_command

    if given.example:
        return print_text(config_command.example())
    output = config_command.check(flags_of(given)) if given.check else config_command.report(flags_of(given))
    if output.text:
        print_text(output.text, ascii_only=given.ascii)
    for problem in output.problems:
        complain(problem)
    return output.code


def _find(given: argparse.Namespace) -> int:
    """Search without a screen."""
    from restore_tui.config import SettingsError
    from restore_tui.find.command import execute
    from restore_tui.headless import CommandError

    try:
        with connected(given) as settings:
            found = execute(given, settings)
    except (CommandError, SettingsError) as error:
        return complain(str(error))
    return print_text(found.text, ascii_only=settings.ascii) or found.code


def _doctor(given: argparse.Namespace) -> int:
    """Check a server without a screen."""
    from restore_tui.config import SettingsError
    from restore_tui.doctor.command import execute
    from restore_tui.headless import CommandError

    try:
        with connected(given) as settings:
            say = partial(print_text, ascii_only=settings.ascii)
            say(version_text())
            return execute(settings, say, table=given.dry_run, log_level=given.log_level)
    except (CommandError, SettingsError) as error:
        return complain(str(error))


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
        settings = load(flags_of(given))
    except SettingsError as error:
        return complain(str(error))
    attach_to, attached = "", None
    if given.command == "attach":
        from restore_tui.cli.attach import AttachError, attached_run, is_followed, wait_for_outcome
        from restore_tui.restore.execution.exit_status import summary_of
        from restore_tui.restore.receipts.store import ReceiptStore

        try:
            receipt, settings = attached_run(given, settings)
        except AttachError as problem:
            return complain(str(problem))
        if given.wait or is_followed(receipt, settings):
            return wait_for_outcome(given, receipt, settings)
        if not receipt.is_unsettled:
            return complain(f"run {receipt.run} has already finished; see: restore-tui history {receipt.run}")
        attach_to, attached = (
            receipt.run,
            summary_of(receipt, ReceiptStore(settings.receipts).path(receipt.run)),
        )
    redirected = _redirected()
    if redirected:
        return _complain_of_streams(redirected)
    try:
        settings = with_password(settings)
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
