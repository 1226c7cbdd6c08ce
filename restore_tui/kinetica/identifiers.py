"""The naming rules of schemas and objects, as the vendor documents them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

from restore_tui.kinetica.sanitize import is_invisible

MAX_LENGTH = 200
MAX_ACCOUNT_LENGTH = 64
UNSENDABLE = "\N{REPLACEMENT CHARACTER}"
"""In a name from the server: a character that cannot be sent back unchanged."""
_ALLOWED = re.compile(r"[A-Za-z0-9 _#{}\[\]():\-]*\Z")
_ACCOUNT = re.compile(r"[a-z_][a-z_0-9]*\Z")
_FIRST = re.compile(r"[A-Za-z0-9_]")


def identifier_error(name: str, what: str = "name") -> str | None:
    """Why one part (a schema, or the name behind the dot) breaks the rules; None where it does not."""
    if not name:
        return f"The {what} is empty."
    if len(name) > MAX_LENGTH:
        return f"The {what} has {len(name):,} characters; {MAX_LENGTH} are allowed."
    if "," in name:
        return f"A comma is not allowed in a {what}: commas separate names."
    if "." in name:
        return f"A dot is not allowed in a {what}: it separates schema and name."
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
        return identifier_error(name)
    schema, _, rest = name.partition(".")
    return identifier_error(schema, "schema") or identifier_error(rest)


def account_problem(name: str, *, external: bool) -> str | None:
    """Why a user or role cannot have this name. An ``external`` user begins with @ and is named by another directory,
    which may use dots and more."""
    if external and name.startswith("@"):
        if len(name) == 1:
            return "The name behind the @ is empty."
        if "," in name or any(letter.isspace() for letter in name):
            return "The name of an external user cannot have spaces or commas."
        return None
    if len(name) > MAX_ACCOUNT_LENGTH:
        return f"The name has {len(name):,} characters; {MAX_ACCOUNT_LENGTH} are allowed."
    if not _ACCOUNT.match(name):
        begins = ", and an external user begins with @" if external else ""
        return f"The name has lower-case letters, digits and _, and begins with no digit{begins}."
    return None


def problem_of(kind: str, name: str, *, in_schema: bool, free: bool) -> str | None:
    """Why an object of this type cannot have this name; None where nothing speaks against it. ``free``: no rule for
    its names is documented, so that the server decides."""
    if UNSENDABLE in name:
        return "The name has a character that cannot be sent unchanged."
    if kind in ("user", "role"):
        return account_problem(name, external=kind == "user")
    return None if free else object_problem(name, in_schema=in_schema)


def sending_problem(name: str) -> str:
    """Why a name would reach the server as another one; empty where it would not."""
    if UNSENDABLE in name:
        return "it has a character that cannot be sent unchanged: the server would read another name."
    if "," in name or name != name.strip():
        return "a name with a comma, or a space at its end, would reach the server as another one."
    return ""


def unsendable(names: Sequence[str]) -> frozenset[int]:
    """The indexes of the names that would reach the server as others. Fast where there is none."""
    together = "\n".join(names)
    if "," not in together and UNSENDABLE not in together and list(map(str.strip, names)) == list(names):
        return frozenset()
    return frozenset(index for index, name in enumerate(names) if sending_problem(name))


def lookalikes(names: Sequence[str]) -> dict[str, str]:
    """Name → another of the names that differs from it only by upper and lower case, by the form of its letters (é as
    one character or as two), by spaces or by invisible characters. To the server these are different names."""
    together = "".join(names)
    plain = together.isascii() and together.isprintable() and " " not in together
    keys = list(map(str.lower if plain else _look, names))
    if len(set(keys)) == len(keys):
        return {}
    groups: dict[str, list[str]] = {}
    for key, name in zip(keys, names, strict=True):
        groups.setdefault(key, []).append(name)
    return {
        name: group[at - 1] for group in groups.values() if len(group) > 1 for at, name in enumerate(group)
    }


def _look(name: str) -> str:
    if not name.isascii():
        visible = "".join(letter for letter in name if not is_invisible(letter))
        name = unicodedata.normalize("NFKC", visible)
    return " ".join(name.casefold().split())


def lookalike_words(name: str, other: str) -> str:
    """That two names are different, each letter beyond ASCII spelled by its number."""
    one, two = (ascii(text)[1:-1] for text in (name, other))
    return f"{one} and {two} look alike, and are different names."


def schema_of(name: str) -> str | None:
    """The schema that ``schema.name`` carries; None for a bare name."""
    schema, dot, rest = name.partition(".")
    return schema if dot and schema and rest else None


def schemas_of(names: Iterable[str]) -> frozenset[str]:
    """The schemas of some names, without those that have none."""
    return frozenset(schema for name in names if (schema := schema_of(name)))


def backup_problem(name: str) -> str | None:
    """Why a backup of this name cannot be requested alone; None where it can."""
    if not name.strip():
        return "An empty name stands for all backups."
    if "*" in name:
        return "A name with * is read as a pattern: it could stand for other backups too."
    if UNSENDABLE in name:
        return "The name has a character that cannot be sent back unchanged."
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


def parse_name_list(text: str) -> list[str]:
    """Names that a person typed or pasted, one a line or comma-separated, in order and without repeats."""
    parts = (part.strip() for part in re.split(r"[,\n\r]", text))
    return list(dict.fromkeys(part for part in parts if part))
