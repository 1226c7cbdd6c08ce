"""restore-tui history --prune: old receipts, listed and asked for first; what may still be needed is kept."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from restore_tui.config import Settings
from restore_tui.prune_command import NotPrunedError, prune
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.clock import NOW
from tests.harness.receipts import SERVER, lost, outcome, receipt
from tests.harness.terminal.program import run

LATER = NOW + timedelta(days=366)


class Typed(io.StringIO):
    """What a person types; it says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def store(tmp_path: Path) -> ReceiptStore:
    store = ReceiptStore(Settings(state_folder=tmp_path).receipts)
    store.write(receipt(outcome("Restored"), run="1-old"))
    store.write(receipt(outcome("Restore failed"), run="2-failed"))
    store.write(receipt(outcome("Restored"), run="3-young", begun=LATER - timedelta(days=364)))
    return store


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", Typed(text))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)


def runs(store: ReceiptStore) -> list[str]:
    return [one.run for one in store.runs()]


def run_prune(store: ReceiptStore) -> str:
    return prune(Settings(state_folder=store.folder.parent), width=120, now=LATER)


@pytest.mark.parametrize("typed", ["yes\n", "y\n", "\n", ""])
def test_only_a_whole_yes_deletes(
    typed: str, store: ReceiptStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is deleted was listed before; what is younger stays."""
    answer(monkeypatch, typed)
    done = run_prune(store)
    listed = capsys.readouterr().out
    assert "1-old" in listed
    assert "2 receipts older than 365 days" in listed
    assert "3-young" not in listed
    if typed == "yes\n":
        assert (done, runs(store)) == ("2 receipts deleted.", ["3-young"])
    else:
        assert (done, len(runs(store))) == ("Nothing was deleted.", 3)
    assert not list(store.folder.glob("*.lock"))


def test_without_a_terminal_it_only_lists(
    store: ReceiptStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(NotPrunedError, match="needs a terminal"):
        run_prune(store)
    assert "1-old" in capsys.readouterr().out
    assert len(runs(store)) == 3


def test_what_has_no_known_end_is_kept(store: ReceiptStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open, unknown, dismissed, in a word that is none, unreadable; and later restores of the same backup, by which an
    unknown one is told from them."""
    for one in ("1-old", "2-failed", "3-young"):
        store.delete(one)
    weekly = {"backup_name": "weekly", "datasource_name": "s3"}
    elsewhere = SERVER.model_copy(update={"url": "http://other:9191", "cluster": "green"})
    kept = {
        "4-sending": receipt(run="4-sending"),
        "5-unknown": receipt(lost(), run="5-unknown", put_aside=True),
        "6-odd": receipt(outcome("Perhaps"), run="6-odd"),
        "7-later": receipt(outcome("Restored"), run="7-later"),
    }
    gone = {
        "3-before": receipt(outcome("Restored"), run="3-before"),
        "8-weekly": receipt(outcome("Not sent"), run="8-weekly", request=weekly),
        "9-other": receipt(outcome("Restored"), run="9-other", server=elsewhere),
    }
    for one in (*kept.values(), *gone.values()):
        store.write(one)
    store.path("broken").write_text("{}")
    answer(monkeypatch, "yes\n")
    assert run_prune(store) == "3 receipts deleted."
    assert set(runs(store)) == {*kept, "broken"}
    assert not store.delete("5-unknown")


def test_a_run_that_a_process_has_in_charge_is_kept(
    store: ReceiptStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = store.lock("1-old")
    assert watch is not None
    answer(monkeypatch, "yes\n")
    assert run_prune(store) == "1 receipt deleted."
    assert runs(store) == ["3-young", "1-old"]
    watch.release()


def test_as_a_process(tmp_path: Path) -> None:
    assert run("history", "--prune", home=tmp_path).stdout.startswith("No receipt is older than 365 days")
    refused = run("history", "--prune", "--json", home=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
