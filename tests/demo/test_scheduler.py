"""Time that a test moves by hand, and waits that end with their server."""

from __future__ import annotations

import threading

import pytest

from restore_tui.demo.scheduler import ManualScheduler, Pauses, RealScheduler
from tests.harness.servers.demo_requests import Meanwhile

LONG = 10.0


def test_calls_are_made_in_their_order_and_at_their_moment(watch: ManualScheduler) -> None:
    made: list[tuple[str, float]] = []
    watch.at(3, lambda: made.append(("third", watch.now())))
    watch.at(1, lambda: made.append(("first", watch.now())))
    watch.at(1, lambda: made.append(("second", watch.now())))
    watch.at(9, lambda: made.append(("never", watch.now())))
    watch.let_pass(4)
    assert made == [("first", 1), ("second", 1), ("third", 3)]
    assert (watch.now(), watch.waiting) == (4, 1)


def test_a_call_may_ask_for_another_on_the_way(watch: ManualScheduler) -> None:
    made: list[float] = []

    def ask_for_another() -> None:
        watch.at(2, lambda: made.append(watch.now()))

    watch.at(1, ask_for_another)
    watch.let_pass(5)
    assert made == [2]


def test_what_is_taken_back_or_past(watch: ManualScheduler) -> None:
    made: list[str] = []
    take_back = watch.at(1, lambda: made.append("taken back"))
    take_back()
    take_back()
    watch.let_pass(2)
    watch.at(1, lambda: made.append("past"))
    assert made == ["past"]


def test_thirds_make_a_whole(watch: ManualScheduler) -> None:
    made: list[str] = []
    watch.at(0.3, lambda: made.append("due"))
    for _ in range(3):
        watch.let_pass(0.1)
    assert made == ["due"]


def test_waiting_for_somebody_who_never_waits(watch: ManualScheduler) -> None:
    with pytest.raises(TimeoutError, match="0 calls"):
        watch.until_waiting(timeout=0)


def test_the_real_one_calls_and_takes_back() -> None:
    watch, called = RealScheduler(), threading.Event()
    take_back = watch.at(watch.now() + 1000, called.set)
    take_back()
    watch.at(watch.now() - 1, called.set)
    assert called.wait(LONG)


def test_a_pause_ends_with_its_moment_or_with_the_server(
    watch: ManualScheduler, meanwhile: Meanwhile
) -> None:
    pauses = Pauses(watch)
    assert pauses.until(0)
    paused = meanwhile(pauses.until, 5)
    watch.until_waiting()
    watch.let_pass(5)
    assert paused.result(LONG) is True
    cut_short = meanwhile(pauses.until, 10)
    watch.until_waiting()
    pauses.close()
    assert cut_short.result(LONG) is False
    assert pauses.until(0) is False
    pauses.open()
    assert pauses.until(0) is True
    assert watch.waiting == 0
