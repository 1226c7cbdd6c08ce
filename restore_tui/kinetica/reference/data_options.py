"""The options that decide what comes back of an object, and how."""

from __future__ import annotations

from restore_tui.kinetica.reference.model import (
    INFERRED,
    OPTIONS,
    Example,
    Explanation,
    Interaction,
    Option,
    Value,
)

DDL_ONLY = Option(
    "ddl_only",
    "Restore definitions without data.",
    Explanation(
        does="Acts on tables. Useful to inspect an old definition, or to fill the table from another source.",
        default="false: tables are restored with their data.",
        values=(
            Value("true", "Restore the definition of tables, and no data."),
            Value("false", "Restore tables and their data."),
        ),
        example=Example(
            '"ddl_only": "true"',
            "sales.orders was dropped; the snapshot holds 5.8 million records of it.",
            "sales.orders exists with its columns, and has no records.",
        ),
        related=(
            Interaction(("reingest",), "Has no effect when no data is restored.", INFERRED),
            Interaction(
                ("restore_policy",),
                "replace together with true leaves an empty table where a full one was.",
                f"{OPTIONS}.restore_policy",
                loss=True,
            ),
            Interaction(("table", "all"), "It acts on the tables that are restored.", f"{OPTIONS}.ddl_only"),
        ),
        pitfalls=("true with replace, meant to inspect the definition: the live data is lost.",),
        reference=f"{OPTIONS}.ddl_only",
        not_documented=("Whether a table that is restored this way has its subscriptions.",),
    ),
    default="false",
    types=("all", "table"),
)

REINGEST = Option(
    "reingest",
    "How table data is loaded.",
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
        related=(
            Interaction(("ddl_only",), "With true there is no data to ingest.", f"{OPTIONS}.ddl_only"),
            Interaction(("table", "all"), "It acts on the data of tables.", f"{OPTIONS}.reingest"),
        ),
        pitfalls=("The backup is of a cluster with another topology: it takes longer than you planned.",),
        reference=f"{OPTIONS}.reingest",
        not_documented=("How much longer it takes.",),
    ),
    default="false",
    types=("all", "table"),
)

RESTORE_SUBSCRIPTIONS = Option(
    "restore_subscriptions",
    "What happens to a table's subscriptions.",
    Explanation(
        does="A table can subscribe to a data source and load from it. This decides what happens to subscriptions "
        "that were active when the backup was made.",
        default="resume: subscriptions that were active when the backup was made are resumed.",
        values=(
            Value("resume", "Resume subscriptions that were active when the backup was made."),
            Value("pause", "Pause them. Check the table first, then resume them yourself."),
            Value("cancel", "Cancel active subscriptions."),
        ),
        example=Example(
            '"restore_subscriptions": "pause"',
            "sales.orders was fed from a topic, and was dropped.",
            "sales.orders is as it was in the snapshot, and its subscription is paused until you resume it.",
        ),
        related=(
            Interaction(
                ("table", "all"),
                "It acts on the subscriptions of tables.",
                f"{OPTIONS}.restore_subscriptions",
            ),
            Interaction(
                ("datasource",), "A subscription reads through a data source: it has to exist.", INFERRED
            ),
            Interaction(
                ("restore_policy", "target_schema_map"),
                "Under rename, or into another schema, two tables can load from one source: the live table and the "
                "restored one.",
                INFERRED,
            ),
        ),
        pitfalls=("resume, and you wanted to compare: new data is mixed with the old before you compare.",),
        reference=f"{OPTIONS}.restore_subscriptions",
        not_documented=(
            "Where a resumed subscription continues: whether data is loaded twice, or left out.",
            "What cancel means for data that the subscription loaded before.",
        ),
        since="7.2.3.14",
    ),
    default="resume",
    types=("all", "table"),
)

CHECKSUM = Option(
    "checksum",
    "Verify the backup's files while restoring.",
    Explanation(
        does="Verifies the files of the backup against their checksums. A backup has checksums only where it was "
        "created with them: that option is off by default.",
        default="false: files are not verified. The clients 7.2.3.0 and 7.2.3.1 give true as the default.",
        values=(
            Value("true", "Verify checksums of the backup's files when restoring."),
            Value("false", "Do not verify them."),
        ),
        example=Example(
            '"checksum": "true"',
            "A file of crm.tickets was damaged in the bucket. The backup was created with checksums.",
            "The restore finds the damaged file.",
        ),
        related=(
            Interaction(
                ("dry_run",),
                "With both, damage is found before anything is restored, if the dry run reads the files.",
                INFERRED,
            ),
            Interaction(("backup_id",), "A damaged snapshot: try the one before it.", INFERRED),
        ),
        pitfalls=("The backup was created without checksums: there is nothing to verify against.",),
        reference=f"{OPTIONS}.checksum",
        not_documented=(
            "What true does with a backup that was created without checksums.",
            "Which default a server 7.2.3 has. This wizard sends the option only as true.",
            "Whether one damaged file fails its object or the whole restore.",
            "Whether a dry run reads the files at all.",
        ),
    ),
    default="false",
)

RESTORE_ALL_PERMISSIONS = Option(
    "restore_all_permissions",
    "Which permissions are restored.",
    Explanation(
        does="Users and roles are restored with permissions. This says whether with all that they had, or with those "
        "on the restored objects.",
        default="false: only permissions on objects that this request restores are restored.",
        values=(
            Value("true", "Restore all permissions of the restored users and roles."),
            Value("false", "Restore only permissions on restored objects."),
        ),
        example=Example(
            '"restore_all_permissions": "true"',
            "The role analysts was dropped. In the snapshot it might read sales.orders and web.sessions.",
            "Restored alone, analysts may read both again. With false it would exist with neither.",
        ),
        related=(
            Interaction(
                ("user", "role"), "It acts on them, and on nothing else.", "client changelog 7.2.3.10"
            ),
        ),
        pitfalls=(
            "true, and a permission was taken away since the snapshot on purpose: it is granted again.",
            "false, and a role is restored alone: it exists, and may do nothing.",
        ),
        reference="not in the API reference: client changelog 7.2.3.10",
        not_documented=(
            "What happens to permissions on objects that do not exist any more.",
            "What servers before 7.2.3.18 do exactly. The changelog says: scoped to the restored objects by default.",
        ),
        since="7.2.3.18",
        undocumented=True,
    ),
    default="false",
    types=("user", "role"),
)
