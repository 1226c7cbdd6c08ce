"""A job followed to its end over a line that comes and goes: a lost poll is a poll, and no failure of the restore."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.errors import OutcomeUnknown, RequestRejected, TlsError
from restore_tui.kinetica.jobs import Job, JobStatus, JobTicket, read_job
from restore_tui.kinetica.responses.models import JobResponse
from restore_tui.restore.polling import Progress, ignore_progress, job_result, poll_job
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import LOGIN, PASSWORD, RESTORED, client
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Reply, Server
from tests.harness.servers.hanging_requests import HangingRequests
from tests.harness.servers.restore_jobs import GET, job, running

TICKET = JobTicket("restore-tui-20261123T020000Z-abc123-run", 42)
LOST_POLLS: dict[str, Fault] = {
    "drop": f.DROP,
    "garbage": f.GARBAGE,
    "truncated": f.truncated({"job_status": "RUNNING"}),
    "502": f.page(502),
    "503 empty": f.page(503, b""),
    "504": f.page(504),
    "a page": f.page(200),
    "another type": f.always(Reply(f.http(200, f.envelope({}, "show_backup_response")))),
    "a redirect": f.redirect(),
    "exiting": f.error("Kinetica is exiting"),
    "offline": f.error("Kinetica is offline", 503),
}


async def followed(
    server: Server, *faults: Fault, **more: Any
) -> tuple[Job | None, list[Progress], FakeClock]:
    server.on(GET, *faults)
    stop = asyncio.Event()
    seen: list[Progress] = []
    clock = FakeClock()
    async with client(server, **more) as kinetica:
        end = await poll_job(kinetica, TICKET, clock, stop, seen.append)
    return end, seen, clock


async def test_progress_is_told_until_the_end(faulty: Server) -> None:
    """Every poll is by the job's id, every answer is reported, and the end is returned, not reported."""
    end, seen, _ = await followed(faulty, running(0), running(40), running(99), job())
    assert end is not None
    assert end.status is JobStatus.DONE
    assert [(p.percent, p.lost_since) for p in seen] == [(0, None), (40, None), (99, None)]
    assert [p.reached for p in seen] == sorted(p.reached for p in seen)
    assert [r.json for r in faulty.received] == [{"job_id": 42, "options": {}}] * 4


@pytest.mark.parametrize("status", ["DONE", "ERROR", "CANCELLED"])
async def test_each_end_is_one(faulty: Server, status: str) -> None:
    end, _, _ = await followed(faulty, running(5), job(status))
    assert end is not None
    assert end.status.value == status


async def test_an_unheard_of_status_is_no_end(faulty: Server) -> None:
    """QUEUED, or a word of tomorrow: the job is requested until one of the three ends comes."""
    end, seen, _ = await followed(faulty, job("QUEUED"), job(""), job())
    assert end is not None
    assert len(seen) == 2


@pytest.mark.parametrize("fault", LOST_POLLS.values(), ids=LOST_POLLS)
async def test_a_lost_poll_is_no_failure(faulty: Server, fault: Fault) -> None:
    """It is said that there is no contact, since when and why; then it is asked again, and the end is found."""
    polls = 3 if fault in (f.DROP, f.GARBAGE) else 1  # a read whose line breaks is asked twice more at once
    polls = 3 if fault is LOST_POLLS["truncated"] else polls
    end, seen, _ = await followed(faulty, running(30), *[fault] * polls, running(60), job())
    assert end is not None
    before, lost, after = seen
    assert (before.percent, before.lost_since) == (30, None)
    assert (lost.percent, lost.lost_since is not None) == (30, True)
    assert lost.lost_why
    assert (after.percent, after.lost_since, after.lost_why) == (60, None, "")


