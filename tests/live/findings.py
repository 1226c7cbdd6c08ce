"""What undocumented maps hold: their keys, the aliases that recognise them, and which way round they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from restore_tui.kinetica.reference import TYPE_NAMES, normalize_type
from restore_tui.kinetica.responses.lenient import matching_key, to_map, to_maps
from restore_tui.kinetica.sanitize import sanitize

FACTS: Mapping[str, tuple[str, ...]] = {
    "backup_description": ("backup", "size", "comment", "snapshots", "time"),
    "backup_ids": (
        "backup", "id", "kind", "time", "duration", "objects", "size", "files", "records", "comment",
    ),
    "deleted_backup_ids": ("backup", "id", "time"),
    "backup_contents": ("object", "object_type", "size", "records", "files"),
}  # fmt: skip
"""List of maps → the facts of ``lenient.ALIASES`` that are looked for in it."""


def keys_of(field: str, answer: Mapping[str, Any]) -> Iterable[str]:
    """Which keys came in a list of maps, and how often; by which of them each fact was recognised; what no fact
    knows."""
    maps = to_maps(answer.get(field))
    if not maps:
        yield "no maps came"
        return
    counts = Counter(key for raw in maps for key in raw)
    yield f"{len(maps):,} maps with the keys " + ", ".join(
        sanitize(key, 60) + ("" if count == len(maps) else f" ({count:,}×)")
        for key, count in counts.most_common(40)
    )
    used: Counter[tuple[str, str]] = Counter()
    missing: Counter[str] = Counter()
    for raw in maps:
        for fact in FACTS[field]:
            key = matching_key(raw, fact)
            if key is None:
                missing[fact] += 1
            else:
                used[fact, key] += 1
    yield "recognised: " + (", ".join(f"{fact} = {sanitize(key, 60)}" for fact, key in used) or "nothing")
    unused = [key for key in counts if key not in {key for _, key in used}]
    if unused:
        yield "known to no alias: " + ", ".join(sanitize(key, 60) for key in unused[:40])
    if missing:
        yield "not told: " + ", ".join(
            fact if count == len(maps) else f"{fact} ({count:,}×)" for fact, count in missing.items()
        )


def direction_of(answer: Mapping[str, Any], field: str) -> str:
    """Which way round a map of an answer goes: name → type, type → names, or name → something else."""
    said = to_map(answer.get(field))
    if not said:
        return "empty" if field in answer else "absent"
    ways = Counter(map(_direction, said.items()))
    told = ", ".join(f"{way} ({count:,}×)" if len(ways) > 1 else way for way, count in ways.items())
    key, value = next(iter(said.items()))
    return f"{len(said):,} entries, {told}; such as {sanitize(key, 60)} → {sanitize(value, 60)}"


def _direction(entry: tuple[str, str]) -> str:
    key, value = entry
    if normalize_type(key) in TYPE_NAMES:
        return "type → names"
    if all(normalize_type(part.strip()) in TYPE_NAMES for part in value.split(",")):
        return "name → type"
    return "name → something else"


def qualified(names: Sequence[str]) -> str:
    """Whether names come with their schema."""
    bare = sum(1 for name in names if "." not in name)
    return f"{len(names):,}, of which {bare:,} without a schema"
