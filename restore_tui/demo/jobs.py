"""Work that runs: background jobs and restores that somebody waits for, on one board, from begin to end."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from restore_tui.demo.model import World, epoch_milliseconds
from restore_tui.demo.operations import Clock, Work
from restore_tui.demo.protocol import RESTORE, Body, Refusal
from restore_tui.demo.scheduler import RealScheduler, Scheduler

RUNNING, DONE, ERROR, CANCELLED = "RUNNING", "DONE", "ERROR", "CANCELLED"

LONGEST_RESTORE = 120.0
"""Seconds that a restore takes at most, however large: nobody practises for longer."""

FIRST_JOB_ID = 2**33 + 1001
"""Longer than 32 bits, as they are on a real server."""

EXITING = "Kinetica is exiting"


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