async def test_a_silent_server_is_a_lost_poll(faulty: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that is never answered is given up after its time, and the following goes on."""
    end, seen, _ = await followed(faulty, HangingRequests(monkeypatch).never(), job())
    assert end is not None
    assert [p.lost_since is not None for p in seen] == [True]


async def test_a_handshake_that_breaks_is_a_lost_poll(
    faulty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that drops while TLS is set up looks like bad TLS; the job goes on all the same."""
    kinetica = client(faulty)
    answers: list[Job | TlsError] = [TlsError("EOF"), Job(JobStatus.DONE)]

    async def ask(ticket: JobTicket) -> Job:
        answer = answers.pop(0)
        if isinstance(answer, TlsError):
            raise answer
        return answer

    monkeypatch.setattr(kinetica, "job", ask)
    end = await poll_job(kinetica, TICKET, FakeClock(), asyncio.Event(), lambda progress: None)
    assert end == Job(JobStatus.DONE)


async def test_without_contact_the_pauses_grow(faulty: Server) -> None:
    """A server that is down is not hammered, and not forgotten; the contact's pauses begin anew after it."""
    lost = [f.page(502)] * 9
    _, seen, clock = await followed(faulty, running(1), *lost, running(2), *lost[:2], running(3), job())
    first, second = clock.pauses[1:10], clock.pauses[11:13]
    assert first == sorted(first)
    assert first[0] >= 1
    assert 10 <= first[-1] <= 60
    assert first[-1] == first[-2]  # bounded
    assert second == first[:2]
    assert max(clock.pauses[0], clock.pauses[10], clock.pauses[13]) < 1
    since = [p.lost_since for p in seen]
    assert len(set(since[1:10])) == 1  # without contact since one moment, however often it is tried
    assert since[11] == since[12] != since[1]
    assert [since[n] for n in (0, 10, 13)] == [None, None, None]


async def test_contact_is_kept_without_hurry(faulty: Server) -> None:
    """A short job is soon told to be done; a long one is requested every other second, not more."""
    _, _, clock = await followed(faulty, *[running(n) for n in range(30)], job())
    assert clock.pauses[0] <= 0.5
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] == 2.0


@pytest.mark.parametrize(
    ("no", "said"),
    [
        (f.error("Job '42' not found"), "no longer knows the job"),
        (f.error("Job '42' does not exist"), "no longer knows the job"),
        (f.error("Insufficient privileges to see jobs"), "You are not allowed to query"),
        (f.error("Unknown endpoint", 404), "no longer reports the job"),
        (f.page(404), "no longer reports the job"),
    ],
    ids=["not found", "not there", "no privilege", "404", "404 page"],
)
async def test_a_server_that_does_not_tell_of_the_job_settles_nothing(
    faulty: Server, no: Fault, said: str
) -> None:
    """The job may be forgotten, hidden, or on another cluster: unknown, with the reason as far as it is known, and the
    server's words."""
    with pytest.raises(OutcomeUnknown, match=said) as caught:
        await followed(faulty, running(30), no, job())
    assert caught.value.server_message
    assert len(faulty.received) == 2


# A login that expires


EXPIRED: dict[str, Fault] = {
    "401": f.error("Unauthorized: token expired", 401),
    "401 page": f.page(401),
    "400": f.error("Insufficient credentials"),
    "400 token": f.error("The OAuth token has expired"),
}
NEW = Secret("n3w-battery-staple")


def header(received: f.Received) -> str:
    return received.headers["authorization"]


@pytest.mark.parametrize("expired", EXPIRED.values(), ids=EXPIRED)
async def test_an_expired_login_is_read_again_from_its_file_once(faulty: Server, expired: Fault) -> None:
    """The token was renewed in its file meanwhile: it is read once for each time that the login expires, and the
    following goes on without a word. It never ends it."""
    login = replace(LOGIN, password=NEW)
    faulty.on(GET, running(30), expired, running(60), job())
    seen: list[Progress] = []
    async with client(faulty, read_login=lambda: login) as kinetica:
        end = await poll_job(kinetica, TICKET, FakeClock(), asyncio.Event(), seen.append)
    assert end is not None
    assert end.status is JobStatus.DONE
    assert [(p.percent, p.refusals) for p in seen] == [(30, 0), (60, 0)]
    before, after = LOGIN.header(), login.header()
    assert [header(r) for r in faulty.received] == [before, before, after, after]


