"""The receipt of a restore: a JSON file that is on disk before the request goes out, and completed after.

One file a run, mode 0600, written beside its place, flushed and renamed, so that a crash leaves the old state or
the new one and never half of either. It holds no secret.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from restore_tui.restore.ledger import Line
from restore_tui.restore.plan import NewestSnapshot
from restore_tui.restore.rehearsal import Rehearsal
from restore_tui.restore.request import restore_body

VERSION = 1


class ReceiptUnwritableError(Exception):
    """The receipt cannot be written to ``place``, for this ``reason``. The restore must not be sent."""

    def __init__(self, place: Path, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class _Entry(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class ReceiptServer(_Entry):
    url: str
    version: str
    cluster: str
    user: str
    way: str


class ReceiptDryRun(_Entry):
    """``answer`` is the server's, as it came."""

    at: datetime
    seconds: float
    snapshot_id: str
    answer: Mapping[str, object]


class ReceiptObject(_Entry):
    """A line of the ledger; the fates are the words of ``ledger.Fate``, empty where nothing was said."""

    type: str
    name: str
    dry_run: str
    restore: str
    moved_to: str = ""
    why: str = ""
    asked: bool = True


class ReceiptOutcome(_Entry):
    """``answer`` is absent where none came whole; ``words`` are the server's, where it refused."""

    verdict: str
    at: datetime
    seconds: float
    what: str = ""
    words: str = ""
    answer: Mapping[str, object] | None = None
    objects: list[ReceiptObject] = []


class Receipt(_Entry):
    """``state`` is ``sending`` from before the POST until an outcome is noted: a receipt that is found in
    that state belongs to a run of which only the server knows the end."""

    version: int = VERSION
    run: str
    state: Literal["sending", "done"]
    begun: datetime
    server: ReceiptServer
    fingerprint: str
    snapshot: Literal["pinned", "newest"]
    request: Mapping[str, object]
    dry_run: ReceiptDryRun
    outcome: ReceiptOutcome | None = None


def first_entry(run: str, rehearsal: Rehearsal, now: datetime) -> Receipt:
    """The receipt as it is before the request goes out."""
    target = rehearsal.target
    return Receipt(
        run=run,
        state="sending",
        begun=now,
        server=ReceiptServer(
            url=target.url,
            version=target.server_version,
            cluster=target.cluster,
            user=target.user,
            way=target.way,
        ),
        fingerprint=rehearsal.fingerprint,
        snapshot="newest" if isinstance(rehearsal.plan.snapshot, NewestSnapshot) else "pinned",
        request=restore_body(rehearsal.plan, dry_run=False),
        dry_run=ReceiptDryRun(
            at=rehearsal.at,
            seconds=rehearsal.seconds,
            snapshot_id=rehearsal.snapshot_id,
            answer=rehearsal.answer.model_dump(),
        ),
    )


def receipt_object(line: Line) -> ReceiptObject:
    """One line of the ledger, for the file."""
    last = line.last
    return ReceiptObject(
        type=line.type,
        name=line.name,
        dry_run=line.dry.fate.value if line.dry else "",
        restore=line.real.fate.value if line.real else "",
        moved_to=last.moved_to if last else "",
        why=last.why if last else "",
        asked=line.asked,
    )


class Journal:
    """The folder of receipts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def write(self, receipt: Receipt) -> Path:
        """Put the receipt in place, durably. Raises ReceiptUnwritableError."""
        place = self.path(receipt.run)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_durably(place, receipt.model_dump_json(indent=1) + "\n")
        except FileExistsError as error:
            raise ReceiptUnwritableError(place, "a file stands where a folder has to be") from error
        except OSError as error:
            raise ReceiptUnwritableError(place, error.strerror or type(error).__name__) from error
        except ValueError as error:  # a text that cannot be encoded
            raise ReceiptUnwritableError(place, type(error).__name__) from error
        return place


def _write_durably(place: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.stem}-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself
    finally:
        os.close(folder)
