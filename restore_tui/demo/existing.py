"""What is live, as the server shows it: schemas with their tables, data sinks, credentials, users and roles.

The demo user is an administrator and sees everything.
"""

from __future__ import annotations

import json
from typing import Any

from restore_tui.demo.model import Permission, World
from restore_tui.demo.protocol import Body, Refusal, RequestFields
from restore_tui.demo.shows import BOOLEAN

HIDDEN = "********"


def show_schema(world: World, body: Any) -> Body:
    """All schemas for a blank name, each with its tables and views, which are named without it."""
    fields = RequestFields("show_schema", body, ("schema_name", "options"))
    name = fields.text("schema_name")
    tolerant = fields.options({"no_error_if_not_exists": BOOLEAN}).get("no_error_if_not_exists") == "true"
    with world.lock:
        tables: dict[str, list[str]] = {
            schema: [] for schema in sorted(world.schemas) if name in ("", schema)
        }
        for thing in world.live.values():
            if thing.type == "table" and thing.schema in tables:
                tables[thing.schema].append(thing.name.partition(".")[2])
    if name and not tables and not tolerant:
        raise Refusal(f"Schema '{name}' does not exist (show_schema, SCH:1601)")
    return {
        "schema_name": name,
        "schema_names": list(tables),
        "schema_tables": [sorted(held) for held in tables.values()],
        "additional_info": [{"num_tables": str(len(held))} for held in tables.values()],
        "info": {},
    }


def show_datasink(world: World, body: Any) -> Body:
    fields = RequestFields("show_datasink", body, ("name", "options"))
    name = fields.text("name")
    fields.options({})
    names = _live(world, "datasink", name, "Data sink", "show_datasink, DSNK:1701")
    kinds = ["s3" if sink.endswith("bucket") else "kafka" for sink in names]
    return {
        "datasink_names": names,
        "destination_types": kinds,
        "additional_info": [
            {"destination": f"{kind}://store.shop.example", "user_name": ""} for kind in kinds
        ],
        "info": {},
    }


def show_credential(world: World, body: Any) -> Body:
    """Each with its type and identity; the secret is not told."""
    fields = RequestFields("show_credential", body, ("credential_name", "options"))
    name = fields.text("credential_name")
    fields.options({})
    names = _live(world, "credential", name, "Credential", "show_credential, CRED:1801")
    kinds = ["aws_access_key" if "s3" in credential else "jdbc" for credential in names]
    identities = [credential.partition(".")[2] for credential in names]
    return {
        "credential_names": names,
        "credential_types": kinds,
        "credential_identities": identities,
        "credentials": [
            json.dumps({"credential_name": credential, "type": kind, "identity": identity, "secret": HIDDEN})
            for credential, kind, identity in zip(names, kinds, identities, strict=True)
        ],
        "additional_info": [{} for _ in names],
        "info": {},
    }


def show_security(world: World, caller: str, body: Any) -> Body:
    """Users and roles, with what was granted to them; all of them for no name. ``caller`` is an administrator."""
    fields = RequestFields("show_security", body, ("names", "options"))
    names = fields.texts("names")
    own = fields.options({"show_current_user": BOOLEAN}).get("show_current_user") == "true"
    with world.lock:
        live = {name: thing for (kind, name), thing in world.live.items() if kind in ("user", "role")}
    types = {caller: "internal_user"} | {name: _type(thing.type, name) for name, thing in live.items()}
    granted = {name: [_permission(held) for held in thing.permissions] for name, thing in live.items()}
    granted[caller] = [*granted.get(caller, []), {"permission": "system_admin"}]
    for name in names:
        if name not in types:
            raise Refusal(f"User or role '{name}' does not exist (show_security, SEC:1303)")
    shown = sorted([caller] if own else names or types)
    return {
        "types": {name: types[name] for name in shown},
        "roles": {name: [] for name in shown},
        "permissions": {name: granted[name] for name in shown},
        "resource_groups": {
            name: "kinetica_default_resource_group" for name in shown if types[name] != "role"
        },
        "info": {},
    }


def _live(world: World, kind: str, wanted: str, word: str, where: str) -> list[str]:
    """The names of the live objects of a type: all for ``*``, else the one. Raises Refusal where it is not there."""
    with world.lock:
        names = sorted(name for held, name in world.live if held == kind and wanted in ("*", name))
    if wanted != "*" and not names:
        raise Refusal(f"{word} '{wanted}' does not exist ({where})")
    return names


def _type(kind: str, name: str) -> str:
    if kind == "role":
        return "role"
    return "external_user" if name.startswith("ldap") else "internal_user"


def _permission(held: Permission) -> dict[str, str]:
    what, on = held
    return {"permission": what, "object_name": on} if on else {"permission": what}
