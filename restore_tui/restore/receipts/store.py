"""The folder of receipts: written durably, read tolerantly, and each watched by one wizard at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from restore_tui.bounded_files import RECEIPT_BYTES, make_private_folder, open_file, read_file
from restore_tui.restore.receipts.model import VERSION, Receipt
from restore_tui.restore.receipts.past_restore import PastRestore


class ReceiptUnwritableError(Exception):
    """The receipt cannot be written to ``place``, for this ``reason``. The restore must not be sent."""

    def __init__(self, place: Path, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class NoSuchRunError(Exception):
    """There is no receipt of this run, or none that can be read; the text says which."""


@dataclass(frozen=True)
class StoredReceipt:
    """A receipt in the folder, or why it cannot be read."""

    run: str
    path: Path
    receipt: Receipt | None
    problem: str = ""


class ReceiptStore:
    """The folder of receipts: one file a run, ``<run>.json``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settled: dict[tuple[str, int], PastRestore] = {}

    def path(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def write(self, receipt: Receipt) -> Path:
        """Put the receipt in place, durably. Raises ReceiptUnwritableError."""
        place = self.path(receipt.run)
        try:
            make_private_folder(self.folder)
            _write_durably(place, f"{receipt.as_json()}\n")
        except FileExistsError as error:
            raise ReceiptUnwritableError(place, "a file has the name of the folder") from error
        except OSError as error:
            raise ReceiptUnwritableError(place, error.strerror or type(error).__name__) from error
        except ValueError as error:  # a text that cannot be encoded
            raise ReceiptUnwritableError(place, type(error).__name__) from error
        return place

    def read(self, run: str) -> Receipt:
        """The receipt of one run, named whole or by the beginning of its id. Raises NoSuchRunError."""
        names = sorted(place.stem for place in self._files())
        fitting = [name for name in names if name == run] or [n for n in names if run and n.startswith(run)]
        if not fitting:
            raise NoSuchRunError(f"No receipt found for run {run!r} in {self.folder}.")
        if len(fitting) > 1:
            raise NoSuchRunError(
                f"{run!r} is ambiguous: it matches {len(fitting)} runs, such as {fitting[0]} and {fitting[1]}."
            )
        found = self._open(self.path(fitting[0]))
        if found.receipt is None:
            raise NoSuchRunError(f"The receipt {found.path} cannot be read: {found.problem}.")
        return found.receipt

    def runs(self) -> list[StoredReceipt]:
        """Every receipt, newest first. A folder that is not there yet holds none."""
        return [self._open(place) for place in sorted(self._files(), reverse=True)]

    def unsettled(self) -> list[Receipt]:
        """Those of which only the server knows the end, newest first, without those that were put aside."""
        return [receipt for receipt in self._newest_first() if isinstance(receipt, Receipt)]

    def last_restored(self, backup: str, data_source: str, url: str, cluster: str) -> PastRestore | None:
        """The newest restore of this backup at this server that restored everything in a known time."""
        past = (one for one in self._newest_first() if isinstance(one, PastRestore) and one.is_estimate)
        return next(
            (
                one
                for one in past
                if (one.backup, one.data_source) == (backup, data_source) and one.server.is_at(url, cluster)
            ),
            None,
        )

    def _newest_first(self) -> Iterator[Receipt | PastRestore]:
        """Every receipt that can be read: unsettled ones, and of the others what is kept of them. Receipts are large,
        and this is needed on every step: a settled one is read once."""
        for place in sorted(self._files(), reverse=True):
            try:
                written = (place.name, place.stat().st_mtime_ns)
            except OSError:  # it went away, or cannot be reached
                continue
            past = self._settled.get(written)
            if past is None:
                receipt = self._open(place).receipt
                if receipt is None:
                    continue
                if receipt.is_unsettled and not receipt.put_aside:
                    yield receipt
                    continue
                past = self._settled[written] = PastRestore.of(receipt)
            yield past

    def next_restore_of(self, receipt: Receipt) -> Receipt | None:
        """The next restore of the same backup on the same server: what is newer than its noting may be its own."""
        receipts = (found.receipt for found in reversed(self.runs()) if found.receipt)
        return next((later for later in receipts if _is_later(later, receipt)), None)

    def prunable(self, before: datetime) -> list[StoredReceipt]:
        """Receipts of restores that began before a time and have a known end, newest first.

        A restore without a known end is told from later ones of its backup by what their receipts say: while there is
        one, those are kept, too. So is what cannot be read.
        """
        found = self.runs()
        receipts = [one.receipt for one in found if one.receipt is not None]
        unsettled = [receipt for receipt in receipts if receipt.is_unsettled]
        return [
            one
            for one in found
            if one.receipt is not None
            and one.receipt.begun < before
            and one.receipt.has_known_end
            and not any(_is_later(one.receipt, receipt) for receipt in unsettled)
        ]

    def delete(self, run: str) -> bool:
        """Delete the receipt of a restore with a known end; False where it has none, or a process has the run in
        charge. Raises ReceiptUnwritableError."""
        watch = self.lock(run)
        if watch is None:
            return False
        with watch:
            found = self._open(self.path(run))
            if found.receipt is None or not found.receipt.has_known_end:
                return False
            try:
                found.path.unlink()
            except OSError as error:
                raise ReceiptUnwritableError(found.path, error.strerror or type(error).__name__) from error
        return True

    def dismiss(self, run: str) -> None:
        """Offer this run no more. Raises NoSuchRunError, and ReceiptUnwritableError also where another process has
        it."""
        watch = self.lock(run)
        if watch is None:
            raise ReceiptUnwritableError(self.path(run), "another restore-tui is following this run")
        with watch:
            self.write(self.read(run).model_copy(update={"put_aside": True}))

    def lock(self, run: str) -> RunLock | None:
        """Take the run in charge; None where another process has it. Raises ReceiptUnwritableError."""
        place = self.folder / f"{run}.lock"
        try:
            make_private_folder(self.folder)
            while True:
                handle = open_file(place, os.O_RDWR | os.O_CREAT)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(handle)
                    return None
                if _is_still_at(place, handle):
                    return RunLock(place, handle)
                os.close(handle)  # it was let go, and its file removed, between opening and locking it
        except OSError as error:
            raise ReceiptUnwritableError(place, error.strerror or type(error).__name__) from error

    def is_locked(self, run: str) -> bool:
        """Whether a process has the run in charge now. It only asks: no lock file is made, and none is kept. A lock
        that cannot be tried counts as held by nobody."""
        try:
            handle = open_file(self.folder / f"{run}.lock", os.O_RDONLY)
        except OSError:
            return False  # nobody has it, or nobody has let us see
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who ask at once hinder neither
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(handle)
        return False

    def _files(self) -> list[Path]:
        return [place for place in self.folder.glob("*.json") if not place.name.startswith(".")]

    def _open(self, place: Path) -> StoredReceipt:
        try:
            receipt = Receipt.model_validate_json(read_file(place, RECEIPT_BYTES))
        except OSError as error:
            return StoredReceipt(place.stem, place, None, error.strerror or type(error).__name__)
        except ValidationError as error:
            return StoredReceipt(
                place.stem, place, None, f"it is not a receipt ({error.error_count()} faults)"
            )
        if receipt.version > VERSION:
            return StoredReceipt(
                place.stem, place, None, f"it is of version {receipt.version}, newer than this program"
            )
        if receipt.run != place.stem:
            return StoredReceipt(place.stem, place, None, "the run in it is another one")
        return StoredReceipt(place.stem, place, receipt)


def _is_later(later: Receipt, receipt: Receipt) -> bool:
    """Whether it is of a later restore of the same backup on the same server."""
    return (
        (later.begun, later.run) > (receipt.begun, receipt.run)
        and later.backup == receipt.backup
        and later.server.is_at(receipt.server.url, receipt.server.cluster)
    )


class RunLock:
    """One process has one run in charge. The system lets it go when the process dies, however it dies."""

    def __init__(self, place: Path, handle: int) -> None:
        self._place = place
        self._handle: int | None = handle

    def release(self) -> None:
        """Twice does nothing more."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        with suppress(OSError):  # a file that cannot be removed locks nobody out
            self._place.unlink()  # while the lock is still held: nobody else's file is removed
        os.close(handle)

    def __enter__(self) -> RunLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _is_still_at(place: Path, handle: int) -> bool:
    try:
        there = place.stat()
    except FileNotFoundError:
        return False
    return os.fstat(handle).st_ino == there.st_ino


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
