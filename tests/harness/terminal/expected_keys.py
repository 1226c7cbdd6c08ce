"""A second opinion on what of a terminal's bytes are keys: one regular expression, for input that has all arrived and
ends in ``END``. It knows neither the product nor Textual."""

from __future__ import annotations

import re

ALPHABET = [b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b[M", b"\x1b[<", b"[", b"]", b"P", b"M", *(
    bytes([byte]) for byte in b"0123456789;:<?"
), b"\x9b", b"\xc3", b"\xc3\xa9", b"\xe9", b"\xff", b"\xe2\x82\xac"]  # fmt: skip
END = b"\x1b\\"
"""Ends a string, and is no key by itself."""

_UTF8 = rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee][\x80-\xbf]{2}|\xf1[\x80-\xbf]{3}"
_TOKEN = re.compile(
    rb"(?P<x10>\x1b\[M[\x00-\xff]{3})"
    rb"|(?P<string>\x1b[\]P_^X][^\x1b]*(?:\x1b\\)?)"
    rb"|(?P<mouse>\x1b\[<[ -LN-ln-~]*[Mm]?)"
    rb"|(?P<csi>\x1b\[(?:\[[ -?]*[@-~]?|[0-?]*(?:[ -/]*[@-~])?))"
    rb"|(?P<alt>\x1b(?:[ -~]|" + _UTF8 + rb"))"
    rb"|(?P<broken>\x1b(?:[\x80-\xbf]|[\xc0-\xdf][\x80-\xbf]?|[\xe0-\xef][\x80-\xbf]{0,2}|[\xf0-\xff][\x80-\xbf]{0,3})?)"
    rb"|(?P<key>" + _UTF8 + rb"|[\x00-\x1a\x1c-\x7f])"
    rb"|(?P<dropped>[\x80-\xff])"
)


_ALT_DIGITS = dict(zip("0123456789", "º¡™£¢∞§¶•ª", strict=True))
"""What Textual types for Alt and a digit, as WezTerm on macOS has it."""


def typed(data: bytes) -> str:
    """The characters that were typed, of data in this alphabet without two ESC in a row outside of sequences."""
    keys = ""
    for match in _TOKEN.finditer(data):
        if match["key"] is not None:
            keys += match["key"].decode()
        elif match["alt"] is not None:
            keys += _ALT_DIGITS.get(match["alt"][1:].decode(), "")
    return "".join(key for key in keys if not "\x80" <= key < "\xa0")


def without_esc_key(data: bytes) -> bytes:
    """The same without what would be the key Esc: an ESC before another, or at the end."""
    return re.sub(rb"\x1b+", b"\x1b", data).rstrip(b"\x1b")


NO_KEYS = {
    "Latin-1 é": b"\xe9",
    "raw C1 controls": b"\x80\x9b\x9f",
    "no UTF-8": b"\xff\xfe",
    "Alt+é, broken": b"\x1b\xe9",
    "overlong": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "above Unicode": b"\xf4\x90\x80\x80",
    "encoded C1": b"\xc2\x85",
    "X10 mouse": b"\x1b[M\x43\xa5\x30",
    "X10 mouse, any bytes": b"\x1b[M\x1b[A",
    "key release": b"\x1b[97;1:3u",
    "arrow release": b"\x1b[1;1:3A",
    "no such character": b"\x1b[99999999u",
    "a surrogate as a key": b"\x1b[55296u",
    "Ctrl on a Cyrillic layout": b"\x1b[1090;5u",
    "Caps Lock": b"\x1b[57358u",
    "broken mouse report": b"\x1b[<32;NaN;NaNM",
    "broken mouse report, older form": b"\x1b[32;NaN;NaNM",
    "mouse report without numbers": b"\x1b[<undefined;-1;5M",
    "XTVERSION": b"\x1bP>|XTerm(379)\x1b\\",
    "background": b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "background, BEL": b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    "DA1": b"\x1b[?62;22c",
    "DA2": b"\x1b[>0;276;0c",
    "DA3": b"\x1bP!|00000000\x1b\\",
    "keyboard flags": b"\x1b[?0u",
    "DECRQSS": b"\x1bP1$r0m\x1b\\",
    "color scheme": b"\x1b[?997;1n",
    "size": b"\x1b[8;24;80t",
    "resize that nobody requested": b"\x1b[48;24;80;480;640t",
    "cursor": b"\x1b[24;80R",
    "status": b"\x1b[0n",
    "mode report": b"\x1b[?1049;2$y",
    "clipboard": b"\x1b]52;c;cGFzc3dvcmQ=\x1b\\",
    "kitty graphics": b"\x1b_Gi=31;OK\x1b\\",
    "a message": b"\x1b^hello\x1b\\",
    "SOS": b"\x1bXhello\x1b\\",
    "8-bit DCS and ST": b"\xc2\x90hello\xc2\x9c",
    "8-bit CSI": b"\xc2\x9b?62;22c",
    "end of no paste": b"\x1b[201~",
    "a number as a function key": b"\x1b[99;5~",
    "Alt and a letter": b"\x1bq",
    "Alt and a sign": b"\x1b?",
    "end of no string": b"\x1b\\",
}


KEYS = {
    "Space, as a number": (b"\x1b[32u", " "),
    "Enter, as a number": (b"\x1b[13u", "\r"),
    "a letter, as a number": (b"\x1b[97u", "a"),
    "a repeated letter": (b"\x1b[97;1:2u", "a"),
    "Shift and a letter": (b"\x1b[97:65;2u", "A"),
    "with Caps Lock and Num Lock": (b"\x1b[113;197u", "\x11"),
    "Ctrl with the base layout": (b"\x1b[1081::113;5u", "\x11"),
    "AltGr": (b"\x1b[113;;64u", "@"),
    "AltGr, as Ctrl and Alt": (b"\x1b[101;7;8364u", "€"),
    "a dead key": (b"\x1b[0;;233u", "é"),
    "keypad Enter": (b"\x1b[57414u", "\r"),
    "keypad Home": (b"\x1b[57423u", "\x1b[H"),
    "Home with Num Lock": (b"\x1b[1;129H", "\x1b[H"),
    "Ctrl+N of xterm": (b"\x1b[27;5;110~", "\x0e"),
    "F1 of the Linux console": (b"\x1b[[A", "\x1b[[A"),
    "Ctrl+Up, older form": (b"\x1bO5A", "\x1b[1;5A"),
    "UTF-8": ("ö€😀".encode(), "ö€😀"),
    "broken, then a key": (b"\xe9a", "a"),
    "meta of xterm, then a key": (b"\xf1q", "q"),
    "Esc, Enter": (b"\x1b\r", "\x1b\r"),
    "Esc, Ctrl+C": (b"\x1b\x03", "\x1b\x03"),
    "Esc, Up": (b"\x1b\x1b[A", "\x1b\x1b[A"),
}
