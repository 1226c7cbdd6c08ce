"""Pictures of what F2 shows: four languages, beside and below, and the real restore's."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from restore_tui.restore.export import LANGUAGES, Language
from tests.harness.app.pictures import Picture, every_size, to
from tests.harness.app.pilot import press, until
from tests.harness.app.steps import INVENTORY, focused, go


@pytest.mark.parametrize("language", LANGUAGES)
def test_request_in(picture: Picture, language: Language) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N, F2, l until it is that language."""
    picture(to("Options", "f2", *["l"] * LANGUAGES.index(language)))


def test_request_without_colours(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N, F2, l ×2, with NO_COLOR."""
    monkeypatch.setenv("NO_COLOR", "1")
    picture(to("Options", "f2", "l", "l"))


@every_size
def test_request_of_the_restore(picture: Picture, size: tuple[int, int]) -> None:
    """Enter ×4, → Space, Ctrl+N, →, Ctrl+N ×2, F2, Esc, r, l: under replace."""
    picture(to("Options", "right", "ctrl+n", "ctrl+n", "f2", "escape", "r", "l", tick=INVENTORY), size)


def test_request_with_the_focus_in_it(picture: Picture) -> None:
    """Enter ×2, F2, l, → →, PgDn."""

    async def way(pilot: Pilot[None]) -> None:
        await go(pilot, "Backup")
        await press(pilot, "f2", "l", "right", "right")
        await until(
            pilot, lambda: focused(pilot).max_scroll_y > 0
        )  # what is not laid out yet does not scroll
        await press(pilot, "pagedown")
        await until(pilot, lambda: 0 < focused(pilot).scroll_offset.y == focused(pilot).scroll_target_y)

    picture(way)


def test_request_beside_the_options(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N, F2, l ×2, in a wide terminal."""
    picture(to("Options", "f2", "l", "l"), (120, 40))


def test_request_saved(picture: Picture) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N, F2, l, e."""
    picture(to("Options", "f2", "l", "e"))


def test_help_on_a_dialog(picture: Picture) -> None:
    """Enter ×4, ↓, t, F1."""
    picture(to("Objects", "down", "t", "f1"))


def test_help_on_the_request(picture: Picture) -> None:
    """Enter ×2, F2, → →, F1, End: the keys."""
    picture(to("Backup", "f2", "right", "right", "f1", "end"))
