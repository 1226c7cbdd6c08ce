"""What the server says of jobs and of the history is data, too: nothing of it is obeyed, by no screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restore_tui.demo.server import Received, Reply
from restore_tui.restore.receipts.render import as_json, as_markdown, as_text
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.hostile_names import IN_SHORT, NASTY, assert_harmless, nasty_in_short
from tests.harness.app.pilot import flat, press, text, until
from tests.harness.app.running import ended, shows
from tests.harness.app.steps import SIZE, app_of, confirm, go
from tests.harness.servers.interceptors import at, changed, instead

MARKUP = ("[/x]", "[bold red]x[/]", "$text-error")
COLUMNS = ("event_message", "status", "user_name", "start_time", "query_id", "job_id")
"""Of the history of restores."""


def assert_as_it_came(shown: str, name: str) -> None:
    """Markup stands there letter by letter: none of it was applied."""
    if name.startswith("[/x]"):
        assert any(part in shown for part in MARKUP), shown


def rewriting(**by_endpoint: Callable[[dict[str, Any]], None]) -> Callable[..., Reply]:
    """An interceptor that changes the data of answers; ``get_job`` is the endpoint ``/get/job``."""
    changes = {f"/{name.replace('_', '/')}": change for name, change in by_endpoint.items()}

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        change = changes.get(received.endpoint)
        if change is None or reply.http_status != 200 or reply.drop or is_dry_job(received, reply):
            return reply
        return changed(change)(reply)

    return intercept


def is_dry_job(received: Received, reply: Reply) -> bool:
    """The response about the job of a dry run is left as it is, so that the walk comes to the restore."""
    if received.endpoint == "/get/job":
        told = json.loads(json.loads(reply.body)["data_str"])
        return "-dry-" in told["info"].get("job_tag", "")
    if received.endpoint == "/create/job":
        return "-dry-" in received.json()["options"]["job_tag"]
    return False


def assert_papers_harmless(home: Path) -> None:
    """The report, the list and the JSON of every receipt: no byte that a terminal would obey."""
    journal = ReceiptStore(home / "state" / "receipts")
    found = journal.runs()
    assert found
    for one in found:
        assert one.receipt is not None, one.problem
        for paper in (
            as_text(one.receipt, one.path),
            as_markdown(one.receipt, one.path),
            as_json(one.receipt),
        ):
            assert not {c for c in paper if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)}
            assert not set(paper) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


@nasty_in_short
async def test_the_error_of_a_job(paced: Paced, nasty: str) -> None:
    """The job ends with a nasty error message: Restore failed, harmless from the top of the words to their end."""

    def dies(data: dict[str, Any]) -> None:
        data |= {"job_status": "ERROR", "running": False, "successful": False}
        data["status_map"] = {"error_message": nasty, nasty: nasty}

    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        paced.server.intercept = rewriting(get_job=dies)
        await confirm(pilot)
        await ended(pilot, "✗ Restore failed")
        assert_harmless(pilot)
        await press(pilot, "end", "home", "pagedown")
        assert_harmless(pilot)
        assert_as_it_came(str(app_of(pilot).session.outcome.error.server_message), nasty)  # type: ignore[union-attr]
    assert paced.server.errors == []
    assert_papers_harmless(paced.home)


@nasty_in_short
async def test_the_status_word_of_a_job(paced: Paced, nasty: str) -> None:
    """A status that nobody knows goes on being requested; stopped, what was found is told harmlessly."""

    def odd(data: dict[str, Any]) -> None:
        data |= {"job_status": nasty, "progress": 7}

    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        paced.server.intercept = rewriting(get_job=odd)
        await confirm(pilot)
        await shows(pilot, "Restoring …")
        assert_harmless(pilot)
        app = app_of(pilot)
        await until(pilot, lambda: app.restore.progress is not None)
        app.restore.stop_waiting.set()
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "What was found")
        await press(pilot, "pagedown", "pagedown")
        assert_harmless(pilot)
        assert_as_it_came(str([f.text for f in app.session.outcome.last_check.evidence]), nasty)  # type: ignore[union-attr]
    assert paced.server.errors == []
    assert_papers_harmless(paced.home)


@nasty_in_short
async def test_another_tag_than_ours(paced: Paced, nasty: str) -> None:
    """info.job_tag of /create/job and /get/job is nasty: it is not taken for our job, and not shown raw."""

    def tag(data: dict[str, Any]) -> None:
        data["info"] = {"job_tag": nasty, nasty: nasty}

    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        paced.server.intercept = rewriting(create_job=tag, get_job=tag)
        await confirm(pilot)
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "What was found")
        await press(pilot, "pagedown")
        assert_harmless(pilot)
    assert paced.server.errors == []
    assert_papers_harmless(paced.home)


@nasty_in_short
async def test_the_list_of_jobs(stage: Stage, nasty: str) -> None:
    """Ids, users and words of other restores are nasty: the confirmation lists them harmlessly, and goes on."""

    def others(data: dict[str, Any]) -> None:
        data |= {
            "job_id": [nasty, f"2{nasty}"],
            "status": ["RUNNING", nasty],
            "endpoint_name": ["/restore/backup", "restore/backup"],
            "auth_id": [nasty, ""],
            "user_data": [nasty, nasty],
            "source_ip": [nasty, nasty],
            "query_text": [nasty, nasty],
            "time_received": [nasty, nasty],
            "flags": [nasty, nasty],
        }

    instead(stage, at("/admin/show/jobs"), changed(others))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "2 other restores run on the server now" in flat(pilot)
        assert_harmless(pilot)
        stage.server.faults.set("/restore/backup=drop-before")
        await confirm(pilot)
        await ended(pilot, "? Outcome unknown")
        await shows(pilot, "What was found")
        await press(pilot, "pagedown")
        assert_harmless(pilot)
    assert stage.server.errors == []
    assert_papers_harmless(stage.home)


@pytest.mark.parametrize(
    ("columns", "nasty"),
    [
        *(pytest.param(COLUMNS, name, id=f"all columns: {id}") for id, name in IN_SHORT.items()),
        *(
            pytest.param((column,), "".join(NASTY[:-1]), id=column, marks=pytest.mark.slow)
            for column in COLUMNS
        ),
    ],
)
async def test_a_row_of_the_history(stage: Stage, columns: tuple[str, ...], nasty: str) -> None:
    """The response is lost, and the history is nasty in these columns: shown harmlessly as evidence, and noted so."""

    def rows(data: dict[str, Any]) -> None:
        table = json.loads(data["json_encoded_response"])
        headers = [h.lower() for h in table["column_headers"]]
        for column in {*columns} & {*headers}:  # what time it is has none of them
            place = f"column_{headers.index(column) + 1}"
            table[place] = [nasty] * len(table[place])
        data["json_encoded_response"] = json.dumps(table)

    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        stage.server.faults.set("/restore/backup=drop")
        instead(stage, at("/execute/sql"), changed(rows))
        await confirm(pilot)
        await until(pilot, lambda: "Receipt:" in text(pilot))
        await shows(pilot, "What was found")
        for _ in range(3):
            assert_harmless(pilot)
            await press(pilot, "pagedown")
        assert_harmless(pilot)
    assert stage.server.errors == []
    assert len(stage.restores) == 1
    assert_papers_harmless(stage.home)


@nasty_in_short
async def test_the_words_of_a_cancel(paced: Paced, nasty: str) -> None:
    """c, Tab, Enter: the server answers the cancel with nasty words, and goes on; the screen does, too."""
    paced.server.cancellable = False

    def words(data: dict[str, Any]) -> None:
        data["status"] = [nasty]

    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await shows(pilot, "Restoring …", "Job ")
        instead(paced, at("/admin/alter/jobs"), changed(words))
        await press(pilot, "c", "tab", "enter")
        await shows(pilot, "The server's reply to the cancel:")
        assert_harmless(pilot)
        assert_as_it_came(text(pilot), nasty)
        paced.server.intercept = None
        paced.let_pass(200)
        await ended(pilot, "✓ Restored")
    assert paced.server.errors == []
