"""Server text is data: whatever it holds, it comes out on one line and moves no cursor."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.sanitize import sanitize, sanitize_block, truncate_middle

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
anything = st.text(st.characters(exclude_categories=()), max_size=60) | st.text(
    st.sampled_from("\x1b]0;\x07\r\n\u202e\u2066\u2028\x85\x9b\u200b\ud800\u0301a[/x]\t\x7f\xa0"), max_size=60
)


@given(anything)
def test_nothing_dangerous_comes_out(text: str) -> None:
    """No control, format, bidi or line-break character is left, whatever came in."""
    plain = sanitize(text)
    assert not [c for c in plain if unicodedata.category(c) in DANGEROUS]
    assert len(plain.splitlines()) <= 1
    plain.encode()


@given(anything)
def test_once_is_enough(text: str) -> None:
    """What is harmless stays as it is."""
    assert sanitize(sanitize(text)) == sanitize(text)


@given(anything, st.integers(0, 20))
def test_length_is_bounded(text: str, limit: int) -> None:
    """Nothing is longer than it may be, and what is short enough is not cut."""
    assert len(sanitize(text, limit)) <= limit
    if len(text) <= limit:
        assert sanitize(text, limit) == sanitize(text)


@given(anything, st.integers(1, 40))
def test_blocks_keep_lines_and_nothing_else(text: str, limit: int) -> None:
    """A message of several lines keeps its lines; the rest is as harmless."""
    block = sanitize_block(text, limit)
    assert len(block) <= limit
    assert not [c for c in block if c != "\n" and unicodedata.category(c) in DANGEROUS]


@pytest.mark.parametrize(
    "text", ["sales.orders", "Zoë Ångström", "日本語", "[/x] [bold]", "a  b", "e\u0301", "😀"]
)
def test_ordinary_text_is_unchanged(text: str) -> None:
    """Names and words of any language, markup included, come out as they are."""
    assert sanitize(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\u240ab"),
        ("\x1b]0;title\x07", "\u241b]0;title\u2407"),
        ("\x7f", "\u2421"),
        ("evil\u202eexe", "evil\ufffdexe"),
        ("a\xa0b\u3000c", "a b c"),
        ("z" + "\u0301" * 50, "z\u0301\u0301"),
    ],
)
def test_what_was_there_is_visible(text: str, shown: str) -> None:
    """A control character is shown, not swallowed."""
    assert sanitize(text) == shown


def test_a_monstrous_name_is_cut_in_the_middle() -> None:
    """Both ends of a 10 MB name stay, for they tell it apart."""
    assert sanitize("a" + "\x1b" * 10_000_000 + "z", 9) == "a\u241b\u241b\u241b…\u241b\u241b\u241bz"
    assert [truncate_middle("abcdef", n) for n in range(7)] == [
        "",
        "…",
        "a…",
        "a…f",
        "ab…f",
        "ab…ef",
        "abcdef",
    ]
