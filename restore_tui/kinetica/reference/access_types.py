"""The object types that say who may do what, and what the database reaches outside of itself."""

from __future__ import annotations

from collections.abc import Iterator

from restore_tui.kinetica.reference.model import (
    INFERRED,
    MAP,
    OPTIONS,
    Example,
    Explanation,
    Interaction,
    ObjectType,
)
from restore_tui.kinetica.reference.plan_view import Effect, PlanView, PlanWarning, counted

POLICY = f"{OPTIONS}.restore_policy"
EXISTING_ONE = (
    "What happens to {what} that exists, under rename: aborted, overwritten or skipped. The reference only says that "
    "rename does not apply to non-schema objects."
)


def _warning(text: str, *, needs_user_name: bool = False) -> PlanWarning:
    return PlanWarning(text, destructive=True, also=("restore_policy",), needs_user_name=needs_user_name)


def _act(plan: PlanView) -> str:
    """What happens to existing objects, as the beginning of a sentence; empty where nothing does."""
    if plan.has(Effect.OVERWRITES):
        return "Replaces"
    return "Moves away" if plan.has(Effect.MOVES_AWAY) else ""


def _on_credentials(plan: PlanView) -> Iterator[PlanWarning]:
    act = _act(plan)
    if act and plan.selects("credential", plan.credential):
        yield _warning(
            f"{act} the credential {plan.shown(plan.credential)} of the data source that this restore reads through."
        )
    elif act and not plan.credential and plan.names("credential"):
        yield _warning(
            f"{act} credentials. Which one the data source of this restore uses is not known: it may be among them."
        )


CREDENTIAL = ObjectType(
    "credential",
    "Stored logins for storage and services outside.",
    Explanation(
        does="Restores credentials by name. Data sources and data sinks log in with them.",
        default="No credential is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"credential": "sales.erp_login", "datasource": "sales.order_feed"}',
            "A user dropped sales.erp_login and the data source that uses it.",
            "Both exist as they were in the snapshot.",
        ),
        related=(
            Interaction(
                ("datasource", "datasink"),
                "They use credentials: restore them in the same request.",
                INFERRED,
            ),
            Interaction(
                ("restore_policy",),
                "Under replace, the credential of the data source that holds the backups can be overwritten: the "
                "restore reads through it.",
                INFERRED,
                loss=True,
            ),
        ),
        pitfalls=(
            "The secret outside was changed after the snapshot: the restored one is the old one, and no longer fits.",
        ),
        reference=f"{MAP}.credential",
        not_documented=("Whether the secret itself is in the backup. Test the access after the restore.",),
    ),
    "Credentials",
    True,
    warnings=_on_credentials,
)

DATASINK = ObjectType(
    "datasink",
    "Data sinks: where Kinetica writes to.",
    Explanation(
        does="Restores data sinks by name.",
        default="No data sink is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"datasink": "sales.invoice_bucket"}',
            "The data sink sales.invoice_bucket was dropped.",
            "sales.invoice_bucket exists as it was in the snapshot. The contents of the bucket are not touched.",
        ),
        related=(
            Interaction(
                ("credential",), "The login of the sink: restore it too if it was dropped.", INFERRED
            ),
            Interaction(("monitor",), "A stream may write through a sink.", INFERRED),
        ),
        pitfalls=("The sink has the location that it had in the snapshot, which may have changed since.",),
        reference=f"{MAP}.datasink",
        not_documented=("Whether a sink is tried when it is restored.",),
    ),
    "Data sinks",
    True,
)


def _on_data_sources(plan: PlanView) -> Iterator[PlanWarning]:
    act = _act(plan)
    if act and plan.selects("datasource", plan.data_source):
        yield _warning(
            f"{act} the data source {plan.shown(plan.data_source)}, which this restore reads through."
        )


