"""The command line, as a real process."""

from __future__ import annotations

import json
import platform
import re
import signal
from importlib.metadata import version
from pathlib import Path

import pytest

from restore_tui import __version__
from restore_tui.cli.help_text import SECTIONS
from restore_tui.cli.mistakes import commands_of
from restore_tui.cli.parser import build_parser
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.servers.interceptors import Held
from tests.harness.terminal.program import Terminal, imported, run, start_a_restore

DATA = Path(__file__).parent / "data"
REFERENCE = json.loads((DATA / "reference.json").read_text())
ENDPOINT = json.loads((DATA / "endpoints.json").read_text())["/restore/backup"]
FIELDS = sorted({*ENDPOINT["request"], *ENDPOINT["response"]})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["explain"],
        ["explain", "--json"],
        ["explain", "user"],
        ["explain", "restore_policy"],
        ["attach", "--help"],
        ["doctor", "--help"],
        ["json-schema", "find"],
        ["demo-server", "--help"],
    ],
)
def test_what_needs_no_screen_loads_neither_textual_nor_httpx(arguments: list[str], tmp_path: Path) -> None:
    """restore-tui --help, --version and explain answer without the heavy libraries."""
    heavy = {"textual", "rich", "httpx", "httpcore", "anyio", "pydantic", "pydantic_core", "asyncio"}
    assert imported(*arguments, home=tmp_path) & heavy == set()


def test_explain_lists_what_the_reference_lists(tmp_path: Path) -> None:
    """restore-tui explain --json: the fourteen types, the nine options, their defaults and allowed values; and what
    came later, marked as not in the API reference."""
    data = json.loads(run("explain", "--json", home=tmp_path).stdout)
    types = [kind["name"] for kind in data["types"] if not kind["beyond_reference"]]
    assert sorted(types) == sorted(REFERENCE["types"])
    assert (len(types), len(data["types"])) == (14, 16)
    options = [o for o in data["options"] if not o["beyond_reference"]]
    assert (len(options), len(data["options"])) == (9, 12)
    told = {o["name"]: {"default": o["default"], "values": o["values"]} for o in options}
    assert told == {
        name: {"default": o["default"], "values": o["values"]} for name, o in REFERENCE["options"].items()
    }


NEWER = ["catalog", "directory", "restore_all_permissions", "target_schema_map", "cascade_foreign_keys"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*REFERENCE["types"], *REFERENCE["options"], *NEWER])
def test_explain_tells_of_each_name(name: str, tmp_path: Path) -> None:
    """restore-tui explain NAME says something of every type and option, and every value."""
    done = run("explain", name, home=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{name}:")
    for value in REFERENCE["options"].get(name, {}).get("values", []):
        assert f"  {value}" in done.stdout
    where = "not in the API reference: client changelog 7.2.3." if name in NEWER else "  /restore/backup, "
    asked = (
        "Default behavior",
        "Example",
        "  Before: ",
        "  After: ",
        "Pitfalls",
        "Since server 7.2.3",
        where,
    )
    assert [part for part in asked if part not in done.stdout] == []
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_explain_has_a_line_for_every_name(tmp_path: Path) -> None:
    """restore-tui explain: one line each, that fits; undocumented names have a sign, and the sign a word."""
    lines = run("explain", home=tmp_path).stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    entries, fields = lines[: lines.index("Parameters")], lines[lines.index("Parameters") :]
    for name in (*REFERENCE["types"], *REFERENCE["options"], *NEWER):
        (line,) = [line for line in entries if line[2:].split(" ")[0] == name]
        assert line.startswith("+ ") is (name in NEWER)
    for name in FIELDS:
        assert [line for line in fields if line[2:].split(" ")[0] == name] != []
    assert any("not in the API reference" in line for line in lines if line.startswith("+ "))


def test_explain_as_json_has_every_field(tmp_path: Path) -> None:
    """restore-tui explain NAME --json: all that the text says, under names; one entry is as among all of them."""
    one = json.loads(run("explain", "RESTORE_POLICY", "--json", home=tmp_path).stdout)
    assert one.pop("version") == 1
    assert one["kind"] == "option"
    assert one["default"] == "none"
    assert set(one["value_help"]) == {"none", "replace", "rename"}
    assert set(one["example"]) == {"send", "before", "after"}
    assert {"cascade_foreign_keys"} in [set(other["names"]) for other in one["goes_with"]]
    assert "ddl_only" in one["see_also"]
    assert one["reference"] == "/restore/backup, options.restore_policy"
    assert all(
        one[name] for name in ("does", "left_alone", "goes_wrong", "not_documented", "since", "summary")
    )
    everything = json.loads(run("explain", "--json", home=tmp_path).stdout)
    assert one in everything["options"]
    kind = json.loads(run("explain", "all", "--json", home=tmp_path).stdout)
    assert (kind["kind"], kind["in_schema"]) == ("object type", False)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Table", "table"), ("restore-policy", "restore_policy"), ("DATA SINK", "datasink"), ("view", "table")],
)
def test_explain_takes_a_name_as_it_is_spoken(typed: str, name: str, tmp_path: Path) -> None:
    """In any case, with spaces or dashes, and by SQL's word for a type."""
    assert run("explain", typed, home=tmp_path).stdout.startswith(f"{name}: ")


