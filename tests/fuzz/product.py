"""Drive the product with prepared bytes: connect, dry run, confirmation, restore, verdict and exit code.

The product's own ``Session`` does all of it; what is replaced is the far end of the connection. ``Prepared`` answers
inside of the process, which takes three milliseconds; ``over_loopback`` is a real HTTP server. Time is a ``FakeClock``,
so that a job can be polled for an hour.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import httpx

from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.execution.exit_status import exit_code
from restore_tui.restore.plan.plan import PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.session import Session, SessionOptions
from tests.fuzz import truth as t
from tests.fuzz.truth import Truth
from tests.fuzz.wire import DRY_RUN_JOB, DRY_RUN_TAG, TAG, Reply, Script, render
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import LOGIN
from tests.harness.servers import faulty_server

SEED = 20261123
POLLS = 12
"""After so many polls of the restore's job the wait is stopped, as a person would; of every hundredth example later."""
MANY_POLLS = 1200


@dataclass(frozen=True)
class Example:
    """One truth and the bytes that it became."""

    number: int
    truth: Truth
    script: Script

    def __str__(self) -> str:
        return (
            f"example {self.number} (Random({SEED} + {self.number})), {self.truth.story}, "
            f"{'as a job' if self.truth.as_job else 'direct'}, shape: {self.script.shape}\n"
            f"{self.truth}\ndry run: {self.script.dry_run.body.decode()}\n{self.script.raw}"
        )


@dataclass(frozen=True)
class Seen:
    """What the product made of an example. ``sent`` is how many real restores arrived."""

    verdict: str
    exit_code: int
    sent: int
    exception: str = ""
    in_receipt: str = ""
    """The verdict in the receipt, where one was written."""


def example(number: int) -> Example:
    """Make the example of this number, the same one every time."""
    rng = Random(SEED + number)
    truth = t.draw(rng)
    return Example(number, truth, render(truth, rng))


def violation(made: Example, seen: Seen) -> str | None:
    """Return what is wrong with what the product made of it, or None."""
    if seen.exception:
        return f"exception: {seen.exception}"
    if seen.sent != 1:
        return f"{seen.sent} restores were sent"
    return t.lie(made.truth, seen.verdict, seen.exit_code, documented=made.script.documented)


@dataclass
class Prepared:
    """The server of the example that is being run."""

    made: Example | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0
    _tag: str = ""
    _dry_run_tag: str = ""
    _polls: int = 0

    def load(self, made: Example) -> asyncio.Event:
        """Take an example. Returns the event that is set when the job has been polled often enough."""
        self.made, self.stop = made, asyncio.Event()
        self.sent = self._polls = 0
        self._tag = self._dry_run_tag = ""
        return self.stop

    def reply(self, path: str, body: dict[str, Any]) -> Reply:
        """Return the response to one request."""
        if path == "/show/system/properties":
            return _ok({"property_map": {"version.gpudb_core_version": "7.2.3.19"}}, path)
        assert self.made is not None
        if path == "/show/backup":
            return _ok(_contents(self.made.truth), path)
        if path == "/restore/backup":
            return self._restore(body, self.made.script.dry_run, self.made.script.restore)
        if path == "/create/job":
            return self._create(body)
        if path == "/get/job":
            return self._with_tags(self._poll())
        return Reply(400, faulty_server.envelope("", "none", "ERROR", "Insufficient privileges (S/AUTH:12)"))

    def _restore(self, body: dict[str, Any], dry_run: Reply, real: Reply) -> Reply:
        if body["options"]["dry_run"] == "true":
            return dry_run
        self.sent += 1
        return real

    def _create(self, body: dict[str, Any]) -> Reply:
        assert self.made is not None
        tag = body["options"]["job_tag"]
        dry_run = _ok({"job_id": DRY_RUN_JOB, "info": {"job_tag": tag}}, "/create/job")
        reply = self._restore(json.loads(body["data_str"]), dry_run, self.made.script.created)
        if self.sent:
            self._tag = tag
        else:
            self._dry_run_tag = tag
        return self._with_tags(reply)

    def _poll(self) -> Reply:
        assert self.made is not None
        if not self.sent:
            return self.made.script.dry_run
        polls = self.made.script.polls
        if not polls:
            return Reply(400, faulty_server.envelope("", "none", "ERROR", "Job not found (GJ, JOB:1701)"))
        self._polls += 1
        if self._polls >= (POLLS if self.made.number % 100 else MANY_POLLS):
            self.stop.set()
        return polls[min(self._polls, len(polls)) - 1]

    def _with_tags(self, reply: Reply) -> Reply:
        body = reply.body.replace(DRY_RUN_TAG.encode(), self._dry_run_tag.encode())
        return replace(reply, body=body.replace(TAG.encode(), self._tag.encode()))


def _ok(data: object, path: str) -> Reply:
    return Reply(200, faulty_server.envelope(data, f"{path.strip('/').replace('/', '_')}_response"))


