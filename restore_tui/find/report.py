"""What a search found, as text for a terminal and as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from restore_tui.find.chart import draw_chart
from restore_tui.find.matches import BackupKey, Change, Failure, Key, Match, Place, in_utc
from restore_tui.find.search import Search
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.presence import Existence
from restore_tui.restore.text_format import (
    UNKNOWN,
    age,
    cell_width,
    elapsed,
    first_few,
    fit,
    format_table,
    format_timestamp,
    pluralize,
    wrapped,
)

JSON_VERSION = 1
NOT_FOUND, UNCERTAIN = 1, 5
_MOST_CHARTS = 6
_LEAST_NAME = 12
_SHORTENED = ("Name", "Backup", "Data source")
_LEAST_WIDTH = 60
_MOST_MESSAGE = 300


def exit_code(search: Search) -> int:
    """5 if something that could change the result could not be read, else 1 if a name was not found, else 0."""
    if search.is_uncertain:
        return UNCERTAIN
    return NOT_FOUND if search.not_found else 0


@dataclass(frozen=True)
class Report:
    """A search with what its report says beside it: when it was made, and of which server. ``all_snapshots``: it did
    not stop at the newest. ``interrupted``: the user stopped it."""

    search: Search
    now: datetime
    server: str
    all_snapshots: bool = False
    interrupted: bool = False

    # Text

    def as_text(self, width: int | None, *, ascii_only: bool = False) -> str:
        """For a terminal ``width`` columns wide; None: names are not shortened, and all columns are there."""
        rows = [row for row in self.search.rows if isinstance(row, Match) or row.place is not None]
        lines = self._bounds()
        lines += self._table(rows, width) if rows else []
        if self.all_snapshots:
            lines += self._charts(width or 100, ascii_only)
        text_width = max(width or 110, _LEAST_WIDTH)
        for paragraph in self._summary():
            lines += ["", *wrapped(paragraph, text_width)] if lines else wrapped(paragraph, text_width)
        return "\n".join(lines)

    def _bounds(self) -> list[str]:
        query = self.search.query
        bounds = (("since", query.since), ("before", query.before))
        given = [f"{word} {format_timestamp(time)}" for word, time in bounds if time is not None]
        return [f"Snapshots {' and '.join(given)}:", ""] if given else []

    def _table(self, rows: Sequence[Match | Failure], width: int | None) -> list[str]:
        cells = [self._cells(row) for row in rows]
        columns = [
            column for column in _COLUMNS if column.always or any(_cell(row, column) for row, _ in cells)
        ]
        widths = {
            column.name: max(cell_width(column.name), *(cell_width(_cell(row, column)) for row, _ in cells))
            for column in columns
        }
        if width is not None:
            columns = _fitting(columns, widths, width)
        sizes = [-widths[column.name] if column.right else widths[column.name] for column in columns]
        lines = format_table([[column.name for column in columns]], sizes)
        for row, message in cells:
            (line,) = format_table([[_cell(row, column) for column in columns]], sizes)
            if message:
                lead = "  ".join(fit(_cell(row, column), widths[column.name]) for column in columns[:2])
                line = f"{lead}  {message}"
                line = fit(line, width).rstrip() if width is not None else line
            lines.append(line)
        return lines

    def _cells(self, row: Match | Failure) -> tuple[dict[str, str], str]:
        """Column → text; and for a snapshot that could not be read, the message in place of the other columns."""
        if isinstance(row, Failure):
            assert row.place is not None
            name = f"{sanitize(row.backup, 60)}, snapshot {sanitize(row.place.snapshot_id, 40)}"
            text = f"! {name}: {sanitize(row.text, _MOST_MESSAGE)}"
            return {"Time": time_text(row.place), "Age": age_text(row.place, self.now)}, text
        change = self.search.change(row)
        return {
            "Time": time_text(row.place),
            "Age": age_text(row.place, self.now),
            "Type": sanitize(row.type, 40),
            "Name": sanitize(row.name),
            "Records": row.records_text,
            "Size": row.size_text,
            "Change": change.text if change is not None else "",
            "Now": self.search.existence(row.key).presence.value,
            "Backup": sanitize(row.place.backup),
            "Snapshot": sanitize(row.place.snapshot_id, 40),
            "Data source": sanitize(row.place.data_source),
            "Problem": f"! {row.place.problem}" if row.place.problem else "",
        }, ""

    def _charts(self, width: int, ascii_only: bool) -> list[str]:
        histories: dict[tuple[Key, BackupKey], None] = {}
        for match in self.search.matches:
            histories.setdefault((match.key, match.place.backup_key))
        if len(histories) > _MOST_CHARTS:
            return []
        lines: list[str] = []
        for key, backup in histories:
            history = self.search.history(key, backup)
            lines += ["", *wrapped(f"{sanitize(key[1], 80)} in {sanitize(backup.backup, 60)}:", width)]
            lines += draw_chart(history, width, ascii_only=ascii_only).lines
            for event in history.events():
                times = f"{format_time(event.before.place)} to {format_time(event.after.place)}"
                lines += wrapped(f"{times}: {event.what}", width, rest="  ")
        return lines

    def _summary(self) -> Iterator[str]:
        search = self.search
        if any(match.counts_changes for match in search.matches):
            yield (
                "Δ: in an incremental or differential snapshot the number is taken for what changed, not for all "
                "records; which of the two it is, is not documented."
            )
        unknown = sorted({(m.type, why) for m in search.matches if (why := search.existence(m.key).why)})
        if unknown:
            reasons = first_few(unknown, lambda each: f"{sanitize(each[0], 40)}: {sanitize(each[1], 160)}")
            yield f"Whether it exists now is unknown. {reasons}"
        yield self._searched()
        for index in search.not_found:
            yield self._not_found(index)
        failures = [failure for failure in search.failures if failure.place is None]
        for failure in failures:
            yield f"Could not be read: {_place_of(failure)}: {sanitize(failure.text, _MOST_MESSAGE)}"
        yield from (note.text for note in search.notes)
        if search.stop_reason:
            yield f"Stopped: {sanitize(search.stop_reason, _MOST_MESSAGE)}"
        if self.interrupted:
            yield "Stopped by you: what was found until then is listed."
        elif search.is_uncertain:
            limits = "--data-source and --backup limit the search to what you can read."
            yield f"This is not certain: what could not be read could change the result. {limits}"

    def _searched(self) -> str:
        search, progress = self.search, self.search.progress
        left = progress.total - progress.read
        found = "" if search.matches else "Nothing found. "
        of = f" of {progress.total:,}" if left else ""
        return (
            f"{found}Searched {progress.read:,}{of} {'snapshot' if progress.total == 1 else 'snapshots'} of "
            f"{pluralize(len(search.listing.backups), 'backup')} through "
            f"{pluralize(search.listing.data_sources, 'data source')} in {elapsed(progress.seconds)}."
        )

    def _not_found(self, index: int) -> str:
        pattern = self.search.query.patterns[index]
        name = sanitize(pattern.text, 80)
        if any(index in match.patterns for match in self.search.matches):
            return f"Only in snapshots that cannot be restored: {name}."
        similar = self.search.similar.get(index)
        hint = f" Similar: {', '.join(sanitize(one, 60) for one in similar)}." if similar else ""
        if pattern.is_exact and not similar:
            hint = " Use * for a part of a name."
        return f"Not found: {name}.{hint}"

    # JSON

    def as_json(self) -> str:
        """Every entry has the same keys, null where there is nothing to tell. ASCII only."""
        search, query = self.search, self.search.query
        data = {
            "version": JSON_VERSION,
            "server": self.server,
            "time": self.now.isoformat(),
            "query": {
                "names": [pattern.text for pattern in query.patterns],
                "type": query.type or None,
                "data_source": query.data_source or None,
                "backup": query.backup or None,
                "since": _iso(query.since),
                "before": _iso(query.before),
                "all": self.all_snapshots,
            },
            "certain": not search.is_uncertain,
            "exit_code": exit_code(search),
            "names": [
                {
                    "name": pattern.text,
                    "found": index not in search.not_found,
                    "similar": list(search.similar.get(index, ())),
                }
                for index, pattern in enumerate(query.patterns)
            ],
            "matches": [self._match(match) for match in search.matches],
            "failures": [
                {
                    "data_source": failure.data_source or None,
                    "backup": failure.backup or None,
                    "snapshot": failure.place.snapshot_id if failure.place is not None else None,
                    "deleted": failure.deleted,
                    "what": failure.what,
                    "server_message": failure.server_message or None,
                }
                for failure in search.failures
            ],
            "notes": [note.text for note in search.notes],
            "stopped": "interrupted" if self.interrupted else search.stop_reason or None,
            "searched": {
                "data_sources": search.listing.data_sources,
                "backups": len(search.listing.backups),
                "snapshots": search.progress.read,
                "snapshots_left": search.progress.total - search.progress.read,
                "seconds": round(search.progress.seconds, 3),
            },
        }
        return json.dumps(data, indent=2, ensure_ascii=True)

    def _match(self, match: Match) -> dict[str, object]:
        snapshot, existence = match.place.snapshot, self.search.existence(match.key)
        return {
            "names": [self.search.query.patterns[index].text for index in match.patterns],
            "type": match.type,
            "name": match.name,
            "data_source": match.place.data_source,
            "backup": match.place.backup,
            "snapshot": match.place.snapshot_id,
            "snapshot_type": snapshot.kind or None,
            "time": _iso(snapshot.time),
            "time_as_received": snapshot.time_text or None,
            "age_seconds": _age_seconds(match.place, self.now),
            "problem": match.place.problem or None,
            "records": match.records,
            "bytes": match.size,
            "counts_changes": match.counts_changes,
            "change": _change(self.search.change(match)),
            **_existence(existence),
        }


class _Column(NamedTuple):
    """``keep``: of the columns that do not fit, the one with the lowest goes first; the ones without never go."""

    name: str
    keep: int | None = None
    right: bool = False
    always: bool = True


_COLUMNS = (
    _Column("Time"),
    _Column("Age", 11),
    _Column("Type", 5),
    _Column("Name"),
    _Column("Records", 8, right=True),
    _Column("Size", 3, right=True),
    _Column("Change", 4, right=True, always=False),
    _Column("Now", 7),
    _Column("Backup", 10),
    _Column("Snapshot", 6),
    _Column("Data source", 2),
    _Column("Problem", 12, always=False),
)


def _cell(row: dict[str, str], column: _Column) -> str:
    return row.get(column.name, "")


def _fitting(columns: Sequence[_Column], widths: dict[str, int], width: int) -> list[_Column]:
    """The columns that fit into ``width``, and in ``widths`` how wide they are: names are shortened first, then columns
    go."""
    kept = list(columns)
    least = {name: min(widths[name], _LEAST_NAME) for name in _SHORTENED if name in widths}

    def excess(of: dict[str, int]) -> int:
        return sum(of[column.name] for column in kept) + 2 * (len(kept) - 1) - width

    for column in sorted((c for c in columns if c.keep is not None), key=lambda c: c.keep or 0):
        if excess({**widths, **least}) <= 0:
            break
        kept.remove(column)
    shortened = [column.name for column in kept if column.name in least]
    while (over := excess(widths)) > 0:
        widest = max(shortened, key=lambda name: widths[name] - least[name])
        if widths[widest] == least[widest]:
            break  # a terminal narrower than any column
        others = [widths[name] for name in shortened if name != widest]
        step = max(1, min(over, widths[widest] - max([*others, least[widest]])))
        widths[widest] = max(least[widest], widths[widest] - step)
    return kept


def time_text(place: Place) -> str:
    """``2026-11-25 07:00 UTC``; a time without a zone as received, and marked."""
    snapshot = place.snapshot
    if snapshot.time is not None:
        return format_timestamp(in_utc(snapshot.time))
    return f"{sanitize(snapshot.time_text, 24)} (no zone)" if snapshot.time_text else UNKNOWN


def format_time(place: Place) -> str:
    """The same, or the id of a snapshot whose time is unknown."""
    text = time_text(place)
    return sanitize(place.snapshot_id, 40) if text == UNKNOWN else text


def age_text(place: Place, now: datetime) -> str:
    """``7 h ago``; by the id where the time has no zone."""
    return age(place.moment, now) if place.moment is not None else UNKNOWN


def _age_seconds(place: Place, now: datetime) -> int | None:
    time = place.snapshot.time
    return None if time is None else int((now - time).total_seconds())


def _place_of(failure: Failure) -> str:
    if failure.backup:
        return f"backup {sanitize(failure.backup, 60)} of {sanitize(failure.data_source, 60)}"
    return (
        f"data source {sanitize(failure.data_source, 60)}"
        if failure.data_source
        else "the list of data sources"
    )


def _iso(time: datetime | None) -> str | None:
    return None if time is None else in_utc(time).isoformat()


def _change(change: Change | None) -> dict[str, object] | None:
    if change is None:
        return None
    return {
        "since": change.since.snapshot_id,
        "appeared": change.appeared,
        "records": change.records,
        "bytes": change.size,
    }


def _existence(existence: Existence) -> dict[str, str | None]:
    return {"now": existence.presence.value, "now_reason": existence.why or None}
