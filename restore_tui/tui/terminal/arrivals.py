"""When a key has arrived, and which keys have come faster than a person types."""

from __future__ import annotations

from textual import events

SECONDS_OF_BURST = 0.05
"""Keys that come closer together than this come from a paste, or over a line that bundles them. What has arrived in one
read has arrived at the same time."""


def stamp(event: events.Event, arrived: float) -> None:
    """Note when the bytes of this event have arrived: the reading of a monotonic clock, in seconds."""
    setattr(event, "_arrived", arrived)  # noqa: B010 - not an attribute that Textual knows


def arrival(event: events.Event) -> float | None:
    """Return when the bytes of this event have arrived; None for an event that came from no terminal."""
    arrived = getattr(event, "_arrived", None)
    return arrived if isinstance(arrived, float) else None


class Bursts:
    """Tells, for one key after the other as they arrive, whether it belongs to a burst with a letter in it."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._has_letter = False

    def add(self, event: events.Key) -> bool:
        """Whether a letter came before this key in its burst."""
        arrived = arrival(event)
        if arrived is None or self._last is None or arrived - self._last >= SECONDS_OF_BURST:
            self._has_letter = False
        self._last = arrived
        had_letter = self._has_letter
        self._has_letter = had_letter or event.is_printable
        return had_letter
