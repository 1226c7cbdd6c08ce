"""What a mistyped name may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(text: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return the known names that are nearest to a text, the nearest first; none where none is near."""
    import difflib  # only a mistake pays for it

    return difflib.get_close_matches(text, list(known), n=most)


def nearest_hint(text: str, known: Iterable[str]) -> str:
    """Say which of the known names is the nearest one, or all of them where none is near."""
    names = list(known)
    near = nearest(text, names)
    return f"the nearest is {near[0]}" if near else f"there are {', '.join(names)}"
