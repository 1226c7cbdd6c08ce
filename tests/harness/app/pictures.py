"""Pictures of screens: which Textual draws them, in which sizes, and the ways to what they show."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.harness.app.pilot import press, until
from tests.harness.app.steps import SALES, go

Way = Callable[[Pilot[None]], Awaitable[None]]
"""What is done before the picture is taken."""
Picture = Callable[..., None]
"""The fixture ``picture``."""

_PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def _sizes(*sizes: tuple[int, int]) -> pytest.MarkDecorator:
    """A picture in each size; those after the first are ``slow``."""
    first, *others = [f"{width}x{height}" for width, height in sizes]
    marked = [pytest.param(sizes[0], id=first)]
    marked += [
        pytest.param(size, id=id, marks=pytest.mark.slow) for size, id in zip(sizes[1:], others, strict=True)
    ]
    return pytest.mark.parametrize("size", marked)


every_size = _sizes((80, 24), (60, 20), (120, 40))
two_sizes = _sizes((80, 24), (60, 20))


def wrong_textual(installed: str) -> str:
    """Why pictures can't be compared or taken with this Textual; empty where they can."""
    pinned = re.search(r'"textual==([^"]+)"', _PYPROJECT.read_text(encoding="utf-8"))
    assert pinned is not None, "pyproject.toml pins no Textual in its dev extra"
    if installed == pinned[1]:
        return ""
    return (
        f"These pictures were taken with Textual {pinned[1]}, and {installed} is installed: patch releases draw "
        f"differently. Install it with: pip install textual=={pinned[1]}"
    )


def to(step: str, *then: str, tick: tuple[str, ...] = SALES, backup: str = "nightly_shop") -> Way:
    """The way to a step, and keys on it."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, step, tick=tick, backup=backup)
        await press(pilot, *then)
        await until(pilot, lambda: not is_counting(pilot))

    return way


def is_counting(pilot: Pilot[None]) -> bool:
    """Whether what exists is still being counted for the warnings of Options."""
    return any(worker.group == "look-ahead" and not worker.is_finished for worker in pilot.app.workers)
