"""Faults on purpose: which endpoint misbehaves how, in words such as ``/restore/backup=drop``.

The work is done, and only the answer is spoilt, wherever a client could not tell the difference: those are the
answers after which nobody knows what happened, and sending again would restore twice. ``drop-before``, 401, 404 and
``no-jobs`` are the ones without any work.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from restore_tui.demo.handlers import Answers, unauthorized, unknown_endpoint
from restore_tui.demo.jobs import JobFault, not_as_a_job
from restore_tui.demo.protocol import (
    CREATE_JOB,
    ENDPOINTS,
    RESTORE,
    Received,
    Refusal,
    Reply,
    ok_reply,
    refusal_reply,
)
from restore_tui.demo.scheduler import Pauses, Scheduler

HTTP_STATUSES = ("401", "404", "500", "502", "503", "504")
PLAIN = (
    "drop", "drop-before", "hang", *HTTP_STATUSES, "html", "truncate", "garbage", "wrong-type", "trickle", "no-jobs",
)  # fmt: skip
LONGEST_SECONDS = 86_400.0
LARGEST_PERCENT = 100

JOBS_ONLY = ("no-jobs", "job-dies")

WHAT_A_SERVER_HAS = ("401", "404", "no-jobs")
"""These hit a dry run as well: whoever is not let in, or calls what is not there, learns so at once."""

RESTORES = (RESTORE, CREATE_JOB)
"""Only here is a dry run told from the real thing."""

DRY_RUN = ":dry-run"


@dataclass(frozen=True)
class Fault:
    """One fault at one place. ``number`` is of seconds (slow) or of percent (job-dies); 0 for the others."""

    endpoint: str
    dry_run_only: bool
    kind: str
    number: float = 0.0

    @property
    def place(self) -> str:
        return self.endpoint + (DRY_RUN if self.dry_run_only else "")

    def __str__(self) -> str:
        number = f":{self.number:g}" if self.kind in ("slow", "job-dies") else ""
        return f"{self.place}={self.kind}{number}"


def parse(text: str) -> Fault:
    """``ENDPOINT[:dry-run]=FAULT[:NUMBER]``. Raises ValueError, in one sentence that names what is known."""
    place, equals, wanted = text.partition("=")
    if not equals:
        raise ValueError(f"a fault is written ENDPOINT=FAULT, such as {RESTORE}=drop, not {text!r}")
    endpoint, dry_run_only = place.removesuffix(DRY_RUN), place.endswith(DRY_RUN)
    if endpoint not in ENDPOINTS:
        raise ValueError(f"unknown endpoint {endpoint!r} in {text!r}; known are {', '.join(ENDPOINTS)}")
    if dry_run_only and endpoint not in RESTORES:
        raise ValueError(
            f"there is no dry run of {endpoint} in {text!r}; there is of {' and '.join(RESTORES)}"
        )
    kind, colon, number = wanted.partition(":")
    if kind in JOBS_ONLY and endpoint != CREATE_JOB:
        raise ValueError(f"fault {kind!r} in {text!r} is of {CREATE_JOB} only")
    if kind == "slow":
        return Fault(endpoint, dry_run_only, kind, _number(number, LONGEST_SECONDS, text, "slow:SECONDS"))
    if kind == "job-dies":
        percent = _number(number, LARGEST_PERCENT, text, "job-dies:PERCENT")
        return Fault(endpoint, dry_run_only, kind, percent)
    if kind not in PLAIN or colon:
        known = ", ".join([*PLAIN, "slow:SECONDS", "job-dies:PERCENT"])
        raise ValueError(f"unknown fault {wanted!r} in {text!r}; known are {known}")
    return Fault(endpoint, dry_run_only, kind)


def _number(text: str, largest: float, whole: str, form: str) -> float:
    pattern = r"[0-9]+(\.[0-9]+)?" if form.startswith("slow") else r"[0-9]+"
    # Bounded before it is read: what is too long for a float is too large as well.
    if not (len(text) <= 20 and re.fullmatch(pattern, text) and float(text) <= largest):
        raise ValueError(f"wrong number {text!r} in {whole!r}; it is {form}, from 0 to {largest:g}")
    return float(text)


class Faults:
    """The faults of a running server: one for each place, the last one that was set. Safe to change at any time."""

    def __init__(self, texts: Iterable[str] = ()):
        self._by_place: dict[str, Fault] = {}
        self._lock = threading.Lock()
        for text in texts:
            self.set(text)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter([str(fault) for fault in self._by_place.values()])

    def set(self, text: str) -> None:
        """Add a fault, in place of one that is at the same place. Raises ValueError as ``parse`` does."""
        fault = parse(text)
        with self._lock:
            self._by_place[fault.place] = fault

    def clear(self, place: str | None = None) -> None:
        """End the fault at a place, such as ``/restore/backup:dry-run``, or all. One that is not there is no error."""
        with self._lock:
            if place is None:
                self._by_place.clear()
            else:
                self._by_place.pop(place, None)

    def hitting(self, received: Received) -> Fault | None:
        """The fault that this request runs into, if any."""
        with self._lock:
            general = self._by_place.get(received.endpoint)
            dry_only = self._by_place.get(received.endpoint + DRY_RUN)
        if (general or dry_only) and _is_dry_run(received):
            if dry_only:
                return dry_only
            return general if general and general.kind in WHAT_A_SERVER_HAS else None
        return general


def _is_dry_run(received: Received) -> bool:
    """Of a restore: sent directly, or as a background job. A request that cannot be read is none."""
    if received.endpoint not in RESTORES:
        return False
    try:
        body = received.json()
        if received.endpoint == CREATE_JOB:
            body = json.loads(body["data_str"]) if body["endpoint"] == RESTORE else {}
        return bool(body["options"]["dry_run"] == "true")
    except (ValueError, TypeError, KeyError, IndexError):
        return False


# What a fault does to a request: whether its work is done, and what becomes of the answer

TRICKLE_SECONDS = 2.0

PROXY_SAYS = {"502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Time-out"}

PAGE = "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n</body>\n</html>\n"

NO_JSON = b"\x1f\x8b\x08\x00 \xff\xfe{\"status\": OK, 'data_str': \x00\x00"


class FaultInjector:
    """Answers as ``answers`` does, except where one of ``faults`` hits."""

    def __init__(self, answers: Answers, faults: Faults, stopwatch: Scheduler, pauses: Pauses):
        self._answers = answers
        self._faults = faults
        self._stopwatch = stopwatch
        self._pauses = pauses

    def answer(self, received: Received) -> Reply:
        fault = self._faults.hitting(received)
        if fault is None:
            return self._answers.answer(received)
        if fault.kind == "drop-before":
            return Reply(0, b"", drop=True)
        refusal = _refused_outright(fault, received)
        if refusal is not None:
            return refusal_reply(refusal)
        if fault.kind == "slow":
            return self._slow(fault, received)
        fate = JobFault(dies_at=int(fault.number)) if fault.kind == "job-dies" else JobFault()
        return _spoilt(fault, self._answers.answer(received, fate))

    def _slow(self, fault: Fault, received: Received) -> Reply:
        began = self._stopwatch.now()
        # A restore runs all that time; of everything else only the answer is late.
        fate = JobFault(seconds=fault.number) if received.endpoint == RESTORE else JobFault()
        reply = self._answers.answer(received, fate)
        return reply if self._pauses.until(began + fault.number) else replace(reply, drop=True)


def _refused_outright(fault: Fault, received: Received) -> Refusal | None:
    if fault.kind == "401":
        return unauthorized()
    if fault.kind == "404":
        return unknown_endpoint(received.endpoint)
    if fault.kind == "no-jobs":
        return not_as_a_job(_endpoint_inside(received))
    return None


def _endpoint_inside(received: Received) -> str:
    try:
        return str(received.json()["endpoint"])
    except (ValueError, TypeError, KeyError):
        return ""


def _spoilt(fault: Fault, reply: Reply) -> Reply:
    """What the client gets instead of the answer, the work being done."""
    if fault.kind == "500":
        return refusal_reply(Refusal("Internal error while answering (SYS:1901)", http_status=500))
    if fault.kind in PROXY_SAYS:
        return _page(int(fault.kind), f"{fault.kind} {PROXY_SAYS[fault.kind]}")
    if fault.kind == "html":
        return _page(200, "Welcome to the hotel network")
    if fault.kind == "wrong-type":
        return ok_reply("show_table_response", {"table_name": "", "table_names": [], "info": {}})
    if fault.kind == "garbage":
        return Reply(200, NO_JSON)
    if fault.kind == "drop":
        return replace(reply, drop=True)
    if fault.kind == "hang":
        return replace(reply, hang=True)
    if fault.kind == "truncate":
        return replace(reply, truncate_after=len(reply.body) // 2)
    if fault.kind == "trickle":
        return replace(reply, trickle=TRICKLE_SECONDS)
    return reply


def _page(http_status: int, heading: str) -> Reply:
    return Reply(http_status, PAGE.format(heading).encode(), "text/html")
