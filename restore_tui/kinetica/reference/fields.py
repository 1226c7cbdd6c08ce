"""The parameters of the request and the fields of its response: what the types and the options stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from restore_tui.kinetica.reference.model import Section

_REQUEST = "/restore/backup, Input Parameter Description"
_ANSWER = "/restore/backup, Output Parameter Description"


@dataclass(frozen=True)
class Field:
    """One parameter, or one field of the response. ``wire`` is its type in JSON encoding; ``told`` is
    a paragraph each; ``see`` are names that ``explain`` knows."""

    name: str
    wire: str
    summary: str
    told: tuple[str, ...]
    reference: str
    not_documented: tuple[str, ...] = ()
    see: tuple[str, ...] = ()

    def sections(self) -> Iterator[Section]:
        """What stands below the text, in the order of reading."""
        if self.not_documented:
            yield Section("Not documented", self.not_documented)
        yield Section("Documentation", (self.reference + ".",))


_SHAPE = "Whether it maps names to types or types to names. This wizard reads both."

PARAMETERS: tuple[Field, ...] = (
    Field(
        "backup_name",
        "string",
        "Which backup to restore from.",
        (
            "It must exist, and be reachable through the data source. In the wizard: the step Backup.",
            "A backup is a series of snapshots; which one is meant is the option backup_id.",
        ),
        f"{_REQUEST}.backup_name",
        ("What the default, an empty name, does. This wizard never sends one.",),
        ("backup_id", "datasource_name"),
    ),
    Field(
        "restore_objects_map",
        "map of string to string",
        "What to restore: object types, and names of each.",
        (
            "Each key is an object type, each value the names of that type, with a comma between two of them: "
            '"table": "sales.orders,sales.items".',
            'For a whole schema the type is all and the names are schemas: "all": "sales". That takes all that the '
            "snapshot holds of the schema, of every type, and nothing without a schema.",
            "What is not named is not restored. In the wizard: the step Objects.",
        ),
        f"{_REQUEST}.restore_objects_map",
        (
            "How a name with a comma in it is written. This wizard refuses such a name, and says so.",
            "What an empty map does on a current server. An early reference says: error if empty.",
        ),
        ("all", "table", "restored_objects"),
    ),
    Field(
        "datasource_name",
        "string",
        "The data source through which the backup is read.",
        (
            "It names the place where backups are stored, with the login for it, and must exist in the database "
            "already: after the loss of a cluster, create it first. In the wizard: the step Data source.",
        ),
        f"{_REQUEST}.datasource_name",
        see=("datasource",),
    ),
    Field(
        "options",
        "map of string to string",
        "How to restore: the name of an option, and its value.",
        (
            'Every value travels as text, also true and false: "dry_run": "true". What is left out has its default.',
            "This wizard sends what differs from the default, and always dry_run.",
        ),
        f"{_REQUEST}.options",
        see=("dry_run", "restore_policy"),
    ),
)

ANSWER: tuple[Field, ...] = (
    Field(
        "backup_name",
        "string",
        "The backup that was requested.",
        ("As it was sent.",),
        f"{_ANSWER}.backup_name",
    ),
    Field(
        "backup_id",
        "long",
        "The snapshot that was restored.",
        (
            "Where the option backup_id was left empty, this is the snapshot that the server used. A number here, text "
            "in the request.",
        ),
        f"{_ANSWER}.backup_id",
    ),
    Field(
        "restored_bytes",
        "long",
        "Size of the data that was restored.",
        ("In bytes, over all objects.",),
        f"{_ANSWER}.restored_bytes",
        ("What a dry run says here: the work that it expects, or nothing.",),
    ),
    Field(
        "restored_files",
        "long",
        "Number of files that were restored.",
        ("Over all objects.",),
        f"{_ANSWER}.restored_files",
        ("What a dry run says here.",),
    ),
    Field(
        "restored_records",
        "long",
        "Number of records that were restored.",
        ("Over all objects.",),
        f"{_ANSWER}.restored_records",
        ("What a dry run says here, and whether ddl_only makes it nothing.",),
        ("ddl_only",),
    ),
    Field(
        "restored_objects",
        "map of string to string",
        "The objects that were restored, and their types.",
        (
            "An object that was requested and is in none of the three maps was not mentioned: the wizard says so, "
            "and counts it neither as restored nor as failed.",
        ),
        f"{_ANSWER}.restored_objects",
        (_SHAPE,),
        ("renamed_objects", "failed_objects"),
    ),
    Field(
        "renamed_objects",
        "map of string to string",
        "Objects with a new name: the original and the new one.",
        ("This wizard reads it as what existed and was moved away under restore_policy=rename.",),
        f"{_ANSWER}.renamed_objects",
        (
            _SHAPE,
            "Whether these are the moved objects or the restored ones, and how an entry gives a type beside two names.",
        ),
        ("rename", "renamed_objects_schema"),
    ),
    Field(
        "failed_objects",
        "map of string to string",
        "The objects that could not be restored, and their types.",
        (
            "The response as a whole can be OK all the same: check this map before you rely on it. The wizard then "
            "says Partly restored (exit code 3), or Restore failed (exit code 1) where none was restored.",
        ),
        f"{_ANSWER}.failed_objects",
        (_SHAPE, "Why an object failed: the map has no place for it."),
        ("restored_objects",),
    ),
    Field(
        "info",
        "map of string to string",
        "Additional information from the server.",
        (
            "The wizard shows it beside the result, shortened where it is long; the receipt has all of it.",
            "Two keys are documented, on pages later than client 7.2.3.13: clean_dropped_objects and "
            "clean_kept_objects.",
        ),
        f"{_ANSWER}.info",
        ("Which other keys there are.",),
        ("clean_dropped_objects", "clean_kept_objects"),
    ),
)

_LATER = "not in the API reference: client pages later than 7.2.3.13, restore_backup_response, info"

INFO_KEYS: tuple[Field, ...] = (
    Field(
        "clean_dropped_objects",
        "string",
        "Objects that were dropped before the restore: a loss.",
        (
            "Written under restore_policy clean and clean_all: the objects that were dropped before restoring, grouped "
            "by type, such as: table: s.a, s.b; user: u1; schema: s.",
            "In the response of a dry run: the objects that would be dropped. A long list ends with the number of "
            "objects left out, so not every dropped object is named.",
            "This wizard never sends these policies. A response with this key reports a loss that was not requested.",
        ),
        f"{_LATER}.clean_dropped_objects",
        ("From how many objects on the list is cut.",),
        ("restore_policy", "clean", "clean_all", "clean_kept_objects"),
    ),
    Field(
        "clean_kept_objects",
        "string",
        "Objects that were kept, and so not restored.",
        (
            "Written under restore_policy clean and clean_all: objects of the backup that were kept on the server, "
            "such as the calling user, separated by commas.",
            "They were left as they were instead of being restored.",
        ),
        f"{_LATER}.clean_kept_objects",
        ("Which objects are kept besides the calling user.",),
        ("restore_policy", "clean", "clean_all", "clean_dropped_objects"),
    ),
)
"""The documented keys of ``info`` in the response."""
