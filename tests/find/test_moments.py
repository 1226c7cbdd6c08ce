"""Typed times: what they mean, what is said about them, and the last complete snapshot before one."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.find.moments import MomentError, jump_text, last_complete_before, local_zone, parse_moment
from restore_tui.kinetica.backups import Snapshot, State

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 27, 7, 0, tzinfo=timezone.utc)  # 08:00 in Berlin


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("2026-11-24 16:20", "2026-11-24 15:20"),
        ("2026-11-24T16:20:30", "2026-11-24 15:20:30"),
        ("2026-11-24 16:20Z", "2026-11-24 16:20"),
        ("2026-11-24 16:20 utc", "2026-11-24 16:20"),
        ("2026-11-24 16:20+05:30", "2026-11-24 10:50"),
        ("2026-07-01 12:00", "2026-07-01 10:00"),
        ("2026-11-24", "2026-11-23 23:00"),
        ("2026-11-24Z", "2026-11-24 00:00"),
        ("  Yesterday   18:00 ", "2026-11-26 17:00"),
        ("yesterday 18:00z", "2026-11-26 18:00"),
        ("yesterday", "2026-11-25 23:00"),
        ("today 07:30", "2026-11-27 06:30"),
        ("07:30", "2026-11-27 06:30"),
        ("16:20", "2026-11-26 15:20"),
        ("3h", "2026-11-27 04:00"),
        ("3 h ago", "2026-11-27 04:00"),
        ("90m", "2026-11-27 05:30"),
        ("2d", "2026-11-25 07:00"),
        ("1w", "2026-11-20 07:00"),
    ],
)
def test_what_a_typed_time_means(typed: str, means: str) -> None:
    moment = parse_moment(typed, NOW, BERLIN)
    assert moment.time == utc(means)
    assert moment.note == ""


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "soon", "h", "3", "3y", "-3h", "2026-13-01", "2026-02-30 10:00", "24:00", "10:60", "2026-11-24 25:00",
        "yesterday18:00x", "20261124", "16:20 yesterday", "2026-11-24 16:20+99:99", "9999999d", "٣h", "z", "\x1b[2J",
        "2026-11-2416:20",
    ],
)  # fmt: skip
def test_refuses_what_is_no_time_and_says_what_is(typed: str) -> None:
    with pytest.raises(MomentError) as refusal:
        parse_moment(typed, NOW, BERLIN)
    assert "yesterday 18:00" in str(refusal.value)
    assert "\x1b" not in str(refusal.value)


def test_yesterday_is_that_of_the_zone() -> None:
    late = utc("2026-11-26 23:30")  # the 27th in Berlin
    assert parse_moment("yesterday 18:00", late, BERLIN).time == utc("2026-11-26 17:00")
    assert parse_moment("yesterday 18:00Z", late, BERLIN).time == utc("2026-11-25 18:00")


def test_a_time_that_is_skipped_is_said_to_be() -> None:
    moment = parse_moment("2026-03-29 02:30", NOW, BERLIN)
    assert moment.time == utc("2026-03-29 01:30")
    assert moment.note == "2026-03-29 02:30 is skipped that day as clocks go forward; taken as 03:30"


def test_of_a_time_that_comes_twice_the_first_is_taken_and_said() -> None:
    moment = parse_moment("2026-10-25 02:30", NOW, BERLIN)
    assert moment.time == utc("2026-10-25 00:30")
    assert (
        moment.note == "2026-10-25 02:30 comes twice that day, and the first is taken; the second is 01:30Z"
    )
    assert "2026-10-25 00:30 UTC (" in moment.text


def test_hours_ago_count_through_a_change_of_clocks() -> None:
    after = utc("2026-10-25 03:00")
    assert parse_moment("3h", after, BERLIN).time == utc("2026-10-25 00:00")
    assert parse_moment("1d", after, BERLIN).time == utc("2026-10-24 03:00")


def test_a_time_in_the_future_is_said_to_be() -> None:
    assert parse_moment("2027-01-01 00:00", NOW, BERLIN).note == "in the future"
    assert parse_moment("today 18:00", NOW, BERLIN).note == "in the future"


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_a_local_time_comes_back_unless_a_note_says_why_not(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    typed = naive.replace(second=0, microsecond=0)
    moment = parse_moment(f"{typed:%Y-%m-%d %H:%M}", utc("2040-01-01"), zone)
    back = moment.time.astimezone(zone).replace(tzinfo=None)
    assert back == typed or "skipped" in moment.note


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(MomentError):
        parse_moment(text, NOW, BERLIN)


def test_the_zone_of_this_machine(tmp_path: Path) -> None:
    assert local_zone({"TZ": "America/New_York"}).utcoffset(NOW.replace(tzinfo=None)) == timedelta(hours=-5)
    assert local_zone({"TZ": "no such zone/at all"}) is not None
    assert local_zone({"TZ": f":{tmp_path}/none"}) is not None


def snap(
    hours: float, *, kind: str = "full", state: State = State.UNKNOWN, deleted: bool = False
) -> Snapshot:
    time = NOW - timedelta(hours=hours)
    return Snapshot(str(int(time.timestamp() * 1000)), kind=kind, time=time, state=state, deleted=deleted)


def test_the_last_complete_snapshot_before_a_moment() -> None:
    snapshots = [
        snap(1),
        snap(2, state=State.IN_PROGRESS),
        snap(3, state=State.FAILED),
        snap(4, deleted=True),
        snap(5),
        snap(6),
    ]
    before = last_complete_before(snapshots, NOW - timedelta(hours=1.5))
    assert before.snapshot is snapshots[4]
    assert [why for _, why in before.skipped] == ["in progress", "failed", "deleted"]
    assert last_complete_before(snapshots, snapshots[5].time or NOW).snapshot is snapshots[5]
    assert last_complete_before(snapshots, NOW - timedelta(hours=7)).snapshot is None


def test_never_one_whose_base_is_gone_or_whose_time_has_no_zone() -> None:
    snapshots = [
        Snapshot("1795762800000", time_text="2026-11-27 06:00"),
        snap(2, kind="incremental"),
        snap(3, kind="full", deleted=True),
        snap(9),
    ]
    before = last_complete_before(snapshots, NOW)
    assert before.snapshot is snapshots[3]
    assert before.untimed == 1
    assert [why for _, why in before.skipped] == ["base deleted", "deleted"]


def jump(typed: str, *snapshots: Snapshot) -> str:
    moment = parse_moment(typed, NOW, BERLIN)
    return jump_text(last_complete_before(snapshots, moment.time), moment, NOW)


def test_what_is_said_after_a_jump() -> None:
    """Which one it is, what was left out and why, and what was made of a local time that comes twice."""
    good = Snapshot("3", kind="full", time=utc("2026-10-24 00:00"))
    failed = Snapshot("4", kind="full", time=utc("2026-10-24 12:00"), state=State.FAILED)
    loose = Snapshot("5", kind="full", time_text="2026-10-24 18:00")
    assert jump("2026-10-25 02:30", good, failed, loose) == (
        "The last complete snapshot up to 2026-10-25 00:30 UTC (2026-10-25 02:30 comes twice that day, and the first is"
        " taken; the second is 01:30Z): 2026-10-24 00:00 UTC, 34 days ago, snapshot 3. Skipped: 1 incomplete snapshot "
        "(failed). Skipped: 1 snapshot whose time has no zone."
    )
    orphan = Snapshot("1", kind="incremental", time=utc("2026-10-22 12:00"))
    later = Snapshot("2", kind="full", time=utc("2026-10-22 14:00"), state=State.IN_PROGRESS)
    assert jump("2026-10-23Z", good, orphan, later) == (
        "No complete snapshot up to 2026-10-23 00:00 UTC. Skipped: 2 incomplete snapshots (the newest, 2026-10-22 "
        "14:00 UTC: in progress)."
    )
    found = "The last complete snapshot up to 2026-11-25 07:00 UTC: 2026-10-24 00:00 UTC, 34 days ago, snapshot 3."
    assert jump("2d", good) == found
