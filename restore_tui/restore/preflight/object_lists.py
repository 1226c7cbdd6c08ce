"""Read which objects a response names, whatever shape it names them in.

The shape of ``restored_objects``, ``renamed_objects`` and ``failed_objects`` is not documented. Maps of name → type
and of type → names are read, and lists, records, comma-separated and grouped text (``table: s.a, s.b; user: u1``),
each also as JSON inside a string. What cannot be read is returned as unread and never dropped: detail may be lost, a
failure may not. An object may be called like a type or a field (a role ``schema``, a user ``name``): an entry that can
be read in two ways which both name requested objects is unread, because one of them may claim an object too many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from restore_tui.kinetica.responses.lenient import decode, to_str
from restore_tui.kinetica.responses.server_messages import speaks_of_trouble, speaks_of_unfinished
from restore_tui.restore.preflight.object_list_words import (
    ARROW,
    FIELDS,
    IN_BRACKETS,
    LIKE_A_NAME,
    NAME_KEYS,
    NAMES_KEYS,
    NEW_NAME_KEYS,
    NO_WORDS,
    REASON_KEYS,
    SCHEMA,
    SCHEMA_KEYS,
    STATUS_KEYS,
    TYPE_KEYS,
    TYPES_KEYS,
    UNKNOWN_TYPE,
    first_of,
    is_like_a_record,
    is_unfinished,
    says_no,
    type_of,
    types_of,
    without_new_name,
)

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


_DEEPEST = 20
"""How many values may be nested in each other before the innermost is given up as unread."""


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
            if not is_like_a_record(value):
                if not self._read_group(value, kind):
                    self._read_map(value, kind)
            elif not (named := self._keys_requested(value)):
                self._read_record(value, kind)
            elif named <= FIELDS and self._names_requested(value):
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
        by_value: dict[str, list[str] | None] = {}  # most values are one of a few words
        read = []
        for key, value in entries.items():
            if isinstance(value, str):
                if value not in by_value:
                    by_value[value] = types_of(value)
                read.append((key, value, by_value[value], type_of(key)))
            else:
                read.append((key, value, types_of(value), type_of(key)))
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
                self._add_entry(UNKNOWN_TYPE, key, value)

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
        self.read(value, kind or UNKNOWN_TYPE)

    def _add_entry(self, kind: str, name: str, detail: Any) -> None:
        """Add a name with whatever stands beside it."""
        detail = decode(detail)
        if isinstance(detail, Mapping):
            found = {key.casefold(): value for key, value in detail.items()}
            own = kind or type_of(first_of(found, TYPE_KEYS)) or UNKNOWN_TYPE
            self._add_described(own, name, found, "" if self._renamed else to_str(detail))
        elif detail is False or (isinstance(detail, str) and detail.strip().casefold() in NO_WORDS):
            self._add(kind, name, "", failed=True)
        elif isinstance(detail, str):
            own, name, detail = self._split_detail(kind, name, detail.strip())
            text = without_new_name(name, detail) if self._renamed else detail
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
        if colon and (own := type_of(word)):
            return own, name, rest.strip()
        if self._renamed:
            bracketed = IN_BRACKETS.fullmatch(detail)
            if bracketed and (own := type_of(bracketed["inside"])):
                return own, name, bracketed["before"]
            parts = [part.strip() for part in detail.split(",")]
            types = [own for part in parts if (own := type_of(part))]
            if len(parts) == 2 and len(types) == 1:
                return types[0], name, next(part for part in parts if type_of(part) is None)
        return kind, name, detail

    # Records

    def _keys_requested(self, value: Mapping[str, Any]) -> set[str]:
        """Return the keys that are the names of requested objects, if their values are types."""
        return {
            key.casefold()
            for key, word in value.items()
            if any(self._is_requested(kind, key) for kind in types_of(word) or ())
        }

    def _names_requested(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record names an object that was requested."""
        value = first_of({key.casefold(): value for key, value in record.items()}, NAME_KEYS)
        names = value if isinstance(value, list) else [value]
        return any(to_str(name).strip() in self._requested_names for name in names)

    def _read_record(self, record: Mapping[str, Any], kind: str) -> None:
        """Read an object that is described by a map of its own."""
        found = {key.casefold(): value for key, value in record.items()}
        name, schema = (
            to_str(first_of(found, NAME_KEYS)).strip(),
            to_str(first_of(found, SCHEMA_KEYS)).strip(),
        )
        if not name:
            self._mark_unread(record)
            return
        own = (
            kind
            or type_of(first_of(found, TYPE_KEYS))
            or ("table" if "table_name" in found else UNKNOWN_TYPE)
        )
        name = f"{schema}.{name}" if schema and "." not in name else name
        self._add_described(own, name, found)

    def _add_described(self, kind: str, name: str, found: Mapping[str, Any], otherwise: str = "") -> None:
        """Add an object with what a map says of it. ``otherwise`` is its detail where the map has none."""
        failed, unfinished = says_no(found), is_unfinished(found)
        detail = (
            self._detail_in(found)
            or (to_str(first_of(found, STATUS_KEYS)) if unfinished else "")
            or otherwise
        )
        self._add(kind, name, detail, failed=failed, unfinished=unfinished)

    def _read_group(self, record: Mapping[str, Any], kind: str) -> bool:
        """Read the names of one type, or parallel lists of names and types. Returns whether it was such a map."""
        found = {key.casefold(): value for key, value in record.items()}
        names, types = first_of(found, NAMES_KEYS), first_of(found, TYPES_KEYS)
        own = type_of(first_of(found, TYPE_KEYS))
        if own is not None and names:
            self.read(names, kind or own)
            return True
        if isinstance(names, list) and isinstance(types, list) and len(names) == len(types):
            for name, word in zip(names, types, strict=True):
                self._add_entry(kind or type_of(word) or UNKNOWN_TYPE, to_str(name), "")
            return True
        return False

    def _detail_in(self, found: Mapping[str, Any]) -> str:
        return to_str(first_of(found, NEW_NAME_KEYS if self._renamed else REASON_KEYS))

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
        elif any(type_of(text) is not None for text in texts):
            self._read_words(texts)
        else:
            self.read(items, kind)

    def _read_words(self, words: list[str], *, alone: bool = False) -> None:
        """Read texts of which one may be the type of the other. What was requested decides. Texts that stand ``alone``
        in their field may all be names as well."""
        types = [type_of(word) for word in words] if len(words) == 2 or not alone else []
        if all(kind is None for kind in types):
            self._read_names(words, UNKNOWN_TYPE)
            return
        pairs = zip(reversed(types), words, strict=True) if len(words) == 2 else ()
        objects = {(kind, name.strip()) for kind, name in pairs if kind is not None}
        requested = {one for one in objects if self._is_requested(*one)}
        are_names = alone and all(word.strip() in self._requested_names for word in words)
        if are_names and not requested:
            self._read_names(words, UNKNOWN_TYPE)
        elif len(requested or objects) == 1 and not are_names:
            self._add(*(requested or objects).pop())
        else:
            self._mark_unread(words)

    def _is_requested(self, kind: str, name: str) -> bool:
        if kind == UNKNOWN_TYPE:
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
            own = type_of(word.strip()) if colon and not kind else None
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
        parts = ARROW.split(text) if self._renamed else []
        if len(parts) == 2:
            self._add(kind, *parts)
            return
        before, colon, after = (part.strip() for part in text.partition(":"))
        if colon and not kind and (own := type_of(before)) is not None:
            self._read_names((after,), own)
        elif colon and after and (before in self._requested_names or (self._renamed and "." in after)):
            self._add_entry(kind, before, after)
        elif (bracketed := IN_BRACKETS.fullmatch(text)) and (own := type_of(bracketed["inside"])):
            self._add(kind or own, bracketed["before"])
        elif kind or LIKE_A_NAME.fullmatch(text):
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
