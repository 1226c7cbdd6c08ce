"""The object types that hold data, or work on it: what they are, in words to learn from."""

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

DOCUMENTS_DISAGREE = (
    "Whether names have a schema: CREATE {statement} does not accept one, other pages say that every object has "
    "one."
)

ALL = ObjectType(
    "all",
    "All that the snapshot holds of a schema.",
    Explanation(
        does="Takes schema names, not object names. All object types and all data of these schemas are restored.",
        default="No schema is restored as a whole, only the objects named under their own types.",
        example=Example(
            '"restore_objects_map": {"all": "sales"}',
            "The schema sales was dropped, with its tables, views and procedures.",
            "sales exists again, with all that the snapshot holds of it. Other schemas are as they were.",
        ),
        related=(
            Interaction(
                ("user", "role", "resource_group"),
                "They live in no schema, so this does not cover them. Name them under their own types.",
                f"{MAP}.all",
            ),
            Interaction(
                ("create_schema_if_not_exist",),
                "By default it creates the missing schema.",
                f"{OPTIONS}.create_schema_if_not_exist",
            ),
            Interaction(
                ("restore_policy",),
                "Under none, a single object of the schema that still exists aborts the restore with an error.",
                f"{OPTIONS}.restore_policy",
            ),
            Interaction(
                ("target_schema_map",), "Restores the schema under another name.", "client changelog 7.2.3.11"
            ),
        ),
        pitfalls=(
            "Only part of the schema was dropped: what is left of it are conflicts. The dry run shows them; "
            "restore_policy decides.",
            "An object that was created after the snapshot is not in it. It is neither restored nor removed.",
        ),
        reference=f"{MAP}.all",
        not_documented=(
            "What a server makes of an object that is also named under its own type.",
            "Whether functions, function environments and directories are covered. An early reference leaves out "
            "functions and directories.",
            "Under none: whether objects that were restored before the conflict stay.",
        ),
    ),
    "Whole schemas",
    False,
)


def _on_empty_tables(plan: PlanView) -> Iterator[PlanWarning]:
    """Tables that a full snapshot holds without records, and that exist now."""
    empty = plan.emptied_tables
    overwrites = plan.has(Effect.OVERWRITES)
    if not empty or plan.has(Effect.WITHOUT_RECORDS) or not (overwrites or plan.has(Effect.MOVES_AWAY)):
        return
    what = "EMPTIES" if overwrites else "Puts an empty table in the place of"
    verbs = ("exists", "has") if len(empty) == 1 else ("exist", "have")
    tables = counted(len(empty), "table")
    yield PlanWarning(
        f"{what} {tables} that {verbs[0]} now and {verbs[1]} no records in this full snapshot: {plan.few(empty)}.",
        destructive=overwrites,
        loss=f"{tables} EMPTIED" if overwrites else "",
    )


TABLE = ObjectType(
    "table",
    "Tables with their data, and SQL views.",
    Explanation(
        does="Restores single tables and views by name, such as sales.orders. It is the usual case.",
        default="No table is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"table": "sales.orders"}',
            "sales.orders was dropped at 17:40. The snapshot is of 02:00.",
            "sales.orders is there as it was at 02:00. What was written to it after that is not in the snapshot.",
        ),
        related=(
            Interaction(("ddl_only",), "Restores the definition without the data.", f"{OPTIONS}.ddl_only"),
            Interaction(("reingest",), "Decides how the data is loaded.", f"{OPTIONS}.reingest"),
            Interaction(
                ("restore_subscriptions",),
                "Decides what happens to the subscriptions that fed the table.",
                f"{OPTIONS}.restore_subscriptions",
            ),
            Interaction(
                ("cascade_foreign_keys",),
                "Other tables may have foreign keys to the one that is replaced.",
                "client changelog 7.2.3.13",
            ),
            Interaction(("all",), "Takes all tables of a schema, and everything else in it.", f"{MAP}.all"),
        ),
        pitfalls=(
            "The table had an active subscription: by default the subscription resumes.",
            "The table exists, and the policy is none: the restore aborts with an error.",
        ),
        reference=f"{MAP}.table",
        not_documented=("What happens to a view whose tables are not there.",),
    ),
    "Tables and views",
    True,
    warnings=_on_empty_tables,
)

CONTEXT = ObjectType(
    "context",
    "Contexts of SQL-GPT, which turns plain text into SQL.",
    Explanation(
        does="Restores contexts of SQL-GPT by name.",
        default="No context is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"context": "sales.ctx_orders"}',
            "The context sales.ctx_orders was dropped. Its tables exist.",
            "sales.ctx_orders exists as it was in the snapshot.",
        ),
        related=(
            Interaction(
                ("table",), "The tables that a context refers to are not restored with it.", INFERRED
            ),
        ),
        pitfalls=("The context was restored and its tables were not: name them as well.",),
        reference=f"{MAP}.context",
        not_documented=("Whether the tables of a context have to exist when it is restored.",),
    ),
    "SQL-GPT contexts",
    True,
)

