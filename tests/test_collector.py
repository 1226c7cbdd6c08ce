"""The collector of garbage, which rests while many objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from restore_tui.gc_control import gc_paused, gc_paused_during_startup


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_it_rests_until_it_is_woken() -> None:
    """Woken, it passes over what was there by then; woken again, it does not pass over more."""
    with gc_paused_during_startup() as wake:
        assert not gc.isenabled()
        wake()
        assert gc.isenabled()
        passed_over = gc.get_freeze_count()
        assert passed_over > 0
        more = [[number] for number in range(1000)]
        wake()
        assert gc.get_freeze_count() <= passed_over
        assert len(more) == 1000


def test_it_never_rests_for_longer_than_the_program_runs() -> None:
    """An end before it was woken, and an error."""
    with gc_paused_during_startup():
        pass
    assert gc.isenabled()
    with pytest.raises(RuntimeError), gc_paused_during_startup():
        raise RuntimeError
    assert gc.isenabled()


def test_it_rests_during_work_that_makes_many_objects() -> None:
    """No collection falls into it; after it, and after an error in it, the collector is awake again."""
    collections: list[str] = []

    def noted(phase: str, info: dict[str, int]) -> None:
        collections.append(phase)

    gc.callbacks.append(noted)
    try:
        with gc_paused():
            collections.clear()
            made = [[number] for number in range(100_000)]
            within = collections.copy()
        assert within == []
        made += [[number] for number in range(100_000)]
        assert collections != []
    finally:
        gc.callbacks.remove(noted)
    with pytest.raises(RuntimeError), gc_paused():
        raise RuntimeError
    assert gc.isenabled()


def test_it_sleeps_until_the_last_work_ends() -> None:
    """Two threads overlap, and the first to begin ends first; being woken by the start changes nothing of it."""
    with ExitStack() as first, ExitStack() as second, gc_paused_during_startup() as wake:
        first.enter_context(gc_paused())
        second.enter_context(gc_paused())
        wake()
        passed_over = gc.get_freeze_count()
        more = [[number] for number in range(1000)]
        wake()
        assert gc.get_freeze_count() <= passed_over
        assert len(more) == 1000
        first.close()
        assert not gc.isenabled()
        second.close()
        assert gc.isenabled()


def test_work_wakes_nothing_that_rests_for_another_reason() -> None:
    """While the program starts, and one within the other."""
    with gc_paused_during_startup():
        with gc_paused():
            pass
        assert not gc.isenabled()
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
