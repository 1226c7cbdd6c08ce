"""A receipt as text, Markdown and JSON, and the list of all: complete, in the fixed words, and harmless."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.receipts.listing import list_as_json, list_as_markdown, list_as_text
from restore_tui.restore.receipts.model import (
    Receipt,
    ReceiptConflicts,
    ReceiptDryRun,
    ReceiptFinding,
    ReceiptJob,
    ReceiptLook,
    ReceiptObject,
    ReceiptServer,
)
from restore_tui.restore.receipts.render import WIDTH, as_json, as_markdown, as_text
from restore_tui.restore.receipts.store import ReceiptStore, StoredReceipt
from restore_tui.restore.text_format import cell_width, fit
from tests.harness.clock import NOW
from tests.harness.plans import ID
from tests.harness.receipts import (
    ANSWER,
    LEDGER,
    LOOKS,
    PLACE,
    RUN,
    SERVER,
    facts,
    lost,
    outcome,
    receipt,
    shown_cells,
)

ATTACH = f"restore-tui attach {RUN}"
DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FOLDER = PLACE.parent

VERSION_1 = """{
 "version": 1,
 "run": "20261001T010203Z-0000aa",
 "state": "done",
 "begun": "2026-10-01T01:02:03Z",
 "server": {"url": "http://old:9191", "version": "7.2.3.1", "cluster": "", "user": "ana", "way": "direct"},
 "fingerprint": "cd",
 "snapshot": "newest",
 "request": {
  "backup_name": "weekly", "restore_objects_map": {"all": "hr"}, "datasource_name": "hdfs",
  "options": {"dry_run": "false"}
 },
 "dry_run": {"at": "2026-10-01T01:00:00Z", "seconds": 2.0, "snapshot_id": "17", "answer": {"backup_id": 17}},
 "outcome": {
  "verdict": "Restored", "at": "2026-10-01T01:02:45Z", "seconds": 42.0, "what": "", "words": "",
  "answer": {"backup_name": "weekly", "backup_id": 18, "restored_bytes": 900},
  "objects": [{"type": "table", "name": "hr.staff", "dry_run": "restored", "restore": "restored",
    "moved_to": "", "why": "", "asked": true}]
 }
}"""


# One run


@pytest.mark.parametrize(
    ("ended", "line"),
    [
        (
            outcome(),
            "Partly restored: of 3 objects, 1 restored, 1 failed, 1 not mentioned.",
        ),
        (outcome("Restored", objects=LEDGER[2:]), "Restored: of 1 object, 1 restored."),
        (outcome("Restore failed", answer=None, objects=[]), "Restore failed: 3 objects requested."),
        (lost(), "Outcome unknown: 3 objects requested."),
        (None, "Outcome unknown: no end was recorded."),
    ],
)
def test_the_first_line_is_the_verdict(ended: Any, line: str) -> None:
    """In the fixed words, with what it amounts to; a run without an end has the word for not knowing."""
    made = receipt(ended)
    assert as_text(made, PLACE).splitlines()[0] == line
    assert as_markdown(made, PLACE).splitlines()[0] == f"# {line}"


@pytest.mark.parametrize(
    ("ended", "rests_on"),
    [
        (outcome(), "the restore's own response"),
        (outcome(source="background job"), "the background job"),
        (outcome(source="backup history", answer=None), "the backup history"),
        (outcome("Restore failed", answer=None, what="It refused."), "how the restore's own request ended"),
        (lost(), "nothing that settles it"),
        (None, "nothing: no end was recorded"),
    ],
)
def test_what_the_verdict_rests_on(ended: Any, rests_on: str) -> None:
    """The restore's own answer, or whatever else settled it."""
    assert facts(as_text(receipt(ended), PLACE))["Evidence"] == rests_on
    assert f"| Evidence | {rests_on} |" in as_markdown(receipt(ended), PLACE)


