"""``restore-tui explain``: describe a request or response field, option or value, from the endpoint reference."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from restore_tui import REFERENCE_VERSION
from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import Field, ObjectType, Option, ReferenceEntry, Section, Value
from restore_tui.suggestions import nearest

WIDTH = 80
JSON_VERSION = 1
BEYOND = "not in the API reference"


class UnknownNameError(Exception):
    """Nothing of that name is in the request or its response; the text names the nearest ones."""


def explain(name: str | None, *, as_json: bool) -> str:
    """The text for one name, or for all of them. A name is an object type, an option, a parameter, a field of the
    answer, or a value of an option; in upper or lower case; for a type also SQL's word. Raises UnknownNameError."""
    if name is None:
        return _json(dict(reference.as_data())) if as_json else _overview()
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    told: list[str] = []
    data: dict[str, Any] = {}
    entry = reference.entry(plain) or reference.entry(reference.normalize_type(plain))
    if entry is not None:
        told.append(_text(entry))
        data |= reference.entry_data(entry)
    fields = reference.fields(plain)
    if fields:
        told.append(_fields_text(plain, fields))
        data |= {"name": plain, "fields": {place: reference.field_data(f) for place, f in fields.items()}}
    uses = reference.uses_of_value(plain)
    if uses:
        told.append(_value_text(plain, uses))
        data |= {"name": plain, "value_of": {option.name: value.help for option, value in uses}}
    if not told:
        raise UnknownNameError(f"Nothing in the request or its response is called {name!r}. {_hint(plain)}")
    return _json(data) if as_json else "\n\n".join(told)


def _hint(plain: str) -> str:
    known = [entry.name for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS)]
    known += [field.name for field in (*reference.PARAMETERS, *reference.ANSWER, *reference.INFO_KEYS)]
    known += [
        value.name
        for option in reference.OPTIONS
        for value in (*option.values, *option.explanation.never_sent)
    ]
    known = list(dict.fromkeys(known))
    near = nearest(plain, known, 3)
    near += [other for other in known if len(plain) > 3 and plain in other and other not in near]
    return f"Did you mean {' or '.join(near[:3])}?" if near else "restore-tui explain lists them all."


def _json(data: dict[str, Any]) -> str:
    return json.dumps({"version": JSON_VERSION, **data}, indent=2, ensure_ascii=False)


def _overview() -> str:
    lines = ["Object types (restore_objects_map)"]
    lines += [f"{_mark(kind)} {kind.name:<22}{kind.summary}" for kind in reference.OBJECT_TYPES]
    lines += ["", f"Options (options){'default':>19}"]
    for option in reference.OPTIONS:
        lines.append(f"{_mark(option)} {option.name:<27}{option.default or 'empty':<7}{option.summary}")
    for title, fields in (
        ("Parameters", reference.PARAMETERS),
        ("Fields of the response", reference.ANSWER),
        ("Keys of info, in the response", reference.INFO_KEYS),
    ):
        lines += ["", title]
        lines += [f"  {field.name:<22}{field.summary}" for field in fields]
    return "\n".join(
        [
            *lines,
            "",
            f"+ {BEYOND} of server {REFERENCE_VERSION}",
            "restore-tui explain NAME describes one in full.",
        ]
    )


def _mark(entry: ReferenceEntry) -> str:
    return "+" if entry.undocumented else " "


def _text(entry: ReferenceEntry) -> str:
    lines = [
        f"{entry.name}: {'object type' if isinstance(entry, ObjectType) else 'option'}",
        "",
        *_wrapped(entry.summary),
        "",
        *_wrapped(entry.explanation.does),
        *_wrapped(" ".join(entry.facts())),
    ]
    lines += [*_sections(entry.sections()), *_see_also(reference.see_also(entry.name))]
    where = f" In the wizard: the step {entry.set_by}." if isinstance(entry, Option) else ""
    lines += ["", f"Since server {entry.since}.{where}"]
    return "\n".join(lines)


def _fields_text(name: str, fields: Mapping[str, Field]) -> str:
    lines: list[str] = []
    for place, field in fields.items():
        lines += ["", *_wrapped(f"{name}: {place}, {field.wire}"), "", *_wrapped(field.summary)]
        for said in field.told:
            lines += ["", *_wrapped(said)]
        lines += [*_sections(field.sections()), *_see_also(field.see)]
    return "\n".join(lines[1:])


def _value_text(name: str, uses: Sequence[tuple[Option, Value]]) -> str:
    lines = [f"{name}: value of {'an option' if len(uses) == 1 else 'options'}"]
    for option, value in uses:
        default = " (default)" if name == option.default else ""
        if value in option.explanation.never_sent:
            default = " (never sent by this wizard)"
        lines += ["", *_wrapped(f"{option.name}={name}{default}: {value.help}", "", "    ")]
    return "\n".join([*lines, *_see_also([option.name for option, _ in uses])])


def _sections(sections: Iterable[Section]) -> list[str]:
    """Each below a blank line: its title, and its paragraphs indented."""
    lines: list[str] = []
    for section in sections:
        lines += ["", section.title]
        for said in section.lines:
            lines += _wrapped(said, "  ", "      ")
    return lines


def _see_also(names: Sequence[str]) -> list[str]:
    return ["", *_wrapped(f"See also: {', '.join(names)}.")] if names else []


def _wrapped(text: str, first: str = "", more: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=more or first,
        break_long_words=False,
        break_on_hyphens=False,
    )
