"""How much memory it takes to read a response, estimated from its bytes before anything is decoded.

A decoded value takes more than the two bytes that spell it: ``[]`` becomes 64 bytes, and a map with one member 300, so
that a response well below any limit on its bytes could still exhaust memory. The figures are upper bounds, measured
with every endpoint and the worst shapes that were found; tests/kinetica/test_any_bytes.py measures again.
"""

from __future__ import annotations

from restore_tui.kinetica.errors import ResponseTooLarge

MAX_MEMORY_RATIO = 1.5
"""Reading a response takes at most so many times the limit on its bytes."""
_PER_BYTE = 6
"""Bytes of memory for one of the response: as received, as text, and copies of parts of it."""
_PER_BYTE_WIDE = 15
"""The same where a text may hold characters that take four bytes each in memory, as then all of it does."""
MEMORY_PER_VALUE = 320
"""Bytes of memory for a value, its copy without secrets, and what is made of it."""
_PER_PIECE = 4_000_000
"""Bytes of memory that a piece of LONGEST_PIECE characters takes at most."""
_SIGNS = (
    b",",
    b":",
    b"[",
    b"{",
    *(b"u00" + code for code in (b"2c", b"2C", b"3a", b"3A", b"5b", b"5B", b"7b", b"7B")),
)
"""What stands before a value, also as an escape: JSON may be inside JSON."""
_MAY_BE_WIDE = (b"\\u", b"%", b"\\x")
"""Escapes that redaction decodes."""


def memory_to_decode(body: bytes) -> int:
    """Bytes of memory that it takes to decode a response as a whole."""
    return _for_text(body) + _for_values(body)


def memory_to_stream(body: bytes) -> int:
    """The same where it is decoded piece by piece and nothing of the pieces is kept: that adds to it."""
    return _for_text(body) + min(_for_values(body), _PER_PIECE)


def _for_text(body: bytes) -> int:
    wide = not body.isascii() or any(sign in body for sign in _MAY_BE_WIDE)
    return len(body) * (_PER_BYTE_WIDE if wide else _PER_BYTE)


def _for_values(body: bytes) -> int:
    return MEMORY_PER_VALUE * sum(map(body.count, _SIGNS))


def refuse_beyond(limit: int, needed: int, *, so_far: bool = False) -> None:
    """Raise ResponseTooLarge where reading takes more memory than a limit on the bytes of a response allows. With
    ``so_far`` a part of the response has been read, and the whole needs more."""
    if needed <= MAX_MEMORY_RATIO * limit:
        return
    enough = needed / MAX_MEMORY_RATIO / 1e6 + 0.05
    raise ResponseTooLarge(
        f"Reading the response could take {'more than ' * so_far}{needed / 1e6:,.1f} MB of memory; it was not read.",
        hint=f"Set largest_answer_mb to {'more than ' * so_far}{enough:.1f} in the config file, where there is "
        "1.5 times as much memory.",
    )
