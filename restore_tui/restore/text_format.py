"""Numbers, times, names and tables as people read them: on the screens, and in what is printed without one."""

from __future__ import annotations

import math
import re
import shlex
import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from restore_tui.kinetica.sanitize import sanitize, sanitize_block, truncate_middle

if TYPE_CHECKING:
    from restore_tui.kinetica.backups import Snapshot

_Item = TypeVar("_Item")

UNKNOWN = "–"
TIME_UNKNOWN = "time unknown"
AS_OF = "As of"
"""The label of what ``as_of`` writes, on the screens and in receipts."""
_MAX_ID = 40
_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def size(number: int | None) -> str:
    """``4.1 kB``: decimal, one digit after the point; plain bytes below 1,000."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in _UNITS:
        value /= 1000
        if round(value, 1) < 1000:
            return f"{value:.1f} {unit}"
    return f"{value:,.1f} {_UNITS[-1]}"


def count(number: int | None) -> str:
    """With a comma for thousands."""
    return UNKNOWN if number is None else f"{number:,}"


def pluralize(number: int, noun: str, plural: str = "") -> str:
    """``1 object``, ``2 objects``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def first_few(items: Sequence[_Item], write: Callable[[_Item], str], most: int = 3) -> str:
    """``a, b, c and 40 more``; ``write`` makes a text of each item that is shown."""
    more = len(items) - most
    return ", ".join(map(write, items[:most])) + (f" and {more:,} more" if more > 0 else "")


def elapsed(seconds: float) -> str:
    """``42 s``, ``3:07 min``, ``1:02:07 h``."""
    if not math.isfinite(seconds):  # a file can say so
        return UNKNOWN
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} h"


def age(moment: datetime, now: datetime) -> str:
    """``3 h ago``, rounded down."""
    return f"{duration(now - moment)} ago" if now >= moment else "in the future"


def duration(span: timedelta) -> str:
    """The largest unit alone, but seconds beside minutes."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"


def limit(span: timedelta) -> str:
    """A limit that was set, as exact as anybody sets one: ``15 minutes``, ``1 minute``, ``12 seconds``."""
    seconds = span.total_seconds()
    number, unit = (seconds / 60, "minute") if seconds >= 60 else (seconds, "second")
    written = f"{round(number, 1 if number >= 1 else 4):,}".removesuffix(".0")
    return f"{written} {unit}{'' if written == '1' else 's'}"


def format_timestamp(moment: datetime) -> str:
    """With its zone: ``2026-11-23 02:00 UTC``, or ``… +05:30``."""
    offset = moment.strftime("%z")
    zone = "UTC" if offset in ("+0000", "") else f"{offset[:3]}:{offset[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M} {zone}"


def attach_command(run: str, flags: Sequence[str] = ()) -> str:
    """The command that checks and follows a run; ``flags`` are the options without which it would not connect."""
    return sanitize(shlex.join(["restore-tui", *flags, "attach", sanitize(run)]))


def snapshot_time(snapshot: Snapshot | None) -> str:
    """When a snapshot was taken, as the server gives it where that is no time."""
    if snapshot is None:
        return TIME_UNKNOWN
    return (
        format_timestamp(snapshot.time) if snapshot.time else sanitize(snapshot.time_text, 40) or TIME_UNKNOWN
    )


def as_of(snapshot: Snapshot | None, snapshot_id: str, now: datetime) -> str:
    """``2026-11-25 07:00 UTC, 7 h ago, snapshot 1795590007056``: which data a restore brings back. ``snapshot`` is the
    one with this id as it is listed, None where it is not."""
    taken = snapshot.time if snapshot is not None else None
    ago = f", {age(taken, now)}" if taken is not None else ""
    return f"{snapshot_time(snapshot)}{ago}, {_which(snapshot_id)}"


def short_as_of(snapshot: Snapshot | None, snapshot_id: str) -> str:
    """The time alone, for short places; the id where no time is known."""
    time = snapshot_time(snapshot)
    return _which(snapshot_id) if time == TIME_UNKNOWN else time


def dated_id(snapshot: Snapshot | None, snapshot_id: str) -> str:
    """``1795590007056 (2026-11-25 07:00 UTC)``: where two ids are compared, which differ in the middle."""
    named = sanitize(snapshot_id, _MAX_ID)
    return named if snapshot is None else f"{named} ({snapshot_time(snapshot)})"


def _which(snapshot_id: str) -> str:
    return f"snapshot {sanitize(snapshot_id, _MAX_ID)}" if snapshot_id else "snapshot unknown"


_AS_OF = re.compile(r"(.+?)(?:, (?:\d+ \w+ ago|in the future))?, snapshot .*")


def recorded_time(text: str) -> str:
    """The time in what ``as_of`` wrote; empty where it has none."""
    found = _AS_OF.fullmatch(text)
    return found[1] if found is not None and found[1] != TIME_UNKNOWN else ""


def parse_timestamp(text: str) -> datetime | None:
    """Read what ``format_timestamp`` wrote; None for another text."""
    day, _, rest = text.partition(" ")
    clock, _, zone = rest.partition(" ")
    try:
        moment = datetime.fromisoformat(f"{day} {clock}{'+00:00' if zone == 'UTC' else zone}")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def cell_width(text: str) -> int:
    """How many columns of a terminal ``text`` takes: two for a wide letter, none for a mark on the one before."""
    if text.isascii():
        return len(text)
    from wcwidth import wcwidth  # its tables are not needed before the first screen

    return sum(max(0, wcwidth(letter)) for letter in text)


def fit(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns: what is longer loses its middle, what is shorter gets spaces."""
    plain, limit = text, width
    while cell_width(plain) > width:
        plain = truncate_middle(text, limit)
        limit -= 1
    return plain + " " * (width - cell_width(plain))


def format_table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """The lines of a table on a terminal; a negative width aligns a column to the right."""
    return ["  ".join(map(_cell, cells, widths)).rstrip() for cells in rows]


def _cell(text: str, width: int) -> str:
    if width < 0 and cell_width(text) < -width:
        return " " * (-width - cell_width(text)) + text
    return fit(text, abs(width))


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of at most ``width`` letters, the first behind ``first`` and the others behind ``rest``."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )


# Markdown


def code(text: str) -> str:
    """``text`` of a server as a code span: no markup, mention or link in it works, and a table stays a table."""
    plain = sanitize(text)
    if not plain:
        return UNKNOWN
    # Parsers of tables differ on a backslash before an escaped pipe, so there is none: a look-alike stands for it.
    plain = re.sub(r"\\+(?=\|)", lambda run: "⧵" * len(run[0]), plain).replace("|", r"\|")
    fence = "`" * (_longest_run_of_backticks(plain) + 1)
    space = " " if plain[0] in " `" or plain[-1] in " `" else ""
    return f"{fence}{space}{plain}{space}{fence}"


def fenced(text: str) -> str:
    """A message of several lines, likewise."""
    plain = sanitize_block(text, len(text) + 1)
    fence = "`" * max(3, _longest_run_of_backticks(plain) + 1)
    return f"{fence}text\n{plain}\n{fence}"


def _longest_run_of_backticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are our own words, or ``code``."""
    ruled = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in ruled)
