"""What the config file wants done when a restore has ended: a notification of the terminal, and a command."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.execution.exit_status import RunSummary, exit_code

log = logging.getLogger(__name__)

SECONDS = 30
_INHERITED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", "TMPDIR",
    "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
)  # fmt: skip
"""What a command may need, and where no secret is. Passwords and tokens have names that nobody can list."""
_MAX_CHARS = 200

_RUN_BOUNDED = f"""
import os, signal, subprocess, sys
signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))
signal.alarm({SECONDS})
nowhere = subprocess.DEVNULL
sys.exit(subprocess.run(sys.argv[1:], stdin=nowhere, stdout=nowhere, stderr=nowhere).returncode & 255)
"""
"""Keeps the time for the command, also when the wizard has ended before it."""


def variables(
    summary: RunSummary, environ: Mapping[str, str] = os.environ, *, demo: bool = False
) -> dict[str, str]:
    """The environment of the command: how the restore ended, and of ours what holds no secret."""
    numbers = {"OBJECTS": summary.objects}
    if summary.restored is not None and not summary.is_unknown:
        numbers |= {
            "RESTORED": summary.restored,
            "FAILED": summary.failed,
            "NOT_MENTIONED": summary.unmentioned,
        }
    outcome = {
        "RUN": summary.id,
        "VERDICT": summary.verdict,
        "EXIT_CODE": str(exit_code([summary]).value),
        "BACKUP": summary.backup,
        "SERVER": summary.server,
        "RECEIPT": str(summary.receipt or ""),
        **{name: str(number) for name, number in numbers.items()},
        **({"DEMO": "1"} if demo else {}),
    }
    kept = {name: environ[name] for name in _INHERITED if name in environ}
    return {**kept, **{f"RESTORE_TUI_{name}": sanitize(text, 4096) for name, text in outcome.items()}}


def run_command(command: Sequence[str], summary: RunSummary, *, demo: bool = False) -> None:
    """Start the command without a shell, and do not wait for it. Its output goes nowhere."""
    name = sanitize(command[0], _MAX_CHARS)
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own config file names it
            [sys.executable, "-I", "-c", _RUN_BOUNDED, *command],
            env=variables(summary, demo=demo),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        log.error("on_finish: %s could not be started: %s", name, type(error).__name__)
        return

    def note_end() -> None:
        code = process.wait()
        if code:
            log.error(
                "on_finish: %s could not be run, failed, or took longer than %d s (%d)", name, SECONDS, code
            )

    threading.Thread(target=note_end, name="on_finish", daemon=True).start()


def notification(kind: str, summary: RunSummary) -> str:
    """The sequence by which a terminal shows a notification; empty for no kind. Of the server's text nothing is in it
    that could end the sequence."""
    text = sanitize(f"{summary.verdict}: backup {summary.backup}", _MAX_CHARS).replace(";", ",")
    return {
        "osc9": f"\x1b]9;restore-tui: {text}\x07",
        "osc777": f"\x1b]777;notify;restore-tui;{text}\x07",
    }.get(kind, "")
