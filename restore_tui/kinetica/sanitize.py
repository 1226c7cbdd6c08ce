"""The one function that server text passes on its way to a screen, a file name, a log or a terminal.

A name or a message comes from a server that may be broken or hostile. Control sequences, line breaks and
bidirectional overrides in it must neither move the cursor nor change what a line seems to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

SHORTENED = "…"
_CONTROL_PICTURES = 0x2400
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SPACES = {"Zs", "Zl", "Zp"}
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Drawn as nothing, or as a space: with them two different names would look the same.
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# More than two marks on one letter climb into the lines above and below.
_TOO_MANY_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


@lru_cache(maxsize=4096)
def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if code in _INVISIBLE or any(first <= code <= last for first, last in _SELECTORS):
        return _REPLACEMENT
    category = unicodedata.category(character)
    if category in _UNSAFE:
        return _REPLACEMENT
    return " " if category in _SPACES else character


def is_invisible(character: str) -> bool:
    """Whether a character is drawn as nothing, so that two names that differ by it look the same."""
    return _visible(character) == _REPLACEMENT and character != _REPLACEMENT


def sanitize(text: object, limit: int | None = None) -> str:
    """``text`` on one line, with every control, format and bidi character made visible.

    ``limit`` is a number of characters: what is longer loses its middle to an ellipsis.
    """
    plain = str(text)
    if limit is not None and len(plain) > 4 * limit + 64:
        plain = truncate_middle(
            plain, 4 * limit + 64
        )  # 10 MB of a name need not be looked at letter by letter
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(map(_visible, plain))
        plain = _TOO_MANY_MARKS.sub(r"\1", plain)
    return plain if limit is None else truncate_middle(plain, limit)


def sanitize_block(text: object, limit: int = 4000) -> str:
    """Like ``sanitize``, for a message of several lines: its line breaks stay."""
    lines = truncate_middle(str(text), 2 * limit).splitlines()
    return truncate_middle("\n".join(sanitize(line) for line in lines), limit)


def escape_unsafe(text: str, spell: Callable[[str], str]) -> str:
    """``text``, line breaks and all, with every character that ``sanitize`` would change spelt by ``spell``: for text
    that stays exact when it is copied, because its language has such a spelling."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = _TOO_MANY_MARKS.sub(lambda found: found[1] + "".join(map(spell, found[0][len(found[1]) :])), text)
    return text.translate({ord(c): spell(c) for c in set(text) - {"\n"} if _visible(c) != c})


def truncate_middle(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, the middle left out: both ends of a name tell it apart."""
    if len(text) <= limit:
        return text
    if limit <= 1:
        return SHORTENED[:limit]
    head = limit // 2
    tail = limit - 1 - head
    return text[:head] + SHORTENED + (text[-tail:] if tail else "")
