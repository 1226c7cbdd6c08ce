"""The situations that the demo can play, by name. The command line reads this to print its help, so it loads nothing
else; ``seed.shop`` builds them."""

from __future__ import annotations

from restore_tui.suggestions import nearest_hint

DROPPED_SCHEMA = "dropped-schema"
BAD_SNAPSHOTS = "bad-snapshots"
FIND = "find"
BUSY = "busy"

DEFAULT_STORY = DROPPED_SCHEMA

STORIES = {
    DROPPED_SCHEMA: "the schema sales was dropped",
    BAD_SNAPSHOTS: "one more backup, with snapshots that are damaged, failed, in progress or without their base",
    FIND: "a table was dropped yesterday at 16:20 UTC, one was emptied two days ago, one is ten times as large since "
    "a bad load",
    BUSY: "a user keeps writing to the tables of inventory",
}
"""Name → what has happened."""


def known_story(text: str) -> str:
    """Return the name of a story as it was given. Raises ValueError, with the nearest name, for an unknown one."""
    if text not in STORIES:
        raise ValueError(f"there is no story {text!r}; {nearest_hint(text, STORIES)}")
    return text