@pytest.mark.parametrize("expired", EXPIRED.values(), ids=EXPIRED)
@pytest.mark.parametrize("in_file", [None, LOGIN, replace(LOGIN, password=Secret("as-old-as-the-other"))])
async def test_where_the_file_does_not_help_somebody_logs_in(
    faulty: Server, expired: Fault, in_file: Login | None
) -> None:
    """No file, the same secret, or one that is refused as well: nothing more is asked until a login is given, as often
    as it takes; then the job is followed on."""
    polls = 2 if in_file not in (None, LOGIN) else 1
    faulty.on(GET, running(30), *[expired] * polls, expired, running(60), job())
    seen: list[Progress] = []
    good = replace(LOGIN, password=NEW)
    kinetica = client(faulty, read_login=lambda: in_file)

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.refusals:
            wrong = replace(LOGIN, password=Secret("wrong-password"))
            asyncio.get_running_loop().create_task(kinetica.log_in(wrong if progress.refusals == 1 else good))

    async with kinetica:
        end = await poll_job(kinetica, TICKET, FakeClock(), asyncio.Event(), watch)
    assert end is not None
    assert end.status is JobStatus.DONE
    assert [(p.percent, p.refusals) for p in seen] == [(30, 0), (30, 1), (30, 2), (60, 0)]
    assert "no longer accepts your login" in seen[1].lost_why
    assert header(faulty.received[-1]) == good.header()


async def test_stop_ends_the_wait_for_a_login(faulty: Server) -> None:
    """Who stops waiting, or leaves, need not log in; no poll goes out meanwhile."""
    stop = asyncio.Event()
    faulty.on(GET, EXPIRED["401"])
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        asyncio.get_running_loop().call_soon(stop.set)

    assert await poll_job(client(faulty), TICKET, FakeClock(), stop, watch) is None
    assert (len(seen), len(faulty.received)) == (1, 1)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_where_nobody_can_log_in_it_ends(faulty: Server, dry_run: bool) -> None:
    """A dry run, which is only sent again, and whoever gets no reports: unknown, and not for a job that is gone."""
    faulty.on(GET, EXPIRED["401"])
    ticket = replace(TICKET, dry_run=dry_run)
    report = (lambda progress: None) if dry_run else ignore_progress
    with pytest.raises(OutcomeUnknown, match="no longer accepts your login"):
        await poll_job(client(faulty), ticket, FakeClock(), asyncio.Event(), report)


