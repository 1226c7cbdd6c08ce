"""What is written to a terminal that shows one thing, so that it shows another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._border import BORDER_CHARS
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip

import restore_tui
from restore_tui.ascii_glyphs import GLYPHS
from restore_tui.tui.terminal.frame_diff import Frame, diff, row_from_segments
from tests.harness.terminal.emulator import PLAIN, Emulator, seen

TRUE = ColorSystem.TRUECOLOR
TEXTS = st.lists(
    st.sampled_from(
        [*"ab12 .│›", " ", "  ", "   ", "sales.orders", "漢", "字", "e\u0301", "❤\ufe0f", "👩\u200d💻", "9"]
    ),
    max_size=9,
).map("".join)
COLOURS = st.sampled_from([None, "#102030", "#a0b0c0", "red", "default", "color(200)"])
STYLES = st.builds(
    Style,
    color=COLOURS,
    bgcolor=COLOURS,
    bold=st.booleans(),
    dim=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
    strike=st.booleans(),
)
FEW_STYLES = st.one_of(st.sampled_from([Style(), Style(color="#ffffff", bgcolor="#000020")]), STYLES)
SEGMENTS = st.lists(st.tuples(TEXTS, FEW_STYLES).map(lambda pair: Segment(*pair)), max_size=5)


@st.composite
def screens(draw: st.DrawFn) -> list[list[Strip]]:
    """A few screens of one size. Often a row is as on the screen before."""
    width, height = draw(st.integers(1, 24)), draw(st.integers(1, 3))
    rows = st.builds(lambda segments: Strip(segments).adjust_cell_length(width), SEGMENTS)
    shown: list[list[Strip]] = []
    for _ in range(draw(st.integers(1, 4))):
        before = shown[-1] if shown else [None] * height
        shown.append([row if row is not None and draw(st.booleans()) else draw(rows) for row in before])
    return shown


def frame(strips: list[Strip], cursor: tuple[int, int] = (0, 0)) -> Frame:
    return Frame(tuple(row_from_segments(strip, TRUE) for strip in strips), strips[0].cell_length, cursor)


def line(text: str, style: Style | None = None) -> Frame:
    return frame([Strip([Segment(text, style)])])


def as_stock(strips: list[Strip]) -> Emulator:
    """A terminal on which Textual itself has written these rows, each from its beginning."""
    emulator = Emulator(strips[0].cell_length, len(strips))
    for y, strip in enumerate(strips):
        segments = "".join(
            Strip.render_style(segment.style or Style(), segment.text, TRUE) for segment in strip
        )
        emulator.feed(f"\x1b[{y + 1}H{segments}")
    return emulator


@settings(max_examples=400)
@given(screens())
def test_each_screen_over_the_one_before_looks_as_written_afresh(shown: list[list[Strip]]) -> None:
    """Whatever stands on the terminal, with wide characters cut through and all: after the difference it shows the
    next screen, and once more writes nothing."""
    emulator = Emulator(shown[0][0].cell_length, len(shown[0]))
    before = None
    for strips in shown:
        wanted = frame(strips)
        emulator.feed(diff(before, wanted))
        assert seen(emulator) == seen(as_stock(strips))
        assert emulator.look_in_force == PLAIN, "a colour is left in force for whoever writes next"
        assert diff(wanted, wanted) == ""
        before = wanted


def test_of_an_unknown_terminal_every_cell_is_written() -> None:
    """A terminal full of something else shows the frame, and nothing of what was there."""
    emulator = Emulator(12, 2)
    emulator.scribble()
    strips = [Strip([Segment("sales 漢")]).adjust_cell_length(12), Strip.blank(12)]
    emulator.feed(diff(None, frame(strips)))
    assert seen(emulator) == seen(as_stock(strips))


def test_a_frame_of_another_size_is_written_whole() -> None:
    """80 cells, then 79: no cell is left out."""
    wanted = frame([Strip([Segment("x" * 79)])])
    assert diff(frame([Strip([Segment("x" * 80)])]), wanted) == diff(None, wanted)


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ("   0 objects requested      ", "   1 objects requested      ", ["1"]),
        ("   9 s ago, took 0 s.       ", "   10 s ago, took 0 s.      ", ["10 s ago, took 0 s."]),
        ("   took 8 min, 9 s          ", "   took 9 min, 10 s         ", ["took 9 min, 10 s"]),
        ("   Dry run lost             ", "   Dry run OK               ", ["Dry run OK  "]),
        ("   Restore failed      a    ", "   Restored            a    ", ["Restored      "]),
        ("   one    two       three   ", "   owe    two       thread  ", ["owe", "thread"]),
        ("   one    two       three   ", "   owe    twa       three   ", ["owe    twa"]),
    ],
)
def test_a_phrase_is_sent_whole_and_a_number_alone(before: str, after: str, sent: list[str]) -> None:
    """Words that a script waits for are never cut; where only digits tick, only digits cross the line; a short gap is
    sent rather than moved over."""
    assert [
        text for text in re.split(r"\x1b\[[0-9;]*[A-Za-z]", diff(line(before), line(after))) if text
    ] == sent


def test_nothing_is_said_twice() -> None:
    """Three segments in one colour set it once, and blanks do not change the colour of the text around them."""
    white, red = Style(color="#ffffff", bgcolor="#000000"), Style(color="#ff0000", bgcolor="#000000")
    segments = [Segment("a", white), Segment("b", white), Segment("  ", red), Segment("c", white)]
    assert diff(None, frame([Strip(segments)])) == (
        "\x1b[1H\x1b[38;2;255;255;255;48;2;0;0;0mab  c\x1b[m\x1b[1G"
    )


def test_only_the_cursor_moves() -> None:
    """Input methods look where the cursor is: it is put there though no cell differs."""
    strips = [Strip([Segment("abc")])]
    assert diff(frame(strips), frame(strips, cursor=(2, 0))) == "\x1b[1;3H"


def test_behind_a_character_whose_width_terminals_disagree_on_the_column_is_said() -> None:
    """Also a terminal that draws the family as three people has what follows where it belongs."""
    written = diff(None, line("👩\u200d👩\u200d👧 sales"))
    assert "👧\x1b[3G sales" in written


@given(st.text(st.characters(max_codepoint=0xFF)), st.sampled_from([None, "ascii"]))
def test_no_control_character_is_drawn(text: str, charset: str | None) -> None:
    """A URL or a user may come from a variable with anything in it. Nothing that stands after it moves."""
    drawn = "".join(part for part, _ in row_from_segments([Segment(text)], TRUE, charset))
    assert not [c for c in drawn if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0]
    assert cell_len(drawn) == cell_len(text)


# Without our glyphs


@given(st.one_of(TEXTS, st.text()), st.sampled_from(["ascii", "iso-8859-1", "koi8-r", "gbk"]))
def test_what_a_terminal_lacks_is_drawn_in_as_many_cells(text: str, charset: str) -> None:
    """Every row can be written in the terminal's encoding, and all that comes after stands where it stood."""
    row = row_from_segments([Segment(text)], TRUE, charset)
    drawn = "".join(part for part, _ in row)
    drawn.encode(charset)
    assert cell_len(drawn) == cell_len(text)


def test_every_glyph_that_screens_draw_has_a_stand_in() -> None:
    """One cell of ASCII for one cell: whatever our code and Textual's borders and scroll bars hold beyond letters. No
    letter has one, lest a name is shown as another."""
    ours = "".join(
        place.read_text(encoding="utf-8")
        for place in Path(restore_tui.__file__).parent.rglob("*")
        if place.suffix in (".py", ".tcss") and place.name != "ascii_glyphs.py"
    )
    borders = "".join(piece for rows in BORDER_CHARS.values() for row in rows for piece in row)
    drawn = {
        c
        for c in ours + borders + "".join(ScrollBarRender.VERTICAL_BARS)
        if not c.isascii() and not c.isalnum()
    }
    assert {c for c in drawn if c not in GLYPHS} == set()
    for glyph, stand_in in GLYPHS.items():
        assert (len(stand_in), stand_in.isascii()) == (1, True)
        assert cell_len(glyph) == 1
        assert not (glyph.isalpha() and stand_in.isalpha())