DATASOURCE = ObjectType(
    "datasource",
    "Data sources: where Kinetica reads from.",
    Explanation(
        does="Restores data sources by name.",
        default="No data source is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"datasource": "sales.order_feed"}',
            "The data source sales.order_feed was dropped.",
            "sales.order_feed exists as it was in the snapshot. The contents of the storage are not touched.",
        ),
        related=(
            Interaction(
                ("credential",), "The login of the source: restore it as well if it was dropped.", INFERRED
            ),
            Interaction(
                ("restore_subscriptions",),
                "A table's subscription reads through a data source, which it needs.",
                f"{OPTIONS}.restore_subscriptions",
            ),
            Interaction(
                ("restore_policy",),
                "Under replace, the data source that the restore reads through can be overwritten by itself.",
                INFERRED,
                loss=True,
            ),
        ),
        pitfalls=(
            "The data source that holds the backups was dropped itself: the restore reads through it, so it must "
            "exist first. Create it manually.",
        ),
        reference=f"{MAP}.datasource",
        not_documented=("Whether a source is tried when it is restored.",),
    ),
    "Data sources",
    True,
    warnings=_on_data_sources,
)

RESOURCE_GROUP = ObjectType(
    "resource_group",
    "Limits on how much of the machine users may take.",
    Explanation(
        does="Restores resource groups by name. They live in no schema: write rg_batch, not sales.rg_batch.",
        default="No resource group is restored; all does not cover them.",
        example=Example(
            '"restore_objects_map": {"resource_group": "rg_campaign"}',
            "The resource group rg_campaign was removed.",
            "rg_campaign exists, with the limits that it had in the snapshot.",
        ),
        related=(
            Interaction(
                ("restore_policy",),
                "rename does not apply to resource groups: what happens to an existing one is not documented.",
                POLICY,
            ),
            Interaction(("all",), "Whole schemas do not include resource groups.", f"{MAP}.all"),
        ),
        pitfalls=("The group exists: under none the restore aborts with an error, replace overwrites it.",),
        reference=f"{MAP}.resource_group",
        not_documented=(
            "Whether users are assigned to the group again.",
            EXISTING_ONE.format(what="a resource group"),
        ),
        since="7.2.3.9",
    ),
    "Resource groups",
    False,
)


def _on_roles(plan: PlanView) -> Iterator[PlanWarning]:
    """Which of the selected roles are those of the connected user, as far as the server shows it."""
    roles = plan.names("role")
    if not roles or not plan.has(Effect.OVERWRITES):
        return
    held = plan.own_roles(roles)
    if held:
        yield _warning(
            f"Replaces {plan.few(held)}: {'a role' if len(held) == 1 else 'roles'} of the user that sends this "
            "restore. Permissions may change while it runs.",
            needs_user_name=True,
        )
    else:
        yield _warning(
            f"Replaces {counted(len(roles), 'role')}. Which roles the user that sends this restore has is not known "
            "for certain: each of these may be one.",
            needs_user_name=True,
        )


ROLE = ObjectType(
    "role",
    "Roles with their members and their permissions.",
    Explanation(
        does="Restores the role, who is in it (users and roles, recursively), and the permissions that go with it.",
        default="No role is restored; all does not cover them.",
        example=Example(
            '"restore_objects_map": {"role": "seasonal_staff"}',
            "The role seasonal_staff was dropped. Its members lost what it allowed them.",
            "The role exists, with the members and the permissions that it had in the snapshot.",
        ),
        related=(
            Interaction(
                ("restore_all_permissions",),
                "Where the server has it, this decides which permissions are restored.",
                "client changelog 7.2.3.10",
            ),
            Interaction(
                ("user",), "Users are members of roles. They have a type of their own.", f"{MAP}.role"
            ),
            Interaction(
                ("restore_policy",),
                "rename does not apply to roles: what happens to an existing role is not documented.",
                POLICY,
            ),
        ),
        pitfalls=("A member that was taken out of the role after the snapshot is in it again.",),
        reference=f"{MAP}.role",
        not_documented=(
            "What happens to a member who does not exist any more.",
            EXISTING_ONE.format(what="a role"),
        ),
    ),
    "Roles",
    False,
    warnings=_on_roles,
)


