"""Work that runs: background jobs and restores that somebody waits for, on one board, from begin to end."""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from restore_tui.demo.model import World, epoch_milliseconds
from restore_tui.demo.protocol import JOB_ENDPOINTS, RESTORE, Body, Refusal, RequestFields
from restore_tui.demo.scheduler import RealScheduler, Scheduler

RUNNING, DONE, ERROR, CANCELLED = "RUNNING", "DONE", "ERROR", "CANCELLED"

LONGEST_RESTORE = 120.0
"""Seconds that a restore takes at most, however large: nobody practises for longer."""

FIRST_JOB_ID = 2**33 + 1001
"""Longer than 32 bits, as they are on a real server."""

EXITING = "Kinetica is exiting"


class Clock:
    """The time of day on the server: it starts as the world's ``now`` and goes on with the stopwatch."""

    def __init__(self, world: World, stopwatch: Scheduler):
        self._world = world
        self._stopwatch = stopwatch
        self._began = stopwatch.now()

    def moment(self) -> datetime:
        return self._world.now + timedelta(seconds=self._stopwatch.now() - self._began)


class Work(Protocol):
    """``begin`` once; then, when its time has passed, ``finish``, or ``give_up`` before that."""

    def begin(self, job_id: int) -> int | None:
        """Read and check. ``job_id`` is 0 where it is no background job. Raises Refusal.

        Returns the bytes that it has to move, which take their time; None: it takes none, whatever the server.
        """
        ...

    def finish(self) -> Body:
        """Do it, and return the fields of the answer. Raises Refusal."""
        ...

    def give_up(self, reason: str) -> None:
        """It was cancelled, or died: nothing of it is done."""
        ...


@dataclass(frozen=True)
class JobFault:
    """What a fault does to work that is about to begin.

    ``seconds`` is how long it takes instead of what its size would need; ``dies_at`` is the percentage of that at
    which it dies.
    """

    seconds: float | None = None
    dies_at: int | None = None


@dataclass(eq=False)
class Job:
    """One piece of work. ``background`` is False where the client waits for the answer on its own connection."""

    id: int
    endpoint: str
    work: Work
    background: bool
    received_ms: int
    began: float
    tag: str = ""
    user_data: str = ""
    status: str = RUNNING
    seconds: float = 0.0
    progress: int = 0
    response: Body = field(default_factory=dict)
    error: Exception | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    forget_alarm: Callable[[], None] = lambda: None


