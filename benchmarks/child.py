"""A program to be measured on a pseudo-terminal: the wizard, with or without its thin line, or a stock list.

On SIGUSR1 it writes to the file descriptor ``BENCH_FD`` how many bytes one full repaint of the screen that shows takes,
every cell once, as Textual encodes it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from textual.app import App, ComposeResult
from textual.widgets import OptionList

NAMES = [f"sales.orders_2026_{number:04}" for number in range(200)]


def tell_repaints(app: App[None]) -> None:
    """Answer SIGUSR1 from now on."""

    def tell() -> None:
        update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        size = len(update.render_segments(app.console).encode())
        os.write(int(os.environ["BENCH_FD"]), f"{size}\n".encode())

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)


class StockList(App[None]):
    """Textual's own list, and nothing else."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield OptionList(*NAMES)

    def on_mount(self) -> None:
        tell_repaints(self)


async def _nothing_to_wait_for(_: App[None]) -> None:
    """Stock Textual does not tell when a frame is through."""


def wizard(arguments: list[str], *, stock: bool) -> int:
    """The real command line."""
    from restore_tui.cli import main
    from restore_tui.tui.app import RestoreApp

    ready = RestoreApp.on_ready

    def on_ready(self: RestoreApp) -> None:
        tell_repaints(self)
        ready(self)

    RestoreApp.on_ready = on_ready  # type: ignore[method-assign]
    if stock:
        RestoreApp._display = App._display  # type: ignore[method-assign]
        RestoreApp.frame_displayed = _nothing_to_wait_for  # type: ignore[method-assign]
    return main(arguments)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "list":
        StockList().run()
    else:
        sys.exit(wizard(rest, stock=what == "stock"))
