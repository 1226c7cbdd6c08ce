"""All keys of a walk at once, before the program has drawn anything, over a line that is slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.terminal.slow_terminal import FAR_AWAY, SlowTerminal

pytestmark = pytest.mark.slow

ENTER, UP, RIGHT, DOWN, SPACE, CTRL_N, ESC = "\r", "\x1b[A", "\x1b[C", "\x1b[B", " ", "\x0e", "\x1b"
TO_THE_DRY_RUN = ENTER * 4 + UP + RIGHT + DOWN + SPACE + CTRL_N * 2


@pytest.mark.parametrize("at_once", [True, False], ids=["before it has the terminal", "once it has written"])
def test_keys_typed_ahead_go_where_they_were_meant_to(tmp_path: Path, *, at_once: bool) -> None:
    """Enter ×4, → ↓ Space, Ctrl+N ×2, 300 ms away at 64 kbit/s: the dry run of the schema sales of the newest backup,
    and going back shows that nothing else was selected."""
    with SlowTerminal(["-m", "restore_tui", "--demo"], home=tmp_path, pace=FAR_AWAY) as line:
        if not at_once:
            line.until(lambda: line.arrived)
        line.send(TO_THE_DRY_RUN)
        line.until_shown("Dry run OK")
        line.until_shown("23 objects would be restored")
        assert "› nightly_shop ›" in line.text
        assert "› 1 name" in line.text
        line.until_shown("f5 Run again")
        line.send(ESC)
        line.until_shown("Restore options")
        line.until_shown("● none*")
        line.send(ESC)
        line.until_shown("23 objects selected")
        ticks = [word for row in line.text.splitlines() for word in row.split("│")[1:] if "[" in word]
        assert ["[x] sales" in tick for tick in ticks] == [False, True, False]
        assert sum("[ ]" in tick for tick in ticks) == 2
        line.send("\x11")
        line.until(lambda: line.process.poll() is not None)
    assert line.process.returncode == 0
