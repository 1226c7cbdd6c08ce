"""The options that decide what is restored of an object, and how."""

from __future__ import annotations

from collections.abc import Iterator

from restore_tui.kinetica.reference.model import (
    INFERRED,
    OPTIONS,
    Example,
    Explanation,
    Interaction,
    Option,
    OptionKind,
    Value,
)
from restore_tui.kinetica.reference.plan_view import Effect, PlanView, PlanWarning, counted


def _on_definitions(plan: PlanView) -> Iterator[PlanWarning]:
    """What definitions without records make of tables that exist, and of those that do not."""
    if plan.option("ddl_only") != "true":
        return
    if plan.has(Effect.OVERWRITES):
        there = plan.existing(("all", "table"))
        emptied = plan.existing(("table",)).number
        yield PlanWarning(
            f"EMPTIES {there.subject('table')}: all {'their' if there.number and there.number > 1 else 'its'} records "
            f"are lost, none is restored.{there.limits}",
            destructive=there.may_exist,
            loss=f"{counted(emptied, 'table')} EMPTIED" if emptied else "",
            also=("restore_policy",),
        )
    else:
        moves = " Existing ones move away with theirs." if plan.has(Effect.MOVES_AWAY) else ""
        yield PlanWarning(f"Definitions only: restored tables have no records.{moves}")


DDL_ONLY = Option(
    "ddl_only",
    "Restore definitions without data.",
    Explanation(
        does="Acts on tables. Useful to inspect an old definition, or to fill the table from another source.",
        default="false: tables are restored with their data.",
        values=(
            Value("true", "Restore the definition of tables, and no data.", Effect.WITHOUT_RECORDS),
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
    in_sql=True,
    warnings=_on_definitions,
)


def _on_reingestion(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.option("reingest") == "true" and plan.has(Effect.WITHOUT_RECORDS):
        yield PlanWarning("No effect together with ddl_only: no data is restored.")


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
    warnings=_on_reingestion,
)


def _on_subscriptions(plan: PlanView) -> Iterator[PlanWarning]:
    moves = plan.has(Effect.MOVES_AWAY)
    if plan.option("restore_subscriptions") == "resume" and (moves or plan.maps_schemas):
        yield PlanWarning(
            f"Subscriptions resume in restored tables: under {'rename' if moves else 'target_schema_map'} a live table "
            "and its copy can load from one source.",
            also=("restore_policy" if moves else "target_schema_map",),
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
    warnings=_on_subscriptions,
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
    in_sql=True,
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
    kind=OptionKind.DRY_RUN,
    in_sql=True,
)
