"""The log: details for whom the screen spares them. Mode 0600, and bounded."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from restore_tui.kinetica.text import harmless
from restore_tui.private_process import make_private_folder

_MEGABYTE = 1_000_000


class _PrivateFile(RotatingFileHandler):
    """Opens its file for the owner alone, also after it has rotated."""

    def _open(self):  # type: ignore[no-untyped-def]
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")


class _Harmless(logging.Formatter):
    """Server text in a message can't break a line of the log or move a cursor that shows it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = harmless(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(map(harmless, super().formatException(ei).splitlines()))


def open_log(folder: Path) -> Path | None:
    """Send our own log records to ``folder/log.txt``. None where it cannot be written: no reason to stop."""
    path = folder / "log.txt"
    try:
        make_private_folder(folder)
        handler = _PrivateFile(path, maxBytes=_MEGABYTE, backupCount=2, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(_Harmless("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("restore_tui")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return path
