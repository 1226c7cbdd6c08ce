"""What is said above a list gives way to its rows, and F1 has what is folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content
from textual.pilot import Pilot

from restore_tui.tui.folding import FIXED, LEAST_ROWS, Note, fold
from restore_tui.tui.screens.list_step import FilterableStep
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, text
from tests.harness.app.steps import INVENTORY, app_of, go

NOTES = st.lists(
    st.builds(
        Note,
        st.text("ab ", max_size=90).map(Content),
        st.sampled_from(["one", "two", "three"]),
        counted=st.sampled_from(["", "warning"]),
        rank=st.sampled_from([0, 1, 2, FIXED]),
    ),
    max_size=8,
)
SIZES = pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["80x24", "60x20"])


@given(NOTES, st.integers(0, 12), st.integers(40, 60))
def test_notes_take_the_rows_there_are_and_none_is_lost(notes: list[Note], rows: int, width: int) -> None:
    """What does not fold is shown whole; the rest too, or the last line names the key that shows it."""
    content, folded = fold(notes, rows, width, "F1")
    shown = [note for note in notes if note.content and not any(note is each for each in folded)]
    fixed = sum(note.height(width) for note in notes if note.content and note.rank == FIXED)
    assert len(content.wrap(width)) <= max(rows, fixed + 1) or not (content or folded)
    assert all(note.content.plain in content.plain for note in shown)
    assert all(note.rank < FIXED for note in folded)
    assert content.plain.endswith("F1") or not folded
    assert not folded or max(note.rank for note in folded) <= min(
        (note.rank for note in shown if note.height(width) and note.rank < FIXED), default=FIXED
    )


def test_warnings_are_counted_where_they_are_folded() -> None:
    notes = [Note(Content("OK")), *(Note(Content(f"! {each}"), counted="warning", rank=3) for each in "abc")]
    notes.append(Note(Content("Verified ✓"), "✓ verified", rank=5))
    assert fold(notes, 3, 40, "F1")[0].plain == "OK\nVerified ✓\n! 3 warnings · F1"
    assert fold(notes, 2, 40, "F1")[0].plain == "OK\n✓ verified · ! 3 warnings · F1"
    assert fold(notes, 2, 24, "F1")[0].plain == "OK\n✓ verified · 1 more · F1"


def rows_shown(pilot: Pilot[None]) -> int:
    """Rows of the list that show an item, or could."""
    screen = pilot.app.screen
    assert isinstance(screen, FilterableStep)
    rows = screen.filter_pane.list
    visible = rows.region.intersection(screen.query_one("#body").content_region)
    return visible.height - 1


async def with_warnings(pilot: Pilot[None], step: str) -> None:
    """To a step with a plan that empties tables: two warnings that destroy."""
    await go(pilot, "Options", tick=INVENTORY)
    session = app_of(pilot).session
    for option, value in (("restore_policy", "replace"), ("ddl_only", "true")):
        session.plan = session.plan.choose_option(option, value)
    await press(pilot, "ctrl+n", *(["ctrl+n"] if step == "Restore" else []))


@SIZES
async def test_dry_run_with_two_warnings_keeps_four_rows(size: tuple[int, int], stage: Stage) -> None:
    """The four facts stay; F1 begins with what is folded. The filter open, the same."""
    async with stage.app().run_test(size=size) as pilot:
        await with_warnings(pilot, "Dry run")
        assert rows_shown(pilot) >= LEAST_ROWS
        for fact in ("As of ", "Verified ", "Options ", "Lost "):
            assert fact in text(pilot)
        assert " · F1" in text(pilot)
        assert ("! 2 warnings" in text(pilot)) is (size == (60, 20))
        await press(pilot, "f1")
        assert "Checked on the server:" in text(pilot)
        await press(pilot, "escape", "slash")
        assert rows_shown(pilot) >= LEAST_ROWS


@SIZES
async def test_confirmation_with_two_warnings_keeps_four_rows(size: tuple[int, int], stage: Stage) -> None:
    """No fact and no danger is lost: the prompt names the key that reads on, and it does."""
    async with stage.app().run_test(size=size) as pilot:
        await with_warnings(pilot, "Restore")
        assert rows_shown(pilot) >= LEAST_ROWS
        for fact in ("As of ", "Verified ", "Options ", "Lost "):
            assert fact in text(pilot)
        assert "PgDn reads on" in text(pilot)
        await press(pilot, "pagedown", "pagedown")
        assert "EMPTIES the 3 tables" in text(pilot)
        assert "Type the backup's name: nightly_shop" in text(pilot)


@SIZES
@pytest.mark.parametrize("step", ["Snapshot", "Objects"])
async def test_long_notes_fold_where_the_filter_is_open(
    step: str, size: tuple[int, int], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has much to say of its list."""
    words = "The server is in a talkative mood today, and goes on. " * 8
    async with stage.app().run_test(size=size) as pilot:
        await go(pilot, step)
        screen = pilot.app.screen
        assert isinstance(screen, FilterableStep)
        monkeypatch.setattr(type(screen), "notes", lambda _: {"server message": words})
        await press(pilot, "right", "slash")
        assert "server message · F1" in text(pilot)
        assert rows_shown(pilot) >= LEAST_ROWS
        await press(pilot, "f1")
        assert "talkative mood" in text(pilot)
