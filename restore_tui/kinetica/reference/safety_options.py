"""The options that decide what a restore reads, where it writes, and what it may destroy."""

from __future__ import annotations

from restore_tui.kinetica.reference.model import (
    INFERRED,
    MAP,
    OPTIONS,
    Example,
    Explanation,
    Interaction,
    Option,
    Value,
)

BACKUP_ID = Option(
    "backup_id",
    "Which snapshot of the backup to restore.",
    Explanation(
        does="A backup is a series of snapshots, each with an id of many digits. This names one of them.",
        default="Empty: the server takes the most recent snapshot at restore time. That may be a newer "
        "one than the one you saw.",
        example=Example(
            '"backup_id": "1763856012345"',
            "Tonight's snapshot was made after the table had been emptied.",
            "The table is as it was in the snapshot that you named, not in tonight's.",
        ),
        related=(
            Interaction(
                ("dry_run",), "With a pinned id the dry run and the restore read the same snapshot.", INFERRED
            ),
        ),
        pitfalls=(
            "The snapshot was deleted meanwhile: there is nothing to restore from.",
            "It is left empty, and a backup is made between dry run and restore: another snapshot is restored than "
            "the dry run read. This wizard checks again, and stops.",
        ),
        reference=f"{OPTIONS}.backup_id",
        not_documented=("The form of an id. Those seen look like milliseconds since 1970.",),
    ),
    default="",
    set_by="Snapshot",
)

RESTORE_POLICY = Option(
    "restore_policy",
    "What happens to objects that exist already.",
    Explanation(
        does="This option decides what a restore can destroy. Look at the dry run before you leave none.",
        default="none: one object that exists already aborts the restore with an error.",
        values=(
            Value("none", "Abort with an error as soon as an object exists already."),
            Value(
                "replace",
                "Overwrite the existing object with the one of the backup. What was written to it since the "
                "snapshot is lost.",
            ),
            Value(
                "rename",
                "Move the existing object to another schema (see renamed_objects_schema), then restore. It does not "
                "apply to objects without a schema.",
            ),
        ),
        never_sent=(
            Value(
                "clean",
                "Drops every existing object of each type being restored, whether or not it is in the backup. "
                "Restoring one table drops every table first. The response names what was dropped in "
                "clean_dropped_objects of info, of a long list only a part.",
            ),
            Value(
                "clean_all",
                "By its name it drops more than clean. What it drops is not documented.",
            ),
        ),
        example=Example(
            '"restore_policy": "replace"',
            "sales.orders exists, with 300 orders of today that the snapshot does not have.",
            "sales.orders is as it was in the snapshot. The 300 orders are lost. Under rename they would be in "
            "another schema.",
        ),
        related=(
            Interaction(
                ("renamed_objects_schema",),
                "Says where rename moves existing objects to.",
                f"{OPTIONS}.renamed_objects_schema",
            ),
            Interaction(
                ("cascade_foreign_keys",),
                "Only applies to replace; it can drop further tables.",
                "client changelog 7.2.3.13",
                loss=True,
            ),
            Interaction(
                ("user", "role", "resource_group"),
                "Live in no schema: rename does not apply to them.",
                f"{OPTIONS}.restore_policy",
            ),
            Interaction(
                ("target_schema_map",),
                "What counts as existing is what is in the target schema.",
                INFERRED,
            ),
        ),
        pitfalls=(
            "replace, and the wrong name selected: the live object is overwritten, and this backup cannot undo it.",
            "rename with users, roles or resource groups that exist: their outcome is not documented.",
        ),
        reference=f"{OPTIONS}.restore_policy",
        not_documented=(
            "Whether a restore that aborts or fails midway leaves what it had restored by then.",
            "Under rename, what happens to an existing object without a schema: aborted, overwritten or skipped.",
            "Which server accepts clean and clean_all, and what clean_all adds.",
        ),
    ),
    default="none",
)

RENAMED_OBJECTS_SCHEMA = Option(
    "renamed_objects_schema",
    "Schema that existing objects are moved to.",
    Explanation(
        does="Under restore_policy=rename the objects that exist are moved to this schema. It is created if it is "
        "missing.",
        default="Empty: the server generates a schema called backup_<UUID>.",
        example=Example(
            '"restore_policy": "rename", "renamed_objects_schema": "before_restore"',
            "sales.orders exists.",
            "The old table is before_restore.orders; sales.orders is the one of the snapshot.",
        ),
        related=(
            Interaction(
                ("restore_policy",),
                "Only applies to rename. Under the others it is not sent.",
                f"{OPTIONS}.renamed_objects_schema",
            ),
            Interaction(
                ("target_schema_map",),
                "That one is for the restored objects, this one for the existing ones.",
                "client changelog 7.2.3.11",
            ),
        ),
        pitfalls=(
            "It is a schema that is restored too: old and new objects meet in it.",
            "It breaks the rules for names: 1 to 200 letters, digits, spaces and _ # { } [ ] ( ) : -",
        ),
        reference=f"{OPTIONS}.renamed_objects_schema",
        not_documented=("What happens when the schema holds an object of that name already.",),
    ),
    default="",
    needs=("restore_policy", "rename"),
)

