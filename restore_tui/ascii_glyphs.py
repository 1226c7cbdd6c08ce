"""The characters that our own texts and frames use beyond ASCII, and what stands for each where a terminal's encoding
has no such character."""

from __future__ import annotations

GLYPHS = {
    "›": ">", "‹": "<", "▸": ">", "▾": "v", "↑": "^", "↓": "v", "←": "<", "→": ">", "⇄": "=",
    "✓": "+", "✗": "x", "×": "x", "•": "*", "●": "*", "○": "o", "◉": "@", "◐": "%", "·": ".", "…": "~",
    "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "⧵": "\\", "≥": ">", "≠": "#", "≤": "<", "Δ": "+",
    "\N{MINUS SIGN}": "-", "\N{REPLACEMENT CHARACTER}": "?", "\N{NO-BREAK SPACE}": " ",
    # Borders, rules and scroll bars, Textual's among them: corners and blocks, but for lines.
    **{chr(code): "+" for code in range(0x2500, 0x2580)},
    **{chr(code): "#" for code in range(0x2580, 0x25A0)},
    **dict.fromkeys("─╌┄┈╴╶▁▂▃▄▔▀", "-"),
    **dict.fromkeys("━═╍┅┉╸╺╼╾", "="),
    **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻╽╿▏▎▍▌▐▕", "|"),
    **dict.fromkeys("░▒", ":"),
    # Control characters of a server's text, as ``sanitize`` shows them.
    **{chr(0x2400 + code): "?" for code in range(0x22)},
}  # fmt: skip
"""One cell each, on both sides. A letter stands for none: the name of an object must not become another one."""
_IN_PRINT = str.maketrans({**GLYPHS, "…": "..."})


def lacks_glyphs(encoding: str) -> bool:
    """Whether something that our screens draw cannot be written in ``encoding``."""
    try:
        "".join(GLYPHS).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def printable(text: str, encoding: str | None) -> str:
    """``text`` for standard output. What ``encoding`` has no character for is written as an escape: nothing there
    depends on widths, and a name stays exact."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_IN_PRINT).encode(encoding, "backslashreplace").decode(encoding)
    return text