def test_everything_that_a_receipt_tells() -> None:
    """Where, as whom, on which way, when, how long, with which options, what for, and what came."""
    text = as_text(receipt(outcome()), PLACE)
    assert facts(text) == {
        "Evidence": "the restore's own response",
        "Backup": "nightly",
        "Data source": "s3",
        "Snapshot": f"{ID}, pinned",
        "Server": "http://host:9191",
        "Version": "7.2.3.14",
        "Cluster": "blue",
        "User": "night_operator",
        "Mode": f"background job, id 42, tag restore-tui-{RUN}-run",
        "Dry run": "2026-11-23 01:58 UTC, took 1 s",
        "Started": "2026-11-23 02:00 UTC",
        "Ended": "2026-11-23 02:03 UTC",
        "Took": "3:07 min",
        "Policy": "replace",
        "Options sent": "ddl_only=true, dry_run=false",
        "Requested": "role (1): reader",
        "Totals": "4.1 kB, 12 files, 1,234 records",
    }
    assert "table (2): sales.items, sales.orders" in text
    assert f"Run            {RUN}" in text
    assert f"Fingerprint    {'ab' * 32}" in text
    assert "version 2 of the receipt" in text
    assert text.endswith(f"\nReceipt: {PLACE}")


def test_the_ledger_keeps_its_order() -> None:
    """Failures stay first; each object has the dry run beside the restore, and below it why or where to."""
    lines = as_text(receipt(outcome()), PLACE).splitlines()
    at = lines.index("Name          Type     Dry run        Restore")
    assert lines[at + 1 : at + 8] == [
        "sales.orders  table    would restore  failed",
        "    the file is damaged",
        "reader        role     would fail     not mentioned",
        "sales.items   table    would restore  restored",
        "    the old one moved to old.items",
        "sales.feed    monitor  would restore  restored",
        "    mentioned, but not requested",
    ]


def test_no_end_is_said_of_an_outcome_that_was_settled_later() -> None:
    """When the history settles it, it is known since when it was noted, and not when the restore ended; how long it
    took only where the server told."""
    told = facts(as_text(receipt(outcome(source="backup history", seconds=None)), PLACE))
    assert told["Recorded"] == "2026-11-23 02:03 UTC"
    assert not told.keys() & {"Ended", "Took", "Waited"}
    told = facts(as_text(receipt(outcome(source="backup history", seconds=61.0)), PLACE))
    assert told["Took"] == "1:01 min"


@pytest.mark.parametrize("ended", [None, lost()])
def test_an_unknown_outcome_says_what_to_do(ended: Any) -> None:
    """The command stands whole on a line, to be copied, and that one must not restore again before."""
    text = as_text(receipt(ended), PLACE)
    assert f"  {ATTACH}" in text.splitlines()
    assert "Do not restore again" in text
    assert f"`{ATTACH}`" in as_markdown(receipt(ended), PLACE)


def test_a_known_outcome_asks_for_nothing() -> None:
    """Nothing is left to look for."""
    assert "attach" not in as_text(receipt(outcome()), PLACE)
    assert "attach" not in as_markdown(receipt(outcome()), PLACE)


@pytest.mark.parametrize("form", [as_text, as_markdown])
def test_a_watched_run_says_so(form: Any) -> None:
    """Another process has it in charge: it may still be running, and attaching now would be refused."""
    told = form(receipt(), PLACE, watched=True)
    assert "Another restore-tui is following this run now" in told.splitlines()[0]
    assert "After that" in told
    assert "Another" not in form(receipt(), PLACE, watched=False)
    assert "Another" not in form(receipt(outcome()), PLACE, watched=True)


def test_each_look_is_told() -> None:
    """Time, source, and what it found; and which one settled it."""
    made = receipt(outcome(source="background job"), looks=LOOKS)
    text = as_text(made, PLACE)
    assert "  2026-11-23 02:04 UTC  background job: It runs, 40 %." in text.splitlines()
    assert "  2026-11-23 02:09 UTC  background job: It is done. This settles it." in text.splitlines()
    row = "| 2026-11-23 02:04 UTC | backup history | `No restore of this backup is listed.` |"
    assert row in as_markdown(made, PLACE).splitlines()


def test_another_snapshot_than_the_rehearsed_one_is_told() -> None:
    """The newest at the time: which one the dry run used, and which the restore."""
    newest = receipt(outcome(answer={**ANSWER, "backup_id": 5}), snapshot="newest")
    told = f"latest at restore time; the dry run used {ID}; the restore used 5"
    assert facts(as_text(newest, PLACE))["Snapshot"] == told
    same = receipt(outcome(), snapshot="newest")
    assert facts(as_text(same, PLACE))["Snapshot"] == f"latest at restore time; the dry run used {ID}"


def test_the_servers_words_keep_their_lines() -> None:
    """Why it refused, as it said so."""
    made = receipt(outcome("Restore failed", answer=None, what="It refused.", words="one\n```\n# two"))
    assert "  one\n  ```\n  # two\n" in as_text(made, PLACE)
    assert "````text\none\n```\n# two\n````" in as_markdown(made, PLACE)