CREATE_SCHEMA = Option(
    "create_schema_if_not_exist",
    "Create missing schemas.",
    Explanation(
        does="Decides what happens where the schema of an object to restore does not exist, as after a DROP SCHEMA.",
        default="true: missing schemas are created.",
        values=(
            Value("true", "Create the missing schema, then restore into it."),
            Value("false", "Return an error. Choose it to notice a schema that you expected to exist."),
        ),
        example=Example(
            '"create_schema_if_not_exist": "false"',
            "The schema sales does not exist, and sales.orders is to be restored.",
            "The server returns an error. With true, the schema sales would have been created.",
        ),
        related=(
            Interaction(("target_schema_map",), "A misspelt target schema is created as well.", INFERRED),
            Interaction(("all",), "A whole schema that was dropped needs true.", f"{MAP}.all"),
        ),
        pitfalls=("true, and a misspelt name: an unwanted new schema is created.",),
        reference=f"{OPTIONS}.create_schema_if_not_exist",
        not_documented=(
            "Who may use a schema that was created this way.",
            "Whether the error names the missing schema, and whether anything was restored before it.",
        ),
    ),
    default="true",
)

DRY_RUN = Option(
    "dry_run",
    "Perform a dry run instead of a restore.",
    Explanation(
        does="Set automatically: the step Dry run sends it as true; the step Restore sends the very same request "
        "with false.",
        default="false: the restore is real. A request without the option restores.",
        values=(
            Value("true", "Perform a dry run of the restore."),
            Value("false", "Perform the restore."),
        ),
        example=Example(
            '"dry_run": "true"',
            "sales.orders was dropped. What would a restore do?",
            "sales.orders is not restored. The response reports on the dry run.",
        ),
        related=(
            Interaction(
                ("backup_id",),
                "Without an id a later restore may read another snapshot than the dry run did.",
                f"{OPTIONS}.backup_id",
            ),
            Interaction(("checksum",), "A dry run without it may not detect a damaged file.", INFERRED),
        ),
        pitfalls=(
            "The table is created again between dry run and restore: a conflict that the dry run did not see.",
        ),
        reference=f"{OPTIONS}.dry_run",
        not_documented=(
            "What the response of a dry run contains: objects, totals only, or a refusal where a restore would abort.",
            "That a dry run leaves everything as it is. The page on SQL says: without actually restoring any files.",
        ),
    ),
    default="false",
    set_by="Dry run",
)

TARGET_SCHEMA_MAP = Option(
    "target_schema_map",
    "Restore into another schema.",
    Explanation(
        does='Written "source: target, source2: target2". Objects of the schema source are restored to target; '
        "their own names stay. Upper and lower case count.",
        default="Empty: every object is restored to its original schema.",
        example=Example(
            '"target_schema_map": "sales: sales_old"',
            "sales.orders is live and in use, and you want to look at how it was last week.",
            "sales.orders is untouched. The old one is next to it as sales_old.orders.",
        ),
        related=(
            Interaction(("restore_policy",), "Conflicts are those in the target schema.", INFERRED),
            Interaction(("create_schema_if_not_exist",), "Creates the target schema by default.", INFERRED),
            Interaction(
                ("all",), "Whole schemas can be restored elsewhere too.", "client changelog 7.2.3.11"
            ),
            Interaction(
                ("user", "role", "resource_group"),
                "Live in no schema: it does not act on them.",
                "client changelog 7.2.3.11",
            ),
        ),
        pitfalls=(
            "Sales instead of sales: the source does not match.",
            "Two schemas go to one target, and both have a table of one name.",
            "A schema with a colon in its name cannot be written in it: the colon separates source and target.",
        ),
        reference="not in the API reference: client changelog 7.2.3.11",
        not_documented=(
            "The server version that it came with: later than 7.2.3.18, taken here as 7.2.3.19.",
            "Whether the response calls the objects by their old names or by their new ones. Both are read.",
            "Whether views and procedures that name the old schema are changed.",
            "Whether it acts on functions and function environments.",
        ),
        since="7.2.3.19",
        undocumented=True,
    ),
    default="",
)

CASCADE_FOREIGN_KEYS = Option(
    "cascade_foreign_keys",
    "Drop tables that reference replaced tables.",
    Explanation(
        does="A live table may have a foreign key to a table that is replaced. Where the backup does not hold that "
        "live table, this says what happens to it.",
        default="false: no such table is dropped. The table that it references is not replaced, but fails.",
        values=(
            Value(
                "true",
                "Drop every live table whose foreign key references a replaced table and that the backup does not "
                "hold. This backup cannot restore it.",
            ),
            Value(
                "false",
                "Let the restore of the referenced table fail, rather than drop what references it.",
            ),
        ),
        example=Example(
            '"restore_policy": "replace", "cascade_foreign_keys": "true"',
            "billing.reminders references crm.accounts, and is not in the backup of crm.",
            "crm.accounts is replaced. billing.reminders is dropped, with its data.",
        ),
        related=(
            Interaction(
                ("restore_policy",),
                "Only applies to replace, where it drops further tables. Under the others it is not sent.",
                "client changelog 7.2.3.13",
                loss=True,
            ),
            Interaction(
                ("table",),
                "It acts on tables that you did not select.",
                "client changelog 7.2.3.13",
            ),
        ),
        pitfalls=("true is set once and forgotten: tables are dropped that were not selected.",),
        reference="not in the API reference: client changelog 7.2.3.13",
        not_documented=(
            "The server version that it came with: later than 7.2.3.18, taken here as 7.2.3.19 too.",
            "Whether a dry run names the tables that would be dropped.",
        ),
        since="7.2.3.19",
        undocumented=True,
    ),
    default="false",
    needs=("restore_policy", "replace"),
    types=("all", "table"),
)
