"""Under which spellings a fact may come: the keys of the maps of ``/show/backup`` are not documented.

One table, read by everything that reads such a map. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache

ALIASES: Mapping[str, tuple[str, ...]] = {
    "backup": (
        "backup_name",
        "backup",
        "name",
        "container",
        "container_name",
        "backup_object",
        "backup_object_name",
    ),
    "of_backup": ("backup_name", "backup", "container", "container_name"),
    "id": ("backup_id", "id", "snapshot_id", "instance_id", "backup_instance_id"),
    "ids": ("backup_ids", "ids", "snapshot_ids", "deleted_backup_ids"),
    "kind": ("backup_type", "type", "backup_kind", "kind"),
    "time": (
        "time",
        "timestamp",
        "create_time",
        "created",
        "created_at",
        "start_time",
        "backup_time",
        "backup_timestamp",
        "snapshot_timestamp",
        "date",
    ),
    "duration": ("duration", "duration_ms"),
    "objects": ("objects", "num_objects", "object_count", "total_objects"),
    "size": (
        "size",
        "total_bytes",
        "num_bytes",
        "bytes",
        "total_size",
        "size_bytes",
        "copied_bytes",
        "total_number_of_bytes",
    ),
    "files": ("files", "num_files", "total_files", "copied_files", "total_number_of_files"),
    "records": (
        "records",
        "num_records",
        "total_records",
        "record_count",
        "copied_records",
        "total_number_of_records",
    ),
    "state": ("status", "state", "result", "backup_status", "snapshot_status"),
    "comment": ("comment", "description", "comments"),
    "snapshots": ("num_snapshots", "snapshots", "snapshot_count", "total_snapshots", "num_backups"),
    "object": ("object_name", "name", "object", "table_name", "view_name"),
    "object_type": ("object_type", "type", "kind"),
    "schema": ("schema_name", "schema", "object_schema", "object_schema_name", "database", "namespace"),
}
"""Fact → the spellings that it may come under, the likeliest first; upper and lower case alike,
with or without separators."""

_LONGEST_NUMBER = 30
_LARGEST_LONG = 2**63 - 1


def matching_key(raw: Mapping[str, str], fact: str) -> str | None:
    """The key under which ``raw`` tells a fact; None where it does not."""
    for key in ALIASES[fact]:
        if key in raw:
            return key
    plain = {_plain(key): key for key in raw}
    found = next((plain[_plain(key)] for key in ALIASES[fact] if _plain(key) in plain), None)
    if (
        found is None and fact == "schema"
    ):  # a name without the schema that came with it would be another object
        found = next((key for word, key in plain.items() if word.endswith(("schema", "schemaname"))), None)
    return found


@lru_cache(maxsize=1024)
def _plain(key: str) -> str:
    """A key without upper case and separators: ``objectName`` and ``OBJECT_NAME`` are one."""
    return "".join(letter for letter in key.lower() if letter.isalnum())


def get(raw: Mapping[str, str], fact: str) -> str | None:
    """What ``raw`` says of a fact under any of its spellings; None where it says nothing."""
    key = matching_key(raw, fact)
    return None if key is None else raw[key]


def get_int(raw: Mapping[str, str], fact: str) -> int | None:
    """A count or a number of bytes; None where it is absent or no whole number."""
    return parse_int(get(raw, fact) or "")


def parse_int(text: str) -> int | None:
    """A whole number, with or without separators, also written 12.0 or 1e9; None for anything else, and for one that is
    impossible."""
    value = _decimal(text)
    if value is None or not value.is_finite() or value != value.to_integral_value() or is_impossible(text):
        return None
    return int(value)


def is_impossible(text: str) -> bool:
    """Whether this is a number that nothing can have: one below zero, or beyond the server's longs."""
    value = _decimal(text)
    return value is not None and not (value.is_finite() and 0 <= value <= _LARGEST_LONG)


def _decimal(text: str) -> Decimal | None:
    plain = text.strip().replace(",", "")
    if len(plain) > _LONGEST_NUMBER or "_" in plain:
        return Decimal("Infinity") if plain.isdecimal() else None
    try:
        return Decimal(plain) if plain else None
    except InvalidOperation:
        return None
