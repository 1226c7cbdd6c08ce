"""Backups, snapshots and contents, under whatever spelling a server sends them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from restore_tui.kinetica import backups as b
from restore_tui.kinetica import backups_reader as r
from restore_tui.kinetica.responses.lenient import get

ID = "1732000000123"


@pytest.mark.parametrize("spelling", ["backup_id", "BACKUP_ID", "id", "ID", "Snapshot_Id"])
def test_the_id_is_found_and_kept_digit_by_digit(spelling: str) -> None:
    """An id of more than 32 bits comes out exactly as it came, under any known spelling."""
    (snapshot,) = r.read_snapshots([{spelling: "9007199254740993"}], [])
    assert snapshot.id == "9007199254740993"


@pytest.mark.parametrize(
    ("spelling", "fact"),
    [
        ("size", "size"),
        ("TOTAL_BYTES", "size"),
        ("num_bytes", "size"),
        ("files", "files"),
        ("NUM_FILES", "files"),
        ("records", "records"),
        ("num_records", "records"),
        ("Total_Records", "records"),
        ("objects", "objects"),
    ],
)
def test_numbers_under_their_spellings(spelling: str, fact: str) -> None:
    """Sizes and counts are read with or without thousands commas, and absent where they are no number."""
    for text, value in (("4096", 4096), ("4,096", 4096), ("lots", None), ("", None), ("9" * 9000, None)):
        snapshot = r.read_snapshot({"id": ID, spelling: text})
        assert snapshot is not None
        assert getattr(snapshot, fact) == value


@pytest.mark.parametrize(
    ("fact", "spellings"),
    [
        ("kind", ("backup_type", "TYPE")),
        ("comment", ("comment", "DESCRIPTION")),
        ("time_text", ("time", "CREATE_TIME")),
    ],
)
def test_words_under_their_spellings(fact: str, spellings: tuple[str, ...]) -> None:
    """Kind, comment and time are read under any known spelling."""
    for spelling in spellings:
        snapshot = r.read_snapshot({"id": ID, spelling: "word"})
        assert snapshot is not None
        assert getattr(snapshot, fact) == "word"


def test_the_likeliest_spelling_wins() -> None:
    """Where several spellings came, the documented one counts, whatever its case."""
    assert get({"id": "1", "backup_id": "2"}, "id") == "2"
    assert get({"colour": "red"}, "id") is None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-22T03:00:00Z", datetime(2026, 11, 22, 3, tzinfo=timezone.utc)),
        ("2026-11-22 03:00:00+02:00", datetime(2026, 11, 22, 3, tzinfo=timezone(timedelta(hours=2)))),
        ("1732000000123", datetime(2024, 11, 19, 7, 6, 40, 123000, tzinfo=timezone.utc)),
        ("1732000000", datetime(2024, 11, 19, 7, 6, 40, tzinfo=timezone.utc)),
        ("2026-11-22 03:00:00", None),
        ("20261122", None),
        ("20261122030000", None),
        ("yesterday", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_a_time_without_a_zone_is_not_guessed(text: str, when: datetime | None) -> None:
    """Zoned times and epochs are moments; everything else stays the text that came."""
    snapshot = r.read_snapshot({"id": ID, "time": text})
    assert snapshot is not None
    assert (snapshot.time, snapshot.time_text) == (when, text)


def test_newest_first_and_deleted_ones_are_marked() -> None:
    """Snapshots come by id, newest first; one that is also listed as deleted is deleted, once."""
    listed = [{"backup_id": "999"}, {"backup_id": "1000"}, {"backup_id": "1001"}, {"size": "no id"}]
    found = r.read_snapshots(listed, [{"backup_id": "1001"}])
    assert [(s.id, s.deleted) for s in found] == [("1001", True), ("1000", False), ("999", False)]
    backup = b.Backup("nightly", snapshots=found)
    assert backup.newest is not None
    assert backup.newest.id == "1000"


def test_a_map_of_ids_is_read_too() -> None:
    """Some server may send id → text in one map."""
    assert [s.id for s in r.read_snapshots([{"1001": "full", "1002": "incremental"}], [])] == ["1002", "1001"]


def test_unknown_keys_are_kept_under_their_own_names() -> None:
    """What no spelling fits is still there to be shown."""
    snapshot = r.read_snapshot({"id": ID, "HOST_NAME": "node1", "weird": "x"})
    assert snapshot is not None
    assert (snapshot.raw["HOST_NAME"], snapshot.raw["weird"]) == ("node1", "x")


def test_backups_get_their_own_snapshots() -> None:
    """A snapshot belongs to the backup that it names; a backup without a description is listed all the same."""
    found = r.read_backups(
        [{"backup_name": "a", "comment": "nightly", "total_bytes": "10"}, {"NAME": "b"}],
        [
            {"backup_name": "a", "backup_id": "1", "size": "3"},
            {"backup_name": "b", "backup_id": "2", "size": "4"},
            {"backup_name": "b", "backup_id": "3", "size": "5"},
            {"backup_name": "c", "backup_id": "4"},
        ],
        [{"backup_name": "b", "backup_id": "3"}],
    )
    assert [(x.name, x.size, x.snapshot_count) for x in found] == [("a", 10, 1), ("b", 4, 1), ("c", None, 1)]


def test_snapshots_of_the_only_backup_need_not_name_it() -> None:
    """With one backup listed, unnamed snapshots are its own."""
    (only,) = r.read_backups([{"backup_name": "a"}], [{"backup_id": "1"}, {"backup_id": "2"}], [])
    assert [s.id for s in only.snapshots] == ["2", "1"]


def test_parallel_lists_of_unequal_length() -> None:
    """A data source without provider or details is listed by its name."""
    first, second = r.read_data_sources(["s3", "hdfs"], ["S3"], [{"s3_bucket_name": "dr"}])
    assert (first.name, first.provider, first.location) == ("s3", "S3", "dr")
    assert (second.name, second.provider, second.location) == ("hdfs", "", "")