async def test_no_secret_is_in_the_log_of_a_new_login(
    faulty: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await test_an_expired_login_is_read_again_from_its_file_once(
        faulty, f.error(f"no {NEW.reveal()} for {PASSWORD}", 401)
    )
    assert NEW.reveal() not in caplog.text + repr(client(faulty, read_login=lambda: LOGIN).link)
    assert PASSWORD not in caplog.text


async def test_another_clusters_job_of_the_same_id_is_not_followed(faulty: Server) -> None:
    """The ring switched over: there, 42 is somebody else's restore, and its end is not ours."""
    foreign = job("DONE", info={"job_tag": "nightly-refresh"})
    with pytest.raises(OutcomeUnknown):
        await followed(faulty, running(30), foreign)


async def test_stop_ends_it_in_a_pause(faulty: Server) -> None:
    """Who stops waiting in a pause is not kept for the rest of it; nothing more is asked."""
    faulty.on(GET, running(1))
    stop = asyncio.Event()
    clock = FakeClock()
    clock.at_pause = lambda: len(clock.pauses) >= 3 and stop.set()
    assert await poll_job(client(faulty), TICKET, clock, stop, lambda progress: None) is None
    assert len(faulty.received) == 3


async def test_stop_ends_it_in_a_poll(faulty: Server) -> None:
    """Nor does a poll that is under way have to be answered first."""
    faulty.on(GET, f.never())
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    faulty.at_arrival = lambda received: (loop.call_soon_threadsafe(stop.set), None)[1]
    ended = poll_job(client(faulty), TICKET, FakeClock(), stop, lambda progress: None)
    assert await asyncio.wait_for(ended, f.PATIENCE) is None
    faulty.release()


async def test_stopped_before_it_began_it_asks_nothing(faulty: Server) -> None:
    stop = asyncio.Event()
    stop.set()
    assert await poll_job(client(faulty), TICKET, FakeClock(), stop, lambda progress: None) is None
    assert faulty.connections == 0


async def test_a_cancelled_following_leaves_no_request_behind(faulty: Server) -> None:
    """Who cancels from outside gets the cancellation, at once."""
    faulty.on(GET, f.never())
    running_one = asyncio.ensure_future(
        poll_job(client(faulty), TICKET, FakeClock(), asyncio.Event(), lambda p: None)
    )
    assert await asyncio.to_thread(faulty.arrived.wait, f.PATIENCE)
    running_one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running_one
    faulty.release()


# What the end says


GOOD = json.dumps(RESTORED)


@pytest.mark.parametrize(
    "response",
    [GOOD, f.envelope(RESTORED, "restore_backup_response").decode(), '{"backup_name": "nightly"}'],
    ids=["plain", "in its envelope", "little"],
)
def test_the_restores_answer_is_in_the_job(response: str) -> None:
    answer, error = job_result(Job(JobStatus.DONE, response=response))
    assert error is None
    assert answer is not None
    assert answer.backup_name == "nightly"


@pytest.mark.parametrize(
    "response",
    [
        "",
        "null",
        "{}",
        "[]",
        GOOD[:-9],
        "<html>",
        "[" * 9000,
        '{"info": {}}',
        '{"count": 3, "info": {}}',
        f.envelope(RESTORED, "restore_backup_response", status="ERROR").decode(),
        f.envelope(RESTORED, "show_backup_response").decode(),
        f.envelope("", "none").decode(),
        f.envelope("[]", "restore_backup_response").decode(),
        '{"status": "OK", "data_type": "restore_backup_response", "data_str": null}',
    ],
)
def test_done_without_the_restores_answer_is_unknown(response: str) -> None:
    """DONE says that the job is done; only the response in it says that the restore was. What every endpoint answers
    with, or an envelope that says ERROR, is none."""
    answer, error = job_result(Job(JobStatus.DONE, response=response))
    assert answer is None
    assert isinstance(error, OutcomeUnknown)


@given(st.text() | st.from_regex(r'\{"(info|data_str|restored_objects)": ?.{0,8}\}'))
def test_no_response_breaks_the_reading(response: str) -> None:
    """There is a response or an error, never both, never an exception."""
    answer, error = job_result(Job(JobStatus.DONE, response=response))
    assert (answer is None) is (error is not None)


@pytest.mark.parametrize("depth", range(930, 1000, 3))
def test_no_depth_breaks_the_reading(depth: int) -> None:
    response = '{"restored_bytes": 1, "info": ' + "[" * depth + "]" * depth + "}"
    answer, error = job_result(Job(JobStatus.DONE, response=response))
    assert (answer is None) is (error is not None)


@pytest.mark.parametrize("words", ["Kinetica is shutting down", "Kinetica is exiting", "rank 0 is OFFLINE"])
def test_a_job_that_died_with_its_server_is_unknown(words: str) -> None:
    """The server's last words are about itself; what became of the restore they do not tell."""
    answer, error = job_result(Job(JobStatus.ERROR, error=words))
    assert answer is None
    assert isinstance(error, OutcomeUnknown)
    assert error.server_message == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.ERROR, "Table 'sales.orders' already exists"),
        (JobStatus.ERROR, ""),
    ],
)
def test_a_job_that_ended_without_success_may_have_restored_something(status: JobStatus, words: str) -> None:
    """It failed; that nothing was changed is not claimed, and hostile words are made harmless."""
    answer, error = job_result(Job(status, error=words + "\x1b]0;x\x07"))
    assert answer is None
    assert isinstance(error, RequestRejected)
    assert "Whether something was restored" in error.impact
    assert words in error.server_message
    assert "\x1b" not in error.server_message


