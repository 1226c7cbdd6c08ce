"""The search for an object, and the comparison of snapshots."""

from __future__ import annotations

from textual.pilot import Pilot

from restore_tui.find.progress import SearchState
from restore_tui.tui.screens.compare import CompareScreen
from restore_tui.tui.screens.find import FindScreen
from tests.harness.app.pilot import at_rest, press, typed, until


def finder(pilot: Pilot[None]) -> FindScreen:
    screen = pilot.app.screen
    assert isinstance(screen, FindScreen)
    return screen


def state(pilot: Pilot[None]) -> SearchState:
    search = finder(pilot).search
    return search.state if search is not None else SearchState.NEW


async def ended(pilot: Pilot[None]) -> None:
    """Wait until the search is over and all of its rows are shown."""
    await until(
        pilot, lambda: state(pilot) in (SearchState.DONE, SearchState.STOPPED) and not finder(pilot)._is_due
    )
    await at_rest(pilot)


async def find(pilot: Pilot[None], names: str) -> None:
    """F, the names, Enter, and all of the search."""
    await press(pilot, "F")
    await typed(pilot, names)
    await press(pilot, "enter")
    await ended(pilot)


def comparer(pilot: Pilot[None]) -> CompareScreen:
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


async def compared(pilot: Pilot[None], *keys: str) -> None:
    """Press these keys on the list of what to compare with, the last of which compares, and wait for the result."""
    await press(pilot, *keys)
    await until(pilot, lambda: not comparer(pilot)._is_reading)
    await at_rest(pilot)
