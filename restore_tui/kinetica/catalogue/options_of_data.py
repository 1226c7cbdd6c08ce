"""The options that decide what comes back of an object, and how."""

from __future__ import annotations

from restore_tui.kinetica.catalogue.entries import Example, Explanation, Interaction, Option, Value
from restore_tui.kinetica.catalogue.options_of_safety import OPTIONS

DDL_ONLY = Option(
    "ddl_only",
    "Bring back definitions without data.",
    Explanation(
        does="Acts on tables. Useful to look at an old definition, or to fill the table from somewhere else.",
        default="false: tables come back with their data.",
        values=(
            Value("true", "Tables come back empty."),
            Value("false", "Tables come back with what was in them."),
        ),
        example=Example(
            '"ddl_only": "true"',
            "sales.orders is gone; the snapshot holds 5.8 million records of it.",
            "sales.orders is there with its columns, and has no records.",
        ),
        interacts=(
            Interaction(("reingest",), "Has nothing to do when no data is restored."),
            Interaction(
                ("restore_policy",), "replace together with true leaves an empty table where a full one was."
            ),
            Interaction(("table", "all"), "It acts on the tables among what is restored."),
        ),
        goes_wrong=("true with replace, meant to look only: the live data is gone.",),
        reference=f"{OPTIONS}.ddl_only",
        not_documented=("Whether a table that is restored this way has its subscriptions.",),
    ),
    default="false",
    types=("all", "table"),
)

REINGEST = Option(
    "reingest",
    "How table data is brought in.",
    Explanation(
        does="Data files can be put in place as they are, or every record can be ingested again.",
        default="false: the data files are put in place as they are. A server whose topology differs from the "
        "backup's ingests all the same.",
        values=(
            Value("true", "Ingest the data again, whatever the topology."),
            Value("false", "Put the data files in place directly, where the topology is the same."),
        ),
        example=Example(
            '"reingest": "true"',
            "The backup is of this cluster, and you do not trust its data files as they are.",
            "sales.orders has the same records, but each was ingested anew.",
        ),
        interacts=(
            Interaction(("ddl_only",), "With true there is no data to ingest."),
            Interaction(("table", "all"), "It acts on the data of tables."),
        ),
        goes_wrong=("The backup is of a cluster with another topology: it takes longer than you planned.",),
        reference=f"{OPTIONS}.reingest",
        not_documented=("How much longer it takes.",),
    ),
    default="false",
    types=("all", "table"),
)

RESTORE_SUBSCRIPTIONS = Option(
    "restore_subscriptions",
    "What becomes of a table's subscriptions.",
    Explanation(
        does="A table can subscribe to a data source and load from it. This says how a subscription comes back that "
        "was active when the backup was made.",
        default="resume: the table starts to load again as soon as it is back.",
        values=(
            Value("resume", "Active subscriptions go on."),
            Value("pause", "They come back paused. Look first, then resume them yourself."),
            Value("cancel", "They are cancelled. The table keeps the data that it had."),
        ),
        example=Example(
            '"restore_subscriptions": "pause"',
            "sales.orders was fed from a topic, and was dropped.",
            "sales.orders is as it was in the snapshot, and nothing is added until you resume the subscription.",
        ),
        interacts=(
            Interaction(("table", "all"), "It acts on the subscriptions of tables."),
            Interaction(("datasource",), "A subscription reads through a data source: it has to be there."),
        ),
        goes_wrong=("resume, and you wanted to compare: new data has mixed with the old before you looked.",),
        reference=f"{OPTIONS}.restore_subscriptions",
        not_documented=("Where a resumed subscription goes on: whether data is loaded twice, or left out.",),
        since="7.2.3.14",
    ),
    default="resume",
    types=("all", "table"),
)

CHECKSUM = Option(
    "checksum",
    "Verify the backup's files while restoring.",
    Explanation(
        does="Compares the files of the backup with their checksums. It tells a damaged file from a good one.",
        default="false: files are taken as they are.",
        values=(
            Value("true", "Verify every file that is restored."),
            Value(
                "false", "Do not verify; damage shows only where the restore stumbles over it, if it does."
            ),
        ),
        example=Example(
            '"checksum": "true"',
            "A file of crm.tickets rotted in the bucket, and nobody knows.",
            "The restore tells of the damaged file, instead of bringing it in.",
        ),
        interacts=(
            Interaction(
                ("dry_run",),
                "With both you learn of the damage before anything is restored, if the dry run "
                "reads the files.",
            ),
            Interaction(("backup_id",), "A damaged snapshot: try the one before it."),
        ),
        goes_wrong=("Verifying reads every file, so it takes longer.",),
        reference=f"{OPTIONS}.checksum",
        not_documented=(
            "Whether one damaged file fails its object or the whole restore.",
            "Whether a dry run reads the files at all.",
        ),
    ),
    default="false",
)

RESTORE_ALL_PERMISSIONS = Option(
    "restore_all_permissions",
    "Which permissions come back.",
    Explanation(
        does="Users and roles come back with permissions. This says whether with all that they had, or with those on "
        "the restored objects.",
        default="false: only permissions on objects that are restored here come back.",
        values=(
            Value("true", "All permissions that the restored users and roles had, on whatever object."),
            Value("false", "Only permissions on objects of this restore."),
        ),
        example=Example(
            '"restore_all_permissions": "true"',
            "The role analysts was dropped. In the snapshot it might read sales.orders and web.sessions.",
            "Restored alone, analysts may read both again. With false it would be there with neither.",
        ),
        interacts=(Interaction(("user", "role"), "It acts on them, and on nothing else."),),
        goes_wrong=(
            "true, and a permission was taken away since the snapshot on purpose: it is granted again.",
            "false, and a role is restored alone: it is there, and may do nothing.",
        ),
        reference="beyond the reference: client changelog 7.2.3.10",
        not_documented=(
            "What becomes of permissions on objects that do not exist any more.",
            "What servers before 7.2.3.18 do: their reference says that permissions come back, not which.",
        ),
        since="7.2.3.18",
        beyond_reference=True,
    ),
    default="false",
    types=("user", "role"),
)
