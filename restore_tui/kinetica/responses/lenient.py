"""Values of another type than documented, turned into text rather than refused, and facts under several spellings: no
server can be had to learn from, so being strict here would be guessing. Standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from restore_tui.kinetica.identifiers import UNSENDABLE

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """JSON can spell half a surrogate pair, which no file and no model takes. ``UNSENDABLE`` stands in its place: the
    text is another one, and must not pass for a name."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALF_PAIR.sub(UNSENDABLE, text)
    return text


_BETWEEN_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)
def to_plain_key(key: str) -> str:
    """Return a key without case and separators: ``backup_id``, ``BACKUP_ID`` and ``backupId`` are one."""
    return _BETWEEN_WORDS.sub("", key).casefold()


def to_str(value: Any) -> str:
    """Nothing is empty; what is no text is written as JSON, unless it is nested too deeply for that."""
    if value is None:
        return ""
    if isinstance(value, str):
        return encodable(value)
    try:
        return encodable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "(nested too deeply to be shown)"


def to_map(value: Any) -> dict[str, str]:
    """A map of text to text; empty for what is no map."""
    if not isinstance(value, dict):
        return {}
    return {encodable(str(key)): to_str(item) for key, item in value.items()}


def to_maps(value: Any) -> list[dict[str, str]]:
    """A list of them; a map alone is a list of one."""
    if isinstance(value, dict):
        value = [value]
    return [to_map(item) for item in value] if isinstance(value, list) else []


def to_str_list(value: Any) -> list[str]:
    """A list of texts; empty for what is no list."""
    return [to_str(item) for item in value] if isinstance(value, list) else []


def to_str_lists(value: Any) -> list[list[str] | None]:
    """A list of them; None in the place of what is no list."""
    if not isinstance(value, list):
        return []
    return [to_str_list(item) if isinstance(item, list) else None for item in value]


def as_text_lists_by_name(value: Any) -> dict[str, list[str]]:
    """A map of text to lists of texts, which may be one text with commas; empty for what is no map."""
    if not isinstance(value, dict):
        return {}
    lists = {key: item if isinstance(item, list) else to_str(item).split(",") for key, item in value.items()}
    return {encodable(str(key)): [text.strip() for text in to_str_list(item)] for key, item in lists.items()}


def to_maps_by_name(value: Any) -> dict[str, list[dict[str, str]]]:
    """A map of text to lists of maps; empty for what is no map."""
    if not isinstance(value, dict):
        return {}
    return {encodable(str(key)): to_maps(item) for key, item in value.items()}


def to_json_value(value: Any) -> Any:
    """Return any JSON value as it came, with text that can be encoded: for a field whose shape is not documented, and
    whose reader must not lose what it does not understand."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(str(key)): to_json_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json_value(item) for item in value]
    return value


def decode(value: Any) -> Any:
    """Return the JSON object or list inside a text that holds one; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


# Facts under several spellings: the keys of the maps of ``/show/backup`` are not documented.

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
    plain = {to_plain_key(key): key for key in raw}
    found = next((plain[to_plain_key(key)] for key in ALIASES[fact] if to_plain_key(key) in plain), None)
    if (
        found is None and fact == "schema"
    ):  # a name without the schema that came with it would be another object
        found = next((key for word, key in plain.items() if word.endswith(("schema", "schemaname"))), None)
    return found


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
