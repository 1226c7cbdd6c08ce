"""Under which spellings a fact may come: the keys of the maps of ``/show/backup`` are not documented.

One table, read by everything that reads such a map. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping

ALIASES: Mapping[str, tuple[str, ...]] = {
    "backup": ("backup_name", "backup", "name"),
    "id": ("backup_id", "id", "snapshot_id"),
    "kind": ("backup_type", "type", "backup_kind", "kind"),
    "time": (
        "time",
        "timestamp",
        "create_time",
        "created",
        "created_at",
        "start_time",
        "backup_time",
        "date",
    ),
    "duration": ("duration", "duration_ms"),
    "objects": ("objects", "num_objects", "object_count", "total_objects"),
    "size": ("size", "total_bytes", "num_bytes", "bytes", "total_size", "size_bytes"),
    "files": ("files", "num_files", "total_files"),
    "records": ("records", "num_records", "total_records", "record_count"),
    "comment": ("comment", "description", "comments"),
    "snapshots": ("num_snapshots", "snapshots", "snapshot_count", "total_snapshots", "num_backups"),
    "object": ("object_name", "name", "object", "table_name"),
    "object_type": ("object_type", "type", "kind"),
}
"""Fact → the spellings that it may come under, the likeliest first; upper and lower case alike."""

_LONGEST_NUMBER = 30  # int() refuses what is very much longer


def spelling(raw: Mapping[str, str], fact: str) -> str | None:
    """The key under which ``raw`` tells a fact; None where it does not."""
    for key in ALIASES[fact]:
        if key in raw:
            return key
    lowered = {key.lower(): key for key in raw}
    return next((lowered[key] for key in ALIASES[fact] if key in lowered), None)


def find(raw: Mapping[str, str], fact: str) -> str | None:
    """What ``raw`` says of a fact under any of its spellings; None where it says nothing."""
    key = spelling(raw, fact)
    return None if key is None else raw[key]


def number(raw: Mapping[str, str], fact: str) -> int | None:
    """A count or a number of bytes; None where it is absent or no whole number."""
    return whole(find(raw, fact) or "")


def whole(text: str) -> int | None:
    """A whole number, with or without separators; None for anything else."""
    plain = text.strip().replace(",", "")
    return int(plain) if plain.isdecimal() and len(plain) <= _LONGEST_NUMBER else None
