"""What happens to the bytes that a terminal sends. No clock is read: the test says when they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

from restore_tui.tui.terminal.input_filter import (
    PASTE_LIMIT,
    SECONDS_OF_PASTE,
    SECONDS_TO_END,
    STRING_LIMIT,
    InputFilter,
    Kind,
)
from tests.harness.terminal.expected_keys import ALPHABET, END, KEYS, NO_KEYS, typed, without_esc_key

ESC_DELAY = 0.1


class Line:
    """A filter, and a time that only the test moves."""

    def __init__(self) -> None:
        self.filter = InputFilter(ANSI_SEQUENCES_KEYS, frozenset(FUNCTIONAL_KEYS), ESC_DELAY)
        self.now = 100.0
        self.tokens: list[tuple[Kind, str]] = []

    def send(self, *parts: bytes, pause: float = 0.0) -> None:
        """Each part in a read of its own, with a pause behind it."""
        for part in parts:
            self.tokens += self.filter.feed(part, self.now)
            self.wait(pause)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (deadline := self.filter.deadline) is not None and deadline <= end:
            self.now = deadline
            self.tokens += self.filter.expire(deadline)
        self.now = end

    @property
    def keys(self) -> str:
        """The keys, one behind the other."""
        return "".join(text for kind, text in self.tokens if kind is Kind.KEY)


def tokens_of(*parts: bytes, pause: float = 0.0) -> list[tuple[Kind, str]]:
    """What comes of the parts, and of silence behind them."""
    line = Line()
    line.send(*parts, pause=pause)
    line.wait(10)
    assert not line.filter.is_undecided
    return line.tokens


def cuts(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(data[:at], data[at:]) for at in range(1, len(data))]


# Whole, and cut


def test_every_sequence_of_textuals_table_is_its_key() -> None:
    """Whole, cut at every position, and with as long a pause there as Esc allows."""
    for sequence in ANSI_SEQUENCES_KEYS:
        data = sequence.encode()
        # Two ESC bytes are two presses of Esc, as they are for Textual.
        wanted = [(Kind.KEY, each) for each in ("\x1b\x1b" if sequence == "\x1b\x1b" else [sequence])]
        assert tokens_of(data) == wanted
        for parts in cuts(data):
            assert tokens_of(*parts) == wanted
            assert tokens_of(*parts, pause=ESC_DELAY * 0.9) == wanted


@pytest.mark.parametrize("name", NO_KEYS)
def test_what_is_no_key_becomes_none(name: str) -> None:
    """Whole, cut at every position, with a pause there; and the key behind it is a key."""
    data = NO_KEYS[name]
    for parts in ((data,), *cuts(data)):
        for pause in (0.0, ESC_DELAY * 0.9):
            found = tokens_of(*parts, b"j", pause=pause)
            assert [token for token in found if token[0] is not Kind.SGR_LOST] == [(Kind.KEY, "j")]


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_a_key_however_it_is_reported(name: str) -> None:
    """Whole and cut at every position."""
    data, wanted = KEYS[name]
    for parts in ((data,), *cuts(data)):
        line = Line()
        line.send(*parts)
        line.wait(10)
        assert line.keys == wanted


def test_every_byte_alone_and_before_a_key() -> None:
    """0x00 to 0xff: none raises, none keeps the next key, and none above ASCII is a key."""
    for byte in range(0x100):
        found = tokens_of(bytes([byte]), pause=1)
        assert found == ([(Kind.KEY, chr(byte))] if byte < 0x80 else [])
        assert (Kind.KEY, "j") in tokens_of(bytes([byte]), b"j", pause=1)


def test_reports_that_were_asked_for_arrive() -> None:
    """Mouse, focus, synchronized output; and resizes, once the terminal has said that it reports them."""
    for report in ("\x1b[<0;5;7M", "\x1b[<0;5;7m", "\x1b[<64;5;7M", "\x1b[I", "\x1b[O", "\x1b[?2026;2$y"):
        for parts in ((report.encode(),), *cuts(report.encode())):
            assert tokens_of(*parts) == [(Kind.REPORT, report)]
    resize = b"\x1b[48;24;80;480;640t"
    assert tokens_of(b"\x1b[?2048;2$y", resize) == [
        (Kind.REPORT, "\x1b[?2048;2$y"),
        (Kind.REPORT, resize.decode()),
    ]
    assert tokens_of(b"\x1b[?2048;0$y", resize) == [(Kind.REPORT, "\x1b[?2048;0$y")]


def test_an_x10_report_asks_for_the_mode_again() -> None:
    """Its three bytes are dropped, whatever they are."""
    assert tokens_of(b"\x1b[M\x03\x11\x1bj") == [(Kind.SGR_LOST, ""), (Kind.KEY, "j")]


# Esc


def test_a_lone_esc_is_a_key_after_its_delay() -> None:
    """Not before it."""
    line = Line()
    line.send(b"\x1b", pause=ESC_DELAY * 0.99)
    assert line.tokens == []
    assert line.filter.is_undecided
    line.wait(ESC_DELAY * 0.02)
    assert line.keys == "\x1b"
    assert not line.filter.is_undecided


@pytest.mark.parametrize("rest", [b"[A", b"OP", b"[1;5C", b"]11;rgb:1e1e\x1b\\", b"P>|tmux 3.4\x1b\\"])
def test_the_late_rest_of_a_sequence_is_no_letters(rest: bytes) -> None:
    """ESC, a pause above the delay, and the rest: Esc was pressed already, and nothing else."""
    line = Line()
    line.send(b"\x1b", pause=0.3)
    line.send(rest, pause=1)
    assert line.keys == "\x1b"


def test_a_paste_whose_first_byte_came_early_is_a_paste() -> None:
    """Its line break is no Enter."""
    line = Line()
    line.send(b"\x1b", pause=0.3)
    line.send(b"[200~name\r\x1b[201~")
    assert line.tokens == [(Kind.KEY, "\x1b"), (Kind.PASTE, "name\r")]


@pytest.mark.parametrize("keys", [b"j", b"[", b"O"])
def test_a_key_long_after_esc_is_itself(keys: bytes) -> None:
    """And what is no rest of a sequence is a key at once."""
    line = Line()
    line.send(b"\x1b", pause=1)
    line.send(keys)
    assert line.keys == "\x1b" + keys.decode()


# What nobody ends


@pytest.mark.parametrize(
    "begin", [b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1b[", b"\x1bO", b"\x1b[M"]
)
def test_what_nobody_ends_ends_by_itself(begin: bytes) -> None:
    """Alt+] and the like: half a second later the keys are keys."""
    line = Line()
    line.send(begin, pause=SECONDS_TO_END * 1.01)
    line.send(b"q")
    assert line.keys == "q"


@pytest.mark.parametrize("begin", [b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX"])
def test_keys_that_end_a_string_at_once(begin: bytes) -> None:
    """Ctrl+C and Ctrl+Q act, Esc and a sequence act, Ctrl+X only ends it."""
    assert tokens_of(begin + b"abc\x03")[-1] == (Kind.KEY, "\x03")
    assert tokens_of(begin + b"abc\x11")[-1] == (Kind.KEY, "\x11")
    assert tokens_of(begin + b"abc\x1b", pause=1) == [(Kind.KEY, "\x1b")]
    assert tokens_of(begin + b"abc\x1b[A") == [(Kind.KEY, "\x1b[A")]
    assert tokens_of(begin + b"abc\x18j") == [(Kind.KEY, "j")]


def test_a_long_string_is_dropped_with_its_rest_and_no_key_behind_it() -> None:
    """A clipboard of 100 kB in one go: no letter of it is typed. After a pause the next key is a key."""
    line = Line()
    for _ in range(25):
        line.send(b"\x1b]52;c;" if line.now == 100 else b"x" * 4096, pause=0.01)
    assert line.keys == ""
    line = Line()
    line.send(b"\x1b]" + b"x" * (STRING_LIMIT + 1), pause=0.06)
    line.send(b"q")
    assert line.keys == "q"


def test_a_held_key_cannot_keep_a_string_open_but_esc_ends_it() -> None:
    """Typing goes on behind Alt+]: after half a second each letter is a letter."""
    line = Line()
    line.send(b"\x1b]")
    for _ in range(10):
        line.wait(0.1)
        line.send(b"j")
    assert 4 <= len(line.keys) <= 6


# Pastes


def test_a_paste_is_text() -> None:
    """Without bytes that are not UTF-8, without controls; its line breaks and tabs stay."""
    pasted = b"\x1b[200~M\xfcller\xd6\xd0\x1b[31m\x00\x9b\xc2\x9bx\x7f\ta\r\nb\x1b[201~"
    wanted = [(Kind.PASTE, "Mller[31mx\ta\r\nb"), (Kind.KEY, "\r")]
    assert tokens_of(pasted + b"\r") == wanted
    for parts in cuts(pasted):
        assert tokens_of(*parts, b"\r") == wanted


def test_an_empty_paste_is_nothing() -> None:
    """Nor is one of which nothing is left."""
    assert tokens_of(b"\x1b[200~\x1b[201~") == tokens_of(b"\x1b[200~\xff\x1b[201~") == []


def test_a_paste_that_nobody_ends() -> None:
    """It ends after a while without a byte, or with Ctrl+C or Ctrl+Q pressed alone."""
    line = Line()
    line.send(b"\x1b[200~abc", pause=SECONDS_OF_PASTE * 0.9)
    line.send(b"def\r", pause=SECONDS_OF_PASTE * 1.1)
    line.send(b"q")
    assert line.tokens == [(Kind.PASTE, "abcdef\r"), (Kind.KEY, "q")]
    assert tokens_of(b"\x1b[200~abc", b"\x11") == [(Kind.PASTE, "abc"), (Kind.KEY, "\x11")]
    assert tokens_of(b"\x1b[200~a\x11b\x1b[201~") == [(Kind.PASTE, "ab")]


def test_a_paste_without_bound_is_dropped() -> None:
    """Nothing of it is kept, and the next key is a key."""
    line = Line()
    line.send(b"\x1b[200~", *[b"x" * 1_000_000] * (PASTE_LIMIT // 1_000_000 + 2), b"\x1b[201~", b"j")
    assert line.tokens == [(Kind.KEY, "j")]


# Anything


@given(st.lists(st.sampled_from(ALPHABET), max_size=40))
@example([b"\x1b[M", b"\x1b", b"["])
def test_of_random_input_only_keys_are_keys(parts: Sequence[bytes]) -> None:
    """As a second reading of the same bytes, which shares nothing with the first, has them."""
    data = without_esc_key(b"".join(parts)) + END
    line = Line()
    line.send(data, pause=10)
    keys = [text for kind, text in line.tokens if kind is Kind.KEY]
    as_textual = [ANSI_SEQUENCES_KEYS[key] if len(key) > 1 else key for key in keys]
    assert "".join(key for key in as_textual if isinstance(key, str)) == typed(data)


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_where_reads_are_cut_makes_no_difference(data: bytes, at: list[int]) -> None:
    """Any bytes: nothing raises, nothing stays open, and the same tokens come of them in one read or in many."""
    places = [0, *sorted(min(place, len(data)) for place in at), len(data)]
    parts = [data[begin:end] for begin, end in pairwise(places)]
    if b"\x1b[200~" not in data:  # in a paste, one of two bytes alone in its read is a key that ends it
        assert tokens_of(*parts) == tokens_of(data)


REPLIES = pytest.mark.parametrize("end", [b"\x1b\\", b"\x07"], ids=["ST", "BEL"])


@REPLIES
def test_the_background_reaches_who_asked_and_nobody_else(end: bytes) -> None:
    """Asked once: one reply, wherever it is split, between two keys that stay keys; a second reply is dropped."""
    reply = b"\x1b]11;rgb:ffff/fafa/f0f0" + end
    for cut in range(len(reply)):
        keys = InputFilter(ANSI_SEQUENCES_KEYS, frozenset(FUNCTIONAL_KEYS), ESC_DELAY)
        keys.awaits_background = True
        tokens = keys.feed(b"a" + reply[:cut], 0.0) + keys.feed(reply[cut:] + b"b" + reply + b"c", 0.01)
        assert [(token.kind, token.text) for token in tokens] == [
            (Kind.KEY, "a"),
            (Kind.BACKGROUND, "rgb:ffff/fafa/f0f0"),
            (Kind.KEY, "b"),
            (Kind.KEY, "c"),
        ]


@REPLIES
@pytest.mark.parametrize(
    "body", [b"]10;rgb:0/0/0", b"]11;red", b"]11;rgb:" + b"f" * 40, b"P11;rgb:f/f/f", b"]52;c;cGFzcw=="]
)
def test_what_is_no_background_is_dropped(body: bytes, end: bytes) -> None:
    keys = InputFilter(ANSI_SEQUENCES_KEYS, frozenset(FUNCTIONAL_KEYS), ESC_DELAY)
    keys.awaits_background = True
    assert keys.feed(b"\x1b" + body + end, 0.0) == []