@pytest.mark.parametrize("words", ["", "Job was cancelled by admin"])
def test_a_job_that_was_cancelled_is_unknown(words: str) -> None:
    """By whomever: what it had restored by then may be there, and nothing says that it is not."""
    answer, error = job_result(Job(JobStatus.CANCELLED, error=words))
    assert answer is None
    assert isinstance(error, OutcomeUnknown)
    assert (error.title, error.server_message) == ("Canceled", words)
    assert "Whether something was restored" in error.impact


@pytest.mark.parametrize(
    "told",
    [
        {"status_map": {"error_message": "failed", "detail": "connection to rank 1 lost"}},
        {"status_map": {"error_message": "failed"}, "info": {"reason": "rank timeout"}},
        {"status_map": {"error_message": "Job cancelled by admin"}},
        {"job_response_str": json.dumps({"backup_name": "nightly", "restored_bytes": 5})},
    ],
    ids=repr,
)
def test_an_error_that_proves_no_failure(told: dict[str, Any]) -> None:
    """Wherever the job's response speaks of a server that went away, or of restored data."""
    error = job_result(read_job(JobResponse.model_validate({"job_status": "ERROR", **told}), TICKET))[1]
    assert isinstance(error, OutcomeUnknown)


# A job that contradicts itself


RANK = {"error_message": "Rank 3 lost its disk"}
CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "not successful": ({"job_status": "DONE", "successful": False}, "successful is false"),
    "text": ({"job_status": "done", "successful": "False"}, "successful is false"),
    "a number": ({"job_status": "DONE", "successful": 0}, "successful is false"),
    "a word": ({"job_status": "DONE", "successful": "no"}, "successful is false"),
    "running as a number": ({"job_status": "DONE", "running": 1}, "running is true"),
    "error in capitals": ({"job_status": "DONE", "status_map": {"ERROR_MESSAGE": "Rank 3"}}, "Rank 3"),
    "error in text": ({"job_status": "DONE", "status_map": json.dumps(RANK)}, "Rank 3 lost its disk"),
    "running": ({"job_status": "DONE", "running": True, "progress": 17}, "running is true, progress 17"),
    "error": ({"job_status": "DONE", "status_map": RANK}, "Rank 3 lost its disk"),
    "all": (
        {"job_status": "DONE", "running": "true", "successful": False, "status_map": RANK},
        "running is true and successful is false and the error is",
    ),
    "halfway": (
        {"job_status": "DONE", "running": False, "successful": True, "progress": 17},
        "progress is 17",
    ),
    "almost": ({"job_status": "DONE", "progress": "99"}, "progress is 99"),
    "not begun": ({"job_status": "DONE", "progress": 0.0}, "progress is 0"),
    "error in info": ({"job_status": "DONE", "info": {"error": "boom"}}, 'the error is "boom"'),
    "error beside": ({"job_status": "DONE", "exception": "boom"}, 'the error is "boom"'),
    "errors": ({"job_status": "DONE", "errors": ["boom"]}, "boom"),
    "good error": ({"job_status": "ERROR", "successful": True}, "successful is true"),
    "error that runs": ({"job_status": "ERROR", "running": True}, "running is true"),
    "good cancel": ({"job_status": "CANCELLED", "running": False, "successful": True}, "successful is true"),
}


def contradicting(told: dict[str, Any]) -> Fault:
    return f.good({"job_response_str": json.dumps(RESTORED), **told})


