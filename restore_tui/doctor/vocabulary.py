"""Which keys a response holds and which of them are recognized, without its data.

A key is written out only if it is in the vocabulary: a key of a map may be the name of a table or of a user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from restore_tui.kinetica import client, reference
from restore_tui.kinetica.reference import TYPE_NAMES, normalize_type
from restore_tui.kinetica.responses import models
from restore_tui.kinetica.responses.lenient import (
    ALIASES,
    decode,
    matching_key,
    to_map,
    to_maps,
    to_plain_key,
)
from restore_tui.restore.text_format import pluralize

NAME = "<name>"
"""Stands for every key that is not in the vocabulary."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "backup_description": ("backup", "size", "comment", "snapshots", "time"),
    "backup_ids": (
        "backup", "id", "kind", "time", "duration", "objects", "size", "files", "records", "comment",
    ),
    "deleted_backup_ids": ("backup", "id", "time"),
    "backup_contents": ("object", "object_type", "size", "records", "files"),
}  # fmt: skip
"""Field of ``/show/backup`` → the facts of ``lenient.ALIASES`` that are looked for in its maps."""

_LONGEST_KEY = 60


@cache
def vocabulary() -> frozenset[str]:
    """Return every word that a key may be written out as, without case and separators: the spellings that are
    recognized, the fields of the responses, the names of the endpoint reference, and properties that are read."""
    words = {spelling for spellings in ALIASES.values() for spelling in spellings}
    for model in vars(models).values():
        words |= set(getattr(model, "model_fields", ()))
    words |= {entry.name for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS)}
    words |= {field.name for field in (*reference.PARAMETERS, *reference.ANSWER, *reference.INFO_KEYS)}
    words |= {*client.PROPERTIES, *_DOCUMENTED}
    return frozenset(map(to_plain_key, words))


def written(key: str) -> str:
    """Return a key as it came if it is in the vocabulary, and ``<name>`` otherwise."""
    is_plain = key.isascii() and key.replace("_", "").replace(".", "").replace("-", "").isalnum()
    return key if is_plain and len(key) <= _LONGEST_KEY and to_plain_key(key) in vocabulary() else NAME


def counted(keys: Mapping[str, int], maps: int = 0) -> str:
    """Return keys, the most frequent first, each with how often it came unless every one of the ``maps`` has it; those
    that are not in the vocabulary as one, with how many they are."""
    texts = [
        key if count == maps else f"{key} ({count:,}×)"
        for key, count in sorted(keys.items(), key=lambda item: -item[1])
        if written(key) != NAME
    ]
    others = sum(written(key) == NAME for key in keys)
    return ", ".join([*texts, *([f"{NAME} ×{others:,}"] if others else [])]) or "none"


def describe_keys(response: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each field of a response that holds maps, and for fields that are not in the vocabulary."""
    others = sum(written(str(field)) == NAME for field in response)
    if others:
        yield f"fields that are not known: {NAME} ×{others:,}"
    for field, value in response.items():
        maps = list(_maps_in(value))
        if written(str(field)) == NAME or not any(maps):
            continue
        keys = Counter(str(key) for each in maps for key in each)
        yield f"{field}, {pluralize(len(maps), 'map')}: {counted(keys, len(maps))}"
        if field in FACTS:
            yield from _recognized(field, to_maps(value))


def _maps_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a map, those in a list, and those in the text of a JSON object."""
    value = decode(value)
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _maps_in(item)


def _recognized(field: str, maps: list[dict[str, str]]) -> Iterator[str]:
    """Yield by which keys each fact is recognized, and which facts are missing."""
    used: Counter[tuple[str, str]] = Counter()
    missing: Counter[str] = Counter()
    for each in maps:
        for fact in FACTS[field]:
            key = matching_key(each, fact)
            if key is None:
                missing[fact] += 1
            else:
                used[fact, key] += 1
    yield "  recognized: " + (", ".join(f"{fact} = {written(key)}" for fact, key in used) or "nothing")
    if missing:
        yield "  missing: " + counted(missing, len(maps))


def direction_of(response: Mapping[str, Any], field: str) -> str:
    """Return which way a map of a response goes: name → type, type → names, or name → something else."""
    entries = to_map(response.get(field))
    if not entries:
        return "empty" if field in response else "absent"
    directions = Counter(map(_direction, entries.items()))
    texts = (
        f"{direction} ({count:,}×)" if len(directions) > 1 else direction
        for direction, count in directions.items()
    )
    return f"{pluralize(len(entries), 'entry', 'entries')}, {', '.join(texts)}"


def _direction(entry: tuple[str, str]) -> str:
    key, value = entry
    if normalize_type(key) in TYPE_NAMES:
        return "type → names"
    if all(normalize_type(part.strip()) in TYPE_NAMES for part in value.split(",")):
        return "name → type"
    return "name → something else"


def without_schema(names: Iterable[str]) -> str:
    """Return how many names there are, and how many of them come without their schema."""
    every = list(names)
    return f"{len(every):,}, {sum('.' not in name for name in every):,} without a schema"


_DOCUMENTED = (
    "additional_info", "auth_id", "backup_contents", "backup_description", "backup_ids", "backup_name",
    "backup_names", "binary_encoded_response", "count_affected", "credential_identities",
    "credential_names", "credential_types", "credentials", "datasink_names", "datasource_names",
    "deleted_backup_ids", "destination_types", "endpoint", "endpoint_name", "errors", "flags",
    "full_sizes", "has_more_records", "info", "job_id", "job_response", "job_response_str",
    "job_status", "join_sizes", "json_encoded_response", "paging_table", "permissions", "progress",
    "properties", "property_map", "query_text", "resource_groups", "response_encoding",
    "response_schema_str", "roles", "running", "schema_name", "schema_names", "schema_tables", "sizes",
    "source_ip", "status", "status_map", "storage_provider_types", "successful", "table_descriptions",
    "table_name", "table_names", "time_received", "total_full_size", "total_number_of_records",
    "total_size", "type_ids", "type_labels", "type_schemas", "types", "user_data", "query_id",
    "operation", "user_name", "end_time", "event_message", "datasource_oid", "datasink_oid",
    "created_time", "last_write_time", "last_write_by", "last_read_time", "foreign_keys",
    "datasource_subscriptions",
)  # fmt: skip
"""Words that the vendor's documentation names: the fields of the responses that are read, the columns of
``ki_catalog.ki_backup_history``, and keys of ``additional_info`` of ``/show/table``."""