class Jobs:
    """The board. ``bytes_per_second`` None: nothing takes time. ``cancellable``: whether a running restore job is.

    What breaks inside a job, other than by a Refusal, is put into ``errors``.
    """

    def __init__(
        self,
        world: World,
        *,
        stopwatch: Scheduler | None = None,
        bytes_per_second: float | None = None,
        cancellable: bool = True,
        errors: list[BaseException] | None = None,
    ):
        if bytes_per_second is not None and not bytes_per_second > 0:
            raise ValueError(f"bytes_per_second has to be above 0: {bytes_per_second}")
        self._stopwatch = stopwatch or RealScheduler()
        self.clock = Clock(world, self._stopwatch)
        self.cancellable = cancellable
        self._bytes_per_second = bytes_per_second
        self._errors = [] if errors is None else errors
        self._ids = count(FIRST_JOB_ID)
        self._jobs: list[Job] = []
        self._closed = False
        # Held while work begins and while it ends, so that nobody sees or cancels it half done.
        self._lock = threading.RLock()

    def answer(self, work: Work, endpoint: str, user_data: str, fate: JobFault) -> Body:
        """Do the work while the client waits, and return the fields of the answer. Raises Refusal."""
        job = self._start(work, endpoint, background=False, tag="", user_data=user_data, fate=fate)
        job.ended.wait()
        with self._lock:
            self._jobs.remove(job)
        if job.error is not None:
            raise job.error
        return job.response

    def create(self, work: Work, endpoint: str, tag: str, user_data: str, fate: JobFault) -> Job:
        """Begin the work in the background. What takes no time has ended when this returns."""
        return self._start(work, endpoint, background=True, tag=tag, user_data=user_data, fate=fate)

    def background_job(self, job_id: int, tag: str) -> Job | None:
        """As it is now: by its id; where that is 0 or less by its tag, and of several the newest."""
        with self._lock:
            for job in reversed(self._jobs):
                if job.background and (job.id == job_id if job_id > 0 else bool(tag) and job.tag == tag):
                    self._look_at_progress(job)
                    return copy.copy(job)
        return None

    def shown(self, *, finished: bool) -> list[Job]:
        """All that runs now, and on request the background jobs that do no more; in order of arrival."""
        with self._lock:
            wanted = [job for job in self._jobs if job.status == RUNNING or (finished and job.background)]
            return [copy.copy(job) for job in wanted]

    def cancel(self, job_id: int) -> str:
        """Cancel a job, and say what came of it."""
        with self._lock:
            job = next((job for job in self._jobs if job.id == job_id), None)
            if job is None:
                return "not cancelled: job not found"
            if job.status != RUNNING:
                return "not cancelled: job is not running"
            if not job.background or (job.endpoint == RESTORE and not self.cancellable):
                return "not cancelled: writes cannot be cancelled"
            job.work.give_up("Job was cancelled")
            self._end(job, CANCELLED)
            return "cancelled"

    def open(self) -> None:
        with self._lock:
            self._closed = False

    def close(self) -> None:
        """The server goes away: all that runs ends, and has done nothing."""
        with self._lock:
            self._closed = True
            for job in self._jobs:
                if job.status == RUNNING:
                    self._die(job, EXITING)

    def _start(
        self, work: Work, endpoint: str, *, background: bool, tag: str, user_data: str, fate: JobFault
    ) -> Job:
        with self._lock:
            if self._closed:
                raise Refusal(EXITING, http_status=503)
            job = Job(
                id=next(self._ids),
                endpoint=endpoint,
                work=work,
                background=background,
                received_ms=epoch_milliseconds(self.clock.moment()),
                began=self._stopwatch.now(),
                user_data=user_data,
            )
            job.tag = tag or f"job-{job.id}"
            self._jobs.append(job)
            try:
                size = work.begin(job.id if background else 0)
            except Exception as error:
                self._fail(job, error)
                return job
            job.seconds = self._duration(size, fate)
            share = 1.0 if fate.dies_at is None else fate.dies_at / 100
            if job.seconds * share > 0:
                job.forget_alarm = self._stopwatch.at(
                    job.began + job.seconds * share, lambda: self._time_is_up(job, fate)
                )
            else:
                self._time_is_up(job, fate)
            return job

    def _duration(self, size: int | None, fate: JobFault) -> float:
        if size is None:
            return 0.0
        if fate.seconds is not None:
            return fate.seconds
        return min(LONGEST_RESTORE, size / self._bytes_per_second) if self._bytes_per_second else 0.0

    def _time_is_up(self, job: Job, fate: JobFault) -> None:
        with self._lock:
            if job.status != RUNNING:
                return
            if fate.dies_at is not None:
                self._die(job, f"Job failed at {fate.dies_at}%: rank 2 was lost (SYS:1902)", fate.dies_at)
                return
            try:
                job.response = job.work.finish()
            except Exception as error:
                self._fail(job, error)
            else:
                self._end(job, DONE, progress=100)

    def _look_at_progress(self, job: Job) -> None:
        if job.status == RUNNING and job.seconds:
            percent = 100 * (self._stopwatch.now() - job.began) / job.seconds
            # A hair is added, so that three tenths of the time are 30 and not 29.
            job.progress = min(99, int(percent + 1e-6))

    def _die(self, job: Job, reason: str, progress: int | None = None) -> None:
        job.work.give_up(reason)
        job.error = Refusal(reason, http_status=503)
        self._end(job, ERROR, progress)

    def _fail(self, job: Job, error: Exception) -> None:
        # Of a request that is waited for, the server notes it by itself.
        if job.background and not isinstance(error, Refusal):
            self._errors.append(error)
        job.error = error
        self._end(job, ERROR)

    def _end(self, job: Job, status: str, progress: int | None = None) -> None:
        self._look_at_progress(job)
        if progress is not None:
            job.progress = progress
        job.status = status
        job.forget_alarm()
        job.ended.set()


# The four calls about jobs

JOB_TAG = re.compile(r"[A-Za-z0-9_-]{1,200}")
BOOLEAN = ("true", "false")


def user_data_of(body: Any) -> str:
    """The ``job_user_data`` of a request that nobody has checked yet; empty where there is none."""
    options = body.get("options") if isinstance(body, dict) else None
    value = options.get("job_user_data", "") if isinstance(options, dict) else ""
    return value if isinstance(value, str) else ""


