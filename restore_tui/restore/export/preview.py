"""A text that is too long for a screen, in a bounded part of it."""

from __future__ import annotations

from dataclasses import dataclass

from restore_tui.kinetica.sanitize import truncate_middle
from restore_tui.restore.text_format import pluralize

LINES = 200
WIDTH = 400


@dataclass(frozen=True)
class Preview:
    """``text`` is what is shown; ``left_out`` says in words how much is not, and is empty where nothing is missing."""

    text: str
    left_out: str = ""


def preview(text: str, *, lines: int = LINES, width: int = WIDTH) -> Preview:
    """At most ``lines`` lines (three or more) of at most ``width`` characters each. Begin and end are kept, of the text
    and of every line: at the end stand the options. It takes no longer than reading the text once."""
    whole = text.removesuffix("\n")
    total = whole.count("\n") + 1
    if total <= lines:
        kept, missing = whole.split("\n"), 0
    else:
        last = (lines - 1) // 3
        head = whole.split("\n", lines - 1 - last)[:-1]
        tail = whole.rsplit("\n", last)[1:]
        missing = total - len(head) - len(tail)
        kept = [*head, f"… {pluralize(missing, 'line')} …", *tail]
    cut = sum(max(len(line) - width + 1, 0) for line in kept if len(line) > width)
    shown = "\n".join(truncate_middle(line, width) for line in kept)
    parts = ([pluralize(missing, "line")] if missing else []) + (
        [f"{pluralize(cut, 'character')} of long lines"] if cut else []
    )
    return Preview(shown, f"Not shown here: {' and '.join(parts)}. Copy and save give all." if parts else "")