FUNCTION_ENVIRONMENT = ObjectType(
    "function_environment",
    "Environments that Python UDFs run in.",
    Explanation(
        does="Restores the environments of Python user-defined functions by name.",
        default="No environment is restored. Whether all covers them is not documented.",
        example=Example(
            '"restore_objects_map": {"function_environment": "py311_ml"}',
            "py311_ml was dropped, and the Python functions that ran in it fail.",
            "py311_ml exists as it was in the snapshot.",
        ),
        related=(
            Interaction(
                ("user_defined_function",),
                "A Python function needs its environment: restore both in one request.",
                INFERRED,
            ),
        ),
        pitfalls=("The server is older than 7.2.3.9: it knows no such type and refuses the request.",),
        reference=f"{MAP}.function_environment",
        not_documented=(
            "In what order one request restores an environment and its functions.",
            DOCUMENTS_DISAGREE.format(statement="FUNCTION ENVIRONMENT"),
            "Whether all, rename and target_schema_map act on environments.",
        ),
        since="7.2.3.9",
    ),
    "UDF environments",
    None,
)

GRAPH = ObjectType(
    "graph",
    "Definitions of graphs.",
    Explanation(
        does="Restores the definition of a graph.",
        default="No graph is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"graph": "sales.delivery_routes", "table": "sales.shipments"}',
            "The graph sales.delivery_routes and its source table sales.shipments were dropped.",
            "Table and graph exist again.",
        ),
        related=(
            Interaction(
                ("table",),
                "The source tables of a graph, if it has any, are required in order to restore it.",
                "client changelog 7.2.3.8",
            ),
        ),
        pitfalls=("A source table is neither selected nor on the server.",),
        reference=f"{MAP}.graph",
        not_documented=(
            "Whether the source tables of a graph are restored with it. Only its definition is named.",
            "Whether results that were solved on the graph are restored.",
            "What the backup holds of graphs: the administration guide still lists them as not backed up.",
        ),
        since="7.2.3.13",
    ),
    "Graphs",
    True,
)

MONITOR = ObjectType(
    "monitor",
    "Table monitors and SQL streams: they watch a table.",
    Explanation(
        does="Restores table monitors and SQL streams by name.",
        default="No monitor is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"monitor": "sales.new_orders_stream"}',
            "The stream sales.new_orders_stream was dropped. The table that it watches exists.",
            "The stream exists as it was in the snapshot.",
        ),
        related=(
            Interaction(("table",), "A monitor watches a table, which is not restored with it.", INFERRED),
            Interaction(("datasink",), "A stream that writes to a data sink needs it.", INFERRED),
        ),
        pitfalls=(
            "The stream is restored, and nothing arrives: check whether its table and its sink exist.",
        ),
        reference=f"{MAP}.monitor",
        not_documented=(
            "Whether the table has to exist when the monitor is restored.",
            "Whether changes of the time between snapshot and restore are ever sent.",
        ),
    ),
    "Monitors and streams",
    True,
)

STORED_PROCEDURE = ObjectType(
    "stored_procedure",
    "Stored SQL procedures.",
    Explanation(
        does="Restores SQL procedures by name.",
        default="No procedure is restored, except those of a schema named under all.",
        example=Example(
            '"restore_objects_map": {"stored_procedure": "sales.close_day"}',
            "The procedure sales.close_day was dropped.",
            "sales.close_day exists as it was in the snapshot.",
        ),
        related=(
            Interaction(
                ("table",), "The tables that a procedure works on are not restored with it.", INFERRED
            ),
        ),
        pitfalls=("An older version of the procedure is restored: the one in the snapshot.",),
        reference=f"{MAP}.stored_procedure",
        not_documented=("Whether a procedure with a schedule starts to run by itself once it is restored.",),
    ),
    "SQL procedures",
    True,
)

USER_DEFINED_FUNCTION = ObjectType(
    "user_defined_function",
    "UDFs: functions of your own, which run in the database.",
    Explanation(
        does="Restores user-defined functions by name.",
        default="No function is restored. Whether all covers them is not documented.",
        example=Example(
            '"restore_objects_map": {"user_defined_function": "geocode", "function_environment": "py311_ml"}',
            "The function geocode and its environment were dropped.",
            "Function and environment exist as they were in the snapshot.",
        ),
        related=(
            Interaction(
                ("function_environment",), "A Python function needs the one that it runs in.", INFERRED
            ),
        ),
        pitfalls=("The server is older than 7.2.3.9 and refuses a type that it does not know.",),
        reference=f"{MAP}.user_defined_function",
        not_documented=(
            "Whether the files of a function are restored with it, or only its definition.",
            DOCUMENTS_DISAGREE.format(statement="FUNCTION"),
            "Whether all, rename and target_schema_map act on functions. An early reference leaves them out of all.",
        ),
        since="7.2.3.9",
    ),
    "User-defined functions",
    None,
)
