"""restore-tui history, as a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.json_schema import read_json
from tests.harness.receipts import LEDGER, RUN, lost, outcome, receipt
from tests.harness.terminal.program import clean, imported, run

OLDER = "20261122T020000Z-d4e5f6"
BROKEN = "20261121T020000Z-000000"


@pytest.fixture
def journal(tmp_path: Path) -> ReceiptStore:
    """Three runs, newest first: partly restored, of unknown outcome, and one that is no receipt."""
    journal = ReceiptStore(tmp_path / ".local/state/restore-tui/receipts")
    journal.write(receipt(outcome()))
    journal.write(receipt(lost(), run=OLDER))
    journal.path(BROKEN).write_text('{"run": "\x1b]0;evil"}')
    return journal


@pytest.mark.parametrize(
    "arguments", [[], ["--json"], ["--markdown"], [RUN], [RUN, "--json"], [RUN, "--markdown"]]
)
def test_it_loads_no_library_of_screens_or_servers(
    arguments: list[str], journal: ReceiptStore, tmp_path: Path
) -> None:
    """restore-tui history answers at once: without Textual, Rich, httpx or what these need."""
    heavy = {"textual", "rich", "httpx", "httpcore", "anyio"}
    assert imported("history", *arguments, home=tmp_path) & heavy == set()


def test_the_list(journal: ReceiptStore, tmp_path: Path) -> None:
    """One line a run, newest first; a file that cannot be read is listed with why, and its text is not."""
    done = run("history", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["Run", RUN, OLDER, BROKEN]
    assert "Partly restored" in lines[1]
    assert "Outcome unknown" in lines[2]
    assert "cannot be read: it is not a receipt" in lines[3]
    assert "\x1b" not in done.stdout


def test_one_run_by_the_beginning_of_its_id(journal: ReceiptStore, tmp_path: Path) -> None:
    """history 20261123: the verdict first, the receipt's place last."""
    done = run("history", "20261123", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Partly restored: ")
    assert lines[-1] == f"Receipt: {journal.path(RUN)}"


def test_an_unknown_outcome_is_no_error_of_history(journal: ReceiptStore, tmp_path: Path) -> None:
    """Exit code 0, and the command that looks what became of it."""
    done = run("history", OLDER, home=tmp_path)
    assert done.returncode == 0
    assert f"restore-tui attach {OLDER}" in done.stdout


def test_json_of_one_run_is_its_receipt(journal: ReceiptStore, tmp_path: Path) -> None:
    """What is printed is what is on disk."""
    told = read_json("receipt", run("history", RUN, "--json", home=tmp_path).stdout)
    assert told == json.loads(journal.path(RUN).read_text())


def test_json_of_the_list(journal: ReceiptStore, tmp_path: Path) -> None:
    """Every run with its verdict, and the reason where there is none to read."""
    told = read_json("history", run("history", "--json", home=tmp_path).stdout)
    assert [(one["run"], one["verdict"]) for one in told["runs"]] == [
        (RUN, "Partly restored"),
        (OLDER, "Outcome unknown"),
        (BROKEN, None),
    ]
    assert "not a receipt" in told["runs"][2]["problem"]


def test_markdown(journal: ReceiptStore, tmp_path: Path) -> None:
    """A heading with the verdict and tables; of the list one table."""
    one = run("history", RUN, "--markdown", home=tmp_path).stdout
    assert one.startswith("# Partly restored: ")
    assert "| `sales.orders` | `table` | would restore | failed | `the file is damaged` |" in one
    every = run("history", "--markdown", home=tmp_path).stdout.splitlines()
    assert every[0] == "| Run | Started | Outcome | As of | Objects | User | Backup | Server |"
    assert len(every) == 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "No receipt found for run 'nonsense'"),
        ([""], "No receipt found for run ''"),
        (["2026112"], "matches 3 runs"),
        ([BROKEN], "cannot be read"),
        ([RUN, "--json", "--markdown"], "not allowed with"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    arguments: list[str], says: str, journal: ReceiptStore, tmp_path: Path
) -> None:
    """Exit code 2, one line on standard error, nothing on standard output."""
    done = run("history", *arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_receipts_of_the_demo_are_apart(journal: ReceiptStore, tmp_path: Path) -> None:
    """--demo history has those, and no others; those that an older version left among the real ones still open."""
    demo = ReceiptStore(tmp_path / ".local/state/restore-tui/demo/receipts")
    demo.write(receipt(lost(), run="20261120T020000Z-dddddd"))
    assert "20261120T020000Z-dddddd" not in run("history", home=tmp_path).stdout
    for arguments in (["--demo", "history"], ["history", "--demo"]):
        lines = run(*arguments, home=tmp_path).stdout.splitlines()
        assert [line.split("  ")[0] for line in lines] == ["Run", "20261120T020000Z-dddddd"]
    one = run("--demo", "history", "20261120", home=tmp_path).stdout
    assert "restore-tui --demo attach 20261120T020000Z-dddddd" in one
    waited = run("--demo", "attach", "20261120", "--wait", home=tmp_path)
    assert (waited.returncode, "ended with its wizard" in waited.stderr) == (2, True)


def test_without_receipts_it_says_where_they_would_be(tmp_path: Path) -> None:
    """Nothing was restored yet: no error, and nothing is made."""
    done = run("history", home=tmp_path)
    assert done.returncode == 0
    assert str(tmp_path / ".local/state/restore-tui/receipts") in done.stdout
    assert json.loads(run("history", "--json", home=tmp_path).stdout) == {"version": 1, "runs": []}
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    """Exit code 2 and why: that there are no receipts would be a guess."""
    place = tmp_path / ".local/state/restore-tui/receipts"
    place.parent.mkdir(parents=True)
    place.touch()
    done = run("history", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read: Not a directory" in done.stderr


def test_a_run_that_another_process_watches(journal: ReceiptStore, tmp_path: Path) -> None:
    """It says so, in the list and of the run, and the watch stays where it is."""
    watch = journal.lock(OLDER)
    assert watch is not None
    with watch:
        assert "Outcome unknown *" in run("history", home=tmp_path).stdout
        assert "Another restore-tui is following this run now" in run("history", OLDER, home=tmp_path).stdout
        assert journal.lock(OLDER) is None
    assert "Another restore-tui" not in run("history", home=tmp_path).stdout


def test_what_is_wrong_with_the_connection_does_not_keep_one_from_reading(
    journal: ReceiptStore, tmp_path: Path
) -> None:
    """A missing password file, a URL that cannot be used: the receipts are read all the same."""
    journal.write(receipt())
    config = tmp_path / "config.toml"
    config.write_text('password_file = "/does/not/exist"\n')
    done = run("--config", str(config), "history", home=tmp_path, KINETICA_URL="http://a:b@host")
    assert (done.returncode, done.stderr) == (0, "")
    assert RUN in done.stdout


@pytest.mark.parametrize("arguments", [["history"], ["history", RUN], ["explain"]])
def test_a_reader_who_has_seen_enough_is_no_error(
    arguments: list[str], journal: ReceiptStore, tmp_path: Path
) -> None:
    """| head: the pipe closes, and nothing is said."""
    many = [LEDGER[0].model_copy(update={"name": f"sales.t{number}"}) for number in range(3_000)]
    journal.write(receipt(outcome(objects=many)))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "restore_tui", *arguments],
        env=clean(tmp_path),
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_told(journal: ReceiptStore, tmp_path: Path) -> None:
    """history > file: half a list must not look like a whole one."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "restore_tui", "history", "--json"],
            env=clean(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert "cannot be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", [[], ["--markdown"], ["--json"]])
def test_a_terminal_without_utf_8_gets_escapes(
    form: list[str], journal: ReceiptStore, tmp_path: Path
) -> None:
    """Letters that it does not have are written as escapes, the ellipsis as dots; nothing breaks."""
    line = LEDGER[0].model_copy(update={"name": "sales.Ångström" + "x" * 200})
    journal.write(receipt(outcome(objects=[line])))
    done = run("history", RUN, *form, home=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sales.\\xc5ngstr\\xf6m" in done.stdout or "sales.\\u00c5ngstr\\u00f6m" in done.stdout
    assert ("x...x" in done.stdout) is not bool(form)
