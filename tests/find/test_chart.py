"""The history of an object, and its chart: what happened is visible at any width, without color, in ASCII too."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.ascii_glyphs import GLYPHS
from restore_tui.find.chart import ASCII, UNICODE, draw_chart
from restore_tui.find.history import HistoryPoint, ObjectHistory, PointState
from restore_tui.find.matches import BackupKey, Place
from restore_tui.kinetica.backups import Snapshot
from restore_tui.restore.text_format import cell_width
from tests.harness.find import NOW, epoch_milliseconds

KEY = ("table", "sales.orders")


def history(*values: int | str, hours: float = 12) -> ObjectHistory:
    """Oldest first: records; ``Δ5`` for changes; ``present``, ``absent``, ``unreadable``, …"""
    points = []
    for at, value in enumerate(values):
        time = NOW - timedelta(hours=hours * (len(values) - 1 - at))
        place = Place(BackupKey("s3", "nightly"), Snapshot(str(epoch_milliseconds(time)), time=time))
        if isinstance(value, int):
            points.append(HistoryPoint(place, PointState.PRESENT, value))
        elif value.startswith("Δ"):
            points.append(HistoryPoint(place, PointState.PRESENT, int(value[1:]), counts_changes=True))
        else:
            points.append(HistoryPoint(place, PointState(value)))
    return ObjectHistory(KEY, tuple(points))


def test_a_column_for_each_snapshot() -> None:
    chart = draw_chart(
        history(100, 200, "Δ7", 800, 0, "unreadable", "deleted", "not read", "present", "absent"), 60
    )
    assert chart.bars == ("▁▂Δ█0?×–●·",)
    assert chart.axis == "2026-11-22 19:00 UTC … 2026-11-27 07:00 UTC"
    legend = "  ".join(chart.legend)
    assert "▁-█ records, at most 800" in legend
    for meaning in ("0 no records", "Δ count of changes only", "? unreadable", "· absent"):
        assert meaning in legend


def test_in_ascii() -> None:
    chart = draw_chart(history(100, 200, "Δ7", 800, 0, "unreadable", "absent"), 60, ascii_only=True)
    assert chart.bars == ("23+90?.",)
    assert all(line.isascii() for line in chart.lines)


def test_changes_as_reported() -> None:
    assert draw_chart(history(100, "Δ50", 100), 60, changes_as_totals=True).bars == ("█▄█",)


def test_taller_bars() -> None:
    assert draw_chart(history(100, 50, 0, "absent"), 60, height=2).bars == ("█", "██0·")


@pytest.mark.parametrize(("value", "bar"), [(5, "█"), (0, "0"), ("absent", "·"), ("Δ4", "Δ")])
def test_a_single_value(value: int | str, bar: str) -> None:
    chart = draw_chart(history(value), 60)
    assert chart.bars == (bar,)
    assert chart.axis == "2026-11-27 07:00 UTC"


def test_all_zeros() -> None:
    assert draw_chart(history(0, 0, 0), 60).bars == ("000",)


def test_no_snapshots() -> None:
    assert draw_chart(ObjectHistory(KEY, ()), 60).lines == ("", "no snapshots")


def test_a_long_pause_is_a_blank_column() -> None:
    one, two = history(1, 1, 1, hours=1), history(1, 1, 1, hours=1)
    moved = [
        HistoryPoint(
            Place(
                p.place.backup_key, Snapshot(f"{at}", time=(p.place.snapshot.time or NOW) - timedelta(days=9))
            ),
            p.state,
            p.records,
        )
        for at, p in enumerate(one.points)
    ]
    chart = draw_chart(ObjectHistory(KEY, (*moved, *two.points)), 60)
    assert chart.bars == ("███ ███",)
    assert "blank: a long pause" in " ".join(chart.legend)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_400_snapshots_in_60_columns_hide_no_gap_no_zero_and_no_drop(glyphs: object) -> None:
    values: list[int | str] = [1000] * 400
    values[120], values[200], values[301:303] = "unreadable", 0, ["absent", "absent"]
    values[390:] = ["absent"] * 10
    chart = draw_chart(history(*values), 60, ascii_only=glyphs is ASCII)
    (line,) = chart.bars
    assert len(line) == 60
    assert line[120 * 60 // 400] == "?"
    assert line[200 * 60 // 400] == "0"
    assert line[301 * 60 // 400] == ("%" if glyphs is ASCII else "◐")
    assert line[-1] == ("." if glyphs is ASCII else "·")
    assert "400 snapshots, several to a column" in "  ".join(chart.legend)


def test_every_character_has_one_for_terminals_without_it() -> None:
    drawn = "".join(getattr(UNICODE, name) for name in UNICODE.__dataclass_fields__)
    assert all(character.isascii() or character in GLYPHS for character in drawn)


values = st.lists(
    st.integers(0, 10**12)
    | st.sampled_from(["present", "absent", "unreadable", "deleted", "not read", "Δ0", "Δ9"]),
    max_size=150,
)


@given(values, st.integers(1, 90), st.integers(1, 4), st.booleans(), st.booleans())
def test_no_line_is_wider_than_asked_for(
    values: list[int | str], width: int, height: int, ascii_only: bool, changes: bool
) -> None:
    chart = draw_chart(
        history(*values), width, height=height, ascii_only=ascii_only, changes_as_totals=changes
    )
    assert len(chart.bars) == height
    assert all(cell_width(line) <= width for line in chart.lines)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=60))
def test_more_records_never_have_a_lower_bar(records: list[int]) -> None:
    bars = dict(zip(records, draw_chart(history(*records), 60).bars[0], strict=True))
    levels = {"0": 0, **{bar: level for level, bar in enumerate(UNICODE.bars, 1)}}
    ordered = [levels[bars[number]] for number in sorted(set(records))]
    assert ordered == sorted(ordered)
    assert all((bars[number] == "0") == (number == 0) for number in records)


def test_events_name_what_stands_out() -> None:
    told = history("absent", 100, "unreadable", 110, 0, 0, 50, "Δ900", 600, 100, "deleted", "absent").events()
    assert [event.what for event in told] == [
        "appeared",
        "emptied: 110 records before",
        "grown from 50 to 600 records",
        "shrunk from 600 to 100 records",
        "gone",
    ]
    assert told[-1].before.records == 100
    assert told[-1].after.state is PointState.ABSENT


def test_an_id_on_the_axis_cannot_act_on_a_terminal() -> None:
    """Of a snapshot without a known time its id stands there, as the server sent it but for control characters."""
    place = Place(BackupKey("s3", "nightly"), Snapshot("x\x1b[31m\u202ey"))
    chart = draw_chart(ObjectHistory(KEY, (HistoryPoint(place, PointState.PRESENT, 1),)), 60)
    assert not any(set("\x1b\u202e") & set(line) for line in chart.lines)


def test_the_axis_is_in_utc() -> None:
    """Whatever offset the server sends."""
    time = datetime(2026, 11, 25, 7, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    place = Place(BackupKey("s3", "nightly"), Snapshot("1", time=time))
    chart = draw_chart(ObjectHistory(KEY, (HistoryPoint(place, PointState.PRESENT, 1),)), 60)
    assert chart.axis == "2026-11-25 01:30 UTC"
