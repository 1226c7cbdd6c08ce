"""A ``/restore/backup`` request, read and checked against what the server's version knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from restore_tui.demo.versions import ServerVersion
from restore_tui.demo.wire import Refusal, RequestFields
from restore_tui.kinetica.catalogue import OPTIONS

CALL = "restore_backup"
FIELDS = ("backup_name", "restore_objects_map", "datasource_name", "options")

SCHEMA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ #{}\[\]():-]{0,199}")


@dataclass(frozen=True)
class RestoreRequest:
    """What a restore asks for. ``asked`` maps type → names, each once; options are complete, with their defaults."""

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


def read_restore_request(body: Any, version: ServerVersion) -> RestoreRequest:
    """The request in a JSON body. Raises Refusal for anything that the server's version does not take."""
    fields = RequestFields(CALL, body, FIELDS)
    sent = fields.options(version.restore_options())
    options = {option.name: sent.get(option.name, option.default) for option in OPTIONS}
    return RestoreRequest(
        backup_name=fields.text("backup_name", ""),
        datasource=fields.text("datasource_name"),
        asked=_asked(fields.text_map("restore_objects_map"), version),
        backup_id=options["backup_id"],
        policy=options["restore_policy"],
        renamed_objects_schema=_schema_name(options["renamed_objects_schema"]),
        create_schemas=options["create_schema_if_not_exist"] == "true",
        ddl_only=options["ddl_only"] == "true",
        reingest=options["reingest"] == "true",
        subscriptions=options["restore_subscriptions"],
        checksum=options["checksum"] == "true",
        dry_run=options["dry_run"] == "true",
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


def _schema_name(name: str) -> str:
    if name and not SCHEMA_NAME.fullmatch(name):
        raise Refusal(
            f"Option 'renamed_objects_schema' is not a valid schema name: '{name}' ({CALL}, OPT:1204)"
        )
    return name
