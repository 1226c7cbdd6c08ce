"""Stops the preparation of a restore at each of its suspension points in turn.

Every task that works on a confirmed restore, from Enter on, is run through ``Suspensions``: the task itself, and each
task that it starts. Wherever one of them gives up control, at whatever depth, is a suspension point. They are found
while the program runs, so an await that is added later is among them.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from restore_tui.tui.app import RestoreApp
from restore_tui.tui.restore_task import RestoreTask

_INSIDE: ContextVar[bool] = ContextVar("inside", default=False)


def place(work: Coroutine[Any, Any, Any]) -> str:
    """Where a coroutine is suspended, as far in as Python tells: our own functions with their lines, and the innermost
    of a library."""
    frames = []
    at: Any = work
    frame = None
    while at is not None:
        if type(at).__name__ == "async_generator_asend" and frame is not None:
            at = getattr(
                frame.f_locals.get("self"), "gen", None
            )  # an asynccontextmanager that is being entered
            continue
        frame = getattr(at, "cr_frame", None) or getattr(at, "ag_frame", None)
        if frame is not None:
            path = Path(frame.f_code.co_filename)
            ours = "restore_tui" in path.parts
            frames.append(f"{path.name}:{frame.f_code.co_name}" + (f":{frame.f_lineno}" if ours else ""))
        at = getattr(at, "cr_await", None) or getattr(at, "ag_await", None)
    ours = [name for name in frames if name.count(":") == 2]
    return " > ".join([*ours, *frames[-1:]] if frames[-1:] != ours[-1:] else ours)


class Suspensions:
    """Counts the suspension points since ``begin``, and stops at one of them.

    ``stops`` decides, by number and place, at which one. There the task is kept until ``go_on``; ``reached`` is set.
    ``is_over`` tells when nothing counts any more: the request has left.
    """

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self.is_over = is_over
        self.begin(lambda number, place: False)

    def begin(self, stops: Callable[[int, str], bool]) -> None:
        self.stops = stops
        self.places: list[str] = []
        self.reached = asyncio.Event()
        self._kept: asyncio.Future[None] | None = None

    def go_on(self) -> None:
        if self._kept is not None and not self._kept.done():
            self._kept.set_result(None)

    @types.coroutine
    def run(self, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Run a coroutine to its end, and stop where it is to be stopped."""
        step: Callable[[], Any] = lambda: work.send(None)  # noqa: E731
        while True:
            try:
                waits_for = step()
            except StopIteration as end:
                return end.value
            try:
                yield from self._suspended(place(work))
                value = yield waits_for
            except BaseException as error:
                step = lambda error=error: work.throw(error)  # noqa: E731
            else:
                step = lambda value=value: work.send(value)  # noqa: E731

    def _suspended(self, where: str) -> Iterator[Any]:
        if self.is_over() or self.reached.is_set():
            return
        self.places.append(where)
        if self.stops(len(self.places), where):
            self._kept = asyncio.get_running_loop().create_future()
            self.reached.set()
            yield from self._kept.__await__()


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[RestoreApp], Suspensions]]:
    """Returns what watches an app that runs."""
    loop = asyncio.get_running_loop()
    made: list[Suspensions] = []

    def make_task(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        if made and _INSIDE.get() and asyncio.iscoroutine(work):
            task = asyncio.Task(made[-1].run(work), loop=loop, **more)
            task.add_done_callback(lambda _: work.close())  # one that was canceled before it began
            return task
        return asyncio.Task(work, loop=loop, **more)

    run = RestoreTask._run

    def watch(app: RestoreApp) -> Suspensions:
        def is_over() -> bool:
            return app.restore.send_control is None or app.restore.send_control.is_sent

        made.append(Suspensions(is_over))
        return made[-1]

    async def inside(self: RestoreTask, *arguments: Any) -> None:
        _INSIDE.set(True)
        await made[-1].run(run(self, *arguments))

    with monkeypatch.context() as patch:
        patch.setattr(RestoreTask, "_run", inside)
        loop.set_task_factory(make_task)
        yield watch
        loop.set_task_factory(None)
