"""The options that decide what a restore reads, where it writes, and what it may destroy."""

from __future__ import annotations

from restore_tui.kinetica.catalogue.entries import Example, Explanation, Interaction, Option, Value

OPTIONS = "/restore/backup, options"

BACKUP_ID = Option(
    "backup_id",
    "Which snapshot of the backup to restore.",
    Explanation(
        does="A backup is a series of snapshots, each with an id of many digits. This names one of them.",
        default="Empty: the server takes the most recent snapshot at the moment of the restore. That may be a newer "
        "one than you looked at.",
        example=Example(
            '"backup_id": "1763856012345"',
            "Tonight's snapshot was made after the table had been emptied.",
            "The table is as it was in the snapshot that you named, not in tonight's.",
        ),
        interacts=(
            Interaction(("dry_run",), "With a pinned id the dry run and the restore read the same snapshot."),
        ),
        goes_wrong=(
            "The snapshot was deleted meanwhile: there is nothing to restore from.",
            "It is left empty, and a backup is made between dry run and restore: another snapshot is restored than "
            "was rehearsed. This wizard looks again, and stops.",
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
        default="none: one object that exists already aborts the whole restore with an error.",
        values=(
            Value("none", "Abort with an error as soon as an object exists already."),
            Value(
                "replace",
                "Overwrite the existing object with the one of the backup. What was written to it since the "
                "snapshot is lost.",
            ),
            Value(
                "rename",
                "Move the existing object to another schema (see renamed_objects_schema), then restore. Objects "
                "without a schema cannot be moved.",
            ),
        ),
        example=Example(
            '"restore_policy": "replace"',
            "sales.orders exists, with 300 orders of today that the snapshot does not have.",
            "sales.orders is as it was in the snapshot. The 300 orders are gone. Under rename they would be in "
            "another schema.",
        ),
        interacts=(
            Interaction(("renamed_objects_schema",), "Says where rename moves things to."),
            Interaction(("cascade_foreign_keys",), "Only read under replace; it can drop further tables."),
            Interaction(
                ("user", "role", "resource_group"), "Live in no schema: rename does not apply to them."
            ),
            Interaction(("target_schema_map",), "What counts as existing is what is in the target schema."),
        ),
        goes_wrong=(
            "replace, and the wrong name ticked: the live object is overwritten, and this backup cannot undo it.",
            "rename with users, roles or resource groups that exist: it aborts.",
        ),
        reference=f"{OPTIONS}.restore_policy",
        not_documented=("Whether a restore that fails midway leaves what it had restored by then.",),
    ),
    default="none",
)

RENAMED_OBJECTS_SCHEMA = Option(
    "renamed_objects_schema",
    "Where existing objects are moved to.",
    Explanation(
        does="Under restore_policy=rename the objects that exist go to this schema, to make room.",
        default="Empty: the server makes a schema called backup_<UUID>.",
        example=Example(
            '"restore_policy": "rename", "renamed_objects_schema": "before_restore"',
            "sales.orders exists.",
            "The old table is before_restore.orders; sales.orders is the one of the snapshot.",
        ),
        interacts=(
            Interaction(("restore_policy",), "Only read under rename. Under the others it is not sent."),
            Interaction(
                ("target_schema_map",), "That one is for the restored objects, this one for the old ones."
            ),
        ),
        goes_wrong=(
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
    "What happens when a schema is gone.",
    Explanation(
        does="After a DROP SCHEMA the objects have no place to go to. This says whether one is made.",
        default="true: missing schemas are made, and nothing is said about it beforehand.",
        values=(
            Value("true", "Make the missing schema, then restore into it."),
            Value("false", "Return an error. Choose it to notice a schema that you thought was there."),
        ),
        example=Example(
            '"create_schema_if_not_exist": "false"',
            "The schema sales is gone, and sales.orders is to be restored.",
            "Nothing is restored: the error names the missing schema. With true, sales would have been made.",
        ),
        interacts=(
            Interaction(("target_schema_map",), "A target schema that is misspelt is made as well."),
            Interaction(("all",), "A whole schema that was dropped needs true."),
        ),
        goes_wrong=("true, and a name misspelt: there is a new schema that nobody wanted.",),
        reference=f"{OPTIONS}.create_schema_if_not_exist",
        not_documented=("Who may use a schema that was made this way.",),
    ),
    default="true",
)

DRY_RUN = Option(
    "dry_run",
    "Rehearse: answer, and change nothing.",
    Explanation(
        does="Not a switch in this wizard. The step Dry run sends it as true; the step Restore sends the very same "
        "request with false.",
        default="false: the restore is real. Whoever forgets the option restores.",
        values=(
            Value("true", "A dry run of the restore; the answer tells of it."),
            Value("false", "The restore is carried out."),
        ),
        example=Example(
            '"dry_run": "true"',
            "sales.orders is gone. Will it come back?",
            "sales.orders is still gone, and the answer says what a restore would do.",
        ),
        interacts=(
            Interaction(
                ("backup_id",), "Without an id a later restore may read another snapshot than this did."
            ),
            Interaction(("checksum",), "A dry run without it need not see that a file is damaged."),
        ),
        goes_wrong=(
            "Time passes between dry run and restore, and somebody makes the table again: a conflict that the dry "
            "run did not see.",
        ),
        reference=f"{OPTIONS}.dry_run",
        not_documented=(
            "What the answer of a dry run fills in: objects, totals only, or a refusal where a restore would abort.",
        ),
    ),
    default="false",
    set_by="Dry run",
)

TARGET_SCHEMA_MAP = Option(
    "target_schema_map",
    "Restore into another schema.",
    Explanation(
        does='Written "source: target, source2: target2". Objects of the schema source come back in the schema target; '
        "their own names stay. Upper and lower case count.",
        default="Empty: every object comes back in the schema that it came from.",
        example=Example(
            '"target_schema_map": "sales: sales_old"',
            "sales.orders is live and in use, and you want to look at how it was last week.",
            "sales.orders is untouched. The old one stands beside it as sales_old.orders.",
        ),
        interacts=(
            Interaction(("restore_policy",), "Conflicts are those in the target schema."),
            Interaction(("create_schema_if_not_exist",), "Makes the target schema by default."),
            Interaction(("all",), "Whole schemas can be sent elsewhere too."),
            Interaction(("user", "role", "resource_group"), "Live in no schema: it does not act on them."),
        ),
        goes_wrong=(
            "Sales instead of sales: the source does not match.",
            "Two schemas go to one target, and both have a table of one name.",
            "A schema with a colon in its name cannot be written in it: the colon separates source and target.",
        ),
        reference="beyond the reference: client changelog 7.2.3.11",
        not_documented=(
            "The server version that it came with: later than 7.2.3.18, taken here as 7.2.3.19.",
            "Whether the answer calls the objects by their old names or by their new ones. Both are read.",
            "Whether views and procedures that name the old schema are changed. Expect that they are not.",
        ),
        since="7.2.3.19",
        beyond_reference=True,
    ),
    default="",
)

CASCADE_FOREIGN_KEYS = Option(
    "cascade_foreign_keys",
    "Drop tables that point at a replaced one.",
    Explanation(
        does="A live table may have a foreign key to a table that is replaced. Where the backup does not hold that "
        "live table, this says what becomes of it.",
        default="false: no such table is dropped. The table that it points at is not replaced, but fails.",
        values=(
            Value(
                "true",
                "Drop every live table whose foreign key points at a replaced table and that the backup does not "
                "hold. This backup cannot bring it back.",
            ),
            Value(
                "false",
                "Let the restore of the table that is pointed at fail, rather than drop what points at it.",
            ),
        ),
        example=Example(
            '"restore_policy": "replace", "cascade_foreign_keys": "true"',
            "billing.reminders points at crm.accounts, and is not in the backup of crm.",
            "crm.accounts is replaced. billing.reminders is gone, with its data.",
        ),
        interacts=(
            Interaction(("restore_policy",), "Only read under replace. Under the others it is not sent."),
            Interaction(("table",), "It acts on tables that you did not tick."),
        ),
        goes_wrong=("true is set once and forgotten: tables vanish that nobody asked about.",),
        reference="beyond the reference: client changelog 7.2.3.13",
        not_documented=(
            "The server version that it came with: later than 7.2.3.18, taken here as 7.2.3.19 too.",
            "Whether a dry run names the tables that would be dropped.",
        ),
        since="7.2.3.19",
        beyond_reference=True,
    ),
    default="false",
    needs=("restore_policy", "replace"),
    types=("all", "table"),
)
