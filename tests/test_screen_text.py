"""The small terminal that benchmarks and tests read a screen with."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.screen_text import ScreenText

WRITTEN = (
    "\x1b[?1049h\x1b[?2048$p\x1b]22;default\x07\x1b[H\x1b[38;2;1;2;3mfirst ›\x1b[0m\r\nsecond\x1b[3;5Hthird\x1b[2K"
    "\x1b[3;2Hé\x1b[C…\x1bP+q\x1b\\\x1b[1;1Hf"
).encode()


def text(*pieces: bytes) -> list[str]:
    screen = ScreenText(12, 4)
    for piece in pieces:
        screen.feed(piece)
    return screen.lines


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("one\r\ntwo", ["one", "two", "", ""]),
        ("\x1b[2;4Hhere", ["", "   here", "", ""]),
        ("longer than twelve", ["longer than ", "", "", ""]),
        ("gone\x1b[1G\x1b[Kleft", ["left", "", "", ""]),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[J", ["a", "", "", ""]),
        ("\x1b[1;31mred\x1b[0m\x1b[?25l", ["red", "", "", ""]),
        ("\x1b]0;a title\x07shown", ["shown", "", "", ""]),
        ("12345\x1b[3D\x1b[2Xx", ["12x 5", "", "", ""]),
    ],
)
def test_what_is_written_is_shown(written: str, lines: list[str]) -> None:
    """Cursor moves, clearing, colours, titles."""
    assert text(written.encode()) == [line.rstrip() for line in lines]


@given(st.sets(st.integers(0, len(WRITTEN))))
def test_it_is_the_same_in_whatever_pieces_it_comes(cuts: set[int]) -> None:
    """Also when a sequence or a letter is cut in two."""
    edges = [0, *sorted(cuts), len(WRITTEN)]
    assert text(*(WRITTEN[a:b] for a, b in pairwise(edges))) == text(WRITTEN)
    assert text(WRITTEN) == ["first ›", "second", " é …", ""]
