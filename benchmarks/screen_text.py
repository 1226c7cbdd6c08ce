"""What a terminal shows after some bytes, as plain text: as much of a terminal as a Textual app needs."""

from __future__ import annotations

import re

_TOKENS = re.compile(
    r"\x1b\[([0-9;?<>=!]*)[ $\"']?([@-~])"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # OSC, DCS and the like, up to their end
    r"|\x1b[()].|\x1b[^\[\]PX^_()]"
    r"|([\r\n\b])"
    r"|([^\x00-\x1f\x7f]+)",
    re.DOTALL,
)


class ScreenText:
    """Columns × rows of letters. Colours, and what else shows no letter, are passed over."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        self.width, self.height = width, height
        self._cells = [[" "] * width for _ in range(height)]
        self._x = self._y = 0
        self._rest = b""

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self._cells]

    def feed(self, written: bytes) -> None:
        """Take what was written. A sequence or a letter that is cut off waits for its rest."""
        written = self._rest + written
        whole = _whole(written)
        self._rest = written[whole:]
        for token in _TOKENS.finditer(written[:whole].decode("utf-8", "replace")):
            arguments, command, control, letters = token.groups()
            if letters is not None:
                self._write(letters)
            elif control is not None:
                self._control(control)
            elif command is not None and not arguments.startswith(("?", ">", "<", "=")):
                self._obey(command, [int(number or 0) for number in re.split("[;:]", arguments)])

    def _write(self, letters: str) -> None:
        for letter in letters:
            if self._x < self.width:
                self._cells[self._y][self._x] = letter
                self._x += 1

    def _control(self, control: str) -> None:
        if control == "\r":
            self._x = 0
        elif control == "\b":
            self._x = max(0, self._x - 1)
        elif self._y < self.height - 1:
            self._y += 1

    def _obey(self, command: str, numbers: list[int]) -> None:
        first = numbers[0]
        if command in "Hf":
            column = numbers[1] if len(numbers) > 1 else 1
            self._go(max(column, 1) - 1, max(first, 1) - 1)
        elif command in "ABCD":
            step = max(first, 1) * (1 if command in "BC" else -1)
            self._go(self._x + step, self._y) if command in "CD" else self._go(self._x, self._y + step)
        elif command == "G":
            self._go(max(first, 1) - 1, self._y)
        elif command == "d":
            self._go(self._x, max(first, 1) - 1)
        elif command == "K":
            self._clear(self._y, *self._span(first, self._x, self.width))
        elif command == "J":
            self._clear(self._y, *self._span(first, self._x, self.width))
            for y in range(*self._span(first, self._y, self.height)):
                if y != self._y:
                    self._clear(y, 0, self.width)
        elif command == "X":
            self._clear(self._y, self._x, min(self.width, self._x + max(first, 1)))

    def _go(self, x: int, y: int) -> None:
        self._x, self._y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)

    def _clear(self, y: int, start: int, end: int) -> None:
        self._cells[y][start:end] = [" "] * (end - start)

    @staticmethod
    def _span(mode: int, here: int, end: int) -> tuple[int, int]:
        return {0: (here, end), 1: (0, here + 1)}.get(mode, (0, end))


def _whole(written: bytes) -> int:
    """How many of the bytes stand for themselves: up to a sequence or letter that is cut off."""
    cut = re.search(rb"\x1b(?:\[[0-9;?<>=!]*[ $\"']?|[\]PX^_][^\x07\x1b]*\x1b?|[()]?)?\Z", written)
    if cut:
        return cut.start()
    for back in range(1, min(4, len(written)) + 1):
        byte = written[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(written) - back if length > back else len(written)
        if byte < 0x80:
            break
    return len(written)
