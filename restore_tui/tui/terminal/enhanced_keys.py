"""Keys that a terminal reports as numbers, as what a terminal without that reports for them.

The kitty keyboard protocol (``CSI code:shifted:base ; modifiers:event ; text u``) and xterm's modifyOtherKeys
(``CSI 27 ; modifiers ; code ~``). The wizard asks for neither, but a program that was killed may have left one on, and
some terminals send them unasked. See https://sw.kovidgoyal.net/kitty/keyboard-protocol/.
"""

from __future__ import annotations

import re

_CSI_U = re.compile(
    r"\x1b\[(\d{1,7})(?::(\d{0,7}))?(?::(\d{0,7}))?(?:;(\d{0,3})(?::(\d))?(?:;([\d:]{0,64}))?)?u"
)
_OTHER_KEYS = re.compile(r"\x1b\[27;(\d{1,3});(\d{1,7})~")
_FUNCTION_KEY = re.compile(r"\x1b(?:\[(\d{1,5})(?:;(\d{0,3})(?::(\d))?)?|O(\d))([~A-FHPQRS])")

_SHIFT, _CTRL = 1, 4
_LOCKS = 64 | 128
"""Caps Lock and Num Lock: no key means anything else with them."""
_RELEASE = "3"
_WITH_CTRL = re.compile(r"[@-_a-z ]")
_NAMED = {
    9: "\t",
    13: "\r",
    27: "\x1b",
    127: "\x7f",
    **{57399 + digit: str(digit) for digit in range(10)},
    57409: ".",
    57410: "/",
    57411: "*",
    57412: "-",
    57413: "+",
    57414: "\r",
    57415: "=",
    57416: ",",
    57417: "\x1b[D",
    57418: "\x1b[C",
    57419: "\x1b[A",
    57420: "\x1b[B",
    57421: "\x1b[5~",
    57422: "\x1b[6~",
    57423: "\x1b[H",
    57424: "\x1b[F",
    57425: "\x1b[2~",
    57426: "\x1b[3~",
}
"""Of the protocol's numbers for keys: those with another number than their character, and the keypad."""


def plain_key(sequence: str) -> str:
    """Return what a terminal without such a protocol sends for this key: a character, or a sequence. Empty for a
    release, for a key that it has nothing for, and for what is no such sequence."""
    if match := _CSI_U.fullmatch(sequence):
        code, shifted, base, modifiers, event, text = match.groups(default="")
        if event == _RELEASE:
            return ""
        typed = "".join(_character(number) for number in text.split(":"))
        return typed or _plain(int(code), shifted, base, _bits(modifiers))
    if match := _OTHER_KEYS.fullmatch(sequence):
        modifiers, code = match.groups()
        return _plain(int(code), "", "", _bits(modifiers))
    return ""


def plain_function_key(sequence: str) -> str:
    """Return the sequence of a function or cursor key in its usual form: without locks and event types, and with its
    modifiers behind a ``1;``. Empty for a release, and for what is no such sequence."""
    match = _FUNCTION_KEY.fullmatch(sequence)
    if match is None:
        return ""
    number, modifiers, event, of_ss3, final = match.groups(default="")
    if event == _RELEASE or (of_ss3 and final == "~") or (final != "~" and number not in ("", "1")):
        return ""
    bits = _bits(modifiers or of_ss3)
    if bits:
        return f"\x1b[{number or 1};{bits + 1}{final}"
    if final == "~":
        return f"\x1b[{number}~"
    return f"\x1bO{final}" if final in "PQRS" else f"\x1b[{final}"


def _bits(modifiers: str) -> int:
    return (max(int(modifiers or 1), 1) - 1) & ~_LOCKS


def _plain(code: int, shifted: str, base: str, modifiers: int) -> str:
    if modifiers & ~(_SHIFT | _CTRL):
        return ""
    if code == 9 and modifiers == _SHIFT:
        return "\x1b[Z"
    if code in _NAMED:
        return "" if code == 27 and modifiers else _NAMED[code]
    if modifiers & _CTRL:
        # Of a key on a layout without Latin letters only the base layout tells which control key it is.
        letters = (_character(base), _character(str(code)))
        return next((chr(ord(letter) & 0x1F) for letter in letters if _WITH_CTRL.fullmatch(letter)), "")
    character = _character(str(code))
    if modifiers & _SHIFT:
        return _character(shifted) or (character.upper() if len(character.upper()) == 1 else character)
    return character


def _character(number: str) -> str:
    """The printable character of a number; empty for anything else, and for the protocol's own numbers of keys."""
    code = int(number or 0)
    if code > 0x10FFFF or 0xE000 <= code <= 0xF8FF:
        return ""
    return chr(code) if chr(code).isprintable() else ""
