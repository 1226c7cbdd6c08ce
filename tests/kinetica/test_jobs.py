"""Background jobs, what runs, and the history: what we ask, and how little a server has to tell for us to go on."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.client import KineticaClient, NotCancelled
from restore_tui.kinetica.errors import KineticaError, OutcomeUnknown, RequestRejected, UnrecognizedResponse
from restore_tui.kinetica.jobs import JobStatus, JobTicket, history_statement
from tests.harness.kinetica_client import PASSWORD, RESTORED, USER, body, client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.demo_requests import RESTORE, shop
from tests.harness.servers.faulty_server import Fault, Reply, Server
from tests.harness.servers.restore_jobs import ANSWERS
from tests.harness.servers.restore_responses import KNOWN, LOST

CREATE, GET, SQL = "/create/job", "/get/job", "/execute/sql"
SHOW, ALTER = "/admin/show/jobs", "/admin/alter/jobs"
BACKUP = "nightly_shop"
TAG = "restore-tui-20261123T020000Z-abc123-run"
TICKET = JobTicket(TAG, 77)


def answered(data: str, data_type: str, status: int = 200) -> Fault:
    return f.always(Reply(f.http(status, f.envelope(data, data_type)), keep=True))


def admin(data: object, what: str = "show") -> Fault:
    return answered(json.dumps(data), f"admin_{what}_jobs_response")


def rows(**columns: list[Any]) -> Fault:
    """The response of ``/execute/sql``."""
    table: dict[str, Any] = {f"column_{n}": values for n, values in enumerate(columns.values(), 1)}
    table |= {"column_headers": list(columns), "column_datatypes": ["string"] * len(columns)}
    return f.good({"json_encoded_response": json.dumps(table), "has_more_records": False})


# The one POST to /create/job


async def test_a_restore_goes_into_a_job_as_it_is(faulty: Server) -> None:
    """The job holds the very request, as JSON in a string, and carries the tag; its id comes back."""
    faulty.on(CREATE, f.good({"job_id": 8589935593, "info": {"job_tag": TAG}}))
    ticket = await client(faulty).create_restore_job(body(), TAG)
    (received,) = faulty.received
    assert (received.method, received.path) == ("POST", CREATE)
    asked = received.json
    assert json.loads(asked.pop("data_str")) == body()
    assert asked == {
        "endpoint": "/restore/backup",
        "request_encoding": "json",
        "data": "",
        "options": {"job_tag": TAG},
    }
    assert ticket == JobTicket(TAG, 8589935593)


@pytest.mark.parametrize("dry_run", [False, True], ids=["restore", "dry run"])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_job_is_unknown_and_not_sent_twice(faulty: Server, fault: Fault, dry_run: bool) -> None:
    """Whatever comes back instead of a response: one POST, and nobody knows whether the job was taken."""
    faulty.on(CREATE, fault, f.good({"job_id": 1}))
    with pytest.raises(OutcomeUnknown):
        await client(faulty).create_restore_job(body(dry_run), TAG)
    assert [r.path for r in faulty.received] == [CREATE]


@pytest.mark.parametrize(("fault", "kind"), KNOWN.values(), ids=KNOWN)
async def test_a_job_that_is_refused_has_changed_nothing(
    faulty: Server, fault: Fault, kind: type[KineticaError]
) -> None:
    """The server's own no comes before the restore has begun, and the error does not say otherwise."""
    faulty.on(CREATE, fault, f.good({"job_id": 1}))
    with pytest.raises(KineticaError) as caught:
        await client(faulty).create_restore_job(body(), TAG)
    assert type(caught.value) is kind
    assert "Whether something was restored" not in caught.value.impact
    assert [r.path for r in faulty.received] == [CREATE]


@pytest.mark.parametrize(
    "told", ["{}", '{"job_id": null}', '{"job_id": 0}', '{"job_id": -1}', '{"job_id": "x"}']
)
async def test_a_job_whose_id_is_not_told_is_found_by_its_tag(faulty: Server, told: str) -> None:
    """OK without a usable id still means that the job was taken: it is requested by the tag."""
    faulty.on(CREATE, answered(told, "create_job_response"))
    faulty.on(GET, f.good({"job_status": "RUNNING", "info": {"job_tag": TAG}}))
    kinetica = client(faulty)
    ticket = await kinetica.create_restore_job(body(), TAG)
    assert (await kinetica.job(ticket)).status is JobStatus.RUNNING
    assert faulty.at(GET)[0].json == {"job_id": 0, "options": {"job_tag": TAG}}


