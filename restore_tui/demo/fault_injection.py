"""What each fault does to a request: whether its work is done, and what becomes of the answer.

The work is done, and only the answer is spoilt, wherever a client could not tell the difference: those are the
answers after which nobody knows what happened, and sending again would restore twice. ``drop-before``, 401, 404 and
``no-jobs`` are the ones without any work.
"""

from __future__ import annotations

from dataclasses import replace

from restore_tui.demo.faults import Fault, Faults
from restore_tui.demo.handlers import Answers, unauthorized, unknown_endpoint
from restore_tui.demo.job_calls import not_as_a_job
from restore_tui.demo.jobs import JobFault
from restore_tui.demo.protocol import RESTORE, Received, Refusal, Reply, ok_reply, refusal_reply
from restore_tui.demo.scheduler import Pauses, Scheduler

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
