"""The log: details for whom the screen spares them. Mode 0600, and bounded."""

from __future__ import annotations

import logging
import os
import queue
import threading
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any

from restore_tui.bounded_files import NotRegularError, make_private_folder, open_file
from restore_tui.kinetica.sanitize import sanitize

LOG_NAME = "log.txt"
_MEGABYTE = 1_000_000


class _PrivateFile(RotatingFileHandler):
    """Opens its file for the owner alone, also after it has rotated."""

    def _open(self):  # type: ignore[no-untyped-def]
        handle = open_file(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        return os.fdopen(handle, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A log that cannot be written, as on a full disk, is no reason to write over the screen."""


class _SanitizingFormatter(logging.Formatter):
    """Server text in a message can't break a line of the log or move a cursor that shows it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = sanitize(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(map(sanitize, super().formatException(ei).splitlines()))


class Log:
    """The open log. A thread of its own writes it: a disk that hangs holds up neither the screen nor the exit."""

    def __init__(self, handler: logging.Handler, level: str) -> None:
        records: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._front = QueueHandler(records)
        self._front.setFormatter(_SanitizingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._writer = QueueListener(records, handler)
        self._writer.start()
        logger = logging.getLogger("restore_tui")
        logger.addHandler(self._front)
        logger.setLevel(level)
        logger.propagate = False

    def close(self, seconds: float) -> None:
        """Write what is left, but wait for that no longer than so many seconds."""
        logging.getLogger("restore_tui").removeHandler(self._front)
        stopping = threading.Thread(target=self._writer.stop, daemon=True)
        stopping.start()
        stopping.join(seconds)


def configure_logging(folder: Path, level: str | None = None) -> Log | None:
    """Send our own log records to ``folder/log.txt``: those of a level, such as ``debug``, and above; without one,
    info. None where it cannot be written: no reason to stop. Raises NotRegularError where something else than a file is
    in its place."""
    path = folder / LOG_NAME
    try:
        make_private_folder(folder)
        handler = _PrivateFile(path, maxBytes=_MEGABYTE, backupCount=2, encoding="utf-8")
    except NotRegularError:
        raise
    except OSError:
        return None
    return Log(handler, (level or "info").upper())
