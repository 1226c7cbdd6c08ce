"""The options that only the official client documents: they came after the vendor's reference of 7.2.3.14."""

from __future__ import annotations

from collections.abc import Iterator

from restore_tui.kinetica.reference.model import (
    INFERRED,
    Example,
    Explanation,
    Interaction,
    Option,
    OptionKind,
    Value,
)
from restore_tui.kinetica.reference.plan_view import Effect, PlanView, PlanWarning


def _on_permissions(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.option("restore_all_permissions") == "true":
        yield PlanWarning(
            "Grants again what was revoked since the snapshot, also on objects that are not selected.",
            destructive=True,
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
    warnings=_on_permissions,
)


def _on_schema_map(plan: PlanView) -> Iterator[PlanWarning]:
    if not plan.option("target_schema_map"):
        return
    if not plan.maps_schemas:
        if not plan.map_problem:
            yield PlanWarning("Not sent: none of its schemas is selected.")
        return
    for target in plan.shared_targets:
        yield PlanWarning(
            f"More than one schema goes to {plan.shown(target)}: objects of one name would meet there.",
            destructive=True,
        )
    overwrites = plan.has(Effect.OVERWRITES)
    stuck = plan.types_without_schema
    if stuck:
        yield PlanWarning(
            f"It does not act on {', '.join(stuck)}: these are restored under their own names"
            f"{', and overwrite existing ones' if overwrites else ''}.",
            destructive=overwrites,
        )
    undecided = plan.types_perhaps_without_schema
    if undecided:
        yield PlanWarning(
            f"Whether it acts on {', '.join(undecided)} is not documented"
            f"{': existing ones may be overwritten' if overwrites else ''}.",
            destructive=overwrites,
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
    kind=OptionKind.SCHEMA_MAP,
    warnings=_on_schema_map,
)


def _on_foreign_keys(plan: PlanView) -> Iterator[PlanWarning]:
    if plan.option("cascade_foreign_keys") == "true":
        yield PlanWarning(
            "Drops live tables with foreign keys to a replaced one. This backup cannot restore them.",
            destructive=True,
            loss="tables with foreign keys to them DROPPED (number unknown)",
            also=("restore_policy",),
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
    warnings=_on_foreign_keys,
)
