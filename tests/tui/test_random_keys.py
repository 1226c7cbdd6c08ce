"""No order of keys reaches a restore without its dry run and a typed confirmation."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from textual.widgets import Input

from restore_tui.demo.server import Received, Reply
from restore_tui.tui.screens.confirm import ConfirmScreen
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import burst, ready, resize, settled, until
from tests.harness.app.random_keys import NAMES, WEIGHTS, without_dry_run


class Book:
    """Notes what the server answered to each ``/restore/backup``, in order."""

    def __init__(self) -> None:
        self.entries: list[tuple[dict[str, Any], int]] = []

    @property
    def reals(self) -> list[int]:
        """Where among the entries the real restores are."""
        return [i for i, (body, _) in enumerate(self.entries) if body["options"].get("dry_run") != "true"]

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = answer()
        if received.endpoint == "/restore/backup":
            self.entries.append((received.json(), reply.http_status))
        return reply


async def sit_down(stage: Stage, book: Book, chance: random.Random, most: int) -> tuple[int, int]:
    """One sitting of at most ``most`` random keys, or until they leave. Returns keys pressed and confirmations."""
    app = stage.app()
    pressed = confirmed = 0
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        if chance.random() < 0.8:  # else most sittings end before anything could go wrong
            await burst(pilot, *["enter"] * 4, "right", "down", "space", "ctrl+n")
        while pressed < most and not app.has_left:
            keys = chance.choices(NAMES, WEIGHTS, k=chance.randint(1, 6))
            pressed += len(keys)
            await burst(pilot, *keys)
            if chance.random() < 0.05 and not app.has_left:
                await resize(pilot, *chance.choice([(80, 24), (60, 20), (120, 40), (40, 12)]))
            if isinstance(app.screen, ConfirmScreen) and chance.random() < 0.7 and not app.has_left:
                real = len(book.reals)
                app.screen.query_one("#phrase", Input).value = ""
                app.screen.query_one("#phrase", Input).focus()
                await burst(pilot, *app.plan.backup, "enter")
                confirmed += 1
                await until(pilot, lambda: not app.restore.is_active)
                await settled(app)
                assert len(book.reals) <= real + 1
        await settled(app)
    assert not app.crashed
    return pressed, confirmed


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [pytest.param(0, marks=pytest.mark.drawn), 1, 2],
)
async def test_random_keys_never_restore_without_a_rehearsal(stage: Stage, seed: int) -> None:
    """Five hundred random keys in bursts, a resize now and then, and the right name typed on the confirmation: every
    real restore follows an OK dry run of the same body, and there are as many as confirmations, and no more."""
    chance = random.Random(seed)
    book = Book()
    stage.server.intercept = book
    pressed = confirmed = 0
    while pressed < 500:
        more, often = await sit_down(stage, book, chance, 500 - pressed)
        pressed += more
        confirmed += often
    assert book.entries, "the keys never reached a dry run: this shows nothing"
    assert len(book.reals) <= confirmed
    for index in book.reals:
        assert index > 0
        before, status = book.entries[index - 1]
        assert before["options"]["dry_run"] == "true"
        assert status == 200
        assert without_dry_run(before) == without_dry_run(book.entries[index][0])
