"""What every room shares: the misbehaving server, how Hypothesis draws, and the certainty that no thread stays
behind."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import HealthCheck, settings

from tests.harness.servers.faulty_server import Server
from tests.harness.servers.interceptors import Held, is_restore
from tests.harness.terminal.program import Terminal

# Collecting the tests, and an app under test, make and drop many small objects; looking through all of them each time
# is a third of what a pilot test costs.
gc.set_threshold(100_000, 50, 50)

# Neither profile measures time: an example that takes long on a busy machine is no error. `check` draws the same
# examples everywhere, so that a test passes for everybody or for nobody. `search` draws others each time, and more of
# them: HYPOTHESIS_PROFILE=search. A test that names its own suppress_health_check has to name too_slow as well.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("check", _UNTIMED, derandomize=True)
settings.register_profile("search", _UNTIMED, derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "check"))


_MANY_EXAMPLES_ARE_SLOW = (
    "tests/tui/",
    "tests/restore/test_equivalents_curl.py",
    "tests/test_cli.py",
    "tests/test_history.py",
    "tests/test_last_second.py",
    "tests/test_live.py",
    "tests/test_process_end.py",
    "tests/test_terminal.py",
    "tests/kinetica/test_any_bytes.py",
)
"""Where a test starts an app, a process or a server: of one with many examples, `make check` runs the first and the
last, and `make check-all` runs them all."""


def pytest_configure(config: pytest.Config) -> None:
    """Look for what was never awaited or closed once at the end, and not five times: in a large process each time takes
    seconds."""
    config.stash[gc_collect_iterations_key] = 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    examples: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.nodeid.startswith(_MANY_EXAMPLES_ARE_SLOW) and item.get_closest_marker("slow") is None:
            examples.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for between in examples.values():
        for item in between[1:-1]:
            item.add_marker("slow")
    # What takes longest goes first, so that no process still works on it when the others are done.
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, "tui" not in item.path.parts))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a read of a server beside us may take seconds. What gives up on one after ten is tested by
    tests that say so, with a bound of their own."""
    for bound in (
        "preflight.conflict_check.INVENTORY_SECONDS",
        "execution.final_check.SECONDS_TO_READ",
        "outcome.evidence.BASELINE_SECONDS",
    ):
        monkeypatch.setattr(f"restore_tui.restore.{bound}", 600.0)


@pytest.fixture
def faulty() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_terminal_stays() -> Iterator[None]:
    """A test that fails leaves no process behind."""
    yield
    for process in Terminal.started:
        if process.poll() is None:
            process.kill()
            process.wait()
    Terminal.started.clear()


@pytest.fixture
def held_restore() -> Iterator[Held]:
    """An interceptor that keeps the response of the real restore back, until the test is over."""
    held = Held(None, is_restore)
    yield held
    held.let_go.set()
