"""The request as a statement of Kinetica's SQL, in the documented words.

The grammar: ``RESTORE BACKUP name DATA SOURCE = ds OBJECTS (ALL = s1, s2, TABLE = s.a, s.b) WITH OPTIONS
(RESTORE_POLICY = 'rename', …)``. Type words are the API's in capitals, except those in ``_WORDS``; types in
``_WITHOUT_WORD`` have no documented one. Options that the page on SQL does not have are written like
the others, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from restore_tui.kinetica import reference
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.export.model import ConnectionInfo, Snippet, commented, notes_on, title
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.text_format import pluralize

_WORDS = {
    "datasink": "DATA SINK",
    "datasource": "DATA SOURCE",
    "function_environment": "FUNCTION ENVIRONMENT",
    "monitor": "STREAM",
    "resource_group": "RESOURCE GROUP",
    "stored_procedure": "PROCEDURE",
    "user_defined_function": "FUNCTION",
}
_WITHOUT_WORD = ("graph", "catalog", "directory")


@dataclass
class _Left:
    """What the statement does not hold: type → how many objects, for want of a word or of a harmless spelling."""

    wordless: dict[str, int] = field(default_factory=dict)
    unwritable: dict[str, int] = field(default_factory=dict)


def sql(plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> Snippet:
    """The statement, without what SQL cannot say; where nothing would be left of it, only the reason."""
    body = restore_body(plan, dry_run=dry_run)
    left = _Left()
    objects = _objects(body["restore_objects_map"], left)
    notes = [*notes_on(plan, access, dry_run=dry_run), *_left_out(left)]
    singles = {"backup": plan.backup, "data source": plan.data_source, **body["options"]}
    unwritable = [what for what, text in singles.items() if not _is_writable(text)]
    if unwritable:
        notes.append(
            _no_statement(f"{', '.join(unwritable)}: SQL has no escape that would make it harmless.")
        )
    elif body["restore_objects_map"] and not objects:
        notes.append(_no_statement("nothing that is selected can be written in SQL."))
    else:
        notes += _undocumented(body["options"], plan)
        ticked = f"OBJECTS (\n{objects}\n)\n" if objects else "OBJECTS ()\n"
        options = ",\n".join(
            f"    {name.upper()} = {_value(value)}" for name, value in body["options"].items()
        )
        statement = (
            f"RESTORE BACKUP {_identifier(plan.backup)}\nDATA SOURCE = {_qualified(plan.data_source)}\n"
            f"{ticked}WITH OPTIONS (\n{options}\n);\n"
        )
        return Snippet("sql", title("sql", dry_run), commented(notes, "--") + statement, tuple(notes))
    return Snippet("sql", title("sql", dry_run), commented(notes, "--"), tuple(notes))


def _objects(by_type: dict[str, str], left: _Left) -> str:
    """The inside of ``OBJECTS ( )``, one name a line; what cannot be said is counted in ``left``."""
    groups = []
    for kind, joined in by_type.items():
        names = joined.split(",")
        word = _word(kind)
        if word is None:
            left.wordless[kind] = len(names)
            continue
        writable = [name for name in names if _is_writable(name)]
        if len(writable) < len(names):
            left.unwritable[kind] = len(names) - len(writable)
        if writable:
            spell = _qualified if reference.may_have_schema(kind) else _identifier
            groups.append(f"    {word} =\n        " + ",\n        ".join(map(spell, writable)))
    return ",\n".join(groups)


def _word(kind: str) -> str | None:
    """The SQL word of an object type; None where none is documented."""
    if kind in _WITHOUT_WORD or kind not in reference.TYPE_NAMES:
        return None
    return _WORDS.get(kind, kind.upper())


def _qualified(name: str) -> str:
    """``schema.name``, which splits at its first dot."""
    schema = schema_of(name)
    if schema is None:
        return _identifier(name)
    return f"{_identifier(schema)}.{_identifier(name[len(schema) + 1 :])}"


def _identifier(name: str) -> str:
    """In double quotes, so that no server folds its capitals or reads it as a keyword."""
    return '"' + name.replace('"', '""') + '"'


def _value(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_writable(text: str) -> bool:
    """Whether a text can stand in the statement as it is and act on no terminal: SQL has no escapes."""
    return sanitize(text) == text


def _has_quote(plan: RestorePlan) -> bool:
    return any('"' in name for name in (plan.backup, plan.data_source, *plan.objects.all_names()))


def _left_out(left: _Left) -> list[str]:
    notes = []
    for kind, number in left.wordless.items():
        notes.append(
            f"{sanitize(kind, 40)} has no documented SQL word. Left out: {pluralize(number, 'object')}. This statement "
            "restores less than the request."
        )
    for kind, number in left.unwritable.items():
        notes.append(
            f"{pluralize(number, 'name')} of the type {kind} cannot be written harmlessly in SQL, which has no escapes "
            "for control characters and their like. Left out: this statement restores less than the request."
        )
    return notes


def _no_statement(why: str) -> str:
    return f"There is no statement: {why}"


def _undocumented(options: dict[str, str], plan: RestorePlan) -> list[str]:
    """What the statement contains although no page on SQL documents it."""
    later = [name.upper() for name in options if not reference.option(name).in_sql]
    notes = []
    if later:
        notes.append(
            f"Not documented in SQL: {', '.join(later)}. Written like the API's options, in capitals; the server may "
            "refuse the statement."
        )
    undecided = [_WORDS[kind] for kind in plan.objects.schema_undocumented() if kind in _WORDS]
    if undecided:
        notes.append(
            f"Whether names of {' and '.join(undecided)} have a schema: the documents disagree. A name with a dot is "
            "written as schema.name."
        )
    if _has_quote(plan):
        notes.append(
            "A double quote inside a name is doubled, as in standard SQL; no document of the vendor says so."
        )
    return notes
