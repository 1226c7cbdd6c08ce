"""What the first screen does without, and what comes once it is drawn."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

_LATER_STYLES = Path(__file__).with_name("later.tcss")


def read_later_styles(app: App[None]) -> None:
    """The styles of the steps after the first, and of dialogs."""
    app.stylesheet.read(_LATER_STYLES)
    app.stylesheet.parse()
    for dialog in app.screen_stack[1:]:  # F1 was pressed before this
        app.stylesheet.update(dialog)


async def import_the_rest() -> None:
    """The session, and with it httpx and pydantic, off the event loop. Where that is under way, wait for its end."""
    await asyncio.to_thread(importlib.import_module, "restore_tui.restore.session")
