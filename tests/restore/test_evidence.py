"""What became of a restore whose answer was lost: only what is new counts, and only what is beyond doubt settles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore import evidence
from restore_tui.restore.evidence import Finding, Look, Noted, Trace
from tests import faulty as f
from tests.faulty import Fault, Reply, Server
from tests.kinetica.support import USER, client
from tests.kinetica.test_jobs import ANSWERS
from tests.kinetica.test_verdict import LOST
from tests.restore.support import ID, NOW
from tests.restore.test_ways import (
    GET,
    RUNS,
    SHOW,
    SQL,
    history,
    job,
    listed,
    running,
    sent,
    server,
)

__all__ = ["server"]  # the fixture

TAG = f"restore-tui-{RUNS[0]}-run"
ROW = {
    "query_id": "q-new",
    "backup_name": "nightly",
    "backup_id": int(ID),
    "operation": "restore",
    "objects": "TABLE = sales.orders",
    "user_name": USER,
    "job_id": 0,
    "status": "restore_complete",
    "num_files": 3,
    "num_bytes": 4096,
    "num_records": 12,
    "event_message": "",
    "additional_info": '{"dry_run": "false"}',
}
OLD = {**ROW, "query_id": "q-old", "status": "restore_failed"}
TRACE = Trace(
    backup="nightly",
    snapshot_id=ID,
    user=USER,
    cluster="blue",
    noted=Noted(jobs=frozenset({"7"}), history=frozenset({"q-old"})),
    names=frozenset({"sales.orders"}),
)
AS_JOB = replace(TRACE, ticket=JobTicket(TAG, 42))


async def look(server: Server, trace: Trace = TRACE) -> Look:
    async with client(server) as kinetica:
        found = await evidence.look(kinetica, trace, NOW)
    assert sent(server) == []  # whatever is found, nothing here restores
    return found


def of(found: Look, source: str) -> Finding:
    (finding,) = [finding for finding in found.findings if finding.source == source]
    return finding


async def row(server: Server, trace: Trace = TRACE, **columns: Any) -> Look:
    """A look where one row is new and has these columns."""
    server.on(SQL, history({**ROW, **columns}, OLD))
    return await look(server, trace)


# The history


async def test_one_new_row_that_is_complete_settles(server: Server) -> None:
    """It tells counts, and its words are there; the row of before does not count, although it failed."""
    found = await row(server, event_message="3 files in place")
    assert found.settled is of(found, evidence.HISTORY)
    assert (found.settled.error, found.settled.partly) == (None, False)
    assert "12 records" in found.settled.text
    assert "3 files in place" in found.settled.text


async def test_one_new_row_that_failed_settles_with_its_reason(server: Server) -> None:
    found = await row(server, status="RESTORE_FAILED ", event_message="disk full\x1b[2J")
    assert found.settled is not None
    assert found.settled.error is not None
    assert "disk full" in found.settled.error.words
    assert "\x1b" not in found.settled.error.words + found.settled.text


@pytest.mark.parametrize("padding", [0, 200, 5000])
async def test_a_complete_row_with_words_of_trouble_is_no_full_success(server: Server, padding: int) -> None:
    """However long the message is, and wherever in it the trouble stands."""
    found = await row(server, event_message="x" * padding + " 1 object failed: sales.items " + "x" * padding)
    assert found.settled is not None
    assert found.settled.partly


async def test_a_row_in_progress_shows_it_at_work(server: Server) -> None:
    found = await row(server, status="restore_in_progress")
    assert (found.settled, found.running) == (None, of(found, evidence.HISTORY))


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "validated"},
        {"status": "unknown"},
        {"status": ""},
        {"status": "restore_failed", "additional_info": '{"dry_run": "true"}'},
        {"operation": "backup"},
        {"user_name": "ana"},
        {"backup_id": int(ID) + 1},
        {"backup_name": "weekly"},
        {"objects": "TABLE = sales.items"},
        {"objects": "TABLE = sales.orders_old, presales.orders"},
        {"query_id": "q-old"},
    ],
    ids=str,
)
async def test_a_row_that_may_be_another_restores_settles_nothing(
    server: Server, columns: dict[str, Any]
) -> None:
    """A rehearsal, a backup, another person, snapshot, backup or object, or a row that was there before."""
    found = await row(server, **columns)
    assert (found.settled, found.running) == (None, None)
    assert of(found, evidence.HISTORY).text


async def test_all_that_was_asked_for_has_to_be_in_the_row(server: Server) -> None:
    """A restore of one of our two tables, by the same user, is another one."""
    both = replace(TRACE, names=frozenset({"sales.orders", "sales.items", "reader"}))
    assert (await row(server, both)).settled is None
    for spelled in (
        "TABLE = sales.items, sales.orders, ROLE = reader",
        '{"table":"sales.items,sales.orders","role":"reader"}',
    ):
        assert (await row(server, both, objects=spelled)).settled is not None


async def test_a_schema_is_in_a_row_by_its_name_or_its_objects(server: Server) -> None:
    schema = replace(TRACE, names=frozenset({"sales"}))
    for spelled in ("ALL = sales", "OBJECTS (ALL = sales)", "TABLE = sales.items, sales.orders"):
        assert (await row(server, schema, objects=spelled)).settled is not None
    assert (await row(server, schema, objects="ALL = presales")).settled is None


async def test_two_new_rows_are_a_guess(server: Server) -> None:
    """Which of them is ours nobody can tell, also where both say the same."""
    server.on(SQL, history(ROW, {**ROW, "query_id": "q-newer"}, OLD))
    found = await look(server)
    assert (found.settled, found.running) == (None, None)
    assert of(found, evidence.HISTORY).text.startswith("2 restores")


async def test_a_row_of_another_job_is_not_ours(server: Server) -> None:
    """Where the restore went as a job, the job's id has to be the row's, or untold."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, AS_JOB, job_id=41)).settled is None
    assert (await row(server, AS_JOB, job_id=42)).settled is not None
    assert (await row(server, AS_JOB, job_id=0)).settled is not None


