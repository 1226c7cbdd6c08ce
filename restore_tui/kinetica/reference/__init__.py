"""What ``/restore/backup`` accepts, as data: its object types and options, each with its explanation.

Names, defaults and allowed values are those of the vendor's reference of server 7.2.3.14, and of the official client
for what came later, which is marked ``beyond_reference``. The words are ours, written to be learned from. Everything
that explains (Options, F1, ``restore-tui explain``, docs/reference.md) reads them here.

Standard library only, so that ``explain`` answers without loading Textual or httpx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restore_tui.kinetica.reference import (
    access_types,
    data_options,
    data_types,
    later_options,
    safety_options,
)
from restore_tui.kinetica.reference.fields import ANSWER, INFO_KEYS, PARAMETERS, Field
from restore_tui.kinetica.reference.model import (
    BASELINE,
    Example,
    Explanation,
    Interaction,
    ObjectType,
    Option,
    OptionKind,
    ReferenceEntry,
    Section,
    Value,
)
from restore_tui.kinetica.reference.plan_view import Effect, ExistingCount, PlanView, PlanWarning

__all__ = [
    "AMBIGUOUS_WORDS",
    "ANSWER",
    "BASELINE",
    "INFO_KEYS",
    "OBJECT_TYPES",
    "OPTIONS",
    "PARAMETERS",
    "TYPE_NAMES",
    "Effect",
    "Example",
    "ExistingCount",
    "Explanation",
    "Field",
    "Interaction",
    "ObjectType",
    "Option",
    "OptionKind",
    "PlanView",
    "PlanWarning",
    "ReferenceEntry",
    "Section",
    "Value",
    "as_data",
    "effects_of",
    "entry",
    "entry_data",
    "field_data",
    "fields",
    "has_schema",
    "is_option",
    "may_have_schema",
    "normalize_type",
    "object_type",
    "option",
    "option_of_kind",
    "see_also",
    "uses_of_value",
]

OBJECT_TYPES: tuple[ObjectType, ...] = (
    data_types.ALL,
    data_types.TABLE,
    data_types.CONTEXT,
    access_types.CREDENTIAL,
    access_types.DATASINK,
    access_types.DATASOURCE,
    data_types.FUNCTION_ENVIRONMENT,
    data_types.GRAPH,
    data_types.MONITOR,
    access_types.RESOURCE_GROUP,
    access_types.ROLE,
    data_types.STORED_PROCEDURE,
    access_types.USER,
    data_types.USER_DEFINED_FUNCTION,
    access_types.CATALOG,
    access_types.DIRECTORY,
)

OPTIONS: tuple[Option, ...] = tuple(
    entry
    for file in (safety_options, data_options, later_options)
    for entry in vars(file).values()
    if isinstance(entry, Option)
)
"""All that these files define, in their order."""

_TYPES = {kind.name: kind for kind in OBJECT_TYPES}
_OPTIONS = {option.name: option for option in OPTIONS}

TYPE_NAMES: frozenset[str] = frozenset(_TYPES)

# SQL has other words than the API, and the server's own lists have more: it may use any where it names objects.
_OTHER_WORDS = {
    "data_sink": "datasink",
    "data_source": "datasource",
    "environment": "function_environment",
    "external_table": "table",
    "external_user": "user",
    "external_view": "table",
    "function": "user_defined_function",
    "internal_user": "user",
    "logical_view": "table",
    "materialized_view": "table",
    "procedure": "stored_procedure",
    "schema": "all",
    "sql_proc": "stored_procedure",
    "sql_procedure": "stored_procedure",
    "stream": "monitor",
    "table_monitor": "monitor",
    "udf": "user_defined_function",
    "view": "table",
}

AMBIGUOUS_WORDS: dict[str, tuple[str, ...]] = {
    "proc": ("stored_procedure", "user_defined_function"),
    "security_entity": ("user", "role"),
}
"""Words of a server that stand for several types: which one is meant, they do not say."""


def normalize_type(word: str) -> str:
    """The object type that a server's word means, in whatever case: ``DATA SINK`` is ``datasink``, a view is
    restored as ``table``. A word that is none of ours comes back in lower case."""
    plain = word.strip().lower().replace(" ", "_")
    return _OTHER_WORDS.get(plain, plain)


def object_type(name: str) -> ObjectType:
    """The entry of an object type; a type that this reference does not know is described as such."""
    return _TYPES.get(name) or ObjectType(
        name,
        "A type that this version of the wizard does not know.",
        Explanation(
            does="The server lists it; the documents that this wizard was written from do not.",
            default="Nothing of this type is restored.",
            example=Example("its own name as the type", "Not known.", "Not known."),
            pitfalls=("The server may list a type that it does not restore: the dry run shows it.",),
            reference="in no document that was available",
        ),
        name,
        None,
    )


def is_option(name: str) -> bool:
    """Whether there is an option of that name."""
    return name in _OPTIONS


def option(name: str) -> Option:
    """The entry of an option. Raises KeyError for a name that is none of ours."""
    return _OPTIONS[name]


def option_of_kind(kind: OptionKind) -> Option:
    """The one option of a kind that only one has: all but CHOICE and TEXT."""
    (found,) = (option for option in OPTIONS if option.kind is kind)
    return found


def effects_of(options: Mapping[str, str]) -> frozenset[Effect]:
    """What the options of a plan or a request do; those that are left out have their defaults."""
    effects = (option.effect_of(options.get(option.name, option.default)) for option in OPTIONS)
    return frozenset(effect for effect in effects if effect is not None)


def entry(name: str) -> ReferenceEntry | None:
    """The type or the option of that name: no name stands for both."""
    return _TYPES.get(name) or _OPTIONS.get(name)


def fields(name: str) -> dict[str, Field]:
    """What is called so in the request or in its response, by what it is: a parameter, a field of the response, both,
    or a key of the response's ``info``."""
    places = {"parameter": PARAMETERS, "field of the response": ANSWER, "key of info": INFO_KEYS}
    return {place: field for place, known in places.items() for field in known if field.name == name}


