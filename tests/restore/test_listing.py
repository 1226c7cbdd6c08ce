"""The list of all receipts, and whether a process watches a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from restore_tui.restore.receipts.listing import list_as_json, list_as_markdown, list_as_text
from restore_tui.restore.receipts.model import Receipt
from restore_tui.restore.receipts.store import ReceiptStore, StoredReceipt
from tests.harness.json_schema import read_json
from tests.harness.receipts import RUN, SERVER, lost, outcome, receipt, shown_cells

FOLDER = Path("/state/receipts")


def found(run: str = RUN, made: Receipt | None = None, problem: str = "") -> StoredReceipt:
    return StoredReceipt(run, FOLDER / f"{run}.json", made, problem)


def test_the_list_has_one_line_a_run() -> None:
    """Run, begun, verdict, first object and how many more, user, backup, server; no end is said to be none, and what
    cannot be read has a line."""
    runs = [
        found("run-3", receipt()),
        found("run-2", receipt(outcome())),
        found("run-1", problem="it is not a receipt (3 faults)"),
    ]
    assert list_as_text(runs, FOLDER, watched=["run-3"]).splitlines() == [
        "Run    Started               Outcome            Objects          User            Backup   Server",
        "run-3  2026-11-23 02:00 UTC  no end recorded *  sales.orders +2  night_operator  nightly  http://host:9191",
        "run-2  2026-11-23 02:00 UTC  Partly restored    sales.orders +2  night_operator  nightly  http://host:9191",
        "run-1  cannot be read: it is not a receipt (3 faults)",
        "",
        "* Another restore-tui is following it now.",
    ]
    rows = shown_cells(list_as_markdown(runs, FOLDER, watched=["run-3"]))[0]
    assert [row[2] for row in rows[1:]] == [
        "no end recorded. Another restore-tui is following it now.",
        "Partly restored",
        "cannot be read: it is not a receipt (3 faults)",
    ]
    told = read_json("history", list_as_json(runs, watched=["run-3"]))["runs"]
    assert [(one["run"], one["verdict"], one["watched"], one["problem"]) for one in told] == [
        ("run-3", None, True, None),
        ("run-2", "Partly restored", False, None),
        ("run-1", None, False, "it is not a receipt (3 faults)"),
    ]
    assert told[1]["receipt"] == str(FOLDER / "run-2.json")
    assert len({tuple(one) for one in told}) == 1


AS_OF = {"As of": "2026-11-22 19:00 UTC, 7 h ago, snapshot 1795590007056"}


def test_the_list_has_the_time_of_the_data() -> None:
    """Where a terminal has room for it beside backup and server; as Markdown and as JSON always."""
    runs = [found("run-2", receipt(outcome(), key_facts=AS_OF)), found("run-1", receipt())]
    lines = list_as_text(runs, FOLDER).splitlines()
    assert [line.ljust(99)[:68] for line in lines] == [
        "Run    Started               Outcome          As of                 ",
        "run-2  2026-11-23 02:00 UTC  Partly restored  2026-11-22 19:00 UTC  ",
        "run-1  2026-11-23 02:00 UTC  no end recorded                        ",
    ]
    assert "As of" not in list_as_text(runs, FOLDER, width=100)
    (head, first, second) = shown_cells(list_as_markdown(runs, FOLDER))[0]
    assert (head[3], first[3], second[3]) == ("As of", "2026-11-22 19:00 UTC", "–")
    told = json.loads(list_as_json(runs))["runs"]
    assert [(one["snapshot"], one["snapshot_time"]) for one in told] == [
        (runs[0].receipt.dry_run.snapshot_id, "2026-11-22 19:00 UTC"),  # type: ignore[union-attr]
        (runs[1].receipt.dry_run.snapshot_id, None),  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("width", [100, 120])
def test_the_list_fits_the_terminal(width: int) -> None:
    """Objects, backup and server are shortened in the middle; the run's id, which one needs, is not."""
    long = receipt(
        lost(),
        request={"backup_name": "n" * 90},
        key_facts=AS_OF,
        server=SERVER.model_copy(update={"url": "http://" + "s" * 90}),
    )
    runs = [found(made=long), found("run-0", problem="p" * 300)]
    lines = list_as_text(runs, FOLDER, width=width).splitlines()
    assert max(map(len, lines)) == width
    assert lines[1].startswith(f"{RUN}  ")
    assert lines[1].count("…") >= 2


def test_an_empty_folder_is_said_to_be_empty() -> None:
    """And where receipts would be; a machine gets an empty list."""
    assert list_as_text([], FOLDER) == "There are no receipts yet. They would be in /state/receipts"
    assert list_as_markdown([], FOLDER) == "There are no receipts yet. They would be in `/state/receipts`"
    assert json.loads(list_as_json([])) == {"version": 1, "runs": []}


def test_asking_who_watches_leaves_no_trace(tmp_path: Path) -> None:
    """No lock file is made, none is kept, and what a dead process left behind is no watch."""
    journal = ReceiptStore(tmp_path)
    assert not journal.is_locked(RUN)
    assert not list(tmp_path.iterdir())
    watch = journal.lock(RUN)
    assert watch is not None
    assert journal.is_locked(RUN)
    assert journal.is_locked(RUN)
    watch.release()
    assert not journal.is_locked(RUN)
    (tmp_path / f"{RUN}.lock").touch()
    assert not journal.is_locked(RUN)
    again = journal.lock(RUN)
    assert again is not None
    again.release()
