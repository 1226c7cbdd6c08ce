"""What a response proves about a restore, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.errors import OutcomeUnknown, RequestNotSent, RequestRejected
from restore_tui.kinetica.jobs import JobTicket
from restore_tui.restore.outcome.assessment import Assessment, assess
from restore_tui.restore.plan.plan import NewestSnapshot
from restore_tui.restore.preflight.response_check import MESSAGE_BYTES, dry_run_doubts
from restore_tui.restore.preflight.results import build_results
from restore_tui.restore.receipts.model import Verdict
from tests.harness.plans import answer, contents, plan, rehearsal

OBJECTS = {"table": ["s.a", "s.b"], "user": ["ada"]}
ALL = {"table": "s.a,s.b", "user": "ada"}
NAMED = {"restored_objects": ALL, "restored_bytes": 4096, "restored_files": 3, "restored_records": 77}


def assessed(
    dry: dict[str, Any],
    real: dict[str, Any],
    *,
    objects: dict[str, Any] = OBJECTS,
    options: dict[str, str] | None = None,
    held: Contents | None = None,
    **more: Any,
) -> Assessment:
    snapshot = more.pop("snapshot", None)
    made = rehearsal(
        plan(objects, options, snapshot=snapshot), response=answer(**dry), contents=held or contents(), **more
    )
    response = answer(**real)
    lines = build_results(made.plan.objects, made.contents, made.response, response)
    return assess(made, lines, response, None)


@pytest.mark.parametrize(
    ("real", "verdict"),
    [
        (NAMED, Verdict.RESTORED),
        ({"restored_objects": ALL}, Verdict.RESTORED),
        ({"restored_objects": {"table": "s.a,s.b"}}, Verdict.PARTLY),
        ({"restored_objects": {"table": "s.a,s.b"}, "failed_objects": {"user": "ada"}}, Verdict.PARTLY),
        ({"restored_objects": {"table": "z.other"}}, Verdict.UNKNOWN),
        ({"failed_objects": {"table": "s.a"}}, Verdict.PARTLY),
        ({"failed_objects": ALL}, Verdict.FAILED),
        ({"failed_objects": ["s.a", "s.b", "ada"]}, Verdict.FAILED),
        ({"restored_objects": ALL, "failed_objects": ["s.a"]}, Verdict.PARTLY),
        ({"restored_objects": ALL, "failed_objects": ALL}, Verdict.UNKNOWN),
        ({"restored_objects": ALL, "failed_objects": 2}, Verdict.PARTLY),
        ({"restored_objects": ALL, "failed_objects": {"s": "all"}}, Verdict.PARTLY),
        ({"restored_objects": ALL, "failed_objects": {"other_schema": "schema"}}, Verdict.PARTLY),
        ({"failed_objects": "see the log"}, Verdict.UNKNOWN),
        ({"failed_objects": {"s": "all", "ada": "user"}}, Verdict.UNKNOWN),
        ({"failed_objects": {"all": "s", "user": "ada"}}, Verdict.UNKNOWN),
        (
            {"failed_objects": [{"name": "s", "type": "schema"}, {"name": "ada", "type": "user"}]},
            Verdict.UNKNOWN,
        ),
        ({"failed_objects": {"s": "all"}}, Verdict.PARTLY),
        ({"failed_objects": {"z.other": "table"}}, Verdict.UNKNOWN),
        ({"failed_objects": ALL, "restored_objects": {"s": "schema"}}, Verdict.UNKNOWN),
        ({"failed_objects": ALL, "restored_objects": {"table": "s.a"}}, Verdict.UNKNOWN),
        ({"failed_objects": ALL, "renamed_objects": {"s.a": "old.a"}}, Verdict.UNKNOWN),
        ({"restored_objects": "3 objects"}, Verdict.PARTLY),
        ({"restored_objects": ALL, "renamed_objects": 7}, Verdict.PARTLY),
        ({}, Verdict.UNKNOWN),
        ({"restored_bytes": 4096, "restored_files": 3, "restored_records": 77}, Verdict.UNKNOWN),
    ],
)
def test_the_verdict_follows_from_the_objects(real: dict[str, Any], verdict: Verdict) -> None:
    """The dry run named all three objects: failures, silence and contradictions are never Restored."""
    assert assessed(NAMED, real).verdict is verdict


def test_silence_is_accepted_where_the_dry_run_was_as_silent() -> None:
    """A server that reports totals only says all that it ever says."""
    totals = {"restored_bytes": 4096, "restored_files": 3, "restored_records": 77}
    assert assessed(totals, totals).verdict is Verdict.RESTORED
    assert assessed({}, {}).verdict is Verdict.RESTORED
    told = assessed(NAMED, {})
    assert told.reasons == ("The server reported OK, but named no object. Its dry run named 3 objects.",)


@pytest.mark.parametrize("named", [{}, {"restored_objects": ALL}], ids=["silent", "named"])
@pytest.mark.parametrize("total", ["restored_bytes", "restored_files", "restored_records"])
def test_a_total_of_zero_contradicts_a_dry_run_that_had_something(named: dict[str, Any], total: str) -> None:
    """Nothing restored where the dry run had data is no restore, whatever is named."""
    dry = {**named, "restored_bytes": 4096, "restored_files": 3, "restored_records": 77}
    told = assessed(dry, {**dry, total: 0})
    assert told.verdict is Verdict.UNKNOWN
    assert "its dry run reported" in told.reasons[0]


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"ddl_only": "true"}},
        {"listed": Snapshot("1732000000000", kind="incremental")},
        {"listed": Snapshot("1732000000000", kind="DIFFERENTIAL")},
        {"objects": {"user": ["ada"]}},
    ],
    ids=repr,
)
def test_a_total_of_zero_is_no_contradiction_where_none_is_expected(more: dict[str, Any]) -> None:
    """Definitions only, nothing with data, or a snapshot whose counts are changes."""
    real = {**NAMED, "restored_bytes": 0, "restored_files": 0, "restored_records": 0}
    if "objects" in more:
        real["restored_objects"] = {"user": "ada"}
    assert assessed(NAMED, real, **more).verdict is Verdict.RESTORED


def test_a_silent_zero_contradicts_the_list_of_the_snapshot() -> None:
    """Where neither dry run nor restore names anything, what the snapshot lists still speaks."""
    held = Contents.of([BackedUpObject("table", "s.a", 100, 60), BackedUpObject("table", "s.b", 0, 0)])
    told = assessed({}, {"restored_bytes": 0, "restored_records": 0}, held=held)
    assert (told.verdict, told.reasons) == (
        Verdict.UNKNOWN,
        ("The server reports 0 B, 0 records; the snapshot lists 100 B, 60 records.",),
    )


@pytest.mark.parametrize(
    ("real", "reason"),
    [
        ({"backup_name": "weekly"}, "The response is about backup weekly, not nightly."),
        ({"backup_id": 5}, "The response is about snapshot 5, not 1732000000000."),
        ({"backup_id": "f3aa"}, "The response is about snapshot f3aa, not 1732000000000."),
        ({"info": {"backup_id": "6"}}, "The response is about snapshot 6, not 1732000000000."),
        ({"info": {"dry_run": "true"}}, "The response is that of a dry run."),
        ({"dry_run": True}, "The response is that of a dry run."),
        ({"info": {"dryRun": "1"}}, "The response is that of a dry run."),
        ({"message": "Dry run completed"}, "The response is that of a dry run."),
        ({"info": {"note": "dry-run only"}}, "The response is that of a dry run."),
        ({"info": {"BACKUP_ID": "7"}}, "The response is about snapshot 7, not 1732000000000."),
        ({"info": {"datasource_name": "other"}}, "The response is about data source other, not s3."),
        (
            {"info": {"datasource": "ki_home.other"}},
            "The response is about data source ki_home.other, not s3.",
        ),
        ({"dataSourceName": "s3_old"}, "The response is about data source s3_old, not s3."),
        ({"info": {"snapshot_id": "7"}}, "The response is about snapshot 7, not 1732000000000."),
        ({"info": {"Backup-Name": "weekly"}}, "The response is about backup weekly, not nightly."),
        (
            {"info": {"endpoint": "/show/backup"}},
            "The response is about endpoint /show/backup, not /restore/backup.",
        ),
    ],
)
def test_a_response_about_something_else_proves_nothing(real: dict[str, Any], reason: str) -> None:
    """Whatever it says of objects: it is not about this restore."""
    told = assessed(NAMED, {**NAMED, **real})
    assert (told.verdict, told.reasons) == (Verdict.UNKNOWN, (reason,))


@pytest.mark.parametrize(
    "real",
    [
        {"backup_name": ""},
        {"backup_id": None},
        {"backup_id": -1},
        {"backup_id": "1732000000000"},
        {"info": {"backup_id": "-1", "endpoint": "restore/backup", "dry_run": "false"}},
        {"message": "dry_run: false"},
        {"info": {"datasource_name": "s3"}},
        {"info": {"datasource_name": "ki_home.s3"}},
        {"info": {"job_tag": "whatever", "job_id": "17"}},
        {"message": "Restored as its dry run reported"},
        {"info": {"note": "restored s.dry_run"}},
    ],
)
def test_what_is_left_out_is_no_contradiction(real: dict[str, Any]) -> None:
    """A response need not repeat the request."""
    assert assessed(NAMED, {**NAMED, **real}).verdict is Verdict.RESTORED


def test_the_newest_snapshot_is_the_one_of_the_dry_run() -> None:
    """An id that was left empty stands for what the dry run used."""
    newest = NewestSnapshot("1")
    dry = {**NAMED, "backup_id": 2}
    assert assessed(dry, {**NAMED, "backup_id": 2}, snapshot=newest).verdict is Verdict.RESTORED
    assert assessed(dry, {**NAMED, "backup_id": 3}, snapshot=newest).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("added", "verdict"),
    [
        ({"message": "WARNING: restore completed with errors, see log"}, Verdict.WARNED),
        ({"info": {"warnings": "3 of 100 files failed their checksum and were skipped"}}, Verdict.WARNED),
        ({"info": {"s.a": "data skipped: already exists"}}, Verdict.WARNED),
        ({"info": ["2 files could not be read"]}, Verdict.WARNED),
        ({"warnings": ["rank 3 is slow"]}, Verdict.WARNED),
        ({"info": {"clean_dropped_objects": "table: s.old"}}, Verdict.WARNED),
        ({"info": {"note": "rolled back; 0 objects"}}, Verdict.WARNED),
        ({"message": "restored 1 of 3 objects"}, Verdict.WARNED),
        ({"message": "50% complete"}, Verdict.WARNED),
        ({"info": {"progress": "42"}}, Verdict.WARNED),
        ({"info": {"restored": "2 out of 3"}}, Verdict.WARNED),
        ({"error": "boom"}, Verdict.WARNED),
        ({"exception": "java.lang.Error"}, Verdict.WARNED),
        ({"message": "queued"}, Verdict.UNKNOWN),
        ({"message": "Restore started"}, Verdict.UNKNOWN),
        ({"message": "in progress"}, Verdict.UNKNOWN),
        ({"message": "validated only"}, Verdict.UNKNOWN),
        ({"message": "dry run only"}, Verdict.UNKNOWN),
        ({"info": {"status": "pending"}}, Verdict.UNKNOWN),
        ({"info": {"s.a": "queued"}}, Verdict.UNKNOWN),
        ({"info": {"ada": "in progress"}}, Verdict.UNKNOWN),
        ({"state": "RUNNING"}, Verdict.UNKNOWN),
        ({"message": "failed: 0"}, Verdict.RESTORED),
        ({"message": "0 errors"}, Verdict.RESTORED),
        ({"info": {"summary": "3 of 3 restored, failed: 0, skipped: 0"}}, Verdict.RESTORED),
        ({"info": {"failed": "0", "errors": "[]", "note": "no warnings"}}, Verdict.RESTORED),
        ({"errors": [], "error": None, "warnings": 0}, Verdict.RESTORED),
        ({"info": {"ha_state": "running", "subscriptions started": "2"}}, Verdict.RESTORED),
        ({"message": "restore complete"}, Verdict.RESTORED),
        ({"info": {"warnings": "0", "errors": "none", "ranks": "3"}}, Verdict.RESTORED),
        ({"message": "3 objects restored, 0 failed, no warnings"}, Verdict.RESTORED),
        ({"message": "user 'ada' restored"}, Verdict.RESTORED),
    ],
    ids=repr,
)
def test_words_of_trouble_belong_to_the_verdict(added: dict[str, Any], verdict: Verdict) -> None:
    """An OK that comes with words of trouble is restored with warnings; all words are shown either way."""
    told = assessed(NAMED, {**NAMED, **added})
    assert told.verdict is verdict
    assert told.messages != ()


def test_object_names_are_no_words_of_trouble() -> None:
    """A table may be called like a failure."""
    objects = {"table": ["s.failed_orders", "s.error"]}
    named = {"restored_objects": {"table": "s.failed_orders,s.error"}, "message": "restored s.error"}
    assert assessed(named, named, objects=objects).verdict is Verdict.RESTORED


def test_messages_are_bounded() -> None:
    """What is shown and stored of them is at most 64 kB, and says that it was cut off."""
    told = assessed(NAMED, {**NAMED, "message": "ö" * MESSAGE_BYTES, "info": {"late": "failed"}})
    assert sum(len(text.encode()) for text in told.messages) <= MESSAGE_BYTES
    assert told.messages[-1].endswith("…")
    assert told.verdict is Verdict.WARNED  # the verdict rests on all of it


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (RequestRejected("no"), Verdict.FAILED),
        (RequestNotSent("no"), Verdict.FAILED),
        (OutcomeUnknown("?"), Verdict.UNKNOWN),
    ],
)
def test_without_a_response_the_error_decides(error: Any, verdict: Verdict) -> None:
    """Only a lost response is unknown."""
    made = rehearsal()
    assert assess(made, made.results(), None, error).verdict is verdict


def test_a_schema_as_a_whole_vouches_only_where_no_object_in_it_is_named() -> None:
    """A response that names some objects of a schema leaves the others out, whatever it says of the schema."""
    held = contents(("table", "s.a"), ("table", "s.b"))
    dry = {"restored_objects": {"table": "s.a,s.b"}}
    whole = assessed(dry, {"restored_objects": {"s": "all"}}, objects={"all": ["s"]}, held=held)
    some = {"restored_objects": {"s": "all", "s.a": "table"}}
    only_schema = {"restored_objects": {"s": "schema", "s.a": "table"}}
    assert whole.verdict is Verdict.RESTORED
    for real in (some, only_schema):
        assert assessed(dry, real, objects={"all": ["s"]}, held=held).verdict is Verdict.PARTLY


def test_a_dry_run_in_an_unreadable_shape_is_doubted() -> None:
    """It is no refusal, and the confirmation has to say so first."""
    made = rehearsal(plan(OBJECTS), response=answer(restored_objects=ALL, failed_objects=3))
    assert dry_run_doubts(made.results()) == ("failed_objects cannot be read: 3",)


@pytest.mark.parametrize("key", ["FAILED_OBJECTS", "failedObjects", "Failed-Objects"])
def test_a_field_counts_in_any_spelling(key: str) -> None:
    """A failure under a key in another case is the failure that it is, and no remark."""
    assert assessed(NAMED, {**NAMED, key: {"s.a": "table"}}).verdict is Verdict.PARTLY


@pytest.mark.parametrize("zero", ["0", "0.0", "0 B", "0.00 kB", "0 records", 0.0])
def test_zero_in_any_spelling_is_zero(zero: object) -> None:
    """A total of nothing contradicts the dry run, however it is written."""
    assert assessed(NAMED, {**NAMED, "restored_records": zero}).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "more",
    [
        {"restored_records": 12},
        {"restored_bytes": "4096"},
        {"message": "Timeout waiting for rank 1"},
        {"info": {"note": "Kinetica is exiting"}},
        {"failed_objects": {"s.a": "connection to rank 0 lost", "s.b": "table", "ada": "user"}},
    ],
    ids=repr,
)
def test_a_failure_of_everything_may_be_in_doubt(more: dict[str, Any]) -> None:
    """Data that is reported restored, and a server that went away, do not prove a failure."""
    told = assessed(NAMED, {"failed_objects": ALL, **more})
    assert told.verdict is Verdict.UNKNOWN
    assert told.reasons[-1].startswith("The server reports every object failed")


def test_a_schema_that_failed_proves_nothing_of_what_is_in_it() -> None:
    """Requested through its schema, or one by one, with the schema listed or not: some may have been restored."""
    held = contents(("table", "s.a"), ("table", "s.b"))
    for failed in ({"s": "all"}, {"all": "s"}, {"s": "all", "s.a": "table"}):
        for objects in ({"all": ["s"]}, {"table": ["s.a", "s.b"]}):
            told = assessed({}, {"failed_objects": failed}, objects=objects, held=held)
            assert told.verdict is Verdict.UNKNOWN
            assert "a schema as failed" in told.reasons[0]
    told = assessed({}, {"failed_objects": {"s": "all"}}, objects={"all": ["s"]})
    assert told.verdict is Verdict.UNKNOWN
    told = assessed({}, {"failed_objects": {"s.a": "table"}}, objects={"all": ["s"]})
    assert told.verdict is Verdict.UNKNOWN
    told = assessed({}, {"failed_objects": ["s.a", "s.b"]}, objects={"all": ["s"]}, held=held)
    assert told.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("info", "verdict"),
    [
        ({"job_tag": "nightly-refresh"}, Verdict.UNKNOWN),
        ({"jobTag": "restore-tui-x-dry"}, Verdict.UNKNOWN),
        ({"job_id": "8"}, Verdict.UNKNOWN),
        ({"job_tag": "restore-tui-x-run", "job_id": "7"}, Verdict.RESTORED),
        ({"job_tag": "", "job_id": "0"}, Verdict.RESTORED),
    ],
    ids=repr,
)
def test_the_response_in_a_job_is_about_that_job(info: dict[str, str], verdict: Verdict) -> None:
    """The tag and the id that it repeats are compared like all else."""
    made = rehearsal(plan(OBJECTS), response=answer(**NAMED))
    response = answer(**NAMED, info=info)
    lines = build_results(made.plan.objects, made.contents, made.response, response)
    assert assess(made, lines, response, None, JobTicket("restore-tui-x-run", 7)).verdict is verdict


def test_a_dry_run_may_say_that_it_is_all_still_to_be_done() -> None:
    """What a dry run names is named, whatever state it gives it."""
    named = {
        name: {"type": kind, "status": "would be restored"}
        for name, kind in (("s.a", "table"), ("s.b", "table"))
    }
    made = rehearsal(plan({"table": ["s.a", "s.b"]}), response=answer(restored_objects=named))
    assert dry_run_doubts(made.results()) == ()
