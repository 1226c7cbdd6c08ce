"""Read which objects a response names, whatever shape it names them in.

The shape of ``restored_objects``, ``renamed_objects`` and ``failed_objects`` is not documented. Maps of name → type
and of type → names are read, and lists, records, comma-separated and grouped text (``table: s.a, s.b; user: u1``),
each also as JSON inside a string. What cannot be read is returned as unread and never dropped: detail may be lost, a
failure may not. An object may be called like a type or a field (a role ``schema``, a user ``name``): an entry that can
be read in two ways which both name requested objects is unread, because one of them may claim an object too many.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, TYPE_NAMES, normalize_type
from restore_tui.kinetica.responses.lenient import decode, to_str
from restore_tui.kinetica.responses.server_messages import NOTHING, speaks_of_trouble, speaks_of_unfinished

Key = tuple[str, str]
"""(object type, name)."""


class NamedObject(NamedTuple):
    """One object of a response. ``type`` is empty where the response gives none. ``detail`` is the new name or the
    reason; ``failed`` is True where the entry itself speaks of a failure, ``unfinished`` where it says that the object
    is still to be restored, or has a status that cannot be understood."""

    type: str
    name: str
    detail: str = ""
    failed: bool = False
    unfinished: bool = False


class ObjectList(NamedTuple):
    """What one field of a response names. ``unread`` holds, as text, what could not be understood."""

    objects: tuple[NamedObject, ...] = ()
    unread: tuple[str, ...] = ()


def read_objects(value: Any, requested: Collection[Key] = (), *, renamed: bool = False) -> ObjectList:
    """Read one of the three fields. ``requested`` decides where an entry can be read in two ways; with ``renamed``
    the detail of an entry is the name that the object was given."""
    reader = _Reader(requested, renamed)
    reader.read(value)
    return ObjectList(tuple(reader.objects), tuple(reader.unread))


SCHEMA = "schema"
"""The server's word for a schema as such. It vouches for nothing in the schema, so it is no word for ``all``."""

_TYPE_WORDS = TYPE_NAMES | set(AMBIGUOUS_WORDS)
_UNKNOWN_TYPE = ""

_NAME = ("name", "object_name", "object", "full_name", "qualified_name", "table_name")
_NAMES = ("names", "objects", "object_names", "members", "list")
_TYPE = ("type", "object_type", "kind")
_TYPES = ("types", "object_types", "kinds")
_SCHEMA = ("schema", "schema_name", "object_schema", "object_schema_name")
_REASON = ("reason", "error", "error_message", "message", "why", "detail", "details", "cause")
_NEW_NAME = ("new_name", "new", "renamed_to", "moved_to", "target", "to")
_STATUS = ("status", "state", "result", "outcome", "success", "successful")
_DONE = ("restored", "is_restored", "ok", "done", "complete", "completed", "succeeded")
_PROGRESS = ("progress", "percent", "percentage", "percent_complete")
_ERROR = ("error", "errors", "error_message", "error_code", "error_msg", "failed", "failure", "exception")

_BESIDE_A_NAME = frozenset({*_TYPE, *_SCHEMA, *_REASON, *_NEW_NAME, *_STATUS, *_DONE, *_ERROR})
_FIELDS = _BESIDE_A_NAME | frozenset(_NAME)

_ARROW = re.compile(r"\s*(?:->|=>|→)\s*")
_IN_BRACKETS = re.compile(r"(?P<before>.+?)\s*\((?P<inside>[\w ]+)\)")
_A_SCHEMA = re.compile(r"\S+\.")
_QUALIFIED = re.compile(r"[^\s.]+\.[^\s.]+")
_LIKE_A_NAME = re.compile(r"[^\s;=]{1,400}|[^\s;.][^;.\n]{0,200}\.[^;.\n]{0,199}[^\s;.]")
_ENDS = """
    ok success successful succeeded restored done complete completed finished ended true yes created
    recreated new replaced overwritten renamed moved copied updated loaded ready active online available
    enabled valid normal healthy 1 200 100 100%
"""
_DONE_WORDS = frozenset(_ENDS.split())
"""What the status of an object may be where nothing is left to be done."""
_YES = frozenset({"true", "yes", "1"})
_NO, _LONGEST_WORD = frozenset({"false", "no"}), 40
_DEEPEST = 20
"""How many values may be nested in each other before the innermost is given up as unread."""


