"""What ``/restore/backup`` accepts, as data: the fourteen object types and the nine options.

Names, defaults and allowed values are those of the vendor's reference of server 7.2.3.14;
``since`` is the first server version that has the entry. The help is ours, written to be learned from.
Everything that explains an option (the Options screen, F1, ``restore-tui explain``) reads it here.

Standard library only, so that ``explain`` answers without loading Textual or httpx.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BASELINE = "7.2.3"
"""The first server version that has ``/restore/backup`` at all."""


@dataclass(frozen=True)
class ObjectType:
    """One key of ``restore_objects_map``.

    ``in_schema`` says whether its objects carry a schema (``schema.name``). Only those can be moved
    away by ``restore_policy=rename``. ``all`` is the exception that takes schema names.
    """

    name: str
    label: str
    in_schema: bool
    summary: str
    help: str
    since: str = BASELINE


@dataclass(frozen=True)
class Value:
    """One allowed value of an option, and what it does."""

    name: str
    help: str


@dataclass(frozen=True)
class Option:
    """One key of ``options``. Everything travels as a string; no ``values`` means free text.

    ``set_by`` names the step of the wizard that fills the option in, where it is not *Options*.
    ``needs`` is (option, value): the option is only read by the server under that choice.
    ``types`` are the object types that it acts on; empty means all.
    """

    name: str
    default: str
    summary: str
    help: str
    values: tuple[Value, ...] = ()
    since: str = BASELINE
    set_by: str = "Options"
    needs: tuple[str, str] | None = None
    types: tuple[str, ...] = ()


OBJECT_TYPES: tuple[ObjectType, ...] = (
    ObjectType(
        "all",
        "Whole schemas",
        False,
        "Everything that the snapshot holds of a schema, of every type.",
        "Takes schema names, not object names. Use it when a schema is gone as a whole: tables, views and "
        "whatever else lived in it come back together. Users, roles and resource groups live in no schema, so "
        "`all` never brings them back: tick them under their own types. A table that is ticked under `table` as "
        "well is covered twice, which is harmless.",
    ),
    ObjectType(
        "table",
        "Tables and views",
        True,
        "Tables with their data, and SQL views.",
        "The usual case. A table that was fed by a subscription comes back with the subscription as it was at the "
        "time of the snapshot, unless `restore_subscriptions` says otherwise. With `ddl_only` only the definition "
        "comes back, empty. A view needs the tables that it reads: restore them in the same run, or have them live.",
    ),
    ObjectType(
        "context",
        "SQL-GPT contexts",
        True,
        "The descriptions that SQL-GPT uses to turn questions into SQL.",
        "A context names tables and carries comments, rules and samples about them. It holds no table data, so "
        "it restores in an instant; the tables it speaks of are not brought back with it.",
    ),
    ObjectType(
        "credential",
        "Credentials",
        True,
        "Stored logins for remote storage and services.",
        "Data sources and data sinks refer to credentials by name. After an accidental drop restore the credential "
        "together with the sources and sinks that use it. What comes back is the secret of the day of the snapshot: "
        "if it was rotated since, access fails until it is altered.",
    ),
    ObjectType(
        "datasink",
        "Data sinks",
        True,
        "Where Kinetica writes to: buckets, Kafka topics, web hooks.",
        "Monitors and exports write through a data sink. A stream that is restored without its sink has nowhere "
        "to send its changes.",
    ),
    ObjectType(
        "datasource",
        "Data sources",
        True,
        "Where Kinetica reads from: buckets, HDFS, JDBC, Kafka topics.",
        "External tables and subscriptions read through a data source. The one that this restore itself reads the "
        "backup through has to exist already; it cannot be brought back by itself.",
    ),
    ObjectType(
        "function_environment",
        "UDF environments",
        True,
        "Python environments with the packages that UDFs run in.",
        "A Python UDF names the environment that it runs in. Restore the environment before, or together with, "
        "the functions that need it.",
        since="7.2.3.9",
    ),
    ObjectType(
        "graph",
        "Graphs",
        True,
        "Definitions of network graphs.",
        "The definition comes back, not the solved results: the graph is built again from the tables that it names, "
        "so those have to be there.",
        since="7.2.3.13",
    ),
    ObjectType(
        "monitor",
        "Monitors and streams",
        True,
        "Table monitors and SQL streams: what watches a table for changes.",
        "A stream names the table that it watches and the data sink that it writes to; both have to exist for it "
        "to work again.",
    ),
    ObjectType(
        "resource_group",
        "Resource groups",
        False,
        "Limits on memory, threads and tiers for groups of users.",
        "Resource groups live outside of schemas. Under the policy `rename` an existing one cannot be moved away, "
        "so a conflict aborts.",
        since="7.2.3.9",
    ),
    ObjectType(
        "role",
        "Roles",
        False,
        "Roles with their members, recursively, and their permissions.",
        "Brings back the role, who is in it (users and other roles, down to the last one) and what it may do. It is "
        "the way to get back a whole set of permissions. Roles live outside of schemas: `rename` cannot move them.",
    ),
    ObjectType(
        "stored_procedure",
        "SQL procedures",
        True,
        "Stored SQL procedures, with their schedules.",
        "Definition and schedule come back. A scheduled procedure starts to run again by itself, so have the tables "
        "that it works on restored first, or in the same run.",
    ),
    ObjectType(
        "user",
        "Users",
        False,
        "Internal and external users with their permissions.",
        "An internal user comes back with the password of the day of the snapshot; an external one is known again, "
        "while the password stays with the directory that holds it. Users live outside of schemas: `rename` cannot "
        "move them.",
    ),
    ObjectType(
        "user_defined_function",
        "User-defined functions",
        True,
        "UDFs: code that runs next to the data.",
        "Code and parameters come back. A Python function also needs its `function_environment`.",
        since="7.2.3.9",
    ),
)

OPTIONS: tuple[Option, ...] = (
    Option(
        "backup_id",
        "",
        "Which snapshot of the backup to restore.",
        "A backup is a series of snapshots, each with an id. Left empty, the server takes the most recent snapshot "
        "at the moment of the restore, which may be a newer one than you looked at. This wizard pins the id of the "
        "snapshot that you highlight, so that what was rehearsed is what is restored; the last row of the step "
        "Snapshot leaves the id empty on purpose.",
        set_by="Snapshot",
    ),
    Option(
        "restore_policy",
        "none",
        "What happens to an object that exists already.",
        "This option decides what a restore can destroy. Look at the dry run before you leave `none`.",
        values=(
            Value(
                "none", "Abort with an error as soon as one object exists already. Nothing live is touched."
            ),
            Value(
                "replace",
                "Overwrite the existing object with the one of the backup. What was written since the "
                "snapshot is lost.",
            ),
            Value(
                "rename",
                "Move the existing object to another schema first (see renamed_objects_schema), then restore. "
                "Objects without a schema (users, roles, resource groups) cannot be moved: there a conflict aborts.",
            ),
        ),
    ),
    Option(
        "renamed_objects_schema",
        "",
        "The schema that existing objects are moved to.",
        "Only read under restore_policy=rename. Left empty, the server makes a new schema with a generated name, "
        "backup_<UUID>, and tells it in its answer. Name one to find the old objects again by sight.",
        needs=("restore_policy", "rename"),
    ),
    Option(
        "create_schema_if_not_exist",
        "true",
        "What happens when the schema of an object is gone.",
        "After a DROP SCHEMA the objects have no home. By default the restore makes one.",
        values=(
            Value("true", "Create the missing schema, then restore into it."),
            Value("false", "Return an error. Choose it to notice a misspelt or unexpectedly missing schema."),
        ),
    ),
    Option(
        "ddl_only",
        "false",
        "Bring back definitions without data.",
        "Useful to look at a table's old definition, or to fill it from somewhere else. Acts on tables; other "
        "objects hold no data.",
        values=(
            Value("true", "Tables come back empty."),
            Value("false", "Tables come back with their data."),
        ),
        types=("all", "table"),
    ),
    Option(
        "reingest",
        "false",
        "How table data is brought in.",
        "Data files of the same cluster layout can be put in place as they are, which is fast. On a cluster with "
        "another number of ranks the server ingests by itself, whatever is set here. Acts on table data, so it has "
        "no effect together with ddl_only.",
        values=(
            Value("true", "Ingest every record again. Slower; also heals a layout that does not match."),
            Value("false", "Put the data files in place directly, unless the cluster's layout differs."),
        ),
        types=("all", "table"),
    ),
    Option(
        "restore_subscriptions",
        "resume",
        "What becomes of subscriptions that fed a table.",
        "A table can subscribe to a data source and load from it for ever. Restored with `resume` it starts to "
        "load at once, which adds new data to the old: choose `pause` to look first.",
        values=(
            Value("resume", "Subscriptions that were active at the time of the snapshot go on."),
            Value("pause", "They come back paused; resume them when you are ready."),
            Value("cancel", "They are cancelled; the table keeps the data that it had."),
        ),
        since="7.2.3.14",
        types=("all", "table"),
    ),
    Option(
        "checksum",
        "false",
        "Verify the backup's files while restoring.",
        "Reads every file and compares it with the checksum that was noted when the backup was made. Takes longer, "
        "and tells a damaged file from a good one before it is used.",
        values=(
            Value("true", "Verify; a damaged file is an error."),
            Value("false", "Do not verify; damage shows only where the restore stumbles over it."),
        ),
    ),
    Option(
        "dry_run",
        "false",
        "Rehearse: compute the answer, change nothing.",
        "Not a switch in this wizard. The step Dry run sends it as true; the step Restore sends the very same "
        "request with false.",
        values=(
            Value("true", "Nothing is changed; the answer says what would happen."),
            Value("false", "The restore is carried out."),
        ),
        set_by="Dry run",
    ),
)

_TYPES = {kind.name: kind for kind in OBJECT_TYPES}
_OPTIONS = {option.name: option for option in OPTIONS}

TYPE_NAMES: frozenset[str] = frozenset(_TYPES)

# SQL has other words than the API, and a server may use either where it lists contents.
_OTHER_WORDS = {
    "data_sink": "datasink",
    "data_source": "datasource",
    "function": "user_defined_function",
    "udf": "user_defined_function",
    "procedure": "stored_procedure",
    "stream": "monitor",
    "table_monitor": "monitor",
    "view": "table",
}


def type_of_word(word: str) -> str:
    """The object type that a server's word means, in whatever case: ``DATA SINK`` is ``datasink``, a view is
    restored as ``table``. A word that is none of ours comes back in lower case."""
    plain = word.strip().lower().replace(" ", "_")
    return _OTHER_WORDS.get(plain, plain)


def object_type(name: str) -> ObjectType:
    """The entry of an object type; a type that this catalogue does not know is described as such."""
    return _TYPES.get(name) or ObjectType(
        name,
        name,
        True,
        "A type that this version of the wizard does not know.",
        "The server lists it; the reference that this wizard was written from does not.",
    )


def option(name: str) -> Option:
    """The entry of an option. Raises KeyError for a name that is none of the nine."""
    return _OPTIONS[name]


def has_schema(type_name: str) -> bool:
    """Whether objects of this type are named ``schema.name``."""
    return object_type(type_name).in_schema


def as_data() -> dict[str, list[dict[str, Any]]]:
    """The whole catalogue as plain JSON-ready data: ``{"types": [...], "options": [...]}``."""
    return {
        "types": [
            {"name": t.name, "label": t.label, "since": t.since, "summary": t.summary, "help": t.help}
            for t in OBJECT_TYPES
        ],
        "options": [
            {
                "name": o.name,
                "default": o.default,
                "values": [v.name for v in o.values],
                "since": o.since,
                "summary": o.summary,
                "help": o.help,
                "value_help": {v.name: v.help for v in o.values},
                "set_by": o.set_by,
            }
            for o in OPTIONS
        ],
    }
