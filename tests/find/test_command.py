"""``restore-tui find``: what it prints, what it returns, and what it sends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from restore_tui.cli import main
from restore_tui.cli.parser import build_parser
from restore_tui.demo.model import DataSource, LiveObject, World
from restore_tui.demo.protocol import Refusal, refusal_reply
from restore_tui.demo.server import DemoServer
from restore_tui.find.command import FindOutput, FindUsageError, run
from restore_tui.restore.text_format import cell_width
from tests.harness.clock import FakeClock
from tests.harness.find import (
    NOW,
    Gate,
    add_backup,
    demo_client,
    empty_world,
    hours_ago,
    id_of,
    read_ids,
    snapshot,
    table,
)
from tests.harness.json_schema import read_json
from tests.harness.kinetica_client import link
from tests.harness.servers import faulty_server as f
from tests.harness.terminal.program import PROGRAM, clean, imported
from tests.harness.terminal.program import run as run_process

HOSTILE = "sales.\x1b]0;pwned\x07[/x]\u202eevil"


@pytest.fixture
def world() -> World:
    """Orders dropped two hours ago, payments emptied, and one snapshot that counts changes."""
    world = empty_world()
    rest = table("sales.payments", 0)
    add_backup(
        world,
        "nightly",
        [
            snapshot(hours_ago(1), rest),
            snapshot(hours_ago(3), {**rest, **table("sales.orders", 20)}, kind="incremental"),
            snapshot(hours_ago(5), {**table("sales.payments", 500), **table("sales.orders", 1_000)}),
            snapshot(hours_ago(7), {**table("sales.payments", 490), **table("sales.orders", 1_012)}),
        ],
    )
    world.add_live([LiveObject("table", "sales.payments")])
    return world


def find(server: DemoServer, *arguments: str, width: int | None = None, **more: Any) -> FindOutput:
    given = build_parser().parse_args(["find", *arguments])
    return run(
        given,
        demo_client(server).link,
        width=width,
        clock=FakeClock(NOW),
        zone=ZoneInfo("Europe/Berlin"),
        **more,
    )


def test_the_newest_snapshot_that_holds_a_name(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "sales.orders")
        # Two reads at a time: either may arrive first.
        assert {id_of(hours_ago(1)), id_of(hours_ago(3))} <= set(read_ids(server)[:3])
        assert len(read_ids(server)) <= 3
    head, row, *rest = found.text.splitlines()
    assert head.split() == [
        "Time",
        "Age",
        "Type",
        "Name",
        "Records",
        "Size",
        "Now",
        "Backup",
        "Snapshot",
        "Data",
        "source",
    ]
    assert re.split(r"\s{2,}", row) == [
        "2026-11-27 04:00 UTC", "3 h ago", "table", "sales.orders", "Δ20", "Δ200 B", "missing", "nightly",
        id_of(hours_ago(3)), "s3",
    ]  # fmt: skip
    assert "is taken for what changed" in " ".join(rest)
    assert "Searched 2 of 4 snapshots of 1 backup through 1 data source in 0 s." in rest
    assert found.code == 0


def test_all_snapshots_with_changes_chart_and_what_happened(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "orders", "payments", "--all")
        assert len(read_ids(server)) == 4
    rows = [line for line in found.text.splitlines() if "sales.orders  " in line]
    assert [re.split(r"\s{2,}", row)[4:8] for row in rows] == [
        ["Δ20", "Δ200 B", "–", "missing"],
        ["1,000", "10.0 kB", "−12", "missing"],
        ["1,012", "10.1 kB", "missing", "nightly"],
    ]
    assert "sales.orders in nightly:\n██Δ·\n2026-11-27 00:00 UTC … 2026-11-27 06:00 UTC" in found.text
    assert "2026-11-27 04:00 UTC to 2026-11-27 06:00 UTC: gone" in found.text
    assert "emptied: 500 records before" in found.text


def test_a_name_that_is_nowhere(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "sales.orders", "sales.Payments", "sales.nope", "--type", "table")
        assert len(read_ids(server)) == 4
    assert found.code == 1
    assert "Searched 4 snapshots of 1 backup through 1 data source" in found.text
    assert "Not found: sales.Payments. Similar: sales.payments." in found.text
    assert "Not found: sales.nope. Use * for a part of a name." in found.text


def test_a_backup_that_is_nowhere(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "sales.orders", "--backup", "nigthly")
    assert "No backup nigthly is listed." in found.text
    assert found.code == 1


def test_what_cannot_be_read_makes_it_uncertain(world: World) -> None:
    world.datasources["vault"] = DataSource("vault", "gcs", {}, readable=False)
    with DemoServer(world) as server:
        found = find(server, "sales.orders")
        certain = find(server, "sales.orders", "--data-source", "s3")
    assert found.code == 5
    assert "sales.orders" in found.text
    assert "Could not be read: data source vault:" in found.text
    assert "could change the result" in found.text
    assert certain.code == 0


def test_an_unreadable_snapshot_is_a_row_and_counts_only_where_it_is_newer(world: World) -> None:
    bad = id_of(hours_ago(1))

    def refuse(received: Any, answer: Any) -> Any:
        return refusal_reply(Refusal("disk \x1b[31mon fire")) if bad.encode() in received.body else answer()

    with DemoServer(world, intercept=refuse) as server:
        found = find(server, "sales.orders")
        bad = id_of(hours_ago(5))
        older = find(server, "sales.orders", "--before", "2h")
    assert found.code == 5
    (row,) = [line for line in found.text.splitlines() if "on fire" in line]
    assert row.startswith("2026-11-27 06:00 UTC  1 h ago  ! nightly, snapshot")
    assert "\x1b" not in found.text
    assert older.code == 0


def test_bounds_in_local_time_are_echoed_in_utc(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "sales.orders", "--before", "2026-11-27 04:30", "--since", "1d")
        assert id_of(hours_ago(5)) in read_ids(server)[:2]
        assert id_of(hours_ago(3)) not in read_ids(server)
    assert found.text.startswith("Snapshots since 2026-11-26 07:00 UTC and before 2026-11-27 03:30 UTC:")
    assert "1,000" in found.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a", "--before", "soon"], "soon is no time"),
        (["a", "--since", "1h", "--before", "2h"], "is after --before"),
    ],
)
def test_times_that_cannot_be_searched_for(arguments: list[str], words: str) -> None:
    given = build_parser().parse_args(["find", *arguments])
    with pytest.raises(FindUsageError, match=re.escape(words)):
        run(given, link("http://127.0.0.1:9"), width=80, clock=FakeClock(NOW), zone=ZoneInfo("UTC"))


def test_a_note_on_a_local_time_goes_to_standard_error(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with DemoServer(world) as server:
        find(server, "sales.orders", "--since", "2026-10-25 02:30", "--json")
    assert "comes twice that day" in capsys.readouterr().err


def test_json_has_a_version_and_the_same_keys_everywhere(world: World) -> None:
    with DemoServer(world) as server:
        found = find(server, "sales.orders", "sales.nope", "--all", "--json")
    assert found.text.isascii()
    data = read_json("find", found.text)
    assert data["version"] == 1
    assert data["exit_code"] == found.code == 1
    assert data["certain"] is True
    assert data["names"] == [
        {"name": "sales.orders", "found": True, "similar": []},
        {"name": "sales.nope", "found": False, "similar": []},
    ]
    assert data["searched"]["snapshots"] == 4
    assert len({frozenset(match) for match in data["matches"]}) == 1
    assert data["matches"][1] == {
        "names": ["sales.orders"],
        "type": "table",
        "name": "sales.orders",
        "data_source": "s3",
        "backup": "nightly",
        "snapshot": id_of(hours_ago(5)),
        "snapshot_type": "full",
        "time": "2026-11-27T02:00:00+00:00",
        "time_as_received": "2026-11-27T02:00:00+00:00",
        "age_seconds": 5 * 3600,
        "problem": None,
        "records": 1000,
        "bytes": 10000,
        "counts_changes": False,
        "change": {"since": id_of(hours_ago(7)), "appeared": False, "records": -12, "bytes": -120},
        "now": "missing",
        "now_reason": None,
    }


@pytest.mark.parametrize("width", [60, 80, 120, None])
def test_server_text_is_harmless_and_no_row_is_wider_than_the_terminal(width: int | None) -> None:
    world = empty_world()
    add_backup(
        world,
        "n\x1b[2Jight" + "x" * 60,
        [snapshot(hours_ago(1), {**table(HOSTILE), **table("s." + "y" * 90)})],
    )
    with DemoServer(world) as server:
        found = find(server, "*", "--all", width=width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", found.text)
    if width is not None:
        assert all(cell_width(line) <= width for line in found.text.splitlines())
        assert "2026-11-27 06:00 UTC" in found.text
    else:
        assert "s." + "y" * 90 in found.text


def test_times_without_a_zone_are_marked() -> None:
    world = empty_world()
    add_backup(world, "abroad", [snapshot(hours_ago(1), table("a.t"))], zoned=False)
    with DemoServer(world) as server:
        found = find(server, "a.t")
        bounded = find(server, "a.t", "--before", "30m")
    assert "2026-11-27T06:00:00 (no zone)  1 h ago" in found.text
    assert bounded.code == 5
    assert "the time has no zone" in bounded.text


def test_no_connection_is_uncertain(faulty: f.Server) -> None:
    faulty.hang_up_at_once = True
    found = run(
        build_parser().parse_args(["find", "a.t"]),
        link(faulty),
        width=80,
        clock=FakeClock(NOW),
        zone=ZoneInfo("UTC"),
    )
    assert found.code == 5
    assert "Could not be read: the list of data sources:" in found.text


def test_only_reads_are_sent(world: World) -> None:
    with DemoServer(world) as server:
        find(server, "*", "--all")
        assert {request.endpoint.split("/")[1] for request in server.requests} == {"show"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["find"], "NAME"),
        (["find", ""], "a name is empty"),
        (["find", "a", "--type", "tabel"], "the nearest is table"),
        (["find", "a", "--type", "proc"], "may be stored_procedure or user_defined_function"),
        (["find", "a", "--password", "secret"], "passwords cannot be given on the command line"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert words in error
    assert "secret" not in error


def test_a_view_is_searched_as_a_table() -> None:
    assert build_parser().parse_args(["find", "a", "--type", "View"]).type == "table"


def test_connection_options_stand_before_or_after_the_command() -> None:
    def given(*arguments: str) -> Namespace:
        return build_parser().parse_args(arguments)

    before = given("--url", "http://a", "--user", "u", "--timeout", "5", "find", "x", "--json")
    after = given("find", "x", "--json", "--url", "http://a", "--user", "u", "--timeout", "5")
    assert before == after
    assert given("find", "x").demo is False


def test_needs_a_server_and_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KINETICA_URL", raising=False)
    assert main(["find", "a"]) == 2
    assert "find needs a server" in capsys.readouterr().err
    assert main(["--demo", "find", "a", "--url", "http://a"]) == 2
    assert main(["find", "a", "--url", "nonsense://"]) == 2


@pytest.mark.slow
def test_ctrl_c_prints_what_was_found_until_then(world: World, tmp_path: Path) -> None:
    gate = Gate(holds=lambda snapshot_id: snapshot_id == id_of(hours_ago(5)))
    with DemoServer(world, intercept=gate) as server:
        command = (*PROGRAM, "find", "sales.orders", "--all", "--url", server.url, "--user", server.user)
        environment = clean(tmp_path, KINETICA_PASSWORD=server.password)
        with subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            for _ in range(4):
                assert gate.arrived.acquire(timeout=60)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=60)
        gate.open()
    assert process.returncode == 130
    assert error == ""
    assert id_of(hours_ago(3)) in out
    assert "Stopped by you" in out


@pytest.mark.slow
def test_as_a_process_without_textual(tmp_path: Path) -> None:
    """As a script runs it: the demo's story, a code, and nothing on standard error."""
    arguments = (
        "--demo",
        "--story",
        "find",
        "find",
        "sales.orders",
        "--data-source",
        "dr_bucket_s3",
        "--objects",
        "1",
    )
    packages = imported("--demo", "--objects", "1", *arguments[1:7], home=tmp_path)
    assert "httpx" in packages
    assert "textual" not in packages
    done = run_process("--objects", "1", *arguments[:7], "--json", home=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["matches"][0]["name"] == "sales.orders"