def not_as_a_job(endpoint: str) -> Refusal:
    return Refusal(f"Endpoint '{endpoint}' cannot be run as a job (create_job, JOB:1702)")


class JobCalls:
    """``work`` makes the work of an endpoint out of its request; it raises Refusal for an endpoint that is none."""

    def __init__(self, jobs: Jobs, user: str, work: Callable[[str, Any], Work]):
        self._jobs = jobs
        self._user = user
        self._work = work

    def create_job(self, body: Any, fate: JobFault) -> Body:
        fields = RequestFields(
            "create_job", body, ("endpoint", "request_encoding", "data", "data_str", "options")
        )
        endpoint = fields.text("endpoint")
        encoding = fields.text("request_encoding", "binary")
        fields.text("data", "")
        request = _embedded(fields.text("data_str", ""))
        tag = _tag(fields)
        if encoding != "json":
            raise Refusal(
                f"Request encoding '{encoding}' is not served here; send json (create_job, REQ:1007)"
            )
        if endpoint in JOB_ENDPOINTS:
            raise not_as_a_job(endpoint)
        user_data = user_data_of(body) or user_data_of(request)
        try:
            work = self._work(endpoint, request)
        except Refusal as refusal:
            raise not_as_a_job(endpoint) from refusal
        job = self._jobs.create(work, endpoint, tag, user_data, fate)
        return {"job_id": job.id, "info": {"job_tag": job.tag}}

    def get_job(self, body: Any) -> Body:
        fields = RequestFields("get_job", body, ("job_id", "options"))
        job_id = fields.integer("job_id", 0)
        tag = _tag(fields)
        job = self._found(job_id, tag, "get_job")
        return {
            "endpoint": job.endpoint,
            "job_status": job.status,
            "running": job.status == RUNNING,
            "progress": job.progress,
            "successful": job.status == DONE,
            "response_encoding": "json",
            "job_response": "",
            "job_response_str": json.dumps(job.response) if job.status == DONE else "",
            "status_map": {"error_message": str(job.error)} if job.status == ERROR else {},
            "info": {"job_tag": job.tag},
        }

    def show_jobs(self, body: Any) -> Body:
        fields = RequestFields("admin_show_jobs", body, ("options",))
        options = fields.options({"show_async_jobs": BOOLEAN, "show_worker_info": BOOLEAN})
        jobs = self._jobs.shown(finished=options.get("show_async_jobs") == "true")
        return {
            "job_id": [job.id for job in jobs],
            "status": [job.status for job in jobs],
            "endpoint_name": [job.endpoint for job in jobs],
            "time_received": [job.received_ms for job in jobs],
            "auth_id": [self._user for _ in jobs],
            "source_ip": ["127.0.0.1" for _ in jobs],
            "query_text": ["" for _ in jobs],
            "user_data": [job.user_data for job in jobs],
            "flags": ["async" if job.background else "" for job in jobs],
            "info": {},
        }

    def alter_jobs(self, body: Any) -> Body:
        fields = RequestFields("admin_alter_jobs", body, ("job_ids", "action", "options"))
        job_ids = fields.integers("job_ids", [])
        action = fields.text("action")
        tag = _tag(fields)
        if action != "cancel":
            raise Refusal(f"Invalid action '{action}'; allowed: cancel (admin_alter_jobs, JOB:1703)")
        if not job_ids:
            job_ids = [self._found(0, tag, "admin_alter_jobs").id]
        statuses = [self._jobs.cancel(job_id) for job_id in job_ids]
        return {"job_ids": job_ids, "action": action, "status": statuses, "info": {}}

    def _found(self, job_id: int, tag: str, call: str) -> Job:
        job = self._jobs.background_job(job_id, tag)
        if job is None:
            named = f"with tag '{tag}'" if tag and job_id <= 0 else f"'{job_id}'"
            raise Refusal(f"Job {named} not found ({call}, JOB:1701)")
        return job


def _tag(fields: RequestFields) -> str:
    tag = fields.options({"job_tag": ()}).get("job_tag", "")
    if tag and not JOB_TAG.fullmatch(tag):
        raise Refusal(
            f"Option 'job_tag' may have letters, digits, '_' and '-' only, not '{tag}' ({fields.call}, OPT:1205)"
        )
    return tag


def _embedded(data_str: str) -> Any:
    """The request of the endpoint. One that is no JSON is no JSON object either, and the job will say so."""
    try:
        return json.loads(data_str)
    except ValueError:
        return data_str