def uses_of_value(name: str) -> tuple[tuple[Option, Value], ...]:
    """The options that have a value of that name, each with what it means there; also values that are never sent."""
    return tuple(
        (option, value)
        for option in OPTIONS
        for value in (*option.values, *option.explanation.never_sent)
        if value.name == name
    )


def has_schema(type_name: str) -> bool:
    """Whether objects of this type are documented to be named ``schema.name``."""
    return object_type(type_name).in_schema is True


def may_have_schema(type_name: str) -> bool:
    """Whether objects of this type can be named ``schema.name``: they are not documented to have no schema."""
    return object_type(type_name).in_schema is not False


def see_also(name: str) -> tuple[str, ...]:
    """The other entries that speak of this one, and of which it does not speak itself."""
    subject = entry(name)
    own = {other for said in subject.explanation.related for other in said.names} if subject else set()
    return tuple(
        other.name
        for other in (*OBJECT_TYPES, *OPTIONS)
        if other.name not in own and any(name in said.names for said in other.explanation.related)
    )


def entry_data(subject: ReferenceEntry) -> dict[str, Any]:
    """One entry as plain JSON-ready data, with every field."""
    told = subject.explanation
    data: dict[str, Any] = {"name": subject.name}
    if isinstance(subject, ObjectType):
        data |= {"kind": "object type", "label": subject.label, "in_schema": subject.in_schema}
    if isinstance(subject, Option):
        data |= {
            "kind": "option",
            "default": subject.default,
            "values": [value.name for value in told.values],
            "value_help": {value.name: value.help for value in told.values},
            "never_sent": {value.name: value.help for value in told.never_sent},
            "set_by": subject.set_by,
            "needs": dict([subject.needs]) if subject.needs else {},
            "types": list(subject.types),
        }
    return data | {
        "summary": subject.summary,
        "does": told.does,
        "left_alone": told.default,
        "example": {"send": told.example.send, "before": told.example.before, "after": told.example.after},
        "goes_with": [
            {
                "names": list(other.names),
                "text": other.text,
                "documented": bool(other.reference),
                "reference": other.reference,
                "loss": other.loss,
            }
            for other in told.related
        ],
        "goes_wrong": list(told.pitfalls),
        "not_documented": list(told.not_documented),
        "since": told.since,
        "beyond_reference": told.undocumented,
        "reference": told.reference,
        "see_also": list(see_also(subject.name)),
    }


def field_data(subject: Field) -> dict[str, Any]:
    """One parameter or field of the response as plain JSON-ready data."""
    return {
        "name": subject.name,
        "type": subject.wire,
        "summary": subject.summary,
        "does": list(subject.told),
        "not_documented": list(subject.not_documented),
        "reference": subject.reference,
        "see_also": list(subject.see),
    }


def as_data() -> dict[str, list[dict[str, Any]]]:
    """The whole endpoint reference as plain JSON-ready data: ``{"types": [...], "options": [...], "parameters": [...],
    "answer": [...], "info": [...]}``."""
    return {
        "types": [entry_data(kind) for kind in OBJECT_TYPES],
        "options": [entry_data(option) for option in OPTIONS],
        "parameters": [field_data(field) for field in PARAMETERS],
        "answer": [field_data(field) for field in ANSWER],
        "info": [field_data(field) for field in INFO_KEYS],
    }