def _type_of(word: Any) -> str | None:
    """Return the object type that a word means, empty for a word of two types, None for a word of no type."""
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return None
    if word.strip().lower() in (SCHEMA, f"{SCHEMA}s"):
        return SCHEMA
    kind = normalize_type(word)
    if kind not in _TYPE_WORDS and kind.endswith("s"):  # "tables: …"
        kind = normalize_type(kind[:-1])
    if kind in AMBIGUOUS_WORDS:
        return _UNKNOWN_TYPE
    return kind if kind in _TYPE_WORDS else None


def _types_of(value: Any) -> list[str] | None:
    """Return the types that a value lists, None where it is anything but a list of types."""
    words = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else ()
    types = []
    for word in words:
        kind = _type_of(word)
        if kind is None:  # of a hundred thousand names, the first one says that they are no types
            return None
        types.append(kind)
    return types or None


class _Reader:
    def __init__(self, requested: Collection[Key], renamed: bool) -> None:
        self._requested = requested
        self._requested_names = frozenset(name for _, name in requested)
        self._renamed = renamed
        self._depth = 0
        self.objects: list[NamedObject] = []
        self.unread: list[str] = []

    def read(self, value: Any, kind: str = "") -> None:
        """Read a value of any shape. ``kind`` is the type of everything in it, empty where it is not known."""
        if not value and not isinstance(value, str):
            return
        if self._depth >= _DEEPEST:
            self._mark_unread(value)
            return
        self._depth += 1
        self._read_value(value, kind)
        self._depth -= 1

    def _read_value(self, value: Any, kind: str) -> None:
        if isinstance(value, str):
            self._read_text(value.strip(), kind)
        elif isinstance(value, Mapping):
            if not _is_like_a_record(value):
                if not self._read_group(value, kind):
                    self._read_map(value, kind)
            elif not (named := self._keys_requested(value)):
                self._read_record(value, kind)
            elif named <= _FIELDS and self._names_requested(value):
                self._mark_unread(value)
            else:
                self._read_map(value, kind)
        elif isinstance(value, list):
            self._read_list(value, kind)
        else:
            self._mark_unread(value)

    # Maps

    def _read_map(self, entries: Mapping[str, Any], kind: str) -> None:
        if kind:  # the names of one type, each with its detail
            for name, detail in entries.items():
                self._add_entry(kind, name, detail)
            return
        types_of: dict[str, list[str] | None] = {}  # most values are one of a few words
        read = []
        for key, value in entries.items():
            if isinstance(value, str):
                if value not in types_of:
                    types_of[value] = _types_of(value)
                read.append((key, value, types_of[value], _type_of(key)))
            else:
                read.append((key, value, _types_of(value), _type_of(key)))
        # Whether the entries that can be read in one way only are name → type; None where both kinds occur, or neither.
        found = {types is not None for _, _, types, own in read if (types is None) != (own is None)}
        name_first = found.pop() if len(found) == 1 else None
        for key, value, types, own in read:
            if own is not None and types is None:
                self._read_names_of(own, value)
            elif types is not None and (own is None or self._is_name(key, types, own, value, name_first)):
                for each in types:
                    self._add(each, key)
            elif own is not None:
                self._read_names_of(own, value)
            else:
                self._add_entry(_UNKNOWN_TYPE, key, value)

    def _is_name(self, key: str, types: list[str], own: str, value: Any, name_first: bool | None) -> bool:
        """Return whether the key is the name, of an entry in which key and value are both words for types: the rest
        of the map decides, then what was requested."""
        if name_first is not None:
            return name_first
        names = value if isinstance(value, list) else value.split(",")
        as_name = [self._is_requested(kind, key) for kind in types]
        as_type = [self._is_requested(own, name.strip()) for name in names]
        return (all(as_name), sum(as_name)) >= (all(as_type), sum(as_type))

    def _read_names_of(self, kind: str, value: Any) -> None:
        if isinstance(value, bool | int | float):
            if value and not isinstance(value, bool):
                self._mark_unread({kind: value})  # a number of objects without a name
            return
        self.read(value, kind or _UNKNOWN_TYPE)

    def _add_entry(self, kind: str, name: str, detail: Any) -> None:
        """Add a name with whatever stands beside it."""
        detail = decode(detail)
        if isinstance(detail, Mapping):
            found = {key.casefold(): value for key, value in detail.items()}
            own = kind or _type_of(_first(found, _TYPE)) or _UNKNOWN_TYPE
            self._add_described(own, name, found, "" if self._renamed else to_str(detail))
        elif detail is False or (isinstance(detail, str) and detail.strip().casefold() in _NO):
            self._add(kind, name, "", failed=True)
        elif isinstance(detail, str):
            own, name, detail = self._split_detail(kind, name, detail.strip())
            text = _without_new_name(name, detail) if self._renamed else detail
            self._add(
                own, name, detail, failed=speaks_of_trouble(text), unfinished=speaks_of_unfinished(text)
            )
        else:
            self._add(kind, name, "" if detail is True else to_str(detail))

    def _split_detail(self, kind: str, name: str, detail: str) -> tuple[str, str, str]:
        """Split a detail with a type in it: ``table: s.a``, and for new names ``s.a (table)`` and ``s.a, table``."""
        if kind:
            return kind, name, detail
        word, colon, rest = detail.partition(":")
        if colon and (own := _type_of(word)):
            return own, name, rest.strip()
        if self._renamed:
            bracketed = _IN_BRACKETS.fullmatch(detail)
            if bracketed and (own := _type_of(bracketed["inside"])):
                return own, name, bracketed["before"]
            parts = [part.strip() for part in detail.split(",")]
            types = [own for part in parts if (own := _type_of(part))]
            if len(parts) == 2 and len(types) == 1:
                return types[0], name, next(part for part in parts if _type_of(part) is None)
        return kind, name, detail

    # Records

    def _keys_requested(self, value: Mapping[str, Any]) -> set[str]:
        """Return the keys that are the names of requested objects, if their values are types."""
        return {
            key.casefold()
            for key, word in value.items()
            if any(self._is_requested(kind, key) for kind in _types_of(word) or ())
        }

    def _names_requested(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record names an object that was requested."""
        value = _first({key.casefold(): value for key, value in record.items()}, _NAME)
        names = value if isinstance(value, list) else [value]
        return any(to_str(name).strip() in self._requested_names for name in names)

    def _read_record(self, record: Mapping[str, Any], kind: str) -> None:
        """Read an object that is described by a map of its own."""
        found = {key.casefold(): value for key, value in record.items()}
        name, schema = to_str(_first(found, _NAME)).strip(), to_str(_first(found, _SCHEMA)).strip()
        if not name:
            self._mark_unread(record)
            return
        own = kind or _type_of(_first(found, _TYPE)) or ("table" if "table_name" in found else _UNKNOWN_TYPE)
        name = f"{schema}.{name}" if schema and "." not in name else name
        self._add_described(own, name, found)

    def _add_described(self, kind: str, name: str, found: Mapping[str, Any], otherwise: str = "") -> None:
        """Add an object with what a map says of it. ``otherwise`` is its detail where the map has none."""
        failed, unfinished = _says_no(found), _is_unfinished(found)
        detail = self._detail_in(found) or (to_str(_first(found, _STATUS)) if unfinished else "") or otherwise
        self._add(kind, name, detail, failed=failed, unfinished=unfinished)

    def _read_group(self, record: Mapping[str, Any], kind: str) -> bool:
        """Read the names of one type, or parallel lists of names and types. Returns whether it was such a map."""
        found = {key.casefold(): value for key, value in record.items()}
        names, types = _first(found, _NAMES), _first(found, _TYPES)
        own = _type_of(_first(found, _TYPE))
        if own is not None and names:
            self.read(names, kind or own)
            return True
        if isinstance(names, list) and isinstance(types, list) and len(names) == len(types):
            for name, word in zip(names, types, strict=True):
                self._add_entry(kind or _type_of(word) or _UNKNOWN_TYPE, to_str(name), "")
            return True
        return False

    def _detail_in(self, found: Mapping[str, Any]) -> str:
        return to_str(_first(found, _NEW_NAME if self._renamed else _REASON))

    # Lists and text

    def _read_list(self, items: list[Any], kind: str) -> None:
        if not kind and len(items) == 2 and all(isinstance(item, str) for item in items):
            self._read_words(items, alone=True)
            return
        for item in items:
            if isinstance(item, str):
                self._read_names((item,), kind)
            elif isinstance(item, list):
                self._read_inner_list(item, kind)
            else:
                self.read(item, kind)

    def _read_inner_list(self, items: list[Any], kind: str) -> None:
        """Read a list in a list: the names of one group, or one object with its type and more."""
        texts = [item for item in items if isinstance(item, str)]
        if texts and len(texts) < len(items):
            self._mark_unread(items)
        elif any(_type_of(text) is not None for text in texts):
            self._read_words(texts)
        else:
            self.read(items, kind)

    def _read_words(self, words: list[str], *, alone: bool = False) -> None:
        """Read texts of which one may be the type of the other. What was requested decides. Texts that stand ``alone``
        in their field may all be names as well."""
        types = [_type_of(word) for word in words] if len(words) == 2 or not alone else []
        if all(kind is None for kind in types):
            self._read_names(words, _UNKNOWN_TYPE)
            return
        pairs = zip(reversed(types), words, strict=True) if len(words) == 2 else ()
        objects = {(kind, name.strip()) for kind, name in pairs if kind is not None}
        requested = {one for one in objects if self._is_requested(*one)}
        are_names = alone and all(word.strip() in self._requested_names for word in words)
        if are_names and not requested:
            self._read_names(words, _UNKNOWN_TYPE)
        elif len(requested or objects) == 1 and not are_names:
            self._add(*(requested or objects).pop())
        else:
            self._mark_unread(words)

    def _is_requested(self, kind: str, name: str) -> bool:
        if kind == _UNKNOWN_TYPE:
            return name in self._requested_names
        return (kind, name) in self._requested or (kind == SCHEMA and ("all", name) in self._requested)

    def _read_text(self, text: str, kind: str) -> None:
        decoded = decode(text)
        if decoded is not text:
            self.read(decoded, kind)
            return
        if text in self._requested_names:
            self._add(kind, text)
            return
        groups = text.split(";")
        for group in groups:
            word, colon, rest = group.partition(":")
            own = _type_of(word.strip()) if colon and not kind else None
            names = (rest if own is not None else group).split(",")
            if own is None and not kind:
                self._read_words([name for name in names if name.strip()], alone=len(groups) == 1)
            else:
                self._read_names(names, own or kind)

    def _read_names(self, names: Iterable[str], kind: str) -> None:
        requested = self._requested_names
        for name in map(str.strip, names):
            if name in requested:  # most are, and there may be a hundred thousand
                self.objects.append(NamedObject(kind, name))
            else:
                self._read_name(name, kind)

    def _read_name(self, text: str, kind: str) -> None:
        """Read one name in text, perhaps with a detail."""
        if not text:
            return
        parts = _ARROW.split(text) if self._renamed else []
        if len(parts) == 2:
            self._add(kind, *parts)
            return
        before, colon, after = (part.strip() for part in text.partition(":"))
        if colon and not kind and (own := _type_of(before)) is not None:
            self._read_names((after,), own)
        elif colon and after and (before in self._requested_names or (self._renamed and "." in after)):
            self._add_entry(kind, before, after)
        elif (bracketed := _IN_BRACKETS.fullmatch(text)) and (own := _type_of(bracketed["inside"])):
            self._add(kind or own, bracketed["before"])
        elif kind or _LIKE_A_NAME.fullmatch(text):
            self._add(kind, text)
        else:
            self._mark_unread(text)

    # What comes of it

    def _add(
        self, kind: str, name: str, detail: str = "", *, failed: bool = False, unfinished: bool = False
    ) -> None:
        if name.strip():
            self.objects.append(NamedObject(kind, name, detail, failed, unfinished))
        elif detail:
            self._mark_unread({name: detail})

    def _mark_unread(self, value: Any) -> None:
        self.unread.append(to_str(value))


def _is_like_a_record(value: Mapping[str, Any]) -> bool:
    """Return whether a map has the fields of one object, rather than names for keys."""
    keys = {key.casefold() for key in value if isinstance(key, str)}
    return not keys.isdisjoint(_NAME) and not keys.isdisjoint(_BESIDE_A_NAME)


def _first(found: Mapping[str, Any], aliases: Iterable[str]) -> Any:
    return next((found[alias] for alias in aliases if found.get(alias) not in (None, "")), "")


def _says_no(found: Mapping[str, Any]) -> bool:
    """Return whether a record reports a failure: by its status, by an error in it, or by not being restored."""
    status = [found[alias] for alias in (*_STATUS, *_DONE) if alias in found]
    return any(
        _is_no(value) or (isinstance(value, str) and speaks_of_trouble(value)) for value in status
    ) or any(_is_error(found[alias]) for alias in _ERROR if alias in found)


def _is_unfinished(found: Mapping[str, Any]) -> bool:
    """Return whether a record says that its object is not restored yet: by its status, of which only known words count
    as an end, by its progress, or by a flag such as ``pending``."""
    states = [to_str(found[alias]).strip().casefold() for alias in _STATUS if alias in found]
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


def _without_new_name(name: str, detail: str) -> str:
    """Return what the detail of a renamed object says beside its new name, in which any word may occur."""
    bare = name.rpartition(".")[2]
    place = detail.removesuffix(bare)
    if place != detail and _A_SCHEMA.fullmatch(place):
        return ""
    return _QUALIFIED.sub(" ", detail)


def _is_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in _NO | {"0"}
    return value is False or (isinstance(value, int) and value == 0)


def _is_error(value: Any) -> bool:
    """Return whether a field for an error has one in it: a reason, a number or a list that is not empty."""
    return bool(value) and to_str(value).strip().casefold() not in NOTHING
