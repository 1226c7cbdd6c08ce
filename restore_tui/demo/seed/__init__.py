"""The situations that the demo can play, by name. The command line reads this to print its help, so it loads nothing
else; ``seed.shop`` builds them."""

from __future__ import annotations

DROPPED_SCHEMA = "dropped-schema"
BAD_SNAPSHOTS = "bad-snapshots"
FIND = "find"

DEFAULT_STORY = DROPPED_SCHEMA

STORIES = {
    DROPPED_SCHEMA: "somebody dropped the schema sales",
    BAD_SNAPSHOTS: "one backup more, with snapshots that are damaged, failed, in progress or without their base",
    FIND: "a table was dropped yesterday at 16:20 UTC, one was emptied two days ago, one is ten times as large since "
    "a bad load",
}
"""Name → what has happened."""


def known_story(text: str) -> str:
    """Return the name of a story as it was given. Raises ValueError, with the nearest name, for an unknown one."""
    if text not in STORIES:
        import difflib

        near = difflib.get_close_matches(text, STORIES, n=1)
        hint = f"the nearest is {near[0]}" if near else f"there are {', '.join(STORIES)}"
        raise ValueError(f"there is no story {text!r}; {hint}")
    return text