@pytest.mark.parametrize(("told", "half"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
async def test_a_contradiction_is_polled_on_and_then_unknown(
    faulty: Server, told: dict[str, Any], half: str
) -> None:
    """It is no end: the job is requested again for half a minute, which the screen can show; then its outcome is
    unknown, with both halves quoted."""
    end, seen, clock = await followed(faulty, running(5), contradicting(told))
    assert end is not None
    answer, error = job_result(end)
    assert answer is None
    assert isinstance(error, OutcomeUnknown)
    assert half in error.what
    assert f"job_status is {str(told['job_status']).upper()}" in error.what
    assert 30 <= sum(clock.pauses[1:]) < 40
    assert [p.contradiction != "" for p in seen] == [False, *[True] * (len(seen) - 1)]
    assert all(p.lost_since is None for p in seen)


@pytest.mark.parametrize(("told", "half"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
async def test_a_contradiction_that_resolves_is_none(faulty: Server, told: dict[str, Any], half: str) -> None:
    """A server that updates its fields one after the other reaches its end all the same."""
    end, _, _ = await followed(faulty, contradicting(told), contradicting(told), running(50), job())
    assert end is not None
    assert job_result(end)[0] is not None


async def test_a_clock_that_stands_still_does_not_make_it_endless(faulty: Server) -> None:
    class Still(FakeClock):
        def monotonic(self) -> float:
            return 0.0

    faulty.on(GET, contradicting({"job_status": "DONE", "successful": False}))
    end = await poll_job(client(faulty), TICKET, Still(), asyncio.Event(), lambda progress: None)
    assert end is not None
    assert end.contradiction


STATUSES = st.sampled_from(["DONE", "ERROR", "CANCELLED", "done", "Error"])
FLAGS = st.sampled_from([None, True, False, "true", "false"])


@given(status=STATUSES, is_running=FLAGS, successful=FLAGS, reasons=st.sampled_from([{}, RANK]))
def test_only_a_response_that_agrees_with_itself_settles(
    status: str, is_running: object, successful: object, reasons: dict[str, str]
) -> None:
    """Whatever the fields hold: Restored needs DONE and nothing against it, a failure needs ERROR and nothing against
    it."""
    told = {"running": is_running, "successful": successful, "status_map": reasons}
    answer, error = job_result(
        read_job(
            JobResponse.model_validate(
                {"job_status": status, "job_response_str": json.dumps(RESTORED), **told}
            ),
            TICKET,
        )
    )
    runs, good = (str(flag).lower() == "true" for flag in (is_running, successful))
    bad = str(successful).lower() == "false"
    assert (answer is not None) is (status.upper() == "DONE" and not (runs or bad or reasons))
    assert isinstance(error, OutcomeUnknown | None) or (status.upper() == "ERROR" and not (runs or good))


async def test_an_error_whose_response_names_restored_objects_is_no_failure(faulty: Server) -> None:
    end, _, _ = await followed(
        faulty, f.good({"job_status": "ERROR", "successful": False, "job_response_str": json.dumps(RESTORED)})
    )
    assert end is not None
    answer, error = job_result(end)
    assert (answer, type(error)) == (None, OutcomeUnknown)


async def test_what_comes_beside_a_good_end_is_kept(faulty: Server) -> None:
    """Warnings in status_map or in the job's own info reach whoever reads the restore's answer."""
    beside = {
        "status_map": {"rank 2": "3 files skipped"},
        "info": {"warnings": "slow", "job_tag": TICKET.tag},
    }
    end, _, _ = await followed(faulty, job("DONE", **beside))
    assert end is not None
    answer, _ = job_result(end)
    assert answer is not None
    assert answer.info == {"rank 2": "3 files skipped", "warnings": "slow"}


# How long it may still take


def at(percent: int | None, reached: float, **more: Any) -> Progress:
    return Progress(TICKET, percent, reached, **more)


@pytest.mark.parametrize(
    "progress",
    [
        at(50, 9.9),
        at(4, 100.0),
        at(0, 100.0),
        at(None, 100.0),
        at(100, 100.0),
        at(50, 100.0, lost_since=90.0),
    ],
    ids=["ten seconds", "below 5 %", "nothing done", "untold", "all done", "no contact"],
)
def test_no_time_is_told_that_would_be_a_guess(progress: Progress) -> None:
    assert progress.seconds_left(0.0, 100.0) is None


def test_the_time_left_is_the_pace_so_far() -> None:
    """A quarter in a hundred seconds: three hundred to go, counted down while the percent stays the same."""
    progress = at(25, 1100.0)
    assert progress.percent_per_second(1000.0) == 0.25
    assert progress.seconds_left(1000.0, 1100.0) == 300.0
    assert progress.with_percent(25, 1105.0).seconds_left(1000.0, 1105.0) == 295.0


def test_what_does_not_move_has_no_time_left() -> None:
    """A percent in a second so far: after ten without another it is unchanged. A slow one takes its time."""
    progress = at(95, 1095.0)
    assert progress.seconds_left(1000.0, 1095.0) == 5.0
    assert progress.seconds_left(1000.0, 1096.0) is None
    assert progress.unchanged_for(1000.0, 1104.0) is None
    assert progress.with_percent(95, 1133.0).unchanged_for(1000.0, 1133.0) == 38.0
    assert progress.with_percent(96, 1133.0).unchanged_for(1000.0, 1133.0) is None
    slow = at(10, 1600.0)
    assert slow.unchanged_for(1000.0, 1719.0) is None
    assert slow.unchanged_for(1000.0, 1720.0) == 120.0


def test_before_the_first_percent_nothing_is_unchanged() -> None:
    assert at(None, 0.0).unchanged_for(0.0, 100.0) is None
    assert at(0, 0.0).unchanged_for(0.0, 100.0) == 100.0
    assert at(50, 0.0, lost_since=1.0).unchanged_for(0.0, 100.0) is None


async def test_following_asks_and_sends_nothing_else(faulty: Server) -> None:
    """However it goes, only /get/job is asked: nothing in here could restore."""
    faulty.on(GET, f.page(502), f.DROP, running(3), job("ERROR"))
    await poll_job(client(faulty), TICKET, FakeClock(), asyncio.Event(), lambda progress: None)
    assert {r.path for r in faulty.received} == {GET}


@pytest.mark.parametrize(
    "told",
    [
        {"progress": 100},
        {"progress": -1},
        {"progress": None},
        {"errors": []},
        {"error": ""},
        {"exception": None, "status_map": {"error_message": "none"}},
        {"response_encoding": "json", "job_response": ""},
    ],
    ids=repr,
)
async def test_a_job_without_an_error_is_done(faulty: Server, told: dict[str, Any]) -> None:
    """A field for an error that holds none, and a progress that is not filled in, contradict nothing."""
    end, _, clock = await followed(
        faulty, contradicting({"job_status": "DONE", "info": {"job_tag": TICKET.tag}, **told})
    )
    assert end is not None
    answer, error = job_result(end)
    assert (answer is not None, error, clock.pauses) == (True, None, [])


async def test_what_accompanies_the_response_about_a_job_is_kept(faulty: Server) -> None:
    """The message of the envelope, and a field that no document has, accompany the restore's response."""
    inner = {"job_status": "DONE", "job_response_str": json.dumps(RESTORED), "ranks": "3"}
    faulty.on(GET, f.raw(f.http(200, f.envelope(inner, "get_job_response", message="2 files skipped"))))
    end = await poll_job(client(faulty), TICKET, FakeClock(), asyncio.Event(), ignore_progress)
    assert end is not None
    answer, _ = job_result(end)
    assert answer is not None
    assert dict(answer.info) == {"message": "2 files skipped", "ranks": "3"}
