"""Every kind of answer that the demo server gives, at every endpoint that it serves: fields and types are the declared
ones, and the official client decodes it to what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gpudb
import pytest

from restore_tui.demo.model import World
from restore_tui.demo.protocol import ENDPOINTS as SERVED
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.servers.demo_requests import DRY_RUN, ENDPOINTS, RESTORE, S3, is_of_type

NIGHTLY = "nightly_shop"
HISTORY = "SELECT * FROM ki_catalog.ki_backup_history"

Ask = Callable[[Any], Any]
"""Asks gpudb for one thing; an answer that is needed on the way is recorded, too."""


def backup(name: str = NIGHTLY, **options: str) -> Ask:
    return lambda kinetica: kinetica.show_backup(name, S3, options)


def restore(objects: dict[str, str], source: str = S3, name: str = NIGHTLY, **options: str) -> Ask:
    return lambda kinetica: kinetica.restore_backup(name, objects, source, options)


def verify(name: str = NIGHTLY, **options: str) -> Ask:
    return lambda kinetica: kinetica.verify_backup(name, S3, options)


def after(first: Ask, kinetica: Any) -> Any:
    first(kinetica)
    return kinetica


def job_of(body: dict[str, Any], kinetica: Any, endpoint: str = "/restore/backup") -> int:
    return int(kinetica.create_job(endpoint, "json", b"", json.dumps(body), {})["job_id"])


def sql(statement: str, **more: Any) -> Ask:
    return lambda kinetica: kinetica.execute_sql(statement, **more)


def of_a_job(body: dict[str, Any], then: Callable[[Any, int], object]) -> Ask:
    return lambda kinetica: then(kinetica, job_of(body, kinetica))


def cancelled(kinetica: Any, number: int) -> None:
    kinetica.admin_alter_jobs([number], "cancel", {})
    kinetica.get_job(number, {})
    kinetica.admin_alter_jobs([number], "cancel", {})


ANSWERED: dict[str, list[Ask]] = {
    "/show/system/properties": [
        lambda kinetica: kinetica.show_system_properties({}),
        lambda kinetica: kinetica.show_system_properties({"properties": "conf.enable_ha"}),
    ],
    "/show/system/status": [lambda kinetica: kinetica.show_system_status({})],
    "/show/datasource": [
        lambda kinetica: kinetica.show_datasource("*", {}),
        lambda kinetica: kinetica.show_datasource(S3, {}),
    ],
    "/show/backup": [
        *(backup(name, show_contents=shown) for name in ("*", "", "night*", "empty_backup", NIGHTLY)
          for shown in ("none", "object_names", "object_files")),
        *(backup("*", backup_type=kind) for kind in ("all", "full", "incremental", "differential")),
        backup("no_such", no_error_if_not_exists="true"),
    ],
    "/verify/backup": [
        *(verify(name, backup_id=number) for name in ("", "*", "night*", NIGHTLY) for number in ("", "-1")),
        verify("nightly_crm"),
        verify("nightly_crm", backup_id=""),
        verify("empty_backup"),
    ],
    "/show/schema": [
        lambda kinetica: kinetica.show_schema("", {}),
        lambda kinetica: kinetica.show_schema("web", {}),
        lambda kinetica: kinetica.show_schema("no_such", {"no_error_if_not_exists": "true"}),
    ],
    "/show/table": [
        *(
            lambda kinetica, name=name, sizes=sizes: kinetica.show_table(name, {sizes: "true"})
            for name in ("*", "web", "web.page_views") for sizes in ("get_sizes", "get_cached_sizes")
        ),
        lambda kinetica: kinetica.show_table("web", {"get_sizes": "true", "get_access_data": "true"}),
        lambda kinetica: kinetica.show_table("no_such", {"no_error_if_not_exists": "true"}),
    ],
    "/show/datasink": [
        lambda kinetica: kinetica.show_datasink("*", {}),
        lambda kinetica: after(restore({"datasink": "inventory.reorder_webhook"}), kinetica).show_datasink("*", {}),
    ],
    "/show/credential": [
        lambda kinetica: kinetica.show_credential("*", {}),
        lambda kinetica: kinetica.show_credential("ki_home.s3_writer", {}),
    ],
    "/show/security": [
        lambda kinetica: kinetica.show_security([], {}),
        lambda kinetica: kinetica.show_security(["ana", "analysts"], {}),
        lambda kinetica: kinetica.show_security([], {"show_current_user": "true"}),
    ],
    "/restore/backup": [
        restore({"all": "sales"}, dry_run="true"),
        restore({"all": "sales"}),
        restore({"all": "sales"}, restore_policy="replace", ddl_only="true"),
        restore({"table": "sales.orders"}, restore_policy="rename"),
        restore({"table": "crm.tickets"}, name="nightly_crm", restore_policy="replace"),
        restore({"role": "analysts", "user": "chen"}, restore_policy="replace"),
    ],
    "/create/job": [lambda kinetica: job_of(RESTORE, kinetica), lambda kinetica: job_of({}, kinetica)],
    "/get/job": [
        of_a_job(RESTORE, lambda kinetica, number: kinetica.get_job(number, {})),
        of_a_job(DRY_RUN, lambda kinetica, number: kinetica.get_job(number, {})),
        of_a_job({**RESTORE, "backup_name": "no_such"}, lambda kinetica, number: kinetica.get_job(number, {})),
        of_a_job(RESTORE, cancelled),
    ],
    "/admin/show/jobs": [
        of_a_job(RESTORE, lambda kinetica, number: kinetica.admin_show_jobs({})),
        of_a_job(RESTORE, lambda kinetica, number: kinetica.admin_show_jobs({"show_async_jobs": "true"})),
        lambda kinetica: kinetica.admin_show_jobs({}),
    ],
    "/admin/alter/jobs": [of_a_job(RESTORE, cancelled), of_a_job(DRY_RUN, cancelled)],
    "/execute/sql": [
        sql(HISTORY),
        sql(f"{HISTORY} WHERE backup_name = 'nobody''s'"),
        sql("SELECT status, end_time FROM ki_catalog.ki_backup_history ORDER BY start_time DESC", limit=1),
        of_a_job(RESTORE, lambda kinetica, number: kinetica.execute_sql(HISTORY)),
    ],
}  # fmt: skip

REFUSED: dict[str, list[Ask]] = {
    "/show/system/properties": [lambda kinetica: kinetica.show_system_properties({"no_such": "x"})],
    "/show/system/status": [lambda kinetica: kinetica.show_system_status({"no_such": "x"})],
    "/show/datasource": [lambda kinetica: kinetica.show_datasource("nowhere", {})],
    "/show/backup": [
        backup("no_such"),
        backup(backup_id="123"),
        backup(show_contents="everything"),
        lambda kinetica: kinetica.show_backup("*", "finance_vault_gcs", {}),
        lambda kinetica: kinetica.show_backup("*", "orders_topic_kafka", {}),
    ],
    "/verify/backup": [
        verify("no_such"),
        verify(backup_id="123"),
        verify("night*", backup_id="123"),
        verify(backup_id="newest"),
        verify("empty_backup", backup_id=""),
        lambda kinetica: kinetica.verify_backup("*", "finance_vault_gcs", {}),
    ],
    "/show/schema": [lambda kinetica: kinetica.show_schema("no_such", {})],
    "/show/table": [
        lambda kinetica: kinetica.show_table("no_such", {}),
        lambda kinetica: kinetica.show_table("web", {"get_sizes": "perhaps"}),
    ],
    "/show/datasink": [lambda kinetica: kinetica.show_datasink("no_such", {})],
    "/show/credential": [lambda kinetica: kinetica.show_credential("no_such", {})],
    "/show/security": [lambda kinetica: kinetica.show_security(["no_such"], {})],
    "/restore/backup": [
        restore({"all": "inventory"}),
        restore({"table": "sales.no_such"}),
        restore({}),
        restore({"all": "sales"}, name="no_such"),
        restore({"all": "sales"}, backup_id="123"),
        restore({"all": "sales"}, restore_policy="perhaps"),
        restore({"no_type": "sales"}),
        restore({"table": "crm.tickets"}, name="nightly_crm", checksum="true"),
    ],
    "/create/job": [lambda kinetica: kinetica.create_job("/no/such", "json", b"", "{}", {})],
    "/get/job": [lambda kinetica: kinetica.get_job(1, {})],
    "/admin/show/jobs": [lambda kinetica: kinetica.admin_show_jobs({"no_such": "x"})],
    "/admin/alter/jobs": [lambda kinetica: kinetica.admin_alter_jobs([1], "dance", {})],
    "/execute/sql": [sql("DROP TABLE x"), sql("SELECT 'x"), sql("SELECT * FROM other.table")],
}

NOT_OF_THE_ANSWER = {"/execute/sql": {"record_type"}}
"""What gpudb adds to an answer after it has decoded it."""


class RecordingDriver:
    """Every reply as it left, and what gpudb made of it."""

    def __init__(self) -> None:
        self.replies: list[tuple[str, Reply]] = []

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        self.replies.append((received.endpoint, reply))
        return reply


class Listening:
    """gpudb, each of its answers kept."""

    def __init__(self, kinetica: Any) -> None:
        self._kinetica = kinetica
        self.decoded: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            answer = getattr(self._kinetica, name)(*arguments, **named)
            self.decoded.append(dict(answer))
            return answer

        return call


def conversation(world: World, asked: list[Ask], *, at_once: bool) -> list[tuple[str, Reply, dict[str, Any]]]:
    """Endpoint, reply and decoded answer, of everything that was asked for, on one server. Where a restore is not done
    at once, its job runs for as long as the test does."""
    recorder = RecordingDriver()
    pace = None if at_once else 1e9
    with DemoServer(world, intercept=recorder, bytes_per_second=pace, scheduler=ManualScheduler()) as server:
        options = {"encoding": "JSON", "username": server.user, "password": server.password}
        kinetica = Listening(gpudb.GPUdb(host=server.url, options=gpudb.GPUdb.Options(options)))
        recorder.replies.clear()
        for ask in asked:
            ask(kinetica)
    assert server.errors == []
    assert len(recorder.replies) == len(kinetica.decoded)
    return [(*kept, decoded) for kept, decoded in zip(recorder.replies, kinetica.decoded, strict=True)]


def test_every_endpoint_is_asked() -> None:
    """Whoever adds an endpoint to the demo server adds its answers and its refusals here."""
    assert set(ANSWERED) == set(REFUSED) == set(SERVED) <= set(ENDPOINTS)


@pytest.mark.parametrize("endpoint", ANSWERED)
def test_an_answer_is_declared_and_decoded(world: World, endpoint: str) -> None:
    said = conversation(world, ANSWERED[endpoint], at_once=endpoint == "/restore/backup")
    assert sum(told == endpoint for told, _, _ in said) >= len(ANSWERED[endpoint])
    for told, reply, decoded in said:
        envelope = json.loads(reply.body)
        data = json.loads(envelope["data_str"])
        assert (reply.http_status, envelope["status"], envelope["message"]) == (200, "OK", "")
        assert envelope["data_type"] == ENDPOINTS[told]["data_type"]
        assert set(envelope) == {"status", "message", "data_type", "data", "data_str"}
        declared = ENDPOINTS[told]["response"]
        assert set(data) == set(declared)
        for name, kind in declared.items():
            assert is_of_type(kind, data[name]), (name, data[name])
        status = decoded.pop("status_info")
        assert (status["status"], status["data_type"]) == ("OK", envelope["data_type"])
        for name in NOT_OF_THE_ANSWER.get(told, ()):
            del decoded[name]
        assert decoded == data


def test_jobs_of_every_status_are_among_them(world: World) -> None:
    said = conversation(world, ANSWERED["/get/job"], at_once=False)
    statuses = {decoded["job_status"] for told, _, decoded in said if told == "/get/job"}
    assert statuses == {"RUNNING", "DONE", "ERROR", "CANCELLED"}


def test_objects_that_were_restored_renamed_and_failed_are_among_them(world: World) -> None:
    said = conversation(world, ANSWERED["/restore/backup"], at_once=True)
    for name in ("restored_objects", "renamed_objects", "failed_objects"):
        assert any(decoded[name] for _, _, decoded in said)


@pytest.mark.parametrize("endpoint", REFUSED)
def test_a_refusal_is_an_envelope_that_the_official_client_understands(world: World, endpoint: str) -> None:
    said = conversation(world, REFUSED[endpoint], at_once=True)
    assert [told for told, _, _ in said] == [endpoint] * len(REFUSED[endpoint])
    for _, reply, decoded in said:
        envelope = json.loads(reply.body)
        assert reply.http_status == 400
        assert envelope == {
            "status": "ERROR", "message": envelope["message"], "data_type": "none", "data": "", "data_str": "",
        }  # fmt: skip
        assert envelope["message"]
        assert decoded["status_info"]["status"] == "ERROR"
        assert decoded["status_info"]["message"] == envelope["message"]