def _contents(truth: Truth) -> dict[str, Any]:
    listed = [{"object_name": thing.name, "object_type": thing.kind} for thing in truth.things]
    return {
        "backup_name": t.BACKUP,
        "backup_description": [],
        "backup_ids": [{"backup_name": t.BACKUP, "backup_id": str(t.SNAPSHOT)}],
        "backup_contents": listed,
        "deleted_backup_ids": [],
        "info": {},
    }


Answering = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


@dataclass(frozen=True)
class PreparedLink(ConnectionSettings):
    """A connection whose far end is a function."""

    answering: Answering | None = None

    def open_client(self, *, answer_seconds: float | None) -> httpx.AsyncClient:
        assert self.answering is not None
        transport = httpx.MockTransport(self.answering)
        return httpx.AsyncClient(transport=transport, headers=self._headers(), trust_env=False)


class AtOnce(ThreadPoolExecutor):
    """Does the work of ``asyncio.to_thread`` where it is called: no switch of threads, the same order every time."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **more))
        except BaseException as error:
            future.set_exception(error)
        return future


class Mistakes(logging.Handler):
    """Collects the exceptions that the product catches, logs and survives: they count as exceptions here."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.caught.append(repr(record.exc_info[1]))


class Product:
    """One session for each execution mode, and the server that both talk to."""

    def __init__(self, receipts: Path, *, with_receipts: bool = False) -> None:
        self.server = Prepared()
        self._with_receipts = with_receipts
        self._receipts = receipts
        self._sessions: dict[bool, Session] = {}
        self._mistakes = Mistakes()
        self._runs = 0

    async def connect(self, link: ConnectionSettings | None = None) -> None:
        """Connect both sessions: to the prepared server inside of this process, or over ``link``."""
        logging.getLogger("restore_tui").addHandler(self._mistakes)
        link = link or PreparedLink(ServerAddress.parse("http://host:9191"), LOGIN, answering=self._answer)
        for as_job, way in ((False, "direct"), (True, "job")):
            session = Session(FakeClock(), SessionOptions(self._receipts, mode=way), run_ids=self._run_id)
            await session.connect(link)
            self._sessions[as_job] = session

    async def aclose(self) -> None:
        logging.getLogger("restore_tui").removeHandler(self._mistakes)
        for session in self._sessions.values():
            await session.aclose()

    async def run(self, made: Example) -> Seen:
        """Restore once, from the dry run on, and return what the product says of it."""
        session = self._sessions[made.truth.as_job]
        stop = self.server.load(made)
        session.start_over()
        session.reads.clear()
        session.plan = _plan(made.truth)
        self._mistakes.caught.clear()
        try:
            await session.run_dry_run()
            permit = await session.confirm(t.BACKUP)
            outcome = await session.restore(permit, with_receipt=self._with_receipts, stop=stop)
            code = int(exit_code(session.runs.summaries[-1:]))
        except Exception as error:
            return Seen("", -1, self.server.sent, f"{type(error).__name__}: {error}")
        receipt = outcome.receipt
        return Seen(
            verdict=outcome.verdict.value,
            exit_code=code,
            sent=self.server.sent,
            exception="; ".join(self._mistakes.caught),
            in_receipt=json.loads(receipt.read_text())["outcome"]["verdict"] if receipt else "",
        )

    def _run_id(self) -> str:
        self._runs += 1
        return f"20261123T020000Z-{self._runs:06x}"

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        trace = request.extensions.get("trace")
        if trace is not None:  # what httpcore reports when the first byte leaves
            await trace("http11.send_request_headers.started", {"request": request})
        reply = self.server.reply(request.url.path, json.loads(request.content))
        if reply.dropped:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        headers = {"Location": reply.location} if reply.location else {}
        return httpx.Response(reply.status, stream=httpx.ByteStream(reply.body), headers=headers)


def over_http(server: Prepared) -> faulty_server.Fault:
    """Send the same responses from a real HTTP server."""

    def answer(received: faulty_server.Received) -> faulty_server.Reply:
        reply = server.reply(received.path, received.json)
        if reply.dropped:
            return faulty_server.Reply()
        head = f"Location: {reply.location}\r\n" if reply.location else ""
        return faulty_server.Reply(faulty_server.http(reply.status, reply.body, head=head), keep=True)

    return answer


def _plan(truth: Truth) -> RestorePlan:
    objects: dict[str, list[str]] = {"all": list(truth.schemas)}
    for thing in truth.things:
        if thing.asked:
            objects.setdefault(thing.kind, []).append(thing.name)
    plan = RestorePlan("s3", t.BACKUP, PinnedSnapshot(str(t.SNAPSHOT)), Selection.of(objects))
    return plan.choose_option("ddl_only", "true") if truth.definitions_only else plan


async def _all(numbers: range, product: Product) -> list[tuple[Example, Seen]]:
    asyncio.get_running_loop().set_default_executor(AtOnce(1))
    await product.connect()
    try:
        return [(made, await product.run(made)) for made in map(example, numbers)]
    finally:
        await product.aclose()


def run_all(numbers: range, receipts: Path) -> list[tuple[Example, Seen]]:
    """Run these examples inside of this process."""
    return asyncio.run(_all(numbers, Product(receipts)))