@pytest.mark.slow
@pytest.mark.parametrize("name", FIELDS)
def test_explain_tells_of_the_request_and_its_answer(name: str, tmp_path: Path) -> None:
    """restore-tui explain restore_objects_map: the parameters and the fields of the response too, with their types."""
    done = run("explain", name, home=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{name}: ")
    assert "Documentation" in done.stdout
    if name in ENDPOINT["request"]:
        assert f"{name}: parameter, {ENDPOINT['request'][name]}" in done.stdout
    if name in ENDPOINT["response"]:
        assert f"{name}: field of the response, {ENDPOINT['response'][name]}" in done.stdout
    told = json.loads(run("explain", name, "--json", home=tmp_path).stdout)
    assert told["name"] == name
    assert all(field["type"] and field["does"] for field in told["fields"].values())


def test_explain_tells_of_a_value(tmp_path: Path) -> None:
    """restore-tui explain rename: whose value it is, and what it does there; true: of each option that takes it."""
    rename = run("explain", "rename", home=tmp_path).stdout
    assert rename.startswith("rename: value of an option\n\nrestore_policy=rename: Move the existing object")
    assert "restore_policy=none (default): Abort" in run("explain", "none", home=tmp_path).stdout
    told = json.loads(run("explain", "true", "--json", home=tmp_path).stdout)
    takes_true = {name for name, option in REFERENCE["options"].items() if "true" in option["values"]}
    assert takes_true == {"checksum", "create_schema_if_not_exist", "ddl_only", "dry_run", "reingest"}
    assert set(told["value_of"]) == takes_true | {"restore_all_permissions", "cascade_foreign_keys"}


def test_a_misspelt_name_names_the_nearest(tmp_path: Path) -> None:
    """restore-tui explain restore_polcy: exit 2, and the right name; a part of one names those that have it."""
    for typed, meant in (
        ("restore_polcy", "restore_policy"),
        ("foreign", "cascade_foreign_keys"),
        ("restored_object", "restored_objects"),
        ("replce", "replace"),
        ("xyz", "explain"),
    ):
        done = run("explain", typed, home=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert meant in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--nonsense"], "there is no option --nonsense. See restore-tui --help."),
        (["--urll", "x"], "there is no option --urll. Did you mean --url?"),
        (["--urll=x", "history"], "Did you mean --url?"),
        (["--dry-run"], "Did you mean --dry-run-only?"),
        (["--timeout", "5", "expain", "user"], "there is no command expain. Did you mean explain?"),
        (["http://h:9191"], "Did you mean --url http://h:9191?"),
        (["https://ana:geheim@h:9191"], "Did you mean --url https://…@h:9191?"),
        (["--passwort=geheim"], "Did you mean --password-file?"),
        (["--" + "x" * 9999], "xxx…xxx"),
        (["help"], "Did you mean --help?"),
        (["xyzzy"], "there are explain, find, "),
        (["find", "a", "--typ", "table"], "there is no option --typ. Did you mean --type?"),
        (["--markdown", "history"], "it stands after the command, history"),
        (["explain", "--theme", "nord"], "it stands before the word explain"),
        (["--dry", "--demo"], "Did you mean --dry-run-only?"),
        (["--password", "geheim"], "--password-file"),
        (["--timeout", "0"], "seconds"),
        (["--demo", "--url", "http://x"], "not allowed with"),
        (["--objects", "5"], "--demo"),
        (["--password-file", "/does/not/exist"], "/does/not/exist"),
        (["--config", "/does/not/exist"], "/does/not/exist"),
        (["--demo"], "terminal"),
        (["demo-server", "--port", "99999"], "port"),
        (["demo-server", "--server-version", "7.2.3,14"], "7.2.3,14"),
        (["--demo", "--server-version", "7.2.3x"], "7.2.3x"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments: list[str], says: str, tmp_path: Path) -> None:
    """Wrong usage: exit code 2, one line on standard error that names what is wrong, no traceback."""
    done = run(*arguments, home=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_version_names_what_a_report_needs(tmp_path: Path) -> None:
    """restore-tui --version: the reference's version, Python and Textual."""
    for option in ("--version", "-V"):
        done = run(option, home=tmp_path)
        assert (done.returncode, done.stdout.count("\n")) == (0, 1)
        for part in (
            __version__,
            "Kinetica 7.2.3.14",
            platform.python_version(),
            f"Textual {version('textual')}",
        ):
            assert part in done.stdout


def test_help_is_in_groups() -> None:
    """--help has groups, examples, environment and files; what every option and command does; 80 columns."""
    parser = build_parser()
    text = parser.format_help()
    for title in ("connection", "restore", "screen", "general", "commands", *SECTIONS):
        assert f"\n{title}:\n" in text
    for each in (parser, *commands_of(parser).values()):
        laid_out = f"{each.description or ''}\n{each.epilog or ''}"
        assert all(len(line) <= 80 for line in laid_out.splitlines())
        assert all(action.help for action in each._actions if action.dest != "command")


def test_log_level_decides_what_is_logged(tmp_path: Path) -> None:
    """debug has what is sent and what comes back, error nothing of both."""
    for level, sent, came in (("debug", True, True), ("error", False, False)):
        home = tmp_path / level
        home.mkdir()
        done = run("--demo", "--objects", "1", "find", "sales.orders", "--log-level", level, home=home)
        assert done.stderr == ""
        log = next(home.rglob("log.txt")).read_text()
        assert ("bytes, attempt 1" in log, "HTTP 200" in log) == (sent, came)


def test_a_wrong_key_in_the_config_file_names_the_right_one(tmp_path: Path) -> None:
    """proxi = … in config.toml: exit code 2, and proxy."""
    config = tmp_path / "config.toml"
    config.write_text('proxi = "http://p:3128"\n')
    done = run("--config", str(config), home=tmp_path)
    assert done.returncode == 2
    assert "proxy" in done.stderr


def test_a_walk_on_a_real_terminal_ends_with_the_receipt_on_the_last_line(tmp_path: Path) -> None:
    """restore-tui --demo by keyboard to a restored schema: exit code 0, and one line that names the receipt."""
    terminal = Terminal("--demo", home=tmp_path)
    terminal.read(b"practice freely")
    terminal.send("\r")
    terminal.read(b"hdfs")
    terminal.send("\r")
    terminal.read(b"weekly_shop")
    terminal.send("\r")
    terminal.read(b"incremental")
    terminal.send("\r")
    terminal.read(b"inventory")
    terminal.send("\x1b[A\x1b[C\x1b[B ")
    terminal.read(b"[x]")
    terminal.send("\x0e")
    terminal.read(b"checksum")
    terminal.send("\x0e")
    terminal.read(b"OK")
    terminal.send("\x0e")
    terminal.read(b"Type the backup")
    terminal.confirm("nightly_shop")
    terminal.read(b"Receipt:")
    terminal.send("\x11")
    assert terminal.end() == 0
    after_the_screen = terminal.written.decode().rpartition("\x1b[?1049l")[2]
    line = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", after_the_screen).strip()
    assert len(line.splitlines()) == 1
    assert line.startswith("Restored: 23 objects from backup nightly_shop")
    receipt = Path(line.partition("Receipt: ")[2].strip())
    assert json.loads(receipt.read_text())["outcome"]["verdict"] == "Restored"
    assert receipt.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_leaving_at_once_is_exit_code_0_and_says_that_nothing_was_done(tmp_path: Path) -> None:
    """Ctrl+C on the first screen: exit code 0."""
    terminal = Terminal("--demo", home=tmp_path)
    terminal.read(b"practice freely")
    terminal.send("\x03")
    assert terminal.end() == 0
    assert terminal.written.decode().rstrip().endswith("Nothing was restored.")


def test_an_unknown_theme_is_wrong_usage(tmp_path: Path) -> None:
    """--theme nonsense: exit code 2, and the names of those that there are."""
    terminal = Terminal("--demo", "--theme", "nonsense", home=tmp_path)
    assert terminal.end() == 2
    assert b"nord" in terminal.written


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_a_restore_runs_leaves_the_truth_behind(
    sign: signal.Signals, held_restore: Held, tmp_path: Path
) -> None:
    """kill: exit code 4, the terminal usable, and a receipt that says Outcome unknown."""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(server, held_restore, tmp_path)
        (receipt,) = (tmp_path / ".local/state/restore-tui/receipts").glob("*.json")
        assert json.loads(receipt.read_text())["state"] == "sending"
        terminal.process.send_signal(sign)
        assert terminal.end() == 4
    told = json.loads(receipt.read_text())
    assert (told["state"], told["outcome"]["verdict"]) == ("done", "Outcome unknown")
    assert b"\x1b[?1049l" in terminal.written
    assert b"Left running, outcome unknown" in terminal.written
    assert str(receipt).encode() in terminal.written
    assert b"Traceback" not in terminal.written


@pytest.mark.slow
def test_kill_9_while_a_restore_runs_leaves_a_receipt_without_an_end(
    held_restore: Held, tmp_path: Path
) -> None:
    """kill -9: the receipt was on disk before, and says that it was being sent."""
    with DemoServer(build_world(big_tables=50), intercept=held_restore) as server:
        terminal = start_a_restore(server, held_restore, tmp_path)
        terminal.process.kill()
        assert terminal.end() == -signal.SIGKILL
    (receipt,) = (tmp_path / ".local/state/restore-tui/receipts").glob("*.json")
    told = json.loads(receipt.read_text())
    assert (told["state"], told["outcome"]) == ("sending", None)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGQUIT", "SIGUSR1", "SIGALRM", "SIGXCPU", "SIGRTMIN"])
def test_a_signal_on_the_road_leaves_without_restoring(name: str, tmp_path: Path) -> None:
    """kill before anything was confirmed: exit code 0, the terminal given back, nothing restored."""
    if not hasattr(signal, name):
        pytest.skip("no such signal here")
    terminal = Terminal("--demo", home=tmp_path)
    terminal.read(b"practice freely")
    terminal.process.send_signal(getattr(signal, name))
    assert terminal.end() == 0
    assert b"\x1b[?1049l" in terminal.written
    assert b"Nothing was restored." in terminal.written


@pytest.mark.slow
def test_an_error_of_our_own_while_a_restore_runs_is_no_failure_of_the_restore(
    held_restore: Held, tmp_path: Path
) -> None:
    """A bug on our side while the server works: exit code 4, the receipt named, no traceback on the terminal, no
    secret in it or in the log."""
    now = tmp_path / "now"
    broken = (
        "from pathlib import Path\n"
        "from restore_tui.cli import main\n"
        "from restore_tui.tui.screens.running import RunningScreen\n"
        "def tick(self):\n"
        f"    if Path({str(now)!r}).exists():\n"
        "        raise RuntimeError('a bug of ours')\n"
        "RunningScreen.tick = tick\n"
        "raise SystemExit(main())"
    )
    with DemoServer(build_world(big_tables=50), intercept=held_restore, password="s3cret-Horse") as server:
        terminal = start_a_restore(server, held_restore, tmp_path, program=("-c", broken))
        now.touch()
        assert terminal.end() == 4
    assert b"crashed (internal error)" in terminal.written
    assert b"outcome unknown" in terminal.written
    log = (tmp_path / ".local/state/restore-tui/log.txt").read_text()
    assert "a bug of ours" in log
    for place in (terminal.written.decode(), log):
        assert "s3cret-Horse" not in place
    assert b"Traceback" not in terminal.written
