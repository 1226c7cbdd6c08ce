"""What a mistyped name may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_hint(text: str, known: Iterable[str]) -> str:
    """Say which of the known names is the nearest one, or all of them where none is near."""
    import difflib  # only a mistake pays for it

    names = list(known)
    near = difflib.get_close_matches(text, names, n=1)
    return f"the nearest is {near[0]}" if near else f"there are {', '.join(names)}"
