"""What the process leaves on the disk, as a real process: no core dump, no keys, no folder for everybody."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from restore_tui.bounded_files import make_private_folder
from tests.harness.terminal.program import Terminal

PASSWORD = "Quagga-7-Zebra"
REPORT = """
import ctypes, os, resource
from restore_tui import private_process
from restore_tui.cli import main

keep = private_process.keep_secrets_in_memory

def keep_and_report(*, demo):
    keep(demo=demo)  # before Textual is imported
    from restore_tui.tui.screens.connect import ConnectScreen

    shown = ConnectScreen.show

    def show(self):
        shown(self)
        dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if os.uname().sysname == "Linux" else 0
        with open(os.environ["REPORT"], "w") as report:
            print(resource.getrlimit(resource.RLIMIT_CORE), dumpable, sorted(self.app.features), file=report)

    ConnectScreen.show = show

private_process.keep_secrets_in_memory = keep_and_report
raise SystemExit(main())
"""


@pytest.mark.parametrize("demo", [False, True])
def test_neither_a_core_nor_a_log_of_keys_is_written(tmp_path: Path, demo: bool) -> None:
    """TEXTUAL_LOG and TEXTUAL=devtools are told every key and every value of a field: they work with --demo only. No
    core is dumped in either case."""
    home, log, report = tmp_path / "home", tmp_path / "textual.log", tmp_path / "report"
    home.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        wizard = Terminal(
            *(["--demo"] if demo else ["--url", "http://127.0.0.1:1", "--user", "ann"]),
            home=home,
            program=("-c", REPORT),
            TEXTUAL_LOG=str(log),
            TEXTUAL="debug,devtools",
            REPORT=str(report),
            KINETICA_PASSWORD=PASSWORD,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    wizard.read(b"OAuth token")
    wizard.rest()
    wizard.send("xyz\x11")
    assert wizard.end() == 0
    features = "['debug', 'devtools']" if demo else "[]"
    assert report.read_text() == f"(0, 0) 0 {features}\n"
    assert log.exists() is demo
    assert PASSWORD.encode() not in wizard.written
    assert not any(PASSWORD.encode() in place.read_bytes() for place in home.rglob("*") if place.is_file())


def test_every_folder_is_the_owners(tmp_path: Path) -> None:
    """With an umask of 0 the missing folders above are made for the owner alone, too; what is there stays as it is."""
    (tmp_path / "home").mkdir(mode=0o755)
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "home" / ".local" / "state" / "restore-tui")
        make_private_folder(tmp_path / "home" / ".local" / "state" / "restore-tui" / "receipts")
    finally:
        os.umask(before)
    made = list((tmp_path / "home").rglob("*"))
    assert len(made) == 4
    assert {stat.S_IMODE(place.stat().st_mode) for place in made} == {0o700}
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o755


def test_what_is_no_folder_is_an_error_of_files(tmp_path: Path) -> None:
    """Like every other folder that cannot be made."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        make_private_folder(tmp_path / "file" / "state")
