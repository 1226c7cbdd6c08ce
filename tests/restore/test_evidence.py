"""What became of a restore whose answer was lost: only what is new counts, and only what is beyond doubt settles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.outcome import evidence
from restore_tui.restore.outcome.outcome_query import (
    Baseline,
    Evidence,
    OutcomeCheck,
    OutcomeQuery,
    Period,
    ServerClock,
)
from restore_tui.restore.receipts.model import Source
from tests.harness.clock import NOW, FakeClock
from tests.harness.kinetica_client import USER, client
from tests.harness.plans import ID
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Reply, Server
from tests.harness.servers.restore_jobs import (
    ANSWERS,
    GET,
    RUNS,
    SHOW,
    SQL,
    history,
    job,
    listed,
    running,
    sent,
)
from tests.harness.servers.restore_responses import LOST

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
    "start_time": "2026-11-23 07:00:03.250",
    "end_time": "2026-11-23 07:01:04.250",
    "num_files": 3,
    "num_bytes": 4096,
    "num_records": 12,
    "event_message": "",
    "additional_info": '{"dry_run": "false"}',
}
OLD = {**ROW, "query_id": "q-old", "status": "restore_failed"}
TRACE = OutcomeQuery(
    backup="nightly",
    snapshot_id=ID,
    user=USER,
    cluster="blue",
    baseline=Baseline(jobs=frozenset({"7"}), history=frozenset({"q-old"})),
    names=frozenset({"sales.orders"}),
    sent=Period(datetime(2026, 11, 23, 7, 0), datetime(2026, 11, 23, 7, 0, 10)),
)
AS_JOB = replace(TRACE, ticket=JobTicket(TAG, 42))


async def look(server: Server, trace: OutcomeQuery = TRACE) -> OutcomeCheck:
    async with client(server) as kinetica:
        found = await evidence.check_outcome(kinetica, trace, NOW)
    assert sent(server) == []  # whatever is found, nothing here restores
    return found


def of(found: OutcomeCheck, source: Source) -> Evidence:
    (finding,) = [finding for finding in found.evidence if finding.source == source]
    return finding


async def row(server: Server, trace: OutcomeQuery = TRACE, **columns: Any) -> OutcomeCheck:
    """A look where one row is new and has these columns."""
    server.on(SQL, history({**ROW, **columns}, OLD))
    return await look(server, trace)


# The history


async def test_one_new_row_that_is_complete_settles(server: Server) -> None:
    """It tells counts, and its words are there; the row of before does not count, although it failed."""
    found = await row(server, event_message="3 files in place")
    assert found.conclusive is of(found, Source.HISTORY)
    assert (found.conclusive.error, found.conclusive.is_partial, found.conclusive.seconds) == (
        None,
        False,
        61.0,
    )
    assert "12 records" in found.conclusive.text
    assert "3 files in place" in found.conclusive.text


async def test_one_new_row_that_failed_settles_with_its_reason(server: Server) -> None:
    found = await row(server, status="RESTORE_FAILED ", event_message="disk full\x1b[2J")
    assert found.conclusive is not None
    assert found.conclusive.error is not None
    assert "disk full" in found.conclusive.error.server_message
    assert "\x1b" not in found.conclusive.error.server_message + found.conclusive.text


@pytest.mark.parametrize("padding", [0, 200, 5000])
async def test_a_complete_row_with_words_of_trouble_is_no_full_success(server: Server, padding: int) -> None:
    """However long the message is, and wherever in it the trouble stands."""
    trouble = "x" * padding + " 1 object failed: sales.items " + "x" * padding
    for column in ("event_message", "additional_info"):
        found = await row(server, **{column: trouble})
        assert found.conclusive is not None
        assert found.conclusive.is_partial


@pytest.mark.parametrize(
    "additional",
    [
        "Warning: 3 objects could not be restored: ops.t1",
        '{"dry_run": "false", "warnings": ["3 objects could not be restored: ops.t1"]}',
        '{"objects could not be restored": {"count": 3}}',
    ],
)
async def test_warnings_stand_in_the_additional_information(server: Server, additional: str) -> None:
    """The reference has the warnings that did not stop a restore in additional_info: they are shown, and it is never a
    full success."""
    found = await row(server, additional_info=additional)
    assert found.conclusive is not None
    assert found.conclusive.is_partial
    assert "could not be restored" in found.conclusive.text


@pytest.mark.parametrize("info", ["", '{"dry_run": "false", "restore_policy": "replace"}', "dry_run=false"])
async def test_additional_information_without_trouble_is_shown(server: Server, info: str) -> None:
    found = await row(server, additional_info=info)
    assert found.conclusive is not None
    assert not found.conclusive.is_partial
    assert info in found.conclusive.text


async def test_a_row_in_progress_shows_it_at_work(server: Server) -> None:
    found = await row(server, status="restore_in_progress")
    assert (found.conclusive, found.running) == (None, of(found, Source.HISTORY))


@pytest.mark.parametrize(
    "columns",
    [
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
    assert (found.conclusive, found.running) == (None, None)
    assert of(found, Source.HISTORY).text


async def test_a_row_has_to_name_exactly_what_was_asked_for(server: Server) -> None:
    """A restore of one of our two tables, or of these and another one, by the same user, is another one."""
    both = replace(TRACE, names=frozenset({"sales.items", "sales.orders", "reader"}))
    assert (await row(server, both)).conclusive is None
    for spelled in (
        "TABLE = sales.items, sales.orders, ROLE = reader",
        '{"table":"sales.items,sales.orders","role":"reader"}',
        "table: sales.items, sales.orders; role: reader",
    ):
        assert (await row(server, both, objects=spelled)).conclusive is not None
        assert (await row(server, both, objects=f"{spelled}, sales.more")).conclusive is None


async def test_a_schema_is_in_a_row_by_its_name(server: Server) -> None:
    """By its objects it is there too, but as something else than was requested."""
    schema = replace(TRACE, names=frozenset({"sales"}))
    for spelled in ("ALL = sales", "OBJECTS (ALL = sales)", '{"all": "sales"}'):
        assert (await row(server, schema, objects=spelled)).conclusive is not None
    found = await row(server, schema, objects="TABLE = sales.items, sales.orders")
    assert found.conclusive is None
    assert "does not name exactly the requested objects" in of(found, Source.HISTORY).text
    assert (await row(server, schema, objects="ALL = presales")).conclusive is None


@pytest.mark.parametrize(
    "kind", ["DATA SINK", "datasink", "FUNCTION ENVIRONMENT", "RESOURCE GROUP", "STREAM"]
)
async def test_type_words_are_no_objects(server: Server, kind: str) -> None:
    assert (await row(server, objects=f"{kind} = sales.orders")).conclusive is not None


# What makes a row ours


@pytest.mark.parametrize("status", ["restore_complete", "restore_failed"])
@pytest.mark.parametrize(
    "without",
    [
        {"user_name": ""},
        {"backup_id": None},
        {"objects": ""},
        {"objects": "TABLE = sales.orders, sales.items"},
        {"start_time": ""},
        {"start_time": "yesterday"},
        {"start_time": "2026-11-23 06:59:59.000"},
        {"start_time": "2026-11-23 07:00:10.001"},
        {"start_time": "2026-11-23 17:00:03.250"},
        {"start_time": "2026-11-23T07:00:03.250Z"},
        {"start_time": 1795417203250},
    ],
    ids=str,
)
async def test_without_its_identity_no_row_settles(
    server: Server, without: dict[str, Any], status: str
) -> None:
    """User, snapshot, objects and a start while the request was out, all of them: with any one missing, another, or not
    comparable, the row is shown as evidence, with the reason."""
    assert (await row(server, status=status)).conclusive is not None
    found = await row(server, status=status, **without)
    assert (found.conclusive, found.running) == (None, None)
    assert "It may be another restore: " in of(found, Source.HISTORY).text


async def test_without_a_period_or_a_user_no_row_settles(server: Server) -> None:
    assert (await row(server, replace(TRACE, sent=None))).conclusive is None
    assert (await row(server, replace(TRACE, user=""))).conclusive is None
    assert (await row(server, replace(TRACE, snapshot_id=""))).conclusive is None


@pytest.mark.parametrize("trace", [TRACE, replace(TRACE, ticket=JobTicket(TAG, 42))], ids=["direct", "job"])
@pytest.mark.parametrize(
    "undone",
    [
        {"num_files": 0, "num_bytes": 0, "num_records": 0},
        {"event_message": "rolled back; 0 objects"},
        {"event_message": "dry run: validated"},
        {"additional_info": "dryrun=1"},
        {"additional_info": "Dry-run requested"},
        {"additional_info": '{"result": "rollback"}'},
    ],
    ids=str,
)
async def test_a_complete_row_that_restored_nothing_is_no_success(
    server: Server, undone: dict[str, Any], trace: OutcomeQuery
) -> None:
    """Zeros, a rollback or a dry run: whatever identifies it."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, trace, job_id=42, **undone)).conclusive is None
    assert (await row(server, trace, job_id=42 if trace.ticket else 0)).conclusive is not None


