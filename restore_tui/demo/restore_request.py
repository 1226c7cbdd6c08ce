"""A ``/restore/backup`` request, read and checked against what the server's version knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from restore_tui.demo.protocol import Refusal, RequestFields
from restore_tui.demo.version import ServerVersion
from restore_tui.kinetica.reference import OPTIONS, may_have_schema, option

CALL = "restore_backup"
FIELDS = ("backup_name", "restore_objects_map", "datasource_name", "options")

SCHEMA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ #{}\[\]():-]{0,199}")


@dataclass(frozen=True)
class RestoreRequest:
    """What a restore asks for. ``asked`` maps type → names, each once; options are complete, with their defaults.

    ``types`` are those that the server's version knows. ``all_permissions`` is true as well where the version lacks the
    option: its reference speaks of permissions without a limit. ``target_schemas`` maps source → target.
    """

    backup_name: str
    datasource: str
    asked: dict[str, list[str]]
    backup_id: str
    policy: str
    renamed_objects_schema: str
    create_schemas: bool
    ddl_only: bool
    reingest: bool
    subscriptions: str
    checksum: bool
    dry_run: bool
    types: frozenset[str]
    all_permissions: bool
    target_schemas: Mapping[str, str]
    cascade_foreign_keys: bool

    def place(self, kind: str, name: str) -> str:
        """The name under which an object comes back."""
        schema, dot, rest = name.partition(".")
        if not dot or not may_have_schema(kind):
            return name
        return f"{self.target_schemas.get(schema, schema)}.{rest}"


def read_restore_request(body: Any, version: ServerVersion) -> RestoreRequest:
    """The request in a JSON body. Raises Refusal for anything that the server's version does not take."""
    fields = RequestFields(CALL, body, FIELDS)
    sent = fields.options(version.restore_options())
    options = {known.name: sent.get(known.name, known.default) for known in OPTIONS}
    return RestoreRequest(
        backup_name=fields.text("backup_name", ""),
        datasource=fields.text("datasource_name"),
        asked=_asked(fields.text_map("restore_objects_map"), version),
        backup_id=options["backup_id"],
        policy=options["restore_policy"],
        renamed_objects_schema=_schema_name(options["renamed_objects_schema"], "renamed_objects_schema"),
        create_schemas=options["create_schema_if_not_exist"] == "true",
        ddl_only=options["ddl_only"] == "true",
        reingest=options["reingest"] == "true",
        subscriptions=options["restore_subscriptions"],
        checksum=options["checksum"] == "true",
        dry_run=options["dry_run"] == "true",
        types=frozenset(version.object_types()),
        all_permissions=options["restore_all_permissions"] == "true"
        or not version.has(option("restore_all_permissions").since),
        target_schemas=_target_schemas(options["target_schema_map"]),
        cascade_foreign_keys=options["cascade_foreign_keys"] == "true",
    )


def _asked(objects_map: dict[str, str], version: ServerVersion) -> dict[str, list[str]]:
    if not objects_map:
        raise Refusal(f"Parameter 'restore_objects_map' must not be empty ({CALL}, OBJ:1401)")
    types = version.object_types()
    asked: dict[str, list[str]] = {}
    for kind, listed in objects_map.items():
        if kind not in types:
            raise Refusal(
                f"Unknown object type '{kind}' in parameter 'restore_objects_map' ({CALL}, OBJ:1402)"
            )
        names = [name.strip() for name in listed.split(",")]
        if not all(names):
            raise Refusal(
                f"Empty object name for type '{kind}' in parameter 'restore_objects_map' ({CALL}, OBJ:1403)"
            )
        asked[kind] = list(dict.fromkeys(names))
    return asked


def _target_schemas(text: str) -> dict[str, str]:
    """``src: dst, src2: dst2``, read at the first colon of each."""
    targets: dict[str, str] = {}
    for part in text.split(",") if text else ():
        source, colon, target = (piece.strip() for piece in part.partition(":"))
        if not colon or not source or not target or source in targets:
            raise Refusal(
                f"Option 'target_schema_map' must be 'source: target, ...' with each source once, not '{text}' "
                f"({CALL}, OPT:1206)"
            )
        targets[source] = _schema_name(target, "target_schema_map")
    return targets


def _schema_name(name: str, option_name: str) -> str:
    if name and not SCHEMA_NAME.fullmatch(name):
        raise Refusal(f"Option '{option_name}' is not a valid schema name: '{name}' ({CALL}, OPT:1204)")
    return name
