"""The small terminal that benchmarks and tests read a screen with."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.terminal.emulator import Emulator, UnknownSequenceError

WRITTEN = (
    "\x1b[?1049h\x1b[?2026$p\x1b]22;default\x07\x1b[H\x1b[38;2;1;2;3mfirst ›\x1b[0m\r\nsecond\x1b[3;5Hthird\x1b[1G"
    "\x1b[3;2Hé日e\u0301\x1b]0;title\x1b\\\x1b[1;1Hf"
).encode()


def text(*pieces: bytes) -> list[str]:
    screen = Emulator(12, 4)
    for piece in pieces:
        screen.feed(piece)
    return screen.text.split("\n")


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("one\r\ntwo", ["one", "two", "", ""]),
        ("\x1b[2;4Hhere", ["", "   here", "", ""]),
        ("just twelve!\x1b[1G", ["just twelve!", "", "", ""]),
        ("gone\x1b[1Gleft", ["left", "", "", ""]),
        ("1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"]),
        ("a\tb\tc", ["a       b  c", "", "", ""]),
        ("\x1b[1;31mred\x1b[0m\x1b[?25l", ["red", "", "", ""]),
        ("\x1b]0;a title\x07shown", ["shown", "", "", ""]),
        ("日本\x1b[2Gx", [" x本", "", "", ""]),
    ],
)
def test_what_is_written_is_shown(written: str, lines: list[str]) -> None:
    """Cursor moves, scrolling, colors, titles, and half a wide character that is drawn over."""
    assert text(written.encode()) == lines


@given(st.sets(st.integers(0, len(WRITTEN))))
def test_it_is_the_same_in_whatever_pieces_it_comes(cuts: set[int]) -> None:
    """Also when a sequence or a letter is cut in two."""
    edges = [0, *sorted(cuts), len(WRITTEN)]
    assert text(*(WRITTEN[a:b] for a, b in pairwise(edges))) == text(WRITTEN)
    assert text(WRITTEN) == ["first ›", "second", " é日e\u0301hird", ""]


@pytest.mark.parametrize("sequence", ["\x1b[2K", "\x1b[1J", "\x1bP+q\x1b\\", "\x1b[3A", "\b", "\x1b[99m"])
def test_refuses_what_it_does_not_know(sequence: str) -> None:
    """It never shows something else than a terminal does, in silence."""
    with pytest.raises(UnknownSequenceError):
        text(sequence.encode())