@pytest.mark.parametrize("text", ["direct", "as a pigeon"])
def test_a_run_without_a_job_tells_its_way(text: str) -> None:
    """One long request, or whatever a later version may call it."""
    made = receipt(outcome(), job=None, server=SERVER.model_copy(update={"way": text}))
    assert facts(as_text(made, PLACE))["Mode"] == text


def test_a_job_whose_id_never_came() -> None:
    """The response that tells it was lost: it can be found by its tag."""
    way = facts(as_text(receipt(job=ReceiptJob(tag="t")), PLACE))["Mode"]
    assert way == "background job, id unknown, tag t"


def test_nothing_is_made_up_where_nothing_is_told() -> None:
    """Empty fields are a dash, absent totals are said to be absent."""
    server = ReceiptServer(url="", version="", cluster="", user="", way="direct")
    made = receipt(outcome(answer={}), server=server, request={})
    told = facts(as_text(made, PLACE))
    assert (told["Cluster"], told["Backup"]) == ("–", "–")
    assert told["Totals"] == "none reported"
    assert told["Policy"] == "none (the default)"
    assert as_text(made, None).endswith("Receipt: none was written")


@pytest.mark.parametrize("seconds", [float("inf"), float("nan")])
def test_numbers_that_are_none_break_nothing(seconds: float) -> None:
    """A file can hold any number."""
    made = receipt(outcome(seconds=seconds, answer={"restored_bytes": 10**400, "backup_id": "x"}))
    assert facts(as_text(made, PLACE))["Took"] == "–"
    assert facts(as_text(made, PLACE))["Totals"] == "none reported"


def test_a_receipt_of_version_1_opens(tmp_path: Path) -> None:
    """What it did not have yet is left out; a newer id of the snapshot is told."""
    (tmp_path / "20261001T010203Z-0000aa.json").write_text(VERSION_1)
    journal = ReceiptStore(tmp_path)
    old = journal.read("20261001")
    text = as_text(old, journal.path(old.run))
    assert text.startswith("Restored: of 1 object, 1 restored.\n")
    told = facts(text)
    assert told["Mode"] == "direct"
    assert told["Snapshot"] == "latest at restore time; the dry run used 17; the restore used 18"
    assert told["Totals"] == "900 B"
    assert "version 1 of the receipt" in text
    assert json.loads(as_json(old))["server"]["url"] == "http://old:9191"


def test_a_receipt_of_version_1_without_an_end_opens() -> None:
    """It has no ledger: the objects are those of the request."""
    data = {**json.loads(VERSION_1), "state": "sending", "outcome": None}
    old = Receipt.model_validate(data)
    lines = as_text(old, PLACE).splitlines()
    assert lines[0] == "Outcome unknown: no end was recorded."
    assert "hr    all   –        –" in lines
    assert "  restore-tui attach 20261001T010203Z-0000aa" in lines


# Long and hostile names


def test_long_names_are_shortened_as_text_and_whole_in_markdown() -> None:
    """On a terminal both ends of a name stay within 100 columns; a ticket has room."""
    name = "sales." + "x" * 300 + ".end"
    line = ReceiptObject(type="user_defined_function", name=name, dry_run="restored", restore="not mentioned")
    made = receipt(outcome(objects=[line]))
    (row,) = [row for row in as_text(made, PLACE).splitlines() if row.startswith("sales.x")]
    assert len(row) <= WIDTH
    assert ".end  user_defined_function  would restore  not mentioned" in row
    assert "…" in row
    assert f"| `{name}` |" in as_markdown(made, PLACE)


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_cell_is_as_wide_as_it_should_be(text: str, width: int) -> None:
    """Also with wide letters and with marks."""
    assert cell_width(fit(sanitize(text), width)) == width


hostile = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.text(
    st.sampled_from("\x1b]0;\x07\r\n\u202e\u2066\u2028\x85\x9b\u200b\u0301a|\\`<b>*_[x](y)#@~ \t\x7f日"),
    max_size=20,
)


