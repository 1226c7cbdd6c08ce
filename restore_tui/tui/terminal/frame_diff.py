"""What a terminal shows, as rows of cells, and what has to be written so that it shows something else.

Nothing here knows Textual's app: rows come from segments, and go out as one string. A phrase, which is text without two
blanks in a row, is sent whole where anything in it differs: so words that a script waits for stand in the stream as
they stand on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from restore_tui.ascii_glyphs import GLYPHS

_MARKS = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"), ("blink2", "6"), ("reverse", "7"),
    ("conceal", "8"), ("strike", "9"), ("underline2", "21"), ("frame", "51"), ("encircle", "52"), ("overline", "53"),
)  # fmt: skip
_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24",
    "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_UNSEEN_ON_BLANKS = frozenset({"1", "2", "3", "8"})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Without a width. Text of a server has none by the time that it is drawn; what was typed or set may have some."""
_JOINER = "\u200d"
_SHORT_GAP = 4
"""Cells between two spans that are sent again: a move over them is no shorter."""


@dataclass(frozen=True)
class CellStyle:
    """How cells are drawn, in the numbers of SGR. An empty colour is the terminal's own."""

    marks: frozenset[str] = frozenset()
    fore: str = ""
    back: str = ""


PLAIN = CellStyle()
Row = tuple[tuple[str, CellStyle], ...]
"""A line of the screen: texts and how they look. Neighbours look different."""
Cell = tuple[str, CellStyle]
"""What stands in a cell. Of a text that takes several cells, all but the first hold the empty string."""


@dataclass(frozen=True)
class Frame:
    """A whole screen of ``width`` cells a row, and where its cursor stands, which is hidden but tells input methods
    where one types."""

    rows: tuple[Row, ...]
    width: int
    cursor: tuple[int, int]


def row_from_segments(segments: Iterable[Segment], colours: ColorSystem, charset: str | None = None) -> Row:
    """The segments of one line, with as many colours as the terminal has. Links are left out: the app has none.
    ``charset`` is an encoding that lacks some of our glyphs, None for one that has them all."""
    row: list[tuple[str, CellStyle]] = []
    for text, style, control in segments:
        if control or not text:
            continue
        text = _CONTROLS.sub("", text)
        if charset is not None and not text.isascii():
            text = "".join(_stand_in(part, charset) for part in _parts(text))
        look = _look(style, colours) if style else PLAIN
        if not text.strip(" "):
            look = _of_blanks(look)
        if row and row[-1][1] == look:
            row[-1] = (row[-1][0] + text, look)
        else:
            row.append((text, look))
    return tuple(row)


def diff(shown: Frame | None, wanted: Frame) -> str:
    """What to write to a terminal that shows ``shown``, or None where that is not known, so that it shows ``wanted``.
    Empty where nothing differs."""
    if shown is not None and (shown.width, len(shown.rows)) != (wanted.width, len(wanted.rows)):
        shown = None
    pen = _AnsiWriter()
    for y, row in enumerate(wanted.rows):
        if shown is None:
            pen.write(_cells(row, wanted.width), 0, y)
        elif row != shown.rows[y]:
            new = _cells(row, wanted.width)
            for start, end in _changed_spans(_cells(shown.rows[y], wanted.width), new):
                pen.write(new[start:end], start, y)
    if not pen.written and shown is not None and shown.cursor == wanted.cursor:
        return ""
    return pen.end(*wanted.cursor)


# Looks


@lru_cache(2048)
def _look(style: Style, colours: ColorSystem) -> CellStyle:
    marks = frozenset(number for name, number in _MARKS if getattr(style, name))
    return CellStyle(marks, _codes(style.color, colours), _codes(style.bgcolor, colours, fore=False))


def _codes(colour: Color | None, colours: ColorSystem, *, fore: bool = True) -> str:
    if colour is None or colour.is_default:
        return ""
    return ";".join(colour.downgrade(colours).get_ansi_codes(fore))


@lru_cache(2048)
def _of_blanks(look: CellStyle) -> CellStyle:
    """Without what one does not see on a blank, unless it is underlined or the like."""
    return CellStyle(back=look.back) if look.marks <= _UNSEEN_ON_BLANKS else look


@lru_cache(4096)
def _change(have: CellStyle, want: CellStyle) -> str:
    """The shortest SGR from one look to another: what differs, or all of it from plain."""
    off = {_OFF[mark] for mark in have.marks - want.marks}
    on = want.marks - {mark for mark in have.marks if _OFF[mark] not in off}
    step = [*sorted(off), *sorted(on)]
    step += [want.fore or "39"] if have.fore != want.fore else []
    step += [want.back or "49"] if have.back != want.back else []
    afresh = ["", *sorted(want.marks), *(colour for colour in (want.fore, want.back) if colour)]
    return f"\x1b[{min(';'.join(step), ';'.join(afresh), key=len)}m"


# Cells


@lru_cache(2048)
def _width(character: str) -> int:
    return cell_len(character)