async def test_counts_are_needed_where_nothing_but_circumstances_identify_a_row(server: Server) -> None:
    silent = {"num_files": None, "num_bytes": "", "num_records": None}
    assert (await row(server, **silent)).conclusive is None
    server.on(GET, f.error("forgotten"))
    assert (await row(server, AS_JOB, job_id=42, **silent)).conclusive is not None


@pytest.mark.parametrize(
    "columns",
    [
        {"job_id": 42},
        {"query_id": "q-ours"},
        {"additional_info": f'{{"job_tag": "{TAG}"}}'},
        {"job_user_data": TAG},
    ],
    ids=str,
)
async def test_an_id_of_ours_identifies_a_row(server: Server, columns: dict[str, Any]) -> None:
    """Job, query or tag: then nothing else has to be there, and another candidate does not matter."""
    server.on(GET, f.error("forgotten"))
    trace = replace(AS_JOB, ticket=JobTicket(TAG, 42, "q-ours"), sent=None)
    bare = {key: ROW[key] for key in ("query_id", "backup_name", "operation", "status")}
    server.on(SQL, history({**bare, **columns}, {**ROW, "query_id": "q-else"}, OLD))
    settled = (await look(server, trace)).conclusive
    assert settled is not None
    assert settled.identity.split()[0] in ("job", "query", "tag")
    server.on(SQL, history({**bare, **columns}, {**ROW, "query_id": "q-else"}, OLD))
    other = replace(trace, ticket=JobTicket(TAG.replace("-run", "-dry-1"), 43, "q-other"))
    assert (await look(server, other)).conclusive is None