def _on_users(plan: PlanView) -> Iterator[PlanWarning]:
    users = plan.names("user")
    if not users or not plan.has(Effect.OVERWRITES):
        return
    if plan.user in users:
        yield _warning(
            f"Replaces the user {plan.shown(plan.user)} that sends this restore: password and permissions may change "
            "while it runs.",
            needs_user_name=True,
        )
    elif not plan.user:
        yield _warning("Replaces users. Which user sends this restore is not known: it may be among them.")


USER = ObjectType(
    "user",
    "Users, internal and external, with their permissions.",
    Explanation(
        does="Restores users, internal and external ones, and the permissions that go with them.",
        default="No user is restored; all does not cover them.",
        example=Example(
            '"restore_objects_map": {"user": "chen"}',
            "The user chen was dropped by mistake.",
            "chen exists, with the permissions of the snapshot.",
        ),
        related=(
            Interaction(
                ("restore_all_permissions",),
                "On a server that has it, only permissions on restored objects are restored by default.",
                "client changelog 7.2.3.10",
            ),
            Interaction(("role",), "A role is restored with its members.", f"{MAP}.role"),
            Interaction(
                ("restore_policy",),
                "rename does not apply to users: what happens to an existing user is not documented.",
                POLICY,
            ),
            Interaction(
                ("restore_policy",),
                "Under replace, the user that sends the restore can be overwritten by it.",
                INFERRED,
                loss=True,
            ),
        ),
        pitfalls=("A permission that was taken away after the snapshot may be granted again.",),
        reference=f"{MAP}.user",
        not_documented=(
            "Which password an internal user has afterwards.",
            EXISTING_ONE.format(what="a user"),
        ),
    ),
    "Users",
    False,
    warnings=_on_users,
)

DIRECTORY = ObjectType(
    "directory",
    "Directories of KiFS, the file system in the database.",
    Explanation(
        does="Restores directories of KiFS by name.",
        default="No directory is restored.",
        example=Example(
            '"restore_objects_map": {"directory": "ci_artifacts"}',
            "The KiFS directory ci_artifacts was deleted.",
            "ci_artifacts exists again.",
        ),
        pitfalls=("The server is older than 7.2.3.18: it refuses a type that it does not know.",),
        reference="not in the API reference: client changelog 7.2.3.10",
        not_documented=(
            "Whether the files of a directory are restored with it.",
            "Whether all covers a directory: an early reference leaves directories out.",
            EXISTING_ONE.format(what="a directory"),
        ),
        since="7.2.3.18",
        undocumented=True,
    ),
    "KiFS directories",
    False,
    free_names=True,
)

CATALOG = ObjectType(
    "catalog",
    "Catalogs of a data lake outside of the database.",
    Explanation(
        does="Restores the definition of a catalog: where the data lake is, and how it is reached.",
        default="No catalog is restored.",
        example=Example(
            '"restore_objects_map": {"catalog": "lakehouse"}',
            "The catalog lakehouse was dropped.",
            "The catalog lakehouse exists as it was in the snapshot.",
        ),
        related=(
            Interaction(
                ("credential", "datasource"),
                "A catalog is created with one of these; it may need it.",
                "CREATE CATALOG, Parameters",
            ),
            Interaction(
                ("table",), "External tables may depend on a catalog.", "Data Lake Catalogs, External tables"
            ),
        ),
        pitfalls=("The server is older than 7.2.3.13: the type is unknown there and refused.",),
        reference="not in the API reference: client changelog 7.2.3.11",
        not_documented=(
            "Whether anything of the data in the lake is in the backup. The catalog is described as external.",
            "What replace does while external tables depend on the catalog.",
            EXISTING_ONE.format(what="a catalog"),
        ),
        since="7.2.3.13",
        undocumented=True,
    ),
    "Data lake catalogs",
    False,
    free_names=True,
)
