"""How long the last restore of a backup took: from the receipts, and only where it is known."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.clock import NOW
from tests.harness.receipts import ANSWER, SERVER, lost, outcome, receipt


def kept(folder: Path, *receipts: Receipt) -> ReceiptStore:
    """A store of these, the oldest first."""
    store = ReceiptStore(folder / "receipts")
    for day, one in enumerate(receipts, 1):
        begun = NOW + timedelta(days=day)
        store.write(one.model_copy(update={"run": f"{begun:%Y%m%dT%H%M%SZ}-00000{day}", "begun": begun}))
    return store


def text(store: ReceiptStore, backup: str = "nightly", data_source: str = "s3", **more: str) -> str:
    past = store.last_restored(backup, data_source, **{"url": SERVER.url, "cluster": SERVER.cluster, **more})
    return past.text if past else ""


def restored(seconds: float | None = 187.4, **answer: Any) -> Receipt:
    return receipt(outcome("Restored", seconds=seconds, answer={**ANSWER, **answer}))


def test_the_newest_that_restored_everything_counts(tmp_path: Path) -> None:
    failed = receipt(outcome("Restore failed", seconds=1.0))
    store = kept(
        tmp_path, restored(5.0), restored(restored_bytes=6_900_000_000), failed, receipt(lost()), receipt()
    )
    assert text(store) == "The last restore of this backup took 3:07 min for 6.9 GB."
    assert text(store) == text(ReceiptStore(store.folder))  # what is kept of a receipt says the same


@pytest.mark.parametrize("size", [None, 0, -1, 2**70, "6 GB", True])
def test_without_bytes_that_can_be_true_only_the_time_is_told(tmp_path: Path, size: object) -> None:
    assert (
        text(kept(tmp_path, restored(restored_bytes=size)))
        == "The last restore of this backup took 3:07 min."
    )


@pytest.mark.parametrize(
    "verdict", ["Partly restored", "Restored, with warnings", "Restore failed", "Not sent", "?"]
)
def test_no_other_end_is_an_estimate(tmp_path: Path, verdict: str) -> None:
    assert text(kept(tmp_path, receipt(outcome(verdict)))) == ""


@pytest.mark.parametrize("seconds", [None, -1.0, float("inf"), float("nan")])
def test_without_a_time_nothing_is_said(tmp_path: Path, seconds: float | None) -> None:
    assert text(kept(tmp_path, restored(seconds))) == ""


def test_another_backup_data_source_or_server_does_not_count(tmp_path: Path) -> None:
    store = kept(tmp_path, restored())
    assert text(store, backup="weekly") == ""
    assert text(store, data_source="hdfs") == ""
    assert text(store, url="http://other:9191", cluster="") == ""
    assert text(ReceiptStore(tmp_path / "nowhere")) == ""