async def test_a_job_id_of_a_row_that_was_there_before_is_no_identity(server: Server) -> None:
    """Job ids start again with the server; query id and tag do not."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, AS_JOB, query_id="q-old", job_id=42)).conclusive is None
    assert (await row(server, replace(AS_JOB, baseline=Baseline()), job_id=42)).conclusive is None
    by_query = replace(AS_JOB, baseline=Baseline(), ticket=JobTicket(TAG, 42, "q-new"))
    assert (await row(server, by_query)).conclusive is not None


IDENTITIES: dict[str, Any] = {
    "user_name": st.sampled_from(["", USER, "ana", None]),
    "backup_id": st.sampled_from([None, ID, int(ID) + 1, ""]),
    "objects": st.sampled_from(
        ["", "TABLE = sales.orders", "TABLE = sales.orders, sales.items", "ALL = sales"]
    ),
    "start_time": st.sampled_from(
        ["", "2026-11-23 07:00:03.250", "2026-11-23 06:59:00.000", "2026-11-23 09:00:00.000", 1795417203250]
    ),
    "job_id": st.sampled_from([None, 0, 41, 42]),
    "query_id": st.sampled_from(["q-new", "q-old", "q-ours"]),
    "num_records": st.sampled_from([None, 0, 12]),
}


@given(
    columns=st.fixed_dictionaries(IDENTITIES),
    status=st.sampled_from(["restore_complete", "restore_failed"]),
    as_job=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_settles_has_an_identity(
    server: Server, columns: dict[str, Any], status: str, as_job: bool
) -> None:
    """Of every mixture of columns: a row settles only with an id of ours, or with all that agrees together."""
    server.on(GET, f.error("forgotten"))
    server.on(SQL, history({**ROW, "num_files": None, "num_bytes": None, **columns, "status": status}, OLD))
    ticket = JobTicket(TAG, 42, "q-ours") if as_job else None
    settled = (await look(server, replace(TRACE, ticket=ticket))).conclusive
    with_id = as_job and (
        columns["query_id"] == "q-ours" or (columns["job_id"] == 42 and columns["query_id"] != "q-old")
    )
    with_all = (
        columns["user_name"] == USER
        and columns["backup_id"] == ID
        and columns["objects"] == "TABLE = sales.orders"
        and columns["start_time"] == "2026-11-23 07:00:03.250"
        and columns["query_id"] != "q-old"
        and (columns["num_records"] == 12 or status == "restore_failed")
    )
    assert settled is None or (with_id or with_all)
    assert settled is None or settled.identity


async def test_a_finding_without_identity_never_settles() -> None:
    """There is no other way to make one that does."""
    assert not Evidence(Source.JOB, "It is done.", error=None).is_conclusive
    assert Evidence(Source.JOB, "It is done.", identity="job 42").is_conclusive


async def test_a_request_that_is_accepted_is_not_missing(server: Server) -> None:
    """*Validated, but not started yet*: it is reported, and looked at again, so that nobody sends it a second time."""
    found = await row(server, status="validated", num_files=0, num_bytes=0, num_records=0)
    assert (found.conclusive, found.running) == (None, of(found, Source.HISTORY))
    assert "was accepted" in of(found, Source.HISTORY).text
    assert "has not started yet (or it is a dry run)" in of(found, Source.HISTORY).text
    named = await row(server, status="validated", additional_info='{"dry_run": "true"}')
    assert named.running is None


# The server's clock


ZONES = st.sampled_from([None, timezone.utc, timezone(timedelta(hours=-5))])
SECONDS = st.floats(0, 10_000, allow_nan=False)


@given(zone=ZONES, steps=st.tuples(SECONDS, SECONDS, SECONDS, SECONDS), at=SECONDS)
def test_a_period_holds_what_happened_in_it(
    zone: timezone | None, steps: tuple[float, ...], at: float
) -> None:
    """Whatever zone the server prints, and whenever between asking and answer it read its clock: what starts while the
    request is out is covered, what starts two seconds before or after is not, unless that cannot be told apart."""
    read = datetime(2026, 11, 23, 7, 0, tzinfo=zone)
    asked, told = steps[0], steps[0] + steps[1]
    true_at = asked + min(at, steps[1])
    sent, lost = told + steps[2], told + steps[2] + steps[3]
    period = ServerClock(read, asked, told).between(sent, lost)
    for moment in (sent, lost, (sent + lost) / 2):
        assert period.covers(read + timedelta(seconds=moment - true_at))
    assert not period.covers(read + timedelta(seconds=lost - asked + 2))
    assert not period.covers(read + timedelta(seconds=sent - told - 2))


@pytest.mark.parametrize("now", [None, "soon", "", "07:00:00"])
async def test_a_server_without_a_clock_is_noted_without_one(server: Server, now: str | None) -> None:
    server.on(SQL, history(OLD, now=now))
    async with client(server) as kinetica:
        noted = await evidence.capture_baseline(kinetica, "nightly", FakeClock())
    assert (noted.history, noted.clock) == (frozenset({"q-old"}), None)


async def test_two_new_rows_are_a_guess(server: Server) -> None:
    """Which of them is ours nobody can tell, also where both say the same."""
    server.on(SQL, history(ROW, {**ROW, "query_id": "q-newer"}, OLD))
    found = await look(server)
    assert (found.conclusive, found.running) == (None, None)
    assert of(found, Source.HISTORY).text.startswith("2 restores")


async def test_a_row_of_another_job_is_not_ours(server: Server) -> None:
    """Where the restore went as a job, the job's id has to be the row's, or untold."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, AS_JOB, job_id=41)).conclusive is None
    assert (await row(server, AS_JOB, job_id=42)).conclusive is not None
    assert (await row(server, AS_JOB, job_id=0)).conclusive is not None


