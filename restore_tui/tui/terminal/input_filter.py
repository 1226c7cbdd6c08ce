"""What of the bytes that a terminal sends are keys, pastes and reports. All else is dropped, and never becomes a key.

Nothing here reads a clock: whoever reads the terminal hands in when bytes have arrived, and calls ``expire`` when
nothing has come until ``deadline``. The grammar is that of ECMA-48 and of Paul Williams' parser
(https://vt100.net/emu/dec_ansi_parser), with what terminals send beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from enum import Enum, auto
from typing import NamedTuple

from restore_tui.tui.terminal.enhanced_keys import plain_function_key, plain_key

SECONDS_TO_END = 0.5
"""How long what was begun may take: a control string that nobody ends must not cost the operator the keyboard."""
STRING_LIMIT = 8192
"""Bytes after which a control string is taken for one that nobody ends."""
SECONDS_OF_BURST = 0.05
"""What comes closer together belongs together: the rest of a string that was too long is dropped with it."""
SECONDS_LATE = 0.5
"""How long after a lone Esc the rest of its sequence may still come, over a line that has split them. None of the
characters that such a rest begins with is a command of the wizard."""
SECONDS_OF_PASTE = 2.0
"""How long a bracketed paste may pause before it is taken for one that nobody ends."""
PASTE_LIMIT = 16_000_000
"""Bytes after which a paste is dropped."""
_SEQUENCE_LIMIT = 64

_ESC, _BEL, _CAN, _SUB, _DEL = 0x1B, 0x07, 0x18, 0x1A, 0x7F
_CTRL_C, _CTRL_Q = 0x03, 0x11
_STRINGS = b"]P_^X"
"""After ESC: OSC, DCS, APC, PM and SOS."""
_INTRODUCERS = b"[O" + _STRINGS
_PASTE_START, _PASTE_END = "\x1b[200~", b"\x1b[201~"
_FOCUS = frozenset({"\x1b[I", "\x1b[O"})
_MOUSE = re.compile(r"\x1b\[<(\d{1,3});\d{1,5};\d{1,5}[Mm]")
_EXTRA_BUTTON = 128
_BACKGROUND = re.compile(rb"\]11;(rgba?:[0-9a-fA-F/]{5,19})")
_MODE_REPORT = re.compile(r"\x1b\[\?(2026|2048);([0-4])\$y")
_RESIZE = re.compile(r"\x1b\[48;[1-9]\d{0,3};[1-9]\d{0,3};[1-9]\d{0,4};[1-9]\d{0,4}t")
_NOT_TEXT = re.compile(r"\x1b\[20[01]~|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Kind(Enum):
    """What a token is."""

    KEY = auto()
    """A character, or a sequence that is a key."""
    PASTE = auto()
    """A text that the terminal says was pasted."""
    REPORT = auto()
    """A sequence of the mouse, of the focus, or in reply to a question of Textual."""
    BACKGROUND = auto()
    """The background color, in reply to a question: what stands behind ``OSC 11 ;``."""
    SGR_LOST = auto()
    """The terminal reports the mouse in its oldest form: it has forgotten what it was asked for."""


class Token(NamedTuple):
    """One thing that the terminal has sent."""

    kind: Kind
    text: str


class InputFilter:
    """``keys`` are the sequences that are keys, whole; ``function_keys`` the numbers and final letters of those that
    may have modifiers, such as ``3~``; ``esc_delay`` the seconds after which a lone ESC byte is the key Esc."""

    def __init__(self, keys: Container[str], function_keys: Container[str], esc_delay: float) -> None:
        self._keys = keys
        self._function_keys = function_keys
        self._esc_delay = esc_delay
        self._tokens: list[Token] = []
        self._state: Callable[[int], None] = self._ground
        self._sequence = ""
        self._character = b""
        self._pasted = bytearray()
        self._began = self._arrived = 0.0
        self._count = 0
        self._late_until = 0.0
        self._is_late = False
        self._reports_resizes = False
        self._reply = bytearray()
        self.awaits_background = False
        """Whether the terminal was asked for its background: without that its reply is dropped like any other."""

    # What the reader of the terminal calls

    def feed(self, data: bytes, arrived: float) -> list[Token]:
        """Return what these bytes complete. ``arrived`` is the reading of a monotonic clock, in seconds."""
        self._arrived = arrived
        at = 0
        while at < len(data):
            if self._state == self._paste:
                at = self._take_pasted(data, at)
            else:
                self._state(data[at])
                at += 1
        return self._taken()

    def expire(self, now: float) -> list[Token]:
        """Return what is decided because nothing has come until ``deadline``."""
        deadline = self.deadline
        if deadline is None or now < deadline:
            return []
        if self._state in (self._after_esc, self._after_esc_in_string):
            self._to_ground()
            self._emit(Kind.KEY, "\x1b")
            self._late_until = now + SECONDS_LATE
        elif self._state == self._paste:
            self._end_paste()
        else:
            lone_c1 = self._sequence == "\x9b"
            self._to_ground()
            if lone_c1:
                self._emit(Kind.KEY, "\x9b")
        return self._taken()

    @property
    def deadline(self) -> float | None:
        """When ``expire`` is to be called if nothing comes until then; None where nothing is open."""
        if self._state == self._ground:
            return None
        if self._state == self._after_esc:
            return self._began + self._esc_delay
        if self._state == self._paste:
            return self._arrived + SECONDS_OF_PASTE
        if self._state == self._string:
            end = self._began if self._count > STRING_LIMIT else self._began + SECONDS_TO_END
            return max(end, self._arrived + SECONDS_OF_BURST)
        return self._began + SECONDS_TO_END

    @property
    def is_undecided(self) -> bool:
        """Whether something has come of which it is not known yet what it is."""
        return self._state != self._ground

    # States: each takes one byte

    def _ground(self, byte: int) -> None:
        is_late = self._arrived < self._late_until and byte in _INTRODUCERS
        self._late_until = 0.0
        if byte == _ESC:
            self._begin(self._after_esc, "\x1b")
        elif is_late:
            self._begin(self._after_esc, "\x1b")
            self._after_esc(byte)
            self._is_late = True
        elif byte < 0x80:
            self._emit(Kind.KEY, chr(byte))
        else:
            self._begin(self._utf8, "")
            self._utf8(byte)

    def _utf8(self, byte: int) -> None:
        """The bytes of one character, after ESC where ``_sequence`` holds it. What is none is dropped."""
        if bool(self._character) != (0x80 <= byte < 0xC0):  # no first byte, or one more
            self._to_ground()
            if byte < 0x80 or byte >= 0xC0:
                self._state(byte)
            return
        self._character += bytes([byte])
        first = self._character[0]
        if len(self._character) < (2 if first < 0xE0 else 3 if first < 0xF0 else 4):
            return
        sequence = self._sequence
        try:
            character = self._character.decode()
        except UnicodeDecodeError:
            self._to_ground()
            return
        self._to_ground()
        if "\x80" <= character < "\xa0":
            if not sequence:
                self._c1(ord(character))
        elif not sequence or sequence + character in self._keys:
            self._emit(Kind.KEY, sequence + character)

    def _c1(self, code: int) -> None:
        """An 8-bit control is ESC and the letter that stands 0x40 below it. Those that begin nothing are dropped."""
        if code - 0x40 in _INTRODUCERS:
            self._begin(self._after_esc, "\x1b")
            self._after_esc(code - 0x40)
            if code == 0x9B:
                self._sequence = "\x9b"

    def _after_esc(self, byte: int) -> None:
        sequence = "\x1b" + chr(byte)
        if byte == _ESC:
            self._emit(Kind.KEY, "\x1b")
            self._began = self._arrived
        elif byte == ord("["):
            self._begin(self._csi, sequence)
        elif byte == ord("O"):
            self._begin(self._ss3, sequence)
        elif byte in _STRINGS:
            self._begin(self._string, sequence)
            self._reply = bytearray([byte])
        elif byte >= 0x80:
            self._begin(self._utf8, "\x1b")
            self._utf8(byte)
        else:
            self._to_ground()
            if sequence in self._keys:
                self._emit(Kind.KEY, sequence)
            elif byte < 0x20 or byte == _DEL:  # Esc, and a key right behind it
                self._emit(Kind.KEY, "\x1b")
                self._ground(byte)
            # Else a character with Alt, which nothing is bound to; Textual would type it.

    def _is_cut_short(self, byte: int) -> bool:
        """Whether no sequence goes on with this byte. Then the sequence is dropped, and the byte taken anew."""
        if 0x20 <= byte < _DEL:
            return False
        self._to_ground()
        if byte not in (_CAN, _SUB):
            self._ground(byte)
        return True

    def _csi(self, byte: int) -> None:
        if self._is_cut_short(byte):
            return
        if self._sequence == "\x9b":
            self._sequence = "\x1b["
        self._add(byte)
        sequence = self._sequence
        if sequence == "\x1b[M":
            self._count = 0
            self._state = self._x10
        elif sequence == "\x1b[<" or (
            byte == ord("N") and len(sequence) > 3
        ):  # NaN for a number, seen in VS Code
            self._state = self._mouse
        elif sequence in self._keys or (byte >= 0x40 and sequence != "\x1b[["):  # of the Linux console
            self._complete(sequence)

    def _mouse(self, byte: int) -> None:
        if self._is_cut_short(byte):
            return
        self._add(byte)
        if byte in b"Mm":
            self._complete(self._sequence)

    def _x10(self, byte: int) -> None:
        """Three bytes, whatever they are."""
        self._count += 1
        if self._count == 3:
            self._to_ground()
            self._emit(Kind.SGR_LOST, "")

    def _ss3(self, byte: int) -> None:
        if self._is_cut_short(byte):
            return
        self._add(byte)
        if byte >= 0x40 or self._sequence in self._keys:
            self._complete(self._sequence)

    def _string(self, byte: int) -> None:
        ends_by_c1 = self._character == b"\xc2" and byte == 0x9C
        self._character = bytes([byte])
        self._count += 1
        if byte == _ESC:
            self._begin(self._after_esc_in_string, "\x1b")
        elif byte in (_BEL, _CAN) or ends_by_c1:
            self._to_ground()
            if byte == _BEL:
                self._end_string()
        elif byte in (_CTRL_C, _CTRL_Q):
            self._to_ground()
            self._ground(byte)
        elif len(self._reply) < _SEQUENCE_LIMIT:
            self._reply.append(byte)

    def _after_esc_in_string(self, byte: int) -> None:
        if byte == ord("\\"):
            self._to_ground()
            self._end_string()
        else:
            self._state = self._after_esc
            self._after_esc(byte)

    def _end_string(self) -> None:
        """A control string has ended as it should: one may be what was asked for, once."""
        background = _BACKGROUND.fullmatch(bytes(self._reply))
        if background is not None and self.awaits_background:
            self.awaits_background = False
            self._emit(Kind.BACKGROUND, background[1].decode())

    def _paste(self, byte: int) -> None:
        raise AssertionError("pasted bytes are taken together")

    # Pastes

    def _take_pasted(self, data: bytes, at: int) -> int:
        """Take what belongs to the paste. Returns where the rest begins."""
        if (
            at == 0 and len(data) == 1 and data[0] in (_CTRL_C, _CTRL_Q)
        ):  # pressed, because the paste does not end
            self._end_paste()
            return at
        before = len(self._pasted)
        self._pasted += data[at:]
        end = self._pasted.find(_PASTE_END, max(0, before - len(_PASTE_END)))
        if end < 0:
            if len(self._pasted) > PASTE_LIMIT:
                self._count = 1
                del self._pasted[: -len(_PASTE_END)]
            return len(data)
        rest = len(self._pasted) - end - len(_PASTE_END)
        del self._pasted[end:]
        self._end_paste()
        return len(data) - rest

    def _end_paste(self) -> None:
        """What was pasted, without what is no text. One that was too long is dropped."""
        text = _NOT_TEXT.sub("", self._pasted.decode("utf-8", "ignore"))
        is_too_long = self._count
        self._pasted.clear()
        self._to_ground()
        if text and not is_too_long:
            self._emit(Kind.PASTE, text)

    # What a sequence is

    def _complete(self, sequence: str) -> None:
        is_late = self._is_late
        self._to_ground()
        if sequence == _PASTE_START:
            self._begin(self._paste, "")
        elif self._is_report(sequence):
            self._emit(Kind.REPORT, sequence)
        elif is_late:
            pass  # Esc has been acted on already: of one key there must not be two
        elif sequence in self._keys:
            self._emit(Kind.KEY, sequence)
        elif function_key := plain_function_key(sequence):
            number, _, rest = function_key[2:].partition(";")
            if function_key in self._keys or f"{number}{rest[-1:]}" in self._function_keys:
                self._emit(Kind.KEY, function_key)
        else:
            key = plain_key(sequence)
            for each in [key] if key.startswith("\x1b") else key:
                self._emit(Kind.KEY, each)

    def _is_report(self, sequence: str) -> bool:
        if match := _MOUSE.fullmatch(sequence):
            return int(match[1]) < _EXTRA_BUTTON
        if match := _MODE_REPORT.fullmatch(sequence):
            if match[1] == "2048":
                self._reports_resizes = match[2] in "123"
            return True
        return sequence in _FOCUS or (self._reports_resizes and _RESIZE.fullmatch(sequence) is not None)

    # Bookkeeping

    def _begin(self, state: Callable[[int], None], sequence: str) -> None:
        if self._state == self._ground or state == self._after_esc_in_string:
            self._began = self._arrived
        self._state = state
        self._sequence = sequence
        self._character = b""
        self._count = 0
        self._is_late = False

    def _add(self, byte: int) -> None:
        if len(self._sequence) < _SEQUENCE_LIMIT:
            self._sequence += chr(byte)

    def _to_ground(self) -> None:
        self._begin(self._ground, "")

    def _emit(self, kind: Kind, text: str) -> None:
        self._tokens.append(Token(kind, text))

    def _taken(self) -> list[Token]:
        taken, self._tokens = self._tokens, []
        return taken