# How a job stands


@pytest.mark.parametrize(
    ("said", "percent"), [(0, 0), (40, 40), ("40", 40), (130, 100), (-5, None), (None, None), ("soon", None)]
)
async def test_progress_is_a_percentage_or_nothing(faulty: Server, said: object, percent: int | None) -> None:
    """What a server says beyond 0 to 100 is brought back between; what is no number is none."""
    faulty.on(GET, f.good({"job_status": "running", "progress": said}))
    job = await client(faulty).job(TICKET)
    assert (job.status, job.progress) == (JobStatus.RUNNING, percent)
    assert faulty.received[0].json == {"job_id": 77, "options": {}}


@pytest.mark.parametrize(
    "told",
    [
        {"endpoint": "/aggregate/groupby"},
        {"info": {"job_tag": TAG.replace("-run", "-dry-1")}},
        {"endpoint": "/restore/backup", "info": {"job_tag": "somebody-elses"}},
    ],
)
async def test_an_answer_about_another_job_is_none(faulty: Server, told: dict[str, Any]) -> None:
    """Ids are counters: another cluster, or a server started anew, has given ours to another job. What became of
    that one is not told as what became of the restore."""
    faulty.on(GET, f.good({"job_status": "DONE", "job_response_str": json.dumps(RESTORED), **told}))
    with pytest.raises(RequestRejected, match="another job"):
        await client(faulty).job(TICKET)


@pytest.mark.parametrize("dry_run", [False, True], ids=["restore", "dry run"])
@pytest.mark.parametrize("returned", ["", TAG, TAG.replace("-run", "-dry-1")])
@pytest.mark.parametrize("number", [77, None])
async def test_a_job_asked_for_by_its_tag_alone_has_to_return_it(
    faulty: Server, returned: str, number: int | None, dry_run: bool
) -> None:
    """A server that passes over the option may answer with its newest job, such as the dry run's. By its id a missing
    tag says nothing, another one that it is another job; the dry run itself does without."""
    faulty.on(
        GET,
        f.good(
            {"job_status": "DONE", "job_response_str": json.dumps(RESTORED), "info": {"job_tag": returned}}
        ),
    )
    asked = client(faulty).job(JobTicket(TAG, number, dry_run=dry_run))
    if returned == TAG or (returned == "" and (number or dry_run)):
        assert (await asked).status is JobStatus.DONE
    else:
        with pytest.raises(RequestRejected, match="another job"):
            await asked


async def test_an_id_that_comes_with_another_tag_is_not_ours(faulty: Server) -> None:
    """/create/job that answers about another job: the job is requested by our tag."""
    faulty.on(CREATE, f.good({"job_id": 41, "info": {"job_tag": "nightly-refresh", "query_id": " q-1 "}}))
    ticket = await client(faulty).create_restore_job(body(), TAG)
    assert ticket == JobTicket(TAG, None, "q-1")
    assert (await client(faulty).create_restore_job(body(dry_run=True), TAG)).dry_run


async def test_a_cancellation_that_is_only_requested_is_no_end(faulty: Server) -> None:
    """The reference calls a job CANCELLED once that was requested; while it runs, it runs."""
    faulty.on(
        GET,
        f.good({"job_status": "CANCELLED", "running": True}),
        f.good({"job_status": "CANCELLED", "running": False}),
    )
    kinetica = client(faulty)
    assert [(await kinetica.job(TICKET)).status for _ in range(2)] == [JobStatus.RUNNING, JobStatus.CANCELLED]