async def test_with_a_token_only_the_job_tells_whose_a_row_is(server: Server) -> None:
    """Which user a token belongs to is not known here: a row that anybody may have made settles nothing."""
    server.on(GET, f.error("forgotten"))
    assert (await row(server, replace(TRACE, user=""), user_name="ana")).conclusive is None
    assert (await row(server, replace(AS_JOB, user=""), user_name="ana")).conclusive is None
    assert (await row(server, replace(AS_JOB, user=""), user_name="ana", job_id=42)).conclusive is not None


async def test_nothing_found_settles_nothing(server: Server) -> None:
    """Not before it arrived, not while it waits, not where the user may not see it: silence proves nothing."""
    server.on(SQL, history(OLD))
    found = await look(server)
    assert (found.conclusive, found.running) == (None, None)
    assert {finding.source for finding in found.evidence} == {Source.RUNNING, Source.HISTORY}


async def test_what_was_not_noted_cannot_be_told_to_be_new(server: Server) -> None:
    """Where the sources could not be read before, one complete row is no proof, and it is said why."""
    server.on(SHOW, listed((9, "RUNNING", USER)))
    found = await row(server, replace(TRACE, baseline=Baseline()))
    assert (found.conclusive, found.running) == (None, None)
    assert all("could not be recorded" in finding.text for finding in found.evidence)


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
    assert (found.conclusive, found.running is not None, found.job_runs) == (None, runs, False)


