"""What the search for an object says: its columns, its progress, and the history of an object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.content import Content

from restore_tui.find.chart import Chart
from restore_tui.find.history import ObjectHistory
from restore_tui.find.matches import Failure, Match, Place, Row
from restore_tui.find.progress import RUNNING, SearchState
from restore_tui.find.search import Search
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import first_few
from restore_tui.tui import formatting
from restore_tui.tui.widgets.row_list import Column

_BAR = 16
_SHOWN_EVENTS = 3


def columns(search: Callable[[], Search | None]) -> Sequence[Column[Row]]:
    """A row is one object in one snapshot, or something that could not be read. ``search`` is the one that shows."""

    def of_match(column: Column[Match]) -> Column[Row]:
        return Column(
            column.title,
            lambda row: column.cell(row) if isinstance(row, Match) else "",
            column.width,
            right=column.right,
            drop=column.drop,
            wide=column.wide,
        )

    def change(match: Match) -> str:
        current = search()
        return change_text(current, match) if current is not None else ""

    def now(match: Match) -> str:
        current = search()
        return current.existence(match.key).presence.value if current is not None else ""

    return (
        Column("Object", _name_of, least=18),
        Column("Snapshot", time_of, 16, cut=formatting.fit_time),
        of_match(Column("Records", lambda match: match.records_text, 11, right=True)),
        of_match(Column("Change", change, 12, right=True, drop=3, wide=True)),
        of_match(Column("Now", now, 7, drop=2)),
        Column("Backup", _backup_of, 14, drop=4),
        of_match(Column("Type", lambda match: match.type, 10, drop=5)),
        of_match(Column("Size", lambda match: match.size_text, 9, right=True, drop=6)),
    )


def change_text(search: Search, match: Match) -> str:
    """The difference in records to the snapshot before."""
    change = search.change(match)
    return change.text if change is not None else formatting.UNKNOWN


def history_text(
    search: Search, match: Match, history: ObjectHistory, chart: Chart, now: datetime
) -> Content:
    """One object in one snapshot, and in all snapshots of its backup."""
    place = match.place
    change = change_text(search, match)
    about = [
        match.type,
        formatting.snapshot_time(place.snapshot),
        formatting.snapshot_age(place.snapshot, now),
        match.size_text,
        "" if change == formatting.UNKNOWN else f"{change} since the snapshot before",
    ]
    parts: list[str | tuple[str, str]] = [
        (sanitize(match.name, 60), "bold"),
        f" in {sanitize(place.backup, 40)} behind {sanitize(place.data_source, 40)}",
        ("\n" + " · ".join(filter(None, about)), "dim"),
    ]
    if place.problem:
        parts.append((f"\n! This snapshot is not complete: {place.problem}.", "$text-warning"))
    for bar in chart.bars:
        parts += ["\n", (bar, "$text-primary")]
    parts.append((f"\n{chart.axis}", "dim"))
    for event in history.events()[-_SHOWN_EVENTS:][::-1]:
        parts.append(f"\n{formatting.snapshot_time(event.after.place.snapshot)}: {event.what}")
    parts += [("\n" + line, "dim") for line in chart.legend]
    return Content.assemble(*parts)


def _name_of(row: Row) -> str:
    """With a sign before one whose snapshot is not complete, and before what could not be read."""
    if isinstance(row, Failure):
        return f"✗ {row.backup or row.data_source or 'server'}"
    return row.name if row.place.is_complete else f"! {row.name}"


def time_of(row: Row) -> str:
    place: Place | None = row.place
    return "" if place is None else formatting.snapshot_time(place.snapshot).replace(" UTC", "")


def _backup_of(row: Row) -> str:
    if isinstance(row, Match):
        return row.place.backup
    return row.backup or row.data_source


def progress_text(search: Search) -> Content:
    """``34 of 112 snapshots · 9 found · 1:10 min`` with a bar, then what could not be read and what was not found."""
    progress = search.progress
    parts: list[str | tuple[str, str]] = []
    if progress.state in RUNNING and progress.total:
        done = progress.read * _BAR // max(progress.total, 1)
        parts += [("━" * done, "$text-primary"), ("─" * (_BAR - done), "dim"), "  "]
    parts.append((progress.text, "bold"))
    failures = len(search.rows) - progress.found
    if failures:
        parts.append((f" · {failures:,} not readable", "$text-warning"))
    if progress.state in RUNNING:
        return Content.assemble(*parts)
    if progress.state is SearchState.STOPPED:
        parts.append(
            (f" · stopped{': ' + sanitize(search.stop_reason, 200) if search.stop_reason else ''}", "dim")
        )
    missing = [sanitize(search.query.patterns[index].text, 40) for index in search.not_found]
    if missing and progress.state is SearchState.DONE:
        where = formatting.pluralize(len(search.listing.backups), "backup")
        sources = formatting.pluralize(search.listing.data_sources, "data source")
        parts.append(f"\nNot found in {where} behind {sources}: {first_few(missing, str)}.")
        if search.is_uncertain:
            parts.append((" What could not be read may hold it.", "$text-warning"))
    parts += [f"\n{note.text}" for note in search.notes[:2]]
    return Content.assemble(*parts)