def _cells(row: Row, width: int) -> list[Cell]:
    """A row in exactly ``width`` cells."""
    cells: list[Cell] = []
    for text, look in row:
        blank = (" ", _of_blanks(look))
        for part in _parts(text):
            cells.append(blank if part == " " else (part, look))
            if len(part) > 1 or _width(part) != 1:
                cells += [("", look)] * (cell_len(part) - 1)
    cells += [(" ", PLAIN)] * (width - len(cells))
    return cells[:width]


def _parts(text: str) -> Iterable[str]:
    """The characters of a text, and in one piece what belongs together or is not one cell wide: terminals differ in how
    wide they draw that."""
    if text.isascii():
        return text
    parts: list[str] = []
    for character in text:
        width = _width(character)
        odd = bool(parts) and (len(parts[-1]) > 1 or _width(parts[-1]) != 1)
        if parts and (width == 0 or parts[-1].endswith(_JOINER) or (odd and width != 1)):
            parts[-1] += character
        else:
            parts.append(character)
    return parts if sum(map(cell_len, parts)) == cell_len(text) else [text]


def stand_ins(text: str, charset: str) -> str:
    """A text of Textual's, with its control sequences, as a terminal with this encoding can show it."""
    return text if text.isascii() else "".join(_stand_in(character, charset) for character in text)


@lru_cache(4096)
def _stand_in(part: str, charset: str) -> str:
    """What is drawn for a character, in as many cells, where the terminal may lack it."""
    if part in GLYPHS:
        return GLYPHS[part]
    try:
        part.encode(charset)
    except UnicodeEncodeError:
        return "?" * cell_len(part)
    return part


# What differs


def _changed_spans(old: Sequence[Cell], new: Sequence[Cell]) -> list[tuple[int, int]]:
    """Where two rows differ: from and up to which cell, in whole phrases, near ones in one."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(new):
        if old[at] == new[at]:
            at += 1
            continue
        start, end = at, at + 1
        while end < len(new) and old[end] != new[end]:
            end += 1
        if not _is_number(old[start:end]) or not _is_number(new[start:end]):
            while start > 0 and _splits_phrase(new, start):
                start -= 1
            while end < len(new) and (old[end] != new[end] or _splits_phrase(new, end)):
                end += 1
        while spans and _is_short(new, spans[-1][1], start):
            start = min(start, spans.pop()[0])
        spans.append((start, end))
        at = end
    return spans


def _is_number(cells: Sequence[Cell]) -> bool:
    """Whether there are digits and nothing else. Where a clock ticks, its digits are sent and not its sentence."""
    return all(text.isdecimal() and text.isascii() for text, _ in cells)


def _splits_phrase(cells: Sequence[Cell], at: int) -> bool:
    """Whether a span that begins or ends before the cell ``at`` would cut through a phrase. (Not through a wide
    character: where one differs, in either row, all of its cells do.)"""
    before, here = cells[at - 1][0], cells[at][0]
    if here == " ":
        return before != " " and at + 1 < len(cells) and cells[at + 1][0] != " "
    return before != " " or (at >= 2 and cells[at - 2][0] != " ")


def _is_short(cells: Sequence[Cell], start: int, end: int) -> bool:
    """Whether a gap is as well sent as left out."""
    return end - start <= _SHORT_GAP and all(
        look == cells[start - 1][1] for _, look in cells[start : end + 1]
    )


class _AnsiWriter:
    """Writes cells. It knows where the terminal's cursor is and how it draws, and says nothing twice."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._look = PLAIN
        self._at: tuple[int, int] | None = None

    def write(self, cells: Sequence[Cell], x: int, y: int) -> None:
        """Draw cells from there on."""
        self._move(x, y)
        for offset, (text, look) in enumerate(cells):
            if not text:
                continue
            if self._at is None:
                self._move(x + offset, y, same_row=True)
            self._draw_as(look, blank=text == " ")
            self.written.append(text)
            if len(text) > 1 or _width(text) != 1:
                self._at = None  # where it is now depends on the terminal
        if self._at is not None:
            self._at = (x + len(cells), y)

    def end(self, x: int, y: int) -> str:
        """All that was written, and the cursor left there, with nothing in force."""
        self._draw_as(PLAIN)
        self._move(x, y)
        return "".join(self.written)

    def _move(self, x: int, y: int, *, same_row: bool = False) -> None:
        if self._at == (x, y):
            return
        if same_row or (self._at is not None and self._at[1] == y):
            self.written.append(f"\x1b[{x + 1}G")
        else:
            self.written.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (x, y)

    def _draw_as(self, look: CellStyle, *, blank: bool = False) -> None:
        have = self._look
        if blank:
            if _of_blanks(have) == look:
                return
            if not look.marks:
                look = CellStyle(have.marks & _UNSEEN_ON_BLANKS, have.fore, look.back)
        if look != have:
            self.written.append(_change(have, look))
            self._look = look
