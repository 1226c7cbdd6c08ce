"""What should be said about a plan's options before anything is sent: choices that overwrite, that have no
effect together, or that do not apply to what is ticked. Advice never blocks."""

from __future__ import annotations

from dataclasses import dataclass

from restore_tui.kinetica import catalogue
from restore_tui.kinetica.text import harmless
from restore_tui.restore import schema_map
from restore_tui.restore.plan import RestorePlan

_TABLE_TYPES = frozenset({"all", "table"})
_PRINCIPALS = frozenset({"user", "role"})


@dataclass(frozen=True)
class Advice:
    """A sentence about one option. ``danger`` marks what destroys or overwrites."""

    option: str
    text: str
    danger: bool = False


def advise(plan: RestorePlan) -> tuple[Advice, ...]:
    """Everything worth saying about this plan's options, in the order of the catalogue."""
    said = [
        *_about_policy(plan),
        *_about_schemas(plan),
        *_about_tables(plan),
        *_about_permissions(plan),
        *_about_targets(plan),
        *_about_foreign_keys(plan),
    ]
    order = [option.name for option in catalogue.OPTIONS]
    return tuple(sorted(said, key=lambda advice: order.index(advice.option)))


def _about_policy(plan: RestorePlan) -> list[Advice]:
    policy = plan.option("restore_policy")
    said = []
    if policy == "replace":
        said.append(
            Advice(
                "restore_policy",
                "Overwrites: every ticked object that exists now is replaced, and what was written to it since the "
                "snapshot is lost.",
                danger=True,
            )
        )
    if policy == "rename":
        stuck = plan.objects.without_schema()
        if stuck:
            said.append(
                Advice(
                    "restore_policy",
                    f"rename does not apply to {', '.join(stuck)}: these live in no schema. Whether an existing one "
                    "aborts the restore, is overwritten or is skipped is not documented.",
                    danger=True,
                )
            )
        target = plan.option("renamed_objects_schema")
        if target and target in plan.objects.names("all"):
            said.append(
                Advice(
                    "renamed_objects_schema",
                    "This is a schema that is being restored itself: old and new objects would meet in it.",
                    danger=True,
                )
            )
    elif plan.option("renamed_objects_schema"):
        said.append(
            Advice("renamed_objects_schema", "Not sent: it is only read under restore_policy = rename.")
        )
    return said


def _about_schemas(plan: RestorePlan) -> list[Advice]:
    ticked = set(plan.objects.by_type)
    if (
        plan.option("create_schema_if_not_exist") == "false"
        and ticked
        and not any(kind == "all" or catalogue.has_schema(kind) for kind in ticked)
    ):
        return [Advice("create_schema_if_not_exist", "No effect: nothing that is ticked lives in a schema.")]
    return []


def _about_tables(plan: RestorePlan) -> list[Advice]:
    said = []
    ticked = set(plan.objects.by_type)
    no_tables = bool(ticked) and not ticked & _TABLE_TYPES
    for name in ("ddl_only", "reingest", "restore_subscriptions"):
        if no_tables and name in plan.options:
            said.append(Advice(name, "No effect: it acts on tables, and neither table nor all is ticked."))
    if plan.option("reingest") == "true" and plan.option("ddl_only") == "true":
        said.append(Advice("reingest", "No effect together with ddl_only: no data is restored."))
    return said


def _about_permissions(plan: RestorePlan) -> list[Advice]:
    if plan.option("restore_all_permissions") != "true":
        return []
    if not _PRINCIPALS & set(plan.objects.by_type):
        return [Advice("restore_all_permissions", "No effect: neither user nor role is ticked.")]
    return [
        Advice(
            "restore_all_permissions",
            "Grants again what was taken away since the snapshot, on objects that are not ticked too.",
            danger=True,
        )
    ]


def _about_targets(plan: RestorePlan) -> list[Advice]:
    if not plan.option(schema_map.OPTION):
        return []
    if not schema_map.target_schemas(plan) and not schema_map.problem(plan):
        return [Advice(schema_map.OPTION, "Not sent: none of its schemas is ticked.")]
    return [
        Advice(
            schema_map.OPTION,
            f"More than one schema goes to {harmless(target, 60)}: objects of one name would meet there.",
            danger=True,
        )
        for target in schema_map.shared_targets(plan)
    ]


def _about_foreign_keys(plan: RestorePlan) -> list[Advice]:
    if plan.option("cascade_foreign_keys") != "true":
        return []
    if plan.option("restore_policy") != "replace":
        return [Advice("cascade_foreign_keys", "Not sent: it is only read under restore_policy = replace.")]
    return [
        Advice(
            "cascade_foreign_keys",
            "Drops live tables that point at a replaced one, and that this backup cannot bring back.",
            danger=True,
        )
    ]