async def test_a_cancel_is_sent_once_and_reported_in_the_servers_words(faulty: Server) -> None:
    """The server may say no in an OK, and refuse outright; a lost answer is not sent after."""
    faulty.on(GET, f.good({"job_status": "RUNNING", "info": {"job_tag": "t"}}))
    faulty.on(ALTER, admin({"job_ids": [77], "status": ["not cancelled: a write"]}, "alter"), f.error("no"))
    kinetica = client(faulty)
    assert await kinetica.cancel_job(JobTicket("t", 77)) == "not cancelled: a write"
    with pytest.raises(RequestRejected) as refused:
        await kinetica.cancel_job(JobTicket("t", 77))
    assert "The server refused the cancel" in refused.value.impact
    for fault in (f.DROP, f.error("Internal error", 500), f.page(502)):
        faulty.on(ALTER, fault, admin({}, "alter"))
        with pytest.raises(OutcomeUnknown) as lost:
            await kinetica.cancel_job(JobTicket("t", 77))
        assert "not known" in lost.value.impact
    assert [r.json for r in faulty.at(ALTER)] == [{"job_ids": [77], "action": "cancel", "options": {}}] * 5
    assert [r.path for r in faulty.received] == [GET, ALTER] * 5


@pytest.mark.parametrize(
    ("ticket", "says"),
    [
        (JobTicket("t"), f.good({"job_status": "RUNNING", "info": {"job_tag": "t"}})),
        (JobTicket("t", 77), f.good({"job_status": "RUNNING"})),
        (JobTicket("t", 77), f.good({"job_status": "RUNNING", "info": {"job_tag": "somebody-elses"}})),
        (
            JobTicket("t", 77),
            f.good({"job_status": "RUNNING", "endpoint": "/clear/table", "info": {"job_tag": "t"}}),
        ),
        (JobTicket("t", 77), f.error("Job '77' not found")),
        (JobTicket("t", 77), f.error("Unauthorized", 401)),
        (JobTicket("t", 77), f.page(502)),
        (JobTicket("t", 77), f.DROP),
    ],
    ids=["no id", "no tag", "another tag", "another endpoint", "forgotten", "401", "502", "no contact"],
)
async def test_a_cancel_is_sent_to_no_job_that_is_not_surely_ours(
    faulty: Server, ticket: JobTicket, says: Fault
) -> None:
    """Ids start again with the server: without a response that has our tag nothing is sent, never an empty list either,
    and that no cancel was sent is then said."""
    faulty.on(GET, says)
    faulty.on(ALTER, admin({"status": ["cancelled"]}, "alter"))
    with pytest.raises(NotCancelled) as caught:
        await client(faulty).cancel_job(ticket)
    assert faulty.at(ALTER) == []
    assert "No cancel was sent" in caught.value.impact


async def test_a_password_in_a_message_inside_of_an_answer_is_taken_out(faulty: Server) -> None:
    """A job's reason and a row's message are words like any other: what they echo of our login goes no further."""
    echo = f"cannot log in as night_operator:{PASSWORD} (rank 2)"
    faulty.on(GET, f.good({"job_status": "ERROR", "status_map": {"error_message": echo}}))
    faulty.on(SQL, rows(query_id=["q"], event_message=[echo]))
    faulty.on(ALTER, admin({"status": [echo]}, "alter"))
    kinetica = client(faulty)
    said = [(await kinetica.job(TICKET)).error, (await kinetica.history("b"))[0]["event_message"]]
    faulty.on(GET, f.good({"job_status": "RUNNING", "info": {"job_tag": "t"}}))
    said.append(await kinetica.cancel_job(JobTicket("t", 77)))
    assert all("rank 2" in words and PASSWORD not in words for words in said)


# The history


@pytest.mark.parametrize(
    ("backup", "literal"),
    [("nightly", "'nightly'"), ("it's", "'it''s'"), ("'; DROP", "'''; DROP'"), ("a\\'b", "'a\\''b'")],
)
async def test_the_backups_name_is_a_literal(faulty: Server, backup: str, literal: str) -> None:
    """Whatever stands in a backup's name stays inside of the quotes."""
    faulty.on(SQL, rows())
    await client(faulty).history(backup)
    statement = faulty.received[0].json["statement"]
    assert f"WHERE backup_name = {literal} ORDER BY" in statement
    assert statement.startswith("SELECT * FROM ki_catalog.ki_backup_history ")


@given(st.text())
def test_no_name_leaves_its_literal(backup: str) -> None:
    """Between the first quote and the last, every quote is one of a pair, and undoubled it is the name."""
    before, _, after = history_statement(backup).partition("'")
    inside = after.rpartition("'")[0]
    assert inside.replace("''", "") == inside.replace("'", "")
    assert inside.replace("''", "'") == backup
    assert "'" not in before


