"""The options that decide what a restore reads, where it writes, and what it may destroy."""

from __future__ import annotations

from collections.abc import Iterator

from restore_tui.kinetica.reference.model import (
    INFERRED,
    MAP,
    OPTIONS,
    Example,
    Explanation,
    Interaction,
    Option,
    OptionKind,
    Value,
)
from restore_tui.kinetica.reference.plan_view import Effect, PlanView, PlanWarning

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
    kind=OptionKind.SNAPSHOT,
    in_sql=True,
)


def _on_existing(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.has(Effect.OVERWRITES):
        yield _on_replace(plan)
    elif plan.has(Effect.MOVES_AWAY):
        yield from _on_rename(plan)


def _on_replace(plan: PlanView) -> PlanWarning:
    there = plan.existing()
    lost = (
        "Tables lose all their records (ddl_only)."
        if plan.has(Effect.WITHOUT_RECORDS) and plan.restores_tables
        else "What was written since the snapshot is lost."
    )
    return PlanWarning(
        f"Overwrites {there.subject('selected object')}. {lost}{there.limits}",
        destructive=there.may_exist,
        loss=there.amount("replaced"),
    )


def _on_rename(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.reaches_schemas:
        there = plan.existing_in_schemas()
        place = plan.shown(plan.option("renamed_objects_schema")) or "a new schema backup_<UUID>"
        yield PlanWarning(
            f"Moves {there.subject('selected object')} to {place}. The old names then refer to the restored "
            f"objects.{there.limits}",
            loss=there.amount("moved"),
        )
    stuck = ", ".join(plan.types_without_schema)
    if stuck:
        yield PlanWarning(
            f"rename does not apply to {stuck}: these live in no schema. Whether an existing one aborts the restore, "
            "is overwritten or is skipped is not documented.",
            destructive=True,
            loss=f"{stuck}: what happens to existing ones is not documented",
        )
    undecided = ", ".join(plan.types_perhaps_without_schema)
    if undecided:
        yield PlanWarning(
            f"Whether rename applies to {undecided} is not documented: an existing one may be overwritten.",
            destructive=True,
            loss=f"{undecided}: existing ones may be overwritten",
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
                Effect.OVERWRITES,
            ),
            Value(
                "rename",
                "Move the existing object to another schema (see renamed_objects_schema), then restore. It does not "
                "apply to objects without a schema.",
                Effect.MOVES_AWAY,
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
    title="Policy",
    in_sql=True,
    warnings=_on_existing,
)


def _on_move_target(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.option("renamed_objects_schema") in plan.schemas:
        yield PlanWarning(
            "This schema is part of the restore itself: moved and restored objects would meet in it.",
            destructive=True,
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
    kind=OptionKind.MOVE_TARGET,
    needs=("restore_policy", "rename"),
    in_sql=True,
    warnings=_on_move_target,
)


def _on_missing_schemas(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.option("create_schema_if_not_exist") == "false" and plan.types and not plan.reaches_schemas:
        yield PlanWarning("No effect: nothing that is selected lives in a schema.")


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
    in_sql=True,
    warnings=_on_missing_schemas,
)