# The job


async def test_the_jobs_own_answer_goes_before_the_history(server: Server) -> None:
    """The history calls it failed; the job tells every object, and is believed."""
    server.on(GET, job())
    found = await row(server, AS_JOB, status="restore_failed")
    assert found.conclusive is of(found, Source.JOB)
    assert found.conclusive.response is not None
    assert found.conclusive.response.restored_objects == {"sales.orders": "table"}
    assert server.at(GET)[0].json == {"job_id": 42, "options": {}}


async def test_a_job_whose_answer_was_lost_is_found_by_its_tag(server: Server) -> None:
    server.on(GET, running(30))
    found = await look(server, replace(TRACE, ticket=JobTicket(TAG)))
    assert (found.conclusive, found.job_runs) == (None, True)
    assert "30 %" in of(found, Source.JOB).text
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
        "no response",
        "server gone",
        "another endpoint",
        "another tag",
    ],
)
async def test_a_job_that_tells_nothing_settles_nothing(server: Server, says: Fault) -> None:
    """Nor is it told to run; the history may settle it all the same."""
    server.on(GET, says)
    found = await look(server, AS_JOB)
    assert (found.conclusive, found.running) == (None, None)
    assert "runs" not in of(found, Source.JOB).text
    assert (await row(server, AS_JOB)).conclusive is not None


@pytest.mark.parametrize(
    "says",
    [job("DONE", successful=False), job("DONE", running=True), job("CANCELLED")],
    ids=["not successful", "running", "cancelled"],
)
async def test_a_job_that_says_otherwise_keeps_the_history_from_being_proof(
    server: Server, says: Fault
) -> None:
    """Of two sources that disagree none is proof of success, whatever identifies the row; of a failure it may be."""
    server.on(GET, says)
    found = await row(server, AS_JOB, job_id=42)
    assert (found.conclusive, of(found, Source.HISTORY).is_conclusive) == (None, False)
    assert "The job says otherwise" in of(found, Source.HISTORY).text
    failed = (await row(server, AS_JOB, job_id=42, status="restore_failed")).conclusive
    assert failed is not None
    assert failed.error is not None


# Where it is looked


@pytest.mark.parametrize("ring", ["green", ""])
async def test_another_cluster_is_no_evidence(server: Server, ring: str) -> None:
    """Its jobs and its history are its own: it is not even requested them."""
    server.on("/show/system/properties", f.good({"property_map": {"conf.ring_name": ring}}))
    server.on(GET, job())
    found = await row(server, AS_JOB)
    assert (found.conclusive, found.running) == (None, None)
    assert [finding.source for finding in found.evidence] == [Source.SERVER]
    assert [r.path for r in server.received] == ["/show/system/properties"]


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_whatever_a_look_meets_it_is_a_finding(server: Server, fault: Fault) -> None:
    """A server in trouble at one place does not hide what it tells at another."""
    for endpoint in (GET, SHOW, SQL):
        server.on(endpoint, fault)
    found = await look(server, AS_JOB)
    assert (found.conclusive, len(found.evidence)) == (None, 3)
    server.on("/show/system/properties", fault)
    assert [finding.source for finding in (await look(server, AS_JOB)).evidence] == [Source.SERVER]


@given(data=st.tuples(ANSWERS, ANSWERS, ANSWERS))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_no_answer_breaks_a_look(server: Server, data: tuple[Any, ...]) -> None:
    """Whatever stands in the responses: three findings, each with words, and no doubt is settled by nonsense."""
    for endpoint, kind, told in zip(
        (GET, SHOW, SQL), ("get_job", "admin_show_jobs", "execute_sql"), data, strict=True
    ):
        server.on(endpoint, f.always(Reply(f.http(200, f.envelope(told, f"{kind}_response")), keep=True)))
    found = await look(server, AS_JOB)
    assert [bool(finding.text) for finding in found.evidence] == [True, True, True]
    assert found.conclusive is None or found.conclusive.source == Source.JOB
    assert all(finding.text.isprintable() for finding in found.evidence)
