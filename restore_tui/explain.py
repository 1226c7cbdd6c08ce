"""``restore-tui explain``: what an object type or option means, from the catalogue."""

from __future__ import annotations

import difflib
import json
import textwrap

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.catalogue import ObjectType, Option

WIDTH = 80


class UnknownNameError(Exception):
    """There is no such object type or option; the text names the nearest ones."""


def explain(name: str | None, *, as_json: bool) -> str:
    """The text for one name, or for all of them. Raises UnknownNameError."""
    if name is None:
        return _json(catalogue.as_data()) if as_json else _overview()
    entry = find(name)
    if as_json:
        data = catalogue.as_data()
        group = "types" if isinstance(entry, ObjectType) else "options"
        return _json(next(item for item in data[group] if item["name"] == entry.name))
    return _type_text(entry) if isinstance(entry, ObjectType) else _option_text(entry)


def find(name: str) -> ObjectType | Option:
    """The entry of a name, in upper or lower case. Raises UnknownNameError."""
    known: list[ObjectType | Option] = [*catalogue.OBJECT_TYPES, *catalogue.OPTIONS]
    entries = {entry.name: entry for entry in known}
    entry = entries.get(name.lower())
    if entry is None:
        near = difflib.get_close_matches(name.lower(), entries, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "restore-tui explain lists them all."
        raise UnknownNameError(f"There is no object type or option {name!r}. {hint}")
    return entry


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _overview() -> str:
    lines = ["Object types (restore_objects_map)"]
    lines += [f"  {kind.name:<28}{kind.summary}" for kind in catalogue.OBJECT_TYPES]
    lines += ["", "Options (options)"]
    for option in catalogue.OPTIONS:
        default = option.default or "''"
        lines.append(f"  {option.name:<28}{option.summary} Default: {default}")
    lines += ["", "restore-tui explain NAME tells more of one."]
    return "\n".join(lines)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _type_text(kind: ObjectType) -> str:
    if kind.name == "all":
        named = "Takes schema names."
    else:
        named = "Named schema.name." if kind.in_schema else "Named without a schema."
    return "\n".join(
        [
            f"{kind.name}: object type",
            "",
            _wrapped(kind.summary),
            "",
            _wrapped(kind.help),
            "",
            f"{named} Since server {kind.since}.",
        ]
    )


def _option_text(option: Option) -> str:
    lines = [f"{option.name}: option", "", _wrapped(option.summary), "", _wrapped(option.help), ""]
    for value in option.values:
        mark = " (default)" if value.name == option.default else ""
        lines += [f"  {value.name}{mark}", _wrapped(value.help, "      ")]
    if not option.values:
        lines.append("  Free text. Default: empty.")
    if option.needs:
        lines += ["", f"Only read under {option.needs[0]} = {option.needs[1]}."]
    if option.types:
        lines += ["", f"Acts on: {', '.join(option.types)}."]
    lines += ["", f"Since server {option.since}. In the wizard: the step {option.set_by}."]
    return "\n".join(lines)
