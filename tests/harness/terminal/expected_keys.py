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
