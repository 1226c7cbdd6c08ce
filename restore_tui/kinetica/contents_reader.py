"""``backup_contents`` as servers send it, in any of the shapes that are known."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic_core import from_json

from restore_tui.kinetica.contents import Contents, ContentsBuilder
from restore_tui.kinetica.identifiers import split_names
from restore_tui.kinetica.object_columns import IMPOSSIBLE, UNKNOWN
from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, TYPE_NAMES, has_schema, normalize_type
from restore_tui.kinetica.responses.lenient import get, is_impossible, matching_key, parse_int, to_map, to_str

_OF_ONE_TYPE = {"table_name": "table", "view_name": "table"}
"""Keys that say the type of what they name."""


def _read(text: str) -> int:
    """A number of the server as a column holds it."""
    value = parse_int(text)
    if value is None:
        return IMPOSSIBLE if is_impossible(text) else UNKNOWN
    return value


class _Layout(NamedTuple):
    """Under which keys entries of one kind of map say what they say; without one for the type, ``one_type`` is what the
    key of the name says."""

    name: str
    kind: str | None
    size: str | None
    records: str | None
    schema: str | None
    one_type: str


class ContentsReader:
    """``backup_contents``: a map per object, or maps of object name → type, or of type → names, or a text of types and
    names (``table: s.a, s.b; user: u1``). A schema that comes under a key of its own is joined with the name.

    ``take`` is called with a few hundred entries at a time, so that a long response can be read piece by piece. Entries
    that come in a row with the same keys are taken column by column, which is what keeps this near the speed of the
    JSON decoder.
    """

    def __init__(self) -> None:
        self._gathered = ContentsBuilder()

    @property
    def memory(self) -> int:
        """Bytes of memory, at most, for what came so far, besides the texts themselves."""
        return self._gathered.memory

    def take(self, entries: Sequence[Any]) -> None:
        """The next entries, as the JSON decoder gives them."""
        if set(map(type, entries)) == {dict}:
            self._take_maps(entries)
            return
        for kind, run in groupby(entries, type):
            if kind is dict:
                self._take_maps(list(run))
            elif kind is str:
                for text in map(to_str, run):
                    if text and not self._take_grouped(text):
                        self._gathered.keep({"": text})

    def _take_maps(self, entries: Sequence[dict[str, Any]]) -> None:
        if self._take_objects(entries):
            return
        for _, run in groupby(entries, tuple):
            same = list(run)
            if not self._take_objects(same):
                for raw in same:
                    self._take_map(to_map(raw))

    def contents(self) -> Contents:
        """What came so far."""
        return self._gathered.contents()

    def _take_objects(self, entries: Sequence[dict[str, Any]]) -> bool:
        """Take maps of one layout, a map per object. Returns False, and takes nothing, where they are not that."""
        first, layout = entries[0], _layout(entries[0])
        if layout is None or set(map(len, entries)) != {len(first)}:
            return False
        try:
            columns = {key: list(map(itemgetter(key), entries)) for key in first}
        except KeyError:  # as many keys, but others
            return False
        names = columns[layout.name]
        words = [layout.one_type] * len(names) if layout.kind is None else columns[layout.kind]
        if not (all(names) and all(words) and _is_text(names) and _is_text(words)):
            return False
        if layout.schema is not None:
            names = list(map(_joined, columns[layout.schema], names, words))
        kinds = set(words)
        sizes, records = (
            _numbers(None if key is None else columns[key], len(names))
            for key in (layout.size, layout.records)
        )
        if len(kinds) == 1 and normalize_type(words[0]) not in (*AMBIGUOUS_WORDS, "all"):
            held = self._gathered.of(normalize_type(words[0]))
            held.names.extend(names)
            held.sizes.extend(sizes)
            held.records.extend(records)
        else:
            for word, *one in zip(words, names, sizes, records, strict=True):
                self._gathered.add(normalize_type(word), *one)
        return True

    def _take_map(self, raw: Mapping[str, str]) -> None:
        gathered = self._gathered
        layout = _layout(raw)
        name = raw[layout.name] if layout is not None else ""
        kind = "" if layout is None else layout.one_type if layout.kind is None else raw[layout.kind]
        if name and kind:
            name = _joined(get(raw, "schema"), name, kind)
            gathered.add(
                normalize_type(kind), name, _read(get(raw, "size") or ""), _read(get(raw, "records") or "")
            )
            return
        named = [key for key, value in raw.items() if _is_type(value)]
        typed = [key for key in raw if _is_type(key)]
        # The keys of a map per object have no dots: of them a single one whose value is a type proves nothing.
        if named and len(named) >= len(typed) and (2 * len(named) > len(raw) or all("." in n for n in named)):
            for key in named:
                gathered.add(normalize_type(raw[key]), key)
            self._keep(raw, named)
        elif 2 * len(typed) > len(raw):
            self._keep(raw, [key for key in typed if self._take_names(raw, key)])
        else:
            self._keep(raw, [key for key, value in raw.items() if self._take_grouped(value)])

    def _take_names(self, raw: Mapping[str, str], key: str) -> bool:
        """Take the names of a type from a map of type → names. A schema beside bare names is theirs; of several it is
        not known which, and nothing is taken."""
        kind, names = normalize_type(key), split_names(raw[key])
        beside = next(
            (split_names(value) for other, value in raw.items() if normalize_type(other) == "all"), []
        )
        if kind not in (*AMBIGUOUS_WORDS, "all") and beside:
            if len(beside) > 1 and has_schema(kind) and not all("." in name for name in names):
                return False
            names = [_joined(beside[0], name, key) for name in names]
        for name in names:
            self._gathered.add(kind, name)
        return True

    def _keep(self, raw: Mapping[str, str], read: Collection[str]) -> None:
        """Keep what is not read of an entry, as received."""
        rest = {key: value for key, value in raw.items() if key not in read}
        if rest:
            self._gathered.keep(rest)

    def _take_grouped(self, text: str) -> bool:
        """Take ``table: s.a, s.b; user: u1``. Returns False, and takes nothing, where it is not that."""
        groups = [group.partition(":") for group in text.split(";") if group.strip()]
        if not groups or not all(colon and _is_type(word) for word, colon, _ in groups):
            return False
        for word, _, names in groups:
            for name in split_names(names):
                self._gathered.add(normalize_type(word), name)
        return True


def _is_type(word: str) -> bool:
    """Whether a word of the server stands for a type, or for one of several."""
    kind = normalize_type(word)
    return kind in TYPE_NAMES or kind in AMBIGUOUS_WORDS


def _joined(schema: Any, name: str, word: str) -> str:
    """The name with the schema that came beside it; what lives in no schema has none."""
    schema = to_str(schema)
    if not schema or "." in name or normalize_type(word) == "all" or not has_schema(normalize_type(word)):
        return name
    return f"{schema}.{name}"


def _layout(raw: Mapping[str, Any]) -> _Layout | None:
    """Where the facts stand in a map per object; None for a map of another shape."""
    name, kind = matching_key(raw, "object"), matching_key(raw, "object_type")
    one_type = "" if name is None else _OF_ONE_TYPE.get(name.lower(), "")
    if name is None or not (kind or one_type):
        return None
    return _Layout(
        name,
        kind,
        matching_key(raw, "size"),
        matching_key(raw, "records"),
        matching_key(raw, "schema"),
        one_type,
    )


def _is_text(values: Iterable[Any]) -> bool:
    """Whether all of these are text that a file and a model take."""
    try:
        "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _numbers(texts: Sequence[Any] | None, count: int) -> array[int]:
    """A column of numbers; the long way round where one of them is none."""
    if texts is None:
        return array("q", [UNKNOWN]) * count
    try:
        if "".join(texts).encode().isdigit():
            numbers = array("q", from_json(f"[{','.join(texts)}]"))  # half the time of int() for each
            if len(numbers) == count:
                return numbers
    except (TypeError, ValueError, OverflowError):  # no text, an empty one, or a number beyond 64 bits
        pass
    return array("q", (_read(to_str(text)) for text in texts))


def read_contents(entries: Sequence[Any]) -> Contents:
    """All of ``backup_contents`` at once."""
    reader = ContentsReader()
    reader.take(entries)
    return reader.contents()
