"""``/execute/sql``, as far as it is needed here: SELECT from the history of backups and restores, and NOW()."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from restore_tui.demo.history import history
from restore_tui.demo.model import HistoryRow, World
from restore_tui.demo.protocol import Body, Refusal, RequestFields

CALL = "execute_sql"
TABLE = ("ki_catalog", "ki_backup_history")
END_OF_SET = -9999
"""As ``limit``: all records."""

COLUMNS = {
    "query_id": "string",
    "backup_name": "string",
    "backup_id": "long",
    "operation": "string",
    "objects": "string",
    "user_name": "string",
    "job_id": "long",
    "backup_kind": "string",
    "status": "string",
    "start_time": "datetime",
    "end_time": "datetime",
    "num_files": "long",
    "num_bytes": "long",
    "num_records": "long",
    "event_message": "string",
    "additional_info": "string",
}
NULLABLE = ("backup_id", "end_time")

FIELDS = ("statement", "offset", "limit", "encoding", "request_schema_str", "data", "options")
OPTIONS: dict[str, tuple[str, ...]] = dict.fromkeys(
    (
        "cost_based_optimization", "current_schema", "distributed_joins", "distributed_operations",
        "ignore_existing_pk", "late_materialization", "paging_table", "paging_table_ttl", "parallel_execution",
        "plan_cache", "prepare_mode", "preserve_dict_encoding", "query_parameters", "results_caching",
        "rule_based_optimization", "ssq_optimization", "ttl", "update_on_existing_pk", "validate_change_column",
    ),
    (),
)  # fmt: skip

NOW = re.compile(r"SELECT\s+NOW\(\)\s*;?", re.IGNORECASE)

TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')|(?P<quoted>"[^"]+")|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<number>[0-9]{1,18})|(?P<sign>[^\s'"A-Za-z0-9_]))"""
)


@dataclass(frozen=True)
class Select:
    """One statement, read. ``where`` are (column, text) that have to be equal; ``limit`` None means all."""

    columns: list[str]
    where: list[tuple[str, str]]
    order_by: str = ""
    descending: bool = False
    limit: int | None = None


def execute_sql(world: World, now: Callable[[], datetime], body: Any) -> Body:
    """The answer in JSON encoding: columns by number, their names and types beside them. ``now`` is the server's clock.
    Raises Refusal."""
    fields = RequestFields(CALL, body, FIELDS)
    statement = fields.text("statement")
    offset = fields.integer("offset", 0)
    limit = fields.integer("limit", END_OF_SET)
    encoding = fields.text("encoding", "binary")
    fields.text("request_schema_str", "")
    fields.texts("data", [])
    fields.options(OPTIONS)
    if encoding != "json":
        raise Refusal(f"Encoding '{encoding}' is not served here; ask for json ({CALL}, REQ:1007)")
    if offset < 0 or (limit < 0 and limit != END_OF_SET):
        raise Refusal(f"Parameters 'offset' and 'limit' must not be negative ({CALL}, REQ:1008)")
    if NOW.fullmatch(statement.strip()):
        told = {"column_1": [_shown(now())], "column_headers": ["EXPR_0"], "column_datatypes": ["datetime"]}
        return _table(_schema_of({"column_1": "string"}), told, total=1, more=False)
    select = parse(statement)
    with world.lock:
        rows = _chosen(history(world), select)
    shown = rows[offset:] if limit == END_OF_SET else rows[offset : offset + limit]
    more = offset + len(shown) < len(rows)
    return _table(_schema(select.columns), _encoded(shown, select.columns), total=len(rows), more=more)


def _table(schema: str, encoded: Body, *, total: int, more: bool) -> Body:
    return {
        "count_affected": 0,
        "response_schema_str": schema,
        "binary_encoded_response": "",
        "json_encoded_response": json.dumps(encoded),
        "total_number_of_records": total,
        "has_more_records": more,
        "paging_table": "",
        "info": {},
    }


def parse(statement: str) -> Select:
    """Raises Refusal in the words of an SQL engine."""
    return _Parser(statement).select()


def _chosen(rows: list[HistoryRow], select: Select) -> list[HistoryRow]:
    found = [row for row in rows if all(_text(row, column) == text for column, text in select.where)]
    if select.order_by:
        # As in SQL, what is unknown comes first, and last when the order is turned round.
        found.sort(key=lambda row: _sort_key(row, select.order_by), reverse=select.descending)
    return found[: select.limit]


def _sort_key(row: HistoryRow, column: str) -> tuple[bool, Any]:
    value = _value(row, column)
    return (value is not None, value)


