"""The keys and words of lists of objects that servers are known to use, or may."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, TYPE_NAMES, normalize_type
from restore_tui.kinetica.responses.lenient import to_str
from restore_tui.kinetica.responses.server_messages import NOTHING, speaks_of_trouble, speaks_of_unfinished

SCHEMA = "schema"
"""The server's word for a schema as such. It vouches for nothing in the schema, so it is no word for ``all``."""
_TYPE_WORDS = TYPE_NAMES | set(AMBIGUOUS_WORDS)
UNKNOWN_TYPE = ""
NAME_KEYS = ("name", "object_name", "object", "full_name", "qualified_name", "table_name")
NAMES_KEYS = ("names", "objects", "object_names", "members", "list")
TYPE_KEYS = ("type", "object_type", "kind")
TYPES_KEYS = ("types", "object_types", "kinds")
SCHEMA_KEYS = ("schema", "schema_name", "object_schema", "object_schema_name")
REASON_KEYS = ("reason", "error", "error_message", "message", "why", "detail", "details", "cause")
NEW_NAME_KEYS = ("new_name", "new", "renamed_to", "moved_to", "target", "to")
STATUS_KEYS = ("status", "state", "result", "outcome", "success", "successful")
_DONE = ("restored", "is_restored", "ok", "done", "complete", "completed", "succeeded")
_PROGRESS = ("progress", "percent", "percentage", "percent_complete")
_ERROR = ("error", "errors", "error_message", "error_code", "error_msg", "failed", "failure", "exception")
_BESIDE_A_NAME = frozenset(
    {*TYPE_KEYS, *SCHEMA_KEYS, *REASON_KEYS, *NEW_NAME_KEYS, *STATUS_KEYS, *_DONE, *_ERROR}
)
FIELDS = _BESIDE_A_NAME | frozenset(NAME_KEYS)
ARROW = re.compile(r"\s*(?:->|=>|→)\s*")
IN_BRACKETS = re.compile(r"(?P<before>.+?)\s*\((?P<inside>[\w ]+)\)")
_A_SCHEMA = re.compile(r"\S+\.")
_QUALIFIED = re.compile(r"[^\s.]+\.[^\s.]+")
LIKE_A_NAME = re.compile(r"[^\s;=]{1,400}|[^\s;.][^;.\n]{0,200}\.[^;.\n]{0,199}[^\s;.]")
_ENDS = """
    ok success successful succeeded restored done complete completed finished ended true yes created
    recreated new replaced overwritten renamed moved copied updated loaded ready active online available
    enabled valid normal healthy 1 200 100 100%
"""
_DONE_WORDS = frozenset(_ENDS.split())
"""What the status of an object may be where nothing is left to be done."""
_YES = frozenset({"true", "yes", "1"})
NO_WORDS, _LONGEST_WORD = frozenset({"false", "no"}), 40


def type_of(word: Any) -> str | None:
    """Return the object type that a word means, empty for a word of two types, None for a word of no type."""
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return None
    if word.strip().lower() in (SCHEMA, f"{SCHEMA}s"):
        return SCHEMA
    kind = normalize_type(word)
    if kind not in _TYPE_WORDS and kind.endswith("s"):  # "tables: …"
        kind = normalize_type(kind[:-1])
    if kind in AMBIGUOUS_WORDS:
        return UNKNOWN_TYPE
    return kind if kind in _TYPE_WORDS else None


def types_of(value: Any) -> list[str] | None:
    """Return the types that a value lists, None where it is anything but a list of types."""
    words = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else ()
    types = []
    for word in words:
        kind = type_of(word)
        if kind is None:  # of a hundred thousand names, the first one says that they are no types
            return None
        types.append(kind)
    return types or None


def is_like_a_record(value: Mapping[str, Any]) -> bool:
    """Return whether a map has the fields of one object, rather than names for keys."""
    keys = {key.casefold() for key in value if isinstance(key, str)}
    return not keys.isdisjoint(NAME_KEYS) and not keys.isdisjoint(_BESIDE_A_NAME)


def first_of(found: Mapping[str, Any], aliases: Iterable[str]) -> Any:
    return next((found[alias] for alias in aliases if found.get(alias) not in (None, "")), "")


def says_no(found: Mapping[str, Any]) -> bool:
    """Return whether a record reports a failure: by its status, by an error in it, or by not being restored."""
    status = [found[alias] for alias in (*STATUS_KEYS, *_DONE) if alias in found]
    return any(
        _is_no(value) or (isinstance(value, str) and speaks_of_trouble(value)) for value in status
    ) or any(_is_error(found[alias]) for alias in _ERROR if alias in found)


def is_unfinished(found: Mapping[str, Any]) -> bool:
    """Return whether a record says that its object is not restored yet: by its status, of which only known words count
    as an end, by its progress, or by a flag such as ``pending``."""
    states = [to_str(found[alias]).strip().casefold() for alias in STATUS_KEYS if alias in found]
    if any(state and state.split()[0].strip(",.;:!") not in _DONE_WORDS for state in states):
        return True
    if any(speaks_of_unfinished(to_str(found[alias])) for alias in _DONE if alias in found):
        return True
    if any(speaks_of_trouble(f"progress: {to_str(found[alias])}") for alias in _PROGRESS if alias in found):
        return True
    flags = [
        key
        for key, value in found.items()
        if value is True or (isinstance(value, str) and value.strip().casefold() in _YES)
    ]
    return any(speaks_of_unfinished(flag) or speaks_of_trouble(flag) for flag in flags)


def without_new_name(name: str, detail: str) -> str:
    """Return what the detail of a renamed object says beside its new name, in which any word may occur."""
    bare = name.rpartition(".")[2]
    place = detail.removesuffix(bare)
    if place != detail and _A_SCHEMA.fullmatch(place):
        return ""
    return _QUALIFIED.sub(" ", detail)


def _is_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in NO_WORDS | {"0"}
    return value is False or (isinstance(value, int) and value == 0)


def _is_error(value: Any) -> bool:
    """Return whether a field for an error has one in it: a reason, a number or a list that is not empty."""
    return bool(value) and to_str(value).strip().casefold() not in NOTHING
