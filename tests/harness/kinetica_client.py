"""Clients of the faulty server, their secrets, and the body of a restore."""

from __future__ import annotations

from typing import Any

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from tests.harness.servers.faulty_server import Server

USER = "night_operator"
PASSWORD = "corr3ct-horse"
TOKEN = "eyJhbGciOi.bearer-thing"
BASIC = "bmlnaHRfb3BlcmF0b3I6Y29ycjNjdC1ob3JzZQ=="
SECRETS = (PASSWORD, TOKEN, BASIC)
LOGIN = Login(USER, Secret(PASSWORD))

RESTORED = {
    "backup_name": "nightly",
    "backup_id": 1732000000000,
    "restored_bytes": 4096,
    "restored_files": 3,
    "restored_records": 12,
    "restored_objects": {"sales.orders": "table"},
    "renamed_objects": {},
    "failed_objects": {},
    "info": {},
}


def body(dry_run: bool = False) -> dict[str, Any]:
    return {
        "backup_name": "nightly",
        "restore_objects_map": {"table": "sales.orders"},
        "datasource_name": "s3",
        "options": {"dry_run": "true" if dry_run else "false"},
    }


def link(where: Server | str, login: Login = LOGIN, **more: Any) -> ConnectionSettings:
    url = where if isinstance(where, str) else where.url
    return ConnectionSettings(ServerAddress.parse(url), login, **more)


def client(where: Server | str, login: Login = LOGIN, **more: Any) -> KineticaClient:
    return KineticaClient(link(where, login, **more))
