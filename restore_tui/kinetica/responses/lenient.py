"""Values of another type than documented, turned into text rather than refused: no server can be had to learn from, so
being strict here would be guessing. Standard library only."""

from __future__ import annotations

import json
import re
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
