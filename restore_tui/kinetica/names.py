"""The naming rules of schemas and objects, as the vendor documents them."""

from __future__ import annotations

import json
import re

MAX_LENGTH = 200
UNSENDABLE = "\N{REPLACEMENT CHARACTER}"
"""In a name from the server: a character that cannot be sent back as it came."""
_ALLOWED = re.compile(r"[A-Za-z0-9 _#{}\[\]():\-]*\Z")
_FIRST = re.compile(r"[A-Za-z0-9_]")


def part_problem(name: str, what: str = "name") -> str | None:
    """Why one part (a schema, or the name behind the dot) breaks the rules; None where it does not."""
    if not name:
        return f"The {what} is empty."
    if len(name) > MAX_LENGTH:
        return f"The {what} has {len(name):,} characters; {MAX_LENGTH} are allowed."
    if "," in name:
        return f"A comma cannot stand in a {what}: commas separate names."
    if "." in name:
        return f"A dot cannot stand in a {what}: it separates schema and name."
    if not _FIRST.match(name):
        return f"The {what} starts with neither a letter, a digit nor _."
    if not _ALLOWED.match(name):
        return f"The {what} has a character other than letters, digits, spaces and _ # {{ }} [ ] ( ) : -"
    return None


def object_problem(name: str, *, in_schema: bool) -> str | None:
    """Why ``schema.name`` (or a bare name, where the type has no schema) breaks the rules.

    An object of a type with schemas may be named without one: the server then takes the user's default.
    """
    if not in_schema or "." not in name:
        return part_problem(name)
    schema, _, rest = name.partition(".")
    return part_problem(schema, "schema") or part_problem(rest)


def schema_of(name: str) -> str | None:
    """The schema that ``schema.name`` carries; None for a bare name."""
    schema, dot, rest = name.partition(".")
    return schema if dot and schema and rest else None


def backup_problem(name: str) -> str | None:
    """Why a backup of this name cannot be asked for alone; None where it can."""
    if not name.strip():
        return "An empty name stands for all backups."
    if "*" in name:
        return "A name with * is read as a pattern: it could stand for other backups too."
    if UNSENDABLE in name:
        return "The name has a character that cannot be sent back as it came."
    return None


def split_names(text: str) -> list[str]:
    """The names in one value of a response: joined by commas, or a JSON list of them."""
    if text.lstrip().startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list):
            return [str(name).strip() for name in listed if isinstance(name, str | int) and str(name).strip()]
    return [part.strip() for part in text.split(",") if part.strip()]


def split_typed(text: str) -> list[str]:
    """Names that a person typed or pasted, one a line or comma-separated, in order and without repeats."""
    parts = (part.strip() for part in re.split(r"[,\n\r]", text))
    return list(dict.fromkeys(part for part in parts if part))