async def test_with_a_token_only_the_job_tells_whose_a_row_is(server: Server) -> None:
    """Which user a token belongs to is not known here: a row that anybody may have made settles nothing."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, replace(TRACE, user=""), user_name="ana")).settled is None
    assert (await row(server, replace(AS_JOB, user=""), user_name="ana")).settled is None
    assert (await row(server, replace(AS_JOB, user=""), user_name="ana", job_id=42)).settled is not None


@pytest.mark.parametrize("column", sorted(set(ROW) - {"operation", "status"}))
async def test_a_column_that_is_missing_speaks_against_nothing(server: Server, column: str) -> None:
    """Which columns a server fills in is not documented."""
    server.on(SQL, history({key: value for key, value in ROW.items() if key != column}))
    assert (await look(server)).settled is not None


async def test_nothing_found_settles_nothing(server: Server) -> None:
    """Not before it arrived, not while it waits, not where the user may not see it: silence proves nothing."""
    server.on(SQL, history(OLD))
    found = await look(server)
    assert (found.settled, found.running) == (None, None)
    assert {finding.source for finding in found.findings} == {evidence.RUNNING, evidence.HISTORY}


async def test_what_was_not_noted_cannot_be_told_to_be_new(server: Server) -> None:
    """Where the sources could not be read before, one complete row is no proof, and it is said why."""
    server.on(SHOW, listed((9, "RUNNING", USER)))
    found = await row(server, replace(TRACE, noted=Noted()))
    assert (found.settled, found.running) == (None, None)
    assert all("could not be noted" in finding.text for finding in found.findings)


# What runs


@pytest.mark.parametrize(
    ("jobs", "runs"),
    [
        ([(9, "RUNNING", USER)], True),
        ([(9, "RUNNING", "")], True),
        ([(7, "RUNNING", USER)], False),
        ([(9, "RUNNING", "ana")], False),
        ([(9, "DONE", USER)], False),
        ([(9, "RUNNING", USER), (10, "RUNNING", USER)], False),
    ],
    ids=["new", "user untold", "was there", "another user", "over", "two"],
)
async def test_a_new_restore_of_this_user_shows_it_at_work(
    server: Server, jobs: list[tuple[int, str, str]], runs: bool
) -> None:
    """It never settles anything."""
    server.on(SHOW, listed(*jobs))
    found = await look(server)
    assert (found.settled, found.running is not None, found.job_runs) == (None, runs, False)


# The job


async def test_the_jobs_own_answer_goes_before_the_history(server: Server) -> None:
    """The history calls it failed; the job tells every object, and is believed."""
    server.on(GET, job())
    found = await row(server, AS_JOB, status="restore_failed")
    assert found.settled is of(found, evidence.JOB)
    assert found.settled.answer is not None
    assert found.settled.answer.restored_objects == {"sales.orders": "table"}
    assert server.at(GET)[0].json == {"job_id": 42, "options": {}}


async def test_a_job_whose_answer_was_lost_is_found_by_its_tag(server: Server) -> None:
    server.on(GET, running(30))
    found = await look(server, replace(TRACE, ticket=JobTicket(TAG)))
    assert (found.settled, found.job_runs) == (None, True)
    assert "30 %" in of(found, evidence.JOB).text
    assert server.at(GET)[0].json == {"job_id": 0, "options": {"job_tag": TAG}}


@pytest.mark.parametrize(
    "says",
    [
        f.error("Job not found"),
        f.page(502),
        f.good({}),
        job("SOMETHING"),
        job("DONE", {"info": {}}),
        job("ERROR", status_map={"error_message": "Kinetica is shutting down"}),
        job("DONE", endpoint="/clear/table"),
        job("DONE", info={"job_tag": TAG.replace("run", "dry-1")}),
    ],
    ids=[
        "forgotten",
        "502",
        "empty",
        "a new word",
        "no answer",
        "server gone",
        "another endpoint",
        "another tag",
    ],
)
async def test_a_job_that_tells_nothing_settles_nothing(server: Server, says: Fault) -> None:
    """Nor is it told to run; the history may settle it all the same."""
    server.on(GET, says)
    found = await look(server, AS_JOB)
    assert (found.settled, found.running) == (None, None)
    assert "runs" not in of(found, evidence.JOB).text
    assert (await row(server, AS_JOB)).settled is not None


# Where it is looked


@pytest.mark.parametrize("ring", ["green", ""])
async def test_another_cluster_is_no_evidence(server: Server, ring: str) -> None:
    """Its jobs and its history are its own: it is not even asked for them."""
    server.on("/show/system/properties", f.good({"property_map": {"conf.ring_name": ring}}))
    server.on(GET, job())
    found = await row(server, AS_JOB)
    assert (found.settled, found.running) == (None, None)
    assert [finding.source for finding in found.findings] == [evidence.SERVER]
    assert [r.path for r in server.received] == ["/show/system/properties"]


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_whatever_a_look_meets_it_is_a_finding(server: Server, fault: Fault) -> None:
    """A server in trouble at one place does not hide what it tells at another."""
    for endpoint in (GET, SHOW, SQL):
        server.on(endpoint, fault)
    found = await look(server, AS_JOB)
    assert (found.settled, len(found.findings)) == (None, 3)
    server.on("/show/system/properties", fault)
    assert [finding.source for finding in (await look(server, AS_JOB)).findings] == [evidence.SERVER]


@given(data=st.tuples(ANSWERS, ANSWERS, ANSWERS))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_no_answer_breaks_a_look(server: Server, data: tuple[Any, ...]) -> None:
    """Whatever stands in the answers: three findings, each with words, and no doubt is settled by nonsense."""
    for endpoint, kind, told in zip(
        (GET, SHOW, SQL), ("get_job", "admin_show_jobs", "execute_sql"), data, strict=True
    ):
        server.on(endpoint, f.always(Reply(f.http(200, f.envelope(told, f"{kind}_response")), keep=True)))
    found = await look(server, AS_JOB)
    assert [bool(finding.text) for finding in found.findings] == [True, True, True]
    assert found.settled is None or found.settled.source == evidence.JOB
    assert all(finding.text.isprintable() for finding in found.findings)
