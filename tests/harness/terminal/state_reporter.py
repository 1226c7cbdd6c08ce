"""The wizard as a program that reports its state whenever it gets SIGUSR1, once it has taken all that the
terminal has sent. ``WITNESS`` names the file; beside it, in ``.sent``, stands how many bytes that is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

from textual.widgets import Input

from restore_tui.cli import main
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.terminal.input_filter import InputFilter, Token

_mounted = RestoreApp.on_mount
_tasks: set[asyncio.Task[None]] = set()


def _on_mount(app: RestoreApp) -> None:
    _mounted(app)

    def told() -> None:
        task = asyncio.create_task(_write_down(app))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told)


_feed = InputFilter.feed
_read = 0


def _count(self: InputFilter, data: bytes, arrived: float) -> list[Token]:
    global _read
    tokens = _feed(self, data, arrived)
    if (
        threading.current_thread() is not threading.main_thread()
    ):  # there the self-test feeds a filter of its own
        _read += len(data)
    return tokens


async def _write_down(app: RestoreApp) -> None:
    place = Path(os.environ["WITNESS"])
    sent = int(place.with_suffix(".sent").read_text())
    while _read < sent:  # noqa: ASYNC110 - another thread reads
        await asyncio.sleep(0.01)
    await app.gate.caught_up(app.terminal_input)
    await app.gate.idle()
    state = {
        "screens": [type(screen).__name__ for screen in app.screen_stack],
        "fields": [field.value for field in app.screen.query(Input)],
        "focus": None if app.focused is None else app.focused.id,
        "text": "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()),
    }
    place.with_suffix(".part").write_text(json.dumps(state))
    place.with_suffix(".part").rename(place)


if __name__ == "__main__":
    setattr(InputFilter, "feed", _count)  # noqa: B010
    setattr(RestoreApp, "on_mount", _on_mount)  # noqa: B010
    raise SystemExit(main(sys.argv[1:]))