def _text(row: HistoryRow, column: str) -> str | None:
    value = _value(row, column)
    return None if value is None else str(value)


def _value(row: HistoryRow, column: str) -> Any:
    value = getattr(row, column)
    return _shown(value) if isinstance(value, datetime) else value


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03}"


def _encoded(rows: list[HistoryRow], columns: list[str]) -> Body:
    numbered = {
        f"column_{number}": [_value(row, column) for row in rows] for number, column in enumerate(columns, 1)
    }
    return {**numbered, "column_headers": columns, "column_datatypes": [COLUMNS[name] for name in columns]}


def _schema(columns: list[str]) -> str:
    """The Avro schema by which the official client reads the columns."""

    def items(column: str) -> Any:
        plain = "long" if COLUMNS[column] == "long" else "string"
        return [plain, "null"] if column in NULLABLE else plain

    return _schema_of({f"column_{number}": items(column) for number, column in enumerate(columns, 1)})


def _schema_of(arrays: dict[str, Any]) -> str:
    arrays |= {"column_headers": "string", "column_datatypes": "string"}
    fields = [{"name": name, "type": {"type": "array", "items": kind}} for name, kind in arrays.items()]
    return json.dumps({"type": "record", "name": "generic_response", "fields": fields})


@dataclass(frozen=True)
class _Token:
    """``kind`` is one of the groups of TOKEN, or ``end``."""

    kind: str
    text: str
    position: int


class _Parser:
    """A cursor over the tokens of one statement."""

    def __init__(self, statement: str):
        self._tokens = _tokens(statement)
        self._next = 0

    def select(self) -> Select:
        self._expect("SELECT")
        columns = list(COLUMNS) if self._takes("*") else self._list(self._column, ",")
        self._expect("FROM")
        self._table()
        where = self._list(self._comparison, "AND") if self._takes("WHERE") else []
        order_by, descending = "", False
        if self._takes("ORDER"):
            self._expect("BY")
            order_by = self._column()
            descending = not self._takes("ASC") and self._takes("DESC")
        limit = int(self._take("number", "a number")) if self._takes("LIMIT") else None
        self._takes(";")
        if self._token.kind != "end":
            raise self._unexpected("the end of the statement")
        return Select(columns, where, order_by, descending, limit)

    def _table(self) -> None:
        schema = self._name("a table")
        table = self._name("a table") if self._takes(".") else ""
        if (schema, table) != TABLE:
            shown = f"{schema}.{table}" if table else schema
            raise Refusal(f"Object '{shown}' not found; here is only {'.'.join(TABLE)} ({CALL}, SQL:1803)")

    def _comparison(self) -> tuple[str, str]:
        column = self._column()
        self._expect("=")
        if self._token.kind == "number":
            return column, self._take("number", "a number")
        return column, self._take("string", "a literal in single quotes")[1:-1].replace("''", "'")

    def _column(self) -> str:
        name = self._name("a column")
        if name not in COLUMNS:
            raise Refusal(f"Column '{name}' not found in any table ({CALL}, SQL:1802)")
        return name

    def _name(self, wanted: str) -> str:
        if self._token.kind == "quoted":
            return self._take("quoted", wanted)[1:-1]
        return self._take("word", wanted).lower()

    def _list(self, part: Callable[[], Any], separator: str) -> list[Any]:
        parts = [part()]
        while self._takes(separator):
            parts.append(part())
        return parts

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _takes(self, text: str) -> bool:
        """Whether the next token is this keyword or sign; if so, it is behind us."""
        if self._token.kind not in ("word", "sign") or self._token.text.upper() != text:
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._unexpected(text)

    def _take(self, kind: str, wanted: str) -> str:
        token = self._token
        if token.kind != kind:
            raise self._unexpected(wanted)
        self._next += 1
        return token.text

    def _unexpected(self, wanted: str) -> Refusal:
        found = f"'{self._token.text}'" if self._token.text else "the end"
        return Refusal(
            f"SQL error: encountered {found} at position {self._token.position}, expected {wanted}; served here are "
            f"SELECT statements on {'.'.join(TABLE)} ({CALL}, SQL:1801)"
        )


def _tokens(statement: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    text = statement.rstrip()
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise Refusal(
                f"SQL error: lexical error at position {position + 1}: quote without its end ({CALL}, SQL:1801)"
            )
        kind = found.lastgroup
        tokens.append(_Token(kind, found[kind], found.start(kind) + 1))
        position = found.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens
