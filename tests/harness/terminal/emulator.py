"""The terminal emulator of tests and benchmarks: it knows what the wizard and Textual write and refuses all else.

pyte is no judge here: it has no dim, draws Textual's keyboard protocol as text, and leaves half a wide character
standing.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from rich.cells import split_graphemes

_SEQUENCE = re.compile(
    r"\x1b\[(?P<private>[?<=>]?)(?P<numbers>[0-9;]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<command>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)
_COMMANDS = ("0", "2", "8", "22", "52")
"""Titles, links, pointers and the clipboard: nothing of them shows on the screen."""
_ASKS_FOR_BACKGROUND = "11;?"
"""A question that this terminal, as many, leaves unanswered."""
_BEGUN = re.compile(r"\x1b(?:\[[?<=>]?[0-9;]*[ -/]*|\][^\x07\x1b]*\x1b?)?")
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 5: "blink", 7: "reverse", 9: "strike"}
_OFF = {
    22: ("bold", "dim"),
    23: ("italic",),
    24: ("underline",),
    25: ("blink",),
    27: ("reverse",),
    29: ("strike",),
}


@dataclass(frozen=True)
class Look:
    """How a cell is drawn. Colours as the numbers that set them; empty for the terminal's own."""

    marks: frozenset[str] = frozenset()
    fore: tuple[int, ...] = ()
    back: tuple[int, ...] = ()


Cell = tuple[str, Look]
"""A character with what combines with it, and its look. The right half of a wide character is the empty string."""
PLAIN = Look()
BLANK: Cell = (" ", PLAIN)


class UnknownSequenceError(AssertionError):
    """The program wrote what this terminal does not know."""


class Emulator:
    """A terminal of ``width`` × ``height`` cells. ``answers`` holds what it would send back to the program:
    ``synchronised`` tells whether it takes synchronised updates, and says so."""

    def __init__(self, width: int, height: int, *, synchronised: bool = True) -> None:
        self.synchronised = synchronised
        self.answers = b""
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._begun = ""
        self._look = PLAIN
        self.x = self.y = 0
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another size; what is on the screen is lost, as it may be."""
        self.width, self.height = width, height
        self.x, self.y = min(self.x, width - 1), min(self.y, height - 1)
        self.cells: list[list[Cell]] = [[BLANK] * width for _ in range(height)]

    @property
    def lines(self) -> list[str]:
        """The text of each line."""
        return ["".join(text for text, _ in row) for row in self.cells]

    @property
    def text(self) -> str:
        """All that it shows, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def look_in_force(self) -> Look:
        """How the next character would be drawn."""
        return self._look

    def scribble(self) -> None:
        """Something has been drawn over everything."""
        self.cells = [
            [("#", Look(frozenset({"strike"}), (35,), (46,)))] * self.width for _ in range(self.height)
        ]

    def feed(self, data: bytes | str) -> None:
        """Take what a program has written; a sequence may end in what comes later."""
        text = self._begun + (self._decode(data) if isinstance(data, bytes) else data)
        at = 0
        self._begun = ""
        while at < len(text):
            match = _SEQUENCE.match(text, at)
            if match is None:
                self._begun = text[at:]
                if not _BEGUN.fullmatch(self._begun):
                    raise UnknownSequenceError(repr(text[at : at + 40]))
                return
            self._take(match)
            at = match.end()

    def _take(self, match: re.Match[str]) -> None:
        if match["text"] is not None:
            self._draw(match["text"])
        elif match["control"] is not None:
            self._control(match["control"])
        elif match["command"] is not None:
            if (
                match["command"].partition(";")[0] not in _COMMANDS
                and match["command"] != _ASKS_FOR_BACKGROUND
            ):
                raise UnknownSequenceError(repr(match[0]))
        else:
            self._sequence(match)

    def _control(self, character: str) -> None:
        if character == "\r":
            self.x = 0
        elif character == "\n":
            if self.y == self.height - 1:
                self.cells = [*self.cells[1:], [BLANK] * self.width]
            self.y = min(self.y + 1, self.height - 1)
        elif character == "\t":  # what is typed before the program takes over is echoed
            self.x = min(self.x // 8 * 8 + 8, self.width - 1)
        elif character != "\x07":
            raise UnknownSequenceError(repr(character))

    def _sequence(self, match: re.Match[str]) -> None:
        numbers = [int(number or 0) for number in match["numbers"].split(";")]
        first = max(numbers[0], 1)
        what = match["private"] + match["between"] + match["final"]
        if what == "m":
            self._look = styled(self._look, numbers)
        elif what == "H":
            column = max(numbers[1], 1) if len(numbers) > 1 else 1
            self.x, self.y = min(column, self.width) - 1, min(first, self.height) - 1
        elif what == "G":
            self.x = min(first, self.width) - 1
        elif what in ("?h", "?l"):
            if what == "?h" and 1049 in numbers:  # the other screen, which is empty
                self.resize(self.width, self.height)
        elif what == "?$p":
            known = 2 if numbers[0] == 2026 and self.synchronised else 0
            self.answers += f"\x1b[?{numbers[0]};{known}$y".encode()
        elif what not in ("=u", "<u", "?u"):
            raise UnknownSequenceError(repr(match[0]))

    def _draw(self, text: str) -> None:
        row = self.cells[self.y]
        for start, end, width in split_graphemes(text)[0]:
            character = text[start:end]
            if not width:
                at = self.x - 1
                while at > 0 and not row[at][0]:
                    at -= 1
                row[at] = (row[at][0] + character, row[at][1])
                continue
            at = min(self.x, self.width - width)
            for cell in range(at, at + width):
                self._break_up(row, cell)
            row[at] = (character, self._look)
            if width == 2:
                row[at + 1] = ("", self._look)
            self.x = at + width
        # The cursor waits behind the last column: what is drawn next without a move goes over the last cell.

    @staticmethod
    def _break_up(row: list[Cell], at: int) -> None:
        """Where half of a wide character is drawn over, the other half is a blank."""
        if not row[at][0]:
            row[at - 1] = (" ", row[at - 1][1])
        elif at + 1 < len(row) and not row[at + 1][0]:
            row[at + 1] = (" ", row[at + 1][1])


def seen(emulator: Emulator) -> list[list[Cell]]:
    """What one sees: of a blank neither its colour nor whether it is bold, dim or italic."""
    unseen = {"bold", "dim", "italic"}
    return [
        [
            (text, Look(frozenset(), (), look.back)) if text == " " and look.marks <= unseen else (text, look)
            for text, look in row
        ]
        for row in emulator.cells
    ]


def styled(look: Look, numbers: list[int]) -> Look:
    """A look after the numbers of one ``m``."""
    left = list(numbers)
    while left:
        number = left.pop(0)
        if number == 0:
            look = PLAIN
        elif number in _ON:
            look = replace(look, marks=look.marks | {_ON[number]})
        elif number in _OFF:
            look = replace(look, marks=look.marks - set(_OFF[number]))
        elif number in (38, 48):
            length = {2: 4, 5: 2}[left[0]]
            colour, left = (number, *left[:length]), left[length:]
            look = replace(look, fore=colour) if number == 38 else replace(look, back=colour)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            look = replace(look, fore=(number,))
        elif 40 <= number <= 47 or 100 <= number <= 107:
            look = replace(look, back=(number,))
        elif number in (39, 49):
            look = replace(look, fore=()) if number == 39 else replace(look, back=())
        else:
            raise UnknownSequenceError(f"m with {numbers}")
    return look