@st.composite
def hostile_receipts(draw: st.DrawFn) -> Receipt:
    """Every text in it is a server's at its worst."""

    def text() -> str:
        return draw(hostile)

    ledger = [
        ReceiptObject(
            type=text(),
            name=text(),
            dry_run=text(),
            restore=text(),
            moved_to=text(),
            why=text(),
            asked=draw(st.booleans()),
            lands=text(),
            seen=draw(hostile | st.just("")),
            seen_place=text(),
            disagrees=text(),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    ended = outcome(
        text(),
        source=text(),
        what=text(),
        words=text(),
        objects=ledger,
        answer={text(): text(), "restored_files": text()},
    )
    findings = [ReceiptFinding(source=text(), text=text())] * draw(st.integers(0, 1))
    return receipt(
        draw(st.sampled_from([None, ended, lost(words=text())])),
        run=text(),
        server=ReceiptServer(url=text(), version=text(), cluster=text(), user=text(), way=text()),
        fingerprint=text(),
        snapshot=draw(st.sampled_from(["pinned", "newest"])),
        request={
            "backup_name": text(),
            "datasource_name": text(),
            "restore_objects_map": {text(): text()},
            "options": {text(): text(), "restore_policy": text()},
        },
        dry_run=ReceiptDryRun(at=NOW, seconds=1, snapshot_id=text(), answer={text(): text()}),
        job=draw(st.sampled_from([None, ReceiptJob(tag=text())])),
        looks=[ReceiptLook(at=NOW + timedelta(hours=1), findings=findings)],
        objects=ledger,
        sight=draw(st.sampled_from([None, ReceiptConflicts(unread={text(): text()}, unclear=[text()])])),
    )


def dangerous(text: str) -> list[str]:
    return [c for c in text if c != "\n" and unicodedata.category(c) in DANGEROUS]


@given(hostile_receipts(), hostile, st.booleans())
def test_no_control_character_comes_out(made: Receipt, place: str, watched: bool) -> None:
    """Neither control, escape, format nor bidi characters, in any of the forms, of one run or the list."""
    where = Path(place.replace("\0", ""))
    found = [StoredReceipt(made.run, where, made), StoredReceipt(place, where, None, place)]
    held = [made.run] if watched else []
    assert not dangerous(as_text(made, where, watched=watched))
    assert not dangerous(as_markdown(made, where, watched=watched))
    assert not dangerous(list_as_text(found, where, watched=held))
    assert not dangerous(list_as_markdown(found, where, watched=held))
    assert not dangerous(list_as_text([], where) + list_as_markdown([], where))
    for machine_readable in (as_json(made), list_as_json(found, watched=held)):
        assert machine_readable.isascii()
        assert not dangerous(machine_readable)


@given(hostile_receipts())
def test_json_is_the_receipt_itself(made: Receipt) -> None:
    """Read again, it is the same one."""
    assert Receipt.model_validate_json(as_json(made)) == made


@given(hostile_receipts())
def test_in_markdown_tables_stay_tables_and_no_markup_works(made: Receipt) -> None:
    """Whatever a name holds: the same tables, each row with as many cells as its head, and nothing but code."""
    tables = shown_cells(as_markdown(made, PLACE))
    heads = [table[0] for table in tables]
    ledger = made.outcome.objects if made.outcome and made.outcome.objects else made.objects
    asked = next(iter(made.request["restore_objects_map"].values()))  # type: ignore[attr-defined]
    expected = [["What", "Value"], ["Time", "Source", "It found"], ["What", "Value"]]
    if ledger or [name for name in asked.split(",") if name]:
        ours = ["Conflict check"] if any(line.seen for line in ledger) else []
        expected.insert(1, ["Name", "Type", *ours, "Dry run", "Restore", "More"])
    assert heads == expected
    for table in tables:
        assert {len(row) for row in table} == {len(table[0])}
    assert len(shown_cells(list_as_markdown([StoredReceipt(made.run, PLACE, made)] * 2, FOLDER))[0]) == 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a|b", "a|b"),
        ("a`b``c", "a`b``c"),
        ("`a`", "`a`"),
        (" a ", " a "),
        ("a\nb", "a\u240ab"),
        ("<b>x</b>", "<b>x</b>"),
        ("[x](http://evil) @all www.evil.example", "[x](http://evil) @all www.evil.example"),
        ("a\\b\\", "a\\b\\"),
        ("a\\|b", "a⧵|b"),
    ],
)
def test_names_are_shown_as_they_are_in_markdown(name: str, shown: str) -> None:
    """Escaped, not altered; only what parsers of tables disagree on is replaced."""
    line = ReceiptObject(type="table", name=name, dry_run="restored", restore="restored")
    tables = shown_cells(as_markdown(receipt(outcome(objects=[line])), PLACE))
    assert tables[1][1] == [shown, "table", "would restore", "restored", ""]
