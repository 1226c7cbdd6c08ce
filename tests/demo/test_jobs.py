"""Restores that take time, background jobs from their begin to their end, and what shows and cancels them."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from restore_tui.demo.model import Backup, LiveObject, World, epoch_milliseconds
from restore_tui.demo.scheduler import ManualScheduler
from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from tests.harness.servers.demo_requests import (
    DRY_RUN,
    NOW,
    RESTORE,
    Answer,
    Meanwhile,
    assert_is_declared,
    create_job,
    get_job,
    job_of,
    post,
    restore,
    shop,
    state,
)

LONG = 10.0
ORDERS = ("table", "sales.orders")


@pytest.fixture
def seconds(slow: DemoServer) -> float:
    """What the restore of the schema sales takes on the slow server."""
    newest = slow.world.backup("nightly_shop").newest
    assert newest is not None
    return sum(thing.bytes for thing in newest.by_schema["sales"]) / 1e9


def running(server: DemoServer, **options: str) -> Any:
    answer = post(server, "/admin/show/jobs", {"options": options})
    assert_is_declared("/admin/show/jobs", answer)
    assert len({len(column) for name, column in answer.data.items() if name != "info"}) == 1
    return answer.data


def alter(server: DemoServer, *job_ids: int, **options: str) -> Answer:
    body = {"job_ids": list(job_ids), "action": "cancel", "options": options}
    return post(server, "/admin/alter/jobs", body)


def cancel(server: DemoServer, *job_ids: int, **options: str) -> list[str]:
    answer = alter(server, *job_ids, **options)
    assert_is_declared("/admin/alter/jobs", answer)
    statuses: list[str] = answer.data["status"]
    return statuses


def test_the_life_of_a_job(slow: DemoServer, watch: ManualScheduler, seconds: float) -> None:
    before = state(slow.world)
    job_id = create_job(slow, RESTORE)
    assert job_id > 2**33
    job = get_job(slow, job_id)
    assert (job["job_status"], job["running"], job["successful"]) == ("RUNNING", True, False)
    assert (job["endpoint"], job["progress"], job["job_response_str"]) == ("/restore/backup", 0, "")
    watch.let_pass(0.3 * seconds)
    assert get_job(slow, job_id)["progress"] == 30
    watch.let_pass(0.6999 * seconds)
    job = get_job(slow, job_id)
    assert (job["job_status"], job["progress"]) == ("RUNNING", 99)
    assert state(slow.world) == before

    watch.let_pass(0.0001 * seconds)
    job = get_job(slow, job_id)
    assert (job["job_status"], job["running"], job["successful"]) == ("DONE", False, True)
    assert (job["progress"], job["response_encoding"], job["status_map"]) == (100, "json", {})
    assert json.loads(job["job_response_str"]) == restore(shop(), {"all": "sales"}).data
    assert ORDERS in slow.world.live
    assert watch.waiting == 0


def test_a_direct_restore_answers_when_it_is_done(
    slow: DemoServer, watch: ManualScheduler, seconds: float, meanwhile: Meanwhile
) -> None:
    body = {**RESTORE, "options": {"job_user_data": "run 7"}}
    answer = meanwhile(post, slow, "/restore/backup", body)
    watch.until_waiting()
    watch.let_pass(0.9 * seconds)
    shown = running(slow)
    assert (shown["status"], shown["endpoint_name"]) == (["RUNNING"], ["/restore/backup"])
    assert (shown["auth_id"], shown["user_data"], shown["flags"]) == (["demo"], ["run 7"], [""])
    assert shown["time_received"] == [epoch_milliseconds(NOW)]
    assert cancel(slow, *shown["job_id"]) == ["not cancelled: writes cannot be cancelled"]
    assert post(slow, "/get/job", {"job_id": shown["job_id"][0], "options": {}}).http_status == 400
    assert ORDERS not in slow.world.live
    watch.let_pass(0.1 * seconds)
    assert ORDERS in slow.world.live
    assert answer.result(LONG).data == restore(shop(), {"all": "sales"}).data
    assert running(slow, show_async_jobs="true")["job_id"] == []


def test_a_dry_run_takes_no_time(slow: DemoServer, watch: ManualScheduler) -> None:
    assert post(slow, "/restore/backup", DRY_RUN).ok
    assert get_job(slow, create_job(slow, DRY_RUN))["job_status"] == "DONE"
    assert watch.waiting == 0


def test_no_restore_takes_longer_than_two_minutes(watch: ManualScheduler) -> None:
    with DemoServer(build_world(now=NOW, big_tables=60), bytes_per_second=1.0, scheduler=watch) as server:
        job_id = create_job(server, RESTORE)
        watch.let_pass(60)
        assert get_job(server, job_id)["progress"] == 50
        watch.let_pass(60)
        assert get_job(server, job_id)["job_status"] == "DONE"


@pytest.mark.parametrize("pace", [0, -1.0, float("nan")])
def test_a_pace_has_to_be_one(world: World, pace: float) -> None:
    with pytest.raises(ValueError, match="bytes_per_second"):
        DemoServer(world, bytes_per_second=pace)


def test_without_a_pace_a_job_is_done_at_once(server: DemoServer) -> None:
    assert get_job(server, create_job(server, RESTORE))["job_status"] == "DONE"
    assert ORDERS in server.world.live


def test_what_came_in_the_way_meanwhile_fails_it(
    slow: DemoServer, watch: ManualScheduler, seconds: float
) -> None:
    job_id = create_job(slow, RESTORE)
    slow.world.add_live([LiveObject("table", "sales.orders", 3)])
    before = state(slow.world)
    watch.let_pass(seconds)
    job = get_job(slow, job_id)
    assert job["job_status"] == "ERROR"
    assert "'sales.orders' already exists" in job["status_map"]["error_message"]
    assert state(slow.world) == before


def test_a_snapshot_that_appears_meanwhile_is_not_restored(
    slow: DemoServer, watch: ManualScheduler, seconds: float
) -> None:
    before = slow.world.backup("nightly_shop").newest
    assert before is not None
    job_id = create_job(slow, RESTORE)
    slow.world.add_snapshot("nightly_shop")
    watch.let_pass(seconds)
    assert json.loads(get_job(slow, job_id)["job_response_str"])["backup_id"] == before.id


def test_what_moves_away_gets_one_schema(slow: DemoServer, watch: ManualScheduler) -> None:
    body = {
        **RESTORE,
        "restore_objects_map": {"table": "inventory.stock_levels"},
        "options": {"restore_policy": "rename"},
    }
    job_id = create_job(slow, body)
    watch.let_pass(LONG)
    renamed = json.loads(get_job(slow, job_id)["job_response_str"])["renamed_objects"]
    expected = f"{shop().new_schema_name()}.stock_levels"
    assert renamed == {"inventory.stock_levels": expected}
    assert ("table", expected) in slow.world.live


def test_jobs_are_shown_while_they_run_and_on_request_afterwards(
    slow: DemoServer, watch: ManualScheduler, seconds: float
) -> None:
    watch.let_pass(60)
    tagged = {**RESTORE, "options": {"job_user_data": "inner"}}
    first = create_job(slow, tagged)
    dry = create_job(slow, DRY_RUN, job_user_data="outer")
    shown = running(slow)
    assert (shown["job_id"], shown["status"], shown["user_data"]) == ([first], ["RUNNING"], ["inner"])
    assert shown["endpoint_name"] == ["/restore/backup"]
    assert "async" in shown["flags"][0]
    assert shown["time_received"] == [epoch_milliseconds(NOW) + 60_000]
    watch.let_pass(seconds)
    assert running(slow)["job_id"] == []
    shown = running(slow, show_async_jobs="true", show_worker_info="false")
    assert (shown["job_id"], shown["status"]) == ([first, dry], ["DONE", "DONE"])
    assert shown["user_data"] == ["inner", "outer"]


def test_cancelling(slow: DemoServer, watch: ManualScheduler, seconds: float) -> None:
    before = state(slow.world)
    first, second = create_job(slow, RESTORE), create_job(slow, RESTORE, job_tag="second")
    watch.let_pass(seconds / 2)
    assert cancel(slow, first, 5) == ["cancelled", "not cancelled: job not found"]
    assert cancel(slow, job_tag="second") == ["cancelled"]
    assert cancel(slow, second) == ["not cancelled: job is not running"]
    watch.let_pass(seconds)
    job = get_job(slow, first)
    assert (job["job_status"], job["running"], job["successful"]) == ("CANCELLED", False, False)
    assert (job["progress"], job["job_response_str"]) == (50, "")
    assert state(slow.world) == before
    assert watch.waiting == 0


def test_a_server_that_cancels_no_restore(slow: DemoServer, watch: ManualScheduler, seconds: float) -> None:
    slow.cancellable = False
    job_id = create_job(slow, RESTORE)
    assert cancel(slow, job_id) == ["not cancelled: writes cannot be cancelled"]
    watch.let_pass(seconds)
    assert get_job(slow, job_id)["job_status"] == "DONE"
    with DemoServer(shop(), cancellable=False) as other:
        assert other.cancellable is False


def test_only_cancelling_is_known(slow: DemoServer) -> None:
    answer = post(slow, "/admin/alter/jobs", {"job_ids": [1], "action": "pause", "options": {}})
    assert answer.http_status == 400
    assert "'pause'" in answer.message
    assert alter(slow, job_tag="nope").http_status == 400


def test_every_version_has_jobs(world: World) -> None:
    with DemoServer(world, server_version="7.2.2.9") as old:
        answer = post(old, "/create/job", job_of(RESTORE))
        assert answer.http_status == 400
        assert "'/restore/backup' cannot be run as a job" in answer.message
        assert running(old)["job_id"] == []


def test_a_server_that_stops_takes_its_jobs_along(
    slow: DemoServer, watch: ManualScheduler, meanwhile: Meanwhile
) -> None:
    before = state(slow.world)
    job_id = create_job(slow, RESTORE)
    direct = meanwhile(post, slow, "/restore/backup", RESTORE)
    watch.until_waiting(2)
    slow.stop()
    assert isinstance(direct.exception(LONG), OSError)
    assert watch.waiting == 0
    slow.start()
    job = get_job(slow, job_id)
    assert (job["job_status"], job["status_map"]) == ("ERROR", {"error_message": "Kinetica is exiting"})
    assert state(slow.world) == before


def test_what_breaks_inside_a_job_is_kept(world: World) -> None:
    with DemoServer(world) as server:
        world.backups["dr_bucket_s3", "nightly_shop"] = cast("Backup", "broken")
        job = get_job(server, create_job(server, RESTORE))
    assert job["job_status"] == "ERROR"
    assert [type(error) for error in server.errors] == [AttributeError]


def test_with_the_real_scheduler(world: World) -> None:
    with DemoServer(world, bytes_per_second=1e13) as server:
        assert post(server, "/restore/backup", RESTORE).ok
        assert ORDERS in world.live
