"""What a demo server does instead of responding as it should: interceptors for its requests."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from restore_tui.demo.server import Received, Reply
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import BOUND

When = Callable[[Received], bool]


def at(endpoint: str) -> When:
    return lambda received: received.endpoint == endpoint


def is_restore(received: Received) -> bool:
    return (
        received.endpoint == "/restore/backup" and json.loads(received.body)["options"]["dry_run"] == "false"
    )


def is_dry_run(received: Received) -> bool:
    return received.endpoint == "/restore/backup" and not is_restore(received)


def instead(stage: Stage, when: When, reply: Reply | Callable[[Reply], Reply]) -> None:
    """Some requests are answered otherwise: not at all, or with what is made of the real answer."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if not when(received):
            return answer()
        return reply if isinstance(reply, Reply) else reply(answer())

    stage.server.intercept = intercept


def as_it_arrives(stage: Stage, when: When, happens: Callable[[], object]) -> None:
    """Something happens on the server just before some requests are answered."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if when(received):
            happens()
        return answer()

    stage.server.intercept = intercept


def no_data_source(stage: Stage) -> None:
    """None to read a backup through, and none that tables are filled from."""
    world = stage.server.world
    world.datasources.clear()
    world.live = {key: thing for key, thing in world.live.items() if thing.type != "datasource"}


def changed(change: Callable[[dict[str, Any]], None]) -> Callable[[Reply], Reply]:
    """The response with its data changed."""

    def make(reply: Reply) -> Reply:
        envelope = json.loads(reply.body)
        data = json.loads(envelope["data_str"])
        change(data)
        envelope["data_str"] = json.dumps(data)
        return Reply(200, json.dumps(envelope).encode())

    return make


def refused(words: str) -> Reply:
    """Kinetica's own no."""
    envelope = {"status": "ERROR", "message": words, "data_type": "none", "data": "", "data_str": ""}
    return Reply(400, json.dumps(envelope).encode())


@contextmanager
def served_as(stage: Stage, version: str) -> Iterator[None]:
    """The server of the stage says another version, as after an update, or a step back."""

    def other(data: dict[str, dict[str, str]]) -> None:
        data["property_map"]["version.gpudb_core_version"] = version

    instead(stage, at("/show/system/properties"), changed(other))
    yield
    stage.server.intercept = None


DROPPED = Reply(200, b"", drop=True)
"""The server hangs up without a word."""


class Held:
    """An interceptor that keeps some answers back until it is told to let go."""

    def __init__(self, stage: Stage | None, when: When) -> None:
        """``stage``: whose server gets it as its interceptor; None for one that is made with it."""
        self.when = when
        self.arrived = threading.Event()
        self.let_go = threading.Event()
        if stage is not None:
            stage.server.intercept = self

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        if self.when(received):
            self.arrived.set()
            assert self.let_go.wait(BOUND), "nobody let go"
        return answer()

    async def has_arrived(self) -> None:
        """Wait until the server has the request."""
        assert await asyncio.to_thread(self.arrived.wait, BOUND), "the request never arrived"


EVERYWHERE = (
    "drop", "drop-before", "hang", "slow:5", "401", "404", "500", "502", "503", "504", "html", "truncate", "garbage",
    "wrong-type", "trickle",
)  # fmt: skip
"""The faults of the demo server that any endpoint can have."""
JOBS_ONLY = ("no-jobs", "job-dies:30")
"""Those that only ``/create/job`` can have."""


def running(stage: Stage, job: str = "777", user: str = "night_shift") -> Callable[[Reply], Reply]:
    """The response of /admin/show/jobs with one restore more in it."""

    def add(data: dict[str, Any]) -> None:
        data["job_id"] = [*data.get("job_id", []), int(job)]
        data["status"] = [*data.get("status", []), "RUNNING"]
        data["endpoint_name"] = [*data.get("endpoint_name", []), "/restore/backup"]
        data["auth_id"] = [*data.get("auth_id", []), user]
        for name in ("time_received", "source_ip", "query_text", "user_data", "flags"):
            if name in data:
                data[name] = [*data[name], ""]

    return changed(add)
