"""``restore-tui explain``: what an object type or option means, from the catalogue."""

from __future__ import annotations

import difflib
import json
import textwrap

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.catalogue import Entry, ObjectType, Option

WIDTH = 80
BEYOND = "beyond the reference"
TABLE_BEGINS = "<!-- the catalogue, by make readme -->"
TABLE_ENDS = "<!-- end of the catalogue -->"


class UnknownNameError(Exception):
    """There is no such object type or option; the text names the nearest ones."""


def explain(name: str | None, *, as_json: bool) -> str:
    """The text for one name, or for all of them. Raises UnknownNameError."""
    if name is None:
        return _json(catalogue.as_data()) if as_json else _overview()
    entry = find(name)
    return _json(catalogue.entry_data(entry)) if as_json else _text(entry)


def find(name: str) -> Entry:
    """The entry of a name, in upper or lower case, also by SQL's word for a type. Raises UnknownNameError."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    entry = catalogue.entry(plain) or catalogue.entry(catalogue.type_of_word(plain))
    if entry is None:
        known = [entry.name for entry in (*catalogue.OBJECT_TYPES, *catalogue.OPTIONS)]
        near = difflib.get_close_matches(plain, known, n=3)
        near += [other for other in known if len(plain) > 3 and plain in other and other not in near]
        hint = f"Did you mean {' or '.join(near[:3])}?" if near else "restore-tui explain lists them all."
        raise UnknownNameError(f"There is no object type or option {name!r}. {hint}")
    return entry


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _overview() -> str:
    lines = ["Object types (restore_objects_map)"]
    lines += [f"{_mark(kind)} {kind.name:<22}{kind.summary}" for kind in catalogue.OBJECT_TYPES]
    lines += ["", f"Options (options){'default':>19}"]
    for option in catalogue.OPTIONS:
        lines.append(f"{_mark(option)} {option.name:<27}{option.default or 'empty':<7}{option.summary}")
    return "\n".join(
        [*lines, "", f"+ {BEYOND} of server 7.2.3.14", "restore-tui explain NAME tells all of one."]
    )


def _mark(entry: Entry) -> str:
    return "+" if entry.beyond_reference else " "


def _text(entry: Entry) -> str:
    lines = [
        f"{entry.name}: {'object type' if isinstance(entry, ObjectType) else 'option'}",
        "",
        *_wrapped(entry.summary),
        "",
        *_wrapped(entry.explanation.does),
        *_wrapped(" ".join(entry.facts())),
    ]
    for section in entry.sections():
        lines += ["", section.title]
        for said in section.lines:
            lines += _wrapped(said, "  ", "      ")
    also = catalogue.see_also(entry.name)
    if also:
        lines += ["", *_wrapped(f"See also: {', '.join(also)}.")]
    where = f" In the wizard: the step {entry.set_by}." if isinstance(entry, Option) else ""
    lines += ["", f"Since server {entry.since}.{where}"]
    return "\n".join(lines)


def _wrapped(text: str, first: str = "", more: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=more or first,
        break_long_words=False,
        break_on_hyphens=False,
    )


def markdown_tables() -> str:
    """The README's two tables: every object type, and every option."""
    types = [
        "| object type | what it is | since |",
        "| --- | --- | --- |",
        *(f"| `{kind.name}` | {kind.summary} | {_since(kind)} |" for kind in catalogue.OBJECT_TYPES),
    ]
    options = [
        "| option | what it decides | values, the default first | since |",
        "| --- | --- | --- | --- |",
        *(f"| `{o.name}` | {o.summary} | {_values(o)} | {_since(o)} |" for o in catalogue.OPTIONS),
    ]
    return "\n".join([*types, "", *options])


def _since(entry: Entry) -> str:
    return f"{entry.since}, {BEYOND}" if entry.beyond_reference else entry.since


def _values(option: Option) -> str:
    names = [value.name for value in option.values]
    if not names:
        return "text, empty"
    return ", ".join(f"`{name}`" for name in sorted(names, key=lambda name: name != option.default))


def with_tables(readme: str) -> str:
    """The README with its tables as the catalogue has them now. Raises ValueError where the marks are missing."""
    before, begins, rest = readme.partition(TABLE_BEGINS)
    _, ends, after = rest.partition(TABLE_ENDS)
    if not begins or not ends:
        raise ValueError(f"the marks {TABLE_BEGINS} and {TABLE_ENDS} are not there, in this order")
    return f"{before}{begins}\n{markdown_tables()}\n{ends}{after}"