async def test_rows_of_other_backups_are_not_ours(faulty: Server) -> None:
    """A server that does not take the condition as meant must not make another backup's restore ours; a server that
    has no such column is believed."""
    faulty.on(
        SQL,
        rows(query_id=["1", "2", "3"], backup_name=["nightly", "weekly", None]),
        rows(query_id=["1", "2"]),
    )
    kinetica = client(faulty)
    assert [row["query_id"] for row in await kinetica.history("nightly")] == ["1"]
    assert [row["query_id"] for row in await kinetica.history("nightly")] == ["1", "2"]


NO_TABLES = ["null", "7", "[]", "{", '{"column_headers": 5}', '{"column_headers": ["a"], "column_1": 1}']


@pytest.mark.parametrize("table", NO_TABLES)
async def test_rows_that_are_no_table_are_not_read(faulty: Server, table: str) -> None:
    faulty.on(SQL, f.good({"json_encoded_response": table}))
    with pytest.raises(UnrecognizedResponse):
        await client(faulty).history("nightly")


async def test_half_a_character_in_a_row_stays_out_of_the_receipt(faulty: Server) -> None:
    """The key of a row is noted in the receipt: it must be text that a file takes."""
    table = '{"column_1": ["\\ud800"], "column_headers": ["query_id"]}'
    faulty.on(SQL, f.good({"json_encoded_response": table}))
    (row,) = await client(faulty).history("nightly")
    assert row.key.encode()


async def test_what_runs_is_read_from_lists_of_unequal_length(faulty: Server) -> None:
    """A list that is too short, or missing, leaves its field empty."""
    lists = {"job_id": [1, 2], "status": ["RUNNING"], "endpoint_name": ["restore/backup", None]}
    faulty.on(SHOW, admin(lists))
    first, second = await client(faulty).running_jobs()
    assert (first.id, first.is_restore, first.is_over, first.user) == ("1", True, False, "")
    assert (second.id, second.status, second.is_restore) == ("2", "", False)
    assert faulty.received[0].json == {"options": {"show_async_jobs": "true"}}


READS: dict[str, Callable[[KineticaClient], Awaitable[object]]] = {
    "get_job": lambda us: us.job(TICKET),
    "admin_show_jobs": lambda us: us.running_jobs(),
    "execute_sql": lambda us: us.history("nightly"),
}


@given(read=st.sampled_from(sorted(READS)), data=ANSWERS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_no_answer_breaks_a_read(faulty: Server, read: str, data: dict[str, Any]) -> None:
    """Whatever types a server puts into its fields, a read gives its values or says KineticaError."""
    faulty.on("", answered(json.dumps(data), f"{read}_response"))
    async with client(faulty) as kinetica:
        with suppress(KineticaError):
            await READS[read](kinetica)


@pytest.mark.parametrize("depth", [20, 900, 985, 990, 991, 992, 993, 994, 995, 5000])
async def test_no_depth_breaks_a_read(faulty: Server, depth: int) -> None:
    """Nesting that the decoder just takes, and what comes after it does not, is a KineticaError as well."""
    faulty.on(GET, answered('{"job_status": ' + "[" * depth + "]" * depth + "}", "get_job_response"))
    with suppress(KineticaError):
        assert (await client(faulty).job(TICKET)).status is JobStatus.OTHER


# With the demo server


async def test_a_job_is_read_to_its_end_from_the_demo() -> None:
    """Create, look by id and by tag, what runs, and the row that it leaves in the history."""
    with DemoServer(shop(), base_path="/gpudb-0", user=USER, password=PASSWORD) as demo:
        async with client(demo.url) as us:
            before = {row.key for row in await us.history(BACKUP)}
            ticket = await us.create_restore_job({**RESTORE, "options": {"dry_run": "false"}}, TAG)
            by_id, by_tag = await us.job(ticket), await us.job(JobTicket(TAG))
            assert by_id == by_tag
            assert by_id.status is JobStatus.DONE
            assert str(ticket.id) in {
                job.id for job in await us.running_jobs() if job.is_restore and job.is_over
            }
            (row,) = [row for row in await us.history(BACKUP) if row.key not in before]
            assert (row.is_restore, row.is_dry_run, row.status) == (True, False, "restore_complete")
            assert (row["user_name"], row["job_id"]) == (demo.user, str(ticket.id))
